//! One call: what it is, and the loop around its attempts.

use std::borrow::Cow;

use bytes::Bytes;
use http::Method;
use percent_encoding::utf8_percent_encode;
use serde::Serialize;
use tokio::time::Instant;

use super::attempt::{Place, Sent};
use super::retry::{Next, Progress, Repeat, decide};
use super::{CtsClient, observe};
use crate::credentials::Credentials;
use crate::error::{CallName, Cause, Error, History, described, kept, request_id};
use crate::sign::ENCODED;

/// A call as data.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: CallName,
    pub(super) method: Method,
    /// What follows the project id: `/notifications`.
    pub(super) path: Cow<'static, str>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
}

impl Call {
    pub(crate) fn new(name: CallName, method: Method, path: impl Into<Cow<'static, str>>) -> Self {
        Self { name, method, path: path.into(), query: Vec::new(), body: Bytes::new() }
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

    fn repeat(&self) -> Repeat {
        match self.method {
            Method::GET => Repeat::Read,
            Method::POST => Repeat::Create,
            _ => Repeat::Idempotent,
        }
    }
}

/// Encodes a text as one segment of a path.
pub(crate) fn path_segment(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, ENCODED)
}

/// An answer of success.
#[derive(Debug)]
pub(crate) struct Answer {
    name: CallName,
    history: History,
    response: http::Response<Bytes>,
    credentials: Credentials,
}

impl Answer {
    pub(super) fn operation(&self) -> &'static str {
        self.name.operation
    }

    pub(super) fn attempts(&self) -> u32 {
        self.history.attempts
    }

    pub(super) fn status(&self) -> http::StatusCode {
        self.response.status()
    }

    /// The id that the service gave the request.
    pub(crate) fn request_id(&self) -> Option<String> {
        request_id(self.response.headers(), &|text| self.credentials.redact(text))
    }

    /// Reads the body with `read`, which says what is wrong with one that it can't read.
    pub(crate) fn read<T>(self, read: impl FnOnce(&[u8]) -> Result<T, String>) -> Result<T, Error> {
        let Self { name, history, response, credentials } = self;
        read(response.body()).map_err(|reason| {
            let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(response.body()).is_ok();
            let clean = |text| credentials.redact(text);
            let reason = if is_json { reason } else { format!("{reason}; there is {}", described(&response, &clean)) };
            let cause = Cause::Decode {
                status: response.status(),
                request_id: request_id(response.headers(), &clean),
                body: kept(response.body()),
                reason: clean(reason),
            };
            Error::new(name, history, cause)
        })
    }
}

impl CtsClient {
    /// Makes a call in the client's project and gives the answer, if it is one of success.
    pub(crate) async fn call(&self, call: Call) -> Result<Answer, Error> {
        let started = Instant::now();
        let made = async {
            let project = self.project(call.name, started).await?;
            self.attempts_at(&call, Place::Project(project), started).await
        };
        observe::call(call.name, made).await
    }

    /// The loop around the attempts. The total time counts from `started`.
    pub(super) async fn attempts_at(&self, call: &Call, place: Place<'_>, started: Instant) -> Result<Answer, Error> {
        let policy = self.retry_policy();
        let mut history = History::default();
        let mut clock_corrected = false;
        let mut endpoints_tried = 1;
        loop {
            let left = policy.limit().saturating_sub(started.elapsed());
            let failure = match self.attempt(call, place, left, &mut history).await {
                Ok(Sent { response, credentials }) => {
                    let answer = Answer { name: call.name, history, response, credentials };
                    self.report(&answer);
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            history.may_have_applied |= call.name.writes && failure.cause.may_have_applied();
            let progress = Progress {
                attempts: history.attempts,
                elapsed: started.elapsed(),
                clock_corrected,
                endpoints_left: self.endpoints(place).len().saturating_sub(endpoints_tried),
            };
            let next = decide(policy, call.repeat(), &progress, &failure.outcome(), fastrand::f64());
            observe::decision(next, history.attempts, &failure);
            match next {
                Next::GiveUp => return Err(failure.into_error(call.name, history, clock_corrected)),
                Next::Wait(pause) => {
                    endpoints_tried = 1;
                    tokio::time::sleep(pause).await;
                }
                Next::MoveOn => {
                    endpoints_tried += 1;
                    self.endpoints(place).move_on_from(failure.endpoint);
                }
                Next::CorrectClock => {
                    clock_corrected = true;
                    if let Some(server) = failure.server_time {
                        self.inner.clock.learn(server);
                    }
                }
            }
        }
    }
}
