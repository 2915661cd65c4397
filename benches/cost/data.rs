//! What is sent and received: the same on both sides.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::{HeaderMap, Method, Request};
use serde::Serialize;

pub(crate) const PROJECT_ID: &str = "24edf66e79d04187acb99a463e610764";
pub(crate) const ACCESS_KEY: &str = "AKAKAKAKAKAKAKAKAKAK";
pub(crate) const SECRET_KEY: &str = "SKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSK";
pub(crate) const JSON: &str = "application/json;charset=UTF-8";
pub(crate) const CREATE: &[u8] =
    include_bytes!("../../tests/it/fixtures/cn-create-customized-request.json");
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A request as the client has it before it signs.
pub(crate) fn prepared(method: Method, path: &str, body: Bytes) -> Request<Bytes> {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(HOST, HeaderValue::from_static("cts.eu-de.otc.t-systems.com"));
    headers.insert("x-project-id", HeaderValue::from_static(PROJECT_ID));
    if !body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    }
    let uri = format!("https://cts.eu-de.otc.t-systems.com/v3/{PROJECT_ID}/{path}");
    let mut request = Request::builder().method(method).uri(uri).body(body).unwrap();
    *request.headers_mut() = headers;
    request
}

pub(crate) fn assert_same(theirs: &impl Serialize, ours: &impl Serialize) {
    assert_eq!(
        serde_json::to_value(theirs).unwrap(),
        serde_json::to_value(ours).unwrap(),
        "both read the same"
    );
}

/// About 770 bytes of JSON. Every other one has a filter that is `null`, the rest have none.
pub(crate) fn notification(number: usize) -> serde_json::Value {
    let mut notification = serde_json::json!({
        "create_time": 1_633_933_167_385_u64 + number as u64,
        "notification_id": format!("0b98e1c2-2fd6-4e33-a355-{number:012x}"),
        "notification_name": format!("key_operations_{number:05}"),
        "notification_type": "smn",
        "operation_type": "customized",
        "operations": [
            {"resource_type": "tracker", "service_type": "CTS", "trace_names": ["createTracker", "deleteTracker"]},
            {"resource_type": "notification", "service_type": "CTS", "trace_names": ["deleteNotification"]},
            {"resource_type": "pe", "service_type": "AOM", "trace_names": ["createPolicyGroup", "deletePolicyGroup"]},
        ],
        "notify_user_list": [
            {"user_group": "admin", "user_list": ["test1", "test2"]},
            {"user_group": "CTS view", "user_list": ["test3", "test4"]},
        ],
        "project_id": PROJECT_ID,
        "status": "enabled",
        "topic_id": format!("urn:smn:eu-de:{PROJECT_ID}:audit"),
    });
    if number % 2 == 1 {
        notification.as_object_mut().unwrap().insert("filter".to_owned(), serde_json::Value::Null);
    }
    notification
}

pub(crate) fn list_of(length: usize) -> Vec<u8> {
    let notifications: Vec<_> = (0..length).map(notification).collect();
    serde_json::to_vec(&serde_json::json!({ "notifications": notifications })).unwrap()
}

/// About 600 bytes of JSON. A third of the operations are of another service, and a seventh failed.
pub(crate) fn trace(number: usize) -> serde_json::Value {
    let (service, resource, name, user) = match number % 3 {
        0 => ("IAM", "user", "login", "alice"),
        1 => ("ECS", "ecs", "createServer", "bob"),
        _ => ("VPC", "vpc", "createVpc", "eve"),
    };
    serde_json::json!({
        "trace_id": format!("{number:08x}-bc09-11e6-b2cc-2640a43cc6e8"),
        "trace_name": name, "trace_type": "ApiCall", "trace_rating": "normal", "read_only": false,
        "service_type": service, "resource_type": resource,
        "resource_id": format!("0b98e1c2-2fd6-4e33-a355-{number:012x}"), "resource_name": format!("resource-{number}"),
        "code": if number.is_multiple_of(7) { "403" } else { "200" },
        "time": 1_765_788_795_000_u64 + number as u64 * 6_000, "record_time": 1_765_788_795_100_u64 + number as u64 * 6_000,
        "user": {"name": user, "type": "User", "domain": {"name": "acme", "id": PROJECT_ID}},
        "request": "{\"count\":1}", "response": "", "source_ip": "203.0.113.4", "api_version": "v1",
    })
}
