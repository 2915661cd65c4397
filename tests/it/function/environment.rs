//! What the platform says in the environment. Each test runs once more in a process of its own,
//! which has the variables.

use std::time::Duration;

use bytes::Bytes;
use huaweicloud_cts::function::{self, Error, Event, Runtime};
use huaweicloud_cts::testing::FakeRuntime;

use super::echo;
use crate::support::child::{child, pass, pass_beside};

const CHILD: &str = "HUAWEICLOUD_CTS_TEST_FUNCTION";

#[tokio::test]
async fn a_function_needs_the_address_of_the_runtime() {
    if std::env::var_os(CHILD).is_none() {
        return pass(
            child!("a_function_needs_the_address_of_the_runtime")
                .env(CHILD, "")
                .env_remove("RUNTIME_API_ADDR"),
        );
    }
    let error = function::run(echo).await.unwrap_err();
    assert!(matches!(error, Error::NoAddress));
    let told = "RUNTIME_API_ADDR is not set: this program is a function, which FunctionGraph runs";
    assert_eq!((error.to_string(), format!("{error:?}")), (told.to_owned(), told.to_owned()));
}

/// On Unix, 0.0.0.0 leads to this machine, but is no address that a proxy is never asked for.
#[cfg(unix)]
#[tokio::test]
async fn a_function_reads_its_settings_and_ignores_proxies() {
    if std::env::var_os(CHILD).is_none() {
        let fake = FakeRuntime::new();
        fake.push("{}");
        let server = fake.serve().await.unwrap();
        let mut child = child!("a_function_reads_its_settings_and_ignores_proxies");
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            child.env(name, "http://127.0.0.1:1");
        }
        for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
            child.env_remove(name);
        }
        child
            .env(CHILD, "")
            .env("RUNTIME_API_ADDR", server.address().replace("127.0.0.1", "0.0.0.0"));
        child.env("RUNTIME_TIMEOUT", "60").env("RUNTIME_USERDATA", r#"{"table": "traces"}"#);
        pass_beside(child).await;
        assert_eq!(fake.responses()[0].outcome.as_ref().unwrap(), "traces");
        return;
    }
    let (done, stop) = tokio::sync::oneshot::channel();
    let mut done = Some(done);
    let handler = async |event: Event<Bytes>| {
        done.take().unwrap().send(()).unwrap();
        assert!(event.context.remaining() > Duration::from_secs(3));
        Ok::<_, String>(Bytes::from(event.context.user_data("table").unwrap().to_owned()))
    };
    let running = Runtime::from_env().unwrap().run_until(handler, async { stop.await.unwrap() });
    // A proxy would never let it reach the API.
    tokio::time::timeout(Duration::from_secs(60), running).await.unwrap().unwrap();
}
