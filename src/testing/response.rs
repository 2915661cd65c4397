//! Responses in the shapes of the service and of the gateway in front of it.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// What an operation responds with.
pub(super) type Reply = Result<Response<Bytes>, Refusal>;

/// Returns a response of the service with this body.
pub(super) fn success(status: StatusCode, body: &Value) -> Response<Bytes> {
    with_body(status, body.to_string())
}

/// Returns a response of the service without a body.
pub(super) fn no_content() -> Response<Bytes> {
    with_body(StatusCode::NO_CONTENT, String::new())
}

/// Returns an error of the gateway: three fields, and a line break at the end.
pub(super) fn gateway_error(status: StatusCode, code: &str, message: &str, request_id: &str) -> Response<Bytes> {
    let body = json!({"error_msg": message, "error_code": code, "request_id": request_id});
    with_body(status, format!("{body}\n"))
}

fn with_body(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response
}

/// An error of the service: its status, its code, its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) StatusCode, pub(super) &'static str, pub(super) &'static str);

impl Refusal {
    pub(super) fn response(&self) -> Response<Bytes> {
        let Self(status, code, message) = self;
        with_body(*status, json!({"error_code": code, "error_msg": message}).to_string())
    }
}

/// Returns a refusal with status 400.
pub(super) const fn bad(code: &'static str, message: &'static str) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, code, message)
}

pub(super) const BODY_INVALID: Refusal = bad("CTS.0003", "The message body is empty or invalid.");
