//! No output shows a secret key or a token.

use std::fmt::Debug;
use std::time::SystemTime;

use bytes::Bytes;
use http::{Request, Response};
use huaweicloud_cts::credentials::{
    AssumeAgency, CachedCredentials, Credentials, CredentialsChain, CredentialsError, DefaultCredentials,
    EnvCredentials, FederalCredentials, MetadataCredentials, OidcCredentials, PodIdentityCredentials,
    ProfileCredentials, ProvideCredentials,
};
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::sign::Signer;
use huaweicloud_cts::testing::{FakeCts, verify_signature};
use huaweicloud_cts::transport::{Transport, TransportError};
use huaweicloud_cts::{BoxFuture, CallOptions, CtsClient, Error, RetryPolicy};

use crate::support::answers::{Answers, nowhere};
use crate::support::child::{child, pass};
use crate::support::files::TestFile;

const ACCESS_KEY: &str = "SENTINELACCESSKEY001";
const SECRET: &str = "sentinel-secret-key";
/// As long as real ones are: a part that survives a cut is a leak as well.
const TOKEN: &str = {
    const WORDS: [u8; 3_000] = {
        let mut text = [0; 3_000];
        let mut i = 0;
        while i < text.len() {
            text[i] = b"sentinel-token+"[i % 15];
            i += 1;
        }
        text
    };
    match std::str::from_utf8(&WORDS) {
        Ok(text) => text,
        Err(_) => panic!("ASCII"),
    }
};
const ID_TOKEN: &str = "sentinel-id-token";
const SUBJECT_TOKEN: &str = "sentinel-subject-token";
const METADATA_TOKEN: &str = "sentinel-metadata-token";

fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET).security_token(TOKEN)
}

fn clean(what: &str, text: &str) {
    for sentinel in [ACCESS_KEY, SECRET, "sentinel-token", ID_TOKEN, SUBJECT_TOKEN, METADATA_TOKEN] {
        assert!(!text.contains(sentinel), "{what} shows {sentinel}: {text}");
    }
}

fn clean_debug(what: &str, value: &(impl Debug + ?Sized)) {
    clean(what, &format!("{value:?}"));
    clean(what, &format!("{value:#?}"));
}

