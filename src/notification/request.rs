//! What the calls take. Requests are values: they can be printed, compared, stored and sent again.

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{
    Filter, Notification, NotificationId, NotificationStatus, NotificationType, NotifyUsers, Operation, OperationType,
    TopicUrn,
};

/// What every rule says, whether it is created or updated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) notification_name: String,
    pub(crate) operation_type: OperationType,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) operations: Vec<Operation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notify_user_list: Vec<NotifyUsers>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) topic_id: Option<TopicUrn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<Filter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) agency_name: Option<String>,
}

impl Rule {
    fn new(name: String, operation_type: OperationType, operations: Vec<Operation>) -> Self {
        Self {
            notification_name: name,
            operation_type,
            operations,
            notify_user_list: Vec::new(),
            topic_id: None,
            filter: None,
            agency_name: None,
        }
    }

    // What can never be right, whatever the cloud.

    fn check_name(&self) -> Result<(), &'static str> {
        if self.notification_name.is_empty() {
            return Err("notification_name is empty: give the notification a name");
        }
        Ok(())
    }

    fn check_operations(&self) -> Result<(), &'static str> {
        if self.operation_type == OperationType::Customized && self.operations.is_empty() {
            return Err(
                "operations is empty: a customized notification names its operations; use complete for all of them",
            );
        }
        Ok(())
    }
}

/// The setters that creating and updating share.
macro_rules! rule_setters {
    () => {
        /// Where the notification goes: the URN of an SMN topic or of a function. Its kind decides the notification's
        /// type. Without one a rule is created disabled.
        pub fn topic(mut self, urn: impl Into<TopicUrn>) -> Self {
            self.rule.topic_id = Some(urn.into());
            self.forget("topic_id")
        }

        /// Adds users of one group: only the operations of those added are notified of.
        pub fn notify_users<N: Into<String>>(
            mut self,
            user_group: impl Into<String>,
            user_list: impl IntoIterator<Item = N>,
        ) -> Self {
            self.rule.notify_user_list.push(NotifyUsers::new(user_group, user_list));
            self.forget("notify_user_list")
        }

        /// Sets all users at once, in place of those added before.
        pub fn notify_user_list(mut self, users: impl IntoIterator<Item = NotifyUsers>) -> Self {
            self.rule.notify_user_list = users.into_iter().collect();
            self.forget("notify_user_list")
        }

        /// Sets further conditions.
        pub fn filter(mut self, filter: Filter) -> Self {
            self.rule.filter = Some(filter);
            self.forget("filter")
        }

        /// Names the agency; only [`CTS_ADMIN_TRUST`](super::CTS_ADMIN_TRUST) is documented.
        pub fn agency(mut self, name: impl Into<String>) -> Self {
            self.rule.agency_name = Some(name.into());
            self.forget("agency_name")
        }

        /// The notification's name.
        #[must_use]
        pub fn name(&self) -> &str {
            &self.rule.notification_name
        }
    };
}

/// What [`CtsClient::create_notification`](crate::CtsClient::create_notification) takes.
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
/// Names are documented as 1 to 64 letters, digits and underscores, on Huawei Cloud Chinese characters too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[must_use]
pub struct CreateNotification {
    #[serde(flatten)]
    rule: Rule,
}

impl CreateNotification {
    /// A notification of every operation of every service.
    pub fn complete(name: impl Into<String>) -> Self {
        Self { rule: Rule::new(name.into(), OperationType::Complete, Vec::new()) }
    }

    /// A notification of the operations given; there must be one at least.
    pub fn customized(name: impl Into<String>, operations: impl IntoIterator<Item = Operation>) -> Self {
        Self { rule: Rule::new(name.into(), OperationType::Customized, operations.into_iter().collect()) }
    }

    rule_setters!();

    #[allow(clippy::unused_self, reason = "the shared setters call it; a new rule has nothing to forget")]
    fn forget(self, _member: &str) -> Self {
        self
    }

    pub(crate) fn rule(&self) -> &Rule {
        &self.rule
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.rule.check_name()?;
        self.rule.check_operations()
    }
}

/// What [`CtsClient::update_notification`](crate::CtsClient::update_notification) takes: the whole rule as it shall be.
///
/// An update is taken to replace the rule: what it does not say is cleared (seen with filter and users; documented
/// nowhere). So start from what is there, with
/// [`from_current`](Self::from_current), and change that.
///
/// ```
/// use huaweicloud_cts::notification::{Notification, UpdateNotification};
///
/// # let mut current = Notification::default();
/// # current.notification_name = "old".to_owned();
/// let request = UpdateNotification::from_current(&current).rename("key_logins").disable().no_filter();
/// assert_eq!(request.name(), "key_logins");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[must_use]
pub struct UpdateNotification {
    notification_id: NotificationId,
    status: NotificationStatus,
    #[serde(flatten)]
    rule: Rule,
    /// Members of the current rule that could not be read, to be sent back as they came.
    #[serde(skip)]
    unread: Map<String, Value>,
    /// Whether the operations are those that the service keeps: then they are not for us to judge.
    #[serde(skip)]
    operations_as_kept: bool,
}

impl UpdateNotification {
    /// The members that an update has.
    const MEMBERS: [&'static str; 8] = [
        "notification_name",
        "operation_type",
        "operations",
        "notify_user_list",
        "topic_id",
        "filter",
        "agency_name",
        "status",
    ];

