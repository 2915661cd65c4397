//! Which hosts the URLs of a message may lead to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use huaweicloud_cts::BoxFuture;
use huaweicloud_cts::event::{SmnErrorKind, SmnMessage, SmnVerifier};
use huaweicloud_cts::transport::{Transport, TransportError, TransportErrorKind};
use serde_json::{Value, json};

use crate::support::fixtures::fixture;

/// A web with one response, which can change, and a log of the requests.
#[derive(Clone, Debug)]
pub(super) struct Web(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Status and body; status 0: no connection.
    answer: (u16, Bytes),
    delay: Duration,
    requests: Vec<String>,
}

impl Web {
    pub(super) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        let state =
            State { answer: (status, body.into()), delay: Duration::ZERO, requests: Vec::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    pub(super) fn set(&self, status: u16, body: impl Into<Bytes>) {
        self.0.lock().unwrap().answer = (status, body.into());
    }

    pub(super) fn set_delay(&self, delay: Duration) {
        self.0.lock().unwrap().delay = delay;
    }

    pub(super) fn slow(self, delay: Duration) -> Self {
        self.0.lock().unwrap().delay = delay;
        self
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.0.lock().unwrap().requests.clone()
    }
}

impl Transport for Web {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        assert!(request.headers().is_empty() && request.body().is_empty());
        let delay = {
            let mut state = self.0.lock().unwrap();
            state.requests.push(request.uri().to_string());
            state.delay
        };
        Box::pin(async move {
            tokio::time::sleep(delay).await;
            let (status, body) = self.0.lock().unwrap().answer.clone();
            if status == 0 {
                return Err(TransportError::new(TransportErrorKind::Connect));
            }
            let response = http::Response::builder()
                .status(status)
                .header("location", "https://evil.example/a.pem");
            Ok(response.body(body).unwrap())
        })
    }
}

pub(super) fn pem(name: &str) -> String {
    fixture("smn-regions")["certificates"][name].as_str().unwrap().to_owned()
}

pub(super) fn envelope(name: &str) -> Value {
    let regions = fixture("smn-regions");
    regions["messages"].as_array().unwrap().iter().find(|message| message["name"] == name).unwrap()
        ["envelope"]
        .clone()
}

pub(super) fn message(envelope: &Value) -> SmnMessage {
    SmnMessage::from_slice(envelope.to_string().as_bytes()).unwrap()
}

pub(super) fn verifier(web: &Web, envelope: &Value) -> SmnVerifier {
    SmnVerifier::new(web.clone(), envelope["topic_urn"].as_str().unwrap()).max_age(None)
}

pub(super) fn with_certificate_at(envelope: &Value, url: &str) -> SmnMessage {
    let mut envelope = envelope.clone();
    envelope["signing_cert_url"] = url.into();
    message(&envelope)
}

pub(super) fn with_other_text(envelope: &Value) -> SmnMessage {
    let mut envelope = envelope.clone();
    envelope["message"] = "forged".into();
    message(&envelope)
}

#[tokio::test]
async fn messages_of_every_region_are_verified_and_confirmed_at_its_console() {
    for name in [
        "sa-brazil-1",
        "la-south-2",
        "cn-north-9",
        "eu-west-101",
        "eu-west-101-partition",
        "eu-de",
        "eu-ch2",
    ] {
        let envelope = envelope(name);
        let message = message(&envelope);
        let web = Web::new(200, pem("valid"));
        let verifier = verifier(&web, &envelope);
        let genuine =
            verifier.verify(&message).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        verifier.confirm(&genuine).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let urls = json!([envelope["signing_cert_url"], envelope["subscribe_url"]]);
        assert_eq!(json!(web.requests()), urls, "{name}");
    }
}

