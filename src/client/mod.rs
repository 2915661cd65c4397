//! The client: how any call is made. The calls themselves live with their nouns, such as
//! [`notification`](crate::notification).

mod builder;
pub(crate) mod call;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use url::Url;

use crate::credentials::ProvideCredentials;
use crate::transport::Transport;

pub use builder::{BuildError, ClientBuilder};

/// A client of one project's CTS: cheap to clone, and to be shared between tasks.
///
/// It holds a connection pool; make one and clone it. Dropping the future of a call cancels the call.
#[derive(Clone)]
pub struct CtsClient {
    inner: Arc<Inner>,
}

struct Inner {
    /// Scheme, host and path prefix, without a slash at the end.
    endpoint: Url,
    /// What every call's URI starts with, up to and including the project id.
    root: String,
    host: HeaderValue,
    project_id: String,
    project_header: HeaderValue,
    credentials: Arc<dyn ProvideCredentials>,
    transport: Arc<dyn Transport>,
    attempt_timeout: Duration,
}

impl CtsClient {
    /// Starts a client's configuration.
    ///
    /// ```
    /// use huaweicloud_cts::CtsClient;
    /// use huaweicloud_cts::credentials::Credentials;
    ///
    /// # #[cfg(feature = "reqwest")] {
    /// let client = CtsClient::builder()
    ///     .region("eu-de")
    ///     .project_id("24edf66e79d04187acb99a463e610764")
    ///     .credentials(Credentials::new("AK", "SK"))
    ///     .build()?;
    /// assert_eq!(client.endpoint().as_str(), "https://cts.eu-de.otc.t-systems.com/");
    /// # }
    /// # Ok::<(), huaweicloud_cts::BuildError>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Where the calls go.
    #[must_use]
    pub fn endpoint(&self) -> &Url {
        &self.inner.endpoint
    }

    /// The project whose notifications the calls are about.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.inner.project_id
    }
}

impl fmt::Debug for CtsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CtsClient")
            .field("endpoint", &self.inner.endpoint.as_str())
            .field("project_id", &self.inner.project_id)
            .field("credentials", &self.inner.credentials)
            .field("transport", &self.inner.transport)
            .finish_non_exhaustive()
    }
}
