//! The project id, looked up through IAM.

use std::sync::atomic::{AtomicUsize, Ordering};

use std::time::Duration;

use huaweicloud_cts::BoxFuture;
use huaweicloud_cts::credentials::{
    Credentials, CredentialsContext, CredentialsError, ProvideCredentials,
};
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::transport::TransportErrorKind;
use huaweicloud_cts::{CtsClient, ErrorKind};

use crate::support::snapshot::assert_snapshot;

fn client(fake: &FakeCts) -> CtsClient {
    client_with(fake, fake.credentials())
}

/// Returns a client that looks its project up.
fn client_with(fake: &FakeCts, credentials: impl ProvideCredentials + 'static) -> CtsClient {
    CtsClient::builder()
        .region("eu-de")
        .credentials(credentials)
        .transport(fake.clone())
        .build()
        .unwrap()
}

fn look_ups(fake: &FakeCts) -> usize {
    fake.requests().iter().filter(|call| call.target == "/v3/projects?name=eu-de").count()
}

#[tokio::test(start_paused = true)]
async fn the_project_is_looked_up_once_by_the_first_call() {
    let fake = FakeCts::new();
    fake.add_iam_project("eu-de", "p-of-eu-de");
    fake.add_iam_project("eu-nl", "p-of-eu-nl");
    let client = client(&fake);
    assert_eq!((client.project_id(), fake.requests().len()), (None, 0), "building sends nothing");

    let list = ListNotifications::smn();
    let clone = client.clone();
    let (a, b, c) = tokio::join!(
        client.list_notifications(&list),
        client.list_notifications(&list),
        clone.list_notifications(&list)
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(look_ups(&fake), 1, "the others wait for it");
    assert_eq!(client.project_id(), Some("p-of-eu-de"));
    let calls = fake.requests();
    assert_eq!(calls[0].headers["host"], "iam.eu-de.otc.t-systems.com");
    assert!(!calls[0].headers.contains_key("x-project-id"));
    assert_eq!(calls[1].target, "/v3/p-of-eu-de/notifications/smn");
    assert_eq!(calls[1].headers["x-project-id"], "p-of-eu-de");
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_finds_no_project_or_several_says_what_to_do() {
    let list = ListNotifications::smn();
    let fake = FakeCts::new();
    let none = client(&fake).list_notifications(&list).await.unwrap_err();
    fake.add_iam_project("eu-de", "p1");
    fake.add_iam_project("eu-de", "p2");
    let several = client(&fake).list_notifications(&list).await.unwrap_err();
    for error in [&none, &several] {
        assert_eq!(
            (error.kind(), error.attempts(), error.is_retryable()),
            (ErrorKind::Project, 0, false)
        );
    }
    assert_snapshot!("project-lookup-none-and-several", format!("{none}\n{several}"));
    assert_eq!(look_ups(&fake), 2);
    assert_eq!(fake.requests().len(), 2, "no call goes out without a project");
}

#[tokio::test(start_paused = true)]
async fn a_failed_project_lookup_is_retried_and_not_cached() {
    let fake = FakeCts::new();
    fake.add_iam_project("eu-de", "p1");
    let client = client(&fake);
    let list = ListNotifications::smn();

    fake.inject([
        Fault::Unreachable(TransportErrorKind::Connect),
        Fault::DropAfter,
        Fault::throttle(None),
    ]);
    client.list_notifications(&list).await.unwrap();

    let fresh = self::client(&fake);
    fake.inject([Fault::status(
        403,
        r#"{"error":{"code":403,"message":"You are not authorized","title":"Forbidden"}}"#,
    )]);
    let error = fresh.list_notifications(&list).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Project, 403));
    assert_snapshot!("project-lookup-failed", error.to_string());
    fresh.list_notifications(&list).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_corrected_by_the_project_lookup() {
    let fake = FakeCts::new();
    fake.add_iam_project("eu-de", "p1");
    fake.set_clock_ahead(Duration::from_secs(7_200));
    client(&fake).list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(fake.requests().iter().filter(|call| call.status.as_u16() == 401).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_project_that_comes_with_the_credentials_needs_no_lookup() {
    let fake = FakeCts::new();
    let with_project = |id: &str| client_with(&fake, fake.credentials().with_project_id(id));
    with_project("p-of-the-keys").list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(
        (look_ups(&fake), fake.requests()[0].target.as_str()),
        (0, "/v3/p-of-the-keys/notifications/smn")
    );

    let error = with_project("{project_id}")
        .list_notifications(&ListNotifications::smn())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.to_string().contains("is it a placeholder"), "{error}");
}

/// A hundred refused signatures would lock the access key.
#[tokio::test(start_paused = true)]
async fn calls_that_wait_for_a_project_lookup_share_its_failure() {
    let fake = FakeCts::new();
    let wrong =
        huaweicloud_cts::credentials::Credentials::new("UNKNOWNACCESSKEY0001", "some-secret");
    let client = client_with(&fake, wrong);
    // Long enough for all to come and wait.
    fake.inject([Fault::Delay(std::time::Duration::from_secs(1))]);
    let calls = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            client.list_notifications(&ListNotifications::smn()).await.unwrap_err()
        })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap().kind(), ErrorKind::Project);
    }
    assert_eq!(look_ups(&fake), 1);
    client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(look_ups(&fake), 2, "a later call asks anew");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_the_lookup_of_another_call_has_the_limit_of_the_caller() {
    use huaweicloud_cts::{CallOptions, RetryPolicy};
    use std::time::Duration;

    let fake = FakeCts::new();
    fake.add_iam_project("eu-de", "p1");
    fake.inject((0..4).map(|_| Fault::StallAfter));
    let client = client(&fake);
    let hasty = RetryPolicy::standard().total_timeout(Duration::from_secs(1));
    let hasty = client.with_options(CallOptions::new().retry(hasty));
    let list = ListNotifications::smn();
    let started = tokio::time::Instant::now();
    let (_, waited) = tokio::join!(client.list_notifications(&list), async {
        let error = hasty.list_notifications(&list).await.unwrap_err();
        (error, started.elapsed())
    });
    assert_eq!(waited.1.as_secs(), 1, "{}", waited.0);
    // A caller that gives up leaves the lookup to the next.
    let fresh = self::client(&fake);
    fake.inject([Fault::StallAfter]);
    assert!(
        tokio::time::timeout(Duration::from_secs(1), fresh.list_notifications(&list))
            .await
            .is_err()
    );
    fresh.list_notifications(&list).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_caller_with_a_short_limit_does_not_fail_the_lookup_of_others() {
    use huaweicloud_cts::{CallOptions, RetryPolicy};
    use std::time::Duration;

    // What the first caller meets before its 100 ms are over: silence, no connection, a gateway in
    // trouble, a full one.
    for faults in [
        vec![Fault::StallAfter],
        vec![Fault::Unreachable(TransportErrorKind::Connect); 4],
        vec![Fault::status(502, ""), Fault::StallAfter],
        vec![Fault::throttle(Duration::from_secs(1))],
    ] {
        let shown = format!("{faults:?}");
        let fake = FakeCts::new();
        fake.add_iam_project("eu-de", "p1");
        fake.inject(faults);
        let client = client(&fake);
        let hasty = RetryPolicy::standard().total_timeout(Duration::from_millis(100));
        let hasty = client.with_options(CallOptions::new().retry(hasty));
        let leader =
            tokio::spawn(async move { hasty.list_notifications(&ListNotifications::smn()).await });
        tokio::task::yield_now().await;
        let followers: Vec<_> = (0..20)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(
                    async move { client.list_notifications(&ListNotifications::smn()).await },
                )
            })
            .collect();
        leader.await.unwrap().unwrap_err();
        for follower in followers {
            let followed = follower.await.unwrap();
            assert!(followed.is_ok(), "{shown}: {}", followed.unwrap_err());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_of_the_lookup_is_not_shared_with_other_callers() {
    use huaweicloud_cts::{CallOptions, RetryPolicy};

    for fault in [Fault::status(502, ""), Fault::throttle(None)] {
        let fake = FakeCts::new();
        fake.add_iam_project("eu-de", "p1");
        // The first gets its response when the others wait for it already.
        let provider = Slow {
            credentials: fake.credentials(),
            calls: AtomicUsize::new(0),
            fails_first: false,
        };
        let client = client_with(&fake, provider);
        fake.inject([fault]);
        let hasty = client.with_options(CallOptions::new().retry(RetryPolicy::never()));
        let list = ListNotifications::smn();
        let (one, other) =
            tokio::join!(hasty.list_notifications(&list), client.list_notifications(&list));
        assert_eq!(one.unwrap_err().kind(), ErrorKind::Project);
        other.unwrap();
    }
}

/// Returns its credentials after a second, or fails at first.
#[derive(Debug)]
struct Slow {
    credentials: Credentials,
    calls: AtomicUsize,
    fails_first: bool,
}

impl ProvideCredentials for Slow {
    fn provide<'a>(
        &'a self,
        _: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        let fails = self.calls.fetch_add(1, Ordering::Relaxed) == 0 && self.fails_first;
        Box::pin(async move {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            if fails {
                Err(CredentialsError::failed("closed", "for now"))
            } else {
                Ok(self.credentials.clone())
            }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_the_credentials_provider_is_not_shared_with_other_callers() {
    let fake = FakeCts::new();
    fake.add_iam_project("eu-de", "p1");
    let provider =
        Slow { credentials: fake.credentials(), calls: AtomicUsize::new(0), fails_first: true };
    let client = client_with(&fake, provider);
    let list = ListNotifications::smn();
    let (one, other) =
        tokio::join!(client.list_notifications(&list), client.list_notifications(&list));
    assert_eq!(one.unwrap_err().kind(), ErrorKind::Credentials);
    other.unwrap();
}

mod answers {
    use super::*;
    use crate::support::answers::Answers;
    use huaweicloud_cts::{CallOptions, ClientBuilder, Region, RetryPolicy};

    fn builder(answers: &Answers) -> ClientBuilder {
        CtsClient::builder()
            .credentials(Credentials::new("TESTACCESSKEY0000001", "secret"))
            .transport(answers.clone())
            .retry(RetryPolicy::never())
    }

    async fn project(body: &str) -> Result<Option<String>, String> {
        let answers = Answers::default().answer(200, body).answer(200, "{}");
        let client = builder(&answers).region("eu-de").build().unwrap();
        match client.list_notifications(&ListNotifications::smn()).await {
            Ok(_) => Ok(client.project_id().map(str::to_owned)),
            Err(error) => {
                assert_eq!((error.kind(), answers.requests().len()), (ErrorKind::Project, 1));
                Err(error.to_string())
            }
        }
    }

    #[tokio::test]
    async fn only_an_enabled_project_with_the_name_of_the_region_is_used() {
        let region = r#"{"id":"p1","name":"eu-de","enabled":true}"#;
        let part = r#"{"id":"p2","name":"eu-de_test","enabled":true}"#;
        for body in [
            format!(r#"{{"projects":[{region}]}}"#),
            format!(r#"{{"projects":[{part},{region},{{"id":"p3","name":"eu-nl"}}]}}"#),
            r#"{"projects":[{"id":"p1","name":"eu-de"},{"id":"p4","name":"eu-de","enabled":false}]}"#.to_owned(),
        ] {
            assert_eq!(project(&body).await, Ok(Some("p1".to_owned())), "{body}");
        }
        for (body, part) in [
            (
                r#"{"projects":[{"id":"p1","name":"eu-de","enabled":false}]}"#.to_owned(),
                "is disabled: enable it",
            ),
            (format!(r#"{{"projects":[{part}]}}"#), "have no project in the region eu-de"),
            (r#"{"projects":[{"id":"p1"}]}"#.to_owned(), "have no project in the region eu-de"),
            (
                r#"{"projects":[{"id":"p1","name":"EU-DE"}]}"#.to_owned(),
                "have no project in the region eu-de",
            ),
            (format!(r#"{{"projects":[{region},{region}]}}"#), "have several projects"),
        ] {
            let error = project(&body).await.unwrap_err();
            assert!(error.contains(part), "{body}: {error}");
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_to_an_unknown_iam() {
        let answers = Answers::default();
        let transport = answers.clone();
        let atlantis = || Region::custom("atlantis-1", ["https://cts.atlantis-1.example.com"]);
        let client = |credentials| {
            builder(&transport).region(atlantis()).credentials(credentials).build().unwrap()
        };
        let temporary =
            || Credentials::new("TESTACCESSKEY0000001", "secret").security_token("token");
        let list = ListNotifications::smn();
        let error = client(temporary()).list_notifications(&list).await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Project, false));
        assert_snapshot!("project-lookup-without-iam", error.to_string());
        assert!(answers.requests().is_empty());

        let answers = answers.answer(200, "{}");
        client(temporary().with_project_id("p1")).list_notifications(&list).await.unwrap();
        let answers = answers
            .answer(200, r#"{"projects":[{"id":"p1","name":"atlantis-1"}]}"#)
            .answer(200, "{}");
        let named = builder(&answers)
            .region(atlantis())
            .credentials(temporary())
            .iam_endpoint("iam.example.com");
        named.build().unwrap().list_notifications(&list).await.unwrap();
        let hosts: Vec<_> =
            answers.requests().iter().map(|sent| sent.uri().host().unwrap().to_owned()).collect();
        assert_eq!(
            hosts,
            ["cts.atlantis-1.example.com", "iam.example.com", "cts.atlantis-1.example.com"]
        );
    }

    #[tokio::test]
    async fn custom_headers_are_not_sent_to_iam() {
        let answers = Answers::default()
            .answer(200, r#"{"projects":[{"id":"p1","name":"eu-de"}]}"#)
            .answer(200, "{}");
        let client = builder(&answers).region("eu-de").build().unwrap();
        let options = CallOptions::new().header(
            http::HeaderName::from_static("x-of-mine"),
            http::HeaderValue::from_static("a secret"),
        );
        client.with_options(options).list_notifications(&ListNotifications::smn()).await.unwrap();
        let sent: Vec<_> = answers
            .requests()
            .iter()
            .map(|request| {
                let signed =
                    request.headers()["authorization"].to_str().unwrap().contains("x-of-mine");
                (
                    request.uri().path().to_owned(),
                    request.headers().contains_key("x-of-mine"),
                    signed,
                )
            })
            .collect();
        let cts = "/v3/p1/notifications/smn".to_owned();
        assert_eq!(sent, [("/v3/projects".to_owned(), false, false), (cts, true, true)]);
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_credentials_has_the_time_limit_of_the_call() {
    use huaweicloud_cts::RetryPolicy;
    use std::time::Duration;

    #[derive(Debug)]
    struct Silent;
    impl ProvideCredentials for Silent {
        fn provide<'a>(
            &'a self,
            _: &'a CredentialsContext,
        ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            Box::pin(std::future::pending())
        }
    }
    let fake = FakeCts::new();
    let limit = Duration::from_secs(7);
    let builder = CtsClient::builder().credentials(Silent).transport(fake.clone());
    let builder = builder.region("eu-de").retry(RetryPolicy::standard().total_timeout(limit));
    for client in [builder.clone().project_id("p1").build().unwrap(), builder.build().unwrap()] {
        let started = tokio::time::Instant::now();
        let list = ListNotifications::smn();
        let call = client.list_notifications(&list);
        let error =
            tokio::time::timeout(Duration::from_secs(3_600), call).await.unwrap().unwrap_err();
        assert_eq!((error.kind(), started.elapsed()), (ErrorKind::Credentials, limit), "{error}");
        assert!(error.to_string().contains("the provider of credentials took too long"), "{error}");
    }
    assert!(fake.requests().is_empty());
}
