//! Keys from the metadata service of an ECS server.

mod memory;
mod service;
mod token;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use self::service::Metadata;
use super::cache::Key;
use super::http::Http;
use super::{CachedCredentials, Credentials, CredentialsContext, CredentialsError, ProvideCredentials};
use crate::BoxFuture;
use crate::transport::{Route, Transport};

/// Where the service is on every server.
const ENDPOINT: &str = "http://169.254.169.254";

/// The longest time for one exchange.
const LIMIT: Duration = Duration::from_secs(3);
/// Temporary keys of the agency (IAM's name for a role) that an ECS server has, from the server's metadata service.
///
/// The service is asked with a token first, so that programs which can be talked into fetching any URL get no keys from it;
/// where it gives none, or does not respond to the request for one, without. The keys are [kept](CachedCredentials) until they run out, and are the same for all
/// clients. Proxy settings do not apply.
///
/// Away from the cloud there is no such service, and in other clouds a different one. If there was none ever,
/// [`NotConfigured`](super::CredentialsErrorKind::NotConfigured) is the answer: when the connection is refused or the first
/// answers are of statuses 4xx, for 5 minutes; when there is no answer within 3 seconds, for 15. It is the answer, too, on a
/// server without an agency, though that is not remembered.
#[derive(Debug)]
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
            memory: Mutex::default(),
        })
    }

    /// Where the service is, in place of `http://169.254.169.254`: for tests. Plain `http://` is for this machine and for
    /// link-local addresses only.
    #[must_use]
    pub fn endpoint(self, url: impl Into<String>) -> Self {
        Self::of(Metadata { endpoint: url.into(), memory: Mutex::default(), ..self.0.into_inner() })
    }

    /// How requests are sent, in place of the client's transport.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        let Metadata { endpoint, mut http, .. } = self.0.into_inner();
        http.transport = Some(Arc::new(transport));
        Self::of(Metadata { endpoint, http, memory: Mutex::default() })
    }

    fn of(metadata: Metadata) -> Self {
        Self(CachedCredentials::new(metadata))
    }
}

impl ProvideCredentials for MetadataCredentials {
    fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.0.get(Key::default(), context))
    }

    /// Checks the endpoint. Requests nothing.
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
