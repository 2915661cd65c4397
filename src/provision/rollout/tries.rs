//! Trying targets, and trying them again while they are throttled.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::super::apply::{APPLY, ENSURE, PLAN};
use super::super::run::not_sent;
use super::super::{ApplyReport, NotificationSet, NotificationSpec, Plan, PlanOptions};
use super::Target;
use super::access_key::AccessKeys;
use crate::client::{CtsClient, Pace};
use crate::error::{CallName, Cause, Error};
use crate::notification::Notification;

/// What a rollout does in each target.
pub(super) enum Goal<'r> {
    /// [`CtsClient::plan`].
    Plan,
    /// [`CtsClient::ensure`].
    Ensure,
    /// [`CtsClient::apply`] of the plan of each target. An error says why it has none.
    Apply(Vec<Result<&'r Plan, Error>>),
}

impl Goal<'_> {
    /// Returns what the user called, for errors without a call of the service.
    fn caller(&self) -> CallName {
        match self {
            Self::Plan => PLAN,
            Self::Ensure => ENSURE,
            Self::Apply(_) => APPLY,
        }
    }
}

/// What all tries of a rollout share.
pub(super) struct Tries<'r> {
    pub(super) goal: Goal<'r>,
    pub(super) set: &'r NotificationSet,
    pub(super) options: &'r PlanOptions,
    pub(super) pace: &'r Pace,
    /// When to stop trying throttled targets again.
    pub(super) deadline: Option<Instant>,
    pub(super) keys: AccessKeys,
}

/// A try at one target.
pub(super) struct Try {
    pub(super) index: usize,
    pub(super) target: Target,
    pub(super) access_key: Option<String>,
    pub(super) result: Result<Done, Error>,
    /// When to try the target again, if it was throttled.
    pub(super) again_at: Option<Instant>,
}

/// A plan, and what became of it. Where the goal is to plan, nothing has been tried.
pub(super) struct Done {
    pub(super) plan: Plan,
    pub(super) report: ApplyReport,
}

/// A plan, what exists in the project, and the set that the plan was made from, if it was made now.
type Read<'t> = (Cow<'t, Plan>, Vec<Notification>, Cow<'t, NotificationSet>);

impl Tries<'_> {
    pub(super) async fn make(&self, index: usize, target: Target) -> Try {
        if let Goal::Apply(plans) = &self.goal
            && let Some(Err(error)) = plans.get(index)
        {
            return Try {
                index,
                target,
                access_key: None,
                result: Err(error.clone()),
                again_at: None,
            };
        }
        let client = target.client.sharing(self.pace);
        let (access_key, result) = match self.identified(&client).await {
            Ok(access_key) => {
                let result = self.work(index, &target, &client, access_key.as_deref()).await;
                (access_key, result)
            }
            Err(error) => (None, Err(error)),
        };
        let again_at = throttled_for(&result).and_then(|pause| Instant::now().checked_add(pause));
        let again_at = again_at.filter(|at| self.deadline.is_none_or(|deadline| *at <= deadline));
        Try { index, target, access_key, result, again_at }
    }

    /// Tries a throttled target until it is not throttled any more, or there is no time for another
    /// try.
    pub(super) async fn finish(&self, mut last: Try) -> Try {
        while let Some(at) = last.again_at {
            sleep_until(at).await;
            let next = self.make(last.index, last.target).await;
            let result = match (next.result, last.result) {
                (Ok(Done { plan, report }), Ok(earlier)) => {
                    Ok(Done { plan, report: report.following(earlier.report) })
                }
                // The report says what was written, which the error does not.
                (Err(error), Ok(earlier)) => {
                    Ok(Done { report: earlier.report.failed_again(&error), ..earlier })
                }
                (result, Err(_)) => result,
            };
            last = Try { result, ..next };
        }
        last
    }

    /// Returns the access key of a target, if it has one. Agencies are assumed by calls of one
    /// identity, as a rule, so they wait until one of them was assumed, and stop when the identity
    /// was refused.
    async fn identified(&self, client: &CtsClient) -> Result<Option<String>, Error> {
        if !client.is_assumed() {
            return Ok(client.access_key().await.ok());
        }
        let identity = self.keys.get("");
        let turn = identity.turn(self.goal.caller()).await?;
        let found = client.access_key().await;
        identity.conclude(match &found {
            Ok(_) => Some(true),
            Err(error) if error.is_refused_caller() => Some(false),
            Err(_) => None,
        });
        drop(turn);
        found.map(Some).map_err(|error| not_sent(self.goal.caller(), Cause::Credentials(error)))
    }

    async fn work(
        &self,
        index: usize,
        target: &Target,
        client: &CtsClient,
        access_key: Option<&str>,
    ) -> Result<Done, Error> {
        let Some(access_key) = access_key else {
            // Without credentials nothing is sent, and the error of the call says why.
            return Ok(self.write(client, self.read(index, target, client).await?).await);
        };
        let key = self.keys.get(access_key);
        let turn = key.turn(self.goal.caller()).await?;
        let read = self.read(index, target, client).await;
        key.learn(read.as_ref().err());
        drop(turn);
        let done = self.write(client, read?).await;
        for error in done.report.errors() {
            key.learn(Some(error));
        }
        Ok(done)
    }

    /// Makes the calls that read.
    async fn read<'t>(
        &'t self,
        index: usize,
        target: &'t Target,
        client: &CtsClient,
    ) -> Result<Read<'t>, Error> {
        let set = Cow::Borrowed(target.set.as_ref().unwrap_or(self.set));
        if let Goal::Apply(plans) = &self.goal
            && let Some(Ok(plan)) = plans.get(index)
        {
            return Ok((Cow::Borrowed(*plan), client.read_for(plan).await?, set));
        }
        let caller = self.goal.caller();
        let has_placeholder = set.specs().iter().any(NotificationSpec::has_placeholder);
        let set =
            if has_placeholder { Cow::Owned(set.filled_in(client, caller).await?) } else { set };
        let (plan, actual) = client.read_and_plan(&set, self.options, caller).await?;
        Ok((Cow::Owned(plan), actual, set))
    }

    /// Makes the calls that write.
    async fn write(&self, client: &CtsClient, (plan, actual, set): Read<'_>) -> Done {
        let report = match &self.goal {
            Goal::Plan => ApplyReport::of(&plan),
            Goal::Ensure => client.ensure_from(&plan, &actual, &set, self.options).await,
            Goal::Apply(_) => client.carry_out(&plan, &actual, APPLY).await,
        };
        Done { plan: plan.into_owned(), report }
    }
}

/// Returns how long to wait before the next try, if calls were throttled.
fn throttled_for(result: &Result<Done, Error>) -> Option<Duration> {
    let pause = |error: &Error| if error.is_throttled() { error.retry_after() } else { None };
    match result {
        Ok(done) => done.report.errors().filter_map(pause).max(),
        Err(error) => pause(error),
    }
}
