//! Where the rule goes, and whether it can be active.

use super::finding::{Findings, Severity, shown, source};
use super::similar::nearest;
use super::{Cloud, Preflight};
use crate::notification::{NotificationStatus, NotificationType, Rule, TopicUrn};

const PLACE: &str = "topic_id";
const URN_CHARACTERS: usize = 400;
const TOPIC_CHARACTERS: usize = 255;

pub(super) fn check(findings: &mut Findings, rule: &Rule, place: &Preflight<'_>) {
    if let Some(NotificationStatus::Unknown(status)) = &place.status {
        let known = NotificationStatus::KNOWN.iter().map(NotificationStatus::as_str);
        let message = format!("{} is none of enabled and disabled{}", shown(status.as_str()), {
            super::operations::did_you_mean(nearest(status.as_str(), known))
        });
        findings.add(Severity::Error, "status", message, source::API_UPDATE);
    }
    match (topic(rule), &place.status) {
        (Some(urn), _) => address(findings, urn, place),
        (None, Some(NotificationStatus::Enabled)) => {
            let message = "the rule is to be enabled, and that takes a topic or a function";
            findings.add(Severity::Error, PLACE, message, source::CODES);
        }
        (None, None) => {
            let message = "there is none, and no status is stated: the rule will be disabled, and nobody is notified";
            findings.add(Severity::Warning, PLACE, message, source::TERRAFORM_OTC);
        }
        (None, Some(_)) => {}
    }
}

/// The topic; an empty text counts as none.
pub(super) fn topic(rule: &Rule) -> Option<&TopicUrn> {
    rule.topic_id.as_ref().filter(|urn| !urn.as_str().is_empty())
}

fn address(findings: &mut Findings, urn: &TopicUrn, place: &Preflight<'_>) {
    let text = urn.as_str();
    let length = text.chars().count();
    if length > URN_CHARACTERS {
        let message = format!("has {length} characters, documented are {URN_CHARACTERS} at the most");
        findings.add(Severity::Error, PLACE, message, source::API_LIMITS);
    }
    if text.contains(['{', '}', '<', '>']) {
        let message = format!("{} has a placeholder in it: put the real value there", shown(text));
        findings.add(Severity::Error, PLACE, message, source::API);
        return;
    }
    let parts: Vec<&str> = text.split(':').collect();
    let clean =
        parts.iter().all(|part| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control()));
    match parts.as_slice() {
        ["urn", "smn", _, _, name] if clean => topic_name(findings, name),
        ["urn", "fss", _, _, "function", _, _] | ["urn", "fss", _, _, "function", _, _, _] if clean => {
            if place.cloud_or_guess() == Some(Cloud::OpenTelekomCloud) {
                let message = "Open Telekom Cloud documents no functions here, only SMN topics";
                findings.add(Severity::Error, PLACE, message, source::API_OTC);
            }
        }
        _ => {
            let (smn, fss) =
                ("urn:smn:<region>:<project>:<topic>", "urn:fss:<region>:<project>:function:<package>:<function>");
            let form = match urn.notification_type() {
                Some(NotificationType::Fun) => fss.to_owned(),
                None if place.cloud_or_guess() != Some(Cloud::OpenTelekomCloud) => format!("{smn} or {fss}"),
                _ => smn.to_owned(),
            };
            let message = format!("{} is not of the form {form}", shown(text));
            findings.add(Severity::Error, PLACE, message, source::API);
            return;
        }
    }
    for (what, theirs, ours) in
        [("region", urn.region(), place.region), ("project", urn.project_id(), place.project_id)]
    {
        if let (Some(theirs), Some(ours)) = (theirs, ours)
            && theirs != ours
        {
            let message = format!("names the {what} {}, but the rule is for {}", shown(theirs), shown(ours));
            findings.add(Severity::Warning, PLACE, message, source::API);
        }
    }
}

fn topic_name(findings: &mut Findings, name: &str) {
    let length = name.chars().count();
    if length > TOPIC_CHARACTERS {
        let message = format!("the topic's name has {length} characters, documented are 1 to {TOPIC_CHARACTERS}");
        findings.add(Severity::Warning, PLACE, message, source::SMN);
    }
    if let Some(odd) = name.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))) {
        let message = format!("the topic's name has {odd:?} in it, documented are letters, digits, - and _");
        findings.add(Severity::Warning, PLACE, message, source::SMN);
    }
}
