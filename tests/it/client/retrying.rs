//! The call loop, on the fake with scripted faults and paused time.

use std::num::NonZeroU32;
use std::time::Duration;

use huaweicloud_cts::client::CallOptions;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{
    CreateNotification, DeleteNotifications, ListNotifications, NotificationId, UpdateNotification,
};
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::transport::TransportErrorKind;
use huaweicloud_cts::{CtsClient, Error, Region, RetryPolicy};

/// The calls that a script is tried with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Which {
    List,
    Create,
    Update,
    Delete,
}

/// Makes one call on a fake that has the notification `old`, with these faults in its way.
async fn run(
    which: Which,
    faults: impl IntoIterator<Item = Fault>,
) -> (Result<(), Error>, FakeCts) {
    let fake = FakeCts::new();
    let client = fake.client();
    let old = client.create_notification(&CreateNotification::complete("old")).await.unwrap();
    fake.inject(faults);
    let result = match which {
        Which::List => client.list_notifications(&ListNotifications::smn()).await.map(drop),
        Which::Create => {
            client.create_notification(&CreateNotification::complete("new")).await.map(drop)
        }
        Which::Update => client
            .update_notification(&UpdateNotification::from_current(&old).rename("renamed"))
            .await
            .map(drop),
        Which::Delete => client.delete_notification(&old.notification_id).await,
    };
    (result, fake)
}

/// How often the call was sent, as the fake saw it.
pub(super) fn arrived(fake: &FakeCts) -> usize {
    fake.requests().len() - 1
}

/// How often the fake applied it.
fn applied(which: Which, fake: &FakeCts) -> bool {
    let names: Vec<String> = fake
        .notifications(FakeCts::PROJECT_ID)
        .into_iter()
        .map(|found| found.notification_name)
        .collect();
    match which {
        Which::List => false,
        Which::Create => names == ["old", "new"],
        Which::Update => names == ["renamed"],
        Which::Delete => names.is_empty(),
    }
}

