//! The examples that receive events.

mod end_to_end;
mod function;
#[cfg(feature = "smn-verify")]
mod webhook;
