//! The message of every kind of failure.

use std::fmt::Write as _;
use std::io::ErrorKind as ErrorKindOfIo;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{CreateNotification, ListNotifications, UpdateNotification};
use huaweicloud_cts::provision::NotificationSet;
use huaweicloud_cts::sign::Signer;
use huaweicloud_cts::transport::{Transport, TransportError, TransportErrorKind};
use huaweicloud_cts::{CtsClient, Error, ErrorCode, ErrorKind, Region};

use crate::support::answers::{Answers, error_of, response};
use crate::support::snapshot::assert_snapshot;

/// Bodies that a caller meets: the service's, the gateways', IAM's, those of proxies, and broken
/// ones.
fn corpus() -> Vec<(&'static str, u16, Vec<u8>)> {
    let html = "<!DOCTYPE html>\n<html><head><TITLE>502 Bad\n Gateway</TITLE></head><body>nginx</body></html>";
    let mut five_megabytes = b"{\"error_code\":\"CTS.0300\",\"error_msg\":\"".to_vec();
    five_megabytes.resize(5 * 1024 * 1024, b'x');
    five_megabytes.extend_from_slice(b"\"}");
    let mut five_megabytes_of_text = b"upstream ".to_vec();
    five_megabytes_of_text.resize(5 * 1024 * 1024, b'y');
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        (
            "service",
            400,
            text(r#"{"error_code":"CTS.0402","error_msg":"The Smn topic does not exist."}"#),
        ),
        ("service, unknown code", 400, text(r#"{"error_code":"CTS.9999","error_msg":"News."}"#)),
        (
            "service, legacy code",
            400,
            text(r#"{"error_code":"cts.0003","error_msg":"empty project id","obs_details":{}}"#),
        ),
        (
            "service, permission",
            403,
            text(r#"{"error_code":"CTS.0013","error_msg":"No permission, Please check roles."}"#),
        ),
        (
            "service, 503",
            503,
            text(r#"{"error_code":"CTS.0005","error_msg":"Failed to read data."}"#),
        ),
        (
            "gateway",
            404,
            text(
                "{\"error_msg\":\"The API does not exist\",\"error_code\":\"APIGW.0101\",\"request_id\":\"7fd2\"}\n",
            ),
        ),
        (
            "dedicated gateway",
            429,
            text(r#"{"error_msg":"throttled","error_code":"APIG.0308","request_id":"7fd3"}"#),
        ),
        (
            "gateway, forbidden",
            403,
            text(r#"{"error_msg":"Unknown client IP","error_code":"APIGW.0401","request_id":"r"}"#),
        ),
        (
            "iam, numeric code",
            401,
            text(r#"{"error":{"code":401,"message":"The token is bad","title":"Unauthorized"}}"#),
        ),
        (
            "iam, flat",
            400,
            text(r#"{"error_code":"IAM.0011","error_msg":"'user' is a required property"}"#),
        ),
        ("nested pair", 400, text(r#"{"error":{"error_code":"CTS.0003","error_msg":"inner"}}"#)),
        ("any object", 400, text(r#"{"badRequest":{"code":"X.1","message":"a bad request"}}"#)),
        ("camel", 400, text(r#"{"errorCode":"X.2","errorMsg":"camel"}"#)),
        ("camel, longer", 400, text(r#"{"errorCode":"X.3","errorMessage":"longer camel"}"#)),
        ("code and message", 400, text(r#"{"code":"X.4","message":"flat"}"#)),
        ("code alone", 400, text(r#"{"error_code":"CTS.0400"}"#)),
        ("message alone", 400, text(r#"{"error_msg":"only words"}"#)),
        ("numeric and null", 400, text(r#"{"error_code":12,"error_msg":null}"#)),
        (
            "outer half, inner whole",
            400,
            text(r#"{"code":400,"error":{"code":"X.5","message":"whole"}}"#),
        ),
        (
            "details",
            400,
            text(
                r#"{"error_code":"X.6","error_msg":"several","details":[{"error_code":"X.7","error_msg":"one"},{"error_msg":"two"}]}"#,
            ),
        ),
        (
            "policy",
            403,
            text(
                r#"{"error_code":"PAP5.0020","error_msg":"access denied","request_id":"r","encoded_authorization_message":"c2VhbGVk"}"#,
            ),
        ),
        (
            "details nested in details",
            400,
            text(r#"{"details":{"details":"Invalid message body."}}"#),
        ),
        ("array", 400, text(r#"["a"]"#)),
        ("html", 502, text(html)),
        ("html without title", 403, text("<html><body>blocked</body></html>")),
        (
            "text",
            502,
            text("upstream connect error\r\n\x1b[31mor disconnect/reset before headers\x07"),
        ),
        ("empty", 503, Vec::new()),
        ("blank", 500, text(" \n ")),
        ("cut off", 500, text(r#"{"error_code":"CTS.0004","error_ms"#)),
        ("not UTF-8", 500, vec![0xff, 0xfe, b'a', 0, 0xc3]),
        (
            "control characters",
            400,
            text(r#"{"error_code":"CTS.0003","error_msg":"a\nb\u001b[31mc\u0000d"}"#),
        ),
        ("five megabytes", 400, five_megabytes),
        ("five megabytes of text", 500, five_megabytes_of_text),
        ("odd status", 599, text("?")),
        ("redirect", 302, Vec::new()),
    ]
}

#[tokio::test]
async fn every_error_body_becomes_one_sentence() {
    let mut story = String::new();
    for (what, status, body) in corpus() {
        let length = body.len();
        let error = error_of(response(StatusCode::from_u16(status).unwrap(), body)).await;
        assert_eq!(error.kind(), ErrorKind::Api, "{what}");
        assert!(
            error.body().unwrap().len() == length.min(64 * 1024),
            "{what}: the body is kept, up to 64 KiB"
        );
        let line = error.to_string();
        assert!(!line.chars().any(char::is_control), "{what}: {line:?}");
        let line = if line.len() > 600 {
            format!("{}… {} bytes", &line[..80], line.len())
        } else {
            line
        };
        writeln!(story, "{what}:\n    {line}").unwrap();
    }
    assert_snapshot!("error-bodies", story);
}

#[tokio::test]
async fn accessors_return_the_parts_of_an_error_response() {
    let body = r#"{"error_code":"PAP5.0020","error_msg":"access denied","request_id":"from-body",
        "encoded_authorization_message":"c2VhbGVk","details":[{"error_code":"CTS.0013","error_msg":"inner"}]}"#;
    let mut answer = response(StatusCode::FORBIDDEN, body);
    let error = error_of(answer.clone()).await;
    assert_eq!(error.request_id(), Some("from-body"));
    let api = error.api().unwrap();
    assert_eq!((api.message(), api.status()), ("access denied", StatusCode::FORBIDDEN));
    assert_eq!(api.encoded_authorization_message(), Some("c2VhbGVk"));
    assert_eq!(api.details()[0].code, Some(ErrorCode::PermissionMissing));
    assert_eq!(api.body(), body.as_bytes());

    answer.headers_mut().insert("x-iam-trace-id", "trace".parse().unwrap());
    assert_eq!(error_of(answer.clone()).await.request_id(), Some("trace"));
    answer.headers_mut().insert("x-request-id", "from-header".parse().unwrap());
    assert_eq!(error_of(answer).await.request_id(), Some("from-header"));
}

#[tokio::test]
async fn codes_with_either_gateway_prefix_are_one_variant_and_keep_their_string() {
    for prefix in ["APIG", "APIGW"] {
        let (code, other) = (format!("{prefix}.0308"), format!("{prefix}.9999"));
        let body = serde_json::json!({
            "error_code": code, "error_msg": "slow down",
            "details": [{"error_code": code, "error_msg": "one"}, {"error_code": other}, {"error_msg": "two"}],
        });
        let error = error_of(response(StatusCode::TOO_MANY_REQUESTS, body.to_string())).await;
        let api = error.api().unwrap();
        assert_eq!(
            (error.code(), api.code_text()),
            (Some(&ErrorCode::GatewayThrottled), Some(code.as_str()))
        );
        assert_eq!(error.code().unwrap().as_str(), "APIGW.0308");
        let details: Vec<_> =
            api.details().iter().map(|one| (one.code.as_ref(), one.code_text.as_deref())).collect();
        let unnamed = ErrorCode::from(other.as_str());
        let named = (Some(&ErrorCode::GatewayThrottled), Some(code.as_str()));
        assert_eq!(details, [named, (Some(&unnamed), Some(other.as_str())), (None, None)]);
        let shown = format!("429 {code}: slow down [{code} one] [{other} ] [two]");
        assert_eq!(api.to_string(), shown, "the code is shown as it was sent");
    }
    assert_eq!(
        error_of(response(StatusCode::BAD_REQUEST, "no code")).await.api().unwrap().code_text(),
        None
    );
}

/// `true` in the second column: retryable; in the third, for a write: may have been applied.
#[tokio::test]
async fn errors_say_whether_a_retry_may_help_and_whether_the_request_may_have_applied() {
    let service = |code: &str| format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#);
    let table = [
        (400, service("CTS.0003"), false, false),
        (400, service("CTS.0001"), true, true),
        (400, service("CTS.0300"), true, true),
        (401, service("APIGW.0301"), false, false),
        (403, service("CTS.0002"), false, false),
        (404, service("CTS.0403"), false, false),
        (408, String::new(), true, true),
        (429, service("CTS.0407"), false, false),
        (429, service("APIGW.0308"), true, false),
        (500, service("CTS.0004"), true, true),
        (502, String::new(), true, true),
        (503, service("CTS.0005"), false, true),
        (503, service("APIGW.0201"), true, true),
        (504, String::new(), true, true),
        (302, String::new(), false, false),
    ];
    for (status, body, retryable, applied) in table {
        let client = Answers::default().answer(status, &body).answer(status, &body).client();
        let read = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
        let write =
            client.create_notification(&CreateNotification::complete("a")).await.unwrap_err();
        assert_eq!(
            (read.is_retryable(), write.is_retryable()),
            (retryable, retryable),
            "{status} {body}"
        );
        assert_eq!(
            (read.may_have_applied(), write.may_have_applied()),
            (false, applied),
            "{status} {body}"
        );
    }
    for (kind, retryable, applied) in [
        (TransportErrorKind::Connect, true, false),
        (TransportErrorKind::Timeout, true, true),
        (TransportErrorKind::Interrupted, true, true),
        (TransportErrorKind::TooLarge, false, true),
        (TransportErrorKind::Unsendable, false, false),
    ] {
        let client = Answers::default().failure(kind).client();
        let error = client
            .update_notification(&UpdateNotification::complete("id", "n", "disabled"))
            .await
            .unwrap_err();
        assert_eq!(
            (error.is_retryable(), error.may_have_applied()),
            (retryable, applied),
            "{error}"
        );
        assert_eq!(error.transport().unwrap().kind(), kind);
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_has_a_time_limit() {
    let client = Answers::default().client();
    let started = tokio::time::Instant::now();
    let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(15));
    assert_eq!(
        error.to_string(),
        "ListNotifications: no response within the time limit: 15s (cts.eu-de.otc.t-systems.com)"
    );
}

async fn unreadable(status: u16, body: &str) -> Error {
    let answer = Response::builder()
        .status(status)
        .header("x-request-id", "r1")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap();
    Answers::default()
        .response(answer)
        .client()
        .create_notification(&CreateNotification::complete("a"))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_an_error_with_the_body() {
    let mut story = String::new();
    for (status, body) in [
        (201, ""),
        (201, "<html><title>Log in</title></html>"),
        (200, "[]"),
        (201, "{\"notification_id\":"),
    ] {
        let error = unreadable(status, body).await;
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.body().unwrap(), body.as_bytes());
        assert!(error.may_have_applied());
        writeln!(story, "{error}").unwrap();
    }
    assert_snapshot!("unreadable-responses", story);
}

#[tokio::test]
async fn display_of_an_error_states_each_fact_once() {
    let error = Answers::default()
        .failure(TransportErrorKind::Connect)
        .client()
        .find_notification("a")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "ListNotifications: no connection to the service: scripted (cts.eu-de.otc.t-systems.com)"
    );
    assert!(
        std::error::Error::source(&error).is_none(),
        "what is displayed is not a source as well"
    );
    let debug = format!("{error:?}");
    assert!(debug.contains("no connection"), "{debug}");
}

#[test]
fn errors_are_small_can_be_cloned_and_can_be_sent_to_another_thread() {
    fn check<T: Clone + Send + Sync + std::error::Error + 'static>() {}
    check::<Error>();
    check::<huaweicloud_cts::BuildError>();
    check::<huaweicloud_cts::CloudDomainError>();
    check::<huaweicloud_cts::RegionsFileError>();
    check::<huaweicloud_cts::credentials::CredentialsError>();
    check::<huaweicloud_cts::event::EventError>();
    check::<huaweicloud_cts::provision::SetError>();
    check::<huaweicloud_cts::sign::SignError>();
    check::<TransportError>();
    #[cfg(feature = "smn-verify")]
    check::<huaweicloud_cts::event::SmnError>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

/// `main` prints an error that it returns by `Debug`.
#[test]
fn errors_that_main_returns_read_as_their_sentence() {
    fn check(error: impl std::error::Error) {
        assert_eq!(format!("{error:?}"), error.to_string());
    }
    let client = || CtsClient::builder().project_id("p").credentials(Credentials::new("ak", "sk"));
    check(client().build().unwrap_err());
    check(
        client().endpoint("https://h").credentials(Credentials::new("", "sk")).build().unwrap_err(),
    );
    check(client().region("atlantis-1").build().unwrap_err());
    check(Region::new("eu-de").cloud_domain("a b").unwrap_err());
    check(huaweicloud_cts::event::CtsEvent::from_slice(b"{").unwrap_err());
    check(
        NotificationSet::new([
            CreateNotification::complete("a"),
            CreateNotification::complete("a"),
        ])
        .unwrap_err(),
    );
    let mut request = http::Request::new("");
    let at = std::time::SystemTime::UNIX_EPOCH;
    check(Signer::new(&Credentials::new("ak", "sk")).sign(&mut request, at).unwrap_err());
}

#[test]
fn a_clone_of_an_error_of_the_transport_has_the_same_source() {
    let error = TransportError::with_source(
        TransportErrorKind::Interrupted,
        std::io::Error::from(ErrorKindOfIo::TimedOut),
    );
    for error in [error.clone(), error] {
        let source = std::error::Error::source(&error)
            .and_then(|source| source.downcast_ref::<std::io::Error>());
        assert_eq!(source.map(std::io::Error::kind), Some(ErrorKindOfIo::TimedOut));
    }
}

/// Characters that move the cursor, reverse the text or are invisible.
#[tokio::test]
async fn control_characters_are_escaped_in_every_message() {
    let hostile = "a\u{1b}[2J\u{9b}31m\u{202e}txt\u{2066}\u{200b}\u{feff}\u{7f}\r\n\u{2028}b";
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let assert_clean = |what: &str, text: String| {
        assert!(!text.replace('\n', " ").chars().any(is_hidden), "{what}: {text:?}");
    };
    let json = serde_json::json!({
        "error_code": hostile, "error_msg": hostile, "request_id": hostile,
        "details": [{"error_code": hostile, "error_msg": hostile}],
    });
    let mut location = response(StatusCode::FOUND, "");
    location.headers_mut().insert("location", "https://h/\u{9b}".parse().unwrap());
    for answer in [
        response(StatusCode::BAD_REQUEST, json.to_string()),
        response(StatusCode::BAD_GATEWAY, hostile),
        response(StatusCode::BAD_GATEWAY, format!("<html><title>{hostile}</title></html>")),
        response(StatusCode::OK, hostile),
        response(StatusCode::OK, serde_json::json!({"notifications": hostile}).to_string()),
        location,
    ] {
        let error = error_of(answer).await;
        assert!(!error.to_string().contains('\n'), "{error}");
        assert_clean("Display", error.to_string());
        assert_clean("Debug", format!("{error:?}{error:#?}"));
        if let Some(api) = error.api() {
            assert_clean("Display of ApiError", api.to_string());
            assert_clean("Debug of ApiError", format!("{api:?}{api:#?}"));
        }
    }
    let two = serde_json::json!({"notifications": [
        {"notification_id": hostile, "notification_name": hostile}, {"notification_id": "b", "notification_name": hostile},
    ]});
    let error = Answers::default()
        .answer(200, two.to_string())
        .answer(200, "{}")
        .client()
        .find_notification(hostile)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert_clean("names and ids", error.to_string());
    assert_clean("names and ids in Debug", format!("{error:?}"));
    let loud = TransportError::with_source(TransportErrorKind::Connect, hostile);
    let client = CtsClient::builder()
        .endpoint("https://cts.eu-de.otc.t-systems.com")
        .project_id("p")
        .credentials(Credentials::new("TESTACCESSKEY0000001", "secret"))
        .transport(Loud(std::sync::Mutex::new(Some(loud))))
        .retry(huaweicloud_cts::RetryPolicy::never())
        .build()
        .unwrap();
    let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_clean("cause", error.to_string());
}

/// A transport that fails with a cause of its own.
#[derive(Debug)]
struct Loud(std::sync::Mutex<Option<TransportError>>);

impl Transport for Loud {
    fn send(
        &self,
        _: http::Request<Bytes>,
    ) -> huaweicloud_cts::BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let error = self.0.lock().unwrap().take().unwrap();
        Box::pin(async { Err(error) })
    }
}

/// The code and the message in each body of a neighbouring service.
#[tokio::test]
async fn the_first_code_that_is_not_a_bare_number_is_used_with_its_message() {
    let inner = r#"{"error_code":"CTS.0003","error_msg":"inner"}"#;
    for (body, code, message) in [
        (
            include_str!("../fixtures/field/F12a-error_message.json").to_owned(),
            "AOM.0403",
            "no permission for alarm rules",
        ),
        (
            include_str!("../fixtures/field/F12c-otc-frame-details.json").to_owned(),
            "ces.0015",
            "Authenticate failed.",
        ),
        (
            include_str!("../fixtures/field/F07e-error-lone-surrogate.json").to_owned(),
            "CTS.0003",
            "bad name \u{fffd}",
        ),
        (
            include_str!("../fixtures/field/F07f-error-raw-newline.json").to_owned(),
            "CTS.0003",
            "line one\nline two",
        ),
        (r#"{"code":"X.1","msg":"short"}"#.to_owned(), "X.1", "short"),
        (r#"{"code":"X.1","detail":"in detail"}"#.to_owned(), "X.1", "in detail"),
        (
            r#"{"error_code":"X.1","error_msg":"outer","error":{"code":"X.2","message":"inner"}}"#
                .to_owned(),
            "X.1",
            "outer",
        ),
        (r#"{"error_code":"X.1","error":{"message":"only here"}}"#.to_owned(), "X.1", "only here"),
        (
            r#"{"error_code":"400","error_msg":"outer","error":{"code":"X.2"}}"#.to_owned(),
            "X.2",
            "outer",
        ),
        (r#"{"code":403,"error_code":"X.3","message":"m"}"#.to_owned(), "X.3", "m"),
        (
            r#"{"message":"outer","error":{"message":{"code":"X.4","message":"innermost"}}}"#
                .to_owned(),
            "X.4",
            "innermost",
        ),
        (serde_json::json!({"code": 500, "message": inner}).to_string(), "CTS.0003", "inner"),
        (
            serde_json::json!({"message": serde_json::json!({"message": inner}).to_string()})
                .to_string(),
            "CTS.0003",
            "inner",
        ),
        (r#"{"error":{"code":401,"message":"m","title":"Unauthorized"}}"#.to_owned(), "401", "m"),
        (
            r#"{"details":{"details":"Invalid message body."}}"#.to_owned(),
            "",
            "Invalid message body.",
        ),
        ("{\"error_code\":\"X.5\",\"error_msg\":\"caf\u{e9}\"}".to_owned(), "X.5", "caf\u{e9}"),
        (r#"{"error_code":"X.6","error_msg":"m","retry":1e999}"#.to_owned(), "X.6", "m"),
        (r#"{"error_code":"X.7"}"#.to_owned(), "X.7", "a JSON response without a message"),
        (r#"["a"]"#.to_owned(), "", "a JSON response without a message"),
    ] {
        let error = error_of(response(StatusCode::BAD_REQUEST, body.clone())).await;
        let api = error.api().unwrap();
        assert_eq!(
            (api.code().map_or("", ErrorCode::as_str), api.message()),
            (code, message),
            "{body}"
        );
    }
    let details = r#"{"code":400,"message":"several","error":{"details":[{"code":"X.1","msg":"one"},{"detail":"two"},{},1]}}"#;
    let error = error_of(response(StatusCode::BAD_REQUEST, details)).await;
    let api = error.api().unwrap();
    assert_eq!(
        (api.code().unwrap().as_str(), api.message()),
        ("400", "several"),
        "lists are further errors"
    );
    let details: Vec<_> = api
        .details()
        .iter()
        .map(|one| (one.code.as_ref().map(ErrorCode::as_str), &*one.message))
        .collect();
    assert_eq!(details, [(Some("X.1"), "one"), (None, "two")]);
}

#[tokio::test]
async fn an_error_body_with_a_status_of_success_is_an_error() {
    let busy = include_str!("../fixtures/field/F12e-200-with-error.json");
    let answers = || Answers::default().answer(200, busy);
    let error = answers().client().list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some(&ErrorCode::PermissionMissing)));
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert!(!error.is_retryable() && !error.may_have_applied());
    assert_eq!(
        error.to_string(),
        "ListNotifications: 200 CTS.0013: the system is busy; the call needs the IAM permission cts:notification:list"
    );
    let error = answers()
        .client()
        .create_notification(&CreateNotification::complete("a"))
        .await
        .unwrap_err();
    assert!(error.may_have_applied(), "{error}");
    for (code, retryable, throttled, not_found) in [
        ("CTS.0001", true, false, false),
        ("CTS.0004", true, false, false),
        ("CTS.0400", false, false, false),
        ("CTS.0403", false, false, true),
        ("CTS.9999", false, false, false),
        ("APIGW.0308", true, true, false),
        ("APIG.0203", true, false, false),
        ("APIG.0103", true, false, false),
        ("APIGW.0105", true, false, false),
        ("APIGW.0101", false, false, false),
        ("APIGW.0301", false, false, false),
    ] {
        let body = format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#);
        let error = error_of(response(StatusCode::OK, body.clone())).await;
        assert_eq!(
            (error.is_retryable(), error.is_throttled(), error.is_not_found()),
            (retryable, throttled, not_found),
            "{code}"
        );
        // A create is never sent again after it.
        let again = Answers::default().answer(200, &body).answer(201, r#"{"notification_id":"a"}"#);
        let client = CtsClient::builder()
            .endpoint("https://cts.eu-de.otc.t-systems.com")
            .project_id("p")
            .credentials(Credentials::new("TESTACCESSKEY0000001", "secret"))
            .transport(again.clone())
            .build()
            .unwrap();
        let error =
            client.create_notification(&CreateNotification::complete("a")).await.unwrap_err();
        assert!(error.may_have_applied() && again.requests().len() == 1, "{code}");
    }
}
