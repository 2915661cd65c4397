//! The findings of a validation.

use std::fmt;

use serde::Serialize;

/// The severity of a [`Finding`]. A worse one is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing.
    Hint,
    /// Probably a mistake, or refused by some clouds.
    Warning,
    /// According to the documents it is refused, or has no effect.
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

/// A problem of a notification.
///
/// `Display` prints one line, whatever the notification contains:
///
/// ```
/// use huaweicloud_cts::notification::CreateNotification;
/// use huaweicloud_cts::provision::PreflightContext;
///
/// let request = CreateNotification::complete("key-logins").topic("urn:smn:eu-de:p1:audit");
/// let findings = request.preflight(&PreflightContext::new().region("eu-de"));
/// assert_eq!(
///     findings[0].to_string(),
///     "warning: \"key-logins\": notification_name: \"key-logins\" contains '-', but only letters, digits and _ are \
///      documented; \"key_logins\" would be valid [Open Telekom Cloud CTS User Guide, Configuring Key Event Notifications]"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How severe it is.
    pub severity: Severity,
    /// The name of the notification; `None` if the finding is about a plan as a whole.
    pub notification: Option<String>,
    /// The field of the notification, such as `operations[0].trace_names[1]`; the desired `status`;
    /// a quota, such as `quotas.smn_notification`; or `trackers.system`.
    pub field: String,
    /// What is wrong, and what to do.
    pub message: String,
    /// The public document that says so.
    pub source: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.severity)?;
        if let Some(notification) = &self.notification {
            write!(f, "{}: ", shown(notification))?;
        }
        write!(f, "{}: {} [{}]", self.field, self.message, self.source)
    }
}

/// The findings of a notification, or of a plan as a whole.
#[derive(Default)]
pub(super) struct Findings {
    notification: Option<String>,
    found: Vec<Finding>,
}

impl Findings {
    pub(super) fn of(notification: &str) -> Self {
        Self { notification: Some(notification.to_owned()), found: Vec::new() }
    }

    pub(super) fn add(
        &mut self,
        severity: Severity,
        field: impl Into<String>,
        message: impl Into<String>,
        source: &'static str,
    ) {
        self.found.push(Finding {
            severity,
            notification: self.notification.clone(),
            field: field.into(),
            message: message.into(),
            source,
        });
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.found
    }
}

/// Returns a string as messages show it: quoted, on one line, not too long.
pub(super) fn shown(text: &str) -> String {
    const LIMIT: usize = 80;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

/// The public documents that findings come from.
pub(super) mod source {
    pub(in super::super) const API: &str =
        "Huawei Cloud CTS API Reference, CreateNotification (cts_api_0312)";
    pub(in super::super) const API_OTC: &str =
        "Open Telekom Cloud CTS API Reference, Creating a Key Event Notification (cts_api_0312)";
    pub(in super::super) const API_UPDATE: &str =
        "Huawei Cloud CTS API Reference, UpdateNotification";
    pub(in super::super) const API_LIMITS: &str =
        "Huawei Cloud API Explorer, CTS v3, CreateNotification";
    pub(in super::super) const OPERATIONS: &str =
        "Huawei Cloud CTS API Reference, ListOperations (cts_api_0332)";
    pub(in super::super) const QUOTAS: &str =
        "Huawei Cloud CTS API Reference, ListQuotas (cts_api_0331)";
    pub(in super::super) const GUIDE: &str =
        "Huawei Cloud CTS User Guide, Configuring Key Event Notifications";
    pub(in super::super) const GUIDE_OTC: &str =
        "Open Telekom Cloud CTS User Guide, Configuring Key Event Notifications";
    pub(in super::super) const CODES: &str =
        "Open Telekom Cloud CTS API Reference, Error Codes (2022)";
    pub(in super::super) const TERRAFORM_OTC: &str =
        "Open Telekom Cloud Terraform provider, opentelekomcloud_cts_event_notification_v3";
    pub(in super::super) const SMN_API: &str =
        "Huawei Cloud SMN API Reference, Topic Operations and Subscription Operations";
    pub(in super::super) const TRACKERS: &str =
        "Huawei Cloud CTS API Reference, ListTrackers and UpdateTracker";
    pub(in super::super) const SMN: &str =
        "Huawei Cloud SMN FAQ, Requirements for an SMN Topic Name (smn_faq_0005)";
}
