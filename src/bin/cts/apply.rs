//! Bringing notifications into the desired state.

use clap::Args;
use huaweicloud_cts::provision::{Action, ApplyReport, NotificationSet, Outcome, Plan, Rollout, Target, TargetReport};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};

use crate::connect::Context;
use crate::exit::{Exit, Failure, of_error};
use crate::files::{self, Format};
use crate::plan::{self, Planned, What};
use crate::screen::{self, BAD, BOLD, DIMMED, GOOD, WARNING};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts apply rules.toml
  cts apply rules.toml --prune team_ --yes
  cts plan rules.toml --out plan.json && cts apply plan.json --yes
  cts apply rules.toml --targets targets.toml --yes

A plan that was saved is applied as it was shown: what has changed since is reported, not touched.
With several projects, each is read again, and a failure in one does not stop the others.")]
pub(crate) struct Apply {
    #[command(flatten)]
    what: What,
    /// The number of projects that are worked on at the same time.
    #[arg(long, value_name = "N", default_value_t = 8)]
    concurrency: usize,
}

pub(crate) async fn run(context: &Context, arguments: &Apply) -> Result<Exit, Failure> {
    if let Some(plan) = saved(arguments)? {
        let client = context.client()?;
        if !context.global.output.is_for_programs() {
            screen::out(plan::painted(&plan))?;
        }
        return one(context, &client, &plan).await;
    }
    let planned = plan::plan(context, &arguments.what).await?;
    if !context.global.output.is_for_programs() {
        plan::show(context, &planned)?;
    }
    match planned.as_slice() {
        [Planned { project, plan: Ok(plan), .. }] => one(context, &project.client, plan).await,
        _ => many(context, arguments, planned).await,
    }
}

/// Reads the file if it is a saved plan.
fn saved(arguments: &Apply) -> Result<Option<Plan>, Failure> {
    let [path] = arguments.what.files.files.as_slice() else { return Ok(None) };
    if path.extension().is_none_or(|extension| extension != "json") {
        return Ok(None);
    }
    let (name, text) = files::read_text(path)?;
    let is_plan =
        serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|value| value.get("format_version").is_some());
    if !is_plan {
        return Ok(None);
    }
    files::parse(&files::RulesFile { name, text, format: Format::Json }).map(Some)
}

/// Applies a plan in one project.
async fn one(context: &Context, client: &huaweicloud_cts::CtsClient, plan: &Plan) -> Result<Exit, Failure> {
    // What is in conflict is not touched, but the rest of the plan is applied.
    if [Action::Create, Action::Update, Action::Delete].into_iter().any(|action| plan.count(action) > 0) {
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

/// Rolls out to many projects.
async fn many(context: &Context, arguments: &Apply, planned: Vec<Planned>) -> Result<Exit, Failure> {
    let changes =
        planned.iter().filter(|planned| planned.plan.as_ref().is_ok_and(|plan| !plan.is_up_to_date())).count();
    if changes > 0 {
        context.confirm(&format!("Apply these plans in {changes} of {} projects?", planned.len()))?;
    }
    let total = planned.len();
    let (mut targets, mut unknown) = (Vec::new(), Vec::new());
    for Planned { project, set, plan } in planned {
        match (set, plan) {
            (Some(set), _) => targets.push(Target::new(project.name, project.client).set(set)),
            (None, Err(error)) => unknown.push(TargetReport::new(project.name, Err(error))),
            (None, Ok(_)) => {}
        }
    }
    let bar = bar(context, total);
    // What has finished, for Ctrl-C.
    let finished = Finished { lines: Arc::default(), total };
    let lines = Arc::clone(&finished.lines);
    let options = arguments.what.options()?;
    let mut reports = Rollout::new(targets)
        .options(options)
        .concurrency(arguments.concurrency)
        .on_progress(|progress| {
            bar.inc(1);
            bar.set_message(screen::clean(&progress.report.name));
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(progress.report.to_string());
        })
        .run(&NotificationSet::default())
        .await;
    reports.extend(unknown);
    bar.finish_and_clear();
    finished.forget();
    if context.held_back() {
        return Ok(Exit::Done);
    }
    if context.global.output.is_for_programs() {
        screen::values(context.global.output, &reports)?;
    } else {
        for report in &reports {
            let style = if report.is_complete() { DIMMED } else { BAD };
            screen::out(format_args!("{style}{report}{style:#}"))?;
        }
    }
    let done = reports.iter().filter(|report| report.is_complete()).count();
    context.remark(format_args!("{BOLD}{done} of {total} projects are in the desired state.{BOLD:#}"));
    Ok(match reports.iter().find_map(TargetReport::error) {
        None => Exit::Done,
        Some(_) if done > 0 => Exit::Partial,
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
    let hidden = context.global.quiet || !std::io::stderr().is_terminal() || std::env::var_os("CI").is_some();
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
        let style = match () {
            () if line.starts_with("WARNING") => BAD.bold(),
            () if line.is_empty() || line.starts_with(' ') => anstyle::Style::new(),
            () => match entries.next().map(|entry| &entry.outcome) {
                Some(Outcome::Done { action: Action::Unchanged, .. }) => DIMMED,
                Some(Outcome::Done { .. }) => GOOD,
                Some(Outcome::Failed { .. }) => BAD,
                Some(_) => WARNING,
                None => BOLD,
            },
        };
        painted.push_str(&format!("{style}{line}{style:#}\n"));
    }
    painted
}
