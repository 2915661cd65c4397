//! Deletes every notification whose name starts with `example_`, and reports what is left.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;

use huaweicloud_cts::notification::DeleteNotifications;

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Deletes every notification whose name starts with example_.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let client =
        support::client(&["example_logins", "example_deletions", "of_another_team"]).await?;

    let all = client.list_all_notifications().await?;
    let ours =
        all.iter().filter(|notification| notification.notification_name.starts_with("example_"));
    let ids: Vec<_> = ours.map(|notification| &notification.notification_id).collect();
    if ids.is_empty() {
        println!("nothing to delete");
        return Ok(());
    }

    let report = client.delete_notifications(&DeleteNotifications::new(ids)).await?;
    println!("deleted {} of {} notifications", report.gone.len(), all.len());
    // An error if any of them is left. `Display` of the report says which.
    report.into_result()?;
    Ok(())
}
