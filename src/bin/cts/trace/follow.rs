//! Traces as they come.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use clap::Args;
use futures_util::Stream as _;
use huaweicloud_cts::trace::{FollowTraces, Trace};

use super::{Conditions, cells, columns, time, warn_of};
use crate::args::Output;
use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen::{self, WARNING, clean};
use crate::table::Growing;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts trace follow
  cts trace follow --since 1h --service IAM --rating warning
  cts trace follow -o json | jq -c .user

Each trace is printed once, on a line of its own. One that becomes visible after later ones is marked as late.
Ends with 130 by Ctrl-C, and with 0 if its reader does.")]
pub(crate) struct Follow {
    #[command(flatten)]
    conditions: Conditions,
    /// Since when: 30m, 2h, 7d, or 2026-01-02T03:04:05Z. From now on unless given.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<SystemTime>,
    /// How often the service is asked, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    interval: u32,
}

pub(super) async fn run(context: &Context, arguments: &Follow) -> Result<Exit, Failure> {
    let output = context.global.output;
    if matches!(output, Output::Yaml | Output::Toml) {
        return Err(Failure::usage(
            "traces that are followed are lines: give -o json, jsonl, table, wide or name",
        ));
    }
    let mut request = FollowTraces::new(arguments.conditions.query());
    request = request.interval(Duration::from_secs(arguments.interval.into()));
    if let Some(since) = arguments.since {
        request = request.since(since);
    }
    let mut followed = context.client()?.follow_traces(request);
    let (columns, widths) = columns(output == Output::Wide);
    let mut lines = Lines { output, table: Growing::new(columns, widths), latest: None };
    let mut gaps = 0;
    loop {
        // A gap is known before the next trace, which may be long in coming.
        let next = poll_fn(|cx| {
            let next = Pin::new(&mut followed).poll_next(cx);
            followed.gaps().iter().skip(gaps).for_each(warn_of);
            gaps = followed.gaps().len();
            next
        });
        let next = tokio::select! {
            next = next => next,
            () = screen::reader_is_gone() => return Ok(Exit::Done),
        };
        match next {
            Some(Ok(trace)) => lines.print(&trace)?,
            Some(Err(error)) if error.is_retryable() => {
                screen::note(format_args!(
                    "{WARNING}warning:{WARNING:#} {error}; asking again later"
                ));
            }
            Some(Err(error)) => return Err(error.into()),
            None => return Ok(Exit::Done),
        }
    }
}

struct Lines {
    output: Output,
    table: Growing,
    /// When the latest trace so far was recorded.
    latest: Option<SystemTime>,
}

impl Lines {
    fn print(&mut self, trace: &Trace) -> Result<(), Failure> {
        let recorded = trace.record_time().or_else(|| trace.time());
        let is_late = recorded.is_some() && recorded < self.latest;
        self.latest = self.latest.max(recorded);
        match self.output {
            Output::Name => {
                trace.trace_id.as_ref().map_or(Ok(()), |id| screen::out(clean(id.as_str())))
            }
            Output::Table | Output::Wide => {
                let is_wide = self.output == Output::Wide;
                let mut cells = cells(trace, is_wide);
                if is_late {
                    cells.push("late".to_owned());
                }
                self.table.print(cells, is_wide)
            }
            _ => screen::value(Output::Jsonl, trace),
        }
    }
}
