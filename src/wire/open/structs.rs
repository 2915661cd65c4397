//! Structs with named fields, and one for all others.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::{OpenValue, Seed};
use crate::wire::room::Room;

/// Reads the value of a field with any name into `fields`.
pub(crate) fn insert<'de, A: MapAccess<'de>>(
    fields: &mut Map<String, Value>,
    name: String,
    from: &mut A,
    room: &Room,
) -> Result<(), A::Error> {
    room.field(fields.len()).map_err(A::Error::custom)?;
    fields.insert(name, from.next_value_seed(Seed::new(room))?.unwrap_or_default());
    Ok(())
}

/// The name of a field in JSON.
pub(crate) enum Name<F> {
    Known(F),
    Other(String),
}

/// A field that a struct has.
pub(crate) trait KnownField: Sized {
    fn named(name: &str) -> Option<Self>;
}

/// Reads the name of a field.
pub(crate) struct NameOf<F>(PhantomData<F>);

impl<F> NameOf<F> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, F: KnownField> DeserializeSeed<'de> for NameOf<F> {
    type Value = Name<F>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name<F>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<F: KnownField> Visitor<'_> for NameOf<F> {
    type Value = Name<F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<F>, E> {
        Ok(F::named(name).map_or_else(|| Name::Other(name.to_owned()), Name::Known))
    }
}

/// A struct that keeps the fields it has no place for.
pub(crate) trait OpenStruct: OpenValue {
    /// Reads a struct field by field: one that is not of the documented type is kept beside the
    /// struct, and spoils nothing else. For responses that [`OpenValue::read`] refuses.
    fn from_odd_object(object: Map<String, Value>, room: &Room) -> Self;
}

/// Declares a struct that keeps the fields it has no place for in `other`: `field: Type`, with
/// `= "name"` after it where the name in JSON is another.
///
/// Gives serde both ways. Fields that are `None` are not written.
///
/// With `strict "…"` after it, which says what an error expects, the struct can be read strictly
/// too, see [`Strict`](crate::wire::strict::Strict): every field must be there, except those with
/// `=> value` after them.
macro_rules! open_struct {
    (
        $(#[$outer:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* pub $field:ident: $type:ty $(= $wire:literal)? $(=> $absent:expr)?, )+
        }
        strict $expecting:literal
    ) => {
        $crate::wire::open::open_struct! {
            $(#[$outer])*
            $vis struct $name {
                $( $(#[$field_meta])* pub $field: $type $(= $wire)?, )+
            }
        }
        $crate::wire::strict::strict_struct! { $name, $expecting, $($field: $type $(= $wire)? $(=> $absent)?,)+ }
    };
    (
        $(#[$outer:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* pub $field:ident: $type:ty $(= $wire:literal)?, )+
        }
    ) => {
        $(#[$outer])*
        $vis struct $name {
            $( $(#[$field_meta])* pub $field: $type, )+
            /// The fields that this version of the crate does not know, as they came. In a
            /// response, also known ones that are not of the documented type, where plain serde
            /// reports an error. An update sends them again.
            pub other: serde_json::Map<String, serde_json::Value>,
        }

        const _: () = {
            use serde::de::{Error as _, Unexpected};
            use $crate::wire::open::{KnownField, Name, NameOf, OpenStruct, OpenValue, Seed, insert};
            use $crate::wire::room::Room;

            #[allow(non_camel_case_types, reason = "they are named as the fields are")]
            #[derive(Clone, Copy)]
            enum Field {
                $($field,)+
            }

            impl Field {
                const fn name(self) -> &'static str {
                    match self {
                        $(Self::$field => $crate::wire::loose::wire_name!($field $($wire)?),)+
                    }
                }
            }

            impl KnownField for Field {
                fn named(name: &str) -> Option<Self> {
                    $(
                        if name == const { Self::$field.name() } {
                            return Some(Self::$field);
                        }
                    )+
                    None
                }
            }

            impl OpenValue for $name {
                const EXPECTED: &'static str = "an object";

                fn from_fields<'de, A: serde::de::MapAccess<'de>>(mut fields: A, room: &Room) -> Result<Self, A::Error> {
                    let mut read = Self::default();
                    let mut seen = 0_u32;
                    while let Some(name) = fields.next_key_seed(NameOf::<Field>::new())? {
                        let field = match name {
                            Name::Known(field) => field,
                            Name::Other(name) => {
                                insert(&mut read.other, name, &mut fields, room)?;
                                continue;
                            }
                        };
                        if seen & (1 << field as u32) != 0 {
                            return Err(A::Error::duplicate_field(field.name()));
                        }
                        seen |= 1 << field as u32;
                        match field {
                            $(Field::$field => {
                                read.$field = fields.next_value_seed(Seed::new(room))?.unwrap_or_default();
                            })+
                        }
                    }
                    Ok(read)
                }
            }

            impl OpenStruct for $name {
                fn from_odd_object(object: serde_json::Map<String, serde_json::Value>, room: &Room) -> Self {
                    let mut read = Self::default();
                    for (name, value) in object {
                        let is_read = match Field::named(&name) {
                            $(Some(Field::$field) => {
                                let field = OpenValue::read(&value, room);
                                field.is_ok_and(|field| {
                                    read.$field = field.unwrap_or_default();
                                    true
                                })
                            })+
                            None => false,
                        };
                        if !is_read {
                            read.other.insert(name, value);
                        }
                    }
                    read
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let read = Self::read(deserializer, &Room::unlimited())?;
                    read.ok_or_else(|| D::Error::invalid_type(Unexpected::Unit, &Self::EXPECTED))
                }
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    use serde::ser::SerializeMap as _;

                    let mut fields = serializer.serialize_map(None)?;
                    $(
                        let name = const { Field::$field.name() };
                        // A field that could not be read stands in `other`, and is empty itself: it
                        // must not come twice.
                        if !self.$field.is_absent() && !self.other.contains_key(name) {
                            fields.serialize_entry(name, &self.$field)?;
                        }
                    )+
                    for (name, value) in &self.other {
                        fields.serialize_entry(name, value)?;
                    }
                    fields.end()
                }
            }
        };
    };
}
pub(crate) use open_struct;
