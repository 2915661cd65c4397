//! What a source of keys can do.

use std::fmt;
use std::sync::Arc;

use super::{Credentials, CredentialsError};
use crate::BoxFuture;
use crate::region::Region;

/// Finds the keys for a call. Asked anew for each attempt, so it may renew them.
pub trait ProvideCredentials: fmt::Debug + Send + Sync {
    /// The keys to sign with now.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`], whose kind tells whether another provider may be asked.
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>>;

    /// Looks for mistakes that can be told without asking anybody. Called when a client is built.
    ///
    /// # Errors
    ///
    /// The same as [`provide`](Self::provide) would give.
    fn check(&self) -> Result<(), CredentialsError> {
        Ok(())
    }

    /// Tells where the keys will be used: the region and the address of IAM that a client is built with, as far as they were
    /// named. Called when a client is built, before [`check`](Self::check).
    ///
    /// A provider that asks IAM for keys should ask there, unless it was told a place of its own. One that several clients
    /// share is told by each of them, and keeps to the first. One that asks others should tell them. All others need not
    /// care: unless you say otherwise, nothing happens.
    fn place(&self, region: Option<&Region>, iam_endpoint: Option<&str>) {
        let _ = (region, iam_endpoint);
    }

    /// Tells that the service does not take these keys, which the provider gave: it does not know them, or their security
    /// token is outdated.
    ///
    /// A provider that keeps keys should drop them if they are still these ([same access key](Credentials::access_key), same
    /// token), so that the next call asks for others. One that asks others should tell them. All others need not care:
    /// unless you say otherwise, nothing happens.
    fn refused(&self, credentials: &Credentials) {
        let _ = credentials;
    }

    /// A short name for messages, such as those of a [`CredentialsChain`](super::CredentialsChain). Unless you say
    /// otherwise, the name of the type.
    fn name(&self) -> &str {
        let path = std::any::type_name::<Self>();
        let path = path.split('<').next().unwrap_or(path);
        path.rsplit("::").next().unwrap_or(path)
    }
}

impl ProvideCredentials for Credentials {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }

    fn check(&self) -> Result<(), CredentialsError> {
        self.validate()
    }

    fn name(&self) -> &'static str {
        "fixed keys"
    }
}

impl<P: ProvideCredentials + ?Sized> ProvideCredentials for Arc<P> {
    fn provide(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        (**self).provide()
    }

    fn check(&self) -> Result<(), CredentialsError> {
        (**self).check()
    }

    fn place(&self, region: Option<&Region>, iam_endpoint: Option<&str>) {
        (**self).place(region, iam_endpoint);
    }

    fn refused(&self, credentials: &Credentials) {
        (**self).refused(credentials);
    }

    fn name(&self) -> &str {
        (**self).name()
    }
}
