//! What kind of failure an error of reqwest is.

use std::error::Error as StdError;
use std::io;

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
    use io::ErrorKind::{InvalidData, Other, UnexpectedEof};

    causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).is_some_and(|io| {
        let foreign = io.raw_os_error().is_none() && io.get_ref().is_some();
        foreign && matches!(io.kind(), InvalidData | Other | UnexpectedEof)
    })
}

/// Whether a proxy asked for a user and a password that it was not given. The error's type has no public name.
fn is_refused_by_proxy(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.to_string().ends_with("proxy authorization required"))
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
