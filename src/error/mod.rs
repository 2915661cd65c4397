//! Errors of calls, whose `Display` alone is enough to act on.

mod api;
mod call;
mod code;
mod display;
mod kind;
mod rate_limit;
#[cfg(test)]
mod tests;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use crate::credentials::{CredentialsError, CredentialsErrorKind};
use crate::id::NotificationId;
use crate::sign::SignError;
use crate::transport::TransportError;

pub use api::{ApiError, ErrorDetail};
pub(crate) use call::{CallName, Class, History};
pub use code::ErrorCode;
pub use kind::ErrorKind;
pub(crate) use rate_limit::{Held, RateLimit};

/// An error of a call.
///
/// `Display` says everything in one line: the operation, the status, the service's code and
/// message, the request id, and what to do where that is known. [`kind`](Self::kind),
/// [`code`](Self::code) and the other accessors are for programs.
///
/// ```
/// use huaweicloud_cts::{Error, ErrorCode};
///
/// fn explain(error: &Error) -> String {
///     match error.code() {
///         Some(ErrorCode::NotificationNameExists) => "the name is in use".to_owned(),
///         _ if error.may_have_applied() => format!("check before you retry: {error}"),
///         _ => error.to_string(),
///     }
/// }
/// ```
///
/// # Design
///
/// `Error` has no [`source`](StdError::source), because `Display` includes the text of every error
/// that caused this one: a reporter that walks the chain would print it twice. The causes are
/// returned by accessors instead. Those of the transport and of the provider of credentials have a
/// `source` of their own, down to the [`io::Error`](std::io::Error) or the error of the HTTP
/// client.
///
/// | cause | accessor |
/// |---|---|
/// | [`ApiError`]: the service or a gateway refused the call | [`api`](Self::api) |
/// | [`TransportError`]: there is no complete response | [`transport`](Self::transport) |
/// | [`CredentialsError`]: there are no usable credentials | [`credentials`](Self::credentials) |
/// | [`SignError`]: the request can't be signed | [`sign`](Self::sign) |
/// | [`Error`]: the project id could not be looked up | [`project_lookup`](Self::project_lookup) |
///
/// `{:?}` prints the same line as `{}`, so that an error which `main` returns, or which `unwrap`
/// panics with, can be read. `{:#?}` prints a structure. Neither prints a body. The type is one
/// pointer wide, and a clone shares its contents.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    call: CallName,
    /// Of a call by its path.
    path: Option<String>,
    cause: Cause,
    history: History,
}

pub(crate) enum Cause {
    Request(String),
    Credentials(CredentialsError),
    Sign(SignError),
    Transport { error: TransportError, host: String },
    Api(ApiError),
    Project { reason: String, inner: Option<Error> },
    Decode { status: StatusCode, request_id: Option<String>, body: Bytes, reason: String },
    Throttled(Held),
    NotFound(String),
    Ambiguous { name: String, ids: Vec<NotificationId> },
    BothNames { name: String, former: String, ids: Vec<NotificationId> },
    Placeholder { name: String },
    WrongProject { planned: String, client: String },
    NotKept { name: String, fields: Vec<&'static str> },
    Changed { name: String, change: String },
}

impl Error {
    pub(crate) fn new(call: CallName, history: History, cause: Cause) -> Self {
        Self(Arc::new(Inner { call, path: None, cause, history }))
    }

