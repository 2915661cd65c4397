//! The kinds of the errors of reqwest.

use std::error::Error as StdError;
use std::io;

use super::proxy::Proxy;
use crate::transport::{TransportError, TransportErrorKind};

/// Converts an error of reqwest: without the URL, and with the proxy that the request went through.
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

/// Returns `true` if TLS failed. Both TLS libraries report this as an I/O error with one of their
/// own inside, while errors of the system have a number.
fn is_tls(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{InvalidData, Other, UnexpectedEof};

    causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).is_some_and(|io| {
        let foreign = io.raw_os_error().is_none() && io.get_ref().is_some();
        foreign && matches!(io.kind(), InvalidData | Other | UnexpectedEof)
    })
}

/// Returns `true` if a proxy asked for a user name and a password. The type of the error has no
/// public name.
fn is_refused_by_proxy(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.to_string().ends_with("proxy authorization required"))
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
