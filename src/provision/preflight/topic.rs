//! The topic, and whether the notification can be enabled without one.

use super::finding::{Findings, Severity, shown, source};
use super::similar::nearest;
use super::{CloudKind, PreflightContext};
use crate::notification::{CTS_ADMIN_TRUST, NotificationStatus, NotificationType, TopicUrn};
use crate::topic::{TopicExistence, TopicPolicy, TopicState, TopicSubscriptions};

const FIELD: &str = "topic_id";
const URN_CHARACTERS: usize = 400;
const TOPIC_CHARACTERS: usize = 255;

pub(super) fn check(
    findings: &mut Findings,
    topic: Option<&TopicUrn>,
    status: Option<&NotificationStatus>,
    agency: Option<&str>,
    context: &PreflightContext<'_>,
) {
    if let Some(NotificationStatus::Unknown(status)) = status {
        let known = NotificationStatus::KNOWN.iter().map(NotificationStatus::as_str);
        let message = format!("{} is neither enabled nor disabled{}", shown(status.as_str()), {
            super::operations::did_you_mean(nearest(status.as_str(), known))
        });
        findings.add(Severity::Error, "status", message, source::API_UPDATE);
    }
    match (topic, status) {
        (Some(urn), _) => urn_of(findings, urn, agency, context),
        (None, Some(NotificationStatus::Enabled)) => {
            let message = "is missing: an enabled notification needs a topic or a function";
            findings.add(Severity::Error, FIELD, message, source::CODES);
        }
        (None, None) => {
            let message = "is missing, and no status is set: the notification will be disabled";
            findings.add(Severity::Warning, FIELD, message, source::TERRAFORM_OTC);
        }
        (None, Some(_)) => {}
    }
}

fn urn_of(
    findings: &mut Findings,
    urn: &TopicUrn,
    agency: Option<&str>,
    context: &PreflightContext<'_>,
) {
    let text = urn.as_str();
    let length = text.chars().count();
    if length > URN_CHARACTERS {
        let message =
            format!("has {length} characters, but at most {URN_CHARACTERS} are documented");
        findings.add(Severity::Error, FIELD, message, source::API_LIMITS);
    }
    if text.contains(['{', '}', '<', '>']) {
        let message = format!("{} contains a placeholder: replace it with the value", shown(text));
        findings.add(Severity::Error, FIELD, message, source::API);
        return;
    }
    let parts: Vec<&str> = text.split(':').collect();
    let clean = parts.iter().all(|part| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control())
    });
    match parts.as_slice() {
        ["urn", "smn", _, _, name] if clean => topic_name(findings, name),
        ["urn", "fss", _, _, "function", _, _] | ["urn", "fss", _, _, "function", _, _, _]
            if clean =>
        {
            if context.cloud_or_guess() == Some(CloudKind::OpenTelekomCloud) {
                let message = "Open Telekom Cloud documents only SMN topics, no functions";
                findings.add(Severity::Error, FIELD, message, source::API_OTC);
            }
        }
        _ => {
            let (smn, fss) = (
                "urn:smn:<region>:<project>:<topic>",
                "urn:fss:<region>:<project>:function:<package>:<function>",
            );
            let form = match urn.notification_type() {
                Some(NotificationType::Fun) => fss.to_owned(),
                None if context.cloud_or_guess() != Some(CloudKind::OpenTelekomCloud) => {
                    format!("{smn} or {fss}")
                }
                _ => smn.to_owned(),
            };
            let message = format!("{} is not of the form {form}", shown(text));
            findings.add(Severity::Error, FIELD, message, source::API);
            return;
        }
    }
    let mut is_elsewhere = false;
    for (what, theirs, ours) in [
        ("region", urn.region(), context.region.as_deref()),
        ("project", urn.project_id(), context.project_id.as_deref()),
    ] {
        if let (Some(theirs), Some(ours)) = (theirs, ours)
            && theirs != ours
        {
            let message = format!(
                "names the {what} {}, but the notification is for {}",
                shown(theirs),
                shown(ours)
            );
            findings.add(Severity::Warning, FIELD, message, source::API);
            is_elsewhere = true;
        }
    }
    if let Some(state) = context.topic(urn) {
        // That it was not checked for this reason was just said.
        let is_told = matches!(
            state.existence,
            TopicExistence::OtherRegion { .. } | TopicExistence::OtherProject { .. }
        );
        if !(is_elsewhere && is_told) {
            state_of(findings, state, agency);
        }
    }
}

/// Whether what CTS publishes to the topic reaches anyone.
fn state_of(findings: &mut Findings, state: &TopicState, agency: Option<&str>) {
    let severity = match (state.delivers(), &state.existence, &state.policy) {
        (Some(true), _, _) => return,
        // By the agency, CTS publishes in the name of the account.
        (None, _, Some(TopicPolicy::Silent))
            if agency == Some(CTS_ADMIN_TRUST) && receives(state) =>
        {
            return;
        }
        (Some(false), TopicExistence::NotFound, _)
        | (Some(false), _, Some(TopicPolicy::Denies { .. })) => Severity::Error,
        // A subscription may be confirmed at any time.
        (Some(false), _, _) => Severity::Warning,
        (None, _, _) => Severity::Hint,
    };
    findings.add(severity, FIELD, state.to_string(), source::SMN_API);
}

fn receives(state: &TopicState) -> bool {
    state
        .subscriptions
        .as_ref()
        .map(TopicSubscriptions::sum)
        .is_some_and(|sum| sum.receiving > sum.filtered)
}

fn topic_name(findings: &mut Findings, name: &str) {
    let length = name.chars().count();
    if length > TOPIC_CHARACTERS {
        let message = format!(
            "the topic name has {length} characters, but 1 to {TOPIC_CHARACTERS} are documented"
        );
        findings.add(Severity::Warning, FIELD, message, source::SMN);
    }
    if let Some(odd) = name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
    {
        let message = format!(
            "the topic name contains {odd:?}, but only letters, digits, - and _ are documented"
        );
        findings.add(Severity::Warning, FIELD, message, source::SMN);
    }
}
