//! Reads what CTS sends to a function, and says who did what, and whether a notification covers it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;

use huaweicloud_cts::event::CtsEvent;
use huaweicloud_cts::notification::Notification;

const EVENT: &[u8] = br#"{"cts": {
    "time": 1530002447000, "trace_id": "69be64a7-0233-11e8-82e4-e5d37911193e", "trace_rating": "normal",
    "service_type": "IAM", "resource_type": "user", "trace_name": "login", "code": "204",
    "user": "{\"name\":\"alice\"}", "source_ip": "203.0.113.4"
}}"#;

const NOTIFICATION: &str = r#"{
    "notification_name": "logouts", "operation_type": "customized", "status": "enabled",
    "operations": [{"service_type": "IAM", "resource_type": "user", "trace_names": ["logout"]}]
}"#;

fn main() -> ExitCode {
    support::no_arguments("Reads an event of a CTS trigger.");
    if let Err(error) = run() {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run() -> Result<(), Box<dyn Error>> {
    let event = CtsEvent::from_slice(EVENT)?;
    let trace = &event.cts;
    let who = trace.user.name().unwrap_or("an unknown user");
    let what = trace.trace_name.as_deref().unwrap_or("an unknown operation");
    let rating = trace.rating().map_or("not rated", |rating| rating.as_str());
    println!("{who}: {what} ({rating})");
    if let Some(id) = event.idempotency_key() {
        println!("CTS delivers at least once: remember {id} to notice duplicates");
    }

    let notification: Notification = serde_json::from_str(NOTIFICATION)?;
    println!("does {} cover it? {}", notification.notification_name, notification.matches(trace));
    Ok(())
}
