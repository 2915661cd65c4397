//! Validating rules files, without a service.

use clap::Args;
use huaweicloud_cts::provision::{Finding, PreflightContext, Severity};

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::files::{Placed, RulesFiles};
use crate::layout::hanging;
use crate::screen::{self, DIMMED, ERROR, WARNING};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts validate rules.toml
  cts validate rules/ --region eu-de
  cts export | cts validate -")]
pub(crate) struct Validate {
    #[command(flatten)]
    files: RulesFiles,
    /// Warnings count as errors.
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(context: &Context, arguments: &Validate) -> Result<Exit, Failure> {
    let rules = arguments.files.read()?;
    let mut preflight = PreflightContext::new();
    if let [region] = context.global.region.as_slice() {
        preflight = preflight.region(region);
    }
    // A file with placeholders is good for any project: anything will do.
    let region = context.global.region.first().map_or("region", String::as_str);
    let set = rules.set.for_target(
        region,
        context.global.project_id.as_deref().unwrap_or("00000000000000000000000000000000"),
    );
    let findings = set.preflight(&preflight);
    let placed: Vec<Placed<'_>> = findings.iter().map(|finding| rules.placed(finding)).collect();
    if context.global.output.is_for_programs() {
        screen::values(context.global.output, &placed)?;
    } else {
        for placed in &placed {
            screen::out(hanging(&painted_at(placed), 2))?;
        }
        context.remark(match findings.len() {
            0 => format!(
                "{}, nothing to remark.",
                screen::counted(set.specs().len(), "notification")
            ),
            count => format!("{}.", screen::counted(count, "finding")),
        });
    }
    let worst = if arguments.strict { Severity::Warning } else { Severity::Error };
    let fails = findings.iter().any(|finding| finding.severity >= worst);
    Ok(if fails { Exit::Failed } else { Exit::Done })
}

/// Returns a finding in colours, with its place after the severity.
fn painted_at(placed: &Placed<'_>) -> String {
    let text = painted(placed.finding);
    let place = match (placed.file, placed.line, placed.column) {
        (Some(file), Some(line), Some(column)) => {
            format!("{}:{line}:{column}: ", screen::clean(file))
        }
        (Some(file), ..) => format!("{}: ", screen::clean(file)),
        (None, ..) => String::new(),
    };
    match text.split_once(' ') {
        Some((severity, rest)) => format!("{severity} {place}{rest}"),
        None => text,
    }
}

/// Returns a finding in colours. It is clean: see [`Finding`].
pub(crate) fn painted(finding: &Finding) -> String {
    let style = match finding.severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
        _ => DIMMED,
    };
    let text = finding.to_string();
    match text.split_once(':') {
        Some((severity, rest)) => format!("{style}{severity}:{style:#}{rest}"),
        None => text,
    }
}
