//! The identities of the guide: what each is set up with, what is sent for it, and as whom CTS is
//! called.

use huaweicloud_cts::BoxFuture;
use huaweicloud_cts::credentials::{
    AgencyAccount, AssumeAgency, CachedCredentials, Credentials, CredentialsChain,
    CredentialsContext, CredentialsError, DefaultCredentials, EnvCredentials, FederatedCredentials,
    KooCliCredentials, MetadataCredentials, OidcCredentials, PodIdentityCredentials,
    ProfileCredentials, ProvideCredentials,
};
use serde_json::{Value, json};

use super::Here;
use super::case::{
    CALLER, Case, FIRST, METADATA_KEY, METADATA_TOKEN, SECOND, caller, case, of_iam,
};
use crate::support::service::response;

/// The variables of OIDC, and the same in the program.
const OIDC_VARIABLES: [(&str, &str); 4] = [
    ("HUAWEICLOUD_OIDC_PROVIDER_URN", "iam::a1:oidcProvider:ci"),
    ("HUAWEICLOUD_OIDC_AGENCY_URN", "iam::a1:agency:audit"),
    ("HUAWEICLOUD_OIDC_TOKEN_FILE", "{home}/id-token"),
    ("HUAWEICLOUD_SDK_STS_ENDPOINT", "{service}"),
];

const KEYS: [(&str, &str); 2] =
    [("HUAWEICLOUD_SDK_AK", CALLER), ("HUAWEICLOUD_SDK_SK", "sentinel-secret-of-caller")];

const IDP: [(&str, &str); 3] = [
    ("HUAWEICLOUD_SDK_IDP_ID", "idp"),
    ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "{home}/id-token"),
    ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "{service}"),
];

const POD: [(&str, &str); 2] = [
    ("HC_CONTAINER_CREDENTIALS_FULL_URI", "{service}/v1/credentials"),
    ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{home}/id-token"),
];

fn at_iam(here: &Here) -> AssumeAgency {
    AssumeAgency::iam("auditor", AgencyAccount::name("customer")).endpoint(&here.service)
}

fn at_sts(here: &Here, urn: &str) -> AssumeAgency {
    AssumeAgency::sts(urn, "ci").endpoint(&here.service)
}

const HUB: &str = "iam::a1:agency:hub";
const SPOKE: &str = "iam::a2:agency:spoke";

/// A profile of KooCLI in a mode.
fn koocli(mode: &str) -> String {
    json!({
        "localDea": "intl", "language": "en", "offline": "false", "authEncrypt": "false", "current": "audit",
        "profiles": [{
            "name": "audit", "mode": mode, "accessKeyId": CALLER, "secretAccessKey": "sentinel-secret-of-caller",
            "securityToken": "", "region": "eu-de", "projectId": "p-koocli", "domainId": "d1", "readTimeout": 10,
            "ssoAuth": {"accountId": "", "stsToken": {
                "accessKeyId": FIRST, "secretAccessKey": format!("sentinel-secret-{FIRST}"),
                "securityToken": format!("sentinel-{FIRST}"),
            }},
        }],
    })
    .to_string()
}

/// Asks `{service}/v1/secret` through the client's transport.
#[derive(Debug)]
struct Vault(String);

impl ProvideCredentials for Vault {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(async move {
            let request = http::Request::get(format!("{}/v1/secret", self.0))
                .body(bytes::Bytes::new())
                .unwrap();
            let response = context.transport().unwrap().send(request).await.unwrap();
            let secret = std::str::from_utf8(response.body()).unwrap();
            Ok(Credentials::new(CALLER, secret))
        })
    }
}

