//! What apply would do, and whether anything differs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use huaweicloud_cts::catalogue::{Catalogue, ListOperations};
use huaweicloud_cts::provision::{
    Action, Plan, PlanOptions, PreflightContext, Rollout, RolloutPlan, Step, Target,
};
use huaweicloud_cts::topic::TopicState;
use huaweicloud_cts::tracker::ListTrackers;
use huaweicloud_cts::{CtsClient, Error};
use serde::Serialize;

use crate::args::Output;
use crate::connect::Context;
use crate::exit::{Exit, Failure, of_error};
use crate::files::RulesFiles;
use crate::layout::{hanging, hanging_note};
use crate::screen::{self, BAD, BOLD, DIMMED, ERROR, GOOD, WARNING};
use crate::targets::Project;
use crate::validate;

/// The column where the names of notifications start.
const NAMES: usize = 13;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts plan rules.toml
  cts plan rules.toml --prune team_ --out plan.json && cts apply plan.json
  cts export | cts plan -
  cts plan rules.toml --check-topics
  cts plan rules.toml --region eu-de,eu-nl --detailed-exitcode")]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) what: What,
    /// Save the plan, for `cts apply`.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 2 if there are changes.
    #[arg(long)]
    detailed_exitcode: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cts drift rules.toml || notify-the-team\n  cts drift rules.toml --targets targets.toml -o json"
)]
pub(crate) struct Drift {
    #[command(flatten)]
    what: What,
}

/// What is planned.
#[derive(Debug, Args)]
pub(crate) struct What {
    #[command(flatten)]
    pub(crate) files: RulesFiles,
    /// Also delete notifications that are not in the file and whose name starts with this. May not
    /// be empty.
    #[arg(long, value_name = "PREFIX")]
    prune: Option<String>,
    /// Ask SMN whether what is sent to the topics reaches anyone, and remark if not. Needs
    /// permissions of SMN.
    #[arg(long)]
    check_topics: bool,
}

impl What {
    pub(crate) fn options(&self) -> Result<PlanOptions, Failure> {
        match &self.prune {
            None => Ok(PlanOptions::new()),
            Some(prefix) => PlanOptions::new()
                .prune_with_prefix(prefix)
                .map_err(|error| Failure::usage(error.to_string())),
        }
    }

    /// Refuses what says how to plan, because a saved plan has been made.
    pub(crate) fn refuse_for_saved_plan(&self) -> Result<(), Failure> {
        if self.prune.is_some() || self.files.expand || self.check_topics {
            let message =
                "a saved plan is applied as it is: leave out --prune, --expand and --check-topics";
            return Err(Failure::usage(message));
        }
        Ok(())
    }
}

/// What is planned: one project, or several.
pub(crate) enum Planned {
    /// The project that the options name.
    One { client: CtsClient, plan: Plan },
    /// Those of a file, or of several regions.
    Many { projects: Vec<Project>, plan: RolloutPlan },
}

pub(crate) async fn run(context: &Context, arguments: &PlanArgs) -> Result<Exit, Failure> {
    let planned = plan(context, &arguments.what).await?;
    show(context, &planned)?;
    if let Some(path) = &arguments.out {
        match &planned {
            Planned::Many { plan, .. } if !plan.is_complete() => {
                screen::note(
                    "Not saved, because a project could not be read: what was not shown can't be approved.",
                );
            }
            Planned::Many { plan, .. } => save(context, path, plan)?,
            Planned::One { plan, .. } => save(context, path, plan)?,
        }
    }
    Ok(match (planned.failure(), planned.has_changes()) {
        (Some(exit), _) => exit,
        (None, true) if arguments.detailed_exitcode => Exit::Changes,
        (None, _) => Exit::Done,
    })
}

fn save(context: &Context, path: &Path, plan: &impl Serialize) -> Result<(), Failure> {
    let text =
        serde_json::to_string_pretty(plan).map_err(|error| Failure::failed(error.to_string()))?;
    std::fs::write(path, text + "\n").map_err(|error| Failure::at(path.display(), error))?;
    context.remark(format_args!("Saved. Apply it with `cts apply {}`.", path.display()));
    Ok(())
}

