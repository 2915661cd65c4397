//! What notifications would have sent: a notification, a set or a plan against recorded operations.
//!
//! A [`Backtest`] compares every trace with every notification, as [`Notification::matches`] does,
//! and counts. Its [`BacktestReport`] says how often each notification would have been sent, on
//! which days, for which operations, which conditions turned the other traces away, and for how
//! many traces the result is unknown and why.
//!
//! [`Notification::matches`]: crate::notification::Notification::matches
//!
//! Traces come from anywhere: from the service, from the files of a tracker
//! ([`TraceFile`](crate::trace::TraceFile)), or from events that were kept. Nothing is sent, and
//! memory does not grow with the number of traces.
//!
//! ```
//! use huaweicloud_cts::backtest::Backtest;
//! use huaweicloud_cts::notification::{CreateNotification, Filter, FilterField, FilterRule, Operation};
//! use huaweicloud_cts::trace::TraceFile;
//!
//! let file = TraceFile::from_slice(br#"
//!     {"service_type": "IAM", "resource_type": "user", "trace_name": "login", "code": 302, "time": 1765788795000}
//!     {"service_type": "IAM", "resource_type": "user", "trace_name": "login", "code": 401, "time": 1765788999000}
//!     {"service_type": "ECS", "resource_type": "ecs", "trace_name": "createServer", "code": 202, "time": 1765789002000}
//! "#)?;
//!
//! let failed = Filter::all([FilterRule::not_equals(FilterField::Code, 302)]);
//! let logins = CreateNotification::customized("logins", [Operation::new("IAM", "user", ["login"])]).filter(failed);
//! let mut backtest = Backtest::from(&logins);
//! backtest.extend(&file.traces);
//! assert_eq!(backtest.report().to_string(), "\
//! 3 traces, 2025-12-15T08:53:15.000Z to 2025-12-15T08:56:42.000Z
//!
//! logins: 1 yes, 2 no, 0 unknown (disabled)
//!     1  2025-12-15
//!     1  login of IAM/user
//!        first 2025-12-15T08:56:39.000Z login of IAM/user
//!        last  2025-12-15T08:56:39.000Z login of IAM/user
//!     1  no: another operation
//!     1  no: the filter rule \"code != 302\" does not hold (1 only because of this)
//! ");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What the counts mean
//!
//! - The status is not compared: a notification counts as if it had been enabled.
//!   [`BacktestEntry::status`] has it.
//! - Each trace counts once for each notification. An asynchronous operation leaves two traces, and
//!   the service notifies of both. A trace that is given twice counts twice: deduplicate by its id
//!   if the traces overlap.
//! - The order of the traces makes no difference.
//! - A day is one in UTC. The time of a trace is that of its recording, or its next best; see
//!   [`Example::time`].

mod display;
mod index;
mod report;
mod subject;

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::SystemTime;

use futures_core::Stream;
use futures_util::TryStreamExt as _;

use self::index::OperationIndex;
use self::report::LazyExample;
use self::subject::{Seen, Subject};
use crate::notification::{CreateNotification, Findings, Notification};
use crate::provision::{Action, NotificationSet, NotificationSpec, Plan};
use crate::time::UtcDay;
use crate::trace::Trace;

pub use report::{
    BacktestEntry, BacktestReport, Condition, DayTally, Example, Missing, OperationTally, State,
    Tally, TurnedAway,
};

/// A comparison of notifications with traces, under way: it takes traces, and can be asked for its
/// report at any time.
///
/// | made from | compares |
/// |---|---|
/// | `&Notification`, `&[Notification]` | notifications as the service has them |
/// | `&CreateNotification`, `&NotificationSpec`, `&NotificationSet` | notifications as they are declared |
/// | `&Plan` | each step: what the service has, and what the plan makes of it |
///
/// Give it traces with [`extend`](Extend::extend), one by one with [`add`](Self::add), or from a
/// stream with [`add_stream`](Self::add_stream).
///
/// The [module](self) has an example.
#[derive(Clone, Debug)]
pub struct Backtest {
    subjects: Vec<Subject>,
    operations: OperationIndex,
    traces: u64,
    days: BTreeMap<Option<UtcDay>, u64>,
    first: Option<SystemTime>,
    last: Option<SystemTime>,
    /// What a trace leads to if all notifications that remain are considered.
    combined: Tally,
    /// Kept to be used again.
    found: Findings,
}

impl Backtest {
    fn new(subjects: impl IntoIterator<Item = Subject>) -> Self {
        Self {
            subjects: subjects.into_iter().collect(),
            operations: OperationIndex::default(),
            traces: 0,
            days: BTreeMap::new(),
            first: None,
            last: None,
            combined: Tally::default(),
            found: Findings::default(),
        }
    }

