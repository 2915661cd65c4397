//! Creates a notification of logins, and handles a name that exists already.
//!
//! `CTS_TOPIC` is the URN of the topic to notify; without it, nothing is sent.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;

use huaweicloud_cts::ErrorCode;
use huaweicloud_cts::notification::{CreateNotification, Operation};

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Creates a notification of logins.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let client = support::client(&[]).await?;

    let operations = [Operation::new("IAM", "user", ["login", "loginfailed"])];
    let mut logins = CreateNotification::customized("example_logins", operations);
    if let Ok(topic) = std::env::var("CTS_TOPIC") {
        logins = logins.topic(topic);
    }

    match client.create_notification(&logins).await {
        Ok(created) => println!(
            "created {} with the id {}",
            created.notification_name, created.notification_id
        ),
        Err(error) if error.code() == Some(&ErrorCode::NotificationNameExists) => {
            println!("{} exists already", logins.name());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
