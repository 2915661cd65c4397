//! Lists the notifications of a project, of both types.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Lists the notifications of a project.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let client = support::client(&["example_logins", "example_deletions"]).await?;

    let notifications = client.list_all_notifications().await?;
    for notification in &notifications {
        let state = if notification.is_enabled() { "enabled" } else { "disabled" };
        let topic = notification.topic().map_or("no topic", |topic| topic.as_str());
        println!(
            "{}  {state:8}  {}  {topic}",
            notification.notification_id, notification.notification_name
        );
    }
    println!("{} in all", notifications.len());
    Ok(())
}
