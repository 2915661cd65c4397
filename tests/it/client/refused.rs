//! Credentials that the service refuses.

use std::time::Duration;

use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{CreateNotification, ListNotifications};
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::{CtsClient, RetryPolicy};

/// Credentials that expired early are requested again, and the call is repeated with others.
#[tokio::test(start_paused = true)]
async fn temporary_credentials_that_the_service_refuses_are_dropped_from_the_cache() {
    use huaweicloud_cts::BoxFuture;
    use huaweicloud_cts::credentials::{
        CachedCredentials, CredentialsContext, CredentialsError, ProvideCredentials,
    };
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::SystemTime;

    #[derive(Debug, Default)]
    struct Rotating(AtomicUsize);

    impl ProvideCredentials for Rotating {
        fn provide<'a>(
            &'a self,
            _: &'a CredentialsContext,
        ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            let keys = Credentials::new(format!("TEMPORARYKEY0000000{number}"), "some-secret")
                .security_token("some-token");
            Box::pin(async move {
                Ok(keys.with_expiry(SystemTime::now() + Duration::from_secs(36_000)))
            })
        }
    }

    let fake = FakeCts::new();
    fake.accept(
        &Credentials::new("TEMPORARYKEY00000001", "some-secret").security_token("some-token"),
    );
    let client = fake
        .client_builder()
        .credentials(CachedCredentials::new(Rotating::default()))
        .build()
        .unwrap();
    let list = ListNotifications::smn();
    client.list_notifications(&list).await.unwrap();
    client.list_notifications(&list).await.unwrap();
    assert_eq!(fake.requests().len(), 3, "the first call was repeated");
}

/// With a provider that returns credentials of these numbers, one after the other: the number of
/// requests, and the last status.
async fn refused(numbers: &'static [u8], message: &str, policy: RetryPolicy) -> (usize, u16) {
    use crate::support::answers::Answers;
    use huaweicloud_cts::BoxFuture;
    use huaweicloud_cts::credentials::{CredentialsContext, CredentialsError, ProvideCredentials};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Debug)]
    struct Numbered(&'static [u8], AtomicUsize);
    impl ProvideCredentials for Numbered {
        fn provide<'a>(
            &'a self,
            _: &'a CredentialsContext,
        ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            let call = self.1.fetch_add(1, Ordering::Relaxed);
            let given = self
                .0
                .get(call)
                .map(|number| Credentials::new(format!("TESTACCESSKEY000000{number}"), "secret"));
            Box::pin(std::future::ready(
                given.ok_or_else(|| CredentialsError::failed("closed", "for today")),
            ))
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
            assert_eq!(
                refused(&[1, 2, 2, 3, 4, 5], message, policy.clone()).await,
                (2, 401),
                "once"
            );
            assert_eq!(
                refused(&[1, 1, 1, 1], message, policy.clone()).await,
                (1, 401),
                "the same again"
            );
            assert_eq!(refused(&[1], message, policy).await, (1, 401), "the provider fails");
        }
    }
    assert_eq!(
        refused(&[1, 2, 2, 2], wrong, RetryPolicy::standard()).await,
        (1, 401),
        "a wrong secret key counts"
    );
}
