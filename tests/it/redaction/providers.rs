//! Providers of credentials.

use std::fmt::Debug;

use bytes::Bytes;
use http::{Request, Response};
use huaweicloud_cts::credentials::{
    AssumeAgency, CachedCredentials, Credentials, CredentialsChain, DefaultCredentials,
    EnvCredentials, FederatedCredentials, MetadataCredentials, OidcCredentials,
    PodIdentityCredentials, ProfileCredentials, ProvideCredentials,
};
use huaweicloud_cts::transport::{Transport, TransportError};
use huaweicloud_cts::{BoxFuture, CtsClient};

use super::{
    ACCESS_KEY, ID_TOKEN, METADATA_TOKEN, SECRET, SUBJECT_TOKEN, TOKEN, clean_debug, clean_error,
};
use crate::support::answers::{Answers, nowhere};
use crate::support::child::{child, pass};
use crate::support::files::TestFile;

/// The response of IAM or of the metadata service with the credentials.
fn keys() -> String {
    let members =
        format!(r#""access":"{ACCESS_KEY}","secret":"{SECRET}","securitytoken":"{TOKEN}""#);
    format!(r#"{{"credential":{{{members},"expires_at":"2126-11-21T10:00:00Z"}}}}"#)
}

fn with_subject(status: u16, body: &str) -> Response<Bytes> {
    let head = Response::builder().status(status).header("x-subject-token", SUBJECT_TOKEN);
    head.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

/// A transport without the bodies of its requests in its `Debug`.
struct Quiet(Answers);

impl Debug for Quiet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Quiet")
    }
}

impl Transport for Quiet {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.0.send(request)
    }
}

/// Responses of a server that repeats everything, in every field that an error reads.
fn echoes() -> Vec<String> {
    let sentinels = [ACCESS_KEY, SECRET, TOKEN, ID_TOKEN, SUBJECT_TOKEN, METADATA_TOKEN];
    let mut echoes = vec![
        sentinels.join(" "),
        format!("{{\"credential\":\"{SECRET}\"}}"),
        format!("[\"{SECRET}\"]"),
    ];
    for member in ["access", "secret", "securitytoken", "expires_at"] {
        // One field at a time is missing, or has another type.
        let whole = keys();
        echoes.push(whole.replace(&format!("\"{member}\""), "\"other\""));
        echoes.push(
            whole.replace(&format!("\"{member}\":"), &format!("\"{member}\":[],\"{member}\":")),
        );
        echoes.push(whole.replace("2126-11-21T10:00:00Z", SECRET));
    }
    echoes
}

#[tokio::test]
async fn providers_do_not_show_credentials() {
    let id_token = TestFile::new(ID_TOKEN);
    let answers = Answers::default().response(with_subject(201, "")).answer(201, keys());
    let federal = FederatedCredentials::new("idp", id_token.path())
        .iam_endpoint(format!("https://user:{SECRET}@iam.example.com?{SECRET}"))
        .iam_endpoint("iam.example.com")
        .transport(Quiet(answers.clone()));
    federal.provide(&nowhere()).await.unwrap();
    clean_debug("FederatedCredentials", &federal);
    clean_debug(
        "requests to IAM",
        &answers.requests().iter().map(Request::headers).collect::<Vec<_>>(),
    );

    let answers = Answers::default().answer(200, METADATA_TOKEN).answer(200, keys());
    let metadata = CachedCredentials::new(MetadataCredentials::new().transport(answers.clone()));
    metadata.provide(&nowhere()).await.unwrap();
    clean_debug("requests to the metadata service", &answers.requests());
    clean_debug("MetadataCredentials", &metadata);

    let answers = Answers::default().answer(200, keys());
    let agency = AssumeAgency::sts("iam::d1:agency:a", "s")
        .source(Credentials::new(ACCESS_KEY, SECRET).security_token(TOKEN))
        .endpoint("sts.example.com")
        .transport(answers.clone());
    agency.provide(&nowhere()).await.unwrap();
    clean_debug("AssumeAgency", &agency);

    let oidc = OidcCredentials::new("iam::d1:oidcProvider:p", "iam::d1:agency:a", id_token.path())
        .endpoint("sts.example.com")
        .transport(Quiet(Answers::default().answer(200, keys())));
    oidc.provide(&nowhere()).await.unwrap();
    clean_debug("OidcCredentials", &oidc);
    let answers = Answers::default().answer(200, keys());
    let pod = PodIdentityCredentials::new()
        .agent("http://127.0.0.1/", id_token.path())
        .transport(answers.clone());
    pod.provide(&nowhere()).await.unwrap();
    clean_debug("PodIdentityCredentials", &pod);
    clean_debug("requests to the agent", &answers.requests());

    let file = TestFile::new(format!(
        "[basic]\nak = {ACCESS_KEY}\nsk = {SECRET}\nsecurity_token = {TOKEN}\n"
    ));
    let profile = ProfileCredentials::new().path(file.path());
    profile.check(&nowhere()).unwrap();
    clean_debug("ProfileCredentials", &profile);
    let chain = CredentialsChain::new().then(profile).then(metadata);
    chain.provide(&nowhere()).await.unwrap();
    clean_debug("CredentialsChain", &chain);
    clean_debug("DefaultCredentials", &DefaultCredentials::new());

    let secret_url = format!("https://user:{SECRET}@iam.example.com?{SECRET}");
    clean_debug("endpoint", &FederatedCredentials::new("idp", "f").iam_endpoint(&secret_url));
    clean_debug("endpoint", &AssumeAgency::sts("u", "s").endpoint(&secret_url));
    clean_debug("endpoint", &PodIdentityCredentials::new().agent(&secret_url, "f"));
    clean_debug("endpoint", &MetadataCredentials::new().endpoint(&secret_url));
    clean_error(
        "endpoint",
        &FederatedCredentials::new("idp", "f")
            .iam_endpoint(&secret_url)
            .check(&nowhere())
            .unwrap_err(),
    );
    clean_error(
        "endpoint",
        &MetadataCredentials::new().endpoint(&secret_url).check(&nowhere()).unwrap_err(),
    );
}

