//! Lists the operations that were recorded in the last 24 hours, as a stream.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use huaweicloud_cts::trace::TraceQuery;

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Lists the operations that were recorded in the last 24 hours.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let client = support::client(&["example_logins", "example_deletions"]).await?;

    let now = SystemTime::now();
    let day = now - Duration::from_secs(86_400)..=now;
    let mut traces = client.traces(&TraceQuery::system(), day);
    let mut count = 0;
    while let Some(trace) = traces.next().await.transpose()? {
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        let user = trace.user.name().unwrap_or("-");
        println!("{} {} by {user}", part(&trace.service_type), part(&trace.trace_name));
        count += 1;
    }
    println!("{count} in all");
    for gap in traces.gaps() {
        println!("{gap}");
    }
    Ok(())
}
