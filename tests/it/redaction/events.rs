//! Events and traces.

use super::{ACCESS_KEY, SECRET, clean, clean_debug, credentials};

/// Events hold credentials and links of others.
#[test]
fn events_do_not_show_links_with_tokens_credentials_and_headers() {
    use huaweicloud_cts::event::{SmnMessage, TriggerEvent};
    use huaweicloud_cts::trace::Trace;

    let message = format!(
        r#"{{"type":"SubscriptionConfirmation","message":"m","subscribe_url":"https://console.example.com/?token={SECRET}",
        "unsubscribe_url":"https://console.example.com/?u={SECRET}"}}"#
    );
    clean_debug("SmnMessage", &SmnMessage::from_slice(message.as_bytes()).unwrap());
    let odd = message.replace("\"https://console.example.com/?u=", "[\"").replace("\"}", "\"]}");
    clean_debug("an odd SmnMessage", &SmnMessage::from_slice(odd.as_bytes()).unwrap());
    let trace = format!(
        r#"{{"trace_name":"login","user":{{"name":"alice","access_key_id":"{ACCESS_KEY}"}}}}"#
    );
    let trace: Trace = serde_json::from_str(&trace).unwrap();
    clean_debug("Trace", &trace);
    assert!(format!("{trace:?}").contains("alice"));
    let apig = format!(
        r#"{{"body":"","headers":{{"authorization":"{SECRET}"}},"httpMethod":"GET","path":"/","isBase64Encoded":false,
        "requestContext":{{"apiId":"a","requestId":"r","stage":"RELEASE"}},"queryStringParameters":{{}},"pathParameters":{{}}}}"#
    );
    clean_debug("TriggerEvent", &TriggerEvent::from_slice(apig.as_bytes()).unwrap());
}

/// Each value holds a credential in one of the ways in which publishers write them.
#[test]
fn debug_of_events_and_traces_hides_credentials_at_any_depth_and_in_strings() {
    use huaweicloud_cts::event::{ApigEvent, ApigResponse, CtsEvent, TriggerEvent};
    use huaweicloud_cts::trace::{Payload, Trace, TraceUser};
    use serde_json::{Value, json};

    let object = json!({"a": [{"access_key_id": ACCESS_KEY}], "b": "kept"});
    let text = Value::from(object.to_string());
    let nested = json!({"c": text.to_string(), "b": "kept"}).to_string();
    let hidden = [
        object.clone(),
        text.clone(),
        nested.clone().into(),
        json!([nested]),
        json!({"subscribe_url": format!("https://console.example.com/?token={SECRET}"), "b": "kept"}),
        json!({"accessKeyId": ACCESS_KEY, "secretAccessKey": SECRET, "X-Auth-Token": SECRET, "b": "kept"}),
        json!({"server": {"adminPass": SECRET}, "keypair": {"private_key": SECRET}, "X-Auth-Key": SECRET, "b": "kept"}),
        json!({"multiValueHeaders": {"authorization": [SECRET]}, "b": "kept"}),
        json!({"multiValueQueryStringParameters": {"X-Amz-Signature": [SECRET]}, "b": "kept"}),
    ];
    let unparsed = [
        format!("{{\"access_key_id\": \"{ACCESS_KEY}\", cut"),
        format!("{{\\\"secret\\\":\\\"{SECRET}\\\""),
        format!("open https://console.example.com/?region=r&token={SECRET}"),
        format!("redirect=%3Ftoken%3D{SECRET}"),
        format!("Authorization: {SECRET}"),
        format!("bearer {SECRET}"),
        format!("password = '{SECRET}'"),
        format!("<credential><secretaccesskey>{SECRET}</secretaccesskey></credential>"),
    ];
    for value in hidden.iter().cloned().chain(unparsed.map(Value::from)) {
        clean_debug("Payload", &Payload::from(value.clone()));
        clean_debug("TraceUser", &TraceUser::from(value.clone()));
        for name in ["user", "request", "message", "resource_name", "unheard_of"] {
            let record = json!({"trace_name": "login", name: value});
            let trace: Trace = serde_json::from_value(record.clone()).unwrap();
            clean_debug("Trace", &trace);
            assert!(format!("{trace:?}").contains("login"));
            clean_debug("CtsEvent", &CtsEvent::from(trace));
            let event = json!({"cts": record, "beside": value}).to_string();
            clean_debug("TriggerEvent", &TriggerEvent::from_slice(event.as_bytes()).unwrap());
        }
        let unknown = json!({"hello": value}).to_string();
        clean_debug("an unknown event", &TriggerEvent::from_slice(unknown.as_bytes()).unwrap());
        let apig = json!({"httpMethod": "POST", "path": "/", "body": value.to_string(), "user_data": value});
        clean_debug("ApigEvent", &ApigEvent::from_slice(apig.to_string().as_bytes()).unwrap());
    }
    for value in &hidden {
        assert!(
            value.is_array() || format!("{:?}", Payload::from(value.clone())).contains("kept"),
            "{value}"
        );
    }
    let shown = format!("{:?}", Payload::from(nested.as_str()));
    assert_eq!(
        shown.matches("kept").count(),
        2,
        "what stands beside a credential is shown: {shown}"
    );
    for name in
        ["headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters"]
    {
        let apig = json!({"httpMethod": "GET", name: {"authorization": SECRET, "x": [SECRET]}});
        clean_debug("ApigEvent", &ApigEvent::from_slice(apig.to_string().as_bytes()).unwrap());
    }
    let response = ApigResponse::text(http::StatusCode::OK, "hi").header("set-cookie", SECRET);
    clean_debug("ApigResponse", &response);
}

/// A position is for a file, and its stream for a log: neither has what the traces say, nor the
/// credentials of the client.
#[tokio::test]
async fn streams_of_traces_and_their_positions_do_not_show_credentials_or_what_traces_say() {
    use std::time::{Duration, SystemTime};

    use huaweicloud_cts::testing::FakeCts;
    use huaweicloud_cts::trace::{FollowTraces, Trace, TraceQuery};
    use serde_json::json;

    let fake = FakeCts::new();
    fake.accept(&credentials());
    let client = fake.client_builder().credentials(credentials()).build().unwrap();
    let now = SystemTime::now();
    let said = json!({"trace_name": "login", "request": SECRET, "response": {"token": SECRET}, "user": {"name": SECRET}});
    let trace: Trace = serde_json::from_value(said).unwrap();
    fake.add_traces(FakeCts::PROJECT_ID, [trace.clone(), trace]);

    let since = now - Duration::from_secs(60);
    let mut traces = client.traces(&TraceQuery::system(), since..=now + Duration::from_secs(60));
    traces.next().await.unwrap().unwrap();
    clean_debug("Traces", &traces);
    clean_debug("TracePosition", &traces.position());
    clean("TracePosition", &serde_json::to_string(&traces.position()).unwrap());

    let mut followed = client.follow_traces(FollowTraces::new(TraceQuery::system()).since(since));
    followed.next().await.unwrap();
    clean_debug("FollowedTraces", &followed);
    clean_debug("FollowPosition", &followed.position());
    clean("FollowPosition", &serde_json::to_string(&followed.position()).unwrap());

    let query = TraceQuery::system().access_key_id(ACCESS_KEY).user("alice");
    clean_debug("TraceQuery", &query);
    assert!(format!("{query:?}").contains("SENT****"), "one can still tell which key it is");
    clean_debug("FollowTraces", &FollowTraces::new(query.clone()));
    clean_debug("TracePosition", &client.traces(&query, since..=now).position());
}
