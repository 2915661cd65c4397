//! The requests. They are values: they can be printed, compared, stored and sent again.

mod settings;
mod update;

use serde::{Deserialize, Serialize, Serializer};

use super::{
    Fields, Filter, NotificationStatus, NotificationType, NotifyUsers, Operation, OperationType,
    TopicUrn,
};

use settings::settings_setters;
pub(crate) use settings::{Settings, written};
pub use update::UpdateNotification;

/// A request of [`CtsClient::create_notification`](crate::CtsClient::create_notification).
///
/// ```
/// use huaweicloud_cts::notification::{CreateNotification, Operation};
///
/// let request = CreateNotification::customized("key_logins", [Operation::new("IAM", "user", ["login"])])
///     .topic("urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit")
///     .notify_users("admin", ["alice", "bob"]);
/// assert_eq!(request.name(), "key_logins");
/// ```
///
/// Names are documented as 1 to 64 letters, digits and underscores, on Huawei Cloud Chinese
/// characters too.
///
/// It serializes as the body of the call. It deserializes strictly: an unknown field is an error,
/// because it would be ignored silently otherwise. `operation_type` may be omitted if there are
/// `operations`. The fields `condition` and `is_support_filter` of a filter may be omitted; they
/// are `AND` and `true` then.
///
/// ```
/// use huaweicloud_cts::notification::{CreateNotification, Operation};
///
/// let request: CreateNotification = serde_json::from_str(r#"{
///     "notification_name": "key_logins",
///     "operations": [{ "service_type": "IAM", "resource_type": "user", "trace_names": ["login"] }]
/// }"#)?;
/// assert_eq!(request, CreateNotification::customized("key_logins", [Operation::new("IAM", "user", ["login"])]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "WrittenCreate")]
#[must_use]
pub struct CreateNotification {
    settings: Settings,
}

written! {
    struct WrittenCreate {}
}

impl CreateNotification {
    /// Creates a notification of every operation of every service.
    pub fn complete(name: impl Into<String>) -> Self {
        Settings::new(name.into(), OperationType::Complete, Vec::new()).into()
    }

    /// Creates a notification of these operations, of which there must be at least one.
    pub fn customized(
        name: impl Into<String>,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Self {
        Settings::new(name.into(), OperationType::Customized, operations.into_iter().collect())
            .into()
    }

    settings_setters!();

    #[allow(clippy::unused_self, reason = "the shared setters call it, for updates")]
    fn touch(self, _field: &str) -> Self {
        self
    }

    pub(crate) fn fields<'n>(&'n self, status: Option<&'n NotificationStatus>) -> Fields<'n> {
        self.settings.fields(status)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.settings.check_name()?;
        self.settings.check_operations()
    }
}

impl From<Settings> for CreateNotification {
    fn from(settings: Settings) -> Self {
        Self { settings }
    }
}

impl TryFrom<WrittenCreate> for CreateNotification {
    type Error = String;

    fn try_from(written: WrittenCreate) -> Result<Self, String> {
        let (settings, ()) = written.split()?;
        Ok(settings.into())
    }
}

impl Serialize for CreateNotification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.fields(None).serialize(serializer)
    }
}

/// A request of [`CtsClient::list_notifications`](crate::CtsClient::list_notifications). The
/// service lists one type at a time;
/// [`CtsClient::list_all_notifications`](crate::CtsClient::list_all_notifications) lists both.
///
/// ```
/// use huaweicloud_cts::notification::{ListNotifications, NotificationType};
///
/// assert_eq!(ListNotifications::smn(), ListNotifications::new(NotificationType::Smn));
/// let one = ListNotifications::fun().named("key_logins");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct ListNotifications {
    notification_type: NotificationType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notification_name: Option<String>,
}

impl ListNotifications {
    /// Creates a request for the notifications of one type.
    pub fn new(notification_type: impl Into<NotificationType>) -> Self {
        Self { notification_type: notification_type.into(), notification_name: None }
    }

    /// Creates a request for the notifications that publish to SMN topics.
    pub fn smn() -> Self {
        Self::new(NotificationType::Smn)
    }

    /// Creates a request for the notifications that call functions.
    pub fn fun() -> Self {
        Self::new(NotificationType::Fun)
    }

    /// Asks only for the notification of this name. If there is none, some clouds respond with 404,
    /// and some with an empty list;
    /// [`CtsClient::find_notification`](crate::CtsClient::find_notification) handles both.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.notification_name = Some(name.into());
        self
    }

    pub(super) fn notification_type(&self) -> &NotificationType {
        &self.notification_type
    }

    pub(super) fn notification_name(&self) -> Option<&str> {
        self.notification_name.as_deref()
    }
}
