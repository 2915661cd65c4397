//! Replacing a notification.

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::settings::{Settings, settings_setters, written};
use crate::notification::{
    Fields, Filter, Notification, NotificationId, NotificationStatus, NotifyUsers, Operation,
    OperationType, TopicUrn, initial_status,
};

/// A request of [`CtsClient::update_notification`](crate::CtsClient::update_notification): the
/// whole desired notification.
///
/// An update replaces the notification: fields that it omits are cleared (observed with filter and
/// users, not documented). Start from the current state with [`from_current`](Self::from_current),
/// and change that.
///
/// ```
/// use huaweicloud_cts::notification::{Notification, UpdateNotification};
///
/// # let mut current = Notification::default();
/// # current.notification_name = "old".to_owned();
/// let request = UpdateNotification::from_current(&current).rename("key_logins").disable().clear_filter();
/// assert_eq!(request.name(), "key_logins");
/// ```
///
/// It serializes as the body of the call, with the unknown fields of the current notification, and
/// deserializes as strictly as [`CreateNotification`](super::CreateNotification): an unknown field
/// is an error. So store the [`Notification`] if you need them later.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "WrittenUpdate")]
#[must_use]
pub struct UpdateNotification {
    notification_id: NotificationId,
    status: NotificationStatus,
    settings: Settings,
    /// The fields of the current notification that are not known or could not be read, to be sent
    /// back as they came.
    unread: Map<String, Value>,
    /// Whether the operations are those of the current notification: then they are the service's to
    /// judge.
    operations_as_current: bool,
}

written! {
    struct WrittenUpdate {
        notification_id: NotificationId,
        status: NotificationStatus,
    }
}

impl UpdateNotification {
    /// Fields of responses that only the service sets.
    const OF_THE_SERVICE: [&'static str; 6] = [
        "notification_id",
        "notification_type",
        "project_id",
        "domain_id",
        "enterprise_project_id",
        "create_time",
    ];

