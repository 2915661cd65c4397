//! Transports: the trait that sends one request, and its implementation with reqwest.
//!
//! A transport sends one signed request and returns one response. Signing, time limits, reading the
//! response and retries happen above it. Implement [`Transport`] for another HTTP stack. The fake
//! service of the module `testing` is a transport too.

#[cfg(feature = "reqwest")]
mod reqwest;
mod route;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::BoxFuture;

#[cfg(feature = "reqwest")]
pub(crate) use self::reqwest::HAS_TLS;
#[cfg(feature = "reqwest")]
pub use self::reqwest::{ReqwestTransport, ReqwestTransportBuilder, TlsVersion};
pub use self::route::Route;

/// A transport: sends one request to the service and returns its response.
///
/// The request is absolute (scheme and host in its URI) and signed: it must be sent with exactly
/// this target and these header values, and redirects must not be followed. Dropping the future
/// must cancel the exchange. A request with [`Route::Direct`] among its extensions must not pass a
/// proxy: it is for a service of this machine, such as the metadata service, and the response holds
/// credentials.
///
/// ```
/// use bytes::Bytes;
/// use huaweicloud_cts::BoxFuture;
/// use huaweicloud_cts::transport::{Transport, TransportError};
///
/// /// Responds to every call with an empty list.
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
    /// Sends `request`, and returns the complete response, whatever its status.
    ///
    /// # Errors
    ///
    /// [`TransportError`] if there is no complete response. Its kind must be right: calls that
    /// surely did not arrive are repeated, others only if repeating is harmless.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        (**self).send(request)
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        (**self).send(request)
    }
}

/// An error of a [`Transport`]: there is no complete response. It never contains the query of a URL
/// or a header.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    /// The proxy that the request went through, without user and password.
    proxy: Option<String>,
}

/// The kind of a [`TransportError`]: how far the request got.
///
/// Each kind says for which calls the client sends the request again, within the limits of its
/// [`RetryPolicy`](crate::RetryPolicy). A create is repeated only if the first request can't have
/// arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection was made. The request did not arrive.
    ///
    /// Retried: all calls.
    Connect,
    /// The host name has no address. The request did not arrive.
    ///
    /// Retried: all calls, and at the next endpoint at once if there is one.
    Dns,
    /// The connection could not be encrypted. The request did not arrive.
    ///
    /// Retried: all calls, and at the next endpoint at once if there is one.
    Tls,
    /// The time limit passed. The request may have arrived.
    ///
    /// Retried: reads, updates and deletes; not creates.
    Timeout,
    /// The connection broke before the response was complete. The request may have arrived.
    ///
    /// Retried: reads, updates and deletes; not creates.
    Interrupted,
    /// The response is larger than the transport accepts. The request arrived.
    ///
    /// Not retried: the next response would be as large.
    TooLarge,
    /// The transport can't send this request, for another reason than the kinds above. Nothing was
    /// sent.
    ///
    /// Not retried: the next attempt would fail as well.
    Unsendable,
    /// The transport can't be set up: there are no root certificates for TLS, or a setting is
    /// invalid. Nothing was sent.
    ///
    /// Not retried: the next attempt would fail as well.
    Setup,
    /// The proxy requires a user name and a password, or rejects them. The request did not arrive.
    ///
    /// Not retried: the next attempt would fail as well.
    ProxyAuthentication,
    /// The HTTP client followed a redirect, and the response is from another URL. The request may
    /// have arrived.
    ///
    /// Not retried: the next attempt would be redirected as well.
    Redirected,
}

impl TransportErrorKind {
    /// Returns `true` if the request did not reach the service, so that repeating it is safe for
    /// every call.
    ///
    /// ```
    /// use huaweicloud_cts::transport::TransportErrorKind;
    ///
    /// assert!(TransportErrorKind::Dns.is_unsent());
    /// assert!(!TransportErrorKind::Interrupted.is_unsent(), "the request may have arrived");
    /// ```
    #[must_use]
    pub fn is_unsent(self) -> bool {
        matches!(
            self,
            Self::Connect
                | Self::Dns
                | Self::Tls
                | Self::Unsendable
                | Self::Setup
                | Self::ProxyAuthentication
        )
    }

    /// Returns `true` if the same request would fail again, whenever it is repeated.
    pub(crate) fn is_lasting(self) -> bool {
        matches!(
            self,
            Self::TooLarge
                | Self::Unsendable
                | Self::Setup
                | Self::ProxyAuthentication
                | Self::Redirected
        )
    }

    fn message(self) -> &'static str {
        match self {
            Self::Connect => "no connection to the service",
            Self::Dns => {
                "the host name of the service, or of the proxy before it, has no address: check the endpoint and the region"
            }
            Self::Tls => {
                "no encrypted connection to the service: its certificate is not trusted here, or it does not speak TLS on \
                 this port"
            }
            Self::Timeout => "no response within the time limit",
            Self::Interrupted => "the connection broke before the response was complete",
            Self::TooLarge => "the response is too large",
            Self::Unsendable => "the request can't be sent",
            Self::Setup => "the HTTP client can't be set up",
            Self::ProxyAuthentication => {
                "the proxy requires a user name and a password, or rejects them: set them in its URL or call proxy_credentials(…)"
            }
            Self::Redirected => {
                "the response is from another URL, because the HTTP client followed a redirect: build it with \
                 redirect(Policy::none())"
            }
        }
    }
}

impl TransportError {
    /// Creates an error without a source.
    ///
    /// ```
    /// use huaweicloud_cts::transport::{TransportError, TransportErrorKind};
    ///
    /// let error = TransportError::new(TransportErrorKind::Timeout);
    /// assert_eq!(error.to_string(), "no response within the time limit");
    /// assert!(!error.kind().is_unsent());
    /// ```
    #[must_use]
    pub fn new(kind: TransportErrorKind) -> Self {
        Self { kind, source: None, proxy: None }
    }

    /// Creates an error with a source, which must not print the query of a URL or a header.
    ///
    /// ```
    /// use huaweicloud_cts::transport::{TransportError, TransportErrorKind};
    ///
    /// let error = TransportError::with_source(TransportErrorKind::Unsendable, "the scripted transport has no response left");
    /// assert_eq!(error.to_string(), "the request can't be sent");
    /// ```
    #[must_use]
    pub fn with_source(
        kind: TransportErrorKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self { kind, source: Some(Arc::from(source.into())), proxy: None }
    }

    /// Adds the proxy that the request went through, without user and password.
    #[cfg(feature = "reqwest")]
    pub(crate) fn through(self, proxy: Option<String>) -> Self {
        Self { proxy, ..self }
    }

    /// Returns the kind of this error: how far the request got.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.message())?;
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
