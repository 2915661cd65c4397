//! Wanted state: what is to be there, what has to be done for that, and what is wrong with it before it is tried.
//!
//! | step | here |
//! |---|---|
//! | say what is wanted, in code or in a file | [`NotificationSet`] of [`NotificationSpec`]s |
//! | see what speaks against it | [`preflight()`]: findings, not walls, for the service is the judge |
//! | see what would be done | [`CtsClient::plan`] reads and compares: a [`Plan`] |
//! | do it | [`CtsClient::apply`]: an [`ApplyReport`] |
//! | both at once | [`CtsClient::ensure`]; in many projects, [`ensure_everywhere`] |
//!
//! Rules are known by their names. One that is there already is adopted; a lost answer never makes a second one; what the
//! set does not name is left alone, unless [`PlanOptions`] say which rules may be pruned.
//!
//! [`CtsClient::plan`]: crate::CtsClient::plan
//! [`CtsClient::apply`]: crate::CtsClient::apply
//! [`CtsClient::ensure`]: crate::CtsClient::ensure

mod apply;
mod columns;
mod difference;
mod display;
mod kept;
mod plan;
mod preflight;
mod present;
mod report;
mod rollout;
mod run;
mod set;
mod spec;
mod stale;
mod written;

pub use difference::Difference;
pub use display::{PlanDisplay, colour_wanted};
pub use plan::{Action, Plan, PlanOptions, Step};
pub use preflight::{Cloud, Finding, Preflight, Severity, preflight};
pub use report::{ApplyReport, Outcome, ReportEntry};
pub use rollout::{Place, PlaceReport, Progress, ensure_everywhere};
pub use set::{NotificationSet, SetError};
pub use spec::NotificationSpec;
