//! Credentials of an agency for an id token, from STS.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde::Serialize;
use zeroize::Zeroizing;

use super::cache::Key;
use super::http::{Http, Wiped, request, secret_json, succeeded};
use super::token_file::TokenFile;
use super::{
    CachedCredentials, Credentials, CredentialsContext, CredentialsError, ProvideCredentials, answer, check, sts,
};
use crate::BoxFuture;
use crate::endpoint::{Endpoint, without_secrets};
use crate::region::Region;
use crate::transport::{Route, Transport};

const LIMIT: Duration = Duration::from_secs(15);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const HOUR: Duration = Duration::from_secs(3600);

const PROVIDER: &str = "HUAWEICLOUD_OIDC_PROVIDER_URN";
const AGENCY: &str = "HUAWEICLOUD_OIDC_AGENCY_URN";
const TOKEN: &str = "HUAWEICLOUD_OIDC_ID_TOKEN";
const TOKEN_FILE: &str = "HUAWEICLOUD_OIDC_TOKEN_FILE";
const SESSION: &str = "HUAWEICLOUD_OIDC_SESSION_NAME";
const DURATION: &str = "HUAWEICLOUD_OIDC_DURATION_SECONDS";
const POLICY: &str = "HUAWEICLOUD_OIDC_POLICY";
const POLICY_IDS: &str = "HUAWEICLOUD_OIDC_POLICY_IDS";

/// What the official SDKs call the session unless told otherwise.
const DEFAULT_SESSION: &str = "oidc-sts-session";

/// Temporary credentials that STS gives for an OIDC id token, such as a CI job or a pod has one: no secret key is stored
/// anywhere.
///
/// The token is exchanged at STS (`POST /v5/agencies/assume-with-oidc`) for credentials of an agency that trusts the identity
/// provider. The request is not signed; the token speaks for itself. A file with the token is read at each exchange, so it can be
/// replaced at any time. The credentials are [cached](CachedCredentials) and renewed before they expire.
///
/// STS exists in 12 regions of Huawei Cloud, and not on Open Telekom Cloud. The region is that of
/// [`region`](Self::region), or the client's; a region without STS is an error, because a token is not sent to another region.
/// For IAM's own exchange, see [`FederatedCredentials`](super::FederatedCredentials).
///
/// ```
/// use huaweicloud_cts::credentials::OidcCredentials;
///
/// let provider = OidcCredentials::new(
///     "iam::d78cbac186b744899480f25bd022f468:oidcProvider:github",
///     "iam::d78cbac186b744899480f25bd022f468:agency:ci",
///     "/var/run/secrets/tokens/oidc",
/// )
/// .region("cn-north-4");
/// ```
///
/// # Environment
///
/// [`from_env`](Self::from_env) reads the variables of the newest official SDK, each time that it needs credentials:
///
/// | variable | meaning |
/// |---|---|
/// | `HUAWEICLOUD_OIDC_PROVIDER_URN`, `HUAWEICLOUD_OIDC_AGENCY_URN` | the identity provider and the agency, both required |
/// | `HUAWEICLOUD_OIDC_ID_TOKEN`, or else `HUAWEICLOUD_OIDC_TOKEN_FILE` | the token, or the file with it; one is required |
/// | `HUAWEICLOUD_OIDC_SESSION_NAME` | the session, `oidc-sts-session` unless set |
/// | `HUAWEICLOUD_OIDC_DURATION_SECONDS` | how long the credentials are valid, 3600 unless set |
/// | `HUAWEICLOUD_OIDC_POLICY`, `HUAWEICLOUD_OIDC_POLICY_IDS` | a policy, and ids of policies with commas between them |
/// | `HUAWEICLOUD_SDK_STS_ENDPOINT` | the endpoint of STS |
///
/// Source: Huawei Cloud's STS API reference, September 2026, and the official Python SDK 3.1.219.
#[derive(Debug)]
pub struct OidcCredentials(CachedCredentials<Oidc>);

struct Oidc {
    /// `None`: the environment has it.
    identity: Option<Identity>,
    endpoint: Option<String>,
    region: Option<Region>,
    project_id: Option<String>,
    http: Http,
}

/// Who asks for what.
struct Identity {
    provider_urn: String,
    agency_urn: String,
    token: Token,
    session: String,
    duration: u64,
    policy: Option<String>,
    policy_ids: Vec<String>,
}

