//! What notifications would have sent, counted from traces.

mod cost;
mod counts;
mod end_to_end;
mod plans;
mod properties;

use huaweicloud_cts::backtest::{Backtest, BacktestEntry};
use huaweicloud_cts::notification::{CreateNotification, Notification, Operation};
use huaweicloud_cts::trace::Trace;
use serde_json::{Value, json};

/// 2025-12-15T08:53:15Z
const MONDAY: i64 = 1_765_788_795_000;
const DAY: i64 = 24 * 60 * 60 * 1000;

fn trace(change: Value) -> Trace {
    let mut trace = json!({
        "service_type": "IAM", "resource_type": "user", "trace_name": "login", "code": 302,
        "record_time": MONDAY, "user": {"name": "alice", "type": "User"}, "resource_name": "alice",
    });
    trace.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(trace).unwrap()
}

fn logins() -> CreateNotification {
    CreateNotification::customized(
        "logins",
        [Operation::new("IAM", "user", ["login", "loginfailed"])],
    )
}

fn existing(change: Value) -> Notification {
    let mut notification = json!({
        "notification_id": "1", "notification_name": "logins", "operation_type": "customized", "status": "enabled",
        "operations": [{"service_type": "IAM", "resource_type": "user", "trace_names": ["login", "loginfailed"]}],
    });
    notification.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(notification).unwrap()
}

/// The only entry of a backtest.
fn entry(backtest: impl Into<Backtest>, traces: &[Trace]) -> BacktestEntry {
    let mut backtest = backtest.into();
    backtest.extend(traces);
    let mut report = backtest.report();
    assert_eq!((report.notifications.len(), report.traces), (1, traces.len() as u64));
    report.notifications.remove(0)
}
