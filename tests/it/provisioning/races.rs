//! Lost responses, and others who work on the same notifications.

use super::*;

/// Faults while a notification is created that must be disabled though it has a topic: two writes
/// without faults.
#[tokio::test(start_paused = true)]
async fn a_lost_response_never_leads_to_a_duplicate() {
    type Row = (&'static str, fn() -> Vec<Fault>, &'static str, &'static [&'static str]);
    let broken: fn() -> Vec<Fault> = || vec![Fault::DropAfter];
    let rows: [Row; 9] = [
        ("nothing", Vec::new, "Create", &["POST 201", "PUT 200"]),
        ("create applied, answer lost", broken, "Create", &["POST 201", "PUT 200"]),
        ("create applied, answer cut", || vec![Fault::CutOff], "Create", &["POST 201", "PUT 200"]),
        (
            "create applied, no answer",
            || vec![Fault::StallAfter],
            "Create",
            &["POST 201", "PUT 200"],
        ),
        ("create lost", || vec![Fault::DropBefore], "UNKNOWN", &[]),
        ("create answered 502", || vec![Fault::status(502, "")], "UNKNOWN", &["POST 502"]),
        ("status lost", || vec![Fault::None, Fault::DropBefore], "UNKNOWN", &["POST 201"]),
        (
            "status applied, answer lost",
            || vec![Fault::None, Fault::DropAfter],
            "Create",
            &["POST 201", "PUT 200"],
        ),
        ("no connection", || vec![Fault::Unreachable(TransportErrorKind::Connect)], "FAILED", &[]),
    ];
    for (what, faults, outcome, written) in rows {
        let fake = FakeCts::new();
        let client = hasty(&fake);
        let wanted = set([NotificationSpec::new(logins().topic(TOPIC)).status("disabled")]);
        let plan = client.plan(&wanted, &keep()).await.unwrap();
        let since = fake.requests().len();
        fake.inject(after_reading(faults()));
        let report = client.apply(&plan).await;
        assert_eq!(outcomes(&report), outcome, "{what}: {report}");
        assert_eq!(writes(&fake, since), written, "{what}");
        if outcome == "Create" {
            assert_eq!(
                report.entries[0].id.as_ref(),
                Some(&fake.notifications(FakeCts::PROJECT_ID)[0].notification_id)
            );
        }
        // Running again finishes the job.
        assert!(client.ensure(&wanted, &keep()).await.unwrap().is_complete());
        assert_eq!(rules(&fake), ["logins disabled"], "{what}");
    }
}

/// The response of an update is lost, and a colleague edits the notification before anything else
/// is sent. Without the colleague the update is sent again.
#[tokio::test(start_paused = true)]
async fn an_update_whose_response_was_lost_does_not_overwrite_a_later_change() {
    let wanted = set([CreateNotification::complete("n").topic(TOPIC)]);
    for lost in
        [Fault::DropAfter, Fault::StallAfter, Fault::DropBefore, Fault::status(502, "<html>")]
    {
        for has_colleague in [true, false] {
            let fake = FakeCts::new();
            create(&fake.client(), CreateNotification::complete("n")).await;
            let plan = fake.client().plan(&wanted, &keep()).await.unwrap();
            fake.inject(after_reading([lost.clone()]));
            let transport = Colleague::acts_after(3, &fake, move |client| {
                Box::pin(async move {
                    if has_colleague {
                        let current = client.find_notification("n").await.unwrap().unwrap();
                        let filter = Filter::all([FilterRule::not_equals(FilterField::Code, 200)]);
                        client
                            .update_notification(
                                &UpdateNotification::from_current(&current).filter(filter),
                            )
                            .await
                            .unwrap();
                    }
                })
            });
            let client = fake.client_builder().transport(transport).build().unwrap();
            let report = client.apply(&plan).await;
            let kept = fake.notifications(FakeCts::PROJECT_ID);
            assert_eq!(kept[0].filter.is_some(), has_colleague, "{lost:?}");
            assert_eq!(
                outcomes(&report),
                if has_colleague { "UNKNOWN" } else { "Update" },
                "{lost:?}: {report}"
            );
        }
    }
}

