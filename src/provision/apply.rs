//! Carrying a plan out. Whatever a lost answer leaves open is settled by reading, never by creating once more.

use http::StatusCode;

use super::difference::differences;
use super::plan::{Action, Plan, PlanOptions, Step, Work};
use super::report::{ApplyReport, Outcome};
use super::{NotificationSet, NotificationSpec};
use crate::client::CtsClient;
use crate::error::{CallName, Cause, Error, ErrorCode, ErrorKind, History};
use crate::notification::{DeleteNotifications, Notification, NotificationId, UpdateNotification};

/// A conflict is an error of the update that can't be made.
const UPDATE: CallName = CallName { operation: "UpdateNotification", actions: "cts:notification:update", writes: true };

impl CtsClient {
    /// Reads what is there, both types, and compares it with what is wanted. Writes nothing.
    ///
    /// # Errors
    ///
    /// Not sent: a topic with a placeholder in it, see [`NotificationSet::for_place`]. Else as for
    /// [`list_all_notifications`](Self::list_all_notifications).
    pub async fn plan(&self, set: &NotificationSet, options: &PlanOptions) -> Result<Plan, Error> {
        if let Some(spec) = set.specs().iter().find(|spec| spec.has_placeholder()) {
            let reason = format!(
                "the topic of {:?} has a placeholder in it: fill in region and project with NotificationSet::for_place",
                spec.name()
            );
            return Err(Error::new(UPDATE, History::default(), Cause::Request(reason)));
        }
        let actual = self.list_all_notifications().await?;
        Ok(Plan::between(set, &actual, options).made_in(self.project_id()))
    }

    /// Carries a plan out, one rule after the other, and tells what became of each.
    ///
    /// - A rule is created with one call, and with a second one if the status that it is to have is not the one it was
    ///   born with. An update sends the whole rule.
    /// - A create whose answer was lost, or that was refused because the name is taken, is not sent again: the rule is
    ///   looked for by its name, and adopted if it is there. A rule that was deleted meanwhile is created anew.
    /// - If one rule fails, the others are tried all the same, unless the failure concerns them too: no connection, no
    ///   permission, too many requests; a used-up quota, for those to be created.
    /// - Rules are deleted last, and only if all others are as they are to be: what replaces a rule is there before the rule
    ///   goes. Only where there was no room is it deleted first, and then created.
    ///
    /// A plan is for the project that it was made in; another client's is not carried out. It should be fresh: rules are told
    /// apart by the ids that they had then.
    ///
    /// There is no error: it is all in the report. To finish what was not done, plan and apply again.
    pub async fn apply(&self, plan: &Plan) -> ApplyReport {
        let mut report = ApplyReport::of(plan);
        if let (Some(there), Some(here)) = (plan.project_id(), self.project_id())
            && there != here
        {
            // Its ids mean nothing here, and what it would create belongs there.
            let reason = format!("the plan was made in the project {there}, and this client works in {here}");
            let error = Error::new(UPDATE, History::default(), Cause::Request(reason));
            for entry in &mut report.entries {
                entry.outcome = Outcome::Failed { error: error.clone() };
            }
            return report;
        }
        let mut run = Run { client: self, stopped: false, no_room: false };
        run.make(plan, &mut report).await;
        let all_else_is_done = report.entries.iter().all(|entry| {
            let lacks_room = match &entry.outcome {
                Outcome::Failed { error } => is_quota(error),
                Outcome::NotTried => true,
                _ => false,
            };
            entry.outcome.is_done() || lacks_room
        });
        if !run.stopped && all_else_is_done && run.delete(&mut report).await && run.no_room {
            run.no_room = false;
            run.make(plan, &mut report).await;
        }
        report
    }

    /// Makes it so: plans and applies. Safe to repeat; where all is as wanted, nothing is written.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{NotificationSet, PlanOptions};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
    /// let report = client.ensure(&set, &PlanOptions::new()).await?;
    /// assert!(report.is_complete() && report.has_changes());
    /// assert!(!client.ensure(&set, &PlanOptions::new()).await?.has_changes());
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`plan`](Self::plan): then nothing was written. Whatever happens later is in the report.
    pub async fn ensure(&self, set: &NotificationSet, options: &PlanOptions) -> Result<ApplyReport, Error> {
        let plan = self.plan(set, options).await?;
        Ok(self.apply(&plan).await)
    }
}

