//! How the fake lists traces, where the documents leave it open.

/// How a [`FakeCts`](super::FakeCts) pages through traces.
///
/// The documents say that a marker is the id of the last trace of a page, and that the next page
/// goes back in time from there. What happens to traces of the same millisecond is not said, so a
/// client should be tested with each of these.
///
/// ```
/// use huaweicloud_cts::testing::{FakeCts, TracePaging, TraceTies};
///
/// let fake = FakeCts::new();
/// fake.set_trace_paging(TracePaging::new().ties(TraceTies::Skip).most(7));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct TracePaging {
    pub(super) ties: TraceTies,
    pub(super) most: usize,
    pub(super) marks_last: bool,
    pub(super) by_time: bool,
}

/// Where a page begins, if traces after the marker share its millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TraceTies {
    /// At the trace after the marker. Nothing is lost or repeated.
    #[default]
    Continue,
    /// At the first trace of an earlier millisecond. The others are lost to a client that only
    /// follows markers.
    Skip,
    /// At the latest trace of the marker's millisecond: what the page before had of it comes again.
    Repeat,
}

impl TracePaging {
    /// Creates the default: [`TraceTies::Continue`], pages as large as requested, and a marker with
    /// each that has traces.
    pub const fn new() -> Self {
        Self { ties: TraceTies::Continue, most: usize::MAX, marks_last: true, by_time: false }
    }

    /// Sets what becomes of traces that share a millisecond with the marker.
    pub const fn ties(mut self, ties: TraceTies) -> Self {
        self.ties = ties;
        self
    }

    /// Sets the most traces of a page, whatever limit a request has.
    pub const fn most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Sets whether the last page has a marker, as the documented example has, or `null`.
    pub const fn marks_last(mut self, marks_last: bool) -> Self {
        self.marks_last = marks_last;
        self
    }

    /// Sets whether `from` and `to` are compared with the time of the operation (`time`), in place
    /// of that of its recording (`record_time`).
    pub const fn by_time(mut self, by_time: bool) -> Self {
        self.by_time = by_time;
        self
    }
}

impl Default for TracePaging {
    fn default() -> Self {
        Self::new()
    }
}