pub(super) fn gateway(status: u16) -> Fault {
    Fault::status(status, r#"{"error_msg":"backend","error_code":"APIGW.0201","request_id":"r"}"#)
}

/// One fault, then none: every call recovers that may be repeated, and a create is never repeated
/// that may have arrived.
#[tokio::test(start_paused = true)]
async fn each_kind_of_fault_is_retried_only_where_a_retry_is_safe() {
    type Row = (&'static str, fn() -> Fault, bool, bool);
    // Fault; does a create survive it too; may a write that fails have been applied.
    let rows: [Row; 10] = [
        ("refused", || Fault::Unreachable(TransportErrorKind::Connect), true, false),
        ("no address", || Fault::Unreachable(TransportErrorKind::Dns), true, false),
        ("no TLS", || Fault::Unreachable(TransportErrorKind::Tls), true, false),
        ("throttled", || Fault::throttle(None), true, false),
        ("dropped before", || Fault::DropBefore, false, true),
        ("dropped after", || Fault::DropAfter, false, true),
        ("cut off", || Fault::CutOff, false, true),
        ("stalled", || Fault::StallAfter, false, true),
        ("502", || gateway(502), false, true),
        ("503 of the gateway", || gateway(503), false, true),
    ];
    for (what, fault, create_survives, unsure) in rows {
        for which in [Which::List, Which::Update, Which::Delete] {
            let (result, fake) = run(which, [fault()]).await;
            assert!(result.is_ok(), "{what}, {which:?}: {result:?}");
            assert!(which == Which::List || applied(which, &fake), "{what}, {which:?}");
        }
        let (result, fake) = run(Which::Create, [fault()]).await;
        match result {
            Ok(()) => assert!(create_survives && applied(Which::Create, &fake), "{what}"),
            Err(error) => {
                assert!(!create_survives, "{what}: {error}");
                assert_eq!(
                    (error.attempts(), error.may_have_applied()),
                    (1, unsure),
                    "{what}: {error}"
                );
            }
        }
    }
}

/// Not retried: it would not help, or the service asks not to.
#[tokio::test(start_paused = true)]
async fn some_error_responses_are_not_retried() {
    let service = |status: u16, code: &str| {
        Fault::status(status, format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#))
    };
    for fault in [
        service(503, "CTS.0005"),
        service(400, "CTS.0003"),
        service(403, "CTS.0013"),
        service(429, "CTS.0407"),
        service(401, "APIGW.0301"),
        service(404, "CTS.0403"),
        Fault::status(302, ""),
        Fault::Unreachable(TransportErrorKind::Unsendable),
    ] {
        for which in [Which::List, Which::Create, Which::Update, Which::Delete] {
            let (result, fake) = run(which, [fault.clone()]).await;
            let error = result.unwrap_err();
            assert_eq!(error.attempts(), 1, "{which:?}: {error}");
            assert!(arrived(&fake) <= 1, "{which:?}: {error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_gives_up_after_four_attempts_and_says_so() {
    let (result, fake) = run(Which::List, (0..10).map(|_| gateway(502))).await;
    let error = result.unwrap_err();
    assert_eq!((error.attempts(), arrived(&fake), fake.faults_left()), (4, 4, 6));
    assert_eq!(
        error.to_string(),
        "ListNotifications: 502 APIGW.0201: backend; the HTTP status says the cause: for 4xx correct the request, for 5xx \
         repeat it later (request id 00000000000000000000000000000005, after 4 attempts)"
    );
}

#[tokio::test(start_paused = true)]
async fn pauses_follow_retry_after_within_the_time_limit_of_the_call() {
    let started = tokio::time::Instant::now();
    let (result, _) = run(Which::Create, [Fault::throttle(Duration::from_secs(30))]).await;
    result.unwrap();
    assert_eq!(started.elapsed().as_secs(), 30);

    let started = tokio::time::Instant::now();
    let (result, _) = run(Which::Create, [Fault::throttle(Duration::from_secs(90))]).await;
    let error = result.unwrap_err();
    assert!(error.is_throttled() && error.is_retryable() && !error.may_have_applied());
    assert_eq!(started.elapsed().as_secs(), 0, "waiting would be in vain");
}

#[tokio::test(start_paused = true)]
async fn the_whole_call_has_a_time_limit() {
    let started = tokio::time::Instant::now();
    let (result, _) = run(Which::List, (0..10).map(|_| Fault::StallAfter)).await;
    let error = result.unwrap_err();
    assert!(started.elapsed() <= Duration::from_secs(60), "{:?}", started.elapsed());
    assert!(error.attempts() >= 3, "{error}");

    let fake = FakeCts::new();
    let quick = RetryPolicy::standard().total_timeout(Duration::from_secs(1));
    fake.inject([Fault::Delay(Duration::from_secs(5))]);
    let started = tokio::time::Instant::now();
    let client = fake.client().with_options(CallOptions::new().retry(quick));
    let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(started.elapsed().as_secs(), 1);
    assert_eq!(
        error.to_string(),
        "ListNotifications: no response within the time limit: 1s (cts.localhost)"
    );
}

/// The first attempt may have been applied, which changes the meaning of the second response.
#[tokio::test(start_paused = true)]
async fn a_retry_considers_what_an_earlier_attempt_may_have_applied() {
    // The repetition of a deletion that was applied, and whose response was lost, gets a 404.
    let (result, fake) = run(Which::Delete, [Fault::DropAfter]).await;
    result.unwrap();
    assert_eq!(arrived(&fake), 2);
    // But if the first attempt did not arrive, a 404 means that there was nothing to delete.
    let fake = FakeCts::new();
    fake.inject([Fault::throttle(None)]);
    let error =
        fake.client().delete_notification(&NotificationId::from("unknown")).await.unwrap_err();
    assert!(error.is_not_found() && error.attempts() == 2, "{error}");

    let denied = Fault::status(403, r#"{"error_code":"CTS.0013","error_msg":"No permission"}"#);
    let (result, _) = run(Which::Update, [Fault::DropAfter, denied]).await;
    let error = result.unwrap_err();
    assert!(error.may_have_applied(), "the first attempt may have been carried out: {error}");
    assert!(error.to_string().contains("the request may still have been applied"), "{error}");
}

/// While a call waits for its second attempt, another one learns that the clock is wrong.
#[tokio::test(start_paused = true)]
async fn each_attempt_is_signed_anew_with_the_current_time() {
    let fake = FakeCts::new();
    fake.inject([Fault::throttle(Duration::from_secs(1))]);
    let client = fake.client();
    let list = ListNotifications::smn();
    let create = async {
        fake.set_clock_ahead(Duration::from_secs(3_600));
        client.create_notification(&CreateNotification::complete("a")).await
    };
    let (listed, created) = tokio::join!(client.list_notifications(&list), create);
    assert_eq!((listed.unwrap().len(), created.is_ok()), (1, true));
    let requests = fake.requests();
    let statuses: Vec<u16> = requests.iter().map(|request| request.status.as_u16()).collect();
    assert_eq!(statuses, [429, 401, 201, 200]);
    assert_ne!(requests[0].headers["x-sdk-date"], requests[3].headers["x-sdk-date"]);
    assert_ne!(requests[0].headers["authorization"], requests[3].headers["authorization"]);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_corrected_once_and_remembered() {
    const HOUR: Duration = Duration::from_secs(3_600);
    let cases: [fn(&FakeCts); 3] = [
        |fake| fake.set_clock_behind(HOUR),
        |fake| fake.set_clock_ahead(HOUR),
        |fake| fake.set_clock_ahead(HOUR * 24 * 400),
    ];
    for set in cases {
        let fake = FakeCts::new();
        set(&fake);
        let client = fake.client();
        client.create_notification(&CreateNotification::complete("a")).await.unwrap();
        assert_eq!(fake.requests().len(), 2, "the first response has the time");
        client.clone().list_notifications(&ListNotifications::smn()).await.unwrap();
        assert_eq!(fake.requests().len(), 3, "and it is remembered");
        assert_eq!(fake.notifications(FakeCts::PROJECT_ID).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_endpoint_takes_over_if_the_first_cannot_be_resolved() {
    let fake = FakeCts::new();
    let region = Region::custom("two", ["https://first.example.com", "https://second.example.com"]);
    let client = CtsClient::builder()
        .region(region)
        .project_id("p1")
        .credentials(fake.credentials())
        .transport(fake.clone())
        .build()
        .unwrap();
    let list = ListNotifications::smn();
    for kind in [TransportErrorKind::Dns, TransportErrorKind::Tls] {
        fake.inject([Fault::Unreachable(kind)]);
        client.list_notifications(&list).await.unwrap();
    }
    let hosts =
        || fake.requests().iter().map(|call| call.headers["host"].clone()).collect::<Vec<_>>();
    assert_eq!(
        hosts(),
        ["second.example.com", "first.example.com"],
        "signed for the host it goes to, and moved on again"
    );
    client.list_notifications(&list).await.unwrap();
    assert_eq!(hosts()[2], "first.example.com", "what works is kept to");

    // A refused connection is no reason to go elsewhere.
    fake.inject([Fault::Unreachable(TransportErrorKind::Connect)]);
    client.list_notifications(&list).await.unwrap();
    assert_eq!(hosts()[3], "first.example.com");

    // Neither can be found: each is tried at once, and then with pauses.
    fake.inject((0..20).map(|_| Fault::Unreachable(TransportErrorKind::Dns)));
    let error = client.create_notification(&CreateNotification::complete("a")).await.unwrap_err();
    assert!(!error.may_have_applied());
    assert_eq!(error.attempts(), 4, "{error}");
    assert_eq!(fake.faults_left(), 16);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_sends_nothing_more() {
    let fake = FakeCts::new();
    fake.inject([Fault::Delay(Duration::from_secs(5)), Fault::throttle(Duration::from_secs(10))]);
    let client = fake.client();
    let create = CreateNotification::complete("a");
    let limit = Duration::from_secs(1);
    assert!(tokio::time::timeout(limit, client.create_notification(&create)).await.is_err());
    assert!(tokio::time::timeout(limit, client.create_notification(&create)).await.is_err());
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(fake.notifications(FakeCts::PROJECT_ID), [], "nothing goes on in the background");
}

/// A deletion of many meets faults in the middle.
#[tokio::test(start_paused = true)]
async fn many_deletions_survive_faults() {
    for fault in [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::throttle(Duration::from_secs(1)),
        gateway(502),
        Fault::StallAfter,
    ] {
        let fake = FakeCts::new();
        let client = fake.client();
        let mut ids = Vec::new();
        for i in 0..25 {
            let rule = client
                .create_notification(&CreateNotification::complete(format!("n{i}")))
                .await
                .unwrap();
            ids.push(rule.notification_id);
        }
        fake.inject([Fault::None, fault.clone()]);
        let report = client.delete_notifications(&DeleteNotifications::new(ids)).await.unwrap();
        assert!(report.is_complete(), "{fault:?}: {report:?}");
        assert_eq!(fake.notifications(FakeCts::PROJECT_ID), [], "{fault:?}");
    }
}

/// A create that may have arrived is never sent again.
#[tokio::test(start_paused = true)]
async fn a_create_that_may_have_arrived_is_sent_once() {
    let faults = [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::CutOff,
        Fault::StallAfter,
        gateway(500),
        gateway(504),
    ];
    for fault in &faults {
        let (result, fake) = run(Which::Create, [fault.clone(), fault.clone()]).await;
        assert!(result.unwrap_err().may_have_applied(), "{fault:?}");
        assert_eq!(fake.faults_left(), 1, "one request met a fault: {fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_of_a_response_is_part_of_the_error() {
    let (result, _) = run(Which::List, [Fault::throttle(Duration::from_secs(90))]).await;
    let error = result.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
    assert!(error.to_string().contains("; try again in 90 s"), "{error}");
}

/// This machine's clock may be wrong, and the date in `Retry-After` is by the service's.
#[tokio::test(start_paused = true)]
async fn a_retry_after_date_counts_from_the_date_of_the_response() {
    let response = http::Response::builder()
        .status(429)
        .header("date", "Sat, 21 Nov 2020 10:00:00 GMT")
        .header("retry-after", "Sat, 21 Nov 2020 10:01:30 GMT")
        .body(bytes::Bytes::new())
        .unwrap();
    assert_eq!(
        crate::support::answers::error_of(response).await.retry_after(),
        Some(Duration::from_secs(90))
    );
}

/// A name may resolve after a pause, so the endpoint that could not be found is tried once more.
#[tokio::test(start_paused = true)]
async fn endpoints_are_tried_in_turn_with_a_pause_after_each_round() {
    let answers = (0..4)
        .fold(crate::support::answers::Answers::default(), |answers, _| {
            answers.failure(TransportErrorKind::Dns)
        })
        .answer(200, "{}");
    let client = CtsClient::builder()
        .region(Region::custom("two", ["https://first.example.com", "https://second.example.com"]))
        .project_id("p1")
        .credentials(Credentials::new("AK", "SK"))
        .transport(answers.clone())
        .retry(RetryPolicy::standard().max_attempts(NonZeroU32::new(9).unwrap()))
        .build()
        .unwrap();
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
    let hosts: Vec<String> = answers
        .requests()
        .iter()
        .map(|request| request.uri().host().unwrap()[..5].to_owned())
        .collect();
    assert_eq!(hosts, ["first", "secon", "secon", "first", "first"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_if_no_time_is_left() {
    let fake = FakeCts::new();
    let none = CallOptions::new().retry(RetryPolicy::standard().total_timeout(Duration::ZERO));
    let error = fake
        .client()
        .with_options(none)
        .create_notification(&CreateNotification::complete("a"))
        .await
        .unwrap_err();
    assert!(!error.may_have_applied(), "{error}");
    assert_eq!(fake.requests().len(), 0, "{error}");
}
