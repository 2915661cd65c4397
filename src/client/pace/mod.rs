//! Throttling is waited out, by all calls of one kind together.

mod gate;
#[cfg(test)]
mod simulation;

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use self::gate::{End, Gate, Refusal, Step};
use crate::error::{ApiError, Held, RateLimit};

/// How many kinds of calls can be throttled at a time. Beyond, the one that is past first is
/// forgotten.
const GATES: usize = 1_024;

/// What is known about the limits of the gateway: a value that clients share, so that they wait
/// together.
///
/// When the gateway throttles a call (429), all calls of the same operation, to the same host, with
/// the same access key wait, first attempts included, and then go no faster than the gateway has
/// said. Each client has a `Pace` of its own, which its clones share. Give the same one to several
/// clients with [`ClientBuilder::pace`](super::ClientBuilder::pace), or to ready-made ones with
/// [`CallOptions::pace`](super::CallOptions::pace), when they use the same account: limits count
/// per user, not per client.
///
/// A clone is the same pace. Nothing is limited before the gateway has throttled a call, and what
/// it said is forgotten when a window has passed in which no call had to wait. No access key is
/// kept, only a hash.
///
/// ```
/// # #[cfg(feature = "test-util")] {
/// use huaweicloud_cts::client::Pace;
/// use huaweicloud_cts::testing::FakeCts;
///
/// let pace = Pace::new();
/// let fake = FakeCts::new();
/// let one = fake.client_builder().project_id("p1").pace(pace.clone()).build()?;
/// let other = fake.client_builder().project_id("p2").pace(pace).build()?;
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Pace {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// How many gates there are: all that a call looks at as long as there are none.
    closed: AtomicUsize,
    gates: Mutex<Gates>,
    hasher: RandomState,
}

#[derive(Default)]
struct Gates {
    by_kind: HashMap<u64, (GateId, Gate)>,
    last_gate: GateId,
    last_ticket: u64,
}

/// Tells a gate from another one of the same kind.
type GateId = u64;

/// Which calls share a limit.
#[derive(Clone, Copy, Hash)]
pub(super) struct Kind<'k> {
    pub(super) access_key: &'k str,
    pub(super) host: &'k [u8],
    pub(super) operation: &'static str,
}

/// A call that wants to go.
#[derive(Debug)]
pub(super) struct Claim {
    /// Until when it waits; `None` if it goes at once, whatever is known.
    deadline: Option<Instant>,
    /// Its place in every line, and how it is woken there: from when it first met a gate.
    place: Option<(u64, Arc<Notify>)>,
    has_waited: bool,
}

impl Claim {
    pub(super) fn new(deadline: Option<Instant>) -> Self {
        Self { deadline, place: None, has_waited: false }
    }

    /// Whether it had to wait since this was asked last.
    pub(super) fn take_has_waited(&mut self) -> bool {
        std::mem::take(&mut self.has_waited)
    }
}

impl Pace {
    /// Returns a pace that knows of no limit yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until a call may be sent. The error is how long that would take, where it is too long.
    pub(super) async fn admit<'p>(
        &'p self,
        kind: Kind<'p>,
        claim: &mut Claim,
    ) -> Result<Permit<'p>, Held> {
        let permit = |gate| Permit { pace: self, kind, gate, sent: None };
        let deadline = match claim.deadline {
            Some(deadline) if self.shared.closed.load(Ordering::Acquire) > 0 => deadline,
            _ => return Ok(permit(None)),
        };
        let hash = self.shared.hasher.hash_one(kind);
        let mut in_line: Option<InLine<'_>> = None;
        loop {
            let now = Instant::now();
            let (until, wake) = {
                let mut gates = self.shared.lock();
                gates.forget_past(now);
                self.shared.closed.store(gates.by_kind.len(), Ordering::Release);
                gates.last_ticket += 1;
                let ticket = gates.last_ticket;
                let Some((id, gate)) = gates.by_kind.get_mut(&hash) else {
                    return Ok(permit(None));
                };
                let (ticket, wake) = claim.place.get_or_insert_with(|| (ticket, Arc::default()));
                match gate.step(*ticket, deadline, wake, now) {
                    Step::Go => return Ok(permit(Some(*id))),
                    Step::Late(held) => return Err(held),
                    Step::Wait(until) => {
                        // A second one would be dropped here, where the lock is held.
                        in_line.get_or_insert_with(|| InLine {
                            shared: &self.shared,
                            hash,
                            ticket: *ticket,
                        });
                        (until, Arc::clone(wake))
                    }
                }
            };
            claim.has_waited = true;
            let wake_at = until.map_or(deadline, |until| until.min(deadline));
            // Woken, or it is time: either way it asks again.
            let _ = timeout_at(wake_at, wake.notified()).await;
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Gates> {
        // Nothing in there can be half done.
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace")
            .field("throttled", &self.shared.closed.load(Ordering::Acquire))
            .finish()
    }
}

