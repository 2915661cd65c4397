//! One set in many projects and regions.

mod access_key;
mod plan;
mod target;
mod tries;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use tokio::time::Instant;

use self::access_key::AccessKeys;
use self::plan::ByName;
use self::tries::{Goal, Tries, Try};
use super::NotificationSet;
use super::apply::APPLY;
use super::plan::PlanOptions;
use super::run::not_sent;
use crate::client::Pace;
use crate::error::Cause;

pub use plan::{RolloutPlan, TargetPlan};
pub use target::{Target, TargetReport};

/// The number of targets that are worked on at the same time, unless set.
const CONCURRENCY: usize = 8;

/// A rollout of one set to many targets: [`CtsClient::ensure`](crate::CtsClient::ensure) in each of
/// them.
///
/// A target that fails does not stop the others. [`run`](Self::run) returns a report on each, in
/// the order of the targets. Nothing is spawned: everything happens within the future that `run`
/// returns, and dropping it stops the rollout.
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
/// # Plans that are approved
///
/// [`plan`](Self::plan) returns the plan for each target, and [`apply`](Self::apply) does what such
/// plans show. They can be [saved](RolloutPlan#saved-plans) in between.
///
/// # Throttling
///
/// The targets share a [`Pace`], so that they wait together where the gateway throttles calls; a
/// client that was built with one keeps its own. A call waits no longer than its time limit. If
/// that is too short, the target is tried again when the error says
/// ([`Error::retry_after`](crate::Error::retry_after)), after the other targets have had their
/// turn. Targets that are tried again with the same access key go one after the other, so that each
/// of them gets through. This goes on until the target succeeds or fails for another reason, or
/// until [`retry_throttled_for`](Self::retry_throttled_for) has passed.
///
/// # Wrong credentials
///
/// Five requests in a row with a wrong secret lock an access key for minutes, for every program
/// that uses it. Targets that share an access key therefore wait until the service has accepted it
/// once. If two targets in a row refuse it, it is not used any more, and the remaining ones fail
/// with [`ErrorKind::Credentials`](crate::ErrorKind::Credentials).
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

    /// Sets the pace that the targets share, to share it with other clients too. A new one unless
    /// set.
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

    /// Sets for how long, counted from the start, throttled targets are tried again. Without a
    /// limit unless set; zero turns it off.
    ///
    /// A target that would have to be tried again later than this fails with the error of its last
    /// try. Calls that are under way at that time are completed.
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

    /// Runs the rollout. `set` is the desired state of each target that does not have its own.
    /// `{region}` and `{project_id}` in topics are filled in for each target, as by
    /// [`NotificationSet::for_client`].
    pub async fn run(self, set: &NotificationSet) -> Vec<TargetReport> {
        self.reports(Goal::Ensure, set, Vec::new()).await
    }

    /// Plans in each target, and writes nothing. `set` is the desired state of each target that
    /// does not have its own.
    ///
    /// [`apply`](Self::apply) does what these plans show. [`on_progress`](Self::on_progress) is of
    /// no use here.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{NotificationSet, Rollout, Target};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let targets = [Target::new("production", FakeCts::new().client())];
    /// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
    /// let plan = Rollout::new(targets.clone()).plan(&set).await;
    /// println!("{plan}");
    /// // A person approves it.
    /// let reports = Rollout::new(targets).apply(&plan).await;
    /// assert!(plan.is_complete() && reports[0].is_complete());
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn plan(self, set: &NotificationSet) -> RolloutPlan {
        let plan = |last: Try| TargetPlan {
            name: last.target.name,
            result: last.result.map(|done| done.plan),
        };
        RolloutPlan::new(self.drive(Goal::Plan, set, plan).await)
    }

    /// Applies plans, each in the target of its name, as
    /// [`CtsClient::apply`](crate::CtsClient::apply) does: what they show is done, or nothing. A
    /// notification that has changed since is reported as [`Outcome::Changed`] and left alone.
    ///
    /// The sets and options of this rollout do not matter. Nothing is sent for a target without a
    /// plan, nor for a plan without a target: the reports have an error for each. The reports are
    /// in the order of the targets.
    ///
    /// [`Outcome::Changed`]: super::Outcome::Changed
    pub async fn apply(self, plan: &RolloutPlan) -> Vec<TargetReport> {
        let mut of_targets = Vec::new();
        let mut plans = ByName::of(plan);
        for target in &self.targets {
            of_targets.push(
                plans
                    .take(&target.name)
                    .ok_or_else(|| {
                        let reason = format!("there is no plan for the target {:?}", target.name);
                        not_sent(APPLY, Cause::Request(reason))
                    })
                    .and_then(|plan| plan.result.as_ref().map_err(Clone::clone)),
            );
        }
        let without_target = plans.rest().map(|plan| {
            let reason =
                format!("there is a plan for the target {:?}, but no such target", plan.name);
            TargetReport {
                name: plan.name.clone(),
                result: Err(not_sent(APPLY, Cause::Request(reason))),
            }
        });
        let without_target = without_target.collect();
        self.reports(Goal::Apply(of_targets), &NotificationSet::default(), without_target).await
    }

    /// Works in all targets, and tells of the progress. `more` are reports that need no work.
    async fn reports(
        mut self,
        goal: Goal<'_>,
        set: &NotificationSet,
        more: Vec<TargetReport>,
    ) -> Vec<TargetReport> {
        let total = self.targets.len() + more.len();
        let mut finished = 0;
        let mut on_progress = self.on_progress.take();
        let mut report = |report: TargetReport| {
            finished += 1;
            if let Some(on_progress) = &mut on_progress {
                on_progress(RolloutProgress { finished, total, report: &report });
            }
            report
        };
        let more: Vec<TargetReport> = more.into_iter().map(&mut report).collect();
        let of_try = |last: Try| {
            report(TargetReport {
                name: last.target.name,
                result: last.result.map(|done| done.report),
            })
        };
        let mut reports = self.drive(goal, set, of_try).await;
        reports.extend(more);
        reports
    }

    /// Works in all targets, and calls `finish` as soon as one has finished. Returns what it
    /// returns, in the order of the targets.
    async fn drive<T>(
        mut self,
        goal: Goal<'_>,
        set: &NotificationSet,
        mut finish: impl FnMut(Try) -> T,
    ) -> Vec<T> {
        let targets = std::mem::take(&mut self.targets);
        let tries = Tries {
            goal,
            set,
            options: &self.options,
            pace: &self.pace,
            deadline: self.retry_throttled_for.and_then(|limit| Instant::now().checked_add(limit)),
            keys: AccessKeys::default(),
        };
        let mut results = Vec::with_capacity(targets.len());
        let mut throttled: BTreeMap<Option<String>, Vec<Try>> = BTreeMap::new();
        let first =
            targets.into_iter().enumerate().map(|(index, target)| tries.make(index, target));
        let mut first = stream::iter(first).buffer_unordered(self.concurrency);
        while let Some(made) = first.next().await {
            match made.again_at {
                Some(_) => throttled.entry(made.access_key.clone()).or_default().push(made),
                None => results.push((made.index, finish(made))),
            }
        }
        let queues = throttled
            .into_values()
            .map(|queue| Box::pin(stream::iter(queue).then(|made| tries.finish(made))));
        let mut rest = stream::iter(queues).flatten_unordered(self.concurrency);
        while let Some(made) = rest.next().await {
            results.push((made.index, finish(made)));
        }
        results.sort_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, result)| result).collect()
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
