//! Why a message is not to be believed.

use std::error::Error as StdError;
use std::fmt;

/// Why an SMN message is not to be believed, or was not confirmed. `Display` tells the whole story, without the token in a
/// URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmnError {
    kind: SmnErrorKind,
    reason: String,
}

/// The kinds of [`SmnError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SmnErrorKind {
    /// The message is of a type that nothing is known of, or lacks a member that is signed.
    Incomplete,
    /// A member is not of its form. The signed text has no lengths, so such a message may be another's, cut differently.
    Malformed,
    /// It was published to a topic that is not expected here.
    OtherTopic,
    /// It is too old, or from the future.
    Stale,
    /// A URL leads where none should.
    Url,
    /// The certificate, or the page that confirms, could not be got. Trying again may help.
    Fetch,
    /// The certificate is unreadable, not valid at this time, or of a kind that is not accepted.
    Certificate,
    /// The signature does not hold.
    Signature,
}

impl SmnError {
    pub(super) fn new(kind: SmnErrorKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> SmnErrorKind {
        self.kind
    }

    /// Whether the message may be genuine all the same, so that it should come again: answer 5xx. Otherwise answer 4xx.
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

impl StdError for SmnError {}
