//! Tests a function of your own against the fake CTS, in process: state, recorded requests, and a
//! failure on demand.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::process::ExitCode;

use huaweicloud_cts::notification::CreateNotification;
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::{CtsClient, Error};

/// The code under test: creates the notification if it does not exist, and returns whether it did.
async fn watch_everything(client: &CtsClient) -> Result<bool, Error> {
    if client.find_notification("everything").await?.is_some() {
        return Ok(false);
    }
    client.create_notification(&CreateNotification::complete("everything")).await?;
    Ok(true)
}

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Tests a function against the fake CTS.");
    match test().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// In your crate this is a `#[tokio::test]`.
async fn test() -> Result<(), Error> {
    let fake = FakeCts::new();
    let client = fake.client();
    assert!(watch_everything(&client).await?, "the first run creates it");
    assert!(!watch_everything(&client).await?, "the second finds it");
    assert_eq!(fake.notifications(FakeCts::PROJECT_ID).len(), 1);

    // A request that got no response is repeated, because it only reads.
    fake.inject_on("ListNotifications", [Fault::DropBefore]);
    assert!(!watch_everything(&client).await?);

    for request in fake.requests() {
        println!("{request:?}");
    }
    Ok(())
}