    /// Returns the error of a call by its path, which it shows.
    pub(crate) fn at_path(mut self, path: String) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.path = Some(path);
        }
        self
    }

    /// Returns the error of a call whose earlier requests changed something.
    pub(crate) fn after_writes(mut self) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.history.may_have_applied = true;
        }
        self
    }

    /// Returns the name of the call in the API reference: `CreateNotification`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.call.operation
    }

    /// Returns the kind of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.cause.kind()
    }

    /// Returns the cause, which is that of the lookup where the project id could not be looked up.
    fn cause(&self) -> &Cause {
        match &self.0.cause {
            Cause::Project { inner: Some(inner), .. } => inner.cause(),
            cause => cause,
        }
    }

    /// Returns the HTTP status of the response, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self.cause() {
            Cause::Api(api) => Some(api.status()),
            Cause::Decode { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Returns the error code of the service or the gateway, if the response had one.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] {
    /// use huaweicloud_cts::ErrorCode;
    /// use huaweicloud_cts::testing::ErrorBuilder;
    ///
    /// let error = ErrorBuilder::api(400, "CTS.0400", "notification name exists").build();
    /// assert_eq!(error.code(), Some(&ErrorCode::NotificationNameExists));
    /// assert_eq!(error.status().unwrap(), 400);
    /// # }
    /// ```
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.api().and_then(ApiError::code)
    }

    /// Returns the id that the service gave the request. Support asks for it.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self.cause() {
            Cause::Api(api) => api.request_id(),
            Cause::Decode { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// Returns the number of times that the request was sent; 0 if it was not sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.history.attempts
    }

    /// Returns the error that the service or the gateway responded with.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match self.cause() {
            Cause::Api(api) => Some(api),
            _ => None,
        }
    }

    /// Returns the error of the transport if there is no complete response. Its kind says how far
    /// the request got.
    #[must_use]
    pub fn transport(&self) -> Option<&TransportError> {
        self.cause().transport()
    }

    /// Returns the error of the provider of credentials. Its kind says whether none are configured,
    /// they are invalid, or fetching them failed.
    #[must_use]
    pub fn credentials(&self) -> Option<&CredentialsError> {
        match self.cause() {
            Cause::Credentials(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the error of the signer if the request can't be signed, for
    /// [`ErrorKind::Credentials`].
    #[must_use]
    pub fn sign(&self) -> Option<&SignError> {
        match self.cause() {
            Cause::Sign(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the error of the call that should have looked up the project id, for
    /// [`ErrorKind::Project`]. `None` if that call succeeded, but found no such project. The other
    /// accessors return what this error would return.
    #[must_use]
    pub fn project_lookup(&self) -> Option<&Self> {
        match &self.0.cause {
            Cause::Project { inner, .. } => inner.as_ref(),
            _ => None,
        }
    }

    /// Returns the body of the response, at most its first 64 KiB, without the credentials that the
    /// call was signed with. It is never printed, because it may repeat other parts of the request.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        match self.cause() {
            Cause::Api(api) => Some(api.body()),
            Cause::Decode { body, .. } => Some(body),
            _ => None,
        }
    }

    /// Returns the ids of the notifications that may be meant, for [`ErrorKind::Ambiguous`].
    /// Otherwise empty.
    #[must_use]
    pub fn ambiguous_ids(&self) -> &[NotificationId] {
        match &self.0.cause {
            Cause::Ambiguous { ids, .. } | Cause::BothNames { ids, .. } => ids,
            _ => &[],
        }
    }

    /// Returns the fields that the service returns with other values than it was sent, for
    /// [`ErrorKind::NotKept`]. Otherwise empty.
    #[must_use]
    pub fn fields_not_kept(&self) -> &[&'static str] {
        match &self.0.cause {
            Cause::NotKept { fields, .. } => fields,
            _ => &[],
        }
    }

    /// Returns `true` if the requested resource does not exist: for the service's own 404 and
    /// [`ErrorKind::NotFound`]. Not for a 404 of a gateway or a proxy, which is about the path or
    /// the host.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self.0.cause, Cause::NotFound(_))
            || (self.api().is_some_and(|api| api.meant_status() == StatusCode::NOT_FOUND)
                && self.code().is_some_and(|code| code.gateway_number().is_none()))
    }

    /// Returns `true` if there were too many calls: the gateway rejected this one (429), or it was
    /// held back because others were rejected. An exhausted quota is not throttling. See
    /// [`retry_after`](Self::retry_after).
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        match self.cause() {
            Cause::Throttled(_) => true,
            Cause::Api(api) => api.is_throttled(),
            _ => false,
        }
    }

    /// Returns how long to wait before the next call: what the service asks for, or for a throttled
    /// call until the client's [`Pace`](crate::client::Pace) may let it go.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.cause() {
            Cause::Throttled(held) => Some(held.wait),
            Cause::Api(api) => api.retry_after(),
            _ => None,
        }
    }

    /// Returns `true` if the same call may succeed later. This does not mean that a retry is safe,
    /// see [`may_have_applied`](Self::may_have_applied).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use huaweicloud_cts::Error;
    ///
    /// /// Returns the pause before a job that only reads is tried again, or `None` if that is of no use.
    /// fn pause(error: &Error) -> Option<Duration> {
    ///     error.is_retryable().then(|| error.retry_after().unwrap_or(Duration::from_secs(60)))
    /// }
    /// ```
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.cause() {
            Cause::Transport { error, .. } => !error.kind().is_lasting(),
            Cause::Api(api) => api.is_transient(),
            Cause::Throttled(_) => true,
            Cause::Credentials(error) => error.kind() == CredentialsErrorKind::Failed,
            _ => false,
        }
    }

    /// Returns `true` if the call may have changed something although it failed: a write whose
    /// response was lost, was cut off or is a server error. Read before you retry it. Always
    /// `false` for calls that only read.
    #[must_use]
    pub fn may_have_applied(&self) -> bool {
        self.0.history.may_have_applied
            || (self.0.call.class.writes() && self.0.cause.may_have_applied())
    }
}

impl Cause {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Request(_) => ErrorKind::Request,
            Self::Credentials(_) | Self::Sign(_) => ErrorKind::Credentials,
            Self::Transport { .. } => ErrorKind::Transport,
            Self::Project { .. } => ErrorKind::Project,
            Self::Api(_) => ErrorKind::Api,
            Self::Throttled(_) => ErrorKind::Throttled,
            Self::Decode { .. } => ErrorKind::Decode,
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::Ambiguous { .. } | Self::BothNames { .. } => ErrorKind::Ambiguous,
            Self::Placeholder { .. } => ErrorKind::Placeholder,
            Self::WrongProject { .. } => ErrorKind::WrongProject,
            Self::NotKept { .. } => ErrorKind::NotKept,
            Self::Changed { .. } => ErrorKind::Changed,
        }
    }

    pub(crate) fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(api) => Some(api),
            _ => None,
        }
    }

    pub(crate) fn transport(&self) -> Option<&TransportError> {
        match self {
            Self::Transport { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Returns `true` if a write that failed with this cause may have changed something.
    pub(crate) fn may_have_applied(&self) -> bool {
        match self {
            Self::Transport { error, .. } => !error.kind().is_unsent(),
            Self::Api(api) => api.may_have_applied(),
            Self::Decode { .. } => true,
            _ => false,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(self, f);
        }
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("message", &self.to_string())
            .field("body_bytes", &self.body().map(Bytes::len))
            .finish_non_exhaustive()
    }
}

/// See the section on the design of [`Error`] for why it has no source.
impl StdError for Error {}
