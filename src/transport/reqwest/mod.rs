//! The transport with reqwest.

mod builder;
mod clients;
mod failure;
mod origin;
mod proxy;
mod tls;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use url::Url;

pub use self::builder::ReqwestTransportBuilder;
use self::clients::{Clients, Connection, Settings};
use self::failure::classified;
use self::origin::{Origins, Target};
use self::proxy::{Proxies, Proxy};
pub use self::tls::TlsVersion;
use super::{Route, Transport, TransportError, TransportErrorKind};
use crate::BoxFuture;
use crate::endpoint::{is_link_local, is_loopback};

/// The maximum size of a response, in bytes. A list of 100 notifications of the largest documented
/// size stays below it.
const MAX_RESPONSE: usize = 16 * 1024 * 1024;

/// The message for an `https` URL in a build without TLS.
const NO_TLS: &str = "https needs TLS: enable one of the features rustls, rustls-no-provider, native-tls of huaweicloud-cts";

/// `true` if the features of this crate include TLS.
pub(crate) const HAS_TLS: bool =
    cfg!(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"));

/// A transport with reqwest: HTTP/1.1 over a pool of connections.
///
/// Redirects are not followed (a signed request is for one host), `Referer` and cookies are not
/// sent, and responses beyond 16 MiB are refused. Unless the [builder](Self::builder) or a
/// [`Route`] says otherwise, the system's proxy settings apply. A request to this machine or to a
/// link-local address never goes through a proxy.
///
/// An `https` URL needs one of the features `rustls`, `rustls-no-provider`, `native-tls`. Without
/// them the request is refused before anything is sent, because a proxy would receive it
/// unencrypted. TLS is set up by the first `https` request, which reads the system's root
/// certificates: some milliseconds of file I/O on the thread that sends it. Programs that use plain
/// HTTP need no root certificates. If there are none, each `https` request fails with
/// [`TransportErrorKind::Setup`] and searches again.
///
/// With `rustls-no-provider`, the program must install a provider before its first request, even if
/// that is not encrypted.
///
/// Clones share their connections.
#[derive(Clone)]
pub struct ReqwestTransport {
    /// The client of the program, for all requests that may go through a proxy.
    given: Option<reqwest::Client>,
    clients: Arc<Clients>,
    route: Route,
    origins: Arc<Origins>,
}

impl ReqwestTransport {
    /// Creates a transport with its own connection pool: a shortcut for a
    /// [`builder`](Self::builder) with these two settings.
    ///
    /// `connect_timeout` limits the time for name lookup, TCP and TLS together. `route` applies to
    /// requests that carry no [`Route`] of their own and leave this machine.
    ///
    /// # Errors
    ///
    /// Those of [`ReqwestTransportBuilder::build`], none of which these two settings can cause.
    pub fn new(connect_timeout: Duration, route: Route) -> Result<Self, TransportError> {
        Self::builder().connect_timeout(connect_timeout).route(route).build()
    }

    /// Returns a builder: for proxies, certificates, addresses and connections.
    ///
    /// ```
    /// use huaweicloud_cts::CtsClient;
    /// use huaweicloud_cts::credentials::DefaultCredentials;
    /// use huaweicloud_cts::transport::ReqwestTransport;
    ///
    /// let transport = ReqwestTransport::builder().no_proxy().user_agent_suffix("my-tool/1.0").build()?;
    /// # #[cfg(feature = "rustls")]
    /// let client = CtsClient::builder()
    ///     .region("eu-de")
    ///     .project_id("0123456789abcdef0123456789abcdef")
    ///     .credentials(DefaultCredentials::new())
    ///     .transport(transport)
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::new()
    }

    /// Creates a transport with your own client, for settings that the [builder](Self::builder)
    /// lacks.
    ///
    /// The limit for the size of responses and the kinds of errors stay. The client must take care
    /// of the rest:
    ///
    /// - **Redirects**: build it with `redirect(Policy::none())`. Otherwise signed requests, and
    ///   the security tokens in them, follow a redirect to other hosts; the response from there is
    ///   refused with [`TransportErrorKind::Redirected`], but the request has been sent by then.
    /// - **Repeated requests**: build it with `retry(reqwest::retry::never())`. Retries are up to
    ///   [`RetryPolicy`](crate::RetryPolicy), which knows what can be repeated.
    /// - **HTTP/1.1**: build it with `http1_only()` if its reqwest has the feature `http2`.
    ///   Requests have a `Host` header.
    /// - **Compression and cookies**: leave the features off, or build it with `no_gzip()` and the
    ///   like.
    /// - **Proxies** are the client's, also for `https` URLs. The exceptions are requests with
    ///   [`Route::Direct`] and those to link-local addresses, such as the metadata service's: they
    ///   use a client of this crate.
    ///
    /// ```no_run
    /// use huaweicloud_cts::transport::ReqwestTransport;
    ///
    /// # #[cfg(feature = "rustls")] {
    /// let client = reqwest::Client::builder()
    ///     .redirect(reqwest::redirect::Policy::none())
    ///     .retry(reqwest::retry::never())
    ///     .http1_only()
    ///     .tcp_keepalive(std::time::Duration::from_secs(60))
    ///     .build()?;
    /// let transport = ReqwestTransport::from_client(client);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_client(client: reqwest::Client) -> Self {
        Self {
            given: Some(client),
            clients: Arc::new(Clients::new(Settings::default(), Proxies::default())),
            route: Route::System,
            origins: Arc::default(),
        }
    }

    /// Returns the client for a request, and the proxy that it goes through, unless the client of
    /// the program decides that.
    fn client(
        &self,
        uri: &http::Uri,
        url: &Url,
        asked: Option<Route>,
    ) -> Result<Connection, TransportError> {
        let must_be_direct =
            asked == Some(Route::Direct) || url.host().is_some_and(|host| is_link_local(&host));
        match &self.given {
            Some(client) if !must_be_direct => Ok((client.clone(), None)),
            _ => self.clients.get(uri, self.route(url, asked)),
        }
    }

    /// Returns the route of a request to `url`. `asked` is that of the request itself.
    fn route(&self, url: &Url, asked: Option<Route>) -> Route {
        let is_local = url.host().is_some_and(|host| is_loopback(&host) || is_link_local(&host));
        if is_local { Route::Direct } else { asked.unwrap_or(self.route) }
    }

    /// Returns the target of a request. What it shares with earlier requests is not found out
    /// again.
    fn target(&self, uri: &http::Uri, asked: Option<Route>) -> Result<Target, TransportError> {
        if let Some(target) = self.origins.target(uri, asked) {
            return target;
        }
        let url = origin::url(uri)?;
        let (client, proxy) = self.client(uri, &url, asked)?;
        let target = Target { url, client, proxy };
        self.origins.keep(uri, asked, &target);
        Ok(target)
    }

    /// Hands a request over to its client, which sends it when the future is polled.
    fn sent(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<
        Sent<impl Future<Output = reqwest::Result<reqwest::Response>> + use<>>,
        TransportError,
    > {
        let Target { url, client, proxy } =
            self.target(request.uri(), request.extensions().get().copied())?;
        let expected = self.given.is_some().then(|| url.clone());
        Ok(Sent { response: client.execute(converted(request, url)), proxy, expected })
    }
}

