//! Reads the fields of an event from bytes.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::error::{EventError, EventErrorKind};
use crate::wire::response::kind_of;
use crate::wire::{repaired, unpacked_slice};

/// The fields that make an object an event of some source, with their kinds.
pub(super) type Shape = &'static [(&'static str, Kind)];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    /// An array of objects.
    Objects,
    Text,
}

impl Kind {
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Object => value.is_object(),
            Self::Objects => value.is_array(),
            Self::Text => value.is_string(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Objects => "an array",
            Self::Text => "a string",
        }
    }
}

/// An event of some source.
pub(super) trait Event: Sized {
    const NAME: &'static str;
    const SHAPE: Shape;

    fn from_object(fields: Map<String, Value>) -> Self;

    fn read(input: &[u8]) -> Result<Self, EventError> {
        let input = &*unpacked_slice(input).unwrap_or(Cow::Borrowed(input));
        Self::checked(object(Self::NAME, input)?).map_err(|error| located(error, input))
    }

    fn checked(fields: Map<String, Value>) -> Result<Self, EventError> {
        check(Self::NAME, Self::SHAPE, &fields)?;
        Ok(Self::from_object(fields))
    }
}

/// Implements `Event` and `from_slice` for loose structs.
macro_rules! events {
    ($($type:ty = $name:literal with $($field:literal: $kind:ident),+;)+) => {$(
        impl $crate::event::read::Event for $type {
            const NAME: &'static str = $name;
            const SHAPE: $crate::event::read::Shape = &[$(($field, $crate::event::read::Kind::$kind)),+];

            fn from_object(fields: serde_json::Map<String, serde_json::Value>) -> Self {
                Self::from_fields(fields)
            }
        }

        impl $type {
            /// Reads an event from JSON.
            ///
            /// # Errors
            ///
            #[doc = concat!("If the input is not JSON, or not an object with ", $("`", $field, "`, ",)+ "of the right type.")]
            pub fn from_slice(input: &[u8]) -> Result<Self, $crate::event::EventError> {
                <Self as $crate::event::read::Event>::read(input)
            }
        }
    )+};
}
pub(super) use events;

pub(super) fn check(
    event: &'static str,
    shape: Shape,
    fields: &Map<String, Value>,
) -> Result<(), EventError> {
    let wrong = |field, problem| {
        Err(EventError::new(EventErrorKind::NotSuchAnEvent, event, Some(field), problem))
    };
    for &(name, kind) in shape {
        match fields.get(name) {
            None => return wrong(name.into(), "is missing".to_owned()),
            Some(value) if !kind.takes(value) => {
                return wrong(
                    name.into(),
                    format!("should be {}, but is {}", kind.name(), kind_of(value)),
                );
            }
            Some(Value::Array(items)) if kind == Kind::Objects => {
                if let Some((index, item)) =
                    items.iter().enumerate().find(|(_, item)| !item.is_object())
                {
                    let problem = format!("should be an object, but is {}", kind_of(item));
                    return wrong(format!("{name}[{index}]").into(), problem);
                }
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Returns the fields of the object in `input`.
pub(super) fn object(event: &'static str, input: &[u8]) -> Result<Map<String, Value>, EventError> {
    match value(event, input)? {
        Value::Object(fields) => Ok(fields),
        other => {
            let problem = format!("an object was expected, but there is {}", kind_of(&other));
            let start = input.iter().position(|byte| !byte.is_ascii_whitespace());
            Err(EventError::new(EventErrorKind::NotSuchAnEvent, event, None, problem)
                .at(start.map(|start| position(input, start))))
        }
    }
}

pub(super) fn value(event: &'static str, input: &[u8]) -> Result<Value, EventError> {
    serde_json::from_slice(input).or_else(|error| {
        // It may still be JSON, with fields that are nested too deep or with numbers that are too
        // large.
        let whole: Result<&RawValue, _> = serde_json::from_slice(input);
        whole
            .map(|raw| salvage(raw, 8))
            .or_else(|_| serde_json::from_slice(&repaired(input)))
            .map_err(|_| not_json(event, input, &error))
    })
}

/// The fields that give an event its structure. Odd values are below them.
const STRUCTURE: [&str; 12] = [
    "cts", "Records", "record", "records", "Message", "messages", "lts", "smn", "s3", "bucket",
    "object", "dds",
];

/// Returns the value of `raw`. Parts that no [`Value`] can hold become strings of their JSON.
fn salvage(raw: &RawValue, levels: u8) -> Value {
    let text = raw.get();
    if let Ok(value) = serde_json::from_str(text) {
        return value;
    }
    if let Some(levels) = levels.checked_sub(1) {
        if let Ok(fields) = serde_json::from_str::<HashMap<String, &RawValue>>(text) {
            let levels = |name: &str| if STRUCTURE.contains(&name) { levels } else { 0 };
            return fields
                .into_iter()
                .map(|(name, raw)| {
                    let value = salvage(raw, levels(&name));
                    (name, value)
                })
                .collect();
        }
        if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text) {
            return items.into_iter().map(|raw| salvage(raw, levels)).collect();
        }
    }
    Value::String(text.to_owned())
}

fn not_json(event: &'static str, input: &[u8], error: &serde_json::Error) -> EventError {
    let told = error.to_string();
    let reason = told.rsplit_once(" at line ").map_or(told.as_str(), |(reason, _)| reason);
    let position = (error.line(), error.column());
    let found = match byte_at(input, position) {
        Some(byte) if byte.is_ascii_graphic() => format!(", found {:?}", char::from(byte)),
        Some(byte) => format!(", found byte 0x{byte:02x}"),
        None => ", found the end of the input".to_owned(),
    };
    let problem = format!("it is not JSON: {reason}{found}");
    EventError::new(EventErrorKind::NotJson, event, None, problem).at(Some(position))
}

fn byte_at(input: &[u8], (line, column): (usize, usize)) -> Option<u8> {
    let line = input.split(|byte| *byte == b'\n').nth(line.checked_sub(1)?)?;
    line.get(column.checked_sub(1)?).copied()
}

/// Adds the position of the field.
pub(super) fn located(error: EventError, input: &[u8]) -> EventError {
    let offset = error.field().and_then(|field| {
        let name = field.split('[').next()?;
        let fields: HashMap<String, &RawValue> = serde_json::from_slice(input).ok()?;
        // Both are parts of one allocation.
        (fields.get(name)?.get().as_ptr() as usize).checked_sub(input.as_ptr() as usize)
    });
    match offset {
        Some(offset) => error.at(Some(position(input, offset))),
        None => error,
    }
}

/// Returns the line and the column of a byte, both from 1.
fn position(input: &[u8], offset: usize) -> (usize, usize) {
    let before = input.get(..offset).unwrap_or(input);
    let line = before.split(|byte| *byte == b'\n');
    let (lines, last) = line.fold((0, 0), |(lines, _), line| (lines + 1, line.len()));
    (lines, last + 1)
}

/// Decodes base64 with or without padding.
pub(super) fn decode_base64(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    const ENGINE: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );

    ENGINE.decode(text.trim())
}
