//! The settings that the environment and profile files share, and the provider that they result in.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::scope::Scope;
use super::{
    Credentials, CredentialsContext, CredentialsError, FederatedCredentials, MetadataCredentials,
    ProvideCredentials,
};
use crate::BoxFuture;
use crate::file::Stamp;
use crate::region::Region;
use crate::secret::value;
use crate::transport::Transport;

/// Implements for a provider whose `load` returns what its settings result in, and keeps it in
/// `last`, the methods of the trait that are forwarded to it.
macro_rules! by_settings {
    () => {
        fn provide<'a>(
            &'a self,
            context: &'a CredentialsContext,
        ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            match self.load() {
                Ok(found) => Box::pin(async move { found.provide(context).await }),
                Err(error) => Box::pin(std::future::ready(Err(error))),
            }
        }

        fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
            self.load()?.check(context)
        }

        fn refused(&self, credentials: &Credentials) {
            if let Some(found) = self.last.found() {
                found.refused(credentials);
            }
        }
    };
}
pub(super) use by_settings;

/// A value, and the name of its variable or key.
#[derive(Clone, PartialEq)]
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) value: Option<Zeroizing<String>>,
}

impl Setting {
    /// A setting that a source does not have.
    pub(super) const NONE: Self = Self { name: "", value: None };

    /// Checks the value, if one is set.
    fn check(&self) -> Result<(), CredentialsError> {
        let Self { name, value } = self;
        let checked = value.as_ref().map_or(Ok(()), |value| value::check(value));
        checked.map_err(|reason| CredentialsError::invalid(format!("{name} {reason}")))
    }
}

/// All settings.
#[derive(Clone, PartialEq)]
pub(super) struct Settings {
    pub(super) access_key: Setting,
    pub(super) secret_key: Setting,
    pub(super) security_token: Setting,
    pub(super) project_id: Setting,
    pub(super) domain_id: Setting,
    pub(super) iam_endpoint: Option<String>,
    pub(super) idp_id: Setting,
    pub(super) id_token_file: Setting,
    /// The metadata service of this server has the credentials.
    pub(super) is_server: bool,
}

/// How IAM or the metadata service is reached, if it is needed.
#[derive(Clone, Debug, Default)]
pub(super) struct Iam {
    /// The provider's own, which takes precedence over that of the client.
    pub(super) region: Option<Region>,
    pub(super) transport: Option<Arc<dyn Transport>>,
}

/// Credentials, or the provider that fetches them.
#[derive(Debug)]
pub(super) enum Source {
    Fixed(Credentials),
    Federated(Box<FederatedCredentials>),
    Server(Box<MetadataCredentials>),
}

impl Source {
    pub(super) fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        match self {
            Self::Fixed(credentials) => credentials.provide(context),
            Self::Federated(federated) => federated.provide(context),
            Self::Server(metadata) => metadata.provide(context),
        }
    }

    pub(super) fn check(&self, context: &CredentialsContext) -> Result<(), CredentialsError> {
        match self {
            Self::Fixed(credentials) => credentials.check(context),
            Self::Federated(federated) => federated.check(context),
            Self::Server(metadata) => metadata.check(context),
        }
    }

    pub(super) fn refused(&self, credentials: &Credentials) {
        match self {
            Self::Fixed(_) => {}
            Self::Federated(federated) => federated.refused(credentials),
            Self::Server(metadata) => metadata.refused(credentials),
        }
    }
}

/// The latest settings and what they resulted in. The settings are read each time, because they can
/// be replaced while the program runs.
#[derive(Default)]
pub(super) struct Last(RwLock<Option<Seen>>);

impl Clone for Last {
    fn clone(&self) -> Self {
        Self(RwLock::new(self.seen()))
    }
}

#[derive(Clone)]
struct Seen {
    /// The file, and its stamp before it was read, if the settings are from a file.
    file: Option<(PathBuf, Stamp)>,
    settings: Arc<Settings>,
    found: Arc<Source>,
}

