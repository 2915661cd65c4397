//! One call: credentials, signature, exchange, answer.

use std::borrow::Cow;
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use percent_encoding::utf8_percent_encode;
use serde::Serialize;

use super::CtsClient;
use super::builder::ENCODED;
use crate::credentials::Credentials;
use crate::error::{ApiError, CallName, Cause, Error, described, kept, request_id};
use crate::sign::Signer;
use crate::transport::{TransportError, TransportErrorKind};

const X_PROJECT_ID: HeaderName = HeaderName::from_static("x-project-id");

/// A call as data.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: CallName,
    method: Method,
    /// What follows the project id: `/notifications`.
    path: Cow<'static, str>,
    query: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Call {
    pub(crate) fn new(name: CallName, method: Method, path: impl Into<Cow<'static, str>>) -> Self {
        Self { name, method, path: path.into(), query: Vec::new(), body: Bytes::new() }
    }

    /// Adds a query parameter; the value is encoded here.
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
        Error::new(self.name, 0, Cause::Request(reason.into()))
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
    response: http::Response<Bytes>,
    credentials: Credentials,
}

impl Answer {
    /// Reads the body with `read`, which says what is wrong with one that it can't read.
    pub(crate) fn read<T>(self, read: impl FnOnce(&[u8]) -> Result<T, String>) -> Result<T, Error> {
        let Self { name, response, credentials } = self;
        read(response.body()).map_err(|reason| {
            let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(response.body()).is_ok();
            let reason = if is_json { reason } else { format!("{reason}; there is {}", described(&response)) };
            Error::new(
                name,
                1,
                Cause::Decode {
                    status: response.status(),
                    request_id: request_id(response.headers()).map(|id| credentials.redact(id)),
                    body: kept(response.body()),
                    reason: credentials.redact(reason),
                },
            )
        })
    }
}

impl CtsClient {
    /// Makes a call and gives the answer, if it is one of success.
    pub(crate) async fn call(&self, call: Call) -> Result<Answer, Error> {
        let name = call.name;
        let fail = |attempts, cause| Error::new(name, attempts, cause);
        let credentials = self.inner.credentials.provide().await.map_err(|error| fail(0, Cause::Credentials(error)))?;
        let request = self.signed(call, &credentials)?;
        let exchange = self.inner.transport.send(request);
        let response = match tokio::time::timeout(self.inner.attempt_timeout, exchange).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(fail(1, Cause::Transport(error))),
            Err(_) => {
                let limit = format!("{:?}", self.inner.attempt_timeout);
                let error = TransportError::with_source(TransportErrorKind::Timeout, limit);
                return Err(fail(1, Cause::Transport(error)));
            }
        };
        if !response.status().is_success() {
            return Err(fail(1, Cause::Api(ApiError::from_response(&response).redacted(&credentials))));
        }
        Ok(Answer { name, response, credentials })
    }

    /// The call as a request, signed now.
    fn signed(&self, call: Call, credentials: &Credentials) -> Result<http::Request<Bytes>, Error> {
        let Call { name, method, path, query, body } = call;
        let mut target = String::with_capacity(self.inner.root.len() + path.len() + 64);
        target.push_str(&self.inner.root);
        target.push_str(&path);
        for (index, (key, value)) in query.into_iter().enumerate() {
            target.push(if index == 0 { '?' } else { '&' });
            target.push_str(key);
            target.push('=');
            target.extend(utf8_percent_encode(&value, ENCODED));
        }
        let uri = Uri::from_maybe_shared(Bytes::from(target))
            .map_err(|error| Error::new(name, 0, Cause::Request(error.to_string())))?;

        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(HOST, self.inner.host.clone());
        headers.insert(X_PROJECT_ID, self.inner.project_header.clone());
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
        }
        let mut request = http::Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Signer::new(credentials)
            .sign(&mut request, SystemTime::now())
            .map_err(|error| Error::new(name, 0, Cause::Sign(error)))?;
        Ok(request)
    }
}
