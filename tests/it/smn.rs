//! SMN's messages over HTTP: read, verified, confirmed.

use huaweicloud_cts::event::{CtsEvent, SmnMessage, SmnMessageType};

use crate::traces::{fixture, fixture_bytes};

#[test]
fn every_sample_is_read_and_kept() {
    for (name, message_type) in [
        ("smn-http-notification", SmnMessageType::Notification),
        ("smn-http-notification-ces-real-signature", SmnMessageType::Notification),
        ("smn-http-subscription-confirmation", SmnMessageType::SubscriptionConfirmation),
        ("smn-http-unsubscribe-confirmation", SmnMessageType::UnsubscribeConfirmation),
    ] {
        let message = SmnMessage::from_slice(&fixture_bytes(name)).unwrap();
        assert_eq!(message.message_type, Some(message_type), "{name}");
        assert_eq!(serde_json::to_value(&message).unwrap(), fixture(name), "{name}");
        assert!(message.other.is_empty(), "{name}");
        assert!(message.timestamp.at().is_some() && message.trace().is_none(), "{name}");
        assert_eq!(message.signed_texts().len(), 1, "{name}");
    }
    let error = SmnMessage::from_slice(b"{}").unwrap_err();
    assert_eq!(error.to_string(), "SMN message: type is missing");
    let error = SmnMessage::from_slice(b"{\"type\":5}").unwrap_err();
    assert_eq!(error.to_string(), "SMN message: type should be a string, but is a number (line 1 column 9)");
}

/// Every vector's signed text is one that is tried, unless the vector is about a text that must not be.
#[test]
fn the_signed_text_is_as_documented() {
    for vector in fixture("smn-signed-vectors")["vectors"].as_array().unwrap() {
        let message: SmnMessage = serde_json::from_value(vector["envelope"].clone()).unwrap();
        let texts = message.signed_texts();
        let is_tried = texts.iter().any(|text| *text == vector["signed_text"]);
        match vector["expect"].as_str().unwrap() {
            "invalid"
                if !vector["name"].as_str().unwrap().starts_with("signature") && vector["name"] != "other-key" =>
            {
                assert!(!is_tried, "{}", vector["name"]);
            }
            "reject-shape" => {}
            _ => assert!(is_tried, "{}", vector["name"]),
        }
        if vector["name"] == "notification-cts-trace-json" {
            let trace = message.trace().unwrap();
            assert_eq!(trace.trace_name.as_deref(), Some("createFunction"));
            assert_eq!(CtsEvent::from(trace).idempotency_key().unwrap(), &"f828ab77-d993-11f0-b09f-35adcfa25f3b");
        }
    }
}

