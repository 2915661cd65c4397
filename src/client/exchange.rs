//! The loop around the attempts of a call.

use tokio::time::Instant;

use super::attempt::TimeLimit;
use super::call::Call;
use super::destination::Destination;
use super::outcome::{Failure, Received, Sent};
use super::pace::Claim;
use super::retry::{Next, Progress, decide};
use super::{CtsClient, observe};
use crate::error::{Cause, Error, History};

impl CtsClient {
    /// The loop around the attempts. The total time counts from `started`.
    pub(super) async fn attempts_at(
        &self,
        call: &Call,
        destination: Destination<'_>,
        started: Instant,
    ) -> Result<Received, Error> {
        let policy = self.retry_policy();
        let time = TimeLimit { since: started, limit: policy.limit() };
        let mut history = History::default();
        // The offset of the clock that this call tries. Others do not see it before the service has
        // accepted it.
        let mut tried = None;
        let mut endpoints_tried = 1;
        let mut credentials_renewed = false;
        let mut claim = Claim::new(policy.deadline(started));
        let mut throttled_attempts = 0;
        // The last attempt, if it was throttled.
        let mut throttled: Option<Box<Failure>> = None;
        loop {
            let failure = match self
                .attempt(call, destination, time, tried, &mut claim, &mut history)
                .await
            {
                Ok(sent) => {
                    self.tell_success(call, history.attempts, &sent);
                    let Sent { response, credentials, .. } = sent;
                    return Ok(Received { name: call.name, history, response, credentials });
                }
                // Boxed, because few attempts fail and all calls would hold a place for it.
                Err(failure) => Box::new(failure),
            };
            if let (Cause::Throttled(held), Some(response)) = (&failure.cause, throttled.take()) {
                return Err(response.held(*held).into_error(call.name, history, tried.is_some()));
            }
            history.may_have_applied |=
                call.name.class.writes() && failure.cause.may_have_applied();
            let progress = Progress {
                attempts: history.attempts - throttled_attempts,
                elapsed: started.elapsed(),
                clock_corrected: tried.is_some(),
                endpoints_left: self.endpoints(destination).len().saturating_sub(endpoints_tried),
            };
            let mut next =
                decide(&policy, call.name.class, &progress, &failure.outcome(), fastrand::f64());
            if let (Next::GiveUp, Some(refused), false) =
                (next, &failure.refused, credentials_renewed)
            {
                credentials_renewed = true;
                if self
                    .has_other_credentials(refused, policy.limit().saturating_sub(progress.elapsed))
                    .await
                {
                    next = Next::Renew;
                }
            }
            if started.elapsed() >= policy.limit() {
                next = Next::GiveUp;
            }
            observe::decision(next, history.attempts, &failure);
            self.tell_failure(call, history.attempts, &failure, next);
            match next {
                Next::GiveUp => {
                    return Err(failure.into_error(call.name, history, tried.is_some()));
                }
                Next::Wait(pause) => {
                    endpoints_tried = 1;
                    tokio::time::sleep(pause).await;
                }
                Next::Queue(_) => {
                    endpoints_tried = 1;
                    throttled_attempts += 1;
                    throttled = Some(failure);
                }
                Next::MoveOn => {
                    endpoints_tried += 1;
                    self.endpoints(destination).move_on_from(failure.endpoint);
                }
                // The next attempt asks the provider.
                Next::Renew => {}
                Next::CorrectClock => tried = failure.correction,
            }
        }
    }
}
