//! Profiles of KooCLI.

use huaweicloud_cts::credentials::KooCliCredentials;
use serde_json::{Value, json};

use super::*;

fn config(encrypted: &Value, profiles: &Value) -> TestFile {
    let config = json!({
        "localDea": "intl", "language": "en", "offline": "false", "authEncrypt": encrypted, "current": "second",
        "profiles": profiles,
    });
    TestFile::new(config.to_string())
}

fn profile(name: &str, mode: &str) -> Value {
    json!({
        "name": name, "mode": mode, "accessKeyId": format!("AK-{name}"), "secretAccessKey": "sentinel-secret",
        "securityToken": "", "region": "eu-de", "projectId": "p1", "domainId": "d1", "readTimeout": 10, "custom": {},
        "ssoAuth": {"accountId": "", "stsToken": {
            "accessKeyId": "AK-sso", "secretAccessKey": "sentinel-secret", "securityToken": "sentinel-token",
        }},
    })
}

#[tokio::test]
async fn the_current_or_the_named_profile_is_read() {
    let file = config(
        &json!("false"),
        &json!([profile("first", "AKSK"), profile("second", "AKSK"), profile("third", "SSO")]),
    );
    let of = |name: Option<&str>| {
        let provider = KooCliCredentials::new().path(file.path());
        if let Some(name) = name { provider.profile(name) } else { provider }
    };
    for (name, access_key, is_temporary) in [
        (None, "AK-second", false),
        (Some("first"), "AK-first", false),
        (Some("third"), "AK-sso", true),
    ] {
        let provider = of(name);
        provider.check(&nowhere()).unwrap();
        let found = provider.provide(&nowhere()).await.unwrap();
        assert_eq!((found.access_key(), found.is_temporary()), (access_key, is_temporary));
        assert_eq!((found.project_id(), found.domain_id()), (Some("p1"), Some("d1")));
        assert!(!format!("{provider:?}").contains("sentinel"));
    }
    assert_eq!(of(Some("fourth")).check(&nowhere()).unwrap_err().kind(), Invalid);
}

#[tokio::test]
async fn the_agency_of_a_server_comes_from_its_metadata_service() {
    let file = config(&json!(false), &json!([profile("second", "ecsAgency")]));
    let answers = Answers::of([(200, "token"), (200, KEYS)]);
    let provider = KooCliCredentials::new().path(file.path()).transport(answers.clone());
    for _ in 0..2 {
        let found = provider.provide(&nowhere()).await.unwrap();
        assert_eq!(
            (found.access_key(), found.project_id(), found.domain_id()),
            ("AK1", Some("p1"), Some("d1"))
        );
    }
    let hosts: Vec<_> =
        answers.requests().iter().map(|request| request.uri().host().unwrap().to_owned()).collect();
    assert_eq!(hosts, ["169.254.169.254"; 2], "the credentials are kept");
}

/// KooCLI writes what is not set as an empty string.
#[tokio::test]
async fn an_empty_project_or_account_of_a_profile_counts_as_unset() {
    for mode in ["AKSK", "SSO", "ecsAgency"] {
        let mut profile = profile("second", mode);
        (profile["projectId"], profile["domainId"]) = (json!(""), json!(""));
        let file = config(&json!("false"), &json!([profile]));
        let provider = KooCliCredentials::new()
            .path(file.path())
            .transport(Answers::of([(200, "token"), (200, KEYS)]));
        let found = provider.provide(&nowhere()).await.unwrap();
        assert_eq!((found.project_id(), found.domain_id()), (None, None), "{mode}");
    }
}

#[test]
fn an_unreadable_profile_says_what_to_do_and_no_secret() {
    let plain = json!("false");
    for (file, reason) in [
        (
            config(&json!("true"), &json!([profile("second", "AKSK")])),
            "hcloud configure set --cli-auth-encrypt=false",
        ),
        (config(&json!(true), &json!([profile("second", "AKSK")])), "--cli-auth-encrypt=false"),
        (config(&Value::Null, &json!([profile("second", "AKSK")])), "--cli-auth-encrypt=false"),
        (config(&plain, &json!([])), "it has no profiles"),
        (
            config(&plain, &json!([profile("one", "AKSK"), profile("two", "AKSK")])),
            "it has no profile \"second\": call profile(…) with one of one, two",
        ),
        (config(&plain, &json!([profile("second", "AssumeRole")])), "use AssumeAgency"),
        (config(&plain, &json!([profile("second", "token")])), "has the mode \"token\""),
        (
            config(&plain, &json!([{"name": "second", "mode": "SSO"}])),
            "has no accessKeyId and secretAccessKey",
        ),
        (
            config(&plain, &json!([{"name": "second", "accessKeyId": "A"}])),
            "accessKeyId is set but secretAccessKey is not",
        ),
        (
            config(&plain, &json!([{"name": "second", "secretAccessKey": {"sentinel": 1}}])),
            "it is not a configuration of KooCLI (line 1",
        ),
        (TestFile::new("sentinel"), "it is not a configuration of KooCLI"),
    ] {
        let error = KooCliCredentials::new().path(file.path()).check(&nowhere()).unwrap_err();
        let text = told(&error);
        assert_eq!(error.kind(), Invalid, "{text}");
        assert!(text.contains(reason) && !text.contains("sentinel"), "{text}");
    }
}
