//! A client's region, its IAM and its transport reach the provider, wherever it is.

use super::*;
use crate::support::child::{child, pass};
use huaweicloud_cts::credentials::{AssumeAgency, OidcCredentials};
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::{BuildError, ClientBuilder, CtsClient, Region};

const EU_DE: &str = "iam.eu-de.otc.t-systems.com";

fn client(provider: impl ProvideCredentials + 'static) -> ClientBuilder {
    CtsClient::builder().project_id("p1").credentials(provider).transport(Answers::default())
}

fn profile(more: &str) -> (TestFile, TestFile) {
    let token = TestFile::new("id-token");
    let profile = TestFile::new(format!(
        "[basic]\nidp_id = i\nid_token_file = {}\n{more}",
        token.path().display()
    ));
    (profile, token)
}

fn hosts(answers: &Answers) -> Vec<String> {
    answers.requests().iter().map(|request| request.uri().host().unwrap().to_owned()).collect()
}

/// The host that gets the id token.
async fn host(
    answers: &Answers,
    provider: &impl ProvideCredentials,
    context: &CredentialsContext,
) -> String {
    let before = answers.requests().len();
    provider.provide(context).await.unwrap();
    hosts(answers)[before].clone()
}

#[tokio::test]
async fn clients_with_different_iam_endpoints_do_not_share_cached_credentials() {
    let token = TestFile::new("id-token");
    let answers = federation(federation(federation(Answers::default())));
    let federal = FederatedCredentials::new("idp", token.path()).transport(answers.clone());
    let provider =
        Arc::new(CredentialsChain::new().then(CachedCredentials::new(Arc::new(federal))));
    let client = |region: &str| {
        let client = client(Arc::clone(&provider)).region(region);
        client.transport(Answers::default().answer(200, "{}").answer(200, "{}")).build().unwrap()
    };
    // A build that fails leaves nothing behind.
    let failed =
        self::client(Arc::clone(&provider)).region("cn-north-4").endpoint("ftp://example.com");
    failed.build().unwrap_err();
    let (eu_de, eu_nl) = (client("eu-de"), client("eu-nl"));
    for client in [&eu_de, &eu_nl, &eu_de, &eu_nl] {
        client.list_notifications(&ListNotifications::smn()).await.unwrap();
    }
    let eu_nl = "iam.eu-nl.otc.t-systems.com";
    assert_eq!(hosts(&answers), [EU_DE, EU_DE, eu_nl, eu_nl]);
    let named =
        CredentialsContext::new().with_region("eu-nl").with_iam_endpoint("https://iam.example.com");
    assert_eq!(host(&answers, &provider, &named).await, "iam.example.com");
}

#[tokio::test]
async fn settings_of_the_provider_take_precedence_over_those_of_the_client() {
    let token = TestFile::new("id-token");
    let new = || FederatedCredentials::new("idp", token.path());
    let here = CredentialsContext::new()
        .with_region("eu-de")
        .with_iam_endpoint("https://iam.client.example.com");
    for (provider, expected) in [
        (new(), "iam.client.example.com"),
        (new().region("eu-nl"), "iam.eu-nl.otc.t-systems.com"),
        (new().iam_endpoint("iam.own.example.com"), "iam.own.example.com"),
    ] {
        let answers = federation(Answers::default());
        assert_eq!(host(&answers, &provider.transport(answers.clone()), &here).await, expected);
    }
    let (file, _token) = profile("iam_endpoint = iam.own.example.com");
    let answers = federation(Answers::default());
    let provider = ProfileCredentials::new().path(file.path()).transport(answers.clone());
    assert_eq!(host(&answers, &provider, &here).await, "iam.own.example.com");
    provider.provide(&nowhere()).await.unwrap();
    assert_eq!(answers.requests().len(), 2, "they are the same for all clients");
}

