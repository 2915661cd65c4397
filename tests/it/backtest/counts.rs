//! What one notification would have sent.

use std::time::{Duration, SystemTime};

use huaweicloud_cts::backtest::{Backtest, Condition, Tally};
use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterField, FilterRule, MissingFact, NotifyUsers,
};
use huaweicloud_cts::trace::Trace;
use serde_json::json;

use super::{DAY, MONDAY, entry, existing, logins, trace};

fn tally(tally: Tally) -> [u64; 3] {
    [tally.yes, tally.no, tally.unknown]
}

fn failures() -> CreateNotification {
    logins().filter(Filter::all([FilterRule::not_equals(FilterField::Code, 302)]))
}

/// Two successes and two failures on two days, one without a code, and two other operations.
fn week() -> Vec<Trace> {
    vec![
        trace(json!({"trace_id": "1"})),
        trace(
            json!({"trace_id": "2", "trace_name": "loginfailed", "code": 401, "record_time": MONDAY + 5}),
        ),
        trace(
            json!({"trace_id": "3", "trace_name": "loginfailed", "code": "401", "record_time": MONDAY + 2 * DAY}),
        ),
        trace(json!({"trace_id": "4", "code": null, "record_time": MONDAY + 2 * DAY + 1})),
        trace(json!({"trace_id": "5", "record_time": MONDAY + 3 * DAY})),
        trace(json!({"trace_id": "6", "service_type": "ECS", "record_time": MONDAY + 4 * DAY})),
        trace(json!({"trace_id": "7", "trace_name": "logout", "record_time": MONDAY + 4 * DAY})),
    ]
}

#[test]
fn a_report_tells_what_would_have_been_sent_and_why_the_rest_not() {
    let mut backtest = Backtest::from(&failures());
    backtest.extend(week());
    let expected = "\
7 traces, 2025-12-15T08:53:15.000Z to 2025-12-19T08:53:15.000Z

logins: 2 yes, 4 no, 1 unknown (disabled)
    1  2025-12-15
    1  2025-12-17, 1 unknown
    2  loginfailed of IAM/user
    0  login of IAM/user, 1 unknown
       first 2025-12-15T08:53:15.005Z loginfailed of IAM/user, resource alice, user alice, trace 2
       last  2025-12-17T08:53:15.000Z loginfailed of IAM/user, resource alice, user alice, trace 3
    2  no: another operation
    2  no: the filter rule \"code != 302\" does not hold (2 only because of this)
    1  unknown: whether the filter rule \"code != 302\" holds for a trace without the field
       such as 2025-12-17T08:53:15.001Z login of IAM/user, resource alice, user alice, trace 4
";
    assert_eq!(backtest.report().to_string(), expected);
}

#[test]
fn a_report_is_plain_json() {
    let mut backtest = Backtest::from(&existing(json!({"filter": {
        "condition": "AND", "is_support_filter": true, "rule": ["code != 302"],
    }})));
    backtest.extend(&week()[1..5]);
    let report = serde_json::to_value(backtest.report()).unwrap();
    let example = |id: &str, name: &str, time: &str, code: Option<i64>| {
        json!({
            "time": time, "trace_id": id, "service_type": "IAM", "resource_type": "user", "trace_name": name,
            "user": "alice", "resource_name": "alice", "resource_id": null, "code": code,
        })
    };
    let expected = json!({
        "traces": 4, "first": "2025-12-15T08:53:15.005Z", "last": "2025-12-18T08:53:15.000Z",
        "combined": {"yes": 2, "no": 1, "unknown": 1},
        "notifications": [{
            "name": "logins", "id": "1", "state": "current", "planned": null, "status": "enabled",
            "tally": {"yes": 2, "no": 1, "unknown": 1},
            "days": [
                {"day": "2025-12-15", "yes": 1, "no": 0, "unknown": 0},
                {"day": "2025-12-17", "yes": 1, "no": 0, "unknown": 1},
                {"day": "2025-12-18", "yes": 0, "no": 1, "unknown": 0},
            ],
            "operations": [
                {"service_type": "IAM", "resource_type": "user", "trace_name": "loginfailed", "yes": 2, "no": 0, "unknown": 0},
                {"service_type": "IAM", "resource_type": "user", "trace_name": "login", "yes": 0, "no": 1, "unknown": 1},
            ],
            "first": example("2", "loginfailed", "2025-12-15T08:53:15.005Z", Some(401)),
            "last": example("3", "loginfailed", "2025-12-17T08:53:15.000Z", Some(401)),
            "turned_away": [{"condition": {"filter_rule": "code != 302"}, "traces": 1, "alone": 1}],
            "missing": [{
                "fact": {"absent_field": "code != 302"}, "traces": 1,
                "example": example("4", "login", "2025-12-17T08:53:15.001Z", None),
            }],
        }],
    });
    assert_eq!(report, expected);
}

