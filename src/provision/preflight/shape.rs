//! Name, users and agency: lengths, characters and counts.

use super::CloudKind;
use super::finding::{Findings, Severity, shown, source};
use crate::notification::{CTS_ADMIN_TRUST, NotifyUsers};

const NAME_CHARACTERS: usize = 64;
const TEXT_CHARACTERS: usize = 64;
const GROUPS: usize = 10;
const USERS: usize = 50;
const USERS_OF_A_GROUP: usize = 32;

pub(super) fn name(findings: &mut Findings, name: &str, cloud: Option<CloudKind>) {
    const FIELD: &str = "notification_name";
    let length = name.chars().count();
    if length == 0 {
        findings.add(Severity::Error, FIELD, "is empty: give the notification a name", source::API);
    } else if length > NAME_CHARACTERS {
        let message = format!("has {length} characters, but 1 to {NAME_CHARACTERS} are documented");
        findings.add(Severity::Error, FIELD, message, source::API_LIMITS);
    }
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fa5}').contains(&c);
    let is_common = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (documented, source) = match cloud {
        Some(CloudKind::OpenTelekomCloud) => ("letters, digits and _", source::GUIDE_OTC),
        _ => ("letters, digits, _ and Chinese characters", source::GUIDE),
    };
    let is_documented =
        |c: char| is_common(c) || (is_chinese(c) && cloud != Some(CloudKind::OpenTelekomCloud));
    if let Some(odd) = name.chars().find(|c| !is_documented(*c)) {
        let mut message =
            format!("{} contains {odd:?}, but only {documented} are documented", shown(name));
        let better: String =
            name.chars().map(|c| if c == '-' || c == ' ' { '_' } else { c }).collect();
        if better.chars().all(is_documented) {
            message = format!("{message}; {} would be valid", shown(&better));
        }
        findings.add(Severity::Warning, FIELD, message, source);
    } else if cloud.is_none() && name.chars().any(is_chinese) {
        let message = format!(
            "{} contains Chinese characters, which only Huawei Cloud documents",
            shown(name)
        );
        findings.add(Severity::Hint, FIELD, message, source::GUIDE_OTC);
    }
}

pub(super) fn users(findings: &mut Findings, groups: &[NotifyUsers]) {
    const FIELD: &str = "notify_user_list";
    if groups.len() > GROUPS {
        let message = format!("has {} groups, but at most {GROUPS} are documented", groups.len());
        findings.add(Severity::Error, FIELD, message, source::GUIDE_OTC);
    }
    let users: usize = groups.iter().map(|group| group.user_list.len()).sum();
    if users > USERS {
        let message = format!("has {users} users in total, but at most {USERS} are documented");
        findings.add(Severity::Error, FIELD, message, source::GUIDE_OTC);
    }
    for (index, group) in groups.iter().enumerate() {
        let field = format!("{FIELD}[{index}]");
        text(findings, &format!("{field}.user_group"), &group.user_group);
        let users = group.user_list.len();
        if users == 0 {
            let message = "is empty: name the users of the group";
            findings.add(
                Severity::Error,
                format!("{field}.user_list"),
                message,
                source::API_LIMITS,
            );
        } else if users > USERS_OF_A_GROUP && users <= USERS {
            let message = format!(
                "has {users} users, but at most {USERS_OF_A_GROUP} are documented; other pages allow {USERS} in total"
            );
            findings.add(
                Severity::Warning,
                format!("{field}.user_list"),
                message,
                source::API_LIMITS,
            );
        }
        for (index, user) in group.user_list.iter().enumerate().filter(|(_, user)| user.is_empty())
        {
            text(findings, &format!("{field}.user_list[{index}]"), user);
        }
    }
}

/// Checks a string of 1 to 64 characters.
pub(super) fn text(findings: &mut Findings, field: &str, text: &str) {
    let length = text.chars().count();
    if length == 0 {
        findings.add(Severity::Error, field, "is empty", source::API_LIMITS);
    } else if length > TEXT_CHARACTERS {
        let message = format!("has {length} characters, but 1 to {TEXT_CHARACTERS} are documented");
        findings.add(Severity::Error, field, message, source::API_LIMITS);
    }
}

pub(super) fn agency(findings: &mut Findings, agency: Option<&str>, cloud: Option<CloudKind>) {
    const FIELD: &str = "agency_name";
    let Some(agency) = agency else { return };
    if cloud == Some(CloudKind::OpenTelekomCloud) {
        let message = "Open Telekom Cloud documents no agency: omit it";
        findings.add(Severity::Warning, FIELD, message, source::API_OTC);
    } else if agency != CTS_ADMIN_TRUST {
        let message =
            format!("{} is not documented: the only agency is {CTS_ADMIN_TRUST:?}", shown(agency));
        findings.add(Severity::Error, FIELD, message, source::API);
    }
}