#[tokio::test]
async fn a_host_that_is_refused_is_named_with_the_setter_that_allows_it() {
    for (name, host) in [
        ("console-intl", "console-intl.huaweicloud.com"),
        ("other-region", "sa-brazil-1-console.huaweicloud.com"),
    ] {
        let envelope = envelope(name);
        let message = message(&envelope);
        let web = Web::new(200, pem("valid"));
        let strict = verifier(&web, &envelope);
        let genuine = strict.verify(&message).await.unwrap();
        let error = strict.confirm(&genuine).await.unwrap_err();
        let expected = format!(
            "SMN message: subscribe_url leads to {host:?}, no known console for {}: if it belongs to your cloud, allow it \
             with SmnVerifier::confirmation_host",
            envelope["topic_urn"].as_str().unwrap()
        );
        assert_eq!((error.kind(), error.to_string()), (SmnErrorKind::Url, expected));
        assert_eq!(web.requests().len(), 1, "the certificate only");
        verifier(&web, &envelope)
            .confirmation_host(host.to_uppercase())
            .confirm(&genuine)
            .await
            .unwrap();
    }

    let envelope = envelope("private");
    let message = message(&envelope);
    let web = Web::new(200, pem("valid"));
    let error = verifier(&web, &envelope).verify(&message).await.unwrap_err().to_string();
    let expected = "SMN message: signing_cert_url leads to \"smn.atlantis-1.cloud.example.com\", no known host of SMN for \
        urn:smn:atlantis-1:24edf66e79d04187acb99a463e610764:audit: if it belongs to your cloud, allow it with \
        SmnVerifier::certificate_host";
    assert_eq!(error, expected);
    assert!(web.requests().is_empty());
    for lax in [
        verifier(&web, &envelope).domain("Cloud.example.com"),
        verifier(&web, &envelope).certificate_host("SMN.atlantis-1.cloud.example.com:443"),
    ] {
        let lax = lax.confirmation_host("console.cloud.example.com");
        lax.confirm(&lax.verify(&message).await.unwrap()).await.unwrap();
    }
}

/// Every row is a URL that an attacker could post with the other fields of a genuine message.
#[tokio::test]
async fn certificates_are_fetched_only_from_hosts_and_paths_of_smn() {
    let envelope = envelope("cn-north-9");
    let smn = "https://smn.cn-north-9.myhuaweicloud.com";
    let refused = [
        // Hosts that customers have, or other services, in the same domain.
        "https://smn.obs.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://smn.obs.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://bucket.obs.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://obs.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://smn.-.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://smn.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://smn..myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://evilsmn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://x.smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        // Other regions and other operators.
        "https://smn.cn-north-4.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://smn.eu-de.otc.t-systems.com/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.otc.t-systems.com/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.eu/smn/a.pem".to_owned(),
        "https://console.huaweicloud.com/smn/a.pem".to_owned(),
        // Hosts that look alike, to a reader or to a parser.
        "https://smn.cn-north-9.evilmyhuaweicloud.com/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.com.evil.example/smn/a.pem".to_owned(),
        "https://evil.example/smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://evil.example?smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://evil.example#smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.com@evil.example/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.com:x@evil.example/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.com\\@evil.example/smn/a.pem".to_owned(),
        "https://evil.example\\smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://smn.\u{ff43}n-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweiclou\u{200b}d.com/smn/a.pem".to_owned(),
        "https://smn%2ecn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.com%00.evil.example/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.com\n.evil.example/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.com./smn/a.pem".to_owned(),
        "https:///smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https:smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "//smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        " https://smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        // Users, ports, schemes, addresses.
        "https://@smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://u:p@smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.com:8443/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.com:0443/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.com:/smn/a.pem".to_owned(),
        "https://smn.cn-north-9.myhuaweicloud.com:80/smn/a.pem".to_owned(),
        "http://smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "http://smn.cn-north-9.myhuaweicloud.com:443/smn/a.pem".to_owned(),
        "ftp://smn.cn-north-9.myhuaweicloud.com/smn/a.pem".to_owned(),
        "file:///smn/a.pem".to_owned(),
        "https://169.254.169.254/smn/a.pem".to_owned(),
        "https://127.0.0.1/smn/a.pem".to_owned(),
        "https://0x7f000001/smn/a.pem".to_owned(),
        "https://[::1]/smn/a.pem".to_owned(),
        "https://localhost/smn/a.pem".to_owned(),
        String::new(),
        // Paths.
        format!("{smn}/a.pem"),
        format!("{smn}/smn/.pem"),
        format!("{smn}/smn/a.pem/"),
        format!("{smn}/smn/a.txt"),
        format!("{smn}/smn/a/b.pem"),
        format!("{smn}//smn/a.pem"),
        format!("{smn}/smn/../v2/a.pem"),
        format!("{smn}/v2/../smn/a.pem"),
        format!("{smn}/v2/%2e%2e/smn/a.pem"),
        format!("{smn}/smn/..%2fa.pem"),
        format!("{smn}/SMN/a.pem"),
        format!("{smn}/smn/a.pem?x=1"),
        format!("{smn}/smn/a.pem?"),
        format!("{smn}/smn/a.pem#x"),
        format!("{smn}/smn/a.pem;x"),
    ];
    let web = Web::new(200, pem("valid"));
    let strict =
        verifier(&web, &envelope).domain("example.com").certificate_host("smn.example.com:8443");
    for url in &refused {
        let error = strict.verify(&with_certificate_at(&envelope, url)).await.unwrap_err();
        assert_eq!(error.kind(), SmnErrorKind::Url, "{url}: {error}");
    }
    assert!(web.requests().is_empty());
    for (url, fetched) in [
        (
            "https://smn.cn-north-9.myhuaweicloud.com/smn/a.pem",
            "https://smn.cn-north-9.myhuaweicloud.com/smn/a.pem",
        ),
        (
            "HTTPS://SMN.CN-north-9.myHuaweiCloud.com:443/smn/b.pem",
            "https://smn.cn-north-9.myhuaweicloud.com/smn/b.pem",
        ),
        (
            "https://smn.cn-north-9.myhuaweicloud.cn/smn/c_1-2.3.pem",
            "https://smn.cn-north-9.myhuaweicloud.cn/smn/c_1-2.3.pem",
        ),
        (
            "https://smn.cn-north-9.example.com/smn/d.pem",
            "https://smn.cn-north-9.example.com/smn/d.pem",
        ),
        ("https://smn.example.com:8443/smn/e.pem", "https://smn.example.com:8443/smn/e.pem"),
    ] {
        strict.verify(&with_certificate_at(&envelope, url)).await.unwrap();
        assert_eq!(web.requests().last().unwrap(), fetched);
    }
}

