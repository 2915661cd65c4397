//! Responses that refuse a call.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use super::ErrorCode;
use crate::secret::Credentials;
use crate::text::{cut, printable};
use crate::wire;
use crate::wire::error::{CANONICAL_REQUEST, EXCERPT, Pair, described, kept, request_id, search};

/// The maximum number of bytes of a message that are kept.
const MESSAGE: usize = 16 * 1024;

/// The maximum number of characters of a message that are printed.
const PRINTED: usize = 2_000;

/// A response with a status of 300 or above, or with a status of success and an `error_code`.
///
/// It is read from every shape of body that the service, the API gateways and IAM are known to
/// send: `error_code`/`error_msg`, `errorCode`/`errorMsg`, `code`/`message`, at the top or nested,
/// with codes as strings or numbers; and from bodies that have none of these.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    code: Option<ErrorCode>,
    code_text: Option<String>,
    message: Message,
    request_id: Option<String>,
    details: Vec<ErrorDetail>,
    encoded_authorization_message: Option<String>,
    /// What is known beyond the service's message.
    explanation: Option<String>,
    retry_after: Option<Duration>,
    body: Bytes,
}

#[derive(Clone, PartialEq, Eq)]
enum Message {
    /// The service's own.
    Given(String),
    /// A description of a response without one.
    Gathered(String),
}

/// One of several errors in a response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorDetail {
    /// The code, if it has one.
    pub code: Option<ErrorCode>,
    /// The code as it was sent, see [`ApiError::code_text`].
    pub code_text: Option<String>,
    /// The message; empty if it has none.
    pub message: String,
}

impl ApiError {
    /// Creates an error from a response with any body: JSON, text, HTML, cut off, not UTF-8, empty.
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

    /// Creates an error from the response to a request that was signed with `credentials`. Gateways
    /// repeat what they were sent, so the credentials are removed from everything that is kept.
    pub(crate) fn of_call(response: &http::Response<Bytes>, credentials: &Credentials) -> Self {
        let body = credentials.redact_bytes(kept(response.body()));
        Self::read(response, &|text| credentials.redact(text), body)
    }

    /// `clean` gets text that is cut already, because its time grows with the length of the text.
    fn read(
        response: &http::Response<Bytes>,
        clean: &dyn Fn(String) -> String,
        kept: Bytes,
    ) -> Self {
        let body = response.body();
        let json = wire::response::value(body).ok();
        let is_json = json.is_some();
        let found = json.map(search).unwrap_or_default();
        let clean_start = |text| clean(cut(text, MESSAGE));
        let code_text = |text: String| printable(&clean_start(text), EXCERPT);
        let message = match found.message {
            Some(message) => Message::Given(clean_start(message)),
            // The JSON itself is available from `body`.
            None if is_json && !response.status().is_redirection() => {
                Message::Gathered("a JSON response without a message".to_owned())
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

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the status, or the documented status of the code if the response has a status of
    /// success.
    pub(super) fn meant_status(&self) -> StatusCode {
        if !self.status.is_success() {
            return self.status;
        }
        self.code.as_ref().and_then(ErrorCode::documented_status).unwrap_or(StatusCode::BAD_REQUEST)
    }

    /// Returns the code, if there was one.
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

    /// Returns the service's message; for a response without one a description, such as the title
    /// of an HTML page or the start of a text.
    #[must_use]
    pub fn message(&self) -> &str {
        match &self.message {
            Message::Given(text) | Message::Gathered(text) => text,
        }
    }

    /// Returns the id that the service gave the request, from a header or the body.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the further errors that the response lists, at most 8.
    #[must_use]
    pub fn details(&self) -> &[ErrorDetail] {
        &self.details
    }

    /// Returns the encoded reason of a denial by an identity policy, which
    /// `decode-authorization-message` of STS decodes.
    #[must_use]
    pub fn encoded_authorization_message(&self) -> Option<&str> {
        self.encoded_authorization_message.as_deref()
    }

    /// Returns the body, at most its first 64 KiB, without the credentials that the call was signed
    /// with.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Sets what is known about the reason, beyond the service's message.
    pub(crate) fn explained(self, explanation: Option<String>) -> Self {
        Self { explanation, ..self }
    }

    pub(crate) fn explanation(&self) -> Option<&str> {
        self.explanation.as_deref()
    }

    /// Sets the time of the `Retry-After` header.
    pub(crate) fn waiting(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }

    pub(crate) fn waiting_at_least(self, wait: Duration) -> Self {
        let retry_after = self.retry_after.max(Some(wait));
        Self { retry_after, ..self }
    }

    /// Returns `true` if there were too many calls, and not too many of something else.
    pub(crate) fn is_throttled(&self) -> bool {
        self.meant_status() == StatusCode::TOO_MANY_REQUESTS && !self.is_quota()
    }

    /// Returns how long to wait before the next request: what the service asks for, or for a
    /// throttled call longer, if the client's [`Pace`](crate::client::Pace) has the next one go
    /// later.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns `true` if a quota is exhausted, which waiting does not change.
    pub(crate) fn is_quota(&self) -> bool {
        match &self.code {
            Some(ErrorCode::NotificationQuotaExceeded | ErrorCode::TrackerQuotaExceeded) => true,
            Some(code) => code.as_str().to_ascii_lowercase().contains("quota"),
            None => false,
        }
    }

    /// Returns `true` if the request may have been applied, at least in part.
    pub(crate) fn may_have_applied(&self) -> bool {
        // A status of success may be right, whatever else the response says.
        self.status.is_success()
            || self.status.is_server_error()
            || self.status == StatusCode::REQUEST_TIMEOUT
            || matches!(self.code, Some(ErrorCode::DependencyFailed | ErrorCode::QueryFailed))
    }

    /// Returns `true` if the same request may succeed later.
    pub(crate) fn is_transient(&self) -> bool {
        match (self.meant_status().as_u16(), &self.code) {
            (429, _) => self.is_throttled(),
            // Documented with 400, although the request is fine: a dependency is down, or a query
            // failed.
            (_, Some(ErrorCode::DependencyFailed | ErrorCode::QueryFailed)) => true,
            // The documents of the service ask not to repeat a request after its 503. This is not
            // about a gateway's.
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
            // The gateway's canonical request is for the explanation; it is too long to print.
            Message::Given(text) => {
                let text =
                    text.split_once(CANONICAL_REQUEST).map_or(text.as_str(), |(words, _)| words);
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
