//! One binary for all integration tests: they link once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::too_many_lines,
    clippy::needless_pass_by_value,
    reason = "a test fails loudly, and tables are long"
)]

mod allocations;
mod answers;
mod builder;
mod catalogue;
mod converging;
mod enums;
mod errors;
mod fake;
mod notifications;
mod observing;
mod preflight;
mod project;
mod provisioning;
mod redaction;
mod retrying;
mod signing;
#[cfg(feature = "reqwest")]
mod socket;
