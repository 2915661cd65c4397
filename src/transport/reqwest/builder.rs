//! The builder of the transport with reqwest.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use zeroize::Zeroizing;

use super::ReqwestTransport;
use super::clients::{Clients, Settings, setup};
use super::proxy::{Proxies, Source, User};
use super::tls::{Roots, Tls, TlsSettings, TlsVersion};
use crate::endpoint::without_secrets;
use crate::transport::{Route, TransportError};

/// A builder of a [`ReqwestTransport`].
///
/// ```
/// use std::time::Duration;
/// use huaweicloud_cts::transport::ReqwestTransport;
///
/// let transport = ReqwestTransport::builder()
///     .connect_timeout(Duration::from_secs(3))
///     .proxy("http://proxy.example.com:3128")
///     .proxy_credentials("user", "password")
///     .proxy_exceptions("internal.example.com, 10.0.0.0/8")
///     .user_agent_suffix("my-tool/1.0")
///     .build()?;
/// # Ok::<(), huaweicloud_cts::transport::TransportError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct ReqwestTransportBuilder {
    settings: Settings,
    route: Route,
    proxy: Source,
    proxy_exceptions: Option<String>,
    proxy_user: Option<User>,
    tls: TlsSettings,
}

impl ReqwestTransportBuilder {
    pub(super) fn new() -> Self {
        Self {
            settings: Settings::default(),
            route: Route::System,
            proxy: Source::System,
            proxy_exceptions: None,
            proxy_user: None,
            tls: TlsSettings::default(),
        }
    }

