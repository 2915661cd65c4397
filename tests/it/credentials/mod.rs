//! Providers of credentials, and their errors.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use http::{Method, Request};
use huaweicloud_cts::BoxFuture;
use huaweicloud_cts::credentials::CredentialsErrorKind::{Failed, Invalid, NotConfigured};
use huaweicloud_cts::credentials::{
    CachedCredentials, Credentials, CredentialsChain, CredentialsContext, CredentialsError,
    DefaultCredentials, EnvCredentials, FederatedCredentials, MetadataCredentials,
    ProfileCredentials, ProvideCredentials,
};
use huaweicloud_cts::transport::TransportErrorKind;

use crate::support::answers::{Answers, nowhere};
use crate::support::files::TestFile;

mod agency;
mod cache;
mod chain;
mod context;
mod describe;
mod federated;
mod fetched;
#[cfg(feature = "reqwest")]
mod identities;
mod koocli;
mod metadata;
mod oidc;
mod pod;
mod profile;
mod refused;

/// An error and its sources.
fn told(error: &CredentialsError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

fn targets(requests: &[Request<bytes::Bytes>]) -> Vec<String> {
    requests.iter().map(|request| format!("{} {}", request.method(), request.uri())).collect()
}

const KEYS: &str = r#"{"credential":{"access":"AK1","secret":"SK1","securitytoken":"T1","expires_at":"2126-11-21T10:00:00.000000Z"}}"#;
/// Credentials that have expired by this machine's clock, so that the service is asked again after
/// 30 seconds.
const OLD_KEYS: &str = r#"{"credentials":{"accessKeyId":"AK0","secretAccessKey":"SK0","securityToken":"T0","expiration":"2020-01-01T00:00:00Z"}}"#;

#[test]
fn credentials_carry_a_project_id() {
    let keys = Credentials::new("AK", "SK").with_project_id("p1");
    let copy = keys.clone().security_token("T").with_expiry(SystemTime::now());
    assert_eq!((keys.project_id(), copy.project_id()), (Some("p1"), Some("p1")));
    assert_eq!(copy.with_project_id("p2").project_id(), Some("p2"));
    assert_eq!(Credentials::new("AK", "SK").project_id(), None);
}

/// Adds the two responses of IAM.
fn federation(answers: Answers) -> Answers {
    let first = http::Response::builder().status(201).header("X-Subject-Token", "subject-token");
    answers.response(first.body("{\"token\":{}}".into()).unwrap()).answer(201, KEYS)
}

/// Returns what the function says, after a second, and counts the calls.
#[derive(Clone, Debug)]
struct Scripted {
    answer: fn(usize) -> Result<Credentials, CredentialsError>,
    calls: Arc<AtomicUsize>,
}

impl Scripted {
    fn new(answer: fn(usize) -> Result<Credentials, CredentialsError>) -> Self {
        Self { answer, calls: Arc::default() }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

impl ProvideCredentials for Scripted {
    fn provide<'a>(
        &'a self,
        _: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            (self.answer)(call)
        })
    }

    fn check(&self, _: &CredentialsContext) -> Result<(), CredentialsError> {
        (self.answer)(0).map(drop)
    }
}

/// The client asks the provider and signs with the result.
#[tokio::test]
async fn a_client_signs_with_credentials_of_the_metadata_service() {
    use huaweicloud_cts::notification::ListNotifications;
    let metadata = Answers::default().answer(404, "").answer(200, KEYS);
    let answers = Answers::default().answer(200, "{}").answer(200, "{}");
    let client = huaweicloud_cts::CtsClient::builder()
        .region("eu-de")
        .project_id("p1")
        .credentials(
            CredentialsChain::new().then(MetadataCredentials::new().transport(metadata.clone())),
        )
        .transport(answers.clone())
        .build()
        .unwrap();
    for _ in 0..2 {
        client.list_notifications(&ListNotifications::smn()).await.unwrap();
    }
    assert_eq!(metadata.requests().len(), 2);
    for request in answers.requests() {
        assert_eq!(
            (request.method(), &request.headers()["x-security-token"]),
            (&Method::GET, &"T1".parse().unwrap())
        );
    }
}

/// The service would respond with 401, and count it towards locking the access key.
#[test]
fn malformed_credentials_are_refused_when_the_client_is_built() {
    let right = "AKAKAKAKAKAKAKAKAKAK";
    let client = |credentials: Credentials| {
        huaweicloud_cts::CtsClient::builder()
            .region("eu-de")
            .credentials(credentials)
            .transport(Answers::default())
    };
    for wrong in [
        "\"quoted\"",
        "'quoted'",
        "\u{200b}key",
        "{your_ak_string}",
        "<AK>",
        "$AK",
        "your-key",
        "kéy",
    ] {
        for (what, credentials) in [
            ("access key", Credentials::new(wrong, "secret")),
            ("secret key", Credentials::new(right, wrong)),
            ("security token", Credentials::new(right, "secret").security_token(wrong)),
        ] {
            let error = client(credentials).build().unwrap_err().to_string();
            assert!(error.starts_with(&format!("no usable credentials: the {what} ")), "{error}");
            assert!(
                !error.contains(wrong) && !error.contains("quoted") && !error.contains("your-"),
                "{error}"
            );
        }
        let error = client(Credentials::new(right, "secret"))
            .project_id(wrong)
            .build()
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("the project id is invalid: it "), "{error}");
    }
}
