//! Errors that are built for a test are those that a client returns.

use std::time::Duration;

use huaweicloud_cts::credentials::{
    Credentials, CredentialsContext, CredentialsError, ProvideCredentials,
};
use huaweicloud_cts::notification::CreateNotification;
use huaweicloud_cts::testing::{ErrorBuilder, FakeCts, Fault};
use huaweicloud_cts::transport::TransportErrorKind;
use huaweicloud_cts::{BoxFuture, Error, RetryPolicy};

/// Returns the error of a create that meets this fault.
async fn real(fault: Fault) -> Error {
    let fake = FakeCts::new().with_notification(&CreateNotification::complete("everything"));
    fake.inject([fault]);
    let client = fake.client_builder().retry(RetryPolicy::never()).build().unwrap();
    client.create_notification(&CreateNotification::complete("everything")).await.unwrap_err()
}

fn assert_same(built: &Error, real: &Error) {
    assert_eq!(built.to_string(), real.to_string());
    let facts = |error: &Error| {
        let retry = (
            error.is_throttled(),
            error.is_retryable(),
            error.retry_after(),
            error.may_have_applied(),
        );
        (
            error.kind(),
            error.operation(),
            error.status(),
            error.code().cloned(),
            error.attempts(),
            retry,
        )
    };
    assert_eq!(facts(built), facts(real));
}

#[tokio::test(start_paused = true)]
async fn a_built_error_equals_the_error_of_a_client() {
    let id = |number: u32| format!("{number:032x}");
    let exists = ErrorBuilder::api(400, "CTS.0400", "NotificationV3 name is existed already.")
        .request_id(&id(2));
    assert_same(&exists.build(), &real(Fault::None).await);
    let html = "<html><title>Bad gateway</title></html>";
    let response = http::Response::builder().status(502).body(html.into()).unwrap();
    assert_same(
        &ErrorBuilder::response(response).request_id(&id(2)).build(),
        &real(Fault::status(502, html)).await,
    );
    assert_same(&ErrorBuilder::lost_response().build(), &real(Fault::DropAfter).await);
    let refused = TransportErrorKind::Connect;
    assert_same(
        &ErrorBuilder::transport(refused).build(),
        &real(Fault::Unreachable(refused)).await,
    );
    let minute = Duration::from_secs(60);
    let throttled = ErrorBuilder::throttled(minute).request_id(&id(2));
    assert_same(&throttled.build(), &real(Fault::throttle(minute)).await);
}

fn missing() -> CredentialsError {
    CredentialsError::not_configured("no variable is set")
}

#[derive(Debug)]
struct Missing;

impl ProvideCredentials for Missing {
    fn provide(
        &self,
        _: &CredentialsContext,
    ) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async { Err(missing()) })
    }
}

#[tokio::test]
async fn a_built_error_of_credentials_equals_the_error_of_a_client() {
    let client = FakeCts::new().client_builder().credentials(Missing).build().unwrap();
    let real = client.create_notification(&CreateNotification::complete("a")).await.unwrap_err();
    assert_same(&ErrorBuilder::credentials(missing()).build(), &real);
}

#[test]
fn a_built_error_has_what_it_is_given() {
    let error: Error = ErrorBuilder::api(400, "CTS.0003", "invalid")
        .operation("UpdateNotification")
        .attempts(3)
        .may_have_applied(true)
        .retry_after(Duration::from_secs(9))
        .into();
    assert_eq!((error.operation(), error.attempts()), ("UpdateNotification", 3));
    assert_eq!(
        (error.may_have_applied(), error.retry_after()),
        (true, Some(Duration::from_secs(9)))
    );
    assert!(ErrorBuilder::not_found("named \"a\"").build().is_not_found());
}