#[test]
fn a_disabled_notification_counts_as_if_it_had_been_enabled() {
    for status in ["disabled", "paused"] {
        let entry = entry(&existing(json!({ "status": status })), &[trace(json!({}))]);
        assert_eq!((tally(entry.tally), entry.status.unwrap().as_str()), ([1, 0, 0], status));
    }
}

#[test]
fn a_trace_of_another_operation_counts_for_the_operations_alone() {
    let notification = failures().notify_user_list([NotifyUsers::new("g", ["bob"])]);
    let traces = [
        trace(json!({"trace_name": "logout"})), // neither user nor code fits
        trace(json!({})),
        trace(json!({"code": 401})),
        trace(json!({"user": "bob"})),
        trace(json!({"code": 401, "user": "bob"})),
    ];
    let entry = entry(&notification, &traces);
    assert_eq!(tally(entry.tally), [1, 4, 0]);
    let turned_away: Vec<_> =
        entry.turned_away.iter().map(|of| (&of.condition, of.traces, of.alone)).collect();
    let rule = Condition::FilterRule("code != 302".into());
    assert_eq!(
        turned_away,
        [(&Condition::Users, 2, 1), (&rule, 2, 1), (&Condition::Operations, 1, 1)]
    );
}

#[test]
fn a_filter_of_which_any_rule_may_hold_is_one_condition() {
    let denied = [401, 403, 401].map(|code| FilterRule::equals(FilterField::Code, code));
    let entry = entry(
        &logins().filter(Filter::any(denied)),
        &[trace(json!({})), trace(json!({"code": 403}))],
    );
    assert_eq!(tally(entry.tally), [1, 1, 0]);
    let turned_away: Vec<_> =
        entry.turned_away.iter().map(|of| (&of.condition, of.traces, of.alone)).collect();
    assert_eq!(turned_away, [(&Condition::AnyFilterRule, 1, 1)]);
}

#[test]
fn a_filter_rule_that_is_there_twice_counts_once() {
    for (traces, is_unknown) in [(trace(json!({})), false), (trace(json!({"code": null})), true)] {
        let twice =
            Filter::all([302, 302].map(|code| FilterRule::not_equals(FilterField::Code, code)));
        let entry = entry(&logins().filter(twice), &[traces]);
        let counts: Vec<u64> = if is_unknown {
            entry.missing.iter().map(|of| of.traces).collect()
        } else {
            entry.turned_away.iter().map(|of| of.traces + of.alone - 1).collect()
        };
        assert_eq!(counts, [1]);
    }
}

#[test]
fn services_that_differ_in_case_are_the_same_to_the_notification_and_two_rows_of_the_report() {
    let entry = entry(&logins(), &[trace(json!({})), trace(json!({"service_type": "iam"}))]);
    let rows: Vec<_> =
        entry.operations.iter().map(|of| (of.service_type.as_str(), of.tally.yes)).collect();
    assert_eq!(rows, [("IAM", 1), ("iam", 1)]);
}

#[test]
fn the_time_of_a_trace_is_that_of_its_recording_or_the_next_best() {
    let id = "4abc3a67-b773-11e6-8412-8f0ed3cc97c6"; // 2016-12-01T03:07:28Z
    for (times, day) in [
        (json!({"record_time": MONDAY, "trace_id": id, "time": 0}), Some("2025-12-15")),
        (json!({"record_time": "soon", "trace_id": id, "time": 0}), Some("2016-12-01")),
        (json!({"record_time": null, "trace_id": "x", "time": MONDAY - DAY}), Some("2025-12-14")),
        // Each of two days is possible.
        (json!({"record_time": "12/01/2016 11:07:28 GMT+08:00", "trace_id": "x"}), None),
        (json!({"record_time": null}), None),
    ] {
        let entry = entry(&logins(), &[trace(times.clone())]);
        assert_eq!(entry.days[0].day.as_deref(), day, "{times}");
        assert_eq!(entry.first.unwrap().time.is_some(), day.is_some());
    }
}

