//! The clients of reqwest: one for each combination of proxy and encryption.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::Uri;

use super::proxy::{Proxies, Proxy};
use super::tls::Tls;
use crate::transport::{Route, TransportError, TransportErrorKind};

/// A client, and the proxy that its requests pass through.
pub(super) type Connection = (reqwest::Client, Option<Proxy>);

/// The settings of every client, all of them checked.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) connect_timeout: Duration,
    pub(super) user_agent: String,
    pub(super) pool_idle_timeout: Duration,
    pub(super) pool_max_idle: usize,
    pub(super) addresses: Vec<(String, SocketAddr)>,
    pub(super) tls: Tls,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            user_agent: concat!("huaweicloud-cts-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
            // Below the idle time of gateways. Otherwise a create may use a connection that is just
            // being closed.
            pool_idle_timeout: Duration::from_secs(30),
            pool_max_idle: usize::MAX,
            addresses: Vec::new(),
            tls: Tls::default(),
        }
    }
}

/// What distinguishes the clients. A client without TLS does not read the system's root
/// certificates.
#[derive(Clone, PartialEq, Eq)]
struct Kind {
    is_encrypted: bool,
    proxy: Option<Proxy>,
}

/// The clients so far. Each is created when the first request needs it.
pub(super) struct Clients {
    settings: Settings,
    proxies: Proxies,
    made: Mutex<Vec<(Kind, reqwest::Client)>>,
}

impl Clients {
    pub(super) fn new(settings: Settings, proxies: Proxies) -> Self {
        Self { settings, proxies, made: Mutex::default() }
    }

    /// Returns the client for a request to `uri`, and the proxy that it passes.
    pub(super) fn get(&self, uri: &Uri, route: Route) -> Result<Connection, TransportError> {
        let proxy = match route {
            Route::System => self.proxies.of(uri).map_err(setup)?,
            Route::Direct => None,
        };
        let is_encrypted = uri.scheme() == Some(&http::uri::Scheme::HTTPS)
            || proxy.as_ref().is_some_and(Proxy::is_encrypted);
        let kind = Kind { is_encrypted, proxy };
        // Held while a client is created, so that a hundred concurrent requests read the
        // certificates once. A failure is not kept, because a certificate store may be mounted
        // later.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = made.iter().find(|(known, _)| *known == kind) {
            return Ok((client.clone(), kind.proxy));
        }
        let client = self.make(&kind)?;
        made.push((kind.clone(), client.clone()));
        Ok((client, kind.proxy))
    }

    fn make(&self, kind: &Kind) -> Result<reqwest::Client, TransportError> {
        let settings = &self.settings;
        let mut builder = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            // Without a limit of 0, a copy of the headers is kept for the retry that never happens.
            .retry(reqwest::retry::never().max_retries_per_request(0))
            .referer(false)
            // Another crate may have enabled http2, where a Host header is not allowed.
            .http1_only()
            .pool_idle_timeout(settings.pool_idle_timeout)
            .pool_max_idle_per_host(settings.pool_max_idle)
            .connect_timeout(settings.connect_timeout)
            // The proxy is decided here, for each request.
            .no_proxy();
        for (host, address) in &settings.addresses {
            builder = builder.resolve(host, *address);
        }
        if let Some(Proxy { uri, authorization }) = &kind.proxy {
            let mut proxy = reqwest::Proxy::all(uri.to_string()).map_err(setup)?;
            if let Some(value) = authorization {
                proxy = proxy.custom_http_auth(value.clone());
            }
            builder = builder.proxy(proxy);
        }
        let builder = settings.tls.apply(builder, kind.is_encrypted).map_err(setup)?;
        builder.build().map_err(|error| {
            if kind.is_encrypted && settings.tls.needs_system_roots() {
                setup(NoSystemRoots(error))
            } else {
                setup(error)
            }
        })
    }
}

/// TLS can't be set up. All that the program gave was tried before, so the cause is the system's
/// root certificates.
#[derive(Debug, thiserror::Error)]
#[error(
    "the root certificates of this system can't be used: install the package ca-certificates, name a PEM file in \
     SSL_CERT_FILE, or pass root certificates to root_certificates(…)"
)]
struct NoSystemRoots(#[source] reqwest::Error);

pub(super) fn setup(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TransportError {
    TransportError::with_source(TransportErrorKind::Setup, source)
}
