//! The report as plain text: a paragraph for each notification, with the counts in a column.

use std::fmt;

use super::report::{
    BacktestEntry, BacktestReport, Condition, Example, OperationTally, State, Tally, millis,
};
use crate::notification::NotificationStatus;
use crate::provision::Action;
use crate::text::printable;
use crate::trace::TraceId;

/// The maximum number of operations shown. The report has all.
const OPERATIONS: usize = 20;

/// The maximum number of characters shown of a name, so that a long one can't hide the rest of the
/// output.
const SHOWN: usize = 400;

/// Returns a name on one line, without control characters.
fn clean(text: &str) -> String {
    printable(text, SHOWN)
}

impl fmt::Display for BacktestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.traces == 1 { "" } else { "s" };
        write!(f, "{} trace{plural}", self.traces)?;
        if let (Some(first), Some(last)) = (self.first.and_then(millis), self.last.and_then(millis))
        {
            write!(f, ", {first} to {last}")?;
        }
        if self.notifications.len() > 1 {
            write!(f, "\n{} for all notifications together", self.combined)?;
        }
        writeln!(f)?;
        let width = self.traces.to_string().len();
        self.notifications.iter().try_for_each(|entry| {
            writeln!(f)?;
            entry.write(f, width)
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} yes, {} no, {} unknown", self.yes, self.no, self.unknown)
    }
}

impl fmt::Display for BacktestEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, self.tally.traces().to_string().len())
    }
}

impl BacktestEntry {
    fn write(&self, f: &mut fmt::Formatter<'_>, width: usize) -> fmt::Result {
        writeln!(f, "{}: {}{}", clean(&self.name), self.tally, self.remarks())?;
        for day in self.days.iter().filter(|day| day.tally.yes + day.tally.unknown > 0) {
            let name = day.day.as_deref().unwrap_or("on an unknown day");
            writeln!(f, "    {:>width$}  {name}{}", day.tally.yes, unknown(day.tally))?;
        }
        let mut operations =
            self.operations.iter().filter(|of| of.tally.yes + of.tally.unknown > 0);
        for of in operations.by_ref().take(OPERATIONS) {
            writeln!(f, "    {:>width$}  {of}{}", of.tally.yes, unknown(of.tally))?;
        }
        let rest: Tally = operations.map(|of| of.tally).fold(Tally::default(), Tally::plus);
        if rest.traces() > 0 {
            writeln!(f, "    {:>width$}  other operations{}", rest.yes, unknown(rest))?;
        }
        for (word, example) in [("first", &self.first), ("last ", &self.last)] {
            if let Some(example) = example {
                writeln!(f, "    {:width$}  {word} {example}", "")?;
            }
        }
        for turned in &self.turned_away {
            write!(f, "    {:>width$}  no: {}", turned.traces, turned.condition)?;
            match turned.condition {
                // It is always by itself.
                Condition::Operations => writeln!(f)?,
                _ => writeln!(f, " ({} only because of this)", turned.alone)?,
            }
        }
        for missing in &self.missing {
            writeln!(f, "    {:>width$}  unknown: {}", missing.traces, missing.fact)?;
            writeln!(f, "    {:width$}  such as {}", "", missing.example)?;
        }
        Ok(())
    }

    /// Returns what sets the notification apart from one that exists and is enabled, in
    /// parentheses.
    fn remarks(&self) -> String {
        let planned = self.planned.and_then(|action| match (action, self.state) {
            (Action::Create, _) => Some("created by the plan"),
            (Action::Update, State::Current) => Some("before the update"),
            (Action::Update, State::Desired) => Some("after the update"),
            (Action::Delete, _) => Some("deleted by the plan"),
            (Action::Conflict, _) => Some("in conflict"),
            (Action::Unchanged, _) => None,
        });
        let status = self.status.as_ref().filter(|status| **status != NotificationStatus::Enabled);
        let remarks: Vec<String> = planned
            .map(str::to_owned)
            .into_iter()
            .chain(status.map(|status| clean(status.as_str())))
            .collect();
        if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join(", ")) }
    }
}

/// Returns the unknown traces of a day or of an operation, if there are any.
fn unknown(tally: Tally) -> String {
    match tally.unknown {
        0 => String::new(),
        unknown => format!(", {unknown} unknown"),
    }
}

/// `login of IAM/user`
struct Operation<'r>([&'r str; 3]);

impl fmt::Display for Operation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [service, resource, name] =
            self.0.map(|part| if part.is_empty() { "(nothing)".to_owned() } else { clean(part) });
        write!(f, "{name} of {service}/{resource}")
    }
}

impl fmt::Display for OperationTally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Operation([&self.service_type, &self.resource_type, &self.trace_name]).fmt(f)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operations => f.write_str("another operation"),
            Self::Users => f.write_str("another user"),
            Self::FilterRule(rule) => {
                write!(f, "the filter rule \"{}\" does not hold", clean(rule.as_str()))
            }
            Self::AnyFilterRule => f.write_str("none of the filter rules holds"),
        }
    }
}

impl fmt::Display for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(time) = self.time.and_then(millis) {
            write!(f, "{time} ")?;
        }
        write!(f, "{}", Operation([&self.service_type, &self.resource_type, &self.trace_name]))?;
        let named = [
            ("resource", self.resource_name.as_deref()),
            ("user", self.user.as_deref()),
            ("trace", self.trace_id.as_ref().map(TraceId::as_str)),
        ];
        for (what, name) in named {
            if let Some(name) = name.filter(|name| !name.is_empty()) {
                write!(f, ", {what} {}", clean(name))?;
            }
        }
        Ok(())
    }
}