#[cfg(feature = "smn-verify")]
mod verified {
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, SystemTime};

    use bytes::Bytes;
    use http::StatusCode;
    use huaweicloud_cts::BoxFuture;
    use huaweicloud_cts::event::{SmnErrorKind, SmnMessage, SmnVerifier};
    use huaweicloud_cts::transport::{Transport, TransportError, TransportErrorKind};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use crate::traces::fixture;

    const TOPIC: &str = "urn:smn:cn-north-4:00000000000000000000000000000001:cts_topic";

    /// Answers every request with the same, and remembers where it went.
    #[derive(Clone, Debug)]
    struct Web {
        status: StatusCode,
        body: Bytes,
        urls: Arc<Mutex<Vec<String>>>,
    }

    impl Web {
        fn new(status: u16, body: impl Into<Bytes>) -> Self {
            let status = StatusCode::from_u16(status).unwrap();
            Self { status, body: body.into(), urls: Arc::default() }
        }

        fn urls(&self) -> Vec<String> {
            self.urls.lock().unwrap().clone()
        }
    }

    impl Transport for Web {
        fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
            assert!(request.headers().is_empty() && request.body().is_empty());
            self.urls.lock().unwrap().push(request.uri().to_string());
            let mut answer = http::Response::new(self.body.clone());
            *answer.status_mut() = self.status;
            Box::pin(async move { Ok(answer) })
        }
    }

    /// Never answers, or breaks off.
    #[derive(Debug)]
    struct Broken(bool);
    impl Transport for Broken {
        fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
            Box::pin(async {
                if self.0 {
                    std::future::pending::<()>().await;
                }
                Err(TransportError::new(TransportErrorKind::Connect))
            })
        }
    }
    fn verifier(web: &Web) -> SmnVerifier {
        SmnVerifier::new(web.clone(), TOPIC).max_age(None)
    }

    /// While the certificates of the vectors are valid.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn certificate(vector: &Value) -> String {
        fixture("smn-signed-vectors")["certificates"][vector["cert"].as_str().unwrap()].as_str().unwrap().to_owned()
    }

    fn message(envelope: &Value) -> SmnMessage {
        SmnMessage::from_slice(envelope.to_string().as_bytes()).unwrap()
    }

    fn vector(name: &str) -> Value {
        let vectors = fixture("smn-signed-vectors");
        vectors["vectors"].as_array().unwrap().iter().find(|vector| vector["name"] == name).unwrap().clone()
    }

    fn verdict(envelope: &Value, pem: &str) -> Result<(), SmnErrorKind> {
        let verifier = verifier(&Web::new(500, ""));
        verifier.verify_with(&message(envelope), pem.as_bytes(), now()).map(drop).map_err(|error| error.kind())
    }

    #[test]
    fn every_vector_has_its_verdict() {
        let vectors = fixture("smn-signed-vectors");
        let vectors = vectors["vectors"].as_array().unwrap();
        assert_eq!(vectors.len(), 26);
        for vector in vectors {
            let (name, pem) = (&vector["name"], certificate(vector));
            let found = verdict(&vector["envelope"], &pem);
            match vector["expect"].as_str().unwrap() {
                "valid" | "valid-alternative" => assert_eq!(found, Ok(()), "{name}"),
                "invalid" if name == "unknown-type-empty-text" => {
                    assert_eq!(found, Err(SmnErrorKind::Incomplete), "{name}");
                }
                "invalid" => assert_eq!(found, Err(SmnErrorKind::Signature), "{name}"),
                "reject-shape" => assert_eq!(found, Err(SmnErrorKind::Malformed), "{name}"),
                "policy" => {
                    let message = message(&vector["envelope"]);
                    let strict = verifier(&Web::new(500, ""));
                    let error = strict.verify_with(&message, pem.as_bytes(), now()).unwrap_err();
                    assert!(error.to_string().contains("SHA-1"), "{error}");
                    let lax = verifier(&Web::new(500, "")).accept_sha1();
                    lax.verify_with(&message, pem.as_bytes(), now()).unwrap();
                }
                other => panic!("{other}"),
            }
        }
    }

    /// One byte of any signed member, changed; and of the signature, changed to other letters, or left out.
    #[test]
    fn every_changed_byte_is_noticed() {
        for name in ["notification-with-subject", "subscription-confirmation", "unsubscribe-confirmation"] {
            let vector = vector(name);
            let pem = certificate(&vector);
            let signed: &[&str] = match name {
                "notification-with-subject" => &["message", "message_id", "subject", "timestamp", "topic_urn", "type"],
                _ => &["message", "message_id", "subscribe_url", "timestamp", "topic_urn", "type"],
            };
            for member in signed {
                let text = vector["envelope"][member].as_str().unwrap();
                for place in 0..text.len() {
                    let mut bytes = text.as_bytes().to_vec();
                    bytes[place] ^= 1;
                    let mut envelope = vector["envelope"].clone();
                    envelope[member] = String::from_utf8(bytes).unwrap().into();
                    assert!(verdict(&envelope, &pem).is_err(), "{name} {member} {place}");
                }
            }
            let signature = vector["envelope"]["signature"].as_str().unwrap();
            for place in 0..signature.len() {
                for letter in ["A", "z", ""] {
                    let mut changed = signature.to_owned();
                    changed.replace_range(place..=place, letter);
                    if changed != signature {
                        let mut envelope = vector["envelope"].clone();
                        envelope["signature"] = changed.into();
                        assert_eq!(verdict(&envelope, &pem), Err(SmnErrorKind::Signature), "{name} {place} {letter}");
                    }
                }
            }
        }
    }

    #[test]
    fn members_that_are_missing_or_moved_are_noticed() {
        let vector = vector("notification-with-subject");
        let pem = certificate(&vector);
        for member in ["message", "message_id", "timestamp", "topic_urn"] {
            for value in [Value::Null, json!(1), json!({})] {
                let mut envelope = vector["envelope"].clone();
                envelope[member] = value;
                assert_eq!(verdict(&envelope, &pem), Err(SmnErrorKind::Incomplete), "{member}");
            }
        }
        for subject in [Value::Null, json!(""), json!("demo ")] {
            let mut envelope = vector["envelope"].clone();
            envelope["subject"] = subject;
            assert_eq!(verdict(&envelope, &pem), Err(SmnErrorKind::Signature));
        }
        // The part of the text that a line break in the subject could swallow.
        let mut envelope = vector["envelope"].clone();
        envelope["subject"] = "a\nmessage_id\n88c726942175432bac921eafd0036163".into();
        assert_eq!(verdict(&envelope, &pem), Err(SmnErrorKind::Malformed));
        let mut envelope = vector["envelope"].clone();
        envelope["timestamp"] = "2026-08-15T07:29:16.0Z".into();
        assert_eq!(verdict(&envelope, &pem), Err(SmnErrorKind::Malformed));
    }

    #[test]
    fn other_topics_old_messages_and_certificates_out_of_time_are_refused() {
        let vector = vector("notification-with-subject");
        let (message, pem) = (message(&vector["envelope"]), certificate(&vector));
        let kind = |verifier: SmnVerifier, at: u64| {
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(at);
            verifier.verify_with(&message, pem.as_bytes(), at).map(drop).map_err(|error| error.kind())
        };
        let web = Web::new(500, "");
        let other = SmnVerifier::new(web.clone(), "urn:smn:cn-north-4:1:other").max_age(None);
        assert_eq!(kind(other, 1_800_000_000), Err(SmnErrorKind::OtherTopic));
        let second = SmnVerifier::new(web.clone(), "urn:smn:cn-north-4:1:other").topic(TOPIC).max_age(None);
        assert_eq!(kind(second, 1_800_000_000), Ok(()));
        // Published at 1786778956; the certificate is valid from November on.
        let hour = || SmnVerifier::new(web.clone(), TOPIC);
        for (at, expected) in [
            (1_786_778_956, SmnErrorKind::Certificate),
            (1_786_778_956 + 3600, SmnErrorKind::Certificate),
            (1_786_778_956 - 300, SmnErrorKind::Certificate),
            (1_786_778_956 + 3601, SmnErrorKind::Stale),
            (1_786_778_956 - 301, SmnErrorKind::Stale),
        ] {
            assert_eq!(kind(hour(), at), Err(expected), "{at}");
        }
        assert_eq!(kind(verifier(&web), 5_000_000_000), Err(SmnErrorKind::Certificate), "no longer valid");
        let broken = ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"];
        for pem in broken {
            assert_eq!(verdict(&vector["envelope"], pem), Err(SmnErrorKind::Certificate));
        }
    }

    #[tokio::test]
    async fn certificates_come_from_hosts_of_smn_only() {
        let vector = vector("notification-with-subject");
        let cases = fixture("smn-signed-vectors");
        let cases = cases["certificate_urls"].as_array().unwrap();
        assert_eq!(cases.len(), 14);
        let case = |url: &str, accept: bool| json!({"url": url, "accept": accept});
        let more = [
            case("https://smn.cn-north-4.myhuaweicloud.com:443/a.pem", true),
            case("HTTPS://SMN.cn-north-4.MYHUAWEICLOUD.com/a.pem", true),
            case("https://smn.cn-north-4.myhuaweicloud.com/a.pem?x=1", false),
            case("https://smn.cn-north-4.myhuaweicloud.com/a.pem?", false),
            case("https://smn.cn-north-4.myhuaweicloud.com/a.pem#x", false),
            case("https://@smn.cn-north-4.myhuaweicloud.com/a.pem", false),
            case("https://user:pass@smn.cn-north-4.myhuaweicloud.com/a.pem", false),
            case("https://smn.cn-north-4.myhuaweicloud.com./a.pem", false),
            case("https://smn..myhuaweicloud.com/a.pem", false),
            case("https://smn.myhuaweicloud.com/a.pem", false),
            case("https://smn.cn-north-4.evilmyhuaweicloud.com/a.pem", false),
            case("https://smn.cn-north-4.myhuaweicloud.com\\@evil.example/a.pem", false),
            case("https://evil.example\\smn.cn-north-4.myhuaweicloud.com/a.pem", false),
            case("https://smn.cn-north-4.myhuaweicloud.com\n.evil.example/a.pem", false),
            case(" https://smn.cn-north-4.myhuaweicloud.com/a.pem", false),
            case("https://smn.\u{ff43}n-north-4.myhuaweicloud.com/a.pem", false),
            case("https://smn%2ecn-north-4.myhuaweicloud.com/a.pem", false),
            case("https://[::1]/a.pem", false),
            case("https://localhost/a.pem", false),
            case("//smn.cn-north-4.myhuaweicloud.com/a.pem", false),
        ];
        for case in cases.iter().chain(&more) {
            let web = Web::new(200, certificate(&vector));
            let mut envelope = vector["envelope"].clone();
            envelope["signing_cert_url"] = case["url"].clone();
            let message = message(&envelope);
            let verifier = verifier(&web);
            let found = verifier.verify(&message).await;
            if case["accept"] == true {
                found.unwrap();
                assert_eq!(web.urls().len(), 1, "{case}");
            } else {
                assert_eq!(found.unwrap_err().kind(), SmnErrorKind::Url, "{case}");
                assert!(web.urls().is_empty(), "{case}");
            }
        }
        let swiss = "https://smn.eu-ch2.sc.otc.t-systems.com/a.pem";
        let mut envelope = vector["envelope"].clone();
        envelope["signing_cert_url"] = swiss.into();
        let message = message(&envelope);
        let web = Web::new(200, certificate(&vector));
        assert_eq!(verifier(&web).verify(&message).await.unwrap_err().kind(), SmnErrorKind::Url);
        verifier(&web).domain("sc.otc.t-systems.com").verify(&message).await.unwrap();
        assert_eq!(web.urls(), [swiss]);
    }

    #[tokio::test]
    async fn a_certificate_is_got_once() {
        let vector = vector("notification-with-subject");
        let web = Web::new(200, certificate(&vector));
        let verifier = verifier(&web);
        for name in ["notification-with-subject", "notification-utf8", "subscription-confirmation", "tampered-message"]
        {
            let found = verifier.verify(&message(&self::vector(name)["envelope"])).await.map(drop);
            assert_eq!(found.is_ok(), name != "tampered-message", "{name}");
        }
        assert_eq!(web.urls().len(), 1);
        // A message that is refused anyhow makes nobody fetch anything.
        let web = Web::new(200, certificate(&vector));
        let other = SmnVerifier::new(web.clone(), "urn:smn:cn-north-4:1:other");
        other.verify(&message(&vector["envelope"])).await.unwrap_err();
        assert!(web.urls().is_empty());
        // The cache has a limit.
        for number in 0..40 {
            let mut envelope = vector["envelope"].clone();
            envelope["signing_cert_url"] = format!("https://smn.cn-north-4.myhuaweicloud.com/{number}.pem").into();
            verifier.verify(&message(&envelope)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn failures_to_get_a_certificate_can_be_tried_again() {
        let envelope = vector("notification-with-subject")["envelope"].clone();
        let message = message(&envelope);
        for (web, kind, retryable) in [
            (Web::new(503, ""), SmnErrorKind::Fetch, true),
            (Web::new(302, ""), SmnErrorKind::Fetch, true),
            (Web::new(200, vec![b'x'; 128 * 1024 + 1]), SmnErrorKind::Certificate, false),
            (Web::new(200, "<html>"), SmnErrorKind::Certificate, false),
        ] {
            let error = verifier(&web).verify(&message).await.unwrap_err();
            assert_eq!((error.kind(), error.is_retryable()), (kind, retryable), "{error}");
        }

        tokio::time::pause();
        for (hangs, expected) in [
            (
                false,
                "the certificate could not be got from smn.cn-north-4.myhuaweicloud.com: no connection to the service",
            ),
            (true, "no answer within 4 seconds"),
        ] {
            let verifier = SmnVerifier::new(Broken(hangs), TOPIC).max_age(None);
            let error = verifier.verify(&message).await.unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[tokio::test]
    async fn subscriptions_are_confirmed_at_the_console_only() {
        let subscription = vector("subscription-confirmation");
        let envelope = message(&subscription["envelope"]);
        let pem = certificate(&subscription);
        let web = Web::new(200, "");
        let verifier = verifier(&web);
        let genuine = verifier.verify_with(&envelope, pem.as_bytes(), now()).unwrap();
        verifier.confirm(&genuine).await.unwrap();
        assert_eq!(web.urls(), [subscription["envelope"]["subscribe_url"].as_str().unwrap()]);

        for name in ["notification-with-subject", "unsubscribe-confirmation"] {
            let other = message(&vector(name)["envelope"]);
            let genuine = verifier.verify_with(&other, pem.as_bytes(), now()).unwrap();
            assert_eq!(verifier.confirm(&genuine).await.unwrap_err().kind(), SmnErrorKind::Incomplete, "{name}");
        }
        assert_eq!(web.urls().len(), 1);

        let gone = Web::new(410, "");
        let elsewhere = self::verifier(&gone);
        let error = elsewhere.confirm(&genuine).await.unwrap_err();
        let expected =
            "SMN message: the confirmation could not be got from console.huaweicloud.com: the answer is 410 Gone";
        assert_eq!(error.to_string(), expected, "without the token");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_envelope_is_survived(
            member in prop::sample::select(vec!["type", "message", "message_id", "timestamp", "signature", "subject"]),
            text in ".{0,40}",
        ) {
            let vector = vector("notification-with-subject");
            let mut envelope = vector["envelope"].clone();
            let same = envelope[member] == text;
            envelope[member] = text.into();
            prop_assert_eq!(verdict(&envelope, &certificate(&vector)).is_ok(), same);
        }

        #[test]
        fn any_certificate_is_survived(place in any::<prop::sample::Index>(), byte: u8) {
            let vector = vector("notification-with-subject");
            let mut pem = certificate(&vector).into_bytes();
            let place = place.index(pem.len());
            pem[place] = byte;
            let verifier = verifier(&Web::new(500, ""));
            let message = message(&vector["envelope"]);
            let _ = verifier.verify_with(&message, &pem, now());
        }
    }
}
