//! Reading the service's answers: quickly when they are as documented, member by member when they are not.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Notification;
use crate::open_struct::{deserialize_open, from_odd_object, null_as_default};

/// The answer to a list call.
#[derive(Default, Deserialize)]
#[serde(default)]
struct List {
    #[serde(deserialize_with = "null_as_default_but_there")]
    notifications: Option<Vec<Notification>>,
}

/// Tells `null`, which is an empty list, from a member that is missing.
fn null_as_default_but_there<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Notification>>, D::Error> {
    null_as_default(deserializer).map(Some)
}

/// Reads one notification. Without an id it is none: an answer of success may come from elsewhere.
pub(super) fn notification(body: &[u8]) -> Result<Notification, String> {
    let read: Notification = match serde_json::from_slice(body) {
        Ok(read) => read,
        Err(_) => from_odd_object(object(parse(body)?)?),
    };
    if read.notification_id.as_str().is_empty() {
        return Err("it has no notification_id".to_owned());
    }
    Ok(read)
}

/// Reads the answer to a deletion, which has nothing to say.
pub(super) fn nothing(body: &[u8]) -> Result<(), String> {
    if body.trim_ascii().is_empty() {
        return Ok(());
    }
    match object(parse(body)?)?.get("error_code") {
        None => Ok(()),
        Some(code) => Err(format!("it has the error code {code}")),
    }
}

pub(super) fn list(body: &[u8]) -> Result<Vec<Notification>, String> {
    // Not derived alone: that would take an array for an object.
    let mut reader = serde_json::Deserializer::from_slice(body);
    match deserialize_open(&mut reader, |open| List::deserialize(open)) {
        Ok((List { notifications: Some(list) }, _)) if reader.end().is_ok() => Ok(list),
        Ok((_, other)) if reader.end().is_ok() && other.is_empty() => Ok(Vec::new()),
        _ => match object(parse(body)?)?.remove("notifications") {
            Some(Value::Array(items)) => items.into_iter().map(|item| Ok(from_odd_object(object(item)?))).collect(),
            Some(other) => Err(format!("notifications should be an array, but is {}", kind(&other))),
            None => Err("it has no notifications".to_owned()),
        },
    }
}

fn parse(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|error| format!("it is not JSON: {error}"))
}

fn object(value: Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(object) => Ok(object),
        other => Err(format!("an object was expected, but there is {}", kind(&other))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_odd_member_is_kept_and_spoils_nothing_else() {
        let body = json!({"notifications": [
            {"notification_id": "a", "notification_name": "first", "create_time": "yesterday", "operations": {"0": 1}, "new": [1]},
            {"notification_id": "b", "notification_name": null, "status": "paused", "filter": null},
        ]});
        let found = list(body.to_string().as_bytes()).unwrap();
        assert_eq!(found[0].notification_name, "first");
        assert_eq!(found[0].create_time, None);
        assert_eq!(
            Value::Object(found[0].other.clone()),
            json!({"create_time": "yesterday", "operations": {"0": 1}, "new": [1]})
        );
        assert_eq!(found[1].status.as_ref().unwrap().as_str(), "paused");
        assert_eq!((found[1].notification_name.as_str(), &found[1].filter), ("", &None));
    }

    #[test]
    fn success_is_not_believed_without_evidence() {
        assert_eq!(notification(br#"{"status":"ok"}"#), Err("it has no notification_id".to_owned()));
        assert_eq!(notification(br#"{"error_code":"CTS.0004"}"#), Err("it has no notification_id".to_owned()));
        assert!(notification(br#"{"notification_id":"a","create_time":"now"}"#).is_ok());
        for good in ["", " \n", "{}", r#"{"request_id":"r"}"#] {
            assert_eq!(nothing(good.as_bytes()), Ok(()), "{good}");
        }
        for bad in ["<html>Log in</html>", "[]", r#"{"error_code":"CTS.0004"}"#] {
            assert!(nothing(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn empty_lists_come_in_several_forms_and_other_answers_are_refused() {
        for empty in ["{}", r#"{"notifications":null}"#, r#"{"notifications":[]}"#] {
            assert_eq!(list(empty.as_bytes()), Ok(vec![]), "{empty}");
        }
        for (body, reason) in [
            ("[]", "an object was expected, but there is an array"),
            (r#"{"notifications":"none"}"#, "notifications should be an array, but is a string"),
            (r#"{"error_code":"CTS.0300","error_msg":"m"}"#, "it has no notifications"),
            (r#"{"notifications":["a"]}"#, "an object was expected, but there is a string"),
            ("<html>", "it is not JSON: expected value at line 1 column 1"),
            ("", "it is not JSON: EOF while parsing a value at line 1 column 0"),
        ] {
            assert_eq!(list(body.as_bytes()), Err(reason.to_owned()), "{body}");
        }
    }
}
