//! What holds for any traces and any notifications.

use std::collections::BTreeMap;

use huaweicloud_cts::backtest::{Backtest, BacktestReport, Condition, Tally};
use huaweicloud_cts::notification::{
    FilterCondition, Match, MismatchReason, MissingFact, Notification,
};
use huaweicloud_cts::trace::Trace;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::{DAY, MONDAY};

/// Traces that have much in common with the notifications.
fn any_trace() -> impl Strategy<Value = Trace> {
    let service = select(vec![json!("IAM"), json!("iam"), json!("ECS"), json!(""), json!(null)]);
    let resource = select(vec![json!("user"), json!("USER"), json!("ecs")]);
    let name = select(vec![
        json!("login"),
        json!("Login"),
        json!("logout"),
        json!("createServer"),
        json!(null),
        json!(""),
    ]);
    let code =
        select(vec![json!(0), json!(200), json!("200"), json!("403"), json!(""), json!(null)]);
    let user = select(vec![
        json!("alice"),
        json!({"name": "bob"}),
        json!({"name": "acme/ops"}),
        json!({"name": "eve", "type": "ExternalUser"}),
        json!({"id": "1"}),
        json!(null),
    ]);
    let rest = select(vec![
        json!({}),
        json!({"read_only": true}),
        json!({"read_only": false, "trace_type": "ObsSDK"}),
        json!({"resource_name": "my server"}),
        json!({"resource_name": "my", "trace_type": "ApiCall"}),
    ]);
    let time = prop_oneof![
        Just(Value::Null),
        (0..3_i64, 0..2_i64).prop_map(|(day, ms)| json!(MONDAY + day * DAY + ms))
    ];
    let id = select(vec![json!("1"), json!("2"), json!(null)]);
    (service, resource, name, code, user, rest, time, id).prop_map(
        |(service, resource, name, code, user, rest, time, id)| {
            let mut trace = json!({
                "service_type": service, "resource_type": resource, "trace_name": name, "code": code, "user": user,
                "record_time": time, "trace_id": id,
            });
            trace.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            serde_json::from_value(trace).unwrap()
        },
    )
}

fn any_notification() -> impl Strategy<Value = Notification> {
    let operation_type =
        select(vec![json!("complete"), json!("customized"), json!("both"), json!(null)]);
    let operations = subsequence(
        vec![
            json!({"service_type": "IAM", "resource_type": "user", "trace_names": ["login", "logout"]}),
            json!({"service_type": "ecs", "resource_type": "ecs", "trace_names": ["createServer"]}),
            json!({"service_type": "", "resource_type": "user", "trace_names": [""]}),
        ],
        0..=3,
    );
    let users = subsequence(
        vec![
            json!({"user_group": "g", "user_list": ["alice"]}),
            json!({"user_group": "h", "user_list": ["bob", "eve"]}),
            json!({"user_group": "i", "user_list": []}),
        ],
        0..=3,
    );
    let rules = prop::collection::vec(
        select(vec![
            "code = 200",
            "code != 200",
            "code = 0",
            "resource_name = my server",
            "trace_type != ApiCall",
            "code > 1",
        ]),
        0..4,
    );
    let condition = select(vec!["AND", "OR", "XOR"]);
    (operation_type, operations, users, rules, condition, any::<bool>()).prop_map(
        |(operation_type, operations, users, rules, condition, is_on)| {
            serde_json::from_value(json!({
                "notification_name": "n", "status": "enabled", "operation_type": operation_type,
                "operations": operations, "notify_user_list": users,
                "filter": {"condition": condition, "is_support_filter": is_on, "rule": rules},
            }))
            .unwrap()
        },
    )
}

fn report(notifications: &[Notification], traces: &[Trace]) -> BacktestReport {
    let mut backtest = Backtest::from(notifications);
    backtest.extend(traces);
    backtest.report()
}

fn counts(tally: Tally) -> [u64; 3] {
    [tally.yes, tally.no, tally.unknown]
}

fn sum(tallies: impl IntoIterator<Item = Tally>) -> [u64; 3] {
    tallies
        .into_iter()
        .map(counts)
        .fold([0; 3], |sum, add| [sum[0] + add[0], sum[1] + add[1], sum[2] + add[2]])
}

