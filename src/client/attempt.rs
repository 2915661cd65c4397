//! One attempt of a call: credentials, signature, exchange.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::future::poll_immediate;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::time::{Instant, timeout_at};

use super::CtsClient;
use super::call::Call;
use super::destination::Destination;
use super::diagnosis;
use super::outcome::{Exchange, Failure, Sent};
use super::pace::{Claim, Kind};
use super::request;
use crate::clock::{Offset, is_out_of_bounds, server_time};
use crate::credentials::{Credentials, CredentialsError};
use crate::endpoint::{Endpoint, Endpoints};
use crate::error::{ApiError, Cause, History};
use crate::sign::{Signature, Signer};
use crate::time::{parse_http_date, response_date};
use crate::transport::{TransportError, TransportErrorKind};
use crate::wire;
use crate::wire::response::is_refusal;

/// The time that a call has.
#[derive(Clone, Copy)]
pub(super) struct TimeLimit {
    pub(super) since: Instant,
    pub(super) limit: Duration,
}

impl TimeLimit {
    /// Returns what is left of it.
    fn left(self, now: Instant) -> Duration {
        self.limit.saturating_sub(now.duration_since(self.since))
    }

    fn end(self) -> Instant {
        // As good as never, where there is as good as no limit.
        const YEAR: Duration = Duration::from_secs(365 * 86_400);
        self.since + self.limit.min(YEAR)
    }
}

/// Why a signature was refused, and what the next attempt can do about it.
#[derive(Default)]
struct Refusal {
    correction: Option<Offset>,
    refused: Option<Credentials>,
    explanation: Option<String>,
}

impl CtsClient {
    pub(super) fn endpoints<'e>(&'e self, destination: Destination<'e>) -> &'e Endpoints {
        match destination {
            Destination::Project(_) | Destination::Account(..) | Destination::Root(_) => {
                &self.inner.endpoints
            }
            Destination::Smn(endpoints, _) | Destination::Iam(endpoints) => endpoints,
        }
    }

    /// Tries a call once, within its `time`, as soon as it may go, which its `claim` is for.
    /// `tried` is the offset of the clock that this call tries, if an earlier attempt was refused
    /// for its date; it is kept for other calls if the service accepts the signature.
    pub(super) async fn attempt(
        &self,
        call: &Call,
        destination: Destination<'_>,
        time: TimeLimit,
        tried: Option<Offset>,
        claim: &mut Claim,
        history: &mut History,
    ) -> Result<Sent, Failure> {
        let (number, endpoint) = self.endpoints(destination).current();
        let fail = |cause| Failure::new(number, cause);

        let provided =
            self.credentials_within(time).await.map_err(|error| fail(Cause::Credentials(error)))?;
        let kind = Kind {
            access_key: provided.access_key(),
            host: endpoint.host.as_bytes(),
            operation: call.name.operation,
        };
        let mut permit =
            self.pace().admit(kind, claim).await.map_err(|held| fail(Cause::Throttled(held)))?;
        // After waiting, those that were provided before may have expired.
        let newer = if claim.take_has_waited() {
            Some(
                self.credentials_within(time)
                    .await
                    .map_err(|error| fail(Cause::Credentials(error)))?,
            )
        } else {
            None
        };
        let credentials = newer.as_ref().unwrap_or(&provided);
        // The clock is read twice in an attempt that waits for nothing but its response, once here
        // and once for the date: that takes as long as most of what follows.
        let sent_at = Instant::now();
        let left = time.left(sent_at);
        if left.is_zero() {
            // Sending it now would only leave it unknown whether it arrived.
            let reason = "the time limit of the call passed before it was sent";
            return Err(fail(Cause::Request(reason.to_owned())));
        }
        let signed_at = self.inner.clock.now(tried);
        // In a block, so that the request is not held here as well while the transport has it.
        let sending = {
            let mut request = request::unsigned(call, destination, endpoint, self.added_headers())
                .map_err(|error| fail(Cause::Request(error.to_string())))?;
            Signer::new(credentials)
                .sign(&mut request, signed_at)
                .map_err(|error| fail(Cause::Sign(error)))?;
            self.inner.transport.send(request)
        };

        history.attempts += 1;
        permit.sending(sent_at);
        let limit = self.attempt_timeout().min(left);
        let answered = timeout_at(TimeLimit { since: sent_at, limit }.end(), sending).await;
        let exchange = self
            .is_observed()
            .then(|| Exchange { host: endpoint.host.clone(), took: sent_at.elapsed() });
        let mut response = match answered {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                if error.kind().is_unsent() {
                    permit.was_not_sent();
                }
                return Err(Failure {
                    exchange,
                    ..fail(Cause::no_response(error, &endpoint.host))
                });
            }
            Err(_) => {
                let error =
                    TransportError::with_source(TransportErrorKind::Timeout, format!("{limit:?}"));
                return Err(Failure {
                    exchange,
                    ..fail(Cause::no_response(error, &endpoint.host))
                });
            }
        };
        if let Err(error) = unpack(&mut response) {
            return Err(Failure { exchange, ..fail(Cause::no_response(error, &endpoint.host)) });
        }
        if response.status().is_success() && !is_refusal(response.body()) {
            permit.let_through();
            self.keep(tried);
            return Ok(Sent { exchange, response, credentials: newer.unwrap_or(provided) });
        }
        let api = ApiError::of_call(&response, credentials);
        let api = api.waiting(retry_after(response.headers(), self.inner.clock.now(tried)));
        let api = if api.is_throttled() {
            let pause = permit.refused(&api, fastrand::f64());
            api.waiting_at_least(pause)
        } else {
            permit.let_through();
            api
        };
        if is_of_the_service(&api) {
            self.keep(tried);
        }
        let refusal = if is_refused_signature(&api) {
            // What was signed is not kept for the few calls that are refused, because it can be
            // built again.
            let request = request::unsigned(call, destination, endpoint, self.added_headers()).ok();
            self.refusal(&api, response.headers(), request, credentials, signed_at, endpoint)
        } else {
            Refusal::default()
        };
        let Refusal { correction, refused, explanation } = refusal;
        Err(Failure { correction, refused, explanation, exchange, ..fail(Cause::Api(api)) })
    }

    /// Finds out why the gateway refused the signature of a request.
    fn refusal(
        &self,
        api: &ApiError,
        headers: &HeaderMap,
        request: Option<http::Request<Bytes>>,
        credentials: &Credentials,
        signed_at: SystemTime,
        endpoint: &Endpoint,
    ) -> Refusal {
        let server = server_time(headers, api.message());
        let refused = diagnosis::are_credentials_refused(api).then(|| {
            // Temporary ones may have expired early, or this machine's clock may be off.
            self.inner.credentials.refused(credentials);
            credentials.clone()
        });
        let signature = request
            .and_then(|request| Signer::new(credentials).signature(&request, signed_at).ok());
        let signed = signature.as_ref().map(Signature::canonical_request).unwrap_or_default();
        Refusal {
            correction: server
                .filter(|server| is_out_of_bounds(signed_at, *server))
                .and_then(Offset::to),
            refused,
            explanation: diagnosis::explain(
                api,
                &signed,
                signed_at,
                server,
                credentials,
                &endpoint.url,
            ),
        }
    }

    fn keep(&self, tried: Option<Offset>) {
        if let Some(accepted) = tried {
            self.inner.clock.keep(accepted);
        }
    }

    /// Returns the credentials to sign with, within `left`.
    pub(super) async fn credentials(
        &self,
        left: Duration,
    ) -> Result<Credentials, CredentialsError> {
        self.credentials_within(TimeLimit { since: Instant::now(), limit: left }).await
    }

    async fn credentials_within(&self, time: TimeLimit) -> Result<Credentials, CredentialsError> {
        let mut asked = self.inner.credentials.provide(&self.inner.context);
        // Nearly always they are at hand, and there is nothing to set a timer for.
        if let Some(found) = poll_immediate(&mut asked).await {
            return found;
        }
        match timeout_at(time.end(), asked).await {
            Ok(found) => found,
            Err(_) => Err(CredentialsError::failed(
                "the provider of credentials took too long",
                format!("{:?}", time.limit),
            )),
        }
    }

    /// Returns `true` if the provider gives other credentials than those that were refused.
    pub(super) async fn has_other_credentials(
        &self,
        refused: &Credentials,
        left: Duration,
    ) -> bool {
        self.credentials(left).await.is_ok_and(|now| !now.is_same_as(refused))
    }
}

