//! Agencies: acting in another account.

use http::{Response, header};
use huaweicloud_cts::RetryPolicy;
use huaweicloud_cts::credentials::{AgencyAccount, AssumeAgency};
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::testing::verify_signature;
use serde_json::{Value, json};

use super::*;
use crate::support::child::{child, pass};
use crate::support::snapshot::assert_snapshot;

const HUB: &str = "iam::d78cbac186b744899480f25bd022f468:agency:hub";
const SPOKE: &str = "iam::4a1c0e8c8a3b4f6e9d2b7c5f0e1d3a2b:agency:audit";
const HOP: &str = r#"{"assumed_agency":{"id":"i","urn":"u"},"credentials":{"access_key_id":"HSTHOP1","secret_access_key":"SKHOP1","security_token":"THOP1","expiration":"2126-09-07T03:27:51.158Z"}}"#;

fn caller() -> Credentials {
    Credentials::new("CALLERACCESSKEY00001", "caller-secret")
        .with_project_id("project-of-the-caller")
}

fn through_iam(answers: &Answers) -> AssumeAgency {
    AssumeAgency::iam("auditor", AgencyAccount::id("d1"))
        .source(caller())
        .endpoint("https://iam.example.com")
        .transport(answers.clone())
}

fn through_sts(answers: &Answers) -> AssumeAgency {
    AssumeAgency::sts(HUB, "ci").source(caller()).region("cn-north-4").transport(answers.clone())
}

fn body(request: &Request<bytes::Bytes>) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_agency_is_assumed_through_iam_by_a_signed_call() {
    let answers = Answers::of([(201, KEYS)]);
    let provider = through_iam(&answers);
    provider.check(&nowhere()).unwrap();
    let assumed = provider.provide(&nowhere()).await.unwrap();
    assert_eq!((assumed.access_key(), assumed.is_temporary()), ("AK1", true));
    assert_eq!(assumed.project_id(), None, "the project of the caller is in another account");
    provider.provide(&nowhere()).await.unwrap();

    let requests = answers.requests();
    assert_eq!(
        targets(&requests),
        ["POST https://iam.example.com/v3.0/OS-CREDENTIAL/securitytokens"],
        "they are kept"
    );
    verify_signature(&requests[0], &[caller()], SystemTime::now()).unwrap();
    assert_eq!(
        body(&requests[0]),
        json!({"auth": {"identity": {
            "methods": ["assume_role"],
            "assume_role": {"agency_name": "auditor", "domain_id": "d1", "duration_seconds": 3600},
        }}})
    );
}

