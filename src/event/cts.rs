//! The event of a CTS trigger.

use std::borrow::Cow;
use std::fmt;

use serde::de::Error as _;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::error::{EventError, EventErrorKind};
use super::read::{Event, Kind, Shape, check, located, object};
use crate::trace::{Trace, TraceId};
use crate::wire::loose::debug;
use crate::wire::unpacked_slice;

/// A trace as a CTS trigger passes it to a function: `{"cts": {…}}`, one trace in one event.
///
/// A trace without this wrapper, as in OBS files and log streams, is read too.
///
/// CTS invokes a function asynchronously and delivers at least once, so the same event may come
/// again: remember the [`idempotency_key`](Self::idempotency_key) of those that were handled.
///
/// ```
/// use huaweicloud_cts::event::CtsEvent;
///
/// let event = CtsEvent::from_slice(
///     br#"{"cts": {"trace_id": "f828ab77-d993-11f0-b09f-35adcfa25f3b", "trace_name": "createFunction", "code": 0}}"#,
/// )?;
/// assert_eq!(event.cts.trace_name.as_deref(), Some("createFunction"));
/// assert_eq!(event.idempotency_key().unwrap(), &"f828ab77-d993-11f0-b09f-35adcfa25f3b");
/// # Ok::<(), huaweicloud_cts::event::EventError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CtsEvent {
    /// The trace.
    pub cts: Trace,
    /// Fields beside `cts`. None are documented.
    pub other: Map<String, Value>,
    /// Whether the trace came without its wrapper.
    is_bare: bool,
}

impl CtsEvent {
    /// Reads an event, or a trace without its wrapper.
    ///
    /// All of JSON is read: a field that is nested deeper than 120 levels, or has a number beyond
    /// the range of 64 bits, is kept as a string of its JSON. A number with more digits is rounded,
    /// as JSON readers do.
    ///
    /// # Errors
    ///
    /// If the input is not JSON, or neither an object with an object `cts` nor one with a field
    /// that only traces have.
    pub fn from_slice(input: &[u8]) -> Result<Self, EventError> {
        let input = &*unpacked_slice(input).unwrap_or(Cow::Borrowed(input));
        Self::checked(object(Self::NAME, input)?).map_err(|error| located(error, input))
    }

    /// Creates an event of a trace.
    #[must_use]
    pub fn new(cts: Trace) -> Self {
        Self { cts, ..Self::default() }
    }

    /// Returns the key to deduplicate by: the trace's id, unless that is empty.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&TraceId> {
        self.cts.trace_id.as_ref().filter(|id| !id.as_str().is_empty())
    }

    /// Returns `true` if an object without a wrapper is a trace: it has a field that nothing else
    /// has.
    pub(super) fn is_record(fields: &Map<String, Value>) -> bool {
        ["trace_id", "trace_name", "trace_type", "trace_rating", "trace_status"]
            .iter()
            .any(|name| fields.contains_key(*name))
    }

    /// Returns the trace in a string, with or without its wrapper.
    pub(super) fn trace_in(text: &str) -> Option<Trace> {
        // Most strings are not JSON, and need not be copied into an error.
        text.trim_start()
            .starts_with('{')
            .then(|| Self::from_slice(text.as_bytes()).ok())?
            .map(|event| event.cts)
    }
}

impl Event for CtsEvent {
    const NAME: &'static str = "CTS event";
    const SHAPE: Shape = &[("cts", Kind::Object)];

    fn from_object(mut fields: Map<String, Value>) -> Self {
        match fields.remove("cts") {
            Some(Value::Object(cts)) => {
                Self { cts: Trace::from_fields(cts), other: fields, is_bare: false }
            }
            _ => Self { cts: Trace::from_fields(fields), other: Map::new(), is_bare: true },
        }
    }

    fn checked(fields: Map<String, Value>) -> Result<Self, EventError> {
        if fields.contains_key("cts") {
            check(Self::NAME, Self::SHAPE, &fields)?;
        } else if !Self::is_record(&fields) {
            let problem = "is missing, and there is no trace_id, trace_name, trace_type, trace_rating or trace_status";
            return Err(EventError::new(
                EventErrorKind::NotSuchAnEvent,
                Self::NAME,
                Some("cts".into()),
                problem,
            ));
        }
        Ok(Self::from_object(fields))
    }
}

impl fmt::Debug for CtsEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug("CtsEvent", self, f)
    }
}

impl From<Trace> for CtsEvent {
    fn from(cts: Trace) -> Self {
        Self::new(cts)
    }
}

impl Serialize for CtsEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_bare && self.other.is_empty() {
            return self.cts.serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(1 + self.other.len()))?;
        map.serialize_entry("cts", &self.cts)?;
        for (name, value) in self.other.iter().filter(|(name, _)| *name != "cts") {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for CtsEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::checked(Map::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
