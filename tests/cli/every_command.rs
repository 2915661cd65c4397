//! What holds for every command.

use std::collections::BTreeSet;

use huaweicloud_cts::credentials::Credentials;

use crate::support::{Cts, SECRET, bare};

/// A command line for each command, and whether it calls the service.
const COMMANDS: [(&str, bool); 41] = [
    ("notification list -o wide", true),
    ("notification get logins", true),
    ("notification create b --all-operations", true),
    ("notification update logins --operation IAM/user/login", true),
    ("notification disable logins", true),
    ("notification enable logins", true),
    ("notification delete logins --yes", true),
    ("export", true),
    ("validate rules.toml", false),
    ("plan rules.toml", true),
    ("apply rules.toml --yes", true),
    ("drift rules.toml", true),
    ("operations CTS", true),
    ("quotas", true),
    ("trace list", true),
    ("trace follow --since 1h --interval 1", true),
    ("trace get none", true),
    ("backtest", true),
    ("tracker list", true),
    ("tracker get system", true),
    ("tracker create reads --data-bucket invoices", true),
    ("tracker update system --lts", true),
    ("tracker disable system --yes", true),
    ("tracker enable system", true),
    ("tracker delete reads --yes", true),
    ("tracker check-bucket audit", true),
    ("tag set system team=audit", true),
    ("tag list system", true),
    ("tag unset system team", true),
    ("config show", true),
    ("config set --global-traces on", true),
    ("event decode event.json", false),
    ("event sample cts", false),
    ("function invoke /nonexistent --event event.json", false),
    ("api -i GET /v3/{project_id}/quotas", true),
    ("sign --explain GET http://cts.example.com/v3/p/quotas", false),
    ("whoami", true),
    ("doctor", true),
    ("fake -- true", false),
    ("completion bash", false),
    ("version", false),
];

fn prepared(name: &str) -> Cts {
    let cts = Cts::new(name);
    cts.file(
        "rules.toml",
        "[[notifications]]\nnotification_name = \"a\"\noperation_type = \"complete\"\n",
    );
    let event = bare("event sample cts").output().unwrap().stdout;
    cts.file("event.json", std::str::from_utf8(&event).unwrap());
    cts
}

/// The words that choose the command.
fn path(line: &str) -> Vec<&str> {
    const GROUPS: [&str; 7] =
        ["notification", "trace", "tracker", "tag", "config", "event", "function"];
    let length =
        if GROUPS.iter().any(|group| line.starts_with(&format!("{group} "))) { 2 } else { 1 };
    line.split(' ').take(length).collect()
}

#[test]
fn the_tests_of_every_command_know_every_command() {
    let cts = Cts::new("every-command");
    std::fs::create_dir(cts.path("man")).unwrap();
    cts.run("man --dir man").assert().success();
    let pages: BTreeSet<String> = std::fs::read_dir(cts.path("man"))
        .unwrap()
        .filter_map(|entry| {
            Some(
                entry
                    .unwrap()
                    .file_name()
                    .to_str()?
                    .strip_prefix("cts-")?
                    .strip_suffix(".1")?
                    .to_owned(),
            )
        })
        .filter(|page| !page.split('-').any(|word| word == "help"))
        .collect();
    // A page that others begin with is that of a group.
    let is_group = |page: &String| pages.iter().any(|other| other.starts_with(&format!("{page}-")));
    let commands: BTreeSet<String> = pages.iter().filter(|page| !is_group(page)).cloned().collect();
    let known = COMMANDS.iter().map(|(line, _)| path(line).join("-")).chain(["man".to_owned()]);
    assert_eq!(commands, known.collect());
}

#[test]
fn wrong_usage_of_every_command_ends_with_64_and_its_help_has_an_example() {
    for (line, _) in COMMANDS {
        let path = path(line).join(" ");
        // Whatever follows `function invoke` may be a program and its arguments.
        if !path.starts_with("function") {
            bare(&format!("{path} --no-such-flag")).assert().code(64).stdout_eq("");
        }
        let help = bare(&format!("{path} --help")).assert().success().stderr_eq("");
        let help = String::from_utf8(help.get_output().stdout.clone()).unwrap();
        let (_, examples) = help.split_once("Example").expect(&path);
        assert!(examples.contains("  cts "), "{path}: {help}");
    }
}

#[test]
fn a_wrong_secret_ends_every_command_that_calls_the_service_with_5() {
    let cts = prepared("every-command-denied");
    for (line, _) in COMMANDS.iter().filter(|(_, calls)| *calls) {
        // doctor has a line for it instead.
        let code = if *line == "doctor" { 1 } else { 5 };
        let run = cts.run(line).env("HUAWEICLOUD_SDK_SK", "wrong").output().unwrap();
        assert_eq!(
            run.status.code(),
            Some(code),
            "{line}: {}",
            String::from_utf8_lossy(&run.stderr)
        );
    }
    assert_eq!(cts.names().len(), 2);
}

#[test]
fn no_secret_is_in_the_output_of_any_command() {
    let token = "the-security-token-of-a-test";
    let secrets = [
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", token),
        ("HW_SECRET_KEY", "sentinel-of-terraform"),
        ("OS_SECRET_KEY", "sentinel-of-openstack"),
        ("OS_PASSWORD", "sentinel-password"),
        ("HTTPS_PROXY", "http://user:sentinel-of-a-proxy@proxy.example:3128"),
    ];
    for mode in ["", "--dry-run", "-o json", "with another token"] {
        let cts = prepared("every-command-secrets");
        cts.fake.accept(&Credentials::new("FAKEACCESSKEY0000001", SECRET).security_token(token));
        // Following has no end, and its errors are those of a list.
        for (line, _) in COMMANDS.iter().filter(|(line, _)| !line.starts_with("trace follow")) {
            let flags = if mode.starts_with('-') { mode } else { "" };
            let mut command = cts.run(&format!("-vv {flags} {line}"));
            for (name, value) in secrets {
                command = command.env(name, value);
            }
            if mode == "with another token" {
                command = command.env("HUAWEICLOUD_SDK_SECURITY_TOKEN", "another-sentinel-token");
            }
            let output = command.output().unwrap();
            let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            for secret in [SECRET, token, "sentinel"] {
                assert!(!printed.contains(secret), "{mode} {line} shows {secret}: {printed}");
            }
            assert_ne!(output.status.code(), Some(64), "{mode} {line}: {printed}");
        }
        for line in [
            "sign GET http://cts.example.com/v3/p/quotas",
            "sign --curl GET http://cts.example.com/v3/p/quotas",
        ] {
            let output =
                cts.run(line).env("HUAWEICLOUD_SDK_SECURITY_TOKEN", token).output().unwrap();
            let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(
                printed.contains("Signature=")
                    && !printed.contains(SECRET)
                    && !printed.contains(token),
                "{printed}"
            );
        }
    }
}
