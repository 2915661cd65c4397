//! Spans and events of invocations.

use std::time::Duration;

use huaweicloud_cts::event::CtsEvent;
use huaweicloud_cts::function::Event;
use huaweicloud_cts::testing::{FakeInvocation, FakeRuntime, Fault};
use tracing::instrument::WithSubscriber;

use crate::support::everything::Everything;

#[tokio::test(start_paused = true)]
async fn each_invocation_has_a_span_and_trouble_is_told_now_and_then() {
    let fake = FakeRuntime::new();
    // 21 seconds of failures.
    fake.inject_on_request(vec![Fault::status(500, "not ready"); 24]);
    fake.inject_on_response([Fault::status(400, "no")]);
    fake.push(
        FakeInvocation::new(r#"{"cts": {"trace_id": "t1", "trace_name": "a"}}"#).request_id("1"),
    );
    fake.push(FakeInvocation::new(r#"{"cts": {"trace_id": "t2"}}"#).request_id("2"));
    let handler = async |event: Event<CtsEvent>| {
        tokio::time::sleep(Duration::from_millis(7)).await;
        event.payload.cts.trace_name.ok_or("no name")
    };
    let everything = Everything::default();
    // With a single subscriber, tracing asks the thread that meets a callsite first: another
    // test's, which has none.
    let _second = tracing::Dispatch::new(Everything::default());
    let running = fake.runtime().run_until(handler, fake.until_responses(1));
    running.with_subscriber(everything.clone()).await.unwrap();

    let unasked = "event WARN message=the runtime API can't be asked for an event error=\"status 500: not ready\"";
    let expected = [
        unasked,
        unasked,
        unasked,
        "span function.invoke faas.invocation_id=1 invoke_type=async",
        "record cts.trace_id=t1",
        "event INFO message=the function responded elapsed_ms=7 bytes=3",
        "event ERROR message=the response did not reach the runtime API faas.invocation_id=1 error=\"status 400: no\"",
        "span function.invoke faas.invocation_id=2 invoke_type=async",
        "record cts.trace_id=t2",
        "record error.type=\"HandlerError\"",
        "event ERROR message=the function failed elapsed_ms=7 error=HandlerError: no name",
    ];
    assert_eq!(everything.told().lines().collect::<Vec<_>>(), expected);
}
