//! Calls by their path.

use http::{HeaderName, HeaderValue, Method};
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::{CtsClient, ErrorKind};
use serde_json::json;

use crate::support::answers::Answers;

fn client(script: &Answers) -> CtsClient {
    CtsClient::builder()
        .endpoint("https://cts.example.com")
        .project_id("p1")
        .domain_id("d1")
        .credentials(Credentials::new("AK", "SK"))
        .transport(script.clone())
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_ids_the_query_the_headers_and_the_body_are_sent_as_given() {
    let script = Answers::of([(200, "[1, 2]")]);
    let response = client(&script)
        .request(Method::POST, "/v3/{domain_id}/x/{project_id}?a=1&b=c%20d")
        .query("e", "f&g")
        .header(HeaderName::from_static("x-note"), HeaderValue::from_static("n"))
        .header(HeaderName::from_static("host"), HeaderValue::from_static("evil.example.com"))
        .json(&json!({"k": "v"}))
        .send()
        .await
        .unwrap();
    assert_eq!((response.status().as_u16(), response.body().as_ref()), (200, &b"[1, 2]"[..]));
    let sent = &script.requests()[0];
    assert_eq!(sent.uri(), "https://cts.example.com/v3/d1/x/p1?a=1&b=c%20d&e=f%26g");
    assert_eq!((sent.method(), sent.body().as_ref()), (&Method::POST, &br#"{"k":"v"}"#[..]));
    assert_eq!(sent.headers()["x-note"], "n");
    assert_eq!(sent.headers()["host"], "cts.example.com");
    assert!(
        sent.headers()["authorization"].to_str().unwrap().contains(";x-note;"),
        "every header is signed"
    );
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_applied_is_repeated_by_method_or_as_told() {
    for (method, repeatable, repeated) in [
        (Method::GET, None, true),
        (Method::GET, Some(false), false),
        (Method::PUT, None, true),
        (Method::DELETE, None, true),
        (Method::DELETE, Some(false), false),
        (Method::POST, None, false),
        (Method::POST, Some(true), true),
    ] {
        let script = Answers::of([(502, "bad gateway"), (200, "{}")]);
        let client = client(&script);
        let mut request = client.request(method.clone(), "/v3/{project_id}/x");
        if let Some(repeatable) = repeatable {
            request = request.repeatable(repeatable);
        }
        let result = request.send().await;
        assert_eq!(
            (result.is_ok(), script.requests().len() == 2),
            (repeated, repeated),
            "{method} {repeatable:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_names_the_method_and_the_path() {
    let script = Answers::of([(
        404,
        r#"{"error_code":"CTS.0214","error_msg":"The tracker does not exist."}"#,
    )]);
    let error = client(&script)
        .request(Method::GET, "/v3/{project_id}/trackers?secret=s")
        .send()
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("GET /v3/{project_id}/trackers: 404"), "{text}");
    assert!(!text.contains("secret"), "the query stays out: {text}");
}

#[tokio::test(start_paused = true)]
async fn a_path_that_can_be_none_is_not_sent() {
    for path in [
        "v3/x",
        "",
        "https://example.com/",
        "/v3/{id}/x",
        "/v3/{project_id/x",
        "/v3/x#f",
        "/v3/a b",
    ] {
        let script = Answers::of([]);
        let error = client(&script).request(Method::GET, path).send().await.unwrap_err();
        assert_eq!(
            (error.kind(), script.requests().len()),
            (ErrorKind::Request, 0),
            "{path}: {error}"
        );
    }
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn a_path_that_would_lead_elsewhere_is_not_sent_and_any_other_arrives_as_it_was_signed() {
    use huaweicloud_cts::testing::FakeCts;

    let server = FakeCts::new().serve().await.unwrap();
    let client = server.client_builder().build().unwrap();
    for path in [
        "/v3/../x",
        "/v3/%2e%2e/x",
        "/./x",
        "/v3/a\\b",
        "/\\evil.example.com/x",
        "/v3/ü",
        "/v3/a\r\nx: y",
    ] {
        let error = client.request(Method::GET, path).send().await.unwrap_err();
        assert!(!error.may_have_applied(), "{path}");
        assert!(server.fake().requests().is_empty(), "{path}");
    }
    let paths = [
        "//evil.example.com/x",
        "/@evil.example.com",
        "/v3/a%2Fb%25%20%C3%BC",
        "/v3/a;b,c!(d)*'e",
        "/v3/%7b",
        "/v3/a+b",
    ];
    for path in paths {
        let error = client
            .request(Method::DELETE, path)
            .query("a/b %é", "1&2=3+4")
            .body("{}")
            .send()
            .await
            .unwrap_err();
        assert_eq!(
            error.status().map(|status| status.as_u16()),
            Some(404),
            "the signature is right: {path} {error}"
        );
        let requests = server.fake().requests();
        let sent = requests.last().unwrap();
        assert_eq!(sent.target, format!("{path}?a%2Fb%20%25%C3%A9=1%262%3D3%2B4"));
        assert_eq!(sent.body.as_ref(), b"{}");
    }
    server.shutdown().await;
}
