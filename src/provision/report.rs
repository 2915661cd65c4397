//! The result of applying a plan.

use std::collections::HashMap;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::plan::{Action, Plan, Step};
use crate::error::Error;
use crate::notification::NotificationId;

/// The result of each step of a [`Plan`].
///
/// `Display` prints a line for each step.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use = "some of the notifications may not be in the desired state"]
pub struct ApplyReport {
    /// An entry for each step of the plan, in its order. If [`ensure`](crate::CtsClient::ensure)
    /// planned again: for each step of the last plan, followed by what earlier plans deleted.
    pub entries: Vec<ReportEntry>,
    /// Whether notifications were deleted before the rest was created, because the quota had no
    /// room for both. If a create failed then, neither the old nor the new notification exists, and
    /// `Display` says so first.
    pub deleted_first: bool,
}

/// The result of a step. `Display` prints a line, and the error below it if there is one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReportEntry {
    /// The action of the step.
    pub planned: Action,
    /// The name of the notification.
    pub name: String,
    /// Its id, if known.
    pub id: Option<NotificationId>,
    /// How the step ended.
    pub outcome: Outcome,
}

/// How a step ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The notification is in the desired state.
    #[non_exhaustive]
    Done {
        /// What was done. It differs from the plan if another client was faster.
        action: Action,
    },
    /// The notification is not in the desired state.
    #[non_exhaustive]
    Failed {
        /// The error that the step failed with.
        error: Error,
    },
    /// The notification may be in the desired state: a response was lost, and reading did not
    /// settle it. Applying the set again does.
    #[non_exhaustive]
    Unknown {
        /// The error of the call whose response was lost.
        error: Error,
    },
    /// The notification has changed since the plan was made: it was renamed, edited, deleted or
    /// created again. The step was not applied, so that no change of another client is lost. Plan
    /// again.
    #[non_exhaustive]
    Changed {
        /// What has changed, as an error of [`ErrorKind::Changed`](crate::ErrorKind::Changed).
        error: Error,
    },
    /// Nothing was sent, because of an earlier error that concerns this step too.
    NotTried,
}

impl Outcome {
    /// Returns the error, unless the step is done or was not tried.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed { error } | Self::Unknown { error } | Self::Changed { error } => {
                Some(error)
            }
            Self::Done { .. } | Self::NotTried => None,
        }
    }

    /// Returns `true` if the notification is in the desired state.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }

    /// Returns the outcome of a write with this error: it failed, or that is not known.
    pub(super) fn of_write(error: Error) -> Self {
        if error.may_have_applied() { Self::Unknown { error } } else { Self::Failed { error } }
    }
}

impl ApplyReport {
    /// Returns a report on a plan of which nothing has been tried yet.
    pub(super) fn of(plan: &Plan) -> Self {
        let entry = |step: &Step| ReportEntry {
            planned: step.action(),
            name: step.name().to_owned(),
            id: step.id().cloned(),
            outcome: Outcome::NotTried,
        };
        Self { entries: plan.steps().iter().map(entry).collect(), deleted_first: false }
    }

    /// Returns the report if nothing was done because of this error. It is in the first entry that
    /// has something to do.
    pub(super) fn stopped_by(mut self, error: Error) -> Self {
        let has_work = |entry: &ReportEntry| entry.planned != Action::Unchanged;
        let first = self.entries.iter().position(has_work).unwrap_or(0);
        if let Some(entry) = self.entries.get_mut(first) {
            entry.outcome = Outcome::Failed { error };
        }
        self
    }

    /// Returns the report on this round and the earlier ones, including what they wrote. What was
    /// written is found as it should be, and a delete is in this round only if its plan is that of
    /// the earlier one.
    pub(super) fn following(mut self, earlier: Self) -> Self {
        let mut entries: HashMap<_, _> = self
            .entries
            .iter_mut()
            .filter(|entry| matches!(entry.outcome, Outcome::Done { action: Action::Unchanged }))
            .map(|entry| (key(entry), entry))
            .collect();
        let mut deleted = Vec::new();
        for entry in earlier.entries.into_iter().filter(wrote) {
            match entries.remove(&key(&entry)) {
                Some(same) => same.outcome = entry.outcome,
                None if entry.planned == Action::Delete => deleted.push(entry),
                None => {}
            }
        }
        self.entries.extend(deleted);
        self.deleted_first |= earlier.deleted_first;
        self
    }

