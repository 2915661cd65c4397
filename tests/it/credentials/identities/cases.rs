//! The identities of the guide: what each is set up with, what is sent for it, and as whom CTS is called.

use huaweicloud_cts::BoxFuture;
use huaweicloud_cts::credentials::{
    AgencyAccount, AssumeAgency, CachedCredentials, Credentials, CredentialsChain, CredentialsContext,
    CredentialsError, DefaultCredentials, EnvCredentials, FederatedCredentials, KooCliCredentials, MetadataCredentials,
    OidcCredentials, PodIdentityCredentials, ProfileCredentials, ProvideCredentials,
};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::Here;
use crate::support::service::response;

type Provider = Box<dyn ProvideCredentials>;

pub(super) struct Case {
    /// The first column of the guide's table.
    pub(super) row: &'static str,
    pub(super) name: &'static str,
    pub(super) provider: fn(&Here) -> Provider,
    pub(super) variables: Vec<(&'static str, &'static str)>,
    /// Files in the home directory.
    pub(super) files: Vec<(&'static str, String)>,
    pub(super) responses: Vec<ResponseTemplate>,
    /// The requests for the credentials, in one line each, and their bodies.
    pub(super) sent: Vec<(String, Value)>,
    /// The access key of the call.
    pub(super) acts_as: &'static str,
    pub(super) project: &'static str,
    /// The project is that of the credentials; otherwise the client is given it.
    pub(super) has_own_project: bool,
}

const CALLER: &str = "CALLERACCESSKEY00001";
const FIRST: &str = "ISSUEDACCESSKEY00001";
const SECOND: &str = "ISSUEDACCESSKEY00002";

/// Everybody who signs a request in a case.
pub(super) fn known() -> Vec<Credentials> {
    let issued = |access_key: &str| {
        Credentials::new(access_key, format!("sentinel-secret-{access_key}"))
            .security_token(format!("sentinel-{access_key}"))
    };
    vec![caller(), issued("TOKENACCESSKEY000001"), issued(FIRST), issued(SECOND)]
}

fn caller() -> Credentials {
    Credentials::new(CALLER, "sentinel-secret-of-caller")
}

fn case(row: &'static str, name: &'static str, provider: fn(&Here) -> Provider) -> Case {
    Case {
        row,
        name,
        provider,
        variables: Vec::new(),
        files: Vec::new(),
        responses: Vec::new(),
        sent: Vec::new(),
        acts_as: FIRST,
        project: "p1",
        has_own_project: false,
    }
}

impl Case {
    fn variables(mut self, variables: &[(&'static str, &'static str)]) -> Self {
        self.variables.extend(variables);
        self
    }

    fn file(mut self, name: &'static str, contents: impl ToString) -> Self {
        self.files.push((name, contents.to_string()));
        self
    }

    /// Expects a request, and its response.
    fn exchange(mut self, sent: impl Into<String>, body: Value, response: ResponseTemplate) -> Self {
        self.sent.push((sent.into(), body));
        self.responses.push(response);
        self
    }

    fn acts_as(self, acts_as: &'static str) -> Self {
        Self { acts_as, ..self }
    }

