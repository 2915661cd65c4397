//! An answer that says no.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

use super::ErrorCode;
use super::body::{CANONICAL_REQUEST, EXCERPT, Pair, cut, described, kept, request_id, search};
use crate::credentials::Credentials;
use crate::text::printable;
use crate::wire;
use crate::wire::response::is_too_dense;

/// How much of a message is printed, in characters.
const PRINTED: usize = 2_000;

/// An answer of status 300 or above, or of success with an `error_code` in it.
///
/// Read from every body shape that the service, the API gateways and IAM are known to send: `error_code`/`error_msg`,
/// `errorCode`/`errorMsg`, `code`/`message`, at the top or nested, codes as text or number; and from bodies that are none
/// of these.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    code: Option<ErrorCode>,
    code_text: Option<String>,
    message: Message,
    request_id: Option<String>,
    details: Vec<ErrorDetail>,
    encoded_authorization_message: Option<String>,
    /// What we make of it, beyond the service's words.
    explanation: Option<String>,
    retry_after: Option<Duration>,
    body: Bytes,
}

#[derive(Clone, PartialEq, Eq)]
enum Message {
    /// As the service wrote it.
    Given(String),
    /// What there is instead.
    Gathered(String),
}

/// One of several errors in an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorDetail {
    /// Its code, if it has one.
    pub code: Option<ErrorCode>,
    /// Its code as it was sent, see [`ApiError::code_text`].
    pub code_text: Option<String>,
    /// Its message; empty if it has none.
    pub message: String,
}

impl ApiError {
    /// Reads an answer. Takes any body: text, HTML, cut off, not UTF-8, empty.
    #[must_use]
    pub fn from_response(response: &http::Response<Bytes>) -> Self {
        let unpacked = wire::unpacked(response.body()).ok().map(|body| {
            let mut plain = http::Response::new(body);
            *plain.status_mut() = response.status();
            plain.headers_mut().clone_from(response.headers());
            plain
        });
        let response = unpacked.as_ref().unwrap_or(response);
        Self::read(response, &|text| text, kept(response.body()))
    }

    /// Reads an answer to a request that was signed with `credentials`. Gateways repeat what they were sent, so the
    /// credentials are taken out of all that is kept.
    pub(crate) fn of_call(response: &http::Response<Bytes>, credentials: &Credentials) -> Self {
        let body = credentials.redact_bytes(kept(response.body()));
        Self::read(response, &|text| credentials.redact(text), body)
    }

