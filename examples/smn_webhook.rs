//! An HTTP endpoint for an SMN topic: confirms its subscription, verifies what it is sent, and
//! prints the traces.
//!
//! ```text
//! SMN_TOPIC=urn:smn:eu-de:<project>:<topic> cargo run --example smn_webhook --features smn-verify
//! ```
//!
//! Then subscribe to the topic with the protocol HTTPS and the address that this endpoint has for
//! SMN: it needs one that is reachable from the internet, with TLS before it. Variables:
//!
//! - `SMN_TOPIC`: the URN of the topic. Messages of others are refused.
//! - `SMN_ADDR`: where to listen; otherwise `127.0.0.1:8000`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::error::Error;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use huaweicloud_cts::event::{SmnMessage, SmnMessageType, SmnVerifier};
use huaweicloud_cts::transport::{ReqwestTransport, Route};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// SMN takes messages of 256 KB; the envelope and its escapes come on top.
const MAX_BODY: usize = 2 * 1024 * 1024;

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Receives the messages of an SMN topic.");
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let topic =
        variable("SMN_TOPIC").ok_or("SMN_TOPIC is not set: set it to the URN of your topic")?;
    let address = variable("SMN_ADDR").unwrap_or("127.0.0.1:8000".to_owned());
    let listener = TcpListener::bind(&address)
        .await
        .map_err(|error| format!("can't listen on {address}: {error}"))?;
    println!("listening on http://{} for messages of {topic}", listener.local_addr()?);
    let verifier =
        SmnVerifier::new(ReqwestTransport::new(Duration::from_secs(3), Route::System)?, topic);
    tokio::select! {
        () = serve(listener, verifier) => Ok(()),
        stop = tokio::signal::ctrl_c() => Ok(stop?),
    }
}

/// Receives messages, forever.
pub(crate) async fn serve(listener: TcpListener, verifier: SmnVerifier) {
    let webhook = Arc::new(Webhook { verifier, seen: Mutex::default() });
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let webhook = Arc::clone(&webhook);
        tokio::spawn(async move {
            let service = service_fn(|request| webhook.respond(request));
            let mut server = hyper::server::conn::http1::Builder::new();
            server
                .timer(hyper_util::rt::TokioTimer::new())
                .header_read_timeout(Duration::from_secs(10));
            // A publisher that goes away is no concern of the endpoint.
            let _gone = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

struct Webhook {
    verifier: SmnVerifier,
    /// The ids of the latest messages: SMN sends one again that it believes lost.
    seen: Mutex<VecDeque<String>>,
}

impl Webhook {
    async fn respond(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let (status, text) = self.receive(request).await.unwrap_or_else(|refusal| {
            eprintln!("{}: {}", refusal.0, refusal.1);
            refusal
        });
        let mut response = Response::new(Full::from(text));
        *response.status_mut() = status;
        Ok(response)
    }

    /// Returns what to respond. SMN sends a message again after a 5xx, and drops it after any other
    /// refusal.
    async fn receive(
        &self,
        request: Request<Incoming>,
    ) -> Result<(StatusCode, String), (StatusCode, String)> {
        if request.method() != Method::POST {
            return Err((StatusCode::METHOD_NOT_ALLOWED, "SMN posts its messages".to_owned()));
        }
        let body = tokio::time::timeout(
            Duration::from_secs(5),
            Limited::new(request.into_body(), MAX_BODY).collect(),
        );
        let body = match body.await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) => return Err((StatusCode::BAD_REQUEST, error.to_string())),
            Err(_) => {
                return Err((
                    StatusCode::REQUEST_TIMEOUT,
                    "the message did not come in time".to_owned(),
                ));
            }
        };
        let message = SmnMessage::from_slice(&body)
            .map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
        let refusal = |error: huaweicloud_cts::event::SmnError| {
            let status = if error.is_retryable() {
                StatusCode::SERVICE_UNAVAILABLE
            } else {
                StatusCode::FORBIDDEN
            };
            (status, error.to_string())
        };
        let message = self.verifier.verify(&message).await.map_err(refusal)?;
        let id = message.message_id.as_deref().unwrap_or_default();
        if self.is_known(id) {
            return Ok((StatusCode::OK, "known already".to_owned()));
        }
        match message.message_type {
            Some(SmnMessageType::SubscriptionConfirmation) => {
                self.verifier.confirm(&message).await.map_err(refusal)?;
                println!("confirmed the subscription");
            }
            Some(SmnMessageType::Notification) => match message.trace() {
                Some(trace) => println!(
                    "{} by {} ({})",
                    trace.trace_name.as_deref().unwrap_or("something"),
                    trace.user.name().unwrap_or("an unknown user"),
                    trace.rating().map_or("not rated", |rating| rating.as_str()),
                ),
                None => println!("not a trace: {:?}", message.message),
            },
            _ => println!("the subscription has ended"),
        }
        self.remember(id);
        Ok((StatusCode::OK, String::new()))
    }

    fn is_known(&self, id: &str) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|known| known == id)
    }

    fn remember(&self, id: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push_back(id.to_owned());
        if seen.len() > 1000 {
            seen.pop_front();
        }
    }
}
