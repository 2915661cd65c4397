//! A span around each call, and an event for each repetition. Never headers, bodies or query values.

#[cfg(feature = "tracing")]
use std::fmt;

use super::CtsClient;
use super::call::Call;
use super::outcome::{Failure, Success};
use super::retry::Next;
#[cfg(feature = "tracing")]
use super::retry::Outcome;
use crate::error::Error;

/// Runs a call in its span, and puts on it how it ended. The attributes have the names of OpenTelemetry where it has some.
#[cfg(feature = "tracing")]
pub(super) async fn call<T>(
    call: &Call,
    client: &CtsClient,
    made: impl Future<Output = Result<(T, Success), Error>>,
) -> Result<(T, Success), Error> {
    use tracing::field::{Empty, display};
    use tracing::{Instrument, Level};

    let span = tracing::span!(
        Level::INFO,
        "cts.call",
        operation = call.name.operation,
        http.request.method = call.method.as_str(),
        server.address = client.host_of(call.scope),
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        error.type = Empty,
        request_id = Empty,
    );
    if span.is_disabled() {
        return made.await;
    }
    let ended = made.instrument(span.clone()).await;
    let (attempts, status, request_id) = match &ended {
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
    ended
}

#[cfg(not(feature = "tracing"))]
pub(super) async fn call<T>(
    _: &Call,
    _: &CtsClient,
    made: impl Future<Output = Result<(T, Success), Error>>,
) -> Result<(T, Success), Error> {
    made.await
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
        Next::Renew => tracing::info!(attempt, error.type = %reason, "trying again with other credentials"),
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
            Outcome::Response { api, .. } => write!(f, "{}", api.status().as_u16()),
            Outcome::NotSent => f.write_str("not sent"),
        }
    }
}
