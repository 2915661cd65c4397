//! Functions: programs that FunctionGraph runs for an event, such as that of a CTS trigger.
//!
//! FunctionGraph has no runtime for Rust, but runs any executable as a *custom runtime*. This
//! module is the loop of such a program: it asks the platform for an event, calls your handler, and
//! responds.
//!
//! ```no_run
//! use huaweicloud_cts::event::CtsEvent;
//! use huaweicloud_cts::function::{self, Event};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), function::Error> {
//!     function::run(handler).await
//! }
//!
//! async fn handler(event: Event<CtsEvent>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//!     let trace = event.payload.cts;
//!     println!("{} {:?} {:?}", event.context.request_id(), trace.user.name(), trace.trace_name);
//!     Ok(())
//! }
//! ```
//!
//! [`run`] says what the loop does, [`Event`] which payloads there are, [`Context`] what is known
//! of an invocation, and [`Diagnostic`] what becomes of errors. [`invoke`] calls a handler in a
//! test, and `testing::FakeRuntime` (feature `test-util`) plays the platform. How to build and
//! deploy a function is in the [guide](crate::guide::functions).

mod config;
mod context;
mod diagnostic;
mod error;
mod event;
mod handling;
mod observe;
mod runtime;

use std::error::Error as StdError;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(feature = "test-util")]
pub(crate) use self::context::REQUEST_ID;

pub use self::config::Config;
pub use self::context::{Context, InvokeType, RequestId};
pub use self::diagnostic::Diagnostic;
pub use self::error::Error;
pub use self::event::Event;
pub use self::runtime::Runtime;

/// Runs a function: calls the handler for one event after the other, as long as the process lives.
///
/// The handler is an `async fn` or an `async` closure, which may change what it captures. It takes
/// an [`Event`] whose payload is any type that can be read from JSON, or [`Bytes`]. It returns what
/// can be written as JSON (`()` is `null`), or [`Bytes`], which are sent as they are. Its error may
/// be of any type that implements [`std::error::Error`], a string, or a boxed error.
///
/// - **Errors.** If an event can't be read, or the handler returns an error, panics or responds
///   with too much, the response is a [`Diagnostic`], and the loop goes on. The credentials of the
///   invocation are removed from it. After a panic, what the handler captured is as the panic left
///   it. With `panic = "abort"`, a panic ends the process.
/// - **Time.** A handler is not stopped at its deadline; see [`Context::remaining`]. A response is
///   sent again if it did not arrive, up to three times and before the deadline. The handler is not
///   called again for it.
/// - **Waiting.** If the runtime API does not respond, it is asked again every 50 ms, and once a
///   second after repeated failures. Proxy settings are ignored.
/// - **Stopping.** The process ends with SIGTERM, in the middle of an event as well.
///   [`Runtime::run_until`] finishes it first.
/// - **Tracing.** With the feature `tracing`, each invocation has a span `function.invoke` with
///   `faas.invocation_id`, `invoke_type`, the `cts.trace_id` of a CTS event and the `error.type` of
///   a failure. An event at its end has `elapsed_ms`.
///
/// CTS delivers at least once, and the platform repeats failed invocations: a handler must be able
/// to handle an event twice. See
/// [`CtsEvent::idempotency_key`](crate::event::CtsEvent::idempotency_key).
///
/// ```no_run
/// use huaweicloud_cts::function::{self, Event};
/// use serde_json::{Value, json};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), function::Error> {
/// let mut invocations = 0;
/// let handler = async |event: Event<Value>| {
///     invocations += 1;
///     Ok::<_, String>(json!({"invocations": invocations, "name": event.payload["name"]}))
/// };
/// function::run(handler).await
/// # }
/// ```
///
/// # Errors
///
/// Those of [`Runtime::from_env`], and [`Error::Transport`] if no request can ever be sent.
pub async fn run<T, R, E, H>(handler: H) -> Result<(), Error>
where
    T: DeserializeOwned + 'static,
    R: Serialize + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
    H: AsyncFnMut(Event<T>) -> Result<R, E>,
{
    Runtime::from_env()?.run_until(handler, std::future::pending()).await
}

/// Calls a handler once, as [`run`] does: reads the payload, catches a panic, limits the size of
/// the response. For tests.
///
/// ```
/// use huaweicloud_cts::event::CtsEvent;
/// use huaweicloud_cts::function::{self, Context, Event};
///
/// async fn handler(event: Event<CtsEvent>) -> Result<String, String> {
///     event.payload.cts.trace_name.ok_or_else(|| "a trace without a name".to_owned())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let response = function::invoke(handler, r#"{"cts": {"trace_name": "login"}}"#, Context::new("1")).await;
/// assert_eq!(response.unwrap(), r#""login""#);
///
/// let failed = function::invoke(handler, "<html>", Context::new("2")).await;
/// assert_eq!(failed.unwrap_err().error_type, "InvalidEvent");
/// # }
/// ```
///
/// # Errors
///
/// The [`Diagnostic`] that the platform would get.
pub async fn invoke<T, R, E, H>(
    mut handler: H,
    payload: impl Into<Bytes>,
    context: Context,
) -> Result<Bytes, Diagnostic>
where
    T: DeserializeOwned + 'static,
    R: Serialize + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
    H: AsyncFnMut(Event<T>) -> Result<R, E>,
{
    handling::handle(&mut handler, payload.into(), context).await
}
