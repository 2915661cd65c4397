//! The loop, against a runtime API with faults.

use std::time::Duration;

use bytes::Bytes;
use huaweicloud_cts::function::{Error, Event, Runtime};
use huaweicloud_cts::testing::{FakeInvocation, FakeRuntime, Fault, FunctionResponse};
use huaweicloud_cts::transport::TransportErrorKind;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::echo;

/// Runs `echo` until the fake has this many responses, and returns how long that took and the
/// responses.
async fn echoed(fake: &FakeRuntime, count: usize) -> (Duration, Vec<FunctionResponse>) {
    let started = Instant::now();
    fake.runtime().run_until(echo, fake.until_responses(count)).await.unwrap();
    assert_eq!(fake.faults_left(), 0);
    (started.elapsed(), fake.responses())
}

fn bodies(responses: &[FunctionResponse]) -> Vec<&Bytes> {
    responses.iter().map(|response| response.outcome.as_ref().unwrap()).collect()
}

#[tokio::test]
async fn events_are_handled_one_after_the_other_and_a_failure_is_not_the_end() {
    let fake = FakeRuntime::new();
    let ids = ["one", "panic", "error", "four"].map(|event| fake.push(event));
    let handler = async |event: Event<Bytes>| match &*event.payload {
        b"panic" => panic!("as asked"),
        b"error" => Err("as asked"),
        _ => Ok(event.payload),
    };
    fake.runtime().run_until(handler, fake.until_responses(4)).await.unwrap();
    let responses = fake.responses();
    assert_eq!(
        responses.iter().map(|response| response.request_id.clone()).collect::<Vec<_>>(),
        ids
    );
    let told: Vec<String> = responses
        .into_iter()
        .map(|response| match response.outcome {
            Ok(body) => String::from_utf8(body.into()).unwrap(),
            Err(diagnostic) => diagnostic.to_string(),
        })
        .collect();
    assert_eq!(told, ["one", "Panic: as asked", "HandlerError: as asked", "four"]);
}

