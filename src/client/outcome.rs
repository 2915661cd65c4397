//! What becomes of an attempt, and of a call.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderValue;

use super::retry::Outcome;
use crate::clock::Offset;
use crate::error::{CallName, Cause, Error, Held, History};
use crate::secret::Credentials;
use crate::text::printable;
use crate::time::response_date;
use crate::wire::error::{described, kept, request_id};

/// An attempt with a response of success.
pub(super) struct Sent {
    /// `None` if nothing observes attempts.
    pub(super) exchange: Option<Exchange>,
    pub(super) response: http::Response<Bytes>,
    pub(super) credentials: Credentials,
}

/// An attempt without one.
pub(super) struct Failure {
    pub(super) cause: Cause,
    /// The number of the endpoint that it went to.
    pub(super) endpoint: usize,
    /// The date of the signature is out of bounds, and this is the offset to try.
    pub(super) correction: Option<Offset>,
    /// Credentials that the service does not know, or not any more.
    pub(super) refused: Option<Credentials>,
    pub(super) explanation: Option<String>,
    /// `None` if no request was sent, or nothing observes attempts.
    pub(super) exchange: Option<Exchange>,
}

/// A request and its response, or what became of it.
pub(super) struct Exchange {
    pub(super) host: HeaderValue,
    pub(super) took: Duration,
}

impl Failure {
    pub(super) fn new(endpoint: usize, cause: Cause) -> Self {
        Self { cause, endpoint, correction: None, explanation: None, refused: None, exchange: None }
    }

    /// The error that the call ends with.
    pub(super) fn into_error(
        self,
        name: CallName,
        history: History,
        clock_corrected: bool,
    ) -> Error {
        let in_vain = if clock_corrected && self.correction.is_some() {
            " (signing with the service's time did not help)"
        } else {
            ""
        };
        let explanation = self.explanation.map(|text| text + in_vain);
        let cause = match self.cause {
            Cause::Api(api) => Cause::Api(api.explained(explanation)),
            other => other,
        };
        Error::new(name, history, cause)
    }

    /// The response that throttled the call, with the time when it can go again.
    pub(super) fn held(self, held: Held) -> Self {
        match self.cause {
            Cause::Api(api) => Self { cause: Cause::Api(api.waiting_at_least(held.wait)), ..self },
            _ => self,
        }
    }

    pub(super) fn outcome(&self) -> Outcome<'_> {
        match &self.cause {
            Cause::Transport { error, .. } => Outcome::Transport(error.kind()),
            Cause::Api(api) => Outcome::Response { api, clock_is_off: self.correction.is_some() },
            _ => Outcome::NotSent,
        }
    }
}

/// A response of success.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) name: CallName,
    pub(super) history: History,
    pub(super) response: http::Response<Bytes>,
    pub(super) credentials: Credentials,
}

/// What there is to tell of a call that succeeded.
#[derive(Debug)]
#[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "for the span of a call"))]
pub(super) struct Success {
    pub(super) attempts: u32,
    pub(super) status: http::StatusCode,
    headers: http::HeaderMap,
    credentials: Credentials,
}

impl Success {
    /// The id that the service gave the request. Found when it is asked for, since most calls have
    /// no observer.
    #[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "for the span of a call"))]
    pub(super) fn request_id(&self) -> Option<String> {
        request_id(&self.headers, &|text| self.credentials.redact(text))
    }

    /// Returns the time of the response, by the clock of who sent it.
    pub(super) fn date(&self) -> Option<SystemTime> {
        response_date(&self.headers)
    }
}

impl Received {
    /// Returns a header of the response, without credentials.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let value = self.response.headers().get(name)?.to_str().ok()?;
        Some(printable(&self.credentials.redact(value.to_owned()), 200))
    }

    /// Returns the response as it came.
    pub(super) fn raw(self) -> (http::Response<Bytes>, Success) {
        let Self { history, response, credentials, .. } = self;
        let (status, headers) = (response.status(), response.headers().clone());
        (response, Success { attempts: history.attempts, status, headers, credentials })
    }

    /// Reads the body with `read`, which says what is wrong with one that it can't read.
    pub(super) fn read<T>(
        self,
        read: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<(T, Success), Error> {
        let Self { name, history, response, credentials } = self;
        match read(response.body()) {
            Ok(value) => {
                let (parts, _) = response.into_parts();
                let http::response::Parts { status, headers, .. } = parts;
                Ok((value, Success { attempts: history.attempts, status, headers, credentials }))
            }
            Err(reason) => {
                let clean = |text| credentials.redact(text);
                let is_json =
                    serde_json::from_slice::<serde::de::IgnoredAny>(response.body()).is_ok();
                let reason = if is_json {
                    reason
                } else {
                    format!("{reason}; there is {}", described(&response, &clean))
                };
                let body = credentials.redact_bytes(kept(response.body()));
                let request_id = request_id(response.headers(), &clean);
                let cause = Cause::Decode {
                    status: response.status(),
                    request_id,
                    body,
                    reason: clean(reason),
                };
                Err(Error::new(name, history, cause))
            }
        }
    }
}
