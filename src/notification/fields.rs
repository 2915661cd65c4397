//! The one list of the fields of a notification that a program can set.
//!
//! Whatever depends on the fields destructures [`Fields`] without `..`: the bodies of requests, an
//! update from the current notification, the file format, the comparison of a plan, export and
//! preflight. So a new field does not compile until all of them know it.

use serde::Serialize;

use super::{
    Filter, Notification, NotificationStatus, NotifyUsers, Operation, OperationType, TopicUrn,
};

/// The fields of a notification, borrowed from a request, a spec or a response.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Fields<'n> {
    pub(crate) notification_name: &'n str,
    pub(crate) operation_type: &'n OperationType,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) operations: &'n [Operation],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub(crate) notify_user_list: &'n [NotifyUsers],
    /// A create has none: the service decides by the topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<&'n NotificationStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) topic_id: Option<&'n TopicUrn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<&'n Filter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agency_name: Option<&'n str>,
}

impl<'n> Fields<'n> {
    /// Returns the fields of a notification that the service described. If it left out the
    /// operation type, a notification with operations counts as customized; if it left out the
    /// status, one with a topic counts as enabled.
    pub(crate) fn of(notification: &'n Notification) -> Self {
        let Notification {
            notification_name,
            operation_type,
            operations,
            notify_user_list,
            status,
            topic_id,
            filter,
            agency_name,
            // Only the service sets these.
            notification_id: _,
            notification_type: _,
            project_id: _,
            domain_id: _,
            create_time: _,
            // What can't be a value of a field.
            other: _,
        } = notification;
        Self {
            notification_name,
            operation_type: operation_type.as_ref().unwrap_or(match operations.as_slice() {
                [] => &OperationType::Complete,
                _ => &OperationType::Customized,
            }),
            operations,
            notify_user_list,
            status: Some(status.as_ref().unwrap_or_else(|| initial_status(topic_id.as_ref()))),
            topic_id: topic_id.as_ref(),
            filter: filter.as_ref(),
            agency_name: agency_name.as_deref(),
        }
    }
}

/// Returns a topic unless it is empty: to the service, that means none.
pub(crate) fn nonempty(topic: Option<&TopicUrn>) -> Option<&TopicUrn> {
    topic.filter(|topic| !topic.as_str().is_empty())
}

/// Returns the status with which the service creates a notification.
pub(crate) fn initial_status(topic: Option<&TopicUrn>) -> &'static NotificationStatus {
    match nonempty(topic) {
        Some(_) => &NotificationStatus::Enabled,
        None => &NotificationStatus::Disabled,
    }
}
