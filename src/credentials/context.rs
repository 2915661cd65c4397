//! For whom credentials are asked.

use std::fmt;
use std::sync::Arc;

use crate::endpoint::without_secrets;
use crate::region::Region;
use crate::transport::Transport;

/// What a provider of credentials may know of the client that asks it: where it is, and how it sends requests.
///
/// A [`CtsClient`](crate::CtsClient) makes one when it is built and passes it to
/// [`provide`](super::ProvideCredentials::provide). To ask a provider by hand, an empty one will mostly do.
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
    /// Creates a context that says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the region of the client. Its IAM is asked by providers that were told no other place.
    #[must_use]
    pub fn with_region(self, region: impl Into<Region>) -> Self {
        Self { region: Some(region.into()), ..self }
    }

    /// Sets the address of IAM. It goes before the region, and before `HUAWEICLOUD_SDK_IAM_ENDPOINT`.
    #[must_use]
    pub fn with_iam_endpoint(self, endpoint: impl Into<String>) -> Self {
        Self { iam_endpoint: Some(endpoint.into()), ..self }
    }

    /// Sets how requests are sent by providers that were given no transport of their own.
    #[must_use]
    pub fn with_transport(self, transport: impl Transport + 'static) -> Self {
        Self { transport: Some(Arc::new(transport)), ..self }
    }

    /// What a client was built with.
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

    /// Returns the address of IAM as the client was given it, if it was.
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
            // It was not read yet, and may have a password in it.
            .field("iam_endpoint", &self.iam_endpoint().map(without_secrets))
            .field("transport", &self.transport)
            .finish()
    }
}
