use snapbox::str;

use crate::support::{Cts, SECRET, bare};

#[test]
fn wrong_usage_ends_with_64_and_help_with_0() {
    bare("").assert().code(64).stdout_eq("");
    bare("--no-such-flag").assert().code(64).stdout_eq("");
    bare("plan").assert().code(64).stdout_eq("");
    bare("quotas --warn 101").assert().code(64);
    bare("--help").assert().success().stderr_eq("");
    bare("--version").assert().success().stderr_eq("");
}

#[test]
fn the_help_lists_commands_exit_codes_and_examples() {
    bare("-h").assert().success().stdout_eq(str![[r#"
Key event notifications of the Cloud Trace Service (CTS) of Huawei Cloud and Open Telekom Cloud

Usage: cts [OPTIONS] <COMMAND>

Commands:
  notification  List, create, change and delete notifications [aliases: notifications, notif]
  export        Write the notifications of a project as a rules file
  validate      Validate rules files, offline
  plan          Show what apply would do
  apply         Bring notifications into the state that a file declares
  drift         Compare notifications with a file: exits with 2 if they differ
  operations    List the operations that CTS records
  quotas        Show how many notifications and trackers there may be [alias: quota]
  trace         List what was done in the project, and by whom [alias: traces]
  backtest      Show what notifications would have sent for recorded operations
  tracker       List and change trackers [alias: trackers]
  tag           List and change the tags of a tracker [alias: tags]
  config        Show and change what CTS records beyond writes
  event         Read and make the events that functions and webhooks get
  function      Run functions on this machine
  api           Send a signed request to any path of the service
  sign          Sign a request, and print its headers
  whoami        Show whose credentials are used, where they are from, project and account
  doctor        Check credentials, network, clock, project and permissions
  fake          Serve a fake CTS on this machine, or run a command with one
  completion    Print the completion script of a shell
  version       Print the version, the platform and the features that this program was built with
  man           Print the manual page, or write those of all commands
  help          Print this message or the help of the given subcommand(s)

Options:
  -h, --help     Print help (see more with '--help')
  -V, --version  Print version

Global options:
      --region <REGION>       The region, such as eu-de; several for the commands that work in many
                              projects [env: CTS_REGION]
      --project-id <ID>       The project; looked up by its region unless given [env:
                              HUAWEICLOUD_SDK_PROJECT_ID]
      --credentials <SOURCE>  Where the credentials are from [env: CTS_CREDENTIALS] [possible
                              values: default, env, file, koocli, terraform, openstack, metadata,
                              oidc, pod]
  -o, --output <OUTPUT>       The format of results [env: CTS_OUTPUT] [default: table] [possible
                              values: table, wide, json, jsonl, yaml, toml, name]
      --dry-run               Print the first request that would change something, and send no such
                              request
  -y, --yes                   Confirm everything
  -q, --quiet                 Print results and errors only
  -v, --verbose...            Print where values come from, and a line for each call; twice:
                              requests, with secrets masked

Exit codes:
    0  done, or nothing to change
    1  failure
    2  changes, drift, or a threshold, of the commands that say so
    3  not confirmed
    4  not found
    5  not authenticated, or not allowed
    6  done in part
   64  wrong usage
  130  interrupted

Examples:
  cts fake -- cts notification list      try it, without an account
  cts --region eu-de doctor              see whether everything is set up
  cts --region eu-de export > rules.toml
  cts --region eu-de plan rules.toml

"#]]);
}

#[test]
fn without_a_region_or_credentials_the_error_says_what_to_do() {
    bare("notification list")
        .env("HOME", "/nonexistent")
        .assert()
        .code(64)
        .stdout_eq("")
        .stderr_eq(str![[r#"
error: the region is not known
hint: give --region or --endpoint, or set CTS_REGION; without an account, start with `cts fake`

"#]]);
    bare("quotas --endpoint http://127.0.0.1:1").assert().code(64).stdout_eq("").stderr_eq(str![[r#"
error: the project is not known
hint: give --project-id, set HUAWEICLOUD_SDK_PROJECT_ID, or give --region, so that IAM can be asked for it

"#]]);
}

#[test]
fn a_service_that_is_not_there_is_a_failure() {
    let cts = Cts::new("unreachable");
    cts.run("quotas --endpoint http://127.0.0.1:1 --attempts 1").assert().code(1).stdout_eq("");
}

#[test]
fn errors_for_programs_are_json_on_stderr() {
    let cts = Cts::new("json-errors");
    let run = cts.run("notification get none -o json").assert().code(4).stdout_eq("");
    let error: serde_json::Value = serde_json::from_slice(&run.get_output().stderr).unwrap();
    assert_eq!(error["error"]["exit"], 4);
    let run = cts.run("api PUT /v3/{project_id}/notifications -d {} -o json").assert().code(1);
    let error: serde_json::Value = serde_json::from_slice(&run.get_output().stderr).unwrap();
    assert_eq!(error["error"]["status"], 400);
    assert!(
        error["error"]["code"].is_string() && error["error"]["request_id"].is_string(),
        "{error}"
    );
}

#[test]
fn a_flag_goes_before_a_variable_and_an_empty_variable_is_none() {
    let cts = Cts::new("precedence");
    cts.run("quotas")
        .env("CTS_ENDPOINT", "http://127.0.0.1:1")
        .arg("--endpoint")
        .arg(cts.endpoint())
        .assert()
        .success();
    cts.run("quotas").env("CTS_OUTPUT", "json").assert().success();
    cts.run("whoami --region eu-de").assert().success();
    cts.run("quotas").env("CTS_ENDPOINT", "").env("CTS_REGION", "").assert().code(64);
}

#[test]
fn credentials_of_other_tools_are_used_only_if_they_are_named() {
    let cts = Cts::new("sources");
    let run = |arguments: &str| {
        let command =
            cts.run(arguments).env_remove("HUAWEICLOUD_SDK_AK").env_remove("HUAWEICLOUD_SDK_SK");
        command.env("HW_ACCESS_KEY", "FAKEACCESSKEY0000001").env("HW_SECRET_KEY", SECRET)
    };
    run("quotas --credentials env").assert().code(5);
    run("quotas --credentials terraform").assert().success();
    run("quotas --credentials terraform --profile a").assert().code(64);
}
