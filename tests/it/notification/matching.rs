//! Which operations a notification covers, and why it does not cover others.

use huaweicloud_cts::notification::{MismatchReason, Notification, NotificationStatus};
use huaweicloud_cts::trace::Trace;
use serde_json::{Value, json};

use crate::support::fixtures::fixture;

fn trace(change: Value) -> Trace {
    let mut trace = fixture("cts-event-otc-live-create-function")["cts"].clone();
    trace.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(trace).unwrap()
}

fn rule(change: Value) -> Notification {
    let mut rule = json!({
        "notification_name": "n", "operation_type": "customized", "status": "enabled",
        "operations": [
            {"service_type": "IAM", "resource_type": "user", "trace_names": ["login"]},
            {"service_type": "FUNCTIONGRAPH", "resource_type": "functions", "trace_names": ["deleteFunction", "createFunction"]},
        ],
    });
    rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(rule).unwrap()
}

fn verdict(rule_change: Value, trace_change: Value) -> String {
    match rule(rule_change).matches(&trace(trace_change)) {
        Ok(()) => "yes".to_owned(),
        Err(mismatch) => mismatch.to_string(),
    }
}

#[test]
fn operations_users_and_status_decide_whether_a_trace_matches() {
    let none = || json!({});
    for (rule, trace, expected) in [
        (none(), none(), "yes"),
        (json!({"status": null}), none(), "yes"),
        (json!({"status": "disabled"}), none(), "the notification is disabled"),
        (json!({"operation_type": "complete", "operations": []}), none(), "yes"),
        (json!({"operations": []}), none(), "createFunction of FunctionGraph/Functions is not among the operations"),
        (
            none(),
            json!({"trace_name": "CreateFunction"}),
            "CreateFunction of FunctionGraph/Functions is not among the operations",
        ),
        (none(), json!({"trace_name": "login"}), "login of FunctionGraph/Functions is not among the operations"),
        (none(), json!({"service_type": null}), "createFunction of (nothing)/Functions is not among the operations"),
        (none(), json!({"service_type": "iam", "resource_type": "user", "trace_name": "login"}), "yes"),
        (
            none(),
            json!({"resource_type": "triggers"}),
            "createFunction of FunctionGraph/triggers is not among the operations",
        ),
        (
            none(),
            json!({"resource_type": null}),
            "createFunction of FunctionGraph/(nothing) is not among the operations",
        ),
        (none(), json!({"service_type": "IAM"}), "createFunction of IAM/Functions is not among the operations"),
        (json!({"notify_user_list": []}), none(), "yes"),
        (json!({"notify_user_list": [{"user_group": "g", "user_list": []}]}), none(), "yes"),
        (
            json!({"notify_user_list": [{"user_group": "g", "user_list": ["a"]}, {"user_group": "h", "user_list": ["USERNAME"]}]}),
            none(),
            "yes",
        ),
        (
            json!({"notify_user_list": [{"user_group": "g", "user_list": ["a"]}]}),
            none(),
            "\"USERNAME\" is not among the users",
        ),
        (
            json!({"notify_user_list": [{"user_group": "g", "user_list": ["a"]}]}),
            json!({"user": null}),
            "the trace has no user, so no user matches",
        ),
        (
            json!({"notify_user_list": [{"user_group": "g", "user_list": ["a"]}]}),
            json!({"user": "{\"name\":\"a\"}"}),
            "yes",
        ),
    ] {
        assert_eq!(verdict(rule.clone(), trace.clone()), expected, "{rule} {trace}");
    }
    let mismatch = rule(json!({"status": "paused", "operations": []})).matches(&trace(none())).unwrap_err();
    assert_eq!(mismatch.reasons.len(), 2, "all reasons at once");
    assert_eq!(mismatch.reasons[0], MismatchReason::NotEnabled(NotificationStatus::from("paused")));
}

#[test]
fn a_notification_that_could_not_be_read_matches_nothing() {
    for field in ["operations", "notify_user_list", "filter"] {
        let mut rule = rule(json!({}));
        rule.other.insert(field.to_owned(), json!(5));
        let mismatch = rule.matches(&trace(json!({}))).unwrap_err();
        assert_eq!(mismatch.reasons, [MismatchReason::Unreadable(field)]);
    }
    let mut rule = rule(json!({}));
    rule.other.insert("unheard_of".to_owned(), json!(5));
    rule.matches(&trace(json!({}))).unwrap();
}

#[test]
fn filters_decide_whether_a_trace_matches() {
    let filter = |condition: &str, on: bool, rules: &[&str]| json!({"filter": {"condition": condition, "is_support_filter": on, "rule": rules}});
    let and = |rules: &[&str]| filter("AND", true, rules);
    let or = |rules: &[&str]| filter("OR", true, rules);
    for (rule, trace, expected) in [
        (and(&["code = 0", "trace_rating = normal", "trace_type = ConsoleAction"]), json!({}), "yes"),
        (and(&["resource_id = test4", "resource_name = test4", "api_version != v1"]), json!({}), "yes"),
        (and(&["resource_name = my server"]), json!({"resource_name": "my server"}), "yes"),
        (and(&["code = 204"]), json!({"code": "204"}), "yes"),
        (and(&["code = 204"]), json!({"code": " 204"}), "yes"),
        (and(&["code = VPC.0514"]), json!({"code": "VPC.0514"}), "yes"),
        (and(&["code = 200"]), json!({}), "the filter \"code = 200\" does not hold for 0"),
        (and(&["code != 200"]), json!({"code": 200}), "the filter \"code != 200\" does not hold for 200"),
        (and(&["code != 200"]), json!({"code": null}), "yes"),
        (
            and(&["code = 200"]),
            json!({"code": null}),
            "the filter \"code = 200\" does not hold, for the trace has no such member",
        ),
        (and(&["trace_rating = warning"]), json!({"trace_rating": "", "trace_status": "warning"}), "yes"),
        (
            and(&["code = 1", "resource_id = test4", "trace_type = ApiCall"]),
            json!({}),
            "the filter \"code = 1\" does not hold for 0; the filter \"trace_type = ApiCall\" does not hold for ConsoleAction",
        ),
        (or(&["code = 1", "resource_id = test4"]), json!({}), "yes"),
        (
            or(&["code = 1", "code = 2"]),
            json!({}),
            "the filter \"code = 1\" does not hold for 0; the filter \"code = 2\" does not hold for 0",
        ),
        (or(&["code > 400", "code = 0"]), json!({}), "yes"),
        (and(&["code > 400"]), json!({}), "the filter \"code > 400\" is of no known form"),
        (and(&["source_ip = 1"]), json!({}), "the filter \"source_ip = 1\" is of no known form"),
        (and(&["code"]), json!({}), "the filter \"code\" is of no known form"),
        (and(&[]), json!({}), "yes"),
        (or(&[]), json!({}), "yes"),
        (filter("AND", false, &["code = 1"]), json!({}), "yes"),
        (filter("XOR", true, &["code = 0"]), json!({}), "the filter's condition is XOR"),
    ] {
        assert_eq!(verdict(rule.clone(), trace.clone()), expected, "{rule} {trace}");
    }
}
