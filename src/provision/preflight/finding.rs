//! What was found.

use std::fmt;

use serde::Serialize;

/// How bad a [`Finding`] is. The worse, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing.
    Hint,
    /// Probably not what was meant, or refused by one cloud or another.
    Warning,
    /// By the documents it is refused, or does nothing.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Hint => "hint",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Something that speaks against a rule. `Display` is one line, whatever the rule has in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The member of the rule: `operations[0].trace_names[1]`. What is not a member is named alike: the wanted `status`,
    /// `quotas.smn_notification`.
    pub place: String,
    /// What is wrong, and what to do.
    pub message: String,
    /// The public document that it comes from.
    pub source: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {} [{}]", self.severity, self.place, self.message, self.source)
    }
}

/// The findings so far.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(
        &mut self,
        severity: Severity,
        place: impl Into<String>,
        message: impl Into<String>,
        source: &'static str,
    ) {
        self.0.push(Finding { severity, place: place.into(), message: message.into(), source });
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}

/// A text out of a rule as a message shows it: quoted, on one line, not too long.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

/// The public documents that findings come from.
pub(super) mod source {
    pub(in super::super) const API: &str = "Huawei Cloud CTS API Reference, CreateNotification (cts_api_0312)";
    pub(in super::super) const API_OTC: &str =
        "Open Telekom Cloud CTS API Reference, Creating a Key Event Notification (cts_api_0312)";
    pub(in super::super) const API_UPDATE: &str = "Huawei Cloud CTS API Reference, UpdateNotification";
    pub(in super::super) const API_LIMITS: &str = "Huawei Cloud API Explorer, CTS v3, CreateNotification";
    pub(in super::super) const OPERATIONS: &str = "Huawei Cloud CTS API Reference, ListOperations (cts_api_0332)";
    pub(in super::super) const QUOTAS: &str = "Huawei Cloud CTS API Reference, ListQuotas (cts_api_0331)";
    pub(in super::super) const GUIDE: &str = "Huawei Cloud CTS User Guide, Configuring Key Event Notifications";
    pub(in super::super) const GUIDE_OTC: &str =
        "Open Telekom Cloud CTS User Guide, Configuring Key Event Notifications";
    pub(in super::super) const CODES: &str = "Open Telekom Cloud CTS API Reference, Error Codes (2022)";
    pub(in super::super) const TERRAFORM_OTC: &str =
        "Open Telekom Cloud Terraform provider, opentelekomcloud_cts_event_notification_v3";
    pub(in super::super) const SMN: &str = "Huawei Cloud SMN FAQ, Requirements for an SMN Topic Name (smn_faq_0005)";
}
