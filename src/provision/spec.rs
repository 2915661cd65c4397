//! One desired notification, as code builds it and as a file has it.

use serde::{Deserialize, Serialize};

use super::difference::is_empty_filter;
use super::kept::{with_kept, without_unknown};
use crate::notification::{
    CreateNotification, Fields, Notification, NotificationStatus, OperationType, Settings,
    TopicUrn, UpdateNotification, initial_status, nonempty, written,
};

/// A desired notification: what a [`CreateNotification`] has, and the status.
///
/// It is the whole notification. A topic, a filter or users that it does not have are removed from
/// the notification; only the [agency](CreateNotification::agency) is left as it is, because not
/// every cloud returns it. What the service adds is not part of it: ids, times, and fields of later
/// versions.
///
/// In a file it has the fields of the API, and an unknown field is an error. `operation_type` may
/// be omitted if there are `operations`. A notification of every operation needs `complete`, so
/// that forgetting the operations does not create one. The fields `condition` and
/// `is_support_filter` of a filter may be omitted; they are `AND` and `true` then.
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
/// let request = CreateNotification::customized("key_logins", [Operation::new("IAM", "user", ["login"])]);
/// assert_eq!(written, NotificationSpec::new(request).status("disabled"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Export
///
/// A notification converts to the spec that describes it, for example to write the notifications of
/// a project to a file. A plan from the spec changes nothing. Unknown fields are not part of the
/// spec, but an update keeps them.
///
/// ```
/// use huaweicloud_cts::notification::Notification;
/// use huaweicloud_cts::provision::{NotificationSet, Plan, PlanOptions};
///
/// let notification: Notification = serde_json::from_str(r#"{
///     "notification_id": "1", "notification_name": "everything", "operation_type": "complete", "status": "disabled", "tags": []
/// }"#)?;
///
/// let set = NotificationSet::new([&notification])?;
/// assert_eq!(
///     serde_json::to_string(&set)?,
///     r#"{"notifications":[{"notification_name":"everything","operation_type":"complete"}]}"#
/// );
/// assert!(Plan::between(&set, &[notification], &PlanOptions::new()).is_up_to_date());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A spec can't have a field that could not be read: a plan shows that it would be cleared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

written! {
    struct WrittenSpec {
        status: Option<NotificationStatus>,
        renamed_from: Option<String>,
    }
}

impl NotificationSpec {
    /// Creates the desired state of the notification that `request` would create: enabled if it has
    /// a topic, disabled if not.
    pub fn new(request: CreateNotification) -> Self {
        Self { request, status: None, renamed_from: None }
    }

    /// Sets the desired status. The service rejects an enabled notification without a topic.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{CreateNotification, NotificationStatus};
    /// use huaweicloud_cts::provision::NotificationSpec;
    ///
    /// let topic = "urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit";
    /// let spec = NotificationSpec::new(CreateNotification::complete("everything").topic(topic));
    /// assert_eq!(spec.desired_status(), NotificationStatus::Enabled);
    /// assert_eq!(spec.status("disabled").desired_status(), NotificationStatus::Disabled);
    /// ```
    pub fn status(mut self, status: impl Into<NotificationStatus>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Sets the former name of the notification. If a notification of that name exists and none of
    /// the new name, it is renamed and keeps its id. This may stay after the renaming. If both
    /// names exist, it is unclear which one is meant: the plan reports a conflict and touches
    /// neither. The former name is not pruned.
    ///
    /// ```
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::NotificationSpec;
    ///
    /// let spec = NotificationSpec::new(CreateNotification::complete("everything")).renamed_from("all");
    /// assert_eq!(spec.former_name(), Some("all"));
    /// ```
    pub fn renamed_from(mut self, name: impl Into<String>) -> Self {
        self.renamed_from = Some(name.into());
        self
    }

    /// Returns the name of the notification.
    #[must_use]
    pub fn name(&self) -> &str {
        self.request.name()
    }

    /// Returns the former name, if it was set.
    #[must_use]
    pub fn former_name(&self) -> Option<&str> {
        self.renamed_from.as_deref()
    }

    /// Returns the request that creates the notification.
    pub fn request(&self) -> &CreateNotification {
        &self.request
    }

    /// Returns the status that was set; `None` if it depends on the topic.
    #[must_use]
    pub fn stated_status(&self) -> Option<&NotificationStatus> {
        self.status.as_ref()
    }

    /// Returns the desired status: the one that was set, or otherwise enabled if there is a topic.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{CreateNotification, NotificationStatus};
    /// use huaweicloud_cts::provision::NotificationSpec;
    ///
    /// let spec = NotificationSpec::new(CreateNotification::complete("everything"));
    /// assert_eq!(spec.desired_status(), NotificationStatus::Disabled);
    /// assert_eq!(spec.stated_status(), None);
    /// ```
    #[must_use]
    pub fn desired_status(&self) -> NotificationStatus {
        self.status.as_ref().unwrap_or_else(|| initial_status(self.topic())).clone()
    }

    /// Returns the topic, unless it is empty.
    pub(super) fn topic(&self) -> Option<&TopicUrn> {
        nonempty(self.request.fields(None).topic_id)
    }

    /// Returns `true` if the topic has a placeholder that was not filled in.
    pub(super) fn has_placeholder(&self) -> bool {
        self.topic().is_some_and(|topic| topic.as_str().contains(['{', '}']))
    }

    pub(super) fn with_topic(mut self, topic: TopicUrn) -> Self {
        self.request = self.request.topic(topic);
        self
    }

    /// Returns the fields, with the desired status.
    pub(super) fn fields(&self) -> Fields<'_> {
        self.request
            .fields(Some(self.status.as_ref().unwrap_or_else(|| initial_status(self.topic()))))
    }

