//! The fake service, and values for tests of programs.

mod built_errors;
mod raw_requests;
mod scripting;
