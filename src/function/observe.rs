//! A span around an invocation, and an event for its end. Never the payload, headers or
//! credentials.

#[cfg(feature = "tracing")]
use std::any::Any;

use bytes::Bytes;

use super::{Context, Diagnostic};

/// The span of an invocation. The attributes have the names of OpenTelemetry where it has some.
#[cfg(feature = "tracing")]
pub(super) struct Invocation(tracing::Span);

#[cfg(feature = "tracing")]
impl Invocation {
    pub(super) fn new(context: &Context) -> Self {
        use tracing::field::Empty;

        Self(tracing::info_span!(
            "function.invoke",
            faas.invocation_id = %context.request_id(),
            invoke_type = context.invoke_type().as_ref().map(tracing::field::display),
            cts.trace_id = Empty,
            error.type = Empty,
        ))
    }

    /// Puts the id of the trace on the span, if the payload is one.
    pub(super) fn record_payload<T: 'static>(&self, payload: &T) {
        use crate::event::{CtsEvent, TriggerEvent};

        let payload: &dyn Any = payload;
        let event = match payload.downcast_ref() {
            Some(TriggerEvent::Cts(event)) => Some(&**event),
            _ => payload.downcast_ref::<CtsEvent>(),
        };
        if let Some(id) = event.and_then(CtsEvent::idempotency_key) {
            self.0.record("cts.trace_id", tracing::field::display(id));
        }
    }

    pub(super) async fn run(
        &self,
        work: impl Future<Output = Result<Bytes, Diagnostic>>,
    ) -> Result<Bytes, Diagnostic> {
        use tracing::Instrument as _;

        let started = tokio::time::Instant::now();
        let span = self.0.clone();
        let ended = async {
            let outcome = work.await;
            let elapsed_ms = started.elapsed().as_millis();
            match &outcome {
                Ok(response) => {
                    tracing::info!(elapsed_ms, bytes = response.len(), "the function responded");
                }
                Err(diagnostic) => {
                    self.0.record("error.type", &*diagnostic.error_type);
                    tracing::error!(elapsed_ms, error = %diagnostic, "the function failed");
                }
            }
            outcome
        };
        ended.instrument(span).await
    }
}

#[cfg(not(feature = "tracing"))]
pub(super) struct Invocation;

#[cfg(not(feature = "tracing"))]
impl Invocation {
    pub(super) fn new(_: &Context) -> Self {
        Self
    }

    #[allow(clippy::unused_self, reason = "as with tracing")]
    pub(super) fn record_payload<T>(&self, _: &T) {}

    pub(super) async fn run(
        &self,
        work: impl Future<Output = Result<Bytes, Diagnostic>>,
    ) -> Result<Bytes, Diagnostic> {
        work.await
    }
}

/// Tells that the runtime API can't be asked for an event.
#[cfg(feature = "tracing")]
pub(super) fn unasked(reason: &str) {
    tracing::warn!(error = reason, "the runtime API can't be asked for an event");
}

#[cfg(not(feature = "tracing"))]
pub(super) fn unasked(_: &str) {}

/// Tells that a response did not arrive. For the platform, the invocation runs into its time limit.
#[cfg(feature = "tracing")]
pub(super) fn lost(context: &Context, reason: &str) {
    let id = context.request_id();
    tracing::error!(faas.invocation_id = %id, error = reason, "the response did not reach the runtime API");
}

#[cfg(not(feature = "tracing"))]
pub(super) fn lost(_: &Context, _: &str) {}
