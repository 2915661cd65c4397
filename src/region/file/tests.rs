use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;

use super::*;

fn read(text: &str, region: &str) -> Result<Vec<String>, String> {
    match super::decoded(text.as_bytes()).and_then(|text| find(text, "CTS", region)) {
        Ok(found) => Ok(found.into_iter().map(|(_, endpoint)| endpoint).collect()),
        Err(Wrong { line, reason }) => Err(format!("line {line}: {reason}")),
    }
}

fn field(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/field");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn the_documented_forms() {
    let text = "\u{feff}# mine\nECS:\n  - id: a\n    endpoint: https://ecs\nCts:   # any case\r\n- id: 'a'\n  endpoint: 'https://a#1'   # first\n  \
                - id: \"b\"\n    endpoints:\n      - 'https://b1'\n      - https://b2\n    endpoint: https://b3\n    tier: 1\n\
                \n  -\n    id: c\n    endpoints:\n    - https://c1\n  - endpoints: [https://d1, 'https://d2']\n    id: d\n\
                VPC:\n  - id: c\n    endpoint: https://vpc\n";
    let text = text.replace("- id: 'a'\n  endpoint", "  - id: 'a'\n    endpoint");
    for (region, expected) in [
        ("a", vec!["https://a#1"]),
        ("b", vec!["https://b1", "https://b2", "https://b3"]),
        ("c", vec!["https://c1"]),
        ("d", vec!["https://d1", "https://d2"]),
    ] {
        assert_eq!(read(&text, region).unwrap(), expected, "{region}");
    }
    assert_eq!(read(&text, "e"), Ok(vec![]));
}

#[test]
fn every_way_to_write_a_region_in_yaml_is_read() {
    let jsonish = r#"{"CTS": [{"id": "eu-de", "endpoint": "https://private.example"}]}"#;
    for text in [
        &*field("regions-flow-map.yaml"),
        &field("regions-flow-map-quoted-keys.yaml"),
        &field("regions-indented-service.yaml"),
        jsonish,
        "%YAML 1.1\n---\nCTS: [{id: eu-de, endpoint: https://private.example}]\n...\n",
        "CTS:\n- {id: eu-de,\n   endpoint: https://private.example,}  # two lines\n",
        "CTS:\n-   endpoint: &e https://private.example\n    id: eu-de\nVPC:\n- {id: x, endpoint: *e}\n",
        "VPC: &all\n- id: eu-de\n  endpoint: https://private.example\nCTS: *all\n",
        "x-url: &url https://private.example\nCTS:\n- id: eu-de\n  endpoints: [*url, *url]\n",
        "CTS:\n- id: eu-de\n  endpoint: >-\n    https://private.example\n",
        "CTS:\n- id: |\n    eu-de\n  endpoint: |\n    https://private.example\n",
        "CTS:\n- id: eu-de\n  endpoint: \"https://private\\\n    .example\"\n",
        "CTS:\n- id: eu-de\n  endpoint: \"https:\\x2f\\u002fprivate.example\"\n",
        "CTS:\n- id: !!str eu-de\n  endpoint: ! https://private.example\n",
        "? CTS\n: - ? id\n    : eu-de\n    ? endpoint\n    : https://private.example\n",
        "'cts':\n- id: eu-de\n  \"endpoint\": https://private.example # and\n# no more\n",
        "CTS:\n- id: eu-de\n  endpoints:\n  endpoint: https://private.example\n  note: {a: [b, {c: d}]}\n",
        "\u{feff}CTS:\r\n  - id: eu-de\r\n    endpoint: https://private.example\r\n",
    ] {
        assert_eq!(read(text, "eu-de"), Ok(vec!["https://private.example".to_owned()]), "{text}");
    }
}

