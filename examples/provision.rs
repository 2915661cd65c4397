//! Brings the notifications of a project into the state that a file declares: shows the plan, and applies it if told so.
//!
//! ```text
//! cargo run --example provision                         # show the plan
//! cargo run --example provision -- --apply              # apply it
//! cargo run --example provision -- --prune team_        # also delete the other notifications of the team
//! cargo run --example provision -- desired.toml --json  # another file; output for programs
//! cargo run --example provision -- --apply --targets 1000
//! ```
//!
//! The file is `examples/provision.toml` unless given. The exit code is 0 if everything is in the desired state, 2 if there
//! is something to do, and 1 for an error.
//!
//! It uses a fake CTS in this process, which has some notifications to begin with, forgets everything at the end, and needs
//! no account. `--targets` works with the fake only. Set these variables for a real service:
//!
//! - `CTS_REGION`, such as `cn-north-4`, or `CTS_REGION` and `CTS_ENDPOINT`, a URL. The topics name the region.
//! - `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` and `HUAWEICLOUD_SDK_PROJECT_ID`.
//!
//! `NO_COLOR` turns colours off.

#![allow(clippy::print_stderr, reason = "an example talks to its user")]

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use huaweicloud_cts::catalogue::{Catalogue, ListOperations};
use huaweicloud_cts::notification::{CreateNotification, Operation};
use huaweicloud_cts::provision::{
    Action, NotificationSet, Plan, PlanOptions, PreflightContext, Rollout, Severity, Target,
};
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::{ClientBuilder, CtsClient};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "usage: provision [FILE] [--apply] [--prune PREFIX] [--json] [--targets N]";
const REGION_OF_THE_FAKE: &str = "cn-north-4";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(end) => ExitCode::from(end),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<u8> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    // `println!` panics when a pipe is closed; `writeln!` gives an error.
    let mut out = io::stdout();
    if arguments.help {
        writeln!(out, "{USAGE}")?;
        return Ok(0);
    }
    let set = read(&arguments.file)?;
    let options = match &arguments.prune {
        Some(prefix) => PlanOptions::new().prune_with_prefix(prefix)?,
        None => PlanOptions::new(),
    };
    let fake = FakeCts::new();
    if let Some(targets) = arguments.targets {
        return everywhere(&fake, targets, &set, &options).await;
    }

    let (client, region) = connect(&fake).await?;
    // Not every cloud has both; less is validated then. The first call finds the project id if it is not set.
    let quotas = if_served(client.list_quotas().await)?.unwrap_or_default();
    let catalogue = if_served(client.list_operations(&ListOperations::new()).await)?.map(Catalogue::from);
    let project = client.project_id().unwrap_or("{project_id}").to_owned();
    let set = set.for_target(&region, &project);
    let plan = client.plan(&set, &options).await?;
    let mut context = PreflightContext::new().region(&region).project_id(&project).quotas(&quotas);
    if let Some(catalogue) = &catalogue {
        context = context.catalogue(catalogue);
    }
    let findings = plan.preflight(&context);
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let apply = arguments.apply && errors == 0 && !plan.is_up_to_date();
    let report = if apply { Some(client.apply(&plan).await) } else { None };

    if arguments.json {
        let all = json!({ "findings": findings, "plan": plan, "report": report });
        writeln!(out, "{all:#}")?;
    } else {
        for finding in &findings {
            writeln!(out, "{finding}")?;
        }
        writeln!(out, "{}{}", if findings.is_empty() { "" } else { "\n" }, painted(&plan))?;
        match &report {
            Some(report) => write!(out, "{report}")?,
            None if errors > 0 => writeln!(out, "Nothing changed: {errors} errors.")?,
            None if plan.is_up_to_date() => writeln!(out, "Everything is in the desired state.")?,
            None => writeln!(out, "Nothing changed. Apply the plan with --apply.")?,
        }
    }
    Ok(match report {
        Some(report) => u8::from(!report.is_complete()),
        None if errors > 0 => 1,
        None if plan.is_up_to_date() => 0,
        None if plan.count(Action::Conflict) > 0 => 1,
        None => 2,
    })
}

/// Prints a plan in colours, if standard output is a terminal and `NO_COLOR` is not set.
fn painted(plan: &Plan) -> String {
    let text = plan.to_string();
    if !io::stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return text;
    }
    let paint = |line: &str| match line.chars().next() {
        Some('+') => format!("\x1b[32m{line}\x1b[0m\n"),
        Some('~') => format!("\x1b[33m{line}\x1b[0m\n"),
        Some('-') => format!("\x1b[31m{line}\x1b[0m\n"),
        Some('=') => format!("\x1b[2m{line}\x1b[0m\n"),
        Some('!') => format!("\x1b[1;31m{line}\x1b[0m\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(paint).collect()
}

/// Reads the notifications of a file. An error names the file, the line and the field.
fn read(file: &PathBuf) -> Result<NotificationSet> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()).into())
}

