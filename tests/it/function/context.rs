//! What a handler knows of its invocation.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::function::{Config, Context, Event, InvokeType};
use huaweicloud_cts::testing::{FakeInvocation, FakeRuntime};

/// Runs one invocation, and returns the context that the handler got.
async fn context_of(invocation: FakeInvocation) -> Context {
    let fake = FakeRuntime::new();
    fake.push(invocation);
    let mut got = None;
    let handler = async |event: Event<Bytes>| {
        got = Some(event.context);
        Ok::<_, String>(())
    };
    fake.runtime().run_until(handler, fake.until_responses(1)).await.unwrap();
    got.unwrap()
}

fn invocation(headers: &[(&'static str, &'static str)]) -> FakeInvocation {
    headers.iter().fold(FakeInvocation::new("{}").request_id("1"), |invocation, (name, value)| {
        invocation.header(HeaderName::from_static(name), HeaderValue::from_static(value))
    })
}

#[tokio::test]
async fn a_context_has_the_identity_of_the_invocation() {
    let context = context_of(invocation(&[("x-cff-origin-version-tag", "!live")])).await;
    assert_eq!(context.request_id(), &"1");
    assert_eq!(context.invoke_type(), Some(InvokeType::Async));
    assert_eq!(context.header("X-Cff-Origin-Version-Tag"), Some("!live"));
    let context = context_of(invocation(&[("x-cff-invoke-type", "sync")])).await;
    assert_eq!(context.invoke_type(), Some(InvokeType::Sync));
    let context = context_of(invocation(&[("x-cff-invoke-type", "null")])).await;
    assert_eq!(context.invoke_type(), None);
}

#[tokio::test]
async fn credentials_come_from_either_set_of_headers_and_are_no_headers_themselves() {
    let newer = [
        ("x-cff-security-access-key", "NEW"),
        ("x-cff-security-secret-key", "secret"),
        ("x-cff-security-token", "token"),
        ("x-cff-auth-token", "iam"),
    ];
    let older = [("x-cff-access-key", "OLD"), ("x-cff-secret-key", "secret")];
    let context = context_of(invocation(&[&newer[..], &older].concat())).await;
    let credentials = context.credentials().unwrap();
    assert_eq!((credentials.access_key(), credentials.is_temporary()), ("NEW", true));
    assert_eq!(context.auth_token(), Some("iam"));
    for (name, _) in newer.iter().chain(&older) {
        assert_eq!(context.header(name), None, "{name}");
    }

    let context = context_of(invocation(&older)).await;
    assert_eq!(context.credentials().unwrap().access_key(), "OLD");
    assert_eq!(context.auth_token(), None);

    for none in
        [&[][..], &newer[..1], &[("x-cff-access-key", "null"), ("x-cff-secret-key", "null")]]
    {
        assert!(context_of(invocation(none)).await.credentials().is_none(), "{none:?}");
    }
    assert_eq!(context_of(invocation(&[("x-cff-auth-token", "null")])).await.auth_token(), None);

    let given = Credentials::new("GIVEN", "secret").security_token("token");
    let context = context_of(FakeInvocation::new("{}").credentials(&given)).await;
    assert_eq!(context.credentials().unwrap().access_key(), "GIVEN");
}

/// A handler that takes too long is not stopped, and its response is sent.
#[tokio::test(start_paused = true)]
async fn a_deadline_passes_without_an_end_of_the_handler() {
    let mut config = Config::default();
    config.timeout = Duration::from_secs(5);
    let fake = FakeRuntime::new();
    fake.push("{}");
    let mut left = Vec::new();
    let handler = async |event: Event<Bytes>| {
        let context = event.context;
        assert_eq!(
            context.deadline().duration_since(context.received_at()).unwrap(),
            Duration::from_secs(5)
        );
        for _ in 0..3 {
            left.push(context.remaining().as_secs());
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        Ok::<_, String>(())
    };
    fake.runtime().with_config(config).run_until(handler, fake.until_responses(1)).await.unwrap();
    assert_eq!(left, [5, 2, 0]);
    assert_eq!(fake.responses()[0].outcome.as_ref().unwrap(), "null");
}

#[test]
fn no_time_limit_is_too_long_for_a_deadline() {
    let mut config = Config::default();
    config.timeout = Duration::MAX;
    let context = Context::new("1").with_config(config);
    assert!(context.deadline() > context.received_at());
    assert!(context.remaining() > Duration::from_secs(259_200));
}
