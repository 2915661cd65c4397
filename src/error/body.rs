//! Reading the bodies of errors: the service's, those of the gateways before it, and of whatever else stands in the way.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Map, Value};

use crate::text::printable;

/// What the gateway puts before its own canonical request, which has `|` where lines end.
pub(crate) const CANONICAL_REQUEST: &str = "canonicalRequest:";

/// How much of a body is kept, in bytes.
const KEPT: usize = 64 * 1024;

/// How much of a message is kept, in bytes.
const MESSAGE: usize = 16 * 1024;

/// How many further errors are kept.
const DETAILS: usize = 8;

/// How much of a body that is no JSON is printed, in characters.
pub(super) const EXCERPT: usize = 200;

/// What was found in a body.
#[derive(Default)]
pub(super) struct Found {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) details: Vec<Pair>,
    pub(super) encoded_authorization_message: Option<String>,
}

/// A code and a message, of which one may be missing.
pub(super) type Pair = (Option<String>, Option<String>);

/// The pairs of member names, best first.
const PAIRS: [(&str, &[&str]); 3] =
    [("error_code", &["error_msg"]), ("errorCode", &["errorMsg", "errorMessage"]), ("code", &["message"])];

pub(super) fn search(json: &Value) -> Found {
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
pub(super) fn cut(mut text: String) -> String {
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
