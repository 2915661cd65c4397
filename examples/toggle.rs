//! Disables the notification `example_logins` if it is enabled, and enables it otherwise.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;

use huaweicloud_cts::notification::NotificationStatus;

const NAME: &str = "example_logins";

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Disables the notification example_logins, or enables it again.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let client = support::client(&[NAME]).await?;

    let Some(current) = client.find_notification(NAME).await? else {
        return Err(
            format!("there is no notification {NAME}: run the example `create` first").into()
        );
    };
    let status = if current.is_enabled() {
        NotificationStatus::Disabled
    } else {
        NotificationStatus::Enabled
    };
    // Reads the notification and writes it back, because an update replaces all of it.
    let updated = client.set_status(&current.notification_id, status).await?;

    println!("{NAME} is {} now", if updated.is_enabled() { "enabled" } else { "disabled" });
    Ok(())
}
