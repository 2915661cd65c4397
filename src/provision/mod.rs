//! Wanted state: what is to be there, and what is wrong with it before it is tried.
//!
//! [`preflight()`] looks at a rule that is to be created and tells what the documents say against it: findings, not
//! walls, for the service is the judge.

mod preflight;

pub use preflight::{Cloud, Finding, Preflight, Severity, preflight};
