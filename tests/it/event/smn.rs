//! SMN's messages over HTTP: read, verified, confirmed.

use huaweicloud_cts::event::{CtsEvent, SmnMessage, SmnMessageType};

use crate::support::fixtures::{fixture, fixture_bytes};

#[test]
fn every_sample_of_an_smn_message_is_read_and_written_back() {
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
        assert_eq!(message.strings_to_sign().len(), 1, "{name}");
    }
    let error = SmnMessage::from_slice(b"{}").unwrap_err();
    assert_eq!(error.to_string(), "SMN message: type is missing");
    let error = SmnMessage::from_slice(b"{\"type\":5}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "SMN message: type should be a string, but is a number (line 1 column 9)"
    );
}

/// The signed string of every vector is among the candidates, unless the vector is about a string
/// that must not be.
#[test]
fn the_signed_string_is_as_documented() {
    for vector in fixture("smn-signed-vectors")["vectors"].as_array().unwrap() {
        let message: SmnMessage = serde_json::from_value(vector["envelope"].clone()).unwrap();
        let texts = message.strings_to_sign();
        let is_tried = texts.iter().any(|text| *text == vector["signed_text"]);
        match vector["expect"].as_str().unwrap() {
            "invalid"
                if !vector["name"].as_str().unwrap().starts_with("signature")
                    && vector["name"] != "other-key" =>
            {
                assert!(!is_tried, "{}", vector["name"]);
            }
            "reject-shape" => {}
            _ => assert!(is_tried, "{}", vector["name"]),
        }
        if vector["name"] == "notification-cts-trace-json" {
            let trace = message.trace().unwrap();
            assert_eq!(trace.trace_name.as_deref(), Some("createFunction"));
            assert_eq!(
                CtsEvent::from(trace).idempotency_key().unwrap(),
                &"f828ab77-d993-11f0-b09f-35adcfa25f3b"
            );
        }
    }
}

#[cfg(feature = "smn-verify")]
mod verified {
    use std::time::{Duration, SystemTime};

    use huaweicloud_cts::event::{SmnErrorKind, SmnMessage, SmnVerifier};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use crate::support::answers::Answers;
    use crate::support::fixtures::fixture;

    const TOPIC: &str = "urn:smn:cn-north-4:00000000000000000000000000000001:cts_topic";

    fn verifier() -> SmnVerifier {
        SmnVerifier::new(Answers::default(), TOPIC).max_age(None)
    }

    /// While the certificates of the vectors are valid.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn certificate(vector: &Value) -> String {
        fixture("smn-signed-vectors")["certificates"][vector["cert"].as_str().unwrap()]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn message(envelope: &Value) -> SmnMessage {
        SmnMessage::from_slice(envelope.to_string().as_bytes()).unwrap()
    }

    fn vector(name: &str) -> Value {
        let vectors = fixture("smn-signed-vectors");
        vectors["vectors"]
            .as_array()
            .unwrap()
            .iter()
            .find(|vector| vector["name"] == name)
            .unwrap()
            .clone()
    }

    fn verdict(envelope: &Value, pem: &str) -> Result<(), SmnErrorKind> {
        let verifier = verifier();
        verifier
            .verify_with(&message(envelope), pem.as_bytes(), now())
            .map(drop)
            .map_err(|error| error.kind())
    }

    #[test]
    fn every_signed_vector_is_accepted_or_refused_as_recorded() {
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
                    let strict = verifier();
                    let error = strict.verify_with(&message, pem.as_bytes(), now()).unwrap_err();
                    assert!(error.to_string().contains("SHA-1"), "{error}");
                    let lax = verifier().accept_sha1();
                    lax.verify_with(&message, pem.as_bytes(), now()).unwrap();
                }
                other => panic!("{other}"),
            }
        }
    }

    /// One byte of any signed field, changed; and of the signature, changed to other letters, or
    /// left out.
    #[test]
    fn every_changed_byte_fails_verification() {
        for name in
            ["notification-with-subject", "subscription-confirmation", "unsubscribe-confirmation"]
        {
            let vector = vector(name);
            let pem = certificate(&vector);
            let signed: &[&str] = match name {
                "notification-with-subject" => {
                    &["message", "message_id", "subject", "timestamp", "topic_urn", "type"]
                }
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
                        assert_eq!(
                            verdict(&envelope, &pem),
                            Err(SmnErrorKind::Signature),
                            "{name} {place} {letter}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn fields_that_are_missing_or_swapped_fail_verification() {
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
        // The part of the signed string that a line break in the subject could swallow.
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
            verifier
                .verify_with(&message, pem.as_bytes(), at)
                .map(drop)
                .map_err(|error| error.kind())
        };
        let other =
            SmnVerifier::new(Answers::default(), "urn:smn:cn-north-4:1:other").max_age(None);
        assert_eq!(kind(other, 1_800_000_000), Err(SmnErrorKind::OtherTopic));
        let second = SmnVerifier::new(Answers::default(), "urn:smn:cn-north-4:1:other")
            .topic(TOPIC)
            .max_age(None);
        assert_eq!(kind(second, 1_800_000_000), Ok(()));
        // Published at 1786778956; the certificate is valid from November on.
        let hour = || SmnVerifier::new(Answers::default(), TOPIC);
        for (at, expected) in [
            (1_786_778_956, SmnErrorKind::Certificate),
            (1_786_778_956 + 3600, SmnErrorKind::Certificate),
            (1_786_778_956 - 300, SmnErrorKind::Certificate),
            (1_786_778_956 + 3601, SmnErrorKind::Stale),
            (1_786_778_956 - 301, SmnErrorKind::Stale),
        ] {
            assert_eq!(kind(hour(), at), Err(expected), "{at}");
        }
        assert_eq!(
            kind(verifier(), 5_000_000_000),
            Err(SmnErrorKind::Certificate),
            "no longer valid"
        );
        let broken = [
            "",
            "no certificate",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ];
        for pem in broken {
            assert_eq!(verdict(&vector["envelope"], pem), Err(SmnErrorKind::Certificate));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_envelope_makes_verification_panic(
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
        fn no_certificate_makes_verification_panic(place in any::<prop::sample::Index>(), byte: u8) {
            let vector = vector("notification-with-subject");
            let mut pem = certificate(&vector).into_bytes();
            let place = place.index(pem.len());
            pem[place] = byte;
            let verifier = verifier();
            let message = message(&vector["envelope"]);
            let _ = verifier.verify_with(&message, &pem, now());
        }
    }
}
