//! What a notification delivers: the events that invoke functions, and the messages that reach
//! webhooks.
//!
//! [`CtsEvent`] is what a CTS trigger passes to a function. [`TriggerEvent`] reads the events of
//! all sources and tells them apart by their shape. Only the field that identifies the source is
//! required. A field of an unexpected type is kept as it came, and serializing an event returns the
//! JSON value that was read.
//!
//! ```
//! use huaweicloud_cts::event::CtsEvent;
//!
//! let event = CtsEvent::from_slice(br#"{"cts": {
//!     "time": "2018/06/26 08:54:07 GMT+08:00", "user": {"name": "alice"}, "request": {}, "code": 204,
//!     "service_type": "vpc", "trace_name": "deleteGraph", "trace_status": "normal"
//! }}"#)?;
//! let trace = &event.cts;
//! assert_eq!((trace.user.name(), trace.code()), (Some("alice"), Some(204)));
//! assert!(trace.time().is_some());
//! # Ok::<(), huaweicloud_cts::event::EventError>(())
//! ```
//!
//! # Which runtime reads what
//!
//! FunctionGraph's runtimes for other languages model the CTS event too. By the types that they
//! declare, the published samples of it are read (✓) or refused (–) as follows; all are read here.
//!
//! | sample | what is special | Go, OTC | Java, OTC | Go, Huawei |
//! |---|---|---|---|---|
//! | template of the Go runtime, OTC | times in milliseconds | ✓ | ✓ | – |
//! | template of the other runtimes, OTC | times in seconds | ✓ | ✓ | – |
//! | live event, OTC 2025 | code 0, eleven undocumented fields | ✓, nine fields lost | ✓, fields lost | – |
//! | developer guide, Huawei 2023 | `2018/06/26 08:54:07 GMT+08:00` | – | – | ✓ |
//! | user guides, both clouds | empty times, `resource_id` an object | – | – | – |
//! | unit test with every field, OTC | RFC 3339, `code` a string | – | – | – |
//! | record of ECS, older edition | dates, nested bodies | – | – | – |
//! | record of ECS, oldest edition | month first, bodies as JSON in a string | – | – | – |
//! | record of ECS, 2024 | bodies as JSON in a string | – | – | – |
//! | record of EVS | bodies are empty strings | – | – | – |
//! | record of SMN | user and bodies are plain strings | – | – | – |
//! | record of Auto Scaling | `2016-12-15 15:27:40 GMT+08:00`, nested bodies | – | – | – |
//! | live record of DWS, 2026 | user as JSON in a string | – | – | – |
//! | login in a client's unit test | user is a name | – | – | – |
//!
//! The runtimes for Python, Node.js and PHP of Open Telekom Cloud pass the parsed JSON on and
//! accept any object, but their accessors do not: in Python a code of 0 becomes an empty string and
//! a user that is a string raises `AttributeError`, in PHP an empty request and a date are a
//! `TypeError`, and in Node.js the declared types are not those of the live events.
//!
//! # What is not known
//!
//! Whether Huawei Cloud's own events still have dates; whether any service really sends times as
//! digits in a string, or bodies as JSON in a string within `{"cts": …}`; how an event without a
//! user looks. All of these are read in each form.

mod apig;
mod cts;
mod dds;
mod error;
mod lts;
mod obs;
mod other;
#[cfg(feature = "function")]
mod payload;
mod queue;
mod read;
mod smn;
mod trigger;

pub use apig::{ApigEvent, ApigRequestContext, ApigResponse};
pub use cts::CtsEvent;
pub use dds::{DdsChange, DdsEvent, DdsRecord};
pub use error::{EventError, EventErrorKind};
pub use lts::{LtsBody, LtsData, LtsEvent, LtsLog, TimerEvent};
pub use obs::{
    ObsBucket, ObsEntity, ObsEvent, ObsIdentity, ObsObject, ObsRecord, ObsRequestParameters,
};
pub use other::{
    AsyncNotification, AsyncRequestContext, AsyncResponseContext, CloudEvent, IotdaEvent,
};
#[cfg(feature = "function")]
pub(crate) use payload::payload;
pub use queue::{DisEvent, DisMessage, DisRecord, DmsEvent, DmsRecord};
pub use smn::{SmnBody, SmnEvent, SmnMessage, SmnMessageType, SmnRecord};
#[cfg(feature = "smn-verify")]
pub use smn::{SmnError, SmnErrorKind, SmnVerifier, VerifiedSmnMessage};
pub use trigger::TriggerEvent;
