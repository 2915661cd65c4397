//! Many calls against a gateway with fixed windows, in paused time.

use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::time::{sleep, timeout};

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// A gateway that counts in fixed windows.
struct Gateway {
    limit: u32,
    window: Duration,
    /// How old its window is when the simulation starts.
    age: Duration,
    latency: Duration,
    message: String,
    started: Instant,
    /// Served and refused, by window.
    windows: Mutex<Vec<(u32, u32)>>,
}

impl Gateway {
    fn new(limit: u32, window: Duration) -> Self {
        let message =
            format!("policy user over ratelimit,limit:{limit},time:{} second", window.as_secs());
        let latency = Duration::from_millis(50);
        let windows = Mutex::new(Vec::new());
        Self {
            limit,
            window,
            age: Duration::ZERO,
            latency,
            message,
            started: Instant::now(),
            windows,
        }
    }

    async fn serve(&self) -> Result<(), ApiError> {
        sleep(self.latency / 2).await;
        let window = (self.started.elapsed() + self.age).as_nanos() / self.window.as_nanos();
        let served = {
            let mut windows = self.windows.lock().unwrap();
            let window = usize::try_from(window).unwrap();
            if windows.len() <= window {
                windows.resize(window + 1, (0, 0));
            }
            let (served, refused) = &mut windows[window];
            let has_room = *served < self.limit;
            *(if has_room { served } else { refused }) += 1;
            has_room
        };
        sleep(self.latency / 2).await;
        if served { Ok(()) } else { Err(throttled(&self.message)) }
    }

    fn windows(&self) -> Vec<(u32, u32)> {
        self.windows.lock().unwrap().clone()
    }

    /// How many calls the gateway refuses for each that it serves, from the second window on.
    fn refused_share(&self) -> f64 {
        let (served, refused) = self
            .windows()
            .iter()
            .skip(1)
            .fold((0, 0), |sum, window| (sum.0 + window.0, sum.1 + window.1));
        f64::from(refused) / f64::from(served)
    }
}

