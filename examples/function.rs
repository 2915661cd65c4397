//! A function in Rust for a CTS trigger of FunctionGraph: says who did what, once for each audit record.
//!
//! It is a *custom runtime*, event function: a ZIP with an executable named `bootstrap`, which asks the runtime for an event,
//! answers it, and asks again. (An HTTP function can't have a CTS trigger.) The runtime is plain HTTP within the instance, so
//! no TLS is needed; without it a static binary needs no C compiler:
//!
//! ```text
//! rustup target add x86_64-unknown-linux-musl
//! cargo build --release --example function --no-default-features --features reqwest --target x86_64-unknown-linux-musl
//! cp target/x86_64-unknown-linux-musl/release/examples/function bootstrap && zip function.zip bootstrap
//! ```
//!
//! Create an event function with the runtime "Custom", upload the ZIP, and add a CTS trigger, or create a notification whose
//! topic is the function's URN. The platform sets `RUNTIME_API_ADDR`, `host:port`. Set it yourself to try the function
//! against something that plays the runtime's part:
//!
//! ```text
//! GET  /v1/runtime/invocation/request         the event, with its id in X-Cff-Request-Id
//! POST /v1/runtime/invocation/response/<id>   the answer
//! POST /v1/runtime/invocation/error/<id>      {"errorType": …, "errorMessage": …}
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::collections::VecDeque;
use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use huaweicloud_cts::event::TriggerEvent;
use huaweicloud_cts::trace::TraceId;
use huaweicloud_cts::transport::{ReqwestTransport, Route, Transport};
use serde_json::{Value, json};
use url::Url;

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    support::no_arguments("Runs a function for a CTS trigger, within FunctionGraph.");
    let Ok(address) = std::env::var("RUNTIME_API_ADDR") else {
        eprintln!("error: RUNTIME_API_ADDR is not set: this is a function, to be run by FunctionGraph");
        return ExitCode::FAILURE;
    };
    match serve(&address, stopped()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Ctrl-C, or the signal that the platform ends an instance with.
async fn stopped() {
    let ctrl_c = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! { _ = ctrl_c => {}, _ = terminate.recv() => {} }
        return;
    }
    if ctrl_c.await.is_err() {
        // There is no such signal here.
        std::future::pending::<()>().await;
    }
}

/// Asks for events and answers them, until `stop`. An event in hand is answered first.
pub(crate) async fn serve(address: &str, stop: impl Future<Output = ()>) -> Result<()> {
    let mut runtime = Runtime::new(address)?;
    let mut seen = Seen::default();
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = tokio::select! {
            () = &mut stop => return Ok(()),
            next = runtime.next() => next,
        };
        let outcome = handle(&next.event, &mut seen).inspect_err(|error| eprintln!("{} {error}", next.id));
        if let Err(error) = runtime.answer(&next.id, outcome).await {
            // The platform will call it a time-out, and may send the event again.
            eprintln!("{} the answer did not reach the runtime: {error}", next.id);
        }
    }
}

/// What the function is for. CTS calls functions asynchronously, so the answer goes nowhere but into an asynchronous
/// notification, if the function has one.
fn handle(event: &[u8], seen: &mut Seen) -> Result<Value> {
    let TriggerEvent::Cts(event) = TriggerEvent::from_slice(event)? else {
        return Err("this function is for CTS triggers, but the event is from another".into());
    };
    // CTS delivers at least once.
    let duplicate = event.idempotency_key().is_some_and(|id| seen.contains(id));
    let trace = &event.cts;
    let summary = json!({
        "who": trace.user.name(),
        "what": trace.trace_name,
        "service": trace.service_type,
        "resource": trace.resource_name,
        "when": trace.time().or_else(|| trace.id_time()).map(text),
        "from": trace.source_ip(),
        "code": trace.code(),
        "rating": trace.rating(),
        "duplicate": duplicate,
    });
    if !duplicate {
        println!("{summary}");
        // Only now, when the work is done: had it failed, the platform's next try must not pass for a duplicate.
        if let Some(id) = event.idempotency_key() {
            seen.insert(id);
        }
    }
    Ok(summary)
}

fn text(at: SystemTime) -> String {
    jiff::Timestamp::try_from(at).map_or_else(|_| "?".to_owned(), |at| at.to_string())
}

/// The ids of the latest records. Another instance has others: to be sure, keep them in a database.
#[derive(Default)]
struct Seen(VecDeque<TraceId>);

impl Seen {
    fn contains(&self, id: &TraceId) -> bool {
        self.0.contains(id)
    }

    fn insert(&mut self, id: &TraceId) {
        self.0.push_back(id.clone());
        if self.0.len() > 1000 {
            self.0.pop_front();
        }
    }
}

/// The runtime's side of a function.
struct Runtime {
    http: ReqwestTransport,
    api: Url,
    /// How long to wait before asking again.
    pause: Duration,
}

struct Invocation {
    id: String,
    event: Vec<u8>,
}

impl Runtime {
    fn new(address: &str) -> Result<Self> {
        const PATH: &str = "/v1/runtime/invocation/";

        let api = Url::parse(&format!("http://{address}{PATH}")).ok().filter(|api| api.path() == PATH);
        let api = api.ok_or_else(|| format!("RUNTIME_API_ADDR is {address:?}, but should be like 127.0.0.1:3000"))?;
        // No time limit beyond that of connecting: the runtime may keep the question until there is an event.
        let http = ReqwestTransport::new(Duration::from_secs(3), Route::Direct)?;
        Ok(Self { http, api, pause: Self::SHORTEST })
    }

    const SHORTEST: Duration = Duration::from_millis(50);
    const LONGEST: Duration = Duration::from_secs(1);

    /// The next event, however long that takes.
    async fn next(&mut self) -> Invocation {
        loop {
            match self.ask().await {
                Ok(Some(invocation)) => {
                    self.pause = Self::SHORTEST;
                    return invocation;
                }
                Ok(None) => self.pause = Self::SHORTEST,
                Err(error) => {
                    let mut story = error.to_string();
                    let mut next = error.source();
                    while let Some(cause) = next {
                        story = format!("{story}: {cause}");
                        next = cause.source();
                    }
                    eprintln!("the runtime can't be asked: {story}");
                    self.pause = (self.pause * 2).min(Self::LONGEST);
                }
            }
            tokio::time::sleep(self.pause).await;
        }
    }

    /// An event, if there is one. Its id is in a header; what looks like one in the event is not.
    async fn ask(&self) -> Result<Option<Invocation>> {
        let request = http::Request::get(self.api.join("request")?.as_str()).body(Bytes::new())?;
        let answer = self.http.send(request).await?;
        let id = answer.headers().get("x-cff-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        match id {
            Some(id) if answer.status() == 200 => Ok(Some(Invocation { id, event: answer.into_body().into() })),
            _ => Ok(None),
        }
    }

    async fn answer(&self, id: &str, outcome: Result<Value>) -> Result<()> {
        let (kind, body) = match outcome {
            Ok(value) => ("response", value),
            Err(error) => ("error", json!({"errorType": "HandlerError", "errorMessage": error.to_string()})),
        };
        let mut url = self.api.join(kind)?;
        url.path_segments_mut().map_err(|()| "the address has no path")?.push(id);
        let request = http::Request::post(url.as_str()).body(Bytes::from(body.to_string()))?;
        let answer = self.http.send(request).await?;
        if answer.status() != 200 {
            return Err(format!("it answers {}", answer.status()).into());
        }
        Ok(())
    }
}
