//! From bytes to the members of an event.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::error::{EventError, EventErrorKind};
use crate::wire::response::kind_of;
use crate::wire::{repaired, unpacked_slice};

/// What makes an object an event of some source: members of these names and kinds.
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

    fn from_object(members: Map<String, Value>) -> Self;

    fn read(input: &[u8]) -> Result<Self, EventError> {
        let input = &*unpacked_slice(input).unwrap_or(Cow::Borrowed(input));
        Self::checked(object(Self::NAME, input)?).map_err(|error| located(error, input))
    }

    fn checked(members: Map<String, Value>) -> Result<Self, EventError> {
        check(Self::NAME, Self::SHAPE, &members)?;
        Ok(Self::from_object(members))
    }
}

/// Makes loose structs events, with a `from_slice` for each.
macro_rules! events {
    ($($type:ty = $name:literal with $($member:literal: $kind:ident),+;)+) => {$(
        impl $crate::event::read::Event for $type {
            const NAME: &'static str = $name;
            const SHAPE: $crate::event::read::Shape = &[$(($member, $crate::event::read::Kind::$kind)),+];

            fn from_object(members: serde_json::Map<String, serde_json::Value>) -> Self {
                Self::from_fields(members)
            }
        }

        impl $type {
            /// Reads an event.
            ///
            /// # Errors
            ///
            #[doc = concat!("If the input is not JSON, or not an object with ", $("`", $member, "`, ",)+ "of the right type.")]
            pub fn from_slice(input: &[u8]) -> Result<Self, $crate::event::EventError> {
                <Self as $crate::event::read::Event>::read(input)
            }
        }
    )+};
}
pub(super) use events;

pub(super) fn check(event: &'static str, shape: Shape, members: &Map<String, Value>) -> Result<(), EventError> {
    let wrong = |member, problem| Err(EventError::new(EventErrorKind::NotSuchAnEvent, event, Some(member), problem));
    for &(name, kind) in shape {
        match members.get(name) {
            None => return wrong(name.into(), "is missing".to_owned()),
            Some(value) if !kind.takes(value) => {
                return wrong(name.into(), format!("should be {}, but is {}", kind.name(), kind_of(value)));
            }
            Some(Value::Array(items)) if kind == Kind::Objects => {
                if let Some((index, item)) = items.iter().enumerate().find(|(_, item)| !item.is_object()) {
                    let problem = format!("should be an object, but is {}", kind_of(item));
                    return wrong(format!("{name}[{index}]").into(), problem);
                }
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The members of the object that the input is.
pub(super) fn object(event: &'static str, input: &[u8]) -> Result<Map<String, Value>, EventError> {
    match value(event, input)? {
        Value::Object(members) => Ok(members),
        other => {
            let problem = format!("an object was expected, but there is {}", kind_of(&other));
            let start = input.iter().position(|byte| !byte.is_ascii_whitespace());
            Err(EventError::new(EventErrorKind::NotSuchAnEvent, event, None, problem)
                .at(start.map(|start| place(input, start))))
        }
    }
}

pub(super) fn value(event: &'static str, input: &[u8]) -> Result<Value, EventError> {
    serde_json::from_slice(input).or_else(|error| {
        // It may still be JSON, with fields that are nested too deep or with numbers that are too large.
        let whole: Result<&RawValue, _> = serde_json::from_slice(input);
        whole
            .map(|raw| salvage(raw, 8))
            .or_else(|_| serde_json::from_slice(&repaired(input)))
            .map_err(|_| not_json(event, input, &error))
    })
}

/// Members that events are built of: what is odd is further down.
const STRUCTURE: [&str; 12] =
    ["cts", "Records", "record", "records", "Message", "messages", "lts", "smn", "s3", "bucket", "object", "dds"];

/// The value of a JSON text; those members that no value can hold as their text.
fn salvage(raw: &RawValue, levels: u8) -> Value {
    let text = raw.get();
    if let Ok(value) = serde_json::from_str(text) {
        return value;
    }
    if let Some(levels) = levels.checked_sub(1) {
        if let Ok(members) = serde_json::from_str::<HashMap<String, &RawValue>>(text) {
            let levels = |name: &str| if STRUCTURE.contains(&name) { levels } else { 0 };
            return members
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
    let place = (error.line(), error.column());
    let found = match byte_at(input, place) {
        Some(byte) if byte.is_ascii_graphic() => format!(", found {:?}", char::from(byte)),
        Some(byte) => format!(", found byte 0x{byte:02x}"),
        None => ", found the end of the input".to_owned(),
    };
    let problem = format!("it is not JSON: {reason}{found}");
    EventError::new(EventErrorKind::NotJson, event, None, problem).at(Some(place))
}

fn byte_at(input: &[u8], (line, column): (usize, usize)) -> Option<u8> {
    let line = input.split(|byte| *byte == b'\n').nth(line.checked_sub(1)?)?;
    line.get(column.checked_sub(1)?).copied()
}

/// Adds where the member is.
pub(super) fn located(error: EventError, input: &[u8]) -> EventError {
    let offset = error.field().and_then(|member| {
        let name = member.split('[').next()?;
        let members: HashMap<String, &RawValue> = serde_json::from_slice(input).ok()?;
        // Both are parts of one allocation.
        (members.get(name)?.get().as_ptr() as usize).checked_sub(input.as_ptr() as usize)
    });
    match offset {
        Some(offset) => error.at(Some(place(input, offset))),
        None => error,
    }
}

/// Line and column of a byte, both from 1.
fn place(input: &[u8], offset: usize) -> (usize, usize) {
    let before = input.get(..offset).unwrap_or(input);
    let line = before.split(|byte| *byte == b'\n');
    let (lines, last) = line.fold((0, 0), |(lines, _), line| (lines + 1, line.len()));
    (lines, last + 1)
}

/// Base64 with or without padding.
pub(super) fn decode_base64(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    const ENGINE: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );

    ENGINE.decode(text.trim())
}
