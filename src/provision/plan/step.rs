//! A step of a plan.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::super::NotificationSpec;
use super::super::difference::{Difference, differences, members};
use crate::notification::{Notification, NotificationId};

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
    pub(in super::super) work: Work,
}

/// What a step does. `current` is the notification as it was read when the plan was made: a step is carried out only while
/// the service still has it so.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Work {
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

    pub(super) fn new(name: &str, differences: Vec<Difference>, work: Work) -> Self {
        Self { name: name.to_owned(), differences, work }
    }

    pub(super) fn of(wanted: &NotificationSpec, named: &[&Notification], former: &[&Notification]) -> Self {
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
