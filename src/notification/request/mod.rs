//! What the calls take. Requests are values: they can be printed, compared, stored and sent again.

mod update;

use serde::{Deserialize, Serialize};

use super::{Filter, NotificationType, NotifyUsers, Operation, OperationType, TopicUrn};

pub use update::UpdateNotification;

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

        /// Names the agency; only [`CTS_ADMIN_TRUST`](crate::notification::CTS_ADMIN_TRUST) is documented.
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
use rule_setters;

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
