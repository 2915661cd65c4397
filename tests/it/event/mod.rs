//! What functions and HTTP endpoints receive.

mod smn;
#[cfg(feature = "smn-verify")]
mod smn_trust;
mod sources;
