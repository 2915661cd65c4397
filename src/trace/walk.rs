//! The way through all pages of a window: which page is next, and which of its traces are new. Does no I/O.
//!
//! What the documents say: pages go back in time, a marker is the id of the last trace of a page, and both bounds are
//! excluded. What they leave open, and is not relied on: whether a short page is the last one, whether the last page has a
//! marker, and whether traces that share the millisecond of a marker are skipped, repeated, or listed once.

use std::collections::HashMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::gap::{TraceGap, TraceGapReason};
use super::query::{ListTraces, TraceQuery};
use super::{Trace, TraceId, TraceList};
use crate::time::millis_before;

/// How many traces a page has at most.
const LIMIT: u32 = 200;

/// Times are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Walk {
    query: TraceQuery,
    /// The window. Both ends belong to it.
    window: (i64, i64),
    /// The page that is being delivered, or else comes next. `None` after the last one.
    step: Option<Step>,
    /// The page after it, once it is known.
    #[serde(skip)]
    after: Option<Step>,
    /// The traces that were delivered of this page, of the one before, and of the earliest millisecond, with the times of
    /// their recording: no others can come again.
    delivered: HashMap<TraceId, Option<i64>>,
    delivered_before: HashMap<TraceId, Option<i64>>,
    /// When the last trace of the longest way back was recorded.
    earliest: Option<i64>,
    /// The most traces that a page had.
    longest: usize,
    /// How many pages in a row brought nothing new.
    idle: u32,
    /// A millisecond with as many traces as a page can have, whose rest would be skipped if there is one.
    suspect: Option<i64>,
    /// Whether a page was seen to go on within the millisecond of its marker, so that none are skipped.
    goes_on_in_ties: bool,
    gaps: Vec<TraceGap>,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Step {
    /// Of the window up to a time, which does not belong to it.
    Page {
        to: i64,
        next: Option<String>,
        /// Whether it begins anew, because a page brought nothing new.
        is_restart: bool,
    },
    /// Of one millisecond, at which a page ended: a marker might skip the rest of it.
    Ties { at: i64, next: Option<String>, marker: String },
}

impl Walk {
    /// Creates the way through a window, both ends of which belong to it.
    pub(super) fn new(query: TraceQuery, window: (i64, i64)) -> Self {
        let (from, to) = window;
        let first = Step::Page { to: to.saturating_add(1), next: None, is_restart: false };
        Self {
            query,
            window,
            step: (from <= to).then_some(first),
            after: None,
            delivered: HashMap::new(),
            delivered_before: HashMap::new(),
            earliest: None,
            longest: 0,
            idle: 0,
            suspect: None,
            goes_on_in_ties: false,
            gaps: Vec::new(),
        }
    }

    /// Returns the way from here, without what is known of the page that is being delivered: it is requested again.
    pub(super) fn position(&self) -> Self {
        Self { after: None, ..self.clone() }
    }

    pub(super) fn add_gap(&mut self, gap: Option<TraceGap>) {
        self.gaps.extend(gap);
    }

    /// Returns what could not be listed.
    pub(super) fn gaps(&self) -> &[TraceGap] {
        &self.gaps
    }

    /// Returns the request for the next page. `None` after the last one.
    pub(super) fn request(&self) -> Option<ListTraces> {
        let (bounds, next) = match self.step.as_ref()? {
            Step::Page { to, next, .. } => ((self.window.0.saturating_sub(1), *to), next),
            Step::Ties { at, next, .. } => ((at.saturating_sub(1), at.saturating_add(1)), next),
        };
        Some(ListTraces::page(self.query.clone(), bounds, LIMIT, next.clone()))
    }

    /// Takes a page, and returns those of its traces that are to be delivered. Each has to be reported by
    /// [`deliver`](Self::deliver), and the end by [`advance`](Self::advance).
    pub(super) fn accept(&mut self, list: TraceList) -> Vec<Trace> {
        let marker = list.next();
        let traces = list.traces.into_vec();
        self.longest = self.longest.max(traces.len());
        self.after = match &self.step {
            None => None,
            // An id overrides the window, and there is one page.
            Some(_) if self.query.trace_id.is_some() => None,
            Some(Step::Page { to, next, is_restart }) => {
                let (to, next, is_restart) = (*to, next.clone(), *is_restart);
                self.after_page(&traces, marker, to, next.as_deref(), is_restart)
            }
            Some(Step::Ties { at, next, marker: main }) => {
                let (at, next, main) = (*at, next.clone(), main.clone());
                Some(self.after_ties(&traces, marker, at, next.as_deref(), main))
            }
        };
        let only = match self.step {
            Some(Step::Ties { at, .. }) => Some(at),
            _ => None,
        };
        let fits = |trace: &Trace| match only {
            Some(at) => recorded(trace) == Some(at),
            None => self.query.trace_id.is_some() || self.is_in_window(trace),
        };
        traces.into_iter().filter(|trace| self.is_new(trace) && fits(trace)).collect()
    }

