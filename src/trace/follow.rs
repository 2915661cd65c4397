//! Traces as they come.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use futures_core::Stream;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, Sleep};

use super::gap::TraceGap;
use super::pages::Pages;
use super::watch::{self, Margins, Watch};
use super::{Trace, TraceQuery};
use crate::client::CtsClient;
use crate::error::Error;

/// The longest pause after errors in a row.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// Which traces [`CtsClient::follow_traces`] waits for, and how.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use huaweicloud_cts::trace::{FollowTraces, TraceQuery};
///
/// let follow = FollowTraces::new(TraceQuery::system().service_type("IAM"))
///     .since(SystemTime::now() - Duration::from_secs(3_600))
///     .interval(Duration::from_secs(60));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct FollowTraces {
    watch: Watch,
    interval: Duration,
    overlap: Duration,
    settle: Duration,
}

/// What a [`FollowedTraces`] has seen: a value to save, and to give to [`FollowTraces::resume`].
///
/// It has the query, and the ids of the traces of the last minutes. Its form as JSON is not part of
/// this crate's promises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FollowPosition(Watch);

impl FollowTraces {
    /// Creates a request of the traces that are recorded from the call of
    /// [`follow_traces`](CtsClient::follow_traces) on.
    pub fn new(query: TraceQuery) -> Self {
        let overlap = Duration::from_secs(if query.is_data() { 15 * 60 } else { 5 * 60 });
        Self {
            watch: Watch::new(query, None),
            interval: Duration::from_secs(30),
            overlap,
            settle: Duration::ZERO,
        }
    }

    /// Creates a request of the traces that another stream has not delivered. Settings other than
    /// the query are the default ones.
    pub fn resume(position: FollowPosition) -> Self {
        let FollowPosition(watch) = position;
        Self { watch: watch.clone(), ..Self::new(watch.query) }
    }

    /// Begins with the traces that were recorded since this time. A position that is resumed keeps
    /// its own begin.
    pub fn since(mut self, since: SystemTime) -> Self {
        if self.watch.is_new() {
            self.watch = Watch::new(self.watch.query, Some(since));
        }
        self
    }

    /// Sets the pause between two rounds: 30 seconds without it, and at least one second.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_secs(1));
        self
    }

    /// Sets how late a trace can become visible and still be delivered: so far back each round
    /// looks behind the latest trace so far. 5 minutes without it, for data traces 15. Longer is
    /// safer, and lists more traces again.
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.overlap = overlap;
        self
    }

    /// Sets how old a trace must be before it is delivered: none without it. The order over all
    /// rounds is then that of recording, as far as traces become visible within this time.
    pub fn settle(mut self, settle: Duration) -> Self {
        self.settle = settle;
        self
    }
}

/// The traces to come, as [`CtsClient::follow_traces`] returns them: a [`Stream`] without end.
#[must_use = "a stream does nothing unless it is polled"]
pub struct FollowedTraces {
    client: CtsClient,
    watch: Watch,
    interval: Duration,
    margins: Margins,
    state: State,
    /// When it was made: without a begin of its own, it is about what is recorded from then on.
    made: Instant,
    /// The time by the service's clock, and when it was that.
    date: Option<(SystemTime, Instant)>,
    errors_in_a_row: u32,
}

enum State {
    Ready,
    Waiting(Pin<Box<Sleep>>),
    /// The traces of the round are collected, to be sorted.
    Listing {
        round: watch::Round,
        pages: Box<Pages>,
        traces: Vec<Trace>,
    },
    Delivering {
        round: watch::Round,
        gaps: Vec<TraceGap>,
        traces: VecDeque<Trace>,
    },
}