#[test]
fn a_file_that_does_not_list_the_region_leaves_it_to_the_table() {
    for text in [
        "",
        "\u{feff}",
        "# nothing yet\n",
        "---\n",
        "---\n...\n",
        "~",
        "CTS:\n",
        "CTS: []\n",
        "CTS: ~\nVPC: [{id: eu-de, endpoint: x}]\n",
        "ECS:\n- id: eu-de\n  endpoint: x\n",
        "CTS:\n- id: eu-nl\n  endpoint: x\n- id: 1\n",
        "CTS:\n- id: eu-nl\n  Endpoint: x\n",
        "VPC: text\nECS: {a: b}\n[1, 2]: 3\n",
    ] {
        assert_eq!(read(text, "eu-de"), Ok(vec![]), "{text}");
    }
}

#[test]
fn what_is_below_an_unknown_key_is_passed_over() {
    let text = "CTS:\n  - tags:\n      - x\n      - id: z\n        endpoint: https://z\n    id: a\n    notes: |\n      any text\n      \
                - id: y\n    labels:\n    - id: x\n    owner:\n      id: w\n      names: [v]\n    endpoint: https://a\n  \
                - id: b\n    endpoints:\n      - https://b\n    tags:\n      - c\n  -   tags:\n      - d\n      id: c\n      \
                endpoint: https://c\n";
    for (region, endpoint) in [("a", "https://a"), ("b", "https://b"), ("c", "https://c")] {
        assert_eq!(read(text, region), Ok(vec![endpoint.to_owned()]), "{region}");
    }
    for region in ["w", "x", "y", "z", "d", ""] {
        assert_eq!(read(text, region), Ok(vec![]), "{region}");
    }
}