/// Another program applies the same set between our plan and its application.
#[tokio::test]
async fn changes_that_another_program_made_already_are_adopted() {
    let fake = FakeCts::new();
    let client = fake.client();
    let wanted = set([logins().topic(TOPIC)]);
    let to_create = client.plan(&wanted, &keep()).await.unwrap();
    let theirs = create(&client, logins().topic(TOPIC)).await;
    let since = fake.requests().len();
    let report = client.apply(&to_create).await;
    assert_eq!(outcomes(&report), "Unchanged", "adopted");
    assert_eq!(report.entries[0].id.as_ref(), Some(&theirs.notification_id));

    client.update_notification(&UpdateNotification::from_current(&theirs).disable()).await.unwrap();
    let to_update = client.plan(&wanted, &keep()).await.unwrap();
    client.update_notification(&UpdateNotification::from_current(&theirs)).await.unwrap();
    assert_eq!(
        outcomes(&client.apply(&to_update).await),
        "Unchanged",
        "another program was faster"
    );

    let to_delete = client
        .plan(&NotificationSet::default(), &PlanOptions::new().prune_where(|_| true))
        .await
        .unwrap();
    let report = client.apply(&to_delete).await;
    assert_eq!((outcomes(&report), report.has_changes()), ("Delete".to_owned(), true));
    let report = client.apply(&to_delete).await;
    assert_eq!(
        (outcomes(&report), report.has_changes()),
        ("Unchanged".to_owned(), false),
        "gone is gone"
    );
    assert!(report.to_string().starts_with("done       gone       logins"), "{report}");
    assert_eq!(
        writes(&fake, since),
        ["PUT 200", "PUT 200", "DELETE 204"],
        "but for the two updates here, one delete"
    );
}

