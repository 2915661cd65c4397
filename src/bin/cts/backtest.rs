//! What notifications would have sent.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use huaweicloud_cts::backtest::Backtest;
use huaweicloud_cts::trace::{TraceFile, TraceQuery};

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::files::{self, RulesFiles};
use crate::layout::hanging;
use crate::screen::{self, BOLD, DIMMED, GOOD, WARNING};
use crate::{notification, trace};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts backtest rules.toml --since 7d
  cts backtest --notification team_logins --since 1d
  cts backtest rules.toml --traces 2026-01-02.json.gz --traces 2026-01-03.json.gz")]
pub(crate) struct BacktestArgs {
    #[command(flatten)]
    rules: OptionalRules,
    /// A notification of the project, by its name or id. May be given several times.
    #[arg(long, value_name = "NAME", conflicts_with = "files")]
    notification: Vec<String>,
    /// A file of traces, as a tracker writes it, in place of those of the service. May be given
    /// several times.
    #[arg(long, value_name = "FILE")]
    traces: Vec<PathBuf>,
    /// Since when: 30m, 2h, 7d, or 2026-01-02T03:04:05Z. Traces are kept for seven days.
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = trace::time, conflicts_with = "traces")]
    since: SystemTime,
}

/// Rules files, which may be left out.
#[derive(Debug, Args)]
struct OptionalRules {
    /// Rules files in TOML, YAML or JSON, or directories of them; `-` is the standard input. All
    /// notifications of the project unless given.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The format, for `-` and for names that do not tell it; TOML unless given.
    #[arg(long, requires = "files")]
    format: Option<files::Format>,
}

pub(crate) async fn run(context: &Context, arguments: &BacktestArgs) -> Result<Exit, Failure> {
    let OptionalRules { files, format } = &arguments.rules;
    let mut backtest = if !files.is_empty() {
        let files = RulesFiles { files: files.clone(), format: *format, expand: false };
        Backtest::from(&files.read()?.set)
    } else if !arguments.notification.is_empty() {
        let found = notification::find(&context.client()?, &arguments.notification).await?;
        Backtest::from(found.as_slice())
    } else {
        Backtest::from(context.client()?.list_all_notifications().await?.as_slice())
    };
    for path in &arguments.traces {
        let (name, bytes) = files::read_bytes(path)?;
        let file = TraceFile::from_slice(&bytes).map_err(|error| Failure::at(&name, error))?;
        if file.unread > 0 {
            context.remark(format_args!(
                "{}: {} traces can't be read.",
                screen::clean(&name),
                file.unread
            ));
        }
        backtest.extend(&file.traces);
    }
    if arguments.traces.is_empty() {
        let client = context.client()?;
        let mut traces = client.traces(&TraceQuery::system(), arguments.since..=SystemTime::now());
        while let Some(trace) = traces.next().await.transpose()? {
            backtest.extend([&trace]);
        }
        traces.gaps().iter().for_each(trace::warn_of);
    }
    let report = backtest.report();
    if context.global.output.is_for_programs() {
        screen::value(context.global.output, &report)?;
    } else {
        screen::out(painted(&report.to_string()))?;
    }
    Ok(Exit::Done)
}

/// Returns a report in colours, with what it says about all notifications at its end. The text of
/// the library is clean.
fn painted(report: &str) -> String {
    let (all, each) = report.split_once("\n\n").unwrap_or((report, ""));
    let mut painted = String::new();
    for line in each.lines() {
        painted.push_str(&self::line(line));
        painted.push('\n');
    }
    let gap = if painted.is_empty() { "" } else { "\n" };
    painted.push_str(&format!("{gap}{BOLD}{}{BOLD:#}\n", hanging(all, 2)));
    painted
}

fn line(line: &str) -> String {
    let text = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    let text = if text.starts_with("  ") { text } else { line }.trim_start();
    let start = line.len() - text.len();
    if !line.starts_with(' ') {
        let Some((name, counts)) = line.rsplit_once(": ") else { return line.to_owned() };
        return hanging(&format!("{BOLD}{name}{BOLD:#}  {counts}"), 4);
    }
    let count = line.get(..start).unwrap_or_default();
    let is_example = count.trim().is_empty();
    let is_none = text.starts_with("no: ") || count.trim() == "0";
    let line = match text.strip_prefix("unknown: ") {
        Some(fact) => format!("{count}{WARNING}unknown:{WARNING:#} {fact}"),
        None if is_example || is_none => format!("{DIMMED}{line}{DIMMED:#}"),
        None => format!("{GOOD}{count}{GOOD:#}{text}"),
    };
    hanging(&line, start)
}
