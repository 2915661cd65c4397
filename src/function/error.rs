//! Why a function can't be run.

use crate::text::{Chain, debug_as_display, escaped};
use crate::transport::TransportError;

/// An error of [`run`](super::run): the loop can't start. A failure that may pass does not end it.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `RUNTIME_API_ADDR` is not set.
    #[error("RUNTIME_API_ADDR is not set: this program is a function, which FunctionGraph runs")]
    NoAddress,
    /// The address of the runtime API is not of the form `host:port`.
    #[error("the address of the runtime API (RUNTIME_API_ADDR) is \"{}\", but must be like 127.0.0.1:3000", escaped(.0))]
    InvalidAddress(String),
    /// No request can be sent, whatever the runtime does.
    #[error("the runtime API can't be asked: {}", Chain(.0))]
    Transport(TransportError),
}

debug_as_display!(Error);
