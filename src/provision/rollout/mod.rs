//! One set in many projects and regions.

mod access_key;
mod target;
mod tries;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use tokio::time::Instant;

use self::access_key::AccessKeys;
use self::tries::{Tries, Try};
use super::NotificationSet;
use super::plan::PlanOptions;
use crate::client::Pace;

pub use target::{Target, TargetReport};

/// The number of targets that are worked on at the same time, unless set.
const CONCURRENCY: usize = 8;

/// A rollout of one set to many targets: [`CtsClient::ensure`] in each of them.
///
/// A target that fails does not stop the others. [`run`](Self::run) returns a report on each, in the order of the targets.
/// Nothing is spawned: everything happens within the future that `run` returns, and dropping it stops the rollout.
///
/// ```
/// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use huaweicloud_cts::notification::CreateNotification;
/// use huaweicloud_cts::provision::{NotificationSet, Rollout, Target};
/// use huaweicloud_cts::testing::FakeCts;
///
/// let fake = FakeCts::new();
/// let target = |id: &str| fake.client_builder().project_id(id).build().map(|client| Target::new(id, client));
/// let targets = [target("p1")?, target("p2")?, target("p3")?];
/// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
///
/// let reports = Rollout::new(targets)
///     .concurrency(2)
///     .on_progress(|progress| println!("{}/{} {}", progress.finished, progress.total, progress.report))
///     .run(&set)
///     .await;
/// assert!(reports.iter().all(|report| report.is_complete()));
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Throttling
///
/// The targets share a [`Pace`], so that they wait together where the gateway throttles calls; a client that was built with
/// one keeps its own. A call waits no longer than its time limit. If that is too short, the target is tried again when the
/// error says ([`Error::retry_after`]), after the other targets have had their turn. Targets that are tried again with the
/// same access key go one after the other, so that each of them gets through. This goes on until the target succeeds or
/// fails for another reason, or until [`retry_throttled_for`](Self::retry_throttled_for) has passed.
///
/// # Wrong credentials
///
/// Five requests in a row with a wrong secret lock an access key for minutes, for every program that uses it. Targets that
/// share an access key therefore wait until the service has accepted it once. If two targets in a row refuse it, it is not
/// used any more, and the remaining ones fail with [`ErrorKind::Credentials`](crate::ErrorKind::Credentials).
#[must_use = "a rollout does nothing until it is run"]
pub struct Rollout<'p> {
    targets: Vec<Target>,
    concurrency: usize,
    options: PlanOptions,
    pace: Pace,
    retry_throttled_for: Option<Duration>,
    on_progress: Option<OnProgress<'p>>,
}

type OnProgress<'p> = Box<dyn FnMut(RolloutProgress<'_>) + Send + 'p>;

/// The progress of a [`Rollout`], after a target has finished.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RolloutProgress<'r> {
    /// The number of targets that have finished, including this one.
    pub finished: usize,
    /// The number of targets.
    pub total: usize,
    /// The report on the target that has just finished.
    pub report: &'r TargetReport,
}

impl<'p> Rollout<'p> {
    /// Creates a rollout to these targets.
    pub fn new(targets: impl IntoIterator<Item = Target>) -> Self {
        Self {
            targets: targets.into_iter().collect(),
            concurrency: CONCURRENCY,
            options: PlanOptions::new(),
            pace: Pace::new(),
            retry_throttled_for: None,
            on_progress: None,
        }
    }

    /// Sets how many targets are worked on at the same time: 8 unless set. 0 counts as 1.
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency.max(1);
        self
    }

    /// Sets the options of the plans, such as what may be deleted.
    pub fn options(mut self, options: PlanOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets the pace that the targets share, to share it with other clients too. A new one unless set.
    ///
    /// ```
    /// use huaweicloud_cts::client::Pace;
    /// use huaweicloud_cts::provision::Rollout;
    ///
    /// let pace = Pace::new();
    /// let rollout = Rollout::new([]).pace(pace.clone());
    /// # drop(rollout);
    /// ```
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Sets for how long, counted from the start, throttled targets are tried again. Without a limit unless set; zero turns
    /// it off.
    ///
    /// A target that would have to be tried again later than this fails with the error of its last try. Calls that are under
    /// way at that time are completed.
    ///
    /// ```
    /// use std::time::Duration;
    /// use huaweicloud_cts::provision::Rollout;
    ///
    /// let rollout = Rollout::new([]).retry_throttled_for(Duration::from_secs(30 * 60));
    /// # drop(rollout);
    /// ```
    pub fn retry_throttled_for(mut self, limit: Duration) -> Self {
        self.retry_throttled_for = Some(limit);
        self
    }

    /// Sets a function that is called each time a target has finished.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::provision::{NotificationSet, Rollout, Target};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let mut finished = Vec::new();
    /// let target = Target::new("production", FakeCts::new().client());
    /// let rollout = Rollout::new([target]).on_progress(|progress| finished.push(progress.report.name.clone()));
    /// rollout.run(&NotificationSet::default()).await;
    /// assert_eq!(finished, ["production"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_progress(mut self, on_progress: impl FnMut(RolloutProgress<'_>) + Send + 'p) -> Self {
        self.on_progress = Some(Box::new(on_progress));
        self
    }

    /// Runs the rollout. `set` is the desired state of each target that does not have its own. `{region}` and `{project_id}` in
    /// topics are filled in for each target, as by [`NotificationSet::for_client`].
    pub async fn run(mut self, set: &NotificationSet) -> Vec<TargetReport> {
        let targets = std::mem::take(&mut self.targets);
        let total = targets.len();
        let tries = Tries {
            set,
            options: &self.options,
            pace: &self.pace,
            deadline: self.retry_throttled_for.and_then(|limit| Instant::now().checked_add(limit)),
            keys: AccessKeys::default(),
        };
        let mut reports = Vec::with_capacity(total);
        let mut finish = |last: Try| {
            let report = TargetReport { name: last.target.name, result: last.result };
            if let Some(on_progress) = &mut self.on_progress {
                on_progress(RolloutProgress { finished: reports.len() + 1, total, report: &report });
            }
            reports.push((last.index, report));
        };

        let mut throttled: BTreeMap<Option<String>, Vec<Try>> = BTreeMap::new();
        let first = targets.into_iter().enumerate().map(|(index, target)| tries.make(index, target));
        let mut first = stream::iter(first).buffer_unordered(self.concurrency);
        while let Some(made) = first.next().await {
            match made.again_at {
                Some(_) => throttled.entry(made.access_key.clone()).or_default().push(made),
                None => finish(made),
            }
        }
        let queues = throttled.into_values().map(|queue| Box::pin(stream::iter(queue).then(|made| tries.finish(made))));
        let mut rest = stream::iter(queues).flatten_unordered(self.concurrency);
        while let Some(made) = rest.next().await {
            finish(made);
        }
        reports.sort_by_key(|(index, _)| *index);
        reports.into_iter().map(|(_, report)| report).collect()
    }
}

impl fmt::Debug for Rollout<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rollout")
            .field("targets", &self.targets)
            .field("concurrency", &self.concurrency)
            .field("options", &self.options)
            .field("pace", &self.pace)
            .field("retry_throttled_for", &self.retry_throttled_for)
            .finish_non_exhaustive()
    }
}
