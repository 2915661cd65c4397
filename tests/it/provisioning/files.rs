//! Sets in files.

use super::*;

#[test]
fn specs_are_read_strictly_and_survive_a_round_trip() {
    type Change = fn(&mut Value);
    let whole = json!({"notifications": [
        {"notification_name": "logins", "operation_type": "customized", "status": "disabled", "renamed_from": "old",
         "operations": [{"service_type": "IAM", "resource_type": "user", "trace_names": ["login", "loginfailed"]}],
         "notify_user_list": [{"user_group": "admin", "user_list": ["alice"]}], "topic_id": TOPIC,
         "filter": {"condition": "OR", "is_support_filter": false, "rule": ["code != 200"]},
         "agency_name": "cts_admin_trust"},
        {"notification_name": "all", "operation_type": "complete"},
    ]});
    let read: NotificationSet = serde_json::from_value(whole.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), whole, "both ways");
    let spec = &read.specs()[0];
    assert_eq!((spec.name(), spec.former_name()), ("logins", Some("old")));
    assert_eq!(spec.desired_status(), NotificationStatus::Disabled);

    let toml = toml::to_string(&read).unwrap();
    assert_eq!(toml::from_str::<NotificationSet>(&toml).unwrap(), read, "{toml}");

    let brief = r#"
        [[notifications]]
        notification_name = "logins"
        operations = [{ service_type = "IAM", resource_type = "user", trace_names = ["login", "loginfailed"] }]
        filter.rule = ["code != 200"]
    "#;
    let brief: NotificationSet = toml::from_str(brief).unwrap();
    let filter = Filter::all([FilterRule::not_equals(FilterField::Code, 200)]);
    assert_eq!(brief, set([logins().filter(filter)]));

    let refused = |change: &dyn Fn(&mut Value)| {
        let mut changed = whole.clone();
        change(&mut changed);
        serde_json::from_value::<NotificationSet>(changed).unwrap_err().to_string()
    };
    let changes: [(Change, &str); 14] = [
        (|all| all["notification"] = json!([]), "unknown field `notification`"),
        (|all| *all = json!({}), "missing field `notifications`"),
        (|all| all["notifications"][0]["topic"] = json!("t"), "unknown field `topic`"),
        (
            |all| all["notifications"][0]["operations"][0]["traces"] = json!([]),
            "unknown field `traces`",
        ),
        (
            |all| all["notifications"][0]["operations"][0] = json!({"service_type": "IAM"}),
            "missing field `resource_type`",
        ),
        (
            |all| all["notifications"][0]["notify_user_list"][0]["users"] = json!([]),
            "unknown field `users`",
        ),
        (|all| all["notifications"][0]["filter"]["rules"] = json!([]), "unknown field `rules`"),
        (
            |all| all["notifications"][0]["filter"] = json!({"condition": "AND"}),
            "missing field `rule`",
        ),
        (
            |all| all["notifications"][0]["operations"] = json!([]),
            "\"logins\": give operations, or operation_type complete",
        ),
        (
            |all| all["notifications"][1] = json!({"notification_name": "x"}),
            "\"x\": give operations, or operation_type",
        ),
        (|all| all["notifications"][0]["operation_type"] = json!("complete"), "so omit operations"),
        (
            |all| all["notifications"][0]["operation_type"] = json!("custom"),
            "operation_type is \"custom\", not complete or",
        ),
        (
            |all| all["notifications"][1]["notification_name"] = json!("logins"),
            "two notifications of the set are named \"logins\"",
        ),
        (
            |all| all["notifications"][0]["renamed_from"] = json!("all"),
            "the set has a notification of that name too",
        ),
    ];
    for (change, expected) in changes {
        let error = refused(&change);
        assert!(error.contains(expected), "{error}, not {expected}");
    }
}

/// An error of a file has the line and the column of the field.
#[test]
fn an_error_of_a_file_points_at_the_misspelt_field() {
    let file = r#"[[notifications]]
notification_name = "logins"
filter = { rule = ["code != 200"] }

[[notifications.operations]]
service_type = "IAM"
resource_typ = "user"
trace_names = ["login"]
"#;
    let toml = toml::from_str::<NotificationSet>(file).unwrap_err().to_string();
    assert!(toml.starts_with("TOML parse error at line 7, column 1\n"), "{toml}");
    assert!(
        toml.contains(
            "unknown field `resource_typ`, expected one of `service_type`, `resource_type`"
        ),
        "{toml}"
    );

    let json = serde_json::from_str::<NotificationSet>(
        "{\"notifications\": [\n{\"notification_name\": \"a\", \"filter\": {\n\"rules\": []}}]}",
    );
    let json = json.unwrap_err().to_string();
    assert_eq!(
        json,
        "unknown field `rules`, expected one of `condition`, `is_support_filter`, `rule` at line 3 column 7"
    );
    let number =
        serde_json::from_str::<NotificationSpec>(r#"{"notification_name": "a", "filter": 1}"#)
            .unwrap_err();
    assert!(
        number.to_string().contains("expected a table with rule, and perhaps condition"),
        "{number}"
    );
}

/// The file that comes with the example.
#[tokio::test]
async fn the_set_of_the_example_has_no_findings() {
    let client = FakeCts::new().client();
    let set: NotificationSet =
        toml::from_str(include_str!("../../../examples/provision.toml")).unwrap();
    let set = set.for_target("cn-north-4", FakeCts::PROJECT_ID);
    let catalogue = Catalogue::from(client.list_operations(&ListOperations::new()).await.unwrap());
    let context = PreflightContext::new()
        .region("cn-north-4")
        .project_id(FakeCts::PROJECT_ID)
        .catalogue(&catalogue);
    assert_eq!(set.preflight(&context), []);
    assert!(client.ensure(&set, &prune()).await.unwrap().is_complete());
}
