//! Changes how often a call is repeated and how long it may take: for a client, and for single
//! calls.
//!
//! A fake CTS in this process fails on demand.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::num::NonZeroU32;
use std::process::ExitCode;
use std::time::Duration;

use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::{CallOptions, RetryPolicy};

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Shows retry policies and time limits.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let fake = FakeCts::new();
    let six = NonZeroU32::new(6).ok_or("zero attempts")?;
    let client = fake
        .client_builder()
        .attempt_timeout(Duration::from_millis(200))
        .retry(RetryPolicy::standard().max_attempts(six).base_delay(Duration::from_millis(20)))
        .build()?;

    // One lost connection, one response that comes too late: the third attempt succeeds.
    fake.inject([Fault::DropBefore, Fault::Delay(Duration::from_secs(1))]);
    client.list_quotas().await?;
    println!("succeeded after two failures");

    // For a single call: no retries.
    let once = client.with_options(CallOptions::new().retry(RetryPolicy::never()));
    fake.inject([Fault::DropBefore]);
    if let Err(error) = once.list_quotas().await {
        println!("without retries: {error}");
    }

    // For a single call: half a second in all.
    let hasty = client.with_options(CallOptions::new().total_timeout(Duration::from_millis(500)));
    fake.inject(vec![Fault::StallAfter; 6]);
    if let Err(error) = hasty.list_quotas().await {
        println!("with a time limit: {error}");
    }
    Ok(())
}
