//! Trying targets, and trying them again while they are throttled.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::super::apply::ENSURE;
use super::super::{ApplyReport, NotificationSet, PlanOptions};
use super::Target;
use super::access_key::AccessKeys;
use crate::client::{CtsClient, Pace};
use crate::error::{Cause, Error, History};

/// What all tries of a rollout share.
pub(super) struct Tries<'r> {
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
    pub(super) result: Result<ApplyReport, Error>,
    /// When the target is to be tried again, if it was throttled.
    pub(super) again_at: Option<Instant>,
}

impl Tries<'_> {
    pub(super) async fn make(&self, index: usize, target: Target) -> Try {
        let client = target.client.sharing(self.pace);
        let set = target.set.as_ref().unwrap_or(self.set);
        let (access_key, result) = match self.identified(&client).await {
            Ok(access_key) => {
                let result = self.ensure(&client, access_key.as_deref(), set).await;
                (access_key, result)
            }
            Err(error) => (None, Err(error)),
        };
        let again_at = throttled_for(&result).and_then(|pause| Instant::now().checked_add(pause));
        let again_at = again_at.filter(|at| self.deadline.is_none_or(|deadline| *at <= deadline));
        Try { index, target, access_key, result, again_at }
    }

    /// Tries a throttled target until it is not throttled any more, or there is no time for another try.
    pub(super) async fn finish(&self, mut last: Try) -> Try {
        while let Some(at) = last.again_at {
            sleep_until(at).await;
            let next = self.make(last.index, last.target).await;
            let result = match (next.result, last.result) {
                (Ok(report), Ok(earlier)) => Ok(report.following(earlier)),
                // The report says what was written, which the error does not.
                (Err(error), Ok(earlier)) => Ok(earlier.failed_again(&error)),
                (result, Err(_)) => result,
            };
            last = Try { result, ..next };
        }
        last
    }

    /// Returns the access key of a target, if it has one. Agencies are assumed by calls of one identity, as a rule, so they wait
    /// until one of them was assumed, and stop when the identity was refused.
    async fn identified(&self, client: &CtsClient) -> Result<Option<String>, Error> {
        if !client.is_assumed() {
            return Ok(client.access_key().await.ok());
        }
        let identity = self.keys.get("");
        let turn = identity.turn().await?;
        let found = client.access_key().await;
        identity.conclude(match &found {
            Ok(_) => Some(true),
            Err(error) if error.is_refused_caller() => Some(false),
            Err(_) => None,
        });
        drop(turn);
        found.map(Some).map_err(|error| Error::new(ENSURE, History::default(), Cause::Credentials(error)))
    }

    async fn ensure(
        &self,
        client: &CtsClient,
        access_key: Option<&str>,
        set: &NotificationSet,
    ) -> Result<ApplyReport, Error> {
        // Without credentials nothing is sent, and the error of the call says why.
        let Some(access_key) = access_key else {
            return client.ensure(&set.filled_in(client, ENSURE).await?, self.options).await;
        };
        let key = self.keys.get(access_key);
        let turn = key.turn().await?;
        let read = async {
            let set = set.filled_in(client, ENSURE).await?;
            let (plan, actual) = client.read_and_plan(&set, self.options, ENSURE).await?;
            Ok((set, plan, actual))
        }
        .await;
        key.learn(read.as_ref().err());
        drop(turn);
        let (set, plan, actual) = read?;
        let report = client.ensure_from(plan, actual, &set, self.options).await;
        for error in report.errors() {
            key.learn(Some(error));
        }
        Ok(report)
    }
}

/// Returns how long to wait before the next try, if calls were throttled.
fn throttled_for(result: &Result<ApplyReport, Error>) -> Option<Duration> {
    let pause = |error: &Error| if error.is_throttled() { error.retry_after() } else { None };
    match result {
        Ok(report) => report.errors().filter_map(pause).max(),
        Err(error) => pause(error),
    }
}
