//! Every identity whose credentials come from a service: over time, and where the responses are
//! hostile.

use bytes::Bytes;
use http::Response;
use huaweicloud_cts::credentials::{
    AgencyAccount, AssumeAgency, OidcCredentials, PodIdentityCredentials,
};
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::testing::verify_signature;
use huaweicloud_cts::transport::Transport;
use huaweicloud_cts::{CtsClient, RetryPolicy};
use serde_json::json;

use super::*;

type Provider = Box<dyn ProvideCredentials>;

struct Identity {
    /// The words of its errors that name the service, at each step.
    steps: &'static [&'static str],
    /// Is given the endpoint of the service, and a file with a token.
    provider: fn(&str, &Path) -> Provider,
    /// The response to the first of two steps.
    first: Option<fn() -> Response<Bytes>>,
    /// The request for credentials is signed, and repeated after a temporary failure.
    is_signed: bool,
}

fn caller() -> Credentials {
    Credentials::new("CALLERACCESSKEY00001", "sentinel-secret-of-caller")
}

fn identities() -> [Identity; 6] {
    [
        Identity {
            steps: &[
                "the metadata service (http://127.0.0.1",
                "the metadata service (http://127.0.0.1",
            ],
            provider: |endpoint, _| Box::new(MetadataCredentials::new().endpoint(endpoint)),
            first: Some(|| reply(200, "sentinel-metadata-token")),
            is_signed: false,
        },
        Identity {
            steps: &[
                "IAM did not accept the id token (127.0.0.1",
                "IAM accepted the id token, but returned no credentials",
            ],
            provider: |endpoint, token| {
                Box::new(FederatedCredentials::new("idp", token).iam_endpoint(endpoint))
            },
            first: Some(|| with_header(201, "x-subject-token", "sentinel-subject-token")),
            is_signed: false,
        },
        Identity {
            steps: &["STS did not exchange the id token (127.0.0.1"],
            provider: |endpoint, token| {
                Box::new(
                    OidcCredentials::new("iam::a:oidcProvider:p", "iam::a:agency:g", token)
                        .endpoint(endpoint),
                )
            },
            first: None,
            is_signed: false,
        },
        Identity {
            steps: &["the agent of Pod Identity returned no credentials (127.0.0.1"],
            provider: |endpoint, token| {
                Box::new(PodIdentityCredentials::new().agent(endpoint, token))
            },
            first: None,
            is_signed: false,
        },
        Identity {
            steps: &[
                "the agency \"auditor\" of the account \"customer\" was not assumed by the access key CALL**** (127.0.0.1",
            ],
            provider: |endpoint, _| {
                let agency = AssumeAgency::iam("auditor", AgencyAccount::name("customer"));
                Box::new(agency.source(caller()).endpoint(endpoint))
            },
            first: None,
            is_signed: true,
        },
        Identity {
            steps: &[
                "the agency \"iam::a:agency:g\" was not assumed by the access key CALL**** (127.0.0.1",
            ],
            provider: |endpoint, _| {
                Box::new(
                    AssumeAgency::sts("iam::a:agency:g", "ci").source(caller()).endpoint(endpoint),
                )
            },
            first: None,
            is_signed: true,
        },
    ]
}

impl Identity {
    /// Adds the responses to one exchange, of which the last is this.
    fn exchange(&self, answers: Answers, last: Response<Bytes>) -> Answers {
        match self.first {
            Some(first) => answers.response(first()).response(last),
            None => answers.response(last),
        }
    }

    fn in_process(&self, token: &TestFile) -> Provider {
        (self.provider)("http://127.0.0.1:9", token.path())
    }
}

fn reply(status: u16, body: impl Into<Bytes>) -> Response<Bytes> {
    Response::builder().status(status).body(body.into()).unwrap()
}

fn with_header(status: u16, name: &str, value: &str) -> Response<Bytes> {
    Response::builder().status(status).header(name, value).body(Bytes::new()).unwrap()
}

/// Credentials as all of the services return them.
fn issued(access_key: &str, expiry: &str) -> Response<Bytes> {
    let credential = json!({
        "access": access_key, "secret": "sentinel-secret", "securitytoken": format!("sentinel-{access_key}"),
        "expires_at": expiry,
    });
    reply(200, json!({ "credential": credential }).to_string())
}

const LATER: &str = "2126-01-08T02:56:19.587000Z";

async fn refused(provider: &Provider, transport: impl Transport + 'static) -> String {
    let context = CredentialsContext::new().with_transport(transport);
    let error = provider.provide(&context).await.unwrap_err();
    assert_eq!(error.kind(), Failed);
    let text = told(&error);
    let shown = format!("{text} {error:?} {provider:?}");
    assert!(!shown.contains("sentinel"), "{shown}");
    text
}

