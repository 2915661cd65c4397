//! What a handler is called with.

use super::Context;

/// An invocation of a function: what it was called with, and the circumstances.
///
/// What the payload is read as, is the handler's choice:
///
/// | payload | what is accepted |
/// |---|---|
/// | [`CtsEvent`](crate::event::CtsEvent) | the event of a CTS trigger |
/// | [`TriggerEvent`](crate::event::TriggerEvent) | the event of any trigger |
/// | another type of [`event`](crate::event) | the event of that trigger |
/// | a type of yours that implements [`Deserialize`](serde::Deserialize) | its JSON |
/// | [`serde_json::Value`] | any JSON |
/// | [`Bytes`](bytes::Bytes) | anything, unread |
///
/// ```
/// use huaweicloud_cts::event::CtsEvent;
/// use huaweicloud_cts::function::{Context, Event};
///
/// async fn handler(event: Event<CtsEvent>) -> Result<String, String> {
///     let (payload, context) = event.into_parts();
///     Ok(format!("{:?} in {}", payload.cts.trace_name, context.request_id()))
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event<T> {
    /// What the function was called with.
    pub payload: T,
    /// The circumstances of the call.
    pub context: Context,
}

impl<T> Event<T> {
    /// Creates an event, for a test that calls a handler itself.
    #[must_use]
    pub fn new(payload: T, context: Context) -> Self {
        Self { payload, context }
    }

    /// Returns the payload and the context.
    #[must_use]
    pub fn into_parts(self) -> (T, Context) {
        (self.payload, self.context)
    }
}
