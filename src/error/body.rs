//! Reading the error answers of the service, of the gateways before it, and of whatever else stands in the way.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::ErrorCode;
use crate::credentials::Credentials;

/// What the gateway puts before its own canonical request, which has `|` where lines end.
pub(crate) const CANONICAL_REQUEST: &str = "canonicalRequest:";

/// How much of a body is kept, in bytes.
const KEPT: usize = 64 * 1024;

/// How much of a message is kept, in bytes.
const MESSAGE: usize = 16 * 1024;

/// How many further errors are kept.
const DETAILS: usize = 8;

/// How much of a message is printed, in characters.
const PRINTED: usize = 2_000;

/// How much of a body that is no JSON is printed, in characters.
const EXCERPT: usize = 200;

/// An answer of status 300 or above.
///
/// Read from every body shape that the service, the API gateways and IAM are known to send: `error_code`/`error_msg`,
/// `errorCode`/`errorMsg`, `code`/`message`, at the top or nested, codes as text or number; and from bodies that are none
/// of these.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    code: Option<ErrorCode>,
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
    /// Its message; empty if it has none.
    pub message: String,
}

impl ApiError {
    /// Reads an answer. Takes any body: text, HTML, cut off, not UTF-8, empty.
    #[must_use]
    pub fn from_response(response: &http::Response<Bytes>) -> Self {
        Self::read(response, &|text| text)
    }

    /// Reads an answer to a request that was signed with `credentials`. Gateways repeat what they were sent, so the keys are
    /// taken out of all that is printed. The body stays as it came.
    pub(crate) fn of_call(response: &http::Response<Bytes>, credentials: &Credentials) -> Self {
        Self::read(response, &|text| credentials.redact(text))
    }

