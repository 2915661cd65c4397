use snapbox::str;

use crate::support::Cts;

#[test]
fn operations_are_listed_and_searched_with_suggestions() {
    let cts = Cts::new("operations");
    cts.run("operations CTS tracker")
        .assert()
        .success()
        .stdout_eq(str![[r#"
SERVICE  RESOURCE  OPERATIONS
CTS      tracker   createTracker updateTracker deleteTracker

"#]])
        .stderr_eq("");
    cts.run("operations --grep DELETEtracker -o name").assert().success().stdout_eq(str![[r#"
CTS/tracker/deleteTracker

"#]]);
    cts.run("operations CTX").assert().code(4).stdout_eq("").stderr_eq(str![[r#"
error: the catalogue has no service "CTX"
hint: did you mean "CTS"?

"#]]);
    cts.run("operations CTS trackers").assert().code(4).stdout_eq("").stderr_eq(str![[r#"
error: the catalogue has no resource "trackers"
hint: did you mean "tracker"?

"#]]);
}

#[test]
fn quotas_end_with_2_from_a_threshold_on() {
    let cts = Cts::new("quotas");
    cts.run("quotas")
        .assert()
        .success()
        .stdout_eq(str![[r#"
QUOTA             USED  LIMIT  PERCENT
data_tracker         0    100       0%
system_tracker       1      1     100%
smn_notification     2    100       2%

"#]])
        .stderr_eq("");
    cts.run("quotas --warn 2").assert().code(2);
    // There can be no second system tracker, so that its quota is always used up.
    cts.run("quotas --warn 3").assert().success();
}

#[test]
fn whoami_shows_credentials_project_and_account() {
    let cts = Cts::new("whoami");
    cts.run("whoami")
        .assert()
        .success()
        .stdout_eq(str![[r#"
access key  FAKE**** (permanent)
from        environment
region      cn-north-4
endpoint    [ENDPOINT]/
project     24edf66e79d04187acb99a463e610764
account     2b2b3853af40448fcb9e40d9f89505ba

"#]])
        .stderr_eq("");
}

#[test]
fn doctor_has_a_line_for_each_check_and_a_remedy_for_each_problem() {
    let cts = Cts::new("doctor");
    cts.run("doctor").assert().success().stdout_eq(str![[r#"
ok       credentials   environment: access key FAKE****, permanent
ok       region        cn-north-4, [ENDPOINT]/
ok       proxy         none in the environment
ok       dns           127.0.0.1 is known; addresses: 1
ok       service       reached, and it accepts the signature
ok       project       24edf66e79d04187acb99a463e610764
ok       clock         within 1 s of the service's
ok       notifications can be read: 2
ok       operations    can be read: 37
ok       trackers      can be read: 1
ok       tracker       the system tracker is enabled
warning  topic         The topic urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:audit does not exist. A notification with it stays enabled, but reaches no one: create the topic again, or give the notification another one.

"#]]).stderr_eq(str![[r#"

Failures: 0, warnings: 1. Permissions to write can't be tested without writing.

"#]]);
    cts.run("doctor --strict").assert().code(1);
    cts.fake.remove_trackers(huaweicloud_cts::testing::FakeCts::PROJECT_ID);
    let checks: Vec<serde_json::Value> =
        serde_json::from_str(&cts.stdout("doctor -o json")).unwrap();
    let tracker = checks.iter().find(|check| check["check"] == "tracker").unwrap();
    assert_eq!(
        (&tracker["health"], &tracker["remedy"]),
        (&"failure".into(), &"cts tracker create system".into())
    );
}

#[test]
fn doctor_stops_before_it_locks_an_access_key() {
    let cts = Cts::new("doctor-denied");
    let before = cts.fake.requests().len();
    cts.run("doctor").env("HUAWEICLOUD_SDK_SK", "wrong").assert().code(1);
    assert!(cts.fake.requests().len() - before <= 2, "{:?}", cts.fake.requests());
}

#[test]
fn trackers_are_created_changed_and_deleted() {
    let cts = Cts::new("trackers");
    cts.run("tracker list")
        .assert()
        .success()
        .stdout_eq(str![[r#"
NAME    TYPE    STATUS   BUCKET  LTS  ID
system  system  enabled               00000001-cafe-4cf5-9000-000000000001

"#]])
        .stderr_eq("");
    cts.run("tracker create reads --data-bucket invoices --events read -o name")
        .assert()
        .success()
        .stdout_eq(str![[r#"
reads

"#]]);
    cts.run("tracker create reads").assert().code(64);
    cts.run("tracker disable system").assert().code(3).stderr_eq(str![[r#"
error: not confirmed, because there is no terminal to ask at
hint: add --yes

"#]]);
    cts.run("tracker disable system --yes").assert().success().stdout_eq(str![[r#"
system is disabled now.

"#]]);
    cts.run("tracker enable system").assert().success().stdout_eq(str![[r#"
system is enabled now.

"#]]);
    cts.run("tracker get none").assert().code(4);
    cts.run("tracker delete reads --yes").assert().success().stdout_eq(str![[r#"
Deleted reads.

"#]]);
    assert_eq!(cts.stdout("tracker list -o name"), "system\n");
}

#[test]
fn tags_are_set_and_unset() {
    let cts = Cts::new("tags");
    cts.run("tag set system team=audit stage=production").assert().success();
    cts.run("tag unset system stage").assert().success();
    cts.run("tag list system")
        .assert()
        .success()
        .stdout_eq(str![[r#"
KEY   VALUE
team  audit

"#]])
        .stderr_eq("");
    cts.run("tag set system team").assert().code(64);
}

#[test]
fn the_configuration_is_shown_and_changed() {
    let cts = Cts::new("config");
    cts.run("config show")
        .assert()
        .success()
        .stdout_eq(str![[r#"
global traces         off
read-only operations  off

"#]])
        .stderr_eq("");
    cts.run("config set --read-only on --services OBS").assert().success().stdout_eq(str![[r#"
global traces         off
read-only operations  on
of the services       OBS

"#]]);
    cts.run("config set --read-only on").assert().success().stderr_eq(str![[r#"
Nothing to change.

"#]]);
}

#[test]
fn api_sends_any_request() {
    let cts = Cts::new("api");
    let quotas: serde_json::Value =
        serde_json::from_str(&cts.stdout("api GET /v3/{project_id}/quotas")).unwrap();
    assert!(quotas["resources"].is_array());
    cts.run("api GET quotas").assert().code(1).stdout_eq("").stderr_eq(str![[r#"
error: GET quotas: not sent: the path is not one: start it with a slash, as in /v3/{project_id}/trackers

"#]]);
    cts.run("api GET /v3/{project_id}/nothing").assert().code(1);
    let body = r#"{"notification_name":"x","operation_type":"complete"}"#;
    cts.run("api POST /v3/{project_id}/notifications -d @-").stdin(body).assert().success();
    assert!(cts.names().contains(&"x".to_owned()));
}

#[test]
fn backtest_says_what_notifications_would_have_told() {
    let cts = Cts::new("backtest");
    cts.file(
        "rules.toml",
        "[[notifications]]\nnotification_name = \"logins\"\noperations = [{ service_type = \"IAM\", \
                            resource_type = \"user\", trace_names = [\"login\"] }]\n",
    );
    let trace = r#"{"service_type":"IAM","resource_type":"user","trace_name":"login","time":1765788795000,"trace_id":"t1"}"#;
    cts.file("traces.json", &format!("[{trace}]"));
    cts.run("backtest rules.toml --traces traces.json")
        .assert()
        .success()
        .stdout_eq(str![[r#"
logins  1 yes, 0 no, 0 unknown (disabled)
    1  2025-12-15
    1  login of IAM/user
       first 2025-12-15T08:53:15.000Z login of IAM/user, trace t1
       last  2025-12-15T08:53:15.000Z login of IAM/user, trace t1

1 trace, 2025-12-15T08:53:15.000Z to 2025-12-15T08:53:15.000Z

"#]])
        .stderr_eq("");
    let report: serde_json::Value = serde_json::from_str(&cts.stdout("backtest -o json")).unwrap();
    assert_eq!(report["traces"], 2, "{report}");
    let report = cts.stdout("backtest --notification 审计 --since 1h");
    assert!(report.contains("审计  2 yes"), "{report}");
    cts.run("backtest --notification none").assert().code(4);
}
