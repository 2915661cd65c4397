//! Messages of SMN, to a function and to an HTTP endpoint.

#[cfg(feature = "smn-verify")]
mod cache;
#[cfg(feature = "smn-verify")]
mod certificate;
#[cfg(feature = "smn-verify")]
mod error;
mod function;
mod message;
#[cfg(feature = "smn-verify")]
mod url;
#[cfg(feature = "smn-verify")]
mod verify;

#[cfg(feature = "smn-verify")]
pub use error::{SmnError, SmnErrorKind};
pub use function::{SmnBody, SmnEvent, SmnRecord};
pub use message::{SmnMessage, SmnMessageType};
#[cfg(feature = "smn-verify")]
pub use verify::{SmnVerifier, VerifiedSmnMessage};
