//! Reports for tests of programs that handle them.

use crate::error::Error;
use crate::provision::{Action, ApplyReport, Outcome, ReportEntry, TargetReport};

impl ApplyReport {
    /// Creates a report with these entries, to test how a program handles one.
    ///
    /// ```
    /// use huaweicloud_cts::provision::{Action, ApplyReport, Outcome, ReportEntry};
    /// use huaweicloud_cts::testing::ErrorBuilder;
    ///
    /// let lost = Outcome::unknown(ErrorBuilder::lost_response().build());
    /// let report = ApplyReport::new([
    ///     ReportEntry::new(Action::Create, "key_logins", Outcome::done(Action::Create)),
    ///     ReportEntry::new(Action::Create, "key_deletions", lost),
    /// ]);
    /// assert!(report.has_changes() && !report.is_complete());
    /// ```
    pub fn new(entries: impl IntoIterator<Item = ReportEntry>) -> Self {
        Self { entries: entries.into_iter().collect(), deleted_first: false }
    }
}

impl ReportEntry {
    /// Creates an entry of a report, without an id.
    #[must_use]
    pub fn new(planned: Action, name: impl Into<String>, outcome: Outcome) -> Self {
        Self { planned, name: name.into(), id: None, outcome }
    }
}

impl Outcome {
    /// Creates the outcome of a step that is done.
    #[must_use]
    pub fn done(action: Action) -> Self {
        Self::Done { action }
    }

    /// Creates the outcome of a step that failed.
    #[must_use]
    pub fn failed(error: Error) -> Self {
        Self::Failed { error }
    }

    /// Creates the outcome of a step of which it is not known whether it is done.
    #[must_use]
    pub fn unknown(error: Error) -> Self {
        Self::Unknown { error }
    }

    /// Creates the outcome of a step that was not applied, because its notification has changed.
    #[must_use]
    pub fn changed(error: Error) -> Self {
        Self::Changed { error }
    }
}

impl TargetReport {
    /// Creates the report on a target, to test how a program handles one.
    ///
    /// ```
    /// use huaweicloud_cts::provision::{ApplyReport, TargetReport};
    /// use huaweicloud_cts::testing::ErrorBuilder;
    ///
    /// let denied = ErrorBuilder::api(403, "CTS.0013", "No permission.").operation("ListNotifications").build();
    /// assert!(!TargetReport::new("eu-de", Err(denied)).is_complete());
    /// assert!(TargetReport::new("eu-nl", Ok(ApplyReport::new([]))).is_complete());
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>, result: Result<ApplyReport, Error>) -> Self {
        Self { name: name.into(), result }
    }
}
