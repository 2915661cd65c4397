//! The explanation of a refused signature.

use std::fmt::Write as _;

use huaweicloud_cts::client::CallOptions;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::{CtsClient, Error};

use crate::support::snapshot::assert_snapshot;

/// Each cause of the gateway's only code for a bad signature.
#[tokio::test(start_paused = true)]
async fn a_refused_signature_is_explained() {
    let list = ListNotifications::smn();
    let refusal = |reason: &str| {
        let message = format!("Incorrect IAM authentication information: {reason}");
        let body = serde_json::json!({"error_msg": message, "error_code": "APIGW.0301", "request_id": "r1"});
        Fault::status(401, body.to_string())
    };
    let mut story = String::new();
    let mut tell = |what: &str, error: Error| {
        assert_eq!(error.status().unwrap().as_u16(), 401);
        assert!(!error.to_string().contains("FAKEACCESSKEY0000001"), "{error}");
        writeln!(story, "{what}:\n    {error}").unwrap();
    };

    let fake = FakeCts::new();
    let keys = fake.credentials();
    let with = |credentials| fake.client_builder().credentials(credentials).build().unwrap();
    let wrong = with(Credentials::new(keys.access_key(), "not-the-secret-key"));
    tell("wrong secret key", wrong.list_notifications(&list).await.unwrap_err());
    let unknown = with(Credentials::new("UNKNOWNACCESSKEY0001", "some-secret-key"));
    tell("unknown key", unknown.list_notifications(&list).await.unwrap_err());
    let expired_token = with(
        Credentials::new("UNKNOWNACCESSKEY0001", "some-secret")
            .security_token("token-of-yesterday"),
    );
    tell("unknown temporary key", expired_token.list_notifications(&list).await.unwrap_err());

    let client = fake.client();
    for (what, reason) in [
        ("locked key", "AK access failed to reach the limit,forbidden"),
        ("no header", "x-auth-token not found"),
        ("expired", "calc aksk signature fail:signature expired, no time told"),
        ("bad token", "decrypt token fail"),
        ("unknown reason", "Unauthorized"),
        (
            "changed host",
            "verify aksk signature fail, canonicalRequest:GET|/v3/24edf66e79d04187acb99a463e610764/notifications/smn/||\
             host:10.0.0.7|x-project-id:24edf66e79d04187acb99a463e610764|",
        ),
    ] {
        fake.inject([refusal(reason)]);
        tell(what, client.list_notifications(&list).await.unwrap_err());
    }
    assert_snapshot!("refused-signature", story);
}

/// The value of a custom header may be a secret.
#[tokio::test(start_paused = true)]
async fn a_header_that_was_changed_on_the_way_is_named_but_not_shown() {
    let keys = Credentials::new("TESTACCESSKEY0000001", "secret-key");
    let gateways =
        "GET|/v3/p1/notifications/smn/||host:h.example.com|x-note:changed|x-project-id:p1|";
    let body = serde_json::json!({"error_code": "APIGW.0301", "error_msg": format!("verify aksk signature fail, canonicalRequest:{gateways}")});
    let answers = crate::support::answers::Answers::default().answer(401, body.to_string());
    let client = CtsClient::builder()
        .endpoint("https://h.example.com")
        .project_id("p1")
        .credentials(keys)
        .transport(answers)
        .build()
        .unwrap()
        .with_options(
            CallOptions::new().header("x-note".parse().unwrap(), "sentinel-value".parse().unwrap()),
        );
    let text = client.list_notifications(&ListNotifications::smn()).await.unwrap_err().to_string();
    assert!(
        text.contains("the header x-note arrived changed") && !text.contains("sentinel"),
        "{text}"
    );
}
