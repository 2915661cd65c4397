//! The fake service, and values for tests of programs.

mod built_errors;
mod neighbours;
mod own_writes;
mod raw_requests;
mod scripting;
