//! Functions, and the loop that runs them.

mod context;
mod environment;
mod handlers;
mod running;
#[cfg(feature = "tracing")]
mod spans;

use bytes::Bytes;
use huaweicloud_cts::function::Event;

/// Responds with the event.
async fn echo(event: Event<Bytes>) -> Result<Bytes, String> {
    Ok(event.payload)
}
