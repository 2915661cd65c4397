//! How each type of a field is read.

use std::collections::BTreeMap;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Error, MapAccess, SeqAccess, Unexpected};
use serde_json::{Map, Number, Value};

use super::{OpenValue, Seed, insert};
use crate::wire::loose::whole;
use crate::wire::room::Room;

impl OpenValue for bool {
    const EXPECTED: &'static str = "a boolean";

    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

/// A whole number may come as a string or as floating point.
impl OpenValue for i64 {
    const EXPECTED: &'static str = "a whole number";

    fn from_signed(number: i64) -> Option<Self> {
        Some(number)
    }

    fn from_float(number: f64) -> Option<Self> {
        whole(number)
    }

    fn from_str(string: &str) -> Option<Self> {
        let digits = string.trim();
        digits.parse().ok().or_else(|| whole(digits.parse().ok()?))
    }

    /// With `arbitrary_precision`, which another crate may turn on, a number comes as an object
    /// with a name of its own.
    fn from_fields<'de, A: MapAccess<'de>>(fields: A, _: &Room) -> Result<Self, A::Error> {
        let number = Number::deserialize(MapAccessDeserializer::new(fields))?;
        let read = number.as_i64().or_else(|| whole(number.as_f64()?));
        read.ok_or_else(|| A::Error::invalid_value(Unexpected::Other("number"), &Self::EXPECTED))
    }
}

/// Makes strings with a meaning values: enums and newtypes.
macro_rules! open_strings {
    ($($name:ty),+ $(,)?) => {$(
        impl $crate::wire::open::OpenValue for $name {
            const EXPECTED: &'static str = "a string";

            fn from_str(string: &str) -> Option<Self> {
                Some(Self::from(string))
            }

            fn from_string(string: String) -> Option<Self> {
                Some(Self::from(string))
            }
        }
    )+};
}
pub(crate) use open_strings;

open_strings!(String);

/// Items that are `null` say nothing, and are skipped.
impl<T: OpenValue> OpenValue for Vec<T> {
    const EXPECTED: &'static str = "an array";

    fn from_items<'de, A: SeqAccess<'de>>(mut items: A, room: &Room) -> Result<Self, A::Error> {
        let mut next = || {
            while let Some(item) = items.next_element_seed(Seed::<T>::new(room))? {
                if let Some(item) = item {
                    room.item::<T>().map_err(A::Error::custom)?;
                    return Ok(Some(item));
                }
            }
            Ok(None)
        };
        // Most lists are this short. A vector that grows starts with four places, and those left
        // empty take memory for as long as the list lives.
        let Some(first) = next()? else { return Ok(vec![]) };
        let Some(second) = next()? else { return Ok(vec![first]) };
        let Some(third) = next()? else { return Ok(vec![first, second]) };
        let Some(fourth) = next()? else { return Ok(vec![first, second, third]) };
        let mut read = vec![first, second, third, fourth];
        while let Some(item) = next()? {
            read.push(item);
        }
        Ok(read)
    }
}

/// Values that are `null` say nothing, and are skipped.
impl<T: OpenValue> OpenValue for BTreeMap<String, T> {
    const EXPECTED: &'static str = "an object";

    fn from_fields<'de, A: MapAccess<'de>>(mut fields: A, room: &Room) -> Result<Self, A::Error> {
        let mut read = Self::new();
        while let Some(name) = fields.next_key()? {
            room.field(read.len()).map_err(A::Error::custom)?;
            if let Some(value) = fields.next_value_seed(Seed::new(room))? {
                read.insert(name, value);
            }
        }
        Ok(read)
    }
}

/// Any JSON, as [`Value`] reads it, but in bounds.
impl OpenValue for Value {
    const EXPECTED: &'static str = "a value";

    fn from_bool(value: bool) -> Option<Self> {
        Some(Self::Bool(value))
    }

    fn from_signed(number: i64) -> Option<Self> {
        Some(number.into())
    }

    fn from_unsigned(number: u64) -> Option<Self> {
        Some(number.into())
    }

    fn from_float(number: f64) -> Option<Self> {
        Some(Number::from_f64(number).map_or(Self::Null, Self::Number))
    }

    fn from_str(string: &str) -> Option<Self> {
        Some(string.into())
    }

    fn from_string(string: String) -> Option<Self> {
        Some(string.into())
    }

    fn from_items<'de, A: SeqAccess<'de>>(mut items: A, room: &Room) -> Result<Self, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element_seed(Seed::<Self>::new(room))? {
            room.item::<Self>().map_err(A::Error::custom)?;
            read.push(item.unwrap_or_default());
        }
        Ok(Self::Array(read))
    }

    fn from_fields<'de, A: MapAccess<'de>>(mut fields: A, room: &Room) -> Result<Self, A::Error> {
        let mut read = Map::new();
        while let Some(name) = fields.next_key()? {
            insert(&mut read, name, &mut fields, room)?;
        }
        // As above.
        let is_number = |fields: &Map<_, _>| {
            fields.len() == 1 && fields.contains_key("$serde_json::private::Number")
        };
        let read = Self::Object(read);
        if read.as_object().is_some_and(is_number) {
            Self::deserialize(read).map_err(A::Error::custom)
        } else {
            Ok(read)
        }
    }
}
