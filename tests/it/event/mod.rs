//! What functions and HTTP endpoints receive.

mod odd_events;
mod smn;
#[cfg(feature = "smn-verify")]
mod smn_certificates;
#[cfg(feature = "smn-verify")]
mod smn_trust;
mod sources;
