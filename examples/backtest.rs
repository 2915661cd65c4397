//! Counts what the notifications of a set would have told, from recorded operations.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;

use huaweicloud_cts::backtest::Backtest;
use huaweicloud_cts::notification::{CreateNotification, Filter, FilterField, FilterRule, Operation};
use huaweicloud_cts::provision::NotificationSet;
use huaweicloud_cts::trace::TraceFile;

/// What a tracker wrote to its bucket.
const TRACES: &[u8] = br#"
{"time": 1765788795000, "trace_id": "1", "service_type": "IAM", "resource_type": "user", "trace_name": "login", "code": 302, "user": {"name": "alice"}}
{"time": 1765788801000, "trace_id": "2", "service_type": "IAM", "resource_type": "user", "trace_name": "loginfailed", "code": 401, "user": {"name": "bob"}}
{"time": 1765874399000, "trace_id": "3", "service_type": "IAM", "resource_type": "user", "trace_name": "login", "user": {"name": "alice"}}
{"time": 1765875000000, "trace_id": "4", "service_type": "ECS", "resource_type": "ecs", "trace_name": "listServers", "code": 200, "read_only": true}
{"time": 1765876000000, "trace_id": "5", "service_type": "ECS", "resource_type": "ecs", "trace_name": "deleteServer", "code": 204, "user": {"name": "alice"}}
"#;

fn main() -> ExitCode {
    support::no_arguments("Counts what notifications would have told, from recorded operations.");
    if let Err(error) = run() {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run() -> Result<(), Box<dyn Error>> {
    let file = TraceFile::from_slice(TRACES)?;
    let failed = Filter::all([FilterRule::not_equals(FilterField::Code, 302)]);
    let logins = Operation::new("IAM", "user", ["login", "loginfailed"]);
    let set = NotificationSet::new([
        CreateNotification::customized("failed_logins", [logins]).filter(failed),
        CreateNotification::complete("everything"),
    ])?;

    let mut backtest = Backtest::from(&set);
    backtest.extend(&file.traces);
    println!("{}", backtest.report());
    Ok(())
}
