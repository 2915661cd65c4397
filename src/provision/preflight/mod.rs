//! Validation of notifications before they are created.

mod context;
mod filter;
mod finding;
mod index;
mod operations;
mod quota;
mod shape;
mod similar;
mod topic;
mod tracker;

use std::collections::BTreeSet;

use super::plan::{Action, Plan};
use super::{NotificationSet, NotificationSpec};
use crate::notification::{
    CreateNotification, Fields, NotificationStatus, NotificationType, TopicUrn, nonempty,
};

use finding::Findings;
use index::Index;

pub use crate::region::CloudKind;
pub use context::PreflightContext;
pub use finding::{Finding, Severity};

impl CreateNotification {
    /// Validates the notification: compares it with the documents, and with what is known about the
    /// project. Sends nothing.
    ///
    /// Findings are advice: documented limits vary by cloud, pages contradict each other, and the
    /// service is the judge. They are in the order of the fields.
    ///
    /// ```
    /// use huaweicloud_cts::catalogue::{Catalogue, CatalogueEntry};
    /// use huaweicloud_cts::notification::{CreateNotification, Operation};
    /// use huaweicloud_cts::provision::{PreflightContext, Severity};
    ///
    /// let tracker = CatalogueEntry::new("CTS", "tracker", ["createTracker", "deleteTracker"]);
    /// let catalogue: Catalogue = [tracker].into();
    /// let context = PreflightContext::new().region("cn-north-4").catalogue(&catalogue).status("enabled");
    ///
    /// let operations = [Operation::new("CTS", "tracker", ["deleteTraceker"])];
    /// let trackers = CreateNotification::customized("trackers", operations)
    ///     .topic("urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:audit");
    /// let findings = trackers.preflight(&context);
    /// assert_eq!(findings[0].severity, Severity::Error);
    /// assert_eq!(findings[0].field, "operations[0].trace_names[0]");
    /// assert!(findings[0].message.contains(r#"did you mean "deleteTracker"?"#));
    /// ```
    #[must_use]
    pub fn preflight(&self, context: &PreflightContext<'_>) -> Vec<Finding> {
        check_one(self, context.status.as_ref(), context)
    }
}

impl NotificationSpec {
    /// Validates the notification with its desired status, like
    /// [`CreateNotification::preflight`](crate::notification::CreateNotification::preflight).
    ///
    /// ```
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{NotificationSpec, PreflightContext};
    ///
    /// let spec = NotificationSpec::new(CreateNotification::complete("everything")).status("enabled");
    /// let findings = spec.preflight(&PreflightContext::new());
    /// assert_eq!(findings[0].field, "topic_id");
    /// ```
    #[must_use]
    pub fn preflight(&self, context: &PreflightContext<'_>) -> Vec<Finding> {
        check_one(self.request(), self.status_in(context), context)
    }

    fn status_in<'s>(
        &'s self,
        context: &'s PreflightContext<'_>,
    ) -> Option<&'s NotificationStatus> {
        self.stated_status().or(context.status.as_ref())
    }
}

impl NotificationSet {
    /// Validates each notification of the set, in its order, and then whether the project sends
    /// any. The quotas of the context are not used.
    ///
    /// ```
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{NotificationSet, PreflightContext};
    ///
    /// let topic = "urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit";
    /// let set = NotificationSet::new(["good", "not-good"].map(|name| CreateNotification::complete(name).topic(topic)))?;
    /// let findings = set.preflight(&PreflightContext::new().region("eu-de"));
    /// assert_eq!(findings.len(), 1);
    /// assert_eq!(findings[0].notification.as_deref(), Some("not-good"));
    /// # Ok::<(), huaweicloud_cts::provision::SetError>(())
    /// ```
    #[must_use]
    pub fn preflight(&self, context: &PreflightContext<'_>) -> Vec<Finding> {
        let mut findings = check_all(self.specs(), context);
        findings.extend(check_project(!self.specs().is_empty(), context));
        findings
    }
}

