//! The search that needs no configuration.

use super::{
    Credentials, CredentialsChain, CredentialsContext, CredentialsError, EnvCredentials, ProfileCredentials,
    ProvideCredentials,
};
use crate::BoxFuture;
use crate::region::Region;

/// The search that the official SDKs do: the environment, then the profile file, then the metadata service.
///
/// These are [`EnvCredentials`], [`ProfileCredentials`] and [`MetadataCredentials`](super::MetadataCredentials), in a
/// [`CredentialsChain`] and with its rules. Keys that are found are kept, and renewed if they run out. Without the feature
/// `reqwest` there is no metadata service, and id tokens can't be exchanged; make a chain with a transport of your own.
#[derive(Debug)]
pub struct DefaultCredentials(CredentialsChain);

impl Default for DefaultCredentials {
    fn default() -> Self {
        Self::new()
    }
}

impl DefaultCredentials {
    /// Looks nowhere yet.
    #[must_use]
    pub fn new() -> Self {
        Self::over(EnvCredentials::new(), ProfileCredentials::new())
    }

    /// The region whose IAM exchanges an id token, if that is how the keys are come by and no endpoint is named. Unless set,
    /// it is that of the client.
    #[must_use]
    pub fn region(self, region: impl Into<Region>) -> Self {
        let region = region.into();
        Self::over(EnvCredentials::new().region(region.clone()), ProfileCredentials::new().region(region))
    }

    fn over(environment: EnvCredentials, profile: ProfileCredentials) -> Self {
        let chain = CredentialsChain::new().then(environment).then(profile);
        #[cfg(feature = "reqwest")]
        let chain = chain.then(super::MetadataCredentials::new());
        Self(chain)
    }
}

impl ProvideCredentials for DefaultCredentials {
    fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        self.0.provide(context)
    }

    fn check(&self) -> Result<(), CredentialsError> {
        self.0.check()
    }

    fn refused(&self, credentials: &Credentials) {
        self.0.refused(credentials);
    }

    fn name(&self) -> &'static str {
        "default"
    }
}
