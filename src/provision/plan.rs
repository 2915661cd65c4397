//! What is to be done: the wanted rules against those that are there.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::difference::{Difference, differences, members};
use super::present::Present;
use super::{NotificationSet, NotificationSpec, SetError};
use crate::notification::{Notification, NotificationId};

/// What a [`Plan`] may do besides making the set's rules so.
///
/// ```
/// use huaweicloud_cts::provision::PlanOptions;
///
/// let options = PlanOptions::new().prune_with_prefix("team_")?;
/// assert!(PlanOptions::new().prune_with_prefix("").is_err());
/// # Ok::<(), huaweicloud_cts::provision::SetError>(())
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct PlanOptions {
    prune: Option<Predicate>,
}

type Predicate = Arc<dyn Fn(&Notification) -> bool + Send + Sync>;

impl PlanOptions {
    /// Nothing is deleted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Deletes the rules that the set does not name and whose names begin so.
    ///
    /// # Errors
    ///
    /// [`SetError::EmptyPrefix`]: it would be all rules, those of others too.
    pub fn prune_with_prefix(self, prefix: impl Into<String>) -> Result<Self, SetError> {
        let prefix = prefix.into();
        if prefix.is_empty() {
            return Err(SetError::EmptyPrefix);
        }
        Ok(self.prune_where(move |rule| rule.notification_name.starts_with(&prefix)))
    }

    /// Deletes the rules that the set does not name and that are yours by this test. The last one given counts.
    pub fn prune_where(mut self, is_ours: impl Fn(&Notification) -> bool + Send + Sync + 'static) -> Self {
        self.prune = Some(Arc::new(is_ours));
        self
    }

    fn prunes(&self, rule: &Notification) -> bool {
        self.prune.as_ref().is_some_and(|is_ours| is_ours(rule))
    }
}

impl fmt::Debug for PlanOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlanOptions").field("prunes", &self.prune.is_some()).finish()
    }
}

/// What a step of a plan does to a rule, or what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Action {
    /// There is none of this name.
    Create,
    /// It is not as it is to be.
    Update,
    /// It is as it is to be.
    Unchanged,
    /// It is not known which rule is meant, so none is touched. See [`Step::reason`].
    Conflict,
    /// The set does not name it, and it may be pruned.
    Delete,
}

/// One rule, and what is to be done about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    name: String,
    differences: Vec<Difference>,
    pub(super) work: Work,
}

/// What a step does. `current` is the notification as it was read when the plan was made: a step is carried out only while
/// the service still has it so.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Work {
    Create(Box<NotificationSpec>),
    Update { wanted: Box<NotificationSpec>, current: Box<Notification> },
    Nothing { wanted: Box<NotificationSpec>, current: Box<Notification> },
    Ambiguous { name: String, ids: Vec<NotificationId> },
    BothNames { reason: String },
    Delete { current: Box<Notification> },
}

impl Step {
    /// The name that the rule is to have, or has, if it goes.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rule's id, if there is one rule.
    #[must_use]
    pub fn id(&self) -> Option<&NotificationId> {
        self.current().map(|current| &current.notification_id)
    }

    /// The notification as it was read when the plan was made; `None` for a create and for a conflict.
    ///
    /// [`apply`](crate::CtsClient::apply) carries the step out only if the service still has the notification like this.
    #[must_use]
    pub fn current(&self) -> Option<&Notification> {
        match &self.work {
            Work::Update { current, .. } | Work::Nothing { current, .. } | Work::Delete { current } => Some(current),
            Work::Create(_) | Work::Ambiguous { .. } | Work::BothNames { .. } => None,
        }
    }

    /// What is to be done.
    #[must_use]
    pub fn action(&self) -> Action {
        match self.work {
            Work::Create(_) => Action::Create,
            Work::Update { .. } => Action::Update,
            Work::Nothing { .. } => Action::Unchanged,
            Work::Ambiguous { .. } | Work::BothNames { .. } => Action::Conflict,
            Work::Delete { .. } => Action::Delete,
        }
    }

    /// The members that change: those that differ, and all of a rule that is created.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// What the conflict is, and how to resolve it.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match &self.work {
            Work::Ambiguous { name, ids } => {
                let ids: Vec<&str> = ids.iter().map(NotificationId::as_str).collect();
                Some(format!(
                    "{} rules are named {name:?}, delete or rename all but one: {}",
                    ids.len(),
                    ids.join(", ")
                ))
            }
            Work::BothNames { reason } => Some(reason.clone()),
            _ => None,
        }
    }

    fn new(name: &str, differences: Vec<Difference>, work: Work) -> Self {
        Self { name: name.to_owned(), differences, work }
    }

    fn of(wanted: &NotificationSpec, named: &[&Notification], former: &[&Notification]) -> Self {
        let name = wanted.name();
        match (named, former) {
            ([], []) => Self::new(name, members(wanted), Work::Create(Box::new(wanted.clone()))),
            ([current], []) | ([], [current]) => {
                let differences = differences(wanted, current);
                let (wanted, current) = (Box::new(wanted.clone()), Box::new((*current).clone()));
                let work = if differences.is_empty() {
                    Work::Nothing { wanted, current }
                } else {
                    Work::Update { wanted, current }
                };
                Self::new(name, differences, work)
            }
            ([_], [_, ..]) => {
                let from = wanted.former_name().unwrap_or_default();
                let reason =
                    format!("it was {from:?}, but there are rules of both names: delete or rename one of them");
                Self::new(name, Vec::new(), Work::BothNames { reason })
            }
            (several @ [_, _, ..], _) | ([], several) => {
                let name_of_all = several.first().map_or(name, |rule| rule.notification_name.as_str()).to_owned();
                let ids = several.iter().map(|rule| rule.notification_id.clone()).collect();
                Self::new(name, Vec::new(), Work::Ambiguous { name: name_of_all, ids })
            }
        }
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut step = serializer.serialize_struct("Step", 5)?;
        step.serialize_field("action", &self.action())?;
        step.serialize_field("name", &self.name)?;
        step.serialize_field("id", &self.id())?;
        step.serialize_field("differences", &self.differences)?;
        step.serialize_field("reason", &self.reason())?;
        step.end()
    }
}

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
