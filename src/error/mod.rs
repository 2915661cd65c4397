//! Errors of calls, whose `Display` alone is enough to act on.

mod api;
mod code;
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
use crate::text::{Chain, printable};
use crate::transport::TransportError;

pub use api::{ApiError, ErrorDetail};
pub use code::ErrorCode;
pub(crate) use rate_limit::{Held, RateLimit};

/// The maximum number of characters of a change that are printed.
const CHANGE: usize = 400;

/// An error of a call.
///
/// `Display` says everything in one line: the operation, the status, the service's code and message, the request id, and
/// what to do where that is known. [`kind`](Self::kind), [`code`](Self::code) and the other accessors are for programs.
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
/// `Error` has no [`source`](StdError::source), because `Display` includes the text of every error that caused this one: a
/// reporter that walks the chain would print it twice. The causes are returned by accessors instead. Those of the transport
/// and of the provider of credentials have a `source` of their own, down to the [`io::Error`](std::io::Error) or the error
/// of the HTTP client.
///
/// | cause | accessor |
/// |---|---|
/// | [`ApiError`]: the service or a gateway refused the call | [`api`](Self::api) |
/// | [`TransportError`]: there is no complete response | [`transport`](Self::transport) |
/// | [`CredentialsError`]: there are no usable credentials | [`credentials`](Self::credentials) |
/// | [`SignError`]: the request can't be signed | [`sign`](Self::sign) |
/// | [`Error`]: the project id could not be looked up | [`project_lookup`](Self::project_lookup) |
///
/// `{:?}` prints the same line as `{}`, so that an error which `main` returns, or which `unwrap` panics with, can be read.
/// `{:#?}` prints a structure. Neither prints a body. The type is one pointer wide, and a clone shares its contents.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    call: CallName,
    /// Of a call by its path.
    path: Option<String>,
    cause: Cause,
    history: History,
}

/// The attempts of a call that failed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct History {
    /// How often the request was sent.
    pub(crate) attempts: u32,
    /// Whether one of them may have changed something.
    pub(crate) may_have_applied: bool,
}

/// The call that an error belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallName {
    /// As the API reference names it: `CreateNotification`.
    pub(crate) operation: &'static str,
    /// The IAM actions that it needs.
    pub(crate) actions: &'static str,
    pub(crate) class: Class,
}

/// What a call does, and so whether it can be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// It only reads.
    Read,
    /// It writes, and doing so twice is the same as once.
    Idempotent,
    /// It makes something: twice would be two.
    Create,
}

impl Class {
    pub(crate) fn writes(self) -> bool {
        self != Self::Read
    }
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

/// The kind of an [`Error`]: how far the call got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request is invalid and was not sent. Correct it.
    Request,
    /// There are no usable credentials. See [`Error::credentials`] and [`Error::sign`].
    Credentials,
    /// The project id can't be looked up, and the call was not sent. Set it. See [`Error::project_lookup`].
    Project,
    /// There is no response, or only part of one. See [`Error::transport`] for how far the request got.
    Transport,
    /// The service, or a gateway in front of it, responded with an error. See [`Error::api`].
    Api,
    /// The gateway has throttled calls like this one, and it can't go again before its time limit passes. Not sent, or not
    /// once more. See [`Error::retry_after`].
    Throttled,
    /// The response has a status of success, but not the documented body: often a proxy's page.
    Decode,
    /// There is no notification with the requested id or name, or no tracker with the requested name.
    NotFound,
    /// Several notifications have the requested name, or the new and the former name of a rename are both in use. Choose one
    /// by its id, see [`Error::ambiguous_ids`].
    Ambiguous,
    /// The topic of a notification has a placeholder such as `{region}` in it. Not sent. See
    /// [`NotificationSet::for_target`](crate::provision::NotificationSet::for_target).
    Placeholder,
    /// The plan was made in another project than the one that the client works in. Not sent.
    WrongProject,
    /// The service accepted a notification, but returns some of its fields with other values. See
    /// [`Error::fields_not_kept`].
    NotKept,
    /// A notification changed after the plan was made, so the step of the plan was not applied. Plan again.
    Changed,
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

