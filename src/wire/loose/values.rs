//! Single values that come in several forms.

use serde_json::Value;

/// Declares a newtype over a JSON value that may be absent: it keeps what came, and its methods read it.
macro_rules! loose_value {
    ($(#[$meta:meta])* $vis:vis struct $name:ident;) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq)]
        $vis struct $name(Option<serde_json::Value>);

        impl $name {
            /// What came, `null` included; `None` if nothing did.
            #[must_use]
            pub fn value(&self) -> Option<&serde_json::Value> {
                self.0.as_ref()
            }

            /// Whether there is no such member, or it is `null`.
            #[must_use]
            pub fn is_missing(&self) -> bool {
                self.value().is_none_or(serde_json::Value::is_null)
            }
        }

        impl<T: Into<serde_json::Value>> From<T> for $name {
            fn from(value: T) -> Self {
                Self(Some(value.into()))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::wire::loose::debug(stringify!($name), self, f)
            }
        }

        impl $crate::wire::loose::Field for $name {
            fn read(value: serde_json::Value) -> Result<Self, serde_json::Value> {
                Ok(Self(Some(value)))
            }

            fn is_absent(&self) -> bool {
                self.0.is_none()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde_json::Value::deserialize(deserializer).map(Self::from)
            }
        }
    };
}
pub(crate) use loose_value;

loose_value! {
    /// A whole number, as a JSON number or as digits in a text.
    ///
    /// ```
    /// use huaweicloud_cts::trace::IntValue;
    ///
    /// assert_eq!(IntValue::from(200).get(), Some(200));
    /// assert_eq!(IntValue::from("200").get(), Some(200));
    /// assert_eq!(IntValue::from("").get(), None);
    /// ```
    pub struct IntValue;
}

impl IntValue {
    /// The number; `None` for anything else, and for what 64 bits cannot hold.
    #[must_use]
    pub fn get(&self) -> Option<i64> {
        match self.value()? {
            Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
            Value::String(digits) => digits.trim().parse().ok(),
            _ => None,
        }
    }
}

/// A floating-point number that is whole, and small enough to be exact.
pub(crate) fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;

    #[allow(clippy::cast_possible_truncation, reason = "whole and in range")]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

loose_value! {
    /// Yes or no, as a JSON boolean or as the text `true` or `false`.
    ///
    /// ```
    /// use huaweicloud_cts::trace::BoolValue;
    ///
    /// assert_eq!(BoolValue::from(true).get(), Some(true));
    /// assert_eq!(BoolValue::from("false").get(), Some(false));
    /// ```
    pub struct BoolValue;
}

impl BoolValue {
    /// The answer; `None` for anything else.
    #[must_use]
    pub fn get(&self) -> Option<bool> {
        match self.value()? {
            Value::Bool(answer) => Some(*answer),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
}