#[test]
fn a_trace_without_a_time_is_an_example_only_if_no_other_is() {
    let (undated, dated) = (trace(json!({"record_time": null})), trace(json!({})));
    let monday = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(MONDAY.unsigned_abs()));
    for traces in [[undated.clone(), dated.clone()], [dated, undated.clone()]] {
        let entry = entry(&logins(), &traces);
        assert_eq!([entry.first.unwrap().time, entry.last.unwrap().time], [monday, monday]);
        assert_eq!(entry.days.iter().map(|of| of.day.is_some()).collect::<Vec<_>>(), [false, true]);
    }
    let mut backtest = Backtest::from(&logins());
    backtest.extend([undated]);
    let shown = backtest.report().to_string();
    assert!(
        shown.starts_with("1 trace\n") && shown.contains("    1  on an unknown day\n"),
        "{shown}"
    );
}

#[test]
fn what_a_trace_says_is_shown_without_control_characters() {
    const HOSTILE: &str = "a\u{1b}[2J\nb\u{202e}c";
    let hostile = trace(json!({
        "service_type": HOSTILE, "resource_type": HOSTILE, "trace_name": HOSTILE, "resource_name": HOSTILE, "user": HOSTILE,
        "trace_id": HOSTILE,
    }));
    let mut everything =
        existing(json!({"operation_type": "complete", "operations": [], "status": HOSTILE}));
    everything.notification_name = HOSTILE.to_owned();
    let mut backtest = Backtest::from(&everything);
    backtest.add(&hostile);
    let shown = backtest.report().to_string();
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
    assert_eq!(shown.lines().count(), 2 + 1 + 1 + 1 + 2, "{shown}");
}

#[test]
fn only_the_busiest_operations_are_shown_and_the_rest_in_one_line() {
    let traces: Vec<_> =
        (0..30).map(|number| trace(json!({"trace_name": format!("op{number:02}")}))).collect();
    let entry = entry(&CreateNotification::complete("everything"), &traces);
    assert_eq!(entry.operations.len(), 30);
    let shown = entry.to_string();
    assert!(shown.contains("1  op19 of") && !shown.contains("1  op20 of"), "{shown}");
    assert!(shown.contains("\n    10  other operations\n"), "{shown}");
}

#[tokio::test]
async fn a_stream_that_fails_leaves_the_counts_before_it_and_another_can_follow() {
    let mut backtest = Backtest::from(&logins());
    let items = [Ok(trace(json!({}))), Err("lost"), Ok(trace(json!({})))];
    assert_eq!(backtest.add_stream(futures_util::stream::iter(items)).await, Err("lost"));
    assert_eq!(backtest.report().traces, 1);
    let items = [Ok::<_, &str>(trace(json!({})))];
    backtest.add_stream(futures_util::stream::iter(items)).await.unwrap();
    assert_eq!(tally(backtest.report().notifications[0].tally), [2, 0, 0]);
}

#[test]
fn each_missing_fact_has_the_earliest_trace_as_its_example() {
    let everything = CreateNotification::complete("everything")
        .notify_user_list([NotifyUsers::new("g", ["bob"])]);
    let agency = |id: &str, at: i64| {
        trace(json!({"trace_id": id, "user": {"name": "acme/ops"}, "record_time": at}))
    };
    let traces = [
        agency("b", MONDAY + 1),
        agency("a", MONDAY),
        trace(json!({"user": "bob", "read_only": true})),
    ];
    let entry = entry(&everything, &traces);
    let missing: Vec<_> = entry.missing.iter().map(|of| (&of.fact, of.traces)).collect();
    assert_eq!(missing, [(&MissingFact::AgencyName, 2), (&MissingFact::ReadOnly, 1)]);
    assert_eq!(entry.missing[0].example.trace_id.as_ref().unwrap().as_str(), "a");
    assert!(entry.first.is_none() && entry.last.is_none());
}
