//! Where keys come from, and what is said when they do not.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use http::{Method, Request};
use huaweicloud_cts::BoxFuture;
use huaweicloud_cts::credentials::CredentialsErrorKind::{Failed, Invalid, NotConfigured};
use huaweicloud_cts::credentials::{
    CachedCredentials, Credentials, CredentialsChain, CredentialsContext, CredentialsError, DefaultCredentials,
    EnvCredentials, FederalCredentials, MetadataCredentials, ProfileCredentials, ProvideCredentials,
};
use huaweicloud_cts::transport::TransportErrorKind;

use crate::support::answers::Answers;

/// A file that goes with the test.
pub(crate) struct TestFile(PathBuf);

impl TestFile {
    pub(crate) fn new(contents: impl AsRef<[u8]>) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("credentials-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let file = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        file.write(contents);
        file
    }

    fn write(&self, contents: impl AsRef<[u8]>) {
        std::fs::write(&self.0, contents).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// No region, no IAM, no transport.
pub(crate) fn nowhere() -> CredentialsContext {
    CredentialsContext::default()
}

/// An error and all that it came from.
fn told(error: &CredentialsError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

/// A pipe that nobody writes to: to open it would take forever.
#[cfg(unix)]
fn fifo() -> TestFile {
    let file = TestFile::new("");
    std::fs::remove_file(file.path()).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(file.path()).status().unwrap().success());
    file
}

fn targets(requests: &[Request<bytes::Bytes>]) -> Vec<String> {
    requests.iter().map(|request| format!("{} {}", request.method(), request.uri())).collect()
}

const KEYS: &str =
    r#"{"credential":{"access":"AK1","secret":"SK1","securitytoken":"T1","expires_at":"2126-11-21T10:00:00.000000Z"}}"#;
/// Keys that have run out by this machine's clock, so that the service is asked again after 30 seconds.
const OLD_KEYS: &str = r#"{"credentials":{"accessKeyId":"AK0","secretAccessKey":"SK0","securityToken":"T0","expiration":"2020-01-01T00:00:00Z"}}"#;

#[test]
fn credentials_carry_a_project() {
    let keys = Credentials::new("AK", "SK").project_id("p1");
    let copy = keys.clone().security_token("T").expires_at(SystemTime::now());
    assert_eq!((keys.project(), copy.project()), (Some("p1"), Some("p1")));
    assert_eq!(copy.project_id("p2").project(), Some("p2"));
    assert_eq!(Credentials::new("AK", "SK").project(), None);
}

mod profile {
    use super::*;

    fn profile(file: &TestFile) -> ProfileCredentials {
        ProfileCredentials::new().path(file.path())
    }

    #[tokio::test]
    async fn keys_and_project_are_read_again_when_the_file_was_replaced() {
        let file = TestFile::new(
            "\u{feff}# mine\r\n[basic]\r\nAK = AK1\r\nsk: SK1\r\nsecurity_token=T1\r\nproject_id = p1\r\n",
        );
        let profile = profile(&file);
        profile.check().unwrap();
        let keys = profile.provide(&nowhere()).await.unwrap();
        assert_eq!((keys.access_key(), keys.project(), keys.is_temporary()), ("AK1", Some("p1"), true));
        // Of the same size, and perhaps in the same tick of the file system's clock.
        for access_key in ["AK2", "AK3", "AK4"] {
            file.write(format!("[basic]\nak = {access_key}\nsk = SK2\n"));
            assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), access_key);
        }
        // What is wrong now is said, rather than hidden behind what was right before.
        file.write("[basic]\nak = AK5\n");
        assert_eq!(profile.provide(&nowhere()).await.unwrap_err().kind(), Invalid);
        file.write("[basic]\nak = AK5\nsk = SK5\n");
        assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK5");
    }

    #[tokio::test]
    async fn a_change_within_one_step_of_the_file_systems_clock_is_seen() {
        let file = TestFile::new("[basic]\nak = AK1\nsk = SK1\n");
        let now = SystemTime::now();
        let set_time = || std::fs::File::options().write(true).open(file.path()).unwrap().set_modified(now).unwrap();
        set_time();
        let profile = profile(&file);
        assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK1");
        file.write("[basic]\nak = AK2\nsk = SK2\n");
        set_time();
        assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK2");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_that_has_not_changed_is_not_read_again() {
        let old = SystemTime::now() - Duration::from_secs(60);
        let file = TestFile::new("[basic]\nak = AK1\nsk = SK1\n");
        let set_time = || std::fs::File::options().write(true).open(file.path()).unwrap().set_modified(old).unwrap();
        set_time();
        let profile = profile(&file);
        profile.check().unwrap();
        // Nothing but the contents.
        file.write("[basic]\nak = AK2\nsk = SK2\n");
        set_time();
        assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK1");
        // Another file of the same size and time, put in its place.
        let other = TestFile::new("[basic]\nak = AK3\nsk = SK3\n");
        std::fs::File::options().write(true).open(other.path()).unwrap().set_modified(old).unwrap();
        std::fs::rename(other.path(), file.path()).unwrap();
        assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK3");
    }

    #[tokio::test]
    async fn a_client_signs_with_what_the_file_holds_now() {
        use huaweicloud_cts::notification::ListNotifications;
        let contents =
            |number: u8, token: &str| format!("[basic]\nak=A{number}\nsk=S{number}\nsecurity_token={token}\n");
        let file = TestFile::new(contents(1, "OLDTOKEN"));
        let outdated = r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated"}"#;
        let answers = Answers::default().answer(200, "{}").answer(401, outdated).answer(200, "{}").answer(200, "{}");
        let client = huaweicloud_cts::CtsClient::builder()
            .region("eu-de")
            .project_id("p1")
            .credentials(CredentialsChain::new().then(profile(&file)))
            .transport(answers.clone())
            .build()
            .unwrap();
        let list = ListNotifications::smn();
        client.list_notifications(&list).await.unwrap();
        client.list_notifications(&list).await.unwrap_err();
        file.write(contents(2, "NEWTOKEN"));
        client.list_notifications(&list).await.unwrap();
        client.list_notifications(&list).await.unwrap();
        let sent: Vec<_> = answers.requests().iter().map(|sent| sent.headers()["x-security-token"].clone()).collect();
        assert_eq!(sent, ["OLDTOKEN", "OLDTOKEN", "NEWTOKEN", "NEWTOKEN"]);
    }

