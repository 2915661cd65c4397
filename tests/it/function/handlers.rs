//! What handlers take and return, by `function::invoke`.

use bytes::Bytes;
use huaweicloud_cts::event::{CtsEvent, ObsEvent, TriggerEvent};
use huaweicloud_cts::function::{Config, Context, Diagnostic, Event, invoke};
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::echo;
use crate::support::fixtures::fixture_bytes;

fn context() -> Context {
    Context::new("1")
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    id: u32,
}

#[tokio::test]
async fn a_payload_is_read_as_what_the_handler_takes() {
    let live = fixture_bytes("cts-event-otc-live-create-function");
    let cts = async |event: Event<CtsEvent>| Ok::<_, String>(event.payload.cts.trace_name);
    assert_eq!(invoke(cts, live.clone(), context()).await.unwrap(), r#""createFunction""#);

    let any = async |event: Event<TriggerEvent>| {
        Ok::<_, String>(matches!(event.payload, TriggerEvent::Timer(_)))
    };
    assert_eq!(invoke(any, fixture_bytes("timer"), context()).await.unwrap(), "true");

    let own = async |event: Event<Order>| Ok::<_, String>(Order { id: event.payload.id + 1 });
    assert_eq!(invoke(own, r#"{"id": 1}"#, context()).await.unwrap(), r#"{"id":2}"#);

    let value = async |event: Event<Value>| Ok::<_, String>(event.payload["id"].clone());
    assert_eq!(invoke(value, r#"{"id": 1}"#, context()).await.unwrap(), "1");

    assert_eq!(invoke(echo, &b"\xff\x00"[..], context()).await.unwrap(), &b"\xff\x00"[..]);
    let nothing = async |_: Event<Bytes>| Ok::<_, String>(());
    assert_eq!(invoke(nothing, "", context()).await.unwrap(), "null");
}

/// What `CtsEvent::from_slice` reads, a handler gets.
#[tokio::test]
async fn a_payload_that_is_almost_json_reaches_the_handler() {
    let event = b"\xef\xbb\xbf{\"cts\": {\"trace_name\": \"a\nb\", \"number\": 1e999}}";
    let handler = async |event: Event<CtsEvent>| Ok::<_, String>(event.payload);
    let response = invoke(handler, &event[..], context()).await.unwrap();
    assert_eq!(CtsEvent::from_slice(&response).unwrap(), CtsEvent::from_slice(event).unwrap());
}

#[tokio::test]
async fn a_payload_of_another_kind_is_refused_without_a_call() {
    let mut calls = 0;
    let handler = async |_: Event<ObsEvent>| {
        calls += 1;
        Ok::<_, String>(())
    };
    let error = invoke(handler, r#"{"Records": 1}"#, context()).await.unwrap_err();
    let message = "OBS event: Records should be an array, but is a number (line 1 column 13)";
    assert_eq!(error, Diagnostic::new("InvalidEvent", message));
    assert_eq!(calls, 0);
}

#[tokio::test]
async fn an_error_becomes_a_diagnostic_with_its_type_and_sources() {
    #[derive(Debug, thiserror::Error)]
    #[error("can't store the order")]
    struct Failed(#[source] std::io::Error);

    let typed = async |_: Event<Bytes>| Err::<(), _>(Failed(std::io::Error::other("disk full")));
    let error = invoke(typed, "", context()).await.unwrap_err();
    assert_eq!(error, Diagnostic::new("Failed", "can't store the order: disk full"));

    let boxed = async |_: Event<Bytes>| -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err(Failed(std::io::Error::other("disk full")))?
    };
    let error = invoke(boxed, "", context()).await.unwrap_err();
    assert_eq!(error, Diagnostic::new("HandlerError", "can't store the order: disk full"));

    let own = async |_: Event<Bytes>| Err::<(), _>(Diagnostic::new("OutOfStock", "sold"));
    let error = invoke(own, "", context()).await.unwrap_err();
    assert_eq!(
        serde_json::to_value(&error).unwrap(),
        json!({"errorType": "OutOfStock", "errorMessage": "sold"})
    );
}

#[tokio::test]
async fn a_panic_in_a_call_and_in_a_later_poll_becomes_a_diagnostic() {
    #[allow(unreachable_code, reason = "it is a panic")]
    let at_once = |_: Event<Bytes>| {
        panic!("at once");
        std::future::ready(Ok::<(), String>(()))
    };
    let later = async |event: Event<Bytes>| {
        tokio::task::yield_now().await;
        assert!(event.payload.is_empty(), "later: {} bytes", event.payload.len());
        Ok::<(), String>(())
    };
    let odd = async |_: Event<Bytes>| -> Result<(), String> { std::panic::panic_any(7) };
    assert_eq!(
        invoke(at_once, "", context()).await.unwrap_err(),
        Diagnostic::new("Panic", "at once")
    );
    assert_eq!(
        invoke(later, "four", context()).await.unwrap_err(),
        Diagnostic::new("Panic", "later: 4 bytes")
    );
    assert_eq!(
        invoke(odd, "", context()).await.unwrap_err(),
        Diagnostic::new("Panic", "the handler panicked")
    );
}

#[tokio::test]
async fn a_response_beyond_the_limit_or_without_json_becomes_a_diagnostic() {
    struct Unwritable;

    impl Serialize for Unwritable {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(S::Error::custom("no JSON for this"))
        }
    }

    let mut config = Config::default();
    config.max_response = 10;
    let limited = || context().with_config(config.clone());
    assert_eq!(invoke(echo, vec![b'x'; 10], limited()).await.unwrap().len(), 10);
    let error = invoke(echo, vec![b'x'; 11], limited()).await.unwrap_err();
    assert_eq!(
        error,
        Diagnostic::new(
            "FunctionResponseTooLarge",
            "the response has 11 bytes, but the limit is 10"
        )
    );
    let unwritable = async |_: Event<Bytes>| Ok::<_, String>(Unwritable);
    let error = invoke(unwritable, "", context()).await.unwrap_err();
    assert_eq!(error, Diagnostic::new("InvalidResponse", "no JSON for this"));
}
