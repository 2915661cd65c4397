//! OIDC id tokens, exchanged at STS.

use huaweicloud_cts::credentials::OidcCredentials;
use serde_json::{Value, json};

use super::*;

const PROVIDER: &str = "iam::d78cbac186b744899480f25bd022f468:oidcProvider:github";
const AGENCY: &str = "iam::d78cbac186b744899480f25bd022f468:agency:ci";

fn response(expiration: &str) -> String {
    json!({
        "assumed_agency": {"id": "i", "urn": "u"}, "audience": "a", "provider": "p",
        "credentials": {
            "access_key_id": "HST1", "secret_access_key": "SK1", "security_token": "T1", "expiration": expiration,
        },
    })
    .to_string()
}

fn provider(file: &TestFile, answers: &Answers) -> OidcCredentials {
    OidcCredentials::new(PROVIDER, AGENCY, file.path())
        .region("cn-north-4")
        .transport(answers.clone())
}

#[tokio::test]
async fn an_id_token_is_exchanged_by_an_unsigned_call_in_the_clients_region() {
    let file = TestFile::new("\n id-token \r\n");
    for time in ["2126-09-07T03:27:51Z", "2126-09-07T03:27:51.158Z", "2126-09-07T03:27:51.158000Z"]
    {
        let answers = Answers::of([(200, &response(time))]);
        let provider =
            OidcCredentials::new(PROVIDER, AGENCY, file.path()).transport(answers.clone());
        let context = CredentialsContext::new().with_region("cn-east-3");
        provider.check(&context).unwrap();
        let credentials = provider.provide(&context).await.unwrap();
        assert_eq!(
            (credentials.access_key(), credentials.is_temporary(), credentials.project_id()),
            ("HST1", true, None)
        );
        assert_eq!(provider.provide(&context).await.unwrap().access_key(), "HST1", "they are kept");

        let requests = answers.requests();
        assert_eq!(
            targets(&requests),
            ["POST https://sts.cn-east-3.myhuaweicloud.com/v5/agencies/assume-with-oidc"]
        );
        let headers = requests[0].headers();
        assert_eq!(headers["content-type"], "application/json;charset=UTF-8");
        assert!(
            !headers.contains_key("authorization") && !headers.contains_key("x-sdk-date"),
            "the token speaks for itself"
        );
        assert_eq!(
            serde_json::from_slice::<Value>(requests[0].body()).unwrap(),
            json!({
                "provider_urn": PROVIDER, "agency_urn": AGENCY, "agency_session_name": "oidc-sts-session",
                "id_token": "id-token", "duration_seconds": 3600,
            })
        );
    }
}

#[tokio::test]
async fn every_setting_is_sent_in_its_own_field() {
    let file = TestFile::new("id-token");
    let answers = Answers::of([(200, &response("2126-09-07T03:27:51Z"))]);
    let provider = provider(&file, &answers)
        .session("nightly")
        .duration(Duration::from_secs(900))
        .policy(&json!({"Version": "5.0", "Statement": []}))
        .project_id("p1")
        .endpoint("https://sts.example.com");
    assert_eq!(provider.provide(&nowhere()).await.unwrap().project_id(), Some("p1"));
    let requests = answers.requests();
    assert_eq!(requests[0].uri().host(), Some("sts.example.com"));
    let body: Value = serde_json::from_slice(requests[0].body()).unwrap();
    assert_eq!(
        (&body["agency_session_name"], &body["duration_seconds"], &body["policy"]),
        (&json!("nightly"), &json!(900), &json!("{\"Statement\":[],\"Version\":\"5.0\"}"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_replaced_is_used_by_the_next_exchange() {
    let file = TestFile::new("first");
    let answers = Answers::of([
        (200, &response("2020-01-01T00:00:00Z")),
        (200, &response("2126-09-07T03:27:51Z")),
    ]);
    let provider = provider(&file, &answers);
    provider.provide(&nowhere()).await.unwrap();
    file.write("second");
    tokio::time::advance(Duration::from_secs(31)).await;
    provider.provide(&nowhere()).await.unwrap();
    let tokens = answers.requests();
    let tokens: Vec<Value> =
        tokens.iter().map(|request| serde_json::from_slice(request.body()).unwrap()).collect();
    assert_eq!(
        (&tokens[0]["id_token"], &tokens[1]["id_token"]),
        (&json!("first"), &json!("second"))
    );
}

#[tokio::test]
async fn a_failed_exchange_says_which_step_failed() {
    let file = TestFile::new("id-token");
    let denied = r#"{"error_code":"STS5.1001","error_msg":"id-token","request_id":"r"}"#;
    for (answers, expected) in [
        (
            Answers::of([(403, denied)]),
            "STS did not exchange the id token (sts.cn-north-4.myhuaweicloud.com): 403 STS5.1001; check both URNs",
        ),
        (
            Answers::of([(302, "")]),
            "STS did not exchange the id token (sts.cn-north-4.myhuaweicloud.com): status 302; the redirect is not followed",
        ),
        (
            Answers::of([(200, "{}")]),
            "STS did not exchange the id token (sts.cn-north-4.myhuaweicloud.com): the response can't be used: the field access",
        ),
        (
            Answers::of([(200, "<html>")]),
            "STS did not exchange the id token (sts.cn-north-4.myhuaweicloud.com): the response can't be used: it is not JSON",
        ),
        (
            Answers::of([(200, &response("soon"))]),
            "STS did not exchange the id token (sts.cn-north-4.myhuaweicloud.com): the response can't be used: the field expires_at is not a time",
        ),
    ] {
        let error = provider(&file, &answers).provide(&nowhere()).await.unwrap_err();
        assert_eq!(error.kind(), Failed);
        let text = told(&error);
        assert!(text.starts_with(expected) && !text.contains("id-token"), "{text}");
    }
    for contents in ["", " \n", "a b"] {
        let file = TestFile::new(contents);
        let error = provider(&file, &Answers::default()).provide(&nowhere()).await.unwrap_err();
        assert_eq!(error.kind(), Invalid, "{error}");
    }
}

#[tokio::test]
async fn a_token_is_not_sent_to_another_region() {
    let file = TestFile::new("id-token");
    let answers = Answers::default();
    let anywhere = OidcCredentials::new(PROVIDER, AGENCY, file.path()).transport(answers.clone());
    for context in [nowhere(), CredentialsContext::new().with_region("eu-de")] {
        assert_eq!(anywhere.provide(&context).await.unwrap_err().kind(), Invalid);
    }
    assert_eq!(
        provider(&file, &answers).region("cn-north-1").check(&nowhere()).unwrap_err().kind(),
        Invalid
    );
    assert!(answers.requests().is_empty());
}
