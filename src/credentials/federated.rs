//! Credentials that IAM returns for an OIDC id token.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method};
use serde::Serialize;
use zeroize::Zeroizing;

use super::cache::{Key, by_cache};
use super::http::{Http, Wiped, request, secret_json};
use super::own::Own;
use super::scope::Scope;
use super::settings::Iam;
use super::step::Step;
use super::token_file::TokenFile;
use super::{
    CachedCredentials, Credentials, CredentialsContext, CredentialsError, ProvideCredentials, check,
};
use crate::BoxFuture;
use crate::endpoint::Endpoint;
use crate::region::Region;
use crate::transport::{Route, Transport};

/// The longest time for one exchange with IAM.
const LIMIT: Duration = Duration::from_secs(15);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

const OF_ID_TOKEN: Step = Step {
    failure: "IAM did not accept the id token",
    remedy: "check that an identity provider with this id is registered in the account, that it accepts the issuer and audience \
             of the token, and that the token has not expired",
};

const OF_IAMS_TOKEN: Step = Step {
    failure: "IAM accepted the id token, but returned no credentials for it",
    remedy: "check the identity conversion rules of the identity provider",
};

/// The lifetime to request, in seconds: that of the official SDKs.
const LIFETIME: u32 = 21_600;

/// Temporary credentials that IAM returns for an OIDC id token, such as that of a CI job or a
/// Kubernetes pod.
///
/// The identity provider must be registered in IAM under the id that is given here. The file with
/// the token is read at each exchange, so it can be replaced at any time. The exchange is two
/// requests to IAM, neither of which is signed: `POST /v3.0/OS-AUTH/id-token/tokens` returns a
/// token of IAM for the id token, and `POST /v3.0/OS-CREDENTIAL/securitytokens` the credentials for
/// that. They are [cached](CachedCredentials) and renewed before they expire; 6 hours are
/// requested. If CTS refuses them, the token is exchanged again at once, and later when the file
/// has changed or 30 seconds have passed.
///
/// The token is sent to the first of these: [`iam_endpoint`](Self::iam_endpoint), the IAM of the
/// [`region`](Self::region), the client's [`iam_endpoint`](crate::ClientBuilder::iam_endpoint),
/// `HUAWEICLOUD_SDK_IAM_ENDPOINT`, the IAM of the client's region. If no IAM is known, that is an
/// error, because a token that is meant for one operator must not be sent to another.
///
/// A setting that can't be right, and a token that is missing or malformed, are
/// [invalid](super::CredentialsErrorKind::Invalid); an exchange that fails is
/// [`Failed`](super::CredentialsErrorKind::Failed), with the step, the host, the status and what to
/// do.
///
/// ```
/// use huaweicloud_cts::credentials::FederatedCredentials;
///
/// let provider = FederatedCredentials::new("my-idp", "/var/run/secrets/tokens/oidc").region("eu-de");
/// ```
#[derive(Clone, Debug)]
pub struct FederatedCredentials(CachedCredentials<Federation>);

#[derive(Clone)]
struct Federation {
    idp_id: String,
    id_token: TokenFile,
    own: Own,
    scope: Scope,
    http: Http,
}

impl FederatedCredentials {
    /// Creates a provider for an identity provider, by its id in IAM, and the file with its token.
    /// Reads and sends nothing yet.
    #[must_use]
    pub fn new(idp_id: impl Into<String>, id_token_file: impl Into<PathBuf>) -> Self {
        Self(CachedCredentials::new(Federation {
            idp_id: idp_id.into(),
            id_token: TokenFile::new("id token", id_token_file),
            own: Own::default(),
            scope: Scope::default(),
            http: Http::new(CONNECT_LIMIT, Route::System),
        }))
    }

    /// Sets the endpoint of IAM, such as `https://iam.eu-de.otc.t-systems.com`. `https://` is added
    /// if there is no scheme; `http://` is allowed for this machine only.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::FederatedCredentials;
    ///
    /// let provider = FederatedCredentials::new("my-idp", "/run/token").iam_endpoint("iam.eu-de.otc.t-systems.com");
    /// ```
    #[must_use]
    pub fn iam_endpoint(self, endpoint: impl Into<String>) -> Self {
        let endpoint = endpoint.into();
        self.with(|federation| federation.own.endpoint = Some(endpoint))
    }

    /// Sets the region whose IAM is used if no endpoint is set. It takes precedence over
    /// `HUAWEICLOUD_SDK_IAM_ENDPOINT`. By default, it is the region of the client, over which the
    /// variable takes precedence.
    #[must_use]
    pub fn region(self, region: impl Into<Region>) -> Self {
        let region = region.into();
        self.with(|federation| federation.own.region = Some(region))
    }

    /// Sets the [project](Credentials::project_id) that the credentials are for.
    #[must_use]
    pub fn project_id(self, id: impl Into<String>) -> Self {
        let id = id.into();
        self.with(|federation| federation.scope.project_id = Some(id))
    }

