//! The system tracker, without which no notification is sent.

use super::PreflightContext;
use super::finding::{Findings, Severity, source};
use crate::text::printable;
use crate::tracker::{Tracker, TrackerStatus};

const FIELD: &str = "trackers.system";

pub(super) fn check(findings: &mut Findings, context: &PreflightContext<'_>) {
    let Some(trackers) = context.trackers else { return };
    let system = trackers.iter().find(|tracker| tracker.is_system());
    let (severity, message) = match system.map(|tracker| (tracker, tracker.status.as_ref())) {
        Some((_, Some(TrackerStatus::Enabled))) => return,
        None => (
            Severity::Error,
            "there is no system tracker, so nothing is recorded and no notification is sent: create it".to_owned(),
        ),
        Some((_, Some(TrackerStatus::Disabled))) => (
            Severity::Error,
            "the system tracker is disabled, so nothing is recorded and no notification is sent: enable it".to_owned(),
        ),
        Some((tracker, status)) => {
            let status = status.map_or("unknown", TrackerStatus::as_str);
            let message = format!(
                "the status of the system tracker is {}{}: whether it records is not documented",
                printable(status, 40),
                reason(tracker)
            );
            (Severity::Warning, message)
        }
    };
    findings.add(severity, FIELD, message, source::TRACKERS);
}

fn reason(tracker: &Tracker) -> String {
    tracker
        .detail
        .as_ref()
        .map(|detail| format!(" ({})", printable(detail.as_str(), 40)))
        .unwrap_or_default()
}
