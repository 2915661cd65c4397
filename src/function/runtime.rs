//! The loop of a function: ask the runtime API for an event, respond, and ask again.

use std::error::Error as StdError;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::context::REQUEST_ID;
use super::handling::handle;
use super::{Config, Context, Diagnostic, Error, Event, RequestId, observe};
use crate::text::{Chain, printable};
use crate::transport::{ReqwestTransport, Transport, TransportError, TransportErrorKind};

/// The path of the API.
const PATH: &str = "/v1/runtime/invocation/";

/// How long to wait before the API is asked again: at first, and after repeated failures.
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);

/// How long to wait before a response is sent again.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(50), Duration::from_millis(200), Duration::from_secs(1)];

/// How long the first attempt to respond may take after the deadline.
const GRACE: Duration = Duration::from_secs(5);

/// How often trouble is told at most.
const REMINDER: Duration = Duration::from_secs(10);

/// The runtime of a function: [`run`](super::run) with settings, and with an end.
///
/// ```no_run
/// use huaweicloud_cts::event::CtsEvent;
/// use huaweicloud_cts::function::{self, Event, Runtime};
///
/// async fn handler(event: Event<CtsEvent>) -> Result<(), String> {
///     Ok(())
/// }
///
/// # async fn terminated() {}
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), function::Error> {
///     // `terminated` waits for SIGTERM, with tokio's `signal`.
///     Runtime::from_env()?.run_until(handler, terminated()).await
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Runtime {
    api: Url,
    config: Arc<Config>,
    transport: Arc<dyn Transport>,
}

struct Invocation {
    context: Context,
    event: Bytes,
}

/// Why there is no event.
enum NoEvent {
    /// There is none yet.
    Yet,
    /// The API does not work.
    Trouble(String),
    /// The API will never work.
    Never(TransportError),
}

impl Runtime {
    /// Creates the runtime that the environment describes: the address in `RUNTIME_API_ADDR`, and a
    /// [`Config`].
    ///
    /// # Errors
    ///
    /// [`Error::NoAddress`] if the variable is not set, [`Error::InvalidAddress`] if it is not of
    /// the form `host:port`.
    pub fn from_env() -> Result<Self, Error> {
        let address = std::env::var_os("RUNTIME_API_ADDR").ok_or(Error::NoAddress)?;
        Ok(Self::new(address.to_string_lossy())?.with_config(Config::from_env()))
    }

    /// Creates a runtime with the API at this address, `127.0.0.1:3000` or `[::1]:3000`, and
    /// [`Config::default`].
    ///
    /// # Errors
    ///
    /// [`Error::InvalidAddress`] if the address is not of the form `host:port`.
    pub fn new(address: impl Into<String>) -> Result<Self, Error> {
        let address = address.into();
        // An event may come after any time, so there is no time limit beyond that of connecting. A
        // proxy could not reach the API.
        let transport =
            ReqwestTransport::builder().connect_timeout(Duration::from_secs(3)).no_proxy();
        let transport = transport.build().map_err(Error::Transport)?;
        match url(&address) {
            Some(api) => Ok(Self { api, config: Arc::default(), transport: Arc::new(transport) }),
            None => Err(Error::InvalidAddress(address)),
        }
    }

    /// Creates a runtime that reaches the API by other means.
    #[cfg(feature = "test-util")]
    pub(crate) fn over(transport: impl Transport + 'static) -> Result<Self, Error> {
        Ok(Self { transport: Arc::new(transport), ..Self::new("localhost:1")? })
    }

    /// Sets the configuration that handlers find in [`Context::config`].
    #[must_use]
    pub fn with_config(mut self, config: Config) -> Self {
        self.config = Arc::new(config);
        self
    }

    /// Returns the configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Calls the handler for one event after the other until `stop` is ready. The invocation in
    /// hand is finished first.
    ///
    /// See [`run`](super::run) for the rest.
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] if no request can ever be sent.
    pub async fn run_until<T, R, E, H>(
        self,
        mut handler: H,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Error>
    where
        T: DeserializeOwned + 'static,
        R: Serialize + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
        H: AsyncFnMut(Event<T>) -> Result<R, E>,
    {
        let mut stop = pin!(stop);
        loop {
            let invocation = match select(stop.as_mut(), pin!(self.next())).await {
                Either::Left(((), _)) => return Ok(()),
                Either::Right((next, _)) => next.map_err(Error::Transport)?,
            };
            let Invocation { context, event } = invocation;
            let outcome = handle(&mut handler, event, context.clone()).await;
            if let Err(reason) = self.respond(&context, outcome).await {
                observe::lost(&context, &reason);
            }
        }
    }

    /// Returns the next event, however long that takes.
    async fn next(&self) -> Result<Invocation, TransportError> {
        let mut pause = SHORTEST;
        let mut told: Option<Instant> = None;
        loop {
            match self.ask().await {
                Ok(invocation) => return Ok(invocation),
                Err(NoEvent::Yet) => pause = SHORTEST,
                Err(NoEvent::Never(error)) => return Err(error),
                Err(NoEvent::Trouble(reason)) => {
                    if told.is_none_or(|told| told.elapsed() >= REMINDER) {
                        observe::unasked(&reason);
                        told = Some(Instant::now());
                    }
                    pause = (pause * 2).min(LONGEST);
                }
            }
            sleep(pause).await;
        }
    }

    async fn ask(&self) -> Result<Invocation, NoEvent> {
        let request = http::Request::get(self.url("request", None)).body(Bytes::new());
        let request = request.map_err(|error| NoEvent::Trouble(error.to_string()))?;
        let mut response =
            self.transport.send(request).await.map_err(|error| match error.kind() {
                TransportErrorKind::Setup | TransportErrorKind::Unsendable => NoEvent::Never(error),
                // A transport with a time limit of its own.
                TransportErrorKind::Timeout => NoEvent::Yet,
                _ => NoEvent::Trouble(Chain(&error).to_string()),
            })?;
        match response.status() {
            StatusCode::OK => {
                let headers = std::mem::take(response.headers_mut());
                let request_id = request_id(&headers).ok_or(NoEvent::Yet)?;
                let context = Context::received(request_id, headers, Arc::clone(&self.config));
                Ok(Invocation { context, event: response.into_body() })
            }
            status if status.is_success() => Err(NoEvent::Yet),
            _ => Err(NoEvent::Trouble(refusal(&response))),
        }
    }

    /// Sends a response, more than once if need be and time is left. Returns why it did not arrive.
    async fn respond(
        &self,
        context: &Context,
        outcome: Result<Bytes, Diagnostic>,
    ) -> Result<(), String> {
        let (kind, body) = match outcome {
            Ok(response) => ("response", response),
            Err(diagnostic) => (
                "error",
                serde_json::to_vec(&diagnostic).map_err(|error| error.to_string())?.into(),
            ),
        };
        let url = self.url(kind, Some(context.request_id()));
        let deadline = Instant::now() + context.remaining();
        let mut pauses = PAUSES.into_iter();
        loop {
            let request = http::Request::post(url.as_str()).body(Bytes::clone(&body));
            let request = request.map_err(|error| error.to_string())?;
            let limit = deadline.max(Instant::now() + GRACE);
            let reason = match timeout_at(limit, self.transport.send(request)).await {
                Ok(Ok(response)) if response.status().is_success() => return Ok(()),
                Ok(Ok(response)) if is_final(response.status()) => return Err(refusal(&response)),
                Ok(Ok(response)) => refusal(&response),
                Ok(Err(error)) => Chain(&error).to_string(),
                Err(_elapsed) => {
                    return Err("no response within the time limit of the invocation".to_owned());
                }
            };
            match pauses.next() {
                Some(pause) if Instant::now() + pause < deadline => sleep(pause).await,
                _ => return Err(reason),
            }
        }
    }

    fn url(&self, step: &str, id: Option<&RequestId>) -> String {
        let mut url = self.api.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(step).extend(id.map(RequestId::as_str));
        }
        url.into()
    }
}