enum Token {
    Given(Zeroizing<String>),
    File(TokenFile),
}

impl Token {
    fn of_file(path: impl Into<PathBuf>) -> Self {
        Self::File(TokenFile::new("id token", path))
    }

    fn get(&self) -> Result<Zeroizing<String>, CredentialsError> {
        match self {
            Self::Given(token) => check("id token", token).map(|()| token.clone()),
            Self::File(file) => file.token(),
        }
    }
}

impl OidcCredentials {
    /// Exchanges the token in a file. The URNs are `iam::<account id>:oidcProvider:<name>` and
    /// `iam::<account id>:agency:<name>`. Reads and asks nothing yet.
    #[must_use]
    pub fn new(
        provider_urn: impl Into<String>,
        agency_urn: impl Into<String>,
        id_token_file: impl Into<PathBuf>,
    ) -> Self {
        Self::of(Some(Identity {
            provider_urn: provider_urn.into(),
            agency_urn: agency_urn.into(),
            token: Token::of_file(id_token_file),
            session: DEFAULT_SESSION.to_owned(),
            duration: HOUR.as_secs(),
            policy: None,
            policy_ids: Vec::new(),
        }))
    }

    /// Exchanges the token that the environment names. Reads and asks nothing yet. Without the variables the provider is not
    /// configured, and a chain asks the next one.
    #[must_use]
    pub fn from_env() -> Self {
        Self::of(None)
    }

    fn of(identity: Option<Identity>) -> Self {
        let http = Http::new(CONNECT_LIMIT, Route::System);
        Self(CachedCredentials::new(Oidc { identity, endpoint: None, region: None, project_id: None, http }))
    }

    /// Names the session: 2 to 128 letters, digits and `_+=,.@-`. `oidc-sts-session` unless set. From the environment, the
    /// variables decide.
    #[must_use]
    pub fn session(self, session: impl Into<String>) -> Self {
        self.with_identity(|identity| identity.session = session.into())
    }

    /// Sets how long the credentials are valid, in whole seconds: one hour unless set. From the environment, the variables
    /// decide.
    #[must_use]
    pub fn duration(self, duration: Duration) -> Self {
        self.with_identity(|identity| identity.duration = duration.as_secs())
    }

    /// Restricts the credentials to what both the agency and this policy, of version 5.0, allow. From the environment, the
    /// variables decide.
    #[must_use]
    pub fn policy(self, policy: &serde_json::Value) -> Self {
        self.with_identity(|identity| identity.policy = Some(policy.to_string()))
    }

    /// Sets the endpoint of STS, such as `https://sts.cn-north-4.myhuaweicloud.com`.
    #[must_use]
    pub fn endpoint(self, endpoint: impl Into<String>) -> Self {
        self.with(|oidc| oidc.endpoint = Some(endpoint.into()))
    }

    /// Sets the region whose STS is asked, unless an endpoint is set. Unless set, it is that of the client.
    #[must_use]
    pub fn region(self, region: impl Into<Region>) -> Self {
        self.with(|oidc| oidc.region = Some(region.into()))
    }

    /// Sets the [project](Credentials::project_id) that the credentials are for.
    #[must_use]
    pub fn project_id(self, id: impl Into<String>) -> Self {
        self.with(|oidc| oidc.project_id = Some(id.into()))
    }

    /// Sets how requests are sent, in place of the client's transport.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        self.with(|oidc| oidc.http.transport = Some(Arc::new(transport)))
    }

    fn with_identity(self, change: impl FnOnce(&mut Identity)) -> Self {
        self.with(|oidc| oidc.identity.as_mut().map_or((), change))
    }

    fn with(self, change: impl FnOnce(&mut Oidc)) -> Self {
        let mut oidc = self.0.into_inner();
        change(&mut oidc);
        Self(CachedCredentials::new(oidc))
    }
}

impl ProvideCredentials for OidcCredentials {
    fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        // What the service refused may have been exchanged for a token that has been replaced since.
        if self.0.is_refused() && self.0.provider().has_other_token() {
            self.0.ask_again();
        }
        Box::pin(self.0.get(Key::of(context), context))
    }

    /// Checks the settings, and that the STS of the region is known. Neither reads the file nor sends a request.
    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        self.0.check(context)
    }

    fn refused(&self, credentials: &Credentials) {
        self.0.refused(credentials);
    }

    fn name(&self) -> &str {
        self.0.name()
    }
}

