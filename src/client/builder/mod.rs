//! Configuring a client.

mod error;
mod resolve;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::account::AccountSource;
use super::pace::Pace;
use super::retry::RetryPolicy;
use super::smn::SmnSource;
use super::{CtsClient, Inner};
use crate::clock::Clock;
use crate::credentials::{CredentialsContext, EnvCredentials, ProvideCredentials};
use crate::endpoint::without_secrets;
use crate::region::{CloudKind, Region};
use crate::transport::Transport;
#[cfg(feature = "reqwest")]
use crate::transport::{ReqwestTransport, ReqwestTransportBuilder};

pub use error::BuildError;

const PROJECT_VARIABLE: &str = "HUAWEICLOUD_SDK_PROJECT_ID";

/// Configures a [`CtsClient`]. Needs credentials, a project id, and a region or an endpoint; the
/// rest has defaults.
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    region: Option<Region>,
    cloud_domain: Option<String>,
    cloud: Option<CloudKind>,
    endpoint: Option<String>,
    project_id: Option<String>,
    /// The variable that the project id is from, if it is from one.
    project_origin: Option<&'static str>,
    domain_id: Option<String>,
    credentials: Option<Arc<dyn ProvideCredentials>>,
    transport: Option<Arc<dyn Transport>>,
    /// Settings for the transport over reqwest, if there are any.
    #[cfg(feature = "reqwest")]
    http: Option<ReqwestTransportBuilder>,
    iam_endpoint: Option<String>,
    smn_endpoint: Option<String>,
    connect_timeout: Duration,
    attempt_timeout: Duration,
    retry: RetryPolicy,
    pace: Option<Pace>,
    plain_http: bool,
}

impl ClientBuilder {
    pub(super) fn new() -> Self {
        Self {
            region: None,
            cloud_domain: None,
            cloud: None,
            endpoint: None,
            project_id: None,
            project_origin: None,
            domain_id: None,
            credentials: None,
            transport: None,
            #[cfg(feature = "reqwest")]
            http: None,
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(15),
            iam_endpoint: None,
            smn_endpoint: None,
            retry: RetryPolicy::standard(),
            pace: None,
            plain_http: false,
        }
    }

    /// Starts with the credentials and the project id of the environment: [`EnvCredentials`], and
    /// `HUAWEICLOUD_SDK_PROJECT_ID` if it is set. The region or the endpoint remains to be set.
    pub fn from_env() -> Self {
        let mut builder = Self::new().credentials(EnvCredentials::new());
        builder.project_id = std::env::var(PROJECT_VARIABLE).ok().filter(|id| !id.is_empty());
        builder.project_origin = Some(PROJECT_VARIABLE);
        builder
    }

