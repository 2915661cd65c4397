//! Comparing a notification with a trace.

mod filter;
mod reason;
mod user;

use std::fmt;

use serde_json::{Map, Value};

use super::{Fields, Notification, NotificationStatus, Operation, OperationType};
use crate::trace::{Trace, TraceType};
use crate::wire::loose::filled;

pub use reason::{FailedRule, MismatchReason, MissingFact};

/// Whether a notification is about a trace: what [`Notification::matches`] returns.
///
/// `Display` writes `yes`, or `no` or `unknown` with the reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "there is no fourth value")]
#[must_use]
pub enum Match {
    /// The notification is about the trace.
    Yes,
    /// The notification is not about the trace, for these reasons: at least one.
    No(Vec<MismatchReason>),
    /// Nothing speaks against it, but it depends on these facts: at least one. Neither the
    /// notification nor the trace has them, and no document states them.
    Unknown(Vec<MissingFact>),
}

impl Match {
    /// Returns `true` for [`Match::Yes`].
    #[must_use]
    pub const fn is_yes(&self) -> bool {
        matches!(self, Self::Yes)
    }

    /// Returns `true` for [`Match::No`].
    ///
    /// ```
    /// use huaweicloud_cts::notification::Notification;
    /// use huaweicloud_cts::trace::Trace;
    ///
    /// let disabled: Notification = serde_json::from_str(r#"{"operation_type": "complete", "status": "disabled"}"#)?;
    /// assert!(disabled.matches(&Trace::default()).is_no());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub const fn is_no(&self) -> bool {
        matches!(self, Self::No(_))
    }

    /// Returns `true` for [`Match::Unknown`].
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list(
            f: &mut fmt::Formatter<'_>,
            word: &str,
            items: &[impl fmt::Display],
        ) -> fmt::Result {
            f.write_str(word)?;
            items
                .iter()
                .enumerate()
                .try_for_each(|(at, item)| write!(f, "{} {item}", if at == 0 { ":" } else { ";" }))
        }
        match self {
            Self::Yes => f.write_str("yes"),
            Self::No(reasons) => list(f, "no", reasons),
            Self::Unknown(facts) => list(f, "unknown", facts),
        }
    }
}

/// What was found in a comparison.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    pub(crate) reasons: Vec<MismatchReason>,
    pub(crate) facts: Vec<MissingFact>,
}

impl From<Findings> for Match {
    fn from(Findings { reasons, facts }: Findings) -> Self {
        match (reasons.is_empty(), facts.is_empty()) {
            (false, _) => Self::No(reasons),
            (true, false) => Self::Unknown(facts),
            (true, true) => Self::Yes,
        }
    }
}

impl Notification {
    /// Compares the notification with a trace: is it about the operation, according to the
    /// documents?
    ///
    /// - If the notification has a status, it must be enabled.
    /// - A customized notification must list the operation. Services and resource types are
    ///   compared without case, because traces and notifications spell them in several ways; names
    ///   of operations are compared exactly.
    /// - If the notification lists users, the user of the trace must be among them, by name. A
    ///   trace does not say which groups its user is in: a listed user counts as a member of the
    ///   group that it is listed with.
    /// - If the filter is on, all of its filter rules must hold, or any, depending on its
    ///   condition. Fields are compared as strings, also the code.
    ///
    /// Where the documents do not say what the service does, the result is [`Match::Unknown`], with
    /// each [`MissingFact`], unless something else rules the match out.
    ///
    /// A trace can't tell everything: nothing is sent while the system tracker is off, and
    /// operations of global services, such as IAM, are recorded in the central region of the
    /// account only.
    ///
    /// # Example
    ///
    /// ```
    /// use huaweicloud_cts::notification::Notification;
    /// use huaweicloud_cts::trace::Trace;
    ///
    /// let notification: Notification = serde_json::from_str(r#"{
    ///     "operation_type": "customized", "status": "enabled",
    ///     "operations": [{"service_type": "IAM", "resource_type": "user", "trace_names": ["login"]}],
    ///     "filter": {"is_support_filter": true, "condition": "AND", "rule": ["code != 200"]}
    /// }"#)?;
    /// let matches = |code: &str| -> Result<String, serde_json::Error> {
    ///     let mut trace: Trace = serde_json::from_str(
    ///         r#"{"service_type": "iam", "resource_type": "user", "trace_name": "login"}"#,
    ///     )?;
    ///     trace.code = code.into();
    ///     Ok(notification.matches(&trace).to_string())
    /// };
    /// assert_eq!(matches("403")?, "yes");
    /// assert_eq!(matches("200")?, r#"no: the filter rule "code != 200" does not hold for 200"#);
    /// assert_eq!(
    ///     matches("")?,
    ///     r#"unknown: whether the filter rule "code != 200" holds for a trace without the field"#
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn matches(&self, trace: &Trace) -> Match {
        let mut found = Findings::default();
        match &self.status {
            None if is_unreadable(&self.other, &["status"]) => {
                found.facts.push(MissingFact::Field("status"));
            }
            None | Some(NotificationStatus::Enabled) => {}
            Some(NotificationStatus::Disabled) => found.reasons.push(MismatchReason::Disabled),
            Some(other) => found.facts.push(MissingFact::Status(other.clone())),
        }
        match self.lists(trace) {
            Ok(true) => {}
            Ok(false) => found.reasons.push(self.other_operation(trace)),
            Err(fact) => found.facts.push(fact),
        }
        self.compare_conditions(trace, &mut found);
        found.into()
    }

