//! An event of any source.

use std::borrow::Cow;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::error::EventError;
use super::read::{Event, located, object};
use super::{
    ApigEvent, AsyncNotification, CloudEvent, CtsEvent, DdsEvent, DisEvent, DmsEvent, IotdaEvent,
    LtsEvent, ObsEvent, SmnEvent, TimerEvent,
};
use crate::wire::loose::ShownFields;
use crate::wire::unpacked_slice;

/// An event of any source, identified by its shape: for a function with several triggers.
///
/// ```
/// use huaweicloud_cts::event::TriggerEvent;
///
/// let handle = |event: &[u8]| match TriggerEvent::from_slice(event) {
///     Ok(TriggerEvent::Cts(event)) => format!("{:?} was done", event.cts.trace_name),
///     Ok(TriggerEvent::Timer(event)) => format!("{:?} went off", event.trigger_name),
///     Ok(_) => "not for me".to_owned(),
///     Err(error) => error.to_string(),
/// };
/// assert_eq!(handle(br#"{"cts": {"trace_name": "login"}}"#), r#"Some("login") was done"#);
/// assert_eq!(handle(br#"{"hello": "world"}"#), "not for me");
/// assert_eq!(handle(br#"{"Records": 1}"#), "OBS event: Records should be an array, but is a number (line 1 column 13)");
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum TriggerEvent {
    /// CTS: a trace.
    Cts(Box<CtsEvent>),
    /// API Gateway: an HTTP request.
    Apig(Box<ApigEvent>),
    /// OBS: changes in a bucket.
    Obs(ObsEvent),
    /// EventGrid: a CloudEvent.
    EventGrid(Box<CloudEvent>),
    /// A timer.
    Timer(Box<TimerEvent>),
    /// LTS: log lines.
    Lts(LtsEvent),
    /// DMS for Kafka.
    Kafka(Box<DmsEvent>),
    /// DMS for RocketMQ.
    RocketMq(Box<DmsEvent>),
    /// DMS for RabbitMQ.
    RabbitMq(Box<DmsEvent>),
    /// SMN: messages.
    Smn(SmnEvent),
    /// DDS or GaussDB (for Mongo): changes in a database.
    Dds(DdsEvent),
    /// DIS: records of a stream.
    Dis(Box<DisEvent>),
    /// IoTDA: the report of a device.
    Iotda(Box<IotdaEvent>),
    /// The result of an asynchronous invocation.
    AsyncNotification(Box<AsyncNotification>),
    /// A JSON object of no known shape.
    Unknown(Map<String, Value>),
}

impl TriggerEvent {
    /// Reads an event, and identifies its source by its shape.
    ///
    /// # Errors
    ///
    /// If the input is not a JSON object, or if a field that only one source has is not of that
    /// source's type.
    pub fn from_slice(input: &[u8]) -> Result<Self, EventError> {
        let input = &*unpacked_slice(input).unwrap_or(Cow::Borrowed(input));
        Self::of(object("trigger event", input)?).map_err(|error| located(error, input))
    }

    fn of(fields: Map<String, Value>) -> Result<Self, EventError> {
        let has = |name: &str| fields.contains_key(name);
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let is = |name: &str, expected: &str| {
            text(name).is_some_and(|text| text.eq_ignore_ascii_case(expected))
        };

        Ok(if has("cts") {
            Self::Cts(boxed(fields)?)
        } else if has("Records") {
            Self::Obs(Event::checked(fields)?)
        } else if has("record") {
            Self::Smn(Event::checked(fields)?)
        } else if has("lts") {
            Self::Lts(Event::checked(fields)?)
        } else if is("trigger_type", "TIMER") {
            Self::Timer(boxed(fields)?)
        } else if is("trigger_type", "KAFKA") {
            Self::Kafka(boxed(fields)?)
        } else if is("trigger_type", "ROCKETMQ") {
            Self::RocketMq(boxed(fields)?)
        } else if is("trigger_type", "RABBITMQ") {
            Self::RabbitMq(boxed(fields)?)
        } else if has("specversion") {
            Self::EventGrid(boxed(fields)?)
        } else if has("Message") && (has("StreamName") || has("ShardID")) {
            Self::Dis(boxed(fields)?)
        } else if fields.get("records").is_some_and(are_of_database) {
            Self::Dds(Event::checked(fields)?)
        } else if has("httpMethod") {
            Self::Apig(boxed(fields)?)
        } else if has("request_context") && has("response_context") {
            Self::AsyncNotification(boxed(fields)?)
        } else if has("notify_data") {
            Self::Iotda(boxed(fields)?)
        } else if CtsEvent::is_record(&fields) {
            Self::Cts(boxed(fields)?)
        } else {
            Self::Unknown(fields)
        })
    }
}

impl fmt::Debug for TriggerEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cts(event) => f.debug_tuple("Cts").field(event).finish(),
            Self::Apig(event) => f.debug_tuple("Apig").field(event).finish(),
            Self::Obs(event) => f.debug_tuple("Obs").field(event).finish(),
            Self::EventGrid(event) => f.debug_tuple("EventGrid").field(event).finish(),
            Self::Timer(event) => f.debug_tuple("Timer").field(event).finish(),
            Self::Lts(event) => f.debug_tuple("Lts").field(event).finish(),
            Self::Kafka(event) => f.debug_tuple("Kafka").field(event).finish(),
            Self::RocketMq(event) => f.debug_tuple("RocketMq").field(event).finish(),
            Self::RabbitMq(event) => f.debug_tuple("RabbitMq").field(event).finish(),
            Self::Smn(event) => f.debug_tuple("Smn").field(event).finish(),
            Self::Dds(event) => f.debug_tuple("Dds").field(event).finish(),
            Self::Dis(event) => f.debug_tuple("Dis").field(event).finish(),
            Self::Iotda(event) => f.debug_tuple("Iotda").field(event).finish(),
            Self::AsyncNotification(event) => {
                f.debug_tuple("AsyncNotification").field(event).finish()
            }
            Self::Unknown(fields) => f.debug_tuple("Unknown").field(&ShownFields(fields)).finish(),
        }
    }
}

fn boxed<T: Event>(fields: Map<String, Value>) -> Result<Box<T>, EventError> {
    T::checked(fields).map(Box::new)
}

/// Returns `true` if the first record is a change in a database.
fn are_of_database(records: &Value) -> bool {
    records.get(0).is_some_and(|first| {
        let source = first.get("event_source").and_then(Value::as_str);
        ["dds", "gauss_mongo"].iter().any(|name| source == Some(name) || first.get(name).is_some())
    })
}

impl<'de> Deserialize<'de> for TriggerEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of(Map::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
