//! All traces between two instants.

use std::collections::HashSet;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::testing::{FakeCts, Fault, TracePaging, TraceTies};
use huaweicloud_cts::trace::{ListTraces, TraceGap, TraceGapReason, TraceQuery, Traces};
use huaweicloud_cts::transport::{Transport, TransportError};
use huaweicloud_cts::{BoxFuture, CtsClient};
use proptest::prelude::*;
use serde_json::json;

use super::{at, recorded};

const PROJECT: &str = FakeCts::PROJECT_ID;

fn day() -> std::ops::RangeInclusive<SystemTime> {
    at(86_400_000)..=SystemTime::now()
}

fn lists(fake: &FakeCts) -> usize {
    fake.requests().iter().filter(|request| request.operation == Some("ListTraces")).count()
}

/// The ids of the rest of a stream.
async fn ids(traces: &mut Traces) -> Vec<String> {
    let mut ids = Vec::new();
    while let Some(trace) = traces.next().await {
        ids.push(trace.unwrap().trace_id.unwrap().into_inner());
    }
    ids
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort_unstable();
    ids
}

/// Traces of these milliseconds, earliest first, named by their place.
fn fake_with(millis: impl IntoIterator<Item = u64>, paging: TracePaging) -> (FakeCts, Vec<String>) {
    let fake = FakeCts::new();
    fake.set_trace_paging(paging);
    let start = at(3_600_000);
    let traces: Vec<_> = millis
        .into_iter()
        .enumerate()
        .map(|(i, millis)| recorded(&format!("t{i:05}"), start + Duration::from_millis(millis)))
        .collect();
    let names = traces.iter().map(|trace| trace.trace_id.clone().unwrap().into_inner()).collect();
    fake.add_traces(PROJECT, traces);
    (fake, names)
}

#[tokio::test]
async fn twenty_thousand_traces_come_once_each_latest_first() {
    // Three to seven of a millisecond, as of a busy account.
    let (fake, mut names) = fake_with((0..20_000).map(|i| i / 5 + i % 3), TracePaging::new());
    let found = ids(&mut fake.client().traces(&TraceQuery::system(), day())).await;
    assert_eq!(found.len(), 20_000);
    let millis: Vec<u64> =
        found.iter().map(|id| id[1..].parse::<u64>().unwrap()).map(|i| i / 5 + i % 3).collect();
    assert!(millis.is_sorted_by(|later, earlier| later >= earlier));
    names.sort_unstable();
    assert_eq!(sorted(found), names);
    // One more request for each page until one shows that ties are listed, and an empty page at the
    // end.
    assert!(lists(&fake) <= 104, "{}", lists(&fake));
}