pub(crate) async fn drift(context: &Context, arguments: &Drift) -> Result<Exit, Failure> {
    let planned = plan(context, &arguments.what).await?;
    show(context, &planned)?;
    Ok(match (planned.failure(), planned.has_changes()) {
        (Some(exit), _) => exit,
        (None, true) => Exit::Changes,
        (None, false) => Exit::Done,
    })
}

/// Plans for each project.
pub(crate) async fn plan(context: &Context, what: &What) -> Result<Planned, Failure> {
    let set = what.files.read()?.set;
    let options = what.options()?;
    let projects = context.projects()?;
    let rollout = rollout(context, &projects).options(options);
    if let [Project { name: None, client }] = projects.as_slice() {
        // A rollout waits for as long as a gateway says. One call does not.
        let planned = rollout.retry_throttled_for(Duration::ZERO).plan(&set).await.into_targets();
        let plan =
            planned.into_iter().next().ok_or_else(|| Failure::failed("there is no plan"))?.result?;
        remarks(context, client, &plan, what.check_topics).await;
        return Ok(Planned::One { client: client.clone(), plan });
    }
    let plan = rollout.plan(&set).await;
    Ok(Planned::Many { projects, plan })
}

/// Returns a rollout to projects, whose calls wait together where they are throttled.
pub(crate) fn rollout<'p>(context: &Context, projects: &[Project]) -> Rollout<'p> {
    let targets = projects.iter().map(|Project { name, client }| {
        Target::new(name.clone().unwrap_or_default(), client.clone())
    });
    Rollout::new(targets).pace(context.pace.clone())
}

/// Prints what validation says about a plan: advice, because the service is the judge.
async fn remarks(context: &Context, client: &CtsClient, plan: &Plan, check_topics: bool) {
    if context.global.quiet || plan.is_up_to_date() {
        return;
    }
    // Not every cloud has them, nor may everyone read them. Without them less is validated.
    let quotas = client.list_quotas().await.unwrap_or_default();
    let catalogue = client.list_operations(&ListOperations::new()).await.ok().map(Catalogue::from);
    let trackers = client.list_trackers(&ListTrackers::new()).await.ok();
    let topics = if check_topics { topics(client, plan).await } else { Vec::new() };
    let mut preflight =
        PreflightContext::new().quotas(&quotas).topics(&topics).cloud(client.cloud());
    if let Some(region) = client.region() {
        preflight = preflight.region(region.id());
    }
    if let Some(project) = client.project_id() {
        preflight = preflight.project_id(project);
    }
    if let Some(catalogue) = &catalogue {
        preflight = preflight.catalogue(catalogue);
    }
    if let Some(trackers) = &trackers {
        preflight = preflight.trackers(trackers);
    }
    let findings = plan.preflight(&preflight);
    for finding in &findings {
        screen::note(hanging_note(&validate::painted(finding), 2));
    }
    if !findings.is_empty() {
        screen::note("");
    }
}

/// Asks SMN about the topics of a plan. What it does not tell is remarked, and is no reason to
/// stop.
async fn topics(client: &CtsClient, plan: &Plan) -> Vec<TopicState> {
    let mut states = Vec::new();
    for urn in plan.topics() {
        match client.check_topic(urn).await {
            Ok(state) => states.push(state),
            Err(error) => {
                let error = screen::clean(&error.to_string());
                screen::note(hanging_note(&format!("{WARNING}warning:{WARNING:#} {error}"), 2));
            }
        }
    }
    states
}

impl Planned {
    fn plans(&self) -> impl Iterator<Item = Result<&Plan, &Error>> {
        let (one, many) = match self {
            Self::One { plan, .. } => (Some(Ok(plan)), [].as_slice()),
            Self::Many { plan, .. } => (None, plan.targets()),
        };
        one.into_iter().chain(many.iter().map(|target| target.result.as_ref()))
    }

    fn has_changes(&self) -> bool {
        self.plans().any(|plan| plan.is_ok_and(|plan| !plan.is_up_to_date()))
    }

    /// Returns how the command ends if a project could not be read, or has a conflict.
    fn failure(&self) -> Option<Exit> {
        self.plans().find_map(|plan| match plan {
            Err(error) => Some(of_error(error)),
            Ok(plan) if plan.count(Action::Conflict) > 0 => Some(Exit::Failed),
            Ok(_) => None,
        })
    }
}

