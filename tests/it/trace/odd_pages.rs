//! Services that list traces in ways that no document rules out.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use huaweicloud_cts::credentials::{
    Credentials, CredentialsContext, CredentialsError, ProvideCredentials,
};
use huaweicloud_cts::testing::{FakeCts, Fault, TracePaging, TraceTies};
use huaweicloud_cts::trace::{TraceGapReason, TracePosition, TraceQuery, Traces};
use huaweicloud_cts::transport::{Transport, TransportError};
use huaweicloud_cts::{BoxFuture, CtsClient};
use serde_json::{Value, json};

use super::{at, recorded};
use crate::support::answers::Answers;

const PROJECT: &str = FakeCts::PROJECT_ID;

/// A service whose page follows from the bounds and the marker of the request.
struct Service<F>(Arc<Mutex<F>>);

/// What a request asks for: after `from`, before `to`, and from a marker on.
struct Asked {
    from: i64,
    to: i64,
    next: Option<String>,
}

/// Its traces by id and time, and its marker.
type Page = (Vec<(String, i64)>, Option<String>);

impl<F> std::fmt::Debug for Service<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}

impl<F: FnMut(Asked) -> Page + Send> Transport for Service<F> {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(request.uri().query().unwrap().as_bytes())
                .into_owned()
                .collect();
        let value = |name: &str| {
            query.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        let number = |name: &str| value(name).unwrap().parse().unwrap();
        let asked = Asked { from: number("from"), to: number("to"), next: value("next") };
        let (traces, marker) = (self.0.lock().unwrap())(asked);
        let traces: Vec<Value> = traces
            .into_iter()
            .map(|(id, at)| json!({"trace_id": id, "time": at, "record_time": at}))
            .collect();
        let body =
            json!({"traces": traces, "meta_data": {"count": traces.len(), "marker": marker}})
                .to_string();
        Box::pin(async move { Ok(Response::new(Bytes::from(body))) })
    }
}

fn client(page: impl FnMut(Asked) -> Page + Send + 'static) -> CtsClient {
    CtsClient::builder()
        .endpoint("https://cts.eu-de.otc.t-systems.com")
        .project_id("24edf66e79d04187acb99a463e610764")
        .credentials(Credentials::new("TESTACCESSKEY0000001", "secret"))
        .transport(Service(Arc::new(Mutex::new(page))))
        .build()
        .unwrap()
}