#[tokio::test(start_paused = true)]
async fn a_hostile_response_is_an_error_that_names_the_service_and_says_what_to_do() {
    let token = TestFile::new("sentinel-id-token");
    let other_server = "check that the endpoint is the service itself";
    let with = |field: &str, value: serde_json::Value| {
        let mut body =
            serde_json::from_slice::<serde_json::Value>(issued("AK", LATER).body()).unwrap();
        body["credential"][field] = value;
        reply(200, body.to_string())
    };
    // Whether it is one to the first of two steps as well, the response, and what the error says of
    // it.
    let hostile = [
        (true, reply(502, "<html>sentinel</html>"), "502", "try again later"),
        (
            true,
            with_header(302, "location", "https://login.example.com/?sentinel"),
            "302",
            "is not followed: check the endpoint",
        ),
        (
            true,
            with_header(307, "location", "/?sentinel"),
            "307",
            "is not followed: check the endpoint",
        ),
        (false, reply(200, "<html>sentinel</html>"), "it is not JSON", other_server),
        (false, reply(200, "[\"sentinel\"]"), "it is JSON of another shape", other_server),
        (false, reply(200, ""), "it is not JSON", other_server),
        (false, reply(200, vec![b'x'; 10 * 1024 * 1024]), "it is larger than 1 MiB", other_server),
        (false, with("access", json!(null)), "the field access is missing or empty", other_server),
        (
            false,
            with("securitytoken", json!(["sentinel"])),
            "it is JSON of another shape",
            other_server,
        ),
        (
            false,
            with("secret", json!("sentinel\r\nx-sentinel: y")),
            "the secret key has white space",
            other_server,
        ),
        (
            false,
            with("expires_at", json!("sentinel")),
            "the field expires_at is not a time",
            other_server,
        ),
    ];
    for identity in identities() {
        for (step, named) in identity.steps.iter().enumerate() {
            let is_last_step = step + 1 == identity.steps.len();
            for (at_any_step, response, what, remedy) in &hostile {
                if !is_last_step && !at_any_step {
                    continue;
                }
                let mut answers = Answers::default();
                if let Some(first) = identity.first.filter(|_| is_last_step) {
                    answers = answers.response(first());
                }
                let is_repeated = identity.is_signed && response.status().is_server_error();
                for _ in 0..if is_repeated { 3 } else { 1 } {
                    answers = answers.response(response.clone());
                }
                let text = refused(&identity.in_process(&token), answers).await;
                assert!(
                    text.starts_with(named) && text.contains(what) && text.contains(remedy),
                    "{text}"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_the_connection_is_an_error_that_names_the_service() {
    let token = TestFile::new("sentinel-id-token");
    for identity in identities() {
        for kind in [TransportErrorKind::TooLarge, TransportErrorKind::Redirected] {
            let answers = identity
                .first
                .map_or_else(Answers::default, |first| Answers::default().response(first()));
            let text = refused(&identity.in_process(&token), answers.failure(kind)).await;
            assert!(text.starts_with(identity.steps[identity.steps.len() - 1]), "{text}");
            assert!(
                text.contains(&huaweicloud_cts::transport::TransportError::new(kind).to_string()),
                "{text}"
            );
        }
    }
}

/// The clock of this machine may be wrong, so that an expiry alone is no reason to refuse
/// credentials.
#[tokio::test(start_paused = true)]
async fn an_odd_expiry_neither_panics_nor_keeps_the_credentials_from_being_used() {
    let token = TestFile::new("sentinel-id-token");
    let at = |seconds: u64| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    for (expiry, expected) in [
        ("2226-01-08T02:56:19.587Z", None),
        ("9000-01-01T00:00:00Z", at(221_845_392_000)),
        ("1970-01-01T00:00:01Z", at(1)),
        ("0001-01-01T00:00:00Z", None),
    ] {
        for identity in identities() {
            let answers = identity.exchange(Answers::default(), issued("AK1", expiry));
            let context = CredentialsContext::new().with_transport(answers);
            let found = identity.in_process(&token).provide(&context).await.unwrap();
            assert_eq!(found.access_key(), "AK1");
            assert!(expected.is_none() || found.expiry() == expected, "{found:?}");
        }
    }
}

fn client(provider: Provider, answers: &Answers) -> CtsClient {
    CtsClient::builder()
        .endpoint("https://cts.example.com")
        .project_id("p1")
        .credentials(provider)
        .transport(answers.clone())
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

/// The access keys that signed the calls of CTS.
fn callers(answers: &Answers) -> Vec<String> {
    let known = ["AK1", "AK2"].map(|access_key| {
        Credentials::new(access_key, "sentinel-secret")
            .security_token(format!("sentinel-{access_key}"))
    });
    let requests = answers.requests();
    let of_cts = requests.iter().filter(|request| request.uri().host() == Some("cts.example.com"));
    let signer = |request| {
        let is_signer = |known: &&Credentials| {
            verify_signature(request, std::slice::from_ref(*known), SystemTime::now()).is_ok()
        };
        known.iter().find(is_signer).unwrap().access_key().to_owned()
    };
    of_cts.map(signer).collect()
}

#[tokio::test(start_paused = true)]
async fn credentials_that_have_expired_are_replaced_before_the_next_call() {
    let token = TestFile::new("sentinel-id-token");
    let listed = || reply(200, r#"{"notifications":[]}"#);
    for identity in identities() {
        // They have expired by this machine's clock, so that the service is asked again after 30
        // seconds.
        let answers = identity.exchange(Answers::default(), issued("AK1", "2020-01-01T00:00:00Z"));
        let answers = identity
            .exchange(answers.response(listed()).response(listed()), issued("AK2", LATER))
            .response(listed());
        let client = client(identity.in_process(&token), &answers);
        for seconds in [29, 2, 0] {
            client.list_notifications(&ListNotifications::smn()).await.unwrap();
            tokio::time::advance(Duration::from_secs(seconds)).await;
        }
        assert_eq!(callers(&answers), ["AK1", "AK1", "AK2"], "{}", identity.steps[0]);
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_expire_during_a_call_are_renewed_once_and_the_call_is_repeated() {
    let token = TestFile::new("sentinel-id-token");
    let expired =
        || reply(401, r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated"}"#);
    for (second, succeeds) in [(reply(200, r#"{"notifications":[]}"#), true), (expired(), false)] {
        for identity in identities() {
            let answers =
                identity.exchange(Answers::default(), issued("AK1", LATER)).response(expired());
            let answers = identity.exchange(answers, issued("AK2", LATER)).response(second.clone());
            let listed = client(identity.in_process(&token), &answers)
                .list_notifications(&ListNotifications::smn())
                .await;
            assert_eq!(listed.is_ok(), succeeds, "{listed:?}");
            assert_eq!(callers(&answers), ["AK1", "AK2"], "{}", identity.steps[0]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_signed_exchange_is_repeated_with_the_time_of_the_service() {
    let token = TestFile::new("");
    let (service, date) = (
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_820_285_870),
        "Tue, 07 Sep 2027 02:57:50 GMT",
    );
    for identity in identities().into_iter().filter(|identity| identity.is_signed) {
        let answers = Answers::default()
            .response(with_header(401, "date", date))
            .response(issued("AK1", LATER));
        let context = CredentialsContext::new().with_transport(answers.clone());
        identity.in_process(&token).provide(&context).await.unwrap();
        let requests = answers.requests();
        verify_signature(&requests[0], &[caller()], SystemTime::now()).unwrap();
        verify_signature(&requests[1], &[caller()], service).unwrap();
    }
}

/// A redirect would take a token or a signed request to another host.
#[cfg(feature = "reqwest")]
#[tokio::test]
async fn no_redirect_is_followed_and_no_large_response_is_kept_over_http() {
    use crate::support::service::{Service, response};
    let token = TestFile::new("sentinel-id-token");
    let elsewhere = Service::of([]).await;
    let template = |response: Response<Bytes>| {
        let mut template = wiremock::ResponseTemplate::new(response.status().as_u16())
            .set_body_bytes(response.body().to_vec());
        for (name, value) in response.headers() {
            template = template.insert_header(name.as_str(), value.to_str().unwrap());
        }
        template
    };
    for identity in identities() {
        for (step, named) in identity.steps.iter().enumerate() {
            let first = identity.first.filter(|_| step + 1 == identity.steps.len());
            for status in [301, 302, 303, 307, 308] {
                let location = format!("{}/?sentinel", elsewhere.endpoint());
                let redirect = response(status, "").insert_header("location", location.as_str());
                let service =
                    Service::of(first.map(|first| template(first())).into_iter().chain([redirect]))
                        .await;
                let provider = (identity.provider)(&service.endpoint(), token.path());
                let error = provider.provide(&nowhere()).await.unwrap_err();
                let text = told(&error);
                assert!(
                    text.starts_with(named) && text.contains("is not followed: check the endpoint"),
                    "{text}"
                );
                assert!(!format!("{text} {error:?}").contains("sentinel"), "{text}");
            }
        }
        let large = response(200, "x".repeat(10 * 1024 * 1024));
        let service =
            Service::of(identity.first.map(|first| template(first())).into_iter().chain([large]))
                .await;
        let error = (identity.provider)(&service.endpoint(), token.path())
            .provide(&nowhere())
            .await
            .unwrap_err();
        assert!(told(&error).contains("it is larger than 1 MiB"), "{}", told(&error));
    }
    assert!(elsewhere.requests().await.is_empty());
}
