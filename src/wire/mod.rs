//! Bodies as they come: packed, with a byte order mark, or not quite JSON.

mod repair;
mod unpack;

use serde::de::DeserializeOwned;

pub(crate) use repair::repaired;
pub(crate) use unpack::{MOST, Packed, compression, unpacked, unpacked_slice};

/// Reads JSON. What strict reading refuses is repaired value by value and read once more; the error is that of the strict
/// reading.
pub(crate) fn from_slice<T: DeserializeOwned>(input: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(input).or_else(|error| serde_json::from_slice(&repaired(input)).map_err(|_| error))
}
