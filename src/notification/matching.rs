//! Whether a notification is about a recorded operation.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use super::{
    Filter, FilterCondition, FilterField, FilterOperator, FilterRule, Notification, NotificationStatus, OperationType,
};
use crate::text::escaped;
use crate::trace::Trace;

/// Why a notification is not about a recorded operation: everything that stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// The reasons, at least one.
    pub reasons: Vec<MismatchReason>,
}

/// One thing that stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MismatchReason {
    /// The notification is not enabled.
    NotEnabled(NotificationStatus),
    /// The operation is none of those that the notification lists.
    #[non_exhaustive]
    Operation {
        /// The trace's `service_type`.
        service_type: Option<String>,
        /// The trace's `resource_type`.
        resource_type: Option<String>,
        /// The trace's `trace_name`.
        trace_name: Option<String>,
    },
    /// The user is none of those that the notification lists. The name is the trace's.
    User(Option<String>),
    /// A filter rule does not hold.
    #[non_exhaustive]
    Filter {
        /// The rule.
        rule: FilterRule,
        /// What the trace has in its place.
        found: Option<String>,
    },
    /// A filter rule is of no known form, so whether it holds is not known.
    UnknownFilterRule(FilterRule),
    /// The filter's rules add up in no known way.
    UnknownFilterCondition(FilterCondition),
    /// A member of the notification could not be read, so whether it holds is not known.
    Unreadable(&'static str),
}

impl Notification {
    /// Whether a recorded operation is one that this notification tells of, as far as the documents say.
    ///
    /// - A notification with a status must be enabled.
    /// - A customized one must list the operation. Services and resource types are compared without regard to case, since
    ///   events write them in several ways; names exactly.
    /// - If it lists users, the trace's user must be among them, by name.
    /// - Unless the filter is off, all of its rules must hold, or any, as its condition says; a filter without rules holds.
    ///   A field is compared as text, a code as a number's text.
    ///
    /// Not known is: whether the service regards case; what it makes of user groups, which a trace does not tell, of agencies
    /// and of operations without a user (here these match no list); whether `!=` holds for a member that is missing (here it
    /// does) and what it takes a code of 0 for (here it is `0`). When it matters, ask the service.
    ///
    /// # Errors
    ///
    /// [`Mismatch`], with every reason.
    ///
    /// # Example
    ///
    /// ```
    /// use huaweicloud_cts::notification::Notification;
    /// use huaweicloud_cts::trace::Trace;
    ///
    /// let rule: Notification = serde_json::from_str(r#"{
    ///     "operation_type": "customized", "status": "enabled",
    ///     "operations": [{"service_type": "IAM", "resource_type": "user", "trace_names": ["login"]}],
    ///     "filter": {"is_support_filter": true, "condition": "AND", "rule": ["code != 200", "trace_rating = warning"]}
    /// }"#)?;
    /// let trace: Trace = serde_json::from_str(
    ///     r#"{"service_type": "IAM", "resource_type": "user", "trace_name": "login", "code": "200", "trace_rating": "warning"}"#,
    /// )?;
    /// assert_eq!(rule.matches(&trace).unwrap_err().to_string(), "the filter \"code != 200\" does not hold for 200");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn matches(&self, trace: &Trace) -> Result<(), Mismatch> {
        let mut reasons = Vec::new();
        if let Some(status) = self.status.as_ref().filter(|status| **status != NotificationStatus::Enabled) {
            reasons.push(MismatchReason::NotEnabled(status.clone()));
        }
        if self.operation_type != Some(OperationType::Complete) && !self.lists_operation(trace) {
            reasons.push(MismatchReason::Operation {
                service_type: trace.service_type.clone(),
                resource_type: trace.resource_type.clone(),
                trace_name: trace.trace_name.clone(),
            });
        }
        let mut users = self.notify_user_list.iter().flat_map(|group| &group.user_list).peekable();
        if users.peek().is_some() {
            let name = trace.user.name();
            if !users.any(|user| Some(user.as_str()) == name) {
                reasons.push(MismatchReason::User(name.map(str::to_owned)));
            }
        }
        if let Some(filter) = self.filter.as_ref().filter(|filter| filter.is_support_filter) {
            filter.check(trace, &mut reasons);
        }
        let unreadable =
            ["operations", "notify_user_list", "filter"].into_iter().filter(|name| self.other.contains_key(*name));
        reasons.extend(unreadable.map(MismatchReason::Unreadable));
        if reasons.is_empty() { Ok(()) } else { Err(Mismatch { reasons }) }
    }

    fn lists_operation(&self, trace: &Trace) -> bool {
        let is = |found: &Option<String>, listed: &str| {
            found.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(listed))
        };
        self.operations.iter().any(|operation| {
            is(&trace.service_type, &operation.service_type)
                && is(&trace.resource_type, &operation.resource_type)
                && operation.trace_names.iter().any(|name| Some(name) == trace.trace_name.as_ref())
        })
    }
}

