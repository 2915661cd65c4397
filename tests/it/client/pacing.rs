//! Clients before a gateway that throttles, in paused time.

use std::num::NonZeroU32;
use std::time::Duration;

use futures_util::future::join_all;
use huaweicloud_cts::client::{CallOptions, Pace};
use huaweicloud_cts::notification::{CreateNotification, ListNotifications};
use huaweicloud_cts::provision::{NotificationSet, Rollout, Target};
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::{BoxFuture, CtsClient, Error, ErrorKind, RetryPolicy};
use tokio::time::{Instant, sleep};

use crate::support::gateway::{Gateway, throttled};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

async fn list(client: &CtsClient) -> Result<(), Error> {
    client.list_notifications(&ListNotifications::smn()).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn fifty_throttled_tasks_finish_within_the_windows_of_the_gateway() {
    for shared in ["clones", "by builder", "by options"] {
        let gateway = Gateway::new();
        let pace = Pace::new();
        let six = RetryPolicy::standard().total_timeout(MINUTE * 6);
        let one = gateway.client(MINUTE * 6);
        let clients = (0..50).map(|_| match shared {
            "clones" => one.clone(),
            "by builder" => {
                gateway.builder().retry(six.clone()).pace(pace.clone()).build().unwrap()
            }
            _ => gateway.client(MINUTE * 6).with_options(CallOptions::new().pace(pace.clone())),
        });
        join_all(clients.map(async |client| list(&client).await.unwrap())).await;
        let (served, refused) = gateway.later();
        let took = gateway.started.elapsed();
        assert!(took <= SECOND * 312, "{shared}: {took:?}");
        assert!(refused * 5 < served, "{shared}: {served} served, {refused} refused");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_targets_share_one_pace() {
    for (concurrency, total) in [(8, 3), (100, 45)] {
        let gateway = Gateway::new();
        let targets = (0..100).map(|number| {
            let builder = gateway.builder().project_id(format!("project{number}"));
            let policy = RetryPolicy::standard().total_timeout(MINUTE * total);
            Target::new(number.to_string(), builder.retry(policy).build().unwrap())
        });
        let set = NotificationSet::new([CreateNotification::complete("everything")]).unwrap();
        let reports = Rollout::new(targets).concurrency(concurrency).run(&set).await;
        for report in &reports {
            assert!(report.is_complete(), "{report}");
        }
        let (served, refused) = gateway.later();
        // A target lists two types, and 200 calls take 20 windows.
        let took = gateway.started.elapsed();
        assert!(took <= MINUTE * 20, "{concurrency}: {took:?}");
        assert!(refused * 5 < served, "{concurrency}: {served} served, {refused} refused");
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_out_whatever_the_prefix_of_its_code_and_the_number_of_attempts() {
    let text = ",limit:10,time:1 minute";
    for code in ["APIGW.0308", "APIG.0308"] {
        for (rest, expected) in
            [(text, 60), (",limit:10", 30), ("", 30), (",limit:10,time:5 second", 15)]
        {
            let fake = FakeCts::new();
            fake.inject((0..5).map(|_| throttled(rest, code)));
            let policy = RetryPolicy::standard()
                .max_attempts(NonZeroU32::new(2).unwrap())
                .total_timeout(MINUTE * 5);
            let client = fake.client_builder().retry(policy).build().unwrap();
            let started = Instant::now();
            client.create_notification(&CreateNotification::complete("a")).await.unwrap();
            assert_eq!(fake.requests().len(), 6);
            let took = started.elapsed();
            // 2 + 4 + 8 + 16 + 32 seconds, less the jitter, and no later than the windows turn.
            assert!(
                took >= SECOND * expected / 2 && took <= SECOND * 122,
                "{code}{rest}: {took:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn failures_other_than_throttling_keep_their_delays_and_number_of_attempts() {
    let fake = FakeCts::new();
    let gateway = || Fault::status(502, r#"{"error_code":"APIGW.0201","error_msg":"m"}"#);
    let throttle = || throttled(",limit:10,time:1 minute", "APIGW.0308");
    fake.inject([gateway(), throttle(), gateway(), throttle(), gateway(), gateway(), Fault::None]);
    let error = list(&fake.client()).await.unwrap_err();
    assert_eq!(
        (error.status().unwrap().as_u16(), error.attempts()),
        (502, 6),
        "four that count: {error}"
    );

    let fake = FakeCts::new();
    fake.inject([gateway(), gateway(), gateway()]);
    let started = Instant::now();
    list(&fake.client()).await.unwrap();
    assert!(started.elapsed() <= Duration::from_millis(1_400));
}

#[tokio::test(start_paused = true)]
async fn a_call_without_time_to_wait_fails_at_once_and_says_when_to_retry() {
    let fake = FakeCts::new();
    let client = fake.client();
    fake.inject([Fault::throttle(Duration::from_secs(90))]);
    let started = Instant::now();
    let error = list(&client).await.unwrap_err();
    assert!(
        error.is_throttled() && error.is_retryable() && error.kind() == ErrorKind::Api,
        "{error:?}"
    );
    assert_eq!(error.retry_after(), Some(SECOND * 90));
    assert!(
        error.to_string().contains("; throttled (100 per 1 minute); try again in 90 s ("),
        "{error}"
    );

    // Another call of this kind is not even sent, nor by a clone.
    sleep(SECOND * 10).await;
    let error = list(&client.clone()).await.unwrap_err();
    assert!(error.is_throttled() && error.is_retryable() && !error.may_have_applied(), "{error}");
    assert_eq!((error.kind(), error.attempts(), error.status()), (ErrorKind::Throttled, 0, None));
    assert_eq!(error.retry_after(), Some(SECOND * 80));
    assert_eq!(
        error.to_string(),
        "ListNotifications: not sent: calls like it are throttled (100 per 1 minute); try again in 80 s"
    );
    assert_eq!((fake.requests().len(), started.elapsed()), (1, SECOND * 10));
    // Other calls are sent.
    client.create_notification(&CreateNotification::complete("a")).await.unwrap();
    assert_eq!(started.elapsed(), SECOND * 10);
    // And so is this one, with enough time.
    sleep(SECOND * 30).await;
    list(&client).await.unwrap();
    assert_eq!(started.elapsed(), SECOND * 90);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_ends_when_the_next_pause_exceeds_its_time_limit() {
    let fake = FakeCts::new();
    fake.inject((0..20).map(|_| throttled(",limit:10,time:10 minute", "APIGW.0308")));
    let started = Instant::now();
    let error = list(&fake.client()).await.unwrap_err();
    // Not before 2 + 4 + 8 + 16, up to a quarter less.
    assert!((SECOND * 21..SECOND * 60).contains(&started.elapsed()), "{:?}", started.elapsed());
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Api, 429));
    let wait = error.retry_after().unwrap();
    // A second of the limit is kept for the response.
    assert!(started.elapsed() + wait + SECOND >= MINUTE && wait <= SECOND * 80, "{wait:?}");
}

/// A request that is sent with milliseconds left ends as one whose outcome is unknown.
#[tokio::test(start_paused = true)]
async fn a_throttled_call_is_not_sent_without_time_for_a_response() {
    for (total, is_sent) in [(60_500, false), (61_500, true)] {
        let fake = FakeCts::new();
        fake.inject([Fault::throttle(SECOND * 60)]);
        let policy = RetryPolicy::standard().total_timeout(Duration::from_millis(total));
        let client = fake.client_builder().retry(policy).build().unwrap();
        let result = client.create_notification(&CreateNotification::complete("a")).await;
        assert_eq!(
            (result.is_ok(), fake.requests().len()),
            (is_sent, if is_sent { 2 } else { 1 }),
            "{result:?}"
        );
        assert!(
            is_sent || result.is_err_and(|error| error.is_throttled() && !error.may_have_applied())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_one_attempt_neither_waits_nor_is_held_back() {
    let fake = FakeCts::new();
    let client = fake.client_builder().retry(RetryPolicy::never()).build().unwrap();
    fake.inject([Fault::throttle(None)]);
    let started = Instant::now();
    let error = list(&client).await.unwrap_err();
    assert!(error.is_throttled() && error.attempts() == 1, "{error}");
    let wait = error.retry_after().unwrap();
    assert!((SECOND..=SECOND * 2).contains(&wait), "{wait:?}");
    list(&client).await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
    // The others learn from it.
    list(&client.with_options(CallOptions::new().retry(RetryPolicy::standard()))).await.unwrap();
    // Timers are exact to a millisecond.
    assert!((wait..wait + Duration::from_millis(2)).contains(&started.elapsed()), "{wait:?}");
}

#[tokio::test(start_paused = true)]
async fn an_exhausted_quota_is_not_throttling() {
    let fake = FakeCts::new();
    let client = fake.client();
    for code in ["CTS.0407", "Common.QuotaExceeded"] {
        fake.inject([Fault::status(
            429,
            format!(r#"{{"error_code":"{code}","error_msg":"over ratelimit,limit:1"}}"#),
        )]);
        let started = Instant::now();
        let error = list(&client).await.unwrap_err();
        assert!(
            !error.is_throttled() && error.retry_after().is_none() && error.attempts() == 1,
            "{error}"
        );
        list(&client).await.unwrap();
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}

/// Waiting may take minutes: the request is signed with the credentials of that time.
#[tokio::test(start_paused = true)]
async fn credentials_are_requested_again_after_waiting() {
    use huaweicloud_cts::credentials::{
        Credentials, CredentialsContext, CredentialsError, ProvideCredentials,
    };

    #[derive(Debug)]
    struct Rotating(Credentials, Instant);

    impl ProvideCredentials for Rotating {
        fn provide<'a>(
            &'a self,
            _: &'a CredentialsContext,
        ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            let outdated = self.1.elapsed() < SECOND * 20;
            let token = if outdated { "old" } else { "new" };
            Box::pin(async move { Ok(self.0.clone().security_token(token)) })
        }
    }

    let fake = FakeCts::new();
    let credentials = Credentials::new("TESTACCESSKEY0000001", "some-secret-of-the-test");
    fake.accept(&credentials.clone().security_token("old"));
    fake.accept(&credentials.clone().security_token("new"));
    let client =
        fake.client_builder().credentials(Rotating(credentials, Instant::now())).build().unwrap();
    fake.inject([Fault::throttle(Duration::from_secs(30))]);
    list(&client).await.unwrap();
    assert_eq!(fake.requests()[0].headers["x-security-token"], "old");
    assert_eq!(fake.requests()[1].headers["x-security-token"], "new");
}

#[tokio::test(start_paused = true)]
async fn debug_of_a_pace_shows_no_access_key() {
    let fake = FakeCts::new();
    let pace = Pace::new();
    let client =
        fake.client_builder().pace(pace.clone()).retry(RetryPolicy::never()).build().unwrap();
    fake.inject([Fault::throttle(None)]);
    list(&client).await.unwrap_err();
    assert_eq!(format!("{pace:?}"), "Pace { throttled: 1 }");
    assert!(!format!("{client:?}").contains(fake.credentials().access_key()));
}
