//! Requests as the fake receives them.

use std::fmt;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Request, StatusCode};

use crate::sign::X_SECURITY_TOKEN;

/// A request that a [`FakeCts`](super::FakeCts) received, and the status of its response.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The operation, as [`Error::operation`](crate::Error::operation) names it:
    /// `CreateNotification`. `None` if the service has none at this path.
    pub operation: Option<&'static str>,
    /// The method.
    pub method: Method,
    /// Path and query as they were sent.
    pub target: String,
    /// The headers as they were sent. Those with credentials are marked as sensitive.
    pub headers: HeaderMap,
    /// The body as it was sent.
    pub body: Bytes,
    /// The status of the response.
    pub status: StatusCode,
}

impl RecordedRequest {
    /// Creates a recorded request without operation, headers and body, for a test of your own
    /// assertions.
    ///
    /// ```
    /// use http::{Method, StatusCode};
    /// use huaweicloud_cts::testing::RecordedRequest;
    ///
    /// let mut request = RecordedRequest::new(Method::POST, "/v3/p/notifications", StatusCode::CREATED);
    /// request.operation = Some("CreateNotification");
    /// assert_eq!(format!("{request:?}"), "CreateNotification POST /v3/p/notifications -> 201");
    /// ```
    #[must_use]
    pub fn new(method: Method, target: impl Into<String>, status: StatusCode) -> Self {
        let (operation, headers, body) = (None, HeaderMap::new(), Bytes::new());
        Self { operation, method, target: target.into(), headers, body, status }
    }

    pub(super) fn of(
        operation: Option<&'static str>,
        request: &Request<Bytes>,
        status: StatusCode,
    ) -> Self {
        let mut headers = request.headers().clone();
        for name in [AUTHORIZATION, X_SECURITY_TOKEN] {
            if let Some(value) = headers.get_mut(name) {
                value.set_sensitive(true);
            }
        }
        Self {
            operation,
            method: request.method().clone(),
            target: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
            headers,
            body: request.body().clone(),
            status,
        }
    }
}

/// Without headers and body: `CreateNotification POST /v3/p/notifications -> 201`.
impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation.unwrap_or("unknown");
        write!(f, "{operation} {} {} -> {}", self.method, self.target, self.status.as_u16())
    }
}