#[tokio::test]
async fn an_id_token_is_not_sent_to_an_iam_that_was_not_configured() {
    let token = TestFile::new("id-token");
    let answers = Answers::default();
    let new = || FederatedCredentials::new("idp", token.path()).transport(answers.clone());
    let unknown = Region::custom("atlantis-1", ["https://cts.atlantis-1.example.com"]);
    for error in [
        new().provide(&nowhere()).await.map(drop),
        new().provide(&CredentialsContext::new().with_region(unknown.clone())).await.map(drop),
        new()
            .region(unknown.clone())
            .provide(&CredentialsContext::new().with_region("eu-de"))
            .await
            .map(drop),
        new().region(unknown.clone()).check(&CredentialsContext::new().with_region("eu-de")),
        new().check(&nowhere()),
    ] {
        let error = error.unwrap_err();
        assert!(
            error.kind() == Invalid && error.to_string().contains("HUAWEICLOUD_SDK_IAM_ENDPOINT"),
            "{error}"
        );
    }
    new()
        .check(&CredentialsContext::new().with_region("eu-de"))
        .expect("the client names a region");
    for client in [client(new()).endpoint("https://cts.example.com"), client(new()).region(unknown)]
    {
        let error = client.build().unwrap_err();
        assert!(matches!(error, BuildError::Credentials(_)), "{error}");
    }
    client(new()).region("eu-de").build().unwrap();
    assert!(answers.requests().is_empty());
}

#[tokio::test]
async fn requests_go_through_the_clients_transport_unless_the_provider_has_one() {
    let token = TestFile::new("id-token");
    let answers = federation(Answers::default()).answer(200, "{}");
    let federal = FederatedCredentials::new("idp", token.path());
    let client = client(federal).region("eu-de").transport(answers.clone()).build().unwrap();
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(hosts(&answers), [EU_DE, EU_DE, "cts.eu-de.otc.t-systems.com"]);

    let (own, clients) = (Answers::default().answer(404, "").answer(200, KEYS), Answers::default());
    let here = CredentialsContext::new().with_transport(clients.clone());
    MetadataCredentials::new().transport(own.clone()).provide(&here).await.unwrap();
    assert_eq!((own.requests().len(), clients.requests().len()), (2, 0));
    let clients = clients.answer(404, "").answer(200, KEYS);
    MetadataCredentials::new().provide(&here).await.unwrap();
    assert_eq!(clients.requests().len(), 2);
}

#[tokio::test]
async fn the_metadata_service_is_asked_once_for_all_contexts_and_never_through_a_proxy() {
    use huaweicloud_cts::transport::Route;
    let answers = Answers::default().answer(200, "token").answer(200, KEYS);
    let provider = MetadataCredentials::new();
    for region in ["eu-de", "eu-nl"] {
        let here = CredentialsContext::new().with_region(region).with_transport(answers.clone());
        provider.provide(&here).await.unwrap();
    }
    let requests = answers.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!(request.extensions().get(), Some(&Route::Direct));
    }
}

/// Runs in a process of its own, which has the variables.
#[tokio::test]
async fn the_variables_of_an_identity_provider_need_a_region_or_an_iam_endpoint() {
    const CHILD: &str = "HUAWEICLOUD_CTS_TEST_CHILD";
    const CTS: &str = "HUAWEICLOUD_SDK_REGION_CTS_CN_NORTH_4";
    const IAM: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";
    let Some(iam) = std::env::var_os(CHILD) else {
        let token = TestFile::new("id-token");
        let name = "the_variables_of_an_identity_provider_need_a_region_or_an_iam_endpoint";
        for iam in ["", "https://iam.variable.example.com", "http://iam.example.com"] {
            pass(
                child!(name)
                    .env(CHILD, iam)
                    .env("HUAWEICLOUD_SDK_IDP_ID", "idp")
                    .env("HUAWEICLOUD_SDK_ID_TOKEN_FILE", token.path())
                    .env(CTS, "https://cts.example.com,ftp://u:sentinel@cts.example.com,")
                    .env(IAM, iam)
                    .env("HUAWEICLOUD_SDK_STS_ENDPOINT", "https://sts.variable.example.com"),
            );
        }
        return;
    };
    let new = |answers: &Answers| EnvCredentials::new().transport(answers.clone());
    let region = CredentialsContext::new().with_region("eu-de");
    let named = CredentialsContext::new().with_iam_endpoint("https://iam.client.example.com");
    match iam.to_str().unwrap() {
        "" => {
            let error = new(&Answers::default()).provide(&nowhere()).await.unwrap_err();
            assert!(
                error.to_string().contains("neither a region nor an endpoint of IAM is set"),
                "{error}"
            );
            let answers = federation(Answers::default());
            assert_eq!(host(&answers, &new(&answers), &region).await, EU_DE);
            client(DefaultCredentials::new()).region("eu-de").build().unwrap();
        }
        "http://iam.example.com" => {
            let error =
                client(DefaultCredentials::new()).region("eu-de").build().unwrap_err().to_string();
            assert!(error.contains("is not encrypted") && error.contains(IAM), "{error}");
        }
        _ => {
            let variable = "iam.variable.example.com";
            for (context, expected) in
                [(nowhere(), variable), (region, variable), (named, "iam.client.example.com")]
            {
                let answers = federation(Answers::default());
                assert_eq!(host(&answers, &new(&answers), &context).await, expected);
                let answers = federation(Answers::default());
                let own = "iam.eu-nl.otc.t-systems.com";
                assert_eq!(
                    host(&answers, &new(&answers).region("eu-nl"), &context).await,
                    own,
                    "set in the program"
                );
            }
            let token = std::env::var_os("HUAWEICLOUD_SDK_ID_TOKEN_FILE").unwrap();
            let answers = Answers::of([(200, KEYS), (200, KEYS)]);
            let oidc = OidcCredentials::new("iam::a:oidcProvider:p", "iam::a:agency:g", token)
                .transport(answers.clone());
            let here = CredentialsContext::new().with_region("cn-north-4");
            assert_eq!(host(&answers, &oidc, &here).await, "sts.variable.example.com");
            let own = "sts.cn-south-1.myhuaweicloud.com";
            assert_eq!(
                host(&answers, &oidc.region("cn-south-1"), &here).await,
                own,
                "set in the program"
            );
        }
    }
    let wrong =
        client(Credentials::new("AK", "SK")).region("cn-north-4").build().unwrap_err().to_string();
    assert!(
        wrong.ends_with(&format!(" (it is from {CTS})")) && !wrong.contains("sentinel"),
        "{wrong}"
    );
}