    /// Limits the time for name lookup, TCP, the proxy's tunnel and TLS together. 5 seconds unless
    /// set.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.settings.connect_timeout = limit;
        self
    }

    /// Sets the [`Route`] of requests that carry none of their own. [`Route::System`] unless set.
    ///
    /// ```
    /// use huaweicloud_cts::transport::{ReqwestTransport, Route};
    ///
    /// let transport = ReqwestTransport::builder().route(Route::Direct).build()?;
    /// # Ok::<(), huaweicloud_cts::transport::TransportError>(())
    /// ```
    pub fn route(mut self, route: Route) -> Self {
        self.route = route;
        self
    }

    /// Sets the proxy for `http` and `https` requests, in place of the system's settings.
    ///
    /// The URL starts with `http://` (assumed if there is no scheme) or `https://` (the connection
    /// to the proxy is then encrypted too). It may hold a user and a password, percent-encoded.
    /// SOCKS is not supported. Requests to this machine and to link-local addresses pass no proxy.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Source::Url(Zeroizing::new(url.into()));
        self
    }

    /// Sets user and password for the proxy that [`proxy`](Self::proxy) names, in place of those in
    /// its URL.
    pub fn proxy_credentials(
        mut self,
        user: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        self.proxy_user = Some((user.into(), Zeroizing::new(password.into())));
        self
    }

    /// Sets the hosts that are reached without the proxy, in the form of `NO_PROXY`, separated by
    /// commas: a name stands for itself and all names below it (`example.com` and `.example.com`
    /// are the same), an address or a network (`10.0.0.0/8`) for hosts given by address, `*` for
    /// every host. With the system's proxy, these come on top of `NO_PROXY`.
    ///
    /// ```
    /// use huaweicloud_cts::transport::ReqwestTransport;
    ///
    /// let transport = ReqwestTransport::builder()
    ///     .proxy("proxy.example.com:3128")
    ///     .proxy_exceptions("cts.internal.example.com, 10.0.0.0/8")
    ///     .build()?;
    /// # Ok::<(), huaweicloud_cts::transport::TransportError>(())
    /// ```
    pub fn proxy_exceptions(mut self, hosts: impl Into<String>) -> Self {
        self.proxy_exceptions = Some(hosts.into());
        self
    }

    /// Uses no proxy, whatever the system's settings and the [`Route`] of a request say.
    ///
    /// ```
    /// use huaweicloud_cts::transport::ReqwestTransport;
    ///
    /// let transport = ReqwestTransport::builder().no_proxy().build()?;
    /// # Ok::<(), huaweicloud_cts::transport::TransportError>(())
    /// ```
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Source::Off;
        self
    }

    /// Trusts the certificate authorities in this PEM string, in addition to the system's and those
    /// given before. It may contain several certificates.
    ///
    /// ```no_run
    /// use huaweicloud_cts::transport::ReqwestTransport;
    ///
    /// let transport = ReqwestTransport::builder()
    ///     .root_certificates(std::fs::read("company-ca.pem")?)
    ///     .client_certificate(std::fs::read("client-with-key.pem")?)
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn root_certificates(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.tls.roots.push(Roots::Pem(pem.as_ref().to_owned()));
        self
    }

    /// Trusts the certificate authorities in this PEM file, in addition to the system's and those
    /// given before. The file is read by [`build`](Self::build).
    pub fn root_certificates_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.tls.roots.push(Roots::File(path.into()));
        self
    }

    /// Trusts only the certificate authorities that are given. The system's are not read.
    pub fn without_system_roots(mut self) -> Self {
        self.tls.without_system_roots = true;
        self
    }

    /// Presents this certificate to servers that ask for one. The PEM string contains the
    /// certificate, its intermediate certificates and its private key, unencrypted: in PKCS#8, or
    /// with rustls in PKCS#1 or SEC1.
    pub fn client_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.tls.identity = Some(Zeroizing::new(pem.as_ref().to_owned()));
        self
    }

    /// Refuses older versions of TLS. Unless set, the oldest is that of the TLS library, which is
    /// TLS 1.2 with rustls.
    ///
    /// ```
    /// use huaweicloud_cts::transport::{ReqwestTransport, TlsVersion};
    ///
    /// let builder = ReqwestTransport::builder().min_tls_version(TlsVersion::V1_3);
    /// ```
    pub fn min_tls_version(mut self, version: TlsVersion) -> Self {
        self.tls.min_version = Some(version);
        self
    }

    /// Connects to this address, in place of those that a lookup of the host's name returns. With
    /// port 0, the port is the URL's. The certificate must still be for the name. A proxy looks
    /// names up by itself.
    ///
    /// ```
    /// use std::net::SocketAddr;
    /// use std::time::Duration;
    /// use huaweicloud_cts::transport::ReqwestTransport;
    ///
    /// let transport = ReqwestTransport::builder()
    ///     .resolve("cts.eu-de.otc.t-systems.com", SocketAddr::from(([10, 0, 0, 7], 0)))
    ///     .pool_idle_timeout(Duration::from_secs(10))
    ///     .pool_max_idle_per_host(4)
    ///     .build()?;
    /// # Ok::<(), huaweicloud_cts::transport::TransportError>(())
    /// ```
    pub fn resolve(mut self, host: impl Into<String>, address: SocketAddr) -> Self {
        self.settings.addresses.push((host.into(), address));
        self
    }

    /// Limits how long an idle connection is kept. 30 seconds unless set: a longer time may exceed
    /// that of a gateway, which may then close the connection just as a request is sent.
    pub fn pool_idle_timeout(mut self, limit: Duration) -> Self {
        self.settings.pool_idle_timeout = limit;
        self
    }

    /// Limits how many idle connections to a host are kept. No limit unless set.
    pub fn pool_max_idle_per_host(mut self, connections: usize) -> Self {
        self.settings.pool_max_idle = connections;
        self
    }

    /// Appends a string to the `User-Agent`, after a space, such as the name and version of your
    /// program.
    pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.settings.user_agent.push(' ');
        self.settings.user_agent.push_str(&suffix.into());
        self
    }

    /// Creates the transport. Connects to nothing, and does not read the system's root
    /// certificates.
    ///
    /// # Errors
    ///
    /// [`TransportErrorKind::Setup`](crate::transport::TransportErrorKind::Setup) if something that
    /// was given cannot be used: a proxy's URL, a PEM string without a certificate, a file that
    /// cannot be read, a certificate in a build without TLS.
    pub fn build(self) -> Result<ReqwestTransport, TransportError> {
        let Self { mut settings, route, proxy, proxy_exceptions, proxy_user, tls } = self;
        if HeaderValue::from_str(&settings.user_agent).is_err() {
            return Err(setup("the suffix of the user agent can't be sent in a header"));
        }
        settings.tls = Tls::read(&tls).map_err(setup)?;
        let proxies = Proxies::new(&proxy, proxy_exceptions.as_deref(), proxy_user.as_ref())
            .map_err(setup)?;
        let clients = Arc::new(Clients::new(settings, proxies));
        Ok(ReqwestTransport { given: None, clients, route, origins: Arc::default() })
    }
}

impl fmt::Debug for ReqwestTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ReqwestTransportBuilder");
        shown.field("connect_timeout", &self.settings.connect_timeout).field("route", &self.route);
        match &self.proxy {
            Source::System => shown.field("proxy", &"system"),
            Source::Off => shown.field("proxy", &"none"),
            Source::Url(url) => shown.field("proxy", &without_secrets(url)),
        };
        shown
            .field("proxy_exceptions", &self.proxy_exceptions)
            .field("root_certificates", &self.tls.roots.len())
            .field("without_system_roots", &self.tls.without_system_roots)
            .field("client_certificate", &self.tls.identity.is_some())
            .field("min_tls_version", &self.tls.min_version)
            .field("addresses", &self.settings.addresses)
            .field("user_agent", &self.settings.user_agent)
            .finish_non_exhaustive()
    }
}
