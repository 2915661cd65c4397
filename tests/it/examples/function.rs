//! The function of the examples, against a scripted runtime on a port.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::fixtures::fixture;

#[path = "../../../examples/function.rs"]
#[allow(dead_code, clippy::large_futures, reason = "its main is not for tests")]
mod program;

/// A runtime that has these events to hand out, one after the other, and `nothing` when there are no more.
async fn runtime(events: &[Value], nothing: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    for (index, event) in events.iter().enumerate() {
        let text = event.as_str().map_or_else(|| event.to_string(), str::to_owned);
        let answer = ResponseTemplate::new(200)
            .insert_header("X-Cff-Request-Id", format!("id {index}").as_str())
            .insert_header("X-CFF-Secret-Key", "a secret that must not be logged")
            .set_body_string(text);
        let request = Mock::given(method("GET")).and(path("/v1/runtime/invocation/request"));
        request.respond_with(answer).up_to_n_times(1).mount(&server).await;
    }
    Mock::given(method("GET")).respond_with(nothing).mount(&server).await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    server
}

/// The paths and bodies of the answers, once there are as many.
async fn answers(server: &MockServer, count: usize) -> Vec<(String, Value)> {
    let look = async {
        loop {
            let requests = server.received_requests().await.unwrap();
            let posts = requests.iter().filter(|request| request.method == "POST");
            let posts: Vec<_> = posts
                .map(|post| {
                    let kind = post.url.path().strip_prefix("/v1/runtime/invocation/").unwrap().to_owned();
                    (kind, serde_json::from_slice(&post.body).unwrap())
                })
                .collect();
            if posts.len() >= count {
                return posts;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), look).await.unwrap()
}

/// Runs the function until it has answered so many events, and stops it.
pub(crate) async fn run(events: &[Value], count: usize) -> Vec<(String, Value)> {
    let server = runtime(events, ResponseTemplate::new(404)).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let address = server.address().to_string();
    let running = tokio::spawn(async move { program::serve(&address, async { drop(stopped.await) }).await });
    let answers = answers(&server, count).await;
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), running).await.unwrap().unwrap().unwrap();
    answers
}

#[tokio::test]
async fn events_are_answered_and_errors_reported() {
    let live = fixture("cts-event-otc-live-create-function");
    let events = [
        live.clone(),
        live,
        json!("<html>"),
        json!({"cts": 1}),
        fixture("timer"),
        fixture("cts-trace-smn-scalar-user"),
    ];
    let answers = run(&events, events.len()).await;
    let expected = json!({
        "who": "USERNAME", "what": "createFunction", "service": "FunctionGraph", "resource": "test4",
        "when": "2025-12-15T08:56:39.507Z", "from": "203.0.113.4", "code": 0, "rating": "normal", "duplicate": false,
    });
    assert_eq!(answers[0], ("response/id%200".to_owned(), expected));
    assert_eq!(answers[1].1["duplicate"], true);
    for (index, message) in [
        (2, "trigger event: it is not JSON: expected value, found '<' (line 1 column 1)"),
        (3, "CTS event: cts should be an object, but is a number (line 1 column 8)"),
        (4, "this function is for CTS triggers, but the event is from another"),
    ] {
        let expected = json!({"errorType": "HandlerError", "errorMessage": message});
        assert_eq!(answers[index], (format!("error/id%20{index}"), expected));
    }
    assert_eq!(answers[5].1["who"], "xxx");
}

/// A runtime that keeps the question until there is an event, and one that is not there yet.
#[tokio::test]
async fn it_stops_while_it_waits() {
    let server = runtime(&[], ResponseTemplate::new(200).set_delay(Duration::from_secs(600))).await;
    for address in [server.address().to_string(), "127.0.0.1:1".to_owned()] {
        let stop = tokio::time::sleep(Duration::from_millis(200));
        tokio::time::timeout(Duration::from_secs(5), program::serve(&address, stop)).await.unwrap().unwrap();
    }
    for wrong in ["", "no address", "http://127.0.0.1:3000"] {
        let error = program::serve(wrong, std::future::pending()).await.unwrap_err().to_string();
        assert_eq!(error, format!("RUNTIME_API_ADDR is {wrong:?}, but should be like 127.0.0.1:3000"));
    }
}
