//! Requests as the fake receives them.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

/// A request that the fake received, and the status of its answer.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedCall {
    /// The method.
    pub method: Method,
    /// Path and query as they came.
    pub target: String,
    /// The headers as they came.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Bytes,
    /// The status of the answer.
    pub status: StatusCode,
}

impl fmt::Debug for RecordedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.method, self.target, self.status.as_u16())
    }
}

/// The values of a query parameter.
pub(super) fn parameters(query: &str, name: &str) -> Vec<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .collect()
}