/// The error, its sources, and its `Debug`.
fn clean_error(what: &str, error: &(dyn std::error::Error + 'static)) {
    let mut next = Some(error);
    while let Some(error) = next {
        clean(what, &error.to_string());
        clean_debug(what, error);
        next = error.source();
    }
}

fn client(answers: &Answers) -> CtsClient {
    CtsClient::builder()
        .region("eu-de")
        .project_id("p")
        .credentials(credentials())
        .transport(answers.clone())
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

#[test]
fn values_do_not_show_credentials() {
    clean_debug("Credentials", &credentials());
    clean_debug("Signer", &Signer::new(&credentials()).derived("r", "s"));
    clean_debug("EnvCredentials", &EnvCredentials::new());
    let provider: &dyn ProvideCredentials = &credentials();
    clean_debug("ProvideCredentials", provider);
    let builder = CtsClient::builder().credentials(credentials());
    clean_debug("ClientBuilder", &builder);
    clean_debug("CtsClient", &client(&Answers::default()));
    let fake = FakeCts::new();
    fake.accept(&credentials());
    clean_debug("FakeCts", &fake);
    let (name, value) = (http::HeaderName::from_static("x-note"), http::HeaderValue::from_static(SECRET));
    let options = CallOptions::new().header(name, value);
    clean_debug("CallOptions", &options);
    clean_debug("CtsClient with options", &client(&Answers::default()).with_options(options));
    assert!(format!("{:?}", credentials()).contains("SENT****"), "one can still tell which key it is");
    assert!(!format!("{:?}", Credentials::new("SHORTKEY", "s")).contains("SHORT"));
    clean_debug("short key in another script", &Credentials::new("密钥密钥密钥密钥密钥密钥密钥密钥", SECRET));
}

#[test]
fn a_signed_request_does_not_show_credentials() {
    let mut request = Request::get("https://h/v3").body(Bytes::new()).unwrap();
    let signer = Signer::new(&credentials());
    clean_debug("Signature", &signer.signature(&request, SystemTime::now()).unwrap());
    signer.sign(&mut request, SystemTime::now()).unwrap();
    clean_debug("http::Request", &request);
    let (parts, body) = request.into_parts();
    clean_debug("its extensions", &parts.extensions);
    let mut request = Request::from_parts(parts, body);
    clean_debug("Authorization", &request.headers()["authorization"]);
    assert!(request.headers()["authorization"].is_sensitive() && request.headers()["x-security-token"].is_sensitive());
    // Signing again must not leave the old values where they are printed.
    signer.sign(&mut request, SystemTime::now()).unwrap();
    clean_debug("http::Request signed twice", &request);
    // The value must reach the wire anyway.
    assert_eq!(request.headers()["x-security-token"], TOKEN);

    for other in [Credentials::new(ACCESS_KEY, "other").security_token(TOKEN), Credentials::new("OTHER", "other")] {
        let mismatch = verify_signature(&request, &[other], SystemTime::now()).unwrap_err();
        clean_error("SignatureMismatch", &mismatch);
        clean("gateway_message", &mismatch.gateway_message());
        clean("canonical_request", mismatch.canonical_request().unwrap_or_default());
    }
}

/// Gateways repeat the request: the access key, and the canonical request with the token in it.
#[tokio::test]
async fn a_response_that_repeats_credentials_is_redacted() {
    let repeated = format!(
        "verify aksk signature fail, ak:{ACCESS_KEY}, canonicalRequest:GET|/v3/||x-security-token:{TOKEN}||{SECRET_FREE}",
        SECRET_FREE = "host"
    );
    let json = serde_json::json!({
        "error_code": "APIGW.0301", "error_msg": repeated, "request_id": TOKEN,
        "details": [{"error_code": ACCESS_KEY, "error_msg": repeated}],
    });
    let bodies = [json.to_string(), repeated.clone(), format!("<html><title>{repeated}</title></html>")];
    for status in [401, 302, 500] {
        for body in &bodies {
            let response = Response::builder()
                .status(status)
                .header("location", format!("https://{ACCESS_KEY}.example.com/{TOKEN}?t={TOKEN}"))
                .header("x-iam-trace-id", ACCESS_KEY)
                .body(Bytes::copy_from_slice(body.as_bytes()))
                .unwrap();
            let answers = Answers::default().response(response);
            let error: Error = client(&answers).list_notifications(&ListNotifications::smn()).await.unwrap_err();
            clean_error(&format!("{status} {body}"), &error);
            clean_debug("ApiError", error.api().unwrap());
            clean("message", error.api().unwrap().message());
        }
    }
    let answers = Answers::default().answer(200, &repeated);
    let error = client(&answers).list_notifications(&ListNotifications::smn()).await.unwrap_err();
    clean_error("unreadable success", &error);
}

#[tokio::test]
async fn recorded_calls_do_not_show_credentials() {
    let fake = FakeCts::new();
    fake.accept(&credentials());
    let client = fake.client_builder().credentials(credentials()).build().unwrap();
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
    let calls = fake.requests();
    clean_debug("RecordedRequest", &calls);
    clean_debug("its headers", &calls[0].headers);
}

#[test]
fn errors_about_refused_credentials_do_not_show_them() {
    let broken = [
        Credentials::new(format!("{ACCESS_KEY}\n"), SECRET),
        Credentials::new(ACCESS_KEY, format!("{SECRET} ")),
        Credentials::new(ACCESS_KEY, SECRET).security_token(format!("{TOKEN}\r")),
    ];
    for credentials in broken {
        let error: CredentialsError = credentials.validate().unwrap_err();
        clean_error("CredentialsError", &error);
        let built = CtsClient::builder().region("eu-de").project_id("p").credentials(credentials.clone()).build();
        clean_error("BuildError", &built.unwrap_err());
        let mut request = Request::get("https://h/").body("").unwrap();
        if let Err(error) = Signer::new(&credentials).sign(&mut request, SystemTime::now()) {
            clean_error("SignError", &error);
        }
    }
}

/// The response of IAM or of the metadata service with the credentials.
fn keys() -> String {
    let members = format!(r#""access":"{ACCESS_KEY}","secret":"{SECRET}","securitytoken":"{TOKEN}""#);
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
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.0.send(request)
    }
}

/// Responses of a server that repeats everything, in every field that an error reads.
fn echoes() -> Vec<String> {
    let sentinels = [ACCESS_KEY, SECRET, TOKEN, ID_TOKEN, SUBJECT_TOKEN, METADATA_TOKEN];
    let mut echoes = vec![sentinels.join(" "), format!("{{\"credential\":\"{SECRET}\"}}"), format!("[\"{SECRET}\"]")];
    for member in ["access", "secret", "securitytoken", "expires_at"] {
        // One field at a time is missing, or has another type.
        let whole = keys();
        echoes.push(whole.replace(&format!("\"{member}\""), "\"other\""));
        echoes.push(whole.replace(&format!("\"{member}\":"), &format!("\"{member}\":[],\"{member}\":")));
        echoes.push(whole.replace("2126-11-21T10:00:00Z", SECRET));
    }
    echoes
}

#[tokio::test]
async fn providers_do_not_show_credentials() {
    let id_token = TestFile::new(ID_TOKEN);
    let answers = Answers::default().response(with_subject(201, "")).answer(201, keys());
    let federal = FederalCredentials::new("idp", id_token.path())
        .iam_endpoint(format!("https://user:{SECRET}@iam.example.com?{SECRET}"))
        .iam_endpoint("iam.example.com")
        .transport(Quiet(answers.clone()));
    federal.provide(&nowhere()).await.unwrap();
    clean_debug("FederalCredentials", &federal);
    clean_debug("requests to IAM", &answers.requests().iter().map(Request::headers).collect::<Vec<_>>());

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
    let pod = PodIdentityCredentials::new().agent("http://127.0.0.1/", id_token.path()).transport(answers.clone());
    pod.provide(&nowhere()).await.unwrap();
    clean_debug("PodIdentityCredentials", &pod);
    clean_debug("requests to the agent", &answers.requests());

    let file = TestFile::new(format!("[basic]\nak = {ACCESS_KEY}\nsk = {SECRET}\nsecurity_token = {TOKEN}\n"));
    let profile = ProfileCredentials::new().path(file.path());
    profile.check().unwrap();
    clean_debug("ProfileCredentials", &profile);
    let chain = CredentialsChain::new().then(profile).then(metadata);
    chain.provide(&nowhere()).await.unwrap();
    clean_debug("CredentialsChain", &chain);
    clean_debug("DefaultCredentials", &DefaultCredentials::new());

    let secret_url = format!("https://user:{SECRET}@iam.example.com?{SECRET}");
    clean_debug("endpoint", &FederalCredentials::new("idp", "f").iam_endpoint(&secret_url));
    clean_debug("endpoint", &AssumeAgency::sts("u", "s").endpoint(&secret_url));
    clean_debug("endpoint", &PodIdentityCredentials::new().agent(&secret_url, "f"));
    clean_debug("endpoint", &MetadataCredentials::new().endpoint(&secret_url));
    clean_error("endpoint", &FederalCredentials::new("idp", "f").iam_endpoint(&secret_url).check().unwrap_err());
    clean_error("endpoint", &MetadataCredentials::new().endpoint(&secret_url).check().unwrap_err());
}

#[tokio::test]
async fn errors_of_providers_do_not_show_credentials() {
    let id_token = TestFile::new(ID_TOKEN);
    let federal = |answers| FederalCredentials::new("idp", id_token.path()).region("eu-de").transport(answers);
    let as_codes = [ID_TOKEN, SUBJECT_TOKEN].map(|token| format!("{{\"error_code\":\"x.{token}\"}}"));
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
        for answers in [Answers::default().answer(403, &echo), Answers::default().answer(200, &echo)] {
            let oidc = OidcCredentials::new("iam::d1:oidcProvider:p", "iam::d1:agency:a", id_token.path());
            let oidc = oidc.endpoint("sts.example.com").transport(answers.clone());
            clean_error(&echo, &oidc.provide(&nowhere()).await.unwrap_err());
        }
        for answers in [Answers::default().answer(403, &echo), Answers::default().answer(200, &echo)] {
            let pod = PodIdentityCredentials::new().agent("http://127.0.0.1/", id_token.path());
            clean_error(&echo, &pod.transport(answers).provide(&nowhere()).await.unwrap_err());
        }
        for answers in [Answers::default().answer(403, &echo), Answers::default().answer(200, &echo)] {
            let source = Credentials::new(ACCESS_KEY, SECRET).security_token(TOKEN);
            let agency = AssumeAgency::sts("iam::d1:agency:a", "s").source(source).endpoint("sts.example.com");
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
        let provider = FederalCredentials::new("idp", file.path()).region("eu-de").transport(Answers::default());
        clean_error("id token", &provider.provide(&nowhere()).await.unwrap_err());
    }
}

/// In place of the name of the file that holds it.
#[tokio::test]
async fn a_secret_in_place_of_a_path_is_not_shown() {
    for secret in
        [format!("eyJ{ID_TOKEN}"), format!("{ID_TOKEN}A1B2C3D4E5F6G7H8"), format!("/A1B2C3D4E5F6G7H8/{TOKEN}")]
    {
        let federal = FederalCredentials::new("idp", &secret).region("eu-de").transport(Answers::default());
        clean_debug("token in place of its file", &federal);
        clean_error("token in place of its file", &federal.provide(&nowhere()).await.unwrap_err());
        let profile = ProfileCredentials::new().path(&secret);
        clean_debug("token in place of a profile", &profile);
        clean_error("token in place of a profile", &profile.check().unwrap_err());
        let file = TestFile::new(format!("[basic]\nidp_id = i\nid_token_file = {secret}\n"));
        let profile = ProfileCredentials::new().path(file.path()).region("eu-de").transport(Answers::default());
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
    clean_error("HUAWEICLOUD_SDK_ID_TOKEN_FILE", &environment.provide(&nowhere()).await.unwrap_err());
    clean_debug("HUAWEICLOUD_SDK_ID_TOKEN_FILE", &environment);
    clean_error("HUAWEICLOUD_SDK_CREDENTIALS_FILE", &ProfileCredentials::new().check().unwrap_err());
    let builder = CtsClient::builder().region("eu-de").credentials(Credentials::new("AK", "SK"));
    clean_error("HUAWEICLOUD_SDK_REGIONS_FILE", &builder.transport(Answers::default()).build().unwrap_err());
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
        format!("idp_id = i\nid_token_file = f\niam_endpoint = https://u:{SECRET}@iam.example.com?{SECRET}"),
    ] {
        let file = TestFile::new(format!("[basic]\n{lines}\n"));
        let profile = ProfileCredentials::new().path(file.path());
        if let Err(error) = profile.check() {
            clean_error(&lines, &error);
        }
        clean_debug(&lines, &profile);
        let chain = CredentialsChain::new().then(profile);
        if let Err(error) = chain.check() {
            clean_error(&lines, &error);
        }
    }
}

/// Events hold credentials and links of others.
#[test]
fn events_do_not_show_links_with_tokens_credentials_and_headers() {
    use huaweicloud_cts::event::{SmnMessage, TriggerEvent};
    use huaweicloud_cts::trace::Trace;

    let message = format!(
        r#"{{"type":"SubscriptionConfirmation","message":"m","subscribe_url":"https://console.example.com/?token={SECRET}",
        "unsubscribe_url":"https://console.example.com/?u={SECRET}"}}"#
    );
    clean_debug("SmnMessage", &SmnMessage::from_slice(message.as_bytes()).unwrap());
    let odd = message.replace("\"https://console.example.com/?u=", "[\"").replace("\"}", "\"]}");
    clean_debug("an odd SmnMessage", &SmnMessage::from_slice(odd.as_bytes()).unwrap());
    let trace = format!(r#"{{"trace_name":"login","user":{{"name":"alice","access_key_id":"{ACCESS_KEY}"}}}}"#);
    let trace: Trace = serde_json::from_str(&trace).unwrap();
    clean_debug("Trace", &trace);
    assert!(format!("{trace:?}").contains("alice"));
    let apig = format!(
        r#"{{"body":"","headers":{{"authorization":"{SECRET}"}},"httpMethod":"GET","path":"/","isBase64Encoded":false,
        "requestContext":{{"apiId":"a","requestId":"r","stage":"RELEASE"}},"queryStringParameters":{{}},"pathParameters":{{}}}}"#
    );
    clean_debug("TriggerEvent", &TriggerEvent::from_slice(apig.as_bytes()).unwrap());
}

