//! What apply would do, and whether anything differs.

use std::path::PathBuf;

use clap::Args;
use futures_util::stream::{self, StreamExt as _};
use huaweicloud_cts::catalogue::{Catalogue, ListOperations};
use huaweicloud_cts::provision::{Action, NotificationSet, Plan, PlanOptions, PreflightContext, Step};
use huaweicloud_cts::topic::TopicState;
use huaweicloud_cts::tracker::ListTrackers;
use huaweicloud_cts::{CtsClient, Error};
use serde_json::{Value, json};

use crate::connect::Context;
use crate::exit::{Exit, Failure, of_error};
use crate::files::RulesFiles;
use crate::layout::{hanging, hanging_note};
use crate::screen::{self, BAD, BOLD, DIMMED, ERROR, GOOD, WARNING};
use crate::targets::Project;
use crate::validate;

/// The number of projects that are read at the same time.
const CONCURRENCY: usize = 8;

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
    /// Also delete notifications that are not in the file and whose name starts with this. May not be empty.
    #[arg(long, value_name = "PREFIX")]
    prune: Option<String>,
    /// Ask SMN whether what is sent to the topics reaches anyone, and remark if not. Needs permissions of SMN.
    #[arg(long)]
    check_topics: bool,
}

impl What {
    pub(crate) fn options(&self) -> Result<PlanOptions, Failure> {
        match &self.prune {
            None => Ok(PlanOptions::new()),
            Some(prefix) => {
                PlanOptions::new().prune_with_prefix(prefix).map_err(|error| Failure::usage(error.to_string()))
            }
        }
    }
}

/// A project, and what is to be done there.
pub(crate) struct Planned {
    pub(crate) project: Project,
    /// The set with region and project filled in; `None` if the project is not known. Another set must not take its place:
    /// what it does not declare may be pruned.
    pub(crate) set: Option<NotificationSet>,
    pub(crate) plan: Result<Plan, Error>,
}

pub(crate) async fn run(context: &Context, arguments: &PlanArgs) -> Result<Exit, Failure> {
    let planned = plan(context, &arguments.what).await?;
    if let Some(path) = &arguments.out {
        let [Planned { plan: Ok(plan), .. }] = planned.as_slice() else {
            return Err(Failure::usage("only a plan of one project can be saved"));
        };
        let text = serde_json::to_string_pretty(plan).map_err(|error| Failure::failed(error.to_string()))?;
        std::fs::write(path, text + "\n").map_err(|error| Failure::at(path.display(), error))?;
    }
    show(context, &planned)?;
    if let Some(path) = &arguments.out {
        context.remark(format_args!("Saved. Apply it with `cts apply {}`.", path.display()));
    }
    Ok(match (failure(&planned), has_changes(&planned)) {
        (Some(exit), _) => exit,
        (None, true) if arguments.detailed_exitcode => Exit::Changes,
        (None, _) => Exit::Done,
    })
}

pub(crate) async fn drift(context: &Context, arguments: &Drift) -> Result<Exit, Failure> {
    let planned = plan(context, &arguments.what).await?;
    show(context, &planned)?;
    Ok(match (failure(&planned), has_changes(&planned)) {
        (Some(exit), _) => exit,
        (None, true) => Exit::Changes,
        (None, false) => Exit::Done,
    })
}

/// Plans for each project.
pub(crate) async fn plan(context: &Context, what: &What) -> Result<Vec<Planned>, Failure> {
    let set = what.files.read()?;
    let options = what.options()?;
    let projects = context.projects()?;
    let alone = projects.len() == 1;
    let planned = stream::iter(projects)
        .map(|project| {
            let (set, options) = (&set, &options);
            async move {
                let set = set.for_client(&project.client).await;
                let plan = match &set {
                    Ok(set) => project.client.plan(set, options).await,
                    Err(error) => Err(error.clone()),
                };
                Planned { project, set: set.ok(), plan }
            }
        })
        .buffered(CONCURRENCY)
        .collect::<Vec<_>>()
        .await;
    match planned.as_slice() {
        // The findings of many projects would hide their plans.
        [Planned { project, plan: Ok(plan), .. }] if alone => {
            remarks(context, &project.client, plan, what.check_topics).await;
        }
        [Planned { plan: Err(error), .. }] if alone => return Err(error.clone().into()),
        _ => {}
    }
    Ok(planned)
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
    let mut preflight = PreflightContext::new().quotas(&quotas).topics(&topics).cloud(client.cloud());
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

/// Asks SMN about the topics of a plan. What it does not tell is remarked, and is no reason to stop.
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

fn has_changes(planned: &[Planned]) -> bool {
    planned.iter().any(|planned| planned.plan.as_ref().is_ok_and(|plan| !plan.is_up_to_date()))
}

/// Returns how the command ends if a project could not be read, or has a conflict.
pub(crate) fn failure(planned: &[Planned]) -> Option<Exit> {
    planned.iter().find_map(|planned| match &planned.plan {
        Err(error) => Some(of_error(error)),
        Ok(plan) if plan.count(Action::Conflict) > 0 => Some(Exit::Failed),
        Ok(_) => None,
    })
}

/// Prints plans.
pub(crate) fn show(context: &Context, planned: &[Planned]) -> Result<(), Failure> {
    let output = context.global.output;
    if output.is_for_programs() {
        return if let [Planned { plan: Ok(plan), .. }] = planned {
            screen::value(output, plan)
        } else {
            let all: Vec<Value> = planned.iter().map(as_json).collect();
            screen::values(output, &all)
        };
    }
    for (index, Planned { project, plan, .. }) in planned.iter().enumerate() {
        if planned.len() > 1 {
            let gap = if index == 0 { "" } else { "\n" };
            screen::out(format_args!("{gap}{BOLD}{}{BOLD:#}", screen::clean(&project.name)))?;
        }
        match plan {
            Ok(plan) => screen::out(painted(plan))?,
            Err(error) => screen::out(hanging(&format!("{ERROR}error:{ERROR:#} {error}"), 2))?,
        }
    }
    Ok(())
}

fn as_json(planned: &Planned) -> Value {
    let Planned { project, plan, .. } = planned;
    match plan {
        Ok(plan) => json!({ "target": project.name, "plan": plan, "error": null }),
        Err(error) => json!({ "target": project.name, "plan": null, "error": error.to_string() }),
    }
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
    let value = field.find("  ").map_or(field, |end| field.get(end..).unwrap_or_default().trim_start());
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
