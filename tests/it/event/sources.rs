//! Events of every source: read, told apart, written back as they came, and refused with a reason.

use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use huaweicloud_cts::event::{
    ApigEvent, ApigResponse, AsyncNotification, CloudEvent, CtsEvent, DdsEvent, DisEvent, DmsEvent,
    EventErrorKind, IotdaEvent, LtsEvent, ObsEvent, SmnEvent, TimerEvent, TriggerEvent,
};
use serde_json::{Value, json};

use crate::support::fixtures::{fixture, fixture_bytes};

/// The samples, and the source that each is of.
pub(super) const SAMPLES: [(&str, &str); 37] = [
    ("apig", "Apig"),
    ("apig-live-with-params", "Apig"),
    ("async-notification", "AsyncNotification"),
    ("cts-event-huawei-slash-date", "Cts"),
    ("cts-event-otc-go-epoch-ms", "Cts"),
    ("cts-event-otc-live-create-function", "Cts"),
    ("cts-event-otc-synthetic-every-field", "Cts"),
    ("cts-event-otc-template-epoch-seconds", "Cts"),
    ("cts-event-umn-empty-placeholder", "Cts"),
    ("cts-list-traces-v3-response", "Unknown"),
    ("cts-trace-as-dash-date", "Cts"),
    ("cts-trace-dws-user-json-in-string", "Cts"),
    ("cts-trace-ecs-2024-json-in-strings", "Cts"),
    ("cts-trace-ecs-slash-date-objects", "Cts"),
    ("cts-trace-ecs-us-date-json-in-strings", "Cts"),
    ("cts-trace-evs-empty-strings", "Cts"),
    ("cts-trace-otcextensions-login", "Cts"),
    ("cts-trace-smn-scalar-user", "Cts"),
    ("dds", "Dds"),
    ("dds-objects", "Dds"),
    ("dis", "Dis"),
    ("gaussdb-mongo", "Dds"),
    ("iotda", "Iotda"),
    ("kafka", "Kafka"),
    ("kafka-legacy-instance-in-record", "Kafka"),
    ("lts", "Lts"),
    ("lts-otc-logs-json-in-string", "Lts"),
    ("obs", "Obs"),
    ("obs-eventgrid", "EventGrid"),
    ("obs-otc", "Obs"),
    ("rabbitmq", "RabbitMq"),
    ("rocketmq", "RocketMq"),
    ("smn", "Smn"),
    ("smn-doc-attributes-none", "Smn"),
    ("smn-two-records", "Smn"),
    ("timer", "Timer"),
    ("timer-json-user-event", "Timer"),
];

pub(super) fn at(seconds: u64) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[test]
fn every_sample_event_is_recognized_by_its_shape_and_written_back() {
    for (name, source) in SAMPLES {
        let (bytes, value) = (fixture_bytes(name), fixture(name));
        let event = TriggerEvent::from_slice(&bytes).unwrap();
        let told = format!("{event:?}");
        assert_eq!(told.split('(').next(), Some(source), "{name}");
        assert_eq!(serde_json::to_value(&event).unwrap(), value, "{name}");
        assert_eq!(serde_json::from_value::<TriggerEvent>(value.clone()).unwrap(), event, "{name}");
        if source == "Cts" {
            let event = CtsEvent::from_slice(&bytes).unwrap();
            assert_eq!(serde_json::to_value(&event).unwrap(), value, "{name}");
            assert_eq!(serde_json::from_value::<CtsEvent>(value).unwrap(), event, "{name}");
        }
    }
}

