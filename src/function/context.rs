//! The circumstances of an invocation.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::Config;
use crate::credentials::Credentials;
use crate::wire::enums::string_enum;
use crate::wire::newtype::string_newtype;

/// The header with the id of an invocation. What looks like an id in the event is not.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-cff-request-id");
const INVOKE_TYPE: HeaderName = HeaderName::from_static("x-cff-invoke-type");
const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-cff-auth-token");

/// The headers that hold secrets. They are read, and then not kept as headers.
const SECRETS: [HeaderName; 6] = [
    AUTH_TOKEN,
    HeaderName::from_static("x-cff-access-key"),
    HeaderName::from_static("x-cff-secret-key"),
    HeaderName::from_static("x-cff-security-access-key"),
    HeaderName::from_static("x-cff-security-secret-key"),
    HeaderName::from_static("x-cff-security-token"),
];

/// No function may take longer, so that a time limit never overflows a point in time.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

string_newtype! {
    /// The id of an invocation, given by the platform. Print it in every line of a log: log streams
    /// are grouped by it.
    pub struct RequestId;
}

string_enum! {
    /// Whether the caller of a function waits for its response.
    pub enum InvokeType {
        /// The caller waits. FunctionGraph gives up after 15 minutes, and an API gateway after 90
        /// seconds.
        Sync = "sync",
        /// The caller does not wait, which is the case for CTS and most other triggers. What the
        /// function responds with goes to the targets of its asynchronous settings; a failure may
        /// lead to another invocation with the same event.
        Async = "async",
    }
}

/// The circumstances of an invocation: its id, its time limit, and the credentials that it may use.
///
/// `Debug` shows neither credentials nor headers. Clones are cheap.
#[derive(Clone)]
pub struct Context {
    request_id: RequestId,
    received: Instant,
    received_at: SystemTime,
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    config: Arc<Config>,
    credentials: Option<Credentials>,
    auth_token: Option<Zeroizing<String>>,
    headers: HeaderMap,
}

impl Context {
    /// Creates a context without credentials and headers, received now: for a test that calls a
    /// handler.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::Credentials;
    /// use huaweicloud_cts::function::Context;
    ///
    /// let context = Context::new("1").with_credentials(Credentials::new("AK", "SK").security_token("token"));
    /// assert!(context.credentials().is_some());
    /// ```
    #[must_use]
    pub fn new(request_id: impl Into<RequestId>) -> Self {
        Self::received(request_id.into(), HeaderMap::new(), Arc::default())
    }

    /// Creates the context of an invocation that arrived now, with these headers.
    pub(super) fn received(
        request_id: RequestId,
        mut headers: HeaderMap,
        config: Arc<Config>,
    ) -> Self {
        let credentials = Credentials::of_invocation(&headers);
        let auth_token = value(&headers, &AUTH_TOKEN).map(|token| Zeroizing::new(token.to_owned()));
        for name in SECRETS {
            headers.remove(name);
        }
        let inner = Arc::new(Inner { config, credentials, auth_token, headers });
        Self { request_id, received: Instant::now(), received_at: SystemTime::now(), inner }
    }

    /// Sets the configuration of the function, and with it the time limit.
    #[must_use]
    pub fn with_config(mut self, config: Config) -> Self {
        Arc::make_mut(&mut self.inner).config = Arc::new(config);
        self
    }

    /// Sets the credentials.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        Arc::make_mut(&mut self.inner).credentials = Some(credentials);
        self
    }

    /// Sets a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        Arc::make_mut(&mut self.inner).headers.insert(name, value);
        self
    }

    /// Returns the id of the invocation.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// Returns whether the caller waits for the response, if the platform says so.
    #[must_use]
    pub fn invoke_type(&self) -> Option<InvokeType> {
        value(&self.inner.headers, &INVOKE_TYPE).map(InvokeType::from)
    }

    /// Returns when the invocation arrived.
    #[must_use]
    pub fn received_at(&self) -> SystemTime {
        self.received_at
    }

    /// Returns when the platform gives the invocation up: [`Config::timeout`] after it arrived.
    ///
    /// Nothing in this crate stops a handler then.
    #[must_use]
    pub fn deadline(&self) -> SystemTime {
        self.received_at + self.timeout()
    }

    /// Returns how much time is left until the deadline; zero if it has passed.
    ///
    /// ```
    /// use huaweicloud_cts::event::CtsEvent;
    /// use huaweicloud_cts::function::Event;
    ///
    /// async fn handler(event: Event<CtsEvent>) -> Result<(), tokio::time::error::Elapsed> {
    ///     let limit = event.context.remaining();
    ///     tokio::time::timeout(limit, handle(event.payload)).await
    /// }
    ///
    /// async fn handle(event: CtsEvent) {
    ///     // …
    /// }
    /// ```
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.timeout().saturating_sub(self.received.elapsed())
    }

    /// Returns the temporary credentials of the function's agency; `None` if the function has no
    /// agency.
    ///
    /// ```no_run
    /// use huaweicloud_cts::event::CtsEvent;
    /// use huaweicloud_cts::function::Event;
    /// use huaweicloud_cts::{CtsClient, Error};
    ///
    /// # #[cfg(feature = "rustls")]
    /// async fn handler(event: Event<CtsEvent>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    ///     let credentials = event.context.credentials().ok_or("the function has no agency")?;
    ///     let client = CtsClient::builder().region("eu-de").credentials(credentials.clone()).build()?;
    ///     // …
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn credentials(&self) -> Option<&Credentials> {
        self.inner.credentials.as_ref()
    }

    /// Returns the IAM token of the function's agency, which is valid for 24 hours; `None` if the
    /// function has no agency.
    ///
    /// It is a secret: never log it.
    #[must_use]
    pub fn auth_token(&self) -> Option<&str> {
        self.inner.auth_token.as_ref().map(|token| token.as_str())
    }

    /// Returns the configuration of the function.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Returns the value of a variable in the settings of the function.
    #[must_use]
    pub fn user_data(&self, name: &str) -> Option<&str> {
        self.config().user_data.get(name).map(String::as_str)
    }

    /// Returns a header of the invocation, `X-Cff-Origin-Version-Tag` for example. Headers with
    /// credentials are not here.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.inner.headers.get(name)?.to_str().ok()
    }

    fn timeout(&self) -> Duration {
        self.config().timeout.min(LONGEST)
    }

    /// Returns the text without the secrets of this invocation.
    pub(super) fn redact(&self, text: String) -> String {
        let text = match self.credentials() {
            Some(credentials) => credentials.redact(text),
            None => text,
        };
        match self.auth_token() {
            Some(token) => Credentials::new("", "").security_token(token).redact(text),
            None => text,
        }
    }
}

/// Returns the value of a header, unless it is one that says that there is none.
fn value<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    Some(value).filter(|value| !value.is_empty() && *value != "null")
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("request_id", &self.request_id)
            .field("invoke_type", &self.invoke_type())
            .field("received_at", &self.received_at)
            .field("credentials", &self.inner.credentials)
            .field("config", self.config())
            .finish_non_exhaustive()
    }
}
