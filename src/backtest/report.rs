//! What a backtest counted, as plain data.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::SystemTime;

use serde::{Serialize, Serializer};

use super::index::operation_of;
use crate::notification::{FilterRule, MissingFact, NotificationId, NotificationStatus};
use crate::provision::Action;
use crate::time;
use crate::trace::{Trace, TraceId};

/// What a [`Backtest`](super::Backtest) counted.
///
/// `Display` prints it for people, serde as JSON, with times in RFC 3339. Lists are sorted, so that
/// equal traces in any order lead to equal reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[must_use]
pub struct BacktestReport {
    /// The number of traces.
    pub traces: u64,
    /// The time of the earliest trace. `None` if no trace has a time that is certain.
    #[serde(serialize_with = "written")]
    pub first: Option<SystemTime>,
    /// The time of the latest trace.
    #[serde(serialize_with = "written")]
    pub last: Option<SystemTime>,
    /// The traces by what all notifications together say: `yes` if one of them does, else `unknown`
    /// if one of them does, else `no`. Of a plan, only the notifications that
    /// [remain](BacktestEntry::remains) count.
    pub combined: Tally,
    /// The notifications, in the order in which they were given. A step of a plan that updates has
    /// two: the current and then the desired state.
    pub notifications: Vec<BacktestEntry>,
}

/// What was counted for one notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BacktestEntry {
    /// The name of the notification.
    pub name: String,
    /// Its id. `None` for a desired state.
    pub id: Option<NotificationId>,
    /// Which state of the notification was compared.
    pub state: State,
    /// What the plan does to the notification. `None` if it is not that of a plan.
    pub planned: Option<Action>,
    /// The status, if there is one. It was not compared: a disabled notification counts as if it
    /// had been enabled.
    pub status: Option<NotificationStatus>,
    /// The traces by whether the notification is about them. The sum is the number of traces.
    pub tally: Tally,
    /// The traces by day, the earliest day first. Each day with traces is there, also if all of
    /// them are `no`.
    pub days: Vec<DayTally>,
    /// The traces about the operations of the notification, the operation with the most `yes`
    /// first. The `no` of other operations are not there: they are those of
    /// [`Condition::Operations`].
    pub operations: Vec<OperationTally>,
    /// The earliest `yes`.
    pub first: Option<Example>,
    /// The latest `yes`.
    pub last: Option<Example>,
    /// What turned away the traces that are `no`, the condition with the most traces first.
    pub turned_away: Vec<TurnedAway>,
    /// What the traces that are `unknown` depend on, the fact with the most traces first.
    pub missing: Vec<Missing>,
}

impl BacktestEntry {
    /// Returns `true` if the notification is like this after the plan: it is not the current state
    /// of one that the plan updates or deletes. Without a plan, every notification remains.
    #[must_use]
    pub fn remains(&self) -> bool {
        remains(self.state, self.planned)
    }
}

pub(super) fn remains(state: State, planned: Option<Action>) -> bool {
    !(state == State::Current && matches!(planned, Some(Action::Update | Action::Delete)))
}

/// Which state of a notification was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// The notification as the service has it.
    Current,
    /// The notification as a request, a set or a plan declares it.
    Desired,
}

/// Numbers of traces by the result of the comparison, whose meaning is that of
/// [`Match`](crate::notification::Match).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Tally {
    /// The notification would have been sent.
    pub yes: u64,
    /// It would not.
    pub no: u64,
    /// It depends on facts that are not known.
    pub unknown: u64,
}

/// The result for one trace.
#[derive(Clone, Copy)]
pub(super) enum Verdict {
    Yes,
    No,
    Unknown,
}

impl Tally {
    /// Returns the number of traces.
    #[must_use]
    pub const fn traces(&self) -> u64 {
        self.yes + self.no + self.unknown
    }

    pub(super) fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Yes => self.yes += 1,
            Verdict::No => self.no += 1,
            Verdict::Unknown => self.unknown += 1,
        }
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            yes: self.yes + other.yes,
            no: self.no + other.no,
            unknown: self.unknown + other.unknown,
        }
    }

    /// Returns the counts for the given number of traces. Those that are not counted yet are
    /// counted as `no`.
    pub(super) const fn out_of(self, traces: u64) -> Self {
        Self { no: traces - self.yes - self.unknown, ..self }
    }
}

/// The traces of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DayTally {
    /// The day in UTC, such as `2026-11-25`. `None` for traces without a time that is certain;
    /// these come first.
    pub day: Option<String>,
    /// The traces of the day.
    #[serde(flatten)]
    pub tally: Tally,
}

