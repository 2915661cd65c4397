//! Which hosts a message's URLs may lead to, and how often certificates are fetched.

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
struct Web(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// Status and body; status 0: no connection.
    answer: (u16, Bytes),
    delay: Duration,
    requests: Vec<String>,
}

impl Web {
    fn new(status: u16, body: impl Into<Bytes>) -> Self {
        let state = State { answer: (status, body.into()), delay: Duration::ZERO, requests: Vec::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    fn set(&self, status: u16, body: impl Into<Bytes>) {
        self.0.lock().unwrap().answer = (status, body.into());
    }

    fn slow(self, delay: Duration) -> Self {
        self.0.lock().unwrap().delay = delay;
        self
    }

    fn requests(&self) -> Vec<String> {
        self.0.lock().unwrap().requests.clone()
    }
}

impl Transport for Web {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
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
            let response = http::Response::builder().status(status).header("location", "https://evil.example/a.pem");
            Ok(response.body(body).unwrap())
        })
    }
}

fn pem(name: &str) -> String {
    fixture("smn-regions")["certificates"][name].as_str().unwrap().to_owned()
}

fn envelope(name: &str) -> Value {
    let regions = fixture("smn-regions");
    regions["messages"].as_array().unwrap().iter().find(|message| message["name"] == name).unwrap()["envelope"].clone()
}

fn message(envelope: &Value) -> SmnMessage {
    SmnMessage::from_slice(envelope.to_string().as_bytes()).unwrap()
}

fn verifier(web: &Web, envelope: &Value) -> SmnVerifier {
    SmnVerifier::new(web.clone(), envelope["topic_urn"].as_str().unwrap()).max_age(None)
}

fn with_certificate_at(envelope: &Value, url: &str) -> SmnMessage {
    let mut envelope = envelope.clone();
    envelope["signing_cert_url"] = url.into();
    message(&envelope)
}

fn with_other_text(envelope: &Value) -> SmnMessage {
    let mut envelope = envelope.clone();
    envelope["message"] = "forged".into();
    message(&envelope)
}

#[tokio::test]
async fn messages_of_every_region_are_verified_and_confirmed_at_its_console() {
    for name in ["sa-brazil-1", "la-south-2", "cn-north-9", "eu-west-101", "eu-west-101-partition", "eu-de", "eu-ch2"] {
        let envelope = envelope(name);
        let message = message(&envelope);
        let web = Web::new(200, pem("valid"));
        let verifier = verifier(&web, &envelope);
        let genuine = verifier.verify(&message).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        verifier.confirm(&genuine).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let urls = json!([envelope["signing_cert_url"], envelope["subscribe_url"]]);
        assert_eq!(json!(web.requests()), urls, "{name}");
    }
}

