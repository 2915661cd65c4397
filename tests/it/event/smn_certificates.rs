//! When certificates of SMN are fetched, and how long they are kept.

use std::time::Duration;

use huaweicloud_cts::event::SmnErrorKind;
use serde_json::{Value, json};

use super::smn_trust::{
    Web, envelope, message, pem, verifier, with_certificate_at, with_other_text,
};
use crate::support::fixtures::fixture;

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
        with_certificate_at(
            &envelope,
            &format!("https://smn.sa-brazil-1.myhuaweicloud.com/smn/{number}.pem"),
        )
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
            let _gone =
                tokio::time::timeout(Duration::from_millis(1), verifier.verify(forged)).await;
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
        assert_eq!(
            web.requests().len(),
            1,
            "{status}: no redirect is followed, and none asks again"
        );
        web.set(200, padded(128 * 1024));
        tokio::time::advance(Duration::from_secs(15)).await;
        verifier.verify(&message).await.unwrap();
    }
    let web = Web::new(200, whole).slow(Duration::from_millis(4_001));
    let error = verifier(&web, &envelope).verify(&message).await.unwrap_err().to_string();
    assert!(
        error.ends_with("smn.sa-brazil-1.myhuaweicloud.com: no response within 4 seconds"),
        "{error}"
    );
    web.set_delay(Duration::from_millis(3_999));
    verifier(&web, &envelope).verify(&message).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_good_certificate_is_replaced_only_by_a_good_one() {
    let envelope = envelope("sa-brazil-1");
    let message = message(&envelope);
    let web = Web::new(200, pem("valid"));
    let verifier = verifier(&web, &envelope);
    verifier.verify(&message).await.unwrap();
    for (status, body) in
        [(0, String::new()), (503, String::new()), (200, "<html>".into()), (200, pem("expired"))]
    {
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
    web.set_delay(Duration::from_secs(2));
    let before = web.requests().len();
    tokio::time::advance(Duration::from_secs(5 * 60)).await;
    let forged = with_other_text(&envelope);
    for _ in 0..10 {
        let _gone = tokio::time::timeout(Duration::from_secs(1), verifier.verify(&forged)).await;
    }
    assert_eq!(web.requests().len(), before + 1);
    web.set_delay(Duration::ZERO);
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
        (
            "subscribe_url",
            json!("https://a/\ntimestamp\n2026-01-01T00:00:00Z"),
            SmnErrorKind::Malformed,
        ),
        ("subscribe_url", json!(5), SmnErrorKind::Incomplete),
        ("subject", json!("unsigned"), SmnErrorKind::Malformed),
        ("subject", json!(["odd"]), SmnErrorKind::Malformed),
        ("subject", json!(false), SmnErrorKind::Malformed),
        ("signature", json!("%"), SmnErrorKind::Signature),
        ("type", json!("Other"), SmnErrorKind::Incomplete),
    ] {
        let mut changed = envelope.clone();
        changed[field] = value;
        assert_eq!(
            verifier.verify(&message(&changed)).await.unwrap_err().kind(),
            kind,
            "{changed}"
        );
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
        assert_eq!(
            verifier.verify(&message(&changed)).await.unwrap_err().kind(),
            SmnErrorKind::Malformed,
            "{changed}"
        );
    }
}