/// Over a socket, where the id is part of a URL.
#[tokio::test]
async fn a_response_names_an_id_with_any_characters() {
    let fake = FakeRuntime::new();
    let server = fake.serve().await.unwrap();
    let ids = ["a/b", "100%", "%2F", "?x#y", "a b", "00000000-0000-4000-8000-000000000001"];
    for id in ids {
        fake.push(FakeInvocation::new(id).request_id(id));
    }
    let runtime = Runtime::new(server.address()).unwrap();
    runtime.run_until(echo, fake.until_responses(ids.len())).await.unwrap();
    for (response, id) in fake.responses().iter().zip(ids) {
        assert_eq!(
            (response.request_id.as_str(), response.outcome.as_ref().unwrap()),
            (id, &Bytes::from(id))
        );
    }
    server.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn the_api_is_asked_again_with_growing_pauses_while_it_fails() {
    let fake = FakeRuntime::new();
    fake.inject_on_request([
        Fault::status(500, "not ready"),
        Fault::status(404, ""),
        Fault::Unreachable(TransportErrorKind::Connect),
        Fault::DropBefore,
        Fault::status(503, ""),
        Fault::status(503, ""),
    ]);
    fake.push("hello");
    let (took, responses) = echoed(&fake, 1).await;
    assert_eq!(bodies(&responses), ["hello"]);
    assert_eq!(took, Duration::from_millis(100 + 200 + 400 + 800 + 1000 + 1000));
}

#[tokio::test(start_paused = true)]
async fn no_event_yet_is_no_failure() {
    let fake = FakeRuntime::new();
    let without_id = || Fault::status(200, "{}");
    fake.inject_on_request([
        without_id(),
        Fault::status(204, ""),
        Fault::Unreachable(TransportErrorKind::Timeout),
        without_id(),
    ]);
    fake.push("hello");
    let (took, _) = echoed(&fake, 1).await;
    assert_eq!(took, Duration::from_millis(4 * 50));
}

#[tokio::test(start_paused = true)]
async fn an_event_may_come_after_any_time() {
    let fake = FakeRuntime::new();
    fake.inject_on_request([Fault::Delay(Duration::from_secs(24 * 3600))]);
    fake.push("hello");
    let (took, _) = echoed(&fake, 1).await;
    assert_eq!(took, Duration::from_secs(24 * 3600));
}

#[tokio::test(start_paused = true)]
async fn a_response_that_does_not_arrive_is_sent_again_without_another_call() {
    let fake = FakeRuntime::new();
    fake.inject_on_response([Fault::status(503, ""), Fault::status(429, ""), Fault::DropBefore]);
    fake.push("hello");
    let mut calls = 0;
    let handler = async |event: Event<Bytes>| {
        calls += 1;
        Ok::<_, String>(event.payload)
    };
    let started = Instant::now();
    fake.runtime().run_until(handler, fake.until_responses(1)).await.unwrap();
    assert_eq!(started.elapsed(), Duration::from_millis(50 + 200 + 1000));
    assert_eq!((calls, bodies(&fake.responses())), (1, vec![&Bytes::from("hello")]));
}

/// After that, the event is the platform's: it will call it a time-out.
#[tokio::test(start_paused = true)]
async fn a_response_that_is_refused_or_can_not_be_sent_in_time_is_given_up() {
    for (faults, expected) in [
        (vec![Fault::status(400, "no such id")], 0),
        (vec![Fault::status(503, ""); 4], 50 + 200 + 1000),
        // The time limit is 3 seconds, but a first attempt has 5 in any case.
        (vec![Fault::StallAfter], 5000),
        (vec![Fault::DropBefore, Fault::Delay(Duration::from_secs(60))], 5050),
    ] {
        let fake = FakeRuntime::new();
        let what = format!("{faults:?}");
        let stalled = matches!(faults[0], Fault::StallAfter);
        fake.inject_on_response(faults);
        fake.push("lost");
        fake.push("next");
        let (took, responses) = echoed(&fake, if stalled { 2 } else { 1 }).await;
        assert_eq!(*bodies(&responses).last().unwrap(), "next", "{what}");
        assert_eq!(took, Duration::from_millis(expected), "{what}");
    }
}

/// The platform may repeat an invocation with the same id.
#[tokio::test]
async fn an_id_that_comes_again_is_handled_again() {
    let fake = FakeRuntime::new();
    for event in ["first", "second"] {
        fake.push(FakeInvocation::new(event).request_id("1"));
    }
    let (_, responses) = echoed(&fake, 2).await;
    assert_eq!(bodies(&responses), ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn the_loop_stops_while_it_waits() {
    for faults in [vec![], vec![Fault::status(500, ""); 100]] {
        let fake = FakeRuntime::new();
        fake.inject_on_request(faults);
        let started = Instant::now();
        let stop = tokio::time::sleep(Duration::from_secs(10));
        fake.runtime().run_until(echo, stop).await.unwrap();
        assert_eq!(started.elapsed(), Duration::from_secs(10));
        // What comes afterwards is left for others.
        fake.push("later");
        fake.runtime().run_until(echo, fake.until_responses(1)).await.unwrap();
        assert_eq!(bodies(&fake.responses()), ["later"]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_loop_finishes_the_event_in_hand_before_it_stops() {
    let fake = FakeRuntime::new();
    fake.push("in hand");
    fake.push("too late");
    fake.inject_on_response([Fault::status(503, "")]);
    let (called, stop) = oneshot::channel();
    let mut called = Some(called);
    let handler = async |event: Event<Bytes>| {
        called.take().unwrap().send(()).unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok::<_, String>(event.payload)
    };
    fake.runtime().run_until(handler, async { stop.await.unwrap() }).await.unwrap();
    assert_eq!(bodies(&fake.responses()), ["in hand"]);
}

#[tokio::test]
async fn an_http_client_that_can_not_be_set_up_ends_the_loop() {
    let fake = FakeRuntime::new();
    fake.inject_on_request([Fault::Unreachable(TransportErrorKind::Setup)]);
    let error = fake.runtime().run_until(echo, std::future::pending()).await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)));
    assert_eq!(
        error.to_string(),
        "the runtime API can't be asked: the HTTP client can't be set up"
    );
}

/// It can be spawned, if the handler can.
#[tokio::test]
async fn the_loop_can_run_on_any_thread() {
    let fake = FakeRuntime::new();
    fake.push("hello");
    let all = fake.clone();
    tokio::spawn(async move { all.runtime().run_until(echo, all.until_responses(1)).await })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(bodies(&fake.responses()), ["hello"]);
}