#[derive(Serialize)]
struct Body<'i> {
    provider_urn: &'i str,
    agency_urn: &'i str,
    agency_session_name: &'i str,
    id_token: &'i str,
    duration_seconds: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'i str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    policy_ids: &'i [String],
}

impl Oidc {
    async fn load(&self, context: &CredentialsContext) -> Result<Credentials, CredentialsError> {
        let of_environment;
        let identity = if let Some(identity) = &self.identity {
            identity
        } else {
            of_environment = from_environment(|name| std::env::var_os(name))?;
            &of_environment
        };
        identity.check()?;
        let endpoint = self.endpoint(context)?;
        let transport = self.http.transport(context)?;
        let id_token = identity.token.get()?;
        let body = Body {
            provider_urn: &identity.provider_urn,
            agency_urn: &identity.agency_urn,
            agency_session_name: &identity.session,
            id_token: &id_token,
            duration_seconds: identity.duration,
            policy: identity.policy.as_deref(),
            policy_ids: &identity.policy_ids,
        };
        let body = secret_json(&body, &id_token)?;
        let posted = request(Method::POST, &endpoint, "/v5/agencies/assume-with-oidc", [], body.0.clone())?;
        let response = succeeded(transport, posted, LIMIT, "STS did not take the id token").await?;
        let response = Wiped(response.into_body());
        let credentials = answer::keys(&response.0)
            .map_err(|reason| CredentialsError::failed("the response of STS can't be used", reason))?;
        Ok(match &self.project_id {
            Some(id) => credentials.with_project_id(id),
            None => credentials,
        })
    }

    fn endpoint(&self, context: &CredentialsContext) -> Result<Endpoint, CredentialsError> {
        sts::endpoint(self.endpoint.as_deref(), self.region.as_ref().or_else(|| context.region()))
    }

    fn has_other_token(&self) -> bool {
        match &self.identity {
            Some(Identity { token: Token::File(file), .. }) => file.has_changed(),
            Some(_) => false,
            // The environment may name another one by now.
            None => true,
        }
    }
}

impl Identity {
    fn check(&self) -> Result<(), CredentialsError> {
        for (what, kind, urn) in
            [("identity provider", "oidcProvider", &self.provider_urn), ("agency", "agency", &self.agency_urn)]
        {
            let parts = urn.strip_prefix("iam::").and_then(|rest| rest.split_once(':'));
            let is_urn = parts.is_some_and(|(account, rest)| {
                let name = rest.strip_prefix(kind).and_then(|rest| rest.strip_prefix(':'));
                !account.is_empty() && name.is_some_and(|name| !name.is_empty())
            });
            if !is_urn {
                return Err(CredentialsError::invalid(format!(
                    "the URN of the {what} has not the form iam::<account id>:{kind}:<name>"
                )));
            }
        }
        if self.duration == 0 {
            return Err(CredentialsError::invalid("the credentials are asked for less than a second"));
        }
        Ok(())
    }
}

/// Reads the variables. Not configured without any of the required ones; a part of them is an error.
fn from_environment(variable: impl Fn(&str) -> Option<OsString>) -> Result<Identity, CredentialsError> {
    let read = |name: &str| match variable(name).filter(|value| !value.is_empty()).map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some(value)),
        Some(Err(_)) => Err(CredentialsError::invalid(format!("{name} is not UTF-8"))),
    };
    let token = match (read(TOKEN)?, variable(TOKEN_FILE).filter(|path| !path.is_empty())) {
        (Some(token), _) => Some(Token::Given(Zeroizing::new(token.trim().to_owned()))),
        (None, file) => file.map(Token::of_file),
    };
    let (provider_urn, agency_urn, token) = match (read(PROVIDER)?, read(AGENCY)?, token) {
        (Some(provider), Some(agency), Some(token)) => (provider, agency, token),
        (None, None, None) => {
            return Err(CredentialsError::not_configured(format!("{PROVIDER} and {AGENCY} are not set")));
        }
        (provider, agency, token) => {
            let missing = [
                (provider.is_none(), PROVIDER.to_owned()),
                (agency.is_none(), AGENCY.to_owned()),
                (token.is_none(), format!("{TOKEN} or {TOKEN_FILE}")),
            ];
            let missing: Vec<_> =
                missing.into_iter().filter_map(|(is_missing, name)| is_missing.then_some(name)).collect();
            return Err(CredentialsError::invalid(format!(
                "an id token is to be exchanged at STS, but not everything is set: set {} too",
                missing.join(" and ")
            )));
        }
    };
    let duration = match read(DURATION)? {
        None => HOUR.as_secs(),
        Some(seconds) => seconds
            .trim()
            .parse()
            .map_err(|_| CredentialsError::invalid(format!("{DURATION} is not a number of seconds")))?,
    };
    let ids = read(POLICY_IDS)?.unwrap_or_default();
    Ok(Identity {
        provider_urn: provider_urn.trim().to_owned(),
        agency_urn: agency_urn.trim().to_owned(),
        token,
        session: read(SESSION)?.unwrap_or_else(|| DEFAULT_SESSION.to_owned()),
        duration,
        policy: read(POLICY)?,
        policy_ids: ids.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect(),
    })
}

