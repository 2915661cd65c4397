//! Credentials of a pod in CCE, from the agent on its node.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method};

use super::cache::{Key, by_cache};
use super::http::{Http, request};
use super::scope::Scope;
use super::step::Step;
use super::token_file::TokenFile;
use super::{
    CachedCredentials, Credentials, CredentialsContext, CredentialsError, ProvideCredentials,
};
use crate::BoxFuture;
use crate::endpoint::{Endpoint, EndpointError, without_secrets};
use crate::transport::{Route, Transport};

/// The time limit of the exchange, as in the official SDKs.
const LIMIT: Duration = Duration::from_secs(5);

const EXCHANGE: Step = Step {
    failure: "the agent of Pod Identity returned no credentials",
    remedy: "check that the service account of the pod is associated with an agency, and that its token has not expired",
};

const URI: &str = "HC_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_FILE: &str = "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/// Temporary credentials of the agency that is associated with the service account of a pod (CCE
/// Pod Identity).
///
/// CCE sets `HC_CONTAINER_CREDENTIALS_FULL_URI` and `HC_CONTAINER_AUTHORIZATION_TOKEN_FILE` in such
/// a pod. The token in the file is read at each exchange and sent to the agent at the URI, in the
/// header `Authorization` of a `POST`, directly, whatever the proxy settings: with `https`, or to
/// this machine or a link-local address. The credentials are [cached](CachedCredentials) and
/// renewed before they expire.
///
/// Without the variables the provider is
/// [not configured](super::CredentialsErrorKind::NotConfigured), and a chain asks the next one;
/// with one of them it is an error. An agent that refuses or does not respond within 5 seconds is
/// [`Failed`](super::CredentialsErrorKind::Failed).
///
/// ```
/// use huaweicloud_cts::credentials::{CredentialsChain, EnvCredentials, PodIdentityCredentials};
///
/// let provider = CredentialsChain::new().then(EnvCredentials::new()).then(PodIdentityCredentials::new());
/// ```
///
/// Source: the official Python and Java SDKs, April 2026, and the manual of CCE, June 2026.
#[derive(Clone, Debug)]
pub struct PodIdentityCredentials(CachedCredentials<PodIdentity>);

#[derive(Clone)]
struct PodIdentity {
    /// `None` if it is read from the environment.
    agent: Option<Agent>,
    scope: Scope,
    http: Http,
}

/// The URI of the agent, and the token for it.
#[derive(Clone)]
struct Agent {
    uri: String,
    token: TokenFile,
}

impl Default for PodIdentityCredentials {
    fn default() -> Self {
        Self::new()
    }
}

impl PodIdentityCredentials {
    /// Creates a provider for the agent that the environment names. Reads and sends nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::of(PodIdentity {
            agent: None,
            scope: Scope::default(),
            http: Http::new(LIMIT, Route::Direct),
        })
    }

    /// Sets the URI of the agent and the file with the token, in place of those of the environment.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::PodIdentityCredentials;
    ///
    /// let provider = PodIdentityCredentials::new().agent("http://127.0.0.1:8080/v1/credentials", "/run/token");
    /// ```
    #[must_use]
    pub fn agent(self, uri: impl Into<String>, token_file: impl Into<PathBuf>) -> Self {
        let agent = Some(Agent::new(uri.into(), token_file));
        Self::of(PodIdentity { agent, ..self.0.into_inner() })
    }

    /// Sets the transport, in place of the client's.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        let mut pod = self.0.into_inner();
        pod.http.transport = Some(Arc::new(transport));
        Self::of(pod)
    }

    /// Sets the [project](Credentials::project_id) that the credentials are for.
    #[must_use]
    pub fn project_id(self, id: impl Into<String>) -> Self {
        let mut pod = self.0.into_inner();
        pod.scope.project_id = Some(id.into());
        Self::of(pod)
    }

    fn of(pod: PodIdentity) -> Self {
        Self(CachedCredentials::new(pod))
    }
}

impl ProvideCredentials for PodIdentityCredentials {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.0.get(Key::default(), context))
    }

    by_cache! {
        /// Checks the URI. Neither reads the file nor sends a request.
        check
    }
}

impl Agent {
    fn new(uri: String, token_file: impl Into<PathBuf>) -> Self {
        Self { uri, token: TokenFile::new("token of the service account", token_file) }
    }

