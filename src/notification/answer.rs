//! Reading the service's answers: quickly when they are as documented, member by member when they are not.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Notification;
use crate::open_struct::{deserialize_open, from_odd_object, null_as_default};

/// The answer to a list call.
#[derive(Default, Deserialize)]
#[serde(default)]
struct List {
    #[serde(deserialize_with = "null_as_default")]
    notifications: Vec<Notification>,
}

pub(super) fn notification(body: &[u8]) -> Result<Notification, String> {
    serde_json::from_slice(body).or_else(|_| Ok(from_odd_object(object(parse(body)?)?)))
}

pub(super) fn list(body: &[u8]) -> Result<Vec<Notification>, String> {
    // Not derived alone: that would take an array for an object.
    let mut reader = serde_json::Deserializer::from_slice(body);
    match deserialize_open(&mut reader, |open| List::deserialize(open)) {
        Ok((list, _)) if reader.end().is_ok() => Ok(list.notifications),
        _ => match object(parse(body)?)?.remove("notifications") {
            Some(Value::Array(items)) => items.into_iter().map(|item| Ok(from_odd_object(object(item)?))).collect(),
            Some(other) => Err(format!("notifications should be an array, but is {}", kind(&other))),
            None => Ok(Vec::new()),
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
    fn empty_lists_come_in_several_forms_and_other_answers_are_refused() {
        for empty in ["{}", r#"{"notifications":null}"#, r#"{"notifications":[]}"#] {
            assert_eq!(list(empty.as_bytes()), Ok(vec![]), "{empty}");
        }
        for (body, reason) in [
            ("[]", "an object was expected, but there is an array"),
            (r#"{"notifications":"none"}"#, "notifications should be an array, but is a string"),
            (r#"{"notifications":["a"]}"#, "an object was expected, but there is a string"),
            ("<html>", "it is not JSON: expected value at line 1 column 1"),
            ("", "it is not JSON: EOF while parsing a value at line 1 column 0"),
        ] {
            assert_eq!(list(body.as_bytes()), Err(reason.to_owned()), "{body}");
        }
    }
}