    /// Returns the update that makes a notification match this one. Other fields of the
    /// notification are kept, also those in an operation, a group or a filter that stays.
    pub(super) fn over(&self, current: UpdateNotification) -> UpdateNotification {
        let Fields {
            notification_name,
            operation_type,
            operations,
            notify_user_list,
            status,
            topic_id,
            filter,
            agency_name,
        } = self.fields();
        let kept = current.fields();
        let operations = with_kept(operations, kept.operations);
        let users = with_kept(notify_user_list, kept.notify_user_list);
        let filter = filter
            .filter(|filter| !is_empty_filter(filter))
            .map(std::slice::from_ref)
            .unwrap_or_default();
        let filter =
            with_kept(filter, kept.filter.map(std::slice::from_ref).unwrap_or_default()).pop();

        let mut update = current.rename(notification_name).notify_user_list(users);
        update = match operation_type {
            OperationType::Complete => update.all_operations(),
            _ => update.operations(operations),
        };
        update = match nonempty(topic_id) {
            Some(topic) => update.topic(topic),
            None => update.clear_topic(),
        };
        update = match filter {
            Some(filter) => update.filter(filter),
            None => update.clear_filter(),
        };
        if let Some(agency) = agency_name.filter(|name| !name.is_empty()) {
            update = update.agency(agency);
        }
        match status {
            Some(status) => update.status(status.clone()),
            None => update,
        }
    }
}

impl From<CreateNotification> for NotificationSpec {
    fn from(request: CreateNotification) -> Self {
        Self::new(request)
    }
}

/// Describes a notification as it is, without its unknown fields. The status is set if it does not
/// follow from the topic.
impl From<&Notification> for NotificationSpec {
    fn from(notification: &Notification) -> Self {
        let Fields {
            notification_name,
            operation_type,
            operations,
            notify_user_list,
            status,
            topic_id,
            filter,
            agency_name,
        } = Fields::of(notification);
        let topic_id = nonempty(topic_id);
        let settings = Settings {
            notification_name: notification_name.to_owned(),
            operation_type: operation_type.clone(),
            operations: match operation_type {
                OperationType::Complete => Vec::new(),
                _ => operations.iter().map(without_unknown).collect(),
            },
            notify_user_list: notify_user_list.iter().map(without_unknown).collect(),
            topic_id: topic_id.cloned(),
            filter: filter.filter(|filter| !is_empty_filter(filter)).map(without_unknown),
            agency_name: agency_name.filter(|agency| !agency.is_empty()).map(str::to_owned),
        };
        Self {
            request: settings.into(),
            status: status.filter(|status| *status != initial_status(topic_id)).cloned(),
            renamed_from: None,
        }
    }
}

impl TryFrom<WrittenSpec> for NotificationSpec {
    type Error = String;

    fn try_from(written: WrittenSpec) -> Result<Self, String> {
        let (settings, (status, renamed_from)) = written.split()?;
        let name = &settings.notification_name;
        match (&settings.operation_type, settings.operations.as_slice()) {
            (OperationType::Complete, []) | (OperationType::Customized, [_, ..]) => {}
            (OperationType::Complete, _) => {
                return Err(format!("{name:?}: operation_type is complete, so omit operations"));
            }
            (OperationType::Customized, []) => {
                return Err(format!(
                    "{name:?}: give operations, or operation_type complete for all of them"
                ));
            }
            (OperationType::Unknown(other), _) => {
                return Err(format!(
                    "{name:?}: operation_type is {:?}, not complete or customized",
                    other.as_str()
                ));
            }
        }
        Ok(Self { request: settings.into(), status, renamed_from })
    }
}
