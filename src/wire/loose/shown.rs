//! `Debug` of JSON from outside: all of it but credentials, at any depth, in JSON within strings
//! too.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

/// How many strings within strings are parsed as JSON.
const LEVELS: u8 = 4;

/// Writes the JSON of a value, without credentials.
pub(crate) fn debug(name: &str, value: &impl Serialize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => {
            let mut shown = f.debug_struct(name);
            for (name, value) in &fields {
                shown.field(name, &Shown::field(name, value, LEVELS));
            }
            shown.finish()
        }
        Ok(other) => f.debug_tuple(name).field(&Shown::Value(&other, LEVELS)).finish(),
        Err(_) => f.debug_struct(name).finish_non_exhaustive(),
    }
}

/// Unknown fields, for `Debug`.
pub(crate) struct ShownFields<'v>(pub(crate) &'v Map<String, Value>);

impl fmt::Debug for ShownFields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.0.iter().map(|(name, value)| (name, Shown::field(name, value, LEVELS))))
            .finish()
    }
}

/// A value from outside, for `Debug`.
enum Shown<'v> {
    Hidden,
    Value(&'v Value, u8),
}

impl<'v> Shown<'v> {
    fn field(name: &str, value: &'v Value, levels: u8) -> Self {
        if is_secret(name) && !value.is_null() { Self::Hidden } else { Self::Value(value, levels) }
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Value(value, levels) = *self else { return f.write_str("[redacted]") };
        match value {
            Value::Object(fields) => {
                let fields =
                    fields.iter().map(|(name, value)| (name, Self::field(name, value, levels)));
                f.debug_map().entries(fields).finish()
            }
            Value::Array(items) => {
                f.debug_list().entries(items.iter().map(|item| Self::Value(item, levels))).finish()
            }
            Value::String(text) => match json(text, levels) {
                Some((json, levels)) if has_secret(&json, levels) => {
                    fmt::Debug::fmt(&Shown::Value(&json, levels), f)
                }
                None if names_secret(text) => f.write_str("[redacted]"),
                Some(_) | None => fmt::Debug::fmt(text, f),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) => fmt::Display::fmt(value, f),
        }
    }
}

/// Returns the JSON in a string, if it is an object, an array or a string again.
fn json(text: &str, levels: u8) -> Option<(Value, u8)> {
    let levels = levels.checked_sub(1)?;
    let json = text
        .trim_start()
        .starts_with(['{', '[', '"'])
        .then(|| serde_json::from_str(text).ok())??;
    Some((json, levels))
}

fn has_secret(value: &Value, levels: u8) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            (is_secret(name) && !value.is_null()) || has_secret(value, levels)
        }),
        Value::Array(items) => items.iter().any(|item| has_secret(item, levels)),
        Value::String(text) => match json(text, levels) {
            Some((json, levels)) => has_secret(&json, levels),
            None => names_secret(text),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Returns `true` if a value of this name is a credential, or may contain one: access keys, tokens,
/// links with tokens, the headers and the query of a request.
fn is_secret(name: &str) -> bool {
    const PARTS: [&str; 13] = [
        "accesskey",
        "apikey",
        "authkey",
        "authorization",
        "cookie",
        "credential",
        "passphrase",
        "passwd",
        "password",
        "privatekey",
        "secret",
        "subscribeurl",
        "token",
    ];
    // Such as `adminPass` of a server.
    const ENDS: [&str; 3] = ["headers", "pass", "querystringparameters"];
    const WHOLE: [&str; 3] = ["ak", "pwd", "sk"];

    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    WHOLE.contains(&name.as_str())
        || PARTS.iter().any(|part| name.contains(part))
        || ENDS.iter().any(|end| name.ends_with(end))
}

/// Returns `true` if a string that is not JSON may contain a credential: `token=…`, `"secret": …`
/// of truncated JSON, `<secret>…`, `Bearer …`.
fn names_secret(text: &str) -> bool {
    let starts_with = |scheme: &str| {
        text.trim_start()
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    ["bearer ", "basic "].into_iter().any(starts_with) || assigns_secret(text) || {
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
        decoded != text && assigns_secret(&decoded)
    }
}

fn assigns_secret(text: &str) -> bool {
    text.match_indices(['=', ':', '>']).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default().trim_end_matches(['"', '\'', '\\', ' ']);
        before
            .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
            .next()
            .is_some_and(is_secret)
    })
}
