//! Which way a request takes.

/// Which way requests take.
///
/// A request may carry one in its [extensions](http::Extensions), which then goes before the transport's own. Requests to
/// this machine and to link-local addresses go straight to the host in any case: a proxy would read them, and could not
/// reach what they are meant for.
///
/// ```
/// use huaweicloud_cts::transport::Route;
///
/// let mut request = http::Request::get("http://169.254.169.254/latest").body(bytes::Bytes::new())?;
/// request.extensions_mut().insert(Route::Direct);
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Route {
    /// Through the proxy that the transport was given, or else the system's, if its settings (`HTTPS_PROXY`, `NO_PROXY`) name
    /// one for the host.
    System,
    /// Straight to the host.
    Direct,
}
