//! One exchange with a service that returns credentials.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::{CredentialsContext, CredentialsError};
use crate::endpoint::{Endpoint, EndpointError};
use crate::transport::{Route, Transport, TransportError, TransportErrorKind};
use crate::wire;

/// The transport to a service: the provider's own, or the client's, or one over reqwest that is
/// created at the first use.
#[derive(Clone, Debug)]
pub(super) struct Http {
    pub(super) transport: Option<Arc<dyn Transport>>,
    made: OnceLock<Arc<dyn Transport>>,
    #[cfg_attr(
        not(feature = "reqwest"),
        expect(dead_code, reason = "for the transport over reqwest")
    )]
    connect_limit: Duration,
    #[cfg_attr(
        not(feature = "reqwest"),
        expect(dead_code, reason = "for the transport over reqwest")
    )]
    route: Route,
}

impl Http {
    /// `connect_limit` and `route` are for the transport that is created if none is given.
    pub(super) fn new(connect_limit: Duration, route: Route) -> Self {
        Self { transport: None, made: OnceLock::new(), connect_limit, route }
    }

    pub(super) fn transport<'t>(
        &'t self,
        context: &'t CredentialsContext,
    ) -> Result<&'t dyn Transport, CredentialsError> {
        let given = self.transport.as_deref().or_else(|| context.transport());
        if let Some(transport) = given.or_else(|| self.made.get().map(AsRef::as_ref)) {
            return Ok(transport);
        }
        #[cfg(feature = "reqwest")]
        match crate::transport::ReqwestTransport::new(self.connect_limit, self.route) {
            Ok(transport) => Ok(self.made.get_or_init(|| Arc::new(transport))),
            Err(error) => Err(CredentialsError::failed("the HTTP client can't be set up", error)),
        }
        #[cfg(not(feature = "reqwest"))]
        Err(CredentialsError::invalid(
            "the credentials are fetched over HTTP, and there is no transport: enable one of the features rustls, \
             native-tls, reqwest, or call transport(…)",
        ))
    }
}

/// Returns the endpoint of a service that is sent tokens or signed requests, if no one on the way
/// can read them. `origin` is the setting that it is from.
pub(super) fn encrypted(
    parsed: Result<Endpoint, EndpointError>,
    service: &str,
    origin: &str,
) -> Result<Endpoint, CredentialsError> {
    let endpoint = parsed.map_err(|EndpointError { endpoint, reason }| {
        CredentialsError::invalid(format!(
            "the endpoint {endpoint:?} of {service} ({origin}) can't be used: {reason}"
        ))
    })?;
    if endpoint.is_exposed() {
        let url = &endpoint.url;
        return Err(CredentialsError::invalid(format!(
            "the endpoint {url} of {service} ({origin}) is not encrypted: use https://"
        )));
    }
    Ok(endpoint)
}

/// Creates an unsigned request to `endpoint`.
pub(super) fn request(
    method: Method,
    endpoint: &Endpoint,
    path: &str,
    headers: impl IntoIterator<Item = (&'static str, HeaderValue)>,
    body: Bytes,
) -> Result<Request<Bytes>, CredentialsError> {
    let uri = Uri::try_from(format!("{}{path}", endpoint.root())).map_err(|error| {
        CredentialsError::invalid(format!("the endpoint can't be used: {error}"))
    })?;
    let has_body = !body.is_empty();
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    request.headers_mut().insert(HOST, endpoint.host.clone());
    if has_body {
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
    }
    for (name, value) in headers {
        request.headers_mut().insert(HeaderName::from_static(name), value);
    }
    Ok(request)
}

/// Sends a request, and waits for the response no longer than `limit`.
pub(super) async fn exchange(
    transport: &dyn Transport,
    request: Request<Bytes>,
    limit: Duration,
) -> Result<Response<Bytes>, TransportError> {
    match tokio::time::timeout(limit, transport.send(request)).await {
        Ok(sent) => sent.map(|response| match wire::unpacked(response.body()) {
            Ok(body) => response.map(|_| body),
            Err(_) => response,
        }),
        Err(_) => {
            Err(TransportError::with_source(TransportErrorKind::Timeout, format!("{limit:?}")))
        }
    }
}

/// Serializes a value that contains `secret`, into bytes that are wiped.
pub(super) fn secret_json(value: &impl Serialize, secret: &str) -> Result<Wiped, CredentialsError> {
    // Allocated once, because a vector that grows leaves its former contents behind.
    let mut json = Vec::with_capacity(secret.len() + 256);
    serde_json::to_writer(&mut json, value)
        .map_err(|error| CredentialsError::failed("the request can't be serialized", error))?;
    Ok(Wiped(Bytes::from(json)))
}

/// Bytes that are wiped from memory when their last owner drops them.
pub(super) struct Wiped(pub(super) Bytes);

impl Drop for Wiped {
    fn drop(&mut self) {
        if let Ok(mut bytes) = std::mem::take(&mut self.0).try_into_mut() {
            bytes.zeroize();
        }
    }
}

/// Returns what can be shown of a refusal: the status and, if the body has one, an error code such
/// as `IAM.0011`. Nothing else of the body, because it may repeat what was sent.
pub(super) fn refusal(status: StatusCode, body: &[u8]) -> String {
    match code(body) {
        Some(code) => format!("{} {code}", status.as_u16()),
        None => format!("status {}", status.as_u16()),
    }
}

fn code(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(alias = "code", alias = "errorCode")]
        error_code: Option<String>,
    }
    #[derive(Deserialize)]
    struct Nested {
        error: Refusal,
    }
    let flat = serde_json::from_slice(body).ok().and_then(|Refusal { error_code }| error_code);
    let code = flat.or_else(|| {
        serde_json::from_slice(body).ok().and_then(|Nested { error }| error.error_code)
    })?;
    let (service, number) = code.split_once('.')?;
    let is_code = (1..=16).contains(&service.len())
        && service.starts_with(|c: char| c.is_ascii_alphabetic())
        && service.bytes().all(|b| b.is_ascii_alphanumeric())
        && (1..=8).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit());
    is_code.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_shows_its_code_and_no_more() {
        for (body, shown) in [
            (r#"{"error_code":"IAM.0011","error_msg":"sentinel"}"#, "401 IAM.0011"),
            (r#"{"error":{"code":"IAM.0001","message":"sentinel"}}"#, "401 IAM.0001"),
            (r#"{"error":{"code":401,"message":"sentinel","title":"Unauthorized"}}"#, "status 401"),
            (r#"{"error_code":"STS5.1001","error_msg":"sentinel"}"#, "401 STS5.1001"),
            (r#"{"code":"a sentinel"}"#, "status 401"),
            (r#"{"code":"x-sentinel"}"#, "status 401"),
            (r#"{"code":"x.1.sentinel"}"#, "status 401"),
            (r#"["sentinel"]"#, "status 401"),
            (r#"{"code":""}"#, "status 401"),
            ("sentinel", "status 401"),
            ("[]", "status 401"),
            ("", "status 401"),
        ] {
            assert_eq!(refusal(StatusCode::UNAUTHORIZED, body.as_bytes()), shown, "{body}");
        }
    }

    #[test]
    fn bytes_are_wiped_unless_shared() {
        let shared = Bytes::from(b"secret".to_vec());
        drop(Wiped(shared.clone()));
        assert_eq!(shared, "secret");
        drop(Wiped(Bytes::from_static(b"secret")));
    }
}
