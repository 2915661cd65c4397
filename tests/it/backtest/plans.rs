//! What a set or a plan would have sent.

use huaweicloud_cts::backtest::{Backtest, State};
use huaweicloud_cts::notification::{CreateNotification, Notification, Operation};
use huaweicloud_cts::provision::{Action, NotificationSet, NotificationSpec, Plan, PlanOptions};
use serde_json::json;

use super::{entry, existing, logins, trace};

fn logouts() -> CreateNotification {
    CreateNotification::customized("logouts", [Operation::new("IAM", "user", ["logout"])])
}

#[test]
fn a_set_tells_of_each_notification_and_of_all_together() {
    let everything = CreateNotification::complete("everything");
    let set = NotificationSet::new([logins(), logouts(), everything]).unwrap();
    let mut backtest = Backtest::from(&set);
    backtest.extend([
        trace(json!({})),
        trace(json!({"trace_name": "logout", "read_only": true})),
        trace(json!({"service_type": "ECS", "read_only": true})),
    ]);
    let report = backtest.report();
    let counts: Vec<_> = report
        .notifications
        .iter()
        .map(|of| (of.name.as_str(), of.tally.yes, of.tally.unknown))
        .collect();
    assert_eq!(counts, [("logins", 1, 0), ("logouts", 1, 0), ("everything", 1, 2)]);
    assert_eq!((report.combined.yes, report.combined.no, report.combined.unknown), (2, 0, 1));
    assert!(
        report.to_string().contains("\n2 yes, 0 no, 1 unknown for all notifications together\n"),
        "{report}"
    );
}

#[test]
fn a_notification_counts_the_same_as_it_is_declared_and_as_the_service_has_it() {
    let traces = [trace(json!({})), trace(json!({"trace_name": "logout"}))];
    let declared = [entry(&logins(), &traces), entry(&NotificationSpec::new(logins()), &traces)];
    let mut current = entry([existing(json!({}))].as_slice(), &traces);
    assert_eq!((current.state, current.id.take().is_some()), (State::Current, true));
    for mut declared in declared {
        assert_eq!((declared.state, declared.id.is_none()), (State::Desired, true));
        declared.state = State::Current;
        declared.status.clone_from(&current.status);
        assert_eq!(declared, current);
    }
}

#[test]
fn a_plan_tells_what_each_step_changes() {
    let named = |id: &str, name: &str, names: &[&str]| -> Notification {
        existing(json!({"notification_id": id, "notification_name": name, "operations": [
            {"service_type": "IAM", "resource_type": "user", "trace_names": names},
        ]}))
    };
    let actual = [
        named("1", "logins", &["login"]),
        named("2", "team_old", &["logout"]),
        named("3", "twice", &["createUser"]),
        named("4", "twice", &["deleteUser"]),
        named("5", "kept", &["updateUser"]),
    ];
    let user = |name: &str, operation: &str| {
        NotificationSpec::new(CreateNotification::customized(
            name,
            [Operation::new("IAM", "user", [operation])],
        ))
    };
    let set = NotificationSet::new([
        NotificationSpec::new(logins()),
        NotificationSpec::new(logouts()),
        user("twice", "login"),
        user("kept", "updateUser").status("enabled"),
    ]);
    let plan = Plan::between(
        &set.unwrap(),
        &actual,
        &PlanOptions::new().prune_with_prefix("team_").unwrap(),
    );
    let mut backtest = Backtest::from(&plan);
    for name in [
        "login",
        "loginfailed",
        "logout",
        "createUser",
        "deleteUser",
        "updateUser",
        "changePassword",
    ] {
        backtest.add(&trace(json!({ "trace_name": name })));
    }
    let report = backtest.report();
    let entries: Vec<_> = report
        .notifications
        .iter()
        .map(|of| (of.name.as_str(), of.planned.unwrap(), of.state, of.remains(), of.tally.yes))
        .collect();
    assert_eq!(
        entries,
        [
            ("logins", Action::Update, State::Current, false, 1),
            ("logins", Action::Update, State::Desired, true, 2),
            ("logouts", Action::Create, State::Desired, true, 1),
            ("twice", Action::Conflict, State::Current, true, 1),
            ("twice", Action::Conflict, State::Current, true, 1),
            ("kept", Action::Unchanged, State::Current, true, 1),
            ("team_old", Action::Delete, State::Current, false, 1),
        ]
    );
    assert_eq!((report.combined.yes, report.combined.no), (6, 1), "what is deleted does not count");
    let shown = report.to_string();
    for line in [
        "logins: 1 yes, 6 no, 0 unknown (before the update)",
        "logins: 2 yes, 5 no, 0 unknown (after the update, disabled)",
        "logouts: 1 yes, 6 no, 0 unknown (created by the plan, disabled)",
        "twice: 1 yes, 6 no, 0 unknown (in conflict)",
        "kept: 1 yes, 6 no, 0 unknown",
        "team_old: 1 yes, 6 no, 0 unknown (deleted by the plan)",
    ] {
        assert!(shown.contains(&format!("\n{line}\n")), "{line}\n{shown}");
    }
}
