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
    assert_eq!(
        created.topic().unwrap().as_str(),
        "urn:smn:eu-de:22222222222222222222222222222222:audit"
    );
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
    let unreachable = format!(
        "{TARGETS}\n[[targets]]\nname = \"gone\"\nendpoint = \"http://127.0.0.1:1\"\nproject_id = \"p\"\n"
    );
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
    cts.file(
        "targets.toml",
        &format!("{TARGETS}\n[[targets]]\nname = \"unknown\"\nregion = \"eu-nl\"\n"),
    );
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

#[test]
fn plans_of_many_projects_are_saved_and_applied_as_they_were_shown() {
    let cts = Cts::new("targets-saved");
    cts.file("rules.toml", RULES);
    cts.file("targets.toml", TARGETS);
    let shown = cts.stdout("plan rules.toml --targets targets.toml --out plan.json");
    let file = std::fs::read_to_string(cts.path("plan.json")).unwrap();
    assert_eq!(cts.stdout("plan rules.toml --targets targets.toml -o json"), file);

    // Meanwhile, another client has made something else of this name in one of the projects.
    let other = "notification create everything --operation IAM/user/login --project-id 22222222222222222222222222222222";
    cts.run(other).assert().success();
    let apply = || cts.run("apply plan.json --targets targets.toml --yes --concurrency 1");
    let run = apply().assert().code(6);
    let printed = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    let reports = printed.strip_prefix(&shown).expect("the plans are shown as they were");
    let reports: Vec<&str> = reports.trim_start().lines().collect();
    assert_eq!(reports[0], "production: 1 created, 0 updated, 0 deleted, 0 unchanged");
    assert!(
        reports[1].starts_with("staging: apply: \"everything\" changed since the plan was made: "),
        "{printed}"
    );
    let staging = cts.fake.notifications("22222222222222222222222222222222");
    assert_eq!((staging.len(), staging[0].operations.len(), staging[0].topic()), (1, 1, None));
    // In the end, only the one that has changed is not in the desired state.
    apply().assert().code(6);
    let reports: Vec<serde_json::Value> =
        serde_json::from_str(&cts.stdout("apply plan.json --targets targets.toml --yes -o json"))
            .unwrap();
    assert_eq!(reports[0]["report"]["entries"][0]["done"], "unchanged");
    assert_eq!(reports[1]["report"]["entries"][0]["outcome"], "changed");
}

#[test]
fn saved_plans_are_refused_for_other_projects_other_options_and_if_they_were_edited() {
    let cts = Cts::new("targets-saved-refused");
    cts.file("rules.toml", RULES);
    cts.file("targets.toml", TARGETS);
    cts.run("plan rules.toml --targets targets.toml --out plan.json -q").assert().success();
    cts.run("apply plan.json --yes").assert().code(64).stdout_eq("").stderr_eq(str![[r#"
error: the file has plans for the projects production, staging, but these are given: none
hint: give the same --targets or --region as for `cts plan`

"#]]);
    cts.file("one.toml", TARGETS.rsplit_once("[[targets]]").unwrap().0);
    cts.run("apply plan.json --targets one.toml --yes").assert().code(64).stdout_eq("").stderr_eq(
        str![[r#"
error: the file has plans for the projects production, staging, but these are given: production
hint: give the same --targets or --region as for `cts plan`

"#]],
    );
    cts.run("apply plan.json --targets targets.toml --prune a --yes").assert().code(64).stderr_eq(
        str![[r#"
error: a saved plan is applied as it is: leave out --prune, --expand and --check-topics

"#]],
    );
    let file = std::fs::read_to_string(cts.path("plan.json")).unwrap();
    cts.file("plan.json", &file.replacen("\"create\": 1", "\"create\": 0", 1));
    cts.run("apply plan.json --targets targets.toml --yes")
        .assert()
        .code(1)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: plan.json:6:15: the file shows 0 create, but the plan has 1; make the plan again
  |
6 |       "plan": {
  |               ^

"#]]);
    // A plan of one project is not for many.
    cts.run("plan rules.toml --out one.json -q").assert().success();
    cts.run("apply one.json --targets targets.toml --yes").assert().code(64);
    for project in [
        "11111111111111111111111111111111",
        "22222222222222222222222222222222",
        FakeCts::PROJECT_ID,
    ] {
        assert!(
            cts.fake.notifications(project).iter().all(|one| one.notification_name != "everything"),
            "{project}"
        );
    }
}

#[test]
fn plans_are_not_saved_without_those_of_projects_that_can_not_be_read() {
    let cts = Cts::new("targets-unsaved");
    cts.file("rules.toml", RULES);
    let gone =
        "\n[[targets]]\nname = \"gone\"\nendpoint = \"http://127.0.0.1:1\"\nproject_id = \"p\"\n";
    cts.file("targets.toml", &format!("{TARGETS}{gone}"));
    let run = cts
        .run("plan rules.toml --targets targets.toml --out plan.json --attempts 1 -q")
        .assert()
        .code(1);
    run.stderr_eq(str![[r#"
Not saved, because a project could not be read: what was not shown can't be approved.

"#]]);
    assert!(!cts.path("plan.json").exists());
    cts.file("targets.toml", &format!("{TARGETS}{}", TARGETS.replace("staging", "test")));
    cts.run("plan rules.toml --targets targets.toml").assert().code(64).stderr_eq(str![[r#"
error: two projects are named "production": give each of them a name of its own

"#]]);
}

#[test]
fn a_wrong_secret_is_not_tried_in_every_project() {
    let cts = Cts::new("targets-wrong-secret");
    cts.file("rules.toml", RULES);
    let targets: Vec<String> = (10..40)
        .map(|i| format!("[[targets]]\nproject_id = \"{i}{i}{i}{i}0000000000000000000000{i}\"\n"))
        .collect();
    cts.file("targets.toml", &targets.concat());
    let before = cts.fake.requests().len();
    cts.run("drift rules.toml --targets targets.toml")
        .env("HUAWEICLOUD_SDK_SK", "wrong")
        .assert()
        .code(5);
    assert_eq!(cts.fake.requests().len() - before, 2, "five lock the access key");
}
