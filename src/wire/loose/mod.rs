//! Loose values: records whose fields have different types from one publisher to the next, without
//! losing anything.
//!
//! A [`loose_struct`] requires no field and refuses none. A field that is null or of an unexpected
//! type is kept in `other`, with the unknown ones. Serializing returns the JSON value that was
//! read.

mod list;
mod payload;
mod shown;
mod time;
mod values;

use serde::Serialize;
use serde_json::{Map, Value};

pub use list::List;
pub use payload::Payload;
pub(crate) use shown::{ShownFields, debug};
pub use time::{TimeReading, TimeValue};
pub(crate) use values::whole;
pub use values::{BoolValue, IntValue};

/// The type of a field of a loose struct.
pub(crate) trait Field: Default + Serialize {
    /// Reads a value, or returns it if this type can't represent it.
    fn read(value: Value) -> Result<Self, Value>;

    /// Returns `true` if the field was missing.
    fn is_absent(&self) -> bool;
}

/// A type that is read from some JSON values and not from others.
pub(crate) trait FromValue: Sized + Serialize {
    /// Returns `true` if [`read`](Self::read) accepts the value. Looks no deeper than necessary.
    fn fits(value: &Value) -> bool;

    fn read(value: Value) -> Option<Self>;
}

impl<T: FromValue> Field for Option<T> {
    fn read(value: Value) -> Result<Self, Value> {
        if T::fits(&value) { Ok(T::read(value)) } else { Err(value) }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl FromValue for String {
    fn fits(value: &Value) -> bool {
        value.is_string()
    }

    fn read(value: Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl FromValue for bool {
    fn fits(value: &Value) -> bool {
        value.is_boolean()
    }

    fn read(value: Value) -> Option<Self> {
        value.as_bool()
    }
}

impl FromValue for i64 {
    fn fits(value: &Value) -> bool {
        value.is_i64()
    }

    fn read(value: Value) -> Option<Self> {
        value.as_i64()
    }
}

impl FromValue for Map<String, Value> {
    fn fits(value: &Value) -> bool {
        value.is_object()
    }

    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Object(fields) => Some(fields),
            _ => None,
        }
    }
}

/// Takes a field out of an object, and puts it back if its type can't represent it.
pub(crate) fn take<F: Field>(fields: &mut Map<String, Value>, name: &str) -> F {
    let Some(value) = fields.remove(name) else { return F::default() };
    F::read(value).unwrap_or_else(|odd| {
        fields.insert(name.to_owned(), odd);
        F::default()
    })
}

/// Returns the string, unless it is empty, which means the same as none.
pub(crate) fn filled(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.is_empty())
}

/// Implements [`FromValue`] for enums and newtypes of strings.
macro_rules! string_values {
    ($($name:ty),+ $(,)?) => {$(
        impl $crate::wire::loose::FromValue for $name {
            fn fits(value: &serde_json::Value) -> bool {
                value.is_string()
            }

            fn read(value: serde_json::Value) -> Option<Self> {
                match value {
                    serde_json::Value::String(text) => Some(Self::from(text)),
                    _ => None,
                }
            }
        }
    )+};
}
pub(crate) use string_values;

/// The name of a field in JSON.
macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}
pub(crate) use wire_name;

/// Declares a loose struct: `field: Type`, followed by `= "name"` if the field has another name in
/// JSON.
///
/// Adds the usual derives, serde both ways, and the field `other`.
macro_rules! loose_struct {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* $field:ident : $type:ty $(= $wire:literal)?, )+
        }
    ) => {
        $(#[$meta])*
        ///
        /// Any field can be missing. Serializing returns what was read.
        #[derive(Clone, Default, PartialEq, Eq)]
        #[non_exhaustive]
        $vis struct $name {
            $( $(#[$field_meta])* pub $field: $type, )+
            /// The fields that this version of the crate does not know, and those that were null or
            /// of an unexpected type.
            pub other: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            pub(crate) fn from_fields(mut fields: serde_json::Map<String, serde_json::Value>) -> Self {
                Self {
                    $( $field: $crate::wire::loose::take(&mut fields, $crate::wire::loose::wire_name!($field $($wire)?)), )+
                    other: fields,
                }
            }

            /// Returns `true` if the field of this name has a value.
            fn has(&self, name: &str) -> bool {
                $(
                    (name == $crate::wire::loose::wire_name!($field $($wire)?)
                        && !$crate::wire::loose::Field::is_absent(&self.$field)) ||
                )+ false
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::wire::loose::debug(stringify!($name), self, f)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde_json::Map::deserialize(deserializer).map(Self::from_fields)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;

                let mut map = serializer.serialize_map(None)?;
                $(
                    if !$crate::wire::loose::Field::is_absent(&self.$field) {
                        map.serialize_entry($crate::wire::loose::wire_name!($field $($wire)?), &self.$field)?;
                    }
                )+
                for (name, value) in self.other.iter().filter(|(name, _)| !self.has(name)) {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }

        impl $crate::wire::loose::FromValue for $name {
            fn fits(value: &serde_json::Value) -> bool {
                value.is_object()
            }

            fn read(value: serde_json::Value) -> Option<Self> {
                match value {
                    serde_json::Value::Object(fields) => Some(Self::from_fields(fields)),
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use loose_struct;