    /// Creates an update that changes nothing. Nothing is lost: fields that this version of the
    /// crate does not know or could not read are sent back as they came, except the ids and times
    /// that only the service sets.
    ///
    /// If the service left out the operation type, a notification with operations counts as
    /// customized; if it left out the status, one with a topic counts as enabled.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{Notification, UpdateNotification};
    ///
    /// let current: Notification = serde_json::from_str(r#"{"notification_id": "1", "notification_name": "a", "tags": []}"#)?;
    /// let body = serde_json::to_value(UpdateNotification::from_current(&current))?;
    /// assert!(body["tags"].is_array(), "an unknown field is sent back");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn from_current(current: &Notification) -> Self {
        let fields = Fields::of(current);
        let unread =
            current.other.iter().filter(|(name, _)| !Self::OF_THE_SERVICE.contains(&name.as_str()));
        Self {
            notification_id: current.notification_id.clone(),
            status: fields.status.unwrap_or_else(|| initial_status(fields.topic_id)).clone(),
            settings: Settings::from(fields),
            unread: unread.map(|(name, value)| (name.clone(), value.clone())).collect(),
            operations_as_current: true,
        }
    }

    /// Creates an update of the notification with this id to one of every operation. Fields that
    /// are not set on it are cleared.
    pub fn complete(
        id: impl Into<NotificationId>,
        name: impl Into<String>,
        status: impl Into<NotificationStatus>,
    ) -> Self {
        Self {
            notification_id: id.into(),
            status: status.into(),
            settings: Settings::new(name.into(), OperationType::Complete, Vec::new()),
            unread: Map::new(),
            operations_as_current: false,
        }
    }

    /// Creates an update of the notification with this id to one of these operations. Fields that
    /// are not set on it are cleared.
    pub fn customized(
        id: impl Into<NotificationId>,
        name: impl Into<String>,
        status: impl Into<NotificationStatus>,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Self {
        Self::complete(id, name, status).operations(operations)
    }

    settings_setters!();

    /// Sets the name. The id stays.
    pub fn rename(mut self, name: impl Into<String>) -> Self {
        self.settings.notification_name = name.into();
        self.touch("notification_name")
    }

    /// Makes the notification one of these operations: its type becomes
    /// [`OperationType::Customized`].
    ///
    /// ```
    /// use huaweicloud_cts::notification::{Operation, UpdateNotification};
    ///
    /// let logins = Operation::new("IAM", "user", ["login"]);
    /// let request = UpdateNotification::complete("1", "key_logins", "enabled").operations([logins.clone()]);
    /// assert_eq!(request, UpdateNotification::customized("1", "key_logins", "enabled", [logins]));
    /// ```
    pub fn operations(mut self, operations: impl IntoIterator<Item = Operation>) -> Self {
        self.settings.operation_type = OperationType::Customized;
        self.settings.operations = operations.into_iter().collect();
        self.operations_as_current = false;
        self.touch("operations").touch("operation_type")
    }

    /// Makes the notification one of every operation: its type becomes [`OperationType::Complete`].
    ///
    /// ```
    /// use huaweicloud_cts::notification::{Operation, UpdateNotification};
    ///
    /// let logins = [Operation::new("IAM", "user", ["login"])];
    /// let request = UpdateNotification::customized("1", "everything", "enabled", logins).all_operations();
    /// assert_eq!(request, UpdateNotification::complete("1", "everything", "enabled"));
    /// ```
    pub fn all_operations(mut self) -> Self {
        self.settings.operation_type = OperationType::Complete;
        self.settings.operations = Vec::new();
        self.touch("operations").touch("operation_type")
    }

    /// Sets the status.
    pub fn status(mut self, status: impl Into<NotificationStatus>) -> Self {
        self.status = status.into();
        self.touch("status")
    }

    /// Activates the notification. It must have a topic.
    pub fn enable(self) -> Self {
        self.status(NotificationStatus::Enabled)
    }

    /// Deactivates the notification. It sends nothing until it is enabled again.
    ///
    /// ```
    /// use huaweicloud_cts::notification::UpdateNotification;
    ///
    /// let request = UpdateNotification::complete("1", "everything", "enabled").disable();
    /// assert_eq!(request, UpdateNotification::complete("1", "everything", "disabled"));
    /// ```
    pub fn disable(self) -> Self {
        self.status(NotificationStatus::Disabled)
    }

    /// Returns the id of the notification.
    #[must_use]
    pub fn id(&self) -> &NotificationId {
        &self.notification_id
    }

    pub(crate) fn fields(&self) -> Fields<'_> {
        self.settings.fields(Some(&self.status))
    }

    /// Once a field is set, what could not be read of it no longer counts.
    fn touch(mut self, field: &str) -> Self {
        self.unread.remove(field);
        self
    }

    pub(in crate::notification) fn check(&self) -> Result<(), &'static str> {
        if self.notification_id.as_str().is_empty() {
            return Err(
                "notification_id is empty: an update needs the id that create or list returned",
            );
        }
        if !self.unread.contains_key("notification_name") {
            self.settings.check_name()?;
        }
        if self.operations_as_current { Ok(()) } else { self.settings.check_operations() }
    }
}

impl TryFrom<WrittenUpdate> for UpdateNotification {
    type Error = String;

    fn try_from(written: WrittenUpdate) -> Result<Self, String> {
        let (settings, (notification_id, status)) = written.split()?;
        Ok(Self {
            notification_id,
            status,
            settings,
            unread: Map::new(),
            operations_as_current: false,
        })
    }
}

impl Serialize for UpdateNotification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Known<'u> {
            notification_id: &'u NotificationId,
            #[serde(flatten)]
            fields: Fields<'u>,
        }

        let known = Known { notification_id: &self.notification_id, fields: self.fields() };
        if self.unread.is_empty() {
            return known.serialize(serializer);
        }
        let mut whole = known.serialize(serde_json::value::Serializer).map_err(S::Error::custom)?;
        if let Some(fields) = whole.as_object_mut() {
            fields.extend(self.unread.clone());
        }
        whole.serialize(serializer)
    }
}
