//! What can go wrong with a call, told so that `Display` alone is enough to act on.

mod api;
mod body;
mod code;
mod rate_limit;

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
pub(crate) use body::{CANONICAL_REQUEST, described, kept, request_id};
pub use code::ErrorCode;
pub(crate) use rate_limit::{Held, RateLimit};

/// How many characters of a change are shown.
const CHANGE: usize = 400;

/// Why a call failed.
///
/// `Display` tells the whole story in one line: the operation, the status, the service's code and message, the request
/// id, and what to do where that is known. No other error hides behind it, so there is no `source`. A clone is the same
/// error, and costs nothing.
///
/// ```
/// use huaweicloud_cts::{Error, ErrorCode};
///
/// fn explain(error: &Error) -> String {
///     match error.code() {
///         Some(ErrorCode::NotificationNameExists) => "there is one of this name already".to_owned(),
///         _ if error.may_have_applied() => format!("look before you repeat it: {error}"),
///         _ => error.to_string(),
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    call: CallName,
    cause: Cause,
    history: History,
}

/// What the attempts of a call left behind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct History {
    /// How often the request was sent.
    pub(crate) attempts: u32,
    /// Whether one of them may have changed something.
    pub(crate) may_have_applied: bool,
}

/// What an error says of the call it belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallName {
    /// As the API reference names it: `CreateNotification`.
    pub(crate) operation: &'static str,
    /// The IAM actions that it needs.
    pub(crate) actions: &'static str,
    /// Whether it changes anything.
    pub(crate) writes: bool,
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
    NotKept { name: String, members: Vec<&'static str> },
    Changed { name: String, change: String },
}

/// The kinds of [`Error`], by how far the call got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request can't be right, and was not sent. Correct it.
    Request,
    /// There are no usable keys for the next attempt. See [`Error::credentials`].
    Credentials,
    /// The id of the project can't be found out, and the call was not sent. Set it.
    Project,
    /// There is no answer, or only part of one. See [`Error::transport`] for how far it got.
    Transport,
    /// The service, or a gateway before it, answered with an error. See [`Error::api`].
    Api,
    /// The gateway has throttled calls like this one, and it can't go again before its time limit passes. Not sent, or not
    /// once more. See [`Error::retry_after`].
    Throttled,
    /// The service answered with success, but not with what the API documents: often a proxy's page.
    Decode,
    /// The service knows no notification of the id or name that was asked for.
    NotFound,
    /// Several notifications have the name that was asked for. Choose by id.
    Ambiguous,
    /// The service took a rule, but keeps some of its members differently. See `provision`.
    NotKept,
    /// A notification changed after the plan was made, so the plan's step was not carried out. Plan again.
    Changed,
}

impl Error {
    pub(crate) fn new(call: CallName, history: History, cause: Cause) -> Self {
        Self(Arc::new(Inner { call, cause, history }))
    }

