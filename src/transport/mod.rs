//! How requests reach the service: the [`Transport`] seam, and the one over reqwest.
//!
//! A transport carries one signed request and brings one answer. Signing, time limits, reading the answer and deciding
//! whether to try again happen above it. Bring your own for another HTTP stack; the fake service of [`testing`](crate) is one
//! too.

#[cfg(feature = "reqwest")]
mod reqwest;
mod route;

use std::error::Error as StdError;
use std::fmt;

use bytes::Bytes;

use crate::BoxFuture;

#[cfg(feature = "reqwest")]
pub(crate) use self::reqwest::HAS_TLS;
#[cfg(feature = "reqwest")]
pub use self::reqwest::{ReqwestTransport, ReqwestTransportBuilder, TlsVersion};
pub use self::route::Route;

/// Carries one request to the service and brings its answer.
///
/// The request is absolute (scheme and host in its URI) and signed: it must go out with this very target and these
/// header values, and redirects must not be followed. Dropping the future must cancel the exchange. A request with
/// [`Route::Direct`] among its extensions must not pass a proxy: it is for a service of this machine, such as the metadata
/// service, and the response holds credentials.
///
/// ```
/// use bytes::Bytes;
/// use huaweicloud_cts::BoxFuture;
/// use huaweicloud_cts::transport::{Transport, TransportError};
///
/// /// Answers every call with an empty list.
/// #[derive(Debug)]
/// struct Empty;
///
/// impl Transport for Empty {
///     fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
///         Box::pin(async { Ok(http::Response::new(Bytes::from_static(b"{\"notifications\":[]}"))) })
///     }
/// }
/// ```
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request` and reads the whole answer, whatever its status.
    ///
    /// # Errors
    ///
    /// [`TransportError`] when there is no complete answer. Its kind must be right: calls that surely did not arrive are
    /// repeated, others only where repeating is harmless.
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        (**self).send(request)
    }
}

/// Why there is no answer. Never names the query or a header.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Box<dyn StdError + Send + Sync>>,
    /// The proxy that the request went through, without user and password.
    proxy: Option<String>,
}

/// How far a request got that has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection was made: the request surely did not arrive.
    Connect,
    /// The host's name has no address: the request surely did not arrive.
    Dns,
    /// The connection could not be encrypted: the request surely did not arrive.
    Tls,
    /// The time limit passed. The request may have arrived.
    Timeout,
    /// The connection broke on the way. The request may have arrived.
    Interrupted,
    /// The answer was larger than the transport takes. The request arrived.
    TooLarge,
    /// Something else, before anything was sent: a request that this transport cannot express.
    Unsendable,
    /// The transport can't be set up: there are no root certificates for TLS, or a setting can't be used. Nothing was sent.
    Setup,
    /// The proxy wants a user and a password, or others: the request surely did not arrive.
    ProxyAuthentication,
    /// The HTTP client followed a redirect, and the response is from another URL. The request may have arrived.
    Redirected,
}

impl TransportErrorKind {
    /// Whether the request surely did not reach the service.
    #[must_use]
    pub fn is_unsent(self) -> bool {
        matches!(
            self,
            Self::Connect | Self::Dns | Self::Tls | Self::Unsendable | Self::Setup | Self::ProxyAuthentication
        )
    }

    /// Whether a request that failed so fails again, whenever it is repeated.
    pub(crate) fn is_lasting(self) -> bool {
        matches!(self, Self::TooLarge | Self::Unsendable | Self::Setup | Self::ProxyAuthentication | Self::Redirected)
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Connect => "no connection to the service",
            Self::Dns => {
                "the host name of the service, or of the proxy before it, has no address: is the endpoint or the region right?"
            }
            Self::Tls => {
                "no encrypted connection to the service: its certificate is not trusted here, or it does not speak TLS on \
                 this port"
            }
            Self::Timeout => "no answer within the time limit",
            Self::Interrupted => "the connection broke before the answer was complete",
            Self::TooLarge => "the answer is too large",
            Self::Unsendable => "the request cannot be sent",
            Self::Setup => "the HTTP client can't be set up",
            Self::ProxyAuthentication => {
                "the proxy wants a user and a password, or others: put them into its URL, or call proxy_credentials(…)"
            }
            Self::Redirected => {
                "the response is from another URL, since the HTTP client followed a redirect: build it with \
                 redirect(Policy::none())"
            }
        }
    }
}

impl TransportError {
    /// An error without a cause to show.
    #[must_use]
    pub fn new(kind: TransportErrorKind) -> Self {
        Self { kind, source: None, proxy: None }
    }

    /// An error with its cause. The cause must not print the URL's query or a header.
    #[must_use]
    pub fn with_source(kind: TransportErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, source: Some(source.into()), proxy: None }
    }

    /// Adds the proxy that the request went through, without user and password.
    #[cfg(feature = "reqwest")]
    pub(crate) fn through(self, proxy: Option<String>) -> Self {
        Self { proxy, ..self }
    }

    /// How far the request got.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.sentence())?;
        match &self.proxy {
            Some(proxy) => write!(f, " (through the proxy {proxy})"),
            None => Ok(()),
        }
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
