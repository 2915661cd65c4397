//! JSON as this service sends it: types that keep what they do not know, and the reading of responses.
//!
//! | what | how it is read | why |
//! |---|---|---|
//! | notifications, operations, catalogue entries, quotas | [`open`]: derived code with a field for the unknown ones | many per response: the rows `decode` of `benches/cost.rs` decide, which allow 10 % over plain serde |
//! | traces and events | [`loose`]: fields of any JSON type, read when asked for | no two publishers agree on the types; one trace or event at a time |
//! | strings from a documented list | [`enums`] | later values must survive |
//! | ids and other strings with a meaning | [`newtype`] | |
//! | bodies of responses | [`response`]: strictly at first, then item by item, so that one odd item spoils no other | clean input stays on the fast path |
//! | bodies of errors | [`error`]: as any JSON, searched for the outermost code and message | the service, its gateways, IAM and proxies each have a shape of their own |
//! | bytes before all that | `unpack` (gzip, zlib, byte order mark), `repair` (what is not quite JSON) | only what strict reading refuses is repaired |

pub(crate) mod enums;
pub(crate) mod error;
pub(crate) mod loose;
pub(crate) mod newtype;
pub(crate) mod open;
mod repair;
pub(crate) mod response;
mod unpack;

use serde::de::DeserializeOwned;

pub(crate) use repair::repaired;
pub(crate) use unpack::{MOST, Packed, compression, unpacked, unpacked_slice};

/// Reads JSON. What strict reading refuses is repaired value by value and read once more; the error is that of the strict
/// reading.
pub(crate) fn from_slice<T: DeserializeOwned>(input: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(input).or_else(|error| serde_json::from_slice(&repaired(input)).map_err(|_| error))
}
