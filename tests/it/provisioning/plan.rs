//! What is planned, and how a plan looks.

use super::*;
use crate::support::snapshot::assert_snapshot;

#[tokio::test]
async fn a_notification_is_renamed_only_if_the_spec_says_so() {
    let fake = FakeCts::new();
    let client = fake.client();
    let old = create(&client, logins()).await;
    let named = |name: &str| CreateNotification::customized(name, logins_operations());
    let told = set([NotificationSpec::new(named("team_logins")).renamed_from("logins")]);
    let plan = client.plan(&told, &keep()).await.unwrap();
    let differences: Vec<_> = plan.steps()[0].differences().iter().map(|of| of.field).collect();
    assert_eq!(differences, ["notification_name"]);
    assert_eq!(outcomes(&client.apply(&plan).await), "Update");
    assert_eq!(
        client.find_notification("team_logins").await.unwrap().unwrap().notification_id,
        old.notification_id
    );
    assert!(client.plan(&told, &keep()).await.unwrap().is_up_to_date(), "it may stay in the file");

    // Both names are taken: the intent is ambiguous, so neither is touched, not even pruned.
    create(&client, logins()).await;
    let prune_all = PlanOptions::new().prune_where(|_| true);
    let plan = client.plan(&told, &prune_all).await.unwrap();
    assert_eq!((plan.steps().len(), plan.steps()[0].action()), (1, Action::Conflict));
    let report = client.apply(&plan).await;
    assert_eq!(outcomes(&report), "FAILED");
    let ids: Vec<&str> =
        plan.steps()[0].candidates().iter().map(|of| of.notification_id.as_str()).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(report.errors().next().unwrap().kind(), ErrorKind::Ambiguous);
    assert_eq!(
        report.into_result().unwrap_err().to_string(),
        format!(
            r#"apply: "logins" is renamed to "team_logins", but notifications of both names exist; delete or rename one of them: {}"#,
            ids.join(", ")
        )
    );

    // Not stated: another notification.
    let report = client.ensure(&set([named("other")]), &keep()).await.unwrap();
    assert_eq!(outcomes(&report), "Create");
    assert_eq!(fake.notifications(FakeCts::PROJECT_ID).len(), 3);
}