    /// Compares a trace with every notification.
    ///
    /// ```
    /// use huaweicloud_cts::backtest::Backtest;
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::trace::Trace;
    ///
    /// let mut backtest = Backtest::from(&CreateNotification::complete("everything"));
    /// backtest.add(&Trace::default());
    /// assert_eq!(backtest.report().notifications[0].tally.yes, 1);
    /// ```
    pub fn add(&mut self, trace: &Trace) {
        let example = LazyExample::of(trace);
        let seen = Seen {
            trace,
            operation: self.operations.number(trace),
            day: example.time.and_then(UtcDay::of),
            example: &example,
        };
        self.traces += 1;
        *self.days.entry(seen.day).or_default() += 1;
        self.first = [self.first, example.time].into_iter().flatten().min();
        self.last = self.last.max(example.time);
        let mut any = Tally::default();
        for subject in &mut self.subjects {
            let verdict = subject.add(&seen, &mut self.found);
            if subject.remains() {
                any.count(verdict);
            }
        }
        match any {
            Tally { yes: 1.., .. } => self.combined.yes += 1,
            Tally { unknown: 1.., .. } => self.combined.unknown += 1,
            Tally { .. } => self.combined.no += 1,
        }
    }

    /// Compares every trace of a stream with every notification.
    ///
    /// # Errors
    ///
    /// The first error of the stream. The traces before it count: the [report](Self::report) is
    /// about them, and the backtest can go on with another stream.
    ///
    /// # Example
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// use huaweicloud_cts::backtest::Backtest;
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::trace::Trace;
    ///
    /// let traces = futures_util::stream::iter([Ok(Trace::default()), Err("connection lost")]);
    /// let mut backtest = Backtest::from(&CreateNotification::complete("everything"));
    /// assert_eq!(backtest.add_stream(traces).await, Err("connection lost"));
    /// assert_eq!(backtest.report().traces, 1);
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn add_stream<S, E>(&mut self, traces: S) -> Result<(), E>
    where
        S: Stream<Item = Result<Trace, E>>,
    {
        let mut traces = pin!(traces);
        while let Some(trace) = traces.try_next().await? {
            self.add(&trace);
        }
        Ok(())
    }

    /// Returns the counts so far.
    pub fn report(&self) -> BacktestReport {
        BacktestReport {
            traces: self.traces,
            first: self.first,
            last: self.last,
            combined: self.combined,
            notifications: self
                .subjects
                .iter()
                .map(|subject| subject.entry(self.traces, &self.days, &self.operations))
                .collect(),
        }
    }
}

impl<'t> Extend<&'t Trace> for Backtest {
    fn extend<T: IntoIterator<Item = &'t Trace>>(&mut self, traces: T) {
        traces.into_iter().for_each(|trace| self.add(trace));
    }
}

impl Extend<Trace> for Backtest {
    fn extend<T: IntoIterator<Item = Trace>>(&mut self, traces: T) {
        traces.into_iter().for_each(|trace| self.add(&trace));
    }
}

impl From<&Notification> for Backtest {
    fn from(notification: &Notification) -> Self {
        Self::new([Subject::current(notification, None)])
    }
}

impl From<&[Notification]> for Backtest {
    fn from(notifications: &[Notification]) -> Self {
        Self::new(notifications.iter().map(|notification| Subject::current(notification, None)))
    }
}

impl From<&CreateNotification> for Backtest {
    fn from(request: &CreateNotification) -> Self {
        Self::from(&NotificationSpec::new(request.clone()))
    }
}

impl From<&NotificationSpec> for Backtest {
    fn from(spec: &NotificationSpec) -> Self {
        Self::new([Subject::desired(spec, None)])
    }
}

impl From<&NotificationSet> for Backtest {
    fn from(set: &NotificationSet) -> Self {
        Self::new(set.specs().iter().map(|spec| Subject::desired(spec, None)))
    }
}

impl From<&Plan> for Backtest {
    fn from(plan: &Plan) -> Self {
        Self::new(plan.steps().iter().flat_map(|step| {
            let action = step.action();
            let current = step.current().into_iter().chain(step.candidates());
            let desired =
                step.desired().filter(|_| matches!(action, Action::Create | Action::Update));
            let current =
                current.map(move |notification| Subject::current(notification, Some(action)));
            current.chain(desired.map(move |spec| Subject::desired(spec, Some(action))))
        }))
    }
}