    #[tokio::test]
    async fn what_is_wrong_is_said_with_file_and_line() {
        let large = format!("[basic]\n{}", "#".repeat(1024 * 1024));
        let cases: [(&[u8], _, &str); 9] = [
            (b"", NotConfigured, "has no section [basic]"),
            (b"[global]\nak = a\nsk = s\n", NotConfigured, "has no section [basic]"),
            (b"[basic]\nproject_id = p\nak =\n", NotConfigured, "has neither ak and sk nor idp_id and id_token_file"),
            (b"[basic]\nak = a\n", Invalid, ": ak is set but sk is not: set both"),
            (b"[basic]\nak = a\nsk = s\nidp_id = i\n", Invalid, ": idp_id is set but id_token_file is not: set both"),
            (b"[basic]\nak = a\nsk = s # mine\n", Invalid, ", line 3: the value of sk has white space"),
            (b"[basic]\nak = \xff\n", Invalid, "is not UTF-8 text at byte 13"),
            (
                b"[basic]\nidp_id = i\nid_token_file = f\niam_endpoint = http://iam.example.com\n",
                Invalid,
                "is not encrypted",
            ),
            (large.as_bytes(), Failed, "can't be read: it is larger than 1 MiB"),
        ];
        for (contents, kind, part) in cases {
            let file = TestFile::new(contents);
            let profile = profile(&file);
            let error = profile.provide(&nowhere()).await.unwrap_err();
            let text = told(&error);
            assert_eq!(error.kind(), kind, "{text}");
            assert!(text.contains(&file.path().display().to_string()) && text.contains(part), "{text}");
            assert_eq!(profile.check().unwrap_err().kind(), kind);
            // What failed is read again.
            file.write("[basic]\nak = AK1\nsk = SK1\n");
            assert_eq!(profile.provide(&nowhere()).await.unwrap().access_key(), "AK1");
        }
        #[cfg(unix)]
        let fifo = fifo();
        #[cfg(unix)]
        let irregular = [Path::new(env!("CARGO_TARGET_TMPDIR")), Path::new("/dev/zero"), fifo.path()];
        #[cfg(not(unix))]
        let irregular = [Path::new(env!("CARGO_TARGET_TMPDIR"))];
        for path in irregular {
            let error = ProfileCredentials::new().path(path).provide(&nowhere()).await.unwrap_err();
            let text = format!("{} can't be read: it is not a regular file", path.display());
            assert_eq!((error.kind(), told(&error)), (Failed, text));
        }
        let missing = ProfileCredentials::new().path("/nonexistent/credentials");
        assert_eq!(missing.check().unwrap_err().kind(), Invalid);
    }

    #[tokio::test]
    async fn an_identity_provider_wins_over_keys() {
        let token = TestFile::new("id-token\n");
        let contents = format!(
            "[basic]\nak = a\nsk = s\nproject_id = p1\nidp_id = idp\nid_token_file = {}\niam_endpoint = iam.example.com\n",
            token.path().display()
        );
        let answers = federation(Answers::default());
        let keys = profile(&TestFile::new(contents)).transport(answers.clone()).provide(&nowhere()).await.unwrap();
        assert_eq!((keys.access_key(), keys.project()), ("AK1", Some("p1")));
        assert_eq!(answers.requests()[0].uri().host(), Some("iam.example.com"));
    }
}

/// IAM's two answers.
fn federation(answers: Answers) -> Answers {
    let first = http::Response::builder().status(201).header("X-Subject-Token", "subject-token");
    answers.response(first.body("{\"token\":{}}".into()).unwrap()).answer(201, KEYS)
}

mod federal {
    use super::*;

