//! Audit records read in every form, and written back as they came.

use std::time::{Duration, SystemTime};

use huaweicloud_cts::trace::{
    BoolValue, EventType, IntValue, Payload, Principal, TimeReading, TimeValue, Trace, TraceId,
    TraceList, TraceRating, TraceType, TraceUser, UserDetails, UserType,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::fixtures::{any_json, fixture};

/// The record in a sample, wrapped or bare.
fn trace(name: &str) -> Trace {
    let sample = fixture(name);
    serde_json::from_value(sample.get("cts").unwrap_or(&sample).clone()).unwrap()
}

fn at_millis(millis: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}

fn keeps_the_value<T: Serialize + DeserializeOwned>(value: &Value) {
    let read: T = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), *value);
    let text = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), *value);
}

const TRACES: [&str; 14] = [
    "cts-event-huawei-slash-date",
    "cts-event-otc-go-epoch-ms",
    "cts-event-otc-live-create-function",
    "cts-event-otc-synthetic-every-field",
    "cts-event-otc-template-epoch-seconds",
    "cts-event-umn-empty-placeholder",
    "cts-trace-as-dash-date",
    "cts-trace-dws-user-json-in-string",
    "cts-trace-ecs-2024-json-in-strings",
    "cts-trace-ecs-slash-date-objects",
    "cts-trace-ecs-us-date-json-in-strings",
    "cts-trace-evs-empty-strings",
    "cts-trace-otcextensions-login",
    "cts-trace-smn-scalar-user",
];

#[test]
fn every_sample_trace_is_read_and_written_back() {
    for name in TRACES {
        let sample = fixture(name);
        keeps_the_value::<Trace>(sample.get("cts").unwrap_or(&sample));
        let trace = trace(name);
        // Everything in the samples has a field, except for the odd id of the placeholder.
        let expected =
            if name.contains("placeholder") { json!({"resource_id": {}}) } else { json!({}) };
        assert_eq!(Value::from(trace.other), expected, "{name}");
        if let Some(user) = trace.user.details() {
            assert!(user.other.is_empty(), "{name}");
        }
    }
}

#[test]
fn times_are_read_in_every_form() {
    for (name, time, record_time) in [
        ("cts-event-huawei-slash-date", at_millis(1_529_974_447_000), at_millis(1_529_974_447_000)),
        ("cts-event-otc-go-epoch-ms", at_millis(1_529_996_047_000), at_millis(1_529_996_047_000)),
        (
            "cts-event-otc-live-create-function",
            at_millis(1_765_788_999_507),
            at_millis(1_765_788_999_507),
        ),
        (
            "cts-event-otc-synthetic-every-field",
            at_millis(1_660_927_593_570),
            at_millis(1_704_067_200_000),
        ),
        (
            "cts-event-otc-template-epoch-seconds",
            at_millis(1_529_996_047_000),
            at_millis(1_529_996_047_000),
        ),
        ("cts-event-umn-empty-placeholder", None, None),
        ("cts-trace-as-dash-date", at_millis(1_481_786_860_000), at_millis(1_481_786_860_000)),
        (
            "cts-trace-dws-user-json-in-string",
            at_millis(1_777_898_008_781),
            at_millis(1_777_898_008_781),
        ),
        (
            "cts-trace-ecs-2024-json-in-strings",
            at_millis(1_718_777_931_170),
            at_millis(1_718_777_931_170),
        ),
        (
            "cts-trace-ecs-slash-date-objects",
            at_millis(1_481_166_448_000),
            at_millis(1_481_166_448_000),
        ),
        (
            "cts-trace-ecs-us-date-json-in-strings",
            at_millis(1_480_561_648_000),
            at_millis(1_480_561_648_000),
        ),
        ("cts-trace-evs-empty-strings", at_millis(1_481_167_444_000), at_millis(1_481_167_444_000)),
        (
            "cts-trace-otcextensions-login",
            at_millis(1_534_748_957_969),
            at_millis(1_534_748_957_990),
        ),
        ("cts-trace-smn-scalar-user", at_millis(1_487_139_710_000), at_millis(1_487_139_710_000)),
    ] {
        let trace = trace(name);
        assert_eq!((trace.time(), trace.record_time()), (time, record_time), "{name}");
    }
}

