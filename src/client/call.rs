//! One call: what it is, and the loop around its attempts.

use std::borrow::Cow;

use bytes::Bytes;
use http::Method;
use percent_encoding::utf8_percent_encode;
use serde::Serialize;
use tokio::time::Instant;

use super::attempt::{Failure, Place, Sent};
use super::pace::Claim;
use super::retry::{Next, Progress, Repeat, decide};
use super::{CtsClient, observe};
use crate::credentials::Credentials;
use crate::error::{CallName, Cause, Error, History, described, kept, request_id};
use crate::sign::ENCODED;
use crate::text::printable;

/// A call as data.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: CallName,
    pub(super) method: Method,
    /// What follows the project id: `/notifications`.
    pub(super) path: Cow<'static, str>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
    repeat: Repeat,
}

impl Call {
    pub(crate) fn new(name: CallName, method: Method, path: impl Into<Cow<'static, str>>) -> Self {
        let repeat = match method {
            Method::GET => Repeat::Read,
            Method::POST => Repeat::Create,
            _ => Repeat::Idempotent,
        };
        Self { name, method, path: path.into(), query: Vec::new(), body: Bytes::new(), repeat }
    }

    /// Repeats the call only if it surely did not arrive. For who reads before the next try.
    pub(crate) fn at_most_once(self) -> Self {
        Self { repeat: Repeat::Create, ..self }
    }

    /// Adds a query parameter; the value is encoded when it is sent.
    pub(crate) fn query(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.query.push((key, value.into()));
        self
    }

    /// Sends `body` as JSON.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self, Error> {
        match serde_json::to_vec(body) {
            Ok(json) => {
                self.body = Bytes::from(json);
                Ok(self)
            }
            Err(error) => Err(self.refused(error.to_string())),
        }
    }

    /// The call can't be right, and is not sent.
    pub(crate) fn refused(&self, reason: impl Into<String>) -> Error {
        Error::new(self.name, History::default(), Cause::Request(reason.into()))
    }
}

/// Encodes a text as one segment of a path.
pub(crate) fn path_segment(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, ENCODED)
}

/// An answer of success.
#[derive(Debug)]
pub(super) struct Answer {
    name: CallName,
    history: History,
    response: http::Response<Bytes>,
    credentials: Credentials,
}

/// What there is to tell of a call that succeeded.
#[derive(Debug)]
pub(super) struct Success {
    pub(super) attempts: u32,
    pub(super) status: http::StatusCode,
    headers: http::HeaderMap,
    credentials: Credentials,
}

impl Success {
    /// The id that the service gave the request. Found when it is asked for, since most calls have no observer.
    pub(super) fn request_id(&self) -> Option<String> {
        request_id(&self.headers, &|text| self.credentials.redact(text))
    }
}

impl Answer {
    /// A header of the answer, without keys.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let value = self.response.headers().get(name)?.to_str().ok()?;
        Some(printable(&self.credentials.redact(value.to_owned()), 200))
    }

    /// Reads the body with `read`, which says what is wrong with one that it can't read.
    pub(super) fn read<T>(self, read: impl FnOnce(&[u8]) -> Result<T, String>) -> Result<(T, Success), Error> {
        let Self { name, history, response, credentials } = self;
        match read(response.body()) {
            Ok(value) => {
                let (parts, _) = response.into_parts();
                let http::response::Parts { status, headers, .. } = parts;
                Ok((value, Success { attempts: history.attempts, status, headers, credentials }))
            }
            Err(reason) => {
                let clean = |text| credentials.redact(text);
                let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(response.body()).is_ok();
                let reason =
                    if is_json { reason } else { format!("{reason}; there is {}", described(&response, &clean)) };
                let body = credentials.redact_bytes(kept(response.body()));
                let request_id = request_id(response.headers(), &clean);
                let cause = Cause::Decode { status: response.status(), request_id, body, reason: clean(reason) };
                Err(Error::new(name, history, cause))
            }
        }
    }
}

impl CtsClient {
    /// Makes a call in the client's project, and reads the answer of success with `read`, which says what is wrong with one
    /// that it can't read.
    pub(crate) async fn call<T>(
        &self,
        call: Call,
        read: impl FnOnce(&[u8]) -> Result<T, String> + Send,
    ) -> Result<T, Error> {
        let started = Instant::now();
        let made = async {
            let project = self.project(call.name, started).await?;
            let answer = self.attempts_at(&call, Place::Project(project), started).await?;
            answer.read(read)
        };
        let (value, success) = observe::call(call.name, made).await?;
        self.report(call.name, &success);
        Ok(value)
    }

    /// The loop around the attempts. The total time counts from `started`.
    pub(super) async fn attempts_at(&self, call: &Call, place: Place<'_>, started: Instant) -> Result<Answer, Error> {
        let policy = self.retry_policy();
        let mut history = History::default();
        // The offset of the clock that this call tries. Others do not see it before the service has accepted it.
        let mut tried = None;
        let mut endpoints_tried = 1;
        let mut credentials_renewed = false;
        let mut claim = Claim::new(policy.deadline(started));
        let mut throttled_attempts = 0;
        // The last attempt, if it was throttled.
        let mut throttled: Option<Failure> = None;
        loop {
            let left = policy.limit().saturating_sub(started.elapsed());
            if left.is_zero() {
                // Sending it now would only leave it unknown whether it arrived.
                let cause = Cause::Request("the time limit of the call passed before it was sent".to_owned());
                return Err(Error::new(call.name, history, cause));
            }
            let failure = match self.attempt(call, place, left, tried, &mut claim, &mut history).await {
                Ok(Sent { response, credentials }) => {
                    return Ok(Answer { name: call.name, history, response, credentials });
                }
                Err(failure) => failure,
            };
            if let (Cause::Throttled(held), Some(response)) = (&failure.cause, throttled.take()) {
                return Err(response.held(*held).into_error(call.name, history, tried.is_some()));
            }
            history.may_have_applied |= call.name.writes && failure.cause.may_have_applied();
            let progress = Progress {
                attempts: history.attempts - throttled_attempts,
                elapsed: started.elapsed(),
                clock_corrected: tried.is_some(),
                endpoints_left: self.endpoints(place).len().saturating_sub(endpoints_tried),
            };
            let mut next = decide(&policy, call.repeat, &progress, &failure.outcome(), fastrand::f64());
            if let (Next::GiveUp, Some(refused), false) = (next, &failure.refused, credentials_renewed) {
                credentials_renewed = true;
                if self.has_other_credentials(refused, policy.limit().saturating_sub(progress.elapsed)).await {
                    next = Next::Renew;
                }
            }
            if started.elapsed() >= policy.limit() {
                next = Next::GiveUp;
            }
            observe::decision(next, history.attempts, &failure);
            match next {
                Next::GiveUp => return Err(failure.into_error(call.name, history, tried.is_some())),
                Next::Wait(pause) => {
                    endpoints_tried = 1;
                    tokio::time::sleep(pause).await;
                }
                Next::Queue(_) => {
                    endpoints_tried = 1;
                    throttled_attempts += 1;
                    throttled = Some(failure);
                }
                Next::MoveOn => {
                    endpoints_tried += 1;
                    self.endpoints(place).move_on_from(failure.endpoint);
                }
                // The next attempt asks the provider.
                Next::Renew => {}
                Next::CorrectClock => tried = failure.correction,
            }
        }
    }
}
