//! What creating and updating have in common.

use crate::notification::{
    Fields, Filter, NotificationStatus, NotifyUsers, Operation, OperationType, TopicUrn,
};

/// The fields of a notification without its status, which a create does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) notification_name: String,
    pub(crate) operation_type: OperationType,
    pub(crate) operations: Vec<Operation>,
    pub(crate) notify_user_list: Vec<NotifyUsers>,
    pub(crate) topic_id: Option<TopicUrn>,
    pub(crate) filter: Option<Filter>,
    pub(crate) agency_name: Option<String>,
}

impl Settings {
    pub(super) fn new(
        notification_name: String,
        operation_type: OperationType,
        operations: Vec<Operation>,
    ) -> Self {
        Self {
            notification_name,
            operation_type,
            operations,
            notify_user_list: Vec::new(),
            topic_id: None,
            filter: None,
            agency_name: None,
        }
    }

    pub(super) fn fields<'n>(&'n self, status: Option<&'n NotificationStatus>) -> Fields<'n> {
        let Self {
            notification_name,
            operation_type,
            operations,
            notify_user_list,
            topic_id,
            filter,
            agency_name,
        } = self;
        Fields {
            notification_name,
            operation_type,
            operations,
            notify_user_list,
            status,
            topic_id: topic_id.as_ref(),
            filter: filter.as_ref(),
            agency_name: agency_name.as_deref(),
        }
    }

    // What can never be right, whatever the cloud.

    pub(super) fn check_name(&self) -> Result<(), &'static str> {
        if self.notification_name.is_empty() {
            return Err("notification_name is empty: give the notification a name");
        }
        Ok(())
    }

    pub(super) fn check_operations(&self) -> Result<(), &'static str> {
        if self.operation_type == OperationType::Customized && self.operations.is_empty() {
            return Err(
                "operations is empty: a customized notification names its operations; use complete for all of them",
            );
        }
        Ok(())
    }
}

/// Copies all but the status.
impl From<Fields<'_>> for Settings {
    fn from(fields: Fields<'_>) -> Self {
        let Fields {
            notification_name,
            operation_type,
            operations,
            notify_user_list,
            status: _,
            topic_id,
            filter,
            agency_name,
        } = fields;
        Self {
            notification_name: notification_name.to_owned(),
            operation_type: operation_type.clone(),
            operations: operations.to_vec(),
            notify_user_list: notify_user_list.to_vec(),
            topic_id: topic_id.cloned(),
            filter: filter.cloned(),
            agency_name: agency_name.map(str::to_owned),
        }
    }
}

/// Declares the strict form of a notification, as it is in a file or in a stored request:
/// [`Settings`], and the fields given. An unknown field is an error, at any depth.
macro_rules! written {
    ($vis:vis struct $name:ident { $($field:ident: $type:ty,)* }) => {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields, expecting = "a table with the fields of a notification")]
        $vis struct $name {
            notification_name: String,
            operation_type: Option<$crate::notification::OperationType>,
            operations: Option<Vec<$crate::wire::strict::Strict<$crate::notification::Operation>>>,
            notify_user_list: Option<Vec<$crate::wire::strict::Strict<$crate::notification::NotifyUsers>>>,
            topic_id: Option<$crate::notification::TopicUrn>,
            filter: Option<$crate::wire::strict::Strict<$crate::notification::Filter>>,
            agency_name: Option<String>,
            $($field: $type,)*
        }

        impl $name {
            /// Returns the settings and the other fields. The operation type may be absent if there
            /// are operations. It is not inferred from their absence, so that forgetting them does
            /// not create a notification of every operation.
            $vis fn split(self) -> Result<($crate::notification::Settings, ($($type,)*)), String> {
                use $crate::notification::{OperationType, Settings};
                use $crate::wire::strict::Strict;

                let Self {
                    notification_name,
                    operation_type,
                    operations,
                    notify_user_list,
                    topic_id,
                    filter,
                    agency_name,
                    $($field,)*
                } = self;
                let operations: Vec<_> = operations.into_iter().flatten().map(|Strict(one)| one).collect();
                let operation_type = match (operation_type, operations.as_slice()) {
                    (Some(operation_type), _) => operation_type,
                    (None, [_, ..]) => OperationType::Customized,
                    (None, []) => {
                        return Err(format!(
                            "{notification_name:?}: give operations, or operation_type complete for all of them"
                        ));
                    }
                };
                let settings = Settings {
                    notification_name,
                    operation_type,
                    operations,
                    notify_user_list: notify_user_list.into_iter().flatten().map(|Strict(one)| one).collect(),
                    topic_id,
                    filter: filter.map(|Strict(filter)| filter),
                    agency_name,
                };
                Ok((settings, ($($field,)*)))
            }
        }
    };
}
pub(crate) use written;