    fn read(response: &http::Response<Bytes>, clean: &dyn Fn(String) -> String) -> Self {
        let body = response.body();
        // A stray byte is no reason to lose the code.
        let json: Option<Value> = match std::str::from_utf8(body) {
            Ok(text) => serde_json::from_str(text).ok(),
            Err(_) => serde_json::from_str(&String::from_utf8_lossy(body)).ok(),
        };
        let found = json.as_ref().map(search).unwrap_or_default();
        let code = |text: String| ErrorCode::from(printable(&clean(text), EXCERPT));
        let message = match found.message {
            Some(message) => Message::Given(cut(clean(message))),
            None => Message::Gathered(described(response, clean)),
        };
        let detail = |(detail_code, message): Pair| ErrorDetail {
            code: detail_code.map(code),
            message: cut(clean(message.unwrap_or_default())),
        };
        Self {
            status: response.status(),
            code: found.code.map(code),
            message,
            request_id: request_id(response.headers(), clean)
                .or(found.request_id.map(|id| printable(&clean(id), EXCERPT))),
            details: found.details.into_iter().map(detail).collect(),
            encoded_authorization_message: found.encoded_authorization_message.map(|text| cut(clean(text))),
            explanation: None,
            retry_after: None,
            body: kept(body),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The code, if there was one.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
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

    /// The body as it came, at most its first 64 KiB.
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

    /// How long the service asks to wait before the next request.
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
        self.status.is_server_error()
            || self.status == StatusCode::REQUEST_TIMEOUT
            || matches!(self.code, Some(ErrorCode::DependencyFailed | ErrorCode::QueryFailed))
    }

    /// Whether the same request may be answered differently later.
    pub(crate) fn is_transient(&self) -> bool {
        match (self.status.as_u16(), &self.code) {
            (429, _) => !self.is_quota(),
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
        let code = self.code.as_ref().filter(|code| code.as_str() != self.status.as_str());
        match (code, self.status.canonical_reason()) {
            (Some(code), _) => write!(f, " {}", printable(code.as_str(), EXCERPT))?,
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
            if let Some(code) = &detail.code {
                write!(f, "{} ", printable(code.as_str(), EXCERPT))?;
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
            .field("message", &self.message())
            .field("request_id", &self.request_id)
            .field("details", &self.details)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Found {
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    details: Vec<Pair>,
    encoded_authorization_message: Option<String>,
}

/// A code and a message, of which one may be missing.
type Pair = (Option<String>, Option<String>);

/// The pairs of member names, best first.
const PAIRS: [(&str, &[&str]); 3] =
    [("error_code", &["error_msg"]), ("errorCode", &["errorMsg", "errorMessage"]), ("code", &["message"])];

fn search(json: &Value) -> Found {
    let objects = objects(json);
    // A whole pair anywhere is better than half of one further out.
    let (code, message) = objects
        .iter()
        .find_map(|object| pair(object).filter(|(code, message)| code.is_some() && message.is_some()))
        .or_else(|| objects.iter().find_map(|object| pair(object)))
        .unwrap_or_default();
    let member = |name| objects.iter().find_map(|object| object.get(name).and_then(scalar));
    let details = objects.iter().find_map(|object| object.get("details").and_then(Value::as_array));
    Found {
        code,
        message,
        request_id: member("request_id"),
        encoded_authorization_message: member("encoded_authorization_message"),
        details: details.into_iter().flatten().filter_map(|detail| pair(detail.as_object()?)).take(DETAILS).collect(),
    }
}

/// All objects in a value, the outer ones first. Lists of details are not looked into.
fn objects(json: &Value) -> Vec<&Map<String, Value>> {
    let mut found = Vec::new();
    let mut level = vec![json];
    while !level.is_empty() {
        let mut next = Vec::new();
        for value in level {
            match value {
                Value::Object(object) => {
                    found.push(object);
                    next.extend(object.iter().filter(|(name, _)| *name != "details").map(|(_, value)| value));
                }
                Value::Array(items) => next.extend(items),
                _ => {}
            }
        }
        level = next;
    }
    found
}

/// The first whole pair of an object; else the first code and the first message that it has.
fn pair(object: &Map<String, Value>) -> Option<Pair> {
    let pairs = PAIRS.map(|(code, messages)| {
        let message = messages.iter().find_map(|name| object.get(*name).and_then(scalar));
        (object.get(code).and_then(scalar), message)
    });
    let whole = pairs.iter().find(|(code, message)| code.is_some() && message.is_some()).cloned();
    let [(code, message), (code2, message2), (code3, message3)] = pairs;
    let parts = (code.or(code2).or(code3), message.or(message2).or(message3));
    whole.or(Some(parts)).filter(|(code, message)| code.is_some() || message.is_some())
}

/// The text of a string that is not empty, or of a number.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The id that the service gave a request, from the headers of the answer. `clean` takes out keys, before anything is cut.
pub(crate) fn request_id(headers: &HeaderMap, clean: &dyn Fn(String) -> String) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(|id| clean(id.to_owned()));
    let id = |name| text(name).map(|id| printable(&id, EXCERPT)).filter(|id| !id.is_empty());
    ["x-request-id", "x-iam-trace-id"].into_iter().find_map(id)
}

/// The start of a message.
fn cut(mut text: String) -> String {
    if text.len() > MESSAGE {
        let end = (0..=MESSAGE).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
        text.shrink_to_fit();
    }
    text
}

/// The part of a body that is kept: a copy, where that frees a much larger one.
pub(crate) fn kept(body: &Bytes) -> Bytes {
    match body.get(..KEPT) {
        Some(start) if body.len() > KEPT => Bytes::copy_from_slice(start),
        _ => body.clone(),
    }
}

/// What to say of an answer that says nothing in a form that we know.
pub(crate) fn described(response: &http::Response<Bytes>, clean: &dyn Fn(String) -> String) -> String {
    let body = response.body();
    if response.status().is_redirection() {
        let target =
            response.headers().get(http::header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or("nowhere");
        // Only where to, not with what: a redirect may repeat the query.
        let target = clean(target.split(['?', '#']).next().unwrap_or_default().to_owned());
        return format!("a redirect to {}, which is not followed: is the endpoint right?", printable(&target, EXCERPT));
    }
    let start = clean(String::from_utf8_lossy(body.get(..KEPT).unwrap_or(body)).into_owned());
    let text = start.trim_start();
    if text.is_empty() {
        return "an answer without a body".to_owned();
    }
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("<!doctype") || lower.starts_with("<html") {
        let title = lower.find("<title>").and_then(|open| {
            let from = open + "<title>".len();
            let to = from + lower.get(from..)?.find("</title>")?;
            text.get(from..to)
        });
        return match title.map(|title| printable(title, EXCERPT)) {
            Some(title) if !title.is_empty() => {
                format!(
                    "an HTML page titled {title:?}, so probably not from the service: a proxy, or a wrong endpoint?"
                )
            }
            _ => "an HTML page, so probably not from the service: a proxy, or a wrong endpoint?".to_owned(),
        };
    }
    printable(text, EXCERPT)
}

/// One line without control characters, cut after `limit` characters.
pub(crate) fn printable(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len().min(limit * 2));
    let mut shown = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_control() || c.is_whitespace() {
            gap = !line.is_empty();
            continue;
        }
        if shown >= limit {
            line.push('…');
            break;
        }
        if gap {
            line.push(' ');
            gap = false;
        }
        line.push(c);
        shown += 1;
    }
    line
}
