//! Why a notification does not match, or why it is unknown whether it does.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use super::super::{FilterCondition, FilterRule, NotificationStatus};
use crate::text::escaped;

/// One reason why a notification is not about a trace.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MismatchReason {
    /// The notification is disabled.
    Disabled,
    /// The operation is not among those of the notification.
    #[non_exhaustive]
    Operation {
        /// The trace's `service_type`.
        service_type: Option<String>,
        /// The trace's `resource_type`.
        resource_type: Option<String>,
        /// The trace's `trace_name`.
        trace_name: Option<String>,
        /// An operation of the notification on the same type of resource whose name differs in case
        /// only.
        similar: Option<String>,
    },
    /// The user of the trace, by name, is not among those of the notification. `None`: the
    /// operation has no user, as those of the service itself.
    User(Option<String>),
    /// The filter does not hold.
    #[non_exhaustive]
    Filter {
        /// Whether all filter rules must hold, or any of them.
        condition: FilterCondition,
        /// The filter rules that do not hold, at least one.
        failed: Vec<FailedRule>,
    },
}

/// A filter rule that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct FailedRule {
    /// The filter rule.
    pub rule: FilterRule,
    /// The value of the field in the trace.
    pub found: Option<String>,
}

/// A fact on which it depends whether a notification is about a trace, and which is not known.
///
/// It says nothing about the single trace, so that equal facts can be counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MissingFact {
    /// The notification has users, and the operation is that of an agency: no document says by
    /// which name the service compares it. Traces call it `account/agency`.
    AgencyName,
    /// The notification has users, and the operation is that of a federated user, which no group of
    /// IAM users has.
    FederatedName,
    /// The notification has users, and the trace has a user without a name.
    UserName,
    /// The notification has a group without users, and a trace does not say which groups its user
    /// is in.
    GroupWithoutUsers,
    /// The notification is about all operations, and this one only reads.
    ReadOnly,
    /// The operation is one on the data in a bucket, which a data tracker records.
    DataTrace,
    /// The trace does not have the field of a filter rule with `!=`, or has it in a form that can't
    /// be read.
    AbsentField(FilterRule),
    /// The code of the trace is 0, which stands for no code.
    ZeroCode(FilterRule),
    /// It depends on whether spaces are part of the value in the filter rule, or of the field.
    Spaces(FilterRule),
    /// The filter rule could not be parsed, or has an unknown field or operator.
    FilterRule(FilterRule),
    /// The condition of the filter is neither `AND` nor `OR`.
    FilterCondition(FilterCondition),
    /// The filter is on and has no filter rules.
    EmptyFilter,
    /// The notification has a status that is not documented.
    Status(NotificationStatus),
    /// This field of the notification is absent, has an unknown value, or could not be read.
    Field(&'static str),
}

impl fmt::Display for MismatchReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_nothing =
            |string| Option::as_deref(string).map_or(Cow::Borrowed("(nothing)"), escaped);
        match self {
            Self::Disabled => f.write_str("the notification is disabled"),
            Self::Operation { service_type, resource_type, trace_name, similar } => {
                let [service, resource, name] =
                    [service_type, resource_type, trace_name].map(or_nothing);
                write!(f, "{name} of {service}/{resource} is not among the operations")?;
                match similar {
                    Some(similar) => write!(f, ", but {} is: the case differs", escaped(similar)),
                    None => Ok(()),
                }
            }
            Self::User(None) => f.write_str("the trace has no user, so no user matches"),
            Self::User(Some(name)) => write!(f, "{name:?} is not among the users"),
            Self::Filter { failed, .. } => {
                failed.iter().enumerate().try_for_each(|(at, failed)| {
                    let separator = if at == 0 { "" } else { "; " };
                    write!(f, "{separator}{failed}")
                })
            }
        }
    }
}

impl fmt::Display for FailedRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, found } = self;
        match found {
            Some(found) => {
                write!(f, "the filter rule \"{rule}\" does not hold for {}", escaped(found))
            }
            None => write!(
                f,
                "the filter rule \"{rule}\" does not hold: the trace does not have the field"
            ),
        }
    }
}

impl fmt::Display for MissingFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AgencyName => {
                f.write_str("by which name the service compares an agency with the users")
            }
            Self::FederatedName => {
                f.write_str("by which name the service compares a federated user with the users")
            }
            Self::UserName => f.write_str("the name of the user, which the trace does not have"),
            Self::GroupWithoutUsers => {
                f.write_str("whether the user is in a group that is listed without users")
            }
            Self::ReadOnly => f.write_str(
                "whether a notification about all operations includes those that only read",
            ),
            Self::DataTrace => {
                f.write_str("whether notifications include operations on data in buckets")
            }
            Self::AbsentField(rule) => {
                write!(f, "whether the filter rule \"{rule}\" holds for a trace without the field")
            }
            Self::ZeroCode(rule) => {
                write!(
                    f,
                    "whether the filter rule \"{rule}\" holds for the code 0, which means none"
                )
            }
            Self::Spaces(rule) => {
                write!(
                    f,
                    "whether spaces are part of the values that the filter rule \"{rule}\" compares"
                )
            }
            Self::FilterRule(rule) => {
                write!(
                    f,
                    "what the filter rule \"{rule}\" means: its form, field or operator is unknown"
                )
            }
            Self::FilterCondition(condition) => {
                write!(f, "what the filter's condition {condition} means: it is neither AND nor OR")
            }
            Self::EmptyFilter => f.write_str("whether a filter without filter rules holds"),
            Self::Status(status) => {
                write!(f, "whether a notification with the status {status} is sent")
            }
            Self::Field(field) => {
                write!(f, "the notification's {field}, which is absent or could not be read")
            }
        }
    }
}
