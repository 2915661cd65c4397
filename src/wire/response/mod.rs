//! Reading the service's answers: quickly when they are as documented, member by member when they are not.

mod density;

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use self::density::{Density, weight_of_other};
use crate::wire;
use crate::wire::open::{Key, OpenStruct, from_odd_object};

/// Why a body is not read.
const TOO_DENSE: &str = "it would take more than 20 times its size in memory, as nothing of this service does";

/// Returns `true` if a body may take more than 20 times its size in memory when it is read as a [`Value`]: millions of empty
/// objects, say, which no service sends.
pub(crate) fn is_too_dense(body: &[u8]) -> bool {
    Density::of(body, 1).is_some_and(|density| density.is_too_much_as_value(0))
}

/// An answer that is one thing.
pub(crate) fn one<T: OpenStruct>(body: &[u8]) -> Result<T, String> {
    if Density::of(body, 1).is_some_and(|density| density.is_too_much(size_of::<T>(), 0)) {
        return Err(TOO_DENSE.to_owned());
    }
    serde_json::from_slice(body).or_else(|_| Ok(from_odd_object(object(parse(body)?)?)))
}

/// Reads a response that has nothing to say: no body, `null`, an empty string, or an object. What an object says of an
/// error is for [`is_refusal`].
pub(crate) fn nothing(body: &[u8]) -> Result<(), String> {
    if body.trim_ascii().is_empty() {
        return Ok(());
    }
    match parse(body)? {
        Value::Null => Ok(()),
        Value::String(text) if text.is_empty() => Ok(()),
        other => object(other).map(|_| ()),
    }
}

/// Returns `true` if the body of a response of success has an `error_code` that says something: gateways of some clouds send
/// errors with status 200.
pub(crate) fn is_refusal(body: &[u8]) -> bool {
    /// What is longer than this is no error.
    const MOST: usize = 64 * 1024;

    if body.len() > MOST || memchr::memmem::find(body, b"\"error_code\"").is_none() {
        return false;
    }
    let Ok(Value::Object(fields)) = parse(body) else { return false };
    match fields.get("error_code") {
        Some(Value::String(code)) => !code.trim().trim_start_matches('0').is_empty(),
        Some(Value::Number(code)) => code.as_f64() != Some(0.0),
        _ => false,
    }
}

/// The things in the array `member` of an answer: none if it is null, or if the answer is an empty object. Other objects
/// without the member may come from elsewhere, and are not believed. Items that are null say nothing, and are skipped.
pub(crate) fn list<T: OpenStruct>(body: &[u8], member: &'static str) -> Result<Vec<T>, String> {
    let density = Density::of(body, 3);
    let too_much = |density: &Density| density.is_too_much(size_of::<T>(), 0);
    if density.as_ref().is_some_and(too_much) {
        return Err(TOO_DENSE.to_owned());
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    match (List { member, density, item: PhantomData }).deserialize(&mut reader) {
        Ok(Some(items)) if reader.end().is_ok() => Ok(items),
        _ => {
            if density.is_some_and(|density| density.is_too_much_as_value(size_of::<T>())) {
                return Err(TOO_DENSE.to_owned());
            }
            let mut whole = object(parse(body)?)?;
            match whole.remove(member) {
                Some(Value::Array(items)) => {
                    let mut read = Vec::with_capacity(items.len());
                    for item in items.into_iter().filter(|item| !item.is_null()) {
                        read.push(from_odd_object(object(item)?));
                    }
                    Ok(read)
                }
                Some(Value::Null) => Ok(Vec::new()),
                Some(other) => Err(format!("{member} should be an array, but is {}", kind_of(&other))),
                None if whole.is_empty() => Ok(Vec::new()),
                None => Err(format!("it has no {member}")),
            }
        }
    }
}

/// Reads one member of an object, if it is there, and skips the others.
struct List<T> {
    member: &'static str,
    density: Option<Density>,
    item: PhantomData<T>,
}

impl<'de, T: OpenStruct> DeserializeSeed<'de> for List<T> {
    type Value = Option<Vec<T>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: OpenStruct> Visitor<'de> for List<T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut items = None;
        while let Some(name) = map.next_key_seed(Key)? {
            if name == self.member {
                items = Some(map.next_value_seed(Items { density: self.density, item: PhantomData })?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(items)
    }
}

/// Reads the items of a list, in a vector that need not grow, and stops if what they keep by name is too much.
struct Items<T> {
    density: Option<Density>,
    item: PhantomData<T>,
}

impl<'de, T: OpenStruct> DeserializeSeed<'de> for Items<T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: OpenStruct> Visitor<'de> for Items<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut items = Vec::with_capacity(self.density.map_or(0, |density| density.items));
        let mut other = 0;
        while let Some(mut item) = seq.next_element::<T>()? {
            other += weight_of_other(item.other_mut().len());
            if self.density.is_some_and(|density| density.is_too_much(size_of::<T>(), other)) {
                return Err(A::Error::custom(TOO_DENSE));
            }
            items.push(item);
        }
        Ok(items)
    }
}

fn parse(body: &[u8]) -> Result<Value, String> {
    wire::from_slice(body).map_err(|error| format!("it is not JSON: {error}"))
}

fn object(value: Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(object) => Ok(object),
        other => Err(format!("an object was expected, but there is {}", kind_of(&other))),
    }
}

