//! A step of a plan.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::NotificationSpec;
use super::super::difference::{Difference, differences, fields_of_new};
use crate::error::Cause;
use crate::notification::{Notification, NotificationId};

/// What a step of a plan does to a notification, or what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Action {
    /// There is no notification of this name.
    Create,
    /// The notification differs from the desired state.
    Update,
    /// The notification is in the desired state.
    Unchanged,
    /// It is not certain which notification is meant, so none is changed. See [`Step::reason`].
    Conflict,
    /// The set does not declare the notification, and [`PlanOptions`](super::PlanOptions) says that
    /// it may be deleted.
    Delete,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Unchanged => "unchanged",
            Self::Conflict => "conflict",
            Self::Delete => "delete",
        })
    }
}

/// A notification, and the action that a plan takes on it.
///
/// ```
/// use huaweicloud_cts::notification::CreateNotification;
/// use huaweicloud_cts::provision::{Action, NotificationSet, Plan, PlanOptions};
///
/// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
/// let plan = Plan::between(&set, &[], &PlanOptions::new());
/// let step = &plan.steps()[0];
/// assert_eq!((step.action(), step.name()), (Action::Create, "everything"));
/// assert_eq!(step.desired(), Some(&set.specs()[0]));
/// assert!(step.current().is_none() && step.reason().is_none());
/// # Ok::<(), huaweicloud_cts::provision::SetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    name: String,
    differences: Vec<Difference>,
    pub(in super::super) work: Work,
}

/// What a step does. `current` is the notification as it was read when the plan was made: a step is
/// applied only if the service still has it like this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum Work {
    Create(Box<NotificationSpec>),
    Update {
        desired: Box<NotificationSpec>,
        current: Box<Notification>,
    },
    Nothing {
        desired: Box<NotificationSpec>,
        current: Box<Notification>,
    },
    /// Each of several notifications may be meant.
    Conflict {
        desired: Box<NotificationSpec>,
        candidates: Vec<Notification>,
    },
    Delete {
        current: Box<Notification>,
    },
}

impl Step {
    /// Returns the desired name of the notification, or its current one if it is deleted.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the id of the notification; `None` for a create and for a conflict.
    #[must_use]
    pub fn id(&self) -> Option<&NotificationId> {
        self.current().map(|current| &current.notification_id)
    }

    /// Returns the desired state; `None` if the notification is deleted.
    #[must_use]
    pub fn desired(&self) -> Option<&NotificationSpec> {
        match &self.work {
            Work::Create(desired)
            | Work::Update { desired, .. }
            | Work::Nothing { desired, .. }
            | Work::Conflict { desired, .. } => Some(desired),
            Work::Delete { .. } => None,
        }
    }

    /// Returns the notification as it was read when the plan was made; `None` for a create and for
    /// a conflict.
    ///
    /// [`apply`](crate::CtsClient::apply) applies the step only if the service still has the
    /// notification like this.
    #[must_use]
    pub fn current(&self) -> Option<&Notification> {
        match &self.work {
            Work::Update { current, .. }
            | Work::Nothing { current, .. }
            | Work::Delete { current } => Some(current),
            Work::Create(_) | Work::Conflict { .. } => None,
        }
    }

    /// Returns the notifications that may be meant, as they were read, for a [`Action::Conflict`].
    /// Otherwise empty.
    #[must_use]
    pub fn candidates(&self) -> &[Notification] {
        match &self.work {
            Work::Conflict { candidates, .. } => candidates,
            _ => &[],
        }
    }

    /// Returns the action.
    #[must_use]
    pub fn action(&self) -> Action {
        match self.work {
            Work::Create(_) => Action::Create,
            Work::Update { .. } => Action::Update,
            Work::Nothing { .. } => Action::Unchanged,
            Work::Conflict { .. } => Action::Conflict,
            Work::Delete { .. } => Action::Delete,
        }
    }