/// Each value holds a credential in one of the ways in which publishers write them.
#[test]
fn debug_of_events_and_traces_hides_credentials_at_any_depth_and_in_strings() {
    use huaweicloud_cts::event::{ApigEvent, ApigResponse, CtsEvent, TriggerEvent};
    use huaweicloud_cts::trace::{Payload, Trace, TraceUser};
    use serde_json::{Value, json};

    let object = json!({"a": [{"access_key_id": ACCESS_KEY}], "b": "kept"});
    let text = Value::from(object.to_string());
    let nested = json!({"c": text.to_string(), "b": "kept"}).to_string();
    let hidden = [
        object.clone(),
        text.clone(),
        nested.clone().into(),
        json!([nested]),
        json!({"subscribe_url": format!("https://console.example.com/?token={SECRET}"), "b": "kept"}),
        json!({"accessKeyId": ACCESS_KEY, "secretAccessKey": SECRET, "X-Auth-Token": SECRET, "b": "kept"}),
        json!({"server": {"adminPass": SECRET}, "keypair": {"private_key": SECRET}, "X-Auth-Key": SECRET, "b": "kept"}),
        json!({"multiValueHeaders": {"authorization": [SECRET]}, "b": "kept"}),
        json!({"multiValueQueryStringParameters": {"X-Amz-Signature": [SECRET]}, "b": "kept"}),
    ];
    let unparsed = [
        format!("{{\"access_key_id\": \"{ACCESS_KEY}\", cut"),
        format!("{{\\\"secret\\\":\\\"{SECRET}\\\""),
        format!("open https://console.example.com/?region=r&token={SECRET}"),
        format!("redirect=%3Ftoken%3D{SECRET}"),
        format!("Authorization: {SECRET}"),
        format!("bearer {SECRET}"),
        format!("password = '{SECRET}'"),
        format!("<credential><secretaccesskey>{SECRET}</secretaccesskey></credential>"),
    ];
    for value in hidden.iter().cloned().chain(unparsed.map(Value::from)) {
        clean_debug("Payload", &Payload::from(value.clone()));
        clean_debug("TraceUser", &TraceUser::from(value.clone()));
        for name in ["user", "request", "message", "resource_name", "unheard_of"] {
            let record = json!({"trace_name": "login", name: value});
            let trace: Trace = serde_json::from_value(record.clone()).unwrap();
            clean_debug("Trace", &trace);
            assert!(format!("{trace:?}").contains("login"));
            clean_debug("CtsEvent", &CtsEvent::from(trace));
            let event = json!({"cts": record, "beside": value}).to_string();
            clean_debug("TriggerEvent", &TriggerEvent::from_slice(event.as_bytes()).unwrap());
        }
        let unknown = json!({"hello": value}).to_string();
        clean_debug("an unknown event", &TriggerEvent::from_slice(unknown.as_bytes()).unwrap());
        let apig = json!({"httpMethod": "POST", "path": "/", "body": value.to_string(), "user_data": value});
        clean_debug("ApigEvent", &ApigEvent::from_slice(apig.to_string().as_bytes()).unwrap());
    }
    for value in &hidden {
        assert!(value.is_array() || format!("{:?}", Payload::from(value.clone())).contains("kept"), "{value}");
    }
    let shown = format!("{:?}", Payload::from(nested.as_str()));
    assert_eq!(shown.matches("kept").count(), 2, "what stands beside a credential is shown: {shown}");
    for name in ["headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters"] {
        let apig = json!({"httpMethod": "GET", name: {"authorization": SECRET, "x": [SECRET]}});
        clean_debug("ApigEvent", &ApigEvent::from_slice(apig.to_string().as_bytes()).unwrap());
    }
    let response = ApigResponse::text(http::StatusCode::OK, "hi").header("set-cookie", SECRET);
    clean_debug("ApigResponse", &response);
}

