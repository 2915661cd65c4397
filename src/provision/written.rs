//! The strict file format: an unknown field is an error, because it would be ignored silently otherwise.

use serde::Deserialize;

use crate::notification::{
    Filter, FilterCondition, FilterRule, NotificationStatus, Operation, OperationType, TopicUrn,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with the members of a notification")]
pub(super) struct WrittenSpec {
    pub(super) notification_name: String,
    pub(super) operation_type: Option<OperationType>,
    pub(super) operations: Option<Vec<WrittenOperation>>,
    pub(super) notify_user_list: Option<Vec<WrittenUsers>>,
    pub(super) topic_id: Option<TopicUrn>,
    pub(super) filter: Option<WrittenFilter>,
    pub(super) agency_name: Option<String>,
    pub(super) status: Option<NotificationStatus>,
    pub(super) renamed_from: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with service_type, resource_type and trace_names")]
pub(super) struct WrittenOperation {
    pub(super) service_type: String,
    pub(super) resource_type: String,
    pub(super) trace_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with user_group and user_list")]
pub(super) struct WrittenUsers {
    pub(super) user_group: String,
    pub(super) user_list: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with rule, and perhaps condition and is_support_filter")]
pub(super) struct WrittenFilter {
    pub(super) condition: Option<FilterCondition>,
    pub(super) is_support_filter: Option<bool>,
    pub(super) rule: Vec<FilterRule>,
}

impl From<WrittenOperation> for Operation {
    fn from(written: WrittenOperation) -> Self {
        Self::new(written.service_type, written.resource_type, written.trace_names)
    }
}

impl From<WrittenFilter> for Filter {
    fn from(written: WrittenFilter) -> Self {
        let filter = match written.condition {
            Some(condition) => Self { condition, ..Self::all(written.rule) },
            None => Self::all(written.rule),
        };
        filter.enabled(written.is_support_filter.unwrap_or(true))
    }
}
