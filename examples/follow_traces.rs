//! Follows the operations of a project as they are recorded, until Ctrl-C. With the fake, which
//! records what this program does itself, it ends after the first one.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;

use huaweicloud_cts::notification::CreateNotification;
use huaweicloud_cts::trace::{FollowTraces, TraceQuery};

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Follows the operations of a project as they are recorded.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let client = support::client(&[]).await?;
    let is_fake = client.endpoint().host_str() == Some("cts.localhost");
    if is_fake {
        client.create_notification(&CreateNotification::complete("example_follow")).await?;
    }

    let begin = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    let mut followed = client.follow_traces(FollowTraces::new(TraceQuery::system()).since(begin));
    loop {
        let trace = tokio::select! {
            trace = followed.next() => trace,
            _ = tokio::signal::ctrl_c() => return Ok(()),
        };
        match trace {
            Ok(trace) => {
                let operation = trace.trace_name.as_deref().unwrap_or("-");
                println!("{operation} by {}", trace.user.name().unwrap_or("-"));
            }
            Err(error) if error.status().is_some_and(|status| status == 403) => {
                return Err(error.into());
            }
            // The next call waits, and lists again without loss.
            Err(error) => eprintln!("{error}"),
        }
        if is_fake {
            return Ok(());
        }
    }
}
