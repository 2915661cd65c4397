use huaweicloud_cts::notification::{CreateNotification, Filter, FilterRule, Operation};
use huaweicloud_cts::testing::{FakeCts, Fault};
use snapbox::str;

use crate::support::Cts;

const RULES: &str = r#"
[[notifications]]
notification_name = "logins"
topic_id = "urn:smn:{region}:{project_id}:audit"
filter = { rule = ["code != 200"] }
operations = [{ service_type = "IAM", resource_type = "user", trace_names = ["login", "logout"] }]

[[notifications]]
notification_name = "everything"
operation_type = "complete"
"#;

#[test]
fn what_is_exported_plans_as_no_changes_in_every_format() {
    let cts = Cts::new("export");
    for format in ["toml", "yaml", "json"] {
        let exported = cts.stdout(&format!("export -o {format}"));
        cts.run(&format!("plan - --format {format} --detailed-exitcode"))
            .stdin(exported)
            .assert()
            .success()
            .stdout_eq(str![[r#"
= unchanged  logins  00000001-cafe-4cf5-8000-000000000001
= unchanged  审计  00000002-cafe-4cf5-8000-000000000002

No changes. 0 to create, 0 to update, 0 to delete, 2 unchanged

"#]])
            .stderr_eq("");
    }
}

#[test]
fn an_export_is_a_rules_file() {
    let cts = Cts::new("export-text");
    cts.run("export --portable")
        .assert()
        .success()
        .stdout_eq(str![[r#"
[[notifications]]
notification_name = "logins"
operation_type = "customized"
topic_id = "urn:smn:{region}:{project_id}:audit"

[[notifications.operations]]
service_type = "IAM"
resource_type = "user"
trace_names = ["login", "logout"]

[notifications.filter]
condition = "AND"
is_support_filter = true
rule = ["code != 200"]

[[notifications]]
notification_name = "审计"
operation_type = "complete"

"#]])
        .stderr_eq(str![[r#"
Exported 2 notifications.

"#]]);
    cts.run("export -o yaml --prefix login").assert().success().stdout_eq(str![[r#"
notifications:
- notification_name: logins
  operation_type: customized
  operations:
  - service_type: IAM
    resource_type: user
    trace_names:
    - login
    - logout
  topic_id: urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:audit
  filter:
    condition: AND
    is_support_filter: true
    rule:
    - code != 200

"#]]);
}

#[test]
fn a_portable_export_leaves_the_topics_of_other_projects_and_regions_as_they_are() {
    let cts = Cts::new("export-portable");
    let of = |service: &str, region: &str, project: &str, rest: &str| {
        format!("urn:{service}:{region}:{project}:{rest}")
    };
    let (here, elsewhere) = (FakeCts::PROJECT_ID, "11111111111111111111111111111111");
    let topics = [
        ("function", of("fss", "cn-north-4", here, "function:default:audit")),
        ("another_project", of("smn", "cn-north-4", elsewhere, "audit")),
        ("another_region", of("smn", "cn-south-1", here, "audit")),
        // The ids of this project are parts of the name, and the name of the region is one of the
        // service's.
        ("named_alike", of("smn", "cn-north-4", elsewhere, &format!("cn-north-4_{here}"))),
    ];
    let seed = topics.each_ref().map(|(name, topic)| {
        format!(
            "[[notifications]]\nnotification_name = {name:?}\noperation_type = \"complete\"\ntopic_id = {topic:?}\n\
             status = \"disabled\"\n"
        )
    });
    cts.file("seed.toml", &seed.concat());
    cts.run("apply seed.toml --yes -q").assert().success();
    let run = cts.run("export --portable").assert().success().stderr_eq(str![[r#"
warning: "another_project": urn:smn:cn-north-4:11111111111111111111111111111111:audit is not of this project, and stays as it is
warning: "another_region": urn:smn:cn-south-1:24edf66e79d04187acb99a463e610764:audit is not of this project, and stays as it is
warning: "named_alike": urn:smn:cn-north-4:11111111111111111111111111111111:cn-north-4_24edf66e79d04187acb99a463e610764 is not of this project, and stays as it is
Exported 6 notifications.

"#]]);
    let exported = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert_eq!(exported.matches("urn:smn:{region}:{project_id}:audit").count(), 1, "{exported}");
    assert!(
        exported.contains("urn:fss:{region}:{project_id}:function:default:audit"),
        "{exported}"
    );
    for (name, topic) in &topics[1..] {
        assert!(exported.contains(topic), "{name}: {exported}");
    }
    cts.run("drift -").stdin(exported).assert().success();
}

#[test]
fn names_that_yaml_would_read_as_something_else_survive_an_export() {
    let cts = Cts::new("export-yaml");
    let names = ["no", "012", "1e3", "null", "- a", "a: b", "#x", "\u{1b}[31m", "\"'\\"];
    cts.with_client(|client| async move {
        for name in names {
            client.create_notification(&CreateNotification::complete(name)).await.unwrap();
        }
    });
    for format in ["yaml", "toml", "json"] {
        let exported = cts.stdout(&format!("export -o {format}"));
        let run = cts.run(&format!("drift - --format {format}")).stdin(exported).output().unwrap();
        assert_eq!(
            run.status.code(),
            Some(0),
            "{format}: {}",
            String::from_utf8_lossy(&run.stderr)
        );
    }
}

#[test]
fn everything_that_a_notification_has_survives_an_export_in_every_format() {
    let cts = Cts::new("export-everything");
    let odd = [
        "审计 通知",
        "a \"b\" 'c' \"\"\"d\"\"\" '''e'''",
        "line\none\ttwo\r\n",
        "$${HOME} ${HOME} $ {region}",
        "a\\u0024{b",
    ];
    cts.with_client(|client| async move {
        let topic = format!("urn:smn:cn-north-4:{}:audit", FakeCts::PROJECT_ID);
        for odd in odd {
            let rules = ["code != 200", "trace_type = ApiCall"].map(FilterRule::from);
            let create =
                CreateNotification::customized(odd, [Operation::new(odd, odd, [odd, "x"])])
                    .topic(topic.as_str())
                    .notify_users(odd, [odd, "bob"])
                    .filter(Filter::any(rules))
                    .agency("cts_admin_trust");
            client.create_notification(&create).await.unwrap();
        }
    });
    for format in ["toml", "yaml", "json"] {
        let exported = cts.stdout(&format!("export -o {format}"));
        for expand in ["", "--expand"] {
            let run =
                cts.run(&format!("drift - --format {format} {expand}")).stdin(exported.clone());
            let run = run.env("HOME", "elsewhere").output().unwrap();
            let printed = String::from_utf8([run.stdout, run.stderr].concat()).unwrap();
            assert_eq!(run.status.code(), Some(0), "{format} {expand}: {printed}\n{exported}");
            assert!(
                printed.contains("0 to create, 0 to update, 0 to delete, 7 unchanged"),
                "{format}: {printed}"
            );
        }
    }
}

#[test]
fn a_plan_shows_changes_and_ends_with_2_only_if_asked_to() {
    let cts = Cts::new("plan");
    cts.file("rules.toml", RULES);
    cts.run("plan rules.toml --prune 审").assert().success().stdout_eq(str![[r#"
= unchanged  logins  00000001-cafe-4cf5-8000-000000000001

+ create     everything
    operation_type  complete
    status          disabled

- delete     审计  00000002-cafe-4cf5-8000-000000000002

1 to create, 0 to update, 1 to delete, 1 unchanged

"#]]).stderr_eq(str![[r#"
warning: "everything": topic_id: is missing, and no status is set: the notification will be disabled [Open Telekom Cloud Terraform provider, opentelekomcloud_cts_event_notification_v3]


"#]]);
    cts.run("plan rules.toml --detailed-exitcode").assert().code(2);
    cts.run("drift rules.toml").assert().code(2);
    cts.run("plan rules.toml --prune=").assert().code(64).stderr_eq(str![[r#"
error: the prefix for pruning is empty: it matches every notification of the project

"#]]);
    let plan: serde_json::Value =
        serde_json::from_str(&cts.stdout("plan rules.toml -o json")).unwrap();
    assert_eq!(plan["create"], 1);
}

#[test]
fn a_plan_remarks_on_what_keeps_its_notifications_silent() {
    let cts = Cts::new("silent");
    let topic = format!("urn:smn:cn-north-4:{}:mail", FakeCts::PROJECT_ID);
    cts.file("rules.toml", &format!("[[notifications]]\nnotification_name = \"everything\"\noperation_type = \"complete\"\ntopic_id = \"{topic}\"\n"));
    cts.fake.add_topic(topic.as_str(), [("email", 0)]);
    cts.run("plan rules.toml").assert().success().stderr_eq("");
    cts.run("plan rules.toml --check-topics").assert().success().stderr_eq(str![[r#"
warning: "everything": topic_id: The topic urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:mail exists. No subscription receives messages. Unconfirmed: 1 email. Open the link that was sent, which is valid for 48 hours, or request another. Its policy does not name CTS. That may be enough, for example with the agency cts_admin_trust; if nothing arrives, allow the service cts the action SMN:Publish. [Huawei Cloud SMN API Reference, Topic Operations and Subscription Operations]


"#]]);
    cts.fake.remove_trackers(FakeCts::PROJECT_ID);
    cts.run("plan rules.toml").assert().success().stderr_eq(str![[r#"
error: trackers.system: there is no system tracker, so nothing is recorded and no notification is sent: create it [Huawei Cloud CTS API Reference, ListTrackers and UpdateTracker]


"#]]);
    cts.fake.inject_on("ListTopicDetails", [Fault::status(401, "{}")]);
    let plan = cts.run("plan rules.toml --check-topics -o json").assert().success();
    let said = String::from_utf8(plan.get_output().stderr.clone()).unwrap();
    assert!(said.contains("warning: ListTopicDetails: 401"), "{said}");
}

#[test]
fn apply_needs_a_confirmation_and_then_does_what_the_plan_showed() {
    let cts = Cts::new("apply");
    cts.file("rules.toml", RULES);
    cts.run("apply rules.toml").assert().code(3);
    assert_eq!(cts.names().len(), 2);
    cts.run("apply rules.toml --prune 审 --yes").assert().success().stdout_eq(str![[r#"
= unchanged  logins  00000001-cafe-4cf5-8000-000000000001

+ create     everything
    operation_type  complete
    status          disabled

- delete     审计  00000002-cafe-4cf5-8000-000000000002

1 to create, 0 to update, 1 to delete, 1 unchanged

done       unchanged  logins  00000001-cafe-4cf5-8000-000000000001
done       created    everything  0000000f-cafe-4cf5-8000-00000000000f
done       deleted    审计  00000002-cafe-4cf5-8000-000000000002

3 done, 0 failed, 0 unknown, 0 not tried

"#]]);
    assert_eq!(cts.names(), ["logins", "everything"]);
    cts.run("apply rules.toml").assert().success().stdout_eq(str![[r#"
= unchanged  logins  00000001-cafe-4cf5-8000-000000000001
= unchanged  everything  0000000f-cafe-4cf5-8000-00000000000f

No changes. 0 to create, 0 to update, 0 to delete, 2 unchanged

"#]]);
    cts.run("drift rules.toml").assert().success();
}

#[test]
fn a_saved_plan_is_applied_and_a_stale_one_is_refused() {
    let cts = Cts::new("saved");
    cts.file("rules.toml", RULES);
    cts.run("plan rules.toml --out plan.json").assert().success();
    cts.run("apply plan.json --yes").assert().success();
    assert_eq!(cts.names(), ["logins", "审计", "everything"]);

    cts.file("rules.toml", &RULES.replace("login\", \"logout", "login"));
    cts.run("plan rules.toml --out plan.json").assert().success();
    cts.run("notification update logins --no-filter").assert().success();
    let stale = cts.run("apply plan.json --yes").assert().code(1);
    let printed = String::from_utf8(stale.get_output().stdout.clone()).unwrap();
    assert!(printed.contains("CHANGED") && printed.contains("plan again"), "{printed}");
    assert_eq!(cts.fake.notifications(FakeCts::PROJECT_ID)[0].operations[0].trace_names.len(), 2);
}

#[test]
fn a_plan_of_another_project_and_one_that_was_edited_are_refused() {
    let cts = Cts::new("saved-other");
    cts.file("rules.toml", RULES);
    cts.run("plan rules.toml --out plan.json").assert().success();
    cts.run("apply plan.json --yes --project-id 0123456789abcdef0123456789abcdef").assert().code(1);
    let edited = std::fs::read_to_string(cts.path("plan.json"))
        .unwrap()
        .replace("\"create\": 1", "\"create\": 2");
    cts.file("plan.json", &edited);
    cts.run("apply plan.json --yes").assert().code(1).stderr_eq(str![[r#"
error: plan.json: the file shows 2 create, but the plan has 1; make the plan again

"#]]);
}

#[test]
fn an_apply_that_fails_in_part_ends_with_6() {
    let cts = Cts::new("apply-partial");
    cts.file("rules.toml", &RULES.replace("code != 200", "code = 500"));
    cts.fake.inject_on(
        "UpdateNotification",
        [Fault::status(400, r#"{"error_code":"CTS.0200","error_msg":"no"}"#)],
    );
    cts.run("apply rules.toml --yes").assert().code(6);
    assert!(cts.names().contains(&"everything".to_owned()));
}

#[test]
fn validate_works_offline_and_gives_advice() {
    let cts = Cts::new("validate");
    cts.file("rules/b.toml", &RULES.replace("everything", "every-thing"));
    cts.file(
        "rules/a.yaml",
        "notifications:\n  - notification_name: other\n    operation_type: complete\n",
    );
    let run = cts.run("validate rules --endpoint http://127.0.0.1:1");
    run.assert().success().stdout_eq(str![[r#"
warning: rules/a.yaml:2:24: "other": topic_id: is missing, and no status is set: the notification will be disabled [Open Telekom Cloud Terraform provider, opentelekomcloud_cts_event_notification_v3]
warning: rules/b.toml:9:21: "every-thing": notification_name: "every-thing" contains '-', but only letters, digits, _ and Chinese characters are documented; "every_thing" would be valid [Huawei Cloud CTS User Guide, Configuring Key Event Notifications]
warning: rules/b.toml:9:21: "every-thing": topic_id: is missing, and no status is set: the notification will be disabled [Open Telekom Cloud Terraform provider, opentelekomcloud_cts_event_notification_v3]

"#]]).stderr_eq(str![[r#"
3 findings.

"#]]);
    cts.run("validate rules --strict").assert().code(1);
    assert!(cts.fake.requests().iter().all(|request| request.method == "POST"), "only the seed");
}

#[test]
fn variables_are_expanded_only_if_asked_for() {
    let cts = Cts::new("expand");
    cts.file(
        "rules.toml",
        "[[notifications]]\nnotification_name = \"${TEAM}_all\"\noperation_type = \"complete\"\n",
    );
    cts.run("apply rules.toml --expand --yes").env("TEAM", "blue").assert().success();
    assert!(cts.names().contains(&"blue_all".to_owned()));
    cts.run("plan rules.toml --expand").assert().code(1).stderr_eq(str![[r#"
error: rules.toml:2:22: the variable "TEAM" is not set
  |
2 | notification_name = "${TEAM}_all"
  |                      ^^^^^^^

"#]]);
    let plan = cts.stdout("plan rules.toml");
    assert!(plan.contains("${TEAM}_all"), "{plan}");
}

#[test]
fn a_dry_run_of_apply_shows_the_requests_and_changes_nothing() {
    let cts = Cts::new("apply-dry-run");
    cts.file("rules.toml", RULES);
    let shown = cts.run("apply rules.toml --dry-run").assert().success();
    let shown = String::from_utf8(shown.get_output().stdout.clone()).unwrap();
    assert!(shown.contains("POST http") && shown.contains("Signature=****"), "{shown}");
    assert_eq!(cts.names().len(), 2);
}

#[test]
fn a_plan_with_a_conflict_is_confirmed_too() {
    let cts = Cts::new("conflict");
    cts.with_client(|client| async move {
        client.create_notification(&CreateNotification::complete("old")).await.unwrap();
    });
    // Both names of the second notification exist.
    let both = "\n[[notifications]]\nnotification_name = \"审计\"\nrenamed_from = \"old\"\noperation_type = \"complete\"\n";
    cts.file("rules.toml", &format!("{RULES}{both}"));
    cts.run("plan rules.toml").assert().code(1);
    cts.run("apply rules.toml").assert().code(3);
    assert_eq!(cts.names().len(), 3);
}
