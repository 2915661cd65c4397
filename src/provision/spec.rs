//! One wanted rule, as code builds it and as it stands in a file.

use serde::{Deserialize, Serialize};

use super::difference::is_empty_filter;
use super::kept::with_kept;
use super::written::WrittenSpec;
use crate::notification::{
    CreateNotification, NotificationStatus, NotifyUsers, Operation, OperationType, Rule, TopicUrn, UpdateNotification,
};

/// A desired notification: what [`CreateNotification`] takes, and the status.
///
/// It is the whole rule. A topic, a filter or users that it does not name are removed from a rule that has them; only
/// [`agency_name`](CreateNotification::agency) is left alone where it is not named, since not every cloud tells it. All
/// that the service adds (id, times, members of later versions) is no part of it.
///
/// In a file it has the members of the API, and a member that it does not have is an error. `operation_type` may be left
/// out where there are `operations`; a rule of every operation says `complete`, so that forgetting the operations is no
/// way to get one. A filter is on unless `is_support_filter` says otherwise, and its condition is `AND` unless given.
///
/// ```
/// use huaweicloud_cts::notification::{CreateNotification, Operation};
/// use huaweicloud_cts::provision::NotificationSpec;
///
/// let written: NotificationSpec = serde_json::from_str(r#"{
///     "notification_name": "key_logins",
///     "operations": [{ "service_type": "IAM", "resource_type": "user", "trace_names": ["login"] }],
///     "status": "disabled"
/// }"#)?;
///
/// let rule = CreateNotification::customized("key_logins", [Operation::new("IAM", "user", ["login"])]);
/// assert_eq!(written, NotificationSpec::new(rule).status("disabled"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenSpec")]
#[must_use]
pub struct NotificationSpec {
    #[serde(flatten)]
    request: CreateNotification,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<NotificationStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed_from: Option<String>,
}

impl NotificationSpec {
    /// The rule that `request` would create: enabled if it has a topic, else disabled.
    pub fn new(request: CreateNotification) -> Self {
        Self { request, status: None, renamed_from: None }
    }

    /// Sets the status, whatever the topic. The service refuses a rule that is enabled and has no topic.
    pub fn status(mut self, status: impl Into<NotificationStatus>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Whether its topic is still to be filled in.
    pub(super) fn has_placeholder(&self) -> bool {
        self.topic().is_some_and(|topic| topic.as_str().contains(['{', '}']))
    }

    /// The status that was set; `None` if it follows from the topic.
    #[must_use]
    pub fn stated_status(&self) -> Option<&NotificationStatus> {
        self.status.as_ref()
    }

    /// Sets the former name of the notification. If a notification of that name exists and none of the new name, it is
    /// renamed and keeps its id. This may stay after the renaming. If both names exist, it is unclear which one is meant:
    /// the plan reports a conflict and touches neither. The former name is not pruned.
    pub fn renamed_from(mut self, name: impl Into<String>) -> Self {
        self.renamed_from = Some(name.into());
        self
    }

    /// The rule's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.request.name()
    }

    /// The name that the rule had, if that was said.
    #[must_use]
    pub fn former_name(&self) -> Option<&str> {
        self.renamed_from.as_deref()
    }

    /// The rule without its status.
    pub fn request(&self) -> &CreateNotification {
        &self.request
    }

    /// The status that the rule is to have: the one set, else enabled if it has a topic.
    #[must_use]
    pub fn wanted_status(&self) -> NotificationStatus {
        self.status.clone().unwrap_or(match self.topic() {
            Some(_) => NotificationStatus::Enabled,
            None => NotificationStatus::Disabled,
        })
    }

    /// The topic; an empty text counts as none.
    pub(super) fn topic(&self) -> Option<&TopicUrn> {
        self.rule().topic_id.as_ref().filter(|topic| !topic.as_str().is_empty())
    }

    pub(super) fn rule(&self) -> &Rule {
        self.request.rule()
    }

    pub(super) fn with_topic(mut self, topic: TopicUrn) -> Self {
        self.request = self.request.topic(topic);
        self
    }

    /// Returns the update that makes a notification match this one. Other fields of the notification are kept, also those
    /// in an operation, a group or a filter that stays.
    pub(super) fn over(&self, current: UpdateNotification) -> UpdateNotification {
        let rule = self.rule();
        let kept = current.rule();
        let operations = with_kept(&rule.operations, &kept.operations);
        let users = with_kept(&rule.notify_user_list, &kept.notify_user_list);
        let filters = with_kept(rule.filter.as_slice(), kept.filter.as_slice());
        let mut update = current.rename(self.name());
        update = match rule.operation_type {
            OperationType::Complete => update.all_operations(),
            _ => update.operations(operations),
        };
        update = update.notify_user_list(users);
        update = match self.topic() {
            Some(topic) => update.topic(topic),
            None => update.no_topic(),
        };
        update = match filters.into_iter().next() {
            Some(filter) if !is_empty_filter(&filter) => update.filter(filter),
            _ => update.no_filter(),
        };
        if let Some(agency) = rule.agency_name.as_ref().filter(|name| !name.is_empty()) {
            update = update.agency(agency);
        }
        update.status(self.wanted_status())
    }
}

impl From<CreateNotification> for NotificationSpec {
    fn from(request: CreateNotification) -> Self {
        Self::new(request)
    }
}

impl TryFrom<WrittenSpec> for NotificationSpec {
    type Error = String;

    fn try_from(written: WrittenSpec) -> Result<Self, String> {
        let name = written.notification_name;
        let operations: Vec<Operation> = written.operations.unwrap_or_default().into_iter().map(Into::into).collect();
        let mut request = match (written.operation_type, operations.is_empty()) {
            (Some(OperationType::Complete), true) => CreateNotification::complete(name),
            (Some(OperationType::Complete), false) => {
                return Err(format!("{name:?}: operation_type is complete, so leave operations out"));
            }
            (None | Some(OperationType::Customized), false) => CreateNotification::customized(name, operations),
            (None | Some(OperationType::Customized), true) => {
                return Err(format!("{name:?}: give operations, or operation_type complete for all of them"));
            }
            (Some(other), _) => {
                return Err(format!("{name:?}: operation_type is {:?}, not complete or customized", other.as_str()));
            }
        };
        if let Some(topic) = written.topic_id {
            request = request.topic(topic);
        }
        let users = written.notify_user_list.unwrap_or_default();
        request = request.notify_user_list(users.into_iter().map(|of| NotifyUsers::new(of.user_group, of.user_list)));
        if let Some(filter) = written.filter {
            request = request.filter(filter.into());
        }
        if let Some(agency) = written.agency_name {
            request = request.agency(agency);
        }
        let mut spec = Self::new(request);
        if let Some(status) = written.status {
            spec = spec.status(status);
        }
        if let Some(former) = written.renamed_from {
            spec = spec.renamed_from(former);
        }
        Ok(spec)
    }
}
