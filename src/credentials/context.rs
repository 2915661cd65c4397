//! What a provider knows of the client that asks it.

use std::fmt;
use std::sync::Arc;

use crate::endpoint::without_secrets;
use crate::region::Region;
use crate::transport::Transport;

/// The region, IAM endpoint and transport of the client that asks for credentials.
///
/// A [`CtsClient`](crate::CtsClient) creates one when it is built and passes it to
/// [`check`](super::ProvideCredentials::check) and [`provide`](super::ProvideCredentials::provide).
/// To ask a provider by hand, an empty one is often enough.
///
/// ```
/// use huaweicloud_cts::credentials::{Credentials, CredentialsContext, ProvideCredentials};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let provider = Credentials::new("AK", "SK");
/// let credentials = provider.provide(&CredentialsContext::default()).await?;
/// assert_eq!(credentials.access_key(), "AK");
///
/// let context = CredentialsContext::new().with_region("eu-de").with_iam_endpoint("https://iam.example.com");
/// assert_eq!(context.iam_endpoint(), Some("https://iam.example.com"));
/// # Ok::<(), huaweicloud_cts::credentials::CredentialsError>(()) })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct CredentialsContext {
    region: Option<Region>,
    iam_endpoint: Option<String>,
    transport: Option<Arc<dyn Transport>>,
}

impl CredentialsContext {
    /// Creates an empty context.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the region of the client. Providers without an endpoint or a region of their own use
    /// its IAM or STS.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::CredentialsContext;
    ///
    /// let context = CredentialsContext::new().with_region("eu-de");
    /// assert_eq!(context.region().map(|region| region.id()), Some("eu-de"));
    /// ```
    #[must_use]
    pub fn with_region(self, region: impl Into<Region>) -> Self {
        Self { region: Some(region.into()), ..self }
    }

    /// Sets the endpoint of IAM. It takes precedence over the region and
    /// `HUAWEICLOUD_SDK_IAM_ENDPOINT`.
    #[must_use]
    pub fn with_iam_endpoint(self, endpoint: impl Into<String>) -> Self {
        Self { iam_endpoint: Some(endpoint.into()), ..self }
    }

    /// Sets the transport for providers without a transport of their own.
    #[must_use]
    pub fn with_transport(self, transport: impl Transport + 'static) -> Self {
        Self { transport: Some(Arc::new(transport)), ..self }
    }

    /// Creates the context of a client from its settings.
    pub(crate) fn of_client(
        region: Option<Region>,
        iam_endpoint: Option<String>,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self { region, iam_endpoint, transport: Some(transport) }
    }

    /// Returns the region of the client, if it has one.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// Returns the endpoint of IAM that was set for the client, as it was given.
    #[must_use]
    pub fn iam_endpoint(&self) -> Option<&str> {
        self.iam_endpoint.as_deref()
    }

    /// Returns the transport of the client. A request to a service of this machine should carry
    /// [`Route::Direct`](crate::transport::Route::Direct) among its extensions.
    #[must_use]
    pub fn transport(&self) -> Option<&dyn Transport> {
        self.transport.as_deref()
    }
}

impl fmt::Debug for CredentialsContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsContext")
            .field("region", &self.region)
            // It is not parsed yet, and may contain a password.
            .field("iam_endpoint", &self.iam_endpoint().map(without_secrets))
            .field("transport", &self.transport)
            .finish()
    }
}
