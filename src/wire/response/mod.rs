//! Reading the service's responses: quickly when they are as documented, field by field when they
//! are not.

use std::fmt;
use std::marker::PhantomData;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::de::{
    Deserialize as _, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::de::StrRead;
use serde_json::{Map, Value};

use crate::wire;
use crate::wire::open::{OpenStruct, OpenValue, Seed};
use crate::wire::room::{Room, TooDense};

/// A response that is one thing.
pub(crate) fn one<T: OpenStruct>(body: &[u8]) -> Result<T, String> {
    let room = Room::of(body);
    let mark = room.mark();
    if let Some(read) = documented(body, |reader| T::read(reader, &room)) {
        return Ok(read);
    }
    room.check().map_err(too_dense)?;
    room.return_to(mark);
    let read = T::from_odd_object(object(parse(body, &room)?)?, &room);
    room.check().map_err(too_dense)?;
    Ok(read)
}

/// Reads a body of any form, repaired where it must be.
pub(crate) fn value(body: &[u8]) -> Result<Value, String> {
    parse(body, &Room::of(body))
}

/// Reads a response that is any object: for what a few fields are picked from.
pub(crate) fn any_object(body: &[u8]) -> Result<Map<String, Value>, String> {
    object(value(body)?)
}

/// Reads a response that is an object, whose array `field` will be made into items of `T`. As in
/// [`list`], items that are null are skipped, and an object with neither the field nor any other is
/// an empty list.
pub(crate) fn loose_list<T>(
    body: &[u8],
    field: &'static str,
) -> Result<Map<String, Value>, String> {
    let room = Room::of(body);
    let mut whole = object(parse(body, &room)?)?;
    let is_empty = whole.is_empty();
    match whole.get_mut(field) {
        Some(Value::Array(items)) => {
            items.retain(|item| !item.is_null());
            if let Some(odd) = items.iter().find(|item| !item.is_object()) {
                return Err(format!("{field} should be objects, but there is {}", kind_of(odd)));
            }
            room.items::<T>(items.len()).map_err(too_dense)?;
        }
        Some(Value::Null) => {}
        Some(other) => {
            return Err(format!("{field} should be an array, but is {}", kind_of(other)));
        }
        None if is_empty => {}
        None => return Err(format!("it has no {field}")),
    }
    Ok(whole)
}

/// Reads a response that has nothing to say: no body, `null`, an empty string, or an object. What
/// an object says of an error is for [`is_refusal`].
pub(crate) fn nothing(body: &[u8]) -> Result<(), String> {
    if body.trim_ascii().is_empty() {
        return Ok(());
    }
    match value(body)? {
        Value::Null => Ok(()),
        Value::String(text) if text.is_empty() => Ok(()),
        other => object(other).map(|_| ()),
    }
}

/// Returns `true` if the body of a response of success has an `error_code` that says something:
/// gateways of some clouds send errors with status 200.
pub(crate) fn is_refusal(body: &[u8]) -> bool {
    /// What is longer than this is no error.
    const MOST: usize = 64 * 1024;

    static CODE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"error_code\""));

    if body.len() > MOST || CODE.find(body).is_none() {
        return false;
    }
    let Ok(Value::Object(fields)) = value(body) else { return false };
    match fields.get("error_code") {
        Some(Value::String(code)) => !code.trim().trim_start_matches('0').is_empty(),
        Some(Value::Number(code)) => code.as_f64() != Some(0.0),
        _ => false,
    }
}

/// The things in the array `field` of a response: none if it is null, or if the response is an
/// empty object. Other objects without the field may come from elsewhere, and are not believed.
/// Items that are null say nothing, and are skipped.
pub(crate) fn list<T: OpenStruct>(body: &[u8], field: &'static str) -> Result<Vec<T>, String> {
    let room = Room::of(body);
    let mark = room.mark();
    let places = Places::Expected(body.len() / ITEM);
    let mut read = list_within::<T>(body, field, places, &room);
    if read.is_none() && room.check().is_err() {
        // A vector that grows takes up to three times its size. Counting first is slower, and only
        // rows as short as no others need it.
        room.return_to(mark);
        let count =
            list_within::<Counted>(body, field, places, &room).map_or(0, |items| items.len());
        read = list_within::<T>(body, field, Places::Counted(count), &room);
        room.check().map_err(too_dense)?;
    }
    if let Some(items) = read {
        return Ok(items);
    }
    room.return_to(mark);
    let mut whole = object(parse(body, &room)?)?;
    match whole.remove(field) {
        Some(Value::Array(items)) => {
            room.items::<T>(items.len()).map_err(too_dense)?;
            let mut read = Vec::with_capacity(items.len());
            for item in items.into_iter().filter(|item| !item.is_null()) {
                read.push(T::from_odd_object(object(item)?, &room));
            }
            room.check().map_err(too_dense)?;
            Ok(read)
        }
        Some(Value::Null) => Ok(Vec::new()),
        Some(other) => Err(format!("{field} should be an array, but is {}", kind_of(&other))),
        None if whole.is_empty() => Ok(Vec::new()),
        None => Err(format!("it has no {field}")),
    }
}

