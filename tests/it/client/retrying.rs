//! The call loop, on the fake with scripted faults and paused time.

use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use huaweicloud_cts::client::{CallInfo, CallOptions};
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{
    CreateNotification, DeleteNotifications, ListNotifications, NotificationId, UpdateNotification,
};
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::transport::TransportErrorKind;
use huaweicloud_cts::{CtsClient, Error, Region, RetryPolicy};

use crate::support::snapshot::assert_snapshot;

/// The calls that a script is tried with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Which {
    List,
    Create,
    Update,
    Delete,
}

/// Makes one call on a fake that has the notification `old`, with these faults in its way.
async fn run(which: Which, faults: impl IntoIterator<Item = Fault>) -> (Result<(), Error>, FakeCts) {
    let fake = FakeCts::new();
    let client = fake.client();
    let old = client.create_notification(&CreateNotification::complete("old")).await.unwrap();
    fake.inject(faults);
    let result = match which {
        Which::List => client.list_notifications(&ListNotifications::smn()).await.map(drop),
        Which::Create => client.create_notification(&CreateNotification::complete("new")).await.map(drop),
        Which::Update => {
            client.update_notification(&UpdateNotification::from_current(&old).rename("renamed")).await.map(drop)
        }
        Which::Delete => client.delete_notification(&old.notification_id).await,
    };
    (result, fake)
}

/// How often the call was sent, as the fake saw it.
fn arrived(fake: &FakeCts) -> usize {
    fake.requests().len() - 1
}

/// How often the fake applied it.
fn applied(which: Which, fake: &FakeCts) -> bool {
    let names: Vec<String> =
        fake.notifications(FakeCts::PROJECT_ID).into_iter().map(|found| found.notification_name).collect();
    match which {
        Which::List => false,
        Which::Create => names == ["old", "new"],
        Which::Update => names == ["renamed"],
        Which::Delete => names.is_empty(),
    }
}

fn gateway(status: u16) -> Fault {
    Fault::status(status, r#"{"error_msg":"backend","error_code":"APIGW.0201","request_id":"r"}"#)
}

/// One fault, then none: every call recovers that may be repeated, and a create is never repeated that may have
/// arrived.
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
                assert_eq!((error.attempts(), error.may_have_applied()), (1, unsure), "{what}: {error}");
            }
        }
    }
}