/// The clock in the id decides which number is the month. Without it, nothing does.
#[test]
fn month_and_day_are_not_guessed() {
    let mut trace = trace("cts-trace-ecs-us-date-json-in-strings");
    assert!(matches!(trace.time.read(), TimeReading::Ambiguous { .. }));
    assert_eq!(trace.time(), at_millis(1_480_561_648_000));
    for id in [None, Some("trace-1"), Some("69be64a7-0233-11e8-82e4-e5d37911193e")] {
        trace.trace_id = id.map(TraceId::from);
        assert_eq!(trace.time(), None, "{id:?}");
    }
}

#[test]
fn the_time_in_a_version_1_id_is_read() {
    let live = trace("cts-event-otc-live-create-function");
    let behind = live.id_time().unwrap().duration_since(live.record_time().unwrap()).unwrap();
    assert!(behind < Duration::from_millis(30), "{behind:?}");
    for not_of_version_1 in [
        "",
        "xxx",
        "68d5745e-6af2-40e4-945d-fe449be00148",
        "4abc3a67-b773-11e6-8412",
        "4abc3a67-b773-11e6-8412-8f0ed3cc97c6-",
        "+abc3a67-b773-11e6-8412-8f0ed3cc97c6",
        "00000000-0000-1000-8000-000000000000",
    ] {
        assert_eq!(TraceId::from(not_of_version_1).clock(), None, "{not_of_version_1}");
    }
}

#[test]
fn payloads_are_read_in_every_form() {
    #[derive(serde::Deserialize)]
    struct Job {
        job_id: String,
    }

    let server = |name: &str, request: bool| {
        let trace = trace(name);
        let payload = if request { trace.request } else { trace.response };
        payload.json().map(std::borrow::Cow::into_owned)
    };
    let object = server("cts-trace-ecs-slash-date-objects", true).unwrap();
    let text = server("cts-trace-ecs-us-date-json-in-strings", true).unwrap();
    assert_eq!(object, text, "one operation, in two editions of a page");
    assert_eq!(object["server"]["nics"][0]["binding:profile"], Value::Null);
    assert_eq!(server("cts-trace-ecs-2024-json-in-strings", false).unwrap()["status"], "SUCCESS");
    assert_eq!(server("cts-event-otc-go-epoch-ms", true), Some(json!({})));
    for nothing in [
        "cts-trace-evs-empty-strings",
        "cts-trace-smn-scalar-user",
        "cts-trace-dws-user-json-in-string",
    ] {
        assert_eq!(server(nothing, true), None, "{nothing}");
    }
    assert_eq!(trace("cts-trace-smn-scalar-user").request.raw().as_deref(), Some("xxx"));
    assert!(trace("cts-trace-evs-empty-strings").request.is_empty());
    assert_eq!(trace("cts-trace-dws-user-json-in-string").request.raw(), None);
    assert_eq!(
        trace("cts-event-otc-synthetic-every-field").location_info.json().unwrap()["region"],
        "eu-de"
    );

    for name in ["cts-trace-ecs-slash-date-objects", "cts-trace-ecs-us-date-json-in-strings"] {
        assert_eq!(
            trace(name).response.parse::<Job>().unwrap().job_id,
            "4010b39d58b855980158b8574b270018"
        );
    }
    assert!(Payload::from("success").parse::<Job>().is_err());
    assert!(Payload::default().parse::<Job>().is_err());
    for scalar in [json!(1), json!(true)] {
        assert_eq!(Payload::from(scalar.clone()).json().unwrap().into_owned(), scalar);
    }
    for text in ["1", "true", "null", "{", "[1", "{\"a\":1} and more"] {
        assert_eq!(Payload::from(text).json(), None, "{text}");
    }
}

#[test]
fn codes_are_numbers_and_an_absent_code_is_not_zero() {
    for (name, code) in [
        ("cts-event-otc-go-epoch-ms", Some(204)),
        ("cts-event-otc-live-create-function", Some(0)),
        ("cts-event-otc-synthetic-every-field", Some(200)),
        ("cts-trace-otcextensions-login", Some(302)),
        ("cts-trace-evs-empty-strings", None),
    ] {
        assert_eq!(trace(name).code(), code, "{name}");
    }
    for (value, code) in [
        (json!(null), None),
        (json!(""), None),
        (json!(" 404 "), Some(404)),
        (json!(200.0), Some(200)),
        (json!(200.5), None),
        (json!("VPC.0514"), None),
        (json!({}), None),
        (json!(1e300), None),
    ] {
        assert_eq!(IntValue::from(value.clone()).get(), code, "{value}");
    }
}