    /// The call, as the API reference names it: `CreateNotification`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.call.operation
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self.0.cause {
            Cause::Request(_) => ErrorKind::Request,
            Cause::Credentials(_) | Cause::Sign(_) => ErrorKind::Credentials,
            Cause::Transport { .. } => ErrorKind::Transport,
            Cause::Project { .. } => ErrorKind::Project,
            Cause::Api(_) => ErrorKind::Api,
            Cause::Throttled(_) => ErrorKind::Throttled,
            Cause::Decode { .. } => ErrorKind::Decode,
            Cause::NotFound(_) => ErrorKind::NotFound,
            Cause::Ambiguous { .. } => ErrorKind::Ambiguous,
            Cause::NotKept { .. } => ErrorKind::NotKept,
            Cause::Changed { .. } => ErrorKind::Changed,
        }
    }

    /// The HTTP status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match &self.0.cause {
            Cause::Api(api) => Some(api.status()),
            Cause::Decode { status, .. } => Some(*status),
            Cause::Project { inner, .. } => inner.as_ref()?.status(),
            _ => None,
        }
    }

    /// The service's or the gateway's error code, if the answer had one.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.api().and_then(ApiError::code)
    }

    /// The id that the service gave the request: quote it to support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match &self.0.cause {
            Cause::Api(api) => api.request_id(),
            Cause::Decode { request_id, .. } => request_id.as_deref(),
            Cause::Project { inner, .. } => inner.as_ref()?.request_id(),
            _ => None,
        }
    }

    /// How often the request was sent. 0: never.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.history.attempts
    }

    /// The answer, when the service or the gateway said no.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match &self.0.cause {
            Cause::Api(api) => Some(api),
            Cause::Project { inner, .. } => inner.as_ref()?.api(),
            _ => None,
        }
    }

    /// How far the request got, when there is no answer.
    #[must_use]
    pub fn transport(&self) -> Option<&TransportError> {
        match &self.0.cause {
            Cause::Transport { error, .. } => Some(error),
            Cause::Project { inner, .. } => inner.as_ref()?.transport(),
            _ => None,
        }
    }

    /// The body of the answer, at most its first 64 KiB, without the credentials that the call was signed with. Never
    /// printed: it may repeat other things that were sent.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        match &self.0.cause {
            Cause::Api(api) => Some(api.body()),
            Cause::Decode { body, .. } => Some(body),
            Cause::Project { inner, .. } => inner.as_ref()?.body(),
            _ => None,
        }
    }

    /// The ids of the notifications that share a name, for [`ErrorKind::Ambiguous`]; else empty.
    #[must_use]
    pub fn ambiguous_ids(&self) -> &[NotificationId] {
        match &self.0.cause {
            Cause::Ambiguous { ids, .. } => ids,
            _ => &[],
        }
    }

    /// Whether what was asked for is not there: the service's own 404, or [`ErrorKind::NotFound`]. A 404 of a gateway or
    /// a proxy, for a wrong path or host, is not meant.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self.0.cause, Cause::NotFound(_))
            || (self.api().is_some_and(|api| api.meant_status() == StatusCode::NOT_FOUND)
                && self.code().is_some_and(|code| code.gateway_number().is_none()))
    }

    /// Whether there were too many calls: the gateway turned this one away (429), or it was held back because of others that were.
    /// Wait, then repeat; see [`retry_after`](Self::retry_after). A quota that is used up is not meant.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        match &self.0.cause {
            Cause::Throttled(_) => true,
            Cause::Project { inner: Some(inner), .. } => inner.is_throttled(),
            _ => self.api().is_some_and(ApiError::is_throttled),
        }
    }

    /// Returns how long to wait before the next call: what the service asks for, or for a throttled call until the client's
    /// [`Pace`](crate::client::Pace) may let it go.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match &self.0.cause {
            Cause::Throttled(held) => Some(held.wait),
            Cause::Project { inner: Some(inner), .. } => inner.retry_after(),
            _ => self.api().and_then(ApiError::retry_after),
        }
    }

    /// Why there are no keys, for [`ErrorKind::Credentials`]: whether none are set up, they are wrong, or asking failed.
    #[must_use]
    pub fn credentials(&self) -> Option<&CredentialsError> {
        match &self.0.cause {
            Cause::Credentials(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the same call may well succeed later. It says nothing on whether repeating is harmless: for that, see
    /// [`may_have_applied`](Self::may_have_applied).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match &self.0.cause {
            Cause::Transport { error, .. } => !error.kind().is_lasting(),
            Cause::Api(api) => api.is_transient(),
            Cause::Throttled(_) => true,
            Cause::Project { inner: Some(inner), .. } => inner.is_retryable(),
            Cause::Credentials(error) => error.kind() == CredentialsErrorKind::Failed,
            _ => false,
        }
    }

    /// Whether the call may have changed something all the same: a write whose answer was lost, cut off or a server
    /// error. Read before you repeat it. Always false for calls that only read.
    #[must_use]
    pub fn may_have_applied(&self) -> bool {
        self.0.history.may_have_applied || (self.0.call.writes && self.0.cause.may_have_applied())
    }
}

