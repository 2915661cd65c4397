//! All traces between two instants.

use std::fmt;
use std::future::poll_fn;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use futures_core::Stream;
use serde::{Deserialize, Serialize};

use super::gap::{TraceGap, TraceGapReason};
use super::pages::Pages;
use super::walk::{Ties, Walk, kept_since};
use super::{Trace, TraceQuery};
use crate::client::CtsClient;
use crate::error::Error;
use crate::time::{millis_after, millis_before};

/// How far the service's clock may be ahead, after a client has corrected its own.
const AHEAD: Duration = Duration::from_secs(15 * 60);

/// All traces between two instants, as [`CtsClient::traces`] returns them: a [`Stream`].
///
/// [`next`](Self::next) does without the traits of a crate for streams.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Traces {
    pages: Pages,
    has_failed: bool,
}

/// Where a [`Traces`] has got to: a value to save, and to give to [`CtsClient::resume_traces`].
///
/// It has the query and the window, and the ids of up to some hundred traces. Its form as JSON is
/// not part of this crate's promises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TracePosition(Walk);

impl CtsClient {
    /// Lists all traces between two instants, each once, latest first. Both ends belong to the
    /// window.
    ///
    /// Pages are requested when their first trace is asked for, and one page is held at a time.
    /// Nothing is sent before the first poll. Dropping the stream cancels the request that is on
    /// its way.
    ///
    /// It keeps to what is documented of pages, and not to more: a short page is not taken for the
    /// last one, and traces that share the millisecond at which a page ends are looked up once
    /// more, with a small request of their own, until the service is seen to list them anyway. A
    /// trace is in the window if its `record_time` or its `time` is. One without an id is
    /// recognized by its content.
    ///
    /// Traces are kept for seven days. What the window has before that is left out, and is one of
    /// the [gaps](Traces::gaps). Traces become visible minutes after the operation: what happened
    /// just before the end of the window may be missing. [`follow_traces`](Self::follow_traces)
    /// waits for them.
    ///
    /// # Errors
    ///
    /// Items are errors of `ListTraces`. Throttling and brief failures are retried as for any call.
    /// After an error the stream ends; [`Traces::position`] is where
    /// [`resume_traces`](Self::resume_traces) goes on without loss or repetition.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use std::time::{Duration, SystemTime};
    ///
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::trace::TraceQuery;
    ///
    /// let client = FakeCts::new().client();
    /// client.create_notification(&CreateNotification::complete("everything")).await?;
    ///
    /// let now = SystemTime::now();
    /// let hour_ago = now - Duration::from_secs(3_600);
    /// let mut traces = client.traces(&TraceQuery::system(), hour_ago..=now);
    /// while let Some(trace) = traces.next().await.transpose()? {
    ///     println!("{:?} {:?}", trace.user.name(), trace.trace_name);
    /// }
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn traces(&self, query: &TraceQuery, window: RangeInclusive<SystemTime>) -> Traces {
        let now = self.now();
        let (from, kept) = (millis_before(*window.start()), kept_since(now));
        let to = millis_after(*window.end()).min(millis_after(now + AHEAD));
        let mut walk = Walk::new(query.clone(), (from.max(kept), to), Ties::Unknown);
        if from < kept && from <= to {
            walk.add_gap(TraceGap::new(from, kept.min(to), TraceGapReason::Expired));
        }
        self.resume_traces(TracePosition(walk))
    }

    /// Goes on where another stream has got to, in this process or in another. The client must be
    /// one of the same project.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// # use std::time::{Duration, SystemTime};
    /// # use huaweicloud_cts::testing::FakeCts;
    /// # use huaweicloud_cts::trace::TraceQuery;
    /// # let client = FakeCts::new().client();
    /// # let now = SystemTime::now();
    /// let mut traces = client.traces(&TraceQuery::system(), now - Duration::from_secs(60)..=now);
    /// let first = traces.next().await;
    /// let saved = serde_json::to_string(&traces.position())?;
    ///
    /// let mut rest = client.resume_traces(serde_json::from_str(&saved)?);
    /// while let Some(trace) = rest.next().await.transpose()? {
    ///     println!("{trace:?}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resume_traces(&self, position: TracePosition) -> Traces {
        Traces { pages: Pages::new(self.clone(), position.0), has_failed: false }
    }
}

impl Traces {
    /// Returns the next trace. `None` after the last one, and after an error. Dropping the future
    /// loses nothing, as in a `select!`.
    pub async fn next(&mut self) -> Option<Result<Trace, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Returns where the stream has got to: after the trace that it returned last.
    #[must_use]
    pub fn position(&self) -> TracePosition {
        TracePosition(self.pages.walk().position())
    }

    /// Returns the times, so far, whose traces can't be listed. Look at them after the last trace.
    #[must_use]
    pub fn gaps(&self) -> &[TraceGap] {
        self.pages.walk().gaps()
    }
}

impl Stream for Traces {
    type Item = Result<Trace, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_failed {
            return Poll::Ready(None);
        }
        self.pages.poll(cx).map(|next| {
            self.has_failed = matches!(next, Some(Err(_)));
            next
        })
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traces").field("walk", self.pages.walk()).finish_non_exhaustive()
    }
}
