//! What arrives at the other end of a notification: the events that functions are called with.
//!
//! [`CtsEvent`] is what a CTS trigger hands to a function. [`TriggerEvent`] reads the events of all sources and tells them
//! apart by their shape. No member is required beyond the one that makes an event what it is, no type is insisted on, and
//! writing an event gives back the JSON value that was read.
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
//! FunctionGraph's runtimes for other languages model the CTS event too. By the types that they declare, the published
//! samples of it are read (✓) or refused (–) as follows; all are read here.
//!
//! | sample | what is special | Go, OTC | Java, OTC | Go, Huawei |
//! |---|---|---|---|---|
//! | template of the Go runtime, OTC | times in milliseconds | ✓ | ✓ | – |
//! | template of the other runtimes, OTC | times in seconds | ✓ | ✓ | – |
//! | live event, OTC 2025 | code 0, eleven undocumented members | ✓, nine members lost | ✓, members lost | – |
//! | developer guide, Huawei 2023 | `2018/06/26 08:54:07 GMT+08:00` | – | – | ✓ |
//! | user guides, both clouds | empty times, `resource_id` an object | – | – | – |
//! | unit test with every member, OTC | RFC 3339, `code` a text | – | – | – |
//! | record of ECS, older edition | dates, nested bodies | – | – | – |
//! | record of ECS, oldest edition | month first, bodies as JSON text | – | – | – |
//! | record of ECS, 2024 | bodies as JSON text | – | – | – |
//! | record of EVS | bodies are empty texts | – | – | – |
//! | record of SMN | user and bodies are words | – | – | – |
//! | record of Auto Scaling | `2016-12-15 15:27:40 GMT+08:00`, nested bodies | – | – | – |
//! | live record of DWS, 2026 | user as JSON text | – | – | – |
//! | login in a client's unit test | user is a word | – | – | – |
//!
//! The runtimes for Python, Node.js and PHP of Open Telekom Cloud hand the parsed JSON on and take any object, but their
//! accessors do not: in Python a code of 0 becomes an empty text and a user that is a text raises `AttributeError`, in PHP
//! an empty request and a date are a `TypeError`, and in Node.js the declared types are not those of the live events.
//!
//! # What is not known
//!
//! Whether Huawei Cloud's own events still have dates; whether any service really sends times as digits in a text, or
//! bodies as JSON text within `{"cts": …}`; how an event without a user looks. All of these are read in each form.

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
pub use obs::{ObsBucket, ObsEntity, ObsEvent, ObsIdentity, ObsObject, ObsRecord, ObsRequestParameters};
pub use other::{AsyncNotification, AsyncRequestContext, AsyncResponseContext, CloudEvent, IotdaEvent};
#[cfg(feature = "function")]
pub(crate) use payload::payload;
pub use queue::{DisEvent, DisMessage, DisRecord, DmsEvent, DmsRecord};
pub use smn::{SmnBody, SmnEvent, SmnMessage, SmnMessageType, SmnRecord};
#[cfg(feature = "smn-verify")]
pub use smn::{SmnError, SmnErrorKind, SmnVerifier, VerifiedSmnMessage};
pub use trigger::TriggerEvent;
