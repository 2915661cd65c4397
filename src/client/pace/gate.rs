//! When the calls of one kind may go, once the gateway has throttled one: a pure decision, which is
//! told the time.
//!
//! The gateway counts in fixed windows, and a client does not know when they start. So after a
//! refusal one call at a time asks again, after pauses that double; once one is let through, the
//! window has turned, and others follow, twice as many with each response. From then on no more
//! calls go in any window than the gateway has named.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::error::{Held, RateLimit};

/// The window where the gateway names none.
const USUAL_WINDOW: Duration = Duration::from_secs(30);
/// What a response says is believed for so long. One wrong response must not stop a client for
/// good.
const LONGEST: Duration = Duration::from_secs(3_600);
/// How long a call without a response keeps the next from asking.
const PATIENCE: Duration = Duration::from_secs(2);
/// A limit above this is not counted, only waited for: each call counted costs memory for a window.
const COUNTED: usize = 10_000;

/// What a response says that throttles a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    pub(super) limit: Option<RateLimit>,
    pub(super) retry_after: Option<Duration>,
    /// A random number from 0 to 1.
    pub(super) jitter: f64,
}

/// How a call ended that a gate let go.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// It never reached the gateway.
    Unsent,
    /// There was no response, so the gateway may have counted it or not.
    NoResponse,
    /// The gateway let it through, whatever came of it.
    LetThrough,
    Refused(Refusal),
}

/// Where a call that wants to go stands.
#[derive(Debug)]
pub(super) enum Step {
    Go,
    /// To be asked again then, or before that when notified.
    Wait(Option<Instant>),
    /// Its turn does not come in time.
    Late(Held),
}

/// A call that waits.
#[derive(Debug)]
struct Waiter {
    deadline: Instant,
    wake: Arc<Notify>,
}

/// The state of one kind of call, from the first refusal on.
#[derive(Debug)]
pub(super) struct Gate {
    told: Option<RateLimit>,
    window: Duration,
    /// When the last refusal came. What was sent before then belongs to a window that is used up.
    refused_at: Instant,
    /// By when the window has turned at the latest, if the gateway's windows are regular.
    turns_at: Instant,
    not_before: Instant,
    /// How many refusals came one after the other, each but the first to a call that was let go to
    /// ask again.
    refusals: u32,
    /// How many calls the gateway has let through since.
    let_through: usize,
    in_flight: usize,
    last_sent: Instant,
    /// When the calls of the last window stop counting, in this order.
    comes_free: VecDeque<Instant>,
    /// By ticket: in the order in which they came.
    waiting: BTreeMap<u64, Waiter>,
    /// When this has nothing to say any more, unless a call has to wait before.
    ends_at: Instant,
}

impl Gate {
    /// The gate that a refusal closes.
    pub(super) fn closed_by(refusal: &Refusal, now: Instant) -> Self {
        let mut gate = Self {
            told: None,
            window: USUAL_WINDOW,
            refused_at: now,
            turns_at: now,
            not_before: now,
            refusals: 0,
            let_through: 0,
            in_flight: 0,
            last_sent: now,
            comes_free: VecDeque::new(),
            waiting: BTreeMap::new(),
            ends_at: now,
        };
        gate.close(refusal, now);
        gate
    }

    /// How long to wait at least, and for which limit.
    pub(super) fn held(&self, now: Instant) -> Held {
        Held { wait: self.not_before.duration_since(now), limit: self.told }
    }

    pub(super) fn is_past(&self, now: Instant) -> bool {
        self.waiting.is_empty() && now >= self.ends_at
    }

    pub(super) fn ends_at(&self) -> Instant {
        self.ends_at
    }

    /// Asks for a call to go. If it has to wait, it is in line from now on, until it
    /// [leaves](Self::leave).
    pub(super) fn step(
        &mut self,
        ticket: u64,
        deadline: Instant,
        wake: &Arc<Notify>,
        now: Instant,
    ) -> Step {
        while self.comes_free.front().is_some_and(|free| *free <= now) {
            self.comes_free.pop_front();
        }
        let ahead = self.waiting.range(..ticket).count();
        let opens_at = if ahead == 0 { self.opens_at() } else { None };
        if opens_at.is_some_and(|at| at <= now) && now < deadline {
            self.in_flight += 1;
            self.last_sent = now;
            return Step::Go;
        }
        let turn = self.earliest(ahead, now);
        // As long as calls are held back, there is something to say.
        self.ends_at = self.ends_at.max(later(self.not_before.max(now), self.window));
        if turn >= deadline {
            return Step::Late(Held { wait: turn.duration_since(now), limit: self.told });
        }
        self.waiting.entry(ticket).or_insert_with(|| Waiter { deadline, wake: Arc::clone(wake) });
        Step::Wait(opens_at)
    }

    /// Takes a call out of the line and lets the next know.
    pub(super) fn leave(&mut self, ticket: u64) {
        self.waiting.remove(&ticket);
        self.wake_next();
    }

