//! The transport over reqwest.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use url::Url;

use super::{Route, Transport, TransportError, TransportErrorKind};
use crate::BoxFuture;
use crate::endpoint::{is_link_local, is_loopback};

/// The largest answer that is read, in bytes. A list of 100 rules of the largest documented size stays below it.
const MAX_RESPONSE: usize = 16 * 1024 * 1024;

/// Says what to do about an `https` URL in a build without TLS.
const NO_TLS: &str =
    "https needs TLS: turn on one of the features rustls, rustls-no-provider, native-tls of huaweicloud-cts";

/// Whether this crate's features bring TLS.
pub(crate) const HAS_TLS: bool = cfg!(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"));

/// HTTP/1.1 over a pool of kept connections.
///
/// Redirects are not followed (a signed request is for one host), `Referer` and cookies are not sent, and responses beyond
/// 16 MiB are refused. The system's proxy settings hold, as far as the [`Route`] allows it; a request to this machine or to
/// a link-local address never passes a proxy.
///
/// An `https` URL needs one of the features `rustls`, `rustls-no-provider`, `native-tls`. Without them the request is refused
/// before anything is sent, since a proxy would get it in clear.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    connect_timeout: Duration,
    route: Route,
    // Each is made when the first request needs it: reading the system's certificates costs time.
    system: Arc<OnceLock<reqwest::Client>>,
    direct: Arc<OnceLock<reqwest::Client>>,
}

impl ReqwestTransport {
    /// Creates a transport with its own connection pool.
    ///
    /// `connect_timeout` limits the time for name look-up, TCP and TLS together. `route` is for requests that carry no
    /// [`Route`] of their own and leave this machine.
    ///
    /// # Errors
    ///
    /// [`TransportErrorKind::Unsendable`] if TLS cannot be set up: with the feature `rustls-no-provider`, when the
    /// program has installed no provider.
    pub fn new(connect_timeout: Duration, route: Route) -> Result<Self, TransportError> {
        let transport = Self::lazy(connect_timeout, route);
        transport.client(route)?;
        Ok(transport)
    }

    /// Creates a transport that sets up nothing yet.
    fn lazy(connect_timeout: Duration, route: Route) -> Self {
        Self { connect_timeout, route, system: Arc::default(), direct: Arc::default() }
    }

    /// Creates the transport of a client whose first request goes to this host: what that request needs is set up now.
    pub(crate) fn for_host(connect_timeout: Duration, is_loopback: bool) -> Result<Self, TransportError> {
        let transport = Self::lazy(connect_timeout, Route::System);
        transport.client(if is_loopback { Route::Direct } else { Route::System })?;
        Ok(transport)
    }

    /// Returns the client for a route. It is made at the first use.
    fn client(&self, route: Route) -> Result<&reqwest::Client, TransportError> {
        let made = match route {
            Route::System => &self.system,
            Route::Direct => &self.direct,
        };
        if let Some(client) = made.get() {
            return Ok(client);
        }
        let client = client(self.connect_timeout, route)?;
        Ok(made.get_or_init(|| client))
    }

    /// Returns the way that a request to `url` takes. `asked` is what the request itself says.
    fn route(&self, url: &Url, asked: Option<Route>) -> Route {
        let is_local = url.host().is_some_and(|host| is_loopback(&host) || is_link_local(&host));
        if is_local { Route::Direct } else { asked.unwrap_or(self.route) }
    }

    async fn exchange(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let asked = request.extensions().get().copied();
        let request = convert(request)?;
        let client = self.client(self.route(request.url(), asked))?;
        let mut response = client.execute(request).await.map_err(classified)?;

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

fn client(connect_timeout: Duration, route: Route) -> Result<reqwest::Client, TransportError> {
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
    builder.build().map_err(|error| TransportError::with_source(TransportErrorKind::Unsendable, error))
}

fn convert(request: http::Request<Bytes>) -> Result<reqwest::Request, TransportError> {
    let (head, body) = request.into_parts();
    let url = Url::parse(&head.uri.to_string())
        .map_err(|error| TransportError::with_source(TransportErrorKind::Unsendable, error))?;
    if url.scheme() == "https" && !HAS_TLS {
        return Err(TransportError::with_source(TransportErrorKind::Unsendable, NO_TLS));
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_route_leads_a_request_for_this_machine_or_its_link_to_a_proxy() {
        let transport = ReqwestTransport::lazy(Duration::from_secs(1), Route::System);
        let route = |url: &str, asked| transport.route(&Url::parse(url).unwrap(), asked);
        for asked in [None, Some(Route::System), Some(Route::Direct)] {
            for local in
                ["http://169.254.169.254/", "http://[fe80::1]/", "http://[::ffff:127.0.0.1]/", "http://a.localhost/"]
            {
                assert_eq!(route(local, asked), Route::Direct, "{local} {asked:?}");
            }
            assert_eq!(route("http://cts.example.com/", asked), asked.unwrap_or(Route::System));
        }
    }
}
