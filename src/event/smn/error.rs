//! Errors of verifying SMN messages.

use std::error::Error as StdError;
use std::fmt;

use crate::text::debug_as_display;

/// An error of verifying an SMN message, or of confirming a subscription. `Display` says
/// everything, without the token of a URL; `Debug` prints the same line.
#[derive(Clone, PartialEq, Eq)]
pub struct SmnError {
    kind: SmnErrorKind,
    reason: String,
}

/// The kind of an [`SmnError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SmnErrorKind {
    /// The type of the message is unknown, or a signed field is missing.
    Incomplete,
    /// A field is malformed. The signed text has no lengths, so that such a message may be another
    /// one, split differently.
    Malformed,
    /// The message was published to a topic that is not expected here.
    OtherTopic,
    /// The message is too old, or from the future.
    Stale,
    /// A URL has a host that is not allowed.
    Url,
    /// The certificate or the confirmation page could not be fetched. A retry may succeed.
    Fetch,
    /// The certificate can't be read, is not valid at this time, or is of a kind that is not
    /// accepted.
    Certificate,
    /// The signature is wrong.
    Signature,
}

impl SmnError {
    pub(super) fn new(kind: SmnErrorKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }

    /// Returns the kind of this error.
    #[must_use]
    pub fn kind(&self) -> SmnErrorKind {
        self.kind
    }

    /// Returns `true` if the message may still be genuine, so that SMN should send it again:
    /// respond with 5xx. Otherwise respond with 4xx.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.kind == SmnErrorKind::Fetch
    }
}

impl fmt::Display for SmnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SMN message: {}", self.reason)
    }
}

debug_as_display!(SmnError);

impl StdError for SmnError {}