impl Cause {
    /// Whether a write that ended so may have changed something.
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
        // Names, ids and causes are the text of others: nothing in them may steer a terminal.
        let story = Story(self).to_string();
        f.write_str(&printable(&story, story.len()))
    }
}

/// An error in words, with the characters that its parts have.
struct Story<'e>(&'e Error);

impl fmt::Display for Story<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { call, cause, history } = &*self.0.0;
        write!(f, "{}: ", call.operation)?;
        match cause {
            Cause::Request(reason) => write!(f, "not sent: {reason}")?,
            Cause::Credentials(error) => write!(f, "no usable credentials: {}", Chain(error))?,
            Cause::Sign(error) => write!(f, "not signed: {}", Chain(error))?,
            Cause::Transport { error, host } => write!(f, "{} ({host})", Chain(error))?,
            Cause::Project { reason, .. } => f.write_str(reason)?,
            Cause::Api(api) => f.write_str(&refusal(api, call.actions))?,
            Cause::Throttled(held) => {
                write!(f, "not sent{}: ", if history.attempts > 0 { " again" } else { "" })?;
                write!(f, "calls like it are {held}")?;
            }
            Cause::Decode { status, reason, .. } => {
                write!(f, "{} but the answer can't be read: {reason}", status.as_u16())?;
            }
            Cause::NotKept { .. } => {}
            Cause::Changed { name, change } => {
                // It names fields as the service does.
                let change = printable(change, CHANGE);
                write!(f, "{name:?} changed since the plan was made: {change}; plan again")?;
            }
            Cause::NotFound(what) => write!(f, "there is no notification {what}")?,
            Cause::Ambiguous { name, ids } => {
                write!(f, "{} notifications are named {name:?}: ", ids.len())?;
                for (i, id) in ids.iter().enumerate() {
                    write!(f, "{}{id}", if i > 0 { ", " } else { "" })?;
                }
            }
        }
        if let Cause::NotKept { name, members } = cause {
            let members = members.join(", ");
            write!(
                f,
                "the service took {name:?}, but keeps {members} differently: this cloud may not know what was asked for"
            )?;
        }
        if self.0.may_have_applied() {
            f.write_str("; it may have been carried out all the same")?;
        }
        // The reason for an unknown project tells the request id itself.
        let request_id = self.0.request_id().filter(|_| !matches!(cause, Cause::Project { .. }));
        match (request_id, history.attempts) {
            (None, 0 | 1) => Ok(()),
            (None, n) => write!(f, " (after {n} attempts)"),
            (Some(id), 0 | 1) => write!(f, " (request id {id})"),
            (Some(id), n) => write!(f, " (request id {id}, after {n} attempts)"),
        }
    }
}

/// The service's words, and what to do about them where they alone do not tell.
fn refusal(api: &ApiError, actions: &str) -> String {
    let by_service =
        api.code().is_some_and(|code| code.gateway_number().is_none() && *code != ErrorCode::ProjectIdInvalid);
    let permission = (api.meant_status() == StatusCode::FORBIDDEN && by_service)
        .then(|| format!("the call needs the IAM permission {actions}"));
    let wait = api.retry_after().map(|wait| match RateLimit::in_message(api.message()) {
        _ if !api.is_throttled() => format!("it asks to wait {} s", wait.as_secs()),
        Some(limit) => Held { limit: Some(limit), wait }.to_string(),
        None => Held { limit: None, wait }.try_again(),
    });
    let advice = api.explanation().or_else(|| api.code().and_then(ErrorCode::advice));
    // When to come back is more than the advice to wait.
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
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("message", &self.to_string())
            .field("body_bytes", &self.body().map(Bytes::len))
            .finish_non_exhaustive()
    }
}

impl StdError for Error {}