    fn of_environment(
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, CredentialsError> {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        match (set(URI), set(TOKEN_FILE)) {
            (Some(uri), Some(file)) => match uri.into_string() {
                Ok(uri) => {
                    let Self { uri, token } = Self::new(uri, file);
                    Ok(Self { uri, token: token.from(TOKEN_FILE) })
                }
                Err(_) => Err(CredentialsError::invalid(format!("{URI} is not UTF-8"))),
            },
            (None, None) => {
                Err(CredentialsError::not_configured(format!("{URI} and {TOKEN_FILE} are not set")))
            }
            (Some(_), None) => Err(CredentialsError::invalid(format!(
                "{URI} is set but {TOKEN_FILE} is not: set both"
            ))),
            (None, Some(_)) => Err(CredentialsError::invalid(format!(
                "{TOKEN_FILE} is set but {URI} is not: set both"
            ))),
        }
    }

    fn endpoint(&self) -> Result<Endpoint, CredentialsError> {
        let wrong = |uri: &str, reason: &str| {
            CredentialsError::invalid(format!(
                "the URI {uri:?} of the agent of Pod Identity can't be used: {reason}"
            ))
        };
        let endpoint = Endpoint::parse(&self.uri)
            .map_err(|EndpointError { endpoint, reason }| wrong(&endpoint, &reason))?;
        if endpoint.is_exposed() && !endpoint.is_link_local() {
            return Err(wrong(
                endpoint.url.as_str(),
                "use https://; http:// is for this machine and link-local addresses only",
            ));
        }
        Ok(endpoint)
    }
}

impl PodIdentity {
    async fn load(&self, context: &CredentialsContext) -> Result<Credentials, CredentialsError> {
        let of_environment;
        let agent = if let Some(agent) = &self.agent {
            agent
        } else {
            of_environment = Agent::of_environment(|name| std::env::var_os(name))?;
            &of_environment
        };
        let endpoint = agent.endpoint()?;
        let transport = self.http.transport(context)?;
        let mut token = HeaderValue::from_str(&agent.token.token()?).map_err(|_| {
            CredentialsError::invalid("the token of the service account can't be sent in a header")
        })?;
        token.set_sensitive(true);
        let mut posted = request(
            Method::POST,
            &endpoint,
            "",
            [("authorization", token)],
            Bytes::from_static(b"{}"),
        )?;
        posted.extensions_mut().insert(Route::Direct);
        EXCHANGE
            .credentials(transport, posted, LIMIT)
            .await
            .map(|credentials| self.scope.of(credentials))
    }
}

impl ProvideCredentials for PodIdentity {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.load(context))
    }

    fn check(&self, _: &CredentialsContext) -> Result<(), CredentialsError> {
        match &self.agent {
            Some(agent) => agent.endpoint().map(drop),
            None => Agent::of_environment(|name| std::env::var_os(name))?.endpoint().map(drop),
        }
    }

    fn name(&self) -> &'static str {
        "pod identity"
    }
}

impl fmt::Debug for PodIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("PodIdentity");
        match &self.agent {
            Some(Agent { uri, token }) => {
                shown.field("uri", &without_secrets(uri)).field("token", token)
            }
            None => shown.field("agent", &format_args!("of the environment")),
        };
        shown.field("scope", &self.scope).field("http", &self.http).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::CredentialsErrorKind::{Invalid, NotConfigured};

    #[test]
    fn one_of_the_two_variables_alone_is_an_error() {
        for (uri, file, kind) in [
            ("", "", Some(NotConfigured)),
            ("u", "", Some(Invalid)),
            ("", "f", Some(Invalid)),
            ("u", "f", None),
        ] {
            let found = Agent::of_environment(|name| {
                Some(OsString::from(if name == URI { uri } else { file }))
            });
            assert_eq!(found.err().map(|error| error.kind()), kind, "{uri} {file}");
        }
    }

    #[test]
    fn the_token_is_sent_only_to_https_loopback_or_link_local_addresses() {
        for (uri, is_accepted) in [
            ("http://127.0.0.1/v1/credentials", true),
            ("http://[::1]:8080/v1", true),
            ("http://169.254.170.23/v1/credentials", true),
            ("https://agent.example.com/v1", true),
            ("http://agent.example.com/v1", false),
            ("http://10.0.0.1/v1", false),
            ("ftp://127.0.0.1/", false),
            ("https://user:sentinel@127.0.0.1/", false),
        ] {
            let checked =
                PodIdentityCredentials::new().agent(uri, "/f").check(&CredentialsContext::new());
            assert_eq!(checked.is_ok(), is_accepted, "{uri}");
            assert!(!format!("{checked:?}").contains("sentinel"));
        }
    }
}
