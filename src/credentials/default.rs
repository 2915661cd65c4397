//! The default search for credentials.

use super::{
    Credentials, CredentialsChain, CredentialsContext, CredentialsDescription, CredentialsError,
    EnvCredentials, OidcCredentials, PodIdentityCredentials, ProfileCredentials,
    ProvideCredentials,
};
use crate::BoxFuture;
use crate::region::Region;

/// The default search for credentials, in the order of the newest official SDK:
///
/// 1. [`OidcCredentials::from_env`]: an id token for STS, by the variables `HUAWEICLOUD_OIDC_…`
/// 2. [`EnvCredentials`]: the variables `HUAWEICLOUD_SDK_…`
/// 3. [`ProfileCredentials`]: the file `~/.huaweicloud/credentials`
/// 4. [`MetadataCredentials`](super::MetadataCredentials): the agency of an ECS server
/// 5. [`PodIdentityCredentials`]: the agency of a pod in CCE
///
/// They are in a [`CredentialsChain`] and follow its rules: a source that is not configured is
/// skipped, and one that is misconfigured is an error. Credentials that are found are kept, and
/// renewed before they expire. Away from the cloud, the metadata service costs up to three seconds.
///
/// The order is that of the Python SDK 3.1.219. The SDK for Java has no STS, that for Go neither
/// STS nor pods, and that for Node.js reads the environment alone.
///
/// Without the feature `reqwest` the metadata service is left out, and tokens are exchanged only if
/// the client has a transport.
#[derive(Clone, Debug)]
pub struct DefaultCredentials(CredentialsChain);

impl Default for DefaultCredentials {
    fn default() -> Self {
        Self::new()
    }
}

impl DefaultCredentials {
    /// Creates a provider. Reads nothing yet.
    ///
    /// ```no_run
    /// use huaweicloud_cts::CtsClient;
    /// use huaweicloud_cts::credentials::DefaultCredentials;
    ///
    /// let client = CtsClient::builder().region("eu-de").credentials(DefaultCredentials::new()).build()?;
    /// # Ok::<(), huaweicloud_cts::BuildError>(())
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::search(OidcCredentials::from_env(), EnvCredentials::new(), ProfileCredentials::new())
    }

    /// Sets the region whose IAM or STS exchanges an id token, if the profile names no endpoint. It
    /// takes precedence over `HUAWEICLOUD_SDK_IAM_ENDPOINT` and `HUAWEICLOUD_SDK_STS_ENDPOINT`. By
    /// default, it is the region of the client, over which the variables take precedence.
    #[must_use]
    pub fn region(self, region: impl Into<Region>) -> Self {
        let region = region.into();
        Self::search(
            OidcCredentials::from_env().region(region.clone()),
            EnvCredentials::new().region(region.clone()),
            ProfileCredentials::new().region(region),
        )
    }

    fn search(
        oidc: OidcCredentials,
        environment: EnvCredentials,
        profile: ProfileCredentials,
    ) -> Self {
        let chain = CredentialsChain::new().then(oidc).then(environment).then(profile);
        #[cfg(feature = "reqwest")]
        let chain = chain.then(super::MetadataCredentials::new());
        Self(chain.then(PodIdentityCredentials::new()))
    }
}

impl ProvideCredentials for DefaultCredentials {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        self.0.provide(context)
    }

    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        self.0.check(context)
    }

    fn refused(&self, credentials: &Credentials) {
        self.0.refused(credentials);
    }

    fn describe<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, CredentialsDescription> {
        self.0.describe(context)
    }

    fn name(&self) -> &'static str {
        "default"
    }
}
