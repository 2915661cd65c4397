//! No output shows a secret key or a token.

use std::fmt::Debug;
use std::time::SystemTime;

use bytes::Bytes;
use http::{Request, Response};
use huaweicloud_cts::credentials::{
    Credentials, CredentialsError, EnvCredentials, ProvideCredentials,
};
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::sign::Signer;
use huaweicloud_cts::testing::{FakeCts, verify_signature};
use huaweicloud_cts::{CallOptions, CtsClient, Error, RetryPolicy};

use crate::support::answers::Answers;

mod events;
#[cfg(feature = "function")]
mod function;
mod providers;

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
    for sentinel in [ACCESS_KEY, SECRET, "sentinel-token", ID_TOKEN, SUBJECT_TOKEN, METADATA_TOKEN]
    {
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
    let (name, value) =
        (http::HeaderName::from_static("x-note"), http::HeaderValue::from_static(SECRET));
    let options = CallOptions::new().header(name, value);
    clean_debug("CallOptions", &options);
    clean_debug("CtsClient with options", &client(&Answers::default()).with_options(options));
    assert!(
        format!("{:?}", credentials()).contains("SENT****"),
        "one can still tell which key it is"
    );
    assert!(!format!("{:?}", Credentials::new("SHORTKEY", "s")).contains("SHORT"));
    clean_debug(
        "short key in another script",
        &Credentials::new("密钥密钥密钥密钥密钥密钥密钥密钥", SECRET),
    );
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
    assert!(
        request.headers()["authorization"].is_sensitive()
            && request.headers()["x-security-token"].is_sensitive()
    );
    // Signing again must not leave the old values where they are printed.
    signer.sign(&mut request, SystemTime::now()).unwrap();
    clean_debug("http::Request signed twice", &request);
    // The value must reach the wire anyway.
    assert_eq!(request.headers()["x-security-token"], TOKEN);

    for other in [
        Credentials::new(ACCESS_KEY, "other").security_token(TOKEN),
        Credentials::new("OTHER", "other"),
    ] {
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
    let bodies =
        [json.to_string(), repeated.clone(), format!("<html><title>{repeated}</title></html>")];
    for status in [401, 302, 500] {
        for body in &bodies {
            let response = Response::builder()
                .status(status)
                .header("location", format!("https://{ACCESS_KEY}.example.com/{TOKEN}?t={TOKEN}"))
                .header("x-iam-trace-id", ACCESS_KEY)
                .body(Bytes::copy_from_slice(body.as_bytes()))
                .unwrap();
            let answers = Answers::default().response(response);
            let error: Error =
                client(&answers).list_notifications(&ListNotifications::smn()).await.unwrap_err();
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
        let built = CtsClient::builder()
            .region("eu-de")
            .project_id("p")
            .credentials(credentials.clone())
            .build();
        clean_error("BuildError", &built.unwrap_err());
        let mut request = Request::get("https://h/").body("").unwrap();
        if let Err(error) = Signer::new(&credentials).sign(&mut request, SystemTime::now()) {
            clean_error("SignError", &error);
        }
    }
}

#[cfg(feature = "reqwest")]
#[test]
fn passwords_of_proxies_and_keys_of_clients_are_not_shown() {
    use huaweicloud_cts::transport::ReqwestTransport;

    let key = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        SECRET.replace('-', "")
    );
    let clean = |what: &str, text: String| {
        clean(what, &text);
        assert!(!text.contains(&SECRET.replace('-', "")), "{what}: {text}");
    };
    for builder in [
        ReqwestTransport::builder()
            .proxy(format!("http://{ACCESS_KEY}:{SECRET}@proxy.example.com")),
        ReqwestTransport::builder().proxy(format!("http://{ACCESS_KEY}:{SECRET}@")),
        ReqwestTransport::builder()
            .proxy(format!("{ACCESS_KEY}:{SECRET}@proxy.example.com/path?{SECRET}")),
        ReqwestTransport::builder()
            .proxy(format!("socks5://{ACCESS_KEY}:{SECRET}@proxy.example.com")),
        ReqwestTransport::builder()
            .proxy("proxy.example.com")
            .proxy_credentials(ACCESS_KEY, SECRET),
        ReqwestTransport::builder()
            .proxy("proxy.example.com")
            .proxy_credentials(format!("{ACCESS_KEY}:"), SECRET),
        ReqwestTransport::builder()
            .proxy("proxy.example.com")
            .proxy_credentials(ACCESS_KEY, format!("{SECRET}\n")),
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
    let builder =
        CtsClient::builder().proxy(format!("http://{ACCESS_KEY}:{SECRET}@proxy.example.com"));
    clean("ClientBuilder", format!("{builder:?} {builder:#?}"));
}