impl Filter {
    fn check(&self, trace: &Trace, reasons: &mut Vec<MismatchReason>) {
        if !matches!(self.condition, FilterCondition::And | FilterCondition::Or) {
            reasons.push(MismatchReason::UnknownFilterCondition(self.condition.clone()));
            return;
        }
        let failed: Vec<_> = self.rule.iter().filter_map(|rule| rule.check(trace).err()).collect();
        if self.condition == FilterCondition::And || failed.len() == self.rule.len() {
            reasons.extend(failed);
        }
    }
}

impl FilterRule {
    fn check(&self, trace: &Trace) -> Result<(), MismatchReason> {
        let unknown = || MismatchReason::UnknownFilterRule(self.clone());
        let parts = self.parts().ok_or_else(unknown)?;
        let found: Option<Cow<'_, str>> = match &parts.field {
            FilterField::ApiVersion => trace.api_version.as_deref().map(Cow::from),
            FilterField::Code => match trace.code() {
                Some(code) => Some(code.to_string().into()),
                None => trace.code.value().and_then(serde_json::Value::as_str).map(Cow::from),
            },
            FilterField::TraceRating => trace.rating().map(|rating| rating.as_str().into()),
            FilterField::TraceType => trace.trace_type.as_ref().map(|kind| kind.as_str().into()),
            FilterField::ResourceId => trace.resource_id.as_deref().map(Cow::from),
            FilterField::ResourceName => trace.resource_name.as_deref().map(Cow::from),
            FilterField::Unknown(_) => return Err(unknown()),
        };
        let is_equal = found.as_deref() == Some(parts.value);
        let holds = match parts.operator {
            FilterOperator::Equals => is_equal,
            FilterOperator::NotEquals => !is_equal,
            FilterOperator::Unknown(_) => return Err(unknown()),
        };
        if holds {
            return Ok(());
        }
        Err(MismatchReason::Filter { rule: self.clone(), found: found.map(Cow::into_owned) })
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, reason) in self.reasons.iter().enumerate() {
            write!(f, "{}{reason}", if index > 0 { "; " } else { "" })?;
        }
        Ok(())
    }
}

impl StdError for Mismatch {}

impl fmt::Display for MismatchReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_nothing = |text| Option::as_deref(text).map_or(Cow::Borrowed("(nothing)"), escaped);
        match self {
            Self::NotEnabled(status) => write!(f, "the notification is {status}"),
            Self::Operation { service_type, resource_type, trace_name } => {
                let [service, resource, name] = [service_type, resource_type, trace_name].map(or_nothing);
                write!(f, "{name} of {service}/{resource} is not among the operations")
            }
            Self::User(None) => f.write_str("the trace has no user, so no user matches"),
            Self::User(Some(name)) => write!(f, "{name:?} is not among the users"),
            Self::Filter { rule, found: Some(found) } => {
                write!(f, "the filter \"{rule}\" does not hold for {}", escaped(found))
            }
            Self::Filter { rule, found: None } => {
                write!(f, "the filter \"{rule}\" does not hold, for the trace has no such member")
            }
            Self::UnknownFilterRule(rule) => write!(f, "the filter \"{rule}\" is of no known form"),
            Self::UnknownFilterCondition(condition) => write!(f, "the filter's condition is {condition}"),
            Self::Unreadable(member) => write!(f, "the notification's {member} could not be read"),
        }
    }
}