impl CtsClient {
    /// Follows the traces of a project as they are recorded, as `tail -f` does a file.
    ///
    /// Each round lists what was recorded since the latest trace so far, and some minutes before it
    /// (the [overlap](FollowTraces::overlap)). What is promised:
    ///
    /// - Each trace that becomes visible within the overlap is delivered once. One that becomes
    ///   visible later still is missed.
    /// - Within a round the order is that of recording, and rounds follow one another. A trace that
    ///   became visible late comes after later ones, unless [`settle`](FollowTraces::settle) holds
    ///   them back.
    /// - A trace without an id is delivered again only if its content differs.
    /// - What was lost, because nothing was listed for longer than the seven days that the service
    ///   keeps traces, is one of the [gaps](FollowedTraces::gaps).
    /// - A position that was saved after each trace was handled repeats none of them; one that was
    ///   saved earlier repeats those since: at least once.
    /// - Time is the service's, by the `Date` of its responses. This machine's clock counts only
    ///   for the first request.
    /// - A follower that begins in the past lists an hour at a time, and holds no more than that in
    ///   memory.
    ///
    /// A round costs one request, and one for each 200 traces of its window. With the default
    /// interval of 30 seconds this is far below the documented limits. Dropping the stream ends it.
    ///
    /// # Errors
    ///
    /// Items are errors of `ListTraces`, after the retries of any call. An error does not end the
    /// stream: the next poll waits for the interval, twice as long after each further error up to
    /// ten minutes, and lists again without loss. End it yourself where waiting is of no use, such
    /// as for a [status](Error::status) of 403.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::trace::{FollowTraces, TraceQuery};
    ///
    /// let client = FakeCts::new().client();
    /// let mut followed = client.follow_traces(FollowTraces::new(TraceQuery::system()));
    /// client.create_notification(&CreateNotification::complete("everything")).await?;
    /// let trace = followed.next().await?;
    /// assert_eq!(trace.trace_name.as_deref(), Some("createNotification"));
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn follow_traces(&self, request: FollowTraces) -> FollowedTraces {
        let FollowTraces { watch, interval, overlap, settle } = request;
        FollowedTraces {
            client: self.clone(),
            watch,
            interval,
            margins: Margins { overlap, settle },
            state: State::Ready,
            made: Instant::now(),
            date: None,
            errors_in_a_row: 0,
        }
    }
}

impl FollowedTraces {
    /// Waits for the next trace, however long that takes. Dropping the future loses nothing, as in
    /// a `select!`.
    ///
    /// # Errors
    ///
    /// See [`CtsClient::follow_traces`]. The stream can be asked again.
    pub async fn next(&mut self) -> Result<Trace, Error> {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// Returns what the stream has seen: save it to go on after a restart.
    #[must_use]
    pub fn position(&self) -> FollowPosition {
        FollowPosition(self.watch.clone())
    }

    /// Returns the times, so far, whose traces can't be listed.
    #[must_use]
    pub fn gaps(&self) -> &[TraceGap] {
        self.watch.gaps()
    }

    /// Returns the service's clock, or before the first response this machine's.
    fn now(&self) -> SystemTime {
        self.date.map_or_else(|| self.client.now(), |(date, at)| date + at.elapsed())
    }

    fn wait(&mut self, pause: Duration) {
        self.state = State::Waiting(Box::pin(tokio::time::sleep(pause)));
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Trace, Error>> {
        loop {
            match &mut self.state {
                State::Ready => {
                    let (round, walk) =
                        self.watch.begin(self.now(), self.made.elapsed(), self.margins);
                    let pages = Box::new(Pages::new(self.client.clone(), walk));
                    self.state = State::Listing { round, pages, traces: Vec::new() };
                }
                State::Waiting(sleep) => {
                    ready!(sleep.as_mut().poll(cx));
                    self.state = State::Ready;
                }
                State::Listing { round, pages, traces } => match ready!(pages.poll(cx)) {
                    Some(Ok(trace)) => traces.push(trace),
                    None => {
                        self.errors_in_a_row = 0;
                        self.date = pages.date().or(self.date);
                        let (mut round, made) = (*round, self.made);
                        let date = pages.date().map(|(date, at)| (date, at.duration_since(made)));
                        let gaps = pages.walk().gaps().to_vec();
                        self.watch.ties = pages.walk().ties();
                        let traces = std::mem::take(traces);
                        let traces =
                            self.watch.accept(&mut round, traces, date, self.margins).into();
                        self.state = State::Delivering { round, gaps, traces };
                    }
                    Some(Err(error)) => {
                        let pause = self
                            .interval
                            .saturating_mul(1 << self.errors_in_a_row.min(10))
                            .min(LONGEST);
                        self.errors_in_a_row += 1;
                        self.wait(
                            pause.max(self.interval).max(error.retry_after().unwrap_or_default()),
                        );
                        return Poll::Ready(Err(error));
                    }
                },
                State::Delivering { round, gaps, traces } => {
                    if let Some(trace) = traces.pop_front() {
                        if self.watch.deliver(&trace) {
                            return Poll::Ready(Ok(trace));
                        }
                        continue;
                    }
                    let is_present = self.watch.end(*round, gaps, self.margins);
                    if is_present {
                        self.wait(self.interval);
                    } else {
                        self.state = State::Ready;
                    }
                }
            }
        }
    }
}

impl Stream for FollowedTraces {
    type Item = Result<Trace, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx).map(Some)
    }
}

impl fmt::Debug for FollowedTraces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FollowedTraces")
            .field("watch", &self.watch)
            .field("interval", &self.interval)
            .field("margins", &self.margins)
            .finish_non_exhaustive()
    }
}
