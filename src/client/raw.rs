//! A signed call by its path, for what this crate has no typed call of.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use serde::Serialize;
use tokio::time::Instant;

use super::CtsClient;
use super::call::Call;
use super::destination::Scope;
use crate::error::{CallName, Class, Error};

/// A request of your own to CTS, which [`CtsClient::request`] starts: signed, retried, paced and
/// observed as the typed calls are.
#[derive(Clone)]
#[must_use]
pub struct RawRequest<'c> {
    client: &'c CtsClient,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    /// The error is why the body could not be written.
    body: Result<Bytes, String>,
    repeatable: Option<bool>,
}

impl CtsClient {
    /// Starts a call by its method and its path below the endpoint, such as
    /// `/v3/{project_id}/trackers`. `{project_id}` and `{domain_id}` stand for the client's project
    /// and account. A query may follow the path.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let response = client.request(http::Method::GET, "/v3/{project_id}/quotas").send().await?;
    /// let quotas: serde_json::Value = serde_json::from_slice(response.body())?;
    /// assert!(quotas["resources"].is_array());
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn request(&self, method: Method, path: impl Into<String>) -> RawRequest<'_> {
        RawRequest {
            client: self,
            method,
            path: path.into(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: Ok(Bytes::new()),
            repeatable: None,
        }
    }
}

impl RawRequest<'_> {
    /// Adds a query parameter. It is percent-encoded when it is sent.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets a header. Those that the signature and the transport set stay theirs.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body, which is sent as `application/json;charset=UTF-8`.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Ok(body.into());
        self
    }

    /// Sets the body to a value as JSON. A value that cannot be written is an error of
    /// [`send`](Self::send).
    pub fn json(mut self, value: &impl Serialize) -> Self {
        self.body = serde_json::to_vec(value).map(Bytes::from).map_err(|error| error.to_string());
        self
    }

    /// Sets whether the call can be repeated where it may have been applied. Unless set, its method
    /// decides: `GET`, `HEAD`, `PUT` and `DELETE` can.
    pub fn repeatable(mut self, repeatable: bool) -> Self {
        self.repeatable = Some(repeatable);
        self
    }

    /// Sends the call, and returns the response of success: status, headers and body as they came.
    ///
    /// # Errors
    ///
    /// Those of any call, see [`Error`]. Not sent: a path that does not start with a slash or has
    /// another placeholder.
    pub async fn send(self) -> Result<Response<Bytes>, Error> {
        let Self { client, method, path, query, headers, body, repeatable } = self;
        let shown = path.split(['?', '#']).next().unwrap_or_default().to_owned();
        let started = Instant::now();
        let sent = async {
            let mut call = Call::new(name_of(&method), method, "");
            call.name.class = match (call.name.class, repeatable) {
                (by_method, None) | (by_method @ Class::Read, Some(true)) => by_method,
                (_, Some(true)) => Class::Idempotent,
                (_, Some(false)) => Class::Create,
            };
            call.scope = Scope::Root;
            call.headers = headers;
            call.body = body.map_err(|reason| {
                call.refused(format!("the body can't be written as JSON: {reason}"))
            })?;
            let (path, in_path) = path.split_once('?').unwrap_or((&path, ""));
            if !path.starts_with('/') || path.contains('#') {
                return Err(call.refused(
                    "the path is not one: start it with a slash, as in /v3/{project_id}/trackers",
                ));
            }
            for (name, value) in url::form_urlencoded::parse(in_path.as_bytes()) {
                call = call.query(name.into_owned(), value);
            }
            for (name, value) in query {
                call = call.query(name, value);
            }
            call.path = client.filled(&call, path, started).await?.into();
            client.call_raw(call, started).await
        };
        sent.await.map_err(|error| error.at_path(shown))
    }
}

impl fmt::Debug for RawRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of headers and of the query, and the body, may be anything.
        f.debug_struct("RawRequest")
            .field("method", &self.method)
            .field("path", &self.path.split('?').next())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("repeatable", &self.repeatable)
            .finish_non_exhaustive()
    }
}

impl CtsClient {
    /// Returns the path with the ids in place of their names.
    async fn filled(&self, call: &Call, path: &str, started: Instant) -> Result<String, Error> {
        let mut path = path.to_owned();
        if path.contains("{project_id}") {
            path = path.replace("{project_id}", &self.project(call.name, started).await?.encoded);
        }
        if path.contains("{domain_id}") {
            path = path.replace("{domain_id}", &self.account(call.name, started).await?.encoded);
        }
        if path.contains(['{', '}']) {
            return Err(
                call.refused("the path has a placeholder other than {project_id} and {domain_id}: write its value")
            );
        }
        Ok(path)
    }
}

fn name_of(method: &Method) -> CallName {
    let named = |operation, class| CallName { operation, actions: "", class };
    match *method {
        Method::GET => named("GET", Class::Read),
        Method::HEAD => named("HEAD", Class::Read),
        Method::POST => named("POST", Class::Create),
        Method::PUT => named("PUT", Class::Idempotent),
        Method::DELETE => named("DELETE", Class::Idempotent),
        Method::PATCH => named("PATCH", Class::Create),
        _ => named("request", Class::Create),
    }
}
