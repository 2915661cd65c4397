//! Traces as they come. Time is paused: the fake's clock moves with tokio's, this machine's does
//! not.

use std::time::{Duration, SystemTime};

use huaweicloud_cts::notification::CreateNotification;
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::trace::{FollowTraces, FollowedTraces, Trace, TraceGapReason, TraceQuery};
use tokio::time::{Instant, timeout};

use super::{at, recorded};
use crate::support::answers::Answers;

const PROJECT: &str = FakeCts::PROJECT_ID;
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A clock that is the fake's.
#[derive(Clone, Copy)]
struct Clock(SystemTime, Instant);

impl Clock {
    fn start() -> Self {
        Self(SystemTime::now(), Instant::now())
    }

    fn now(self) -> SystemTime {
        self.0 + self.1.elapsed()
    }
}

fn follow(fake: &FakeCts) -> FollowedTraces {
    fake.client().follow_traces(FollowTraces::new(TraceQuery::system()))
}

fn id(trace: Trace) -> String {
    trace.trace_id.unwrap().into_inner()
}

/// The ids that come within a time.
async fn within(followed: &mut FollowedTraces, time: Duration) -> Vec<String> {
    let mut ids = Vec::new();
    let end = Instant::now() + time;
    while let Ok(trace) =
        timeout(end.saturating_duration_since(Instant::now()), followed.next()).await
    {
        ids.push(id(trace.unwrap()));
    }
    ids
}

#[tokio::test(start_paused = true)]
async fn traces_come_once_each_in_the_order_of_their_recording() {
    let (fake, clock) = (FakeCts::new(), Clock::start());
    fake.add_traces(PROJECT, [recorded("before", clock.now() - MINUTE)]);
    let mut followed = follow(&fake);
    assert_eq!(within(&mut followed, SECOND).await, [""; 0], "it begins now");
    for round in 0..20 {
        let now = clock.now();
        fake.add_traces(
            PROJECT,
            (0..3).map(|i| recorded(&format!("{round}-{i}"), now + Duration::from_millis(i))),
        );
        let expected: Vec<_> = (0..3).map(|i| format!("{round}-{i}")).collect();
        assert_eq!(within(&mut followed, MINUTE).await, expected);
    }
    assert_eq!(followed.gaps(), []);
}

