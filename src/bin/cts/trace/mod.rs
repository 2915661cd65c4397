//! Traces: what was done in the project, and by whom.

mod follow;
mod list;

use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand, ValueEnum};
use huaweicloud_cts::trace::{
    ListTraces, Trace, TraceGap, TraceGapReason, TraceQuery, TraceRating,
};

use crate::args::Output;
use crate::connect::Context;
use crate::event;
use crate::exit::{Exit, Failure};
use crate::screen::{self, DIMMED, WARNING, clean};
use crate::table::Columns;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List traces, latest first.
    List(list::List),
    /// Print traces as they come, until Ctrl-C.
    Follow(follow::Follow),
    /// Show a trace.
    #[command(
        after_help = "Example:\n  cts trace get f828ab77-d993-11f0-b09f-35adcfa25f3b -o json"
    )]
    Get {
        /// The id.
        id: String,
    },
}

/// Which traces are meant. Values are compared exactly, with regard to case.
#[derive(Debug, Args)]
pub(crate) struct Conditions {
    /// The service, such as ECS.
    #[arg(long)]
    service: Option<String>,
    /// The kind of resource, such as ecs.
    #[arg(long)]
    resource_type: Option<String>,
    /// The name of the resource.
    #[arg(long, value_name = "NAME")]
    resource: Option<String>,
    /// The operation, such as deleteServer.
    #[arg(long, value_name = "OPERATION")]
    name: Option<String>,
    /// The user, by name.
    #[arg(long)]
    user: Option<String>,
    /// How the operation went.
    #[arg(long)]
    rating: Option<Rating>,
    /// The data tracker that recorded the traces, in place of the system tracker.
    #[arg(long)]
    tracker: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Rating {
    Normal,
    Warning,
    Incident,
}

impl Conditions {
    fn query(&self) -> TraceQuery {
        let mut query = match &self.tracker {
            Some(tracker) => TraceQuery::data().tracker_name(tracker),
            None => TraceQuery::system(),
        };
        if let Some(service) = &self.service {
            query = query.service_type(service);
        }
        if let Some(kind) = &self.resource_type {
            query = query.resource_type(kind);
        }
        if let Some(name) = &self.resource {
            query = query.resource_name(name);
        }
        if let Some(name) = &self.name {
            query = query.trace_name(name);
        }
        if let Some(user) = &self.user {
            query = query.user(user);
        }
        match self.rating {
            Some(Rating::Normal) => query.trace_rating(TraceRating::Normal),
            Some(Rating::Warning) => query.trace_rating(TraceRating::Warning),
            Some(Rating::Incident) => query.trace_rating(TraceRating::Incident),
            None => query,
        }
    }
}

/// Reads a point in time, or how long ago it was.
pub(crate) fn time(text: &str) -> Result<SystemTime, String> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(time.into());
    }
    let ago = || {
        let unit = text.chars().next_back()?;
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        SystemTime::now().checked_sub(Duration::from_secs(number.checked_mul(seconds)?))
    };
    ago().ok_or_else(|| "write 30m, 2h, 7d, or 2026-01-02T03:04:05Z".to_owned())
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(list) => list::run(context, &list).await,
        Command::Follow(follow) => follow::run(context, &follow).await,
        Command::Get { id } => get(context, &id).await,
    }
}

/// The headings of a table of traces, with the width that a column has at least if its cells are
/// not known yet.
const HEADINGS: [(&str, usize); 7] = [
    ("TIME", 20),
    ("OPERATION", 36),
    ("RESULT", 12),
    ("USER", 12),
    ("RESOURCE", 12),
    ("FROM", 15),
    ("ID", 36),
];

/// Returns the columns of a table of traces, and the width of each. The id is for wide ones; the
/// last column has no heading, and is for remarks.
fn columns(wide: bool) -> (Columns, Vec<usize>) {
    let headings =
        HEADINGS.into_iter().take(if wide { HEADINGS.len() } else { HEADINGS.len() - 1 });
    let (headings, widths): (Vec<_>, Vec<_>) = headings.chain([("", 0)]).unzip();
    (Columns::new(headings).whole(["TIME", "RESULT", ""]).optional(["FROM"]), widths)
}

/// Returns the cells of a trace, as [`HEADINGS`] names them.
fn cells(trace: &Trace, wide: bool) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let rating = trace.rating().map_or("", |rating| rating.as_str());
    let mut cells = vec![
        trace.time().map(screen::time).unwrap_or_default(),
        event::operation(trace),
        trace.code().map_or_else(|| rating.to_owned(), |code| format!("{rating} {code}")),
        trace.user.name().unwrap_or_default().to_owned(),
        text(&trace.resource_name),
        text(&trace.source_ip),
    ];
    if wide {
        cells.push(trace.trace_id.as_ref().map(ToString::to_string).unwrap_or_default());
    }
    cells
}

/// Says on stderr which traces can't be listed.
pub(crate) fn warn_of(gap: &TraceGap) {
    let (from, to) = (screen::time(gap.from), screen::time(gap.to));
    let text = match gap.reason {
        TraceGapReason::Expired => {
            format!(
                "the traces from {from} to {to} are gone: the service keeps them for seven days"
            )
        }
        TraceGapReason::Crowded => {
            format!("there may be more traces of {from} than the service lists")
        }
        _ => format!("the traces from {from} to {to} can't be listed"),
    };
    screen::note(format_args!("{WARNING}warning:{WARNING:#} {text}"));
}

async fn get(context: &Context, id: &str) -> Result<Exit, Failure> {
    let client = context.client()?;
    let page = client.list_traces(&ListTraces::new(TraceQuery::system().trace_id(id))).await?;
    let found = page.traces.into_iter().next();
    let trace =
        found.ok_or_else(|| Failure::not_found(format!("there is no trace with the id {id:?}")))?;
    match context.global.output {
        Output::Name => screen::out(clean(id))?,
        Output::Table | Output::Wide => {
            event::traced("a trace of CTS", &trace)?;
            for (name, payload) in [
                ("request", &trace.request),
                ("response", &trace.response),
                ("message", &trace.message),
            ] {
                let value = serde_json::to_value(payload)
                    .map_err(|error| Failure::failed(error.to_string()))?;
                if !value.is_null() {
                    screen::out(format_args!(
                        "\n{DIMMED}{name}{DIMMED:#}\n{}",
                        screen::clean_lines(&format!("{value:#}"))
                    ))?;
                }
            }
        }
        output => screen::value(output, &trace)?,
    }
    Ok(Exit::Done)
}