    /// Returns the fields that change: those that differ, or all fields of a notification that is
    /// created.
    ///
    /// ```
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{NotificationSet, Plan, PlanOptions};
    ///
    /// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
    /// let plan = Plan::between(&set, &[], &PlanOptions::new());
    /// let after: Vec<_> = plan.steps()[0].differences().iter().map(|difference| &difference.after).collect();
    /// assert_eq!(after, ["complete", "disabled"]);
    /// # Ok::<(), huaweicloud_cts::provision::SetError>(())
    /// ```
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Returns what the conflict is, and how to resolve it.
    ///
    /// ```
    /// use huaweicloud_cts::notification::{CreateNotification, Notification};
    /// use huaweicloud_cts::provision::{NotificationSet, Plan, PlanOptions};
    ///
    /// let twice = ["1", "2"].map(|id| {
    ///     let mut notification = Notification::default();
    ///     notification.notification_id = id.into();
    ///     notification.notification_name = "audit".to_owned();
    ///     notification
    /// });
    /// let set = NotificationSet::new([CreateNotification::complete("audit")])?;
    /// let plan = Plan::between(&set, &twice, &PlanOptions::new());
    /// assert_eq!(
    ///     plan.steps()[0].reason().as_deref(),
    ///     Some(r#"2 notifications are named "audit": delete or rename all but one of 1, 2"#)
    /// );
    /// # Ok::<(), huaweicloud_cts::provision::SetError>(())
    /// ```
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self.conflict()? {
            Cause::Ambiguous { name, ids } => {
                let ids: Vec<&str> = ids.iter().map(NotificationId::as_str).collect();
                let ids = ids.join(", ");
                Some(format!(
                    "{} notifications are named {name:?}: delete or rename all but one of {ids}",
                    self.candidates().len()
                ))
            }
            Cause::BothNames { former, .. } => Some(format!(
                "it is renamed from {former:?}, but notifications of both names exist: delete or rename one of them"
            )),
            _ => None,
        }
    }

    /// Returns the conflict as an error, which has the ids of the candidates.
    pub(in super::super) fn conflict(&self) -> Option<Cause> {
        let Work::Conflict { candidates, .. } = &self.work else { return None };
        let ids = candidates.iter().map(|candidate| candidate.notification_id.clone()).collect();
        let other = candidates.iter().find(|candidate| candidate.notification_name != self.name);
        let is_here = candidates.iter().any(|candidate| candidate.notification_name == self.name);
        let name = self.name.clone();
        Some(match other.map(|other| other.notification_name.clone()) {
            Some(former) if is_here => Cause::BothNames { name, former, ids },
            Some(former) => Cause::Ambiguous { name: former, ids },
            None => Cause::Ambiguous { name, ids },
        })
    }

    fn new(name: &str, differences: Vec<Difference>, work: Work) -> Self {
        Self { name: name.to_owned(), differences, work }
    }

    /// Compares the desired state with the notifications of its name and of its former name.
    pub(super) fn between(
        desired: &NotificationSpec,
        named: &[&Notification],
        former: &[&Notification],
    ) -> Self {
        let name = desired.name();
        let spec = Box::new(desired.clone());
        match (named, former) {
            ([], []) => Self::new(name, fields_of_new(desired), Work::Create(spec)),
            ([current], []) | ([], [current]) => {
                let differences = differences(desired, current);
                let current = Box::new((*current).clone());
                let work = if differences.is_empty() {
                    Work::Nothing { desired: spec, current }
                } else {
                    Work::Update { desired: spec, current }
                };
                Self::new(name, differences, work)
            }
            _ => {
                let candidates =
                    named.iter().chain(former).map(|candidate| (*candidate).clone()).collect();
                Self::new(name, Vec::new(), Work::Conflict { desired: spec, candidates })
            }
        }
    }

    pub(super) fn delete(current: &Notification) -> Self {
        let work = Work::Delete { current: Box::new(current.clone()) };
        Self::new(&current.notification_name, Vec::new(), work)
    }
}
