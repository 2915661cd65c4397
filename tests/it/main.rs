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

mod allocations;
mod answers;
mod builder;
mod catalogue;
mod clock;
mod colleague;
mod converging;
mod credentials;
mod documents;
#[cfg(feature = "reqwest")]
mod end_to_end;
mod enums;
mod errors;
mod events;
#[cfg(feature = "reqwest")]
mod example_function;
#[cfg(all(feature = "reqwest", feature = "smn-verify"))]
mod example_webhook;
mod fake;
mod field;
mod matching;
mod notifications;
mod observing;
mod odd_answers;
mod pacing;
mod preflight;
mod project;
mod provisioning;
mod redaction;
mod regions;
mod repeated;
mod retrying;
#[cfg(feature = "reqwest")]
mod routing;
mod shown;
mod signing;
mod smn;
#[cfg(feature = "smn-verify")]
mod smn_trust;
#[cfg(feature = "reqwest")]
mod socket;
#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
mod tls;
mod traces;
#[cfg(feature = "reqwest")]
mod transport;
mod unknown_fields;