impl Cause {
    fn no_response(error: TransportError, host: &HeaderValue) -> Self {
        Self::Transport { error, host: host.to_str().unwrap_or_default().to_owned() }
    }
}

/// Gives a response its body as it was before compression. A damaged one stays as it is: its error
/// names the compression.
fn unpack(response: &mut http::Response<Bytes>) -> Result<(), TransportError> {
    match wire::unpacked(response.body()) {
        Ok(body) => *response.body_mut() = body,
        Err(wire::Packed::Damaged) => {}
        Err(wire::Packed::TooLarge) => {
            let most =
                format!("more than {} MiB once it is decompressed", wire::MOST / (1024 * 1024));
            return Err(TransportError::with_source(TransportErrorKind::TooLarge, most));
        }
    }
    Ok(())
}

/// Returns `true` if the gateway says that it does not accept the signature. Others respond with
/// 401 too, such as a proxy, whose clock proves nothing.
fn is_refused_signature(api: &ApiError) -> bool {
    matches!(api.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        && api
            .code()
            .is_some_and(|code| matches!(code.gateway_number(), Some(301 | 303 | 305 | 307)))
}

/// Returns `true` if this error was made by CTS itself, behind the gateway, which lets through only
/// what is signed rightly. Others, a proxy among them, say nothing on the signature.
fn is_of_the_service(api: &ApiError) -> bool {
    !matches!(api.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        && api.code().is_some_and(|code| code.as_str().starts_with("CTS."))
}

/// Returns how long the service asks to wait: in seconds, or until a date by its own clock.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let now = response_date(headers).unwrap_or(now);
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    Some(parse_http_date(text)?.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_comes_in_two_forms() {
        let now = parse_http_date("Sat, 21 Nov 2026 10:00:00 GMT").unwrap();
        for (text, expected) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("Sat, 21 Nov 2026 10:00:30 GMT", Some(30)),
            ("Sat, 21 Nov 2026 09:00:00 GMT", Some(0)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("99999999999999999999999", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            assert_eq!(retry_after(&headers, now), expected.map(Duration::from_secs), "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
