//! Quotas: whether there is room for what is created.

use super::PreflightContext;
use super::finding::{Finding, Findings, Severity, source};
use crate::catalogue::Quota;
use crate::notification::{NotificationType, TopicUrn};
use crate::provision::plan::{Plan, Work};

/// The types whose quotas are checked.
const TYPES: [NotificationType; 2] = [NotificationType::Smn, NotificationType::Fun];

pub(super) fn check(
    findings: &mut Findings,
    topic: Option<&TopicUrn>,
    context: &PreflightContext<'_>,
) {
    let kind = type_of(topic);
    let Some(room) = Room::of(&kind, context.quotas) else { return };
    let Room { used, quota, left } = room;
    let creates = u64::from(context.creates);
    let severity = match creates {
        0 => return,
        some if some > left => Severity::Error,
        some if some == left => Severity::Hint,
        _ => return,
    };
    let so = if severity == Severity::Error { "delete some first" } else { "no more will fit" };
    let message = format!(
        "{used} of {quota} notifications are in use, and {creates} more will be created: {so}"
    );
    findings.add(severity, name_of(&kind), message, source::QUOTAS);
}

/// Compares a plan with the quotas of the project. Returns at most one finding for each quota.
pub(super) fn check_plan(plan: &Plan, quotas: &[Quota]) -> Vec<Finding> {
    let mut findings = Findings::default();
    for kind in &TYPES {
        let Some(Room { used, quota, left }) = Room::of(kind, quotas) else { continue };
        // A delete makes room in this quota if it may count against it: a type without its own
        // quota may share this one.
        let may_share = |of: &NotificationType| of == kind || Room::of(of, quotas).is_none();
        let (mut creates, mut deletes) = (0_u64, 0_u64);
        for step in plan.steps() {
            match &step.work {
                Work::Create(desired) if type_of(desired.topic()) == *kind => creates += 1,
                Work::Delete { current } => {
                    let of = current
                        .notification_type
                        .clone()
                        .unwrap_or_else(|| type_of(current.topic()));
                    deletes += u64::from(may_share(&of));
                }
                // A notification that moves to the other type makes room.
                Work::Update { desired, current } => {
                    let was = current
                        .notification_type
                        .clone()
                        .unwrap_or_else(|| type_of(current.topic()));
                    deletes += u64::from(was == *kind && type_of(desired.topic()) != *kind);
                }
                _ => {}
            }
        }
        let (severity, so) = if creates > left.saturating_add(deletes) {
            (Severity::Error, "delete some more first")
        } else if creates > left {
            (
                Severity::Warning,
                "there is room only after the deletes, and if a create then fails, neither the old nor the new notification exists",
            )
        } else {
            continue;
        };
        let message = format!(
            "{used} of {quota} notifications are in use, and the plan creates {creates} and frees {deletes}: {so}"
        );
        findings.add(severity, name_of(kind), message, source::QUOTAS);
    }
    findings.into_vec()
}

/// A quota with all its numbers.
struct Room {
    used: i64,
    quota: i64,
    left: u64,
}

impl Room {
    /// Returns the quota of a type, whose name includes the type: `smn_notification`.
    fn of(kind: &NotificationType, quotas: &[Quota]) -> Option<Self> {
        let name = format!("{kind}_notification");
        let found = quotas
            .iter()
            .find(|quota| quota.quota_type.as_ref().is_some_and(|of| of.as_str() == name))?;
        Some(Self { used: found.used?, quota: found.quota?, left: found.left()? })
    }
}

fn name_of(kind: &NotificationType) -> String {
    format!("quotas.{kind}_notification")
}

/// Returns the type of a notification by its topic; without one it counts as SMN.
fn type_of(topic: Option<&TopicUrn>) -> NotificationType {
    topic.and_then(TopicUrn::notification_type).unwrap_or(NotificationType::Smn)
}
