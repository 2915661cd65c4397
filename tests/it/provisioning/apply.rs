//! What is written, and with how many calls.

use super::*;

#[tokio::test]
async fn a_set_is_applied_with_the_fewest_writes() {
    let fake = FakeCts::new();
    let client = fake.client();
    create(&client, CreateNotification::complete("foreign")).await;
    create(&client, CreateNotification::complete("team_old")).await;
    let kept = create(&client, CreateNotification::complete("kept").topic(TOPIC)).await;
    let changed = create(&client, CreateNotification::complete("changed").topic(TOPIC)).await;
    let wanted = set([
        NotificationSpec::new(CreateNotification::complete("kept").topic(TOPIC)),
        NotificationSpec::new(CreateNotification::complete("changed").topic(FUNCTION)),
        NotificationSpec::new(logins().topic(TOPIC)),
        NotificationSpec::new(CreateNotification::complete("silent").topic(TOPIC))
            .status("disabled"),
        NotificationSpec::new(CreateNotification::complete("without_topic")),
    ]);
    let since = fake.requests().len();
    let plan = client.plan(&wanted, &prune()).await.unwrap();
    let counts = [Action::Create, Action::Update, Action::Delete, Action::Unchanged]
        .map(|action| plan.count(action));
    assert_eq!((counts, plan.is_up_to_date()), ([3, 1, 1, 1], false));
    assert_eq!(writes(&fake, since), [""; 0], "a plan only reads");

    let report = client.apply(&plan).await;
    assert!(report.is_complete() && report.has_changes(), "{report}");
    assert_eq!(
        writes(&fake, since),
        ["PUT 200", "POST 201", "POST 201", "PUT 200", "POST 201", "DELETE 204"],
        "one for each rule, and one more for the status that a rule is not born with"
    );
    assert_eq!(
        rules(&fake),
        [
            "changed enabled",
            "foreign disabled",
            "kept enabled",
            "logins enabled",
            "silent disabled",
            "without_topic disabled"
        ]
    );
    let moved = client.find_notification("changed").await.unwrap().unwrap();
    assert_eq!(moved.notification_type, Some(NotificationType::Fun));
    assert_eq!(
        moved.notification_id, changed.notification_id,
        "moved from one type to the other, not made anew"
    );
    assert_eq!(report.entries[0].id, Some(kept.notification_id));

    let since = fake.requests().len();
    let again = client.ensure(&wanted, &prune()).await.unwrap();
    assert!(again.is_complete() && !again.has_changes());
    assert_eq!(writes(&fake, since), [""; 0]);
    assert!(client.plan(&wanted, &prune()).await.unwrap().is_up_to_date());
    again.into_result().unwrap();
}

/// Other fields that the service keeps are sent back with an update.
#[tokio::test]
async fn an_update_clears_nothing_that_the_set_does_not_own() {
    let fake = FakeCts::new();
    let client = fake.client();
    create(&client, logins().agency("cts_admin_trust").topic(TOPIC)).await;
    let report = client
        .ensure(&set([logins().topic(TOPIC).notify_users("admin", ["alice"])]), &keep())
        .await
        .unwrap();
    assert_eq!(outcomes(&report), "Update");
    let rule = client.find_notification("logins").await.unwrap().unwrap();
    assert_eq!(rule.agency_name.as_deref(), Some("cts_admin_trust"));
    assert_eq!(rule.notify_user_list.len(), 1);
    // It clears the fields that it owns: users, and with the topic the status.
    let _ = client.ensure(&set([logins()]), &keep()).await.unwrap();
    let rule = client.find_notification("logins").await.unwrap().unwrap();
    assert!(rule.notify_user_list.is_empty() && rule.topic().is_none() && !rule.is_enabled());
}