#[cfg(feature = "reqwest")]
#[test]
fn passwords_of_proxies_and_keys_of_clients_are_not_shown() {
    use huaweicloud_cts::transport::ReqwestTransport;

    let key = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", SECRET.replace('-', ""));
    let clean = |what: &str, text: String| {
        clean(what, &text);
        assert!(!text.contains(&SECRET.replace('-', "")), "{what}: {text}");
    };
    for builder in [
        ReqwestTransport::builder().proxy(format!("http://{ACCESS_KEY}:{SECRET}@proxy.example.com")),
        ReqwestTransport::builder().proxy(format!("http://{ACCESS_KEY}:{SECRET}@")),
        ReqwestTransport::builder().proxy(format!("{ACCESS_KEY}:{SECRET}@proxy.example.com/path?{SECRET}")),
        ReqwestTransport::builder().proxy(format!("socks5://{ACCESS_KEY}:{SECRET}@proxy.example.com")),
        ReqwestTransport::builder().proxy("proxy.example.com").proxy_credentials(ACCESS_KEY, SECRET),
        ReqwestTransport::builder().proxy("proxy.example.com").proxy_credentials(format!("{ACCESS_KEY}:"), SECRET),
        ReqwestTransport::builder().proxy("proxy.example.com").proxy_credentials(ACCESS_KEY, format!("{SECRET}\n")),
        ReqwestTransport::builder().proxy_credentials(ACCESS_KEY, SECRET),
        ReqwestTransport::builder().client_certificate(&key),
        ReqwestTransport::builder().client_certificate(SECRET),
        ReqwestTransport::builder().root_certificates(&key),
    ] {
        clean("ReqwestTransportBuilder", format!("{builder:?} {builder:#?}"));
        match builder.build() {
            Ok(transport) => clean("ReqwestTransport", format!("{transport:?} {transport:#?}")),
            Err(error) => {
                let source = std::error::Error::source(&error).unwrap();
                clean("TransportError", format!("{error} {error:?} {source} {source:?}"));
            }
        }
    }
    let builder = CtsClient::builder().proxy(format!("http://{ACCESS_KEY}:{SECRET}@proxy.example.com"));
    clean("ClientBuilder", format!("{builder:?} {builder:#?}"));
}
