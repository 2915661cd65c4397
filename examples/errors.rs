//! Decides what to do about an error, without reading its message.
//!
//! The errors come from a fake CTS in this process.

#![allow(clippy::print_stdout, reason = "an example talks to its user")]

mod support;

use std::time::Duration;

use huaweicloud_cts::notification::{CreateNotification, NotificationId};
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::{CallOptions, Error, ErrorCode, ErrorKind, RetryPolicy};

#[tokio::main]
async fn main() {
    support::no_arguments("Shows how a program tells errors apart.");
    let fake = FakeCts::new();
    let client = fake.client().with_options(CallOptions::new().retry(RetryPolicy::never()));
    let request = CreateNotification::complete("example_everything");

    // The connection breaks after the service has carried out the request.
    fake.inject([Fault::DropAfter]);
    explain(&client.create_notification(&request).await.map(drop));
    // So it exists, and its name is taken.
    explain(&client.create_notification(&request).await.map(drop));
    explain(&client.delete_notification(&NotificationId::from("no-such-id")).await);
    fake.inject([Fault::throttle(Duration::from_secs(60))]);
    explain(&client.list_all_notifications().await.map(drop));
    explain(&client.create_notification(&CreateNotification::complete("")).await.map(drop));
}

fn explain(result: &Result<(), Error>) {
    let Err(error) = result else { return };
    let action = match error.kind() {
        _ if error.may_have_applied() => {
            "look with find_notification before you repeat it".to_owned()
        }
        _ if error.is_throttled() => format!("wait for {:?}", error.retry_after()),
        _ if error.is_not_found() => "nothing: it is gone".to_owned(),
        ErrorKind::Request => "correct the program: the request was not sent".to_owned(),
        ErrorKind::Credentials => "set up credentials".to_owned(),
        ErrorKind::Api if error.code() == Some(&ErrorCode::NotificationNameExists) => {
            "update it".to_owned()
        }
        _ if error.is_retryable() => "try again later".to_owned(),
        _ => format!("ask the operator about the request {:?}", error.request_id()),
    };
    println!("{error}\n  -> {action}\n");
}
