//! OIDC id tokens, exchanged at IAM.

use super::*;
#[cfg(unix)]
use crate::support::files::fifo;

#[tokio::test]
async fn an_id_token_is_exchanged_for_credentials() {
    let file = TestFile::new("\n id-token \r\n");
    let answers = federation(federation(Answers::default()));
    let provider =
        FederatedCredentials::new("idp", file.path()).region("eu-de").transport(answers.clone());
    provider.check(&nowhere()).unwrap();
    let keys = provider.provide(&nowhere()).await.unwrap();
    assert_eq!((keys.access_key(), keys.is_temporary(), keys.project_id()), ("AK1", true, None));
    provider.provide(&nowhere()).await.unwrap();

    let requests = answers.requests();
    assert_eq!(
        targets(&requests),
        [
            "POST https://iam.eu-de.otc.t-systems.com/v3.0/OS-AUTH/id-token/tokens",
            "POST https://iam.eu-de.otc.t-systems.com/v3.0/OS-CREDENTIAL/securitytokens",
        ],
        "the keys are kept"
    );
    assert_eq!(requests[0].headers()["x-idp-id"], "idp");
    assert_eq!(requests[0].headers()["host"], "iam.eu-de.otc.t-systems.com");
    assert_eq!(requests[0].headers()["content-type"], "application/json;charset=UTF-8");
    assert_eq!(requests[0].body(), r#"{"auth":{"id_token":{"id":"id-token"}}}"#);
    assert!(!requests[1].headers().contains_key("x-idp-id"));
    assert_eq!(
        requests[1].body(),
        r#"{"auth":{"identity":{"methods":["token"],"token":{"id":"subject-token","duration_seconds":21600}}}}"#
    );
}

#[tokio::test(start_paused = true)]
async fn the_id_token_file_is_read_again_for_each_exchange() {
    let file = TestFile::new("first");
    let step = || http::Response::builder().header("X-Subject-Token", "s").body("".into()).unwrap();
    let answers = Answers::default()
        .response(step())
        .answer(201, OLD_KEYS)
        .response(step())
        .answer(201, KEYS);
    let provider = FederatedCredentials::new("idp", file.path())
        .region("cn-north-11")
        .transport(answers.clone());
    assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK0");
    file.write("second");
    tokio::time::advance(Duration::from_secs(31)).await;
    assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK1");
    assert_eq!(answers.requests()[2].body(), r#"{"auth":{"id_token":{"id":"second"}}}"#);
    assert_eq!(answers.requests()[2].uri().host(), Some("iam.myhuaweicloud.com"));
}

#[tokio::test]
async fn failures_of_the_token_exchange_have_kinds_of_their_own() {
    let file = TestFile::new("id-token");
    let refused = r#"{"error":{"code":"IAM.0001","message":"id-token","title":"Unauthorized"}}"#;
    let cases = [
        (
            Answers::default().answer(401, refused),
            "IAM did not accept the id token (iam.example.com): 401 IAM.0001; check that an identity provider with this id is \
             registered in the account, that it accepts the issuer and audience of the token, and that the token has not expired",
        ),
        (
            Answers::default().answer(302, ""),
            "IAM did not accept the id token (iam.example.com): status 302; the redirect is not followed: check the endpoint",
        ),
        (
            Answers::default().answer(201, "{}"),
            "IAM did not accept the id token (iam.example.com): the response can't be used: the header X-Subject-Token is empty; \
             check that the endpoint is the service itself, and not a proxy or a login page",
        ),
        (
            Answers::default().failure(TransportErrorKind::Connect),
            "IAM did not accept the id token (iam.example.com): no connection to the service: scripted",
        ),
    ];
    for (answers, text) in cases {
        let provider = FederatedCredentials::new("idp", file.path())
            .iam_endpoint("iam.example.com")
            .transport(answers);
        let error = provider.provide(&nowhere()).await.unwrap_err();
        assert_eq!((error.kind(), told(&error).as_str()), (Failed, text));
    }
    let subject =
        || http::Response::builder().header("X-Subject-Token", "s").body("".into()).unwrap();
    let answers =
        Answers::default().response(subject()).answer(403, "{\"error_code\":\"IAM.0003\"}");
    let answers = answers.response(subject()).answer(200, "{\"credential\":{\"access\":\"a\"}}");
    let provider = FederatedCredentials::new("idp", file.path())
        .iam_endpoint("iam.example.com")
        .transport(answers);
    let error = provider.provide(&nowhere()).await.unwrap_err();
    assert_eq!(
        told(&error),
        "IAM accepted the id token, but returned no credentials for it (iam.example.com): 403 IAM.0003; check the identity \
         conversion rules of the identity provider"
    );
    let error = provider.provide(&nowhere()).await.unwrap_err();
    let unusable =
        "the response can't be used: the field secret is missing or empty; check that the endpoint";
    assert!(told(&error).contains(unusable), "{}", told(&error));
}

#[tokio::test]
async fn an_invalid_id_token_is_not_sent() {
    let missing = Path::new("/nonexistent/token").to_owned();
    let jwt = Path::new("eyJhbGciOiJSUzI1NiJ9.sentinel").to_owned();
    let files = [
        TestFile::new(""),
        TestFile::new("two tokens"),
        TestFile::new(b"\xff"),
        TestFile::new("tök"),
    ];
    let paths = files.iter().map(|file| file.path().to_owned()).chain([missing, jwt]);
    for (path, part) in paths.zip([
        "the id token is empty",
        "white space or a control character at position 4",
        "the id token has the character U+FFFD at position 1",
        "the id token has the character U+00F6 at position 2",
        "there is no file /nonexistent/token, which should hold the id token",
        "not shown",
    ]) {
        let error = FederatedCredentials::new("idp", path)
            .region("eu-de")
            .transport(Answers::default())
            .provide(&nowhere())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Invalid, "{error}");
        assert!(
            error.to_string().contains(part) && !error.to_string().contains("sentinel"),
            "{error}"
        );
    }
    #[cfg(unix)]
    {
        let file = fifo();
        let provider = FederatedCredentials::new("idp", file.path())
            .region("eu-de")
            .transport(Answers::default());
        let error = provider.provide(&nowhere()).await.unwrap_err();
        let text = told(&error);
        assert!(
            error.kind() == Failed && text.ends_with("can't be read: it is not a regular file"),
            "{text}"
        );
    }
    let new = || FederatedCredentials::new("idp", "token");
    for wrong in [
        FederatedCredentials::new("", "token").region("eu-de"),
        FederatedCredentials::new("idp\n", "token").region("eu-de"),
        new().iam_endpoint("http://iam.example.com"),
        new().iam_endpoint(""),
    ] {
        assert_eq!(wrong.check(&nowhere()).unwrap_err().kind(), Invalid, "{wrong:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_token_exchange_has_a_time_limit_of_fifteen_seconds() {
    let file = TestFile::new("id-token");
    let started = tokio::time::Instant::now();
    let provider =
        FederatedCredentials::new("idp", file.path()).region("eu-de").transport(Answers::default());
    let error = provider.provide(&nowhere()).await.unwrap_err();
    assert_eq!(started.elapsed().as_secs(), 15);
    assert!(told(&error).ends_with("no response within the time limit: 15s"), "{}", told(&error));
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn an_id_token_is_exchanged_over_a_socket() {
    use wiremock::matchers::{body_string, header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v3.0/OS-AUTH/id-token/tokens"))
        .and(header("X-Idp-Id", "idp"))
        .and(header("Content-Type", "application/json;charset=UTF-8"))
        .and(body_string(r#"{"auth":{"id_token":{"id":"id-token"}}}"#))
        .respond_with(ResponseTemplate::new(201).insert_header("X-Subject-Token", "subject-token"))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/v3.0/OS-CREDENTIAL/securitytokens"))
        .respond_with(ResponseTemplate::new(201).set_body_string(KEYS))
        .expect(1)
        .mount(&server)
        .await;
    let file = TestFile::new("id-token\n");
    let provider =
        FederatedCredentials::new("idp", file.path()).iam_endpoint(server.uri()).project_id("p1");
    let keys = provider.provide(&nowhere()).await.unwrap();
    assert_eq!((keys.access_key(), keys.project_id()), ("AK1", Some("p1")));
}
