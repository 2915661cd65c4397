//! JSON as this service sends it: types that keep what they do not know, and the reading of
//! responses.
//!
//! | what | how it is read | why |
//! |---|---|---|
//! | notifications, trackers, operations, catalogue entries, quotas | [`open`]: structs with a field for the unknown ones, read in one pass and in bounds | many per response: the rows `decode` of `benches/cost` decide |
//! | traces and events | [`loose`]: fields of any JSON type, read when asked for | no two publishers agree on the types; one trace or event at a time |
//! | requests and files | [`strict`]: an unknown field is an error | a misspelt field would be ignored silently |
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
pub(crate) mod room;
pub(crate) mod strict;
mod unpack;

use serde::de::Error as _;
use serde_json::Value;

use self::open::OpenValue as _;

pub(crate) use repair::repaired;
pub(crate) use unpack::{MOST, Packed, compression, unpacked, unpacked_slice};

/// Reads JSON of any form, as far as it fits into `room`. Input that strict reading refuses is
/// repaired value by value and read again; the error is that of the strict reading.
pub(crate) fn value(input: &[u8], room: &room::Room) -> serde_json::Result<Value> {
    let read = |input: &[u8]| {
        let string = std::str::from_utf8(input).map_err(serde_json::Error::custom)?;
        let mut reader = serde_json::Deserializer::from_str(string);
        let value = Value::read(&mut reader, room)?;
        reader.end()?;
        Ok(value.unwrap_or_default())
    };
    let mark = room.mark();
    read(input).or_else(|error: serde_json::Error| {
        if room.check().is_err() {
            return Err(error);
        }
        room.return_to(mark);
        read(&repaired(input)).map_err(|_| error)
    })
}