#[test]
fn ratings_are_found_under_either_name() {
    for (name, rating) in [
        ("cts-event-otc-live-create-function", "normal"),
        ("cts-trace-ecs-us-date-json-in-strings", "normal"),
        ("cts-trace-evs-empty-strings", "normal"),
    ] {
        assert_eq!(trace(name).rating().unwrap().as_str(), rating, "{name}");
    }
    let read = |value: Value| serde_json::from_value::<Trace>(value).unwrap();
    let both = read(json!({"trace_rating": "incident", "trace_status": "warning"}));
    assert_eq!(both.rating(), Some(&TraceRating::Incident));
    let empty = read(json!({"trace_rating": "", "trace_status": "warning"}));
    assert_eq!(empty.rating(), Some(&TraceRating::Warning));
    assert_eq!(read(json!({"trace_rating": null, "trace_status": ""})).rating(), None);
}

#[test]
fn users_are_read_in_every_form() {
    let full = trace("cts-trace-ecs-2024-json-in-strings").user;
    assert_eq!((full.name(), full.id()), (Some("IAMUserA"), Some("f36972ced***d619f1214")));
    assert_eq!(
        (full.account_name(), full.account_id()),
        (Some("IAMDomainB"), Some("7e0d78c85***d0b9b7cba"))
    );
    assert!(matches!(full.principal(), Some(Principal::User { name: "IAMUserA", .. })));
    assert_eq!(full.is_root(), Some(true));
    assert_eq!(full.details().unwrap().user_type, Some(UserType::User));

    let text = trace("cts-trace-dws-user-json-in-string").user;
    assert_eq!((text.name(), text.id()), (Some("hwstaff_example"), None));
    assert!(text.as_str().is_some());
    assert_eq!(text.account_id(), Some("dc6be62b000000000000000000000005"));

    let name = trace("cts-trace-smn-scalar-user").user;
    assert_eq!((name.name(), name.details()), (Some("xxx"), None));
    assert_eq!(
        trace("cts-trace-otcextensions-login").user.name(),
        Some("{some crazy used struct}")
    );

    let every = trace("cts-event-otc-synthetic-every-field").user;
    let details = every.details().unwrap();
    assert_eq!(details.origin_user.as_deref(), Some("origin-demo"));
    assert_eq!(details.invoked_by.first().unwrap(), "service.console");
    let session = details.session_context.as_ref().unwrap().attributes.as_ref().unwrap();
    assert_eq!(
        (session.mfa_authenticated.get(), session.created_at.at()),
        (Some(true), at_millis(1_704_067_200_000))
    );

    let read = |value: Value| serde_json::from_value::<Trace>(value).unwrap().user;
    for nobody in [json!({}), json!({"user": null})] {
        assert!(read(nobody.clone()).is_missing(), "{nobody}");
        assert_eq!(read(nobody).name(), None);
    }
    assert!(!read(json!({"user": {}})).is_missing());
    assert_eq!(read(json!({"user": ["alice"]})).name(), None);
    let mut details = UserDetails::default();
    details.name = Some("alice".to_owned());
    assert_eq!(TraceUser::from(details), read(json!({"user": {"name": "alice"}})));
}