/// The vectors that came with the envelopes: each with a topic of the region that its host names.
#[tokio::test]
async fn published_certificate_urls_are_accepted_or_refused_as_recorded() {
    let envelope = envelope("cn-north-9");
    for case in fixture("smn-signed-vectors")["certificate_urls"].as_array().unwrap() {
        let url = case["url"].as_str().unwrap();
        let region =
            ["cn-north-9", "eu-de"].into_iter().find(|id| url.contains(id)).unwrap_or("cn-north-4");
        let topic = format!("urn:smn:{region}:p:t");
        let mut envelope = envelope.clone();
        envelope["topic_urn"] = topic.clone().into();
        let web = Web::new(200, pem("valid"));
        let verifier = SmnVerifier::new(web.clone(), topic).max_age(None);
        let error = verifier.verify(&with_certificate_at(&envelope, url)).await.unwrap_err();
        let expected =
            if case["accept"] == true { SmnErrorKind::Signature } else { SmnErrorKind::Url };
        assert_eq!(error.kind(), expected, "{case}");
        assert_eq!(web.requests().is_empty(), case["accept"] == false, "{case}");
    }
}

#[tokio::test]
async fn only_a_subscription_to_an_expected_topic_is_confirmed_and_its_token_is_not_shown() {
    let vectors = fixture("smn-signed-vectors");
    let certificate = vectors["certificates"]["a"].as_str().unwrap();
    let vector = |name: &str| {
        let vectors = vectors["vectors"].as_array().unwrap();
        message(&vectors.iter().find(|vector| vector["name"] == name).unwrap()["envelope"])
    };
    let web = Web::new(200, certificate.to_owned());
    let subscription = vector("subscription-confirmation");
    let topic = subscription.topic_urn.clone().unwrap();
    let verifier = SmnVerifier::new(web.clone(), topic).max_age(None);
    for name in ["notification-with-subject", "unsubscribe-confirmation"] {
        let other = vector(name);
        let genuine = verifier.verify(&other).await.unwrap();
        assert_eq!(
            verifier.confirm(&genuine).await.unwrap_err().kind(),
            SmnErrorKind::Incomplete,
            "{name}"
        );
    }
    let genuine = verifier.verify(&subscription).await.unwrap();
    let elsewhere = SmnVerifier::new(web.clone(), "urn:smn:cn-north-4:1:other");
    assert_eq!(elsewhere.confirm(&genuine).await.unwrap_err().kind(), SmnErrorKind::OtherTopic);
    assert_eq!(web.requests().len(), 1);
    web.set(410, "");
    let expected = "SMN message: the confirmation could not be fetched from console.huaweicloud.com: the response is 410 Gone";
    assert_eq!(
        verifier.confirm(&genuine).await.unwrap_err().to_string(),
        expected,
        "without the token"
    );
    assert_eq!(web.requests().len(), 2, "no redirect was followed");
}
