//! What a plan may do.

use std::fmt;
use std::sync::Arc;

use super::super::SetError;
use crate::notification::Notification;

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

    pub(super) fn prunes(&self, rule: &Notification) -> bool {
        self.prune.as_ref().is_some_and(|is_ours| is_ours(rule))
    }
}

impl fmt::Debug for PlanOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlanOptions").field("prunes", &self.prune.is_some()).finish()
    }
}
