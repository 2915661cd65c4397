//! A notification that is compared, and its counts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::index::OperationIndex;
use super::report::{
    BacktestEntry, Condition, DayTally, Example, LazyExample, Missing, OperationTally, State,
    Tally, TurnedAway, Verdict, remains,
};
use crate::notification::{
    Fields, FilterCondition, Findings, MismatchReason, MissingFact, Notification,
};
use crate::provision::{Action, NotificationSpec};
use crate::time::UtcDay;
use crate::trace::Trace;

/// A trace, with what is found out once for all notifications.
pub(super) struct Seen<'t> {
    pub(super) trace: &'t Trace,
    pub(super) operation: usize,
    pub(super) day: Option<UtcDay>,
    pub(super) example: &'t LazyExample<'t>,
}

/// A notification and its counts. Traces of other operations, which are most, are not counted here:
/// they are what is left.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    notification: Notification,
    state: State,
    planned: Option<Action>,
    /// Whether the notification lists an operation, by the number of the operation.
    lists: Vec<Option<Result<bool, MissingFact>>>,
    /// All traces but those of other operations.
    tally: Tally,
    days: BTreeMap<Option<UtcDay>, Tally>,
    operations: BTreeMap<usize, Tally>,
    first: Option<Arc<Example>>,
    last: Option<Arc<Example>>,
    turned_away: BTreeMap<Condition, Turned>,
    missing: BTreeMap<MissingFact, Lacking>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Turned {
    traces: u64,
    alone: u64,
}

#[derive(Clone, Debug, Default)]
struct Lacking {
    traces: u64,
    example: Option<Arc<Example>>,
}

impl Subject {
    pub(super) fn current(notification: &Notification, planned: Option<Action>) -> Self {
        Self::new(notification.clone(), State::Current, planned)
    }

    pub(super) fn desired(spec: &NotificationSpec, planned: Option<Action>) -> Self {
        let status = spec.desired_status();
        let Fields {
            notification_name,
            operation_type,
            operations,
            notify_user_list,
            status,
            filter,
            // Where it is sent does not matter here.
            topic_id: _,
            agency_name: _,
        } = spec.request().fields(Some(&status));
        let notification = Notification {
            notification_name: notification_name.to_owned(),
            operation_type: Some(operation_type.clone()),
            operations: operations.to_vec(),
            notify_user_list: notify_user_list.to_vec(),
            status: status.cloned(),
            filter: filter.cloned(),
            ..Notification::default()
        };
        Self::new(notification, State::Desired, planned)
    }

    fn new(notification: Notification, state: State, planned: Option<Action>) -> Self {
        Self {
            notification,
            state,
            planned,
            lists: Vec::new(),
            tally: Tally::default(),
            days: BTreeMap::new(),
            operations: BTreeMap::new(),
            first: None,
            last: None,
            turned_away: BTreeMap::new(),
            missing: BTreeMap::new(),
        }
    }

    pub(super) fn remains(&self) -> bool {
        remains(self.state, self.planned)
    }

    pub(super) fn add(&mut self, seen: &Seen<'_>, found: &mut Findings) -> Verdict {
        if self.lists.len() <= seen.operation {
            self.lists.resize(seen.operation + 1, None);
        }
        let Some(lists) = self.lists.get_mut(seen.operation) else { return Verdict::No };
        found.reasons.clear();
        found.facts.clear();
        match lists.get_or_insert_with(|| self.notification.lists(seen.trace)) {
            Ok(true) => {}
            Ok(false) => return Verdict::No,
            Err(fact) => found.facts.push(fact.clone()),
        }
        self.notification.compare_conditions(seen.trace, found);
        let verdict = if !found.reasons.is_empty() {
            self.count_reasons(found);
            Verdict::No
        } else if !found.facts.is_empty() {
            for fact in found.facts.drain(..) {
                let lacking = self.missing.entry(fact).or_default();
                lacking.traces += 1;
                seen.example.keep_first(&mut lacking.example);
            }
            Verdict::Unknown
        } else {
            seen.example.keep_first(&mut self.first);
            seen.example.keep_last(&mut self.last);
            Verdict::Yes
        };
        self.tally.count(verdict);
        self.days.entry(seen.day).or_default().count(verdict);
        self.operations.entry(seen.operation).or_default().count(verdict);
        verdict
    }