    /// Sets the region, by its id (`"cn-north-4"`, `"eu-de"`). Its endpoints are, as in the
    /// official SDKs, those of the environment variable `HUAWEICLOUD_SDK_REGION_CTS_<ID>` (upper
    /// case, `_` for `-`), of `~/.huaweicloud/regions.yaml` or the file that
    /// `HUAWEICLOUD_SDK_REGIONS_FILE` names, or of the table in [`Region`]. If one has no address
    /// or no TLS, the next is used. An [`endpoint`](Self::endpoint) takes precedence over all of
    /// them, a [`cloud_domain`](Self::cloud_domain) only over the table.
    pub fn region(mut self, region: impl Into<Region>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Sets the domain of the cloud that the region is in: that of a private cloud, or of an
    /// operator that the table does not have. CTS is then at `https://cts.<region>.<domain>` and
    /// IAM at `https://iam.<region>.<domain>`, and any region is accepted. An endpoint, the
    /// environment variable and `regions.yaml` take precedence over it (see
    /// [`region`](Self::region)), and so does the domain of a [`Region::cloud_domain`]. For IAM, an
    /// [`iam_endpoint`](Self::iam_endpoint) or `HUAWEICLOUD_SDK_IAM_ENDPOINT` does.
    ///
    /// `ru-moscow-1` and `eu-west-0` need it unless they are Huawei Cloud's own: see [`Region`].
    ///
    /// ```
    /// use huaweicloud_cts::CtsClient;
    /// use huaweicloud_cts::credentials::Credentials;
    ///
    /// # #[cfg(any(feature = "rustls", feature = "native-tls"))] {
    /// let client = CtsClient::builder()
    ///     .region("atlantis-1")
    ///     .cloud_domain("cloud.example.com")
    ///     .credentials(Credentials::new("AK", "SK"))
    ///     .build()?;
    /// assert_eq!(client.endpoint().as_str(), "https://cts.atlantis-1.cloud.example.com/");
    /// # }
    /// # Ok::<(), huaweicloud_cts::BuildError>(())
    /// ```
    pub fn cloud_domain(mut self, domain: impl Into<String>) -> Self {
        self.cloud_domain = Some(domain.into());
        self
    }

    /// Sets the kind of cloud, for calls that take other steps in other clouds. Without it, the
    /// host or the region decides; a host that says nothing, such as that of a proxy, counts as
    /// Huawei Cloud.
    pub fn cloud(mut self, cloud: CloudKind) -> Self {
        self.cloud = Some(cloud);
        self
    }

    /// Sets the endpoint of the service, such as `https://cts.eu-de.otc.t-systems.com`. Without a
    /// scheme, it is `https://`. A path becomes a prefix of every call's path, except for a `/v3`
    /// at its end, because each call has that.
    ///
    /// ```
    /// # #[cfg(feature = "reqwest")] {
    /// use huaweicloud_cts::CtsClient;
    /// use huaweicloud_cts::credentials::Credentials;
    ///
    /// let client = CtsClient::builder()
    ///     .endpoint("http://127.0.0.1:8080")
    ///     .project_id("24edf66e79d04187acb99a463e610764")
    ///     .credentials(Credentials::new("AK", "SK"))
    ///     .build()?;
    /// assert_eq!(client.endpoint().port(), Some(8080));
    /// # }
    /// # Ok::<(), huaweicloud_cts::BuildError>(())
    /// ```
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Sets the project id: 32 hexadecimal digits, from "My Credentials" in the console. Without
    /// one, and with a region, it is that of the credentials, or else looked up through IAM by the
    /// first call.
    pub fn project_id(mut self, id: impl Into<String>) -> Self {
        self.project_id = Some(id.into());
        self.project_origin = None;
        self
    }

    /// Sets the account id, which the API calls `domain_id`: 32 hexadecimal digits, from "My
    /// Credentials" in the console. Only calls about the account need it, and find it out if it is
    /// not set: see [`CtsClient::domain_id`].
    pub fn domain_id(mut self, id: impl Into<String>) -> Self {
        self.domain_id = Some(id.into());
        self
    }

    /// Sets the provider of credentials: [`Credentials`](crate::credentials::Credentials),
    /// [`EnvCredentials`], or one of your own.
    pub fn credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.credentials = Some(Arc::new(provider));
        self
    }

