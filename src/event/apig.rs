//! Events of API Gateway, and the responses to them.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::read::{decode_base64, events};
use crate::wire::loose::{BoolValue, debug, loose_struct};

loose_struct! {
    /// A request as an APIG (or APIC) trigger passes it to a function.
    ///
    /// "APIG example event" in the FunctionGraph developer guide, and live captures.
    ///
    /// ```
    /// use huaweicloud_cts::event::ApigEvent;
    ///
    /// let event = ApigEvent::from_slice(br#"{
    ///     "httpMethod": "POST", "path": "/greet", "headers": {"content-type": "application/json"},
    ///     "isBase64Encoded": true, "body": "eyJuYW1lIjoiYWxpY2UifQ=="
    /// }"#)?;
    /// assert_eq!(event.header("Content-Type"), Some("application/json"));
    /// assert_eq!(event.json::<serde_json::Value>()?["name"], "alice");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub struct ApigEvent {
        /// The HTTP method. See [`method`](Self::method).
        http_method: Option<String> = "httpMethod",
        /// The path, from the API's root.
        path: Option<String>,
        /// The headers, names in lower case. See [`header`](Self::header).
        headers: Option<Map<String, Value>>,
        /// The query parameters that the API declares. See [`query`](Self::query).
        query_string_parameters: Option<Map<String, Value>> = "queryStringParameters",
        /// The path parameters; one that matches the rest of a path has an empty name in a live
        /// capture.
        path_parameters: Option<Map<String, Value>> = "pathParameters",
        /// Which API was called.
        request_context: Option<ApigRequestContext> = "requestContext",
        /// The body as received. See [`decoded_body`](Self::decoded_body).
        body: Option<String>,
        /// Whether the body is declared as base64. Usually `true`, even in a template whose body is
        /// not.
        is_base64_encoded: BoolValue = "isBase64Encoded",
        /// What a custom authoriser returned.
        user_data: Option<String>,
    }
}

loose_struct! {
    /// Which API was called, in an [`ApigEvent`].
    pub struct ApigRequestContext {
        /// The API's id.
        api_id: Option<String> = "apiId",
        /// The request's id.
        request_id: Option<String> = "requestId",
        /// The environment: `RELEASE`.
        stage: Option<String>,
        /// The caller's address.
        source_ip: Option<String> = "sourceIp",
    }
}

events!(ApigEvent = "APIG event" with "httpMethod": Text;);

impl ApigEvent {
    /// Returns the HTTP method, parsed.
    #[must_use]
    pub fn method(&self) -> Option<Method> {
        self.http_method.as_deref()?.parse().ok()
    }

    /// Returns the value of a header. The case of `name` does not matter.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .as_ref()?
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?
            .1
            .as_str()
    }

    /// Returns the value of a query parameter. A value that is not a string is returned as its
    /// JSON.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.query_string_parameters.as_ref()?.get(name)? {
            Value::String(text) => Some(text.into()),
            value => Some(value.to_string().into()),
        }
    }

    /// Returns the bytes of the body: decoded if it is declared as base64 and is, else as they are.
    /// Empty without a body.
    ///
    /// A body that is wrongly declared as base64 but looks like base64 is decoded too: the two
    /// can't be told apart.
    #[must_use]
    pub fn decoded_body(&self) -> Cow<'_, [u8]> {
        let body = self.body.as_deref().unwrap_or_default();
        if self.is_base64_encoded.get() == Some(true)
            && let Ok(decoded) = decode_base64(body)
        {
            return decoded.into();
        }
        body.as_bytes().into()
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// If it is not JSON, or does not fit the type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.decoded_body())
    }
}

/// The response of a function to an [`ApigEvent`]. Serialize it as JSON.
///
/// ```
/// use http::StatusCode;
/// use huaweicloud_cts::event::ApigResponse;
///
/// let response = ApigResponse::json(StatusCode::CREATED, &["a"])?.header("x-id", "7");
/// assert_eq!(
///     serde_json::to_string(&response)?,
///     r#"{"isBase64Encoded":false,"statusCode":201,"headers":{"content-type":"application/json","x-id":"7"},"body":"[\"a\"]"}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use]
pub struct ApigResponse {
    is_base64_encoded: bool,
    status_code: u16,
    headers: Map<String, Value>,
    body: String,
}

impl fmt::Debug for ApigResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug("ApigResponse", self, f)
    }
}

impl ApigResponse {
    /// Creates a response with a body of plain text.
    pub fn text(status: StatusCode, body: impl Into<String>) -> Self {
        Self::new(status, false, body.into()).header("content-type", "text/plain;charset=utf-8")
    }

    /// Creates a response with a value as JSON.
    ///
    /// # Errors
    ///
    /// If the value can't be written as JSON.
    pub fn json<T: Serialize + ?Sized>(
        status: StatusCode,
        body: &T,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self::new(status, false, serde_json::to_string(body)?)
            .header("content-type", "application/json"))
    }

    /// Creates a response with any bytes, sent as base64.
    pub fn bytes(status: StatusCode, body: impl AsRef<[u8]>) -> Self {
        Self::new(status, true, STANDARD.encode(body))
            .header("content-type", "application/octet-stream")
    }

    fn new(status: StatusCode, is_base64_encoded: bool, body: String) -> Self {
        Self { is_base64_encoded, status_code: status.as_u16(), headers: Map::new(), body }
    }

    /// Sets a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), Value::String(value.into()));
        self
    }
}