    /// `clean` is given what was cut already: its time grows with the length of the text.
    fn read(response: &http::Response<Bytes>, clean: &dyn Fn(String) -> String, kept: Bytes) -> Self {
        let body = response.body();
        let json: Option<Value> = if is_too_dense(body) { None } else { wire::from_slice(body).ok() };
        let is_json = json.is_some();
        let found = json.map(search).unwrap_or_default();
        let clean_start = |text| clean(cut(text));
        let code_text = |text: String| printable(&clean_start(text), EXCERPT);
        let message = match found.message {
            Some(message) => Message::Given(clean_start(message)),
            // Whoever wants to see the JSON has the body.
            None if is_json && !response.status().is_redirection() => {
                Message::Gathered("an answer in JSON without a message".to_owned())
            }
            None => Message::Gathered(described(response, clean)),
        };
        let detail = |(code, message): Pair| {
            let code_text = code.map(code_text);
            let message = clean_start(message.unwrap_or_default());
            ErrorDetail { code: code_text.as_deref().map(ErrorCode::from), code_text, message }
        };
        let text_of_code = found.code.map(code_text);
        Self {
            status: response.status(),
            code: text_of_code.as_deref().map(ErrorCode::from),
            code_text: text_of_code,
            message,
            request_id: request_id(response.headers(), clean)
                .or(found.request_id.map(|id| printable(&clean_start(id), EXCERPT))),
            details: found.details.into_iter().map(detail).collect(),
            encoded_authorization_message: found.encoded_authorization_message.map(clean_start),
            explanation: None,
            retry_after: None,
            body: kept,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The status that counts: a refusal that came with a status of success is what its code is documented to be.
    pub(super) fn meant_status(&self) -> StatusCode {
        if !self.status.is_success() {
            return self.status;
        }
        self.code.as_ref().and_then(ErrorCode::documented_status).unwrap_or(StatusCode::BAD_REQUEST)
    }

    /// The code, if there was one.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
    }

    /// Returns the code as it was sent: `APIG.0308` where [`code`](Self::code) is
    /// [`ErrorCode::GatewayThrottled`], whose text is `APIGW.0308`.
    #[must_use]
    pub fn code_text(&self) -> Option<&str> {
        self.code_text.as_deref()
    }

    /// The service's message; for an answer without one, what there is instead: the title of an HTML page, the start of
    /// a text.
    #[must_use]
    pub fn message(&self) -> &str {
        match &self.message {
            Message::Given(text) | Message::Gathered(text) => text,
        }
    }

    /// The id that the service gave the request, from its header or its body.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Further errors that the answer lists.
    #[must_use]
    pub fn details(&self) -> &[ErrorDetail] {
        &self.details
    }

    /// The sealed reason of a refusal by an identity policy; STS's `decode-authorization-message` opens it.
    #[must_use]
    pub fn encoded_authorization_message(&self) -> Option<&str> {
        self.encoded_authorization_message.as_deref()
    }

    /// The body, at most its first 64 KiB, without the credentials that the call was signed with.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// With words of our own on why this was the answer.
    pub(crate) fn explained(self, explanation: Option<String>) -> Self {
        Self { explanation, ..self }
    }

    pub(crate) fn explanation(&self) -> Option<&str> {
        self.explanation.as_deref()
    }

    /// With what its `Retry-After` says.
    pub(crate) fn waiting(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    pub(crate) fn waiting_at_least(self, wait: Duration) -> Self {
        let retry_after = self.retry_after.max(Some(wait));
        Self { retry_after, ..self }
    }

    /// Returns `true` if this was turned away because there were too many calls, and not too many of something else.
    pub(crate) fn is_throttled(&self) -> bool {
        self.meant_status() == StatusCode::TOO_MANY_REQUESTS && !self.is_quota()
    }

    /// How long to wait before the next request: what the service asks for, or for a throttled call longer, if the client's
    /// [`Pace`](crate::client::Pace) has the next one go later.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether the answer says that there are too many of something, which waiting a little does not change.
    pub(crate) fn is_quota(&self) -> bool {
        match &self.code {
            Some(ErrorCode::NotificationQuotaExceeded | ErrorCode::TrackerQuotaExceeded) => true,
            Some(code) => code.as_str().to_ascii_lowercase().contains("quota"),
            None => false,
        }
    }

    /// Whether the request may have been carried out, at least in part, before this was answered.
    pub(crate) fn may_have_applied(&self) -> bool {
        // A status of success may be right, whatever else the answer says.
        self.status.is_success()
            || self.status.is_server_error()
            || self.status == StatusCode::REQUEST_TIMEOUT
            || matches!(self.code, Some(ErrorCode::DependencyFailed | ErrorCode::QueryFailed))
    }

    /// Whether the same request may be answered differently later.
    pub(crate) fn is_transient(&self) -> bool {
        match (self.meant_status().as_u16(), &self.code) {
            (429, _) => self.is_throttled(),
            // Documented as 400, though nothing is wrong with the request: a dependency is down, or a query failed.
            (_, Some(ErrorCode::DependencyFailed | ErrorCode::QueryFailed)) => true,
            // The service's documents ask not to repeat a request that it answers so; a gateway's 503 is another matter.
            (503, Some(code)) => !code.as_str().starts_with("CTS."),
            (408 | 500 | 502 | 503 | 504, _) => true,
            _ => false,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status.as_u16())?;
        // IAM repeats the status as its code.
        let code = self.code_text().filter(|code| *code != self.status.as_str());
        match (code, self.status.canonical_reason()) {
            (Some(code), _) => write!(f, " {code}")?,
            (None, Some(reason)) => write!(f, " {reason}")?,
            (None, None) => {}
        }
        match &self.message {
            // What the gateway made of the request is for the explanation, and of no use to the eye.
            Message::Given(text) => {
                let text = text.split_once(CANONICAL_REQUEST).map_or(text.as_str(), |(words, _)| words);
                write!(f, ": {}", printable(text.trim_end_matches([',', ' ']), PRINTED))
            }
            Message::Gathered(text) => write!(f, ": {text}"),
        }?;
        for detail in &self.details {
            f.write_str(" [")?;
            if let Some(code) = &detail.code_text {
                write!(f, "{code} ")?;
            }
            write!(f, "{}]", printable(&detail.message, EXCERPT))?;
        }
        Ok(())
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("code_text", &self.code_text)
            .field("message", &self.message())
            .field("request_id", &self.request_id)
            .field("details", &self.details)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
