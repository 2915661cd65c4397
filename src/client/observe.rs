//! What a call tells about itself: a span around it, an event for each repetition. Never headers, bodies or query values.

#[cfg(feature = "tracing")]
use std::fmt;

use super::outcome::{Failure, Success};
use super::retry::Next;
#[cfg(feature = "tracing")]
use super::retry::Outcome;
use crate::error::{CallName, Error};

/// Runs a call in its span, and puts on it how it ended.
#[cfg(feature = "tracing")]
pub(super) async fn call<T>(
    name: CallName,
    call: impl Future<Output = Result<(T, Success), Error>>,
) -> Result<(T, Success), Error> {
    use tracing::field::{Empty, debug};
    use tracing::{Instrument, Level};

    let span = tracing::span!(
        Level::INFO,
        "cts.call",
        operation = name.operation,
        attempts = Empty,
        status = Empty,
        request_id = Empty,
        error = Empty,
    );
    if span.is_disabled() {
        return call.await;
    }
    let ended = call.instrument(span.clone()).await;
    let (attempts, status, request_id) = match &ended {
        Ok((_, success)) => (success.attempts, Some(success.status), success.request_id()),
        Err(error) => {
            span.record("error", debug(error.kind()));
            (error.attempts(), error.status(), error.request_id().map(str::to_owned))
        }
    };
    span.record("attempts", attempts);
    span.record("status", status.map(|status| status.as_u16()));
    span.record("request_id", request_id);
    ended
}

#[cfg(not(feature = "tracing"))]
pub(super) async fn call<T>(
    _: CallName,
    call: impl Future<Output = Result<(T, Success), Error>>,
) -> Result<(T, Success), Error> {
    call.await
}

/// Tells that an attempt failed and another follows.
#[cfg(feature = "tracing")]
pub(super) fn decision(next: Next, attempt: u32, failure: &Failure) {
    let outcome = failure.outcome();
    let reason = Reason(&outcome);
    match next {
        Next::GiveUp => {}
        Next::Wait(delay) | Next::Queue(delay) => {
            tracing::info!(attempt, %reason, delay_ms = delay.as_millis(), "trying again");
        }
        Next::MoveOn => tracing::info!(attempt, %reason, "trying the next endpoint"),
        Next::Renew => tracing::info!(attempt, %reason, "trying again with other credentials"),
        Next::CorrectClock => tracing::warn!(attempt, "the clock is off: trying again with the service's time"),
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
            Outcome::Answer { api, .. } => write!(f, "{}", api.status().as_u16()),
            Outcome::NotSent => f.write_str("not sent"),
        }
    }
}
