//! Traces of some time, latest first.

use std::time::SystemTime;

use clap::Args;

use super::{Conditions, cells, columns, time, warn_of};
use crate::args::Output;
use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen::{self, clean};
use crate::table::Table;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts trace list --since 2h --user alice
  cts trace list --since 7d --service ECS --name deleteServer --all -o jsonl > traces.jsonl
  cts trace list --since 2026-01-02T03:00:00Z --until 2026-01-02T04:00:00Z --rating warning")]
pub(crate) struct List {
    #[command(flatten)]
    conditions: Conditions,
    /// Since when: 30m, 2h, 7d, or 2026-01-02T03:04:05Z. Traces are kept for seven days.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = time)]
    since: SystemTime,
    /// Until when: now unless given.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<SystemTime>,
    /// The number of traces.
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// All traces.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

pub(super) async fn run(context: &Context, arguments: &List) -> Result<Exit, Failure> {
    let client = context.client()?;
    let until = arguments.until.unwrap_or_else(SystemTime::now);
    let limit = if arguments.all { usize::MAX } else { arguments.limit };
    let output = context.global.output;
    let is_wide = output == Output::Wide;
    let mut traces = client.traces(&arguments.conditions.query(), arguments.since..=until);
    let (mut all, mut count) = (Vec::new(), 0);
    while count < limit
        && let Some(trace) = traces.next().await.transpose()?
    {
        count += 1;
        match output {
            // A line for each trace is printed as soon as it is there.
            Output::Jsonl => screen::value(output, &trace)?,
            _ => all.push(trace),
        }
    }
    traces.gaps().iter().for_each(warn_of);
    match output {
        Output::Jsonl => {}
        Output::Table | Output::Wide if all.is_empty() => context.remark("There are no traces."),
        Output::Table | Output::Wide => {
            let mut table = Table::of(columns(is_wide).0);
            for trace in &all {
                table.row(cells(trace, is_wide));
            }
            table.print(is_wide)?;
        }
        Output::Name => {
            let ids = all.iter().filter_map(|trace| trace.trace_id.as_ref());
            ids.into_iter().try_for_each(|id| screen::out(clean(id.as_str())))?;
        }
        output => screen::values(output, &all)?,
    }
    Ok(Exit::Done)
}
