//! Plans that are saved, and applied later.

use super::converging::{check, options, paused, seed, try_all, world};
use super::*;

fn saved(plan: &Plan) -> String {
    serde_json::to_string(plan).unwrap()
}

fn loaded(file: &str) -> Plan {
    serde_json::from_str(file).unwrap()
}

#[test]
fn a_saved_plan_is_equal_when_it_is_loaded_and_applies_equally() {
    let sizes = try_all(&world(), |world| {
        paused().block_on(async {
            let (fake, before) = seed(&world).await;
            let client = fake.client();
            let plan = client.plan(&world.set, &options(&world)).await.unwrap();
            let read = loaded(&saved(&plan));
            assert_eq!(read, plan);
            assert_eq!(saved(&read), saved(&plan));
            assert_eq!(read.to_string(), plan.to_string());

            let report = client.apply(&read).await;
            let planned: Vec<String> =
                plan.steps().iter().map(|step| format!("{:?}", step.action())).collect();
            assert_eq!(outcomes(&report), planned.join(" "));
            check(&world, &before, &fake);
            plan.steps().len()
        })
    });
    assert!(sizes.len() > 3, "plans of several sizes: {sizes:?}");
}

/// A step of each action, and fields that this version does not know.
async fn of_all_actions() -> Plan {
    let odd = json!({"notification_id": "8", "notification_name": "odd", "operation_type": 5,
        "operations": [{"new": 1}, 2], "filter": "x", "status": "disabled"});
    let service = Answers::default()
        .answer(200, json!({"notifications": [odd]}).to_string())
        .answer(200, r#"{"notifications":[]}"#);
    let odd = &service.client().list_all_notifications().await.unwrap()[0];
    assert!(odd.other.contains_key("filter"), "{odd:?}");

    let there = |id: &str, name: &str| {
        json!({"notification_id": id, "notification_name": name, "notification_type": "smn", "operation_type": "complete",
            "status": "disabled", "create_time": 1_700_000_000_000_i64, "labels": {"a": [1, null]}, "later": null})
    };
    let actual = json!([
        there("1", "changed"),
        there("2", "kept"),
        there("3", "twice"),
        there("4", "twice"),
        there("5", "former"),
        there("6", "latter"),
        there("7", "team_old"),
    ]);
    let mut actual: Vec<Notification> = serde_json::from_value(actual).unwrap();
    actual.push(odd.clone());
    let complete = |name: &str| NotificationSpec::new(CreateNotification::complete(name));
    let wanted = set([
        complete("new"),
        NotificationSpec::new(CreateNotification::complete("changed").topic(TOPIC)),
        complete("kept"),
        complete("twice"),
        complete("latter").renamed_from("former"),
        complete("odd"),
    ]);
    Plan::between(&wanted, &actual, &prune()).with_project_id(FakeCts::PROJECT_ID)
}

#[tokio::test]
async fn a_saved_plan_has_the_desired_state_and_what_was_read() {
    let plan = of_all_actions().await;
    let actions: Vec<Action> =
        plan.steps().iter().map(huaweicloud_cts::provision::Step::action).collect();
    let (update, conflict) = (Action::Update, Action::Conflict);
    assert_eq!(
        actions,
        [Action::Create, update, Action::Unchanged, conflict, conflict, update, Action::Delete]
    );
    assert_eq!(loaded(&saved(&plan)), plan);
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(
        (&json["format_version"], &json["project_id"]),
        (&json!(1), &json!(FakeCts::PROJECT_ID))
    );
    assert_eq!(
        json["steps"][0]["desired"],
        json!({"notification_name": "new", "operation_type": "complete"})
    );
    assert_eq!(json["steps"][1]["current"]["labels"], json!({"a": [1, null]}));
    assert_eq!(json["steps"][3]["candidates"][1]["notification_id"], json!("4"));
    assert_eq!(json["steps"][5]["current"]["operations"], json!([{"new": 1}, 2]));
    assert_eq!(json["steps"][6]["desired"], Value::Null);
}

/// Each row edits a file. Whatever apply would do then is not what the file shows, so it is
/// refused.
#[tokio::test]
async fn an_edited_plan_is_refused_with_the_step_and_the_field() {
    type Edit = fn(&mut Value);
    let rows: &[(Edit, &str)] = &[
        (
            |plan| plan["format_version"] = json!(2),
            "format_version is 2, but this version of huaweicloud-cts reads 1",
        ),
        (|plan| plan["format_version"] = json!("1"), "invalid type: string"),
        (
            |plan| drop(plan.as_object_mut().unwrap().remove("format_version")),
            "missing field `format_version`",
        ),
        (|plan| plan["projectid"] = json!("p"), "unknown field `projectid`"),
        (|plan| plan["steps"][0]["acton"] = json!("create"), "unknown field `acton`"),
        (|plan| plan["steps"][0]["desired"]["topic"] = json!("t"), "unknown field `topic`"),
        (|plan| plan["steps"][0]["action"] = json!("replace"), "unknown variant `replace`"),
        (
            |plan| plan["steps"][0]["desired"]["operation_type"] = json!("all"),
            "not complete or customized",
        ),
        // A step that does more, or something else, than it shows.
        (
            |plan| plan["steps"][2]["desired"]["topic_id"] = json!(TOPIC),
            r#"steps[2], "kept": action does not match"#,
        ),
        (
            |plan| plan["steps"][1]["action"] = json!("unchanged"),
            r#"steps[1], "changed": action does not match"#,
        ),
        (
            |plan| plan["steps"][1]["desired"]["agency_name"] = json!("x"),
            r#""changed": differences does not match"#,
        ),
        (
            |plan| plan["steps"][1]["differences"] = json!([]),
            r#""changed": differences does not match"#,
        ),
        (
            |plan| plan["steps"][0]["desired"]["status"] = json!("enabled"),
            r#""new": differences does not match"#,
        ),
        (
            |plan| plan["steps"][0]["desired"]["notification_name"] = json!("x"),
            r#"what the step does: create "x""#,
        ),
        (|plan| plan["steps"][0]["name"] = json!("x"), r#"steps[0], "x": name does not match"#),
        (|plan| plan["steps"][1]["id"] = json!("2"), r#""changed": id does not match"#),
        (
            |plan| plan["steps"][1]["current"]["notification_id"] = json!("2"),
            r#""changed": id does not match"#,
        ),
        (
            |plan| plan["steps"][1]["current"]["status"] = json!("enabled"),
            r#""changed": differences does not match"#,
        ),
        (|plan| plan["steps"][1]["current"] = Value::Null, r#""changed": action does not match"#),
        (
            |plan| plan["steps"][6]["current"]["notification_id"] = json!("2"),
            r#""team_old": id does not match"#,
        ),
        (
            |plan| plan["steps"][6]["current"]["notification_name"] = json!("y"),
            r#""team_old": name does not match"#,
        ),
        (
            |plan| plan["steps"][6]["current"]["notification_name"] = json!("kept"),
            r#""kept": action does not match"#,
        ),
        (
            |plan| plan["steps"][2]["desired"] = Value::Null,
            r#"steps[2], "kept": action does not match"#,
        ),
        (
            |plan| plan["steps"][3]["candidates"][1]["notification_name"] = json!("z"),
            r#""twice": action does not match"#,
        ),
        (|plan| plan["steps"][3]["reason"] = json!("none"), r#""twice": reason does not match"#),
        // Steps that are hidden, added, or said twice.
        (|plan| plan["delete"] = json!(0), "the file shows 0 delete, but the plan has 1"),
        (
            |plan| plan["steps"].as_array_mut().unwrap().swap(5, 6),
            r#"steps[5], "team_old": action does not match"#,
        ),
        (
            |plan| drop(plan["steps"].as_array_mut().unwrap().pop()),
            "the file shows 1 delete, but the plan has 0",
        ),
        (
            |plan| {
                let last = plan["steps"][6].clone();
                plan["steps"].as_array_mut().unwrap().push(last);
            },
            "the file shows 1 delete, but the plan has 2",
        ),
        (
            |plan| {
                let first = plan["steps"][0].clone();
                plan["steps"].as_array_mut().unwrap().push(first);
            },
            r#"two notifications of the set are named "new""#,
        ),
        (
            |plan| {
                let empty = json!({"action": "unchanged", "name": "", "id": null, "desired": null, "current": null,
                    "candidates": [], "differences": [], "reason": null});
                plan["steps"].as_array_mut().unwrap().push(empty);
            },
            "the file shows 8 steps, but the plan has 7",
        ),
    ];
    let plan = serde_json::to_value(of_all_actions().await).unwrap();
    for (edit, expected) in rows {
        let mut edited = plan.clone();
        edit(&mut edited);
        let error = serde_json::from_str::<Plan>(&edited.to_string()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}\n  is not: {expected}");
    }
    let error = serde_json::from_str::<Plan>("[1]").unwrap_err().to_string();
    assert!(error.contains("expected a plan"), "{error}");
}

#[tokio::test]
async fn a_saved_plan_leaves_a_notification_alone_that_has_changed_since() {
    let fake = FakeCts::new();
    let client = fake.client();
    for name in ["changed", "team_old"] {
        create(&client, CreateNotification::complete(name)).await;
    }
    let wanted = set([
        CreateNotification::complete("changed").topic(TOPIC),
        CreateNotification::complete("new"),
    ]);
    let file = saved(&client.plan(&wanted, &prune()).await.unwrap());

    for notification in fake.notifications(FakeCts::PROJECT_ID) {
        let update = UpdateNotification::from_current(&notification).agency("cts_admin_trust");
        client.update_notification(&update).await.unwrap();
    }
    let report = client.apply(&loaded(&file)).await;
    assert_eq!(outcomes(&report), "CHANGED Create CHANGED", "{report}");
    assert_eq!(rules(&fake), ["changed disabled", "new disabled", "team_old disabled"]);

    // What was done is not done again, however often the file is applied.
    let since = fake.requests().len();
    assert_eq!(outcomes(&client.apply(&loaded(&file)).await), "CHANGED Unchanged CHANGED");
    assert_eq!(writes(&fake, since), [""; 0]);
}

#[tokio::test]
async fn a_saved_plan_of_another_project_is_refused_before_anything_is_sent() {
    let fake = FakeCts::new();
    let wanted = set([CreateNotification::complete("everything")]);
    let file = saved(&fake.client().plan(&wanted, &keep()).await.unwrap());
    let other = fake.client_builder().project_id("other").build().unwrap();
    let since = fake.requests().len();
    let error = other.apply(&loaded(&file)).await.into_result().unwrap_err();
    assert_eq!((error.kind(), fake.requests().len()), (ErrorKind::WrongProject, since));
    assert_eq!(
        error.to_string(),
        format!(
            "apply: not sent: the plan was made in project {}, but the client works in project other",
            FakeCts::PROJECT_ID
        )
    );
}

#[tokio::test]
async fn a_plan_with_a_placeholder_in_a_topic_is_not_applied() {
    let fake = FakeCts::new();
    let template = set([logins().topic("urn:smn:{region}:{project_id}:audit")]);
    let plan = loaded(&saved(&Plan::between(&template, &[], &keep())));
    let error = fake.client().apply(&plan).await.into_result().unwrap_err();
    assert_eq!(
        (error.kind(), error.operation(), fake.requests().len()),
        (ErrorKind::Placeholder, "apply", 0)
    );
}

#[tokio::test]
async fn a_saved_plan_has_no_credentials() {
    let fake = FakeCts::new();
    let credentials =
        huaweicloud_cts::credentials::Credentials::new("SENTINELACCESSKEY001", "sentinel-secret")
            .security_token("sentinel-token");
    fake.accept(&credentials);
    let client = fake.client_builder().credentials(credentials).build().unwrap();
    let file = saved(&client.plan(&set([logins()]), &keep()).await.unwrap());
    assert!(file.contains("logins") && !file.to_lowercase().contains("sentinel"), "{file}");
}
