//! The calls: plan, apply, and both in one.

use super::NotificationSet;
use super::plan::{Action, Plan, PlanOptions, Step, Work};
use super::present::Present;
use super::report::{ApplyReport, Outcome, ReportEntry};
use super::run::{APPLY, Run, changed, is_due, not_made};
use super::stale::Found;
use crate::client::CtsClient;
use crate::error::{CallName, Cause, Error, History};
use crate::notification::Notification;

/// What is refused before any call is made carries this name; an error of a call carries the name of that call.
const PLAN: CallName = CallName { operation: "plan", actions: "", writes: false };

/// How often [`CtsClient::ensure`] plans.
const ROUNDS: usize = 3;

impl CtsClient {
    /// Reads the notifications of both types and compares them with the desired state. Writes nothing.
    ///
    /// # Errors
    ///
    /// Not sent: a topic with a placeholder in it, see [`NotificationSet::for_place`]; the error's operation is `plan`.
    /// Otherwise as for [`list_all_notifications`](Self::list_all_notifications).
    pub async fn plan(&self, set: &NotificationSet, options: &PlanOptions) -> Result<Plan, Error> {
        Ok(self.read_and_plan(set, options).await?.0)
    }

    /// Applies a plan, one notification after the other, and reports what became of each.
    ///
    /// - Does what the plan showed, or nothing. The notifications are read once before the first write. A step whose
    ///   notification differs from the one it was made from, because it was renamed, edited, deleted or created again, is
    ///   not carried out and ends as [`Outcome::Changed`]; the other steps are. A create whose name is taken adopts the
    ///   notification only if it is the desired one. Where the desired state is there already, nothing is left to do.
    /// - A notification is created with one call, and with a second one if the desired status is not the one that it is
    ///   created with. An update sends the whole notification.
    /// - A create whose response was lost is not sent again: the notification is looked up by its name. An update whose
    ///   response was lost is sent again only if the notification is read to be still as it was before.
    /// - If one step fails, the others are still tried, unless the failure concerns them too: no connection, no
    ///   permission, too many requests; a used-up quota, for the creates.
    /// - Notifications are deleted last, and only if all creates and updates succeeded: what replaces a notification is
    ///   there before it goes. Only where the quota has no room are they deleted first, and the rest is created then.
    ///
    /// **What can't be seen**: the API has no conditional write. A change that somebody makes after that one reading and
    /// before the step's own write is overwritten.
    ///
    /// A plan belongs to the project that it was made in: a client of another project writes nothing. Its project is
    /// looked up first if need be.
    ///
    /// There is no error: it is all in the report. To finish what was not done, plan and apply again.
    pub async fn apply(&self, plan: &Plan) -> ApplyReport {
        let report = ApplyReport::of(plan);
        if plan.steps().is_empty() {
            return report;
        }
        if let Err(error) = self.check_project(plan).await {
            return report.stopped_by(error);
        }
        match self.list_all_notifications().await {
            Ok(actual) => self.carry_out(plan, &actual).await,
            Err(error) => report.stopped_by(error),
        }
    }

    /// Its ids mean nothing in another project, and what it would create belongs there.
    async fn check_project(&self, plan: &Plan) -> Result<(), Error> {
        let Some(there) = plan.project_id() else { return Ok(()) };
        let here = self.resolve_project(APPLY).await?;
        if there == here {
            return Ok(());
        }
        let reason = format!("the plan was made in the project {there}, and this client works in {here}");
        Err(not_made(Cause::Request(reason)))
    }

    /// Plans and applies in one call. Idempotent: writes nothing where everything is as desired.
    ///
    /// The notifications are read once, and what was read is what is compared before the writes. If a notification has
    /// changed since, it plans again, at most three times in all. The report is on all rounds together.
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
        let (plan, actual) = self.read_and_plan(set, options).await?;
        Ok(self.ensure_from(plan, actual, set, options).await)
    }

    /// A plan, and what it was made from.
    pub(super) async fn read_and_plan(
        &self,
        set: &NotificationSet,
        options: &PlanOptions,
    ) -> Result<(Plan, Vec<Notification>), Error> {
        if let Some(spec) = set.specs().iter().find(|spec| spec.has_placeholder()) {
            let reason = format!(
                "the topic of {:?} has a placeholder in it: fill in region and project with NotificationSet::for_place",
                spec.name()
            );
            return Err(Error::new(PLAN, History::default(), Cause::Request(reason)));
        }
        let actual = self.list_all_notifications().await?;
        let plan = Plan::between(set, &actual, options).made_in(self.project_id());
        Ok((plan, actual))
    }

    /// The rounds of [`ensure`](Self::ensure), the first of which has its plan already.
    pub(super) async fn ensure_from(
        &self,
        plan: Plan,
        actual: Vec<Notification>,
        set: &NotificationSet,
        options: &PlanOptions,
    ) -> ApplyReport {
        let mut report = self.carry_out(&plan, &actual).await;
        for _ in 1..ROUNDS {
            if !report.has_stale_steps() {
                break;
            }
            // If it can't be read now, the report says what changed.
            let Ok((plan, actual)) = self.read_and_plan(set, options).await else { break };
            report = self.carry_out(&plan, &actual).await.following(report);
        }
        report
    }

    /// Carries out the steps of a plan that are still about what was just read.
    async fn carry_out(&self, plan: &Plan, actual: &[Notification]) -> ApplyReport {
        let mut report = ApplyReport::of(plan);
        let present = Present::of(actual);
        for (step, entry) in plan.steps().iter().zip(&mut report.entries) {
            settle(entry, step, present.find(step));
        }
        let mut run = Run::new(self);
        run.make(plan, &mut report).await;
        let mut rest = report.entries.iter().filter(|entry| entry.planned != Action::Delete);
        let all_else_is_done = rest.all(|entry| entry.outcome.is_done() || is_due(&entry.outcome));
        if !run.stopped && all_else_is_done && run.delete(&mut report).await && run.no_room {
            report.deleted_first = true;
            run.no_room = false;
            run.make(plan, &mut report).await;
        }
        report
    }
}

/// Ends a step for which nothing can or needs to be done.
fn settle(entry: &mut ReportEntry, step: &Step, found: Found) {
    let conflict = |cause| Outcome::Failed { error: not_made(cause) };
    match (found, &step.work) {
        (_, Work::Ambiguous { name, ids }) => {
            entry.outcome = conflict(Cause::Ambiguous { name: name.clone(), ids: ids.clone() });
        }
        (_, Work::BothNames { reason }) => entry.outcome = conflict(Cause::Request(reason.clone())),
        (Found::AsPlanned, _) => {}
        (Found::AsWanted(id), _) => {
            entry.id = id.or(entry.id.take());
            entry.outcome = Outcome::Done { action: Action::Unchanged };
        }
        (Found::Changed(change), _) => entry.outcome = changed(step.name(), change),
    }
}
