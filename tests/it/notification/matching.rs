//! Which traces a notification is about, why it is not about others, and when neither is certain.

use huaweicloud_cts::notification::{
    FilterRule, Match, MismatchReason, MissingFact, Notification, NotificationStatus,
};
use huaweicloud_cts::trace::Trace;
use serde_json::{Value, json};

use crate::support::fixtures::fixture;

fn trace(change: Value) -> Trace {
    let mut trace = fixture("cts-event-otc-live-create-function")["cts"].clone();
    trace.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(trace).unwrap()
}

fn notification(change: Value) -> Notification {
    let mut notification = json!({
        "notification_name": "n", "operation_type": "customized", "status": "enabled",
        "operations": [
            {"service_type": "IAM", "resource_type": "user", "trace_names": ["login"]},
            {"service_type": "FUNCTIONGRAPH", "resource_type": "functions", "trace_names": ["deleteFunction", "createFunction"]},
        ],
    });
    notification.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(notification).unwrap()
}

#[track_caller]
fn check(notification_change: Value, trace_change: Value, expected: &str) {
    let matched = notification(notification_change.clone()).matches(&trace(trace_change.clone()));
    assert_eq!(matched.to_string(), expected, "{notification_change} {trace_change}");
}

fn none() -> Value {
    json!({})
}

#[test]
fn operations_and_status_decide_whether_a_trace_matches() {
    for (notification, trace, expected) in [
        (none(), none(), "yes"),
        (json!({"status": null}), none(), "yes"),
        (json!({"status": "disabled"}), none(), "no: the notification is disabled"),
        (
            json!({"status": "paused"}),
            none(),
            "unknown: whether a notification with the status paused is sent",
        ),
        (json!({"operation_type": "complete", "operations": []}), none(), "yes"),
        (
            json!({"operations": []}),
            none(),
            "no: createFunction of FunctionGraph/Functions is not among the operations",
        ),
        (
            none(),
            json!({"trace_name": "login"}),
            "no: login of FunctionGraph/Functions is not among the operations",
        ),
        (
            none(),
            json!({"service_type": null}),
            "no: createFunction of (nothing)/Functions is not among the operations",
        ),
        (
            none(),
            json!({"service_type": "iam", "resource_type": "USER", "trace_name": "login"}),
            "yes",
        ),
        (
            none(),
            json!({"resource_type": "triggers"}),
            "no: createFunction of FunctionGraph/triggers is not among the operations",
        ),
        (
            none(),
            json!({"service_type": "IAM"}),
            "no: createFunction of IAM/Functions is not among the operations",
        ),
    ] {
        check(notification, trace, expected);
    }
    let matched =
        notification(json!({"status": "disabled", "operations": []})).matches(&trace(none()));
    let Match::No(reasons) = matched else { panic!("{matched}") };
    assert_eq!(reasons.len(), 2, "all reasons at once");
    assert_eq!(reasons[0], MismatchReason::Disabled);
}

#[test]
fn names_of_operations_are_compared_with_case_and_a_similar_name_is_pointed_out() {
    check(
        none(),
        json!({"trace_name": "CreateFunction"}),
        "no: CreateFunction of FunctionGraph/Functions is not among the operations, but createFunction is: the case differs",
    );
    // The name of an operation on another type of resource is not similar.
    check(
        none(),
        json!({"trace_name": "Login"}),
        "no: Login of FunctionGraph/Functions is not among the operations",
    );
}

#[test]
fn an_empty_service_in_a_trace_equals_no_service_of_a_notification() {
    let empty = json!({"operations": [{"service_type": "", "resource_type": "functions", "trace_names": ["createFunction"]}]});
    for service_type in [json!(""), json!(null)] {
        let matched =
            notification(empty.clone()).matches(&trace(json!({ "service_type": service_type })));
        assert!(matched.is_no(), "{matched}");
    }
}

