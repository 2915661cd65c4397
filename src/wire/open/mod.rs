//! Reading objects of a service that may add fields, or change a field's type, at any time.
//!
//! An [`open_struct`] keeps the fields that it has no place for. `#[serde(flatten)]` would do that
//! too, but it buffers every object, which doubles the time that a list takes to read. Derived code
//! needs more time as well: it holds each field in an `Option` first, and moves all of them at the
//! end. So the code is written out here, once for each kind of JSON value; `decode` in
//! `benches/cost` compares it with derived code.

mod structs;
mod values;

use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor,
};

pub(crate) use self::structs::{KnownField, Name, NameOf, OpenStruct, insert, open_struct};
pub(crate) use self::values::open_strings;
use crate::wire::room::Room;

/// A value as this service sends it: `null` is the same as an absent one.
///
/// Each method reads one kind of JSON value; those that are not implemented refuse theirs.
pub(crate) trait OpenValue: Sized {
    /// What is expected, in an error.
    const EXPECTED: &'static str;

    /// Returns `true` for what is not written.
    fn is_absent(&self) -> bool {
        false
    }

    /// Reads a value, and returns `None` for `null`. What is built takes its place in `room`.
    fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        room: &Room,
    ) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(Seed::new(room))
    }

    fn from_bool(_: bool) -> Option<Self> {
        None
    }

    fn from_signed(_: i64) -> Option<Self> {
        None
    }

    fn from_unsigned(number: u64) -> Option<Self> {
        Self::from_signed(i64::try_from(number).ok()?)
    }

    fn from_float(_: f64) -> Option<Self> {
        None
    }

    fn from_str(_: &str) -> Option<Self> {
        None
    }

    fn from_string(string: String) -> Option<Self> {
        Self::from_str(&string)
    }

    fn from_items<'de, A: SeqAccess<'de>>(_: A, _: &Room) -> Result<Self, A::Error> {
        Err(A::Error::invalid_type(Unexpected::Seq, &Self::EXPECTED))
    }

    fn from_fields<'de, A: MapAccess<'de>>(_: A, _: &Room) -> Result<Self, A::Error> {
        Err(A::Error::invalid_type(Unexpected::Map, &Self::EXPECTED))
    }
}

/// Reads an [`OpenValue`].
pub(crate) struct Seed<'r, T> {
    room: &'r Room,
    value: PhantomData<T>,
}

impl<'r, T> Seed<'r, T> {
    pub(crate) fn new(room: &'r Room) -> Self {
        Self { room, value: PhantomData }
    }
}

impl<'de, T: OpenValue> DeserializeSeed<'de> for Seed<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::read(deserializer, self.room)
    }
}

impl<'de, T: OpenValue> Visitor<'de> for Seed<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::read(deserializer, self.room)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Option<T>, E> {
        T::from_bool(value)
            .map(Some)
            .ok_or_else(|| E::invalid_value(Unexpected::Bool(value), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Option<T>, E> {
        T::from_signed(number)
            .map(Some)
            .ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<T>, E> {
        T::from_unsigned(number)
            .map(Some)
            .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<T>, E> {
        T::from_float(number)
            .map(Some)
            .ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
    }

    fn visit_str<E: Error>(self, string: &str) -> Result<Option<T>, E> {
        T::from_str(string)
            .map(Some)
            .ok_or_else(|| E::invalid_value(Unexpected::Str(string), &self))
    }

    fn visit_string<E: Error>(self, string: String) -> Result<Option<T>, E> {
        T::from_string(string)
            .map(Some)
            .ok_or_else(|| E::invalid_type(Unexpected::Other("string"), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Option<T>, A::Error> {
        T::from_items(items, self.room).map(Some)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Option<T>, A::Error> {
        T::from_fields(fields, self.room).map(Some)
    }
}

impl<T: OpenValue> OpenValue for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn read<'de, D: Deserializer<'de>>(
        deserializer: D,
        room: &Room,
    ) -> Result<Option<Self>, D::Error> {
        T::read(deserializer, room).map(Some)
    }
}

/// Reads `null` as the default: to this service, absent and `null` are the same.
pub(crate) fn null_as_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads an array without the items that are `null`, which say nothing; `null` as an empty one.
pub(crate) fn items<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct Items<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut items = Vec::new();
            while let Some(item) = seq.next_element::<Option<T>>()? {
                items.extend(item);
            }
            Ok(items)
        }
    }

    deserializer.deserialize_any(Items(PhantomData))
}
