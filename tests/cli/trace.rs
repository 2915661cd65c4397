use huaweicloud_cts::notification::CreateNotification;
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::trace::Trace;
use snapbox::str;

use crate::support::Cts;
#[cfg(unix)]
use crate::support::Running;

#[test]
fn traces_are_listed_by_conditions_and_shown_by_their_id() {
    let cts = Cts::new("traces");
    cts.run("trace list --service CTS --name createNotification")
        .assert()
        .success()
        .stdout_eq(str![[r#"
TIME                  OPERATION                            RESULT      USER       RESOURCE  FROM
[..]  CTS/notification/createNotification  normal 201  fake-user  审计      127.0.0.1
[..]  CTS/notification/createNotification  normal 201  fake-user  logins    127.0.0.1

"#]])
        .stderr_eq("");
    cts.run("trace list --user nobody").assert().success().stdout_eq("").stderr_eq(str![[r#"
There are no traces.

"#]]);
    let lines = cts.stdout("trace list --all -o jsonl");
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert_eq!(cts.stdout("trace list --limit 1 -o jsonl").lines().count(), 1);
    let ids = cts.stdout("trace list -o name");
    let shown = cts.stdout(&format!("trace get {}", ids.lines().next().unwrap()));
    assert!(shown.contains("createNotification"), "{shown}");
    cts.run("trace get none").assert().code(4);
    cts.run("trace list --since yesterday").assert().code(64);
}

/// A trace that was recorded so many seconds before now.
fn ago(service: &str, seconds: u64) -> Trace {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let recorded = u64::try_from(since.as_millis()).unwrap() - seconds * 1_000;
    let user = serde_json::json!({ "name": "fake-user" });
    let fields = serde_json::json!({ "service_type": service, "record_time": recorded, "time": recorded, "user": user });
    serde_json::from_value(fields).unwrap()
}

#[cfg(unix)]
fn create(cts: &Cts, name: &'static str) {
    cts.with_client(|client| async move {
        client.create_notification(&CreateNotification::complete(name)).await.unwrap();
    });
}

#[cfg(unix)]
#[test]
fn traces_are_followed_on_a_line_each_until_ctrl_c() {
    let cts = Cts::new("follow");
    let mut running =
        Running::start(&cts, "trace follow --since 1h --interval 1 --service CTS --user fake-user");
    assert!(running.stdout_until("").starts_with("TIME "));
    for resource in ["logins", "审计"] {
        assert!(
            running.stdout_until("").contains(&format!("fake-user     {resource}")),
            "{resource}"
        );
    }
    cts.fake.add_traces(FakeCts::PROJECT_ID, [ago("ECS", 1)]);
    create(&cts, "third");
    assert!(running.stdout_until("").contains("third"));
    // It is listed again in each round, and printed once.
    cts.fake.add_traces(FakeCts::PROJECT_ID, [ago("CTS", 100)]);
    assert!(running.stdout_until("").ends_with("late\n"));
    assert_eq!(running.interrupt(), (Some(130), String::new(), String::new()));
}

#[cfg(unix)]
#[test]
fn followed_traces_are_a_json_object_a_line_and_begin_now() {
    let cts = Cts::new("follow-json");
    cts.fake.add_traces(FakeCts::PROJECT_ID, [ago("CTS", 600)]);
    let mut running = Running::start(&cts, "trace follow --interval 1 -o json -v");
    running.stderr_until("ListTraces");
    create(&cts, "later");
    let line = running.stdout_until("later");
    let trace: Trace = serde_json::from_str(&line).unwrap();
    assert_eq!(trace.resource_name.as_deref(), Some("later"));
    let (code, rest, _) = running.interrupt();
    assert_eq!((code, rest.as_str()), (Some(130), ""));
    cts.run("trace follow -o yaml").assert().code(64);
    cts.run("trace follow --interval 0").assert().code(64);
}

#[cfg(unix)]
#[test]
fn following_ends_when_its_reader_does_and_not_with_a_brief_failure() {
    let cts = Cts::new("follow-pipe");
    cts.fake.inject_on("ListTraces", [Fault::status(500, "{}")]);
    let mut running =
        Running::start(&cts, "trace follow --since 1h --interval 1 --attempts 1 -o name");
    assert!(running.stderr_until("").contains("asking again later"));
    running.stdout_until("-");
    // No trace comes any more that could not be written.
    assert_eq!(running.stop_reading(), (Some(0), String::new()));
    cts.run("trace follow").env("HUAWEICLOUD_SDK_SK", "wrong").assert().code(5);
}

#[cfg(unix)]
#[test]
fn what_can_not_be_followed_is_said_at_once() {
    let cts = Cts::new("follow-gap");
    let mut running = Running::start(&cts, "trace follow --since 10d --user none");
    assert!(running.stderr_until("").starts_with("warning: the traces from "));
    assert_eq!(running.interrupt(), (Some(130), String::new(), String::new()));
    cts.run("trace list --since 10d --user none").assert().success().stdout_eq("").stderr_eq(str![
        [r#"
warning: the traces from [..] to [..] are gone: the service keeps them for seven days
There are no traces.

"#]
    ]);
}