/// A request that was handed over.
struct Sent<F> {
    response: F,
    /// What it passes.
    proxy: Option<Proxy>,
    /// Where the response must come from.
    expected: Option<Url>,
}

impl<F: Future<Output = reqwest::Result<reqwest::Response>>> Sent<F> {
    /// Waits for the response, and returns all of it.
    // Not an `async fn`, which would hold `self` twice while it waits.
    fn received(self) -> impl Future<Output = Result<http::Response<Bytes>, TransportError>> {
        let Self { response, proxy, expected } = self;
        async move {
            let failed = |error| classified(error, proxy.as_ref());
            let mut response = response.await.map_err(failed)?;
            if expected.is_some_and(|url| url != *response.url()) {
                return Err(TransportError::new(TransportErrorKind::Redirected));
            }
            if response.status() == http::StatusCode::PROXY_AUTHENTICATION_REQUIRED
                && proxy.is_some()
            {
                return Err(TransportError::new(TransportErrorKind::ProxyAuthentication)
                    .through(proxy.as_ref().map(Proxy::name)));
            }

            // Most responses arrive in one piece, which is not copied.
            let mut first = Bytes::new();
            let mut joined = BytesMut::new();
            while let Some(chunk) = response.chunk().await.map_err(failed)? {
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
            let mut complete =
                http::Response::new(if joined.is_empty() { first } else { joined.freeze() });
            *complete.status_mut() = response.status();
            *complete.headers_mut() = std::mem::take(response.headers_mut());
            Ok(complete)
        }
    }
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        // Handed over now and not in the future, which would have room for the request until its
        // end.
        match self.sent(request) {
            Ok(sent) => Box::pin(sent.received()),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport")
            .field("from_client", &self.given.is_some())
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}

fn converted(request: http::Request<Bytes>, url: Url) -> reqwest::Request {
    let (head, body) = request.into_parts();
    let mut converted = reqwest::Request::new(head.method, url);
    *converted.headers_mut() = head.headers;
    if !body.is_empty() {
        *converted.body_mut() = Some(body.into());
    }
    converted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_route_leads_a_request_for_this_machine_or_its_link_to_a_proxy() {
        let transport = ReqwestTransport::new(Duration::from_secs(1), Route::System).unwrap();
        let route = |url: &str, asked| transport.route(&Url::parse(url).unwrap(), asked);
        for asked in [None, Some(Route::System), Some(Route::Direct)] {
            for local in [
                "http://169.254.169.254/",
                "http://[fe80::1]/",
                "http://[::ffff:127.0.0.1]/",
                "http://a.localhost/",
            ] {
                assert_eq!(route(local, asked), Route::Direct, "{local} {asked:?}");
            }
            assert_eq!(route("http://cts.example.com/", asked), asked.unwrap_or(Route::System));
        }
    }
}
