//! One invocation: from the bytes of the event to those of the response.

use std::any::Any;
use std::error::Error as StdError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::observe::Invocation;
use super::{Context, Diagnostic, Event};
use crate::event::payload;

/// Calls the handler. Whatever goes wrong, including a panic, becomes a diagnostic without secrets.
pub(super) async fn handle<T, R, E, H>(
    handler: &mut H,
    body: Bytes,
    context: Context,
) -> Result<Bytes, Diagnostic>
where
    T: DeserializeOwned + 'static,
    R: Serialize + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
    H: AsyncFnMut(Event<T>) -> Result<R, E>,
{
    let invocation = Invocation::new(&context);
    let max_response = context.config().max_response;
    // The user's part of the code, all of which may panic.
    let work = async {
        let payload: T = read(body)?;
        invocation.record_payload(&payload);
        let response =
            handler(Event::new(payload, context.clone())).await.map_err(Diagnostic::of)?;
        let response = write(response)?;
        if response.len() > max_response {
            let message = format!(
                "the response has {} bytes, but the limit is {max_response}",
                response.len()
            );
            return Err(Diagnostic::new("FunctionResponseTooLarge", message));
        }
        Ok(response)
    };
    let work = async {
        let outcome = caught(Box::pin(work)).await;
        outcome.map_err(|diagnostic| diagnostic.cleaned(|text| context.redact(text)))
    };
    invocation.run(work).await
}

/// Reads the event as what the handler takes.
fn read<T: DeserializeOwned + 'static>(body: Bytes) -> Result<T, Diagnostic> {
    let mut body = Some(body);
    let unread: &mut dyn Any = &mut body;
    if let Some(payload) = unread.downcast_mut::<Option<T>>().and_then(Option::take) {
        return Ok(payload);
    }
    payload(&body.unwrap_or_default())
        .map_err(|error| Diagnostic::new("InvalidEvent", error.to_string()))
}

/// Returns the bytes of a response: as they are, or as JSON.
fn write<R: Serialize + 'static>(response: R) -> Result<Bytes, Diagnostic> {
    let mut response = Some(response);
    let unread: &mut dyn Any = &mut response;
    if let Some(bytes) = unread.downcast_mut::<Option<Bytes>>().and_then(Option::take) {
        return Ok(bytes);
    }
    let json = serde_json::to_vec(&response)
        .map_err(|error| Diagnostic::new("InvalidResponse", error.to_string()))?;
    Ok(json.into())
}

/// Runs a future. A panic in it is an error.
async fn caught<T>(
    mut work: Pin<Box<impl Future<Output = Result<T, Diagnostic>>>>,
) -> Result<T, Diagnostic> {
    // After a panic the future is dropped, and never polled again.
    std::future::poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            .unwrap_or_else(|panic| Poll::Ready(Err(Diagnostic::new("Panic", message(&*panic)))))
    })
    .await
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("the handler panicked").to_owned()
}
