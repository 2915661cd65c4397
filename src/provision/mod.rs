//! Desired state: what should exist, the plan to get there, applying it, and validation.
//!
//! | task | type or call |
//! |---|---|
//! | declare notifications, in code or in a file | [`NotificationSet`] of [`NotificationSpec`]s |
//! | validate them: advice, because the service is the judge | [`NotificationSet::preflight`], [`Plan::preflight`] |
//! | see what would change | [`CtsClient::plan`] returns a [`Plan`], which can be saved |
//! | apply a plan | [`CtsClient::apply`] returns an [`ApplyReport`] |
//! | both at once | [`CtsClient::ensure`] |
//! | the same in many projects | [`Rollout`], and its [`RolloutPlan`] |
//!
//! Notifications are identified by name. One that exists is adopted; a lost response never leads to
//! a second one; what the set does not declare is left alone, unless [`PlanOptions`] say what may
//! be deleted.
//!
//! [`CtsClient::plan`]: crate::CtsClient::plan
//! [`CtsClient::apply`]: crate::CtsClient::apply
//! [`CtsClient::ensure`]: crate::CtsClient::ensure

mod apply;
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

pub use difference::Difference;
pub use plan::{Action, Plan, PlanOptions, Step};
pub use preflight::{CloudKind, Finding, PreflightContext, Severity};
pub use report::{ApplyReport, Outcome, ReportEntry};
pub use rollout::{Rollout, RolloutPlan, RolloutProgress, Target, TargetPlan, TargetReport};
pub use set::{NotificationSet, SetError};
pub use spec::NotificationSpec;