/// A plan that is being carried out.
struct Run<'c> {
    client: &'c CtsClient,
    /// Something happened that concerns all the rest.
    stopped: bool,
    /// The quota is used up.
    no_room: bool,
}

/// What became of a rule, and its id, where that was learnt.
type Done = (Option<NotificationId>, Outcome);

impl Run<'_> {
    /// Creates and updates what is not done yet.
    async fn make(&mut self, plan: &Plan, report: &mut ApplyReport) {
        for (step, entry) in plan.steps().iter().zip(&mut report.entries) {
            if entry.outcome.is_done() {
                continue;
            }
            if let Some((id, outcome)) = self.make_one(step).await {
                entry.id = id.or(entry.id.take());
                entry.outcome = outcome;
            }
        }
    }

    /// `None`: not tried.
    async fn make_one(&mut self, step: &Step) -> Option<Done> {
        let conflict = |cause| Some((None, Outcome::Failed { error: Error::new(UPDATE, History::default(), cause) }));
        match &step.work {
            Work::Nothing => Some((None, Outcome::Done { action: Action::Unchanged })),
            Work::Ambiguous { name, ids } => conflict(Cause::Ambiguous { name: name.clone(), ids: ids.clone() }),
            Work::BothNames { reason } => conflict(Cause::Request(reason.clone())),
            Work::Create(wanted) if !self.stopped && !self.no_room => Some(self.create(wanted).await),
            Work::Update { wanted, request } if !self.stopped => Some(self.update(wanted, request).await),
            Work::Create(_) | Work::Update { .. } | Work::Delete => None,
        }
    }

    async fn create(&mut self, wanted: &NotificationSpec) -> Done {
        let error = match self.client.create_notification(wanted.request()).await {
            Ok(created) => {
                // The answer may be short of other members, but these were sent a moment ago.
                let born = UpdateNotification::from_current(&created);
                if *born.wanted_status() == wanted.wanted_status() {
                    return self.confirmed(wanted, created, Action::Create).await;
                }
                return self.write(wanted, &wanted.over(born), Action::Create).await;
            }
            Err(error) => error,
        };
        let is_taken = error.code() == Some(&ErrorCode::NotificationNameExists);
        if !is_taken && !error.may_have_applied() {
            return (None, self.failed(error));
        }
        match self.find(wanted.name()).await {
            Ok(Some(found)) => {
                self.converge(wanted, &found, if is_taken { Action::Unchanged } else { Action::Create }).await
            }
            Err(ambiguous) if ambiguous.kind() == ErrorKind::Ambiguous => (None, Outcome::Failed { error: ambiguous }),
            Ok(None) | Err(_) => (None, Outcome::of_write(error)),
        }
    }

    async fn update(&mut self, wanted: &NotificationSpec, request: &UpdateNotification) -> Done {
        let done = self.write(wanted, request, Action::Update).await;
        if !done.1.error().is_some_and(Error::is_not_found) {
            return done;
        }
        // It was deleted since it was read.
        match self.find(wanted.name()).await {
            Ok(Some(found)) => self.converge(wanted, &found, Action::Unchanged).await,
            Ok(None) if !self.no_room => self.create(wanted).await,
            Err(ambiguous) if ambiguous.kind() == ErrorKind::Ambiguous => (None, Outcome::Failed { error: ambiguous }),
            Ok(None) | Err(_) => done,
        }
    }

    /// Makes a rule that turned up as it is to be. `as_it_is`: what was done if it is so already.
    async fn converge(&mut self, wanted: &NotificationSpec, found: &Notification, as_it_is: Action) -> Done {
        if differences(wanted, found).is_empty() {
            return (Some(found.notification_id.clone()), Outcome::Done { action: as_it_is });
        }
        let action = if as_it_is == Action::Create { Action::Create } else { Action::Update };
        self.write(wanted, &wanted.over(UpdateNotification::from_current(found)), action).await
    }

    /// Updates a rule, and reads it if the answer is lost.
    async fn write(&mut self, wanted: &NotificationSpec, request: &UpdateNotification, action: Action) -> Done {
        let id = Some(request.id().clone());
        let error = match self.client.update_notification(request).await {
            Ok(answer) => return self.confirmed(wanted, answer, action).await,
            Err(error) => error,
        };
        if error.is_not_found() || !error.may_have_applied() {
            return (id, self.failed(error));
        }
        match self.find(wanted.name()).await {
            Ok(Some(found)) if differences(wanted, &found).is_empty() => {
                (Some(found.notification_id), Outcome::Done { action })
            }
            _ => (id, Outcome::Unknown { error }),
        }
    }

    /// What was sent, held against what the service answered. An answer may be short, so the rule is read before it is said
    /// that the service keeps it differently: without that, each run would send the same again, and be content.
    async fn confirmed(&mut self, wanted: &NotificationSpec, answer: Notification, action: Action) -> Done {
        let id = Some(answer.notification_id.clone());
        if differences(wanted, &answer).is_empty() {
            return (id, Outcome::Done { action });
        }
        match self.client.find_notification(wanted.name()).await {
            Ok(Some(kept)) if !differences(wanted, &kept).is_empty() => {
                let members = differences(wanted, &kept).iter().map(|difference| difference.member).collect();
                let cause = Cause::NotKept { name: wanted.name().to_owned(), members };
                (id, Outcome::Failed { error: Error::new(UPDATE, History::default(), cause) })
            }
            // As it is to be; or it can't be read now, and the next plan will tell.
            _ => (id, Outcome::Done { action }),
        }
    }

    /// Reads a rule by its name. If even that fails, there is no use in going on.
    async fn find(&mut self, name: &str) -> Result<Option<Notification>, Error> {
        let found = self.client.find_notification(name).await;
        if let Err(error) = &found {
            self.stopped |= concerns_all(error) || error.is_retryable();
        }
        found
    }

    fn failed(&mut self, error: Error) -> Outcome {
        if is_quota(&error) {
            self.no_room = true;
        } else {
            self.stopped |= concerns_all(&error);
        }
        Outcome::Failed { error }
    }

    /// Deletes what is to go. Whether any of it is gone now.
    async fn delete(&self, report: &mut ApplyReport) -> bool {
        let mut doomed: Vec<_> = report.entries.iter_mut().filter(|entry| entry.planned == Action::Delete).collect();
        let ids: Vec<NotificationId> = doomed.iter().filter_map(|entry| entry.id.clone()).collect();
        if ids.is_empty() {
            return false;
        }
        let (gone, unknown, error) =
            match self.client.delete_notifications(&DeleteNotifications::new(ids.clone())).await {
                Ok(deleted) => (deleted.gone, deleted.unknown, deleted.errors.into_iter().next_back()),
                Err(error) if error.may_have_applied() => (Vec::new(), ids, Some(error)),
                Err(error) => (Vec::new(), Vec::new(), Some(error)),
            };
        let left = if unknown.is_empty() { None } else { self.client.list_all_notifications().await.ok() };
        let is_left =
            |id: &NotificationId| left.as_ref().is_none_or(|left| left.iter().any(|rule| rule.notification_id == *id));
        for entry in &mut doomed {
            let Some(id) = &entry.id else { continue };
            entry.outcome = match &error {
                _ if gone.contains(id) || (unknown.contains(id) && !is_left(id)) => {
                    Outcome::Done { action: Action::Delete }
                }
                Some(error) if unknown.contains(id) => Outcome::Unknown { error: error.clone() },
                Some(error) => Outcome::Failed { error: error.clone() },
                None => Outcome::NotTried,
            };
        }
        doomed.iter().any(|entry| entry.outcome.is_done())
    }
}

fn is_quota(error: &Error) -> bool {
    error.code() == Some(&ErrorCode::NotificationQuotaExceeded)
}

/// Whether the next rule would meet the same error.
fn concerns_all(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Credentials | ErrorKind::Project)
        || matches!(error.status(), Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN))
        || error.is_throttled()
        || (error.is_retryable() && error.transport().is_some_and(|transport| transport.kind().is_unsent()))
}