#[tokio::test]
async fn errors_of_providers_do_not_show_credentials() {
    let id_token = TestFile::new(ID_TOKEN);
    let federal = |answers| {
        FederatedCredentials::new("idp", id_token.path()).region("eu-de").transport(answers)
    };
    let as_codes =
        [ID_TOKEN, SUBJECT_TOKEN].map(|token| format!("{{\"error_code\":\"x.{token}\"}}"));
    for echo in echoes() {
        for answers in [
            Answers::default().answer(401, &echo),
            Answers::default().answer(401, &as_codes[0]),
            Answers::default().response(with_subject(201, &echo)).answer(403, &echo),
            Answers::default().response(with_subject(201, &echo)).answer(403, &as_codes[1]),
            Answers::default().response(with_subject(201, &echo)).answer(201, &echo),
        ] {
            clean_error(&echo, &federal(answers).provide(&nowhere()).await.unwrap_err());
        }
        for answers in
            [Answers::default().answer(403, &echo), Answers::default().answer(200, &echo)]
        {
            let oidc =
                OidcCredentials::new("iam::d1:oidcProvider:p", "iam::d1:agency:a", id_token.path());
            let oidc = oidc.endpoint("sts.example.com").transport(answers.clone());
            clean_error(&echo, &oidc.provide(&nowhere()).await.unwrap_err());
        }
        for answers in
            [Answers::default().answer(403, &echo), Answers::default().answer(200, &echo)]
        {
            let pod = PodIdentityCredentials::new().agent("http://127.0.0.1/", id_token.path());
            clean_error(&echo, &pod.transport(answers).provide(&nowhere()).await.unwrap_err());
        }
        for answers in
            [Answers::default().answer(403, &echo), Answers::default().answer(200, &echo)]
        {
            let source = Credentials::new(ACCESS_KEY, SECRET).security_token(TOKEN);
            let agency = AssumeAgency::sts("iam::d1:agency:a", "s")
                .source(source)
                .endpoint("sts.example.com");
            clean_error(&echo, &agency.transport(answers).provide(&nowhere()).await.unwrap_err());
        }
        for answers in [
            Answers::default().answer(403, &echo).answer(403, &echo),
            Answers::default().answer(200, format!("{METADATA_TOKEN}\n{METADATA_TOKEN}")),
            Answers::default().answer(200, METADATA_TOKEN).answer(403, &echo),
            Answers::default().answer(200, METADATA_TOKEN).answer(200, &echo),
        ] {
            let metadata = MetadataCredentials::new().transport(answers);
            let chain = CredentialsChain::new().then(metadata);
            clean_error(&echo, &chain.provide(&nowhere()).await.unwrap_err());
        }
    }
    for contents in [format!("{ID_TOKEN} {ID_TOKEN}"), format!("{ID_TOKEN}\u{fc}")] {
        let file = TestFile::new(contents);
        let provider = FederatedCredentials::new("idp", file.path())
            .region("eu-de")
            .transport(Answers::default());
        clean_error("id token", &provider.provide(&nowhere()).await.unwrap_err());
    }
}

