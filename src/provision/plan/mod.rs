//! What is to be done: the wanted rules against those that are there.

mod options;
mod step;

use std::collections::HashSet;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::NotificationSet;
use super::present::Present;
use crate::notification::Notification;

pub use options::PlanOptions;
pub(super) use step::Work;
pub use step::{Action, Step};

/// What makes a place as a [`NotificationSet`] wants it: a value, to be looked at before it is carried out.
///
/// `Display` shows it as a picture, [`display`](Self::display) in colours; serialised, it has the steps and the counts.
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
///              operation_type  complete
///              status          disabled
/// - delete     team_old    4f2
///
/// 1 to create, 0 to update, 1 to delete, 0 unchanged
/// ");
/// # Ok::<(), huaweicloud_cts::provision::SetError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "nothing is done until the plan is applied"]
pub struct Plan {
    steps: Vec<Step>,
    project_id: Option<String>,
}

impl Plan {
    /// Compares what is wanted with what is there: all rules of both types. Nothing is sent.
    ///
    /// Rules are known by their names. The order of operations, users and filter rules means nothing, nor does
    /// repetition; absent and empty are the same. Where it is not certain which rule is meant, since several have its name,
    /// or the new and the former name are both taken, the step is a [`Action::Conflict`].
    pub fn between(set: &NotificationSet, actual: &[Notification], options: &PlanOptions) -> Self {
        let present = Present::of(actual);
        let mut spoken_for = HashSet::new();
        let mut steps = Vec::new();
        for wanted in set.specs() {
            spoken_for.extend([Some(wanted.name()), wanted.former_name()].into_iter().flatten());
            steps.push(Step::of(wanted, present.named(Some(wanted.name())), present.named(wanted.former_name())));
        }
        for rule in actual {
            let (name, id) = (rule.notification_name.as_str(), &rule.notification_id);
            if !spoken_for.contains(name) && !id.as_str().is_empty() && options.prunes(rule) {
                steps.push(Step::new(name, Vec::new(), Work::Delete { current: Box::new(rule.clone()) }));
            }
        }
        Self { steps, project_id: None }
    }

    /// One for each rule of the set, in its order, and then those that delete.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// How many steps do this.
    #[must_use]
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.action() == action).count()
    }

    /// Whether there is nothing to do: every wanted rule is as it is to be.
    #[must_use]
    pub fn is_in_sync(&self) -> bool {
        self.count(Action::Unchanged) == self.steps.len()
    }
}

impl Plan {
    /// The project whose rules were compared, if a client did it.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    pub(super) fn made_in(self, project_id: Option<&str>) -> Self {
        Self { project_id: project_id.map(str::to_owned), ..self }
    }
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut plan = serializer.serialize_struct("Plan", 6)?;
        plan.serialize_field("steps", &self.steps)?;
        for (name, action) in [
            ("create", Action::Create),
            ("update", Action::Update),
            ("delete", Action::Delete),
            ("unchanged", Action::Unchanged),
            ("conflict", Action::Conflict),
        ] {
            plan.serialize_field(name, &self.count(action))?;
        }
        plan.end()
    }
}
