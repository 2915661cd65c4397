//! Whether everything is set up: a line for each check, with what to do.

use std::collections::BTreeSet;
use std::time::SystemTime;

use clap::Args;
use http::{Method, header};
use huaweicloud_cts::catalogue::ListOperations;
use huaweicloud_cts::credentials::SourceOutcome;
use huaweicloud_cts::notification::{Notification, NotificationType, TopicUrn};
use huaweicloud_cts::tracker::{ListTrackers, SYSTEM_TRACKER};
use huaweicloud_cts::{CtsClient, Error};
use serde::Serialize;

use crate::connect::Context;
use crate::exit::{self, Exit, Failure};
use crate::layout::hanging;
use crate::screen::{self, BOLD, ERROR, GOOD, HINT, WARNING, clean};

/// The number of topics that are asked for.
const TOPICS: usize = 20;

/// A clock that is off by more than this is worth a warning. Requests are refused from 15 minutes
/// on.
const CLOCK: u64 = 60;

/// The column where messages start.
const MESSAGES: usize = 23;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts --region eu-de doctor
  cts --region eu-de doctor -o json

Nothing is changed, so permissions to write can't be tested.")]
pub(crate) struct Doctor {
    /// Warnings count as failures.
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    Ok,
    Warning,
    Failure,
}

#[derive(Debug, Serialize)]
struct Check {
    #[serde(rename = "check")]
    what: &'static str,
    health: Health,
    message: String,
    remedy: Option<String>,
}

/// The checks so far.
#[derive(Default)]
struct Checks {
    all: Vec<Check>,
    silent: bool,
}

impl Checks {
    fn add(
        &mut self,
        check: &'static str,
        health: Health,
        message: impl Into<String>,
    ) -> Result<(), Failure> {
        self.push(Check { what: check, health, message: message.into(), remedy: None })
    }

