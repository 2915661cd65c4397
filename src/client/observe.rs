//! A span around each call, and an event for each repetition. Never headers, bodies or query
//! values.

#[cfg(feature = "tracing")]
use std::fmt;

use super::CtsClient;
use super::call::Call;
use super::outcome::{Failure, Success};
use super::retry::Next;
#[cfg(feature = "tracing")]
use super::retry::Outcome;
use crate::error::Error;

/// The span of a call.
#[cfg(feature = "tracing")]
pub(super) struct Span(tracing::Span);

#[cfg(feature = "tracing")]
impl Span {
    /// Creates the span. The attributes have the names of OpenTelemetry where it has some.
    pub(super) fn of(call: &Call, client: &CtsClient) -> Self {
        use tracing::field::Empty;

        Self(tracing::span!(
            tracing::Level::INFO,
            "cts.call",
            operation = call.name.operation,
            http.request.method = call.method.as_str(),
            server.address = client.host_of(call.scope),
            http.request.resend_count = Empty,
            http.response.status_code = Empty,
            error.type = Empty,
            request_id = Empty,
        ))
    }

    /// Makes a call in the span.
    pub(super) fn around<F: Future>(&self, made: F) -> tracing::instrument::Instrumented<F> {
        tracing::Instrument::instrument(made, self.0.clone())
    }

    /// Puts on the span how the call ended.
    pub(super) fn end<T>(&self, ended: &Result<(T, Success), Error>) {
        use tracing::field::display;

        let Self(span) = self;
        if span.is_disabled() {
            return;
        }
        let (attempts, status, request_id) = match ended {
            Ok((_, success)) => (success.attempts, Some(success.status), success.request_id()),
            Err(error) => {
                match error.status() {
                    Some(status) => span.record("error.type", display(status.as_u16())),
                    None => span.record("error.type", display(format_args!("{:?}", error.kind()))),
                };
                (error.attempts(), error.status(), error.request_id().map(str::to_owned))
            }
        };
        span.record("http.request.resend_count", attempts.saturating_sub(1));
        span.record("http.response.status_code", status.map(|status| status.as_u16()));
        span.record("request_id", request_id);
    }
}

/// Nothing, in a build without spans.
#[cfg(not(feature = "tracing"))]
pub(super) struct Span;

#[cfg(not(feature = "tracing"))]
#[allow(clippy::unused_self, reason = "as with the feature")]
impl Span {
    pub(super) fn of(_: &Call, _: &CtsClient) -> Self {
        Self
    }

    pub(super) fn around<F: Future>(&self, made: F) -> F {
        made
    }

    pub(super) fn end<T>(&self, _: &Result<(T, Success), Error>) {}
}

/// Tells that an attempt failed and another follows.
#[cfg(feature = "tracing")]
pub(super) fn decision(next: Next, attempt: u32, failure: &Failure) {
    let outcome = failure.outcome();
    let reason = Reason(&outcome);
    match next {
        Next::GiveUp => {}
        Next::Wait(delay) | Next::Queue(delay) => {
            tracing::info!(attempt, error.type = %reason, delay_ms = delay.as_millis(), "trying again");
        }
        Next::MoveOn => tracing::info!(attempt, error.type = %reason, "trying the next endpoint"),
        Next::Renew => {
            tracing::info!(attempt, error.type = %reason, "trying again with other credentials");
        }
        Next::CorrectClock => {
            tracing::warn!(attempt, "the clock is off: trying again with the service's time");
        }
    }
}

#[cfg(not(feature = "tracing"))]
pub(super) fn decision(_: Next, _: u32, _: &Failure) {}

/// An outcome in few words.
#[cfg(feature = "tracing")]
struct Reason<'a>(&'a Outcome<'a>);

#[cfg(feature = "tracing")]
impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Outcome::Transport(kind) => write!(f, "{kind:?}"),
            Outcome::Response { api, .. } => write!(f, "{}", api.status().as_u16()),
            Outcome::NotSent => f.write_str("not sent"),
        }
    }
}