impl Last {
    fn seen(&self) -> Option<Seen> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn found(&self) -> Option<Arc<Source>> {
        self.seen().map(|seen| seen.found)
    }

    /// Returns what was found in a file, if the file has not changed since it was read.
    pub(super) fn of_file(&self, path: &Path, stamp: Option<Stamp>) -> Option<Arc<Source>> {
        let stamp = stamp.filter(Stamp::is_settled)?;
        let seen = self.seen()?;
        seen.file.is_some_and(|(seen, was)| seen == path && was == stamp).then_some(seen.found)
    }

    /// Returns what the settings result in. Unchanged settings return the same value, with all that
    /// it has fetched.
    pub(super) fn find(
        &self,
        settings: Settings,
        file: Option<(PathBuf, Stamp)>,
        iam: &Iam,
    ) -> Result<Option<Arc<Source>>, CredentialsError> {
        let seen = match self.seen().filter(|seen| *seen.settings == settings) {
            // The usual case: nothing has changed since the last call.
            Some(seen) if seen.file == file => return Ok(Some(seen.found)),
            Some(seen) => Seen { file, ..seen },
            None => match settings.clone().find(iam)? {
                Some(found) => Seen { file, settings: Arc::new(settings), found: Arc::new(found) },
                None => return Ok(None),
            },
        };
        let found = Arc::clone(&seen.found);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(Some(found))
    }
}

impl fmt::Debug for Last {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.found().fmt(f)
    }
}

impl Settings {
    /// Returns what the settings result in; `None` if they have neither credentials nor an identity
    /// provider. An identity provider takes precedence, as in the official SDKs.
    pub(super) fn find(self, iam: &Iam) -> Result<Option<Source>, CredentialsError> {
        self.project_id.check()?;
        self.domain_id.check()?;
        let id = |setting: &Setting| setting.value.as_ref().map(|id| id.to_string());
        let scope = Scope { project_id: id(&self.project_id), domain_id: id(&self.domain_id) };
        if self.is_server {
            let mut metadata = MetadataCredentials::new().with_scope(scope);
            if let Some(transport) = &iam.transport {
                metadata = metadata.with_shared_transport(Arc::clone(transport));
            }
            return Ok(Some(Source::Server(Box::new(metadata))));
        }
        let origin = self.id_token_file.name;
        if let Some((mut idp_id, mut file)) = both(self.idp_id, self.id_token_file)? {
            let mut federated =
                FederatedCredentials::new(std::mem::take(&mut *idp_id), std::mem::take(&mut *file));
            federated = federated.with_file_from(origin).with_iam(iam).with_scope(scope);
            if let Some(endpoint) = self.iam_endpoint {
                federated = federated.iam_endpoint(endpoint);
            }
            federated.check_settings()?;
            return Ok(Some(Source::Federated(Box::new(federated))));
        }
        for setting in [&self.access_key, &self.secret_key, &self.security_token] {
            setting.check()?;
        }
        let Some((mut access_key, mut secret_key)) = both(self.access_key, self.secret_key)? else {
            return Ok(None);
        };
        let mut credentials =
            Credentials::new(std::mem::take(&mut *access_key), std::mem::take(&mut *secret_key));
        if let Some(mut token) = self.security_token.value {
            credentials = credentials.security_token(std::mem::take(&mut *token));
        }
        Ok(Some(Source::Fixed(scope.of(credentials))))
    }
}

type Pair = (Zeroizing<String>, Zeroizing<String>);

/// Returns two values of which neither is of use alone.
fn both(one: Setting, other: Setting) -> Result<Option<Pair>, CredentialsError> {
    let half = |set, unset| {
        CredentialsError::invalid(format!("{set} is set but {unset} is not: set both"))
    };
    match (one.value, other.value) {
        (Some(a), Some(b)) => Ok(Some((a, b))),
        (Some(_), None) => Err(half(one.name, other.name)),
        (None, Some(_)) => Err(half(other.name, one.name)),
        (None, None) => Ok(None),
    }
}
