//! The desired state compared with what exists, as a value.

mod file;
mod options;
mod step;

use std::collections::HashSet;

use super::NotificationSet;
use super::present::Present;
use crate::notification::Notification;

pub(super) use file::{FORMAT_VERSION, known_version};
pub use options::PlanOptions;
pub(super) use step::Work;
pub use step::{Action, Step};

/// The steps that bring a project into the state that a [`NotificationSet`] declares.
///
/// A plan is a value: look at it before you [apply](crate::CtsClient::apply) it. `Display` prints
/// it for people.
///
/// ```
/// use huaweicloud_cts::notification::{CreateNotification, Notification};
/// use huaweicloud_cts::provision::{NotificationSet, Plan, PlanOptions};
///
/// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
/// let mut old = Notification::default();
/// old.notification_id = "4f2".into();
/// old.notification_name = "team_old".to_owned();
///
/// let plan = Plan::between(&set, &[old], &PlanOptions::new().prune_with_prefix("team_")?);
/// assert_eq!(plan.to_string(), "\
/// + create     everything
///     operation_type  complete
///     status          disabled
/// - delete     team_old  4f2
///
/// 1 to create, 0 to update, 1 to delete, 0 unchanged
/// ");
/// # Ok::<(), huaweicloud_cts::provision::SetError>(())
/// ```
///
/// # Saved plans
///
/// A plan can be serialized to JSON, stored, reviewed, and applied later by another program. It has
/// the desired state of each notification, and the notification as it was read, so that `apply`
/// notices if it has changed since. It has no credentials.
///
/// ```
/// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use huaweicloud_cts::notification::CreateNotification;
/// use huaweicloud_cts::provision::{NotificationSet, Plan, PlanOptions};
/// use huaweicloud_cts::testing::FakeCts;
///
/// let client = FakeCts::new().client();
/// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
/// let file = serde_json::to_string_pretty(&client.plan(&set, &PlanOptions::new()).await?)?;
///
/// let plan: Plan = serde_json::from_str(&file)?;
/// client.apply(&plan).await.into_result()?;
/// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// | field | value |
/// |---|---|
/// | `format_version` | 1; another version is an error |
/// | `project_id` | the project that the plan was made in, or `null` |
/// | `steps[]` | `action`, `name`, `id`, `desired`, `current`, `candidates`, `differences`, `reason`: as the methods of [`Step`] |
/// | `create`, `update`, `delete`, `unchanged`, `conflict` | the number of steps with this action |
///
/// Only `project_id`, and `desired`, `current` and `candidates` of the steps are used. When a plan
/// is read, it is made again from these, and an error says which step differs from what the file
/// shows. So a plan does what it shows, even if the file was edited. An unknown field is an error
/// too. The [`PlanOptions`] are not part of a plan: its deletes are.
///
/// The file does not name the endpoint, because a region may have several; the project id implies
/// the region. Whoever may write to the file decides what is applied: store it like the set itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing is done until the plan is applied"]
pub struct Plan {
    steps: Vec<Step>,
    project_id: Option<String>,
}

impl Plan {
    /// Compares a set with all notifications of a project, of both types. Sends nothing.
    ///
    /// Notifications are identified by name. The order of operations, users and filter rules does
    /// not matter, nor do repetitions; absent and empty are the same. If it is not certain which
    /// notification is meant, because several have the name, or the new and the former name are
    /// both in use, the step is a [`Action::Conflict`].
    ///
    /// The plan belongs to no project, and is applied by any client. Set its project with
    /// [`with_project_id`](Self::with_project_id).
    ///
    /// ```
    /// use huaweicloud_cts::notification::{CreateNotification, Notification, OperationType};
    /// use huaweicloud_cts::provision::{Action, NotificationSet, Plan, PlanOptions};
    ///
    /// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
    /// let mut current = Notification::default();
    /// current.notification_name = "everything".to_owned();
    /// current.operation_type = Some(OperationType::Complete);
    /// current.status = Some("enabled".into());
    ///
    /// let plan = Plan::between(&set, &[current], &PlanOptions::new());
    /// assert_eq!(plan.steps()[0].action(), Action::Update, "without a topic it is disabled");
    /// # Ok::<(), huaweicloud_cts::provision::SetError>(())
    /// ```
    pub fn between(set: &NotificationSet, actual: &[Notification], options: &PlanOptions) -> Self {
        Self::compare(set, actual, |notification| options.prunes(notification))
    }

    fn compare(
        set: &NotificationSet,
        actual: &[Notification],
        prunes: impl Fn(&Notification) -> bool,
    ) -> Self {
        let present = Present::of(actual);
        let mut declared = HashSet::new();
        let mut steps = Vec::new();
        for desired in set.specs() {
            declared.extend([Some(desired.name()), desired.former_name()].into_iter().flatten());
            steps.push(Step::between(
                desired,
                present.named(Some(desired.name())),
                present.named(desired.former_name()),
            ));
        }
        for notification in actual {
            let (name, id) =
                (notification.notification_name.as_str(), &notification.notification_id);
            if !declared.contains(name) && !id.as_str().is_empty() && prunes(notification) {
                steps.push(Step::delete(notification));
            }
        }
        Self { steps, project_id: None }
    }

    /// Returns the steps: one for each notification of the set, in its order, and then the deletes.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Returns the number of steps with this action.
    #[must_use]
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.action() == action).count()
    }

    /// Returns `true` if there is nothing to do: every notification is in the desired state.
    ///
    /// ```
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{NotificationSet, Plan, PlanOptions};
    ///
    /// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
    /// assert!(!Plan::between(&set, &[], &PlanOptions::new()).is_up_to_date());
    /// assert!(Plan::between(&NotificationSet::default(), &[], &PlanOptions::new()).is_up_to_date());
    /// # Ok::<(), huaweicloud_cts::provision::SetError>(())
    /// ```
    #[must_use]
    pub fn is_up_to_date(&self) -> bool {
        self.count(Action::Unchanged) == self.steps.len()
    }

    /// Returns the id of the project that the plan was made in; `None` if it was not made by a
    /// client.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    /// Sets the project. The client of another project refuses to apply the plan.
    ///
    /// ```
    /// use huaweicloud_cts::provision::{NotificationSet, Plan, PlanOptions};
    ///
    /// let plan = Plan::between(&NotificationSet::default(), &[], &PlanOptions::new());
    /// assert_eq!(plan.project_id(), None);
    /// assert_eq!(plan.with_project_id("24edf66e79d04187acb99a463e610764").project_id().map(str::len), Some(32));
    /// ```
    pub fn with_project_id(self, project_id: impl Into<String>) -> Self {
        Self { project_id: Some(project_id.into()), ..self }
    }
}
