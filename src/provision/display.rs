//! How a plan looks to people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::IsTerminal;

use serde_json::Value;

use super::columns::{clean, fill, width};
use super::difference::Difference;
use super::plan::{Action, Plan, Step};

/// The columns before a member: sign, word, and the blanks after each.
const INDENT: usize = 13;

/// The columns that a line takes at most, where it is a list and can be broken.
const LINE: usize = 100;

/// A [`Plan`] to be shown; by [`Plan::display`].
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct PlanDisplay<'p> {
    plan: &'p Plan,
    coloured: bool,
}

impl PlanDisplay<'_> {
    /// With the colours of an ANSI terminal, or without, which is the default. See [`colour_wanted`].
    pub fn coloured(self, coloured: bool) -> Self {
        Self { coloured, ..self }
    }
}

impl Plan {
    /// The plan as a picture, to be shown in colours if so wished.
    pub fn display(&self) -> PlanDisplay<'_> {
        PlanDisplay { plan: self, coloured: false }
    }
}

/// Whether standard output shows colours: it is a terminal, and `NO_COLOR` is not set, or empty.
#[must_use]
pub fn colour_wanted() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.display().fmt(f)
    }
}

impl fmt::Display for PlanDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.plan.steps();
        let names = steps.iter().map(|step| width(&clean(step.name()))).max().unwrap_or(0);
        let members = steps.iter().flat_map(Step::differences).map(|of| width(of.member)).max().unwrap_or(0);
        let columns = LINE.saturating_sub(INDENT + members + 2);
        let paint = Paint(self.coloured);
        for step in steps {
            let (sign, word, colour) = look(step.action());
            let name = clean(step.name());
            let name = if step.id().is_some() { fill(&name, names) } else { name };
            write!(f, "{}", paint.with(colour, &format!("{sign} {word:<9}  {name}")))?;
            if let Some(id) = step.id() {
                write!(f, "  {}", paint.with(DIM, &clean(id.as_str())))?;
            }
            writeln!(f)?;
            if let Some(reason) = step.reason() {
                writeln!(f, "{}{}", " ".repeat(INDENT), clean(&reason))?;
            }
            for difference in step.differences() {
                let mut member = difference.member;
                for line in lines(difference, step.action() == Action::Create, columns, paint) {
                    writeln!(f, "{}{}  {line}", " ".repeat(INDENT), fill(member, members))?;
                    member = "";
                }
            }
        }
        if !steps.is_empty() {
            writeln!(f)?;
        }
        let count = |action| self.plan.count(action);
        write!(f, "{} to create, {} to update", count(Action::Create), count(Action::Update))?;
        write!(f, ", {} to delete, {} unchanged", count(Action::Delete), count(Action::Unchanged))?;
        match count(Action::Conflict) {
            0 => writeln!(f),
            conflicts => writeln!(f, ", {}", paint.with(ALARM, &format!("{conflicts} in conflict"))),
        }
    }
}

const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const DIM: &str = "2";
const ALARM: &str = "1;31";

fn look(action: Action) -> (char, &'static str, &'static str) {
    match action {
        Action::Create => ('+', "create", GREEN),
        Action::Update => ('~', "update", YELLOW),
        Action::Delete => ('-', "delete", RED),
        Action::Unchanged => ('=', "unchanged", DIM),
        Action::Conflict => ('!', "conflict", ALARM),
    }
}

#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, colour: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// What becomes of a member: one line, or some for each group that comes or goes. Each takes this many columns at most,
/// if it can be broken.
fn lines(difference: &Difference, is_new: bool, columns: usize, paint: Paint) -> Vec<String> {
    let Difference { before, after, .. } = difference;
    if let (Some(before), Some(after)) = (groups(before), groups(after))
        && !(before.is_empty() && after.is_empty())
    {
        let signed = |sign, colour, lines: Vec<String>| {
            // What goes on from the line before has no sign.
            lines.into_iter().map(move |line| {
                let sign = if line.starts_with(' ') { ' ' } else { sign };
                paint.with(colour, &format!("{sign} {line}"))
            })
        };
        let columns = columns.saturating_sub(2);
        let go = signed('-', RED, more_of(&before, &after, columns));
        let come = signed('+', GREEN, more_of(&after, &before, columns));
        return go.chain(come).collect();
    }
    let after = paint.with(GREEN, &shown(after));
    if is_new { vec![after] } else { vec![format!("{} → {after}", paint.with(RED, &shown(before)))] }
}

type Groups<'v> = BTreeMap<(&'v str, &'v str), BTreeSet<&'v str>>;

/// Operations by service and resource, users by group; `None` if it is neither.
fn groups(value: &Value) -> Option<Groups<'_>> {
    match value {
        Value::Null => Some(Groups::new()),
        Value::Array(items) => items.iter().map(group).collect(),
        _ => None,
    }
}

fn group(item: &Value) -> Option<((&str, &str), BTreeSet<&str>)> {
    let text = |member| item.get(member).and_then(Value::as_str);
    let texts = |member| item.get(member)?.as_array()?.iter().map(Value::as_str).collect::<Option<BTreeSet<_>>>();
    match (text("user_group"), text("service_type"), text("resource_type")) {
        (Some(group), None, None) => Some(((group, ""), texts("user_list")?)),
        (None, Some(service), Some(resource)) => Some(((service, resource), texts("trace_names")?)),
        _ => None,
    }
}

/// What `groups` have and the `other` lack: `IAM/user login, logout`.
fn more_of(groups: &Groups<'_>, other: &Groups<'_>, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (key @ (first, second), texts) in groups {
        let known = other.get(key);
        let new: Vec<&&str> = texts.iter().filter(|text| known.is_none_or(|known| !known.contains(**text))).collect();
        if new.is_empty() && known.is_some() {
            continue;
        }
        let mut line = if second.is_empty() { clean(first) } else { clean(&format!("{first}/{second}")) };
        for (i, text) in new.iter().enumerate() {
            let text = format!("{}{}", clean(text), if i + 1 < new.len() { "," } else { "" });
            if width(&line) + 1 + width(&text) > columns {
                lines.push(std::mem::replace(&mut line, " ".to_owned()));
            }
            line = format!("{line} {text}");
        }
        lines.push(line);
    }
    lines
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => clean(text),
        filter => clean(&filter_text(filter).unwrap_or_else(|| filter.to_string())),
    }
}

/// `code != 200 AND trace_type = ApiCall`
fn filter_text(filter: &Value) -> Option<String> {
    let condition = filter.get("condition")?.as_str()?;
    let rules = filter.get("rule")?.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
    let text = rules.join(&format!(" {condition} "));
    let is_on = filter.get("is_support_filter")?.as_bool()?;
    Some(if is_on { text } else { format!("{text} (switched off)") })
}
