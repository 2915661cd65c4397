//! The way through all pages of a window: which page is next, and which of its traces are new. Does
//! no I/O.
//!
//! What the documents say: pages go back in time, a marker is the id of the last trace of a page,
//! and both bounds are excluded. What they leave open, and is not relied on: whether a short page
//! is the last one, whether the last page has a marker, and whether traces that share the
//! millisecond of a marker are skipped, repeated, or listed once.

mod ties;

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::gap::{TraceGap, TraceGapReason};
use super::query::{ListTraces, TraceQuery};
use super::{Trace, TraceList};
use crate::time::millis_before;

pub(super) use ties::Ties;

/// How many traces a page has at most.
const LIMIT: u32 = 200;

/// How many markers are remembered, so that memory does not grow with the number of pages.
const MARKERS: usize = 1_500;

/// Times are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Walk {
    query: TraceQuery,
    /// The window. Both ends belong to it.
    window: (i64, i64),
    /// The page that is being delivered, or else comes next. `None` after the last one.
    step: Option<Step>,
    /// What was learned before this page.
    progress: Progress,
    /// The page after it, and what is known then, once this page was read.
    #[serde(skip)]
    after: Option<(Option<Step>, Progress)>,
    /// The traces that were delivered of this page, of the one before, and of the earliest
    /// millisecond, by their [`key`], with the times of their recording: no others can come again.
    delivered: HashMap<String, Option<i64>>,
    delivered_before: HashMap<String, Option<i64>>,
    /// The hashes of the latest markers. One that comes again leads around in circles.
    #[serde(skip)]
    markers: HashSet<u64>,
    gaps: Vec<TraceGap>,
}

/// What was learned from the pages so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Progress {
    /// When the last trace of the longest way back was recorded.
    earliest: Option<i64>,
    /// The most traces that a page had, and how many pages with something new had as many.
    longest: usize,
    as_long: u32,
    /// How many pages in a row brought nothing new.
    idle: u32,
    /// A millisecond of which a page may have left out some, and whether the page was as long as
    /// pages get.
    suspect: Option<(i64, bool)>,
    ties: Ties,
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
    /// Of one millisecond that fills a page, after which there is none: a smaller page shows
    /// whether that is because there are no more traces, or because the service skips them.
    Probe {
        at: i64,
        /// Of the smaller page, once it is known: its marker, and the key of its first trace.
        smaller: Option<(String, String)>,
        marker: String,
    },
}

impl Walk {
    /// Creates the way through a window, both ends of which belong to it.
    pub(super) fn new(query: TraceQuery, window: (i64, i64), ties: Ties) -> Self {
        let (from, to) = window;
        let first = Step::Page { to: to.saturating_add(1), next: None, is_restart: false };
        Self {
            query,
            window,
            step: (from <= to).then_some(first),
            progress: Progress { ties, ..Progress::default() },
            after: None,
            delivered: HashMap::new(),
            delivered_before: HashMap::new(),
            markers: HashSet::new(),
            gaps: Vec::new(),
        }
    }

    /// Returns the way from here, without what is known of the page that is being delivered: it is
    /// requested again.
    pub(super) fn position(&self) -> Self {
        Self { after: None, markers: HashSet::new(), ..self.clone() }
    }

    pub(super) fn add_gap(&mut self, gap: Option<TraceGap>) {
        self.gaps.extend(gap);
    }

    /// Returns what could not be listed.
    pub(super) fn gaps(&self) -> &[TraceGap] {
        &self.gaps
    }

    /// Returns what the service was seen to do with ties, for another walk.
    pub(super) fn ties(&self) -> Ties {
        self.progress.ties
    }

    /// Returns the request for the next page. `None` after the last one.
    pub(super) fn request(&self) -> Option<ListTraces> {
        let only = |at: i64| (at.saturating_sub(1), at.saturating_add(1));
        let (bounds, limit, next) = match self.step.as_ref()? {
            Step::Page { to, next, .. } => {
                ((self.window.0.saturating_sub(1), *to), LIMIT, next.as_ref())
            }
            Step::Ties { at, next, .. } => (only(*at), LIMIT, next.as_ref()),
            Step::Probe { at, smaller, .. } => {
                (only(*at), self.progress.smaller_limit(), smaller.as_ref().map(|(next, _)| next))
            }
        };
        Some(ListTraces::page(self.query.clone(), bounds, limit, next.cloned()))
    }

