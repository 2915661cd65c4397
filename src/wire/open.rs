//! Reading objects of a service that may add members, or change a member's type, at any time.
//!
//! Members that a struct has no field for are kept beside it. `#[serde(flatten)]` would do that too, but it buffers every
//! object, which doubles the time that a list takes to read.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde_json::{Map, Value};

use crate::wire::enums::deserialize_text;
use crate::wire::loose::whole;

/// A struct that keeps the members it has no field for.
pub(crate) trait OpenStruct: Default + DeserializeOwned {
    fn other_mut(&mut self) -> &mut Map<String, Value>;
}

/// Declares a struct with a field `other`, and makes it an [`OpenStruct`].
///
/// Attributes of serde go to a private struct, from which the reading and writing of the known fields are derived. Derived
/// on the struct itself, they would be inherent functions that are as public as it is, take precedence over the trait's of
/// the same name, and lose what is in `other`.
macro_rules! open_struct {
    (
        $(#[$outer:meta])*
        pub struct $name:ident {
            $(
                $(#[doc = $doc:expr])*
                $(#[serde($($serde:tt)*)])*
                pub $field:ident: $type:ty,
            )+
        }
    ) => {
        $(#[$outer])*
        pub struct $name {
            $(
                $(#[doc = $doc])*
                pub $field: $type,
            )+
        }

        const _: () = {
            use serde::ser::Error as _;

            type Target = $name;

            #[derive(serde::Serialize, serde::Deserialize)]
            #[serde(remote = "Target", default = "Target::default")]
            struct Known {
                $(
                    $(#[serde($($serde)*)])*
                    $field: $type,
                )+
            }

            impl $crate::wire::open::OpenStruct for $name {
                fn other_mut(&mut self) -> &mut serde_json::Map<String, serde_json::Value> {
                    &mut self.other
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let (known, other) =
                        $crate::wire::open::deserialize_open(deserializer, |open| Known::deserialize(open))?;
                    Ok(Self { other, ..known })
                }
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    if self.other.is_empty() {
                        return Known::serialize(self, serializer);
                    }
                    // A field that could not be read stands in `other`, and is empty itself: it must not come twice.
                    let known = Self { other: serde_json::Map::new(), ..self.clone() };
                    let mut whole = Known::serialize(&known, serde_json::value::Serializer).map_err(S::Error::custom)?;
                    if let Some(fields) = whole.as_object_mut() {
                        fields.extend(self.other.clone());
                    }
                    whole.serialize(serializer)
                }
            }
        };
    };
}
pub(crate) use open_struct;

/// Reads a struct by its derived `deserialize`, and returns the members that it has no field for.
pub(crate) fn deserialize_open<'de, T, D: Deserializer<'de>>(
    deserializer: D,
    derived: impl FnOnce(Open<'_, D>) -> Result<T, D::Error>,
) -> Result<(T, Map<String, Value>), D::Error> {
    let mut other = Map::new();
    let known = derived(Open { inner: deserializer, other: &mut other })?;
    Ok((known, other))
}

/// Reads a struct member by member: one that is not of the documented type is kept beside the struct, and spoils
/// nothing else. For answers that the quick way cannot read.
pub(crate) fn from_odd_object<T: OpenStruct>(object: Map<String, Value>) -> T {
    let (mut readable, mut odd) = (Map::new(), Map::new());
    for (name, value) in object {
        let alone = Value::Object(Map::from_iter([(name.clone(), value.clone())]));
        if T::deserialize(alone).is_ok() { &mut readable } else { &mut odd }.insert(name, value);
    }
    // Every member was read alone just now, so together they are read too.
    let mut known = T::deserialize(Value::Object(readable)).unwrap_or_default();
    known.other_mut().extend(odd);
    known
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
pub(crate) fn items<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
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

/// Reads a whole number that may have come as text or as floating point.
pub(crate) fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    struct WholeNumber;

    impl Visitor<'_> for WholeNumber {
        type Value = Option<i64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_unit<E>(self) -> Result<Option<i64>, E> {
            Ok(None)
        }

        fn visit_i64<E>(self, number: i64) -> Result<Option<i64>, E> {
            Ok(Some(number))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Option<i64>, E> {
            i64::try_from(number).map(Some).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<Option<i64>, E> {
            whole(number).map(Some).ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Option<i64>, E> {
            let digits = text.trim();
            let number = digits.parse().ok().or_else(|| whole(digits.parse().ok()?));
            number.map(Some).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
        }
    }

    deserializer.deserialize_any(WholeNumber)
}

/// Passes a struct's own fields on, and takes the other members out.
pub(crate) struct Open<'o, D> {
    inner: D,
    other: &'o mut Map<String, Value>,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Open<'_, D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_map(OpenVisitor { fields, visitor, other: self.other })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct OpenVisitor<'o, V> {
    fields: &'static [&'static str],
    visitor: V,
    other: &'o mut Map<String, Value>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for OpenVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(OpenMap { map, fields: self.fields, other: self.other })
    }
}

struct OpenMap<'o, A> {
    map: A,
    fields: &'static [&'static str],
    other: &'o mut Map<String, Value>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for OpenMap<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key_seed(Key)? {
            // Derived code takes a field's number as well as its name, which it would have to compare once more.
            if let Some(at) = (0_u64..).zip(self.fields).find_map(|(at, field)| (*field == key).then_some(at)) {
                return seed.deserialize(at.into_deserializer()).map(Some);
            }
            self.other.insert(key.into_owned(), self.map.next_value()?);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A member's name, borrowed from the input where it has no escapes.
pub(crate) struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserialize_text(deserializer)
    }
}