    fn in_project(self, project: &'static str) -> Self {
        Self { project, has_own_project: true, ..self }
    }
}

/// The response of IAM and of the metadata service.
fn of_iam(status: u16, access_key: &str) -> ResponseTemplate {
    let credential = json!({
        "access": access_key, "secret": format!("sentinel-secret-{access_key}"),
        "securitytoken": format!("sentinel-{access_key}"), "expires_at": "2126-01-08T02:56:19.587000Z",
    });
    response(status, json!({ "credential": credential }).to_string())
}

fn of_sts(access_key: &str) -> ResponseTemplate {
    let credentials = json!({
        "access_key_id": access_key, "secret_access_key": format!("sentinel-secret-{access_key}"),
        "security_token": format!("sentinel-{access_key}"), "expiration": "2126-09-07T03:27:51.158Z",
    });
    let agency = json!({"id": "a1:ci", "urn": "sts::a1:assumed-agency:agency/ci"});
    response(200, json!({ "assumed_agency": agency, "credentials": credentials }).to_string())
}

/// The response of a pod's agent.
fn of_agent() -> ResponseTemplate {
    let credentials = json!({
        "accessKeyId": FIRST, "secretAccessKey": format!("sentinel-secret-{FIRST}"),
        "securityToken": format!("sentinel-{FIRST}"), "expiration": "2126-01-08T03:50:07.574000Z",
    });
    response(200, json!({ "audience": "service.cce.pods", "credentials": credentials }).to_string())
}

const METADATA_TOKEN: &str = "PUT /meta-data/latest/api/token x-metadata-token-ttl-seconds: 21600";
const METADATA_KEY: &str = "GET /openstack/latest/securitykey";
const OIDC: &str = "POST /v5/agencies/assume-with-oidc";

/// The variables of OIDC, and the same in the program.
const OIDC_VARIABLES: [(&str, &str); 4] = [
    ("HUAWEICLOUD_OIDC_PROVIDER_URN", "iam::a1:oidcProvider:ci"),
    ("HUAWEICLOUD_OIDC_AGENCY_URN", "iam::a1:agency:audit"),
    ("HUAWEICLOUD_OIDC_TOKEN_FILE", "{home}/id-token"),
    ("HUAWEICLOUD_SDK_STS_ENDPOINT", "{service}"),
];

fn oidc_body() -> Value {
    json!({
        "provider_urn": "iam::a1:oidcProvider:ci", "agency_urn": "iam::a1:agency:audit",
        "agency_session_name": "oidc-sts-session", "id_token": "sentinel-id-token", "duration_seconds": 3600,
    })
}

const KEYS: [(&str, &str); 2] = [("HUAWEICLOUD_SDK_AK", CALLER), ("HUAWEICLOUD_SDK_SK", "sentinel-secret-of-caller")];

const IDP: [(&str, &str); 3] = [
    ("HUAWEICLOUD_SDK_IDP_ID", "idp"),
    ("HUAWEICLOUD_SDK_ID_TOKEN_FILE", "{home}/id-token"),
    ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "{service}"),
];

const POD: [(&str, &str); 2] = [
    ("HC_CONTAINER_CREDENTIALS_FULL_URI", "{service}/v1/credentials"),
    ("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{home}/id-token"),
];

impl Case {
    fn id_token(self) -> Self {
        self.file("id-token", "\n sentinel-id-token \r\n")
    }

    /// A server that issues tokens.
    fn metadata(self) -> Self {
        self.exchange(METADATA_TOKEN, Value::Null, response(200, "sentinel-metadata-token")).exchange(
            format!("{METADATA_KEY} x-metadata-token: sentinel-metadata-token"),
            Value::Null,
            of_iam(200, FIRST),
        )
    }

    /// The two steps of IAM's exchange.
    fn federation(self) -> Self {
        self.id_token()
            .exchange(
                "POST /v3.0/OS-AUTH/id-token/tokens x-idp-id: idp",
                json!({"auth": {"id_token": {"id": "sentinel-id-token"}}}),
                response(201, "{}").insert_header("X-Subject-Token", "sentinel-subject-token"),
            )
            .exchange(
                "POST /v3.0/OS-CREDENTIAL/securitytokens",
                json!({"auth": {"identity": {
                    "methods": ["token"], "token": {"id": "sentinel-subject-token", "duration_seconds": 21600},
                }}}),
                of_iam(201, FIRST),
            )
    }

    fn oidc(self) -> Self {
        self.id_token().exchange(OIDC, oidc_body(), of_sts(FIRST))
    }

    fn pod(self) -> Self {
        self.id_token().exchange("POST /v1/credentials authorization: sentinel-id-token", json!({}), of_agent())
    }

    /// An agency that is assumed through IAM, by the account's name.
    fn assumed_at_iam(self, by: &str, access_key: &str) -> Self {
        self.exchange(
            format!("POST /v3.0/OS-CREDENTIAL/securitytokens signed by {by}"),
            json!({"auth": {"identity": {"methods": ["assume_role"], "assume_role": {
                "agency_name": "auditor", "domain_name": "customer", "duration_seconds": 3600,
            }}}}),
            of_iam(201, access_key),
        )
    }

    fn assumed_at_sts(self, urn: &str, by: &str, access_key: &str) -> Self {
        self.exchange(
            format!("POST /v5/agencies/assume signed by {by}"),
            json!({"agency_urn": urn, "agency_session_name": "ci", "duration_seconds": 3600}),
            of_sts(access_key),
        )
    }
}

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
    fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(async move {
            let request = http::Request::get(format!("{}/v1/secret", self.0)).body(bytes::Bytes::new()).unwrap();
            let response = context.transport().unwrap().send(request).await.unwrap();
            let secret = std::str::from_utf8(response.body()).unwrap();
            Ok(Credentials::new(CALLER, secret))
        })
    }
}

/// The provider of each case, and what it is set up with.
pub(super) fn cases() -> Vec<Case> {
    let with_default = |name| case("the default search", name, |_| Box::new(DefaultCredentials::new()));
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