#[test]
fn iam_users_are_compared_by_name_and_other_identities_are_unknown() {
    let users = |lists: Value| json!({ "notify_user_list": lists });
    let alice = || users(json!([{"user_group": "g", "user_list": ["alice"]}]));
    let user = |user: Value| json!({ "user": user });
    for (notification, trace, expected) in [
        (users(json!([])), none(), "yes"),
        (
            users(
                json!([{"user_group": "g", "user_list": ["alice"]}, {"user_group": "h", "user_list": ["USERNAME"]}]),
            ),
            none(),
            "yes",
        ),
        (alice(), none(), "no: \"USERNAME\" is not among the users"),
        (alice(), user(json!("{\"name\":\"alice\"}")), "yes"),
        (alice(), user(json!({"name": "alice", "type": "User"})), "yes"),
        (alice(), user(json!({"name": "Alice"})), "no: \"Alice\" is not among the users"),
        (alice(), user(json!(null)), "no: the trace has no user, so no user matches"),
        (alice(), user(json!("")), "no: the trace has no user, so no user matches"),
        (
            alice(),
            user(json!({"id": "1"})),
            "unknown: the name of the user, which the trace does not have",
        ),
        (
            alice(),
            user(json!({"name": "acme/ops"})),
            "unknown: by which name the service compares an agency with the users",
        ),
        // Also if the name is in the list: that may be the name of an IAM user.
        (
            alice(),
            user(json!({"name": "alice", "type": "AssumedAgency"})),
            "unknown: by which name the service compares an agency with the users",
        ),
        (
            alice(),
            user(json!({"name": "alice", "principal_urn": "sts::1:assumed-agency:ops/alice"})),
            "unknown: by which name the service compares an agency with the users",
        ),
        (
            alice(),
            user(json!({"name": "bob", "type": "ExternalUser"})),
            "unknown: by which name the service compares a federated user with the users",
        ),
        (
            alice(),
            user(json!({"name": "bob", "principal_urn": "sts::1:external-user:idp/bob"})),
            "unknown: by which name the service compares a federated user with the users",
        ),
        (users(json!([])), user(json!({"name": "bob", "type": "ExternalUser"})), "yes"),
        (
            users(json!([{"user_group": "g", "user_list": []}])),
            none(),
            "unknown: whether the user is in a group that is listed without users",
        ),
        (
            users(
                json!([{"user_group": "g", "user_list": []}, {"user_group": "h", "user_list": ["USERNAME"]}]),
            ),
            none(),
            "yes",
        ),
    ] {
        check(notification, trace, expected);
    }
}

#[test]
fn a_read_only_operation_is_unknown_to_a_notification_that_does_not_name_it() {
    let complete = || json!({"operation_type": "complete", "operations": []});
    check(
        complete(),
        json!({"read_only": true}),
        "unknown: whether a notification about all operations includes those that only read",
    );
    check(complete(), json!({"read_only": false}), "yes");
    check(none(), json!({"read_only": true}), "yes");
}

#[test]
fn operations_on_data_are_unknown() {
    for trace_type in ["ObsSDK", "ObsAPI"] {
        check(
            none(),
            json!({ "trace_type": trace_type }),
            "unknown: whether notifications include operations on data in buckets",
        );
    }
}

#[test]
fn a_field_that_could_not_be_read_leaves_the_match_unknown() {
    for field in ["operations", "operation_type"] {
        let mut unread = notification(none());
        match field {
            "operations" => unread.operations.clear(),
            _ => unread.operation_type = None,
        }
        unread.other.insert(field.to_owned(), json!(5));
        let matched = unread.matches(&trace(json!({"trace_name": "another"})));
        assert_eq!(matched, Match::Unknown(vec![MissingFact::Field(field)]));
    }
    for field in ["notify_user_list", "filter", "status"] {
        let mut unread = notification(json!({"status": null}));
        unread.other.insert(field.to_owned(), json!(5));
        assert_eq!(unread.matches(&trace(none())), Match::Unknown(vec![MissingFact::Field(field)]));
    }
    let mut unknown = notification(none());
    unknown.other.insert("unheard_of".to_owned(), json!(5));
    assert!(unknown.matches(&trace(none())).is_yes());
}

#[test]
fn parts_that_could_not_be_read_leave_the_match_unknown_unless_another_part_decides() {
    let another = json!({"trace_name": "another"});
    let mut operations = notification(none());
    operations.operations[0].other.insert("trace_names".to_owned(), json!(5));
    assert!(operations.matches(&trace(none())).is_yes(), "another one lists it");
    assert_eq!(
        operations.matches(&trace(another)),
        Match::Unknown(vec![MissingFact::Field("operations")])
    );

    let mut users = notification(json!({"notify_user_list": [
        {"user_group": "g", "user_list": ["alice"]}, {"user_group": "h", "user_list": []},
    ]}));
    users.notify_user_list[1].other.insert("user_list".to_owned(), json!(5));
    assert!(users.matches(&trace(json!({"user": "alice"}))).is_yes());
    assert_eq!(
        users.matches(&trace(none())),
        Match::Unknown(vec![MissingFact::Field("notify_user_list")])
    );

    let filter =
        json!({"filter": {"condition": "AND", "is_support_filter": false, "rule": ["code = 1"]}});
    let mut filter = notification(filter);
    filter.filter.as_mut().unwrap().other.insert("is_support_filter".to_owned(), json!("on"));
    assert_eq!(filter.matches(&trace(none())), Match::Unknown(vec![MissingFact::Field("filter")]));
}

fn filter(condition: &str, on: bool, rules: &[&str]) -> Value {
    json!({"filter": {"condition": condition, "is_support_filter": on, "rule": rules}})
}

fn and(rules: &[&str]) -> Value {
    filter("AND", true, rules)
}

fn or(rules: &[&str]) -> Value {
    filter("OR", true, rules)
}