/// A position in a line. It is given up when the call goes or is cancelled.
struct InLine<'p> {
    shared: &'p Shared,
    hash: u64,
    ticket: u64,
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        if let Some((_, gate)) = self.shared.lock().by_kind.get_mut(&self.hash) {
            gate.leave(self.ticket);
        }
    }
}

/// Leave for one request. Dropping it says that the request was cancelled.
pub(super) struct Permit<'p> {
    pace: &'p Pace,
    kind: Kind<'p>,
    /// The gate that has let it go, if there was one.
    gate: Option<GateId>,
    sent: Option<Instant>,
}

impl Permit<'_> {
    /// The request is on its way now.
    pub(super) fn sending(&mut self, now: Instant) {
        self.sent = Some(now);
    }

    /// The request did not leave.
    pub(super) fn was_not_sent(&mut self) {
        self.sent = None;
    }

    /// There was a response that does not throttle.
    pub(super) fn let_through(mut self) {
        self.end(&End::LetThrough);
    }

    /// There was a response that throttles. Returns how long to wait at least.
    pub(super) fn refused(mut self, api: &ApiError, jitter: f64) -> Duration {
        let limit = RateLimit::in_message(api.message());
        self.end(&End::Refused(Refusal { limit, retry_after: api.retry_after(), jitter }))
    }

    fn end(&mut self, end: &End) -> Duration {
        let tracked = self.gate.take();
        let refusal = match end {
            End::Refused(refusal) => Some(refusal),
            _ if tracked.is_none() => return Duration::ZERO,
            _ => None,
        };
        let Pace { shared } = self.pace;
        let hash = shared.hasher.hash_one(self.kind);
        let now = Instant::now();
        let sent = self.sent.unwrap_or(now);
        let mut gates = shared.lock();
        match (gates.by_kind.get_mut(&hash), refusal) {
            (Some((id, gate)), _) if tracked == Some(*id) => gate.ended(sent, end, now),
            (Some((_, gate)), Some(_)) => gate.note(sent, end, now),
            (None, Some(refusal)) => gates.close(hash, Gate::closed_by(refusal, now), now),
            (_, None) => {}
        }
        shared.closed.store(gates.by_kind.len(), Ordering::Release);
        gates.by_kind.get(&hash).map_or(Duration::ZERO, |(_, gate)| gate.held(now).wait)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let end = if self.sent.is_some() { End::NoResponse } else { End::Unsent };
        self.end(&end);
    }
}

impl Gates {
    fn forget_past(&mut self, now: Instant) {
        self.by_kind.retain(|_, (_, gate)| !gate.is_past(now));
    }

    fn close(&mut self, hash: u64, gate: Gate, now: Instant) {
        if self.by_kind.len() >= GATES {
            self.forget_past(now);
        }
        if self.by_kind.len() >= GATES {
            let first = self
                .by_kind
                .iter()
                .min_by_key(|(_, (_, gate))| gate.ends_at())
                .map(|(hash, _)| *hash);
            // Those who wait there are let go.
            first.and_then(|hash| self.by_kind.remove(&hash));
        }
        self.last_gate += 1;
        self.by_kind.insert(hash, (self.last_gate, gate));
    }
}
