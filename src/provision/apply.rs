//! The calls: plan, apply, and both in one.

use super::plan::{Action, Plan, PlanOptions, Step};
use super::present::Present;
use super::report::{ApplyReport, Outcome, ReportEntry};
use super::run::{Run, changed, is_due, not_sent};
use super::stale::Found;
use super::{NotificationSet, NotificationSpec};
use crate::client::CtsClient;
use crate::error::{CallName, Cause, Class, Error};
use crate::notification::Notification;

// What is refused without a call to the service has the name of the function that the user called.
// An error of a call has the name of that call.
pub(super) const PLAN: CallName = CallName { operation: "plan", actions: "", class: Class::Read };
pub(super) const APPLY: CallName = CallName { operation: "apply", actions: "", class: Class::Read };
pub(super) const ENSURE: CallName =
    CallName { operation: "ensure", actions: "", class: Class::Read };

/// The maximum number of times that [`CtsClient::ensure`] plans.
const ROUNDS: usize = 3;

impl CtsClient {
    /// Reads the notifications of both types and compares them with the desired state. Writes
    /// nothing.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{Action, NotificationSet, PlanOptions};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
    /// let plan = client.plan(&set, &PlanOptions::new()).await?;
    /// assert_eq!(plan.count(Action::Create), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Placeholder`](crate::ErrorKind::Placeholder) if a topic has a placeholder in
    /// it, see [`NotificationSet::for_client`]; nothing is sent then. Otherwise as for
    /// [`list_all_notifications`](Self::list_all_notifications).
    pub async fn plan(&self, set: &NotificationSet, options: &PlanOptions) -> Result<Plan, Error> {
        Ok(self.read_and_plan(set, options, PLAN).await?.0)
    }

    /// Applies a plan, one notification after the other, and reports on each.
    ///
    /// - Does what the plan showed, or nothing. The notifications are read once before the first
    ///   write. A step whose notification has changed since the plan was made, because it was
    ///   renamed, edited, deleted or created again, is not applied and ends as
    ///   [`Outcome::Changed`]; the other steps are applied. If the name of a new notification is in
    ///   use, that notification is adopted if it is in the desired state.
    /// - A notification is created with one call, and with a second one if the desired status is
    ///   not the one that it is created with. An update sends the whole notification.
    /// - A create whose response was lost is not sent again: the notification is looked up by its
    ///   name. An update whose response was lost is sent again only if the notification is read and
    ///   has not changed.
    /// - If one step fails, the others are still tried, unless the failure concerns them too: no
    ///   connection, no permission, too many requests; an exhausted quota, for the creates.
    /// - Notifications are deleted last, and only if all creates and updates succeeded, so that a
    ///   replacement exists before the old one is deleted. If the quota has no room for both, they
    ///   are deleted first, and the rest is created then.
    ///
    /// **What can't be detected**: the API has no conditional write. A change by another client
    /// after that one read and before the write of the step is overwritten.
    ///
    /// A plan that was made in another project is refused, see
    /// [`ErrorKind::WrongProject`](crate::ErrorKind::WrongProject). The project of the client is
    /// looked up first if necessary.
    ///
    /// The plan may have been [saved](Plan#saved-plans) in the meantime. There is no error: the
    /// report has all of them. To complete what was not done, plan and apply again.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{NotificationSet, PlanOptions};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
    /// let plan = client.plan(&set, &PlanOptions::new()).await?;
    /// println!("{plan}");
    /// client.apply(&plan).await.into_result()?;
    /// assert!(client.plan(&set, &PlanOptions::new()).await?.is_up_to_date());
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn apply(&self, plan: &Plan) -> ApplyReport {
        match self.read_for(plan).await {
            Ok(actual) => self.carry_out(plan, &actual, APPLY).await,
            Err(error) => ApplyReport::of(plan).stopped_by(error),
        }
    }

    /// Reads what a plan is compared with before it is applied, if it can be applied by this
    /// client.
    pub(super) async fn read_for(&self, plan: &Plan) -> Result<Vec<Notification>, Error> {
        if plan.steps().is_empty() {
            return Ok(Vec::new());
        }
        check_placeholders(plan.steps().iter().filter_map(Step::desired), APPLY)?;
        self.check_project(plan).await?;
        self.list_all_notifications().await
    }

