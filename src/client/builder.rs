//! Configuring a client.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{CtsClient, Inner};
use crate::credentials::{CredentialsError, EnvCredentials, ProvideCredentials};
use crate::endpoint::{Endpoint, EndpointError};
use crate::error::Chain;
use crate::region::Region;
use crate::transport::{Transport, TransportError};

/// What a path segment or a query value may hold unencoded: the unreserved characters, as signing has them.
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Configures a [`CtsClient`]. Needs credentials, a project id, and a region or an endpoint; the rest has defaults.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    region: Option<Region>,
    endpoint: Option<String>,
    project_id: Option<String>,
    credentials: Option<Arc<dyn ProvideCredentials>>,
    transport: Option<Arc<dyn Transport>>,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    plain_http: bool,
}

impl ClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            region: None,
            endpoint: None,
            project_id: None,
            credentials: None,
            transport: None,
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(15),
            plain_http: false,
        }
    }

    /// Keys and project id from the environment: [`EnvCredentials`], and `HUAWEICLOUD_SDK_PROJECT_ID` if it is set. All
    /// else is still to be said.
    pub fn from_env() -> Self {
        let mut builder = Self::new().credentials(EnvCredentials::new());
        builder.project_id = std::env::var("HUAWEICLOUD_SDK_PROJECT_ID").ok().filter(|id| !id.is_empty());
        builder
    }

    /// The region, by id (`"cn-north-4"`, `"eu-de"`): its first endpoint is used. An
    /// [`endpoint`](Self::endpoint) goes before it.
    pub fn region(mut self, region: impl Into<Region>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The address of the service: `https://cts.eu-de.otc.t-systems.com`. `https://` is put before one without a
    /// scheme. A path is kept as a prefix of every call's path.
    pub fn endpoint(mut self, endpoint: impl AsRef<str>) -> Self {
        self.endpoint = Some(endpoint.as_ref().to_owned());
        self
    }

    /// The project: 32 hexadecimal digits, from "My Credentials" in the console.
    pub fn project_id(mut self, id: impl Into<String>) -> Self {
        self.project_id = Some(id.into());
        self
    }

    /// Where the keys come from: [`Credentials`](crate::credentials::Credentials), [`EnvCredentials`], or a provider of your own.
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(Arc::new(provider));
        self
    }

    /// How requests are sent, in place of reqwest.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// The longest time for name look-up, TCP and TLS together. 5 seconds unless set. A transport that you bring has its
    /// own.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// The longest time for one attempt, from its first byte to the last of the answer. 15 seconds unless set.
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = limit;
        self
    }

    /// Allows an endpoint with `http://` that is not on this machine. Requests are then readable on the way, though keys
    /// are never sent.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Makes the client. Sends nothing and never panics.
    ///
    /// # Errors
    ///
    /// [`BuildError`], which says what is missing or can't be right.
    pub fn build(self) -> Result<CtsClient, BuildError> {
        let endpoint = Endpoint::parse(&self.endpoint_text()?)
            .map_err(|EndpointError { endpoint, reason }| BuildError::Endpoint { endpoint, reason })?;
        if endpoint.is_exposed() && !self.plain_http {
            return Err(BuildError::PlainHttp { endpoint: endpoint.url.to_string() });
        }
        let project_id = self.project_id.ok_or(BuildError::NoProjectId)?;
        check_project_id(&project_id)?;
        let credentials = self.credentials.ok_or(BuildError::NoCredentials)?;
        credentials.check().map_err(BuildError::Credentials)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(self.connect_timeout, endpoint.is_loopback)?,
        };
        let encoded_project = utf8_percent_encode(&project_id, ENCODED).to_string();
        let project_header = HeaderValue::from_str(&project_id)
            .map_err(|_| BuildError::ProjectId { reason: "it can't be sent in a header" })?;
        Ok(CtsClient {
            inner: Arc::new(Inner {
                root: format!("{}/v3/{encoded_project}", endpoint.root()),
                host: endpoint.host,
                endpoint: endpoint.url,
                project_id,
                project_header,
                credentials,
                transport,
                attempt_timeout: self.attempt_timeout,
            }),
        })
    }

    fn endpoint_text(&self) -> Result<String, BuildError> {
        match (&self.endpoint, &self.region) {
            (Some(endpoint), _) => Ok(endpoint.clone()),
            (None, Some(region)) => match region.endpoints().first() {
                Some(endpoint) => Ok((*endpoint).to_owned()),
                None => Err(BuildError::UnknownRegion { id: region.id().to_owned() }),
            },
            (None, None) => Err(BuildError::NoEndpoint),
        }
    }
}

