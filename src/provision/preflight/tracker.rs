//! Whether the project records operations at all.

use super::PreflightContext;
use super::finding::{Finding, Findings, Severity, source};
use crate::tracker::TrackerStatus;

/// Returns the finding that no notification is sent, which is about the project.
pub(super) fn check(context: &PreflightContext<'_>) -> Vec<Finding> {
    let Some(trackers) = context.trackers else { return Vec::new() };
    let system = trackers.iter().find(|tracker| tracker.is_system());
    let message = match system.map(|tracker| &tracker.status) {
        None => "there is no system tracker, so no notification is sent: create it with ensure_tracker",
        Some(Some(TrackerStatus::Disabled)) => {
            "the system tracker is disabled, so no notification is sent: enable it with enable_tracker"
        }
        Some(_) => return Vec::new(),
    };
    let mut findings = Findings::default();
    findings.add(Severity::Error, "trackers.system", message, source::GUIDE);
    findings.into_vec()
}
