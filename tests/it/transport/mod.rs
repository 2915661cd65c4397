//! The transport with reqwest, over real sockets.

mod routing;
mod settings;
mod socket;
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
mod tls;
