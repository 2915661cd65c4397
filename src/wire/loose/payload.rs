//! Requests, responses and messages in any form.

use std::borrow::Cow;

use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;

use super::values::loose_value;

loose_value! {
    /// A request, a response or a message: a JSON object, a string with JSON, any other string, an
    /// empty string, or nothing.
    ///
    /// The form depends on the publisher and its version. [`json`](Self::json) returns the JSON of
    /// any form, [`raw`](Self::raw) the string.
    ///
    /// ```
    /// use huaweicloud_cts::trace::Payload;
    /// use serde_json::json;
    ///
    /// let (object, text) = (Payload::from(json!({"count": 1})), Payload::from(r#"{"count":1}"#));
    /// assert_eq!(object.json(), text.json());
    /// assert_eq!(object.raw(), text.raw());
    ///
    /// let words = Payload::from("success");
    /// assert_eq!((words.json(), words.raw().as_deref()), (None, Some("success")));
    /// assert!(Payload::from("").is_empty() && Payload::from(json!({})).is_empty() && Payload::default().is_empty());
    /// ```
    pub struct Payload;
}

impl Payload {
    /// Returns the JSON: an object or an array, from either form; or a number or boolean outside of
    /// a string.
    ///
    /// `None` for a string that is neither object nor array, for `null`, and for nothing. A string
    /// is parsed at each call.
    ///
    /// ```
    /// use huaweicloud_cts::trace::Payload;
    ///
    /// let payload = Payload::from(r#"{"count": 1}"#);
    /// assert_eq!(payload.json().as_deref(), Some(&serde_json::json!({"count": 1})));
    /// assert_eq!(Payload::from("success").json(), None);
    /// ```
    #[must_use]
    pub fn json(&self) -> Option<Cow<'_, Value>> {
        match self.value()? {
            Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
                serde_json::from_str(text).ok().map(Cow::Owned)
            }
            Value::Null | Value::String(_) => None,
            value => Some(Cow::Borrowed(value)),
        }
    }

    /// Deserializes the JSON, from either form, into your own type.
    ///
    /// # Errors
    ///
    /// If there is no JSON, or it does not fit the type.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use huaweicloud_cts::trace::Payload;
    ///
    /// let counts: HashMap<String, u32> = Payload::from(r#"{"count": 1}"#).parse()?;
    /// assert_eq!(counts["count"], 1);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        match self.value() {
            Some(Value::String(text)) => serde_json::from_str(text),
            Some(value) => T::deserialize(value),
            None => Err(serde_json::Error::custom("there is no value")),
        }
    }

    /// Returns the string as it was received, or the JSON of an object. `None` for `null` and for
    /// nothing.
    #[must_use]
    pub fn raw(&self) -> Option<Cow<'_, str>> {
        match self.value()? {
            Value::Null => None,
            Value::String(text) => Some(Cow::Borrowed(text)),
            value => Some(Cow::Owned(value.to_string())),
        }
    }

    /// Returns the string, if it was received as one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.value()?.as_str()
    }

    /// Returns `true` if there is no content: nothing, `null`, an empty string, `{}` or `[]`.
    ///
    /// ```
    /// use huaweicloud_cts::trace::Payload;
    ///
    /// assert!(Payload::from("").is_empty());
    /// assert!(!Payload::from("success").is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self.value() {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Object(fields)) => fields.is_empty(),
            Some(Value::Array(items)) => items.is_empty(),
            Some(Value::Bool(_) | Value::Number(_)) => false,
        }
    }
}
