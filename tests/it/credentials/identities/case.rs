//! A case: what it is set up with, and the exchanges with the service that it expects.

use huaweicloud_cts::credentials::{Credentials, ProvideCredentials};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::Here;
use crate::support::service::response;

pub(super) type Provider = Box<dyn ProvideCredentials>;

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

pub(super) const CALLER: &str = "CALLERACCESSKEY00001";
pub(super) const FIRST: &str = "ISSUEDACCESSKEY00001";
pub(super) const SECOND: &str = "ISSUEDACCESSKEY00002";

/// Everybody who signs a request in a case.
pub(super) fn known() -> Vec<Credentials> {
    let issued = |access_key: &str| {
        Credentials::new(access_key, format!("sentinel-secret-{access_key}"))
            .security_token(format!("sentinel-{access_key}"))
    };
    vec![caller(), issued(FIRST), issued(SECOND)]
}

pub(super) fn caller() -> Credentials {
    Credentials::new(CALLER, "sentinel-secret-of-caller")
}

pub(super) fn case(row: &'static str, name: &'static str, provider: fn(&Here) -> Provider) -> Case {
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
    pub(super) fn variables(mut self, variables: &[(&'static str, &'static str)]) -> Self {
        self.variables.extend(variables);
        self
    }

    pub(super) fn file(mut self, name: &'static str, contents: impl ToString) -> Self {
        self.files.push((name, contents.to_string()));
        self
    }

    /// Expects a request, and its response.
    pub(super) fn exchange(
        mut self,
        sent: impl Into<String>,
        body: Value,
        response: ResponseTemplate,
    ) -> Self {
        self.sent.push((sent.into(), body));
        self.responses.push(response);
        self
    }

    pub(super) fn acts_as(self, acts_as: &'static str) -> Self {
        Self { acts_as, ..self }
    }

    pub(super) fn in_project(self, project: &'static str) -> Self {
        Self { project, has_own_project: true, ..self }
    }
}

/// The response of IAM and of the metadata service.
pub(super) fn of_iam(status: u16, access_key: &str) -> ResponseTemplate {
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

pub(super) const METADATA_TOKEN: &str =
    "PUT /meta-data/latest/api/token x-metadata-token-ttl-seconds: 21600";
pub(super) const METADATA_KEY: &str = "GET /openstack/latest/securitykey";
const OIDC: &str = "POST /v5/agencies/assume-with-oidc";

fn oidc_body() -> Value {
    json!({
        "provider_urn": "iam::a1:oidcProvider:ci", "agency_urn": "iam::a1:agency:audit",
        "agency_session_name": "oidc-sts-session", "id_token": "sentinel-id-token", "duration_seconds": 3600,
    })
}

impl Case {
    fn id_token(self) -> Self {
        self.file("id-token", "\n sentinel-id-token \r\n")
    }

    /// A server that issues tokens.
    pub(super) fn metadata(self) -> Self {
        self.exchange(METADATA_TOKEN, Value::Null, response(200, "sentinel-metadata-token"))
            .exchange(
                format!("{METADATA_KEY} x-metadata-token: sentinel-metadata-token"),
                Value::Null,
                of_iam(200, FIRST),
            )
    }

    /// The two steps of IAM's exchange.
    pub(super) fn federation(self) -> Self {
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

    pub(super) fn oidc(self) -> Self {
        self.id_token().exchange(OIDC, oidc_body(), of_sts(FIRST))
    }

    pub(super) fn pod(self) -> Self {
        self.id_token().exchange(
            "POST /v1/credentials authorization: sentinel-id-token",
            json!({}),
            of_agent(),
        )
    }

    /// An agency that is assumed through IAM, by the account's name.
    pub(super) fn assumed_at_iam(self, by: &str, access_key: &str) -> Self {
        self.exchange(
            format!("POST /v3.0/OS-CREDENTIAL/securitytokens signed by {by}"),
            json!({"auth": {"identity": {"methods": ["assume_role"], "assume_role": {
                "agency_name": "auditor", "domain_name": "customer", "duration_seconds": 3600,
            }}}}),
            of_iam(201, access_key),
        )
    }

    pub(super) fn assumed_at_sts(self, urn: &str, by: &str, access_key: &str) -> Self {
        self.exchange(
            format!("POST /v5/agencies/assume signed by {by}"),
            json!({"agency_urn": urn, "agency_session_name": "ci", "duration_seconds": 3600}),
            of_sts(access_key),
        )
    }
}