/// In place of the name of the file that holds it.
#[tokio::test]
async fn a_secret_in_place_of_a_path_is_not_shown() {
    for secret in [
        format!("eyJ{ID_TOKEN}"),
        format!("{ID_TOKEN}A1B2C3D4E5F6G7H8"),
        format!("/A1B2C3D4E5F6G7H8/{TOKEN}"),
    ] {
        let federal =
            FederatedCredentials::new("idp", &secret).region("eu-de").transport(Answers::default());
        clean_debug("token in place of its file", &federal);
        clean_error("token in place of its file", &federal.provide(&nowhere()).await.unwrap_err());
        let profile = ProfileCredentials::new().path(&secret);
        clean_debug("token in place of a profile", &profile);
        clean_error("token in place of a profile", &profile.check(&nowhere()).unwrap_err());
        let file = TestFile::new(format!("[basic]\nidp_id = i\nid_token_file = {secret}\n"));
        let profile = ProfileCredentials::new()
            .path(file.path())
            .region("eu-de")
            .transport(Answers::default());
        clean_error("token in a profile", &profile.provide(&nowhere()).await.unwrap_err());
        clean_debug("token in a profile", &profile);
    }
}

/// Runs in a process of its own, which has the variables.
#[tokio::test]
async fn a_secret_in_the_variable_of_a_path_is_not_shown() {
    const CHILD: &str = "HUAWEICLOUD_CTS_TEST_CHILD";
    if std::env::var_os(CHILD).is_none() {
        let name = "a_secret_in_the_variable_of_a_path_is_not_shown";
        let mut child = child!(name);
        child.env(CHILD, "1").env("HUAWEICLOUD_SDK_IDP_ID", "idp");
        for variable in ["ID_TOKEN_FILE", "CREDENTIALS_FILE", "REGIONS_FILE"] {
            child.env(format!("HUAWEICLOUD_SDK_{variable}"), format!("eyJ{ID_TOKEN}"));
        }
        pass(&mut child);
        return;
    }
    let environment = EnvCredentials::new().region("eu-de").transport(Answers::default());
    clean_error(
        "HUAWEICLOUD_SDK_ID_TOKEN_FILE",
        &environment.provide(&nowhere()).await.unwrap_err(),
    );
    clean_debug("HUAWEICLOUD_SDK_ID_TOKEN_FILE", &environment);
    clean_error(
        "HUAWEICLOUD_SDK_CREDENTIALS_FILE",
        &ProfileCredentials::new().check(&nowhere()).unwrap_err(),
    );
    let builder = CtsClient::builder().region("eu-de").credentials(Credentials::new("AK", "SK"));
    clean_error(
        "HUAWEICLOUD_SDK_REGIONS_FILE",
        &builder.transport(Answers::default()).build().unwrap_err(),
    );
}

#[test]
fn errors_about_profiles_do_not_show_values() {
    for lines in [
        format!("ak = {ACCESS_KEY}"),
        format!("sk = {SECRET}"),
        format!("ak = {ACCESS_KEY}\nsk = {SECRET} {SECRET}"),
        format!("ak = {ACCESS_KEY}\nsk = {SECRET}\nsk = {SECRET}"),
        format!("ak = {ACCESS_KEY}\n{SECRET}"),
        format!("ak = {ACCESS_KEY}\nsk = {SECRET}\n[{SECRET}"),
        format!("ak = {ACCESS_KEY}\nsk = {SECRET}\n[global] {SECRET}"),
        format!("ak = {ACCESS_KEY}\nsk = {SECRET}\nsecurity_token = {TOKEN}\u{7f}"),
        format!("ak = {ACCESS_KEY}\nsk = {SECRET}\nidp_id = {ID_TOKEN}"),
        format!("sk = {SECRET}\nid_token_file = {ID_TOKEN}"),
        format!("idp_id = ü\nid_token_file = {ID_TOKEN}"),
        format!(
            "idp_id = i\nid_token_file = f\niam_endpoint = https://u:{SECRET}@iam.example.com?{SECRET}"
        ),
    ] {
        let file = TestFile::new(format!("[basic]\n{lines}\n"));
        let profile = ProfileCredentials::new().path(file.path());
        if let Err(error) = profile.check(&nowhere()) {
            clean_error(&lines, &error);
        }
        clean_debug(&lines, &profile);
        let chain = CredentialsChain::new().then(profile);
        if let Err(error) = chain.check(&nowhere()) {
            clean_error(&lines, &error);
        }
    }
}
