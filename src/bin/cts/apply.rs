//! Bringing notifications into the desired state.

use clap::Args;
use huaweicloud_cts::provision::{
    Action, ApplyReport, Outcome, Plan, ReportEntry, RolloutPlan, TargetReport,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};

use crate::connect::Context;
use crate::exit::{Exit, Failure, of_error};
use crate::files::{self, Format};
use crate::layout::hanging;
use crate::plan::{self, Planned, What};
use crate::screen::{self, BAD, BOLD, DIMMED, ERROR, GOOD, WARNING};
use crate::targets::Project;

/// The columns of a report where errors and where names start.
const ERRORS: usize = 11;
const NAMES: usize = 22;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts apply rules.toml
  cts apply rules.toml --prune team_ --yes
  cts plan rules.toml --out plan.json && cts apply plan.json --yes
  cts apply rules.toml --targets targets.toml --yes

What was shown is done: what has changed since is reported, not touched, also if the plan was saved.
A failure in one of several projects does not stop the others.")]
pub(crate) struct Apply {
    #[command(flatten)]
    what: What,
    /// The number of projects that are worked on at the same time.
    #[arg(long, value_name = "N", default_value_t = 8)]
    concurrency: usize,
}

/// A plan that was saved.
enum Saved {
    One(Plan),
    Many(RolloutPlan),
}

pub(crate) async fn run(context: &Context, arguments: &Apply) -> Result<Exit, Failure> {
    let planned = match saved(arguments)? {
        Some(Saved::One(plan)) => Planned::One { client: context.client()?, plan },
        Some(Saved::Many(plan)) => Planned::Many { projects: projects(context, &plan)?, plan },
        None => plan::plan(context, &arguments.what).await?,
    };
    if !context.global.output.is_for_programs() {
        plan::show(context, &planned)?;
    }
    match planned {
        Planned::One { client, plan } => one(context, &client, &plan).await,
        Planned::Many { projects, plan } => many(context, arguments, &projects, &plan).await,
    }
}

/// Reads the file if it is a saved plan.
fn saved(arguments: &Apply) -> Result<Option<Saved>, Failure> {
    let [path] = arguments.what.files.files.as_slice() else { return Ok(None) };
    if path.extension().is_none_or(|extension| extension != "json") {
        return Ok(None);
    }
    let (name, text) = files::read_text(path)?;
    let fields: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    if fields.get("format_version").is_none() {
        return Ok(None);
    }
    arguments.what.refuse_for_saved_plan()?;
    let file = files::RulesFile { name, text, format: Format::Json };
    let is_of_many = fields.get("targets").is_some();
    Ok(Some(if is_of_many {
        Saved::Many(files::parse(&file)?)
    } else {
        Saved::One(files::parse(&file)?)
    }))
}

/// Returns the projects of saved plans: those that the options name must be the same.
fn projects(context: &Context, plan: &RolloutPlan) -> Result<Vec<Project>, Failure> {
    let projects = context.projects()?;
    let mut named: Vec<&str> =
        projects.iter().filter_map(|project| project.name.as_deref()).collect();
    let mut planned: Vec<&str> = plan.targets().iter().map(|target| target.name.as_str()).collect();
    named.sort_unstable();
    planned.sort_unstable();
    if named == planned {
        return Ok(projects);
    }
    let (planned, named) =
        (planned.join(", "), if named.is_empty() { "none".to_owned() } else { named.join(", ") });
    Err(Failure::usage(format!(
        "the file has plans for the projects {planned}, but these are given: {named}"
    ))
    .hint("give the same --targets or --region as for `cts plan`"))
}

/// Applies a plan in one project.
async fn one(
    context: &Context,
    client: &huaweicloud_cts::CtsClient,
    plan: &Plan,
) -> Result<Exit, Failure> {
    // What is in conflict is not touched, but the rest of the plan is applied.
    if [Action::Create, Action::Update, Action::Delete]
        .into_iter()
        .any(|action| plan.count(action) > 0)
    {
        context.confirm("Apply this plan?")?;
    }
    // A plan without changes is applied as well: that reads again, and refuses one that is stale.
    let report = client.apply(plan).await;
    if context.held_back() {
        return Ok(Exit::Done);
    }
    if context.global.output.is_for_programs() {
        screen::value(context.global.output, &report)?;
    } else if report.has_changes() || !report.is_complete() {
        screen::out(format!("\n{}", painted(&report)))?;
    }
    Ok(exit(&report))
}

fn exit(report: &ApplyReport) -> Exit {
    match report.errors().next() {
        _ if report.is_complete() => Exit::Done,
        _ if report.has_changes() => Exit::Partial,
        Some(error) => of_error(error),
        None => Exit::Failed,
    }
}