    /// Returns the report if the throttled steps were tried again, and failed with this error.
    pub(super) fn failed_again(mut self, error: &Error) -> Self {
        for entry in &mut self.entries {
            if let Outcome::Failed { error: throttled } = &mut entry.outcome
                && throttled.is_throttled()
            {
                *throttled = error.clone();
            }
        }
        self
    }

    /// Returns `true` if a step was not applied because its notification has changed.
    pub(super) fn has_stale_steps(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry.outcome, Outcome::Changed { .. }))
    }

    /// Returns `true` if all notifications are in the desired state.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{Action, NotificationSet, PlanOptions};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
    /// let report = FakeCts::new().client().ensure(&set, &PlanOptions::new()).await?;
    /// assert!(report.is_complete() && report.has_changes());
    /// assert_eq!((report.count(Action::Create), report.errors().count()), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.entries.iter().all(|entry| entry.outcome.is_done())
    }

    /// Returns `true` if anything was written.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.entries.iter().any(wrote)
    }

    /// Returns the number of notifications for which this was done.
    #[must_use]
    pub fn count(&self, done: Action) -> usize {
        let is_done =
            |outcome: &Outcome| matches!(outcome, Outcome::Done { action } if *action == done);
        self.entries.iter().filter(|entry| is_done(&entry.outcome)).count()
    }

    /// Returns the errors, in the order of the entries.
    ///
    /// ```
    /// use huaweicloud_cts::provision::ApplyReport;
    ///
    /// /// Returns `true` if applying the set again may help.
    /// fn may_retry(report: &ApplyReport) -> bool {
    ///     report.errors().any(|error| error.is_retryable())
    /// }
    /// ```
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.entries.iter().filter_map(|entry| entry.outcome.error())
    }

    /// Converts the report into the first error, if there is one. If an error stopped the remaining
    /// steps, it is that one.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::ErrorKind;
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{NotificationSet, Plan, PlanOptions};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let set = NotificationSet::new([CreateNotification::complete("everything")])?;
    /// let plan = Plan::between(&set, &[], &PlanOptions::new()).with_project_id("another");
    /// let error = FakeCts::new().client().apply(&plan).await.into_result().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::WrongProject);
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the first entry that has one.
    pub fn into_result(self) -> Result<(), Error> {
        self.errors().next().cloned().map_or(Ok(()), Err)
    }
}

/// Returns what the same notification has in another report: its id if it is deleted, and otherwise
/// its name.
fn key(entry: &ReportEntry) -> (bool, String) {
    match &entry.id {
        Some(id) if entry.planned == Action::Delete => (true, id.to_string()),
        _ => (entry.planned == Action::Delete, entry.name.clone()),
    }
}

fn wrote(entry: &ReportEntry) -> bool {
    matches!(entry.outcome, Outcome::Done { action } if action != Action::Unchanged)
}

impl Serialize for ReportEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (outcome, done) = match &self.outcome {
            Outcome::Done { action } => ("done", Some(action)),
            Outcome::Failed { .. } => ("failed", None),
            Outcome::Unknown { .. } => ("unknown", None),
            Outcome::Changed { .. } => ("changed", None),
            Outcome::NotTried => ("not_tried", None),
        };
        let mut entry = serializer.serialize_struct("ReportEntry", 6)?;
        entry.serialize_field("outcome", outcome)?;
        entry.serialize_field("planned", &self.planned)?;
        entry.serialize_field("done", &done)?;
        entry.serialize_field("name", &self.name)?;
        entry.serialize_field("id", &self.id)?;
        entry.serialize_field("error", &self.outcome.error().map(ToString::to_string))?;
        entry.end()
    }
}

impl Serialize for ApplyReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut report = serializer.serialize_struct("ApplyReport", 3)?;
        report.serialize_field("entries", &self.entries)?;
        report.serialize_field("complete", &self.is_complete())?;
        report.serialize_field("deleted_first", &self.deleted_first)?;
        report.end()
    }
}