    /// Returns the error of the transport if there is no complete response. Its kind says how far the request got.
    #[must_use]
    pub fn transport(&self) -> Option<&TransportError> {
        match self.cause() {
            Cause::Transport { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Returns the error of the provider of credentials. Its kind says whether none are configured, they are invalid, or
    /// fetching them failed.
    #[must_use]
    pub fn credentials(&self) -> Option<&CredentialsError> {
        match self.cause() {
            Cause::Credentials(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the error of the signer if the request can't be signed, for [`ErrorKind::Credentials`].
    #[must_use]
    pub fn sign(&self) -> Option<&SignError> {
        match self.cause() {
            Cause::Sign(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the error of the call that should have looked up the project id, for [`ErrorKind::Project`]. `None` if that
    /// call succeeded, but found no such project. The other accessors return what this error would return.
    #[must_use]
    pub fn project_lookup(&self) -> Option<&Self> {
        match &self.0.cause {
            Cause::Project { inner, .. } => inner.as_ref(),
            _ => None,
        }
    }

    /// Returns the body of the response, at most its first 64 KiB, without the credentials that the call was signed with. It
    /// is never printed, because it may repeat other parts of the request.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        match self.cause() {
            Cause::Api(api) => Some(api.body()),
            Cause::Decode { body, .. } => Some(body),
            _ => None,
        }
    }

    /// Returns the ids of the notifications that may be meant, for [`ErrorKind::Ambiguous`]. Otherwise empty.
    #[must_use]
    pub fn ambiguous_ids(&self) -> &[NotificationId] {
        match &self.0.cause {
            Cause::Ambiguous { ids, .. } | Cause::BothNames { ids, .. } => ids,
            _ => &[],
        }
    }

    /// Returns the fields that the service returns with other values than it was sent, for [`ErrorKind::NotKept`]. Otherwise
    /// empty.
    #[must_use]
    pub fn fields_not_kept(&self) -> &[&'static str] {
        match &self.0.cause {
            Cause::NotKept { fields, .. } => fields,
            _ => &[],
        }
    }

    /// Returns `true` if the requested resource does not exist: for the service's own 404 and [`ErrorKind::NotFound`]. Not
    /// for a 404 of a gateway or a proxy, which is about the path or the host.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self.0.cause, Cause::NotFound(_))
            || (self.api().is_some_and(|api| api.meant_status() == StatusCode::NOT_FOUND)
                && self.code().is_some_and(|code| code.gateway_number().is_none()))
    }

    /// Returns `true` if there were too many calls: the gateway rejected this one (429), or it was held back because others
    /// were rejected. An exhausted quota is not throttling. See [`retry_after`](Self::retry_after).
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        match self.cause() {
            Cause::Throttled(_) => true,
            Cause::Api(api) => api.is_throttled(),
            _ => false,
        }
    }

    /// Returns how long to wait before the next call: what the service asks for, or for a throttled call until the client's
    /// [`Pace`](crate::client::Pace) may let it go.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.cause() {
            Cause::Throttled(held) => Some(held.wait),
            Cause::Api(api) => api.retry_after(),
            _ => None,
        }
    }

    /// Returns `true` if the same call may succeed later. This does not mean that a retry is safe, see
    /// [`may_have_applied`](Self::may_have_applied).
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

    /// Returns `true` if the call may have changed something although it failed: a write whose response was lost, was cut off
    /// or is a server error. Read before you retry it. Always `false` for calls that only read.
    #[must_use]
    pub fn may_have_applied(&self) -> bool {
        self.0.history.may_have_applied || (self.0.call.class.writes() && self.0.cause.may_have_applied())
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names, ids and messages come from elsewhere: nothing in them may control a terminal.
        let text = Raw(self).to_string();
        f.write_str(&printable(&text, text.len()))
    }
}

/// An error with the characters of its parts unescaped.
struct Raw<'e>(&'e Error);

impl fmt::Display for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { call, path, cause, history } = &*self.0.0;
        match path {
            Some(path) => write!(f, "{} {path}: ", call.operation)?,
            None => write!(f, "{}: ", call.operation)?,
        }
        match cause {
            Cause::Request(reason) => write!(f, "not sent: {reason}")?,
            Cause::Credentials(error) => write!(f, "no usable credentials: {}", Chain(error))?,
            Cause::Sign(error) => write!(f, "the request can't be signed: {}", Chain(error))?,
            Cause::Transport { error, host } => write!(f, "{} ({host})", Chain(error))?,
            Cause::Project { reason, .. } => f.write_str(reason)?,
            Cause::Api(api) => f.write_str(&refusal(api, call.actions))?,
            Cause::Throttled(held) => {
                write!(f, "not sent{}: ", if history.attempts > 0 { " again" } else { "" })?;
                write!(f, "calls like it are {held}")?;
            }
            Cause::Decode { status, reason, .. } => {
                write!(f, "{} but the response can't be read: {reason}", status.as_u16())?;
            }
            Cause::NotKept { name, fields } => write!(
                f,
                "the service accepted {name:?}, but returns other values of {}: this cloud may not support what was sent",
                fields.join(", ")
            )?,
            Cause::Changed { name, change } => {
                // It names fields as the service does.
                let change = printable(change, CHANGE);
                write!(f, "{name:?} changed since the plan was made: {change}; plan again")?;
            }
            Cause::NotFound(what) => write!(f, "there is no {what}")?,
            Cause::Ambiguous { name, ids } => {
                write!(f, "{} notifications are named {name:?}: {}", ids.len(), joined(ids))?;
            }
            Cause::BothNames { name, former, ids } => write!(
                f,
                "{former:?} is renamed to {name:?}, but notifications of both names exist; delete or rename one of them: {}",
                joined(ids)
            )?,
            Cause::Placeholder { name } => write!(
                f,
                "not sent: the topic of {name:?} has a placeholder in it; fill in region and project with \
                 NotificationSet::for_target"
            )?,
            Cause::WrongProject { planned, client } => {
                write!(
                    f,
                    "not sent: the plan was made in project {planned}, but the client works in project {client}"
                )?;
            }
        }
        if self.0.may_have_applied() {
            f.write_str("; the request may still have been applied")?;
        }
        // The reason for an unknown project includes the request id.
        let request_id = self.0.request_id().filter(|_| !matches!(cause, Cause::Project { .. }));
        match (request_id, history.attempts) {
            (None, 0 | 1) => Ok(()),
            (None, n) => write!(f, " (after {n} attempts)"),
            (Some(id), 0 | 1) => write!(f, " (request id {id})"),
            (Some(id), n) => write!(f, " (request id {id}, after {n} attempts)"),
        }
    }
}

