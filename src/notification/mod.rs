//! A key event notification, and the calls on it.
//!
//! CTS publishes to an SMN topic, or calls a function, when it records an operation that a
//! notification is about. A notification is identified by its [`NotificationId`]; its name is
//! unique in a project.
//!
//! | API call | here |
//! |---|---|
//! | `CreateNotification`, `POST /v3/{project_id}/notifications` | [`CtsClient::create_notification`] |
//! | `ListNotifications`, `GET /v3/{project_id}/notifications/{notification_type}` | [`CtsClient::list_notifications`] |
//! | `UpdateNotification`, `PUT /v3/{project_id}/notifications` | [`CtsClient::update_notification`] |
//! | `DeleteNotification`, `DELETE /v3/{project_id}/notifications` | [`CtsClient::delete_notification`], [`CtsClient::delete_notifications`] |
//! | both types at once | [`CtsClient::list_all_notifications`] |
//! | one notification | [`CtsClient::get_notification`] by its id, [`CtsClient::find_notification`] by its name |
//! | read, change the status, write | [`CtsClient::set_status`] |
//!
//! [`CtsClient::create_notification`]: crate::CtsClient::create_notification
//! [`CtsClient::list_notifications`]: crate::CtsClient::list_notifications
//! [`CtsClient::list_all_notifications`]: crate::CtsClient::list_all_notifications
//! [`CtsClient::get_notification`]: crate::CtsClient::get_notification
//! [`CtsClient::find_notification`]: crate::CtsClient::find_notification
//! [`CtsClient::update_notification`]: crate::CtsClient::update_notification
//! [`CtsClient::set_status`]: crate::CtsClient::set_status
//! [`CtsClient::delete_notification`]: crate::CtsClient::delete_notification
//! [`CtsClient::delete_notifications`]: crate::CtsClient::delete_notifications

mod calls;
mod delete;
mod fields;
mod filter;
mod matching;
mod operation;
mod request;
mod topic;

use std::time::SystemTime;

use crate::wire::enums::string_enum;
use crate::wire::open::open_struct;

pub use crate::id::NotificationId;
pub(crate) use calls::{CREATE, UPDATE};
pub use delete::{DeleteNotifications, DeleteReport};
pub(crate) use fields::{Fields, initial_status, nonempty};
pub use filter::{
    Filter, FilterCondition, FilterField, FilterOperator, FilterRule, FilterRuleParts,
};
pub(crate) use matching::Findings;
pub use matching::{FailedRule, Match, MismatchReason, MissingFact};
pub use operation::{NotifyUsers, Operation};
pub use request::{CreateNotification, ListNotifications, UpdateNotification};
pub(crate) use request::{Settings, written};
pub use topic::{NotificationType, TopicUrn};

/// The only agency that a notification can have; the service creates it if necessary. Not on Open
/// Telekom Cloud.
pub const CTS_ADMIN_TRUST: &str = "cts_admin_trust";

string_enum! {
    /// Whether a notification is about all operations or some.
    pub enum OperationType {
        /// Every operation of every service that CTS records.
        Complete = "complete",
        /// The operations that the notification lists.
        Customized = "customized",
    }
}

string_enum! {
    /// Whether a notification is active.
    pub enum NotificationStatus {
        /// It is sent for operations that match. It must have a topic.
        Enabled = "enabled",
        /// The service keeps it, but sends nothing.
        Disabled = "disabled",
    }
}

open_struct! {
    /// A key event notification as the service describes it: the response to create and update, an
    /// item of a list.
    ///
    /// Every field may be absent. Fields that are documented nowhere are in [`other`](Self::other),
    /// here and in the parts. Serializing returns what was read.
    ///
    /// In a test, start from the default:
    ///
    /// ```
    /// use huaweicloud_cts::notification::{Notification, NotificationStatus};
    ///
    /// let mut notification = Notification::default();
    /// notification.notification_name = "key_logins".to_owned();
    /// notification.status = Some(NotificationStatus::Enabled);
    /// assert!(notification.is_enabled());
    /// ```
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Notification {
        /// The id. Empty only if the service left it out.
        pub notification_id: NotificationId,
        /// The name, unique in the project.
        pub notification_name: String,
        /// Whether it publishes to an SMN topic or calls a function.
        pub notification_type: Option<NotificationType>,
        /// Whether it is about all operations or about those in [`operations`](Self::operations).
        pub operation_type: Option<OperationType>,
        /// The operations; empty for [`OperationType::Complete`].
        pub operations: Vec<Operation>,
        /// The users whose operations it is about; empty: all users.
        pub notify_user_list: Vec<NotifyUsers>,
        /// Whether it is active.
        pub status: Option<NotificationStatus>,
        /// The SMN topic or the function. A disabled notification may have none.
        pub topic_id: Option<TopicUrn>,
        /// Conditions that a trace must also meet.
        pub filter: Option<Filter>,
        /// The agency, [`CTS_ADMIN_TRUST`] or none.
        pub agency_name: Option<String>,
        /// The project that it belongs to.
        pub project_id: Option<String>,
        /// The account that it belongs to. Only Open Telekom Cloud returns it.
        pub domain_id: Option<String>,
        /// When it was created, in milliseconds since the epoch. See
        /// [`created_at`](Self::created_at).
        pub create_time: Option<i64>,
    }
}

impl Notification {
    /// Returns the SMN topic or the function. An empty URN counts as none.
    ///
    /// ```
    /// use huaweicloud_cts::notification::Notification;
    ///
    /// let mut notification = Notification::default();
    /// notification.topic_id = Some("".into());
    /// assert_eq!(notification.topic(), None);
    /// ```
    #[must_use]
    pub fn topic(&self) -> Option<&TopicUrn> {
        nonempty(self.topic_id.as_ref())
    }

    /// Returns `true` if it is active.
    ///
    /// ```
    /// use huaweicloud_cts::notification::Notification;
    ///
    /// let notification: Notification = serde_json::from_str(r#"{"status": "enabled"}"#)?;
    /// assert!(notification.is_enabled());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.status == Some(NotificationStatus::Enabled)
    }

    /// Returns when it was created.
    #[must_use]
    pub fn created_at(&self) -> Option<SystemTime> {
        self.create_time.and_then(crate::time::from_epoch_millis)
    }
}
