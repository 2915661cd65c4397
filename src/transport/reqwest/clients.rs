//! The connections: one `reqwest::Client` for each way that requests take.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::Uri;

use super::proxy::{Proxies, Proxy};
use super::tls::Tls;
use crate::transport::{Route, TransportError, TransportErrorKind};

/// A client and the proxy that its requests pass.
pub(super) type Connection = (reqwest::Client, Option<Proxy>);

/// What every client is made with. All that the program gave is checked.
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
            // Below the idle time that gateways keep, or a create may meet a connection that is just being closed.
            pool_idle_timeout: Duration::from_secs(30),
            pool_max_idle: usize::MAX,
            addresses: Vec::new(),
            tls: Tls::default(),
        }
    }
}

/// What tells the clients apart. A client without TLS does not read the system's root certificates.
#[derive(Clone, PartialEq, Eq)]
struct Way {
    is_encrypted: bool,
    proxy: Option<Proxy>,
}

/// The clients so far. Each is made when the first request needs it.
pub(super) struct Clients {
    settings: Settings,
    proxies: Proxies,
    made: Mutex<Vec<(Way, reqwest::Client)>>,
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
        let is_encrypted =
            uri.scheme() == Some(&http::uri::Scheme::HTTPS) || proxy.as_ref().is_some_and(Proxy::is_encrypted);
        let way = Way { is_encrypted, proxy };
        // Held while a client is made, so that a hundred requests at once read the certificates once. A failure is not kept:
        // a store may be mounted later.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = made.iter().find(|(known, _)| *known == way) {
            return Ok((client.clone(), way.proxy));
        }
        let client = self.make(&way)?;
        made.push((way.clone(), client.clone()));
        Ok((client, way.proxy))
    }

    fn make(&self, way: &Way) -> Result<reqwest::Client, TransportError> {
        let settings = &self.settings;
        let mut builder = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // Another crate may have turned reqwest's http2 on, and a Host header has no place there.
            .http1_only()
            .pool_idle_timeout(settings.pool_idle_timeout)
            .pool_max_idle_per_host(settings.pool_max_idle)
            .connect_timeout(settings.connect_timeout)
            // Which proxy is decided here, for each request.
            .no_proxy();
        for (host, address) in &settings.addresses {
            builder = builder.resolve(host, *address);
        }
        if let Some(Proxy { uri, authorization }) = &way.proxy {
            let mut proxy = reqwest::Proxy::all(uri.to_string()).map_err(setup)?;
            if let Some(value) = authorization {
                proxy = proxy.custom_http_auth(value.clone());
            }
            builder = builder.proxy(proxy);
        }
        let builder = settings.tls.apply(builder, way.is_encrypted).map_err(setup)?;
        builder.build().map_err(|error| {
            if way.is_encrypted && settings.tls.needs_system_roots() {
                setup(NoSystemRoots(error))
            } else {
                setup(error)
            }
        })
    }
}

/// TLS could not be set up though all that the program gave was tried before, so it is for the system's root certificates.
#[derive(Debug, thiserror::Error)]
#[error(
    "the root certificates of this system can't be used: install the package ca-certificates, name a PEM file in \
     SSL_CERT_FILE, or give root certificates with root_certificates(…)"
)]
struct NoSystemRoots(#[source] reqwest::Error);

pub(super) fn setup(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TransportError {
    TransportError::with_source(TransportErrorKind::Setup, source)
}