#[tokio::test]
async fn every_wrapping_provider_passes_the_context_on() {
    #[derive(Debug, Default)]
    struct Told(std::sync::Mutex<Vec<String>>);
    impl ProvideCredentials for Told {
        fn provide<'a>(
            &'a self,
            context: &'a CredentialsContext,
        ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            let region = context.region().map_or("-", Region::id);
            let iam = context.iam_endpoint().unwrap_or("-");
            self.0
                .lock()
                .unwrap()
                .push(format!("{region} {iam} {}", context.transport().is_some()));
            Box::pin(std::future::ready(Ok(Credentials::new("AK", "SK"))))
        }
    }
    let told = Arc::new(Told::default());
    let provider =
        Arc::new(CachedCredentials::new(CredentialsChain::new().then(Arc::clone(&told))));
    let client = |builder: ClientBuilder| {
        builder.transport(Answers::default().answer(200, "{}")).build().unwrap()
    };
    let clients = [
        client(self::client(Arc::clone(&provider)).region("eu-de")),
        client(
            self::client(Arc::clone(&provider))
                .endpoint("https://cts.example.com")
                .iam_endpoint("https://iam.example.com"),
        ),
    ];
    for client in clients {
        client.list_notifications(&ListNotifications::smn()).await.unwrap();
    }
    provider.provide(&nowhere()).await.unwrap();
    assert_eq!(
        *told.0.lock().unwrap(),
        ["eu-de - true", "- https://iam.example.com true", "- - false"]
    );

    let here = CredentialsContext::new()
        .with_region("eu-nl")
        .with_iam_endpoint("https://u:sentinel@iam.example.com");
    let kept = CachedCredentials::new(Credentials::new("AK", "SK"));
    kept.provide(&here).await.unwrap();
    let shown = format!("{here:?} {kept:?}");
    assert_eq!(shown.matches("eu-nl").count(), 2, "{shown}");
    assert!(!shown.contains("sentinel"), "{shown}");
}

/// Boxed, as a program keeps a provider that it chooses at run time.
#[test]
fn a_client_whose_region_has_no_sts_is_not_built_with_a_provider_that_needs_it() {
    let oidc = || OidcCredentials::new("iam::a:oidcProvider:p", "iam::a:agency:g", "token");
    let agency = || AssumeAgency::sts("iam::a:agency:g", "ci").source(Credentials::new("AK", "SK"));
    let providers = || -> [Box<dyn ProvideCredentials>; 3] {
        [Box::new(oidc()), Box::new(agency()), Box::new(CredentialsChain::new().then(oidc()))]
    };
    for provider in providers() {
        client(provider).region("cn-north-4").build().unwrap();
    }
    for provider in providers() {
        let error = client(provider).region("eu-de").build().unwrap_err().to_string();
        assert!(error.contains("the region \"eu-de\" has no known STS"), "{error}");
    }
}
