//! The fake service.

mod raw_requests;
mod scripting;
