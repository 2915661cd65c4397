//! What became of a plan.

use std::collections::HashMap;
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
    /// An entry for each step of the plan, in its order. For [`ensure`](crate::CtsClient::ensure) that planned again: of the
    /// last plan, and then what earlier ones deleted.
    pub entries: Vec<ReportEntry>,
    /// Whether notifications were deleted before the rest was created, because the quota had no room for both. If a create
    /// failed then, neither the old nor the new notification is there, and `Display` says so first.
    pub deleted_first: bool,
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
    /// What the step was made from changed since the plan was made: it was renamed, edited, deleted or created again. The
    /// step was not carried out, so that nobody's change is lost. Plan again.
    #[non_exhaustive]
    Changed {
        /// What changed, as an error of [`ErrorKind::Changed`](crate::ErrorKind::Changed).
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
            Self::Failed { error } | Self::Unknown { error } | Self::Changed { error } => Some(error),
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
        Self { entries: plan.steps().iter().map(entry).collect(), deleted_first: false }
    }

    /// Nothing was done, for this reason. It is told once, with the first step that had something to do.
    pub(super) fn stopped_by(mut self, error: Error) -> Self {
        let has_work = |entry: &ReportEntry| entry.planned != Action::Unchanged;
        let first = self.entries.iter().position(has_work).unwrap_or(0);
        if let Some(entry) = self.entries.get_mut(first) {
            entry.outcome = Outcome::Failed { error };
        }
        self
    }

    /// The report on this round and the ones before it: what they wrote stays written.
    pub(super) fn following(mut self, earlier: Self) -> Self {
        let written = earlier.entries.into_iter().filter(wrote);
        let (deleted, made): (Vec<_>, Vec<_>) = written.partition(|entry| entry.planned == Action::Delete);
        let mut made: HashMap<String, Outcome> = made.into_iter().map(|entry| (entry.name, entry.outcome)).collect();
        for entry in self.entries.iter_mut().filter(|entry| entry.planned == Action::Unchanged) {
            if entry.outcome.is_done()
                && let Some(outcome) = made.remove(&entry.name)
            {
                entry.outcome = outcome;
            }
        }
        self.entries.extend(deleted);
        self.deleted_first |= earlier.deleted_first;
        self
    }

    /// Whether a step was not carried out because what it was made from changed.
    pub(super) fn has_stale_steps(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry.outcome, Outcome::Changed { .. }))
    }

    /// What to say first if notifications were deleted to make room, and some of those that were to come did not.
    pub(super) fn gap(&self) -> Option<String> {
        const SHOWN: usize = 5;
        let deleted = self.count(|outcome| matches!(outcome, Outcome::Done { action: Action::Delete }));
        let missing = self.entries.iter().filter(|entry| entry.planned == Action::Create && !entry.outcome.is_done());
        let names: Vec<String> = missing.map(|entry| clean(&entry.name)).collect();
        if !self.deleted_first || names.is_empty() {
            return None;
        }
        let more = if names.len() > SHOWN { ", …" } else { "" };
        let shown = names.get(..SHOWN).unwrap_or(&names).join(", ");
        Some(format!(
            "WARNING: {deleted} deleted to make room, but {} not created: neither the old nor the new ones are there. \
             Missing: {shown}{more}",
            names.len()
        ))
    }

    /// Whether all is as it is to be.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.entries.iter().all(|entry| entry.outcome.is_done())
    }

    /// Whether anything was written: the set was not in sync before.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.entries.iter().any(wrote)
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

fn wrote(entry: &ReportEntry) -> bool {
    matches!(entry.outcome, Outcome::Done { action } if action != Action::Unchanged)
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
            // Somebody else deleted it.
            Action::Unchanged if entry.planned == Action::Delete => ("done", "gone"),
            Action::Unchanged | Action::Conflict => ("done", "unchanged"),
        },
        Outcome::Failed { .. } => ("FAILED", planned),
        Outcome::Unknown { .. } => ("UNKNOWN", planned),
        Outcome::Changed { .. } => ("CHANGED", planned),
        Outcome::NotTried => ("not tried", planned),
    }
}

impl fmt::Display for ApplyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(gap) = self.gap() {
            writeln!(f, "{gap}\n")?;
        }
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
        write!(
            f,
            "{} done, {} failed, {} unknown, {} not tried",
            self.count(Outcome::is_done),
            self.count(|outcome| matches!(outcome, Outcome::Failed { .. })),
            self.count(|outcome| matches!(outcome, Outcome::Unknown { .. })),
            self.count(|outcome| matches!(outcome, Outcome::NotTried)),
        )?;
        match self.count(|outcome| matches!(outcome, Outcome::Changed { .. })) {
            0 => writeln!(f),
            stale => writeln!(f, ", {stale} changed since the plan: plan again"),
        }
    }
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
