//! What kind of failure an error of reqwest is.

use super::proxy::Proxy;
use crate::transport::{TransportError, TransportErrorKind};

/// Returns what failed, without the URL, and with the proxy that the request went through.
pub(super) fn classified(error: reqwest::Error, proxy: Option<&Proxy>) -> TransportError {
    let kind = if error.is_dns() {
        TransportErrorKind::Dns
    } else if error.is_connect() {
        if is_tls(&error) {
            TransportErrorKind::Tls
        } else if is_refused_by_proxy(&error) {
            TransportErrorKind::ProxyAuthentication
        } else {
            TransportErrorKind::Connect
        }
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_builder() {
        TransportErrorKind::Unsendable
    } else {
        TransportErrorKind::Interrupted
    };
    TransportError::with_source(kind, error.without_url()).through(proxy.map(Proxy::name))
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

/// Whether a proxy asked for a user and a password that it was not given. The error's type has no public name.
fn is_refused_by_proxy(error: &reqwest::Error) -> bool {
    let mut next = std::error::Error::source(error);
    while let Some(error) = next {
        if error.to_string().ends_with("proxy authorization required") {
            return true;
        }
        next = error.source();
    }
    false
}
