//! Counts what the notifications of a set would have sent in the last hour, before they are
//! created.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use huaweicloud_cts::backtest::Backtest;
use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterField, FilterRule, Operation,
};
use huaweicloud_cts::provision::NotificationSet;
use huaweicloud_cts::trace::TraceQuery;

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments(
        "Counts what notifications would have sent in the last hour. Changes nothing.",
    );
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    // The fake records these two creates.
    let client = support::client(&["audit", "alarms"]).await?;
    let changes = Operation::new(
        "CTS",
        "notification",
        ["createNotification", "updateNotification", "deleteNotification"],
    );
    let failed = Filter::all([FilterRule::not_equals(FilterField::TraceRating, "normal")]);
    let set = NotificationSet::new([
        CreateNotification::customized("changes_of_notifications", [changes]),
        CreateNotification::complete("failures").filter(failed),
    ])?;

    let now = SystemTime::now();
    let mut traces = client.traces(&TraceQuery::system(), now - Duration::from_secs(3_600)..=now);
    let mut backtest = Backtest::from(&set);
    backtest.add_stream(&mut traces).await?;
    println!("{}", backtest.report());
    for gap in traces.gaps() {
        println!("not listed: {:?} to {:?}", gap.from, gap.to);
    }
    Ok(())
}
