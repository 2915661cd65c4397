//! Which traces a follower has yet to see, and what it has seen. Does no I/O.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::gap::{TraceGap, TraceGapReason};
use super::walk::{Ties, Walk, kept_since, key, recorded};
use super::{Trace, TraceQuery};
use crate::time::millis_before;

/// How much time one round covers at most, so that catching up holds no more than the traces of
/// this long.
const SLICE: i64 = 60 * 60 * 1_000;

/// How long the watermark stays at the last trace while no others come. A service that stopped
/// recording for less than this loses nothing.
const PATIENCE: i64 = 60 * 60 * 1_000;

/// How far a window reaches beyond the present, for clocks that are not quite equal.
const AHEAD: i64 = 3 * 60 * 1_000;

/// What a follower knows. Times are milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Watch {
    pub(super) query: TraceQuery,
    /// Nothing that was recorded before it is delivered. `None` until the service's clock is known.
    start: Option<i64>,
    /// Up to where everything was listed that was visible then.
    scanned: Option<i64>,
    /// When the latest trace that was delivered was recorded.
    latest: Option<i64>,
    /// The traces that may be listed again, and when they were recorded.
    seen: HashMap<String, i64>,
    /// What the service was seen to do with ties, so that no round has to find out again.
    pub(super) ties: Ties,
    gaps: Vec<TraceGap>,
}

/// One round through the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    /// The service's clock at its begin, and how long ago the follower was made.
    now: i64,
    waited: i64,
    high: i64,
}

/// How a follower treats late arrivals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Margins {
    pub(super) overlap: Duration,
    pub(super) settle: Duration,
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Watch {
    pub(super) fn new(query: TraceQuery, since: Option<SystemTime>) -> Self {
        let since = since.map(millis_before);
        Self {
            query,
            start: since,
            scanned: since,
            latest: None,
            seen: HashMap::new(),
            ties: Ties::Unknown,
            gaps: Vec::new(),
        }
    }

    /// Returns `true` if nothing was listed yet.
    pub(super) fn is_new(&self) -> bool {
        self.scanned == self.start && self.latest.is_none()
    }

    pub(super) fn gaps(&self) -> &[TraceGap] {
        &self.gaps
    }

    /// Begins a round at a time by the service's clock, or by this machine's before the first
    /// response. The follower was made some time before.
    pub(super) fn begin(
        &mut self,
        now: SystemTime,
        waited: Duration,
        margins: Margins,
    ) -> (Round, Walk) {
        let kept = kept_since(now);
        let (now, waited) = (millis_before(now), millis(waited));
        let mut scanned = self.scanned.unwrap_or(now.saturating_sub(waited));
        if scanned > now.saturating_add(AHEAD) {
            // Nothing can be: the clock was wrong when it was saved.
            scanned = now;
            self.scanned = Some(now);
        }
        if scanned < kept {
            self.add_expired(scanned, kept);
            scanned = kept;
            self.scanned = Some(kept);
        }
        let watermark = self
            .latest
            .or(self.start)
            .unwrap_or(scanned)
            .min(scanned)
            .max(scanned.saturating_sub(PATIENCE));
        let low = watermark
            .saturating_sub(millis(margins.overlap))
            .max(self.start.unwrap_or(i64::MIN))
            .max(kept);
        let high = scanned.saturating_add(SLICE).min(now.saturating_add(AHEAD));
        self.seen.retain(|_, recorded| *recorded >= low);
        (Round { now, waited, high }, Walk::new(self.query.clone(), (low, high), self.ties))
    }

    /// Adds a gap, or makes the last one longer if it goes on.
    fn add_expired(&mut self, from: i64, to: i64) {
        let Some(gap) = TraceGap::new(from, to, TraceGapReason::Expired) else { return };
        match self.gaps.last_mut() {
            Some(last) if last.reason == gap.reason && last.to == gap.from => last.to = gap.to,
            _ => self.gaps.push(gap),
        }
    }

    /// Takes the traces of a round, with the time of its first response by the service's clock, and
    /// how long ago the follower was made then. Returns those to be delivered, earliest first.
    pub(super) fn accept(
        &mut self,
        round: &mut Round,
        mut traces: Vec<Trace>,
        date: Option<(SystemTime, Duration)>,
        margins: Margins,
    ) -> Vec<Trace> {
        let (now, waited) = date.map_or((round.now, round.waited), |(date, waited)| {
            (millis_before(date), millis(waited))
        });
        // This machine's clock, which the first round began with, may be ahead.
        round.now = round.now.min(now);
        let start = *self.start.get_or_insert(now.saturating_sub(waited));
        let settled = match millis(margins.settle) {
            0 => i64::MAX,
            settle => now.saturating_sub(settle),
        };
        traces.retain(|trace| {
            let at = recorded(trace);
            at.is_none_or(|at| start <= at && at <= settled) && !self.seen.contains_key(&key(trace))
        });
        // Pages are latest first, also within a millisecond.
        traces.reverse();
        traces.sort_by_key(|trace| recorded(trace).unwrap_or(i64::MAX));
        traces
    }

    /// Notes that a trace is delivered. Returns `false` if it was already: one without an id may be
    /// listed twice.
    pub(super) fn deliver(&mut self, trace: &Trace) -> bool {
        let at = recorded(trace);
        self.latest = self.latest.max(at);
        // It may be listed again by either of its times.
        let last = at.max(trace.time().map(millis_before));
        self.seen.insert(key(trace), last.or(self.scanned).unwrap_or_default()).is_none()
    }

    /// Ends a round, once all of its traces are delivered. Returns `true` if it reached the
    /// present.
    pub(super) fn end(&mut self, round: Round, gaps: &[TraceGap], margins: Margins) -> bool {
        let settled = round.now.saturating_sub(millis(margins.settle));
        let reached = round.high.min(settled);
        self.scanned = Some(self.scanned.map_or(reached, |scanned| scanned.max(reached)));
        for gap in gaps {
            if !self.gaps.contains(gap) {
                self.gaps.push(gap.clone());
            }
        }
        round.high >= settled
    }
}