    /// Takes a page, and returns those of its traces to deliver. Report each of them with
    /// [`deliver`](Self::deliver), and the end by [`advance`](Self::advance).
    pub(super) fn accept(&mut self, list: TraceList) -> Vec<Trace> {
        let marker = list.next();
        let traces = list.traces.into_vec();
        let mut progress = self.progress;
        let (mut only, mut behind) = (None, None);
        let step = match self.step.clone() {
            None => None,
            // An id overrides the window, and there is one page.
            Some(_) if self.query.trace_id.is_some() => None,
            Some(Step::Page { to, next, is_restart }) => {
                let comes_again = marker.as_ref().is_some_and(|marker| self.comes_again(marker));
                // What such a page has of later times was delivered long ago.
                behind = progress.earliest.filter(|_| comes_again);
                let stays = comes_again || next.is_some() && next == marker;
                self.after_page(
                    &mut progress,
                    &traces,
                    marker,
                    to,
                    next.is_some(),
                    is_restart,
                    stays,
                )
            }
            Some(Step::Ties { at, next, marker: main }) => {
                only = Some(at);
                Some(self.after_ties(&mut progress, &traces, marker, at, next.as_deref(), main))
            }
            Some(Step::Probe { at, smaller, marker: main }) => {
                only = Some(at);
                let first = smaller.map(|(_, first)| first);
                Some(self.after_probe(&mut progress, &traces, marker, at, first, main))
            }
        };
        self.after = Some((step, progress));
        let fits = |trace: &Trace| match only {
            Some(at) => recorded(trace) == Some(at),
            None => self.query.trace_id.is_some() || self.is_in_window(trace),
        };
        let is_behind = |trace: &Trace| {
            behind.is_none_or(|behind| recorded(trace).is_none_or(|at| at <= behind))
        };
        traces
            .into_iter()
            .filter(|trace| self.is_new(trace) && fits(trace) && is_behind(trace))
            .collect()
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of a step and of a page")]
    fn after_page(
        &mut self,
        progress: &mut Progress,
        traces: &[Trace],
        marker: Option<String>,
        to: i64,
        has_next: bool,
        is_restart: bool,
        stays: bool,
    ) -> Option<Step> {
        let is_progress = traces.iter().any(|trace| self.is_new(trace));
        if is_progress && !stays {
            progress.note_length(traces.len());
            if let Some((at, _)) = progress.suspect.take() {
                self.add_crowded(at);
            }
        }
        let (Some(last), Some(marker)) = (traces.last(), marker) else {
            if let Some((at, true)) = progress.suspect.take() {
                self.add_crowded(at);
            }
            return None;
        };
        // Of the millisecond at which the page before ended.
        if has_next
            && progress.earliest.is_some()
            && traces.first().and_then(recorded) == progress.earliest
        {
            progress.ties = Ties::Listed;
        }
        if stays || !is_progress {
            progress.idle = progress.idle.saturating_add(1);
            return if stays || progress.idle > 1 {
                progress.restart(traces, to, is_restart)
            } else {
                Some(Step::Page { to, next: Some(marker), is_restart })
            };
        }
        progress.idle = 0;
        // One that was recorded before the window begins, by its own account, says nothing on how
        // far the walk has come.
        let at = recorded(last).filter(|at| *at >= self.window.0);
        progress.earliest = [progress.earliest, at].into_iter().flatten().min();
        match at {
            Some(at) if progress.ties != Ties::Listed => {
                Some(Step::Ties { at, next: None, marker })
            }
            _ => Some(Step::Page { to, next: Some(marker), is_restart: false }),
        }
    }

    fn comes_again(&mut self, marker: &str) -> bool {
        if self.markers.len() >= MARKERS {
            self.markers.clear();
        }
        !self.markers.insert(hash(marker))
    }

    fn add_crowded(&mut self, at: i64) {
        let gap = TraceGap::new(at, at, TraceGapReason::Crowded);
        if self.gaps.last() != gap.as_ref() {
            self.gaps.extend(gap);
        }
    }

    /// There is a 404: the service knows nothing of what was asked for, if it is the service's own.
    /// Returns `true` if the walk goes on anyway, or is at its end.
    pub(super) fn not_found(&mut self, is_of_the_service: bool) -> bool {
        match &self.step {
            Some(_) if self.query.trace_id.is_some() && is_of_the_service => self.step = None,
            Some(Step::Page { next: Some(_), .. }) => {
                let to = self.progress.earliest.unwrap_or(self.window.1).saturating_add(1);
                self.step = Some(Step::Page { to, next: None, is_restart: true });
            }
            Some(Step::Ties { marker, .. }) => self.step = Some(self.main_page(marker.clone())),
            Some(Step::Probe { at, marker, .. }) => {
                let mut progress = self.progress;
                let step =
                    self.suspected(&mut progress, *at, self.delivered_at(*at), marker.clone());
                (self.step, self.progress) = (Some(step), progress);
            }
            _ => return false,
        }
        true
    }

    /// Notes that a trace is delivered. Returns `false` if it was already: a page may have it
    /// twice. Equal ones without an id are two.
    pub(super) fn deliver(&mut self, trace: &Trace) -> bool {
        self.delivered.insert(key(trace), recorded(trace)).is_none() || trace.trace_id.is_none()
    }

    /// Goes on to the page after the one that is delivered.
    pub(super) fn advance(&mut self) {
        if let Some((step, progress)) = self.after.take() {
            (self.step, self.progress) = (step, progress);
        }
        if matches!(self.step, Some(Step::Page { .. })) && !self.delivered.is_empty() {
            self.delivered_before.retain(|_, at| at.is_some() && *at == self.progress.earliest);
            self.delivered_before.extend(self.delivered.drain());
        }
    }

    fn is_new(&self, trace: &Trace) -> bool {
        let key = key(trace);
        !self.delivered.contains_key(&key) && !self.delivered_before.contains_key(&key)
    }

    /// Which of the two times the service compares is not known: one of them is enough.
    fn is_in_window(&self, trace: &Trace) -> bool {
        let (from, to) = self.window;
        let mut times =
            [trace.record_time(), trace.time()].into_iter().flatten().map(millis_before).peekable();
        times.peek().is_none() || times.any(|at| (from..=to).contains(&at))
    }
}

impl Progress {
    fn note_length(&mut self, length: usize) {
        match length.cmp(&self.longest) {
            Ordering::Less => {}
            Ordering::Equal => self.as_long = self.as_long.saturating_add(1),
            Ordering::Greater => (self.longest, self.as_long) = (length, 1),
        }
    }

