//! Whether there is room for what is created.

use super::Preflight;
use super::finding::{Finding, Findings, Severity, source};
use super::topic::topic;
use crate::catalogue::Quota;
use crate::notification::{NotificationType, Rule, TopicUrn};
use crate::provision::plan::{Plan, Work};

/// The types whose quotas are looked at.
const TYPES: [NotificationType; 2] = [NotificationType::Smn, NotificationType::Fun];

pub(super) fn check(findings: &mut Findings, rule: &Rule, place: &Preflight<'_>) {
    let kind = type_of(topic(rule));
    let Some(room) = Room::of(&kind, place.quotas) else { return };
    let Room { used, quota, left } = room;
    let creates = u64::from(place.creates);
    let severity = match creates {
        0 => return,
        some if some > left => Severity::Error,
        some if some == left => Severity::Hint,
        _ => return,
    };
    let so = if severity == Severity::Error { "delete some first" } else { "no others will fit" };
    let message = format!("{used} of {quota} notifications are in use, and {creates} more wanted: {so}");
    findings.add(severity, name_of(&kind), message, source::QUOTAS);
}

impl Plan {
    /// Compares the plan with the quotas of the project: what [`CtsClient::list_quotas`](crate::CtsClient::list_quotas)
    /// returned. There is at most one finding for a quota.
    ///
    /// - An error: even after all deletes of the plan, there is no room for its creates.
    /// - A warning: there is room only after the deletes, so [`apply`](crate::CtsClient::apply) deletes first. If a create
    ///   then fails, neither the old nor the new notification is there.
    ///
    /// Use it in place of [`Preflight::quotas`](super::Preflight::quotas), which knows of a single notification only.
    ///
    /// ```
    /// use huaweicloud_cts::catalogue::Quota;
    /// use huaweicloud_cts::notification::{CreateNotification, Notification};
    /// use huaweicloud_cts::provision::{NotificationSet, Plan, PlanOptions, Severity};
    ///
    /// let set = NotificationSet::new([CreateNotification::complete("new")])?;
    /// let mut old = Notification::default();
    /// old.notification_id = "4f2".into();
    /// old.notification_name = "team_old".to_owned();
    ///
    /// let quotas = [Quota::new("smn_notification", 100, 100)];
    /// let plan = Plan::between(&set, &[old.clone()], &PlanOptions::new());
    /// assert_eq!(plan.check_quotas(&quotas)[0].severity, Severity::Error);
    /// let plan = Plan::between(&set, &[old], &PlanOptions::new().prune_with_prefix("team_")?);
    /// assert_eq!(plan.check_quotas(&quotas)[0].severity, Severity::Warning);
    /// # Ok::<(), huaweicloud_cts::provision::SetError>(())
    /// ```
    #[must_use]
    pub fn check_quotas(&self, quotas: &[Quota]) -> Vec<Finding> {
        let mut findings = Findings::default();
        for kind in &TYPES {
            let Some(Room { used, quota, left }) = Room::of(kind, quotas) else { continue };
            // What may count against this quota makes room in it: a type without a quota of its own may share this one.
            let may_share = |of: &NotificationType| of == kind || Room::of(of, quotas).is_none();
            let (mut creates, mut deletes) = (0_u64, 0_u64);
            for step in self.steps() {
                match &step.work {
                    Work::Create(wanted) if type_of(wanted.topic()) == *kind => creates += 1,
                    Work::Delete { current } => {
                        let of = current.notification_type.clone().unwrap_or_else(|| type_of(current.topic()));
                        deletes += u64::from(may_share(&of));
                    }
                    // One that moves to the other type leaves its place.
                    Work::Update { wanted, current } => {
                        let was = current.notification_type.clone().unwrap_or_else(|| type_of(current.topic()));
                        deletes += u64::from(was == *kind && type_of(wanted.topic()) != *kind);
                    }
                    _ => {}
                }
            }
            let (severity, so) = if creates > left.saturating_add(deletes) {
                (Severity::Error, "delete some more first")
            } else if creates > left {
                (
                    Severity::Warning,
                    "there is room only once these are gone, and if a create then fails, neither the old nor the new is there",
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
}

/// What a quota says in full.
struct Room {
    used: i64,
    quota: i64,
    left: u64,
}

impl Room {
    /// Quotas have the name of the type in theirs: `smn_notification`.
    fn of(kind: &NotificationType, quotas: &[Quota]) -> Option<Self> {
        let name = format!("{kind}_notification");
        let found = quotas.iter().find(|quota| quota.quota_type.as_ref().is_some_and(|of| of.as_str() == name))?;
        Some(Self { used: found.used?, quota: found.quota?, left: found.left()? })
    }
}

fn name_of(kind: &NotificationType) -> String {
    format!("quotas.{kind}_notification")
}

/// Without a topic, a notification counts with those that go to topics.
fn type_of(topic: Option<&TopicUrn>) -> NotificationType {
    topic.and_then(TopicUrn::notification_type).unwrap_or(NotificationType::Smn)
}
