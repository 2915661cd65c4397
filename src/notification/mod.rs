//! A key event notification, and the calls on it.
//!
//! A notification is a rule: when an operation that it names is recorded, CTS publishes to an SMN topic, or calls a
//! function. It is known by its [`NotificationId`]; its name is unique in a project.
//!
//! | API call | here |
//! |---|---|
//! | CreateNotification, `POST /v3/{project_id}/notifications` | [`CtsClient::create_notification`] |
//! | ListNotifications, `GET /v3/{project_id}/notifications/{notification_type}` | [`CtsClient::list_notifications`] |
//! | UpdateNotification, `PUT /v3/{project_id}/notifications` | [`CtsClient::update_notification`] |
//! | DeleteNotification, `DELETE /v3/{project_id}/notifications` | [`CtsClient::delete_notification`], [`CtsClient::delete_notifications`] |
//! | both types at once | [`CtsClient::list_all_notifications`], [`CtsClient::find_notification`] |
//! | read, change the status, write | [`CtsClient::set_status`] |
//!
//! [`CtsClient`]: crate::CtsClient
//! [`CtsClient::create_notification`]: crate::CtsClient::create_notification
//! [`CtsClient::list_notifications`]: crate::CtsClient::list_notifications
//! [`CtsClient::list_all_notifications`]: crate::CtsClient::list_all_notifications
//! [`CtsClient::find_notification`]: crate::CtsClient::find_notification
//! [`CtsClient::update_notification`]: crate::CtsClient::update_notification
//! [`CtsClient::set_status`]: crate::CtsClient::set_status
//! [`CtsClient::delete_notification`]: crate::CtsClient::delete_notification
//! [`CtsClient::delete_notifications`]: crate::CtsClient::delete_notifications

mod calls;
mod delete;
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
pub use filter::{Filter, FilterCondition, FilterField, FilterOperator, FilterRule, FilterRuleParts};
pub use matching::{FailedRule, Match, MismatchReason, MissingFact};
pub use operation::{NotifyUsers, Operation};
pub(crate) use request::Rule;
pub use request::{CreateNotification, ListNotifications, UpdateNotification};
pub use topic::{NotificationType, TopicUrn};

/// The one agency that a notification can name; the service creates it on the way. Not on Open Telekom Cloud.
pub const CTS_ADMIN_TRUST: &str = "cts_admin_trust";

string_enum! {
    /// Which operations a notification is about.
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
        /// Matching operations are notified of. Needs a topic.
        Enabled = "enabled",
        /// The rule is kept, but silent.
        Disabled = "disabled",
    }
}

open_struct! {
    /// A key event notification as the service describes it: the answer to create and update, an item of a list.
    ///
    /// Every member may be missing, and an answer may have members that are documented nowhere; these are in
    /// [`other`](Self::other). Serialising gives back what was read.
    ///
    /// In a test, start from the default:
    ///
    /// ```
    /// use huaweicloud_cts::notification::{Notification, NotificationStatus};
    ///
    /// let mut rule = Notification::default();
    /// rule.notification_name = "key_logins".to_owned();
    /// rule.status = Some(NotificationStatus::Enabled);
    /// ```
    #[derive(Clone, Debug, Default, PartialEq)]
    #[non_exhaustive]
    pub struct Notification {
        /// Its id. Empty only if the service left it out.
        pub notification_id: NotificationId,
        /// Its name, unique in the project.
        pub notification_name: String,
        /// Where it goes: to an SMN topic or to a function.
        pub notification_type: Option<NotificationType>,
        /// Whether it is about all operations or about those listed.
        pub operation_type: Option<OperationType>,
        /// The operations; empty for [`OperationType::Complete`].
        pub operations: Vec<Operation>,
        /// Whose operations it is about; empty: everybody's.
        pub notify_user_list: Vec<NotifyUsers>,
        /// Whether it is active.
        pub status: Option<NotificationStatus>,
        /// The SMN topic or the function. A rule that is disabled may have none.
        pub topic_id: Option<TopicUrn>,
        /// Further conditions.
        pub filter: Option<Filter>,
        /// The agency, [`CTS_ADMIN_TRUST`] or none.
        pub agency_name: Option<String>,
        /// The project that it belongs to.
        pub project_id: Option<String>,
        /// The account that it belongs to. Only Open Telekom Cloud tells.
        pub domain_id: Option<String>,
        /// When it was created, in milliseconds since the epoch. See [`created_at`](Self::created_at).
        pub create_time: Option<i64>,
    }
}

impl Notification {
    /// The topic or function, if it has one: an empty text counts as none.
    #[must_use]
    pub fn topic(&self) -> Option<&TopicUrn> {
        self.topic_id.as_ref().filter(|topic| !topic.as_str().is_empty())
    }

    /// Whether it is active.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.status == Some(NotificationStatus::Enabled)
    }

    /// When it was created.
    #[must_use]
    pub fn created_at(&self) -> Option<SystemTime> {
        self.create_time.and_then(crate::time::from_epoch_millis)
    }
}