#[test]
fn what_is_not_understood_is_named_with_its_line_and_never_shown() {
    const ENTRY: &str = "- id: eu-de\n  endpoint: https://x\n";
    let typo = field("regions-key-typo.yaml");
    let cases: &[(&str, usize, &str)] = &[
        (&typo, 3, "the key is unknown: did you mean \"endpoint\"?"),
        ("CTS:\n- id: eu-de\n  enpoint: sentinel\n", 3, "did you mean \"endpoint\"?"),
        ("CTS:\n- id: eu-de\n  endpoint_s: [sentinel]\n", 3, "did you mean \"endpoints\"?"),
        ("CTS:\n- id: eu-de\n  endpiont: sentinel\n", 3, "did you mean \"endpoint\"?"),
        (
            "CTS:\n- id: eu-de\n  endpoint: x\n  ENDPOINTS: [sentinel]\n",
            4,
            "did you mean \"endpoints\"?",
        ),
        ("CTS:\n- ID: eu-de\n  endpoint: sentinel\n", 2, "did you mean \"id\"?"),
        ("CTS:\n- region: eu-de\n  endpoint: sentinel\n", 2, "this region has no id"),
        ("CTS:\n- id: EU-DE\n  endpoint: sentinel\n", 2, "the id differs from \"eu-de\" in case"),
        ("CTS:\n- id:\n  endpoint: sentinel\n", 2, "the id is empty"),
        ("CTS:\n- id: ''\n  endpoint: sentinel\n", 2, "the id is empty"),
        ("CTS:\n- id: [eu-de]\n  endpoint: sentinel\n", 2, "the id of a region is a string"),
        ("CTS:\n\n- id: eu-de\n", 3, "this region has no endpoint"),
        ("CTS:\n- id: eu-de\n  endpoint: ~\n  endpoints: []\n", 2, "this region has no endpoint"),
        ("CTS:\n- id: eu-de\n  endpoint: ''\n", 3, "the endpoint is empty"),
        (
            "CTS:\n- id: eu-de\n  endpoints: [https://x, ]\n  endpoint: 8080\n",
            4,
            "an endpoint is a string",
        ),
        ("CTS:\n- id: eu-de\n  endpoint: true\n", 3, "an endpoint is a string"),
        ("CTS:\n- id: eu-de\n  endpoint: 1.5\n", 3, "an endpoint is a string"),
        ("CTS:\n- id: eu-de\n  endpoint: !include sentinel\n", 3, "an endpoint is a string"),
        ("CTS:\n- id: eu-de\n  endpoint: [sentinel]\n", 3, "for several, write \"endpoints\""),
        ("CTS:\n- id: eu-de\n  endpoints: sentinel\n", 3, "\"endpoints\" is a list"),
        ("CTS:\n- id: eu-de\n  endpoints:\n  - - sentinel\n", 4, "an endpoint is a string"),
        ("CTS:\n- id: eu-de\n  endpoints:\n  -\n  - sentinel\n", 4, "the endpoint is empty"),
        (
            "CTS:\n- id: eu-de\n  endpoint: a\n  endpoint: sentinel\n",
            4,
            "the key is set a second time",
        ),
        (
            "CTS:\n- id: eu-nl\n  id: eu-de\n  endpoint: sentinel\n",
            3,
            "the key is set a second time",
        ),
        (
            "CTS:\n- id: eu-de\n  endpoint: a\n- {id: eu-de, endpoint: sentinel}\n",
            4,
            "the region \"eu-de\" is listed a second",
        ),
        (&format!("CTS:\n{ENTRY}cts:\n{ENTRY}"), 4, "CTS is listed a second time"),
        (&format!("---\nCTS:\n{ENTRY}---\nCTS:\n{ENTRY}"), 5, "a second document starts here"),
        (
            "x: &x {endpoint: sentinel}\nCTS:\n- id: eu-de\n  <<: *x\n",
            4,
            "merge keys (<<) are not supported",
        ),
        ("x: &x {CTS: []}\n<<: *x\n", 2, "merge keys (<<) are not supported"),
        ("CTS:\n- &x {id: eu-de, endpoint: a}\n- *x\n", 2, "repeated by an alias"),
        ("CTS: &x\n- *x\n", 1, "a region is expected"),
        ("CTS:\n- - id: eu-de\n    endpoint: sentinel\n", 2, "a region is expected"),
        ("CTS:\n- eu-de\n", 2, "a region is expected"),
        ("CTS:\n-\n", 2, "a region is expected"),
        ("CTS: {eu-de: sentinel}\n", 1, "the regions of a service are a list"),
        ("CTS:\n  id: eu-de\n  endpoint: sentinel\n", 2, "the regions of a service are a list"),
        ("CTS: sentinel\n", 1, "the regions of a service are a list"),
        ("- id: eu-de\n  endpoint: sentinel\n", 1, "services are expected"),
        ("sentinel\n", 1, "services are expected"),
        ("CTS:\n\t- id: eu-de\n", 2, "it is not valid YAML: "),
        (
            "CTS:\n- id: eu-de\n\tendpoint: sentinel\n",
            2,
            "it is not valid YAML: while scanning a plain scalar, found a tab",
        ),
        ("CTS:\n- id: eu-de\n  endpoint: @sentinel\n", 3, "it is not valid YAML: "),
        ("CTS:\n- id: eu-de\n  endpoint: *sentinel\n", 3, "it is not valid YAML: "),
        ("CTS:\n- {id: eu-de, endpoint: sentinel\n", 3, "it is not valid YAML: "),
        ("CTS:\n- id: 'eu-de\n  endpoint: sentinel\n", 2, "it is not valid YAML: "),
        (
            "CTS:\n- id: eu-de\n  sentinel\n  endpoint: https://user:sentinel@x\n",
            4,
            "it is not valid YAML: ",
        ),
    ];
    let mut others = String::new();
    for (text, line, reason) in cases {
        let said = read(text, "eu-de");
        let is_right = said.as_ref().is_err_and(|said| {
            said.starts_with(&format!("line {line}: "))
                && said.contains(reason)
                && !said.contains("sentinel")
        });
        if !is_right {
            writeln!(others, "{text}{said:?}\n").unwrap();
        }
    }
    assert!(others.is_empty(), "{others}");
}

#[test]
fn an_unknown_key_that_is_like_no_other_is_not_a_slip() {
    for key in ["tier", "notes", "endpoint_type", "ids", "idp", "point", "end", "", "é", "service"]
    {
        assert_eq!(meant(key), None, "{key}");
    }
}

