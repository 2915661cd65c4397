//! What the fake answers, in the shapes of the service and of the gateway before it.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// An answer without the headers that all have.
pub(super) type Answer = Response<Bytes>;

pub(super) fn success(status: StatusCode, body: &Value) -> Answer {
    with_body(status, body.to_string())
}

pub(super) fn no_content() -> Answer {
    with_body(StatusCode::NO_CONTENT, String::new())
}

/// An error of the service: two members.
pub(super) fn refusal(refusal: &Refusal) -> Answer {
    let Refusal(status, code, message) = refusal;
    with_body(*status, json!({"error_code": code, "error_msg": message}).to_string())
}

/// An error of the gateway: three members, and a line break at the end.
pub(super) fn gateway(status: StatusCode, code: &str, message: &str, request_id: &str) -> Answer {
    let body = json!({"error_msg": message, "error_code": code, "request_id": request_id});
    with_body(status, format!("{body}\n"))
}

fn with_body(status: StatusCode, body: String) -> Answer {
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status;
    answer
}

/// A status and code with which the service refuses a call, and its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) StatusCode, pub(super) &'static str, pub(super) &'static str);

const fn bad(code: &'static str, message: &'static str) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, code, message)
}

pub(super) const BODY_INVALID: Refusal = bad("CTS.0003", "The message body is empty or invalid.");
pub(super) const STATUS_INVALID: Refusal =
    bad("CTS.0205", "The status parameter can only be set to enabled or disabled.");
pub(super) const NAME_EXISTS: Refusal = bad("CTS.0400", "NotificationV3 name is existed already.");
pub(super) const OPERATIONS_INVALID: Refusal =
    bad("CTS.0401", "Invalid message body. The operations parameter value is invalid.");
pub(super) const TOPIC_NOT_FOUND: Refusal = bad("CTS.0402", "The Smn topic does not exist.");
pub(super) const NOT_FOUND: Refusal = Refusal(StatusCode::NOT_FOUND, "CTS.0403", "The notification does not exist.");
pub(super) const TOPIC_REQUIRED: Refusal = bad("CTS.0404", "State setting failed, check if topicId exists.");
pub(super) const QUOTA_EXCEEDED: Refusal = bad("CTS.0407", "The quantity has exceeded the maximum quantity limit.");
pub(super) const TYPE_UNSUPPORTED: Refusal = bad("CTS.0410", "The notification_type must be smn.");
pub(super) const NAME_INVALID: Refusal = bad("CTS.0411", "The notification_name invalid.");
