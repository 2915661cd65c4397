use std::io::Read as _;
use std::process::{Command, Stdio};

use huaweicloud_cts::notification::CreateNotification;
use huaweicloud_cts::testing::FakeCts;
use snapbox::str;

use crate::support::Cts;
#[cfg(unix)]
use crate::support::Running;

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let cts = Cts::new("closed-pipe");
    for arguments in [
        &["operations"][..],
        &["operations", "-o", "json"],
        &["export"],
        &["--help"],
        &["completion", "bash"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cts"))
            .args(arguments)
            .envs(cts.variables())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The pipe is closed before anything is read.
        drop(child.stdout.take());
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{arguments:?}: {errors}");
        assert!(
            !errors.contains("panicked") && !errors.contains("error"),
            "{arguments:?}: {errors}"
        );
    }
}

#[test]
fn colours_are_for_terminals_unless_forced() {
    let cts = Cts::new("colours");
    let plain = cts.stdout("notification list");
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    assert!(cts.stdout("notification list --color always").contains("\u{1b}["));
    let forced = cts.run("notification list").env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(String::from_utf8_lossy(&forced.stdout).contains("\u{1b}["));
    let never =
        cts.run("notification list --color never").env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(!String::from_utf8_lossy(&never.stdout).contains('\u{1b}'));
    // JSON is for programs, whatever they are told.
    assert!(!cts.stdout("notification list -o json --color always").contains('\u{1b}'));
}

#[test]
fn names_that_would_command_a_terminal_are_escaped() {
    let cts = Cts::new("hostile");
    cts.with_client(|client| async move {
        let hostile =
            CreateNotification::complete("\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}txt\r\nfake line");
        client.create_notification(&hostile).await.unwrap();
    });
    cts.run("notification list -o name").assert().success().stdout_eq(str![[r#"
logins
审计
\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}txt\r\nfake line

"#]]);
    let id = cts.fake.notifications(huaweicloud_cts::testing::FakeCts::PROJECT_ID)[2]
        .notification_id
        .clone();
    let exported = cts.stdout("export");
    for (arguments, input) in [
        ("notification list".to_owned(), ""),
        ("notification list -o wide".to_owned(), ""),
        (format!("notification get {id}"), ""),
        ("plan -".to_owned(), exported.as_str()),
        ("validate -".to_owned(), &exported),
        (format!("notification update {id} --rename b --dry-run"), ""),
        (format!("notification delete {id}"), ""),
        ("notification get \u{1b}[31mnone".to_owned(), ""),
    ] {
        let output = cts.run(&arguments).stdin(input.to_owned()).output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed);
        assert!(
            !printed.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r']),
            "{arguments}: {printed:?}"
        );
    }
}

#[test]
fn traces_and_events_that_would_command_a_terminal_are_escaped() {
    const HOSTILE: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}txt\r\nfake line";
    let cts = Cts::new("hostile-traces");
    let trace = serde_json::json!({
        "trace_id": "t1", "service_type": HOSTILE, "resource_type": HOSTILE, "trace_name": HOSTILE,
        "resource_name": HOSTILE, "resource_id": HOSTILE, "source_ip": HOSTILE, "trace_rating": HOSTILE,
        "user": { "name": HOSTILE, "id": HOSTILE }, "request": HOSTILE, "response": { HOSTILE: HOSTILE },
        "message": HOSTILE, "domain_id": HOSTILE, "project_id": HOSTILE,
    });
    cts.fake.add_traces(FakeCts::PROJECT_ID, [serde_json::from_value(trace.clone()).unwrap()]);
    cts.with_client(|client| async move {
        client.create_notification(&CreateNotification::complete(HOSTILE)).await.unwrap();
    });
    let smn = serde_json::json!({ "smn": { "topic_urn": HOSTILE, "message": HOSTILE, "subject": HOSTILE } });
    cts.file("cts.json", &serde_json::json!({ "cts": trace }).to_string());
    cts.file("smn.json", &serde_json::json!({ "record": [smn] }).to_string());
    cts.file("other.json", &serde_json::json!({ HOSTILE: HOSTILE }).to_string());
    cts.file("broken.json", &format!("{{\"{HOSTILE}\": "));
    cts.file("none.toml", "notifications = []\n");
    cts.file("broken.toml", &format!("[[notifications]]\n# \u{202e}\n{HOSTILE} = 1\n"));
    let rules = cts.stdout("export");
    for arguments in [
        "trace list",
        "trace list -o wide",
        "trace list -o name",
        "trace get t1",
        "backtest",
        "backtest -",
        "drift -",
        "drift none.toml --prune \u{1b}",
        "apply -",
        "validate broken.toml",
        "event decode cts.json",
        "event decode smn.json",
        "event decode other.json",
        "event decode broken.json",
        "doctor",
    ] {
        let output = cts.run(arguments).stdin(rules.clone()).output().unwrap();
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!printed.is_empty(), "{arguments}");
        assert!(
            !printed.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r']),
            "{arguments}: {printed:?}"
        );
        assert!(
            !printed.lines().any(|line| line.starts_with("fake line")),
            "{arguments}: {printed:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_with_130_and_says_what_has_been_done() {
    use huaweicloud_cts::testing::Fault;
    use std::time::Duration;

    let cts = Cts::new("interrupted");
    cts.file(
        "rules.toml",
        "[[notifications]]\nnotification_name = \"a\"\noperation_type = \"complete\"\n\n\
                            [[notifications]]\nnotification_name = \"b\"\noperation_type = \"complete\"\n",
    );
    cts.fake.inject_on(
        "CreateNotification",
        [Fault::Delay(Duration::ZERO), Fault::Delay(Duration::from_secs(3600))],
    );
    let mut running = Running::start(&cts, "-vv --yes apply rules.toml");
    running.stderr_until("\"notification_name\":\"b\"");
    let (code, _, rest) = running.interrupt();
    assert_eq!(code, Some(130), "{rest}");
    assert!(
        rest.contains("CreateNotification") && rest.contains("may have been applied"),
        "{rest}"
    );
}

#[cfg(unix)]
#[test]
fn the_fake_serves_until_ctrl_c() {
    let cts = Cts::new("fake-serving");
    let mut running = Running::start(&cts, "fake");
    running.stdout_until("Requests, until Ctrl-C:");
    let (code, _, rest) = running.interrupt();
    assert_eq!((code, rest.as_str()), (Some(0), ""));
}