impl ProvideCredentials for Oidc {
    fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.load(context))
    }

    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        match &self.identity {
            Some(identity) => identity.check()?,
            None => from_environment(|name| std::env::var_os(name))?.check()?,
        }
        self.endpoint(context).map(drop)
    }

    fn name(&self) -> &'static str {
        "OIDC"
    }
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Oidc");
        match &self.identity {
            None => shown.field("identity", &format_args!("of the environment")),
            Some(Identity { provider_urn, agency_urn, token, session, duration, .. }) => {
                shown.field("provider_urn", provider_urn).field("agency_urn", agency_urn);
                match token {
                    Token::Given(_) => shown.field("token", &format_args!("[redacted]")),
                    Token::File(file) => shown.field("token", file),
                };
                shown.field("session", session).field("duration_seconds", duration)
            }
        };
        shown
            .field("endpoint", &self.endpoint.as_deref().map(without_secrets))
            .field("region", &self.region)
            .field("project_id", &self.project_id)
            .field("http", &self.http)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::CredentialsErrorKind;

    fn of(variables: &[(&str, &str)]) -> Result<Identity, CredentialsError> {
        from_environment(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
    }

    const ALL: [(&str, &str); 3] =
        [(PROVIDER, "iam::a:oidcProvider:p"), (AGENCY, "iam::a:agency:g"), (TOKEN_FILE, "/run/token")];

    #[test]
    fn the_environment_sets_everything_and_a_part_of_it_is_an_error() {
        assert_eq!(of(&[]).err().unwrap().kind(), CredentialsErrorKind::NotConfigured);
        assert_eq!(of(&[(PROVIDER, ""), (SESSION, "s")]).err().unwrap().kind(), CredentialsErrorKind::NotConfigured);
        for (left_out, named) in [(0, PROVIDER), (1, AGENCY), (2, TOKEN_FILE)] {
            let mut some = ALL.to_vec();
            some.remove(left_out);
            let error = of(&some).err().unwrap();
            assert_eq!(error.kind(), CredentialsErrorKind::Invalid);
            assert!(error.to_string().contains(named), "{error}");
        }
        let bare = of(&ALL).unwrap();
        assert_eq!((bare.session.as_str(), bare.duration), ("oidc-sts-session", 3600));
        let more = [(SESSION, "s"), (DURATION, " 900 "), (POLICY, "{}"), (POLICY_IDS, "a, b,,")];
        let full = of(&[&ALL[..], &more].concat()).unwrap();
        assert_eq!((full.session.as_str(), full.duration, full.policy_ids.len()), ("s", 900, 2));
        assert!(of(&[&ALL[..], &[(DURATION, "1h")]].concat()).is_err());
        let both = of(&[&ALL[..], &[(TOKEN, "\nt\n")]].concat()).unwrap();
        assert_eq!(both.token.get().unwrap().as_str(), "t", "the token itself is preferred to the file");
    }

    #[test]
    fn a_urn_of_another_form_is_refused() {
        for (provider, agency, part) in [
            ("github", "iam::a:agency:g", "identity provider"),
            ("iam::a:oidcProvider:", "iam::a:agency:g", "identity provider"),
            ("iam::a:samlProvider:p", "iam::a:agency:g", "oidcProvider"),
            ("iam::a:oidcProvider:p", "iam::a:user:u", "agency"),
            ("iam::a:oidcProvider:p", "iam:::agency:g", "agency"),
        ] {
            let error = of(&[(PROVIDER, provider), (AGENCY, agency), (TOKEN, "t")]).unwrap().check().unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
