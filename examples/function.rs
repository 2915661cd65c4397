//! A function in Rust for a CTS trigger of FunctionGraph: says who did what.
//!
//! FunctionGraph runs it as a custom runtime: an event function, uploaded as a ZIP with an
//! executable named `bootstrap`. Build it without shared libraries, so that it runs whatever the
//! platform's Linux has:
//!
//! ```text
//! RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --example function \
//!     --no-default-features --features function --target x86_64-unknown-linux-gnu
//! cp target/x86_64-unknown-linux-gnu/release/examples/function bootstrap && zip function.zip bootstrap
//! ```
//!
//! The guide on functions says how to deploy it, and what to do about events that come twice.

#![allow(clippy::print_stdout, reason = "what a function prints is its log")]

mod support;

use huaweicloud_cts::event::CtsEvent;
use huaweicloud_cts::function::{self, Event};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), function::Error> {
    support::no_arguments("Runs a function for a CTS trigger, within FunctionGraph.");
    function::run(handler).await
}

pub(crate) async fn handler(event: Event<CtsEvent>) -> Result<Value, &'static str> {
    let (CtsEvent { cts, .. }, context) = event.into_parts();
    let what = cts.trace_name.as_deref().ok_or("a trace without a name")?;
    let summary = json!({"who": cts.user.name(), "what": what, "which": cts.resource_name, "from": cts.source_ip()});
    println!("{} {summary}", context.request_id());
    Ok(summary)
}