/// The traces of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OperationTally {
    /// The service, as the traces spell it: `IAM` and `iam` are two operations here. Empty if they
    /// do not have it.
    pub service_type: String,
    /// The resource type.
    pub resource_type: String,
    /// The name of the operation.
    pub trace_name: String,
    /// The traces of the operation.
    #[serde(flatten)]
    pub tally: Tally,
}

/// The traces that a condition turned away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TurnedAway {
    /// The condition.
    pub condition: Condition,
    /// How many traces do not meet it. A trace of another operation counts for
    /// [`Condition::Operations`] only; any other trace counts for each condition that it does not
    /// meet.
    pub traces: u64,
    /// How many of these meet all other conditions, as far as they are known: what the condition
    /// alone turned away.
    pub alone: u64,
}

/// A condition of a notification.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Condition {
    /// The notification lists the operation.
    Operations,
    /// The notification lists the user.
    Users,
    /// A filter rule of a filter with `AND` holds.
    FilterRule(FilterRule),
    /// A filter rule of a filter with `OR` holds, whichever it is.
    AnyFilterRule,
}

/// The traces whose result depends on a fact that is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Missing {
    /// The fact.
    pub fact: MissingFact,
    /// How many traces depend on it. A trace that depends on several facts counts for each.
    pub traces: u64,
    /// The earliest of these traces.
    pub example: Example,
}

/// A trace of a report: what identifies it, and what people look at first. Bodies of requests are
/// not part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub struct Example {
    /// When CTS recorded the operation: [`Trace::record_time`], or [`Trace::id_time`], or
    /// [`Trace::time`] if nothing else is certain.
    #[serde(serialize_with = "written")]
    pub time: Option<SystemTime>,
    /// The id of the trace.
    pub trace_id: Option<TraceId>,
    /// The service. Empty if the trace does not have it.
    pub service_type: String,
    /// The resource type.
    pub resource_type: String,
    /// The name of the operation.
    pub trace_name: String,
    /// The name of the user.
    pub user: Option<String>,
    /// The name of the resource.
    pub resource_name: Option<String>,
    /// The id of the resource.
    pub resource_id: Option<String>,
    /// The status of the operation's response.
    pub code: Option<i64>,
}

impl Example {
    fn new(trace: &Trace, time: Option<SystemTime>) -> Self {
        let [service_type, resource_type, trace_name] = operation_of(trace).map(str::to_owned);
        Self {
            time,
            trace_id: trace.trace_id.clone(),
            service_type,
            resource_type,
            trace_name,
            user: trace.user.name().map(str::to_owned),
            resource_name: trace.resource_name.clone(),
            resource_id: trace.resource_id.clone(),
            code: trace.code(),
        }
    }

    /// Returns `true` if it comes first, whatever came before. One without a time is the last to be
    /// the first.
    fn is_before(&self, other: &Self) -> bool {
        (self.time.is_none(), self) < (other.time.is_none(), other)
    }
}

/// The example that a trace would make: built for the first that needs it, and shared by all
/// notifications.
pub(super) struct LazyExample<'t> {
    trace: &'t Trace,
    pub(super) time: Option<SystemTime>,
    built: OnceCell<Arc<Example>>,
}

impl<'t> LazyExample<'t> {
    pub(super) fn of(trace: &'t Trace) -> Self {
        let time = trace.record_time().or_else(|| trace.id_time()).or_else(|| trace.time());
        Self { trace, time, built: OnceCell::new() }
    }

    pub(super) fn get(&self) -> &Arc<Example> {
        self.built.get_or_init(|| Arc::new(Example::new(self.trace, self.time)))
    }

    /// Keeps this example if it comes before the one that was kept.
    pub(super) fn keep_first(&self, kept: &mut Option<Arc<Example>>) {
        // The example is built only if it may be needed.
        let is_later = |kept: &Arc<Example>| {
            kept.time.is_some() && self.time.is_none_or(|time| Some(time) > kept.time)
        };
        if kept.as_ref().is_some_and(is_later) {
            return;
        }
        if kept.as_ref().is_none_or(|kept| self.get().is_before(kept)) {
            *kept = Some(Arc::clone(self.get()));
        }
    }

    /// Keeps this example if it comes after the one that was kept.
    pub(super) fn keep_last(&self, kept: &mut Option<Arc<Example>>) {
        if kept.as_ref().is_some_and(|kept| kept.time > self.time) {
            return;
        }
        if kept.as_ref().is_none_or(|kept| self.get() > kept) {
            *kept = Some(Arc::clone(self.get()));
        }
    }
}

/// A time as reports write it.
pub(super) fn millis(at: SystemTime) -> Option<String> {
    time::rfc3339(at, 3)
}

#[allow(clippy::ref_option, reason = "serde passes the field")]
fn written<S: Serializer>(time: &Option<SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
    time.and_then(millis).serialize(serializer)
}