#[tokio::test]
async fn a_host_that_is_refused_is_named_with_the_setter_that_allows_it() {
    for (name, host) in
        [("console-intl", "console-intl.huaweicloud.com"), ("other-region", "sa-brazil-1-console.huaweicloud.com")]
    {
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
        verifier(&web, &envelope).confirmation_host(host.to_uppercase()).confirm(&genuine).await.unwrap();
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
    let strict = verifier(&web, &envelope).domain("example.com").certificate_host("smn.example.com:8443");
    for url in &refused {
        let error = strict.verify(&with_certificate_at(&envelope, url)).await.unwrap_err();
        assert_eq!(error.kind(), SmnErrorKind::Url, "{url}: {error}");
    }
    assert!(web.requests().is_empty());
    for (url, fetched) in [
        ("https://smn.cn-north-9.myhuaweicloud.com/smn/a.pem", "https://smn.cn-north-9.myhuaweicloud.com/smn/a.pem"),
        (
            "HTTPS://SMN.CN-north-9.myHuaweiCloud.com:443/smn/b.pem",
            "https://smn.cn-north-9.myhuaweicloud.com/smn/b.pem",
        ),
        (
            "https://smn.cn-north-9.myhuaweicloud.cn/smn/c_1-2.3.pem",
            "https://smn.cn-north-9.myhuaweicloud.cn/smn/c_1-2.3.pem",
        ),
        ("https://smn.cn-north-9.example.com/smn/d.pem", "https://smn.cn-north-9.example.com/smn/d.pem"),
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
        let region = ["cn-north-9", "eu-de"].into_iter().find(|id| url.contains(id)).unwrap_or("cn-north-4");
        let topic = format!("urn:smn:{region}:p:t");
        let mut envelope = envelope.clone();
        envelope["topic_urn"] = topic.clone().into();
        let web = Web::new(200, pem("valid"));
        let verifier = SmnVerifier::new(web.clone(), topic).max_age(None);
        let error = verifier.verify(&with_certificate_at(&envelope, url)).await.unwrap_err();
        let expected = if case["accept"] == true { SmnErrorKind::Signature } else { SmnErrorKind::Url };
        assert_eq!(error.kind(), expected, "{case}");
        assert_eq!(web.requests().is_empty(), case["accept"] == false, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn forged_messages_cause_neither_endless_fetches_nor_evictions() {
    let envelope = envelope("sa-brazil-1");
    let web = Web::new(200, pem("valid"));
    let verifier = verifier(&web, &envelope);
    verifier.verify(&message(&envelope)).await.unwrap();
    web.set(404, "");
    for number in 0..200 {
        let url = format!("https://smn.sa-brazil-1.myhuaweicloud.com/smn/{number}.pem");
        let error = verifier.verify(&with_certificate_at(&envelope, &url)).await.unwrap_err();
        assert_eq!(error.kind(), SmnErrorKind::Fetch);
    }
    assert_eq!(web.requests().len(), 1 + 8);
    verifier.verify(&message(&envelope)).await.unwrap();
    assert_eq!(web.requests().len(), 9, "it was kept");
    // Certificates that can be fetched, but signed nothing, do not evict it either.
    web.set(200, pem("other"));
    for number in 0..200 {
        tokio::time::advance(Duration::from_secs(61)).await;
        let url = format!("https://smn.sa-brazil-1.myhuaweicloud.com/smn/other-{number}.pem");
        verifier.verify(&with_certificate_at(&envelope, &url)).await.unwrap_err();
    }
    let before = web.requests().len();
    verifier.verify(&message(&envelope)).await.unwrap();
    assert_eq!(web.requests().len(), before, "it was kept");
}

/// Certificates that signed messages are always fetched; 32 of them are kept.
#[tokio::test(start_paused = true)]
async fn the_cache_of_certificates_is_bounded() {
    let envelope = envelope("sa-brazil-1");
    let at = |number: usize| {
        with_certificate_at(&envelope, &format!("https://smn.sa-brazil-1.myhuaweicloud.com/smn/{number}.pem"))
    };
    let web = Web::new(200, pem("valid"));
    let verifier = verifier(&web, &envelope);
    for number in 0..33 {
        verifier.verify(&at(number)).await.unwrap();
        tokio::time::advance(Duration::from_millis(1)).await;
    }
    assert_eq!(web.requests().len(), 33);
    for number in 1..33 {
        verifier.verify(&at(number)).await.unwrap();
    }
    assert_eq!(web.requests().len(), 33, "the last 32 are kept");
    verifier.verify(&at(0)).await.unwrap();
    assert_eq!(web.requests().len(), 34, "the first is not");
}

#[tokio::test(start_paused = true)]
async fn messages_that_wait_for_one_certificate_share_its_fetch() {
    let envelope = envelope("sa-brazil-1");
    let message = message(&envelope);
    for (status, requests) in [(200, 1), (503, 1)] {
        let web = Web::new(status, pem("valid")).slow(Duration::from_secs(2));
        let verifier = verifier(&web, &envelope);
        let all = futures_util::future::join_all((0..50).map(|_| verifier.verify(&message))).await;
        assert!(all.iter().all(|found| found.is_ok() == (status == 200)));
        assert_eq!(web.requests().len(), requests, "{status}");
    }
    // The next waiting call continues if the one that fetches is cancelled.
    let web = Web::new(200, pem("valid")).slow(Duration::from_secs(2));
    let verifier = verifier(&web, &envelope);
    let (gone, found) = tokio::join!(
        tokio::time::timeout(Duration::from_secs(1), verifier.verify(&message)),
        verifier.verify(&message)
    );
    assert!(gone.is_err() && found.is_ok());
    assert_eq!(web.requests().len(), 2);
}

/// Forged messages that arrive during the fetch do not evict it while calls wait for it.
#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_being_fetched_is_not_evicted() {
    let envelope = envelope("sa-brazil-1");
    let message = message(&envelope);
    let forged: Vec<_> = (0..100)
        .map(|number| format!("https://smn.sa-brazil-1.myhuaweicloud.com/smn/{number}.pem"))
        .map(|url| with_certificate_at(&envelope, &url))
        .collect();
    let web = Web::new(200, pem("valid")).slow(Duration::from_secs(2));
    let verifier = verifier(&web, &envelope);
    let (first, last) = tokio::join!(verifier.verify(&message), async {
        for forged in &forged {
            let _gone = tokio::time::timeout(Duration::from_millis(1), verifier.verify(forged)).await;
        }
        verifier.verify(&message).await
    });
    assert!(first.is_ok() && last.is_ok());
    assert_eq!(web.requests().len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_failed_fetch_of_a_certificate_is_cached_briefly() {
    let envelope = envelope("sa-brazil-1");
    let message = message(&envelope);
    let whole = pem("valid");
    let padded = |length: usize| format!("{whole}{}", "\n".repeat(length - whole.len()));
    for (status, body, kind, retryable) in [
        (503, String::new(), SmnErrorKind::Fetch, true),
        (302, whole.clone(), SmnErrorKind::Fetch, true),
        (0, String::new(), SmnErrorKind::Fetch, true),
        (200, "<html>".to_owned(), SmnErrorKind::Certificate, false),
        (200, padded(128 * 1024 + 1), SmnErrorKind::Certificate, false),
        (200, pem("expired"), SmnErrorKind::Certificate, false),
    ] {
        let web = Web::new(status, body);
        let verifier = verifier(&web, &envelope);
        for _ in 0..5 {
            let error = verifier.verify(&message).await.unwrap_err();
            assert_eq!((error.kind(), error.is_retryable()), (kind, retryable), "{error}");
        }
        assert_eq!(web.requests().len(), 1, "{status}: no redirect is followed, and none asks again");
        web.set(200, padded(128 * 1024));
        tokio::time::advance(Duration::from_secs(15)).await;
        verifier.verify(&message).await.unwrap();
    }
    let web = Web::new(200, whole).slow(Duration::from_millis(4_001));
    let error = verifier(&web, &envelope).verify(&message).await.unwrap_err().to_string();
    assert!(error.ends_with("smn.sa-brazil-1.myhuaweicloud.com: no answer within 4 seconds"), "{error}");
    web.0.lock().unwrap().delay = Duration::from_millis(3_999);
    verifier(&web, &envelope).verify(&message).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_good_certificate_is_replaced_only_by_a_good_one() {
    let envelope = envelope("sa-brazil-1");
    let message = message(&envelope);
    let web = Web::new(200, pem("valid"));
    let verifier = verifier(&web, &envelope);
    verifier.verify(&message).await.unwrap();
    for (status, body) in [(0, String::new()), (503, String::new()), (200, "<html>".into()), (200, pem("expired"))] {
        web.set(status, body);
        let before = web.requests().len();
        // Messages that do not match it do not cause another fetch within five minutes.
        tokio::time::advance(Duration::from_secs(5 * 60)).await;
        for _ in 0..10 {
            let error = verifier.verify(&with_other_text(&envelope)).await.unwrap_err();
            assert_eq!(error.kind(), SmnErrorKind::Signature);
        }
        assert_eq!(web.requests().len(), before + 1);
        tokio::time::advance(Duration::from_secs(25 * 60 * 60)).await;
        verifier.verify(&message).await.unwrap();
        assert_eq!(web.requests().len(), before + 2, "a day is over");
    }
    // Calls that are cancelled during the fetch do not cause fetches without end.
    web.set(200, pem("valid"));
    web.0.lock().unwrap().delay = Duration::from_secs(2);
    let before = web.requests().len();
    tokio::time::advance(Duration::from_secs(5 * 60)).await;
    let forged = with_other_text(&envelope);
    for _ in 0..10 {
        let _gone = tokio::time::timeout(Duration::from_secs(1), verifier.verify(&forged)).await;
    }
    assert_eq!(web.requests().len(), before + 1);
    web.0.lock().unwrap().delay = Duration::ZERO;
    // Renewed at its address: noticed when a message does not match.
    web.set(200, pem("other"));
    tokio::time::advance(Duration::from_secs(25 * 60 * 60)).await;
    assert_eq!(verifier.verify(&message).await.unwrap_err().kind(), SmnErrorKind::Signature);
    web.set(200, pem("valid"));
    tokio::time::advance(Duration::from_secs(5 * 60)).await;
    verifier.verify(&message).await.unwrap();
}

#[tokio::test]
async fn messages_that_are_refused_anyway_fetch_no_certificate() {
    let envelope = envelope("sa-brazil-1");
    let web = Web::new(200, pem("valid"));
    let verifier = verifier(&web, &envelope);
    for (field, value, kind) in [
        ("topic_urn", json!("urn:smn:sa-brazil-1:p:other"), SmnErrorKind::OtherTopic),
        ("message_id", json!("5"), SmnErrorKind::Malformed),
        ("timestamp", json!("2026-01-01 00:00:00"), SmnErrorKind::Malformed),
        ("subscribe_url", json!("https://a/\ntimestamp\n2026-01-01T00:00:00Z"), SmnErrorKind::Malformed),
        ("subscribe_url", json!(5), SmnErrorKind::Incomplete),
        ("subject", json!("unsigned"), SmnErrorKind::Malformed),
        ("subject", json!(["odd"]), SmnErrorKind::Malformed),
        ("subject", json!(false), SmnErrorKind::Malformed),
        ("signature", json!("%"), SmnErrorKind::Signature),
        ("type", json!("Other"), SmnErrorKind::Incomplete),
    ] {
        let mut changed = envelope.clone();
        changed[field] = value;
        assert_eq!(verifier.verify(&message(&changed)).await.unwrap_err().kind(), kind, "{changed}");
    }
    // `null` is like an absent field.
    let mut same = envelope.clone();
    same["subject"] = Value::Null;
    assert!(web.requests().is_empty());
    verifier.verify(&message(&same)).await.unwrap();

    let vectors = fixture("smn-signed-vectors");
    let notification = &vectors["vectors"][0]["envelope"];
    let verifier = self::verifier(&web, notification);
    for odd in [json!("https://console.huaweicloud.com/"), json!({"a": 1}), json!(0)] {
        let mut changed = notification.clone();
        changed["subscribe_url"] = odd;
        assert_eq!(verifier.verify(&message(&changed)).await.unwrap_err().kind(), SmnErrorKind::Malformed, "{changed}");
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
        assert_eq!(verifier.confirm(&genuine).await.unwrap_err().kind(), SmnErrorKind::Incomplete, "{name}");
    }
    let genuine = verifier.verify(&subscription).await.unwrap();
    let elsewhere = SmnVerifier::new(web.clone(), "urn:smn:cn-north-4:1:other");
    assert_eq!(elsewhere.confirm(&genuine).await.unwrap_err().kind(), SmnErrorKind::OtherTopic);
    assert_eq!(web.requests().len(), 1);
    web.set(410, "");
    let expected =
        "SMN message: the confirmation could not be got from console.huaweicloud.com: the answer is 410 Gone";
    assert_eq!(verifier.confirm(&genuine).await.unwrap_err().to_string(), expected, "without the token");
    assert_eq!(web.requests().len(), 2, "no redirect was followed");
}
