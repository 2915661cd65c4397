//! Positions that are saved: what they show, and which are taken back.

use std::time::{Duration, SystemTime};

use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::trace::{FollowPosition, FollowTraces, TracePosition, TraceQuery};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{at, recorded};

const PROJECT: &str = FakeCts::PROJECT_ID;

fn fake() -> FakeCts {
    let fake = FakeCts::new();
    fake.add_traces(PROJECT, (0..5).map(|i| recorded(&format!("t{i}"), at(60_000 + i))));
    fake
}

/// The position of a stream within a page.
async fn of_stream() -> Value {
    let mut traces =
        fake().client().traces(&TraceQuery::system(), at(3_600_000)..=SystemTime::now());
    traces.next().await.unwrap().unwrap();
    serde_json::to_value(traces.position()).unwrap()
}

async fn of_follower() -> Value {
    let request = FollowTraces::new(TraceQuery::system()).since(at(3_600_000));
    let mut followed = fake().client().follow_traces(request);
    followed.next().await.unwrap();
    serde_json::to_value(followed.position()).unwrap()
}

#[tokio::test]
async fn a_position_is_written_as_it_was_read() {
    let (stream, follower) = (of_stream().await, of_follower().await);
    let read: TracePosition = serde_json::from_value(stream.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), stream);
    let read: FollowPosition = serde_json::from_value(follower.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), follower);
}

#[tokio::test]
async fn a_position_that_is_none_is_refused() {
    let (stream, follower) = (of_stream().await, of_follower().await);
    for text in ["", "null", "[]", "{}", "\"next\"", "{\"query\": {\"trace_type\": \"system\"}}"] {
        assert!(serde_json::from_str::<TracePosition>(text).is_err(), "{text}");
        assert!(serde_json::from_str::<FollowPosition>(text).is_err(), "{text}");
    }
    assert!(
        serde_json::from_value::<TracePosition>(follower.clone()).is_err(),
        "of the other kind"
    );
    assert!(serde_json::from_value::<FollowPosition>(stream.clone()).is_err(), "of the other kind");
    // Each field is necessary and has its type, and there are no others.
    for position in [&stream, &follower] {
        let is_read = |position: &Value| {
            serde_json::from_value::<TracePosition>(position.clone()).is_ok()
                || serde_json::from_value::<FollowPosition>(position.clone()).is_ok()
        };
        assert!(is_read(position));
        for name in position.as_object().unwrap().keys() {
            let mut other = position.clone();
            other[name] = json!({"x": "not of this type"});
            assert!(!is_read(&other), "{name}");
        }
        let mut other = position.clone();
        other["client"] = json!("http://example.com");
        assert!(!is_read(&other), "an unknown field");
        let mut other = position.clone();
        other["query"]["endpoint"] = json!("http://example.com");
        assert!(!is_read(&other), "an unknown condition");
    }
}

/// A stream's numbers are tried where its pages are odd.
#[tokio::test(start_paused = true)]
async fn a_position_of_a_follower_with_hostile_values_is_no_danger() {
    let (client, saved) = (fake().client(), of_follower().await);
    let (mut taken, values) =
        (0, [json!(i64::MIN), json!(i64::MAX), json!(u64::MAX), json!(null), json!("\n&next=x")]);
    for at in pointers(&saved, "") {
        for value in &values {
            let mut hostile = saved.clone();
            *hostile.pointer_mut(&at).unwrap() = value.clone();
            let Ok(read) = serde_json::from_value::<FollowPosition>(hostile) else { continue };
            let mut followed = client.follow_traces(FollowTraces::resume(read));
            let _any = timeout(Duration::from_secs(600), followed.next()).await;
            taken += 1;
        }
    }
    assert!(taken > 8, "{taken}");
}

/// Where the values of a document are that have no others in them.
fn pointers(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| pointers(value, &format!("{at}/{name}")))
            .collect(),
        _ => vec![at.to_owned()],
    }
}
