//! FunctionGraph as a custom runtime sees it.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use tokio::sync::Notify;

use super::exchange::{Exchange, Service};
use super::fault::{Fault, Faults};
use super::invocation::FakeInvocation;
use super::port::Port;
use crate::BoxFuture;
use crate::function::{Diagnostic, RequestId, Runtime};
use crate::transport::{Transport, TransportError};

const PATH: &str = "/v1/runtime/invocation/";

/// The two kinds of requests, as faults are scripted for them.
const REQUEST: &str = "request";
const RESPONSE: &str = "response";

/// The runtime API of FunctionGraph in memory: hands out events, and keeps what a function responds
/// with. Clones share one API.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use huaweicloud_cts::event::CtsEvent;
/// use huaweicloud_cts::function::Event;
/// use huaweicloud_cts::testing::FakeRuntime;
///
/// async fn handler(event: Event<CtsEvent>) -> Result<String, String> {
///     event.payload.cts.trace_name.ok_or_else(|| "a trace without a name".to_owned())
/// }
///
/// let fake = FakeRuntime::new();
/// fake.push(r#"{"cts": {"trace_name": "login"}}"#);
/// fake.push("<html>");
/// fake.runtime().run_until(handler, fake.until_responses(2)).await?;
/// let responses = fake.responses();
/// assert_eq!(responses[0].outcome.as_ref().unwrap(), r#""login""#);
/// assert_eq!(responses[1].outcome.as_ref().unwrap_err().error_type, "InvalidEvent");
/// # Ok::<(), huaweicloud_cts::function::Error>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What it does where the documents say nothing:
///
/// - A request for an event waits until there is one.
/// - A second response to an invocation is accepted, and kept as well.
/// - A response to an invocation that was not handed out gets a 404.
#[derive(Clone, Default)]
pub struct FakeRuntime {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<FakeInvocation>,
    handed_out: HashSet<RequestId>,
    responses: Vec<FunctionResponse>,
    faults: Faults,
    numbers: u64,
}

/// A [`FakeRuntime`] that listens on a port, until it is dropped.
#[derive(Debug)]
pub struct FakeRuntimeServer {
    port: Port,
}

/// What a function responded with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionResponse {
    /// The id of the invocation.
    pub request_id: RequestId,
    /// The response, or what went wrong.
    pub outcome: Result<Bytes, Diagnostic>,
}

impl FakeRuntime {
    /// Creates an API without events.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an event, to be handed out after those before it, and returns the id of its invocation.
    pub fn push(&self, invocation: impl Into<FakeInvocation>) -> RequestId {
        let mut invocation = invocation.into();
        let mut state = self.lock();
        state.numbers += 1;
        if invocation.id().is_none() {
            invocation =
                invocation.request_id(format!("00000000-0000-4000-8000-{:012x}", state.numbers));
        }
        let id = invocation.id().unwrap_or_default();
        state.waiting.push_back(invocation);
        drop(state);
        self.shared.changed.notify_waiters();
        id
    }

    /// Scripts what happens to the next requests for an event, one fault for each.
    ///
    /// With [`Fault::DropAfter`] and the like the event was handed out, and is lost.
    pub fn inject_on_request(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().faults.add_to(REQUEST, faults);
    }