#[test]
fn filters_decide_whether_a_trace_matches() {
    for (notification, trace, expected) in [
        (and(&["trace_rating = normal", "trace_type = ConsoleAction"]), none(), "yes"),
        (
            and(&["resource_id = test4", "resource_name = test4", "api_version = v1"]),
            json!({"api_version": "v1"}),
            "yes",
        ),
        (and(&["code = 204"]), json!({"code": "204"}), "yes"),
        (and(&["code = 204"]), json!({"code": " 204"}), "yes"),
        (and(&["code = VPC.0514"]), json!({"code": "VPC.0514"}), "yes"),
        (and(&["code = 200"]), none(), "no: the filter rule \"code = 200\" does not hold for 0"),
        (
            and(&["code != 200"]),
            json!({"code": 200}),
            "no: the filter rule \"code != 200\" does not hold for 200",
        ),
        (and(&["code != 200"]), json!({"code": 403}), "yes"),
        (
            and(&["code = 200"]),
            json!({"code": null}),
            "no: the filter rule \"code = 200\" does not hold: the trace does not have the field",
        ),
        (
            and(&["trace_rating = warning"]),
            json!({"trace_rating": "", "trace_status": "warning"}),
            "yes",
        ),
        (
            and(&["code = 1", "resource_id = test4", "trace_type = ApiCall"]),
            none(),
            "no: the filter rule \"code = 1\" does not hold for 0; \
             the filter rule \"trace_type = ApiCall\" does not hold for ConsoleAction",
        ),
        (or(&["code = 1", "resource_id = test4"]), none(), "yes"),
        (
            or(&["code = 1", "code = 2"]),
            none(),
            "no: the filter rule \"code = 1\" does not hold for 0; the filter rule \"code = 2\" does not hold for 0",
        ),
        (filter("AND", false, &["code = 1"]), none(), "yes"),
    ] {
        check(notification, trace, expected);
    }
}

#[test]
fn filters_whose_effect_is_undocumented_leave_the_match_unknown() {
    let rule = FilterRule::from;
    for (filter, change, fact) in [
        (
            and(&["code != 200"]),
            json!({"code": null}),
            MissingFact::AbsentField(rule("code != 200")),
        ),
        (
            and(&["api_version != v1"]),
            json!({"api_version": ""}),
            MissingFact::AbsentField(rule("api_version != v1")),
        ),
        (
            and(&["api_version = "]),
            json!({"api_version": null}),
            MissingFact::AbsentField(rule("api_version = ")),
        ),
        (
            and(&["resource_id = 5"]),
            json!({"resource_id": 5}),
            MissingFact::AbsentField(rule("resource_id = 5")),
        ),
        (and(&["code != 200"]), none(), MissingFact::ZeroCode(rule("code != 200"))),
        (and(&["code = 0"]), none(), MissingFact::ZeroCode(rule("code = 0"))),
        (
            and(&["resource_name = my server"]),
            json!({"resource_name": "my server"}),
            MissingFact::Spaces(rule("resource_name = my server")),
        ),
        (
            and(&["resource_name != my server"]),
            json!({"resource_name": "my"}),
            MissingFact::Spaces(rule("resource_name != my server")),
        ),
        (
            and(&["resource_name = a"]),
            json!({"resource_name": " a"}),
            MissingFact::Spaces(rule("resource_name = a")),
        ),
        (and(&["code > 400"]), none(), MissingFact::FilterRule(rule("code > 400"))),
        (and(&["source_ip = 1"]), none(), MissingFact::FilterRule(rule("source_ip = 1"))),
        (and(&["code"]), none(), MissingFact::FilterRule(rule("code"))),
        (or(&["code = 1", "code"]), none(), MissingFact::FilterRule(rule("code"))),
        (and(&[]), none(), MissingFact::EmptyFilter),
        (or(&[]), none(), MissingFact::EmptyFilter),
        (filter("XOR", true, &["code = 0"]), none(), MissingFact::FilterCondition("XOR".into())),
    ] {
        let matched = notification(filter.clone()).matches(&trace(change.clone()));
        assert_eq!(matched, Match::Unknown(vec![fact]), "{filter} {change}");
    }
}

#[test]
fn what_is_unknown_matters_only_if_nothing_else_decides() {
    for (filter, expected) in [
        (and(&["code != 200", "trace_rating = warning"]), false),
        (and(&["code", "trace_rating = warning"]), false),
        (or(&["code != 200", "trace_rating = normal"]), true),
        (or(&["code", "trace_rating = normal"]), true),
    ] {
        let matched = notification(filter.clone()).matches(&trace(none()));
        assert_eq!(
            (matched.is_yes(), matched.is_no()),
            (expected, !expected),
            "{filter}: {matched}"
        );
    }
    check(
        and(&["resource_name = my server"]),
        none(),
        "no: the filter rule \"resource_name = my server\" does not hold for test4",
    );
    let paused = json!({"status": "paused", "operation_type": "complete", "operations": []});
    let matched = notification(paused).matches(&trace(json!({"read_only": true})));
    let facts =
        vec![MissingFact::Status(NotificationStatus::from("paused")), MissingFact::ReadOnly];
    assert_eq!(matched, Match::Unknown(facts), "all facts at once");
}
