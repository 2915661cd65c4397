//! Bodies of errors of the service, the gateways in front of it, and proxies.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value};

use super::compression;
use crate::text::printable;

/// The text in front of the gateway's canonical request, which has `|` in place of line breaks.
pub(crate) const CANONICAL_REQUEST: &str = "canonicalRequest:";

/// The maximum number of bytes of a body that are kept.
const KEPT: usize = 64 * 1024;

/// The maximum number of further errors that are kept.
const DETAILS: usize = 8;

/// The maximum number of characters that are printed of a body that is not JSON.
pub(crate) const EXCERPT: usize = 200;

/// The parts of an error's body.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) details: Vec<Pair>,
    pub(crate) encoded_authorization_message: Option<String>,
}

/// A code and a message, either of which may be missing.
pub(crate) type Pair = (Option<String>, Option<String>);

/// The fields that hold a code, and those that hold a message, best first.
const CODES: [&str; 3] = ["error_code", "errorCode", "code"];
const MESSAGES: [&str; 8] = [
    "error_msg",
    "error_message",
    "errorMsg",
    "errorMessage",
    "message",
    "msg",
    "details",
    "detail",
];

/// The maximum depth of JSON in messages.
const LAYERS: u8 = 4;

/// Finds the outermost code and message. If that code is missing or a bare number, such as a
/// repeated status, finds the first nested code that is not, with the message beside it.
pub(crate) fn search(mut json: Value) -> Found {
    open_messages(&mut json, LAYERS);
    let objects = objects(&json);
    let pairs = || objects.iter().map(|object| pair(object));
    let (code, message) = pairs()
        .find(|(code, _)| code.as_deref().is_some_and(|code| !is_bare_number(code)))
        .unwrap_or_default();
    let code = code.or_else(|| pairs().find_map(|(code, _)| code));
    let message = message.or_else(|| pairs().find_map(|(_, message)| message));
    let field = |name| objects.iter().find_map(|object| object.get(name).and_then(scalar));
    let details = objects.iter().find_map(|object| object.get("details").and_then(Value::as_array));
    let details =
        details.into_iter().flatten().filter_map(|detail| Some(pair(detail.as_object()?)));
    Found {
        code,
        message,
        request_id: field("request_id"),
        encoded_authorization_message: field("encoded_authorization_message"),
        details: details
            .filter(|(code, message)| code.is_some() || message.is_some())
            .take(DETAILS)
            .collect(),
    }
}

/// Replaces messages that are JSON objects in a string by these objects: a gateway forwards errors
/// from behind it so.
fn open_messages(value: &mut Value, layers: u8) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let Value::String(text) = value
                    && layers > 0
                    && text.trim_start().starts_with('{')
                    && MESSAGES.contains(&name.as_str())
                    && let Ok(inner @ Value::Object(_)) = serde_json::from_str(text)
                {
                    *value = inner;
                    open_messages(value, layers - 1);
                } else {
                    open_messages(value, layers);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| open_messages(item, layers)),
        _ => {}
    }
}

/// Returns all objects in a value, the outer ones first, without those in lists of details.
fn objects(json: &Value) -> Vec<&Map<String, Value>> {
    let mut found = Vec::new();
    let mut level = vec![json];
    while !level.is_empty() {
        let mut next = Vec::new();
        for value in level {
            match value {
                Value::Object(object) => {
                    found.push(object);
                    let is_list = |name: &str, value: &Value| name == "details" && value.is_array();
                    next.extend(
                        object
                            .iter()
                            .filter(|(name, value)| !is_list(name, value))
                            .map(|(_, value)| value),
                    );
                }
                Value::Array(items) => next.extend(items),
                _ => {}
            }
        }
        level = next;
    }
    found
}

/// Returns the code and the message of an object. A code that is not a bare number is preferred.
fn pair(object: &Map<String, Value>) -> Pair {
    let codes = || CODES.iter().filter_map(|name| object.get(*name).and_then(scalar));
    let code = codes().find(|code| !is_bare_number(code)).or_else(|| codes().next());
    (code, MESSAGES.iter().find_map(|name| object.get(*name).and_then(scalar)))
}

fn is_bare_number(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the text of a string that is not empty, or of a number.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns the id that the service gave a request, from the headers of the response. `clean`
/// removes credentials before anything is cut.
pub(crate) fn request_id(headers: &HeaderMap, clean: &dyn Fn(String) -> String) -> Option<String> {
    let text = |name| {
        headers.get(name).and_then(|value| value.to_str().ok()).map(|id| clean(id.to_owned()))
    };
    let id = |name| text(name).map(|id| printable(&id, EXCERPT)).filter(|id| !id.is_empty());
    ["x-request-id", "x-iam-trace-id"].into_iter().find_map(id)
}

/// Returns the part of a body that is kept; a copy if that frees a much larger one.
pub(crate) fn kept(body: &Bytes) -> Bytes {
    match body.get(..KEPT) {
        Some(start) if body.len() > KEPT => Bytes::copy_from_slice(start),
        _ => body.clone(),
    }
}

/// Describes a response that has no message in a known form.
pub(crate) fn described(
    response: &http::Response<Bytes>,
    clean: &dyn Fn(String) -> String,
) -> String {
    let body = response.body();
    if response.status().is_redirection() {
        let target = response
            .headers()
            .get(http::header::LOCATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("nowhere");
        // Without the query, because a redirect may repeat that of the request.
        let target = clean(target.split(['?', '#']).next().unwrap_or_default().to_owned());
        return format!(
            "a redirect to {}, which is not followed: check the endpoint",
            printable(&target, EXCERPT)
        );
    }
    if let Some(compression) = compression(response) {
        return format!(
            "a body compressed with {}, which was not requested and can't be read: check the proxies on the way",
            printable(compression, EXCERPT)
        );
    }
    let start = clean(String::from_utf8_lossy(body.get(..KEPT).unwrap_or(body)).into_owned());
    let text = start.trim_start();
    if text.is_empty() {
        return "a response without a body".to_owned();
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
                    "an HTML page titled {title:?}, probably not from the service: check the endpoint and the proxies on the way"
                )
            }
            _ => {
                "an HTML page, probably not from the service: check the endpoint and the proxies on the way".to_owned()
            }
        };
    }
    printable(text, EXCERPT)
}