#[test]
fn invalid_sets_are_refused() {
    let named = |name: &str| NotificationSpec::new(CreateNotification::complete(name));
    let text = |specs: Vec<NotificationSpec>| NotificationSet::new(specs).unwrap_err().to_string();
    let none: [Operation; 0] = [];
    assert_eq!(
        text(vec![named("a"), named("b"), named("a")]),
        r#"two notifications of the set are named "a""#
    );
    assert_eq!(
        text(vec![named("")]),
        r#"the notification "" of the set: notification_name is empty: give the notification a name"#
    );
    assert!(
        text(vec![CreateNotification::customized("a", none).into()])
            .starts_with(r#"the notification "a" of the set: op"#)
    );
    let renamed = r#"the notification "b" of the set is renamed from "a": "#;
    assert_eq!(
        text(vec![named("a"), named("b").renamed_from("a")]),
        format!("{renamed}the set has a notification of that name too")
    );
    assert_eq!(
        text(vec![named("c").renamed_from("a"), named("b").renamed_from("a")]),
        format!("{renamed}another notification is renamed from it too")
    );
    assert!(text(vec![named("b").renamed_from("")]).ends_with("that name is empty"));
    assert_eq!(PlanOptions::new().prune_with_prefix("").unwrap_err(), SetError::EmptyPrefix);
    assert!(NotificationSet::new([named("a")]).unwrap() != NotificationSet::default());
}

#[test]
fn pruning_deletes_only_owned_notifications_that_are_not_in_the_set() {
    let rule = |name: &str, id: &str| {
        let mut rule = Notification::default();
        rule.notification_name = name.to_owned();
        rule.notification_id = id.into();
        rule
    };
    let actual = [
        rule("team_a", "1"),
        rule("team_b", "2"),
        rule("Team_c", "3"),
        rule("other_team_d", "4"),
        rule("team_former", "5"),
        rule("team_", "6"),
        rule("team_without_id", ""),
    ];
    let wanted = set([
        NotificationSpec::new(CreateNotification::complete("team_a")),
        NotificationSpec::new(CreateNotification::complete("team_new")).renamed_from("team_former"),
    ]);
    let deleted = |options: &PlanOptions| {
        let plan = Plan::between(&wanted, &actual, options);
        let doomed = plan.steps().iter().filter(|step| step.action() == Action::Delete);
        doomed.map(|step| step.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(deleted(&keep()), [""; 0]);
    assert_eq!(deleted(&prune()), ["team_b", "team_"]);
    assert_eq!(
        deleted(&PlanOptions::new().prune_where(|rule| rule.notification_id == "3")),
        ["Team_c"]
    );
}

/// A service with two notifications of one name: they differ in type.
#[tokio::test]
async fn two_notifications_of_one_name_are_a_conflict() {
    let list = |kind: &str, id: &str| json!({"notifications": [{"notification_id": id, "notification_name": "logins", "notification_type": kind}]});
    let service = (0..2).fold(Answers::default(), |answers, _| {
        answers.answer(200, list("smn", "1").to_string()).answer(200, list("fun", "2").to_string())
    });
    let client = service.client();
    let plan =
        client.plan(&set([logins()]), &PlanOptions::new().prune_where(|_| true)).await.unwrap();
    assert_eq!(
        plan.to_string(),
        "! conflict   logins\n    2 notifications are named \"logins\": delete or rename all but one of 1, 2\n\n\
         0 to create, 0 to update, 0 to delete, 0 unchanged, 1 in conflict\n"
    );
    let report = client.apply(&plan).await;
    let error = report.into_result().unwrap_err();
    assert_eq!((error.kind(), error.ambiguous_ids().len()), (ErrorKind::Ambiguous, 2));
    assert_eq!(error.operation(), "apply");
    assert!(
        service.requests().iter().all(|request| request.method() == Method::GET),
        "nothing was written"
    );
}

/// The fields that were edited are named as the service names them, whatever it calls them.
#[tokio::test]
async fn names_of_changed_fields_are_escaped() {
    let list = |value: u8| {
        let there = json!({"notification_id": "1", "notification_name": "n", "operation_type": "complete", "status": "disabled",
            "esc\u{1b}[2J\u{202e}": value});
        json!({"notifications": [there]}).to_string()
    };
    let none = r#"{"notifications":[]}"#;
    let service = Answers::default()
        .answer(200, list(1))
        .answer(200, none)
        .answer(200, list(2))
        .answer(200, none);
    let client = service.client();
    let plan =
        client.plan(&set([CreateNotification::complete("n").topic(TOPIC)]), &keep()).await.unwrap();
    let report = client.apply(&plan).await;
    assert_eq!((outcomes(&report).as_str(), service.requests().len()), ("CHANGED", 4), "{report}");
    assert!(report.to_string().contains("it was edited (esc"), "{report}");
    assert!(!report.to_string().contains(['\u{1b}', '\u{202e}']), "{report}");
}

fn pictured() -> Plan {
    let actual: Vec<Notification> = serde_json::from_value(json!([
        {"notification_id": "00000001-cafe", "notification_name": "登录", "operation_type": "complete", "status": "enabled",
         "topic_id": TOPIC},
        {"notification_id": "00000002-cafe", "notification_name": "logins", "operation_type": "customized",
         "status": "disabled", "topic_id": TOPIC, "operations": [
            {"service_type": "IAM", "resource_type": "user", "trace_names": ["login", "logout"]},
            {"service_type": "OBS", "resource_type": "bucket", "trace_names": ["deleteBucket"]}],
         "notify_user_list": [{"user_group": "admin", "user_list": ["alice", "bob"]}],
         "filter": {"condition": "AND", "is_support_filter": false, "rule": ["code = 200"]}},
        {"notification_id": "00000003-cafe", "notification_name": "team_old\u{1b}[31m", "operation_type": "complete"},
        {"notification_id": "00000004-cafe", "notification_name": "twice", "operation_type": "complete"},
        {"notification_id": "00000005-cafe", "notification_name": "twice", "operation_type": "complete"},
        {"notification_id": "00000006-cafe", "notification_name": "all", "operation_type": "complete",
         "status": "disabled", "notify_user_list": []},
    ]))
    .unwrap();
    let many = (0..12).map(|i| format!("deleteSomething{i}"));
    let filter = Filter::all([
        FilterRule::not_equals(FilterField::Code, 200),
        FilterRule::equals(FilterField::TraceType, "ApiCall"),
    ]);
    let wanted = set([
        NotificationSpec::new(CreateNotification::complete("登录").topic(TOPIC)),
        NotificationSpec::new(
            logins().topic(TOPIC).notify_users("admin", ["carol"]).filter(filter),
        ),
        NotificationSpec::new(
            CreateNotification::customized(
                "deletions",
                [
                    Operation::new("ECS", "ecs", many),
                    Operation::new("EVS", "evs", ["deleteVolume"]),
                ],
            )
            .notify_users("ops", ["dave"])
            .topic(TOPIC),
        ),
        NotificationSpec::new(CreateNotification::complete("twice")),
        NotificationSpec::new(CreateNotification::customized("every", logins_operations()))
            .renamed_from("all"),
    ]);
    Plan::between(&wanted, &actual, &prune())
}

#[test]
fn a_plan_displays_its_steps_with_and_without_colour() {
    let plan = pictured();
    assert_snapshot!("plan", plan);
    // Names come from anywhere, and bring no escape sequences along.
    assert!(!plan.to_string().contains('\u{1b}'));
    let empty = Plan::between(&NotificationSet::default(), &[], &keep());
    assert_eq!(empty.to_string(), "0 to create, 0 to update, 0 to delete, 0 unchanged\n");
}

#[test]
fn a_plan_serializes_to_json() {
    let plan = serde_json::to_value(pictured()).unwrap();
    assert_eq!(
        (&plan["create"], &plan["update"], &plan["delete"]),
        (&json!(1), &json!(2), &json!(1))
    );
    assert_eq!((&plan["unchanged"], &plan["conflict"]), (&json!(1), &json!(1)));
    let update = &plan["steps"][1];
    assert_eq!(
        (&update["action"], &update["name"], &update["id"]),
        (&json!("update"), &json!("logins"), &json!("00000002-cafe"))
    );
    let status = json!({"field": "status", "before": "disabled", "after": "enabled"});
    assert!(update["differences"].as_array().unwrap().contains(&status), "{update}");
    assert_eq!(plan["steps"][0]["differences"], json!([]));
    assert!(plan["steps"][3]["reason"].as_str().unwrap().starts_with("2 notifications are named"));
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_refused_in_another_project() {
    let fake = FakeCts::new();
    let wanted = set([CreateNotification::complete("everything")]);
    let plan = fake.client().plan(&wanted, &keep()).await.unwrap();
    assert_eq!(plan.project_id(), Some(FakeCts::PROJECT_ID));
    let other = fake.client_builder().project_id("other").build().unwrap();
    let since = fake.requests().len();
    let report = other.apply(&plan).await;
    assert!(!report.is_complete());
    assert_eq!(writes(&fake, since), [""; 0]);
    let error = report.into_result().unwrap_err();
    assert_eq!(
        (error.kind(), error.operation(), error.attempts()),
        (ErrorKind::WrongProject, "apply", 0)
    );
    assert!(error.to_string().ends_with("but the client works in project other"), "{error}");
}

/// A notification that moves from one type to the other between two reads counts once.
#[tokio::test(start_paused = true)]
async fn a_notification_in_both_lists_counts_once() {
    let rule = json!({"notification_id": "1", "notification_name": "n", "operation_type": "complete", "status": "disabled"});
    let list = json!({"notifications": [rule]}).to_string();
    let answers = Answers::default().answer(200, &list).answer(200, &list);
    let wanted = set([CreateNotification::complete("n")]);
    assert!(answers.client().plan(&wanted, &keep()).await.unwrap().is_up_to_date());
}

/// A notification to a topic that does not exist would never arrive.
#[tokio::test(start_paused = true)]
async fn a_placeholder_in_a_topic_stops_the_plan() {
    let fake = FakeCts::new();
    let template = set([logins().topic("urn:smn:{region}:{project_id}:audit")]);
    let error = fake.client().ensure(&template, &keep()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.operation(), fake.requests().len()),
        (ErrorKind::Placeholder, "ensure", 0)
    );
    assert!(
        error.to_string().contains(r#"the topic of "logins" has a placeholder in it"#),
        "{error}"
    );
    let here = template.for_target("cn-north-4", FakeCts::PROJECT_ID);
    assert!(fake.client().ensure(&here, &keep()).await.unwrap().is_complete());
    let here = template.for_client(&fake.client()).await.unwrap();
    let topic = here.specs()[0].request().topic_id().unwrap();
    assert_eq!(
        topic.as_str(),
        format!("urn:smn:{{region}}:{}:audit", FakeCts::PROJECT_ID),
        "the client has no region"
    );
}
