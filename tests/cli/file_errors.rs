//! What is wrong with a rules file, and where.

use snapbox::str;

use crate::support::Cts;

/// The same mistakes in each format, each with what the error says unless that is up to a parser,
/// and the line and the column in TOML, YAML and JSON.
#[test]
fn an_error_has_its_line_and_column_in_every_format() {
    type Row =
        (&'static str, &'static [(&'static str, &'static str)], &'static str, [&'static str; 3]);
    let cts = Cts::new("file-errors");
    let rows: [Row; 6] = [
        ("an unknown field", &[("topic", "\"x\"")], "unknown field `topic`", ["4:1", "4:5", "4:4"]),
        ("a wrong type", &[("operations", "\"all\"")], "", ["4:14", "4:17", "4:18"]),
        (
            "a bad value",
            &[("status", "\"disabled\""), ("operation_type", "\"complet\"")],
            "\"a\": operation_type is \"complet\"",
            ["5:18", "5:21", "5:22"],
        ),
        (
            "no operations",
            &[("operation_type", "\"customized\"")],
            "\"a\": give operations",
            ["4:18", "4:21", "4:22"],
        ),
        (
            "two of a kind",
            &[("operation_type", "\"complete\"")],
            "two notifications of the set are named \"a\"",
            ["7:21", "5:24", "5:25"],
        ),
        (
            "a rename",
            &[("operation_type", "\"complete\""), ("renamed_from", "\"\"")],
            "the notification \"a\" of the set is renamed from \"\"",
            ["5:16", "5:19", "5:20"],
        ),
    ];
    for (what, fields, message, places) in rows {
        let name = [("notification_name", "\"a\"")];
        let all: Vec<_> = name.iter().chain(fields).collect();
        let join = |between: &str, line: &dyn Fn(&str, &str) -> String| {
            all.iter().map(|(name, value)| line(name, value)).collect::<Vec<_>>().join(between)
        };
        let toml = join("\n", &|name, value| format!("{name} = {value}"));
        let yaml = join("\n    ", &|name, value| format!("{name}: {value}"));
        let json = join(",\n   ", &|name, value| format!("\"{name}\": {value}"));
        let times = if what == "two of a kind" { 2 } else { 1 };
        let files = [
            ("rules.toml", format!("\n{}", format!("[[notifications]]\n{toml}\n\n").repeat(times))),
            ("rules.yaml", format!("\nnotifications:\n{}", format!("  - {yaml}\n").repeat(times))),
            (
                "rules.json",
                format!(
                    "\n{{\"notifications\": [\n{}]}}",
                    vec![format!("  {{{json}}}"); times].join(",\n")
                ),
            ),
        ];
        for ((name, text), place) in files.iter().zip(places) {
            cts.file(name, text);
            let run = cts.run(&format!("validate {name}")).assert().code(1).stdout_eq("");
            let error = String::from_utf8(run.get_output().stderr.clone()).unwrap();
            let expected = format!("error: {name}:{place}: {message}");
            assert!(error.starts_with(&expected), "{what}: {error}\n  is not: {expected}");
            let lines: Vec<&str> = error.lines().collect();
            let shown = text
                .lines()
                .nth(place.split_once(':').unwrap().0.parse::<usize>().unwrap() - 1)
                .unwrap();
            assert!(lines[2].ends_with(shown) && lines[3].contains('^'), "{what}: {error}");
        }
    }
}

#[test]
fn an_error_of_a_file_shows_the_line_with_carets_below_what_is_meant() {
    let cts = Cts::new("file-carets");
    cts.file(
        "a.toml",
        "[[notifications]]\nnotification_name = \"审计\"\noperation_type = \"总\" # x\n",
    );
    cts.run("plan a.toml").assert().code(1).stdout_eq("").stderr_eq(str![[r#"
error: a.toml:3:18: "审计": operation_type is "总", not complete or customized
  |
3 | operation_type = "总" # x
  |                  ^^^^

"#]]);
    cts.file("a.yaml", "notifications:\n  - notification_name: a\n    topic: x\n");
    cts.run("validate a.yaml").assert().code(1).stdout_eq("").stderr_eq(str![[r#"
error: a.yaml:3:5: unknown field `topic`, expected one of notification_name, operation_type, operations, notify_user_list, topic_id, filter, agency_name, status, renamed_from
  |
3 |     topic: x
  |     ^^^^^

"#]]);
    cts.file(
        "a.json",
        "{\"notifications\": [\n  {\"notification_name\": \"a\", \"operations\": 1}]}",
    );
    cts.run("validate a.json").assert().code(1).stdout_eq("").stderr_eq(str![[r#"
error: a.json:2:44: invalid type: integer `1`, expected a sequence
  |
2 |   {"notification_name": "a", "operations": 1}]}
  |                                            ^

"#]]);
    cts.file("b.json", "{\"notifications\": [,]}");
    cts.run("validate b.json").assert().code(1).stdout_eq("").stderr_eq(str![[r#"
error: b.json:1:20: expected value
  |
1 | {"notifications": [,]}
  |                    ^

"#]]);
    cts.file("targets.toml", "[[targets]]\nregio = \"eu-de\"\n");
    cts.run("plan a.toml --targets targets.toml").stdin("").assert().code(1);
    cts.run("validate none.toml").assert().code(1).stderr_eq(str![[r#"
error: none.toml: No such file or directory (os error 2)

"#]]);
}

#[test]
fn a_name_that_two_files_have_is_shown_in_both() {
    let cts = Cts::new("file-names");
    let rules = "notifications:\n  - notification_name: a\n    operation_type: complete\n";
    cts.file("rules/a.yaml", rules);
    cts.file("rules/b.yaml", &format!("# the same\n{rules}"));
    cts.run("validate rules").assert().code(1).stdout_eq("").stderr_eq(str![[r#"
error: rules/b.yaml:3:24: two notifications of the set are named "a"; the first one is in rules/a.yaml, line 2
  |
3 |   - notification_name: a
  |                        ^

"#]]);
}

#[test]
fn what_validation_finds_has_the_place_of_the_value() {
    let cts = Cts::new("file-findings");
    cts.file(
        "rules.toml",
        "[[notifications]]\nnotification_name = \"a\"\noperation_type = \"complete\"\ntopic_id = \"urn:smn:audit\"\n",
    );
    cts.run("validate rules.toml").assert().code(1).stdout_eq(str![[r#"
error: rules.toml:4:12: "a": topic_id: "urn:smn:audit" is not of the form urn:smn:<region>:<project>:<topic> [Huawei Cloud CTS API Reference, CreateNotification (cts_api_0312)]

"#]]);
    let findings: serde_json::Value =
        serde_json::from_str(&cts.stdout("validate rules.toml -o json")).unwrap();
    let finding = &findings[0];
    assert_eq!(
        (&finding["file"], &finding["line"], &finding["column"]),
        (&"rules.toml".into(), &4.into(), &12.into())
    );
    assert_eq!(finding["field"], "topic_id");
}

#[test]
fn a_variable_that_is_not_set_has_its_place() {
    let cts = Cts::new("file-variables");
    cts.file(
        "rules.yaml",
        "notifications:\n  - notification_name: ${TEAM}_all\n    operation_type: complete\n",
    );
    cts.run("plan rules.yaml --expand").assert().code(1).stdout_eq("").stderr_eq(str![[r#"
error: rules.yaml:2:24: the variable "TEAM" is not set
  |
2 |   - notification_name: ${TEAM}_all
  |                        ^^^^^^^

"#]]);
    cts.run("plan rules.yaml --expand").env("TEAM", "a\"b").assert().code(1);
}