/// A colleague acts between the plan and its application: their change is reported and left alone,
/// and the rest is applied.
#[tokio::test]
async fn a_step_whose_notification_changed_since_the_plan_is_not_applied() {
    type Act = fn(&CtsClient, Notification) -> BoxFuture<'_, ()>;
    async fn put(client: &CtsClient, request: UpdateNotification) {
        client.update_notification(&request).await.unwrap();
    }
    let renamed: Act = |client, of| {
        Box::pin(async move {
            put(client, UpdateNotification::from_current(&of).rename("theirs")).await;
        })
    };
    let edited: Act = |client, of| {
        Box::pin(async move {
            put(client, UpdateNotification::from_current(&of).agency("cts_admin_trust")).await;
        })
    };
    let deleted: Act = |client, of| {
        Box::pin(async move { client.delete_notification(&of.notification_id).await.unwrap() })
    };
    let recreated: Act = |client, of| {
        Box::pin(async move {
            client.delete_notification(&of.notification_id).await.unwrap();
            create(client, CreateNotification::complete(&of.notification_name)).await;
        })
    };
    for (what, victim, act, expected, told) in [
        (
            "renamed",
            "changed",
            renamed,
            "CHANGED Unchanged Create - -",
            r#"it was renamed to "theirs""#,
        ),
        (
            "edited",
            "changed",
            edited,
            "CHANGED Unchanged Create - -",
            "it was edited (agency_name)",
        ),
        (
            "deleted",
            "changed",
            deleted,
            "CHANGED Unchanged Create - -",
            "it was deleted; plan again",
        ),
        (
            "created again",
            "changed",
            recreated,
            "CHANGED Unchanged Create - -",
            "it was deleted, and created again as 0000",
        ),
        (
            "renamed",
            "team_a",
            renamed,
            "Update Unchanged Create CHANGED Delete",
            r#"it was renamed to "theirs""#,
        ),
        (
            "edited",
            "team_a",
            edited,
            "Update Unchanged Create CHANGED Delete",
            "it was edited (agency_name)",
        ),
        (
            "created again",
            "team_a",
            recreated,
            "Update Unchanged Create CHANGED Delete",
            "created again as 0000",
        ),
        ("deleted", "team_a", deleted, "Update Unchanged Create Unchanged Delete", ""),
        ("renamed", "kept", renamed, "Update CHANGED Create - -", r#"it was renamed to "theirs""#),
        ("deleted", "kept", deleted, "Update CHANGED Create - -", "it was deleted; plan again"),
        (
            "edited in what the set leaves alone",
            "kept",
            edited,
            "Update Unchanged Create Delete Delete",
            "",
        ),
    ] {
        let fake = FakeCts::new();
        let client = fake.client();
        for name in ["changed", "kept", "team_a", "team_b"] {
            create(&client, CreateNotification::complete(name)).await;
        }
        let wanted = set([
            CreateNotification::complete("changed").topic(TOPIC),
            CreateNotification::complete("kept"),
            CreateNotification::complete("new"),
        ]);
        let plan = client.plan(&wanted, &prune()).await.unwrap();
        act(&client, client.find_notification(victim).await.unwrap().unwrap()).await;
        let theirs = |fake: &FakeCts| {
            let all = fake.notifications(FakeCts::PROJECT_ID);
            let is_theirs = |of: &&Notification| {
                of.notification_name == victim || of.notification_name == "theirs"
            };
            all.iter().filter(is_theirs).cloned().collect::<Vec<_>>()
        };
        let before = theirs(&fake);
        let report = client.apply(&plan).await;
        let told_of = report.to_string();
        assert_eq!(outcomes(&report), expected, "{victim} was {what}: {told_of}");
        assert_eq!(theirs(&fake), before, "{victim} was {what}");
        assert!(told_of.contains(told), "{told_of}");
        if expected.contains("CHANGED") {
            assert!(told_of.ends_with("1 changed since the plan: plan again\n"), "{told_of}");
            let error = report.into_result().unwrap_err();
            assert_eq!((error.kind(), error.operation()), (ErrorKind::Changed, "apply"), "{error}");
        } else {
            assert!(report.is_complete(), "{told_of}");
        }
        assert!(
            client.ensure(&wanted, &prune()).await.unwrap().is_complete(),
            "planned again, it is done"
        );
    }
}

/// A notification of another content takes the name, or a name that the step relies on, before
/// `apply` reads or after.
#[tokio::test]
async fn a_name_that_was_taken_since_the_plan_is_left_alone() {
    let racing = |fake: &FakeCts| {
        let theirs = CreateNotification::complete("logins").topic(TOPIC);
        let colleague = Colleague::acts_after(2, fake, |client| {
            Box::pin(async move {
                create(&client, theirs).await;
            })
        });
        fake.client_builder().transport(colleague).build().unwrap()
    };
    for (what, spec, there, taken) in [
        ("the name of a create", NotificationSpec::new(logins()), None, "logins"),
        (
            "the former name of a create",
            NotificationSpec::new(logins()).renamed_from("old"),
            None,
            "old",
        ),
        (
            "the new name of a rename",
            NotificationSpec::new(logins()).renamed_from("old"),
            Some("old"),
            "logins",
        ),
    ] {
        let fake = FakeCts::new();
        let client = fake.client();
        if let Some(name) = there {
            create(&client, CreateNotification::complete(name)).await;
        }
        let plan = client.plan(&set([spec]), &keep()).await.unwrap();
        let theirs = create(&client, CreateNotification::complete(taken).topic(TOPIC)).await;
        let since = fake.requests().len();
        let report = client.apply(&plan).await;
        assert_eq!(
            (outcomes(&report), writes(&fake, since)),
            ("CHANGED".to_owned(), vec![]),
            "{what}: {report}"
        );
        assert!(
            report.to_string().contains(&format!("now, {}", theirs.notification_id)),
            "{report}"
        );
    }
    // Between the read and the create: it cannot be noticed before, and the service refuses it.
    let fake = FakeCts::new();
    let client = fake.client();
    let plan = client.plan(&set([logins()]), &keep()).await.unwrap();
    let report = racing(&fake).apply(&plan).await;
    assert_eq!(outcomes(&report), "CHANGED", "{report}");
    assert!(
        report.to_string().contains("that differs in operation_type, operations, topic_id, status"),
        "{report}"
    );
    assert_eq!(rules(&fake), ["logins enabled"]);

    // `ensure` plans again, and then it is an update.
    let fake = FakeCts::new();
    let report = racing(&fake).ensure(&set([logins()]), &keep()).await.unwrap();
    assert_eq!(outcomes(&report), "Update", "{report}");
    assert_eq!(rules(&fake), ["logins disabled"]);
}

/// A notification that equals the desired one, but was created by another program: its status is
/// theirs.
#[tokio::test]
async fn a_notification_of_another_program_is_not_mistaken_for_the_created_one() {
    let fake = FakeCts::new();
    let wanted = || CreateNotification::complete("logins").topic(TOPIC);
    let colleague = Colleague::acts_after(2, &fake, move |client| {
        Box::pin(async move {
            create(&client, wanted()).await;
        })
    });
    let client = fake.client_builder().transport(colleague).build().unwrap();
    let silent = set([NotificationSpec::new(wanted()).status("disabled")]);
    let report = client.apply(&Plan::between(&silent, &[], &keep())).await;
    assert_eq!(
        (outcomes(&report), rules(&fake)),
        ("CHANGED".to_owned(), vec!["logins enabled".to_owned()]),
        "{report}"
    );
}
