//! What a plan may delete.

use std::fmt;
use std::sync::Arc;

use super::super::SetError;
use crate::notification::Notification;

/// What a [`Plan`](super::Plan) may do in addition to creating and updating the notifications of
/// the set.
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
    /// Creates options that delete nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Deletes the notifications that the set does not declare and whose names start with this
    /// prefix.
    ///
    /// # Errors
    ///
    /// [`SetError::EmptyPrefix`]: every notification of the project has an empty prefix.
    pub fn prune_with_prefix(self, prefix: impl Into<String>) -> Result<Self, SetError> {
        let prefix = prefix.into();
        if prefix.is_empty() {
            return Err(SetError::EmptyPrefix);
        }
        Ok(self
            .prune_where(move |notification| notification.notification_name.starts_with(&prefix)))
    }

    /// Deletes the notifications that the set does not declare and for which `is_ours` returns
    /// `true`. The last call wins.
    ///
    /// ```
    /// use huaweicloud_cts::notification::Notification;
    /// use huaweicloud_cts::provision::{Action, NotificationSet, Plan, PlanOptions};
    ///
    /// let mut old = Notification::default();
    /// old.notification_id = "4f2".into();
    /// old.notification_name = "old".to_owned();
    /// let options = PlanOptions::new().prune_where(|notification| !notification.is_enabled());
    /// let plan = Plan::between(&NotificationSet::default(), &[old], &options);
    /// assert_eq!(plan.count(Action::Delete), 1);
    /// ```
    pub fn prune_where(
        mut self,
        is_ours: impl Fn(&Notification) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.prune = Some(Arc::new(is_ours));
        self
    }

    pub(super) fn prunes(&self, notification: &Notification) -> bool {
        self.prune.as_ref().is_some_and(|is_ours| is_ours(notification))
    }
}

impl fmt::Debug for PlanOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlanOptions").field("prunes", &self.prune.is_some()).finish()
    }
}
