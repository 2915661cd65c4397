//! Options of a call.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use huaweicloud_cts::client::{AfterAttempt, Attempt, CallOptions};
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::transport::TransportErrorKind;
use huaweicloud_cts::{ErrorKind, RetryPolicy};

use super::retrying::gateway;

#[tokio::test(start_paused = true)]
async fn call_options_replace_the_settings_of_the_client() {
    let fake = FakeCts::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    let options = CallOptions::new()
        .header("x-trace".parse().unwrap(), "abc".parse().unwrap())
        .header("host".parse().unwrap(), "evil.example.com".parse().unwrap())
        .header("x-project-id".parse().unwrap(), "other".parse().unwrap())
        .attempt_timeout(Duration::from_secs(2))
        .retry(RetryPolicy::standard().max_attempts(NonZeroU32::new(2).unwrap()))
        .on_attempt(move |attempt| {
            let id = attempt.request_id.map(str::to_owned);
            keep.lock().unwrap().push((
                attempt.operation,
                attempt.number,
                attempt.status.map(|s| s.as_u16()),
                id,
            ));
        });
    let client = fake.client();
    let special = client.with_options(options);
    fake.inject([Fault::StallAfter]);
    let started = tokio::time::Instant::now();
    special.list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 2);
    assert_eq!(
        *told.lock().unwrap(),
        [
            ("ListNotifications", 1, None, None),
            (
                "ListNotifications",
                2,
                Some(200),
                Some("00000000000000000000000000000002".to_owned())
            ),
        ]
    );
    let call = &fake.requests()[1];
    assert_eq!(call.headers["x-trace"], "abc");
    assert!(call.headers["authorization"].to_str().unwrap().contains("x-trace"), "it is signed");
    assert_eq!(
        (&call.headers["host"], &call.headers["x-project-id"]),
        (&"cts.localhost".parse().unwrap(), &FakeCts::PROJECT_ID.parse().unwrap())
    );

    fake.inject([gateway(502), gateway(502), gateway(502)]);
    let error = special.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(error.attempts(), 2);
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(fake.faults_left(), 0);
    assert!(!format!("{special:?}").contains("abc"), "values of headers are not shown");
}