fn millis(at: SystemTime) -> i64 {
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

fn day() -> std::ops::RangeInclusive<SystemTime> {
    at(86_400_000)..=SystemTime::now()
}

fn all(client: &CtsClient) -> Traces {
    client.traces(&TraceQuery::system(), day())
}

/// The ids of the rest of a stream, which must end.
async fn ids(traces: &mut Traces) -> Vec<String> {
    let mut ids = Vec::new();
    while let Some(trace) = traces.next().await {
        ids.push(trace.unwrap().trace_id.unwrap().into_inner());
        assert!(ids.len() < 1_000, "the stream has no end");
    }
    ids
}

#[tokio::test]
async fn a_trace_that_is_twice_on_a_page_comes_once() {
    let now = millis(at(60_000));
    let client = client(move |asked| match asked.next {
        None => (["a", "b", "a", "c", "c"].map(|id| (id.to_owned(), now)).to_vec(), None),
        Some(_) => (Vec::new(), None),
    });
    assert_eq!(ids(&mut all(&client)).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn markers_that_lead_around_in_circles_end_the_stream_and_repeat_nothing() {
    for length in [1_i64, 2, 3, 7] {
        let now = millis(at(60_000));
        let client = client(move |asked| {
            let page = asked.next.map_or(0, |marker| (marker.parse::<i64>().unwrap() + 1) % length);
            let trace = |i| (format!("{page}-{i}"), now - page * 10 - i);
            let traces: Vec<_> =
                (0..3).map(trace).filter(|(_, at)| asked.from < *at && *at < asked.to).collect();
            (traces, Some(page.to_string()))
        });
        let expected: Vec<_> =
            (0..length).flat_map(|page| (0..3).map(move |i| format!("{page}-{i}"))).collect();
        assert_eq!(ids(&mut all(&client)).await, expected, "{length} pages");
    }
}

#[tokio::test]
async fn pages_that_shrink_before_a_full_millisecond_hide_nothing_behind_it() {
    let start = millis(at(60_000));
    // Latest first: five of their own, five of one millisecond, five earlier ones.
    let stored: Vec<(String, i64)> = (0..15_i64)
        .map(|i| (format!("{i:02}"), start - if (5..10).contains(&i) { 5 } else { i }))
        .collect();
    let mut pages = 0;
    let client = client(move |asked| {
        pages += 1;
        let begins = |marker: &String| stored.iter().find(|(id, _)| id == marker).unwrap().1;
        // The millisecond of the marker comes again.
        let latest = asked.next.as_ref().map_or(i64::MAX, begins);
        let found =
            stored.iter().filter(|(_, at)| asked.from < *at && *at < asked.to && *at <= latest);
        let found: Vec<_> = found.take(if pages == 1 { 6 } else { 3 }).cloned().collect();
        let marker = found.last().map(|(id, _)| id.clone());
        (found, marker)
    });
    let mut traces = all(&client);
    let found = ids(&mut traces).await;
    for i in (0..5).chain(10..15) {
        assert!(found.contains(&format!("{i:02}")), "{i} is missing: {found:?}");
    }
    let named: Vec<_> = traces.gaps().iter().map(|gap| (millis(gap.from), gap.reason)).collect();
    assert_eq!(named, [(start - 5, TraceGapReason::Crowded)]);
}

#[tokio::test]
async fn a_full_millisecond_at_the_end_is_named_and_a_lone_trace_is_not() {
    let list = async |millis: &[u64]| {
        let fake = FakeCts::new();
        fake.set_trace_paging(TracePaging::new().ties(TraceTies::Skip).most(2));
        let start = at(3_600_000);
        let trace =
            |(i, ms): (usize, &u64)| recorded(&format!("t{i}"), start + Duration::from_millis(*ms));
        fake.add_traces(PROJECT, millis.iter().enumerate().map(trace));
        let mut traces = all(&fake.client());
        let found = ids(&mut traces).await.len();
        (found, traces.gaps().len())
    };
    assert_eq!(list(&[1]).await, (1, 0));
    assert_eq!(list(&[1, 2]).await, (2, 0));
    assert_eq!(
        list(&[1, 1, 1, 1, 5, 6, 7, 8]).await,
        (6, 1),
        "two of the first four can't be listed"
    );
}

#[tokio::test]
async fn a_position_inside_a_page_of_one_millisecond_does_not_hide_the_rest_of_it() {
    // The second page and its successor are of one millisecond, which a marker skips.
    let start = at(3_600_000);
    let fake = FakeCts::new();
    fake.set_trace_paging(TracePaging::new().ties(TraceTies::Skip).most(4));
    let times = [1, 3, 3, 3, 3, 5, 6, 7, 8];
    let traces = times.iter().enumerate();
    fake.add_traces(
        PROJECT,
        traces.map(|(i, ms)| recorded(&format!("t{i}"), start + Duration::from_millis(*ms))),
    );
    let client = fake.client();
    let mut whole = all(&client);
    let (expected, gaps) = (ids(&mut whole).await, whole.gaps().to_vec());
    for taken in 0..expected.len() {
        let mut traces = all(&client);
        let mut found = Vec::new();
        for _ in 0..taken {
            found.push(traces.next().await.unwrap().unwrap().trace_id.unwrap().into_inner());
        }
        let mut rest = client.resume_traces(traces.position());
        found.extend(ids(&mut rest).await);
        assert_eq!((&found, rest.gaps()), (&expected, &*gaps), "after {taken}");
    }
}

#[tokio::test]
async fn a_404_of_the_gateway_is_not_an_id_that_is_not_found() {
    let fake = FakeCts::new();
    let no_such_api = r#"{"error_code":"APIGW.0101","error_msg":"The API does not exist"}"#;
    fake.inject_on("ListTraces", [Fault::status(404, no_such_api)]);
    let mut traces = fake.client().traces(&TraceQuery::system().trace_id("a"), day());
    let error = traces.next().await.expect("an error, and not the end").unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
}

#[tokio::test]
async fn a_time_that_no_trace_of_the_window_can_have_does_not_lead_the_walk() {
    let now = millis(at(60_000));
    let page = |traces: &[(&str, i64)], marker: &str| {
        let traces: Vec<_> = traces
            .iter()
            .map(|(id, at)| json!({"trace_id": id, "time": now, "record_time": at}))
            .collect();
        json!({"traces": traces, "meta_data": {"marker": marker}}).to_string()
    };
    let expired = r#"{"error_code":"CTS.0999","error_msg":"The trace does not exist."}"#;
    let answers = Answers::of([
        (200, &page(&[("a", now), ("b", 1)], "b")),
        (404, expired),
        (200, &page(&[("a", now), ("b", 1), ("c", now - 1)], "")),
    ]);
    assert_eq!(ids(&mut all(&answers.client())).await, ["a", "b", "c"]);
}

/// A provider that gives others once it learns that the service refused what it gave.
#[derive(Debug)]
struct Rotating([Credentials; 2], AtomicUsize);

impl ProvideCredentials for Rotating {
    fn provide<'a>(
        &'a self,
        _: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        let now = self.0[self.1.load(Ordering::Relaxed).min(1)].clone();
        Box::pin(std::future::ready(Ok(now)))
    }

    fn refused(&self, _: &Credentials) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn credentials_that_expire_between_pages_end_no_stream_if_there_are_others() {
    let fake = FakeCts::new();
    let start = at(3_600_000);
    fake.add_traces(
        PROJECT,
        (0..600).map(|i| recorded(&format!("{i:03}"), start + Duration::from_millis(i))),
    );
    let old = Credentials::new("EXPIRINGKEY000000001", "secret").security_token("token");
    fake.accept(&old);
    let provider = Rotating([old, fake.credentials()], AtomicUsize::new(0));
    let client = fake.client_builder().credentials(provider).build().unwrap();
    let expired = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: decrypt token fail"}"#;
    fake.inject_on("ListTraces", [Fault::None, Fault::None, Fault::status(401, expired)]);
    assert_eq!(ids(&mut all(&client)).await.len(), 600);
    assert_eq!(fake.faults_left(), 0);
    let with_token = fake
        .requests()
        .iter()
        .filter(|request| request.headers.contains_key("x-security-token"))
        .count();
    assert_eq!(with_token, 3, "the last of them was refused");

    // Without others, the error ends the stream, and its position goes on with those of another
    // client.
    fake.inject_on("ListTraces", [Fault::None, Fault::None, Fault::status(401, expired)]);
    let fixed = fake.client();
    let mut traces = all(&fixed);
    let mut found = 0;
    while let Some(trace) = traces.next().await {
        match trace {
            Ok(_) => found += 1,
            Err(error) => assert_eq!(error.status(), Some(StatusCode::UNAUTHORIZED)),
        }
    }
    assert_eq!(found, 200);
    assert_eq!(ids(&mut client.resume_traces(traces.position())).await.len(), 400);
}

#[tokio::test]
async fn a_position_with_absurd_values_is_no_danger() {
    let now = millis(at(60_000));
    let client = client(move |_| (vec![("a".to_owned(), now)], Some("m".to_owned())));
    let saved = serde_json::to_value(all(&client).position()).unwrap();
    let mut numbers = Vec::new();
    find_numbers(&saved, String::new(), &mut numbers);
    assert!(!numbers.is_empty());
    for path in numbers {
        for absurd in [json!(0), json!(i64::MAX), json!(i64::MIN), json!(u32::MAX), json!(u64::MAX)]
        {
            let mut tampered = saved.clone();
            *tampered.pointer_mut(&path).unwrap() = absurd;
            let Ok(position) = serde_json::from_value::<TracePosition>(tampered) else { continue };
            // Whatever it lists: it neither panics nor goes on forever.
            ids(&mut client.resume_traces(position)).await;
        }
    }
}

/// The paths to all numbers in a value.
fn find_numbers(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(path),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(i, item)| find_numbers(item, format!("{path}/{i}"), found));
        }
        Value::Object(fields) => {
            fields
                .iter()
                .for_each(|(name, field)| find_numbers(field, format!("{path}/{name}"), found));
        }
        _ => {}
    }
}
