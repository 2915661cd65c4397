use huaweicloud_cts::notification::{CreateNotification, NotificationStatus};
use huaweicloud_cts::testing::{FakeCts, Fault};
use snapbox::str;

use crate::support::Cts;

#[test]
fn a_list_is_a_table_with_names_of_all_languages_aligned() {
    let cts = Cts::new("list");
    cts.run("notification list")
        .assert()
        .success()
        .stdout_eq(str![[r#"
NAME    STATUS    OPERATIONS  TARGET  ID
logins  enabled   IAM/user    audit   00000001-cafe-4cf5-8000-000000000001
审计    disabled  all                 00000002-cafe-4cf5-8000-000000000002

"#]])
        .stderr_eq(str![""]);
}

#[test]
fn a_wide_list_shows_topic_filter_and_users() {
    let cts = Cts::new("list-wide");
    let wide = cts.stdout("notification list -o wide");
    assert!(wide.contains("urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:audit"), "{wide}");
    assert!(wide.contains("IAM/user/login,logout") && wide.contains("code != 200"), "{wide}");
}

#[test]
fn a_list_for_programs_is_what_the_service_sent() {
    let cts = Cts::new("list-json");
    let listed: Vec<serde_json::Value> =
        serde_json::from_str(&cts.stdout("notification list -o json")).unwrap();
    assert_eq!(listed[0]["operations"][0]["trace_names"], serde_json::json!(["login", "logout"]));
    let lines = cts.stdout("notification list -o jsonl");
    assert_eq!(lines.lines().count(), 2);
    assert_eq!(cts.stdout("notification list -o name"), "logins\n审计\n");
    let functions = cts.stdout("notification list --type fun -o json");
    assert_eq!(functions.trim(), "[]");
}

#[test]
fn one_notification_is_found_by_its_name_and_by_its_id() {
    let cts = Cts::new("get");
    let id = cts.fake.notifications(FakeCts::PROJECT_ID)[0].notification_id.clone();
    let by_name = cts.stdout("notification get logins");
    assert!(by_name.contains("IAM/user/login, logout"), "{by_name}");
    assert_eq!(cts.stdout(&format!("notification get {id}")), by_name);
}

#[test]
fn a_misspelled_name_ends_with_4_and_a_suggestion() {
    let cts = Cts::new("get-unknown");
    cts.run("notification get login").assert().code(4).stdout_eq(str![""]).stderr_eq(str![[r#"
error: there is no notification with the name or id "login"
hint: did you mean "logins"?

"#]]);
}

#[test]
fn create_takes_options_and_prints_the_notification() {
    let cts = Cts::new("create");
    cts.run("notification create deletions --operation ECS/ecs/deleteServer --notify admin=alice,bob -o name")
        .assert()
        .success()
        .stdout_eq(str![[r#"
deletions

"#]])
        .stderr_eq(str![[r#"
Created deletions.

"#]]);
    let created = &cts.fake.notifications(FakeCts::PROJECT_ID)[2];
    assert_eq!(created.operations[0].trace_names, ["deleteServer"]);
    assert_eq!(created.notify_user_list[0].user_list, ["alice", "bob"]);
    assert_eq!(created.status, Some(NotificationStatus::Disabled));
}

#[test]
fn create_takes_a_file() {
    let cts = Cts::new("create-file");
    cts.file("one.toml", "notification_name = \"everything\"\noperation_type = \"complete\"\n");
    cts.run("notification create -f one.toml").assert().success();
    assert_eq!(cts.names(), ["logins", "审计", "everything"]);
}

#[test]
fn create_without_operations_is_wrong_usage() {
    let cts = Cts::new("create-usage");
    cts.run("notification create x").assert().code(64).stdout_eq(str![""]).stderr_eq(str![[r#"
error: it is not said which operations the notification is about
hint: give --operation, or --all-operations; `cts operations` lists them

"#]]);
    cts.run("notification create x --operation IAM").assert().code(64);
}

#[test]
fn a_name_that_is_taken_is_a_failure_that_says_so() {
    let cts = Cts::new("create-taken");
    cts.run("notification create logins --all-operations").assert().code(1).stdout_eq(str![""]).stderr_eq(str![[r#"
error: CreateNotification: 400 CTS.0400: NotificationV3 name is existed already; choose another name, or update the notification that has this one (request id 00000000000000000000000000000003)

"#]]);
}

#[test]
fn update_shows_what_it_changes_and_leaves_the_rest() {
    let cts = Cts::new("update");
    cts.run("notification update logins --rename sign_ins --operation IAM/user/login")
        .assert()
        .success()
        .stdout_eq(str![[r#"
Updated sign_ins.

"#]])
        .stderr_eq(str![[r#"
~ update     sign_ins  00000001-cafe-4cf5-8000-000000000001
    notification_name  logins → sign_ins
    operations         - IAM/user logout

"#]]);
    let updated = cts
        .fake
        .notifications(FakeCts::PROJECT_ID)
        .into_iter()
        .find(|one| one.notification_name == "sign_ins");
    assert!(updated.unwrap().filter.is_some());
    cts.run("notification update sign_ins --operation IAM/user/login")
        .assert()
        .success()
        .stderr_eq(str![[r#"
Nothing to change.

"#]]);
}

#[test]
fn disable_and_enable_write_only_what_differs() {
    let cts = Cts::new("status");
    cts.run("notification disable logins 审计")
        .assert()
        .success()
        .stdout_eq(str![[r#"
Disabled logins.

"#]])
        .stderr_eq(str![[r#"
审计 is disabled already.

"#]]);
    assert!(!cts.fake.notifications(FakeCts::PROJECT_ID)[0].is_enabled());
    cts.run("notification enable logins").assert().success().stdout_eq(str![[r#"
Enabled logins.

"#]]);
}

#[test]
fn all_are_disabled_only_after_a_confirmation() {
    let cts = Cts::new("status-all");
    cts.run("notification disable --all").assert().code(3).stdout_eq(str![""]).stderr_eq(str![[
        r#"
error: not confirmed, because there is no terminal to ask at
hint: add --yes

"#
    ]]);
    cts.run("notification disable --all --yes -q")
        .assert()
        .success()
        .stdout_eq(str![[r#"
Disabled logins.

"#]])
        .stderr_eq("");
}

#[test]
fn some_that_could_not_be_enabled_are_a_success_in_part() {
    let cts = Cts::new("status-partial");
    cts.with_client(|client| async move {
        let topic = format!("urn:smn:cn-north-4:{}:audit", FakeCts::PROJECT_ID);
        let third = CreateNotification::complete("third").topic(topic);
        client.create_notification(&third).await.unwrap();
    });
    cts.run("notification disable logins third").assert().success();
    // Without a topic, the second can't be enabled.
    let run = cts.run("notification enable logins 审计").assert();
    run.code(6).stdout_eq("Enabled logins.\n");
}

#[test]
fn delete_asks_and_without_a_terminal_it_is_refused() {
    let cts = Cts::new("delete");
    cts.run("notification delete logins").assert().code(3).stdout_eq("").stderr_eq(str![[r#"
error: not confirmed, because there is no terminal to ask at
hint: add --yes

"#]]);
    assert_eq!(cts.names().len(), 2);
    cts.run("notification delete logins 审计 --yes")
        .assert()
        .success()
        .stdout_eq(str![[r#"
Deleted logins.
Deleted 审计.

"#]])
        .stderr_eq("");
    assert!(cts.names().is_empty());
}

#[test]
fn a_dry_run_prints_the_request_with_its_signature_masked_and_sends_nothing() {
    let cts = Cts::new("dry-run");
    let run = cts
        .run("notification create x --all-operations --dry-run")
        .assert()
        .success()
        .stderr_eq("");
    run.stdout_eq(str![[r#"
POST [ENDPOINT]/v3/24edf66e79d04187acb99a463e610764/notifications
host: 127.0.0.1:[..]
x-project-id: 24edf66e79d04187acb99a463e610764
content-type: application/json;charset=UTF-8
x-sdk-date: [..]
authorization: SDK-HMAC-SHA256 Access=****, SignedHeaders=content-type;host;x-project-id;x-sdk-date, Signature=****

{"notification_name":"x","operation_type":"complete"}

"#]]);
    cts.run("notification delete logins --dry-run").assert().success();
    assert_eq!(cts.names().len(), 2);
}

#[test]
fn a_service_that_fails_is_a_failure_and_wrong_credentials_end_with_5() {
    let cts = Cts::new("denied");
    cts.fake
        .inject([Fault::status(403, r#"{"error_code":"CTS.0013","error_msg":"no permission"}"#)]);
    cts.run("notification list").assert().code(5);
    cts.run("notification list").env("HUAWEICLOUD_SDK_SK", "wrong").assert().code(5);
    cts.run("notification list").env_remove("HUAWEICLOUD_SDK_SK").assert().code(5);
    cts.fake.inject([Fault::status(500, "{}")]);
    cts.run("notification list --attempts 1").assert().code(1);
}
