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
pub(crate) const CREATE: &[u8] = include_bytes!("../../tests/it/fixtures/cn-create-customized-request.json");
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
    assert_eq!(serde_json::to_value(theirs).unwrap(), serde_json::to_value(ours).unwrap(), "both read the same");
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
