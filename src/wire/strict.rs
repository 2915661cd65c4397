//! Reading strictly what programs and people write: an unknown field is an error, because it is a
//! misspelt one.

use serde::{Deserialize, Deserializer};

/// A struct that has a strict form as well as an open one.
/// [`open_struct`](super::open::open_struct) declares both.
pub(crate) trait StrictStruct: Sized {
    fn read_strictly<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A value that is read strictly.
pub(crate) struct Strict<T>(pub(crate) T);

impl<'de, T: StrictStruct> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read_strictly(deserializer).map(Self)
    }
}

/// Declares the strict form of a struct. A field with a value after `=>` may be absent, and then
/// has this value.
macro_rules! strict_struct {
    ($name:ident, $expecting:literal, $($field:ident: $type:ty $(= $wire:literal)? $(=> $absent:expr)?,)+) => {
        const _: () = {
            #[derive(serde::Deserialize)]
            #[serde(deny_unknown_fields, expecting = $expecting)]
            struct Form {
                $(
                    $(#[serde(rename = $wire)])?
                    $field: $crate::wire::strict::field_type!($type $(=> $absent)?),
                )+
            }

            impl $crate::wire::strict::StrictStruct for $name {
                fn read_strictly<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let form = <Form as serde::Deserialize>::deserialize(deserializer)?;
                    Ok(Self { $($field: form.$field $(.unwrap_or($absent))?,)+ other: serde_json::Map::new() })
                }
            }
        };
    };
}
pub(crate) use strict_struct;

/// The type of a field of a strict form.
macro_rules! field_type {
    ($type:ty) => { $type };
    ($type:ty => $absent:expr) => { Option<$type> };
}
pub(crate) use field_type;