    /// The ids of a plan mean nothing in another project, and what it creates belongs in its own.
    async fn check_project(&self, plan: &Plan) -> Result<(), Error> {
        let Some(planned) = plan.project_id() else { return Ok(()) };
        let client = self.resolve_project(APPLY).await?;
        if planned == client {
            return Ok(());
        }
        Err(not_sent(
            APPLY,
            Cause::WrongProject { planned: planned.to_owned(), client: client.to_owned() },
        ))
    }

    /// Plans and applies in one call. Idempotent: writes nothing if everything is in the desired
    /// state.
    ///
    /// The notifications are read once, for the plan and the comparison before the writes. If a
    /// notification changes in between, it plans again, at most three times in all. The report
    /// covers all rounds. For many projects see [`Rollout`](crate::provision::Rollout).
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
    /// As for [`plan`](Self::plan); nothing was written then. The report has all later errors.
    pub async fn ensure(
        &self,
        set: &NotificationSet,
        options: &PlanOptions,
    ) -> Result<ApplyReport, Error> {
        let (plan, actual) = self.read_and_plan(set, options, ENSURE).await?;
        Ok(self.ensure_from(&plan, &actual, set, options).await)
    }

    /// Returns a plan, and the notifications that it was made from.
    pub(super) async fn read_and_plan(
        &self,
        set: &NotificationSet,
        options: &PlanOptions,
        caller: CallName,
    ) -> Result<(Plan, Vec<Notification>), Error> {
        check_placeholders(set.specs(), caller)?;
        let actual = self.list_all_notifications().await?;
        let mut plan = Plan::between(set, &actual, options);
        if let Some(project_id) = self.project_id() {
            plan = plan.with_project_id(project_id);
        }
        Ok((plan, actual))
    }

    /// Runs the rounds of [`ensure`](Self::ensure), given the plan of the first one.
    pub(super) async fn ensure_from(
        &self,
        plan: &Plan,
        actual: &[Notification],
        set: &NotificationSet,
        options: &PlanOptions,
    ) -> ApplyReport {
        let mut report = self.carry_out(plan, actual, ENSURE).await;
        for _ in 1..ROUNDS {
            if !report.has_stale_steps() {
                break;
            }
            // If it can't be read now, the report still says what changed.
            let Ok((plan, actual)) = self.read_and_plan(set, options, ENSURE).await else { break };
            report = self.carry_out(&plan, &actual, ENSURE).await.following(report);
        }
        report
    }

    /// Applies the steps of a plan whose notifications have not changed, by what was just read.
    pub(super) async fn carry_out(
        &self,
        plan: &Plan,
        actual: &[Notification],
        caller: CallName,
    ) -> ApplyReport {
        let mut report = ApplyReport::of(plan);
        let present = Present::of(actual);
        for (step, entry) in plan.steps().iter().zip(&mut report.entries) {
            settle(entry, step, present.find(step), caller);
        }
        let mut run = Run::new(self, caller);
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

/// A notification whose topic does not exist never fires.
fn check_placeholders<'s>(
    specs: impl IntoIterator<Item = &'s NotificationSpec>,
    caller: CallName,
) -> Result<(), Error> {
    match specs.into_iter().find(|spec| spec.has_placeholder()) {
        Some(spec) => Err(not_sent(caller, Cause::Placeholder { name: spec.name().to_owned() })),
        None => Ok(()),
    }
}

/// Ends a step for which nothing can or needs to be done.
fn settle(entry: &mut ReportEntry, step: &Step, found: Found, caller: CallName) {
    match found {
        Found::AsPlanned => {
            if let Some(conflict) = step.conflict() {
                entry.outcome = Outcome::Failed { error: not_sent(caller, conflict) };
            }
        }
        Found::AsDesired(id) => {
            entry.id = id.or(entry.id.take());
            entry.outcome = Outcome::Done { action: Action::Unchanged };
        }
        Found::Changed(change) => entry.outcome = changed(caller, step.name(), change),
    }
}
