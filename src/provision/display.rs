//! Plans and reports as plain text: a line for each step, with details below it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use super::difference::Difference;
use super::plan::{Action, Plan, Step};
use super::report::{ApplyReport, Outcome, ReportEntry};
use super::rollout::{TargetPlan, TargetReport};
use crate::text::printable;

/// How far details are indented. The URN of a topic fits a line of 80 columns then.
const INDENT: usize = 4;

/// The maximum number of characters shown of a name or a value, so that a long one can't hide the
/// rest of the output.
const SHOWN: usize = 400;

/// Returns text of a file or of the service on one line, without control characters.
fn clean(text: &str) -> String {
    printable(text, SHOWN)
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self
            .steps()
            .iter()
            .flat_map(Step::differences)
            .map(|of| of.field.len())
            .max()
            .unwrap_or(0);
        for step in self.steps() {
            let action = step.action();
            write!(f, "{} {action:<9}  {}", sign(action), clean(step.name()))?;
            if let Some(id) = step.id() {
                write!(f, "  {}", clean(id.as_str()))?;
            }
            writeln!(f)?;
            if let Some(reason) = step.reason() {
                writeln!(f, "{:INDENT$}{}", "", clean(&reason))?;
            }
            for difference in step.differences() {
                let mut field = difference.field;
                for line in lines(difference, action == Action::Create) {
                    writeln!(f, "{:INDENT$}{field:<fields$}  {line}", "")?;
                    field = "";
                }
            }
        }
        if !self.steps().is_empty() {
            writeln!(f)?;
        }
        let count = |action| self.count(action);
        write!(f, "{} to create, {} to update", count(Action::Create), count(Action::Update))?;
        write!(f, ", {} to delete, {} unchanged", count(Action::Delete), count(Action::Unchanged))?;
        match count(Action::Conflict) {
            0 => writeln!(f),
            conflicts => writeln!(f, ", {conflicts} in conflict"),
        }
    }
}

fn sign(action: Action) -> char {
    match action {
        Action::Create => '+',
        Action::Update => '~',
        Action::Delete => '-',
        Action::Unchanged => '=',
        Action::Conflict => '!',
    }
}

/// Returns the change of a field: one line, or one for each group that is removed or added.
fn lines(difference: &Difference, is_new: bool) -> Vec<String> {
    let Difference { before, after, .. } = difference;
    if let (Some(before), Some(after)) = (groups(before), groups(after))
        && !(before.is_empty() && after.is_empty())
    {
        let removed = more_of(&before, &after).map(|line| format!("- {line}"));
        let added = more_of(&after, &before).map(|line| format!("+ {line}"));
        return removed.chain(added).collect();
    }
    vec![if is_new { shown(after) } else { format!("{} → {}", shown(before), shown(after)) }]
}

type Groups<'v> = BTreeMap<(&'v str, &'v str), BTreeSet<&'v str>>;

/// Returns operations by service and resource, or users by group; `None` if the value is neither.
fn groups(value: &Value) -> Option<Groups<'_>> {
    match value {
        Value::Null => Some(Groups::new()),
        Value::Array(items) => items.iter().map(group).collect(),
        _ => None,
    }
}

fn group(item: &Value) -> Option<((&str, &str), BTreeSet<&str>)> {
    let string = |field| item.get(field).and_then(Value::as_str);
    let strings = |field| {
        item.get(field)?.as_array()?.iter().map(Value::as_str).collect::<Option<BTreeSet<_>>>()
    };
    match (string("user_group"), string("service_type"), string("resource_type")) {
        (Some(group), None, None) => Some(((group, ""), strings("user_list")?)),
        (None, Some(service), Some(resource)) => {
            Some(((service, resource), strings("trace_names")?))
        }
        _ => None,
    }
}

/// Returns what `groups` have and `other` lacks: `IAM/user login, logout`.
fn more_of(groups: &Groups<'_>, other: &Groups<'_>) -> impl Iterator<Item = String> {
    groups.iter().filter_map(|(key @ (first, second), names)| {
        let known = other.get(key);
        let new: Vec<String> = names
            .iter()
            .filter(|name| known.is_none_or(|known| !known.contains(**name)))
            .map(|name| clean(name))
            .collect();
        if new.is_empty() && known.is_some() {
            return None;
        }
        let group =
            if second.is_empty() { clean(first) } else { clean(&format!("{first}/{second}")) };
        Some(format!("{group} {}", new.join(", ")).trim_end().to_owned())
    })
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => clean(text),
        filter => clean(&filter_text(filter).unwrap_or_else(|| filter.to_string())),
    }
}

