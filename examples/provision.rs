//! Makes a project's rules as a file says: shows what it would do, and does it when told.
//!
//! ```text
//! cargo run --example provision                       # what would be done
//! cargo run --example provision -- --apply            # do it
//! cargo run --example provision -- --prune team_      # delete the team's other rules too
//! cargo run --example provision -- rules.toml --json  # another file; for machines
//! cargo run --example provision -- --apply --places 1000
//! ```
//!
//! Without a file it takes `examples/provision.toml`. It ends with 0 if all is as the file says, with 2 if there is
//! something to do, and with 1 on errors.
//!
//! It talks to a fake CTS in this process, which has some rules to begin with and forgets them at the end, and needs no
//! account; `--places` is for the fake only. These variables point it elsewhere:
//!
//! - `CTS_REGION`, such as `cn-north-4`, or `CTS_ENDPOINT`, a URL, or both: the region is needed for topics too.
//! - `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` and `HUAWEICLOUD_SDK_PROJECT_ID`: then needed.
//!
//! `NO_COLOR` turns the colours off.

#![allow(clippy::print_stderr, reason = "an example talks to its user")]

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use huaweicloud_cts::catalogue::{Catalogue, ListOperations};
use huaweicloud_cts::notification::{CreateNotification, Operation};
use huaweicloud_cts::provision::{
    Action, Finding, NotificationSet, Place, PlanOptions, Preflight, Severity, colour_wanted, ensure_everywhere,
    preflight,
};
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::{ClientBuilder, CtsClient};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "usage: provision [FILE] [--apply] [--prune PREFIX] [--json] [--places N]";
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
    if let Some(places) = arguments.places {
        return everywhere(&fake, places, &set, &options).await;
    }

    let (client, region) = connect(&fake).await?;
    // Not every cloud has both; then less is found beforehand. The first call tells the project's id if none was given.
    let quotas = if_served(client.list_quotas().await)?.unwrap_or_default();
    let catalogue = if_served(client.list_operations(&ListOperations::all()).await)?.map(Catalogue::from);
    let project = client.project_id().unwrap_or("{project_id}").to_owned();
    let set = set.for_place(&region, &project);
    let plan = client.plan(&set, &options).await?;
    let mut place = Preflight::new().region(&region).project_id(&project);
    if let Some(catalogue) = &catalogue {
        place = place.catalogue(catalogue);
    }
    let mut findings = findings(&set, &place);
    findings.extend(plan.check_quotas(&quotas).into_iter().map(|finding| ("the plan".to_owned(), finding)));
    let errors = findings.iter().filter(|(_, finding)| finding.severity == Severity::Error).count();
    let apply = arguments.apply && errors == 0 && !plan.is_in_sync();
    let report = if apply { Some(client.apply(&plan).await) } else { None };

    if arguments.json {
        let found: Vec<_> =
            findings.iter().map(|(name, of)| json!({ "notification_name": name, "finding": of })).collect();
        let all = json!({ "findings": found, "plan": plan, "report": report });
        writeln!(out, "{all:#}")?;
    } else {
        for (name, finding) in &findings {
            writeln!(out, "{name}: {finding}")?;
        }
        writeln!(out, "{}{}", if findings.is_empty() { "" } else { "\n" }, plan.display().coloured(colour_wanted()))?;
        match &report {
            Some(report) => write!(out, "{report}")?,
            None if errors > 0 => writeln!(out, "Nothing was changed, for there are errors: {errors}.")?,
            None if plan.is_in_sync() => writeln!(out, "All is as it is to be.")?,
            None => writeln!(out, "Nothing was changed. Do it with --apply.")?,
        }
    }
    Ok(match report {
        Some(report) => u8::from(!report.is_complete()),
        None if errors > 0 => 1,
        None if plan.is_in_sync() => 0,
        None if plan.count(Action::Conflict) > 0 => 1,
        None => 2,
    })
}

/// The rules of a file. An error names the file, the line and the member.
fn read(file: &PathBuf) -> Result<NotificationSet> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()).into())
}