fn joined(ids: &[NotificationId]) -> String {
    ids.iter().map(NotificationId::as_str).collect::<Vec<_>>().join(", ")
}

/// Returns the service's message, and what to do where that does not say it.
fn refusal(api: &ApiError, actions: &str) -> String {
    let by_service =
        api.code().is_some_and(|code| code.gateway_number().is_none() && *code != ErrorCode::ProjectIdInvalid);
    let permission = (api.meant_status() == StatusCode::FORBIDDEN && by_service && !actions.is_empty())
        .then(|| format!("the call needs the IAM permission {actions}"));
    let wait = api.retry_after().map(|wait| match RateLimit::in_message(api.message()) {
        _ if !api.is_throttled() => format!("the service asks to wait {} s", wait.as_secs()),
        Some(limit) => Held { limit: Some(limit), wait }.to_string(),
        None => Held { limit: None, wait }.try_again(),
    });
    let advice = api.explanation().or_else(|| api.code().and_then(ErrorCode::advice));
    // The time to wait says more than the advice to wait.
    let advice = advice.filter(|_| wait.is_none() || !api.is_throttled()).map(str::to_owned);
    let mut text = api.to_string();
    for more in [permission, advice, wait].into_iter().flatten() {
        text.truncate(text.trim_end_matches('.').len());
        text.push_str("; ");
        text.push_str(&more);
    }
    text
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
