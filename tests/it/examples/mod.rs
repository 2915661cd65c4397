//! The examples that receive events.

#[cfg(feature = "function")]
mod end_to_end;
#[cfg(feature = "function")]
mod function;
#[cfg(feature = "smn-verify")]
mod webhook;