#[tokio::test(start_paused = true)]
async fn the_hook_is_told_of_each_attempt_and_what_follows() {
    let fake = FakeCts::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    let client =
        fake.client().with_options(CallOptions::new().on_attempt(move |attempt: &Attempt<'_>| {
            assert_eq!((attempt.method.as_str(), attempt.host), ("GET", "cts.localhost"));
            let next = match attempt.next {
                AfterAttempt::Repeated { after, .. } => {
                    format!("repeated after {} s", after.as_secs())
                }
                other => format!("{other:?}"),
            };
            let took = attempt.duration.as_secs();
            keep.lock().unwrap().push((
                attempt.number,
                attempt.status.map(|s| s.as_u16()),
                attempt.error,
                took,
                next,
            ));
        }));
    let list = ListNotifications::smn();
    fake.inject([Fault::throttle(Duration::from_secs(9)), Fault::Delay(Duration::from_secs(3))]);
    client.list_notifications(&list).await.unwrap();
    assert_eq!(
        std::mem::take(&mut *told.lock().unwrap()),
        [
            (1, Some(429), Some(ErrorKind::Api), 0, "repeated after 9 s".to_owned()),
            (2, Some(200), None, 3, "Done".to_owned()),
        ],
        "waiting for its turn is no part of an attempt"
    );

    fake.inject([Fault::Unreachable(TransportErrorKind::Setup)]);
    client.list_notifications(&list).await.unwrap_err();
    fake.inject([Fault::status(404, "{}")]);
    client.list_notifications(&list).await.unwrap_err();
    assert_eq!(
        *told.lock().unwrap(),
        [
            (1, None, Some(ErrorKind::Transport), 0, "Failed".to_owned()),
            (1, Some(404), Some(ErrorKind::Api), 0, "Failed".to_owned()),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_hook_is_told_why_there_is_no_response() {
    let fake = FakeCts::new();
    let kinds = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kinds);
    let hook =
        CallOptions::new().on_attempt(move |attempt| keep.lock().unwrap().push(attempt.transport));
    let client = fake.client().with_options(hook);
    fake.inject([
        Fault::Unreachable(TransportErrorKind::Dns),
        Fault::StallAfter,
        Fault::status(503, ""),
    ]);
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
    let expected = [Some(TransportErrorKind::Dns), Some(TransportErrorKind::Timeout), None, None];
    assert_eq!(*kinds.lock().unwrap(), expected);
}

/// There is no attempt to tell of.
#[tokio::test(start_paused = true)]
async fn the_hook_is_not_told_of_a_call_that_is_not_sent() {
    let hook = CallOptions::new().on_attempt(|attempt| panic!("{attempt:?}"));
    let limited = FakeCts::new().client().with_options(hook.total_timeout(Duration::ZERO));
    limited.list_notifications(&ListNotifications::smn()).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn options_of_a_call_are_added_to_those_of_the_client() {
    let fake = FakeCts::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = |who: &'static str| {
        let told = Arc::clone(&told);
        move |attempt: &Attempt<'_>| told.lock().unwrap().push((who, attempt.number))
    };
    let header = |options: CallOptions, name: &'static str, value: &'static str| {
        options.header(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    let first = CallOptions::new()
        .attempt_timeout(Duration::from_secs(2))
        .retry(RetryPolicy::standard().max_attempts(NonZeroU32::new(2).unwrap()))
        .on_attempt(tell("first"));
    let first = header(header(first, "x-kept", "1"), "x-replaced", "1");
    let second = header(CallOptions::new().on_attempt(tell("second")), "x-replaced", "2");
    let client = fake.client().with_options(first).with_options(second);
    fake.inject([Fault::StallAfter]);
    let started = tokio::time::Instant::now();
    client.list_notifications(&ListNotifications::smn()).await.unwrap();

    assert_eq!(started.elapsed().as_secs(), 2, "the attempt's limit is that of the first");
    assert_eq!(*told.lock().unwrap(), [("first", 1), ("second", 1), ("first", 2), ("second", 2)]);
    let call = &fake.requests()[1];
    assert_eq!(
        (&call.headers["x-kept"], &call.headers["x-replaced"]),
        (&"1".parse().unwrap(), &"2".parse().unwrap())
    );
    fake.inject([gateway(502), gateway(502)]);
    assert_eq!(
        client.list_notifications(&ListNotifications::smn()).await.unwrap_err().attempts(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_for_single_calls_leaves_the_rest_of_the_policy_alone() {
    let fake = FakeCts::new();
    let three = RetryPolicy::standard().max_attempts(NonZeroU32::new(3).unwrap());
    let patient = fake.client_builder().retry(three.clone()).build().unwrap();
    let limit = CallOptions::new().total_timeout(Duration::from_secs(10));
    for client in [
        patient.with_options(limit.clone()),
        fake.client().with_options(limit.clone().retry(three.clone())),
        fake.client().with_options(limit).with_options(CallOptions::new().retry(three)),
    ] {
        fake.inject([gateway(502), gateway(502), gateway(502)]);
        let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
        assert_eq!((error.attempts(), fake.faults_left()), (3, 0), "{error}");

        fake.inject([Fault::throttle(Duration::from_secs(9))]);
        client.list_notifications(&ListNotifications::smn()).await.unwrap();
        fake.inject([Fault::throttle(Duration::from_secs(10))]);
        let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
        assert_eq!(error.attempts(), 1, "waiting would be in vain: {error}");
        tokio::time::sleep(error.retry_after().unwrap()).await;

        let started = tokio::time::Instant::now();
        fake.inject([Fault::Delay(Duration::from_secs(60))]);
        client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
        assert_eq!(started.elapsed().as_secs(), 10);
    }
}
