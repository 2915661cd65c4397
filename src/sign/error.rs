//! Errors of signing.

use crate::text::debug_as_display;

/// An error of [`Signer`](super::Signer): the request can't be signed. `Debug` prints the same line
/// as `Display`.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The access key or the secret key is empty.
    #[error("the access key or the secret key is empty")]
    NoKeys,
    /// The access key or the security token has a character that is not allowed in a header, such
    /// as a line break.
    #[error(
        "the {0} has a character that is not allowed in a header: check for a trailing newline"
    )]
    Unprintable(&'static str),
    /// The request has neither a host in its URI nor a `Host` header.
    #[error("the request's URI has no host: sign the absolute URI, or set a Host header")]
    NoHost,
    /// The date is outside the years that `X-Sdk-Date` can represent.
    #[error("the date of the signature is outside the years 0 to 9999")]
    Date,
    /// The request has several `X-Sdk-Content-Sha256` headers. A gateway may check another than the
    /// signed one.
    #[error(
        "the request has several X-Sdk-Content-Sha256 headers: leave one, or none to have the body hashed"
    )]
    RepeatedHash,
}

debug_as_display!(SignError);
