//! Functions.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use huaweicloud_cts::function::{Config, Context, Diagnostic, Event};
use huaweicloud_cts::testing::{FakeInvocation, FakeRuntime};

use super::{ACCESS_KEY, ID_TOKEN, SECRET, TOKEN, clean, clean_debug, credentials};

const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-cff-auth-token");
/// A header that this version of the crate does not know, such as that of a stream.
const STREAM_TOKEN: HeaderName = HeaderName::from_static("x-stream-token");

/// The handler gets the credentials, and they are in nothing that is printed or sent.
#[tokio::test]
async fn a_function_shows_its_credentials_nowhere() {
    let invocation = FakeInvocation::new("{}")
        .credentials(&credentials())
        .header(AUTH_TOKEN, HeaderValue::from_static(ID_TOKEN))
        .header(STREAM_TOKEN, HeaderValue::from_static(SECRET));
    clean_debug("FakeInvocation", &invocation);
    let fake = FakeRuntime::new();
    for _ in 0..2 {
        fake.push(invocation.clone());
    }
    let mut calls = 0;
    let handler = async |event: Event<Bytes>| -> Result<(), Diagnostic> {
        clean_debug("Event", &event);
        let context = event.context;
        assert_eq!(context.credentials().unwrap().access_key(), ACCESS_KEY);
        let told = format!("{ACCESS_KEY} {SECRET} {TOKEN} {}", context.auth_token().unwrap());
        calls += 1;
        assert!(calls == 1, "{told}");
        Err(Diagnostic::new(told.clone(), told))
    };
    let runtime = fake.runtime();
    clean_debug("Runtime", &runtime);
    runtime.run_until(handler, fake.until_responses(2)).await.unwrap();
    clean_debug("FakeRuntime", &fake);
    for response in fake.responses() {
        let diagnostic = response.outcome.unwrap_err();
        clean("Diagnostic", &diagnostic.to_string());
        clean("Diagnostic", &serde_json::to_string(&diagnostic).unwrap());
        clean_debug("Diagnostic", &diagnostic);
    }
}

#[test]
fn the_settings_of_a_function_are_shown_without_values() {
    let mut config = Config::default();
    config.user_data.insert("password".to_owned(), SECRET.to_owned());
    clean_debug("Config", &config);
    let context = Context::new("1").with_config(config).with_credentials(credentials());
    clean_debug("Context", &context);
    assert!(
        format!("{context:?}").contains("password"),
        "one can still tell which settings there are"
    );
}