#[cfg(feature = "reqwest")]
fn default_transport(connect_timeout: Duration, direct: bool) -> Result<Arc<dyn Transport>, BuildError> {
    match crate::transport::ReqwestTransport::new(connect_timeout, direct) {
        Ok(transport) => Ok(Arc::new(transport)),
        Err(error) => Err(BuildError::Transport(error)),
    }
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(_: Duration, _: bool) -> Result<Arc<dyn Transport>, BuildError> {
    Err(BuildError::NoTransport)
}

fn check_project_id(id: &str) -> Result<(), BuildError> {
    let reason = if id.is_empty() {
        "it is empty"
    } else if id.contains(['{', '}', '<', '>']) {
        "it is a placeholder"
    } else if id.chars().any(|c| c.is_control() || c.is_whitespace()) {
        "it has white space or a control character: is a line break left at its end?"
    } else if id.contains(['/', '?', '#', '%', '\\']) || matches!(id, "." | "..") {
        "it has a character that stands for something else in a URL"
    } else {
        return Ok(());
    };
    Err(BuildError::ProjectId { reason })
}

/// Why a client can't be made. Nothing was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Neither a region nor an endpoint was given.
    #[error("neither a region nor an endpoint is set: call region(\"eu-de\") or endpoint(\"https://…\")")]
    NoEndpoint,
    /// The region is none that this crate knows.
    #[error(
        "no endpoint is known for the region {id:?}: name it with endpoint(\"https://…\"); known are {}",
        known_regions()
    )]
    #[non_exhaustive]
    UnknownRegion {
        /// The region as it was given.
        id: String,
    },
    /// The endpoint can't be used.
    #[error("the endpoint {endpoint:?} can't be used: {reason}")]
    #[non_exhaustive]
    Endpoint {
        /// The endpoint as it was given, without user name, password and query.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The endpoint speaks plain HTTP and is not on this machine.
    #[error("the endpoint {endpoint} is not encrypted: use https://, or call allow_plain_http() if you mean it")]
    #[non_exhaustive]
    PlainHttp {
        /// The endpoint.
        endpoint: String,
    },
    /// No project id was given.
    #[error(
        "no project id is set: call project_id(…), or set HUAWEICLOUD_SDK_PROJECT_ID and start with ClientBuilder::from_env()"
    )]
    NoProjectId,
    /// The project id can't be right.
    #[error("the project id can't be right: {reason}")]
    #[non_exhaustive]
    ProjectId {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No source of keys was given.
    #[error("no credentials are set: call credentials(…), or start with ClientBuilder::from_env()")]
    NoCredentials,
    /// The keys are missing or can't be right.
    #[error("no usable credentials: {}", Chain(.0))]
    Credentials(CredentialsError),
    /// The feature `reqwest` is off and no other transport was given.
    #[error("there is no transport: turn on one of the features rustls, native-tls, reqwest, or call transport(…)")]
    NoTransport,
    /// The transport can't be set up.
    #[error("the HTTP client can't be set up: {}", Chain(.0))]
    Transport(TransportError),
}

fn known_regions() -> String {
    Region::known().map(|region| region.id().to_owned()).collect::<Vec<_>>().join(", ")
}