    /// Scripts what happens to the next responses of functions, one fault for each.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(async {
    /// use bytes::Bytes;
    /// use huaweicloud_cts::function::Event;
    /// use huaweicloud_cts::testing::{FakeRuntime, Fault};
    ///
    /// let fake = FakeRuntime::new();
    /// fake.inject_on_response([Fault::status(503, "busy"), Fault::DropBefore]);
    /// fake.push("hello");
    /// let echo = async |event: Event<Bytes>| Ok::<_, String>(event.payload);
    /// fake.runtime().run_until(echo, fake.until_responses(1)).await?; // responds three times
    /// assert_eq!(fake.responses()[0].outcome.as_ref().unwrap(), "hello");
    /// # Ok::<(), huaweicloud_cts::function::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn inject_on_response(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().faults.add_to(RESPONSE, faults);
    }

    /// Returns the number of scripted faults that no request has met yet.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        self.lock().faults.len()
    }

    /// Returns the runtime of a function that asks this API, in process.
    ///
    /// # Panics
    ///
    /// Never, because it sets everything that a runtime needs.
    #[must_use]
    pub fn runtime(&self) -> Runtime {
        #[allow(clippy::expect_used, reason = "its address is a constant")]
        Runtime::over(self.clone()).expect("a runtime of the fake")
    }

    /// Listens on a free port of 127.0.0.1, for functions in other processes and languages.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeRuntime;
    ///
    /// let server = FakeRuntime::new().serve().await?;
    /// println!("RUNTIME_API_ADDR={}", server.address());
    /// # Ok::<(), std::io::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    pub async fn serve(&self) -> io::Result<FakeRuntimeServer> {
        Ok(FakeRuntimeServer {
            port: Port::open(SocketAddr::from(([127, 0, 0, 1], 0)), self.clone()).await?,
        })
    }

    /// Returns what functions have responded with so far.
    #[must_use]
    pub fn responses(&self) -> Vec<FunctionResponse> {
        self.lock().responses.clone()
    }

    /// Waits until there are this many responses.
    pub async fn until_responses(&self, count: usize) {
        self.once(|state| (state.responses.len() >= count).then_some(())).await;
    }

    /// Waits until the state has something.
    async fn once<T>(&self, mut find: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let mut changed = pin!(self.shared.changed.notified());
            changed.as_mut().enable();
            if let Some(found) = find(&mut self.lock()) {
                return found;
            }
            changed.await;
        }
    }

    async fn hand_out(&self) -> Response<Bytes> {
        let invocation = self.once(|state| state.waiting.pop_front()).await;
        self.lock().handed_out.extend(invocation.id());
        let mut response = Response::new(invocation.event);
        *response.headers_mut() = invocation.headers;
        response
    }

    fn keep(&self, step: &str, body: &Bytes) -> Response<Bytes> {
        let response = step.split_once('/').and_then(|(kind, id)| {
            let outcome = match kind {
                "response" => Ok(body.clone()),
                "error" => Err(serde_json::from_slice(body).ok()?),
                _ => return None,
            };
            Some(FunctionResponse {
                request_id: (*percent_decode_str(id).decode_utf8_lossy()).into(),
                outcome,
            })
        });
        let mut state = self.lock();
        match response {
            None => refusal(StatusCode::BAD_REQUEST, "not a response of a function"),
            Some(response) if !state.handed_out.contains(&response.request_id) => {
                refusal(StatusCode::NOT_FOUND, "there is no such invocation")
            }
            Some(response) => {
                state.responses.push(response);
                drop(state);
                self.shared.changed.notify_waiters();
                Response::default()
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it held the lock has failed already.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refusal(status: StatusCode, reason: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(reason.as_bytes()));
    *response.status_mut() = status;
    response
}

impl Service for FakeRuntime {
    async fn exchange(&self, request: Request<Bytes>) -> Exchange {
        let step = request.uri().path().strip_prefix(PATH).unwrap_or_default();
        let is_request = request.method() == Method::GET && step == "request";
        let fault = self.lock().faults.next(Some(if is_request { REQUEST } else { RESPONSE }));
        fault
            .meet(async |instead| match instead {
                Some(response) => response,
                None if is_request => self.hand_out().await,
                None if request.method() == Method::POST => self.keep(step, request.body()),
                None => refusal(StatusCode::NOT_FOUND, "the runtime API has nothing at this path"),
            })
            .await
    }
}

impl Transport for FakeRuntime {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move { self.exchange(request).await.into_result() })
    }
}

impl fmt::Debug for FakeRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("FakeRuntime")
            .field("waiting", &state.waiting.len())
            .field("responses", &state.responses.len())
            .finish_non_exhaustive()
    }
}

impl FakeRuntimeServer {
    /// Returns the address for `RUNTIME_API_ADDR`: `127.0.0.1:40123`.
    #[must_use]
    pub fn address(&self) -> String {
        self.port.address().to_string()
    }

    /// Stops listening and breaks open connections.
    pub async fn shutdown(self) {
        self.port.close().await;
    }
}