    fn count_reasons(&mut self, found: &mut Findings) {
        let conditions: BTreeSet<Condition> =
            found.reasons.drain(..).flat_map(conditions).collect();
        let is_alone = conditions.len() == 1;
        for condition in conditions {
            let turned = self.turned_away.entry(condition).or_default();
            turned.traces += 1;
            turned.alone += u64::from(is_alone);
        }
    }

    /// Returns the counts for the given number of traces, on these days.
    pub(super) fn entry(
        &self,
        traces: u64,
        days: &BTreeMap<Option<UtcDay>, u64>,
        operations: &OperationIndex,
    ) -> BacktestEntry {
        let Notification { notification_id, notification_name, status, .. } = &self.notification;
        let day_of = |(day, traces): (&Option<UtcDay>, &u64)| DayTally {
            day: day.map(|day| day.to_string()),
            tally: self.days.get(day).copied().unwrap_or_default().out_of(*traces),
        };
        let operation_of = |(number, tally): (&usize, &Tally)| {
            let [service_type, resource_type, trace_name] = operations.name(*number);
            OperationTally { service_type, resource_type, trace_name, tally: *tally }
        };
        let mut operations: Vec<_> = self.operations.iter().map(operation_of).collect();
        operations.sort_by(|a, b| {
            let key = |of: &OperationTally| (of.tally.yes, of.tally.unknown, of.tally.no);
            let name = |of: &OperationTally| {
                [of.service_type.clone(), of.resource_type.clone(), of.trace_name.clone()]
            };
            key(b).cmp(&key(a)).then_with(|| name(a).cmp(&name(b)))
        });
        BacktestEntry {
            name: notification_name.clone(),
            id: Some(notification_id.clone()).filter(|id| !id.as_str().is_empty()),
            state: self.state,
            planned: self.planned,
            status: status.clone(),
            tally: self.tally.out_of(traces),
            days: days.iter().map(day_of).collect(),
            operations,
            first: self.first.as_deref().cloned(),
            last: self.last.as_deref().cloned(),
            turned_away: self.turned_away(traces - self.tally.traces()),
            missing: self.missing(),
        }
    }

    fn turned_away(&self, of_other_operations: u64) -> Vec<TurnedAway> {
        let others = Turned { traces: of_other_operations, alone: of_other_operations };
        let others = (others.traces > 0).then_some((&Condition::Operations, &others));
        let all = others.into_iter().chain(&self.turned_away);
        let mut turned_away: Vec<_> = all
            .map(|(condition, turned)| TurnedAway {
                condition: condition.clone(),
                traces: turned.traces,
                alone: turned.alone,
            })
            .collect();
        // Stable: equal counts stay in the order of the conditions.
        turned_away.sort_by_key(|turned| std::cmp::Reverse(turned.traces));
        turned_away
    }

    fn missing(&self) -> Vec<Missing> {
        let missing = |(fact, lacking): (&MissingFact, &Lacking)| Missing {
            fact: fact.clone(),
            traces: lacking.traces,
            example: lacking.example.as_deref().cloned().unwrap_or_default(),
        };
        let mut missing: Vec<_> = self.missing.iter().map(missing).collect();
        missing.sort_by_key(|missing| std::cmp::Reverse(missing.traces));
        missing
    }
}

/// Returns the conditions that a trace does not meet for this reason.
fn conditions(reason: MismatchReason) -> Vec<Condition> {
    match reason {
        MismatchReason::Operation { .. } => vec![Condition::Operations],
        MismatchReason::User(_) => vec![Condition::Users],
        MismatchReason::Filter { condition: FilterCondition::And, failed } => {
            failed.into_iter().map(|failed| Condition::FilterRule(failed.rule)).collect()
        }
        MismatchReason::Filter { .. } => vec![Condition::AnyFilterRule],
        // The status is not compared.
        MismatchReason::Disabled => Vec::new(),
    }
}
