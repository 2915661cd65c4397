//! Checks whether the topic of a notification reaches anyone, in a fake service.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;

use huaweicloud_cts::testing::FakeCts;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    support::no_arguments("Checks whether a topic reaches anyone, in a fake service.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let fake = FakeCts::new();
    let urn = format!("urn:smn:eu-de:{}:audit", FakeCts::PROJECT_ID);
    // Two people were invited by mail. One has opened the link.
    fake.add_topic(urn.as_str(), [("email", 1), ("email", 0)]);

    let state = fake.client().check_topic(&urn.as_str().into()).await?;
    println!("{state}");
    match state.delivers() {
        Some(false) => Err("no message would arrive".into()),
        Some(true) | None => Ok(()),
    }
}
