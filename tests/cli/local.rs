use snapbox::str;

use crate::support::{Cts, bare};

#[test]
fn sign_prints_headers_a_command_or_what_is_signed() {
    let cts = Cts::new("sign");
    let headers = cts.stdout("sign GET http://cts.example.com/v3/p/quotas");
    assert!(
        headers
            .contains("authorization: SDK-HMAC-SHA256 Access=FAKEACCESSKEY0000001, SignedHeaders="),
        "{headers}"
    );
    let command = cts
        .run("sign --curl POST http://cts.example.com/x?a=b -d it's")
        .env("HUAWEICLOUD_SDK_SECURITY_TOKEN", "t0ken");
    let command = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(
        command.contains(r#"-H "x-security-token: $HUAWEICLOUD_SDK_SECURITY_TOKEN""#),
        "{command}"
    );
    assert!(
        command.contains(r"--data-raw 'it'\''s'")
            && command.ends_with("'http://cts.example.com/x?a=b'\n"),
        "{command}"
    );
    let explained = cts.stdout("sign --explain GET http://cts.example.com/v3/p/quotas");
    assert!(explained.starts_with("Canonical request\nGET\n/v3/p/quotas/\n"), "{explained}");
}

#[test]
fn events_are_made_and_decoded() {
    for kind in ["cts", "smn", "timer"] {
        let sample = bare(&format!("event sample {kind}")).output().unwrap().stdout;
        bare("event decode -o json").stdin(sample).assert().success();
    }
    let sample = bare("event sample cts").output().unwrap().stdout;
    bare("event decode")
        .stdin(sample)
        .assert()
        .success()
        .stdout_eq(str![[r#"
This is a trace of CTS.
  operation  ECS/ecs/deleteServer
  time       2026-01-02T03:04:05Z
  by         alice
  from       192.0.2.7
  resource   web-1 (5a7ab67b-9c46-4a2c-b7c9-6b7f0e2f3d11)
  result     normal 204
  trace      f828ab77-d993-11f0-b09f-35adcfa25f3b

"#]])
        .stderr_eq("");
    let sample = bare("event sample smn").output().unwrap().stdout;
    bare("event decode").stdin(sample).assert().success().stdout_eq(str![[r#"
This is a message of SMN with a trace.
  operation  IAM/user/login
  time       2026-01-02T03:04:05Z
  by         alice
  from       192.0.2.7
  result     normal 302
  trace      f828ab77-d993-11f0-b09f-35adcfa25f3b

"#]]);
    bare("event decode").stdin("{").assert().code(1).stdout_eq("").stderr_eq(str![[r#"
error: standard input: trigger event: it is not JSON: EOF while parsing an object, found '{' (line 1 column 1)

"#]]);
    bare("event decode --verify").stdin("{}").assert().code(64);
}

#[test]
fn completion_scripts_and_manual_pages_are_generated() {
    let cts = Cts::new("man");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(cts.stdout(&format!("completion {shell}")).contains("notification"), "{shell}");
    }
    assert!(cts.stdout("man").contains(".TH cts 1"));
    std::fs::create_dir_all(cts.path("man1")).unwrap();
    cts.run("man --dir man1").assert().success();
    assert!(cts.path("man1/cts-notification-list.1").is_file());
}

#[test]
fn the_fake_runs_a_command_and_ends_with_its_exit_code() {
    let cts = Cts::new("fake");
    cts.file(
        "seed.toml",
        "[[notifications]]\nnotification_name = \"everything\"\noperation_type = \"complete\"\n",
    );
    let tool = env!("CARGO_BIN_EXE_cts");
    bare(&format!(
        "fake --seed {} -- {tool} notification list -o name",
        cts.path("seed.toml").display()
    ))
    .assert()
    .success()
    .stdout_eq("everything\n")
    .stderr_eq("");
    bare(&format!("fake --cloud otc -- {tool} notification get none")).assert().code(4);
    if cfg!(unix) {
        // Without its id, the project is looked up by the region.
        bare(&format!("fake -- env -u HUAWEICLOUD_SDK_PROJECT_ID {tool} notification list"))
            .assert()
            .success();
    }
    bare("fake -- /nonexistent").assert().code(1);
    bare("fake --listen nowhere").assert().code(64);
}

#[test]
fn a_function_is_run_with_events_and_its_responses_are_printed() {
    let cts = Cts::new("function");
    let bootstrap = std::env::current_exe().unwrap();
    let invoke = format!(
        "function invoke --repeat 2 -- {} --exact local::bootstrap --ignored",
        bootstrap.display()
    );
    let run = cts.run(&invoke).stdin("hello").assert().success();
    let printed = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert_eq!(printed.matches("got hello").count(), 2, "{printed}");
    let run = cts.run(&invoke).stdin("bad").assert().code(1);
    let printed = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert_eq!(printed.matches("HandlerError: no").count(), 2, "{printed}");
    cts.run(&format!("function invoke {} --list", bootstrap.display()))
        .stdin("hello")
        .assert()
        .code(1);
    cts.run("function invoke /nonexistent").stdin("hello").assert().code(1);
}

/// The function of the test above, which runs in a process of its own.
#[test]
#[ignore = "it runs until it is killed"]
fn bootstrap() {
    use bytes::Bytes;
    use huaweicloud_cts::function::{self, Event};

    async fn handler(event: Event<Bytes>) -> Result<Bytes, String> {
        match &*event.payload {
            b"bad" => Err("no".to_owned()),
            payload => Ok([b"got ", payload].concat().into()),
        }
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(function::run(handler))
        .unwrap();
}

#[test]
fn the_version_says_what_the_program_was_built_with() {
    bare("version").assert().success().stderr_eq("").stdout_eq(str![[r#"
cts [..] ([..]-[..])
features: cli, function, [..]

"#]]);
    let version: serde_json::Value =
        serde_json::from_slice(&bare("version -o json").output().unwrap().stdout).unwrap();
    let features: Vec<&str> =
        version["features"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert_eq!(
        (&version["name"], &version["version"]),
        (&"cts".into(), &env!("CARGO_PKG_VERSION").into())
    );
    assert!(version["target"].as_str().unwrap().starts_with(std::env::consts::ARCH), "{version}");
    assert_eq!(features.contains(&"tracing"), cfg!(feature = "tracing"), "{features:?}");
}

/// The list of `cts version` is that of Cargo.
#[test]
fn the_version_knows_every_feature() {
    let manifest: toml::Table = toml::from_str(include_str!("../../Cargo.toml")).unwrap();
    let features =
        manifest["features"].as_table().unwrap().keys().filter(|name| *name != "default");
    let source = include_str!("../../src/bin/cts/version.rs");
    for name in features {
        assert!(source.contains(&format!("\"{name}\"")), "{name}");
    }
}