    /// Returns `true` if pages are not known to get longer than this. A first page may be short
    /// without being full.
    fn is_full(&self, length: usize) -> bool {
        length >= LIMIT as usize || length >= self.longest && self.as_long > 1
    }

    /// A page brought nothing new: the marker stays, is not known any more, or begins its
    /// millisecond again and again. Begins anew at the earliest time that was reached, and if that
    /// brings nothing either, before it.
    fn restart(&mut self, traces: &[Trace], to: i64, is_restart: bool) -> Option<Step> {
        let earliest = self.earliest.or_else(|| recorded(traces.last()?))?;
        let page = |to| Some(Step::Page { to, next: None, is_restart: true });
        if !is_restart {
            return page(earliest.saturating_add(1));
        }
        if to <= earliest {
            return None;
        }
        // What is before it shows whether there was more of it than the pages had.
        if traces.iter().all(|trace| recorded(trace) == Some(earliest)) {
            self.suspect = Some((earliest, self.is_full(traces.len())));
        }
        page(earliest)
    }
}

fn hash(marker: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    marker.hash(&mut hasher);
    hasher.finish()
}

/// What a trace is recognized by: its id, or without one a hash of all of it. What it says is not
/// for a saved position.
pub(super) fn key(trace: &Trace) -> String {
    match &trace.trace_id {
        Some(id) => id.as_str().to_owned(),
        None => hex::encode(Sha256::digest(serde_json::to_vec(trace).unwrap_or_default())),
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