/// Reads the items, if there are any and all is as documented.
fn list_within<T: OpenValue>(
    body: &[u8],
    field: &'static str,
    places: Places,
    room: &Room,
) -> Option<Vec<T>> {
    documented(body, |reader| List { field, places, room, item: PhantomData }.deserialize(reader))
}

/// Reads a body that is there and as documented. It is checked to be UTF-8 once, which takes a
/// tenth of the time that checking its strings one by one would.
fn documented<T>(
    body: &[u8],
    read: impl FnOnce(&mut serde_json::Deserializer<StrRead<'_>>) -> serde_json::Result<Option<T>>,
) -> Option<T> {
    let mut reader = serde_json::Deserializer::from_str(std::str::from_utf8(body).ok()?);
    let value = read(&mut reader).ok()??;
    reader.end().is_ok().then_some(value)
}

/// An item that is not read. A vector of them takes no memory.
struct Counted;

impl OpenValue for Counted {
    const EXPECTED: &'static str = "a value";

    fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        _: &Room,
    ) -> Result<Option<Self>, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Some(Self))
    }
}

/// Reads one field of an object, if it is there, and skips the others.
struct List<'r, T> {
    field: &'static str,
    places: Places,
    room: &'r Room,
    item: PhantomData<T>,
}

impl<'de, T: OpenValue> DeserializeSeed<'de> for List<'_, T> {
    type Value = Option<Vec<T>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: OpenValue> Visitor<'de> for List<'_, T> {
    type Value = Option<Vec<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut items = None;
        while let Some(is_field) = map.next_key_seed(IsName(self.field))? {
            if is_field {
                let Self { places, room, .. } = self;
                items = Some(map.next_value_seed(Items { places, room, item: PhantomData })?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(items)
    }
}

/// How many bytes of a body are expected for each item, which decides how long its vector is at
/// first. Most notifications have a few more: then it never grows.
const ITEM: usize = 512;

/// How many places the vector of a list has at first.
#[derive(Clone, Copy)]
enum Places {
    /// There may be more items, and then it grows.
    Expected(usize),
    Counted(usize),
}

/// Reads the items of a list.
struct Items<'r, T> {
    places: Places,
    room: &'r Room,
    item: PhantomData<T>,
}

impl<'de, T: OpenValue> DeserializeSeed<'de> for Items<'_, T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: OpenValue> Visitor<'de> for Items<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let (Places::Expected(places) | Places::Counted(places)) = self.places;
        self.room.items::<T>(places).map_err(A::Error::custom)?;
        let mut items = Vec::with_capacity(places);
        while let Some(item) = seq.next_element_seed(Seed::<T>::new(self.room))? {
            let Some(item) = item else { continue };
            if matches!(self.places, Places::Expected(_)) {
                self.room.item::<T>().map_err(A::Error::custom)?;
            }
            items.push(item);
        }
        if items.len() < places / 2 {
            items.shrink_to_fit();
        }
        Ok(items)
    }
}

/// Compares the name of a field.
struct IsName(&'static str);

impl<'de> DeserializeSeed<'de> for IsName {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for IsName {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

fn parse(body: &[u8], room: &Room) -> Result<Value, String> {
    wire::value(body, room).map_err(|error| {
        room.check().map_or_else(too_dense, |()| format!("it is not JSON: {error}"))
    })
}

fn too_dense(error: TooDense) -> String {
    error.to_string()
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
        for good in [
            "",
            " \n",
            "{}",
            r#"{"request_id":"r"}"#,
            "null",
            "\"\"",
            r#"{"error_code":null,"error_msg":null}"#,
        ] {
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
            assert_eq!(
                list::<Notification>(empty.as_bytes(), "notifications"),
                Ok(vec![]),
                "{empty}"
            );
        }
        for (body, reason) in [
            ("[]", "an object was expected, but there is an array"),
            (r#"{"notifications":"none"}"#, "notifications should be an array, but is a string"),
            (r#"{"error_code":"CTS.0300","error_msg":"m"}"#, "it has no notifications"),
            (r#"{"notifications":["a"]}"#, "an object was expected, but there is a string"),
            ("<html>", "it is not JSON: expected value at line 1 column 1"),
            ("", "it is not JSON: EOF while parsing a value at line 1 column 0"),
        ] {
            assert_eq!(
                list::<Notification>(body.as_bytes(), "notifications"),
                Err(reason.to_owned()),
                "{body}"
            );
        }
    }
}