#[tokio::test(start_paused = true)]
async fn a_trace_that_arrives_within_the_overlap_is_not_missed() {
    let (fake, clock) = (FakeCts::new(), Clock::start());
    let mut followed = follow(&fake);
    within(&mut followed, SECOND).await;
    fake.add_trace_after(PROJECT, 4 * MINUTE, recorded("late", clock.now()));
    tokio::time::advance(3 * MINUTE).await;
    fake.add_traces(PROJECT, [recorded("prompt", clock.now())]);
    assert_eq!(within(&mut followed, 10 * MINUTE).await, ["prompt", "late"]);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_lists_nothing_for_half_an_hour_loses_nothing() {
    let (fake, clock) = (FakeCts::new(), Clock::start());
    let mut followed = follow(&fake);
    within(&mut followed, SECOND).await;
    fake.set_trace_delay(30 * MINUTE);
    fake.add_traces(PROJECT, (0..5).map(|i| recorded(&format!("t{i}"), clock.now() + i * MINUTE)));
    assert_eq!(within(&mut followed, 40 * MINUTE).await, ["t0", "t1", "t2", "t3", "t4"]);
}

#[tokio::test(start_paused = true)]
async fn settling_brings_late_arrivals_into_order() {
    let (fake, clock) = (FakeCts::new(), Clock::start());
    let request = FollowTraces::new(TraceQuery::system()).settle(2 * MINUTE);
    let mut followed = fake.client().follow_traces(request);
    within(&mut followed, SECOND).await;
    fake.add_trace_after(PROJECT, MINUTE, recorded("first", clock.now()));
    fake.add_traces(PROJECT, [recorded("second", clock.now() + SECOND)]);
    assert_eq!(within(&mut followed, MINUTE).await, [""; 0]);
    assert_eq!(within(&mut followed, 3 * MINUTE).await, ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn catching_up_reads_days_in_slices_and_in_order() {
    let fake = FakeCts::new();
    let start = at(2 * 86_400_000);
    fake.add_traces(
        PROJECT,
        (0..2_000).map(|i| recorded(&format!("{i:04}"), start + Duration::from_secs(60) * i)),
    );
    let request = FollowTraces::new(TraceQuery::system()).since(start);
    let mut followed = fake.client().follow_traces(request);
    let found = within(&mut followed, MINUTE).await;
    let expected: Vec<_> = (0..2_000).map(|i| format!("{i:04}")).collect();
    assert_eq!(found, expected);
    let bounds = |target: &str| {
        let value = |name| {
            target
                .split(['?', '&'])
                .find_map(|pair| pair.strip_prefix(name))
                .unwrap()
                .parse::<i64>()
                .unwrap()
        };
        value("to=") - value("from=")
    };
    let longest = fake.requests().iter().map(|request| bounds(&request.target)).max().unwrap();
    assert!(longest <= 3 * 3_600_000, "{longest} ms at a time");
}

#[tokio::test(start_paused = true)]
async fn an_error_is_told_and_the_stream_goes_on_without_loss() {
    let (fake, clock) = (FakeCts::new(), Clock::start());
    let mut followed = follow(&fake);
    within(&mut followed, SECOND).await;
    fake.add_traces(PROJECT, [recorded("a", clock.now())]);
    let denied = || Fault::status(403, r#"{"error_code":"CTS.0013","error_msg":"No permission."}"#);
    fake.inject_on("ListTraces", [denied(), denied(), denied()]);
    let mut waits = Vec::new();
    let mut last = Instant::now();
    for _ in 0..3 {
        followed.next().await.unwrap_err();
        waits.push(last.elapsed().as_secs());
        last = Instant::now();
    }
    assert_eq!(waits[1..], [30, 60], "twice as long after each error");
    assert_eq!(id(followed.next().await.unwrap()), "a");
}

#[tokio::test(start_paused = true)]
async fn throttling_and_lost_pages_are_waited_out() {
    let (fake, clock) = (FakeCts::new(), Clock::start());
    let mut followed = follow(&fake);
    within(&mut followed, SECOND).await;
    fake.add_traces(
        PROJECT,
        (0..450).map(|i| recorded(&format!("{i:04}"), clock.now() + Duration::from_millis(i))),
    );
    fake.inject_on(
        "ListTraces",
        [Fault::throttle(9 * SECOND), Fault::None, Fault::CutOff, Fault::status(503, "")],
    );
    assert_eq!(within(&mut followed, 5 * MINUTE).await.len(), 450);
    assert_eq!(fake.faults_left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_saved_position_repeats_nothing_and_loses_nothing() {
    let (fake, clock) = (FakeCts::new(), Clock::start());
    let mut followed = follow(&fake);
    within(&mut followed, SECOND).await;
    fake.add_traces(
        PROJECT,
        (0..10).map(|i| recorded(&format!("t{i}"), clock.now() + Duration::from_millis(i))),
    );
    let mut found = Vec::new();
    for i in 0..10 {
        found.push(id(followed.next().await.unwrap()));
        let saved = serde_json::to_string(&followed.position()).unwrap();
        drop(followed);
        if i == 5 {
            tokio::time::advance(3 * 60 * MINUTE).await;
        }
        let request = FollowTraces::resume(serde_json::from_str(&saved).unwrap());
        followed = fake.client().follow_traces(request);
    }
    assert_eq!(found, (0..10).map(|i| format!("t{i}")).collect::<Vec<_>>());
    assert_eq!(within(&mut followed, 10 * MINUTE).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_more_than_seven_days_is_a_gap() {
    let month = 30 * 24 * 60 * MINUTE;
    let fake = FakeCts::new();
    let request = FollowTraces::new(TraceQuery::system()).since(SystemTime::now() - month);
    let mut followed = fake.client().follow_traces(request);
    within(&mut followed, SECOND).await;
    let gaps: Vec<_> = followed.gaps().iter().map(|gap| gap.reason).collect();
    assert_eq!(gaps, [TraceGapReason::Expired]);
    within(&mut followed, 60 * MINUTE).await;
    assert_eq!(followed.gaps().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_wrong_hides_nothing() {
    for ahead in [true, false] {
        let fake = FakeCts::new();
        // Within what a signature may be off, so that nothing corrects it.
        let by = 10 * MINUTE;
        if ahead {
            fake.set_clock_ahead(by);
        } else {
            fake.set_clock_behind(by);
        }
        let client = fake.client();
        let mut followed = follow(&fake);
        within(&mut followed, SECOND).await;
        for name in ["a", "b", "c"] {
            client.create_notification(&CreateNotification::complete(name)).await.unwrap();
            let traces = within(&mut followed, MINUTE).await;
            assert_eq!(traces.len(), 1, "{name}, ahead: {ahead}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn it_begins_when_it_is_made_however_late_the_first_response_is() {
    let (fake, clock) = (FakeCts::new(), Clock::start());
    let mut followed = follow(&fake);
    tokio::time::advance(2 * SECOND).await;
    fake.add_traces(PROJECT, [recorded("before the first poll", clock.now())]);
    let denied = || Fault::status(403, r#"{"error_code":"CTS.0013","error_msg":"No permission."}"#);
    fake.inject_on("ListTraces", (0..6).map(|_| denied()));
    followed.next().await.unwrap_err();
    tokio::time::advance(2 * SECOND).await;
    fake.add_traces(PROJECT, [recorded("between errors", clock.now())]);
    for _ in 0..5 {
        followed.next().await.unwrap_err();
    }
    assert!(clock.1.elapsed() > 10 * MINUTE, "longer than the overlap");
    assert_eq!(
        within(&mut followed, 20 * MINUTE).await,
        ["before the first poll", "between errors"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_recorded_while_the_first_round_lists_many_pages_is_not_missed() {
    let (fake, clock) = (FakeCts::new(), Clock::start());
    // Four pages of what was recorded before, which take eight seconds each.
    let before = clock.now() - 2 * MINUTE;
    fake.add_traces(
        PROJECT,
        (0..700).map(|i| recorded(&format!("old {i}"), before + Duration::from_millis(i))),
    );
    let slow = || Fault::Delay(8 * SECOND);
    fake.inject_on("ListTraces", (0..6).map(|_| slow()));
    let mut followed = follow(&fake);
    fake.add_trace_after(PROJECT, 13 * SECOND, recorded("meanwhile", clock.now() + 12 * SECOND));
    assert_eq!(within(&mut followed, 10 * MINUTE).await, ["meanwhile"]);
}

#[tokio::test(start_paused = true)]
async fn traces_without_an_id_come_again_only_if_they_differ() {
    let page = |count: usize| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
        let trace = format!(r#"{{"trace_name":"login","record_time":{now}}}"#);
        format!(r#"{{"traces":[{}],"meta_data":{{}}}}"#, vec![trace; count].join(","))
    };
    let answers = Answers::of([(200, &page(3))]);
    let request = FollowTraces::new(TraceQuery::system()).since(SystemTime::now() - MINUTE);
    let mut followed = answers.client().follow_traces(request);
    followed.next().await.unwrap();
    assert!(timeout(SECOND, followed.next()).await.is_err(), "the same trace came again");
}

#[tokio::test(start_paused = true)]
async fn a_date_that_is_not_the_services_harms_nothing() {
    for date in [
        "Thu, 30 Dec 9999 21:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 01 Jan 2035 00:00:00 GMT",
    ] {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
        let page = |ids: &[&str]| {
            let trace =
                |id: &&str| format!(r#"{{"trace_id":"{id}","record_time":{}}}"#, now + 1_000);
            let traces = ids.iter().map(trace).collect::<Vec<_>>().join(",");
            let body = format!(r#"{{"traces":[{traces}],"meta_data":{{}}}}"#);
            http::Response::builder().header("date", date).body(body.into()).unwrap()
        };
        let answers = Answers::default()
            .response(page(&[]))
            .response(page(&["a"]))
            .response(page(&["a", "b"]));
        let mut followed = answers.client().follow_traces(FollowTraces::new(TraceQuery::system()));
        assert_eq!(within(&mut followed, 80 * SECOND).await, ["a", "b"], "{date}");
        assert_eq!(followed.gaps(), [], "{date}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_position_from_the_future_lists_the_present() {
    let (fake, clock) = (FakeCts::new(), Clock::start());
    let mut followed = follow(&fake);
    within(&mut followed, SECOND).await;
    let mut saved = serde_json::to_value(followed.position()).unwrap();
    saved["scanned"] = i64::MAX.into();
    let request = FollowTraces::resume(serde_json::from_value(saved).unwrap());
    let mut followed = fake.client().follow_traces(request);
    within(&mut followed, SECOND).await;
    fake.add_traces(PROJECT, [recorded("a", clock.now())]);
    assert_eq!(within(&mut followed, 2 * MINUTE).await, ["a"]);
}

#[tokio::test(start_paused = true)]
async fn errors_do_not_add_to_the_gaps() {
    let month = 30 * 24 * 60 * MINUTE;
    let fake = FakeCts::new();
    let denied = || Fault::status(403, r#"{"error_code":"CTS.0013","error_msg":"No permission."}"#);
    fake.inject_on("ListTraces", [denied(), denied(), denied()]);
    let request = FollowTraces::new(TraceQuery::system()).since(SystemTime::now() - month);
    let mut followed = fake.client().follow_traces(request);
    for _ in 0..3 {
        followed.next().await.unwrap_err();
    }
    within(&mut followed, MINUTE).await;
    assert_eq!(followed.gaps().len(), 1, "{:?}", followed.gaps());
}