/// What a call returned; `None` if the service does not have it or does not permit it. Anything else would happen to the
/// next call too, and each request with a wrong secret brings the key nearer to being locked.
fn if_served<T>(result: std::result::Result<T, huaweicloud_cts::Error>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.status().map(|status| status.as_u16()), Some(403 | 404)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What speaks against the rules, by their names.
fn findings(set: &NotificationSet, place: &Preflight<'_>) -> Vec<(String, Finding)> {
    let mut all = Vec::new();
    for spec in set.specs() {
        let mut place = place.clone();
        if let Some(status) = spec.stated_status() {
            place = place.status(status.clone());
        }
        all.extend(preflight(spec.request(), &place).into_iter().map(|finding| (spec.name().to_owned(), finding)));
    }
    all
}

/// A client, and its region.
async fn connect(fake: &FakeCts) -> Result<(CtsClient, String)> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let region = variable("CTS_REGION");
    let client = match (variable("CTS_ENDPOINT"), &region) {
        (Some(_), None) => {
            return Err("set CTS_REGION in addition to CTS_ENDPOINT: the topics of the rules name the region".into());
        }
        (Some(endpoint), Some(_)) => ClientBuilder::from_env().endpoint(endpoint).build()?,
        (None, Some(region)) => ClientBuilder::from_env().region(region.as_str()).build()?,
        (None, None) => {
            let client = fake.client();
            furnish(&client).await?;
            eprintln!("Using a fake CTS, for CTS_ENDPOINT and CTS_REGION are not set; it starts anew with each run");
            eprintln!("(for one that lasts: cargo run --example fake_server)\n");
            return Ok((client, REGION_OF_THE_FAKE.to_owned()));
        }
    };
    Ok((client, region.unwrap_or_default()))
}

/// What the fake has to begin with: a rule as in the file, one that differs, one that is in the file no more, and one of
/// somebody else.
async fn furnish(client: &CtsClient) -> Result<()> {
    let topic = format!("urn:smn:{REGION_OF_THE_FAKE}:{}:audit", FakeCts::PROJECT_ID);
    let logins = [Operation::new("IAM", "user", ["login", "logout"])];
    let audit = [
        Operation::new("CTS", "notification", ["deleteNotification", "updateNotification"]),
        Operation::new("CTS", "tracker", ["deleteTracker", "updateTracker"]),
    ];
    for rule in [
        CreateNotification::customized("team_logins", logins).topic(&*topic).notify_users("admin", ["alice"]),
        CreateNotification::customized("team_audit_of_the_audit", audit).topic(&*topic),
        CreateNotification::complete("team_前年").topic(&*topic),
        CreateNotification::complete("of_another_team"),
    ] {
        client.create_notification(&rule).await?;
    }
    Ok(())
}

/// The same rules in many projects of the fake, fifty at a time, with a progress bar.
async fn everywhere(fake: &FakeCts, places: usize, set: &NotificationSet, options: &PlanOptions) -> Result<u8> {
    // The fake is too quick for a bar, so it takes its time; and some projects are in trouble.
    let slow = |i: usize| if i % 500 == 499 { Fault::DropBefore } else { Fault::Delay(Duration::from_millis(20)) };
    fake.inject((0..places.saturating_mul(6)).map(slow));
    let mut all = Vec::new();
    for i in 0..places {
        let project = format!("project-{i:04}");
        let client = fake.client_builder().project_id(&project).build()?;
        all.push(Place::new(&project, client).set(set.for_place(REGION_OF_THE_FAKE, &project)));
    }
    let mut out = io::stdout();
    let mut failed = ensure_with_bar(&all, set, options).await?;
    if !failed.is_empty() {
        writeln!(out, "{} of {places} places failed. Once more for these:", failed.len())?;
        failed = ensure_with_bar(&failed, set, options).await?;
    }
    writeln!(out, "{} of {places} places are as they are to be", places - failed.len())?;
    Ok(u8::from(!failed.is_empty()))
}

/// Gives the places that failed.
async fn ensure_with_bar(places: &[Place], set: &NotificationSet, options: &PlanOptions) -> Result<Vec<Place>> {
    let bar = ProgressBar::new(u64::try_from(places.len())?);
    bar.set_style(ProgressStyle::with_template("{bar:50.green} {pos}/{len} {eta} {wide_msg}")?);
    let reports = ensure_everywhere(places.to_vec(), set, options, 50, |at| {
        bar.inc(1);
        bar.set_message(at.report.name.clone());
    })
    .await;
    bar.finish_and_clear();
    let mut failed = Vec::new();
    for (place, report) in places.iter().zip(reports) {
        if !report.is_complete() {
            writeln!(io::stdout(), "{report}")?;
            failed.push(place.clone());
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
    places: Option<usize>,
    help: bool,
}

impl Arguments {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/provision.toml");
        let mut read = Self { file: shipped.into(), apply: false, prune: None, json: false, places: None, help: false };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value\n{USAGE}"));
            match argument.as_str() {
                "--apply" => read.apply = true,
                "--json" => read.json = true,
                "--prune" => read.prune = Some(value()?),
                "--places" => read.places = Some(value()?.parse().map_err(|error| format!("--places: {error}"))?),
                "--help" | "-h" => read.help = true,
                option if option.starts_with('-') => return Err(format!("there is no {option}\n{USAGE}").into()),
                file => read.file = file.into(),
            }
        }
        if read.places.is_some() && (!read.apply || read.json) {
            return Err("--places goes with --apply, and not with --json".into());
        }
        Ok(read)
    }
}
