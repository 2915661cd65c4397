//! Plans of many projects, which are looked at before they are applied.

use huaweicloud_cts::provision::RolloutPlan;

use super::*;

fn target(fake: &FakeCts, project: &str) -> Target {
    Target::new(project, fake.client_builder().project_id(project).build().unwrap())
}

fn targets(fake: &FakeCts) -> [Target; 3] {
    ["p1", "p2", "p3"].map(|project| target(fake, project))
}

fn names(fake: &FakeCts, project: &str) -> Vec<String> {
    fake.notifications(project)
        .into_iter()
        .map(|notification| notification.notification_name)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_the_plans_showed_is_done_and_a_target_that_changed_since_is_left_alone() {
    let fake = FakeCts::new();
    for target in targets(&fake) {
        create(&fake.client_builder().project_id(target.name()).build().unwrap(), logins()).await;
    }
    let wanted = set([logins().topic(TOPIC), CreateNotification::complete("everything")]);
    let plan = Rollout::new(targets(&fake)).options(prune()).plan(&wanted).await;
    assert!(plan.is_complete() && !plan.is_up_to_date());
    assert_eq!(plan.targets().len(), 3);
    assert!(
        fake.requests().iter().filter(|request| request.method != "GET").count() == 3,
        "a plan writes nothing"
    );

    // Since then, another client has edited a notification, and made one that the options would
    // delete.
    let other = fake.client_builder().project_id("p2").build().unwrap();
    let update =
        UpdateNotification::from_current(&fake.notifications("p2")[0]).agency("cts_admin_trust");
    other.update_notification(&update).await.unwrap();
    create(&other, CreateNotification::complete("team_new")).await;

    let mut finished = Vec::new();
    let reports = Rollout::new(targets(&fake))
        .options(prune())
        .on_progress(|progress| finished.push((progress.finished, progress.total)))
        .apply(&plan)
        .await;
    assert_eq!(finished, [(1, 3), (2, 3), (3, 3)]);
    let outcomes: Vec<String> =
        reports.iter().map(|report| outcomes(report.result.as_ref().unwrap())).collect();
    assert_eq!(outcomes, ["Update Create", "CHANGED Create", "Update Create"]);
    assert_eq!(names(&fake, "p2"), ["logins", "team_new", "everything"]);
    assert_eq!(reports[1].error().unwrap().kind(), ErrorKind::Changed);

    let again = Rollout::new(targets(&fake)).apply(&plan).await;
    assert!(!again[0].result.as_ref().unwrap().has_changes(), "{}", again[0]);
}

#[tokio::test(start_paused = true)]
async fn region_and_project_are_filled_in_for_each_target() {
    let fake = FakeCts::new();
    let wanted = set([logins().topic("urn:smn:{region}:{project_id}:audit")]);
    let target = |name: &str, region: Option<&str>| {
        let mut builder = fake.client_builder().project_id(name);
        if let Some(region) = region {
            builder = builder.region(region);
        }
        Target::new(name, builder.build().unwrap())
    };
    let targets = [target("p1", Some("eu-de")), target("p2", Some("eu-nl")), target("p3", None)];
    let plan = Rollout::new(targets.clone()).plan(&wanted).await;
    let kinds: Vec<_> = plan
        .targets()
        .iter()
        .map(|target| target.result.as_ref().err().map(huaweicloud_cts::Error::kind))
        .collect();
    assert_eq!(
        kinds,
        [None, None, Some(ErrorKind::Placeholder)],
        "the region of the last one is not known"
    );
    assert!(!plan.is_complete());
    let reports = Rollout::new(targets.clone()).apply(&plan).await;
    assert_eq!(fake.notifications("p1")[0].topic().unwrap().as_str(), "urn:smn:eu-de:p1:audit");
    assert_eq!(fake.notifications("p2")[0].topic().unwrap().as_str(), "urn:smn:eu-nl:p2:audit");
    assert_eq!(reports[2].error().unwrap().kind(), ErrorKind::Placeholder);
    let reports = Rollout::new(targets).run(&wanted).await;
    assert_eq!(reports[1].to_string(), "p2: 0 created, 0 updated, 0 deleted, 1 unchanged");
}

/// Each row throttles the calls of `apply` once, after some of them have been made.
#[tokio::test(start_paused = true)]
async fn a_throttled_apply_goes_on_and_reports_everything_once() {
    for calls in 0..6 {
        let fake = FakeCts::new();
        let client = fake.client();
        create(&client, CreateNotification::complete("team_old")).await;
        let here = || {
            Target::new(
                "here",
                fake.client_builder().retry(huaweicloud_cts::RetryPolicy::never()).build().unwrap(),
            )
        };
        let wanted =
            set([CreateNotification::complete("first"), CreateNotification::complete("second")]);
        let plan = Rollout::new([here()]).options(prune()).plan(&wanted).await;
        let mut faults = vec![Fault::None; calls];
        faults.push(Fault::throttle(Duration::from_secs(60)));
        fake.inject(faults);
        let reports = Rollout::new([here()]).apply(&plan).await;
        assert_eq!(
            reports[0].to_string(),
            "here: 2 created, 0 updated, 1 deleted, 0 unchanged",
            "after {calls} calls"
        );
        assert_eq!(reports[0].result.as_ref().unwrap().entries.len(), 3, "after {calls} calls");
        assert_eq!(names(&fake, FakeCts::PROJECT_ID), ["first", "second"]);
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_are_refused_are_not_tried_in_every_target() {
    let fake = FakeCts::new();
    let wrong =
        huaweicloud_cts::credentials::Credentials::new(fake.credentials().access_key(), "wrong");
    let targets = (0..50).map(|i| {
        let builder = fake.client_builder().project_id(format!("p{i}")).credentials(wrong.clone());
        Target::new(format!("p{i}"), builder.build().unwrap())
    });
    let plan = Rollout::new(targets).concurrency(50).plan(&set([logins()])).await;
    assert_eq!(fake.requests().len(), 2, "five lock the key");
    let error = plan.targets()[40].result.as_ref().unwrap_err();
    assert_eq!((error.operation(), error.kind()), ("plan", ErrorKind::Credentials));
}

#[tokio::test]
async fn saved_plans_are_equal_when_they_are_loaded_and_belong_to_the_target_of_their_name() {
    let fake = FakeCts::new();
    let wanted = set([logins()]);
    let file = serde_json::to_string(&Rollout::new(targets(&fake)).plan(&wanted).await).unwrap();
    let plan: RolloutPlan = serde_json::from_str(&file).unwrap();
    assert_eq!(serde_json::to_string(&plan).unwrap(), file);

    // In another order, one missing, and one more.
    let reports =
        Rollout::new(["p3", "p4", "p1"].map(|project| target(&fake, project))).apply(&plan).await;
    let lines: Vec<String> = reports.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "p3: 1 created, 0 updated, 0 deleted, 0 unchanged",
            r#"p4: apply: not sent: there is no plan for the target "p4""#,
            "p1: 1 created, 0 updated, 0 deleted, 0 unchanged",
            r#"p2: apply: not sent: there is a plan for the target "p2", but no such target"#,
        ]
    );
    assert_eq!(
        ["p1", "p2", "p3", "p4"].map(|project| fake.notifications(project).len()),
        [1, 0, 1, 0]
    );

    // A plan knows its project, whatever the target is called.
    let renamed = [Target::new("p1", fake.client_builder().project_id("p9").build().unwrap())];
    let reports = Rollout::new(renamed).apply(&plan).await;
    assert_eq!(reports[0].error().unwrap().kind(), ErrorKind::WrongProject);
    assert!(fake.notifications("p9").is_empty());
}

/// Each row edits a file that shows something else then than what would be done, or not all of it.
#[tokio::test]
async fn edited_plans_are_refused() {
    type Edit = fn(&mut Value);
    let rows: &[(Edit, &str)] = &[
        (
            |file| file["format_version"] = json!(2),
            "format_version is 2, but this version of huaweicloud-cts reads 1",
        ),
        (
            |file| drop(file.as_object_mut().unwrap().remove("format_version")),
            "missing field `format_version`",
        ),
        (|file| file["target"] = json!([]), "unknown field `target`"),
        (|file| file["targets"][0]["region"] = json!("eu-de"), "unknown field `region`"),
        (
            |file| file["targets"][1]["plan"]["create"] = json!(0),
            "the file shows 0 create, but the plan has 1",
        ),
        (
            |file| file["targets"][1]["plan"]["steps"] = json!([]),
            "the file shows 1 create, but the plan has 0",
        ),
        (
            |file| file["targets"][1]["plan"] = Value::Null,
            r#"the target "p2" has no plan; make the plans again"#,
        ),
        (
            |file| file["targets"][1]["error"] = json!("x"),
            r#"the target "p2" has a plan and an error"#,
        ),
        (|file| *file = json!(1), "expected the plans of a rollout"),
    ];
    let fake = FakeCts::new();
    let plan = Rollout::new(targets(&fake)).plan(&set([logins()])).await;
    for (edit, expected) in rows {
        let mut file = serde_json::to_value(&plan).unwrap();
        edit(&mut file);
        let error = serde_json::from_value::<RolloutPlan>(file).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}\n  is not: {expected}");
    }
    // A target that could not be read is in the file, which says so, and which is not applied.
    let unknown = huaweicloud_cts::credentials::Credentials::new("UNKNOWNACCESSKEY0001", "secret");
    let builder = fake.client_builder().project_id("p4").credentials(unknown);
    let plan =
        Rollout::new([Target::new("p4", builder.build().unwrap())]).plan(&set([logins()])).await;
    let file = serde_json::to_string(&plan).unwrap();
    let error = serde_json::from_str::<RolloutPlan>(&file).unwrap_err().to_string();
    assert!(
        error.contains(r#"the target "p4" has no plan, because of "ListNotifications: 401"#),
        "{error}"
    );
}
