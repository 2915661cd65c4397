//! Responses in the shapes of the service and of the gateway in front of it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
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
pub(super) fn gateway_error(
    status: StatusCode,
    code: &str,
    message: &str,
    request_id: &str,
) -> Response<Bytes> {
    let body = json!({"error_msg": message, "error_code": code, "request_id": request_id});
    with_body(status, format!("{body}\n"))
}

/// Returns a response with any status and body.
///
/// # Panics
///
/// If the status is none: a mistake in a test, which has to hear of it.
pub(super) fn with_status<S>(status: S, body: impl AsRef<[u8]>) -> Response<Bytes>
where
    S: TryInto<StatusCode, Error: fmt::Debug>,
{
    #[allow(clippy::expect_used, reason = "see above")]
    let status = status.try_into().expect("a status is a number from 100 to 999");
    let mut response = Response::new(Bytes::copy_from_slice(body.as_ref()));
    *response.status_mut() = status;
    response
}

/// Returns the gateway's response to too many calls.
pub(super) fn throttled(retry_after: Option<Duration>) -> Response<Bytes> {
    let message = "The throttling threshold has been reached: policy user over ratelimit,limit:100,time:1 minute";
    let mut response =
        gateway_error(StatusCode::TOO_MANY_REQUESTS, "APIGW.0308", message, "throttled");
    if let Some(time) = retry_after {
        let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    response
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
