//! The route of a request.

/// The route of a request: through a proxy, or directly to the host.
///
/// A request can carry one in its [extensions](http::Extensions), which takes precedence over that
/// of the transport. Requests to this machine and to link-local addresses are always direct,
/// because a proxy could read them, and could not reach the host.
///
/// ```
/// use huaweicloud_cts::transport::Route;
///
/// let mut request = http::Request::get("http://169.254.169.254/latest").body(bytes::Bytes::new())?;
/// request.extensions_mut().insert(Route::Direct);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// Through the proxy that the transport was given, or else the system's, if its settings
    /// (`HTTPS_PROXY`, `NO_PROXY`) name one for the host.
    System,
    /// Directly to the host.
    Direct,
}
