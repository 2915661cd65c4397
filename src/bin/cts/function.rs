//! Functions on this machine.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use huaweicloud_cts::testing::FakeRuntime;
use serde_json::json;

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::files;
use crate::screen::{self, BAD, DIMMED};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a custom runtime with events, as FunctionGraph does, and print its responses.
    Invoke(Invoke),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts event sample cts | cts function invoke ./bootstrap
  cts function invoke ./bootstrap --event event.json --repeat 100 -q
  cts function invoke --limit 60 -- cargo run --bin bootstrap")]
pub(crate) struct Invoke {
    /// The program, and its arguments.
    #[arg(
        required = true,
        value_name = "PROGRAM",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    program: Vec<OsString>,
    /// A file with the event; the standard input unless given.
    #[arg(long, value_name = "FILE", default_value = "-")]
    event: PathBuf,
    /// How often the event is handed out.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// The time limit of each invocation, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    limit: u32,
}

pub(crate) async fn run(context: &Context, command: &Command) -> Result<Exit, Failure> {
    let Command::Invoke(invoke) = command;
    let (_, event) = files::read_bytes(&invoke.event)?;
    let Some((program, arguments)) = invoke.program.split_first() else { return Ok(Exit::Usage) };
    let name = program.to_string_lossy().into_owned();
    let fake = FakeRuntime::new();
    for _ in 0..invoke.repeat {
        fake.push(event.clone());
    }
    let server = fake.serve().await?;
    let started = Instant::now();
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .env("RUNTIME_API_ADDR", server.address())
        .env("RUNTIME_FUNC_NAME", "local")
        .env("RUNTIME_FUNC_VERSION", "latest")
        .env("RUNTIME_TIMEOUT", invoke.limit.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Failure::at(&name, error))?;

    let (mut failed, mut first) = (false, None);
    for count in 1..=usize::try_from(invoke.repeat).unwrap_or(usize::MAX) {
        let limit = Duration::from_secs(u64::from(invoke.limit));
        tokio::select! {
            biased;
            () = fake.until_responses(count) => {}
            ended = child.wait() => {
                return Err(Failure::at(name, format_args!("it ended ({}) before it had responded", ended?)));
            }
            () = tokio::time::sleep(limit) => {
                return Err(Failure::at(name, format_args!("no response within {} s", invoke.limit)));
            }
        }
        first.get_or_insert_with(|| started.elapsed());
        let responses = fake.responses();
        let Some(response) = count.checked_sub(1).and_then(|index| responses.get(index)) else {
            continue;
        };
        match &response.outcome {
            Ok(body) if context.global.output.is_for_programs() => {
                let body = String::from_utf8_lossy(body);
                screen::value(
                    context.global.output,
                    &json!({ "request_id": response.request_id, "response": body }),
                )?;
            }
            Ok(body) => screen::out(screen::clean_lines(&String::from_utf8_lossy(body)))?,
            Err(diagnostic) => {
                failed = true;
                if context.global.output.is_for_programs() {
                    screen::value(
                        context.global.output,
                        &json!({ "request_id": response.request_id, "error": diagnostic }),
                    )?;
                } else {
                    let (kind, message) = (
                        screen::clean(&diagnostic.error_type),
                        screen::clean(&diagnostic.error_message),
                    );
                    screen::out(format_args!("{BAD}{kind}{BAD:#}: {message}"))?;
                }
            }
        }
    }
    let (all, first) = (started.elapsed().as_millis(), first.unwrap_or_default().as_millis());
    let count = invoke.repeat;
    context.remark(format_args!(
        "{DIMMED}responses: {count} in {all} ms, the first after {first} ms{DIMMED:#}"
    ));
    Ok(if failed { Exit::Failed } else { Exit::Done })
}
