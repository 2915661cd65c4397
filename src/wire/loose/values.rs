//! Single values in several forms.

use serde_json::Value;

/// Declares a newtype of a JSON value that may be missing: it keeps what was received, and its
/// methods read it.
macro_rules! loose_value {
    ($(#[$meta:meta])* $vis:vis struct $name:ident;) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, Eq)]
        $vis struct $name(Option<serde_json::Value>);

        impl $name {
            /// Returns the value as it was received, `null` included; `None` if the field was
            /// missing.
            #[must_use]
            pub fn value(&self) -> Option<&serde_json::Value> {
                self.0.as_ref()
            }

            /// Returns `true` if the field was missing or `null`.
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
    /// A whole number, as a JSON number or as a string of digits.
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
    /// Returns the number; `None` for anything else, and for a number beyond 64 bits.
    #[must_use]
    pub fn get(&self) -> Option<i64> {
        match self.value()? {
            Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
            Value::String(digits) => digits.trim().parse().ok(),
            _ => None,
        }
    }
}

/// Returns a floating-point number as an integer, if it is whole and small enough to be exact.
pub(crate) fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;

    #[allow(clippy::cast_possible_truncation, reason = "whole and in range")]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

loose_value! {
    /// A boolean, as a JSON boolean or as the string `true` or `false`.
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
    /// Returns the boolean; `None` for anything else.
    #[must_use]
    pub fn get(&self) -> Option<bool> {
        match self.value()? {
            Value::Bool(boolean) => Some(*boolean),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }
}