#[test]
fn the_error_names_the_file_and_the_line() {
    let folder =
        std::env::temp_dir().join(format!("huaweicloud-cts-regions-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("regions.yaml");
    let shown = path.display();
    for (contents, line, reason) in [
        (
            &b"CTS:\n- id: a\n  Endpoint: x\n"[..],
            3,
            "the key is unknown: did you mean \"endpoint\"?",
        ),
        (b"CTS:\n- id: a\n  endpoint: \xe4\n", 3, "it is not valid UTF-8"),
        (b"\xff\xfeC\0T\0S\0:\0\n\0", 1, "it is not valid UTF-8"),
    ] {
        std::fs::write(&path, contents).unwrap();
        let error = endpoints(Some(path.clone()), None, "CTS", "a").unwrap_err();
        let expected = format!("line {line} of the regions file {shown} is invalid: {reason}");
        assert_eq!(error.to_string(), expected);
        // The usual place is no excuse.
        assert_eq!(
            endpoints(None, Some(path.clone()), "CTS", "a").unwrap_err().to_string(),
            expected
        );
    }
    std::fs::write(&path, "CTS:\n- id: a\n  endpoints:\n  - x\n  - y\n").unwrap();
    let found = endpoints(Some(path.clone()), None, "CTS", "a").unwrap();
    let origins: Vec<_> = found.into_iter().map(|found| found.origin.unwrap()).collect();
    assert_eq!(
        origins,
        [
            format!("line 4 of the regions file {shown}"),
            format!("line 5 of the regions file {shown}")
        ]
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_usual_file_may_be_out_of_reach_and_a_named_one_may_not() {
    for kind in
        [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory, io::ErrorKind::PermissionDenied]
    {
        let refused = |is_named| unreadable("r.yaml".into(), is_named, kind.into()).is_err();
        assert_eq!((refused(true), refused(false)), (true, false), "{kind}");
    }
    assert!(unreadable("r.yaml".into(), false, io::ErrorKind::InvalidInput.into()).is_err());
    // Service accounts have `/dev/null` for a home.
    let under_a_file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").join("regions.yaml");
    assert!(endpoints(None, Some(under_a_file.clone()), "CTS", "a").unwrap().is_empty());
    endpoints(Some(under_a_file), None, "CTS", "a").unwrap_err();
    let directory =
        endpoints(None, Some(env!("CARGO_MANIFEST_DIR").into()), "CTS", "a").unwrap_err();
    assert!(
        directory.to_string().ends_with("can't be read: it is not a regular file"),
        "{directory}"
    );
}

#[test]
fn a_file_of_many_regions_is_read_whole() {
    let mut text = "CTS:\n".to_owned();
    for number in 0..4000 {
        writeln!(
            text,
            "  - id: region-{number}\n    endpoint: https://cts.region-{number}.example.com"
        )
        .unwrap();
    }
    assert!(text.len() > 3 * 64 * 1024);
    assert_eq!(
        read(&text, "region-3999"),
        Ok(vec!["https://cts.region-3999.example.com".to_owned()])
    );
}

/// Aliases would multiply what has to be read, if they were read as copies.
#[test]
fn a_file_takes_memory_in_proportion_to_its_length_whatever_its_aliases_repeat() {
    let mut laughs = "a0: &a0 [x]\n".to_owned();
    for level in 1..200 {
        let aliases = vec![format!("*a{}", level - 1); 20].join(", ");
        writeln!(laughs, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    laughs.push_str("CTS:\n- id: eu-de\n  endpoints: *a199\n");
    let many = |unit: &str| unit.repeat(128 * 1024 / unit.len());
    let wide = format!("x: &x {{id: a, {}}}\nCTS: [{}]\n", many("k: v, "), many("*x,"));
    let long =
        format!("x: &x \"{}\"\nCTS: [{{id: eu-de, endpoints: [{}]}}]\n", many("y"), many("*x,"));
    assert_eq!(read(&wide, "eu-de"), Err("line 1: this region is repeated by an alias".to_owned()));
    assert_eq!(read(&long, "eu-de"), Ok(vec![many("y")]));
    let units = [
        "[",
        "{",
        "- ",
        "? ",
        "a: &a ",
        "- *a\n",
        "\"",
        "|\n",
        "#",
        "a: [b, {c: d}]\n",
        "!!str ",
        "é",
    ];
    let repeated = units
        .iter()
        .flat_map(|unit| [many(unit), format!("CTS:\n- &a id: eu-de\n  endpoint: {}", many(unit))]);
    for text in repeated.chain([laughs, wide, long]) {
        let counted = allocation_counter::measure(|| drop(read(&text, "eu-de")));
        assert!(counted.bytes_total < 512 * text.len() as u64, "{counted:?} {:?}", text.get(..40));
    }
}

/// A valid file with all that the documents show.
const VALID: &str = "# mine\nVPC: &v\n  - {id: 'a', endpoint: https://v}\nCts:\n  - id: \"eu-de\"\n    endpoints: &e\n      \
                     - https://b1\n      - 'https://b2' # two\n    endpoint: >-\n      https://b3\n    tier: 1\n  \
                     - id: d\n    endpoints: *e\n";

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "(CTS:\n)?([ \\-#:'\"a\t\n\\[\\],{}&*!|>?%@~]|id: |endpoints?: |<<: |---\n|\\PC){0,120}",
        any in "(?s).{0,60}",
    ) {
        let _ = read(&text, "a");
        let _ = read(&any, "a");
        let _ = read(&format!("CTS:\n- id: a\n  endpoint: {any}"), "a");
    }

    #[test]
    fn no_change_to_a_valid_file_makes_it_panic_or_shows_what_is_in_it(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, "[ \\-#:'\"\t\n\\[\\],{}&*!|>?%@~\0-]|\\PC"), 1..6),
    ) {
        let mut text: Vec<char> = VALID.replace("https://b", "https://user:sentinel@b").chars().collect();
        for (at, removed, put_in) in changes {
            let at = at.index(text.len());
            let end = (at + removed).min(text.len());
            text.splice(at..end, put_in.chars());
        }
        let text: String = text.into_iter().collect();
        for region in ["eu-de", "d", "a"] {
            if let Err(said) = read(&text, region) {
                prop_assert!(!said.contains("user") && !said.contains("sentinel") && !said.contains("https"), "{}", said);
            }
        }
    }

    /// JSON is YAML, and so is every style of quotes and lists.
    #[test]
    fn what_was_written_is_read_in_any_style(
        regions in prop::collection::btree_map("[a-z]{2,8}-[0-9]{1,3}", prop::collection::vec("https://[a-z]{1,9}\\.example", 1..4), 1..5),
    ) {
        let entries = regions.iter().map(|(id, endpoints)| serde_json::json!({"id": id, "endpoints": endpoints}));
        let json = serde_json::json!({"Cts": entries.collect::<Vec<_>>()});
        let mut block = "cts:\n".to_owned();
        let mut flow = "  CTS:\n".to_owned();
        for (id, endpoints) in &regions {
            let (last, others) = endpoints.split_last().unwrap();
            writeln!(block, "- endpoint: {last} # the last\n  endpoints:").unwrap();
            for endpoint in others {
                writeln!(block, "  - '{endpoint}'").unwrap();
            }
            writeln!(block, "  id: {id}").unwrap();
            writeln!(flow, "    - {{id: {id}, endpoints: [{}]}}", endpoints.join(", ")).unwrap();
        }
        for text in [json.to_string(), serde_json::to_string_pretty(&json).unwrap(), block, flow] {
            for (id, endpoints) in &regions {
                prop_assert_eq!(read(&text, id), Ok(endpoints.clone()), "{}", text);
            }
        }
    }
}