fn throttled(message: &str) -> ApiError {
    let body = format!(r#"{{"error_code":"APIGW.0308","error_msg":"{message}"}}"#);
    ApiError::from_response(&http::Response::builder().status(429).body(Bytes::from(body)).unwrap())
}

const KIND: Kind<'static> =
    Kind { access_key: "AK", host: b"cts.example.com", operation: "ListNotifications" };

/// Makes one call: how often it was sent, or how long it is to wait.
async fn call(pace: &Pace, gateway: &Gateway, total: Duration) -> Result<u32, Held> {
    let mut claim = Claim::new(Some(Instant::now() + total));
    for attempt in 1.. {
        let mut permit = pace.admit(KIND, &mut claim).await?;
        permit.sending(Instant::now());
        match gateway.serve().await {
            Ok(()) => {
                permit.let_through();
                return Ok(attempt);
            }
            Err(api) => permit.refused(&api, fastrand::f64()),
        };
    }
    unreachable!()
}

/// Returns when the last of the calls was done.
async fn all(pace: &Pace, gateway: &Gateway, calls: usize, total: Duration) -> Duration {
    let started = Instant::now();
    for done in join_all((0..calls).map(|_| call(pace, gateway, total))).await {
        done.unwrap();
    }
    started.elapsed()
}

const SIX_MINUTES: Duration = MINUTE.saturating_mul(6);

/// Whatever the window, its start and the latency: only the first window sees a herd, and no
/// capacity is lost beyond a window.
#[tokio::test(start_paused = true)]
async fn calls_that_share_a_pace_keep_to_the_limit_once_they_know_it() {
    //        limit, window, its age at the start, latency in ms, calls, done by
    for (limit, window, age, latency, calls, by) in [
        (10, 60, 0, 50, 50, 241),
        (10, 60, 15, 50, 50, 246),
        (10, 60, 30, 50, 50, 246),
        (10, 60, 59, 50, 50, 246),
        (10, 60, 0, 500, 50, 245),
        (10, 60, 0, 5_000, 50, 290),
        (10, 5, 3, 50, 50, 22),
        (100, 60, 0, 50, 500, 242),
        (100, 1, 0, 50, 1_000, 12),
        (1, 60, 0, 50, 6, 302),
    ] {
        let mut gateway = Gateway::new(limit, SECOND * window);
        gateway.age = SECOND * age;
        gateway.latency = Duration::from_millis(latency);
        let took = all(&Pace::new(), &gateway, calls, SIX_MINUTES).await;
        let what = format!(
            "{limit} per {window} s, {age} s old, {latency} ms: {took:?} {:?}",
            gateway.windows()
        );
        assert!(took <= Duration::from_secs(by), "{what}");
        assert!(gateway.refused_share() < 0.05, "{what}");
    }
}

/// Without the limit, each window has to be felt out.
#[tokio::test(start_paused = true)]
async fn a_limit_that_is_not_named_is_found_again_in_each_window() {
    for message in
        ["policy user over ratelimit", "too many", "policy user over ratelimit,time:1 minute"]
    {
        let mut gateway = Gateway::new(10, MINUTE);
        gateway.message = message.to_owned();
        let took = all(&Pace::new(), &gateway, 50, SIX_MINUTES).await;
        assert!(took <= SECOND * 312, "{took:?} {:?}", gateway.windows());
        assert!(gateway.refused_share() < 1.5, "{:?}", gateway.windows());
    }
}

/// Two programs that know nothing of each other get all that the gateway gives.
#[tokio::test(start_paused = true)]
async fn programs_that_do_not_share_a_pace_lose_no_time() {
    for _ in 0..5 {
        let gateway = Gateway::new(10, MINUTE);
        let (one, other) = (Pace::new(), Pace::new());
        let took = tokio::join!(
            all(&one, &gateway, 25, SIX_MINUTES),
            all(&other, &gateway, 25, SIX_MINUTES)
        );
        assert!(took.0.max(took.1) <= SECOND * 312, "{took:?} {:?}", gateway.windows());
        assert!(gateway.refused_share() < 2.0, "{:?}", gateway.windows());
    }
}

/// Closes the gate with one refusal.
async fn throttle(pace: &Pace, message: &str, retry_after: Option<u64>) {
    let mut permit = pace.admit(KIND, &mut Claim::new(None)).await.unwrap();
    permit.sending(Instant::now());
    permit.refused(&throttled(message).waiting(retry_after.map(Duration::from_secs)), 1.0);
}

#[tokio::test(start_paused = true)]
async fn the_next_call_waits_and_any_other_kind_does_not() {
    let pace = Pace::new();
    throttle(&pace, "over ratelimit,limit:10,time:1 minute", None).await;
    let admit = async |kind| {
        let started = Instant::now();
        let mut claim = Claim::new(Some(started + MINUTE));
        pace.admit(kind, &mut claim).await.unwrap();
        started.elapsed()
    };
    for kind in [
        Kind { access_key: "AK2", ..KIND },
        Kind { host: b"cts.example.org", ..KIND },
        Kind { operation: "ListQuotas", ..KIND },
    ] {
        assert_eq!(admit(kind).await, Duration::ZERO);
    }
    assert_eq!(admit(KIND).await, SECOND * 2, "the first pause");
    assert_eq!(format!("{pace:?}"), "Pace { throttled: 1 }");
}

#[tokio::test(start_paused = true)]
async fn pauses_double_up_to_the_window_and_retry_after_is_kept_to() {
    for (message, retry_after, expected) in [
        ("over ratelimit,limit:10,time:1 minute", None, [2, 4, 8, 16, 30, 60]),
        ("over ratelimit,limit:10,time:5 second", None, [2, 3, 5, 5, 5, 5]),
        ("over ratelimit,limit:10,time:1 second", None, [1; 6]),
        ("over ratelimit", None, [2, 4, 8, 16, 30, 30]),
        ("over ratelimit,limit:10,time:1 minute", Some(7), [7; 6]),
        ("over ratelimit,limit:10,time:1 minute", Some(0), [2, 4, 8, 16, 30, 60]),
        ("over ratelimit,limit:10,time:1 minute", Some(u64::MAX), [3_600; 6]),
    ] {
        let pace = Pace::new();
        throttle(&pace, message, retry_after).await;
        let mut pauses = Vec::new();
        let mut claim = Claim::new(Some(Instant::now() + SECOND * 100_000));
        while pauses.len() < 6 {
            let started = Instant::now();
            let mut permit = pace.admit(KIND, &mut claim).await.unwrap();
            permit.sending(Instant::now());
            pauses.push(started.elapsed().as_secs());
            permit.refused(&throttled(message).waiting(retry_after.map(Duration::from_secs)), 1.0);
        }
        assert_eq!(pauses, expected, "{message} {retry_after:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_has_no_time_to_wait_is_told_at_once_when_to_come_back() {
    let pace = Pace::new();
    throttle(&pace, "over ratelimit,limit:2,time:1 minute", Some(30)).await;
    let started = Instant::now();
    let short = async |seconds| {
        let mut claim = Claim::new(Some(started + SECOND * seconds));
        pace.admit(KIND, &mut claim).await.map(drop).unwrap_err()
    };
    let held = short(30).await;
    assert_eq!((held.wait, started.elapsed()), (SECOND * 30, Duration::ZERO));
    assert_eq!(held.to_string(), "throttled (2 per 1 minute); try again in 30 s");

    // Two are in line, so that a third can't go in this window.
    let wait = async |seconds| {
        let mut claim = Claim::new(Some(started + SECOND * seconds));
        let mut permit = pace.admit(KIND, &mut claim).await.unwrap();
        permit.sending(Instant::now());
        permit.let_through();
    };
    let third = async {
        tokio::task::yield_now().await;
        let held = short(60).await;
        assert_eq!(started.elapsed(), Duration::ZERO);
        assert_eq!(held.wait, MINUTE);
    };
    tokio::join!(wait(40), wait(40), third);
    assert_eq!(started.elapsed(), SECOND * 30);
}

/// A refusal that puts the next attempt off wakes those who then have no time left.
#[tokio::test(start_paused = true)]
async fn who_has_no_time_left_is_told_when_that_is_known() {
    let pace = Pace::new();
    throttle(&pace, "over ratelimit,limit:2,time:1 minute", Some(5)).await;
    let started = Instant::now();
    let probe = async {
        let mut claim = Claim::new(Some(started + MINUTE));
        let mut permit = pace.admit(KIND, &mut claim).await.unwrap();
        permit.sending(Instant::now());
        sleep(SECOND).await;
        permit.refused(
            &throttled("over ratelimit,limit:2,time:1 minute").waiting(Some(SECOND * 50)),
            0.5,
        );
    };
    let second = async {
        tokio::task::yield_now().await;
        let mut claim = Claim::new(Some(started + SECOND * 20));
        let held = pace.admit(KIND, &mut claim).await.map(drop).unwrap_err();
        assert_eq!((held.wait, started.elapsed()), (SECOND * 50, SECOND * 6));
    };
    tokio::join!(probe, second);
}

#[tokio::test(start_paused = true)]
async fn calls_go_in_the_order_in_which_they_came() {
    let gateway = Gateway::new(3, MINUTE);
    let pace = Pace::new();
    throttle(&pace, &gateway.message, None).await;
    let order = Mutex::new(Vec::new());
    join_all((0..12).map(async |number| {
        call(&pace, &gateway, SIX_MINUTES).await.unwrap();
        order.lock().unwrap().push(number);
    }))
    .await;
    assert_eq!(order.into_inner().unwrap(), (0..12).collect::<Vec<_>>());
}

/// A call that is dropped while it waits, or while it is on its way, blocks none behind it.
#[tokio::test(start_paused = true)]
async fn a_cancelled_call_gives_its_place_to_the_next() {
    let gateway = Gateway::new(4, MINUTE);
    let pace = Pace::new();
    throttle(&pace, &gateway.message, Some(10)).await;
    let started = Instant::now();
    let dropped_in_line = timeout(SECOND * 3, call(&pace, &gateway, SIX_MINUTES));
    let on_its_way = async {
        let mut claim = Claim::new(Some(started + MINUTE));
        let mut permit = pace.admit(KIND, &mut claim).await.unwrap();
        permit.sending(Instant::now());
        timeout(SECOND, std::future::pending::<()>()).await.unwrap_err();
    };
    let never_sent = async {
        let mut claim = Claim::new(Some(started + MINUTE));
        drop(pace.admit(KIND, &mut claim).await.unwrap());
    };
    let last = async {
        call(&pace, &gateway, MINUTE).await.unwrap();
        started.elapsed()
    };
    let (first, (), (), last) = tokio::join!(dropped_in_line, on_its_way, never_sent, last);
    assert!(first.is_err());
    assert_eq!(last, SECOND * 11 + gateway.latency);
}

/// A response that does not come keeps the others only for a moment.
#[tokio::test(start_paused = true)]
async fn a_call_that_stalls_does_not_stop_the_others() {
    let gateway = Gateway::new(10, MINUTE);
    let pace = Pace::new();
    throttle(&pace, &gateway.message, Some(10)).await;
    let stalled = async {
        let mut claim = Claim::new(Some(Instant::now() + MINUTE));
        let mut permit = pace.admit(KIND, &mut claim).await.unwrap();
        permit.sending(Instant::now());
        sleep(SECOND * 15).await;
    };
    let others = async {
        let took = all(&pace, &gateway, 5, MINUTE).await;
        assert!(took < SECOND * 13, "{took:?}");
    };
    tokio::join!(stalled, others);
}

#[test]
fn nothing_is_allocated_where_nothing_is_throttled() {
    let pace = Pace::new();
    let mut claim = Claim::new(Some(Instant::now() + MINUTE));
    let counted = allocation_counter::measure(|| {
        let mut permit = pace.admit(KIND, &mut claim).now_or_never().unwrap().unwrap();
        permit.sending(Instant::now());
        permit.let_through();
    });
    assert_eq!(counted.count_total, 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_past_is_forgotten() {
    let pace = Pace::new();
    throttle(&pace, "over ratelimit,limit:1,time:5 second", None).await;
    sleep(SECOND * 11).await;
    let gateway = Gateway::new(1_000, SECOND * 5);
    // As if nothing had ever been throttled: not one at a time, and more than the limit.
    let took = all(&pace, &gateway, 100, MINUTE).await;
    assert_eq!(took, gateway.latency);
    assert_eq!(format!("{pace:?}"), "Pace { throttled: 0 }");
}

#[tokio::test(start_paused = true)]
async fn only_so_many_kinds_are_kept() {
    let pace = Pace::new();
    let keys: Vec<String> = (0..GATES + 500).map(|number| number.to_string()).collect();
    for access_key in &keys {
        let mut permit =
            pace.admit(Kind { access_key, ..KIND }, &mut Claim::new(None)).await.unwrap();
        permit.sending(Instant::now());
        permit.refused(&throttled("over ratelimit,limit:1,time:9 day"), 0.5);
    }
    assert_eq!(format!("{pace:?}"), format!("Pace {{ throttled: {GATES} }}"));
    sleep(SECOND * 7_300).await;
    pace.admit(KIND, &mut Claim::new(Some(Instant::now() + SECOND))).await.unwrap();
    assert_eq!(
        format!("{pace:?}"),
        "Pace { throttled: 0 }",
        "no window is believed longer than an hour"
    );
}