    fn with_remedy(
        &mut self,
        check: &'static str,
        health: Health,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Result<(), Failure> {
        self.push(Check {
            what: check,
            health,
            message: message.into(),
            remedy: Some(remedy.into()),
        })
    }

    fn push(&mut self, check: Check) -> Result<(), Failure> {
        if !self.silent {
            let (style, word) = match check.health {
                Health::Ok => (GOOD, "ok"),
                Health::Warning => (WARNING, "warning"),
                Health::Failure => (ERROR, "failure"),
            };
            let message =
                format!("{style}{word:<8}{style:#} {:<13} {}", check.what, clean(&check.message));
            screen::out(hanging(&message, MESSAGES))?;
            if let Some(remedy) = &check.remedy {
                let remedy = format!("{:MESSAGES$}{HINT}hint:{HINT:#} {}", "", clean(remedy));
                screen::out(hanging(&remedy, MESSAGES))?;
            }
        }
        self.all.push(check);
        Ok(())
    }
}

pub(crate) async fn run(context: &Context, arguments: &Doctor) -> Result<Exit, Failure> {
    let mut checks =
        Checks { silent: context.global.output.is_for_programs(), ..Checks::default() };
    let client = context.client()?;
    check(&client, &mut checks).await?;
    if checks.silent {
        screen::values(context.global.output, &checks.all)?;
    }
    let count = |health| checks.all.iter().filter(|check| check.health == health).count();
    let (failures, warnings) = (count(Health::Failure), count(Health::Warning));
    context.remark(format_args!(
        "\n{BOLD}Failures: {failures}, warnings: {warnings}.{BOLD:#} Permissions to write can't be tested without writing."
    ));
    Ok(if failures > 0 || (arguments.strict && warnings > 0) { Exit::Failed } else { Exit::Done })
}

async fn check(client: &CtsClient, checks: &mut Checks) -> Result<(), Failure> {
    let description = client.describe_credentials().await;
    if !description.provides() {
        let sources: Vec<_> = description.sources.iter().map(ToString::to_string).collect();
        return checks.with_remedy(
            "credentials",
            Health::Failure,
            sources.join("; "),
            "set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or choose another source with --credentials",
        );
    }
    let mut provided = description
        .sources
        .iter()
        .filter(|source| matches!(source.outcome, SourceOutcome::Provided { .. }));
    // Where an agency is assumed, its own source comes before it.
    if let Some(source) = provided.next_back() {
        checks.add("credentials", Health::Ok, source.to_string())?;
    }

    let endpoint = client.endpoint();
    match client.region() {
        Some(region) => checks.add("region", Health::Ok, format!("{}, {endpoint}", region.id()))?,
        None => checks.with_remedy(
            "region",
            Health::Warning,
            format!("not known; {endpoint}"),
            "give --region, so that the project and topics can be checked",
        )?,
    }
    proxy(checks)?;
    dns(client, checks).await?;

    // One request finds out about the network, TLS, the signature and the project. After a failure
    // the others would fail as well, and repeated requests with a wrong secret lock the access key.
    let quotas = client.request(Method::GET, "/v3/{project_id}/quotas").send().await;
    match &quotas {
        Ok(response) => {
            checks.add("service", Health::Ok, "reached, and it accepts the signature")?;
            checks.add("project", Health::Ok, client.project_id().unwrap_or("unknown"))?;
            clock(response.headers().get(header::DATE), checks)?;
        }
        Err(error) => {
            return checks.with_remedy(
                "service",
                Health::Failure,
                error.to_string(),
                remedy(error),
            );
        }
    }
    permissions(client, checks).await
}

fn proxy(checks: &mut Checks) -> Result<(), Failure> {
    let set: Vec<&str> = [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
    ]
    .into_iter()
    .filter(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    .collect();
    // A proxy's address may have a password.
    checks.add(
        "proxy",
        Health::Ok,
        if set.is_empty() { "none in the environment".to_owned() } else { set.join(", ") },
    )
}

async fn dns(client: &CtsClient, checks: &mut Checks) -> Result<(), Failure> {
    let endpoint = client.endpoint();
    let (Some(host), Some(port)) = (endpoint.host_str(), endpoint.port_or_known_default()) else {
        return Ok(());
    };
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let addresses = tokio::net::lookup_host((host.clone(), port)).await.map(Iterator::count);
    match addresses {
        Ok(count) if count > 0 => {
            checks.add("dns", Health::Ok, format!("{host} is known; addresses: {count}"))
        }
        result => {
            let reason =
                result.err().map_or_else(|| "no address".to_owned(), |error| error.to_string());
            let remedy = "check the region and the endpoint; behind a proxy, this is no problem";
            checks.with_remedy("dns", Health::Warning, format!("{host}: {reason}"), remedy)
        }
    }
}

fn clock(date: Option<&http::HeaderValue>, checks: &mut Checks) -> Result<(), Failure> {
    let date = date.and_then(|date| date.to_str().ok());
    let date = date
        .and_then(|date| jiff::fmt::rfc2822::parse(date).ok())
        .map(|date| SystemTime::from(date.timestamp()));
    let Some(date) = date else {
        return checks.add("clock", Health::Ok, "not told by the service");
    };
    let now = SystemTime::now();
    let off = now
        .duration_since(date)
        .or_else(|_| date.duration_since(now))
        .unwrap_or_default()
        .as_secs();
    if off <= CLOCK {
        return checks.add(
            "clock",
            Health::Ok,
            format!("within {} s of the service's", off.max(1)),
        );
    }
    let side = if now > date { "ahead of" } else { "behind" };
    let message = format!("{off} s {side} the service's");
    checks.with_remedy(
        "clock",
        Health::Warning,
        message,
        "set the clock by NTP: signatures are valid for 15 minutes",
    )
}

/// Makes the calls that read.
async fn permissions(client: &CtsClient, checks: &mut Checks) -> Result<(), Failure> {
    let notifications = client.list_all_notifications().await;
    let trackers = client.list_trackers(&ListTrackers::new()).await;
    let operations = client.list_operations(&ListOperations::new()).await;
    permission("notifications", notifications.as_ref().map(Vec::len), checks)?;
    permission("operations", operations.as_ref().map(Vec::len), checks)?;
    permission("trackers", trackers.as_ref().map(Vec::len), checks)?;
    if let Ok(trackers) = &trackers {
        match trackers.iter().find(|tracker| tracker.is_system()) {
            Some(tracker) if tracker.is_enabled() => {
                checks.add("tracker", Health::Ok, "the system tracker is enabled")?;
            }
            Some(tracker) => {
                let status = tracker.status.as_ref().map_or("unknown", |status| status.as_str());
                let message = format!(
                    "the system tracker is not enabled: its status is {status}, so no notification is sent"
                );
                checks.with_remedy(
                    "tracker",
                    Health::Failure,
                    message,
                    format!("cts tracker enable {SYSTEM_TRACKER}"),
                )?;
            }
            None => checks.with_remedy(
                "tracker",
                Health::Failure,
                "there is no system tracker, so nothing is recorded and no notification is sent",
                format!("cts tracker create {SYSTEM_TRACKER}"),
            )?,
        }
    }
    match notifications {
        Ok(notifications) => topics(client, &notifications, checks).await,
        Err(_) => Ok(()),
    }
}

fn permission(
    check: &'static str,
    result: Result<usize, &Error>,
    checks: &mut Checks,
) -> Result<(), Failure> {
    match result {
        Ok(count) => checks.add(check, Health::Ok, format!("can be read: {count}")),
        Err(error) if error.status().is_some_and(|status| status == 404) => {
            checks.add(check, Health::Ok, "not offered by this cloud")
        }
        Err(error) => checks.with_remedy(check, Health::Failure, error.to_string(), remedy(error)),
    }
}

/// Asks SMN about the topics of the notifications that are enabled.
async fn topics(
    client: &CtsClient,
    notifications: &[Notification],
    checks: &mut Checks,
) -> Result<(), Failure> {
    let enabled = notifications.iter().filter(|notification| notification.is_enabled());
    let topics: BTreeSet<&str> = enabled
        .filter_map(Notification::topic)
        .filter(|topic| topic.notification_type() == Some(NotificationType::Smn))
        .map(TopicUrn::as_str)
        .collect();
    for urn in topics.iter().take(TOPICS) {
        match client.check_topic(&TopicUrn::from(*urn)).await {
            Ok(state) => {
                let health =
                    if state.delivers() == Some(true) { Health::Ok } else { Health::Warning };
                checks.add("topic", health, state.to_string())?;
            }
            Err(error) => {
                checks.with_remedy("topic", Health::Warning, error.to_string(), remedy(&error))?;
            }
        }
    }
    if topics.len() > TOPICS {
        checks.add(
            "topic",
            Health::Ok,
            format!("{} more were not checked", topics.len() - TOPICS),
        )?;
    }
    Ok(())
}

/// Returns what to do about an error.
fn remedy(error: &Error) -> String {
    exit::hint(error).unwrap_or("see the message").to_owned()
}