/// The methods that creating and updating have in common.
macro_rules! settings_setters {
    () => {
        /// Sets the URN of an SMN topic or of a function. It decides the type of the notification.
        /// A notification that is created without one is disabled.
        ///
        /// ```
        /// use huaweicloud_cts::notification::CreateNotification;
        ///
        /// let topic = "urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit";
        /// let request = CreateNotification::complete("everything").topic(topic);
        /// assert!(serde_json::to_string(&request)?.contains(topic));
        /// # Ok::<(), serde_json::Error>(())
        /// ```
        pub fn topic(mut self, urn: impl Into<TopicUrn>) -> Self {
            self.settings.topic_id = Some(urn.into());
            self.touch("topic_id")
        }

        /// Removes the topic. Only a disabled notification can be without one.
        pub fn clear_topic(mut self) -> Self {
            self.settings.topic_id = None;
            self.touch("topic_id")
        }

        /// Adds users of one group. The notification is about the operations of the users added, or
        /// of all users if there are none.
        ///
        /// ```
        /// use huaweicloud_cts::notification::{CreateNotification, NotifyUsers};
        ///
        /// let request = CreateNotification::complete("everything").notify_users("admin", ["alice"]);
        /// let same = CreateNotification::complete("everything").notify_user_list([NotifyUsers::new("admin", ["alice"])]);
        /// assert_eq!(request, same);
        /// ```
        pub fn notify_users<N: Into<String>>(
            mut self,
            user_group: impl Into<String>,
            user_list: impl IntoIterator<Item = N>,
        ) -> Self {
            self.settings.notify_user_list.push(NotifyUsers::new(user_group, user_list));
            self.touch("notify_user_list")
        }

        /// Sets all users, in place of those added before.
        pub fn notify_user_list(mut self, users: impl IntoIterator<Item = NotifyUsers>) -> Self {
            self.settings.notify_user_list = users.into_iter().collect();
            self.touch("notify_user_list")
        }

        /// Removes all users: the notification is about the operations of all users.
        ///
        /// ```
        /// use huaweicloud_cts::notification::UpdateNotification;
        ///
        /// let everybody = UpdateNotification::complete("1", "everything", "enabled");
        /// assert_eq!(everybody.clone().notify_users("admin", ["alice"]).clear_notify_users(), everybody);
        /// ```
        pub fn clear_notify_users(self) -> Self {
            self.notify_user_list([])
        }

        /// Sets the filter: conditions that a trace must also meet.
        ///
        /// ```
        /// use huaweicloud_cts::notification::{CreateNotification, Filter, FilterField, FilterRule};
        ///
        /// let failed = Filter::all([FilterRule::not_equals(FilterField::Code, 200)]);
        /// let request = CreateNotification::complete("failed_operations").filter(failed);
        /// ```
        pub fn filter(mut self, filter: Filter) -> Self {
            self.settings.filter = Some(filter);
            self.touch("filter")
        }

        /// Removes the filter.
        pub fn clear_filter(mut self) -> Self {
            self.settings.filter = None;
            self.touch("filter")
        }

        /// Sets the agency. Only [`CTS_ADMIN_TRUST`](crate::notification::CTS_ADMIN_TRUST) is
        /// documented.
        ///
        /// ```
        /// use huaweicloud_cts::notification::{CTS_ADMIN_TRUST, CreateNotification};
        ///
        /// let request = CreateNotification::complete("everything").agency(CTS_ADMIN_TRUST);
        /// assert_eq!(request.clear_agency(), CreateNotification::complete("everything"));
        /// ```
        pub fn agency(mut self, name: impl Into<String>) -> Self {
            self.settings.agency_name = Some(name.into());
            self.touch("agency_name")
        }

        /// Removes the agency.
        pub fn clear_agency(mut self) -> Self {
            self.settings.agency_name = None;
            self.touch("agency_name")
        }

        /// Returns the name of the notification.
        #[must_use]
        pub fn name(&self) -> &str {
            &self.settings.notification_name
        }

        /// Returns the URN of the topic or the function, if there is one.
        ///
        /// ```
        /// use huaweicloud_cts::notification::CreateNotification;
        ///
        /// let topic = "urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit";
        /// let request = CreateNotification::complete("everything").topic(topic);
        /// assert_eq!(request.topic_id().map(|urn| urn.as_str()), Some(topic));
        /// ```
        #[must_use]
        pub fn topic_id(&self) -> Option<&TopicUrn> {
            self.settings.topic_id.as_ref()
        }
    };
}
pub(super) use settings_setters;
