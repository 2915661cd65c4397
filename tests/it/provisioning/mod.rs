//! Desired state, on the fake: plans, their display, what is written, and lost responses.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use huaweicloud_cts::catalogue::{Catalogue, ListOperations};
use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterField, FilterRule, Notification, NotificationStatus,
    NotificationType, Operation, OperationType, UpdateNotification,
};
use huaweicloud_cts::provision::{
    Action, ApplyReport, NotificationSet, NotificationSpec, Outcome, Plan, PlanOptions,
    PreflightContext, Rollout, SetError, Target,
};
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::transport::{Transport, TransportError, TransportErrorKind};
use huaweicloud_cts::{BoxFuture, CtsClient, ErrorCode, ErrorKind};
use serde_json::{Value, json};

use crate::support::answers::Answers;
use crate::support::colleague::Colleague;

mod apply;
mod converging;
mod export;
mod files;
mod plan;
mod preflight;
mod races;
mod report;
mod rollout;
mod rollout_plan;
mod saved;
mod silent;

const TOPIC: &str = "urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:audit";
const FUNCTION: &str = "urn:fss:cn-north-4:24edf66e79d04187acb99a463e610764:function:default:audit";

fn logins() -> CreateNotification {
    CreateNotification::customized(
        "logins",
        [Operation::new("IAM", "user", ["login", "loginfailed"])],
    )
}

fn set<S: Into<NotificationSpec>>(rules: impl IntoIterator<Item = S>) -> NotificationSet {
    NotificationSet::new(rules).unwrap()
}

fn keep() -> PlanOptions {
    PlanOptions::new()
}

fn prune() -> PlanOptions {
    PlanOptions::new().prune_with_prefix("team_").unwrap()
}

/// The requests since then that were not reads.
fn writes(fake: &FakeCts, since: usize) -> Vec<String> {
    let calls = fake.requests();
    let writes = calls[since..].iter().filter(|call| call.method != Method::GET);
    writes.map(|call| format!("{} {}", call.method, call.status.as_u16())).collect()
}

/// The names and statuses of the notifications that exist.
fn rules(fake: &FakeCts) -> Vec<String> {
    let rules = fake.notifications(FakeCts::PROJECT_ID);
    let mut rules: Vec<_> = rules
        .iter()
        .map(|rule| format!("{} {}", rule.notification_name, rule.status.as_ref().unwrap()))
        .collect();
    rules.sort();
    rules
}

fn outcomes(report: &ApplyReport) -> String {
    let outcome = |outcome: &Outcome| match outcome {
        Outcome::Done { action, .. } => format!("{action:?}"),
        Outcome::Failed { .. } => "FAILED".to_owned(),
        Outcome::Unknown { .. } => "UNKNOWN".to_owned(),
        Outcome::Changed { .. } => "CHANGED".to_owned(),
        _ => "-".to_owned(),
    };
    report.entries.iter().map(|entry| outcome(&entry.outcome)).collect::<Vec<_>>().join(" ")
}

async fn create(client: &CtsClient, rule: CreateNotification) -> Notification {
    client.create_notification(&rule).await.unwrap()
}

fn service(status: u16, code: &str) -> Fault {
    Fault::status(status, format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#))
}

/// Faults for the writes of `apply`, which reads both types before it writes.
fn after_reading(faults: impl IntoIterator<Item = Fault>) -> impl Iterator<Item = Fault> {
    [Fault::None, Fault::None].into_iter().chain(faults)
}

/// A client that never tries again, so that a script has one fault for each call.
fn hasty(fake: &FakeCts) -> CtsClient {
    fake.client_builder().retry(huaweicloud_cts::RetryPolicy::never()).build().unwrap()
}

fn logins_operations() -> Vec<Operation> {
    vec![Operation::new("IAM", "user", ["login", "loginfailed"])]
}
