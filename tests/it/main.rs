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
#![allow(clippy::duplicate_mod, reason = "the examples that are tested here share a module")]

mod backtest;
mod catalogue;
mod client;
mod configuration;
mod credentials;
mod documents;
mod error;
mod escaping;
mod event;
#[cfg(feature = "reqwest")]
mod examples;
mod fake;
#[cfg(feature = "function")]
mod function;
mod notification;
mod provisioning;
mod redaction;
mod signing;
mod support;
mod topic;
mod trace;
mod tracker;
mod traits;
#[cfg(feature = "reqwest")]
mod transport;
mod vectors;
mod wire;
