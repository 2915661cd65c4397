//! The provider below the cache: an exchange that the credentials of the source sign.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::call::Call;
use super::exchange;
use crate::BoxFuture;
use crate::credentials::http::Http;
use crate::credentials::own::Own;
use crate::credentials::scope::Scope;
use crate::credentials::{Credentials, CredentialsContext, CredentialsError, ProvideCredentials};
use crate::endpoint::Endpoint;

#[derive(Clone)]
pub(super) struct Assume {
    pub(super) source: Arc<dyn ProvideCredentials>,
    pub(super) call: Call,
    pub(super) duration: Duration,
    /// A setter for STS that was called for IAM.
    pub(super) misused: Option<&'static str>,
    pub(super) own: Own,
    pub(super) scope: Scope,
    pub(super) http: Http,
}

impl Assume {
    fn endpoint(&self, context: &CredentialsContext) -> Result<Endpoint, CredentialsError> {
        match &self.call {
            Call::Sts(_) => self.own.sts(context),
            Call::Iam(_) => self.own.iam(context, "credentials are"),
        }
    }

    async fn load(&self, context: &CredentialsContext) -> Result<Credentials, CredentialsError> {
        self.check_own()?;
        let endpoint = self.endpoint(context)?;
        let transport = self.http.transport(context)?;
        let caller = self
            .source
            .provide(context)
            .await
            .map_err(|error| error.after(format!("no credentials to assume {}", self.call)))?;
        if caller.is_temporary() {
            self.call.check_further_hop(self.duration)?;
        }
        let assumed =
            exchange::assume(transport, &endpoint, &self.call, self.duration, &caller).await;
        let assumed = assumed.map_err(|refused| refused.into_error(&self.call, self.duration));
        if assumed.as_ref().is_err_and(CredentialsError::is_refused_caller) {
            self.source.refused(&caller);
        }
        let credentials = assumed?;
        Ok(self.scope.of(credentials))
    }

    fn check_own(&self) -> Result<(), CredentialsError> {
        if let Some(setter) = self.misused {
            return Err(CredentialsError::invalid(format!(
                "{setter}(…) is for agencies that are assumed through STS, but {} is assumed through IAM",
                self.call
            )));
        }
        self.call.check(self.duration)
    }
}

impl ProvideCredentials for Assume {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.load(context))
    }

    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        self.check_own()?;
        if self.source.is_assumed() {
            self.call.check_further_hop(self.duration)?;
        }
        self.endpoint(context)?;
        self.source.check(context)
    }

    fn is_assumed(&self) -> bool {
        true
    }

    fn name(&self) -> &'static str {
        "agency"
    }
}

impl fmt::Debug for Assume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assume")
            .field("source", &self.source)
            .field("call", &self.call)
            .field("duration", &self.duration)
            .field("misused", &self.misused)
            .field("own", &self.own)
            .field("scope", &self.scope)
            .field("http", &self.http)
            .finish()
    }
}
