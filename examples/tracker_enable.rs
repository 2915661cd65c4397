//! Makes sure that operations are recorded: creates the system tracker, or enables it. Without it
//! no notification is sent.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;

use huaweicloud_cts::tracker::{SYSTEM_TRACKER, TrackerSpec};

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments(
        "Makes sure that operations are recorded: creates or enables the system tracker.",
    );
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let client = support::client(&[]).await?;

    match client.find_tracker(SYSTEM_TRACKER).await? {
        Some(tracker) if tracker.is_enabled() => println!("The system tracker is enabled"),
        Some(_) => println!("The system tracker is disabled: no notification is sent"),
        None => println!("There is no system tracker: no notification is sent"),
    }
    // Reads, and writes only what differs. Settings that the spec does not name stay as they are.
    let report = client.ensure_tracker(&TrackerSpec::system()).await?;

    println!("{report}");
    Ok(())
}