    /// The rule as it is now. None of the members that an update has is lost: one that could not be read is sent back as it
    /// came.
    ///
    /// Where the service left out the operation type, a rule with operations counts as customized; where it left out the
    /// status, one with a topic counts as enabled.
    pub fn from_current(current: &Notification) -> Self {
        let operations = current.operations.clone();
        let operation_type = current.operation_type.clone().unwrap_or(match operations.as_slice() {
            [] => OperationType::Complete,
            _ => OperationType::Customized,
        });
        let status = current.status.clone().unwrap_or(match current.topic() {
            Some(_) => NotificationStatus::Enabled,
            None => NotificationStatus::Disabled,
        });
        let unread = current.other.iter().filter(|(name, _)| Self::MEMBERS.contains(&name.as_str()));
        Self {
            notification_id: current.notification_id.clone(),
            status,
            rule: Rule {
                notification_name: current.notification_name.clone(),
                operation_type,
                operations,
                notify_user_list: current.notify_user_list.clone(),
                topic_id: current.topic_id.clone(),
                filter: current.filter.clone(),
                agency_name: current.agency_name.clone(),
            },
            unread: unread.map(|(name, value)| (name.clone(), value.clone())).collect(),
            operations_as_kept: true,
        }
    }

    /// The rule of this id becomes one of every operation, and all that is not set here is cleared.
    pub fn complete(
        id: impl Into<NotificationId>,
        name: impl Into<String>,
        status: impl Into<NotificationStatus>,
    ) -> Self {
        Self {
            notification_id: id.into(),
            status: status.into(),
            rule: Rule::new(name.into(), OperationType::Complete, Vec::new()),
            unread: Map::new(),
            operations_as_kept: false,
        }
    }

    /// The rule of this id becomes one of the operations given, and all that is not set here is cleared.
    pub fn customized(
        id: impl Into<NotificationId>,
        name: impl Into<String>,
        status: impl Into<NotificationStatus>,
        operations: impl IntoIterator<Item = Operation>,
    ) -> Self {
        Self::complete(id, name, status).operations(operations)
    }

    rule_setters!();

    /// Gives the rule another name; its id stays.
    pub fn rename(mut self, name: impl Into<String>) -> Self {
        self.rule.notification_name = name.into();
        self.forget("notification_name")
    }

    /// Makes the rule one of the operations given.
    pub fn operations(mut self, operations: impl IntoIterator<Item = Operation>) -> Self {
        self.rule.operation_type = OperationType::Customized;
        self.rule.operations = operations.into_iter().collect();
        self.operations_as_kept = false;
        self.forget("operations").forget("operation_type")
    }

    /// Makes the rule one of every operation.
    pub fn all_operations(mut self) -> Self {
        self.rule.operation_type = OperationType::Complete;
        self.rule.operations = Vec::new();
        self.forget("operations").forget("operation_type")
    }

    /// Activates the rule or silences it.
    pub fn status(mut self, status: impl Into<NotificationStatus>) -> Self {
        self.status = status.into();
        self.forget("status")
    }

    /// Activates the rule. It must have a topic.
    pub fn enable(self) -> Self {
        self.status(NotificationStatus::Enabled)
    }

    /// Silences the rule.
    pub fn disable(self) -> Self {
        self.status(NotificationStatus::Disabled)
    }

    /// Removes the topic. The rule must be disabled.
    pub fn no_topic(mut self) -> Self {
        self.rule.topic_id = None;
        self.forget("topic_id")
    }

    /// Notifies of everybody's operations.
    pub fn all_users(self) -> Self {
        self.notify_user_list([])
    }

    /// Removes the filter.
    pub fn no_filter(mut self) -> Self {
        self.rule.filter = None;
        self.forget("filter")
    }

    /// The notification's id.
    #[must_use]
    pub fn id(&self) -> &NotificationId {
        &self.notification_id
    }

    /// The rule, with what the service left out as it must be.
    pub(crate) fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The status, with the same.
    pub(crate) fn wanted_status(&self) -> &NotificationStatus {
        &self.status
    }

    /// A member of the current rule that could not be read, as it came.
    pub(crate) fn unread(&self, member: &str) -> Option<&Value> {
        self.unread.get(member)
    }

    /// What could not be read of a member no longer counts once the member is set.
    fn forget(mut self, member: &str) -> Self {
        self.unread.remove(member);
        self
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.notification_id.as_str().is_empty() {
            return Err("notification_id is empty: an update needs the id that create or list gave");
        }
        if !self.unread.contains_key("notification_name") {
            self.rule.check_name()?;
        }
        if self.operations_as_kept { Ok(()) } else { self.rule.check_operations() }
    }
}

impl Serialize for UpdateNotification {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.unread.is_empty() {
            return Self::serialize(self, serializer);
        }
        let mut whole = Self::serialize(self, serde_json::value::Serializer).map_err(S::Error::custom)?;
        if let Some(members) = whole.as_object_mut() {
            members.extend(self.unread.clone());
        }
        whole.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UpdateNotification {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

/// What [`CtsClient::list_notifications`](crate::CtsClient::list_notifications) takes. The service has no "all types": for
/// that there is [`CtsClient::list_all_notifications`](crate::CtsClient::list_all_notifications).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct ListNotifications {
    notification_type: NotificationType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notification_name: Option<String>,
}

impl ListNotifications {
    /// The rules that go to SMN topics.
    pub fn smn() -> Self {
        Self::of_type(NotificationType::Smn)
    }

    /// The rules that go to functions.
    pub fn fun() -> Self {
        Self::of_type(NotificationType::Fun)
    }

    /// The rules of one type.
    pub fn of_type(notification_type: impl Into<NotificationType>) -> Self {
        Self { notification_type: notification_type.into(), notification_name: None }
    }

    /// Only the rule of this name. Some clouds answer 404 when there is none, some with an empty list;
    /// [`CtsClient::find_notification`](crate::CtsClient::find_notification) takes both.
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