    /// Sets the endpoint of IAM, for looking up the project id, and for providers of credentials
    /// that have no endpoint of their own. A `/v3` at its end makes no difference. Unless set, it
    /// is that of `HUAWEICLOUD_SDK_IAM_ENDPOINT`, or the region's.
    pub fn iam_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.iam_endpoint = Some(endpoint.into());
        self
    }

    /// Sets the endpoint of SMN, which [`CtsClient::check_topic`] asks. Unless set, it is that of
    /// the cloud if the endpoint of CTS is of a known cloud or a
    /// [`cloud_domain`](Self::cloud_domain): `smn.` in place of `cts.`. An endpoint of CTS on this
    /// machine serves both.
    pub fn smn_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.smn_endpoint = Some(endpoint.into());
        self
    }

    /// Sets how often a call is tried, and how long all of it may take: [`RetryPolicy::standard`]
    /// unless set.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Sets what is known about the gateway's limits, to share it with other clients of the same
    /// account: see [`Pace`]. Unless set, the client has one of its own.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = Some(pace);
        self
    }

    /// Sets how requests are sent, in place of reqwest.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the proxy for all requests, those of the providers of credentials included, in place of
    /// the system's settings: `http://proxy.example.com:3128`, with a user and a password perhaps.
    /// Requests to this machine and to the metadata service pass no proxy. For more, see
    /// [`ReqwestTransport::builder`](crate::transport::ReqwestTransport::builder).
    #[cfg(feature = "reqwest")]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.http = Some(self.http.unwrap_or_else(ReqwestTransport::builder).proxy(url));
        self
    }

    /// Trusts the certificate authorities in this PEM, in addition to the system's and those given
    /// before, for all requests, those of the providers of credentials included. For more, see
    /// [`ReqwestTransport::builder`](crate::transport::ReqwestTransport::builder).
    ///
    /// ```no_run
    /// use huaweicloud_cts::CtsClient;
    /// use huaweicloud_cts::credentials::DefaultCredentials;
    ///
    /// let client = CtsClient::builder()
    ///     .region("eu-de")
    ///     .credentials(DefaultCredentials::new())
    ///     .proxy("http://proxy.example.com:3128")
    ///     .root_certificates(std::fs::read("company-ca.pem")?)
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "reqwest")]
    pub fn root_certificates(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.http =
            Some(self.http.unwrap_or_else(ReqwestTransport::builder).root_certificates(pem));
        self
    }

    /// Sets the maximum time for resolving the host name, TCP and TLS together: 5 seconds unless
    /// set. A transport of your own has its own limit.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Sets the maximum time for one attempt, from its first byte to the last of the response: 15
    /// seconds unless set.
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = limit;
        self
    }

    /// Allows an endpoint with `http://` that is not on this machine. Requests can then be read on
    /// their way, and with them the security token of temporary credentials. Secret keys are never
    /// sent.
    pub fn allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Creates the client. Sends nothing and never panics.
    ///
    /// # Errors
    ///
    /// [`BuildError`], which says what is missing or can't be right.
    pub fn build(mut self) -> Result<CtsClient, BuildError> {
        self.region = self.placed_region()?;
        let endpoints = self.endpoints()?;
        let (_, first) = endpoints.current();
        self.region =
            self.region.map(|region| region.in_cloud_of(first.url.host_str().unwrap_or_default()));
        let by_host = CloudKind::of_host(first.url.host_str().unwrap_or_default());
        let by_region =
            || self.region.as_ref().and_then(|region| CloudKind::of_region(region.id()));
        let is_domain =
            self.endpoint.is_none() && self.region.as_ref().is_some_and(Region::has_domain);
        let is_known_cloud = by_host.is_some() || is_domain;
        let cloud = self.cloud.or(by_host).or_else(by_region).unwrap_or(CloudKind::Huawei);
        let project = self.project()?;
        let account = self.account()?;
        let smn = self.smn_endpoint.as_deref().map(|text| self.parsed(text, None)).transpose()?;
        let credentials = self.credentials.clone().ok_or(BuildError::NoCredentials)?;
        let transport = self.sender(&endpoints, project.iam())?;
        let context =
            CredentialsContext::of_client(self.region, self.iam_endpoint, Arc::clone(&transport));
        credentials.check(&context).map_err(BuildError::Credentials)?;
        Ok(CtsClient {
            inner: Arc::new(Inner {
                endpoints,
                cloud,
                project,
                account: AccountSource::new(account),
                smn: SmnSource::new(smn, is_known_cloud),
                credentials,
                context,
                transport,
                clock: Clock::default(),
                attempt_timeout: self.attempt_timeout,
                retry: self.retry,
                pace_is_given: self.pace.is_some(),
                pace: self.pace.unwrap_or_default(),
            }),
            options: None,
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An endpoint that was not read yet may have a password in it.
        let endpoint = |text: &Option<String>| text.as_deref().map(without_secrets);
        let mut shown = f.debug_struct("ClientBuilder");
        #[cfg(feature = "reqwest")]
        shown.field("http", &self.http);
        shown
            .field("region", &self.region.as_ref().map(Region::id))
            .field("cloud_domain", &endpoint(&self.cloud_domain))
            .field("endpoint", &endpoint(&self.endpoint))
            .field("iam_endpoint", &endpoint(&self.iam_endpoint))
            .field("smn_endpoint", &endpoint(&self.smn_endpoint))
            .field("project_id", &self.project_id)
            .field("domain_id", &self.domain_id)
            .field("credentials", &self.credentials)
            .field("transport", &self.transport)
            .field("retry", &self.retry)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}
