//! Hooks that are called after each attempt of a call.

use std::time::Duration;

use http::{Method, StatusCode};

use super::CtsClient;
use super::call::Call;
use super::outcome::{Exchange, Failure, Sent};
use super::retry::Next;
use crate::error::{ApiError, ErrorKind};
use crate::transport::{TransportError, TransportErrorKind};
use crate::wire::error::request_id;

/// An attempt of a call, passed to the hook of
/// [`CallOptions::on_attempt`](super::CallOptions::on_attempt).
///
/// ```
/// use huaweicloud_cts::client::{AfterAttempt, Attempt};
///
/// fn log(attempt: &Attempt<'_>) {
///     let Attempt { operation, number, status, duration, .. } = attempt;
///     match attempt.next {
///         AfterAttempt::Repeated { after, .. } => {
///             eprintln!("{operation}: attempt {number} ended with {status:?}, next one after {after:?}");
///         }
///         _ => eprintln!("{operation}: {status:?} after {duration:?}"),
///     }
/// }
///
/// let options = huaweicloud_cts::CallOptions::new().on_attempt(log);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt<'a> {
    /// The call, as the API reference names it: `CreateNotification`. Lookups at IAM have names of
    /// their own.
    pub operation: &'static str,
    /// Its HTTP method.
    pub method: &'a Method,
    /// The host that the request went to, with its port if it is not the scheme's.
    pub host: &'a str,
    /// The number of the attempt within the call. The first is 1.
    pub number: u32,
    /// The status of the response. `None` if there is none.
    pub status: Option<StatusCode>,
    /// The kind of the error. `None` if the attempt succeeded. A response with a status of success
    /// can be an error.
    pub error: Option<ErrorKind>,
    /// The kind of the transport's error, if `error` is [`ErrorKind::Transport`]: a timeout is not
    /// a host without an address.
    pub transport: Option<TransportErrorKind>,
    /// The id that the service gave the request.
    pub request_id: Option<&'a str>,
    /// How long the request and its response took, without waiting before it.
    pub duration: Duration,
    /// What follows.
    pub next: AfterAttempt,
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AfterAttempt {
    /// The call has a response of success, and reads it.
    Done,
    /// The call fails with this attempt.
    Failed,
    /// There is another attempt, unless the time limit of the call passes before it.
    #[non_exhaustive]
    Repeated {
        /// After a pause of at least this length. Where the gateway throttles calls, others may go
        /// first.
        after: Duration,
    },
}

impl AfterAttempt {
    fn of(next: Next) -> Self {
        match next {
            Next::GiveUp => Self::Failed,
            Next::Wait(after) | Next::Queue(after) => Self::Repeated { after },
            Next::MoveOn | Next::CorrectClock | Next::Renew => {
                Self::Repeated { after: Duration::ZERO }
            }
        }
    }
}

impl CtsClient {
    /// Tells the hooks of an attempt that succeeded.
    pub(super) fn tell_success(&self, call: &Call, number: u32, sent: &Sent) {
        let Some(exchange) = &sent.exchange else { return };
        let request_id = request_id(sent.response.headers(), &|text| sent.credentials.redact(text));
        self.tell(
            call,
            exchange,
            &Told {
                number,
                status: Some(sent.response.status()),
                error: None,
                transport: None,
                request_id: request_id.as_deref(),
                next: AfterAttempt::Done,
            },
        );
    }

    /// Tells the hooks of an attempt that failed, if a request was made.
    pub(super) fn tell_failure(&self, call: &Call, number: u32, failure: &Failure, next: Next) {
        let Some(exchange) = &failure.exchange else { return };
        let api = failure.cause.api();
        self.tell(
            call,
            exchange,
            &Told {
                number,
                status: api.map(ApiError::status),
                error: Some(failure.cause.kind()),
                transport: failure.cause.transport().map(TransportError::kind),
                request_id: api.and_then(ApiError::request_id),
                next: AfterAttempt::of(next),
            },
        );
    }

    fn tell(&self, call: &Call, exchange: &Exchange, told: &Told<'_>) {
        let Told { number, status, error, transport, request_id, next } = *told;
        let attempt = Attempt {
            operation: call.name.operation,
            method: &call.method,
            host: exchange.host.to_str().unwrap_or_default(),
            number,
            status,
            error,
            transport,
            request_id,
            duration: exchange.took,
            next,
        };
        for hook in self.hooks() {
            hook(&attempt);
        }
    }
}

/// What differs between attempts that succeed and that fail.
struct Told<'a> {
    number: u32,
    status: Option<StatusCode>,
    error: Option<ErrorKind>,
    transport: Option<TransportErrorKind>,
    request_id: Option<&'a str>,
    next: AfterAttempt,
}
