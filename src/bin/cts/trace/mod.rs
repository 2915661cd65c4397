//! Traces: what was done in the project, and by whom.

use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand, ValueEnum};
use huaweicloud_cts::CtsClient;
use huaweicloud_cts::trace::{ListTraces, Trace, TraceQuery, TraceRating};

use crate::args::Output;
use crate::connect::Context;
use crate::event;
use crate::exit::{Exit, Failure};
use crate::screen::{self, clean};
use crate::table::Table;

/// The number of traces that a page has at most.
const PAGE: u32 = 200;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List traces, latest first.
    List(List),
    /// Show a trace.
    #[command(after_help = "Example:\n  cts trace get f828ab77-d993-11f0-b09f-35adcfa25f3b -o json")]
    Get {
        /// The id.
        id: String,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts trace list --since 2h --user alice
  cts trace list --since 7d --service ECS --name deleteServer --all -o jsonl > traces.jsonl
  cts trace list --since 2026-01-02T03:00:00Z --until 2026-01-02T04:00:00Z --rating warning")]
pub(crate) struct List {
    #[command(flatten)]
    conditions: Conditions,
    /// The time after which the traces are: 30m, 2h, 7d, or 2026-01-02T03:04:05Z. They are kept for seven days.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = time)]
    since: SystemTime,
    /// The time before which the traces are: now unless given.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<SystemTime>,
    /// The number of traces.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// All traces.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
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
        Command::List(list) => self::list(context, &list).await,
        Command::Get { id } => get(context, &id).await,
    }
}

async fn list(context: &Context, arguments: &List) -> Result<Exit, Failure> {
    let client = context.client()?;
    let until = arguments.until.unwrap_or_else(SystemTime::now);
    let limit = if arguments.all { usize::MAX } else { arguments.limit };
    let request = ListTraces::new(arguments.conditions.query()).from(arguments.since).to(until);
    let output = context.global.output;
    // A line for each trace is printed as soon as it is there.
    let streams = output == Output::Jsonl;
    let (mut all, mut count) = (Vec::new(), 0);
    let mut next = None;
    while count < limit {
        let (traces, marker) = page(&client, &request, limit.saturating_sub(count), next.as_deref()).await?;
        let is_last = traces.is_empty() || marker.is_none() || marker == next;
        count += traces.len();
        if streams {
            screen::values(output, &traces)?;
        } else {
            all.extend(traces);
        }
        next = marker;
        if is_last {
            break;
        }
    }
    match output {
        Output::Jsonl => {}
        Output::Table | Output::Wide if all.is_empty() => context.remark("There are no traces."),
        Output::Table | Output::Wide => print(&all, output == Output::Wide)?,
        Output::Name => {
            all.iter()
                .filter_map(|trace| trace.trace_id.as_ref())
                .try_for_each(|id| screen::out(clean(id.as_str())))?;
        }
        output => screen::values(output, &all)?,
    }
    Ok(Exit::Done)
}

/// Returns the traces of a page, and where the next one begins.
pub(crate) async fn page(
    client: &CtsClient,
    request: &ListTraces,
    limit: usize,
    next: Option<&str>,
) -> Result<(Vec<Trace>, Option<String>), Failure> {
    let limit = u32::try_from(limit).unwrap_or(PAGE).min(PAGE);
    let mut request = request.clone().limit(limit);
    if let Some(next) = next {
        request = request.next(next);
    }
    let page = client.list_traces(&request).await?;
    let marker = page.next();
    Ok((page.traces.to_vec(), marker))
}

fn print(traces: &[Trace], wide: bool) -> Result<(), Failure> {
    let mut table = Table::new(["TIME", "OPERATION", "RESULT", "USER", "RESOURCE", "FROM"]);
    if wide {
        table = Table::new(["TIME", "OPERATION", "RESULT", "USER", "RESOURCE", "FROM", "ID"]);
    }
    for trace in traces {
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
        table.row(cells);
    }
    table.print(wide)
}

async fn get(context: &Context, id: &str) -> Result<Exit, Failure> {
    let client = context.client()?;
    let request = ListTraces::new(TraceQuery::system().trace_id(id));
    let (traces, _) = page(&client, &request, 1, None).await?;
    let trace =
        traces.into_iter().next().ok_or_else(|| Failure::not_found(format!("there is no trace with the id {id:?}")))?;
    match context.global.output {
        Output::Name => screen::out(clean(id))?,
        Output::Table | Output::Wide => {
            event::traced("a trace of CTS", &trace)?;
            for (name, payload) in
                [("request", &trace.request), ("response", &trace.response), ("message", &trace.message)]
            {
                let value = serde_json::to_value(payload).map_err(|error| Failure::failed(error.to_string()))?;
                if !value.is_null() {
                    screen::out(format_args!("{name}:\n{}", screen::clean_lines(&format!("{value:#}"))))?;
                }
            }
        }
        output => screen::value(output, &trace)?,
    }
    Ok(Exit::Done)
}