#[tokio::test]
async fn no_form_of_paging_loses_or_repeats_a_trace() {
    // Ties within pages, at their ends, and over three pages of the smallest size.
    let millis = [1, 1, 1, 2, 3, 3, 4, 5, 5, 5, 5, 6, 7, 8, 8, 9, 9, 9, 10, 11];
    for ties in [TraceTies::Continue, TraceTies::Skip, TraceTies::Repeat] {
        for most in [5, 7, 10, 19, 20, 200] {
            for marks_last in [true, false] {
                let paging = TracePaging::new().ties(ties).most(most).marks_last(marks_last);
                let (fake, names) = fake_with(millis, paging);
                let mut traces = fake.client().traces(&TraceQuery::system(), day());
                assert_eq!(sorted(ids(&mut traces).await), names, "{paging:?}");
                assert_eq!(traces.gaps(), [], "{paging:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_millisecond_that_no_page_can_hold_is_passed_and_named() {
    for ties in [TraceTies::Skip, TraceTies::Repeat] {
        let paging = TracePaging::new().ties(ties).most(2);
        let (fake, _) = fake_with([1, 2, 3, 4, 4, 4, 4, 5, 6], paging);
        let mut traces = fake.client().traces(&TraceQuery::system(), day());
        let found = ids(&mut traces).await;
        let missing = ["t00003", "t00004"];
        assert_eq!(found.len(), 7, "{paging:?} {found:?}");
        assert!(missing.iter().all(|id| !found.iter().any(|found| found == id)));
        let gaps: Vec<_> =
            traces.gaps().iter().map(|gap| (gap.from == gap.to, gap.reason)).collect();
        assert!(gaps.contains(&(true, TraceGapReason::Crowded)), "{gaps:?}");
    }
}

#[tokio::test]
async fn a_service_that_goes_on_within_a_millisecond_needs_no_page_to_hold_it() {
    let (fake, names) = fake_with(std::iter::repeat_n(4, 1_000), TracePaging::new());
    let mut traces = fake.client().traces(&TraceQuery::system(), day());
    assert_eq!(sorted(ids(&mut traces).await), names);
    assert_eq!(traces.gaps(), []);
}

/// A page that is full of a millisecond may be all of it. Where the service skips the rest, that is
/// not to be known.
#[tokio::test]
async fn a_millisecond_that_fills_a_page_exactly_is_named_only_where_others_of_it_are_skipped() {
    let millis = [1, 2, 2, 2, 3, 4, 4, 4, 5, 5, 6, 7];
    for most in [2, 3] {
        for marks_last in [true, false] {
            let paging = TracePaging::new().most(most).marks_last(marks_last);
            let (fake, names) = fake_with(millis, paging);
            let mut traces = fake.client().traces(&TraceQuery::system(), day());
            assert_eq!(sorted(ids(&mut traces).await), names, "{paging:?}");
            assert_eq!(traces.gaps(), [], "{paging:?}");
        }
    }
    let (fake, names) = fake_with(millis, TracePaging::new().most(3).ties(TraceTies::Skip));
    let mut traces = fake.client().traces(&TraceQuery::system(), day());
    assert_eq!(sorted(ids(&mut traces).await), names);
    assert_eq!(traces.gaps().len(), 2, "{:?}", traces.gaps());
    let smaller =
        fake.requests().iter().filter(|request| request.target.contains("limit=2&")).count();
    assert_eq!(smaller, 2, "what the service does is found out once");
}

#[tokio::test]
async fn both_ends_belong_to_the_window_whichever_time_the_service_compares() {
    let start = at(3_600_000);
    for by_time in [false, true] {
        let fake = FakeCts::new();
        fake.set_trace_paging(TracePaging::new().by_time(by_time));
        fake.add_traces(
            PROJECT,
            (0..10).map(|i| recorded(&format!("t{i}"), start + Duration::from_millis(i))),
        );
        let window = start + Duration::from_millis(3)..=start + Duration::from_millis(5);
        let found = ids(&mut fake.client().traces(&TraceQuery::system(), window.clone())).await;
        assert_eq!(found, ["t5", "t4", "t3"]);
        let reversed = *window.end()..=*window.start();
        assert_eq!(ids(&mut fake.client().traces(&TraceQuery::system(), reversed)).await, [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_and_brief_failures_are_waited_out() {
    let (fake, names) = fake_with(0..1_000, TracePaging::new());
    fake.inject_on(
        "ListTraces",
        [
            Fault::throttle(Duration::from_secs(7)),
            Fault::None,
            Fault::status(503, ""),
            Fault::DropAfter,
            Fault::None,
            Fault::CutOff,
            Fault::Delay(Duration::from_secs(3)),
        ],
    );
    let found = ids(&mut fake.client().traces(&TraceQuery::system(), day())).await;
    assert_eq!((sorted(found), fake.faults_left()), (names, 0));
}

#[tokio::test]
async fn an_error_ends_the_stream_and_its_position_loses_nothing() {
    let (fake, names) = fake_with(0..500, TracePaging::new());
    let client = fake.client();
    let mut traces = client.traces(&TraceQuery::system(), day());
    let mut found = Vec::new();
    for _ in 0..250 {
        found.push(traces.next().await.unwrap().unwrap().trace_id.unwrap().into_inner());
    }
    let denied = || Fault::status(403, r#"{"error_code":"CTS.0013","error_msg":"No permission."}"#);
    fake.inject_on("ListTraces", [denied()]);
    let error = loop {
        match traces.next().await.unwrap() {
            Ok(trace) => found.push(trace.trace_id.unwrap().into_inner()),
            Err(error) => break error,
        }
    };
    assert_eq!(error.status().unwrap().as_u16(), 403);
    assert!(traces.next().await.is_none(), "the stream has ended");
    found.extend(ids(&mut client.resume_traces(traces.position())).await);
    assert_eq!(sorted(found), names);
}

#[tokio::test]
async fn a_position_saved_after_any_trace_goes_on_with_the_next_one() {
    let millis = [1, 1, 1, 2, 3, 3, 4, 5, 5, 5, 5, 6, 7];
    for ties in [TraceTies::Continue, TraceTies::Skip, TraceTies::Repeat] {
        let (fake, names) = fake_with(millis, TracePaging::new().ties(ties).most(5));
        let client = fake.client();
        for taken in 0..=millis.len() {
            let mut traces = client.traces(&TraceQuery::system(), day());
            let mut found = Vec::new();
            for _ in 0..taken {
                found.push(traces.next().await.unwrap().unwrap().trace_id.unwrap().into_inner());
            }
            let saved = serde_json::to_string(&traces.position()).unwrap();
            let mut rest = client.resume_traces(serde_json::from_str(&saved).unwrap());
            assert_eq!(rest.position(), traces.position());
            found.extend(ids(&mut rest).await);
            assert_eq!(sorted(found), names, "{ties:?}, after {taken}");
        }
    }
}

#[tokio::test]
async fn a_marker_that_is_not_known_any_more_begins_anew() {
    let (fake, names) = fake_with(0..600, TracePaging::new());
    let expired = || {
        Fault::status(404, r#"{"error_code":"CTS.0999","error_msg":"The trace does not exist."}"#)
    };
    // The first page, its ties, the second page.
    fake.inject_on("ListTraces", [Fault::None, Fault::None, expired()]);
    let found = ids(&mut fake.client().traces(&TraceQuery::system(), day())).await;
    assert_eq!((sorted(found), fake.faults_left()), (names, 0));
}

#[tokio::test]
async fn an_id_is_one_request_and_none_if_it_is_not_found() {
    let (fake, _) = fake_with(0..5, TracePaging::new());
    let client = fake.client();
    let by_id = |id: &str| client.traces(&TraceQuery::system().trace_id(id), day());
    assert_eq!(ids(&mut by_id("t00003")).await, ["t00003"]);
    assert_eq!(ids(&mut by_id("z")).await, [""; 0]);
    fake.inject([Fault::status(
        404,
        r#"{"error_code":"CTS.0999","error_msg":"The trace does not exist."}"#,
    )]);
    assert_eq!(ids(&mut by_id("y")).await, [""; 0]);
    assert_eq!(lists(&fake), 3);
}

#[tokio::test]
async fn what_is_older_than_seven_days_is_a_gap() {
    let fake = FakeCts::new();
    let month_ago = at(30 * 86_400_000);
    let traces = fake.client().traces(&TraceQuery::system(), month_ago..=SystemTime::now());
    let gap = &traces.gaps()[0];
    assert_eq!((gap.from.max(month_ago), gap.reason), (month_ago, TraceGapReason::Expired));
    let ago = gap.to.elapsed().unwrap();
    assert!(ago > Duration::from_secs(6 * 86_400) && ago < Duration::from_secs(7 * 86_400));
    let recent = fake.client().traces(&TraceQuery::system(), day());
    assert_eq!(recent.gaps(), []);
}

#[test]
fn a_gap_says_which_traces_are_missing_and_why() {
    let gap = |reason: &str| -> TraceGap {
        let time =
            |secs: u64, nanos: u32| json!({"secs_since_epoch": secs, "nanos_since_epoch": nanos});
        let gap = json!({"from": time(1_795_000_000, 5_000_000), "to": time(1_795_000_060, 0), "reason": reason});
        serde_json::from_value(gap).unwrap()
    };
    assert_eq!(
        gap("expired").to_string(),
        "the traces from 2026-11-18T11:06:40Z to 2026-11-18T11:07:40Z are gone: the service keeps them for seven days"
    );
    assert_eq!(
        gap("crowded").to_string(),
        "there may be more traces of 2026-11-18T11:06:40.005Z than the service lists"
    );
}

#[tokio::test]
async fn nothing_is_requested_before_it_is_asked_for_and_dropping_cancels() {
    let (fake, _) = fake_with(0..1_000, TracePaging::new());
    let client = fake.client();
    let mut traces = client.traces(&TraceQuery::system(), day());
    assert_eq!(lists(&fake), 0);
    for _ in 0..200 {
        traces.next().await.unwrap().unwrap();
    }
    assert_eq!(lists(&fake), 1, "the second page is not asked for yet");
    fake.inject_on("ListTraces", [Fault::StallAfter]);
    {
        let mut next = pin!(traces.next());
        assert!(next.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    // The future of one item is dropped; the stream still has its request.
    let position = traces.position();
    drop(traces);
    assert_eq!(ids(&mut client.resume_traces(position)).await.len(), 800);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_pattern_of_ties_is_listed_completely(
        mut millis in proptest::collection::vec(0_u64..12, 1..60),
        ties in prop_oneof![Just(TraceTies::Continue), Just(TraceTies::Skip), Just(TraceTies::Repeat)],
        marks_last in any::<bool>(),
    ) {
        millis.sort_unstable();
        let longest = (0..12).map(|at| millis.iter().filter(|other| **other == at).count()).max().unwrap();
        let paging = TracePaging::new().ties(ties).most(longest + 1).marks_last(marks_last);
        let (fake, names) = fake_with(millis, paging);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut traces = fake.client().traces(&TraceQuery::system(), day());
        let found = runtime.block_on(ids(&mut traces));
        let different: HashSet<_> = found.iter().collect();
        prop_assert_eq!(different.len(), found.len());
        prop_assert_eq!(sorted(found), names);
        prop_assert_eq!(traces.gaps(), []);
    }

    /// Where pages go on within a millisecond, no page is too small.
    #[test]
    fn any_pattern_of_ties_is_listed_in_pages_of_any_size_that_go_on_in_them(
        mut millis in proptest::collection::vec(0_u64..6, 1..40), most in 2_usize..9, marks_last in any::<bool>(),
    ) {
        millis.sort_unstable();
        let (fake, names) = fake_with(millis, TracePaging::new().most(most).marks_last(marks_last));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut traces = fake.client().traces(&TraceQuery::system(), day());
        prop_assert_eq!(sorted(runtime.block_on(ids(&mut traces))), names);
        prop_assert_eq!(traces.gaps(), []);
    }
}

/// A service that has any number of traces, one a millisecond, and keeps none of them.
#[derive(Debug)]
struct Endless;

impl Transport for Endless {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let value = |name: &str| {
            let query = request.uri().query().unwrap();
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
                .map(str::to_owned)
        };
        let after = value("next").map(|next| next.parse::<u64>().unwrap());
        let to: u64 = value("to").unwrap().parse().unwrap();
        let from: u64 = value("from").unwrap().parse().unwrap();
        let end = after.unwrap_or(to);
        let start = (from + 1).max(end.saturating_sub(200));
        let traces: Vec<String> = (start..end)
            .rev()
            .map(|at| {
                format!(
                    r#"{{"trace_id":"{at}","record_time":{at},"time":{at},"service_type":"ECS","request":"{:0500}"}}"#,
                    7
                )
            })
            .collect();
        let marker = if traces.is_empty() { "null".to_owned() } else { format!("\"{start}\"") };
        let body =
            format!(r#"{{"traces":[{}],"meta_data":{{"marker":{marker}}}}}"#, traces.join(","));
        Box::pin(async move { Ok(Response::new(Bytes::from(body))) })
    }
}

fn endless() -> CtsClient {
    CtsClient::builder()
        .endpoint("https://cts.eu-de.otc.t-systems.com")
        .project_id("24edf66e79d04187acb99a463e610764")
        .credentials(Credentials::new("TESTACCESSKEY0000001", "secret"))
        .transport(Endless)
        .build()
        .unwrap()
}

/// Returns the peak of allocated memory while this number of traces is listed.
fn peak_of(count: usize) -> u64 {
    let client = endless();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let end = at(1_000);
    let window = end - Duration::from_millis(u64::try_from(count - 1).unwrap())..=end;
    let mut seen = 0;
    let counted = allocation_counter::measure(|| {
        let mut traces = client.traces(&TraceQuery::system(), window);
        runtime.block_on(async {
            while let Some(trace) = traces.next().await {
                trace.unwrap();
                seen += 1;
            }
        });
    });
    assert_eq!(seen, count);
    counted.bytes_max
}

#[test]
fn twenty_thousand_traces_take_no_more_memory_than_a_thousand() {
    let (few, many) = (peak_of(1_000), peak_of(20_000));
    assert!(many <= few + few / 20, "{many} after {few}");
    assert!(many < 3 * 1024 * 1024, "{many}: a page has {} KiB", 200 * 600 / 1024);
}

/// By hand, in release: `cargo test --release … --test it a_million -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes without --release"]
#[allow(clippy::print_stderr, reason = "figures")]
fn a_million_traces_take_no_more_memory_than_a_thousand() {
    const COUNT: u64 = 1_000_000;

    let (few, started) = (peak_of(1_000), Instant::now());
    let many = peak_of(usize::try_from(COUNT).unwrap());
    let of_stream = started.elapsed();
    assert!(many <= few + few / 20, "{many} after {few}");

    // The bare pages: each is read, and its traces are dropped.
    let (client, end) = (endless(), at(1_000));
    let request = ListTraces::new(TraceQuery::system())
        .from(end - Duration::from_millis(COUNT))
        .to(end)
        .limit(200);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let started = Instant::now();
    runtime.block_on(async {
        let mut page = client.list_traces(&request).await.unwrap();
        while let Some(next) = page.next() {
            page = client.list_traces(&request.clone().next(next)).await.unwrap();
        }
    });
    let of_pages = started.elapsed();
    eprintln!(
        "peak {few} bytes for 1,000, {many} for {COUNT}; stream {of_stream:?}, bare pages {of_pages:?}"
    );
}
