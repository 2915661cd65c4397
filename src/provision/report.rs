//! What became of a plan.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::columns::{clean, fill, width};
use super::plan::{Action, Plan, Step};
use crate::error::Error;
use crate::notification::NotificationId;

/// What became of each step of a [`Plan`]. `Display` shows it as a table.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use = "some of the rules may not be as they are to be"]
pub struct ApplyReport {
    /// An entry for each step of the plan, in its order.
    pub entries: Vec<ReportEntry>,
}

/// What became of a step.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReportEntry {
    /// What was to be done.
    pub planned: Action,
    /// The rule's name.
    pub name: String,
    /// Its id, as far as known.
    pub id: Option<NotificationId>,
    /// What became of it.
    pub outcome: Outcome,
}

/// How a step ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The rule is as it is to be.
    #[non_exhaustive]
    Done {
        /// What it took: not always what was planned, as when another program was faster.
        action: Action,
    },
    /// It is not.
    #[non_exhaustive]
    Failed {
        /// Why.
        error: Error,
    },
    /// It may be or not: an answer was lost, and reading did not settle it. Applying the set again does.
    #[non_exhaustive]
    Unknown {
        /// What happened to the answer.
        error: Error,
    },
    /// Nothing was sent: something had gone wrong before that concerns this step too.
    NotTried,
}

impl Outcome {
    /// Why the rule is not as it is to be, or not surely so.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed { error } | Self::Unknown { error } => Some(error),
            Self::Done { .. } | Self::NotTried => None,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Done { .. })
    }

    /// The error of a write: it failed, or that is not known.
    pub(super) fn of_write(error: Error) -> Self {
        if error.may_have_applied() { Self::Unknown { error } } else { Self::Failed { error } }
    }
}

impl ApplyReport {
    /// Nothing was done yet.
    pub(super) fn of(plan: &Plan) -> Self {
        let entry = |step: &Step| ReportEntry {
            planned: step.action(),
            name: step.name().to_owned(),
            id: step.id().cloned(),
            outcome: Outcome::NotTried,
        };
        Self { entries: plan.steps().iter().map(entry).collect() }
    }

    /// Whether all is as it is to be.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.entries.iter().all(|entry| entry.outcome.is_done())
    }

    /// Whether anything was written: the set was not in sync before.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        let is_write = |action| !matches!(action, Action::Unchanged);
        self.entries.iter().any(|entry| matches!(entry.outcome, Outcome::Done { action } if is_write(action)))
    }

    /// Makes a failure of anything but completeness: the first error, which is the one that stopped the rest, if any did.
    ///
    /// # Errors
    ///
    /// The error of the first entry that has one.
    pub fn into_result(self) -> Result<(), Error> {
        match self.entries.into_iter().find_map(|entry| entry.outcome.error().cloned()) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn count(&self, is_it: impl Fn(&Outcome) -> bool) -> usize {
        self.entries.iter().filter(|entry| is_it(&entry.outcome)).count()
    }
}

/// What is shown of an entry besides its name.
fn words(entry: &ReportEntry) -> (&'static str, &'static str) {
    let planned = match entry.planned {
        Action::Create => "create",
        Action::Update => "update",
        Action::Unchanged => "keep",
        Action::Conflict => "conflict",
        Action::Delete => "delete",
    };
    match &entry.outcome {
        Outcome::Done { action } => match action {
            Action::Create => ("done", "created"),
            Action::Update => ("done", "updated"),
            Action::Delete => ("done", "deleted"),
            Action::Unchanged | Action::Conflict => ("done", "unchanged"),
        },
        Outcome::Failed { .. } => ("FAILED", planned),
        Outcome::Unknown { .. } => ("UNKNOWN", planned),
        Outcome::NotTried => ("not tried", planned),
    }
}

impl fmt::Display for ApplyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.entries.iter().map(|entry| width(&clean(&entry.name))).max().unwrap_or(0);
        for entry in &self.entries {
            let (outcome, action) = words(entry);
            let mut line = format!("{outcome:<9}  {action:<9}  {}", fill(&clean(&entry.name), names));
            if let Some(id) = &entry.id {
                line = format!("{line}  {}", clean(id.as_str()));
            }
            writeln!(f, "{}", line.trim_end())?;
            if let Some(error) = entry.outcome.error() {
                writeln!(f, "           {error}")?;
            }
        }
        if !self.entries.is_empty() {
            writeln!(f)?;
        }
        writeln!(
            f,
            "{} done, {} failed, {} unknown, {} not tried",
            self.count(Outcome::is_done),
            self.count(|outcome| matches!(outcome, Outcome::Failed { .. })),
            self.count(|outcome| matches!(outcome, Outcome::Unknown { .. })),
            self.count(|outcome| matches!(outcome, Outcome::NotTried)),
        )
    }
}

impl Serialize for ReportEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (outcome, done) = match &self.outcome {
            Outcome::Done { action } => ("done", Some(action)),
            Outcome::Failed { .. } => ("failed", None),
            Outcome::Unknown { .. } => ("unknown", None),
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
        let mut report = serializer.serialize_struct("ApplyReport", 2)?;
        report.serialize_field("entries", &self.entries)?;
        report.serialize_field("complete", &self.is_complete())?;
        report.end()
    }
}