    /// Sets the transport, in place of the client's.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        self.with(|federation| federation.http.transport = Some(Arc::new(transport)))
    }

    pub(super) fn with_iam(self, iam: &Iam) -> Self {
        self.with(|federation| {
            federation.own.region.clone_from(&iam.region);
            federation.http.transport.clone_from(&iam.transport);
        })
    }

    /// Notes that the path of the file is from this variable or key.
    pub(super) fn with_file_from(self, origin: &'static str) -> Self {
        self.with(|federation| federation.id_token = federation.id_token.clone().from(origin))
    }

    pub(super) fn with_scope(self, scope: Scope) -> Self {
        self.with(|federation| federation.scope = scope)
    }

    /// Checks the settings alone, whatever client they are for.
    pub(super) fn check_settings(&self) -> Result<(), CredentialsError> {
        let federation = self.0.provider();
        federation.idp_header()?;
        if federation.own.is_set() {
            federation.endpoint(&CredentialsContext::default())?;
        }
        Ok(())
    }

    fn with(self, change: impl FnOnce(&mut Federation)) -> Self {
        let mut federation = self.0.into_inner();
        change(&mut federation);
        Self(CachedCredentials::new(federation))
    }
}

impl ProvideCredentials for FederatedCredentials {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        // The refused credentials may be from a token that has been replaced since.
        if self.0.is_refused() && self.0.provider().id_token.has_changed() {
            self.0.end_pause();
        }
        // Without an IAM of its own, the result depends on that of the client.
        let key = if self.0.provider().own.is_set() { Key::default() } else { Key::of(context) };
        Box::pin(self.0.get(key, context))
    }

    by_cache! {
        /// Checks the settings, and that an IAM is known. Neither reads the file nor sends a
        /// request.
        check
    }
}

#[derive(Serialize)]
struct Auth<T> {
    auth: T,
}

#[derive(Serialize)]
struct IdToken<'t> {
    id_token: Id<'t>,
}

#[derive(Serialize)]
struct Id<'t> {
    id: &'t str,
}

#[derive(Serialize)]
struct ByToken<'t> {
    identity: Identity<'t>,
}

#[derive(Serialize)]
struct Identity<'t> {
    methods: [&'static str; 1],
    token: Subject<'t>,
}

#[derive(Serialize)]
struct Subject<'t> {
    id: &'t str,
    duration_seconds: u32,
}

impl Federation {
    /// Exchanges the id token for a token of IAM, and that one for credentials. Neither request is
    /// signed.
    async fn load(&self, context: &CredentialsContext) -> Result<Credentials, CredentialsError> {
        let idp_id = self.idp_header()?;
        let endpoint = self.endpoint(context)?;
        let transport = self.http.transport(context)?;
        let id_token = self.id_token.token()?;

        let body =
            secret_json(&Auth { auth: IdToken { id_token: Id { id: &id_token } } }, &id_token)?;
        let path = "/v3.0/OS-AUTH/id-token/tokens";
        let posted =
            request(Method::POST, &endpoint, path, [("x-idp-id", idp_id)], body.0.clone())?;
        let response = OF_ID_TOKEN.response(transport, posted, LIMIT).await?;
        let subject_token =
            response.headers().get("x-subject-token").and_then(|token| token.to_str().ok());
        let subject_token = Zeroizing::new(subject_token.unwrap_or_default().to_owned());
        check("header X-Subject-Token", &subject_token).map_err(|error| {
            OF_ID_TOKEN.unusable(endpoint.host.to_str().unwrap_or_default(), &error.to_string())
        })?;
        drop((body, id_token, Wiped(response.into_body())));

        let token = Subject { id: &subject_token, duration_seconds: LIFETIME };
        let body = secret_json(
            &Auth { auth: ByToken { identity: Identity { methods: ["token"], token } } },
            &subject_token,
        )?;
        let posted = request(
            Method::POST,
            &endpoint,
            "/v3.0/OS-CREDENTIAL/securitytokens",
            [],
            body.0.clone(),
        )?;
        OF_IAMS_TOKEN
            .credentials(transport, posted, LIMIT)
            .await
            .map(|credentials| self.scope.of(credentials))
    }

    fn endpoint(&self, context: &CredentialsContext) -> Result<Endpoint, CredentialsError> {
        self.own.iam(context, "the id token is")
    }

    fn idp_header(&self) -> Result<HeaderValue, CredentialsError> {
        check("id of the identity provider", &self.idp_id)?;
        HeaderValue::from_str(&self.idp_id).map_err(|_| {
            CredentialsError::invalid("the id of the identity provider can't be sent in a header")
        })
    }
}

impl ProvideCredentials for Federation {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.load(context))
    }

    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        self.idp_header()?;
        self.endpoint(context).map(drop)
    }

    fn name(&self) -> &'static str {
        "federation"
    }
}

impl fmt::Debug for Federation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Federation")
            .field("idp_id", &self.idp_id)
            .field("id_token", &self.id_token)
            .field("own", &self.own)
            .field("scope", &self.scope)
            .field("http", &self.http)
            .finish()
    }
}