/// A colleague undoes each time what the plan relies on: three rounds, and then the report says so.
#[tokio::test]
async fn an_ensure_plans_three_times_at_most() {
    let list = |id: u8| {
        let there = json!({"notification_id": id.to_string(), "notification_name": "n", "operation_type": "complete", "status": "disabled"});
        json!({"notifications": [there]}).to_string()
    };
    let none = r#"{"notifications":[]}"#;
    let gone = r#"{"error_code":"CTS.0403","error_msg":"m"}"#;
    let service = (1..=5).fold(Answers::default(), |answers, id| {
        answers.answer(200, list(id)).answer(200, none).answer(404, gone)
    });
    let wanted = set([CreateNotification::complete("n").topic(TOPIC)]);
    let report = service.client().ensure(&wanted, &keep()).await.unwrap();
    assert_eq!((outcomes(&report).as_str(), service.requests().len()), ("CHANGED", 9), "{report}");
    assert!(report.to_string().contains("it was deleted; plan again"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_only_the_steps_that_would_fail_for_the_same_reason() {
    type Row = (&'static str, fn() -> Vec<Fault>, &'static str);
    let rows: [Row; 9] = [
        ("bad operations", || vec![service(400, "CTS.0401")], "FAILED Create Update Unchanged -"),
        (
            "no such topic",
            || vec![Fault::None, service(400, "CTS.0402")],
            "Create FAILED Update Unchanged -",
        ),
        (
            "under maintenance",
            || vec![service(503, "CTS.0005")],
            "UNKNOWN Create Update Unchanged -",
        ),
        ("no permission", || vec![service(403, "CTS.0013")], "FAILED - - Unchanged -"),
        (
            "keys withdrawn",
            || vec![Fault::None, service(401, "APIGW.0301")],
            "Create FAILED - Unchanged -",
        ),
        ("no room", || vec![service(400, "CTS.0407")], "Create Create Update Unchanged Delete"),
        ("too many requests", || vec![Fault::throttle(None)], "FAILED - - Unchanged -"),
        (
            "no connection",
            || vec![Fault::Unreachable(TransportErrorKind::Dns)],
            "FAILED - - Unchanged -",
        ),
        (
            "lost, and then no connection",
            || vec![Fault::DropBefore, Fault::Unreachable(TransportErrorKind::Connect)],
            "UNKNOWN - - Unchanged -",
        ),
    ];
    for (what, faults, expected) in rows {
        let fake = FakeCts::new();
        let client = hasty(&fake);
        for name in ["changed", "kept", "team_old"] {
            create(&client, CreateNotification::complete(name)).await;
        }
        let wanted = set([
            logins(),
            CreateNotification::complete("new"),
            CreateNotification::complete("changed").topic(TOPIC),
            CreateNotification::complete("kept"),
        ]);
        let plan = client.plan(&wanted, &prune()).await.unwrap();
        fake.inject(after_reading(faults()));
        let report = client.apply(&plan).await;
        assert_eq!(outcomes(&report), expected, "{what}: {report}");
        assert_eq!(report.is_complete(), !expected.contains(['F', 'K']), "{what}");
        assert!(client.ensure(&wanted, &prune()).await.unwrap().is_complete(), "{what}");
        assert_eq!(
            rules(&fake),
            ["changed enabled", "kept disabled", "logins disabled", "new disabled"],
            "{what}"
        );
    }
}

/// The quota is exhausted by notifications that must be deleted: in this case they are deleted
/// first.
#[tokio::test]
async fn deletions_make_room_if_the_quota_is_exhausted() {
    let fake = FakeCts::new();
    let client = fake.client();
    let names = |prefix: &str, count: usize| {
        (0..count).map(|i| format!("{prefix}_{i}")).collect::<Vec<_>>()
    };
    let _ = client
        .ensure(&set(names("team_old", 100).iter().map(CreateNotification::complete)), &keep())
        .await
        .unwrap();
    let wanted = set(names("team_new", 100).iter().map(CreateNotification::complete));
    let stuck = client.ensure(&wanted, &keep()).await.unwrap();
    assert!(outcomes(&stuck).starts_with("FAILED - - "), "nothing may be pruned: {stuck}");
    assert_eq!(
        stuck.into_result().unwrap_err().code(),
        Some(&ErrorCode::NotificationQuotaExceeded)
    );

    let since = fake.requests().len();
    let report = client.ensure(&wanted, &prune()).await.unwrap();
    assert!(report.is_complete(), "{report}");
    assert_eq!(writes(&fake, since).len(), 1 + 10 + 100);
    assert!(rules(&fake).iter().all(|rule| rule.starts_with("team_new_")));
}

/// A refusal at the end of the time limit is reported, and not that there was no time to correct
/// the clock.
#[tokio::test(start_paused = true)]
async fn a_write_that_fails_at_its_time_limit_ends_with_that_failure() {
    const LIMIT: Duration = Duration::from_secs(2);
    let fake = FakeCts::new();
    let plan = fake.client().plan(&set([logins()]), &keep()).await.unwrap();
    let service = fake.clone();
    let colleague = Colleague::acts_after(2, &fake, |_| {
        Box::pin(async move {
            service.set_clock_ahead(Duration::from_secs(3_600));
            service.inject([Fault::Delay(LIMIT)]);
        })
    });
    let policy = huaweicloud_cts::RetryPolicy::standard().total_timeout(LIMIT);
    let client = fake.client_builder().transport(colleague).retry(policy).build().unwrap();
    let report = client.apply(&plan).await;
    assert_eq!(outcomes(&report), "FAILED", "{report}");
    let error = report.into_result().unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(StatusCode::UNAUTHORIZED), 1), "{error}");
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn a_set_is_ensured_over_a_socket() {
    let server = FakeCts::open_telekom_cloud().serve().await.unwrap();
    let client = server.client_builder().build().unwrap();
    let wanted = set([NotificationSpec::new(logins().topic(TOPIC)).status("disabled")]);
    let target = Target::new("here", client.clone());
    let reports = tokio::spawn(async move {
        let first = client.ensure(&wanted, &keep()).await.unwrap();
        assert!(first.is_complete() && first.has_changes(), "{first}");
        Rollout::new([target]).run(&wanted).await
    });
    assert_eq!(
        reports.await.unwrap()[0].to_string(),
        "here: 0 created, 0 updated, 0 deleted, 1 unchanged"
    );
}

/// A cloud that accepts a notification and drops one of its fields would never be up to date.
#[tokio::test(start_paused = true)]
async fn fields_that_the_service_drops_are_reported_as_not_applied() {
    let kept = json!({"notification_id": "1", "notification_name": "logins", "notification_type": "smn",
        "operation_type": "customized", "status": "enabled", "topic_id": TOPIC,
        "operations": [{"service_type": "IAM", "resource_type": "user", "trace_names": ["login", "loginfailed"]}]});
    let list = json!({"notifications": [kept]}).to_string();
    let none = r#"{"notifications":[]}"#;
    let answers = Answers::default()
        .answer(200, none)
        .answer(200, none)
        .answer(201, kept.to_string())
        .answer(200, &list)
        .answer(200, none);
    let wanted = set([logins()
        .topic(TOPIC)
        .filter(Filter::all([FilterRule::not_equals(FilterField::Code, 200)]))]);
    let report = answers.client().ensure(&wanted, &keep()).await.unwrap();
    let error = report.into_result().unwrap_err().to_string();
    assert!(
        error.starts_with(r#"CreateNotification: the service accepted "logins", but returns other values of filter: "#),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_know_its_project_yet_looks_it_up_before_it_applies_a_plan() {
    let fake = FakeCts::new();
    fake.add_iam_project("eu-de", "p-of-eu-de");
    let elsewhere = fake.client_builder().project_id("elsewhere").build().unwrap();
    let wanted = set([CreateNotification::complete("everything")]);
    let client = || {
        CtsClient::builder()
            .region("eu-de")
            .credentials(fake.credentials())
            .transport(fake.clone())
            .build()
            .unwrap()
    };
    let of_elsewhere = elsewhere.plan(&wanted, &keep()).await.unwrap();
    let since = fake.requests().len();
    let report = client().apply(&of_elsewhere).await;
    let targets: Vec<String> =
        fake.requests()[since..].iter().map(|call| call.target.clone()).collect();
    assert_eq!(targets, ["/v3/projects?name=eu-de"], "{report}");
    let error = report.into_result().unwrap_err();
    assert_eq!(
        error.to_string(),
        "apply: not sent: the plan was made in project elsewhere, but the client works in project p-of-eu-de"
    );
    let of_here = client().plan(&wanted, &keep()).await.unwrap();
    assert!(client().apply(&of_here).await.is_complete());
    assert_eq!(fake.notifications("p-of-eu-de").len(), 1);
    assert_eq!(fake.notifications("elsewhere").len(), 0);

    // If the lookup fails, nothing else is sent either.
    fake.inject([Fault::Unreachable(TransportErrorKind::Unsendable)]);
    let since = fake.requests().len();
    let report = client().apply(&of_elsewhere).await;
    assert_eq!((outcomes(&report), fake.requests().len()), ("FAILED".to_owned(), since));
    assert_eq!(report.into_result().unwrap_err().kind(), ErrorKind::Project);
}

/// The read before the first write fails: the reason is reported once, and nothing is sent after
/// it.
#[tokio::test(start_paused = true)]
async fn an_apply_that_cannot_read_writes_nothing_and_says_so_once() {
    let fake = FakeCts::new();
    create(&fake.client(), CreateNotification::complete("kept")).await;
    let wanted = ["kept", "a", "b"].map(CreateNotification::complete);
    let plan = fake.client().plan(&set(wanted), &keep()).await.unwrap();
    let wrong =
        huaweicloud_cts::credentials::Credentials::new(fake.credentials().access_key(), "wrong");
    let client = fake.client_builder().credentials(wrong).build().unwrap();
    let since = fake.requests().len();
    let report = client.apply(&plan).await;
    assert_eq!(outcomes(&report), "- FAILED -", "{report}");
    assert_eq!(fake.requests().len() - since, 1, "a wrong secret counts towards a lock of the key");
    let error = report.into_result().unwrap_err();
    assert_eq!((error.operation(), error.status().unwrap().as_u16()), ("ListNotifications", 401));
    let since = fake.requests().len();
    let _ = client
        .ensure(&set(["kept", "a", "b"].map(CreateNotification::complete)), &keep())
        .await
        .unwrap_err();
    assert_eq!(fake.requests().len() - since, 1);
}
