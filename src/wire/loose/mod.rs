//! Reading records whose members change their type from one publisher to the next, without losing what came.
//!
//! A [`loose_struct`] needs no member and refuses none: a member that is null, or of a type that its field cannot hold,
//! stays in `other`, beside those that have no field. Serialising gives back the JSON value that was read.

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

/// A field of a loose struct.
pub(crate) trait Field: Default + Serialize {
    /// Reads a member. Gives it back if the field cannot hold it.
    fn read(value: Value) -> Result<Self, Value>;

    /// Whether there was no such member.
    fn is_absent(&self) -> bool;
}

/// A type that is read from some JSON values and gives the others back.
pub(crate) trait Member: Sized + Serialize {
    /// Whether [`read`](Self::read) takes it. Looks no deeper than it has to.
    fn fits(value: &Value) -> bool;

    fn read(value: Value) -> Option<Self>;
}

impl<T: Member> Field for Option<T> {
    fn read(value: Value) -> Result<Self, Value> {
        if T::fits(&value) { Ok(T::read(value)) } else { Err(value) }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl Member for String {
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

impl Member for bool {
    fn fits(value: &Value) -> bool {
        value.is_boolean()
    }

    fn read(value: Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Member for i64 {
    fn fits(value: &Value) -> bool {
        value.is_i64()
    }

    fn read(value: Value) -> Option<Self> {
        value.as_i64()
    }
}

impl Member for Map<String, Value> {
    fn fits(value: &Value) -> bool {
        value.is_object()
    }

    fn read(value: Value) -> Option<Self> {
        match value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }
}

/// Takes a member out of an object, and puts it back if the field cannot hold it.
pub(crate) fn take<F: Field>(members: &mut Map<String, Value>, name: &str) -> F {
    let Some(value) = members.remove(name) else { return F::default() };
    F::read(value).unwrap_or_else(|odd| {
        members.insert(name.to_owned(), odd);
        F::default()
    })
}

/// An empty text says as much as none.
pub(crate) fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// Makes text types members: enums and newtypes over text.
macro_rules! text_members {
    ($($name:ty),+ $(,)?) => {$(
        impl $crate::wire::loose::Member for $name {
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
pub(crate) use text_members;

/// The name of a field's member.
macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}
pub(crate) use wire_name;

/// Declares a loose struct: `field: Type`, with `= "name"` after it where the member's name is not the field's.
///
/// Gives the usual derives, serde both ways, and the field `other`.
macro_rules! loose_struct {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* $field:ident : $type:ty $(= $wire:literal)?, )+
        }
    ) => {
        $(#[$meta])*
        ///
        /// Any member may be missing. Serialising gives back what was read.
        #[derive(Clone, Default, PartialEq)]
        #[non_exhaustive]
        $vis struct $name {
            $( $(#[$field_meta])* pub $field: $type, )+
            /// Members that this version of the crate has no field for, and those that were null or of another type
            /// than their field's.
            pub other: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            pub(crate) fn from_members(mut members: serde_json::Map<String, serde_json::Value>) -> Self {
                Self {
                    $( $field: $crate::wire::loose::take(&mut members, $crate::wire::loose::wire_name!($field $($wire)?)), )+
                    other: members,
                }
            }

            /// Whether `name` is that of a field which has a value.
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
                serde_json::Map::deserialize(deserializer).map(Self::from_members)
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

        impl $crate::wire::loose::Member for $name {
            fn fits(value: &serde_json::Value) -> bool {
                value.is_object()
            }

            fn read(value: serde_json::Value) -> Option<Self> {
                match value {
                    serde_json::Value::Object(members) => Some(Self::from_members(members)),
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use loose_struct;
