//! The client: how any call is made. The calls themselves live with their nouns, such as
//! [`notification`](crate::notification).

mod account;
mod attempt;
mod builder;
pub(crate) mod call;
mod destination;
mod diagnosis;
mod exchange;
mod hook;
mod lookup;
mod observe;
mod options;
mod outcome;
mod pace;
mod project;
mod raw;
mod request;
mod retry;
mod send;
mod smn;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use url::Url;

use self::account::AccountSource;
use self::project::ProjectSource;
use self::smn::SmnSource;
use crate::clock::Clock;
use crate::credentials::{
    CredentialsContext, CredentialsDescription, CredentialsError, ProvideCredentials,
};
use crate::endpoint::Endpoints;
use crate::error::{CallName, Error};
use crate::region::{CloudKind, Region};
use crate::transport::Transport;

pub use builder::{BuildError, ClientBuilder};
pub use hook::{AfterAttempt, Attempt};
pub use options::CallOptions;
pub use pace::Pace;
pub use raw::RawRequest;
pub use retry::RetryPolicy;

/// A client for the CTS of one project. It is cheap to clone, and made to be shared between tasks.
///
/// It holds a connection pool: create one and clone it. Dropping the future of a call cancels the
/// call.
#[derive(Clone)]
pub struct CtsClient {
    inner: Arc<Inner>,
    options: Option<Arc<CallOptions>>,
}

struct Inner {
    endpoints: Endpoints,
    cloud: CloudKind,
    project: ProjectSource,
    account: AccountSource,
    smn: SmnSource,
    credentials: Arc<dyn ProvideCredentials>,
    /// What the provider of credentials gets.
    context: CredentialsContext,
    transport: Arc<dyn Transport>,
    clock: Clock,
    attempt_timeout: Duration,
    retry: RetryPolicy,
    pace: Pace,
    pace_is_given: bool,
}

impl CtsClient {
    /// Starts a client's configuration.
    ///
    /// ```
    /// use huaweicloud_cts::CtsClient;
    /// use huaweicloud_cts::credentials::Credentials;
    ///
    /// # #[cfg(any(feature = "rustls", feature = "native-tls"))] {
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

    /// Returns the endpoint that calls go to now. A region may have a second one, for when the
    /// first has no address.
    #[must_use]
    pub fn endpoint(&self) -> &Url {
        let (_, endpoint) = self.inner.endpoints.current();
        &endpoint.url
    }

    /// Returns the region that the client was built with. `None` if it was built with an endpoint
    /// alone.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        self.inner.context.region()
    }

    /// Asks for credentials, and returns which source provided them and why others did not: for
    /// support, and for a first look at a new machine. Sends what the providers send to get them,
    /// and no call.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// use huaweicloud_cts::CtsClient;
    /// use huaweicloud_cts::credentials::{Credentials, CredentialsChain, OidcCredentials};
    ///
    /// let sources = CredentialsChain::new().then(OidcCredentials::from_env()).then(Credentials::new("AKAKAKAKAKAKAKAKAKAK", "SK"));
    /// # #[cfg(feature = "reqwest")] {
    /// let client = CtsClient::builder().endpoint("http://127.0.0.1:8080").project_id("p").credentials(sources).build()?;
    /// let description = client.describe_credentials().await;
    /// println!("{description}");
    /// // OIDC:              not configured: HUAWEICLOUD_OIDC_PROVIDER_URN and HUAWEICLOUD_OIDC_AGENCY_URN are not set
    /// // fixed credentials: access key AKAK****, permanent
    /// assert!(description.provides());
    /// # }
    /// # Ok::<(), huaweicloud_cts::BuildError>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn describe_credentials(&self) -> CredentialsDescription {
        self.inner.credentials.describe(&self.inner.context).await
    }

    /// Returns the cloud that the client takes its service to be in. See [`ClientBuilder::cloud`].
    #[must_use]
    pub fn cloud(&self) -> CloudKind {
        self.inner.cloud
    }

    /// Returns the id of the project that calls work in. `None` until the first call has looked it
    /// up.
    #[must_use]
    pub fn project_id(&self) -> Option<&str> {
        match &self.inner.project {
            ProjectSource::Given(project) => Some(&project.id),
            ProjectSource::LookedUp(by_region) => {
                by_region.found().map(|project| project.id.as_str())
            }
        }
    }

    /// Returns the id of the project, and looks it up first if no call has done so yet.
    pub(crate) async fn resolve_project(&self, name: CallName) -> Result<&str, Error> {
        self.project(name, Instant::now()).await.map(|project| project.id.as_str())
    }

    /// Returns the service's time, as far as it is known: this machine's, unless a refused
    /// signature has shown that it is wrong.
    pub(crate) fn now(&self) -> SystemTime {
        self.inner.clock.now(None)
    }

    /// Returns how often a call is tried at most.
    pub(crate) fn most_attempts(&self) -> u32 {
        self.retry_policy().attempts()
    }

    /// Returns the access key that the next call would be signed with.
    pub(crate) async fn access_key(&self) -> Result<String, CredentialsError> {
        let credentials = self.credentials(self.retry_policy().limit()).await?;
        Ok(credentials.access_key().to_owned())
    }

    /// Returns `true` if the credentials are those of an agency.
    pub(crate) fn is_assumed(&self) -> bool {
        self.inner.credentials.is_assumed()
    }
}

impl fmt::Debug for CtsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CtsClient")
            .field("endpoint", &self.endpoint().as_str())
            .field("project_id", &self.project_id())
            .field("credentials", &self.inner.credentials)
            .field("transport", &self.inner.transport)
            .field("retry", &self.inner.retry)
            .field("pace", self.pace())
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
