//! Which source would be used, and why others are not.

use huaweicloud_cts::credentials::{
    AgencyAccount, AssumeAgency, KooCliCredentials, OidcCredentials,
};

use super::*;
use crate::support::snapshot::assert_snapshot;

#[tokio::test(start_paused = true)]
async fn each_source_of_a_chain_is_described_with_its_outcome() {
    let token = TestFile::new("sentinel-token");
    let fixed = || Credentials::new("CALLERACCESSKEY00001", "sentinel-secret");
    let denied = r#"{"error_code":"STS5.1001","error_msg":"access denied"}"#;
    let profile = |path: &Path| ProfileCredentials::new().path(path);
    let agency = |answers| {
        AssumeAgency::iam("auditor", AgencyAccount::id("d1")).region("eu-de").transport(answers)
    };
    let oidc = |answers| {
        OidcCredentials::new("iam::a:oidcProvider:p", "iam::a:agency:g", token.path())
            .region("cn-north-4")
            .transport(answers)
    };
    let half = TestFile::new("[basic]\nsk = sentinel-secret\n");
    let encrypted = TestFile::new(
        r#"{"authEncrypt":"true","profiles":[{"secretAccessKey":"sentinel-secret"}]}"#,
    );
    let no_token =
        OidcCredentials::new("iam::a:oidcProvider:p", "iam::a:agency:g", "/run/no-such-token")
            .transport(Answers::default())
            .region("cn-north-4");
    let mut shown = String::new();
    for (provides, chain) in [
        (false, CredentialsChain::new()),
        (
            true,
            CredentialsChain::new()
                .then(EnvCredentials::terraform())
                .then(fixed())
                .then(EnvCredentials::openstack()),
        ),
        (false, CredentialsChain::new().then(oidc(Answers::of([(403, denied)]))).then(fixed())),
        (true, CredentialsChain::new().then(agency(Answers::of([(201, KEYS)])).source(fixed()))),
        (
            false,
            CredentialsChain::new()
                .then(agency(Answers::default()).source(EnvCredentials::terraform())),
        ),
        (
            false,
            CredentialsChain::new()
                .then(agency(Answers::of([(403, "{}")])).source(oidc(Answers::of([(200, KEYS)])))),
        ),
        (
            false,
            CredentialsChain::new()
                .then(EnvCredentials::terraform())
                .then(EnvCredentials::openstack()),
        ),
        (
            false,
            CredentialsChain::new()
                .then(EnvCredentials::terraform())
                .then(profile(half.path()))
                .then(fixed()),
        ),
        (
            false,
            CredentialsChain::new()
                .then(KooCliCredentials::new().path(encrypted.path()))
                .then(fixed()),
        ),
        (
            false,
            CredentialsChain::new()
                .then(agency(Answers::default()).source(CredentialsChain::new().then(no_token)))
                .then(fixed()),
        ),
    ] {
        let description = chain.describe(&nowhere()).await;
        assert_eq!(description.provides(), provides, "{description}");
        shown = format!("{shown}{description}\n---\n");
    }
    for file in [half, encrypted] {
        shown = shown.replace(&file.path().display().to_string(), "FILE");
    }
    assert!(!shown.contains("sentinel"), "{shown}");
    assert_snapshot!("credentials-described", shown);
}
