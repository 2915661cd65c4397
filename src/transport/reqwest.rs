//! The transport over reqwest.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use url::Url;

use super::{Transport, TransportError, TransportErrorKind};
use crate::BoxFuture;

/// The largest answer that is read, in bytes. A list of 100 rules of the largest documented size stays below it.
const MAX_RESPONSE: usize = 16 * 1024 * 1024;

/// HTTP/1.1 over a pool of kept connections.
///
/// Redirects are not followed (a signed request is for one host), `Referer` and cookies are not sent, the system's proxy
/// settings hold except for loopback addresses, and answers beyond 16 MiB are refused.
#[derive(Clone, Debug)]
pub struct ReqwestTransport(reqwest::Client);

/// Which way requests take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Route {
    /// Through the system's proxy, if its settings (`HTTPS_PROXY`, `NO_PROXY`) name one for the host.
    System,
    /// Straight to the host.
    Direct,
}

impl ReqwestTransport {
    /// A transport with its own connection pool.
    ///
    /// `connect_timeout` limits the time for name look-up, TCP and TLS together.
    ///
    /// # Errors
    ///
    /// [`TransportErrorKind::Unsendable`] if TLS cannot be set up: with the feature `rustls-no-provider`, when the
    /// program has installed no provider.
    pub fn new(connect_timeout: Duration, route: Route) -> Result<Self, TransportError> {
        #[cfg(all(feature = "rustls-no-provider", not(feature = "rustls"), not(feature = "native-tls")))]
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(TransportError::with_source(
                TransportErrorKind::Unsendable,
                "the feature rustls-no-provider is on, but no provider is installed: call \
                 rustls::crypto::CryptoProvider::install_default first",
            ));
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("huaweicloud-cts-rust/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // Another crate may have turned reqwest's http2 on, and a Host header has no place there.
            .http1_only()
            // Below the idle time that gateways keep, or a create may meet a connection that is just being closed.
            .pool_idle_timeout(Duration::from_secs(30))
            .connect_timeout(connect_timeout);
        if route == Route::Direct {
            builder = builder.no_proxy();
        }
        match builder.build() {
            Ok(client) => Ok(Self(client)),
            Err(error) => Err(TransportError::with_source(TransportErrorKind::Unsendable, error)),
        }
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let mut response = self.0.execute(convert(request)?).await.map_err(classified)?;

        // Most answers come in one piece, which is then not copied.
        let mut first = Bytes::new();
        let mut joined = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(classified)? {
            if first.len().max(joined.len()) + chunk.len() > MAX_RESPONSE {
                return Err(TransportError::with_source(
                    TransportErrorKind::TooLarge,
                    format!("more than {} MiB", MAX_RESPONSE / (1024 * 1024)),
                ));
            }
            if first.is_empty() {
                first = chunk;
                continue;
            }
            if joined.is_empty() {
                joined.extend_from_slice(&first);
            }
            joined.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::new(if joined.is_empty() { first } else { joined.freeze() });
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

impl Transport for ReqwestTransport {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

fn convert(request: http::Request<Bytes>) -> Result<reqwest::Request, TransportError> {
    let (head, body) = request.into_parts();
    let url = Url::parse(&head.uri.to_string())
        .map_err(|error| TransportError::with_source(TransportErrorKind::Unsendable, error))?;
    // What was signed must be what is sent; `Url` would resolve dots and encode characters.
    if url.path() != head.uri.path() || url.query() != head.uri.query() {
        return Err(TransportError::with_source(
            TransportErrorKind::Unsendable,
            "the URL would change on its way, and its signature would not hold",
        ));
    }
    let mut converted = reqwest::Request::new(head.method, url);
    *converted.headers_mut() = head.headers;
    if !body.is_empty() {
        *converted.body_mut() = Some(body.into());
    }
    Ok(converted)
}

fn classified(error: reqwest::Error) -> TransportError {
    let kind = if error.is_dns() {
        TransportErrorKind::Dns
    } else if error.is_connect() {
        if is_tls(&error) { TransportErrorKind::Tls } else { TransportErrorKind::Connect }
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_builder() {
        TransportErrorKind::Unsendable
    } else {
        TransportErrorKind::Interrupted
    };
    TransportError::with_source(kind, error.without_url())
}

/// Whether a connection failed when it was to be encrypted. Both TLS libraries report that as I/O errors with one of their
/// own inside, and the system's refusals come with its number.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            use std::io::ErrorKind::{InvalidData, Other, UnexpectedEof};

            let foreign = io.raw_os_error().is_none() && io.get_ref().is_some();
            return foreign && matches!(io.kind(), InvalidData | Other | UnexpectedEof);
        }
        next = error.source();
    }
    false
}
