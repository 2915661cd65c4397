//! Credentials from the metadata service of an ECS server.

mod memory;
mod service;
mod token;

use std::sync::Arc;
use std::time::Duration;

use self::service::Metadata;
use super::cache::{Key, by_cache};
use super::http::Http;
use super::scope::Scope;
use super::{
    CachedCredentials, Credentials, CredentialsContext, CredentialsError, ProvideCredentials,
};
use crate::BoxFuture;
use crate::transport::{Route, Transport};

/// The address of the service on every server.
const ENDPOINT: &str = "http://169.254.169.254";

/// The time limit of one exchange.
const LIMIT: Duration = Duration::from_secs(3);

/// Temporary credentials of the agency of an ECS server, from the metadata service of that server.
///
/// Two requests are sent to `http://169.254.169.254`, directly, whatever the proxy settings. The
/// first is for a token (`PUT /meta-data/latest/api/token`), so that a program that can be tricked
/// into fetching any URL gets no credentials, and the second for the credentials
/// (`GET /openstack/latest/securitykey`). If the service issues no tokens, or does not respond to
/// the request for one, the credentials are requested without. They are
/// [cached](CachedCredentials), renewed before they expire, and the same for all clients.
///
/// Outside the cloud there is no such service, and other clouds have a different one. If there was
/// no response of Huawei Cloud's service yet, the error is
/// [`NotConfigured`](super::CredentialsErrorKind::NotConfigured): for 5 minutes if the connection
/// is refused or the first responses have a status 4xx, for 15 seconds if there is no response
/// within 3 seconds. It is also `NotConfigured` on a server without an agency, which is not
/// remembered. Every other failure is [`Failed`](super::CredentialsErrorKind::Failed), with the
/// status and what to do.
///
/// ```
/// use huaweicloud_cts::credentials::{CredentialsChain, EnvCredentials, MetadataCredentials};
///
/// let provider = CredentialsChain::new().then(EnvCredentials::new()).then(MetadataCredentials::new());
/// ```
#[derive(Clone, Debug)]
pub struct MetadataCredentials(CachedCredentials<Metadata>);

impl Default for MetadataCredentials {
    fn default() -> Self {
        Self::new()
    }
}

impl MetadataCredentials {
    /// Creates a provider. Requests nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Metadata {
            endpoint: ENDPOINT.to_owned(),
            http: Http::new(LIMIT, Route::Direct),
            scope: Scope::default(),
            memory: Arc::default(),
        })
    }

    /// Sets the endpoint of the service, in place of `http://169.254.169.254`: for tests. `http://`
    /// is allowed for this machine and for link-local addresses only.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::MetadataCredentials;
    ///
    /// let provider = MetadataCredentials::new().endpoint("http://127.0.0.1:8080");
    /// ```
    #[must_use]
    pub fn endpoint(self, url: impl Into<String>) -> Self {
        Self::of(Metadata { endpoint: url.into(), memory: Arc::default(), ..self.0.into_inner() })
    }

    /// Sets the transport, in place of the client's.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        self.with_shared_transport(Arc::new(transport))
    }

    /// Sets the [project](Credentials::project_id) that the credentials are for.
    #[must_use]
    pub fn project_id(self, id: impl Into<String>) -> Self {
        let mut metadata = self.0.into_inner();
        metadata.scope.project_id = Some(id.into());
        Self::of(metadata)
    }

    pub(super) fn with_scope(self, scope: Scope) -> Self {
        Self::of(Metadata { scope, ..self.0.into_inner() })
    }

    pub(super) fn with_shared_transport(self, transport: Arc<dyn Transport>) -> Self {
        let mut metadata = self.0.into_inner();
        metadata.http.transport = Some(transport);
        Self::of(Metadata { memory: Arc::default(), ..metadata })
    }

    fn of(metadata: Metadata) -> Self {
        Self(CachedCredentials::new(metadata))
    }
}

impl ProvideCredentials for MetadataCredentials {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.0.get(Key::default(), context))
    }

    by_cache! {
        /// Checks the endpoint. Requests nothing.
        check
    }
}