/// Applies the plans of many projects.
async fn many(
    context: &Context,
    arguments: &Apply,
    projects: &[Project],
    plan: &RolloutPlan,
) -> Result<Exit, Failure> {
    let total = projects.len();
    let changes = plan
        .targets()
        .iter()
        .filter(|target| target.result.as_ref().is_ok_and(|plan| !plan.is_up_to_date()));
    let changes = changes.count();
    if changes > 0 {
        context.confirm(&format!("Apply these plans in {changes} of {total} projects?"))?;
    }
    let bar = bar(context, total);
    // What has finished, for Ctrl-C.
    let finished = Finished { lines: Arc::default(), total };
    let lines = Arc::clone(&finished.lines);
    let reports = plan::rollout(context, projects)
        .concurrency(arguments.concurrency)
        .on_progress(|progress| {
            bar.inc(1);
            bar.set_message(screen::clean(&progress.report.name));
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(progress.report.to_string());
        })
        .apply(plan)
        .await;
    bar.finish_and_clear();
    finished.forget();
    if context.held_back() {
        return Ok(Exit::Done);
    }
    if context.global.output.is_for_programs() {
        screen::values(context.global.output, &reports)?;
    } else {
        for (index, report) in reports.iter().enumerate() {
            let gap = if index == 0 { "\n" } else { "" };
            let style = if report.is_complete() { GOOD } else { BAD };
            let (name, text) = (screen::clean(&report.name), report.to_string());
            let line = match text.strip_prefix(&name) {
                Some(rest) => format!("{gap}{style}{name}{style:#}{rest}"),
                None => format!("{gap}{text}"),
            };
            screen::out(hanging(&line, 2))?;
        }
    }
    let done = reports.iter().filter(|report| report.is_complete()).count();
    context
        .remark(format_args!("{BOLD}{done} of {total} projects are in the desired state.{BOLD:#}"));
    let any_change =
        reports.iter().any(|report| report.result.as_ref().is_ok_and(ApplyReport::has_changes));
    Ok(match reports.iter().find_map(TargetReport::error) {
        None => Exit::Done,
        Some(_) if done > 0 || any_change => Exit::Partial,
        Some(error) => of_error(error),
    })
}

/// Says which targets have finished, if the rollout is dropped before its end.
struct Finished {
    lines: Arc<Mutex<Vec<String>>>,
    total: usize,
}

impl Finished {
    fn forget(mut self) {
        self.total = 0;
    }
}

impl Drop for Finished {
    fn drop(&mut self) {
        if self.total == 0 {
            return;
        }
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        for line in lines.iter() {
            screen::note(line);
        }
        screen::note(format_args!("{} of {} projects had finished.", lines.len(), self.total));
    }
}

/// Returns a bar on a terminal for people; elsewhere one that can't be seen.
fn bar(context: &Context, total: usize) -> ProgressBar {
    let hidden = context.global.quiet
        || !std::io::stderr().is_terminal()
        || std::env::var_os("CI").is_some();
    let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(u64::try_from(total).ok(), target);
    match ProgressStyle::with_template("{bar:40.green} {pos}/{len} {eta} {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Returns a report in colours. The text of the library is clean.
fn painted(report: &ApplyReport) -> String {
    let text = report.to_string();
    let mut entries = report.entries.iter();
    let mut painted = String::new();
    for line in text.lines() {
        let line = if line.is_empty() || line.starts_with(' ') {
            line.to_owned()
        } else if let Some(warning) = line.strip_prefix("WARNING:") {
            format!("{ERROR}warning:{ERROR:#}{warning}")
        } else if let Some(entry) = entries.next() {
            of_entry(line, entry)
        } else {
            format!("{BOLD}{line}{BOLD:#}")
        };
        let indent = if line.starts_with(' ') { ERRORS } else { NAMES };
        painted.push_str(&hanging(&line, indent));
        painted.push('\n');
    }
    painted
}

/// Returns the line of a notification: the outcome in its colour, and the id dimmed.
fn of_entry(line: &str, entry: &ReportEntry) -> String {
    let style = match &entry.outcome {
        Outcome::Done { action: Action::Unchanged, .. } => {
            return format!("{DIMMED}{line}{DIMMED:#}");
        }
        Outcome::Done { .. } => GOOD,
        Outcome::Failed { .. } => BAD,
        _ => WARNING,
    };
    let (outcome, name) = line.split_at_checked(ERRORS).unwrap_or((line, ""));
    let id = entry.id.as_ref().map(|id| screen::clean(id.as_str())).filter(|id| !id.is_empty());
    match id.and_then(|id| Some((name.strip_suffix(&id)?, id))) {
        Some((name, id)) => format!("{style}{outcome}{style:#}{name}{DIMMED}{id}{DIMMED:#}"),
        None => format!("{style}{outcome}{style:#}{name}"),
    }
}