    #[tokio::test]
    async fn an_id_token_is_exchanged_for_keys() {
        let file = TestFile::new("\n id-token \r\n");
        let answers = federation(federation(Answers::default()));
        let provider = FederalCredentials::new("idp", file.path()).region("eu-de").transport(answers.clone());
        provider.check().unwrap();
        let keys = provider.provide(&nowhere()).await.unwrap();
        assert_eq!((keys.access_key(), keys.is_temporary(), keys.project()), ("AK1", true, None));
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
    async fn the_file_is_read_anew_for_each_exchange() {
        let file = TestFile::new("first");
        let step = || http::Response::builder().header("X-Subject-Token", "s").body("".into()).unwrap();
        let answers = Answers::default().response(step()).answer(201, OLD_KEYS).response(step()).answer(201, KEYS);
        let provider = FederalCredentials::new("idp", file.path()).region("cn-north-11").transport(answers.clone());
        assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK0");
        file.write("second");
        tokio::time::advance(Duration::from_secs(31)).await;
        assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK1");
        assert_eq!(answers.requests()[2].body(), r#"{"auth":{"id_token":{"id":"second"}}}"#);
        assert_eq!(answers.requests()[2].uri().host(), Some("iam.myhuaweicloud.com"));
    }

    #[tokio::test]
    async fn failures_are_told_apart() {
        let file = TestFile::new("id-token");
        let refused = r#"{"error":{"code":"IAM.0001","message":"id-token","title":"Unauthorized"}}"#;
        let cases = [
            (Answers::default().answer(401, refused), "IAM did not take the id token (iam.example.com): 401 IAM.0001"),
            (Answers::default().answer(302, ""), "IAM did not take the id token (iam.example.com): status 302"),
            (
                Answers::default().answer(201, "{}"),
                "IAM's answer to the id token can't be used: the header X-Subject-Token is empty",
            ),
            (
                Answers::default().failure(TransportErrorKind::Connect),
                "IAM did not take the id token (iam.example.com): no connection to the service: scripted",
            ),
        ];
        for (answers, text) in cases {
            let provider =
                FederalCredentials::new("idp", file.path()).iam_endpoint("iam.example.com").transport(answers);
            let error = provider.provide(&nowhere()).await.unwrap_err();
            assert_eq!((error.kind(), told(&error).as_str()), (Failed, text));
        }
        let subject = || http::Response::builder().header("X-Subject-Token", "s").body("".into()).unwrap();
        let answers = Answers::default().response(subject()).answer(403, "{\"error_code\":\"IAM.0003\"}");
        let answers = answers.response(subject()).answer(200, "{\"credential\":{\"access\":\"a\"}}");
        let provider = FederalCredentials::new("idp", file.path()).iam_endpoint("iam.example.com").transport(answers);
        let error = provider.provide(&nowhere()).await.unwrap_err();
        assert_eq!(told(&error), "IAM gave no keys for its token (iam.example.com): 403 IAM.0003");
        let error = provider.provide(&nowhere()).await.unwrap_err();
        assert_eq!(told(&error), "IAM's answer with the keys can't be used: the member secret is missing or empty");
    }

    #[tokio::test]
    async fn what_can_never_be_right_is_not_sent() {
        let missing = Path::new("/nonexistent/token").to_owned();
        let jwt = Path::new("eyJhbGciOiJSUzI1NiJ9.sentinel").to_owned();
        let files = [TestFile::new(""), TestFile::new("two tokens"), TestFile::new(b"\xff"), TestFile::new("tök")];
        let paths = files.iter().map(|file| file.path().to_owned()).chain([missing, jwt]);
        for (path, part) in paths.zip([
            "the id token is empty",
            "white space or a control character at position 4",
            "the id token has the character U+FFFD at position 1",
            "the id token has the character U+00F6 at position 2",
            "there is no file /nonexistent/token, which should hold the id token",
            "not shown",
        ]) {
            let error = FederalCredentials::new("idp", path)
                .region("eu-de")
                .transport(Answers::default())
                .provide(&nowhere())
                .await
                .unwrap_err();
            assert_eq!(error.kind(), Invalid, "{error}");
            assert!(error.to_string().contains(part) && !error.to_string().contains("sentinel"), "{error}");
        }
        #[cfg(unix)]
        {
            let file = fifo();
            let provider = FederalCredentials::new("idp", file.path()).region("eu-de").transport(Answers::default());
            let error = provider.provide(&nowhere()).await.unwrap_err();
            let text = told(&error);
            assert!(error.kind() == Failed && text.ends_with("can't be read: it is not a regular file"), "{text}");
        }
        let new = || FederalCredentials::new("idp", "token");
        for wrong in [
            FederalCredentials::new("", "token").region("eu-de"),
            FederalCredentials::new("idp\n", "token").region("eu-de"),
            new().iam_endpoint("http://iam.example.com"),
            new().iam_endpoint(""),
        ] {
            assert_eq!(wrong.check().unwrap_err().kind(), Invalid, "{wrong:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn iam_has_fifteen_seconds() {
        let file = TestFile::new("id-token");
        let started = tokio::time::Instant::now();
        let provider = FederalCredentials::new("idp", file.path()).region("eu-de").transport(Answers::default());
        let error = provider.provide(&nowhere()).await.unwrap_err();
        assert_eq!(started.elapsed().as_secs(), 15);
        assert!(told(&error).ends_with("no response within the time limit: 15s"), "{}", told(&error));
    }

    #[cfg(feature = "reqwest")]
    #[tokio::test]
    async fn it_works_over_a_socket() {
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
        let provider = FederalCredentials::new("idp", file.path()).iam_endpoint(server.uri()).project_id("p1");
        let keys = provider.provide(&nowhere()).await.unwrap();
        assert_eq!((keys.access_key(), keys.project()), ("AK1", Some("p1")));
    }
}

/// A client's region, its IAM and its transport reach the provider, wherever it is.
mod context {
    use super::*;
    use huaweicloud_cts::notification::ListNotifications;
    use huaweicloud_cts::{ClientBuilder, CtsClient, Region};

    const EU_DE: &str = "iam.eu-de.otc.t-systems.com";

    fn client(provider: impl ProvideCredentials + 'static) -> ClientBuilder {
        CtsClient::builder().project_id("p1").credentials(provider).transport(Answers::default())
    }

    fn profile(more: &str) -> (TestFile, TestFile) {
        let token = TestFile::new("id-token");
        let profile = TestFile::new(format!("[basic]\nidp_id = i\nid_token_file = {}\n{more}", token.path().display()));
        (profile, token)
    }

    fn hosts(answers: &Answers) -> Vec<String> {
        answers.requests().iter().map(|request| request.uri().host().unwrap().to_owned()).collect()
    }

    /// The host that gets the id token.
    async fn host(answers: &Answers, provider: &impl ProvideCredentials, context: &CredentialsContext) -> String {
        let before = answers.requests().len();
        provider.provide(context).await.unwrap();
        hosts(answers)[before].clone()
    }

    #[tokio::test]
    async fn each_client_has_its_own_iam_and_keeps_its_own_credentials() {
        let token = TestFile::new("id-token");
        let answers = federation(federation(federation(Answers::default())));
        let federal = FederalCredentials::new("idp", token.path()).transport(answers.clone());
        let provider = Arc::new(CredentialsChain::new().then(CachedCredentials::new(Arc::new(federal))));
        let client = |region: &str| {
            let client = client(Arc::clone(&provider)).region(region);
            client.transport(Answers::default().answer(200, "{}").answer(200, "{}")).build().unwrap()
        };
        // What a failed build said does not count.
        let failed = self::client(Arc::clone(&provider)).region("cn-north-4").endpoint("ftp://example.com");
        failed.build().unwrap_err();
        let (eu_de, eu_nl) = (client("eu-de"), client("eu-nl"));
        for client in [&eu_de, &eu_nl, &eu_de, &eu_nl] {
            client.list_notifications(&ListNotifications::smn()).await.unwrap();
        }
        let eu_nl = "iam.eu-nl.otc.t-systems.com";
        assert_eq!(hosts(&answers), [EU_DE, EU_DE, eu_nl, eu_nl]);
        let named = CredentialsContext::new().region("eu-nl").iam_endpoint("https://iam.example.com");
        assert_eq!(host(&answers, &provider, &named).await, "iam.example.com");
    }

    #[tokio::test]
    async fn the_providers_own_word_goes_before_the_clients() {
        let token = TestFile::new("id-token");
        let new = || FederalCredentials::new("idp", token.path());
        let here = CredentialsContext::new().region("eu-de").iam_endpoint("https://iam.client.example.com");
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
    async fn no_id_token_goes_to_an_iam_that_nobody_named() {
        let token = TestFile::new("id-token");
        let answers = Answers::default();
        let new = || FederalCredentials::new("idp", token.path()).transport(answers.clone());
        let unknown = Region::custom("atlantis-1", ["https://cts.atlantis-1.example.com"]);
        for error in [
            new().provide(&nowhere()).await.map(drop),
            new().provide(&CredentialsContext::new().region(unknown.clone())).await.map(drop),
            new().region(unknown.clone()).provide(&CredentialsContext::new().region("eu-de")).await.map(drop),
            new().region(unknown.clone()).check(),
        ] {
            let error = error.unwrap_err();
            assert!(error.kind() == Invalid && error.to_string().contains("HUAWEICLOUD_SDK_IAM_ENDPOINT"), "{error}");
        }
        new().check().expect("the client may say where");
        for client in [client(new()).endpoint("https://cts.example.com"), client(new()).region(unknown)] {
            let error = client.build().unwrap().list_notifications(&ListNotifications::smn()).await.unwrap_err();
            assert_eq!(error.kind(), huaweicloud_cts::ErrorKind::Credentials, "{error}");
        }
        assert!(answers.requests().is_empty());
    }

    #[tokio::test]
    async fn requests_go_through_the_clients_transport_unless_the_provider_has_one() {
        let token = TestFile::new("id-token");
        let answers = federation(Answers::default()).answer(200, "{}");
        let federal = FederalCredentials::new("idp", token.path());
        let client = client(federal).region("eu-de").transport(answers.clone()).build().unwrap();
        client.list_notifications(&ListNotifications::smn()).await.unwrap();
        assert_eq!(hosts(&answers), [EU_DE, EU_DE, "cts.eu-de.otc.t-systems.com"]);

        let (own, clients) = (Answers::default().answer(404, "").answer(200, KEYS), Answers::default());
        let here = CredentialsContext::new().transport(clients.clone());
        MetadataCredentials::new().transport(own.clone()).provide(&here).await.unwrap();
        assert_eq!((own.requests().len(), clients.requests().len()), (2, 0));
        let clients = clients.answer(404, "").answer(200, KEYS);
        MetadataCredentials::new().provide(&here).await.unwrap();
        assert_eq!(clients.requests().len(), 2);
    }

    #[tokio::test]
    async fn metadata_is_asked_once_for_all_places_and_never_through_a_proxy() {
        use huaweicloud_cts::transport::Route;
        let answers = Answers::default().answer(200, "token").answer(200, KEYS);
        let provider = MetadataCredentials::new();
        for region in ["eu-de", "eu-nl"] {
            let here = CredentialsContext::new().region(region).transport(answers.clone());
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
    async fn the_variables_of_an_identity_provider_need_a_place_too() {
        const CHILD: &str = "HUAWEICLOUD_CTS_TEST_CHILD";
        const CTS: &str = "HUAWEICLOUD_SDK_REGION_CTS_CN_NORTH_4";
        const IAM: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";
        let Some(iam) = std::env::var_os(CHILD) else {
            let token = TestFile::new("id-token");
            let name = "credentials::context::the_variables_of_an_identity_provider_need_a_place_too";
            for iam in ["", "https://iam.variable.example.com", "http://iam.example.com"] {
                let child = std::process::Command::new(std::env::current_exe().unwrap())
                    .args([name, "--exact"])
                    .env(CHILD, iam)
                    .env("HUAWEICLOUD_SDK_IDP_ID", "idp")
                    .env("HUAWEICLOUD_SDK_ID_TOKEN_FILE", token.path())
                    .env(CTS, "https://cts.example.com,ftp://u:sentinel@cts.example.com,")
                    .env(IAM, iam)
                    .output()
                    .unwrap();
                let said = String::from_utf8_lossy(&child.stdout).into_owned();
                assert!(child.status.success() && said.contains("1 passed"), "{said}");
            }
            return;
        };
        let new = |answers: &Answers| EnvCredentials::new().transport(answers.clone());
        let region = CredentialsContext::new().region("eu-de");
        let named = CredentialsContext::new().iam_endpoint("https://iam.client.example.com");
        match iam.to_str().unwrap() {
            "" => {
                let error = new(&Answers::default()).provide(&nowhere()).await.unwrap_err();
                assert!(error.to_string().contains("neither a region nor an address of IAM is set"), "{error}");
                let answers = federation(Answers::default());
                assert_eq!(host(&answers, &new(&answers), &region).await, EU_DE);
                client(DefaultCredentials::new()).region("eu-de").build().unwrap();
            }
            "http://iam.example.com" => {
                let error = client(DefaultCredentials::new()).region("eu-de").build().unwrap_err().to_string();
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
                    assert_eq!(host(&answers, &new(&answers).region("eu-nl"), &context).await, variable);
                }
            }
        }
        let wrong = client(Credentials::new("AK", "SK")).region("cn-north-4").build().unwrap_err().to_string();
        assert!(wrong.ends_with(&format!(" (it is from {CTS})")) && !wrong.contains("sentinel"), "{wrong}");
    }

    #[tokio::test]
    async fn every_provider_passes_it_on() {
        #[derive(Debug, Default)]
        struct Told(std::sync::Mutex<Vec<String>>);
        impl ProvideCredentials for Told {
            fn provide<'a>(
                &'a self,
                context: &'a CredentialsContext,
            ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
                let region = context.get_region().map_or("-", Region::id);
                let iam = context.get_iam_endpoint().unwrap_or("-");
                self.0.lock().unwrap().push(format!("{region} {iam} {}", context.get_transport().is_some()));
                Box::pin(std::future::ready(Ok(Credentials::new("AK", "SK"))))
            }
        }
        let told = Arc::new(Told::default());
        let provider = Arc::new(CachedCredentials::new(CredentialsChain::new().then(Arc::clone(&told))));
        let client = |builder: ClientBuilder| builder.transport(Answers::default().answer(200, "{}")).build().unwrap();
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
        assert_eq!(*told.0.lock().unwrap(), ["eu-de - true", "- https://iam.example.com true", "- - false"]);

        let here = CredentialsContext::new().region("eu-nl").iam_endpoint("https://u:sentinel@iam.example.com");
        let kept = CachedCredentials::new(Credentials::new("AK", "SK"));
        kept.provide(&here).await.unwrap();
        let shown = format!("{here:?} {kept:?}");
        assert_eq!(shown.matches("eu-nl").count(), 2, "{shown}");
        assert!(!shown.contains("sentinel"), "{shown}");
    }
}

/// The service does not take keys that were kept.
mod refused {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn keys_are_asked_for_anew_if_they_are_still_the_same() {
        let other = KEYS.replace("T1", "T2");
        let answers = Answers::default().answer(404, "").answer(200, KEYS).answer(200, &other).answer(200, KEYS);
        let metadata = MetadataCredentials::new().transport(answers.clone());
        // Two caches, one in the other.
        let provider = Arc::new(CredentialsChain::new().then(CachedCredentials::new(Arc::new(metadata))));
        let first = provider.provide(&nowhere()).await.unwrap();
        provider.refused(&Credentials::new("AK1", "SK1").security_token("T9"));
        provider.refused(&Credentials::new("AK1", "SK1"));
        provider.refused(&Credentials::new("AK9", "SK1").security_token("T1"));
        provider.provide(&nowhere()).await.unwrap();
        assert_eq!(answers.requests().len(), 2, "others were refused");
        provider.refused(&first);
        let second = provider.provide(&nowhere()).await.unwrap();
        assert_eq!(answers.requests().len(), 3);
        provider.refused(&first);
        provider.provide(&nowhere()).await.unwrap();
        assert_eq!(answers.requests().len(), 3, "they were renewed already");
        provider.refused(&second);
        provider.provide(&nowhere()).await.unwrap();
        assert_eq!(answers.requests().len(), 3, "the last refusal was just now");
        tokio::time::advance(Duration::from_secs(30)).await;
        provider.provide(&nowhere()).await.unwrap();
        assert_eq!(answers.requests().len(), 4);
    }

    /// A thousand calls of clients that share a provider, one after another and all at once.
    #[tokio::test(start_paused = true)]
    async fn a_thousand_refused_calls_ask_the_provider_every_thirty_seconds() {
        use huaweicloud_cts::notification::ListNotifications;
        use huaweicloud_cts::testing::FakeCts;

        /// What the provider gives at its `n`th call.
        type Give = fn(usize) -> Result<Credentials, CredentialsError>;
        let same: Give = |_| Ok(Credentials::new("UNKNOWNACCESSKEY0001", "secret").security_token("T"));
        let other: Give =
            |call| Ok(Credentials::new("UNKNOWNACCESSKEY0001", "secret").security_token(format!("T{call}")));
        let failing: Give = |call| match call {
            0 => Ok(Credentials::new("UNKNOWNACCESSKEY0001", "secret").security_token("T")),
            call => Err(CredentialsError::failed(format!("call {call}"), "closed")),
        };
        for give in [same, other, failing] {
            let fake = FakeCts::new();
            let scripted = Scripted::new(give);
            let provider = Arc::new(CachedCredentials::new(scripted.clone()));
            let build = || fake.client_builder().credentials(Arc::clone(&provider)).build().unwrap();
            let clients = [build(), build()];
            let list = ListNotifications::smn();
            for call in 0..400 {
                clients[call % 2].list_notifications(&list).await.unwrap_err();
            }
            assert_eq!(scripted.calls(), 2);
            tokio::time::advance(Duration::from_secs(30)).await;
            let calls: Vec<_> = (0..600)
                .map(|call| {
                    let client = clients[call % 2].clone();
                    tokio::spawn(async move { client.list_notifications(&ListNotifications::smn()).await.unwrap_err() })
                })
                .collect();
            for call in calls {
                call.await.unwrap();
            }
            assert_eq!(scripted.calls(), 3);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_caller_leaves_the_asking_to_the_next() {
        let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
        let provider = CachedCredentials::new(scripted.clone());
        let first = provider.provide(&nowhere()).await.unwrap();
        provider.refused(&first);
        let context = nowhere();
        assert!(tokio::time::timeout(Duration::from_millis(100), provider.provide(&context)).await.is_err());
        assert_eq!(provider.provide(&context).await.unwrap().access_key(), "AK2");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_while_others_are_fetched_does_not_make_those_suspect() {
        let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
        let provider = Arc::new(CachedCredentials::new(scripted.clone()));
        let first = provider.provide(&nowhere()).await.unwrap();
        provider.refused(&first);
        let (asking, other) = (Arc::clone(&provider), Arc::clone(&provider));
        let fetched = tokio::spawn(async move { asking.provide(&nowhere()).await.unwrap() });
        tokio::time::sleep(Duration::from_millis(500)).await;
        other.refused(&first);
        assert_eq!(fetched.await.unwrap().access_key(), "AK1");
        assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK1");
        assert_eq!(scripted.calls(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_id_token_that_was_replaced_is_exchanged_at_once() {
        let token = TestFile::new("first");
        let three = federation(federation(federation(Answers::default())));
        let provider = FederalCredentials::new("idp", token.path()).region("eu-de").transport(three.clone());
        for exchanges in [1, 2, 2] {
            let credentials = provider.provide(&nowhere()).await.unwrap();
            assert_eq!(three.requests().len(), 2 * exchanges);
            provider.refused(&credentials);
        }
        token.write("replaced");
        provider.provide(&nowhere()).await.unwrap();
        assert_eq!(three.requests()[4].body(), r#"{"auth":{"id_token":{"id":"replaced"}}}"#);
    }

    #[tokio::test]
    async fn so_are_those_for_an_id_token() {
        let token = TestFile::new("id-token");
        let profile = TestFile::new(format!("[basic]\nidp_id = i\nid_token_file = {}\n", token.path().display()));
        let answers = federation(federation(Answers::default()));
        let provider = ProfileCredentials::new().path(profile.path()).region("eu-de").transport(answers.clone());
        let keys = provider.provide(&nowhere()).await.unwrap();
        provider.refused(&keys);
        provider.provide(&nowhere()).await.unwrap();
        assert_eq!(answers.requests().len(), 4);
    }

    #[test]
    fn the_chain_tells_the_one_that_had_keys() {
        #[derive(Debug, Default)]
        struct Told(AtomicUsize);
        impl ProvideCredentials for Told {
            fn provide<'a>(
                &'a self,
                _: &'a CredentialsContext,
            ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
                Box::pin(std::future::ready(Ok(Credentials::new("AK", "SK"))))
            }
            fn refused(&self, _: &Credentials) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let (one, other) = (Arc::new(Told::default()), Arc::new(Told::default()));
        let chain = CredentialsChain::new().then(Arc::clone(&one)).then(Arc::clone(&other));
        let keys =
            tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(chain.provide(&nowhere())).unwrap();
        chain.refused(&keys);
        assert_eq!((one.0.load(Ordering::Relaxed), other.0.load(Ordering::Relaxed)), (1, 0));
    }
}

mod metadata {
    use super::*;

    const TOKEN: &str = "PUT http://169.254.169.254/meta-data/latest/api/token";
    const KEY: &str = "GET http://169.254.169.254/openstack/latest/securitykey";

    fn asking(answers: &Answers) -> MetadataCredentials {
        MetadataCredentials::new().transport(answers.clone())
    }

    #[tokio::test]
    async fn keys_are_fetched_with_a_token_and_kept() {
        let answers = Answers::default().answer(200, "token\n").answer(200, KEYS);
        let provider = asking(&answers);
        for _ in 0..3 {
            let keys = provider.provide(&nowhere()).await.unwrap();
            assert_eq!((keys.access_key(), keys.is_temporary()), ("AK1", true));
            assert!(keys.expiry().unwrap() > SystemTime::now());
        }
        let requests = answers.requests();
        assert_eq!(targets(&requests), [TOKEN, KEY]);
        assert_eq!(requests[0].headers()["x-metadata-token-ttl-seconds"], "21600");
        assert_eq!(requests[1].headers()["x-metadata-token"], "token");
        assert!(requests[1].headers()["x-metadata-token"].is_sensitive());
        assert!(requests.iter().all(|request| !request.headers().contains_key("authorization")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_without_tokens_is_asked_for_one_again_after_a_day() {
        for status in [404, 405, 503] {
            let answers = Answers::default().answer(status, "").answer(200, OLD_KEYS).answer(200, OLD_KEYS);
            let answers = answers.answer(200, "token").answer(200, KEYS);
            let provider = asking(&answers);
            provider.provide(&nowhere()).await.unwrap();
            tokio::time::advance(Duration::from_secs(60)).await;
            provider.provide(&nowhere()).await.unwrap();
            assert_eq!(targets(&answers.requests()), [TOKEN, KEY, KEY]);
            tokio::time::advance(Duration::from_secs(24 * 60 * 60)).await;
            assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK1");
            assert_eq!(targets(&answers.requests()[3..]), [TOKEN, KEY]);
        }
    }

    #[tokio::test]
    async fn a_401_is_answered_with_a_new_token_once() {
        let answers = Answers::default().answer(404, "").answer(401, "").answer(200, "token").answer(200, KEYS);
        asking(&answers).provide(&nowhere()).await.unwrap();
        assert_eq!(targets(&answers.requests()), [TOKEN, KEY, TOKEN, KEY]);
        assert_eq!(answers.requests()[3].headers()["x-metadata-token"], "token");

        let answers = Answers::default().answer(200, "a").answer(401, "").answer(200, "b").answer(401, "");
        let error = asking(&answers).provide(&nowhere()).await.unwrap_err();
        assert_eq!((error.kind(), told(&error)), (NotConfigured, foreign("401")));
        assert_eq!(answers.requests().len(), 4);

        let answers = Answers::default().answer(404, "").answer(401, "").answer(404, "");
        let error = asking(&answers).provide(&nowhere()).await.unwrap_err();
        let text = "401 without a token (the request for one: status 404)";
        assert_eq!((error.kind(), told(&error)), (NotConfigured, foreign(text)));
    }

    fn foreign(status: &str) -> String {
        format!(
            "something answers at http://169.254.169.254, but it is not Huawei Cloud's metadata service: status {status}"
        )
    }

    #[tokio::test(start_paused = true)]
    async fn keys_are_fetched_without_a_token_where_the_request_for_one_is_refused() {
        for status in [400, 401, 403, 404, 405, 409, 503] {
            let answers = Answers::default().answer(status, "secret").answer(200, OLD_KEYS).answer(200, KEYS);
            let provider = asking(&answers);
            assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK0");
            assert_eq!(targets(&answers.requests()), [TOKEN, KEY]);
            assert!(!answers.requests()[1].headers().contains_key("x-metadata-token"));
            tokio::time::advance(Duration::from_secs(60)).await;
            assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK1");
            assert_eq!(targets(&answers.requests()[2..]), [KEY], "that it gives no tokens is remembered");
        }
    }

    /// Never responds to the request for a token; to the one for the keys with this.
    #[derive(Clone, Debug)]
    struct Tokenless(Option<(u16, &'static str)>, Answers);
    impl huaweicloud_cts::transport::Transport for Tokenless {
        fn send(
            &self,
            request: Request<bytes::Bytes>,
        ) -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, huaweicloud_cts::transport::TransportError>> {
            if let (&Method::GET, Some((status, body))) = (request.method(), self.0) {
                let _ = self.1.clone().answer(status, body);
            }
            self.1.send(request)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn keys_are_fetched_without_a_token_where_the_request_for_one_is_not_answered() {
        let started = tokio::time::Instant::now();
        let provider = MetadataCredentials::new().transport(Tokenless(Some((200, KEYS)), Answers::default()));
        assert_eq!(provider.provide(&nowhere()).await.unwrap().access_key(), "AK1");
        assert_eq!(started.elapsed(), Duration::from_millis(1_500));

        // A service that insists on a token, and is slow to give one.
        let answers = Answers::default();
        let provider = MetadataCredentials::new().transport(Tokenless(Some((401, "")), answers.clone()));
        let text = foreign("401 without a token (the request for one was not answered)");
        assert_eq!(told(&provider.provide(&nowhere()).await.unwrap_err()), text);
        assert_eq!(answers.requests().len(), 2, "it was asked long enough");
        assert_eq!(told(&provider.provide(&nowhere()).await.unwrap_err()), text);
        assert_eq!(answers.requests().len(), 2);
        tokio::time::advance(Duration::from_secs(15)).await;
        let answers = answers.answer(200, "t").answer(200, KEYS);
        provider.provide(&nowhere()).await.unwrap();
        assert_eq!(targets(&answers.requests()[2..]), [TOKEN, KEY]);
    }

    #[tokio::test(start_paused = true)]
    async fn another_clouds_service_is_told_and_remembered_for_five_minutes() {
        let one = |status| Answers::default().answer(status, "secret");
        for (answers, status) in [
            (one(400).answer(400, "secret"), "400 without a token (the request for one: status 400)"),
            (one(403).answer(404, "secret"), "404 without a token (the request for one: status 403)"),
            (one(404).answer(404, "secret"), "404 without a token (the request for one: status 404)"),
            (one(405).answer(400, "secret"), "400 without a token (the request for one: status 405)"),
            (one(404).answer(401, "").answer(405, ""), "401 without a token (the request for one: status 405)"),
            (one(200).answer(404, "secret"), "404"),
        ] {
            let provider = asking(&answers);
            let requests = {
                let error = provider.provide(&nowhere()).await.unwrap_err();
                assert_eq!((error.kind(), told(&error)), (NotConfigured, foreign(status)));
                answers.requests().len()
            };
            tokio::time::advance(Duration::from_secs(5 * 60 - 1)).await;
            assert_eq!(told(&provider.provide(&nowhere()).await.unwrap_err()), foreign(status));
            assert_eq!(answers.requests().len(), requests, "nobody is asked");
            tokio::time::advance(Duration::from_secs(1)).await;
            let answers = answers.answer(200, "t").answer(200, KEYS);
            provider.provide(&nowhere()).await.unwrap();
            assert_eq!(targets(&answers.requests()[requests..]), [TOKEN, KEY], "nothing is left of what was answered");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_is_known_may_refuse() {
        let no_agency = "Please configure Cloud Service Agency first";
        for first in [OLD_KEYS, no_agency] {
            let answers = Answers::default().answer(200, "t").answer(if first == OLD_KEYS { 200 } else { 404 }, first);
            let answers = answers.answer(200, "t").answer(404, "").answer(403, "").answer(409, "");
            let provider = asking(&answers);
            let _ = provider.provide(&nowhere()).await;
            tokio::time::advance(Duration::from_secs(31)).await;
            let error = provider.provide(&nowhere()).await.unwrap_err();
            assert_eq!(
                (error.kind(), told(&error).as_str()),
                (Failed, "the metadata service gave no keys: status 404")
            );
            let error = provider.provide(&nowhere()).await.unwrap_err();
            assert_eq!(
                (error.kind(), told(&error).as_str()),
                (
                    Failed,
                    "the metadata service gave no keys without a token (the request for one: status 403): status 409"
                )
            );
        }
    }

    #[tokio::test]
    async fn answers_that_hold_no_keys() {
        let no_agency = r#"{"error":"Please configure Cloud Service Agency first."}"#;
        for (token, key, kind, text) in [
            (
                (200, "t"),
                (401, no_agency),
                NotConfigured,
                "the metadata service has no keys: configure an agency for this server",
            ),
            (
                (404, ""),
                (404, no_agency),
                NotConfigured,
                "the metadata service has no keys: configure an agency for this server",
            ),
            (
                (403, no_agency),
                (0, ""),
                NotConfigured,
                "the metadata service has no keys: configure an agency for this server",
            ),
            ((200, "t"), (429, "secret"), Failed, "the metadata service gave no keys: status 429"),
            ((429, ""), (0, ""), Failed, "the metadata service gave no token: status 429"),
            ((500, ""), (0, ""), Failed, "the metadata service gave no token: status 500"),
            ((200, "t"), (500, r#"{"error_code":"X.1"}"#), Failed, "the metadata service gave no keys: 500 X.1"),
            (
                (200, "t"),
                (200, "secret"),
                Failed,
                "the keys of the metadata service can't be read: it is not JSON (line 1, column 1)",
            ),
            (
                (200, "t"),
                (200, "{}"),
                Failed,
                "the keys of the metadata service can't be read: the member access is missing or empty",
            ),
            ((200, ""), (0, ""), Failed, "the metadata service's token can't be used: it is no header value"),
            ((200, "a\nb"), (0, ""), Failed, "the metadata service's token can't be used: it is no header value"),
        ] {
            let mut answers = Answers::default().answer(token.0, token.1);
            if key.0 != 0 {
                answers = answers.answer(key.0, key.1);
            }
            let error = asking(&answers).provide(&nowhere()).await.unwrap_err();
            assert_eq!((error.kind(), told(&error).as_str()), (kind, text));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn away_from_the_cloud_it_is_looked_for_once_in_five_minutes_and_where_it_may_be_slow_more_often() {
        let refused = || Answers::default().failure(TransportErrorKind::Connect);
        // The second never answers.
        for (answers, limit, requests, span) in [(refused(), 0, 1, 5 * 60), (Answers::default(), 3, 2, 15)] {
            let provider = asking(&answers);
            provider.check().unwrap();
            let started = tokio::time::Instant::now();
            for _ in 0..3 {
                let error = provider.provide(&nowhere()).await.unwrap_err();
                assert_eq!(error.kind(), NotConfigured);
                let text = "there is no metadata service here (nobody answers at http://169.254.169.254)";
                assert_eq!(error.to_string(), text);
            }
            assert_eq!((started.elapsed(), answers.requests().len()), (Duration::from_secs(limit), requests));
            let answers = answers.answer(200, "t").answer(200, KEYS);
            tokio::time::advance(Duration::from_secs(span - 1)).await;
            assert_eq!(provider.provide(&nowhere()).await.unwrap_err().kind(), NotConfigured);
            tokio::time::advance(Duration::from_secs(1)).await;
            provider.provide(&nowhere()).await.unwrap();
            assert_eq!(answers.requests().len(), requests + 2);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_has_answered_is_not_taken_for_absent() {
        let answers = Answers::default().answer(200, "t").answer(200, OLD_KEYS).failure(TransportErrorKind::Connect);
        let provider = asking(&answers);
        provider.provide(&nowhere()).await.unwrap();
        tokio::time::advance(Duration::from_secs(31)).await;
        assert_eq!(provider.provide(&nowhere()).await.unwrap_err().kind(), Failed);
        let started = tokio::time::Instant::now();
        assert_eq!(provider.provide(&nowhere()).await.unwrap_err().kind(), Failed);
        assert_eq!(started.elapsed().as_secs(), 6, "it has more time now");
    }

    #[test]
    fn plain_http_stays_near() {
        for near in
            ["http://127.0.0.1:1", "http://localhost", "http://[fe80::a9fe:a9fe]", "https://metadata.example.com"]
        {
            MetadataCredentials::new().endpoint(near).check().unwrap();
        }
        for far in ["http://metadata.example.com", "http://10.0.0.1", "", "https://u:sentinel@h"] {
            let error = MetadataCredentials::new().endpoint(far).check().unwrap_err();
            assert!(error.kind() == Invalid && !error.to_string().contains("sentinel"), "{error}");
        }
    }

    #[cfg(feature = "reqwest")]
    #[tokio::test]
    async fn it_works_over_a_socket() {
        use wiremock::matchers::{header, method, path};
        use wiremock::{Mock, MockServer, ResponseTemplate};
        let server = MockServer::start().await;
        Mock::given(method("PUT"))
            .and(path("/meta-data/latest/api/token"))
            .and(header("X-Metadata-Token-Ttl-Seconds", "21600"))
            .respond_with(ResponseTemplate::new(200).set_body_string("token"))
            .expect(1)
            .mount(&server)
            .await;
        Mock::given(method("GET"))
            .and(path("/openstack/latest/securitykey"))
            .and(header("X-Metadata-Token", "token"))
            .respond_with(ResponseTemplate::new(200).set_body_string(KEYS))
            .expect(1)
            .mount(&server)
            .await;
        let provider = Arc::new(MetadataCredentials::new().endpoint(server.uri()));
        let callers =
            (0..100).map(|_| Arc::clone(&provider)).map(|p| tokio::spawn(async move { p.provide(&nowhere()).await }));
        for caller in callers.collect::<Vec<_>>() {
            assert_eq!(caller.await.unwrap().unwrap().access_key(), "AK1");
        }

        let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let provider = MetadataCredentials::new().endpoint(format!("http://{}", unused.local_addr().unwrap()));
        drop(unused);
        assert_eq!(provider.provide(&nowhere()).await.unwrap_err().kind(), NotConfigured);
    }

    #[cfg(not(feature = "reqwest"))]
    #[tokio::test]
    async fn without_a_transport_it_says_so() {
        let error = MetadataCredentials::new().provide(&nowhere()).await.unwrap_err();
        assert_eq!(error.kind(), Invalid);
        assert!(error.to_string().contains("there is no transport"), "{error}");
    }
}

/// Answers what it is told to, after a second, and counts.
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
    fn provide<'a>(&'a self, _: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            (self.answer)(call)
        })
    }

    fn check(&self) -> Result<(), CredentialsError> {
        (self.answer)(0).map(drop)
    }
}

mod chain {
    use super::*;

    #[allow(clippy::unnecessary_wraps, reason = "a step like the others")]
    fn keys(_: usize) -> Result<Credentials, CredentialsError> {
        Ok(Credentials::new("AK", "SK"))
    }
    fn unset(_: usize) -> Result<Credentials, CredentialsError> {
        Err(CredentialsError::not_configured("nothing\nis set"))
    }
    fn invalid(_: usize) -> Result<Credentials, CredentialsError> {
        Err(CredentialsError::invalid("half is set"))
    }
    fn failed(_: usize) -> Result<Credentials, CredentialsError> {
        Err(CredentialsError::failed("it is closed", "come back tomorrow"))
    }

    #[tokio::test(start_paused = true)]
    async fn the_order_is_kept_and_what_is_wrong_ends_the_search() {
        type Step = fn(usize) -> Result<Credentials, CredentialsError>;
        let unset_twice = "Scripted: nothing is set; Scripted: nothing is set";
        let cases: [(&[Step], _, &[usize]); 9] = [
            (&[], Err((NotConfigured, "the chain has no providers".to_owned())), &[]),
            (&[keys], Ok(()), &[1]),
            (&[keys, invalid], Ok(()), &[1, 0]),
            (&[unset, keys, keys], Ok(()), &[1, 1, 0]),
            (&[unset, unset, keys], Ok(()), &[1, 1, 1]),
            (&[unset, unset], Err((NotConfigured, unset_twice.to_owned())), &[1, 1]),
            (&[invalid, keys], Err((Invalid, "Scripted: half is set".to_owned())), &[1, 0]),
            (
                &[unset, invalid, keys],
                Err((Invalid, "Scripted: nothing is set; Scripted: half is set".to_owned())),
                &[1, 1, 0],
            ),
            (
                &[unset, unset, failed, keys],
                Err((Failed, format!("{unset_twice}; Scripted: it is closed: come back tomorrow"))),
                &[1, 1, 1, 0],
            ),
        ];
        for (steps, expected, calls) in cases {
            let steps: Vec<_> = steps.iter().map(|step| Scripted::new(*step)).collect();
            let chain = steps.iter().cloned().fold(CredentialsChain::new(), CredentialsChain::then);
            let got = chain.provide(&nowhere()).await.map(drop).map_err(|error| (error.kind(), told(&error)));
            assert_eq!(got, expected);
            assert_eq!(steps.iter().map(Scripted::calls).collect::<Vec<_>>(), calls, "{expected:?}");
            let checked = chain.check().map_err(|error| (error.kind(), told(&error)));
            assert_eq!(checked, expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_provider_that_had_keys_is_the_one_that_is_asked() {
        let first = Scripted::new(|call| if call == 0 { unset(0) } else { keys(0) });
        let second = Scripted::new(|call| if call == 0 { keys(0) } else { failed(0) });
        let chain = CredentialsChain::new().then(first.clone()).then(second.clone());
        chain.provide(&nowhere()).await.unwrap();
        let error = chain.provide(&nowhere()).await.unwrap_err();
        assert_eq!((error.kind(), told(&error).as_str()), (Failed, "Scripted: it is closed: come back tomorrow"));
        assert_eq!((first.calls(), second.calls()), (1, 2));
    }

    #[test]
    fn the_default_order_is_that_of_the_official_sdks() {
        let default = format!("{:?}", DefaultCredentials::new().region("eu-de"));
        let place = |name| default.find(name);
        assert!(place("EnvCredentials").unwrap() < place("ProfileCredentials").unwrap(), "{default}");
        if cfg!(feature = "reqwest") {
            assert!(place("ProfileCredentials").unwrap() < place("MetadataCredentials").unwrap(), "{default}");
        } else {
            assert_eq!(place("MetadataCredentials"), None, "{default}");
        }
    }

    #[tokio::test]
    async fn every_provider_says_why_by_its_name() {
        let file = TestFile::new("");
        let answers = Answers::default().failure(TransportErrorKind::Connect);
        let chain = CredentialsChain::new()
            .then(ProfileCredentials::new().path(file.path()))
            .then(CachedCredentials::new(MetadataCredentials::new().transport(answers)));
        chain.check().unwrap();
        let error = chain.provide(&nowhere()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (
                NotConfigured,
                format!(
                    "profile: {} has no section [basic]; \
                     metadata: there is no metadata service here (nobody answers at http://169.254.169.254)",
                    file.path().display()
                )
            )
        );
        let names: [&dyn ProvideCredentials; 4] =
            [&Credentials::new("a", "s"), &DefaultCredentials::new(), &Arc::new(CredentialsChain::new()), &chain];
        assert_eq!(names.map(ProvideCredentials::name), ["fixed keys", "default", "chain", "chain"]);
    }
}

mod cache {
    use super::*;

    async fn calls_of_100(scripted: &Scripted) -> Vec<Result<String, String>> {
        let cached = Arc::new(CachedCredentials::new(scripted.clone()));
        let call = |cached: Arc<CachedCredentials<Scripted>>| async move {
            cached.provide(&nowhere()).await.map(|keys| keys.access_key().to_owned()).map_err(|error| told(&error))
        };
        let callers: Vec<_> = (0..100).map(|_| tokio::spawn(call(Arc::clone(&cached)))).collect();
        let mut answers = Vec::new();
        for caller in callers {
            answers.push(caller.await.unwrap());
        }
        answers
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_callers_share_one_load() {
        let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
        let answers = calls_of_100(&scripted).await;
        assert_eq!((answers, scripted.calls()), (vec![Ok("AK0".to_owned()); 100], 1));

        let scripted = Scripted::new(|call| Err(CredentialsError::failed(format!("call {call}"), "closed")));
        let answers = calls_of_100(&scripted).await;
        assert_eq!((answers, scripted.calls()), (vec![Err("call 0: closed".to_owned()); 100], 1));
    }

    #[tokio::test(start_paused = true)]
    async fn errors_are_not_kept_and_permanent_keys_are() {
        let scripted = Scripted::new(|call| match call {
            0 => Err(CredentialsError::failed("closed", "for now")),
            call => Ok(Credentials::new(format!("AK{call}"), "SK")),
        });
        let cached = CachedCredentials::new(scripted.clone());
        assert_eq!(cached.provide(&nowhere()).await.unwrap_err().kind(), Failed);
        assert_eq!(cached.provide(&nowhere()).await.unwrap().access_key(), "AK1");
        tokio::time::advance(Duration::from_secs(1_000_000)).await;
        assert_eq!(cached.provide(&nowhere()).await.unwrap().access_key(), "AK1");
        assert_eq!(scripted.calls(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn each_place_has_its_own_and_of_more_than_64_the_first_is_forgotten() {
        let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
        let cached = CachedCredentials::new(scripted.clone());
        let ask = async |place: usize| {
            let context = CredentialsContext::new().region(format!("region-{}", place / 2));
            let context =
                if place.is_multiple_of(2) { context } else { context.iam_endpoint("https://iam.example.com") };
            cached.provide(&context).await.unwrap().access_key().to_owned()
        };
        for _ in 0..2 {
            for place in 0..64 {
                assert_eq!(ask(place).await, format!("AK{place}"));
            }
        }
        assert_eq!((ask(64).await, ask(1).await, ask(0).await), ("AK64".into(), "AK1".into(), "AK65".into()));
    }

    #[tokio::test(start_paused = true)]
    async fn one_place_does_not_wait_for_another() {
        let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
        let cached = CachedCredentials::new(scripted.clone());
        let (here, there) = (nowhere(), CredentialsContext::new().region("eu-de"));
        let started = tokio::time::Instant::now();
        let (one, other) = tokio::join!(cached.provide(&here), cached.provide(&there));
        assert_ne!(one.unwrap().access_key(), other.unwrap().access_key());
        assert_eq!(started.elapsed().as_secs(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_caller_leaves_the_work_to_the_next() {
        let scripted = Scripted::new(|call| Ok(Credentials::new(format!("AK{call}"), "SK")));
        let cached = Arc::new(CachedCredentials::new(scripted.clone()));
        let waiting = tokio::spawn({
            let cached = Arc::clone(&cached);
            async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                cached.provide(&nowhere()).await.unwrap().access_key().to_owned()
            }
        });
        assert!(tokio::time::timeout(Duration::from_millis(100), cached.provide(&nowhere())).await.is_err());
        assert_eq!(waiting.await.unwrap(), "AK1");
        assert_eq!(cached.provide(&nowhere()).await.unwrap().access_key(), "AK1");
        assert_eq!(scripted.calls(), 2);
    }
}

/// The client asks the provider and signs with what it gives.
#[tokio::test]
async fn a_client_signs_with_keys_of_the_metadata_service() {
    use huaweicloud_cts::notification::ListNotifications;
    let metadata = Answers::default().answer(404, "").answer(200, KEYS);
    let answers = Answers::default().answer(200, "{}").answer(200, "{}");
    let client = huaweicloud_cts::CtsClient::builder()
        .region("eu-de")
        .project_id("p1")
        .credentials(CredentialsChain::new().then(MetadataCredentials::new().transport(metadata.clone())))
        .transport(answers.clone())
        .build()
        .unwrap();
    for _ in 0..2 {
        client.list_notifications(&ListNotifications::smn()).await.unwrap();
    }
    assert_eq!(metadata.requests().len(), 2);
    for request in answers.requests() {
        assert_eq!((request.method(), &request.headers()["x-security-token"]), (&Method::GET, &"T1".parse().unwrap()));
    }
}

/// What fails with 401 only once it is sent, and counts towards the lock of the key.
#[test]
fn keys_that_can_not_be_right_are_refused_when_the_client_is_built() {
    let right = "AKAKAKAKAKAKAKAKAKAK";
    let client = |credentials: Credentials| {
        huaweicloud_cts::CtsClient::builder().region("eu-de").credentials(credentials).transport(Answers::default())
    };
    for wrong in ["\"quoted\"", "'quoted'", "\u{200b}key", "{your_ak_string}", "<AK>", "$AK", "your-key", "kéy"] {
        for (what, credentials) in [
            ("access key", Credentials::new(wrong, "secret")),
            ("secret key", Credentials::new(right, wrong)),
            ("security token", Credentials::new(right, "secret").security_token(wrong)),
        ] {
            let error = client(credentials).build().unwrap_err().to_string();
            assert!(error.starts_with(&format!("no usable credentials: the {what} ")), "{error}");
            assert!(!error.contains(wrong) && !error.contains("quoted") && !error.contains("your-"), "{error}");
        }
        let error = client(Credentials::new(right, "secret")).project_id(wrong).build().unwrap_err().to_string();
        assert!(error.starts_with("the project id is invalid: it "), "{error}");
    }
}