    /// Takes note of how a call ended that was let go, and was sent at `sent`.
    pub(super) fn ended(&mut self, sent: Instant, end: &End, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.note(sent, end, now);
        self.wake_next();
    }

    /// Takes note of how a call ended, be it one that was sent before there was a gate.
    pub(super) fn note(&mut self, sent: Instant, end: &End, now: Instant) {
        let is_of_used_up_window = sent <= self.refused_at;
        match end {
            End::Unsent => {}
            // One herd is one refusal, but who was told to come back later knows more.
            End::Refused(Refusal { retry_after, .. }) if is_of_used_up_window => {
                if let Some(asked) = retry_after {
                    self.not_before = self.not_before.max(later(now, *asked));
                    self.wake_late(now);
                }
            }
            _ if is_of_used_up_window => {}
            End::NoResponse => self.count(now),
            End::LetThrough => {
                if self.let_through == 0 {
                    self.refusals = 0;
                    self.turns_at = later(now, self.window);
                }
                self.let_through += 1;
                self.count(now);
            }
            End::Refused(refusal) => {
                self.close(refusal, now);
                self.wake_late(now);
            }
        }
    }

    fn close(&mut self, refusal: &Refusal, now: Instant) {
        self.told = refusal.limit;
        self.window =
            refusal.limit.and_then(|limit| limit.window()).unwrap_or(USUAL_WINDOW).min(LONGEST);
        self.refused_at = now;
        self.refusals = self.refusals.saturating_add(1);
        self.let_through = 0;
        self.comes_free.clear();
        if self.turns_at <= now {
            self.turns_at = next_turn(self.turns_at, self.window, now);
        }
        self.turns_at = self.turns_at.min(later(now, self.window));
        let pause = match refusal.retry_after {
            Some(asked) if !asked.is_zero() => asked,
            _ => pause(self.refusals, refusal.jitter).min(self.turns_at.duration_since(now)),
        };
        self.not_before = later(now, pause);
        self.ends_at = self.ends_at.max(later(self.not_before, self.window));
    }

    /// Counts a call that ended now towards the limit of its window, which may begin at this
    /// moment.
    fn count(&mut self, now: Instant) {
        if self.limit().is_some() {
            self.comes_free.push_back(later(now, self.window));
        }
    }

    fn limit(&self) -> Option<usize> {
        let calls = usize::try_from(self.told?.calls?.get()).ok()?;
        (calls <= COUNTED).then_some(calls)
    }

    /// When the first in line may go, as things are. `None` if only the end of another call can
    /// tell.
    fn opens_at(&self) -> Option<Instant> {
        let asks_at = if self.in_flight <= self.let_through {
            self.not_before
        } else {
            later(self.last_sent, PATIENCE)
        };
        let taken = self.in_flight + self.comes_free.len();
        let free_at = match self.limit().map(|limit| taken.checked_sub(limit)) {
            None | Some(None) => self.not_before,
            Some(Some(too_many)) => *self.comes_free.get(too_many)?,
        };
        Some(self.not_before.max(asks_at).max(free_at))
    }

    /// Returns a time before which a call with `ahead` others in front of it cannot go.
    fn earliest(&self, ahead: usize, now: Instant) -> Instant {
        let base = self.not_before.max(now);
        let Some(limit) = self.limit() else { return base };
        let free = limit.saturating_sub(self.in_flight + self.comes_free.len());
        let Some(beyond) = ahead.checked_sub(free) else { return base };
        // Those that count come free in their order, and all others not before a window has passed.
        let first =
            self.comes_free.get(beyond % limit).copied().unwrap_or_else(|| later(now, self.window));
        let rounds = u32::try_from(beyond / limit).unwrap_or(u32::MAX);
        first.max(base).checked_add(self.window.saturating_mul(rounds)).unwrap_or(base)
    }

    fn wake_next(&self) {
        if let Some((_, first)) = self.waiting.first_key_value() {
            first.wake.notify_one();
        }
    }

    /// Wakes those whose turn does not come in time any more.
    fn wake_late(&self, now: Instant) {
        for (ahead, waiter) in self.waiting.values().enumerate() {
            if self.earliest(ahead, now) >= waiter.deadline {
                waiter.wake.notify_one();
            }
        }
    }
}

/// 2, 4, 8 … seconds, or up to a quarter less.
fn pause(refusals: u32, jitter: f64) -> Duration {
    Duration::from_secs(1 << refusals.min(12)).mul_f64(0.75 + jitter.clamp(0.0, 1.0) / 4.0)
}

/// The next turn of a window that turned at `turned`.
fn next_turn(turned: Instant, window: Duration, now: Instant) -> Instant {
    let into = now.duration_since(turned).as_nanos() % window.as_nanos().max(1);
    let left = window.saturating_sub(Duration::from_nanos(u64::try_from(into).unwrap_or(0)));
    later(now, left)
}

fn later(at: Instant, by: Duration) -> Instant {
    at + by.min(LONGEST)
}
