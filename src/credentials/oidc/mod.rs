//! Credentials that STS returns for an OIDC id token.

mod identity;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde::Serialize;

use self::identity::{DEFAULT_SESSION, HOUR, Identity, Token, from_environment};
use super::cache::{Key, by_cache};
use super::http::{Http, request, secret_json};
use super::own::Own;
use super::scope::Scope;
use super::step::Step;
use super::{
    CachedCredentials, Credentials, CredentialsContext, CredentialsError, ProvideCredentials,
};
use crate::BoxFuture;
use crate::region::Region;
use crate::transport::{Route, Transport};

const LIMIT: Duration = Duration::from_secs(15);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

const EXCHANGE: Step = Step {
    failure: "STS did not exchange the id token",
    remedy: "check both URNs and the duration, that the token has not expired, and that the agency's trust policy allows its \
             issuer, audience and subject",
};

/// Temporary credentials that STS returns for an OIDC id token, such as that of a CI job or a pod.
/// No secret key is stored anywhere.
///
/// The token is exchanged at STS (`POST /v5/agencies/assume-with-oidc`) for credentials of an
/// agency that trusts the identity provider. The request is not signed. A file with the token is
/// read at each exchange, so it can be replaced at any time. The credentials are
/// [cached](CachedCredentials) and renewed before they expire. If CTS refuses them, the token is
/// exchanged again.
///
/// STS exists in 12 regions of Huawei Cloud, and not on Open Telekom Cloud. The region is that of
/// [`region`](Self::region), or the client's; a region without STS is an error, because a token is
/// not sent to another region.
///
/// A setting that can't be right, and a token that is missing or malformed, are
/// [invalid](super::CredentialsErrorKind::Invalid); an exchange that fails is
/// [`Failed`](super::CredentialsErrorKind::Failed), with the host, the status and what to do.
///
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
/// [`from_env`](Self::from_env) reads the variables of the newest official SDK, at each exchange.
/// If neither the URNs nor a token are set, the provider is
/// [not configured](super::CredentialsErrorKind::NotConfigured); if only some are, that is an
/// error.
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
#[derive(Clone, Debug)]
pub struct OidcCredentials(CachedCredentials<Oidc>);

#[derive(Clone)]
struct Oidc {
    /// `None` if it is read from the environment.
    identity: Option<Identity>,
    own: Own,
    scope: Scope,
    http: Http,
}

impl OidcCredentials {
    /// Exchanges the token in a file. The URNs are `iam::<account id>:oidcProvider:<name>` and
    /// `iam::<account id>:agency:<name>`. Reads and sends nothing yet.
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

    /// Exchanges the token that the environment names. Reads and sends nothing yet. Without the
    /// variables the provider is not configured, and a chain asks the next one.
    #[must_use]
    pub fn from_env() -> Self {
        Self::of(None)
    }

    fn of(identity: Option<Identity>) -> Self {
        let http = Http::new(CONNECT_LIMIT, Route::System);
        Self(CachedCredentials::new(Oidc {
            identity,
            own: Own::default(),
            scope: Scope::default(),
            http,
        }))
    }

    /// Names the session: 2 to 128 letters, digits and `_+=,.@-`. `oidc-sts-session` unless set.
    /// With [`from_env`](Self::from_env), the variables decide.
    #[must_use]
    pub fn session(self, session: impl Into<String>) -> Self {
        self.with_identity(|identity| identity.session = session.into())
    }

    /// Sets how long the credentials are valid, in whole seconds: one hour unless set. With
    /// [`from_env`](Self::from_env), the variables decide.
    ///
    /// ```
    /// use std::time::Duration;
    /// use huaweicloud_cts::credentials::OidcCredentials;
    ///
    /// let provider = OidcCredentials::new("iam::a1:oidcProvider:ci", "iam::a1:agency:audit", "/run/token")
    ///     .session("nightly")
    ///     .duration(Duration::from_secs(900));
    /// ```
    #[must_use]
    pub fn duration(self, duration: Duration) -> Self {
        self.with_identity(|identity| identity.duration = duration.as_secs())
    }

    /// Restricts the credentials to what both the agency and this policy, of version 5.0, allow.
    /// With [`from_env`](Self::from_env), the variables decide.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::OidcCredentials;
    /// use serde_json::json;
    ///
    /// let read_only = json!({
    ///     "Version": "5.0",
    ///     "Statement": [{"Effect": "Allow", "Action": ["cts:notification:list"]}],
    /// });
    /// let provider = OidcCredentials::new("iam::a1:oidcProvider:ci", "iam::a1:agency:audit", "/run/token").policy(&read_only);
    /// ```
    #[must_use]
    pub fn policy(self, policy: &serde_json::Value) -> Self {
        self.with_identity(|identity| identity.policy = Some(policy.to_string()))
    }

    /// Sets the endpoint of STS, such as `https://sts.cn-north-4.myhuaweicloud.com`. It takes
    /// precedence over everything else.
    #[must_use]
    pub fn endpoint(self, endpoint: impl Into<String>) -> Self {
        self.with(|oidc| oidc.own.endpoint = Some(endpoint.into()))
    }

    /// Sets the region whose STS is used if no endpoint is set. It takes precedence over
    /// `HUAWEICLOUD_SDK_STS_ENDPOINT`. By default, it is the region of the client, over which the
    /// variable takes precedence.
    #[must_use]
    pub fn region(self, region: impl Into<Region>) -> Self {
        self.with(|oidc| oidc.own.region = Some(region.into()))
    }

    /// Sets the [project](Credentials::project_id) that the credentials are for.
    #[must_use]
    pub fn project_id(self, id: impl Into<String>) -> Self {
        self.with(|oidc| oidc.scope.project_id = Some(id.into()))
    }

    /// Sets the transport, in place of the client's.
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
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        // The refused credentials may be from a token that has been replaced since.
        if self.0.is_refused() && self.0.provider().has_other_token() {
            self.0.end_pause();
        }
        Box::pin(self.0.get(Key::of(context), context))
    }

    by_cache! {
        /// Checks the settings, and that the STS of the region is known. Neither reads the file nor
        /// sends a request.
        check
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
        let endpoint = self.own.sts(context)?;
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
        let posted =
            request(Method::POST, &endpoint, "/v5/agencies/assume-with-oidc", [], body.0.clone())?;
        EXCHANGE
            .credentials(transport, posted, LIMIT)
            .await
            .map(|credentials| self.scope.of(credentials))
    }

    fn has_other_token(&self) -> bool {
        match &self.identity {
            Some(Identity { token: Token::File(file), .. }) => file.has_changed(),
            Some(_) => false,
            // The environment may name another token by now.
            None => true,
        }
    }
}

impl ProvideCredentials for Oidc {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.load(context))
    }

    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        match &self.identity {
            Some(identity) => identity.check()?,
            None => from_environment(|name| std::env::var_os(name))?.check()?,
        }
        self.own.sts(context).map(drop)
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
        shown.field("own", &self.own).field("scope", &self.scope).field("http", &self.http).finish()
    }
}
