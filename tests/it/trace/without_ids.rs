//! Traces of a service that gives them no ids.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::trace::{FollowTraces, FollowedTraces, Trace, TraceQuery};
use huaweicloud_cts::transport::{Transport, TransportError};
use huaweicloud_cts::{BoxFuture, CtsClient};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use super::at;

/// Lists up to three traces a page, latest first. A marker is the number of traces that are behind
/// it.
#[derive(Clone, Debug, Default)]
struct Service(Arc<Mutex<Vec<(u64, String)>>>);

fn millis(at: SystemTime) -> u64 {
    u64::try_from(at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

impl Service {
    fn record(&self, name: &str, at: SystemTime) {
        let mut all = self.0.lock().unwrap();
        all.push((millis(at), name.to_owned()));
        all.sort_by_key(|(at, _)| *at);
    }

    fn client(&self) -> CtsClient {
        CtsClient::builder()
            .endpoint("https://cts.eu-de.otc.t-systems.com")
            .project_id("24edf66e79d04187acb99a463e610764")
            .credentials(Credentials::new("TESTACCESSKEY0000001", "secret"))
            .transport(self.clone())
            .build()
            .unwrap()
    }
}

impl Transport for Service {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let query = request.uri().query().unwrap().to_owned();
        let value = |name: &str| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse::<u64>().ok())
        };
        let (from, to, limit) =
            (value("from").unwrap(), value("to").unwrap(), value("limit").unwrap().min(3));
        let all = self.0.lock().unwrap();
        let end = value("next").map_or(all.len(), |next| usize::try_from(next).unwrap());
        let page: Vec<(usize, Value)> = all[..end]
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, (at, _))| from < *at && *at < to)
            .take(usize::try_from(limit).unwrap())
            .map(|(i, (at, name))| (i, json!({"trace_name": name, "record_time": at, "time": at})))
            .collect();
        let marker = page.last().map(|(i, _)| i.to_string());
        let traces: Vec<&Value> = page.iter().map(|(_, trace)| trace).collect();
        let body = json!({"traces": traces, "meta_data": {"marker": marker}}).to_string();
        Box::pin(async move { Ok(Response::new(Bytes::from(body))) })
    }
}

fn name(trace: &Trace) -> String {
    assert_eq!(trace.trace_id, None);
    trace.trace_name.clone().unwrap()
}

async fn within(followed: &mut FollowedTraces, time: Duration) -> Vec<String> {
    let mut names = Vec::new();
    let end = Instant::now() + time;
    while let Ok(trace) =
        timeout(end.saturating_duration_since(Instant::now()), followed.next()).await
    {
        names.push(name(&trace.unwrap()));
    }
    names
}

#[tokio::test]
async fn each_comes_once_though_ties_are_looked_up_again() {
    for millis in
        [vec![1, 2, 3, 4, 5, 6, 7], vec![1, 1, 2, 2, 3, 3, 4], vec![1, 1, 1, 2, 2, 2, 3, 3, 3, 4]]
    {
        let (service, start) = (Service::default(), at(60_000));
        for (i, millis) in millis.iter().enumerate() {
            service.record(&format!("t{i}"), start + Duration::from_millis(*millis));
        }
        let mut traces = service.client().traces(&TraceQuery::system(), start..=SystemTime::now());
        let mut names = Vec::new();
        while let Some(trace) = traces.next().await {
            names.push(name(&trace.unwrap()));
        }
        names.sort_unstable();
        assert_eq!(
            names,
            (0..millis.len()).map(|i| format!("t{i}")).collect::<Vec<_>>(),
            "{millis:?}"
        );
    }
}

#[tokio::test]
async fn equal_ones_of_a_page_are_different_traces() {
    let (service, start) = (Service::default(), at(60_000));
    for name in ["first", "equal", "equal"] {
        service.record(name, start);
    }
    let mut traces = service.client().traces(&TraceQuery::system(), start..=SystemTime::now());
    let mut names = Vec::new();
    while let Some(trace) = traces.next().await {
        names.push(name(&trace.unwrap()));
    }
    assert_eq!(names, ["equal", "equal", "first"]);
}

#[tokio::test(start_paused = true)]
async fn a_follower_delivers_each_content_once_over_rounds_and_restarts() {
    let (service, start) = (Service::default(), at(60_000));
    let client = service.client();
    let mut followed = client.follow_traces(FollowTraces::new(TraceQuery::system()).since(start));
    for round in 0..5 {
        for i in 0..4 {
            service.record(&format!("{round}-{i}"), start + Duration::from_millis(round));
        }
        let expected: Vec<_> = (0..4).map(|i| format!("{round}-{i}")).collect();
        assert_eq!(within(&mut followed, Duration::from_secs(120)).await, expected, "{round}");
        let saved = serde_json::to_string(&followed.position()).unwrap();
        followed =
            client.follow_traces(FollowTraces::resume(serde_json::from_str(&saved).unwrap()));
    }
}