#[test]
fn a_cts_event_is_read_wrapped_and_bare() {
    let live = CtsEvent::from_slice(&fixture_bytes("cts-event-otc-live-create-function")).unwrap();
    assert_eq!(live.idempotency_key().unwrap(), &"f828ab77-d993-11f0-b09f-35adcfa25f3b");
    let wrapped = CtsEvent::new(live.cts.clone());
    assert_eq!(wrapped, live);
    let bare = serde_json::to_vec(&live.cts).unwrap();
    let read = CtsEvent::from_slice(&bare).unwrap();
    assert_eq!(read.cts, live.cts);
    assert_eq!(serde_json::to_value(&read).unwrap(), serde_json::to_value(&live.cts).unwrap());
    let placeholder =
        CtsEvent::from_slice(&fixture_bytes("cts-event-umn-empty-placeholder")).unwrap();
    assert_eq!(placeholder.idempotency_key(), None);

    let more = json!({"cts": {"trace_name": "login"}, "version": "2"});
    let event = CtsEvent::from_slice(more.to_string().as_bytes()).unwrap();
    assert_eq!(event.other["version"], "2");
    assert_eq!(serde_json::to_value(event).unwrap(), more);
    assert_eq!(CtsEvent::from_slice(br#"{"cts":{}}"#).unwrap(), CtsEvent::default());
}

#[test]
fn errors_name_the_field_its_position_and_what_was_found() {
    for (input, kind, place, expected) in [
        (
            "",
            EventErrorKind::NotJson,
            Some((1, 0)),
            "EOF while parsing a value, found the end of the input",
        ),
        (
            "<html>",
            EventErrorKind::NotJson,
            Some((1, 1)),
            "CTS event: it is not JSON: expected value, found '<' (line 1 column 1)",
        ),
        (
            "{\"cts\":\n {\"time\": 1,}}",
            EventErrorKind::NotJson,
            Some((2, 13)),
            "trailing comma, found '}' (line 2 column 13)",
        ),
        (
            "{\"cts\": {} } x",
            EventErrorKind::NotJson,
            Some((1, 14)),
            "trailing characters, found 'x'",
        ),
        (
            " [1]",
            EventErrorKind::NotSuchAnEvent,
            Some((1, 2)),
            "CTS event: an object was expected, but there is an array (line 1 column 2)",
        ),
        ("null", EventErrorKind::NotSuchAnEvent, Some((1, 1)), "there is null"),
        (
            "{}",
            EventErrorKind::NotSuchAnEvent,
            None,
            "CTS event: cts is missing, and there is no trace_id, trace_name, trace_type, trace_rating or trace_status",
        ),
        (
            "{\n  \"a\": {\"cts\": {}},\n  \"cts\": null\n}",
            EventErrorKind::NotSuchAnEvent,
            Some((3, 10)),
            "CTS event: cts should be an object, but is null (line 3 column 10)",
        ),
        (
            "{\"cts\":\"{}\"}",
            EventErrorKind::NotSuchAnEvent,
            Some((1, 8)),
            "CTS event: cts should be an object, but is a string (line 1 column 8)",
        ),
    ] {
        let error = CtsEvent::from_slice(input.as_bytes()).unwrap_err();
        assert_eq!(
            (error.kind(), error.line().zip(error.column())),
            (kind, place),
            "{input}: {error}"
        );
        assert!(error.to_string().contains(expected), "{input}: {error}");
    }
    assert!(
        CtsEvent::from_slice(b"{\"cts\": \xff}").unwrap_err().to_string().contains("line 1 column")
    );

    let message = |input: &str| TriggerEvent::from_slice(input.as_bytes()).unwrap_err().to_string();
    for (input, expected) in [
        (
            r#"{"Records": {}}"#,
            "OBS event: Records should be an array, but is an object (line 1 column 13)",
        ),
        (
            r#"{"Records": [{}, "x"]}"#,
            "OBS event: Records[1] should be an object, but is a string (line 1 column 13)",
        ),
        (
            r#"{"record": 1}"#,
            "SMN event: record should be an array, but is a number (line 1 column 12)",
        ),
        (
            r#"{"lts": true}"#,
            "LTS event: lts should be an object, but is a boolean (line 1 column 9)",
        ),
        (r#"{"trigger_type": "KAFKA"}"#, "DMS event: records is missing"),
        (
            r#"{"specversion": 1}"#,
            "CloudEvent: specversion should be a string, but is a number (line 1 column 17)",
        ),
        (
            r#"{"httpMethod": null}"#,
            "APIG event: httpMethod should be a string, but is null (line 1 column 16)",
        ),
        ("[]", "trigger event: an object was expected, but there is an array (line 1 column 1)"),
        (
            "{",
            "trigger event: it is not JSON: EOF while parsing an object, found '{' (line 1 column 1)",
        ),
    ] {
        assert_eq!(message(input), expected);
    }
    let error = TriggerEvent::from_slice(br#"{"Records": [1]}"#).unwrap_err();
    assert_eq!(error.field(), Some("Records[0]"));
}

#[test]
fn apig_bodies_are_decoded() {
    let event = ApigEvent::from_slice(&fixture_bytes("apig")).unwrap();
    assert_eq!(event.method(), Some(Method::GET));
    assert_eq!(event.header("User-Agent").map(|agent| agent.starts_with("Mozilla")), Some(true));
    assert_eq!(event.query("responseType").as_deref(), Some("html"));
    // It is declared as base64, but is not.
    assert_eq!(event.json::<Value>().unwrap(), json!({"test": "body"}));
    assert_eq!(event.request_context.unwrap().stage.as_deref(), Some("RELEASE"));
    let live = ApigEvent::from_slice(&fixture_bytes("apig-live-with-params")).unwrap();
    assert_eq!(live.path_parameters.as_ref().unwrap()[""], "helloWorld/Test");
    assert!(live.decoded_body().is_empty());

    let body = |encoded: Value, body: Value| {
        let event = json!({"httpMethod": "POST", "isBase64Encoded": encoded, "body": body});
        let event = ApigEvent::from_slice(event.to_string().as_bytes()).unwrap();
        String::from_utf8(event.decoded_body().into_owned()).unwrap()
    };
    for (encoded, text, expected) in [
        (json!(true), json!("aGk="), "hi"),
        (json!("true"), json!("aGk"), "hi"),
        (json!(false), json!("aGk="), "aGk="),
        (json!(null), json!("aGk="), "aGk="),
        (json!(true), json!("not base64"), "not base64"),
        (json!(true), json!(null), ""),
        (json!(true), json!({}), ""),
    ] {
        assert_eq!(body(encoded, text), expected);
    }
    let event = br#"{"httpMethod":"GET","queryStringParameters":{"n":2}}"#;
    assert_eq!(ApigEvent::from_slice(event).unwrap().query("n").as_deref(), Some("2"));
    let answer = serde_json::to_value(ApigResponse::bytes(StatusCode::OK, [0, 255])).unwrap();
    assert_eq!((&answer["isBase64Encoded"], &answer["body"]), (&json!(true), &json!("AP8=")));
    let answer =
        serde_json::to_value(ApigResponse::text(StatusCode::NOT_FOUND, "no").header("x", "y"))
            .unwrap();
    assert_eq!((&answer["statusCode"], &answer["headers"]["x"]), (&json!(404), &json!("y")));
}

#[test]
fn obs_keys_are_decoded() {
    let event = ObsEvent::from_slice(&fixture_bytes("obs")).unwrap();
    let record = &event.records[0];
    assert_eq!(
        (record.region(), record.bucket_name()),
        (Some("{region}"), Some("functionstorage-template"))
    );
    assert_eq!(record.object_key().as_deref(), Some("job.png"));
    let identity = record.user_identity.as_ref().unwrap();
    assert_eq!(identity.principal_id.as_deref(), Some("9bf43789b1ff4b679040f35cc4f0dc05"));
    let bucket = record.s3.as_ref().unwrap().bucket.as_ref().unwrap();
    let owner = bucket.owner_identity.as_ref().unwrap();
    assert_eq!(owner.owner_principal_id.as_deref(), Some("0ed1b73473f24134a478962e631651eb"));

    let live = ObsEvent::from_slice(&fixture_bytes("obs-otc")).unwrap();
    let record = &live.records[0];
    assert_eq!(record.region(), Some("eu-de"));
    assert_eq!(record.event_time.at(), at(1_733_132_977).map(|at| at + Duration::from_millis(939)));
    assert_eq!(
        record.s3.as_ref().unwrap().object.as_ref().unwrap().version(),
        None,
        "the text null"
    );

    for (key, expected) in [
        ("a%2Fb.png", "a/b.png"),
        ("%E5%85%B3%E9%94%AE+1", "关键 1"),
        ("a%2Bb", "a+b"),
        ("100%", "100%"),
        ("%FF", "%FF"),
        ("", ""),
    ] {
        let event = json!({"Records": [{"s3": {"object": {"key": key}}}]});
        let event = ObsEvent::from_slice(event.to_string().as_bytes()).unwrap();
        assert_eq!(event.records[0].object_key().as_deref(), Some(expected));
    }
    let event = CloudEvent::from_slice(&fixture_bytes("obs-eventgrid")).unwrap();
    assert_eq!(event.event_type.as_deref(), Some("OBS:DWR:ObjectCreated:PUT"));
    assert_eq!((event.ttl.get(), event.time.at().is_some()), (Some(4000), true));
    assert_eq!(event.data.json().unwrap()["obs"]["object"]["size"], 112);
}

#[test]
fn lts_data_is_decoded_as_object_and_as_string() {
    for name in ["lts", "lts-otc-logs-json-in-string"] {
        let data = LtsEvent::from_slice(&fixture_bytes(name)).unwrap().decode().unwrap();
        assert_eq!(
            data.log_group_id.as_deref(),
            Some("97a9d284-4448-11e8-8fa4-286ed488ce70"),
            "{name}"
        );
        let log = &data.logs[0];
        assert_eq!(
            (log.host_name.as_deref(), log.line_no.get()),
            (Some("ecs-test"), Some(1)),
            "{name}"
        );
        assert_eq!(
            log.time.at(),
            at(1_530_009_653).map(|at| at + Duration::from_millis(59)),
            "{name}"
        );
        assert_eq!(log.trace(), None, "{name}");
    }
    let failure = |lts: Value| {
        let event = LtsEvent::from_slice(json!({"lts": lts}).to_string().as_bytes()).unwrap();
        event.decode().unwrap_err().to_string()
    };
    assert_eq!(failure(json!({})), "LTS event: lts.data is missing, or not a string");
    assert!(failure(json!({"data": "=="})).starts_with("LTS event: lts.data is not base64: "));
    // "x", {"logs":"x"} and {"logs":"{}"}
    assert!(
        failure(json!({"data": "eA=="}))
            .contains("decoded lts.data: it is not JSON: expected value")
    );
    assert!(
        failure(json!({"data": "eyJsb2dzIjoieCJ9"}))
            .contains("lts.data.logs is a string, but not the JSON text")
    );
    assert!(
        failure(json!({"data": "eyJsb2dzIjoie30ifQ=="}))
            .contains("lts.data.logs is the JSON text of an object")
    );
    // {"logs":[{"message":"{\"trace_name\":\"login\"}"}]}
    let event = br#"{"lts":{"data":"eyJsb2dzIjpbeyJtZXNzYWdlIjoie1widHJhY2VfbmFtZVwiOlwibG9naW5cIn0ifV19"}}"#;
    let data = LtsEvent::from_slice(event).unwrap().decode().unwrap();
    assert_eq!(data.logs[0].trace().unwrap().trace_name.as_deref(), Some("login"));
}

#[test]
fn queues_streams_and_timers_are_read() {
    for name in ["kafka", "kafka-legacy-instance-in-record", "rabbitmq"] {
        let event = DmsEvent::from_slice(&fixture_bytes(name)).unwrap();
        assert_eq!(event.event_time.at(), at(1_576_737_962), "{name}: seconds");
        assert_eq!(event.instance_id(), Some("81335d56-b9fe-4679-ba95-7030949cc76b"), "{name}");
        assert_eq!(event.messages().count(), 5, "{name}");
    }
    let rabbit = DmsEvent::from_slice(&fixture_bytes("rabbitmq")).unwrap();
    assert_eq!(rabbit.records[0].exchange.as_deref(), Some("exchange-test"));

    let dis = DisEvent::from_slice(&fixture_bytes("dis")).unwrap();
    let data: Vec<_> = dis.records().iter().map(|record| record.decoded_data().unwrap()).collect();
    assert_eq!(data, [&b"welcome"[..], b"using", b"FunctionStage", b"service"]);
    assert_eq!(dis.records()[3].sequence_number.get(), Some(3));
    let bad = DisEvent::from_slice(br#"{"Message":{"records":[{"data":"*"}]}}"#).unwrap();
    let error = bad.records()[0].decoded_data().unwrap_err();
    assert!(
        error.to_string().starts_with("DIS event: Message.records.data is not base64: "),
        "{error}"
    );

    let timer = TimerEvent::from_slice(&fixture_bytes("timer")).unwrap();
    assert_eq!(
        (timer.time.at(), timer.user_event.raw().as_deref()),
        (at(1_527_813_000), Some("User Event"))
    );
    let timer = TimerEvent::from_slice(&fixture_bytes("timer-json-user-event")).unwrap();
    assert_eq!(timer.user_event.json().unwrap()["topic"], "test");
    let device = IotdaEvent::from_slice(&fixture_bytes("iotda")).unwrap();
    assert_eq!(device.event_time.at(), at(1_705_492_800));
}

#[test]
fn database_changes_are_read_as_objects_and_as_strings() {
    for (name, document) in [("dds", "dds"), ("dds-objects", "dds"), ("gaussdb-mongo", "zhangsan")]
    {
        let event = DdsEvent::from_slice(&fixture_bytes(name)).unwrap();
        let record = &event.records[0];
        assert_eq!(record.operation(), Some("insert"), "{name}");
        let change = record.change().unwrap();
        assert_eq!(change.size_bytes.get(), Some(100), "{name}");
        assert!(change.full_document.raw().unwrap().contains(document), "{name}");
        assert!(
            change.ns.json().unwrap()["coll"].is_string() && change.token.json().is_some(),
            "{name}"
        );
    }
    assert!(
        DdsEvent::from_slice(&fixture_bytes("gaussdb-mongo")).unwrap().vernier.json().is_some()
    );
}

#[test]
fn smn_messages_and_async_results_are_read() {
    for (name, count) in [("smn", 1), ("smn-two-records", 2), ("smn-doc-attributes-none", 1)] {
        let event = SmnEvent::from_slice(&fixture_bytes(name)).unwrap();
        assert_eq!(event.records.len(), count, "{name}");
        let message = event.records[0].smn.as_ref().unwrap();
        assert_eq!(
            (message.timestamp.at(), message.attributes()),
            (at(1_515_481_900), None),
            "{name}"
        );
        assert_eq!(message.trace(), None, "{name}");
    }
    for record in [r#"{"trace_name":"login"}"#, r#"{"cts":{"trace_name":"login"}}"#] {
        let event =
            json!({"record": [{"smn": {"message": record, "message_attributes": {"a": 1}}}]});
        let event = SmnEvent::from_slice(event.to_string().as_bytes()).unwrap();
        let message = event.records[0].smn.as_ref().unwrap();
        assert_eq!(message.trace().unwrap().trace_name.as_deref(), Some("login"));
        assert_eq!(message.attributes().unwrap()["a"], 1);
    }
    let result = AsyncNotification::from_slice(&fixture_bytes("async-notification")).unwrap();
    assert_eq!(result.response_context.as_ref().unwrap().status_code.get(), Some(500));
    assert!(result.timestamp.at().is_some());
    match result.request_event().unwrap() {
        TriggerEvent::Obs(event) => {
            let key = event.records[0].object_key().unwrap().into_owned();
            assert_eq!(key, "trace-cloud-source/cts-trace-map-250728-114729.png");
        }
        other => panic!("{other:?}"),
    }
    assert!(result.response_payload.json().is_some());
    assert!(AsyncNotification::default().request_event().is_err());
}
