//! Several providers in order.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use super::{
    Credentials, CredentialsContext, CredentialsDescription, CredentialsError,
    CredentialsErrorKind, ProvideCredentials,
};
use crate::BoxFuture;

/// A list of providers, of which the first that has credentials is used.
///
/// Only a provider that is [not configured](CredentialsErrorKind::NotConfigured) is skipped. A
/// misconfigured or failing provider is an error, so that a program never falls back to the
/// credentials of another identity. For the same reason all later calls ask the first provider that
/// had credentials.
///
/// The error names each provider and its reason.
///
/// ```
/// use huaweicloud_cts::credentials::{Credentials, CredentialsChain, EnvCredentials};
///
/// let provider = CredentialsChain::new().then(EnvCredentials::new()).then(Credentials::new("AK", "SK"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct CredentialsChain {
    providers: Vec<Arc<dyn ProvideCredentials>>,
    /// The index of the first one that had credentials.
    chosen: OnceLock<usize>,
}

impl CredentialsChain {
    /// Creates a chain without providers, which has no credentials.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider, which is asked after all others. It is asked for every call: wrap one that
    /// sends requests in [`CachedCredentials`](super::CachedCredentials).
    #[must_use]
    pub fn then(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        self.providers.push(Arc::new(provider));
        self.chosen = OnceLock::new();
        self
    }

    async fn find(&self, context: &CredentialsContext) -> Result<Credentials, CredentialsError> {
        if let Some(provider) = self.chosen.get().and_then(|index| self.providers.get(*index)) {
            return provider.provide(context).await.map_err(|error| error.after(provider.name()));
        }
        let mut reasons = Reasons::default();
        for (index, provider) in self.providers.iter().enumerate() {
            match provider.provide(context).await {
                Ok(credentials) => {
                    self.chosen.get_or_init(|| index);
                    return Ok(credentials);
                }
                Err(error) => reasons.add(provider.name(), error)?,
            }
        }
        Err(reasons.all())
    }
}

impl ProvideCredentials for CredentialsChain {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.find(context))
    }

    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        let mut reasons = Reasons::default();
        for provider in &self.providers {
            match provider.check(context) {
                Ok(()) => return Ok(()),
                Err(error) => reasons.add(provider.name(), error)?,
            }
        }
        Err(reasons.all())
    }

    /// Forwards the refusal to the provider that had the credentials.
    fn refused(&self, credentials: &Credentials) {
        if let Some(provider) = self.chosen.get().and_then(|index| self.providers.get(*index)) {
            provider.refused(credentials);
        }
    }

    fn describe<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, CredentialsDescription> {
        Box::pin(async move {
            let mut all = CredentialsDescription::default();
            for provider in &self.providers {
                all = if all.ends_search() {
                    all.then(CredentialsDescription::not_asked(provider.name()))
                } else {
                    all.then(provider.describe(context).await)
                };
            }
            all
        })
    }

    fn is_assumed(&self) -> bool {
        self.providers.iter().any(ProvideCredentials::is_assumed)
    }

    fn name(&self) -> &'static str {
        "chain"
    }
}

/// The reasons of the providers that are not configured, on one line.
#[derive(Default)]
struct Reasons(String);

impl Reasons {
    /// Adds an error. If it ends the search, returns it with all reasons before it.
    fn add(&mut self, name: &str, error: CredentialsError) -> Result<(), CredentialsError> {
        let before = if self.0.is_empty() { "" } else { "; " };
        if error.kind() != CredentialsErrorKind::NotConfigured {
            return Err(error.after(format_args!("{}{before}{name}", self.0)));
        }
        let reason = error.to_string().replace(char::is_control, " ");
        // Writing to a string never fails.
        let _ = write!(self.0, "{before}{name}: {reason}");
        Ok(())
    }

    fn all(self) -> CredentialsError {
        let reasons =
            if self.0.is_empty() { "the chain has no providers".to_owned() } else { self.0 };
        CredentialsError::not_configured(reasons)
    }
}