/// Returns the response of a call, or `None` if the service does not have the call or does not permit it. The next call would
/// fail with any other error too, and repeated requests with a wrong secret lock the access key.
fn if_served<T>(result: std::result::Result<T, huaweicloud_cts::Error>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.status().map(|status| status.as_u16()), Some(403 | 404)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Returns a client and its region.
async fn connect(fake: &FakeCts) -> Result<(CtsClient, String)> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let region = variable("CTS_REGION");
    let client = match (variable("CTS_ENDPOINT"), &region) {
        (Some(_), None) => {
            return Err("set CTS_REGION in addition to CTS_ENDPOINT: the topics name the region".into());
        }
        (Some(endpoint), Some(_)) => ClientBuilder::from_env().endpoint(endpoint).build()?,
        (None, Some(region)) => ClientBuilder::from_env().region(region.as_str()).build()?,
        (None, None) => {
            let client = fake.client();
            furnish(&client).await?;
            eprintln!(
                "Using a fake CTS, because CTS_ENDPOINT and CTS_REGION are not set. It starts anew with each run"
            );
            eprintln!("(for one that lasts: cargo run --example fake_server)\n");
            return Ok((client, REGION_OF_THE_FAKE.to_owned()));
        }
    };
    Ok((client, region.unwrap_or_default()))
}

/// Creates what the fake has to begin with: a notification as in the file, one that differs, one that is not in the file any
/// more, and one of another team.
async fn furnish(client: &CtsClient) -> Result<()> {
    let topic = format!("urn:smn:{REGION_OF_THE_FAKE}:{}:audit", FakeCts::PROJECT_ID);
    let logins = [Operation::new("IAM", "user", ["login", "logout"])];
    let audit = [
        Operation::new("CTS", "notification", ["deleteNotification", "updateNotification"]),
        Operation::new("CTS", "tracker", ["deleteTracker", "updateTracker"]),
    ];
    for notification in [
        CreateNotification::customized("team_logins", logins).topic(&*topic).notify_users("admin", ["alice"]),
        CreateNotification::customized("team_audit_of_the_audit", audit).topic(&*topic),
        CreateNotification::complete("team_前年").topic(&*topic),
        CreateNotification::complete("of_another_team"),
    ] {
        client.create_notification(&notification).await?;
    }
    Ok(())
}

/// Rolls the notifications out to many projects of the fake, fifty at a time, with a progress bar.
async fn everywhere(fake: &FakeCts, count: usize, set: &NotificationSet, options: &PlanOptions) -> Result<u8> {
    // The fake is too quick for a progress bar, so it takes its time; and some projects fail.
    let slow = |i: usize| if i % 500 == 499 { Fault::DropBefore } else { Fault::Delay(Duration::from_millis(20)) };
    fake.inject((0..count.saturating_mul(6)).map(slow));
    let mut targets = Vec::new();
    for i in 0..count {
        let project = format!("project-{i:04}");
        let client = fake.client_builder().project_id(&project).build()?;
        targets.push(Target::new(&project, client).set(set.for_target(REGION_OF_THE_FAKE, &project)));
    }
    let mut out = io::stdout();
    let mut failed = roll_out(&targets, set, options).await?;
    if !failed.is_empty() {
        writeln!(out, "{} of {count} targets failed. Once more for these:", failed.len())?;
        failed = roll_out(&failed, set, options).await?;
    }
    writeln!(out, "{} of {count} targets are in the desired state", count - failed.len())?;
    Ok(u8::from(!failed.is_empty()))
}

/// Returns the targets that failed.
async fn roll_out(targets: &[Target], set: &NotificationSet, options: &PlanOptions) -> Result<Vec<Target>> {
    let bar = ProgressBar::new(u64::try_from(targets.len())?);
    bar.set_style(ProgressStyle::with_template("{bar:50.green} {pos}/{len} {eta} {wide_msg}")?);
    let reports = Rollout::new(targets.to_vec())
        .options(options.clone())
        .concurrency(50)
        .on_progress(|progress| {
            bar.inc(1);
            bar.set_message(progress.report.name.clone());
        })
        .run(set)
        .await;
    bar.finish_and_clear();
    let mut failed = Vec::new();
    for (target, report) in targets.iter().zip(reports) {
        if !report.is_complete() {
            writeln!(io::stdout(), "{report}")?;
            failed.push(target.clone());
        }
    }
    Ok(failed)
}

#[derive(Debug)]
struct Arguments {
    file: PathBuf,
    apply: bool,
    prune: Option<String>,
    json: bool,
    targets: Option<usize>,
    help: bool,
}

impl Arguments {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/provision.toml");
        let mut read =
            Self { file: shipped.into(), apply: false, prune: None, json: false, targets: None, help: false };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value\n{USAGE}"));
            match argument.as_str() {
                "--apply" => read.apply = true,
                "--json" => read.json = true,
                "--prune" => read.prune = Some(value()?),
                "--targets" => read.targets = Some(value()?.parse().map_err(|error| format!("--targets: {error}"))?),
                "--help" | "-h" => read.help = true,
                option if option.starts_with('-') => {
                    return Err(format!("unexpected argument {option}\n{USAGE}").into());
                }
                file => read.file = file.into(),
            }
        }
        if read.targets.is_some() && (!read.apply || read.json) {
            return Err("--targets needs --apply, and does not work with --json".into());
        }
        Ok(read)
    }
}