/// What a value is, in words.
pub(crate) fn kind_of(value: &Value) -> &'static str {
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
    use crate::notification::Notification;
    use serde_json::json;

    #[test]
    fn an_odd_member_is_kept_and_spoils_nothing_else() {
        let body = json!({"notifications": [
            {"notification_id": "a", "notification_name": "first", "create_time": "yesterday", "operations": {"0": 1}, "new": [1]},
            {"notification_id": "b", "notification_name": null, "status": "paused", "filter": null},
        ]});
        let found = list::<Notification>(body.to_string().as_bytes(), "notifications").unwrap();
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
        for good in
            ["", " \n", "{}", r#"{"request_id":"r"}"#, "null", "\"\"", r#"{"error_code":null,"error_msg":null}"#]
        {
            assert_eq!(nothing(good.as_bytes()), Ok(()), "{good}");
            assert!(!is_refusal(good.as_bytes()), "{good}");
        }
        for bad in ["<html>Log in</html>", "[]", "\"Log in\"", "true", "0"] {
            assert!(nothing(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_error_code_that_says_something_is_a_refusal_whatever_the_status() {
        for refusal in [
            r#"{"error_code":"CTS.0013","error_msg":"m"}"#,
            r#"{"error_msg":"m","error_code":7}"#,
            r#"{"notifications":[],"error_code":"CTS.0013"}"#,
            "{\"error_code\":\"CTS.0013\",\"error_msg\":\"a\nb\"}",
        ] {
            assert!(is_refusal(refusal.as_bytes()), "{refusal}");
        }
        for success in [
            r#"{"error_code":""}"#,
            r#"{"error_code":" "}"#,
            r#"{"error_code":"0"}"#,
            r#"{"error_code":"000"}"#,
            r#"{"error_code":0}"#,
            r#"{"error_code":0.0}"#,
            r#"{"error_code":false}"#,
            r#"{"error_msg":"fine"}"#,
            r#"{"notifications":[{"error_code":"OBS.NoSuchBucket"}]}"#,
            r#"["error_code"]"#,
            r#"{"error_code":"#,
        ] {
            assert!(!is_refusal(success.as_bytes()), "{success}");
        }
    }

    #[test]
    fn empty_lists_come_in_several_forms_and_other_answers_are_refused() {
        for empty in ["{}", r#"{"notifications":null}"#, r#"{"notifications":[]}"#] {
            assert_eq!(list::<Notification>(empty.as_bytes(), "notifications"), Ok(vec![]), "{empty}");
        }
        for (body, reason) in [
            ("[]", "an object was expected, but there is an array"),
            (r#"{"notifications":"none"}"#, "notifications should be an array, but is a string"),
            (r#"{"error_code":"CTS.0300","error_msg":"m"}"#, "it has no notifications"),
            (r#"{"notifications":["a"]}"#, "an object was expected, but there is a string"),
            ("<html>", "it is not JSON: expected value at line 1 column 1"),
            ("", "it is not JSON: EOF while parsing a value at line 1 column 0"),
        ] {
            assert_eq!(list::<Notification>(body.as_bytes(), "notifications"), Err(reason.to_owned()), "{body}");
        }
    }
}