/// Prints plans.
pub(crate) fn show(context: &Context, planned: &Planned) -> Result<(), Failure> {
    let output = context.global.output;
    match planned {
        Planned::One { plan, .. } if output.is_for_programs() => screen::value(output, plan),
        Planned::One { plan, .. } => screen::out(painted(plan)),
        Planned::Many { plan, .. } => show_all(context, plan),
    }
}

/// Prints the plans of many projects.
pub(crate) fn show_all(context: &Context, plan: &RolloutPlan) -> Result<(), Failure> {
    match context.global.output {
        Output::Jsonl => return screen::values(Output::Jsonl, plan.targets()),
        output if output.is_for_programs() => return screen::value(output, plan),
        _ => {}
    }
    for (index, target) in plan.targets().iter().enumerate() {
        let gap = if index == 0 { "" } else { "\n" };
        screen::out(format_args!("{gap}{BOLD}{}{BOLD:#}", screen::clean(&target.name)))?;
        match &target.result {
            Ok(plan) => screen::out(painted(plan))?,
            Err(error) => screen::out(hanging(&format!("{ERROR}error:{ERROR:#} {error}"), 2))?,
        }
    }
    Ok(())
}

/// Returns a plan in colours. The text of the library is clean.
pub(crate) fn painted(plan: &Plan) -> String {
    let text = plan.to_string();
    let done = if plan.is_up_to_date() { "No changes. " } else { "" };
    let steps = steps(plan);
    let gap = if steps.is_empty() { "" } else { "\n" };
    format!("{steps}{gap}{BOLD}{done}{}{BOLD:#}\n", text.lines().next_back().unwrap_or_default())
}

/// Returns the steps of a plan in colours, with a blank line around each that has details.
pub(crate) fn steps(plan: &Plan) -> String {
    let text = plan.to_string();
    let mut lines = text.lines().filter(|line| !line.is_empty()).peekable();
    let (mut painted, mut had_details) = (String::new(), false);
    for step in plan.steps() {
        let Some(line) = lines.next() else { break };
        let mut details = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with(' ')) {
            details.push(detail(line, step.action()));
        }
        if !painted.is_empty() && (had_details || !details.is_empty()) {
            painted.push('\n');
        }
        had_details = !details.is_empty();
        painted.push_str(&heading(line, step));
        painted.extend(details);
    }
    painted
}

/// Returns the line of a step: the action in its colour, and the id dimmed.
fn heading(line: &str, step: &Step) -> String {
    let (action, name) = line.split_at_checked(NAMES).unwrap_or((line, ""));
    let style = match step.action() {
        Action::Create => GOOD,
        Action::Update => WARNING,
        Action::Delete | Action::Conflict => BAD,
        _ => return hanging(&format!("{DIMMED}{line}{DIMMED:#}\n"), NAMES),
    };
    let id = step.id().map(|id| screen::clean(id.as_str())).filter(|id| !id.is_empty());
    let name = match id.and_then(|id| Some((name.strip_suffix(&id)?, id))) {
        Some((name, id)) => format!("{name}{DIMMED}{id}{DIMMED:#}"),
        None => name.to_owned(),
    };
    hanging(&format!("{style}{action}{style:#}{name}\n"), NAMES)
}

/// Returns a line about a field, with what an update adds and removes in colours.
fn detail(line: &str, action: Action) -> String {
    // The value follows the name of the field, if the line has one, after two spaces at least.
    let field = line.trim_start();
    let value =
        field.find("  ").map_or(field, |end| field.get(end..).unwrap_or_default().trim_start());
    let start = line.len() - value.len();
    let text = match (value.split_at_checked(2), action) {
        (Some(("- ", removed)), Action::Update) => format!("{BAD}-{BAD:#} {removed}"),
        (Some(("+ ", added)), Action::Update) => format!("{GOOD}+{GOOD:#} {added}"),
        // The new value is not torn from its arrow.
        _ => value.replace(" → ", " →\u{a0}"),
    };
    let line = format!("{}{text}\n", line.get(..start).unwrap_or_default());
    hanging(&line, start).replace('\u{a0}', " ")
}
