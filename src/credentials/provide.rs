//! What a source of keys can do.

use std::fmt;
use std::sync::Arc;

use super::{Credentials, CredentialsContext, CredentialsDescription, CredentialsError};
use crate::BoxFuture;

/// Finds the keys for a call. Asked anew for each attempt, so it may renew them.
pub trait ProvideCredentials: fmt::Debug + Send + Sync {
    /// The keys to sign with now. `context` is the client's; a provider that asks IAM asks the one that the context names,
    /// and sends requests as the context does, unless it was told otherwise. One that asks other providers passes it on.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`], whose kind tells whether another provider may be asked.
    fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>>;

    /// Looks for mistakes that show without a request. A client calls it when it is built, with its context. A provider
    /// that asks other providers should check them too. The default implementation accepts everything.
    ///
    /// # Errors
    ///
    /// The error that [`provide`](Self::provide) would return with this context.
    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        let _ = context;
        Ok(())
    }

    /// Tells that the service does not take these keys, which the provider gave: it does not know them, or their security
    /// token is outdated.
    ///
    /// A provider that keeps keys should look for others if they are still these ([same access key](Credentials::access_key),
    /// same token), though not for each call: where others do not come, every call is refused. One that asks others should
    /// tell them. All others need not care:
    /// unless you say otherwise, nothing happens.
    fn refused(&self, credentials: &Credentials) {
        let _ = credentials;
    }

    /// Asks for credentials, and returns which source provided them and why others did not. Those that consist of several
    /// sources describe each; unless you say otherwise, a provider is one source.
    fn describe<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, CredentialsDescription> {
        Box::pin(async move { CredentialsDescription::of(self.name(), &self.provide(context).await) })
    }

    /// Returns `true` if the credentials act in another account than the one that this machine is set up for. The project id of
    /// the environment is not used with them. `false` unless you say otherwise.
    fn is_assumed(&self) -> bool {
        false
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
    fn provide<'a>(&'a self, _: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }

    fn check(&self, _: &CredentialsContext) -> Result<(), CredentialsError> {
        self.validate()
    }

    fn name(&self) -> &'static str {
        "fixed keys"
    }
}

/// Implements the trait for a pointer by what it points to.
macro_rules! delegate {
    ($($pointer:ident),+) => {$(
        impl<P: ProvideCredentials + ?Sized> ProvideCredentials for $pointer<P> {
            fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
                (**self).provide(context)
            }

            fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
                (**self).check(context)
            }

            fn refused(&self, credentials: &Credentials) {
                (**self).refused(credentials);
            }

            fn describe<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, CredentialsDescription> {
                (**self).describe(context)
            }

            fn is_assumed(&self) -> bool {
                (**self).is_assumed()
            }

            fn name(&self) -> &str {
                (**self).name()
            }
        }
    )+};
}
delegate!(Arc, Box);