    /// Returns whether the notification lists the operation of a trace. It depends on the service,
    /// the resource type and the name alone.
    pub(crate) fn lists(&self, trace: &Trace) -> Result<bool, MissingFact> {
        let is_listed = || {
            let operations =
                self.operations.iter().filter(|operation| operation.has_resource_of(trace));
            let name = filled(trace.trace_name.as_deref());
            operations
                .flat_map(|operation| &operation.trace_names)
                .any(|listed| Some(listed.as_str()) == name)
        };
        match &self.operation_type {
            Some(OperationType::Complete) => Ok(true),
            Some(OperationType::Unknown(_)) => Err(MissingFact::Field("operation_type")),
            Some(OperationType::Customized) | None if is_listed() => Ok(true),
            None if self.operations.is_empty()
                || is_unreadable(&self.other, &["operation_type"]) =>
            {
                Err(MissingFact::Field("operation_type"))
            }
            _ if is_unreadable(&self.other, &["operations"])
                || self.operations.iter().any(Operation::is_unreadable) =>
            {
                Err(MissingFact::Field("operations"))
            }
            _ => Ok(false),
        }
    }

    fn other_operation(&self, trace: &Trace) -> MismatchReason {
        let differs_in_case = |name: &&String| {
            trace.trace_name.as_deref().is_some_and(|of_trace| of_trace.eq_ignore_ascii_case(name))
        };
        let operations =
            self.operations.iter().filter(|operation| operation.has_resource_of(trace));
        MismatchReason::Operation {
            service_type: trace.service_type.clone(),
            resource_type: trace.resource_type.clone(),
            trace_name: trace.trace_name.clone(),
            similar: operations
                .flat_map(|operation| &operation.trace_names)
                .find(differs_in_case)
                .cloned(),
        }
    }

    /// Compares everything but the status and the operation.
    pub(crate) fn compare_conditions(&self, trace: &Trace, found: &mut Findings) {
        let Fields {
            notify_user_list,
            filter,
            // Compared above, as the service sent them.
            operation_type: _,
            operations: _,
            status: _,
            // Not a matter of the trace.
            notification_name: _,
            topic_id: _,
            agency_name: _,
        } = Fields::of(self);
        self.compare_user(notify_user_list, trace, found);
        self.compare_filter(filter, trace, found);
        if self.operation_type == Some(OperationType::Complete) && trace.read_only == Some(true) {
            found.facts.push(MissingFact::ReadOnly);
        }
        if let Some(TraceType::ObsSdk | TraceType::ObsApi) = trace.trace_type {
            found.facts.push(MissingFact::DataTrace);
        }
    }
}

impl Operation {
    /// Returns `true` if the trace is about this type of resource of this service. Nothing equals
    /// what a trace lacks.
    fn has_resource_of(&self, trace: &Trace) -> bool {
        let is = |of_trace: &Option<String>, listed: &str| {
            filled(of_trace.as_deref()).is_some_and(|value| value.eq_ignore_ascii_case(listed))
        };
        is(&trace.service_type, &self.service_type) && is(&trace.resource_type, &self.resource_type)
    }

    fn is_unreadable(&self) -> bool {
        is_unreadable(&self.other, &["service_type", "resource_type", "trace_names"])
    }
}

/// Returns `true` if one of these fields came with a value that is not of the documented type, and
/// was kept aside.
fn is_unreadable(other: &Map<String, Value>, fields: &[&str]) -> bool {
    fields.iter().any(|field| other.contains_key(*field))
}