/// The provider of each case, and what it is set up with.
pub(super) fn cases() -> Vec<Case> {
    let with_default =
        |name| case("the default search", name, |_| Box::new(DefaultCredentials::new()));
    vec![
        case("user, in the program", "fixed", |_| Box::new(caller())).acts_as(CALLER),
        case("user, from the environment", "variables", |_| Box::new(EnvCredentials::new()))
            .variables(&KEYS)
            .variables(&[("HUAWEICLOUD_SDK_PROJECT_ID", "p-variable")])
            .acts_as(CALLER)
            .in_project("p-variable"),
        case("user, from the environment", "variables with a token", |_| Box::new(EnvCredentials::new())).variables(&[
            ("HUAWEICLOUD_SDK_AK", FIRST),
            ("HUAWEICLOUD_SDK_SK", "sentinel-secret-ISSUEDACCESSKEY00001"),
            ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "sentinel-ISSUEDACCESSKEY00001"),
        ]),
        case("user, from the environment", "older variables", |_| Box::new(EnvCredentials::new()))
            .variables(&[("CLOUD_SDK_AK", CALLER), ("CLOUD_SDK_SK", "sentinel-secret-of-caller")])
            .acts_as(CALLER),
        case("user, from a profile", "profile at home", |_| Box::new(ProfileCredentials::new()))
            .file(
                ".huaweicloud/credentials",
                format!("[basic]\nak = {CALLER}\nsk = sentinel-secret-of-caller\nproject_id = p-profile\n"),
            )
            .acts_as(CALLER)
            .in_project("p-profile"),
        case("user, from a profile", "profile that is named", |_| Box::new(ProfileCredentials::new()))
            .file("named", format!("[basic]\nak = {CALLER}\nsk = sentinel-secret-of-caller\n"))
            .variables(&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "{home}/named")])
            .acts_as(CALLER),
        case("agency of an ECS server", "metadata with a token", |here| {
            Box::new(MetadataCredentials::new().endpoint(&here.service))
        })
        .metadata(),
        case("agency of an ECS server", "metadata without a token", |here| {
            Box::new(MetadataCredentials::new().endpoint(&here.service))
        })
        .exchange(METADATA_TOKEN, Value::Null, response(404, ""))
        .exchange(METADATA_KEY, Value::Null, of_iam(200, FIRST)),
        case("OIDC id token, through STS", "OIDC by variables", |_| Box::new(OidcCredentials::from_env()))
            .variables(&OIDC_VARIABLES)
            .oidc(),
        case("OIDC id token, through STS", "OIDC in the program", |here| {
            let (provider, agency) = ("iam::a1:oidcProvider:ci", "iam::a1:agency:audit");
            Box::new(OidcCredentials::new(provider, agency, here.home.join("id-token")).endpoint(&here.service))
        })
        .oidc(),
        case("OIDC id token, through IAM", "federation by variables", |_| Box::new(EnvCredentials::new()))
            .variables(&IDP)
            .federation(),
        case("OIDC id token, through IAM", "federation by profile", |_| Box::new(ProfileCredentials::new()))
            .file(
                ".huaweicloud/credentials",
                "[basic]\nidp_id = idp\nid_token_file = {home}/id-token\niam_endpoint = {service}\nproject_id = p-idp\n",
            )
            .federation()
            .in_project("p-idp"),
        case("OIDC id token, through IAM", "federation in the program", |here| {
            Box::new(FederatedCredentials::new("idp", here.home.join("id-token")).iam_endpoint(&here.service))
        })
        .federation(),
        case("agency of a pod in CCE", "pod by variables", |_| Box::new(PodIdentityCredentials::new()))
            .variables(&POD)
            .pod(),
        case("agency of a pod in CCE", "pod in the program", |here| {
            let agent = format!("{}/v1/credentials", here.service);
            Box::new(PodIdentityCredentials::new().agent(agent, here.home.join("id-token")))
        })
        .pod(),
        case("agency of a function", "function", |_| {
            let mut headers = http::HeaderMap::new();
            headers.insert("x-cff-security-access-key", FIRST.parse().unwrap());
            headers.insert("x-cff-security-secret-key", format!("sentinel-secret-{FIRST}").parse().unwrap());
            headers.insert("x-cff-security-token", format!("sentinel-{FIRST}").parse().unwrap());
            Box::new(Credentials::of_invocation(&headers).unwrap())
        }),
        case("agency of another account, through IAM", "agency through IAM", |here| {
            Box::new(at_iam(here).source(EnvCredentials::new()))
        })
        .variables(&KEYS)
        .assumed_at_iam(CALLER, FIRST),
        case("agency of another account, through IAM", "agency through IAM, of a pod", |here| {
            Box::new(at_iam(here).source(PodIdentityCredentials::new()))
        })
        .variables(&POD)
        .pod()
        .assumed_at_iam(FIRST, SECOND)
        .acts_as(SECOND),
        case("agency of another account, through STS", "agency through STS", |here| {
            Box::new(at_sts(here, HUB).source(EnvCredentials::new()))
        })
        .variables(&KEYS)
        .assumed_at_sts(HUB, CALLER, FIRST),
        case("agency of another account, through STS", "two agencies through STS", |here| {
            Box::new(at_sts(here, SPOKE).source(at_sts(here, HUB).source(caller())))
        })
        .assumed_at_sts(HUB, CALLER, FIRST)
        .assumed_at_sts(SPOKE, FIRST, SECOND)
        .acts_as(SECOND),
        case("agency of another account, through STS", "agencies through IAM and STS", |here| {
            Box::new(at_sts(here, SPOKE).source(at_iam(here).source(caller())))
        })
        .assumed_at_iam(CALLER, FIRST)
        .assumed_at_sts(SPOKE, FIRST, SECOND)
        .acts_as(SECOND),
        case("the first of several", "chain", |here| {
            let chain = CredentialsChain::new().then(EnvCredentials::new()).then(ProfileCredentials::new());
            Box::new(chain.then(MetadataCredentials::new().endpoint(&here.service)).then(caller()))
        })
        .metadata(),
        case("profile of KooCLI", "KooCLI, AKSK", |_| Box::new(KooCliCredentials::new()))
            .file(".hcloud/config.json", koocli("AKSK"))
            .acts_as(CALLER)
            .in_project("p-koocli"),
        case("profile of KooCLI", "KooCLI, SSO", |_| Box::new(KooCliCredentials::new().profile("audit")))
            .file(".hcloud/config.json", koocli("SSO"))
            .in_project("p-koocli"),
        case("profile of KooCLI", "KooCLI, ecsAgency", |_| Box::new(KooCliCredentials::new()))
            .file(".hcloud/config.json", koocli("ecsAgency"))
            .metadata()
            .in_project("p-koocli"),
        case("variables of Terraform", "Terraform", |_| Box::new(EnvCredentials::terraform()))
            .variables(&[
                ("HW_ACCESS_KEY", CALLER),
                ("HW_SECRET_KEY", "sentinel-secret-of-caller"),
                ("HW_PROJECT_ID", "p-terraform"),
                ("OS_ACCESS_KEY", "OTHER"),
            ])
            .acts_as(CALLER)
            .in_project("p-terraform"),
        case("variables of Terraform", "Terraform with OpenStack's", |_| Box::new(EnvCredentials::terraform()))
            .variables(&[("OS_ACCESS_KEY", CALLER), ("OS_SECRET_KEY", "sentinel-secret-of-caller")])
            .acts_as(CALLER),
        case("variables of OpenStack", "OpenStack", |_| Box::new(EnvCredentials::openstack()))
            .variables(&[
                ("OS_ACCESS_KEY", FIRST),
                ("OS_SECRET_KEY", "sentinel-secret-ISSUEDACCESSKEY00001"),
                ("OS_SECURITY_TOKEN", "sentinel-ISSUEDACCESSKEY00001"),
                ("OS_PROJECT_ID", "p-openstack"),
                ("HW_ACCESS_KEY", "OTHER"),
            ])
            .in_project("p-openstack"),
        case("your own", "vault", |here| Box::new(CachedCredentials::new(Vault(here.service.clone()))))
            .exchange("GET /v1/secret", Value::Null, response(200, "sentinel-secret-of-caller"))
            .acts_as(CALLER),
        with_default("default: OIDC").variables(&OIDC_VARIABLES).variables(&KEYS).oidc(),
        with_default("default: environment").variables(&KEYS).variables(&POD).acts_as(CALLER),
        with_default("default: federation").variables(&IDP).variables(&KEYS).federation(),
        with_default("default: profile")
            .file(".huaweicloud/credentials", format!("[basic]\nak = {CALLER}\nsk = sentinel-secret-of-caller\n"))
            .variables(&POD)
            .acts_as(CALLER),
        with_default("default: metadata").variables(&POD).metadata(),
        with_default("default: pod")
            .variables(&POD)
            .exchange(METADATA_TOKEN, Value::Null, response(404, ""))
            .exchange(METADATA_KEY, Value::Null, response(404, ""))
            .pod(),
    ]
}
