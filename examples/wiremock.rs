//! Tests against wiremock, with a matcher that accepts only correctly signed requests.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

use huaweicloud_cts::CtsClient;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::testing::verify_parts;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Lists notifications of a wiremock server that verifies signatures.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("access-key", "secret-key");
    let accepted = [credentials.clone()];
    let signed = move |request: &Request| {
        let Request { method, url, headers, body, .. } = request;
        let result = verify_parts(method, url, headers, body, &accepted, SystemTime::now());
        result.inspect_err(|mismatch| eprintln!("{mismatch}")).is_ok()
    };

    let server = MockServer::start().await;
    let body =
        r#"{"notifications": [{"notification_id": "1", "notification_name": "from_wiremock"}]}"#;
    Mock::given(method("GET"))
        .and(path("/v3/my-project/notifications/smn"))
        .and(signed)
        .respond_with(ResponseTemplate::new(200).set_body_string(body))
        .mount(&server)
        .await;

    let client = CtsClient::builder()
        .endpoint(server.uri())
        .project_id("my-project")
        .credentials(credentials)
        .build()?;
    for notification in client.list_notifications(&ListNotifications::smn()).await? {
        println!("listed {}", notification.notification_name);
    }
    Ok(())
}