/// Not retried: it would not help, or the service asks not to.
#[tokio::test(start_paused = true)]
async fn some_error_responses_are_not_retried() {
    let service =
        |status: u16, code: &str| Fault::status(status, format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#));
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
    assert_eq!(error.to_string(), "ListNotifications: no response within the time limit: 1s (cts.localhost)");
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
    let error = fake.client().delete_notification(&NotificationId::from("unknown")).await.unwrap_err();
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

/// Each cause of the gateway's only code for a bad signature.
#[tokio::test(start_paused = true)]
async fn a_refused_signature_is_explained() {
    let list = ListNotifications::smn();
    let refusal = |reason: &str| {
        let message = format!("Incorrect IAM authentication information: {reason}");
        let body = serde_json::json!({"error_msg": message, "error_code": "APIGW.0301", "request_id": "r1"});
        Fault::status(401, body.to_string())
    };
    let mut story = String::new();
    let mut tell = |what: &str, error: Error| {
        assert_eq!(error.status().unwrap().as_u16(), 401);
        assert!(!error.to_string().contains("FAKEACCESSKEY0000001"), "{error}");
        writeln!(story, "{what}:\n    {error}").unwrap();
    };

    let fake = FakeCts::new();
    let keys = fake.credentials();
    let with = |credentials| fake.client_builder().credentials(credentials).build().unwrap();
    let wrong = with(Credentials::new(keys.access_key(), "not-the-secret-key"));
    tell("wrong secret key", wrong.list_notifications(&list).await.unwrap_err());
    let unknown = with(Credentials::new("UNKNOWNACCESSKEY0001", "some-secret-key"));
    tell("unknown key", unknown.list_notifications(&list).await.unwrap_err());
    let expired_token =
        with(Credentials::new("UNKNOWNACCESSKEY0001", "some-secret").security_token("token-of-yesterday"));
    tell("unknown temporary key", expired_token.list_notifications(&list).await.unwrap_err());

    let client = fake.client();
    for (what, reason) in [
        ("locked key", "AK access failed to reach the limit,forbidden"),
        ("no header", "x-auth-token not found"),
        ("expired", "calc aksk signature fail:signature expired, no time told"),
        ("bad token", "decrypt token fail"),
        ("unknown reason", "Unauthorized"),
        (
            "changed host",
            "verify aksk signature fail, canonicalRequest:GET|/v3/24edf66e79d04187acb99a463e610764/notifications/smn/||\
             host:10.0.0.7|x-project-id:24edf66e79d04187acb99a463e610764|",
        ),
    ] {
        fake.inject([refusal(reason)]);
        tell(what, client.list_notifications(&list).await.unwrap_err());
    }
    assert_snapshot!("refused-signature", story);
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
    let hosts = || fake.requests().iter().map(|call| call.headers["host"].clone()).collect::<Vec<_>>();
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
        .on_success(move |call| {
            let id = call.request_id.map(str::to_owned);
            keep.lock().unwrap().push((call.operation, call.status.as_u16(), call.attempts, id));
        });
    let client = fake.client();
    let special = client.with_options(options);
    fake.inject([Fault::StallAfter]);
    let started = tokio::time::Instant::now();
    special.list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 2);
    assert_eq!(
        *told.lock().unwrap(),
        [("ListNotifications", 200, 2, Some("00000000000000000000000000000002".to_owned()))]
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

/// A deletion of many meets faults in the middle.
#[tokio::test(start_paused = true)]
async fn many_deletions_survive_faults() {
    for fault in
        [Fault::DropBefore, Fault::DropAfter, Fault::throttle(Duration::from_secs(1)), gateway(502), Fault::StallAfter]
    {
        let fake = FakeCts::new();
        let client = fake.client();
        let mut ids = Vec::new();
        for i in 0..25 {
            let rule = client.create_notification(&CreateNotification::complete(format!("n{i}"))).await.unwrap();
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
    let faults = [Fault::DropBefore, Fault::DropAfter, Fault::CutOff, Fault::StallAfter, gateway(500), gateway(504)];
    for fault in &faults {
        let (result, fake) = run(Which::Create, [fault.clone(), fault.clone()]).await;
        assert!(result.unwrap_err().may_have_applied(), "{fault:?}");
        assert_eq!(fake.faults_left(), 1, "one request met a fault: {fault:?}");
    }
}

/// The value of a custom header may be a secret.
#[tokio::test(start_paused = true)]
async fn a_header_that_was_changed_on_the_way_is_named_but_not_shown() {
    let keys = Credentials::new("TESTACCESSKEY0000001", "secret-key");
    let gateways = "GET|/v3/p1/notifications/smn/||host:h.example.com|x-note:changed|x-project-id:p1|";
    let body = serde_json::json!({"error_code": "APIGW.0301", "error_msg": format!("verify aksk signature fail, canonicalRequest:{gateways}")});
    let answers = crate::support::answers::Answers::default().answer(401, body.to_string());
    let client = CtsClient::builder()
        .endpoint("https://h.example.com")
        .project_id("p1")
        .credentials(keys)
        .transport(answers)
        .build()
        .unwrap()
        .with_options(CallOptions::new().header("x-note".parse().unwrap(), "sentinel-value".parse().unwrap()));
    let text = client.list_notifications(&ListNotifications::smn()).await.unwrap_err().to_string();
    assert!(text.contains("the header x-note arrived changed") && !text.contains("sentinel"), "{text}");
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
    assert_eq!(crate::support::answers::error_of(response).await.retry_after(), Some(Duration::from_secs(90)));
}

/// A name may resolve after a pause, so the endpoint that could not be found is tried once more.
#[tokio::test(start_paused = true)]
async fn endpoints_are_tried_in_turn_with_a_pause_after_each_round() {
    let answers = (0..4)
        .fold(crate::support::answers::Answers::default(), |answers, _| answers.failure(TransportErrorKind::Dns))
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
    let hosts: Vec<String> =
        answers.requests().iter().map(|request| request.uri().host().unwrap()[..5].to_owned()).collect();
    assert_eq!(hosts, ["first", "secon", "secon", "first", "first"]);
}

/// A response that cannot be read is not a success.
#[tokio::test(start_paused = true)]
async fn the_observer_is_told_of_read_answers_only() {
    let told = Arc::new(Mutex::new(0));
    let count = Arc::clone(&told);
    let options = CallOptions::new().on_success(move |_| *count.lock().unwrap() += 1);
    let answers =
        crate::support::answers::Answers::default().answer(200, "<html>").answer(200, r#"{"notifications":[]}"#);
    let client = answers.client().with_options(options);
    client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(*told.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_if_no_time_is_left() {
    let fake = FakeCts::new();
    let none = CallOptions::new().retry(RetryPolicy::standard().total_timeout(Duration::ZERO));
    let error =
        fake.client().with_options(none).create_notification(&CreateNotification::complete("a")).await.unwrap_err();
    assert!(!error.may_have_applied(), "{error}");
    assert_eq!(fake.requests().len(), 0, "{error}");
}

/// Credentials that expired early are requested again, and the call is repeated with others.
#[tokio::test(start_paused = true)]
async fn temporary_credentials_that_the_service_refuses_are_dropped_from_the_cache() {
    use huaweicloud_cts::BoxFuture;
    use huaweicloud_cts::credentials::{CachedCredentials, CredentialsContext, CredentialsError, ProvideCredentials};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::SystemTime;

    #[derive(Debug, Default)]
    struct Rotating(AtomicUsize);

    impl ProvideCredentials for Rotating {
        fn provide<'a>(&'a self, _: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            let keys =
                Credentials::new(format!("TEMPORARYKEY0000000{number}"), "some-secret").security_token("some-token");
            Box::pin(async move { Ok(keys.expires_at(SystemTime::now() + Duration::from_secs(36_000))) })
        }
    }

    let fake = FakeCts::new();
    fake.accept(&Credentials::new("TEMPORARYKEY00000001", "some-secret").security_token("some-token"));
    let client = fake.client_builder().credentials(CachedCredentials::new(Rotating::default())).build().unwrap();
    let list = ListNotifications::smn();
    client.list_notifications(&list).await.unwrap();
    client.list_notifications(&list).await.unwrap();
    assert_eq!(fake.requests().len(), 3, "the first call was repeated");
}

/// With a provider that returns credentials of these numbers, one after the other: the number of requests, and the last
/// status.
async fn refused(numbers: &'static [u8], message: &str, policy: RetryPolicy) -> (usize, u16) {
    use crate::support::answers::Answers;
    use huaweicloud_cts::BoxFuture;
    use huaweicloud_cts::credentials::{CredentialsContext, CredentialsError, ProvideCredentials};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Debug)]
    struct Numbered(&'static [u8], AtomicUsize);
    impl ProvideCredentials for Numbered {
        fn provide<'a>(&'a self, _: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            let call = self.1.fetch_add(1, Ordering::Relaxed);
            let given =
                self.0.get(call).map(|number| Credentials::new(format!("TESTACCESSKEY000000{number}"), "secret"));
            Box::pin(std::future::ready(given.ok_or_else(|| CredentialsError::failed("closed", "for today"))))
        }
    }
    let answers = (0..5).fold(Answers::default(), |answers, _| answers.answer(401, message));
    let client = CtsClient::builder()
        .endpoint("https://cts.example.com")
        .project_id("p1")
        .credentials(Numbered(numbers, AtomicUsize::new(0)))
        .transport(answers.clone())
        .retry(policy)
        .build()
        .unwrap();
    let error = client.create_notification(&CreateNotification::complete("a")).await.unwrap_err();
    assert_eq!(error.attempts() as usize, answers.requests().len(), "{error}");
    (answers.requests().len(), error.status().unwrap().as_u16())
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_is_repeated_once_and_only_with_other_credentials() {
    let outdated = r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated"}"#;
    let unknown = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: Get secretKey failed,ak:a,err:ak not exist"}"#;
    let wrong = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: verify aksk signature fail"}"#;
    for message in [outdated, unknown] {
        for policy in [RetryPolicy::standard(), RetryPolicy::never()] {
            assert_eq!(refused(&[1, 2, 2, 3, 4, 5], message, policy.clone()).await, (2, 401), "once");
            assert_eq!(refused(&[1, 1, 1, 1], message, policy.clone()).await, (1, 401), "the same again");
            assert_eq!(refused(&[1], message, policy).await, (1, 401), "the provider fails");
        }
    }
    assert_eq!(refused(&[1, 2, 2, 2], wrong, RetryPolicy::standard()).await, (1, 401), "a wrong secret key counts");
}

#[tokio::test(start_paused = true)]
async fn options_of_a_call_are_added_to_those_of_the_client() {
    let fake = FakeCts::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = |who: &'static str| {
        let told = Arc::clone(&told);
        move |call: &CallInfo<'_>| told.lock().unwrap().push((who, call.attempts))
    };
    let header = |options: CallOptions, name: &'static str, value: &'static str| {
        options.header(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    let first = CallOptions::new()
        .attempt_timeout(Duration::from_secs(2))
        .retry(RetryPolicy::standard().max_attempts(NonZeroU32::new(2).unwrap()))
        .on_success(tell("first"));
    let first = header(header(first, "x-kept", "1"), "x-replaced", "1");
    let second = header(CallOptions::new().on_success(tell("second")), "x-replaced", "2");
    let client = fake.client().with_options(first).with_options(second);
    fake.inject([Fault::StallAfter]);
    let started = tokio::time::Instant::now();
    client.list_notifications(&ListNotifications::smn()).await.unwrap();

    assert_eq!(started.elapsed().as_secs(), 2, "the attempt's limit is that of the first");
    assert_eq!(*told.lock().unwrap(), [("first", 2), ("second", 2)]);
    let call = &fake.requests()[1];
    assert_eq!((&call.headers["x-kept"], &call.headers["x-replaced"]), (&"1".parse().unwrap(), &"2".parse().unwrap()));
    fake.inject([gateway(502), gateway(502)]);
    assert_eq!(client.list_notifications(&ListNotifications::smn()).await.unwrap_err().attempts(), 2);
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
