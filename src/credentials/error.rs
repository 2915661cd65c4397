//! Errors of providers of credentials.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// An error of a provider of credentials. It never contains a secret.
#[derive(Clone, Debug)]
pub struct CredentialsError {
    kind: CredentialsErrorKind,
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    /// The service refused the signature of the caller that was to get the credentials.
    is_refused_caller: bool,
}

/// The kind of a [`CredentialsError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialsErrorKind {
    /// The provider is not configured. A chain asks the next one.
    NotConfigured,
    /// The provider is configured, but its configuration or its credentials are invalid. Correct
    /// them.
    Invalid,
    /// Fetching the credentials failed: a service did not respond, or refused. A retry may succeed.
    Failed,
}

impl CredentialsError {
    /// Creates an error of a provider that is not configured.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::{CredentialsError, CredentialsErrorKind};
    ///
    /// let error = CredentialsError::not_configured("VAULT_TOKEN is not set");
    /// assert_eq!(error.kind(), CredentialsErrorKind::NotConfigured);
    /// ```
    #[must_use]
    pub fn not_configured(message: impl Into<String>) -> Self {
        Self {
            kind: CredentialsErrorKind::NotConfigured,
            message: message.into(),
            source: None,
            is_refused_caller: false,
        }
    }

    /// Creates an error of a provider whose configuration or credentials are invalid.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::CredentialsError;
    ///
    /// let error = CredentialsError::invalid("VAULT_TOKEN has a line break");
    /// assert_eq!(error.to_string(), "VAULT_TOKEN has a line break");
    /// ```
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self {
            kind: CredentialsErrorKind::Invalid,
            message: message.into(),
            source: None,
            is_refused_caller: false,
        }
    }

    /// Creates an error of a provider that failed. The message should not repeat the source, which
    /// is printed after it.
    ///
    /// ```
    /// use std::error::Error;
    /// use huaweicloud_cts::credentials::CredentialsError;
    ///
    /// let error = CredentialsError::failed("the vault returned no credentials", "status 503");
    /// assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("status 503"));
    /// ```
    #[must_use]
    pub fn failed(
        message: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let source = Some(Arc::from(source.into()));
        Self {
            kind: CredentialsErrorKind::Failed,
            message: message.into(),
            source,
            is_refused_caller: false,
        }
    }

    /// Returns the kind of this error.
    #[must_use]
    pub fn kind(&self) -> CredentialsErrorKind {
        self.kind
    }

    /// Marks an error as a refusal of the caller's signature.
    pub(super) fn of_refused_caller(self) -> Self {
        Self { is_refused_caller: true, ..self }
    }

    pub(crate) fn is_refused_caller(&self) -> bool {
        self.is_refused_caller
    }

    /// Prepends `prefix` and a colon to the message.
    pub(super) fn after(mut self, prefix: impl fmt::Display) -> Self {
        self.message = format!("{prefix}: {}", self.message);
        self
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for CredentialsError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
