//! Pod Identity of CCE.

use huaweicloud_cts::credentials::PodIdentityCredentials;
use huaweicloud_cts::transport::Route;

use super::*;

const AGENT: &str = "http://169.254.170.23/v1/credentials";
const FOR_POD: &str = r#"{"assumedAgency":{"urn":"u","id":"i"},"audience":"service.cce.pods","credentials":{"accessKeyId":"AK1","secretAccessKey":"SK1","securityToken":"T1","expiration":"2126-01-08T03:50:07.574000Z"},"podIdentityAssociationId":"p"}"#;

#[tokio::test]
async fn the_agent_is_sent_the_token_directly() {
    let file = TestFile::new(" token\n");
    let answers = Answers::of([(200, FOR_POD)]);
    let provider =
        PodIdentityCredentials::new().agent(AGENT, file.path()).transport(answers.clone());
    provider.check(&nowhere()).unwrap();
    let credentials = provider.provide(&nowhere()).await.unwrap();
    assert_eq!((credentials.access_key(), credentials.is_temporary()), ("AK1", true));
    provider.provide(&nowhere()).await.unwrap();

    let requests = answers.requests();
    assert_eq!(targets(&requests), [format!("POST {AGENT}")], "they are kept");
    assert_eq!(requests[0].headers()["authorization"], "token", "without a scheme");
    assert!(requests[0].headers()["authorization"].is_sensitive());
    assert_eq!(requests[0].body(), "{}");
    assert_eq!(requests[0].extensions().get::<Route>(), Some(&Route::Direct));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_replaced_is_sent_the_next_time() {
    let file = TestFile::new("first");
    let answers = Answers::of([(200, OLD_KEYS), (200, FOR_POD)]);
    let provider =
        PodIdentityCredentials::new().agent(AGENT, file.path()).transport(answers.clone());
    provider.provide(&nowhere()).await.unwrap();
    file.write("second");
    tokio::time::advance(Duration::from_secs(31)).await;
    assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK1");
    assert_eq!(answers.requests()[1].headers()["authorization"], "second");
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_fails_is_an_error_that_names_it() {
    let file = TestFile::new("token");
    for (answers, expected) in [
        (
            Answers::of([(403, r#"{"code":"CCE.01403001"}"#)]),
            "the agent of Pod Identity returned no credentials (169.254.170.23): 403 CCE.01403001; check that the service account",
        ),
        (
            Answers::of([(200, "{}")]),
            "the agent of Pod Identity returned no credentials (169.254.170.23): the response can't be used",
        ),
        (
            Answers::default(),
            "the agent of Pod Identity returned no credentials (169.254.170.23): no response within the time limit: 5s",
        ),
    ] {
        let provider = PodIdentityCredentials::new().agent(AGENT, file.path()).transport(answers);
        let error = provider.provide(&nowhere()).await.unwrap_err();
        assert_eq!(error.kind(), Failed);
        assert!(told(&error).starts_with(expected), "{}", told(&error));
    }
}

#[tokio::test]
async fn a_pod_without_an_agency_makes_way() {
    let error = PodIdentityCredentials::new()
        .transport(Answers::default())
        .provide(&nowhere())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), NotConfigured);
}
