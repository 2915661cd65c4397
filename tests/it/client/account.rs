//! The account id: given, or found out by the first call that needs it.

use http::StatusCode;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::{BuildError, ClientBuilder, CtsClient, ErrorKind};

use crate::support::answers::Answers;

const IAM: &str = "https://iam.eu-de.otc.t-systems.com/v3/auth/domains";
const TRACKERS: &str = "https://cts.eu-de.otc.t-systems.com/v3/p1/trackers";

fn builder(script: &Answers) -> ClientBuilder {
    CtsClient::builder()
        .region("eu-de")
        .project_id("p1")
        .credentials(Credentials::new("AK", "SK"))
        .transport(script.clone())
}

#[tokio::test(start_paused = true)]
async fn an_account_id_that_is_given_is_not_looked_up() {
    let script = Answers::of([]);
    let client = builder(&script)
        .credentials(Credentials::new("AK", "SK").with_domain_id("of-credentials"))
        .build();
    assert_eq!(client.unwrap().domain_id().await.unwrap(), "of-credentials");

    let given = builder(&script)
        .domain_id("given")
        .credentials(Credentials::new("AK", "SK").with_domain_id("other"));
    assert_eq!(given.build().unwrap().domain_id().await.unwrap(), "given");
    assert!(script.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_trackers_are_asked_first_and_only_once() {
    let script = Answers::of([(
        200,
        r#"{"trackers":[null,{"id":"t"},{"domain_id":"d1"},{"domain_id":"d2"}]}"#,
    )]);
    let client = builder(&script).build().unwrap();
    let (one, other) = tokio::join!(client.domain_id(), client.domain_id());
    assert_eq!((one.unwrap(), other.unwrap()), ("d1", "d1"));
    assert_eq!(client.domain_id().await.unwrap(), "d1");
    assert_eq!(script.targets(), [TRACKERS]);
}

#[tokio::test(start_paused = true)]
async fn iam_is_asked_where_the_trackers_say_nothing() {
    for (status, trackers) in [
        (200, r#"{"trackers":[]}"#),
        (200, r#"{"trackers":[{"domain_id":""}]}"#),
        (200, "<html>"),
        (403, r#"{"error_code":"CTS.0002","error_msg":"Authentication failed."}"#),
        (404, r#"{"error_code":"APIGW.0101","error_msg":"no such API"}"#),
    ] {
        let script = Answers::of([
            (status, trackers),
            (200, r#"{"domains":[{"id":"d1","name":"n"},{"id":"d2"}],"links":{}}"#),
        ]);
        let client = builder(&script).build().unwrap();
        assert_eq!(client.domain_id().await.unwrap(), "d1", "{trackers}");
        assert_eq!(script.targets(), [TRACKERS, IAM]);
        assert!(
            !script.requests()[1].headers().contains_key("x-project-id"),
            "IAM is not told the project"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_signature_is_not_repeated_at_iam() {
    let refused = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: verify aksk signature fail"}"#;
    let script = Answers::of([(401, refused)]);
    let error = builder(&script).build().unwrap().domain_id().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Project, Some(StatusCode::UNAUTHORIZED))
    );
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_cannot_be_found_says_what_to_set() {
    for iam in [(200, r#"{"domains":[]}"#), (200, "{}"), (403, "{}")] {
        let script = Answers::of([(200, r#"{"trackers":[]}"#), iam]);
        let error = builder(&script).build().unwrap().domain_id().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Project);
        assert!(error.to_string().contains("domain_id(…)"), "{error}");
    }
}

#[test]
fn an_account_id_that_can_be_none_is_refused_before_anything_is_sent() {
    for id in ["", "a/b", "{domain_id}", "a b", ".."] {
        let error = builder(&Answers::of([])).domain_id(id).build().unwrap_err();
        assert!(matches!(error, BuildError::DomainId { .. }), "{error}");
    }
}