    fn after_page(
        &mut self,
        traces: &[Trace],
        marker: Option<String>,
        to: i64,
        next: Option<&str>,
        is_restart: bool,
    ) -> Option<Step> {
        let last = traces.last()?;
        let marker = marker?;
        // Of the millisecond at which the page before ended.
        if next.is_some() && self.earliest.is_some() && traces.first().and_then(recorded) == self.earliest {
            self.goes_on_in_ties = true;
        }
        let stays = next == Some(marker.as_str());
        if stays || !traces.iter().any(|trace| self.is_progress(trace)) {
            self.idle += 1;
            return if stays || self.idle > 1 {
                self.restart(traces, to, is_restart)
            } else {
                Some(Step::Page { to, next: Some(marker), is_restart })
            };
        }
        self.idle = 0;
        if let Some(at) = self.suspect.take() {
            self.add_crowded(at);
        }
        let at = recorded(last);
        self.earliest = [self.earliest, at].into_iter().flatten().min();
        match at {
            Some(at) if !self.goes_on_in_ties => Some(Step::Ties { at, next: None, marker }),
            _ => Some(Step::Page { to, next: Some(marker), is_restart: false }),
        }
    }

    fn after_ties(
        &mut self,
        traces: &[Trace],
        marker: Option<String>,
        at: i64,
        next: Option<&str>,
        main: String,
    ) -> Step {
        let is_new = traces.iter().any(|trace| recorded(trace) == Some(at) && self.is_new(trace));
        if next.is_some() && is_new {
            self.goes_on_in_ties = true;
        }
        let goes_on = marker.filter(|marker| next != Some(marker.as_str()));
        match goes_on {
            // What is shorter than another page is all of a millisecond.
            Some(marker) if traces.len() >= self.longest && (next.is_none() || is_new) => {
                Step::Ties { at, next: Some(marker), marker: main }
            }
            _ => {
                if next.is_some() && !self.goes_on_in_ties {
                    self.suspect = Some(at);
                }
                // Where pages go on in a millisecond, what was just listed is behind.
                let next = next.filter(|_| self.goes_on_in_ties).map_or(main, str::to_owned);
                Step::Page { to: self.window.1.saturating_add(1), next: Some(next), is_restart: false }
            }
        }
    }

    /// A page brought nothing new: the marker stays, is not known any more, or begins its millisecond again and again.
    /// Begins anew at the earliest time that was reached, and if that brings nothing either, before it.
    fn restart(&mut self, traces: &[Trace], to: i64, is_restart: bool) -> Option<Step> {
        let earliest = self.earliest.or_else(|| recorded(traces.last()?))?;
        let page = |to| Some(Step::Page { to, next: None, is_restart: true });
        if !is_restart {
            return page(earliest.saturating_add(1));
        }
        let is_crowded = traces.iter().all(|trace| recorded(trace) == Some(earliest)) && traces.len() >= self.longest;
        if !is_crowded || to <= earliest {
            return None;
        }
        self.add_crowded(earliest);
        page(earliest)
    }

    fn add_crowded(&mut self, at: i64) {
        let gap = TraceGap::new(at, at, TraceGapReason::Crowded);
        if self.gaps.last() != gap.as_ref() {
            self.gaps.extend(gap);
        }
    }

    /// The service knows nothing of what was asked for. Returns `true` if the walk goes on anyway, or is at its end.
    pub(super) fn not_found(&mut self) -> bool {
        match &self.step {
            Some(_) if self.query.trace_id.is_some() => self.step = None,
            Some(Step::Page { next: Some(_), .. }) => {
                let to = self.earliest.map_or(self.window.1, |earliest| earliest).saturating_add(1);
                self.step = Some(Step::Page { to, next: None, is_restart: true });
            }
            Some(Step::Ties { marker, .. }) => {
                let (to, next) = (self.window.1.saturating_add(1), Some(marker.clone()));
                self.step = Some(Step::Page { to, next, is_restart: false });
            }
            _ => return false,
        }
        true
    }

    /// Notes that a trace is delivered.
    pub(super) fn deliver(&mut self, trace: &Trace) {
        self.delivered.extend(trace.trace_id.clone().map(|id| (id, recorded(trace))));
    }

    /// Goes on to the page after the one that is delivered.
    pub(super) fn advance(&mut self) {
        self.step = self.after.take();
        if matches!(self.step, Some(Step::Page { .. })) && !self.delivered.is_empty() {
            self.delivered_before.retain(|_, at| at.is_some() && *at == self.earliest);
            self.delivered_before.extend(self.delivered.drain());
        }
    }

    /// A trace without an id is new each time.
    fn is_new(&self, trace: &Trace) -> bool {
        let is_known = |id: &TraceId| self.delivered.contains_key(id) || self.delivered_before.contains_key(id);
        !trace.trace_id.as_ref().is_some_and(is_known)
    }

    /// Whether a trace shows that the walk goes on. One without an id does so by its time.
    fn is_progress(&self, trace: &Trace) -> bool {
        let is_earlier = || self.earliest.is_none_or(|earliest| recorded(trace).is_some_and(|at| at < earliest));
        self.is_new(trace) && (trace.trace_id.is_some() || is_earlier())
    }

    /// Which of the two times the service compares is not known: one of them is enough.
    fn is_in_window(&self, trace: &Trace) -> bool {
        let (from, to) = self.window;
        let mut times = [trace.record_time(), trace.time()].into_iter().flatten().map(millis_before).peekable();
        times.peek().is_none() || times.any(|at| (from..=to).contains(&at))
    }
}

/// When a trace was recorded.
pub(super) fn recorded(trace: &Trace) -> Option<i64> {
    trace.record_time().map(millis_before)
}

/// Returns the time before which traces are not listed any more, with a minute to spare.
pub(super) fn kept_since(now: SystemTime) -> i64 {
    const KEPT: i64 = 7 * 24 * 60 * 60 * 1_000;

    millis_before(now).saturating_sub(KEPT).saturating_add(60_000)
}
