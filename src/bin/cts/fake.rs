//! A fake CTS on this machine.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use clap::{Args, ValueEnum};
use huaweicloud_cts::credentials::{
    CredentialsContext, CredentialsErrorKind, EnvCredentials, ProvideCredentials as _,
};
use huaweicloud_cts::provision::PlanOptions;
use huaweicloud_cts::testing::FakeCts;

use crate::exit::{Exit, Failure};
use crate::files::RulesFiles;
use crate::screen::{self, BOLD, DIMMED};

/// The secret key of the fake's own access key, which is no secret.
const FAKE_SECRET_KEY: &str = "not-a-secret-the-fake-accepts-it";

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts fake                              serve until Ctrl-C, and say what to type in another terminal
  cts fake --seed rules.toml            with these notifications to begin with
  cts fake -- cts notification list     run a command with it, and end with its exit code")]
pub(crate) struct Fake {
    /// Where to listen: a free port of this machine unless given.
    #[arg(
        long,
        env = "CTS_FAKE_ADDR",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:0",
        hide_env_values = true
    )]
    listen: SocketAddr,
    /// Which cloud it is like.
    #[arg(long, env = "CTS_FAKE_CLOUD", default_value = "huawei", hide_env_values = true)]
    cloud: Cloud,
    /// A rules file with the notifications that it has to begin with.
    #[arg(long, value_name = "FILE")]
    seed: Option<std::path::PathBuf>,
    /// A command to run, with the environment that leads it to the fake.
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Cloud {
    Huawei,
    Otc,
}

pub(crate) async fn run(arguments: &Fake) -> Result<Exit, Failure> {
    let (fake, region) = match arguments.cloud {
        Cloud::Huawei => (FakeCts::new(), "cn-north-4"),
        Cloud::Otc => (FakeCts::open_telekom_cloud(), "eu-de"),
    };
    if let Some(path) = &arguments.seed {
        let files = RulesFiles { files: vec![path.clone()], format: None, expand: false };
        let set = files.read()?.set.for_target(region, FakeCts::PROJECT_ID);
        fake.client().ensure(&set, &PlanOptions::default()).await?.into_result()?;
    }
    let server = fake.serve_at(arguments.listen).await.map_err(|error| {
        Failure::failed(format!("can't listen on {}: {error}", arguments.listen))
    })?;
    let url = server.endpoint();
    // A client that is not given the project looks it up.
    fake.add_iam_project(region, FakeCts::PROJECT_ID);
    let access_key = fake.credentials().access_key().to_owned();
    let mut variables = vec![
        ("CTS_ENDPOINT", url.to_owned()),
        ("CTS_REGION", region.to_owned()),
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", url.to_owned()),
        ("HUAWEICLOUD_SDK_PROJECT_ID", FakeCts::PROJECT_ID.to_owned()),
    ];
    match EnvCredentials::new().provide(&CredentialsContext::default()).await {
        // Those of the environment serve as well.
        Ok(credentials) if arguments.command.is_empty() => fake.accept(&credentials),
        Err(error)
            if arguments.command.is_empty()
                && error.kind() != CredentialsErrorKind::NotConfigured =>
        {
            return Err(Failure::failed(error.to_string()));
        }
        _ => {
            variables.push(("HUAWEICLOUD_SDK_AK", access_key));
            variables.push(("HUAWEICLOUD_SDK_SK", FAKE_SECRET_KEY.to_owned()));
        }
    }
    if let [program, rest @ ..] = arguments.command.as_slice() {
        return command(program, rest, variables).await;
    }
    screen::out(format_args!("{BOLD}listening on {url}{BOLD:#}"))?;
    screen::out("In another terminal:")?;
    for (name, value) in &variables {
        screen::out(format_args!("  export {name}={value}"))?;
    }
    screen::out("  cts notification list")?;
    serve(&fake).await
}

/// Prints the requests that arrive, until Ctrl-C.
async fn serve(fake: &FakeCts) -> Result<Exit, Failure> {
    // Those of the seed are none of the user's.
    let mut printed = fake.requests().len();
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    let mut ctrl_c = std::pin::pin!(tokio::signal::ctrl_c());
    let mut is_listening = false;
    loop {
        let pressed = tokio::select! {
            biased;
            pressed = &mut ctrl_c => Some(pressed),
            _ = ticks.tick() => None,
        };
        if !std::mem::replace(&mut is_listening, true) {
            screen::out("Requests, until Ctrl-C:")?;
        }
        let requests = fake.requests();
        for request in requests.iter().skip(printed) {
            let target = screen::clean(&request.target);
            // A reader that has gone away is no reason to stop serving.
            let _gone = screen::out(format_args!(
                "{DIMMED}{}{DIMMED:#} {target} {}",
                request.method, request.status
            ));
        }
        printed = requests.len();
        if let Some(pressed) = pressed {
            pressed?;
            return Ok(Exit::Done);
        }
    }
}

/// Runs a command, and returns its exit code.
async fn command(
    program: &OsString,
    rest: &[OsString],
    variables: Vec<(&str, String)>,
) -> Result<Exit, Failure> {
    let mut command = std::process::Command::new(program);
    command.args(rest).envs(variables).stdin(Stdio::inherit());
    // Of other credentials, nothing stays.
    command.env_remove("HUAWEICLOUD_SDK_SECURITY_TOKEN").env_remove("HUAWEICLOUD_SDK_DOMAIN_ID");
    let name = program.to_string_lossy().into_owned();
    let waited = tokio::task::spawn_blocking(move || command.status()).await;
    let status = waited.map_err(|error| Failure::failed(error.to_string()))?;
    let status = status.map_err(|error| Failure::at(name, error))?;
    match status.code() {
        Some(0) => Ok(Exit::Done),
        // Its own exit code says the rest.
        Some(code) => std::process::exit(code),
        None => Ok(Exit::Interrupted),
    }
}
