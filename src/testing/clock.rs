//! The clock of the fake.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// A clock that tokio's moves, paused or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct FakeClock {
    /// What it showed at `since`, as this machine's clock has it.
    start: SystemTime,
    since: Instant,
    offset: Offset,
}

/// How far the clock is from this machine's.
#[derive(Clone, Copy, Debug)]
pub(super) enum Offset {
    Ahead(Duration),
    Behind(Duration),
}

impl FakeClock {
    pub(super) fn new() -> Self {
        Self {
            start: SystemTime::now(),
            since: Instant::now(),
            offset: Offset::Ahead(Duration::ZERO),
        }
    }

    pub(super) fn set_offset(&mut self, offset: Offset) {
        self.offset = offset;
    }

    pub(super) fn now(&self) -> SystemTime {
        self.shifted(self.start + self.since.elapsed())
    }

    /// Returns the time that signatures are compared with. Clients sign with this machine's clock,
    /// which paused time does not move: without this, a test that lets a day pass would see every
    /// client's first signature refused.
    pub(super) fn for_signatures(&self) -> SystemTime {
        self.shifted(SystemTime::now())
    }

    fn shifted(&self, time: SystemTime) -> SystemTime {
        let shifted = match self.offset {
            Offset::Ahead(by) => time.checked_add(by),
            Offset::Behind(by) => time.checked_sub(by),
        };
        shifted.unwrap_or(time)
    }
}
