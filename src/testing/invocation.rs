//! An invocation of a function.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::credentials::Credentials;
use crate::event::CtsEvent;
use crate::function::{InvokeType, REQUEST_ID, RequestId};

/// An event for a function, with the headers that come with it.
///
/// Text, bytes and a [`CtsEvent`] are invocations too, with the id and the headers that
/// [`FakeInvocation::new`] gives them.
#[derive(Clone)]
#[must_use]
pub struct FakeInvocation {
    pub(super) event: Bytes,
    pub(super) headers: HeaderMap,
}

impl FakeInvocation {
    /// Creates an asynchronous invocation with this event, with an id of the fake's choice and
    /// without credentials.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::Credentials;
    /// use huaweicloud_cts::testing::FakeInvocation;
    ///
    /// let invocation = FakeInvocation::new(r#"{"cts": {"trace_name": "login"}}"#)
    ///     .request_id("1")
    ///     .credentials(&Credentials::new("AK", "SK").security_token("token"));
    /// ```
    pub fn new(event: impl Into<Bytes>) -> Self {
        let invocation = Self { event: event.into(), headers: HeaderMap::new() };
        invocation.invoke_type(&InvokeType::Async)
    }

    /// Sets the id.
    ///
    /// # Panics
    ///
    /// If a header can't hold it.
    pub fn request_id(self, id: impl Into<RequestId>) -> Self {
        self.text(REQUEST_ID, id.into().as_str())
    }

    /// Sets whether the caller waits.
    ///
    /// # Panics
    ///
    /// If a header can't hold the type.
    pub fn invoke_type(self, invoke_type: &InvokeType) -> Self {
        self.text(HeaderName::from_static("x-cff-invoke-type"), invoke_type.as_str())
    }

    /// Sets the credentials of the function's agency.
    ///
    /// # Panics
    ///
    /// If a header can't hold them.
    pub fn credentials(self, credentials: &Credentials) -> Self {
        self.text(HeaderName::from_static("x-cff-security-access-key"), credentials.access_key())
            .text(HeaderName::from_static("x-cff-security-secret-key"), credentials.secret_key())
            .text(
                HeaderName::from_static("x-cff-security-token"),
                credentials.session_token().unwrap_or_default(),
            )
    }

    /// Sets a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(super) fn id(&self) -> Option<RequestId> {
        Some(self.headers.get(REQUEST_ID)?.to_str().ok()?.into())
    }

    fn text(self, name: HeaderName, value: &str) -> Self {
        #[allow(
            clippy::expect_used,
            reason = "a mistake in the test, and the test has to hear of it"
        )]
        let value = HeaderValue::from_str(value).expect("a header can't hold this");
        self.header(name, value)
    }
}

/// Without headers, which may hold credentials, and without the event.
impl fmt::Debug for FakeInvocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeInvocation")
            .field("event", &format_args!("{} bytes", self.event.len()))
            .field("request_id", &self.headers.get(REQUEST_ID))
            .finish_non_exhaustive()
    }
}

impl From<Bytes> for FakeInvocation {
    fn from(event: Bytes) -> Self {
        Self::new(event)
    }
}

impl From<Vec<u8>> for FakeInvocation {
    fn from(event: Vec<u8>) -> Self {
        Self::new(event)
    }
}

impl From<String> for FakeInvocation {
    fn from(event: String) -> Self {
        Self::new(event)
    }
}

impl From<&'static str> for FakeInvocation {
    fn from(event: &'static str) -> Self {
        Self::new(event)
    }
}

/// The event as CTS hands it to a function; see [`FunctionCall`](super::FunctionCall).
impl From<&CtsEvent> for FakeInvocation {
    fn from(event: &CtsEvent) -> Self {
        // Objects with string keys, which can always be written.
        Self::new(serde_json::to_vec(event).unwrap_or_default())
    }
}