#[tokio::test(start_paused = true)]
async fn each_option_is_sent_in_its_own_field() {
    let answers = Answers::of([(201, KEYS), (200, HOP)]);
    let policy = json!({"Version": "1.1", "Statement": []});
    let iam = AssumeAgency::iam("auditor", AgencyAccount::name("customer"))
        .source(caller())
        .duration(Duration::from_secs(900))
        .session("nightly")
        .policy(policy.clone())
        .project_id("p-of-customer")
        .region("eu-de")
        .transport(answers.clone());
    assert_eq!(iam.provide(&nowhere()).await.unwrap().project_id(), Some("p-of-customer"));
    let sts = through_sts(&answers)
        .duration(Duration::from_secs(43_200))
        .policy(policy)
        .external_id("external")
        .source_identity("alice")
        .tag("team", "audit")
        .tag("stage", "");
    assert_eq!(sts.provide(&nowhere()).await.unwrap().access_key(), "HSTHOP1");

    let requests = answers.requests();
    assert_eq!(
        targets(&requests),
        [
            "POST https://iam.eu-de.otc.t-systems.com/v3.0/OS-CREDENTIAL/securitytokens",
            "POST https://sts.cn-north-4.myhuaweicloud.com/v5/agencies/assume",
        ]
    );
    assert_eq!(
        body(&requests[0]),
        json!({"auth": {"identity": {
            "methods": ["assume_role"],
            "assume_role": {
                "agency_name": "auditor", "domain_name": "customer", "duration_seconds": 900,
                "session_user": {"name": "nightly"},
            },
            "policy": {"Version": "1.1", "Statement": []},
        }}})
    );
    assert_eq!(
        body(&requests[1]),
        json!({
            "agency_urn": HUB, "agency_session_name": "ci", "duration_seconds": 43_200,
            "policy": "{\"Statement\":[],\"Version\":\"1.1\"}", "external_id": "external", "source_identity": "alice",
            "tags": [{"key": "team", "value": "audit"}, {"key": "stage", "value": ""}],
        })
    );
    for request in &requests {
        verify_signature(request, &[caller()], SystemTime::now()).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn each_hop_of_a_chain_is_signed_with_the_credentials_of_the_one_before() {
    let answers = Answers::of([(200, HOP), (200, &HOP.replace("HOP1", "HOP2"))]);
    let hub = through_sts(&answers).duration(Duration::from_secs(7200));
    let spoke =
        AssumeAgency::sts(SPOKE, "ci").source(hub).region("cn-north-4").transport(answers.clone());
    spoke.check(&nowhere()).unwrap();
    assert_eq!(spoke.provide(&nowhere()).await.unwrap().access_key(), "HSTHOP2");
    let requests = answers.requests();
    let hop = Credentials::new("HSTHOP1", "SKHOP1").security_token("THOP1");
    verify_signature(&requests[0], &[caller()], SystemTime::now()).unwrap();
    verify_signature(&requests[1], &[hop], SystemTime::now()).unwrap();
    assert_eq!(
        (&body(&requests[0])["agency_urn"], &body(&requests[1])["agency_urn"]),
        (&json!(HUB), &json!(SPOKE))
    );
}

#[tokio::test(start_paused = true)]
async fn a_further_hop_through_sts_for_more_than_an_hour_is_refused_before_it_is_sent() {
    let answers = Answers::default();
    let long = Duration::from_secs(3601);
    let chain = through_sts(&answers).source(through_sts(&answers)).duration(long);
    let from_temporary = through_sts(&answers).source(caller().security_token("t")).duration(long);
    let errors = [
        chain.check(&nowhere()).unwrap_err(),
        from_temporary.provide(&nowhere()).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), Invalid);
        assert!(told(&error).contains("at most 3600 s"), "{}", told(&error));
    }
    assert!(answers.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_step_says_which_agency_what_happened_and_what_to_do() {
    let refused = r#"{"error":{"code":403,"message":"You have no right to do this action","title":"Forbidden"}}"#;
    let denied = r#"{"error_code":"STS5.1001","error_msg":"access denied","request_id":"r-1"}"#;
    let unknown_key = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information: verify aksk signature fail"}"#;
    let traced = Response::builder()
        .status(403)
        .header("x-iam-trace-id", "trace-1")
        .body(refused.into())
        .unwrap();
    let mut shown = String::new();
    for (answers, through_iam_or_sts) in [
        (Answers::default().response(traced), "iam"),
        (Answers::of([(403, denied)]), "sts"),
        (Answers::of([(404, "{}")]), "sts"),
        (Answers::of([(401, unknown_key)]), "sts"),
        (Answers::of([(200, r#"{"credentials":{"access_key_id":"A"}}"#)]), "sts"),
        (Answers::of([(200, "<html>")]), "iam"),
        (Answers::default().failure(TransportErrorKind::Redirected), "iam"),
    ] {
        let provider =
            if through_iam_or_sts == "iam" { through_iam(&answers) } else { through_sts(&answers) };
        let error = provider.provide(&nowhere()).await.unwrap_err();
        assert_eq!((error.kind(), answers.requests().len()), (Failed, 1));
        shown += &(told(&error) + "\n");
    }
    let nothing = AssumeAgency::sts(HUB, "ci").source(EnvCredentials::new()).region("cn-north-4");
    let first_hop = Answers::of([(403, denied)]);
    let second =
        AssumeAgency::sts(SPOKE, "ci").source(through_sts(&first_hop)).region("cn-north-4");
    for provider in [nothing.transport(Answers::default()), second.transport(Answers::default())] {
        shown += &(told(&provider.provide(&nowhere()).await.unwrap_err()) + "\n");
    }
    assert_snapshot!("agency-errors", shown);
}

#[test]
fn what_can_never_be_right_is_refused_when_a_client_is_built() {
    let of_sts = |urn: &str| AssumeAgency::sts(urn, "ci").source(caller());
    for (provider, reason) in [
        (AssumeAgency::iam("", AgencyAccount::id("d1")).source(caller()), "has no name"),
        (AssumeAgency::iam("a", AgencyAccount::name("")).source(caller()), "has no name"),
        (
            AssumeAgency::iam("a", AgencyAccount::id("d")).source(caller()).external_id("e"),
            "external_id(…) is for agencies",
        ),
        (
            AssumeAgency::iam("a", AgencyAccount::id("d")).source(caller()).tag("k", "v"),
            "tag(…) is for agencies",
        ),
        (of_sts("hub"), "does not have the form iam::<account id>:agency:<name>"),
        (of_sts("iam::d1:user:alice"), "does not have the form"),
        (AssumeAgency::sts(HUB, "").source(caller()), "its session has no name"),
        (of_sts(HUB).duration(Duration::from_millis(900)), "less than a second"),
        (of_sts(HUB).region("eu-de"), "the region \"eu-de\" has no known STS"),
        (of_sts(HUB).endpoint("http://sts.example.com"), "is not encrypted"),
        (of_sts(HUB).source(Credentials::new("", "")), "access key"),
    ] {
        let error =
            provider.check(&CredentialsContext::new().with_region("cn-north-4")).unwrap_err();
        assert_eq!(error.kind(), Invalid);
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_region_without_sts_is_not_served_by_another() {
    let answers = Answers::default();
    let provider = AssumeAgency::sts(HUB, "ci").source(caller()).transport(answers.clone());
    for context in [nowhere(), CredentialsContext::new().with_region("eu-de")] {
        let error = provider.provide(&context).await.unwrap_err();
        assert_eq!(error.kind(), Invalid);
        assert!(error.to_string().contains("or endpoint(\"https://…\")"), "{error}");
    }
    assert!(answers.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_temporary_failure_is_tried_three_times_and_a_refusal_once() {
    for (first, attempts) in [(500, 2), (503, 2), (429, 2), (400, 1), (403, 1), (404, 1)] {
        let answers = Answers::of([(first, "{}"), (200, HOP)]);
        let provided = through_sts(&answers).provide(&nowhere()).await;
        assert_eq!(
            (answers.requests().len(), provided.is_ok()),
            (attempts, attempts == 2),
            "{first}"
        );
    }
    let broken = Answers::default()
        .failure(TransportErrorKind::Interrupted)
        .answer(500, "{}")
        .answer(200, HOP);
    assert!(through_sts(&broken).provide(&nowhere()).await.is_ok());
    let down = Answers::of([(500, "{}"), (500, "{}"), (500, "{}"), (200, HOP)]);
    assert!(through_sts(&down).provide(&nowhere()).await.is_err());
    assert_eq!(down.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_corrected_by_the_service_and_expiry_is_by_this_machines_clock() {
    let refused = |date: &str| {
        Response::builder().status(401).header(header::DATE, date).body("{}".into()).unwrap()
    };
    let served = Response::builder()
        .header(header::DATE, "Sat, 07 Sep 2126 02:57:51 GMT")
        .body(HOP.into())
        .unwrap();
    let answers =
        Answers::default().response(refused("Tue, 07 Sep 2027 02:57:50 GMT")).response(served);
    let assumed = through_sts(&answers).provide(&nowhere()).await.unwrap();
    let requests = answers.requests();
    assert!(
        requests[1].headers()["x-sdk-date"].to_str().unwrap().starts_with("20270907T02"),
        "the service's time"
    );
    let left = assumed.expiry().unwrap().duration_since(SystemTime::now()).unwrap();
    assert!(
        left > Duration::from_secs(1700) && left <= Duration::from_secs(1801),
        "half an hour was left: {left:?}"
    );

    let twice =
        Answers::default().response(refused("Tue, 07 Sep 2027 02:57:50 GMT")).answer(401, "{}");
    assert!(through_sts(&twice).provide(&nowhere()).await.is_err());
    assert_eq!(twice.requests().len(), 2, "a refusal with the service's time is final");
}

/// Counts how often its credentials were refused.
#[derive(Debug, Default)]
struct Told(AtomicUsize);

impl ProvideCredentials for Told {
    fn provide<'a>(
        &'a self,
        _: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(std::future::ready(Ok(caller())))
    }

    fn refused(&self, credentials: &Credentials) {
        assert_eq!(credentials.access_key(), caller().access_key());
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_is_not_known_is_reported_to_its_provider() {
    for (status, refusals) in [(401, 1), (403, 0), (500, 0)] {
        let source = Arc::new(Told::default());
        let answers = Answers::of([(status, "{}"), (status, "{}"), (status, "{}")]);
        through_sts(&answers).source(Arc::clone(&source)).provide(&nowhere()).await.unwrap_err();
        assert_eq!(source.0.load(Ordering::Relaxed), refusals, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_secrets_of_caller_and_agency_stay_in_no_error_and_no_debug() {
    let source = Credentials::new("CALLERACCESSKEY00001", "sentinel-secret")
        .security_token("sentinel-token");
    for (status, text) in [
        (403, r#"{"error_code":"STS5.1001","error_msg":"sentinel-secret and sentinel-token"}"#),
        (403, "<p>sentinel-secret sentinel-token</p>"),
        (
            200,
            r#"{"credentials":{"access_key_id":"A","secret_access_key":"sentinel-of-agency","expiration":7}}"#,
        ),
        (
            200,
            r#"{"credentials":{"access_key_id":"A","secret_access_key":"S","security_token":"sentinel-of-agency","expiration":"sentinel"}}"#,
        ),
    ] {
        let answers = Answers::of([(status, text)]);
        let provider = through_sts(&answers).source(source.clone());
        let error = provider.provide(&nowhere()).await.unwrap_err();
        let shown = format!("{} {error:?} {provider:?}", told(&error));
        assert!(!shown.contains("sentinel"), "{shown}");
    }
    let answers = Answers::of([(200, &HOP.replace("SKHOP1", "sentinel-of-agency"))]);
    let provider = through_sts(&answers).source(source);
    let assumed = provider.provide(&nowhere()).await.unwrap();
    assert!(!format!("{provider:?} {assumed:?}").contains("sentinel"));
}

/// The project and the account of the environment are the caller's.
#[test]
fn an_assumed_identity_does_not_use_the_project_of_the_environment() {
    const OF_CALLER: &str = "project-of-the-caller";
    if std::env::var("HUAWEICLOUD_SDK_PROJECT_ID").as_deref() != Ok(OF_CALLER) {
        let mut child = child!("an_assumed_identity_does_not_use_the_project_of_the_environment");
        child.env("HUAWEICLOUD_SDK_PROJECT_ID", OF_CALLER);
        return pass(
            child
                .env("HUAWEICLOUD_SDK_AK", "CALLERACCESSKEY00001")
                .env("HUAWEICLOUD_SDK_SK", "caller-secret"),
        );
    }
    let projects = r#"{"projects":[{"id":"p-of-agency","name":"eu-de"}]}"#;
    let answers = Answers::of([(201, KEYS), (200, projects), (200, r#"{"notifications":[]}"#)]);
    let agency =
        AssumeAgency::iam("auditor", AgencyAccount::id("d1")).source(EnvCredentials::new());
    let builder =
        huaweicloud_cts::ClientBuilder::from_env().region("eu-de").retry(RetryPolicy::never());
    let client = builder.credentials(agency).transport(answers.clone()).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.list_notifications(&ListNotifications::smn())).unwrap();
    assert_eq!(
        targets(&answers.requests())[1..],
        [
            "GET https://iam.eu-de.otc.t-systems.com/v3/projects?name=eu-de",
            "GET https://cts.eu-de.otc.t-systems.com/v3/p-of-agency/notifications/smn",
        ]
    );
}