#[test]
fn principals_are_taken_apart() {
    for (urn, expected) in [
        ("iam::7e0d:user:a:b", r#"User { account_id: "7e0d", name: "a:b" }"#),
        (
            "sts::7e0d:assumed-agency:ag/se/ss",
            r#"AssumedAgency { account_id: "7e0d", agency: "ag", session: "se/ss" }"#,
        ),
        (
            "sts::7e0d:external-user:idp/alice",
            r#"ExternalUser { account_id: "7e0d", provider: "idp", session: "alice" }"#,
        ),
        ("sts::7e0d:assumed-agency:ag", r#"Other("sts::7e0d:assumed-agency:ag")"#),
        ("iam::7e0d:agency:a", r#"Other("iam::7e0d:agency:a")"#),
        ("alice", r#"Other("alice")"#),
    ] {
        let user: TraceUser = serde_json::from_value(json!({"principal_urn": urn})).unwrap();
        assert_eq!(format!("{:?}", user.principal().unwrap()), expected);
    }
}

#[test]
fn addresses_and_enums_are_read() {
    let live = trace("cts-event-otc-live-create-function");
    assert_eq!(live.source_ip().unwrap().to_string(), "203.0.113.4");
    assert_eq!(trace("cts-trace-ecs-slash-date-objects").source_ip(), None);
    assert_eq!(live.trace_type, Some(TraceType::ConsoleAction));
    assert_eq!(live.read_only, Some(false));
    assert_eq!(trace("cts-trace-ecs-2024-json-in-strings").event_type, Some(EventType::System));
    assert_eq!(
        trace("cts-event-otc-synthetic-every-field").event_type.unwrap().as_str(),
        "management"
    );
}

/// The example of the API's own page, whose types contradict the page's table.
#[test]
fn the_list_of_the_api_is_read_and_written_back() {
    let sample = fixture("cts-list-traces-v3-response");
    keeps_the_value::<TraceList>(&sample);
    let list: TraceList = serde_json::from_value(sample).unwrap();
    let meta = list.meta_data.unwrap();
    assert_eq!(
        (meta.count.get(), meta.marker.as_deref()),
        (Some(2), Some("e001ccb8-bc09-11e6-b2cc-2640a43cc6e8"))
    );
    let traces = list.traces;
    assert_eq!(traces[0].code(), Some(200));
    assert_eq!(traces[0].response.json().unwrap()["code"], "VPC.0514");
    // The table's types are read as well.
    let strict: Trace =
        serde_json::from_value(json!({"code": "200", "response": "{\"code\":\"VPC.0514\"}"}))
            .unwrap();
    assert_eq!(
        (strict.code(), strict.response.json().unwrap()["code"].as_str()),
        (Some(200), Some("VPC.0514"))
    );
}

/// A field that is set in code takes precedence over what was read.
#[test]
fn no_field_is_written_twice() {
    let mut trace: Trace =
        serde_json::from_value(json!({"resource_id": {}, "trace_name": null, "code": null}))
            .unwrap();
    trace.resource_id = Some("id".to_owned());
    trace.code = IntValue::from(200);
    let text = serde_json::to_string(&trace).unwrap();
    assert_eq!(text, r#"{"resource_id":"id","code":200,"trace_name":null}"#);
}

/// An object with the names of the fields, and any values.
fn any_trace() -> impl Strategy<Value = Value> {
    let names = [
        "time",
        "record_time",
        "user",
        "request",
        "response",
        "code",
        "message",
        "trace_id",
        "trace_rating",
        "read_only",
        "resource_id",
        "source_ip",
        "location_info",
        "content_length",
        "new",
    ];
    let user = prop::collection::btree_map(
        prop::sample::select(vec![
            "name",
            "domain",
            "principal_urn",
            "invoked_by",
            "session_context",
            "type",
        ]),
        any_json(),
        0..6,
    );
    let user = user.prop_map(|user| {
        user.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>()
    });
    prop::collection::btree_map(
        prop::sample::select(names.to_vec()),
        prop_oneof![any_json(), user],
        0..12,
    )
    .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

proptest! {
    #[test]
    fn any_json_is_read_as_a_trace_and_written_back(value in any_trace()) {
        keeps_the_value::<Trace>(&value);
        let trace: Trace = serde_json::from_value(value).unwrap();
        let _ = (trace.time(), trace.record_time(), trace.id_time(), trace.code(), trace.rating(), trace.source_ip());
        let user = &trace.user;
        let _ = (user.name(), user.id(), user.account_id(), user.account_name(), user.principal(), user.is_root());
        for payload in [&trace.request, &trace.response, &trace.message] {
            let _ = (payload.json(), payload.raw(), payload.is_empty());
        }
    }

    #[test]
    fn any_json_is_read_as_a_loose_value_and_written_back(value in any_json()) {
        keeps_the_value::<Payload>(&value);
        keeps_the_value::<TimeValue>(&value);
        keeps_the_value::<IntValue>(&value);
        keeps_the_value::<BoolValue>(&value);
        keeps_the_value::<TraceUser>(&value);
    }

    #[test]
    fn any_string_is_a_time_or_none(text in "[0-9/: GMTUC+,JanDec-]{0,40}") {
        let _ = TimeValue::from(text).read();
    }
}
