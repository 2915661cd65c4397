//! Operations, and the users who perform them.

use serde_json::Map;

use crate::wire::open::open_struct;

open_struct! {
    /// Operations on one type of resource of one service.
    ///
    /// ```
    /// use huaweicloud_cts::notification::Operation;
    ///
    /// let logins = Operation::new("IAM", "user", ["login", "loginfailed"]);
    /// assert_eq!(logins.trace_names.len(), 2);
    /// ```
    ///
    /// Documented limits: 1 to 64 characters for each string, 1 to 64 trace names, 1000 operations
    /// of 100 services in one notification. They vary by cloud and are not checked here.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct Operation {
        /// The service's acronym, usually upper case (`CTS`, `ECS`), but not always
        /// (`FunctionGraph`). Sent as it is.
        pub service_type: String,
        /// The type of resource, such as `tracker` or `ecs`.
        pub resource_type: String,
        /// The names of the operations, which are the names of their traces, such as
        /// `createTracker`.
        pub trace_names: Vec<String>,
    }
    strict "a table with service_type, resource_type and trace_names"
}

impl Operation {
    /// Creates the operations `trace_names` on resources of `resource_type` in the service
    /// `service_type`.
    #[must_use]
    pub fn new<N: Into<String>>(
        service_type: impl Into<String>,
        resource_type: impl Into<String>,
        trace_names: impl IntoIterator<Item = N>,
    ) -> Self {
        Self {
            service_type: service_type.into(),
            resource_type: resource_type.into(),
            trace_names: trace_names.into_iter().map(Into::into).collect(),
            other: Map::new(),
        }
    }
}

open_struct! {
    /// IAM users of one group, whose operations a notification is about.
    ///
    /// Documented limits: 10 groups and 50 users in one notification.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct NotifyUsers {
        /// The name of the user group.
        pub user_group: String,
        /// The names of users of that group.
        pub user_list: Vec<String>,
    }
    strict "a table with user_group and user_list"
}

impl NotifyUsers {
    /// Creates the users `user_list` of the group `user_group`.
    ///
    /// ```
    /// use huaweicloud_cts::notification::NotifyUsers;
    ///
    /// let admins = NotifyUsers::new("admin", ["alice", "bob"]);
    /// assert_eq!(admins.user_list, ["alice", "bob"]);
    /// ```
    #[must_use]
    pub fn new<N: Into<String>>(
        user_group: impl Into<String>,
        user_list: impl IntoIterator<Item = N>,
    ) -> Self {
        Self {
            user_group: user_group.into(),
            user_list: user_list.into_iter().map(Into::into).collect(),
            other: Map::new(),
        }
    }
}
