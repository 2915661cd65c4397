//! The tool as a program: what it prints, and how it ends.
//! `SNAPSHOTS=overwrite cargo test --test cli` updates what it prints.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]
#![allow(clippy::needless_raw_string_hashes, reason = "snapbox writes them")]

mod errors;
mod every_command;
mod file_errors;
mod files;
mod local;
mod notification;
mod others;
mod pictures;
mod streams;
mod support;
mod targets;
mod trace;
