//! Replacing a rule.

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{Rule, rule_setters};
use crate::notification::{
    Filter, Notification, NotificationId, NotificationStatus, NotifyUsers, Operation, OperationType, TopicUrn,
};

/// What [`CtsClient::update_notification`](crate::CtsClient::update_notification) takes: the whole desired notification.
///
/// An update replaces the notification: fields that it leaves out are cleared (observed with filter and users, not
/// documented). Start from the current state with [`from_current`](Self::from_current), and change that.
///
/// ```
/// use huaweicloud_cts::notification::{Notification, UpdateNotification};
///
/// # let mut current = Notification::default();
/// # current.notification_name = "old".to_owned();
/// let request = UpdateNotification::from_current(&current).rename("key_logins").disable().no_filter();
/// assert_eq!(request.name(), "key_logins");
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[must_use]
pub struct UpdateNotification {
    notification_id: NotificationId,
    status: NotificationStatus,
    #[serde(flatten)]
    rule: Rule,
    /// Members of the current rule that could not be read or are not known, to be sent back as they came.
    #[serde(skip)]
    unread: Map<String, Value>,
    /// Whether the operations are those that the service keeps: then they are not for us to judge.
    #[serde(skip)]
    operations_as_kept: bool,
}

impl UpdateNotification {
    /// Members of answers that only the service sets.
    const OF_THE_SERVICE: [&'static str; 6] =
        ["notification_id", "notification_type", "project_id", "domain_id", "enterprise_project_id", "create_time"];

    /// The rule as it is now. Nothing is lost: members that could not be read, and those that this version of the crate does
    /// not know, are sent back as they came, but for ids and times that are the service's own.
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
        let unread = current.other.iter().filter(|(name, _)| !Self::OF_THE_SERVICE.contains(&name.as_str()));
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

    pub(in crate::notification) fn check(&self) -> Result<(), &'static str> {
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
        #[derive(Serialize)]
        struct Known<'u> {
            notification_id: &'u NotificationId,
            status: &'u NotificationStatus,
            #[serde(flatten)]
            rule: &'u Rule,
        }

        let Self { notification_id, status, rule, unread, operations_as_kept: _ } = self;
        let known = Known { notification_id, status, rule };
        if unread.is_empty() {
            return known.serialize(serializer);
        }
        let mut whole = known.serialize(serde_json::value::Serializer).map_err(S::Error::custom)?;
        if let Some(fields) = whole.as_object_mut() {
            fields.extend(unread.clone());
        }
        whole.serialize(serializer)
    }
}