/// Returns the URL of the API at `host:port`.
fn url(address: &str) -> Option<Url> {
    let url = Url::parse(&format!("http://{address}{PATH}")).ok()?;
    let is_address = url.path() == PATH && url.username().is_empty() && url.password().is_none();
    is_address.then_some(url)
}

fn request_id(headers: &HeaderMap) -> Option<RequestId> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    (!id.is_empty()).then(|| id.into())
}

/// Whether sending the same response again is of no use.
fn is_final(status: StatusCode) -> bool {
    status.is_client_error()
        && ![StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status)
}

fn refusal(response: &http::Response<Bytes>) -> String {
    let body = printable(&String::from_utf8_lossy(response.body()), 200);
    let status = response.status().as_u16();
    if body.is_empty() { format!("status {status}") } else { format!("status {status}: {body}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        let request =
            |address: &str| Runtime::new(address).map(|runtime| runtime.url("request", None));
        for (address, expected) in [
            ("127.0.0.1:3000", "http://127.0.0.1:3000/v1/runtime/invocation/request"),
            ("[::1]:3000", "http://[::1]:3000/v1/runtime/invocation/request"),
            ("runtime.internal:80", "http://runtime.internal/v1/runtime/invocation/request"),
        ] {
            assert_eq!(request(address).unwrap(), expected);
        }
        for wrong in [
            "",
            " ",
            "http://127.0.0.1:3000",
            "host:port",
            "host/path",
            "host?",
            "host#",
            "user:pw@host:1",
            "::1",
        ] {
            assert!(
                matches!(request(wrong), Err(Error::InvalidAddress(told)) if told == wrong),
                "{wrong:?}"
            );
        }
        let error = request("http://127.0.0.1\n:3000").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the address of the runtime API (RUNTIME_API_ADDR) is \"http://127.0.0.1\\n:3000\", but must be like 127.0.0.1:3000"
        );
        assert_eq!(format!("{error:?}"), error.to_string());
    }

    #[test]
    fn an_id_is_one_segment_of_the_path() {
        let runtime = Runtime::new("h:1").unwrap();
        let url = runtime.url("response", Some(&"a/b%2F?c#d é".into()));
        assert_eq!(url, "http://h:1/v1/runtime/invocation/response/a%2Fb%252F%3Fc%23d%20%C3%A9");
    }
}
