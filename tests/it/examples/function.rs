//! The function of the examples, against a scripted runtime on a port.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::sync::oneshot;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::fixtures::fixture;

#[path = "../../../examples/function.rs"]
#[allow(dead_code, clippy::large_futures, reason = "its main is not for tests")]
mod program;

/// A runtime that hands out these events one after the other, and `nothing` when there are no more. The receiver gets
/// the path and the body of each response of the function.
async fn runtime(events: &[Value], nothing: ResponseTemplate) -> (MockServer, UnboundedReceiver<(String, Value)>) {
    let server = MockServer::start().await;
    for (index, event) in events.iter().enumerate() {
        let text = event.as_str().map_or_else(|| event.to_string(), str::to_owned);
        let response = ResponseTemplate::new(200)
            .insert_header("X-Cff-Request-Id", format!("id {index}").as_str())
            .insert_header("X-CFF-Secret-Key", "a secret that must not be logged")
            .set_body_string(text);
        let request = Mock::given(method("GET")).and(path("/v1/runtime/invocation/request"));
        request.respond_with(response).up_to_n_times(1).mount(&server).await;
    }
    Mock::given(method("GET")).respond_with(nothing).mount(&server).await;
    let (sender, responses) = mpsc::unbounded_channel();
    let accept = move |post: &wiremock::Request| {
        let kind = post.url.path().strip_prefix("/v1/runtime/invocation/").unwrap().to_owned();
        sender.send((kind, serde_json::from_slice(&post.body).unwrap())).unwrap();
        ResponseTemplate::new(200)
    };
    Mock::given(method("POST")).respond_with(accept).mount(&server).await;
    (server, responses)
}

/// Runs the function until it has responded to that many events, and stops it.
pub(crate) async fn run(events: &[Value], count: usize) -> Vec<(String, Value)> {
    let (server, mut received) = runtime(events, ResponseTemplate::new(404)).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let address = server.address().to_string();
    let mut responses = Vec::new();
    let collect = async {
        while responses.len() < count {
            responses.push(received.recv().await.unwrap());
        }
        stop.send(()).unwrap();
    };
    let (result, ()) = tokio::join!(program::serve(&address, async { drop(stopped.await) }), collect);
    result.unwrap();
    responses
}

#[tokio::test]
async fn the_function_responds_to_each_event_and_reports_errors() {
    let live = fixture("cts-event-otc-live-create-function");
    let events = [
        live.clone(),
        live,
        json!("<html>"),
        json!({"cts": 1}),
        fixture("timer"),
        fixture("cts-trace-smn-scalar-user"),
    ];
    let responses = run(&events, events.len()).await;
    let expected = json!({
        "who": "USERNAME", "what": "createFunction", "service": "FunctionGraph", "resource": "test4",
        "when": "2025-12-15T08:56:39.507Z", "from": "203.0.113.4", "code": 0, "rating": "normal", "duplicate": false,
    });
    assert_eq!(responses[0], ("response/id%200".to_owned(), expected));
    assert_eq!(responses[1].1["duplicate"], true);
    for (index, message) in [
        (2, "trigger event: it is not JSON: expected value, found '<' (line 1 column 1)"),
        (3, "CTS event: cts should be an object, but is a number (line 1 column 8)"),
        (4, "this function is for CTS triggers, but the event is from another"),
    ] {
        let expected = json!({"errorType": "HandlerError", "errorMessage": message});
        assert_eq!(responses[index], (format!("error/id%20{index}"), expected));
    }
    assert_eq!(responses[5].1["who"], "xxx");
}

/// One runtime keeps the request until there is an event, the other is not there yet.
#[tokio::test(start_paused = true)]
async fn the_function_stops_while_it_waits_for_an_event() {
    let (server, _responses) = runtime(&[], ResponseTemplate::new(200).set_delay(Duration::from_secs(600))).await;
    for address in [server.address().to_string(), "127.0.0.1:1".to_owned()] {
        let stop = tokio::time::sleep(Duration::from_millis(200));
        tokio::time::timeout(Duration::from_secs(5), program::serve(&address, stop)).await.unwrap().unwrap();
    }
    for wrong in ["", "no address", "http://127.0.0.1:3000"] {
        let error = program::serve(wrong, std::future::pending()).await.unwrap_err().to_string();
        assert_eq!(error, format!("RUNTIME_API_ADDR is {wrong:?}, but should be like 127.0.0.1:3000"));
    }
}