/// The conditions of the notification that a trace does not meet. Traces of other operations are
/// not looked at further.
fn unmet(reasons: Vec<MismatchReason>) -> Vec<Condition> {
    if reasons.iter().any(|reason| matches!(reason, MismatchReason::Operation { .. })) {
        return vec![Condition::Operations];
    }
    let mut unmet = Vec::new();
    for reason in reasons {
        match reason {
            MismatchReason::User(_) => unmet.push(Condition::Users),
            MismatchReason::Filter { condition: FilterCondition::And, failed, .. } => {
                unmet.extend(failed.into_iter().map(|failed| Condition::FilterRule(failed.rule)));
            }
            MismatchReason::Filter { .. } => unmet.push(Condition::AnyFilterRule),
            other => panic!("{other}"),
        }
    }
    unmet
}

proptest! {
    #[test]
    fn a_backtest_counts_what_matching_one_by_one_says(
        notification in any_notification(), traces in prop::collection::vec(any_trace(), 0..20),
    ) {
        let mut tally = [0; 3];
        let mut turned_away: BTreeMap<Condition, (u64, u64)> = BTreeMap::new();
        let mut missing: BTreeMap<MissingFact, u64> = BTreeMap::new();
        let mut times = Vec::new();
        for trace in &traces {
            match notification.matches(trace) {
                Match::Yes => {
                    tally[0] += 1;
                    times.push(trace.record_time());
                }
                Match::No(reasons) => {
                    tally[1] += 1;
                    let unmet = unmet(reasons);
                    for condition in &unmet {
                        let count = turned_away.entry(condition.clone()).or_default();
                        *count = (count.0 + 1, count.1 + u64::from(unmet.len() == 1));
                    }
                }
                Match::Unknown(facts) => {
                    tally[2] += 1;
                    for fact in facts {
                        *missing.entry(fact).or_default() += 1;
                    }
                }
            }
        }
        let report = report(std::slice::from_ref(&notification), &traces);
        let entry = &report.notifications[0];
        prop_assert_eq!(counts(entry.tally), tally);
        prop_assert_eq!(counts(report.combined), tally);
        let counted: BTreeMap<_, _> =
            entry.turned_away.iter().map(|of| (of.condition.clone(), (of.traces, of.alone))).collect();
        prop_assert_eq!(counted, turned_away);
        let counted: BTreeMap<_, _> = entry.missing.iter().map(|of| (of.fact.clone(), of.traces)).collect();
        prop_assert_eq!(counted, missing);
        let dated = times.iter().flatten().copied();
        prop_assert_eq!(entry.first.as_ref().and_then(|first| first.time), dated.clone().min());
        prop_assert_eq!(entry.last.as_ref().and_then(|last| last.time), dated.max());
        prop_assert_eq!(entry.first.is_some(), !times.is_empty());
    }

    #[test]
    fn the_counts_add_up(
        notifications in prop::collection::vec(any_notification(), 0..4), traces in prop::collection::vec(any_trace(), 0..20),
    ) {
        let report = report(&notifications, &traces);
        prop_assert_eq!(report.traces, traces.len() as u64);
        prop_assert_eq!(report.combined.traces(), report.traces);
        for entry in &report.notifications {
            prop_assert_eq!(entry.tally.traces(), report.traces);
            prop_assert_eq!(sum(entry.days.iter().map(|of| of.tally)), counts(entry.tally));
            let others = entry.turned_away.iter().find(|of| of.condition == Condition::Operations).map_or(0, |of| of.traces);
            let [yes, no, unknown] = sum(entry.operations.iter().map(|of| of.tally));
            prop_assert_eq!([yes, no + others, unknown], counts(entry.tally));
            prop_assert!(entry.turned_away.iter().all(|of| of.alone <= of.traces && of.traces <= entry.tally.no));
            prop_assert!(entry.turned_away.iter().map(|of| of.alone).sum::<u64>() <= entry.tally.no);
            prop_assert!(entry.turned_away.iter().map(|of| of.traces).sum::<u64>() >= entry.tally.no);
            prop_assert!(entry.missing.iter().all(|of| of.traces <= entry.tally.unknown));
            prop_assert!(entry.missing.iter().map(|of| of.traces).sum::<u64>() >= entry.tally.unknown);
            prop_assert!(entry.tally.yes <= report.combined.yes);
        }
    }

    #[test]
    fn the_order_of_the_traces_makes_no_difference(
        notifications in prop::collection::vec(any_notification(), 0..4),
        (traces, shuffled) in prop::collection::vec(any_trace(), 0..20)
            .prop_flat_map(|traces| (Just(traces.clone()), Just(traces).prop_shuffle())),
    ) {
        prop_assert_eq!(report(&notifications, &traces), report(&notifications, &shuffled));
    }
}