impl Plan {
    /// Validates the notifications that the plan creates or updates, and compares the plan with the
    /// quotas of the project.
    ///
    /// The context needs [`quotas`](PreflightContext::quotas) for the comparison, and there is at
    /// most one finding for each quota:
    ///
    /// - An error: there is no room for the creates, even after all deletes of the plan.
    /// - A warning: there is room only after the deletes, so [`apply`](crate::CtsClient::apply)
    ///   deletes first. If a create then fails, neither the old nor the new notification exists.
    ///
    /// ```
    /// use huaweicloud_cts::catalogue::Quota;
    /// use huaweicloud_cts::notification::{CreateNotification, Notification};
    /// use huaweicloud_cts::provision::{NotificationSet, Plan, PlanOptions, PreflightContext, Severity};
    ///
    /// let topic = "urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit";
    /// let set = NotificationSet::new([CreateNotification::complete("new").topic(topic)])?;
    /// let mut old = Notification::default();
    /// old.notification_id = "4f2".into();
    /// old.notification_name = "team_old".to_owned();
    ///
    /// let quotas = [Quota::new("smn_notification", 100, 100)];
    /// let context = PreflightContext::new().quotas(&quotas);
    /// let plan = Plan::between(&set, &[old.clone()], &PlanOptions::new());
    /// assert_eq!(plan.preflight(&context)[0].severity, Severity::Error);
    /// let plan = Plan::between(&set, &[old], &PlanOptions::new().prune_with_prefix("team_")?);
    /// assert_eq!(plan.preflight(&context)[0].severity, Severity::Warning);
    /// # Ok::<(), huaweicloud_cts::provision::SetError>(())
    /// ```
    #[must_use]
    pub fn preflight(&self, context: &PreflightContext<'_>) -> Vec<Finding> {
        let mut findings = check_all(self.changed(), context);
        findings.extend(check_project(self.changed().next().is_some(), context));
        findings.extend(quota::check_plan(self, context.quotas));
        findings
    }

    /// Returns the SMN topics of the notifications that the plan creates or updates, each once:
    /// what to [check](crate::CtsClient::check_topic) for [`PreflightContext::topics`].
    #[must_use]
    pub fn topics(&self) -> BTreeSet<&TopicUrn> {
        let topics = self.changed().filter_map(|spec| spec.topic());
        topics.filter(|urn| urn.notification_type() == Some(NotificationType::Smn)).collect()
    }

    /// Returns the desired state of the notifications that the plan creates or updates.
    fn changed(&self) -> impl Iterator<Item = &NotificationSpec> {
        let changed = self
            .steps()
            .iter()
            .filter(|step| matches!(step.action(), Action::Create | Action::Update));
        changed.filter_map(|step| step.desired())
    }
}

fn check_one(
    request: &CreateNotification,
    status: Option<&NotificationStatus>,
    context: &PreflightContext<'_>,
) -> Vec<Finding> {
    let index = context.catalogue.map(Index::of);
    let mut findings = Findings::of(request.name());
    check(&mut findings, request, status, context, index.as_ref());
    tracker::check(&mut findings, context);
    quota::check(&mut findings, request.fields(None).topic_id, context);
    findings.into_vec()
}

/// Validates what is the same for all notifications of a project, if there are any.
fn check_project(has_any: bool, context: &PreflightContext<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    if has_any {
        tracker::check(&mut findings, context);
    }
    findings.into_vec()
}

fn check_all<'s>(
    specs: impl IntoIterator<Item = &'s NotificationSpec>,
    context: &PreflightContext<'_>,
) -> Vec<Finding> {
    let index = context.catalogue.map(Index::of);
    let mut all = Vec::new();
    for spec in specs {
        let mut findings = Findings::of(spec.name());
        check(&mut findings, spec.request(), spec.status_in(context), context, index.as_ref());
        all.append(&mut findings.into_vec());
    }
    all
}

fn check(
    findings: &mut Findings,
    request: &CreateNotification,
    status: Option<&NotificationStatus>,
    context: &PreflightContext<'_>,
    index: Option<&Index<'_>>,
) {
    let Fields {
        notification_name,
        operation_type,
        operations,
        notify_user_list,
        status,
        topic_id,
        filter,
        agency_name,
    } = request.fields(status);
    shape::name(findings, notification_name, context.cloud_or_guess());
    operations::check(findings, operation_type, operations, index);
    shape::users(findings, notify_user_list);
    topic::check(findings, nonempty(topic_id), status, agency_name, context);
    if let Some(filter) = filter {
        filter::check(findings, filter);
    }
    shape::agency(findings, agency_name, context.cloud_or_guess());
}
