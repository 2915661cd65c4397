//! The members of a file, strictly: one that there is not would otherwise be a wish that nobody hears.

use serde::Deserialize;

use super::NotificationSpec;
use super::set::{NotificationSet, SetError};
use crate::notification::{
    CreateNotification, Filter, FilterCondition, FilterRule, NotificationStatus, NotifyUsers, Operation, OperationType,
    TopicUrn,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with notifications")]
pub(super) struct WrittenSet {
    notifications: Vec<NotificationSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with the members of a notification")]
pub(super) struct WrittenSpec {
    notification_name: String,
    operation_type: Option<OperationType>,
    operations: Option<Vec<WrittenOperation>>,
    notify_user_list: Option<Vec<WrittenUsers>>,
    topic_id: Option<TopicUrn>,
    filter: Option<WrittenFilter>,
    agency_name: Option<String>,
    status: Option<NotificationStatus>,
    renamed_from: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with service_type, resource_type and trace_names")]
struct WrittenOperation {
    service_type: String,
    resource_type: String,
    trace_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with user_group and user_list")]
struct WrittenUsers {
    user_group: String,
    user_list: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with rule, and perhaps condition and is_support_filter")]
struct WrittenFilter {
    condition: Option<FilterCondition>,
    is_support_filter: Option<bool>,
    rule: Vec<FilterRule>,
}

impl TryFrom<WrittenSet> for NotificationSet {
    type Error = SetError;

    fn try_from(written: WrittenSet) -> Result<Self, SetError> {
        Self::new(written.notifications)
    }
}

impl TryFrom<WrittenSpec> for NotificationSpec {
    type Error = String;

    fn try_from(written: WrittenSpec) -> Result<Self, String> {
        let name = written.notification_name;
        let operations: Vec<Operation> = written.operations.unwrap_or_default().into_iter().map(Into::into).collect();
        let mut request = match (written.operation_type, operations.is_empty()) {
            (Some(OperationType::Complete), true) => CreateNotification::complete(name),
            (Some(OperationType::Complete), false) => {
                return Err(format!("{name:?}: operation_type is complete, so leave operations out"));
            }
            (None | Some(OperationType::Customized), false) => CreateNotification::customized(name, operations),
            (None | Some(OperationType::Customized), true) => {
                return Err(format!("{name:?}: give operations, or operation_type complete for all of them"));
            }
            (Some(other), _) => {
                return Err(format!("{name:?}: operation_type is {:?}, not complete or customized", other.as_str()));
            }
        };
        if let Some(topic) = written.topic_id {
            request = request.topic(topic);
        }
        let users = written.notify_user_list.unwrap_or_default();
        request = request.notify_user_list(users.into_iter().map(|of| NotifyUsers::new(of.user_group, of.user_list)));
        if let Some(filter) = written.filter {
            request = request.filter(filter.into());
        }
        if let Some(agency) = written.agency_name {
            request = request.agency(agency);
        }
        let mut spec = Self::new(request);
        if let Some(status) = written.status {
            spec = spec.status(status);
        }
        if let Some(former) = written.renamed_from {
            spec = spec.renamed_from(former);
        }
        Ok(spec)
    }
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