/// Returns a filter in one line: `code != 200 AND trace_type = ApiCall`.
fn filter_text(filter: &Value) -> Option<String> {
    let condition = filter.get("condition")?.as_str()?;
    let rules =
        filter.get("rule")?.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
    let text = rules.join(&format!(" {condition} "));
    let is_on = filter.get("is_support_filter")?.as_bool()?;
    Some(if is_on { text } else { format!("{text} (switched off)") })
}

impl fmt::Display for ApplyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(gap) = gap(self) {
            writeln!(f, "{gap}\n")?;
        }
        for entry in &self.entries {
            writeln!(f, "{entry}")?;
        }
        if !self.entries.is_empty() {
            writeln!(f)?;
        }
        let count = |is_it: fn(&Outcome) -> bool| {
            self.entries.iter().filter(|entry| is_it(&entry.outcome)).count()
        };
        write!(
            f,
            "{} done, {} failed, {} unknown, {} not tried",
            count(|outcome| matches!(outcome, Outcome::Done { .. })),
            count(|outcome| matches!(outcome, Outcome::Failed { .. })),
            count(|outcome| matches!(outcome, Outcome::Unknown { .. })),
            count(|outcome| matches!(outcome, Outcome::NotTried)),
        )?;
        match count(|outcome| matches!(outcome, Outcome::Changed { .. })) {
            0 => writeln!(f),
            changed => writeln!(f, ", {changed} changed since the plan: plan again"),
        }
    }
}

impl fmt::Display for ReportEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (outcome, action) = words(self);
        write!(f, "{outcome:<9}  {action:<9}  {}", clean(&self.name))?;
        if let Some(id) = &self.id {
            write!(f, "  {}", clean(id.as_str()))?;
        }
        match self.outcome.error() {
            Some(error) => write!(f, "\n           {error}"),
            None => Ok(()),
        }
    }
}

/// Returns the outcome of an entry and the action, in one word each.
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
            // Another client deleted it.
            Action::Unchanged if entry.planned == Action::Delete => ("done", "gone"),
            Action::Unchanged | Action::Conflict => ("done", "unchanged"),
        },
        Outcome::Failed { .. } => ("FAILED", planned),
        Outcome::Unknown { .. } => ("UNKNOWN", planned),
        Outcome::Changed { .. } => ("CHANGED", planned),
        Outcome::NotTried => ("not tried", planned),
    }
}

/// Returns a warning if notifications were deleted to make room, and some of the new ones were not
/// created.
fn gap(report: &ApplyReport) -> Option<String> {
    const NAMES: usize = 5;
    let missing = report
        .entries
        .iter()
        .filter(|entry| entry.planned == Action::Create && !entry.outcome.is_done());
    let names: Vec<String> = missing.map(|entry| clean(&entry.name)).collect();
    if !report.deleted_first || names.is_empty() {
        return None;
    }
    let more = if names.len() > NAMES { ", …" } else { "" };
    let shown = names.get(..NAMES).unwrap_or(&names).join(", ");
    Some(format!(
        "WARNING: {} deleted to make room, but {} not created: neither the old nor the new ones exist. Missing: \
         {shown}{more}",
        report.count(Action::Delete),
        names.len()
    ))
}

impl fmt::Display for TargetPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", clean(&self.name))?;
        match &self.result {
            Ok(plan) => plan.fmt(f),
            Err(error) => writeln!(f, "{error}"),
        }
    }
}

impl fmt::Display for TargetReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", clean(&self.name))?;
        if let Some(gap) = self.result.as_ref().ok().and_then(gap) {
            write!(f, "{gap}: ")?;
        }
        match (&self.result, self.error()) {
            (_, Some(error)) => write!(f, "{error}"),
            (Ok(report), None) => write!(
                f,
                "{} created, {} updated, {} deleted, {} unchanged",
                report.count(Action::Create),
                report.count(Action::Update),
                report.count(Action::Delete),
                report.count(Action::Unchanged)
            ),
            (Err(_), None) => Ok(()),
        }
    }
}
