//! The function of the examples.

use huaweicloud_cts::testing::{FakeInvocation, FakeRuntime};
use serde_json::{Value, json};

use crate::support::fixtures::fixture_bytes;

#[path = "../../../examples/function.rs"]
#[allow(dead_code, clippy::large_futures, reason = "its main is not for tests")]
mod program;

/// Runs the function over a socket until it has responded to these events, and returns its
/// responses as JSON.
pub(crate) async fn run(events: impl IntoIterator<Item = FakeInvocation>) -> Vec<Value> {
    let fake = FakeRuntime::new();
    let ids: Vec<_> = events.into_iter().map(|event| fake.push(event)).collect();
    let server = fake.serve().await.unwrap();
    let runtime = huaweicloud_cts::function::Runtime::new(server.address()).unwrap();
    runtime.run_until(program::handler, fake.until_responses(ids.len())).await.unwrap();
    let json = |outcome: Result<bytes::Bytes, _>| match outcome {
        Ok(body) => serde_json::from_slice(&body).unwrap(),
        Err(diagnostic) => serde_json::to_value(diagnostic).unwrap(),
    };
    fake.responses().into_iter().map(|response| json(response.outcome)).collect()
}

#[tokio::test]
async fn the_function_says_who_did_what_and_reports_errors() {
    let events = ["cts-event-otc-live-create-function", "cts-trace-smn-scalar-user", "timer"]
        .map(fixture_bytes);
    let responses = run(events.map(FakeInvocation::from)).await;
    let expected = json!({"who": "USERNAME", "what": "createFunction", "which": "test4", "from": "203.0.113.4"});
    assert_eq!(responses[0], expected);
    assert_eq!(responses[1]["who"], "xxx");
    assert_eq!(responses[2]["errorType"], "InvalidEvent");
}
