//! The trait of providers.

use std::fmt;
use std::sync::Arc;

use super::{Credentials, CredentialsContext, CredentialsDescription, CredentialsError};
use crate::BoxFuture;

/// A provider of credentials.
///
/// A client asks it for each attempt of a call, so it can renew what it returns. Wrap a provider
/// that sends requests in [`CachedCredentials`](super::CachedCredentials).
///
/// ```
/// use huaweicloud_cts::BoxFuture;
/// use huaweicloud_cts::credentials::{Credentials, CredentialsContext, CredentialsError, ProvideCredentials};
///
/// /// Reads two files, one for each key.
/// #[derive(Debug)]
/// struct TwoFiles;
///
/// impl ProvideCredentials for TwoFiles {
///     fn provide<'a>(&'a self, _: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
///         Box::pin(async {
///             let read = |path: &str| {
///                 std::fs::read_to_string(path).map_err(|error| CredentialsError::failed(format!("{path} can't be read"), error))
///             };
///             Ok(Credentials::new(read("/run/secrets/ak")?.trim(), read("/run/secrets/sk")?.trim()))
///         })
///     }
/// }
/// ```
pub trait ProvideCredentials: fmt::Debug + Send + Sync {
    /// Returns the credentials to sign with now.
    ///
    /// `context` is that of the client. Unless configured otherwise, a provider that calls IAM uses
    /// the region and the IAM endpoint of the context, and sends requests through its transport. A
    /// provider that asks other providers passes the context on.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`], whose kind says whether another provider may be asked.
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>>;

    /// Looks for mistakes that show without a request. A client calls it when it is built, with its
    /// context. A provider that asks other providers should check them too. The default
    /// implementation accepts everything.
    ///
    /// # Errors
    ///
    /// The error that [`provide`](Self::provide) would return with this context.
    fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        let _ = context;
        Ok(())
    }

    /// Notes that the service refused these credentials, which the provider returned: it does not
    /// know them, or their security token has expired.
    ///
    /// A provider that keeps credentials should fetch others if it still has these (same
    /// [access key](Credentials::access_key), same token), but not for each call: if no others are
    /// available, every call is refused. A provider that asks other providers should forward the
    /// call. The default implementation does nothing.
    fn refused(&self, credentials: &Credentials) {
        let _ = credentials;
    }

    /// Asks for credentials, and returns which source provided them and why others did not. A
    /// provider that asks others describes each of them. By default, a provider is one source.
    fn describe<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, CredentialsDescription> {
        Box::pin(
            async move { CredentialsDescription::of(self.name(), &self.provide(context).await) },
        )
    }

    /// Returns `true` if the credentials act in another account than the one that this machine is
    /// set up for. The project id of the environment is not used with them. `false` by default.
    fn is_assumed(&self) -> bool {
        false
    }

    /// Returns a short name for messages, such as those of a
    /// [`CredentialsChain`](super::CredentialsChain). By default, the name of the type.
    fn name(&self) -> &str {
        let path = std::any::type_name::<Self>();
        let path = path.split('<').next().unwrap_or(path);
        path.rsplit("::").next().unwrap_or(path)
    }
}

impl ProvideCredentials for Credentials {
    fn provide<'a>(
        &'a self,
        _: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(std::future::ready(Ok(self.clone())))
    }

    fn check(&self, _: &CredentialsContext) -> Result<(), CredentialsError> {
        self.validate()
    }

    fn name(&self) -> &'static str {
        "fixed credentials"
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
