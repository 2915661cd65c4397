//! Building a client sends nothing, never panics, and says what is missing.

use huaweicloud_cts::credentials::{Credentials, CredentialsContext, CredentialsError};
use huaweicloud_cts::{BuildError, ClientBuilder, CtsClient, Region};
use proptest::prelude::*;

use crate::support::answers::Answers;
use crate::support::snapshot::assert_snapshot;

fn complete() -> ClientBuilder {
    CtsClient::builder()
        .region("eu-de")
        .project_id("p1")
        .credentials(Credentials::new("AK", "SK"))
        .transport(Answers::default())
}

#[test]
fn building_reports_mistakes_before_anything_is_sent() {
    let unset = || CtsClient::builder().transport(Answers::default());
    let errors = [
        unset().build(),
        unset().endpoint("https://cts.example.com").build(),
        unset().region("eu-de").build(),
        unset().region("eu-de").iam_endpoint("http://iam.example.com").build(),
        complete().region("atlantis-1").build(),
        complete().region("").build(),
        complete().project_id("").build(),
        complete().project_id("{project_id}").build(),
        complete().project_id("p1\n").build(),
        complete().project_id("../p2").build(),
        complete().endpoint("").build(),
        complete().endpoint("https://").build(),
        complete().endpoint("ftp://cts.example.com").build(),
        complete().endpoint("https://user:sentinel@cts.example.com?key=sentinel").build(),
        complete().endpoint("user:sentinel@cts.example.com").build(),
        complete().endpoint("https://cts.example.com/?a=b").build(),
        complete().endpoint("https://cts.example.com:99999").build(),
        complete().endpoint("http://cts.example.com").build(),
        complete().credentials(Credentials::new("", "SK")).build(),
        complete().credentials(Credentials::new("AK", "")).build(),
        complete().credentials(Credentials::new("AK", "sentinel\n")).build(),
        complete().credentials(Credentials::new("AK", "SK").security_token("")).build(),
    ];
    let errors = errors.map(|built| built.unwrap_err().to_string()).join("\n");
    assert!(!errors.contains("sentinel"), "{errors}");
    assert_snapshot!("build-errors", errors);
}

#[test]
fn endpoints_are_accepted_with_and_without_scheme_and_slash() {
    for (given, endpoint) in [
        ("cts.example.com", "https://cts.example.com/"),
        ("https://cts.example.com/", "https://cts.example.com/"),
        (" https://CTS.example.com:443 ", "https://cts.example.com/"),
        ("https://cts.example.com:8443/prefix//", "https://cts.example.com:8443/prefix"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
        ("http://localhost", "http://localhost/"),
        ("localhost:8443", "https://localhost:8443/"),
    ] {
        assert_eq!(
            complete().endpoint(given).build().unwrap().endpoint().as_str(),
            endpoint,
            "{given}"
        );
    }
    let allowed = complete().endpoint("http://cts.example.com").allow_plain_http().build().unwrap();
    assert_eq!(allowed.endpoint().as_str(), "http://cts.example.com/");
}

#[tokio::test]
async fn prefix_and_port_of_the_endpoint_are_sent_and_signed() {
    let answers = Answers::default().answer(200, "{}");
    let client = complete()
        .endpoint("https://proxy.example.com:8443/cts/")
        .transport(answers.clone())
        .build()
        .unwrap();
    client
        .list_notifications(&huaweicloud_cts::notification::ListNotifications::smn())
        .await
        .unwrap();
    let requests = answers.requests();
    assert_eq!(requests[0].uri(), "https://proxy.example.com:8443/cts/v3/p1/notifications/smn");
    assert_eq!(requests[0].headers()["host"], "proxy.example.com:8443");
}

#[test]
fn every_region_builds() {
    for region in Region::known() {
        let client = complete().region(region.clone()).build().unwrap();
        assert!(client.endpoint().as_str().contains(region.id()));
    }
}

/// A custom provider can refuse at build as well.
#[test]
fn building_a_client_checks_its_credentials_provider() {
    #[derive(Debug)]
    struct Unset;
    impl huaweicloud_cts::credentials::ProvideCredentials for Unset {
        fn provide<'a>(
            &'a self,
            _: &'a CredentialsContext,
        ) -> huaweicloud_cts::BoxFuture<'a, Result<Credentials, CredentialsError>> {
            Box::pin(async { Err(CredentialsError::not_configured("not asked here")) })
        }
        fn check(&self, _: &CredentialsContext) -> Result<(), CredentialsError> {
            Err(CredentialsError::failed("the vault is closed", "no key"))
        }
    }
    let error = complete().credentials(Unset).build().unwrap_err();
    assert!(matches!(error, BuildError::Credentials(_)));
    assert_eq!(error.to_string(), "no usable credentials: the vault is closed: no key");
}

#[test]
fn clients_and_their_futures_can_be_sent_between_threads() {
    fn shareable<T: Clone + Send + Sync + 'static>() {}
    fn sendable<T: Send>(_: &T) {}
    shareable::<CtsClient>();
    let client = complete().build().unwrap();
    sendable(&client.find_notification("a"));
    sendable(
        &client
            .delete_notifications(&huaweicloud_cts::notification::DeleteNotifications::new(["a"])),
    );
}

proptest! {
    #[test]
    fn no_string_makes_building_a_client_panic(endpoint in ".{0,40}", project in ".{0,20}", ak in ".{0,20}", region in ".{0,10}") {
        let credentials = Credentials::new(ak, "SK");
        let builder = complete().project_id(project).credentials(credentials);
        let _ = builder.clone().endpoint(&endpoint).build();
        let _ = builder.clone().endpoint(format!("https://{endpoint}")).build();
        let _ = builder.clone().region(region.as_str()).build();
        let _ = builder.region(region).cloud_domain(endpoint).build();
    }
}
