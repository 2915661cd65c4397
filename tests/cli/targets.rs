use huaweicloud_cts::testing::FakeCts;
use snapbox::str;

use crate::support::Cts;

const RULES: &str = "[[notifications]]\nnotification_name = \"everything\"\noperation_type = \"complete\"\n\
                     topic_id = \"urn:smn:{region}:{project_id}:audit\"\n";
const TARGETS: &str = r#"
[[targets]]
name = "production"
project_id = "11111111111111111111111111111111"

[[targets]]
name = "staging"
project_id = "22222222222222222222222222222222"
region = "eu-de"
"#;

#[test]
fn plan_and_apply_work_in_many_projects_with_a_report_on_each() {
    let cts = Cts::new("targets");
    cts.file("rules.toml", RULES);
    cts.file("targets.toml", TARGETS);
    cts.run("plan rules.toml --targets targets.toml").assert().success().stdout_eq(str![[r#"
production
+ create     everything
    operation_type  complete
    topic_id        urn:smn:cn-north-4:11111111111111111111111111111111:audit
    status          enabled

1 to create, 0 to update, 0 to delete, 0 unchanged

staging
+ create     everything
    operation_type  complete
    topic_id        urn:smn:eu-de:22222222222222222222222222222222:audit
    status          enabled

1 to create, 0 to update, 0 to delete, 0 unchanged

"#]]);
    cts.run("drift rules.toml --targets targets.toml").assert().code(2);
    cts.run("apply rules.toml --targets targets.toml").assert().code(3);
    cts.run("apply rules.toml --targets targets.toml --yes -o json").assert().success();
    let created = &cts.fake.notifications("22222222222222222222222222222222")[0];
    assert_eq!(created.topic().unwrap().as_str(), "urn:smn:eu-de:22222222222222222222222222222222:audit");
    assert_eq!(cts.fake.notifications("11111111111111111111111111111111").len(), 1);
    assert_eq!(cts.fake.notifications(FakeCts::PROJECT_ID).len(), 2);
    let again = cts.run("apply rules.toml --targets targets.toml --yes").assert().success();
    again.stderr_eq(str![[r#"
2 of 2 projects are in the desired state.

"#]]);
}

#[test]
fn a_project_that_fails_does_not_stop_the_others() {
    let cts = Cts::new("targets-partial");
    cts.file("rules.toml", RULES);
    let unreachable =
        format!("{TARGETS}\n[[targets]]\nname = \"gone\"\nendpoint = \"http://127.0.0.1:1\"\nproject_id = \"p\"\n");
    cts.file("targets.toml", &unreachable);
    cts.run("apply rules.toml --targets targets.toml --yes --attempts 1").assert().code(6);
    assert_eq!(cts.fake.notifications("11111111111111111111111111111111").len(), 1);
}

#[test]
fn commands_of_one_project_refuse_several() {
    let cts = Cts::new("targets-one");
    cts.file("targets.toml", TARGETS);
    cts.run("quotas --targets targets.toml").assert().code(64).stderr_eq(str![[r#"
error: this command works in one project: give one --region, and no --targets

"#]]);
    cts.run("plan - --region eu-de,eu-nl").stdin(RULES).assert().code(64).stderr_eq(str![[r#"
error: a project id and an endpoint belong to one region
hint: unset HUAWEICLOUD_SDK_PROJECT_ID and CTS_ENDPOINT, or name the projects in a file (--targets)

"#]]);
}

#[test]
fn a_project_that_cannot_be_found_out_is_reported_and_nothing_is_pruned_there() {
    let cts = Cts::new("targets-unknown");
    cts.file("rules.toml", RULES);
    // Without a project id, IAM is asked, and it knows no project of this region.
    cts.file("targets.toml", &format!("{TARGETS}\n[[targets]]\nname = \"unknown\"\nregion = \"eu-nl\"\n"));
    let apply = || cts.run("apply rules.toml --targets targets.toml --prune l --yes");
    apply().assert().code(64).stdout_eq("").stderr_eq(str![[r#"
error: targets.toml: "unknown" has no project_id, and there is another one
hint: give project_id in the file, or unset HUAWEICLOUD_SDK_PROJECT_ID

"#]]);
    let run = apply().env_remove("HUAWEICLOUD_SDK_PROJECT_ID").assert().code(6);
    let printed = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert!(printed.lines().any(|line| line.starts_with("unknown: ")), "{printed}");
    assert_eq!(cts.names(), ["logins", "审计"]);
}
