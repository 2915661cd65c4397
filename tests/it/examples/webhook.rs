//! The endpoint of the examples, on a port, with a scripted publisher before it and scripted hosts
//! of SMN behind it.

use std::time::Duration;

use bytes::Bytes;
use huaweicloud_cts::BoxFuture;
use huaweicloud_cts::event::SmnVerifier;
use huaweicloud_cts::transport::{ReqwestTransport, Route, Transport, TransportError};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::fixtures::fixture;

#[path = "../../../examples/smn_webhook.rs"]
#[allow(dead_code, reason = "its main is not for tests")]
mod smn_webhook;

/// Sends requests for SMN's hosts to one on the loopback, by HTTP, with their host in a header.
#[derive(Debug)]
struct Detour {
    to: String,
    by: ReqwestTransport,
}

impl Transport for Detour {
    fn send(
        &self,
        mut request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        assert_eq!(request.uri().scheme_str(), Some("https"));
        let host = request.uri().host().unwrap().to_owned();
        request.headers_mut().insert("x-meant-for", host.parse().unwrap());
        *request.uri_mut() =
            format!("{}{}", self.to, request.uri().path_and_query().unwrap()).parse().unwrap();
        self.by.send(request)
    }
}

fn envelope(name: &str) -> Value {
    let vectors = fixture("smn-signed-vectors");
    let vectors = vectors["vectors"].as_array().unwrap();
    vectors.iter().find(|vector| vector["name"] == name).unwrap()["envelope"].clone()
}

#[tokio::test]
async fn the_webhook_confirms_subscriptions_and_refuses_forged_messages() {
    let hosts = MockServer::start().await;
    let pem = fixture("smn-signed-vectors")["certificates"]["a"].as_str().unwrap().to_owned();
    Mock::given(method("GET"))
        .and(header("x-meant-for", "smn.cn-north-4.myhuaweicloud.com"))
        .and(path("/smn/SMN_cn-north-4_00000000000000000000000000000000.pem"))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(1)
        .mount(&hosts)
        .await;
    Mock::given(method("GET"))
        .and(header("x-meant-for", "smn.cn-north-4.myhuaweicloud.com"))
        .and(path("/smn/SMN_cn-north-4_00000000000000000000000000000000.pem"))
        .respond_with(ResponseTemplate::new(200).set_body_string(pem))
        .expect(1)
        .mount(&hosts)
        .await;
    Mock::given(method("GET"))
        .and(header("x-meant-for", "console.huaweicloud.com"))
        .and(path("/smn/subscription/confirm"))
        .and(query_param("token", "0000"))
        .respond_with(ResponseTemplate::new(200))
        .expect(1)
        .mount(&hosts)
        .await;

    let by = ReqwestTransport::new(Duration::from_secs(3), Route::Direct).unwrap();
    let topic = "urn:smn:cn-north-4:00000000000000000000000000000001:cts_topic";
    let verifier = SmnVerifier::new(Detour { to: hosts.uri(), by }, topic).max_age(None);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/smn", listener.local_addr().unwrap());
    let serving = tokio::spawn(smn_webhook::serve(listener, verifier));

    let publisher =
        reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
    let post = async |message: &Value| {
        let answer = publisher.post(&url).body(message.to_string()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let subscription = envelope("subscription-confirmation");
    let (status, text) = post(&subscription).await;
    assert_eq!(status, 503, "it is to come again: {text}");
    assert_eq!(post(&subscription).await.0, 503, "the failure is remembered");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(15)).await;
    tokio::time::resume();
    assert_eq!(post(&subscription).await, (200, String::new()));
    assert_eq!(post(&subscription).await, (200, "known already".to_owned()));

    // All vectors have one id, and the endpoint knows it by now. Forged messages are refused
    // anyway.
    assert_eq!(post(&envelope("notification-cts-trace-json")).await.0, 200);
    for name in
        ["tampered-message", "other-key", "boundary-shift-forged", "unknown-type-empty-text"]
    {
        let (status, text) = post(&envelope(name)).await;
        assert_eq!(status, 403, "{name}: {text}");
    }
    let mut elsewhere = envelope("notification-with-subject");
    elsewhere["signing_cert_url"] = "http://127.0.0.1/a.pem".into();
    let (status, text) = post(&elsewhere).await;
    assert_eq!((status, text.as_str()), (403, "SMN message: signing_cert_url is not https"));
    assert_eq!(post(&json!([])).await.0, 400);
    assert_eq!(publisher.get(&url).send().await.unwrap().status(), 405);
    serving.abort();
}
