//! Why there are no keys.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// Why there are no keys. Never holds a key.
#[derive(Clone, Debug)]
pub struct CredentialsError {
    kind: CredentialsErrorKind,
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What went wrong in the search for keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialsErrorKind {
    /// This provider was not set up: nothing is wrong with it, and the next one may know.
    NotConfigured,
    /// It was set up, but what it says can't be right: correct it.
    Invalid,
    /// It was asked and failed: a service did not answer, or refused.
    Failed,
}

impl CredentialsError {
    /// This provider is not set up.
    #[must_use]
    pub fn not_configured(message: impl Into<String>) -> Self {
        Self { kind: CredentialsErrorKind::NotConfigured, message: message.into(), source: None }
    }

    /// This provider is set up wrongly.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self { kind: CredentialsErrorKind::Invalid, message: message.into(), source: None }
    }

    /// This provider failed. The message should not repeat the source, which is shown after it.
    #[must_use]
    pub fn failed(message: impl Into<String>, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let source = Some(Arc::from(source.into()));
        Self { kind: CredentialsErrorKind::Failed, message: message.into(), source }
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> CredentialsErrorKind {
        self.kind
    }

    /// The same, with `text` and a colon before the message.
    pub(super) fn after(mut self, text: impl fmt::Display) -> Self {
        self.message = format!("{text}: {}", self.message);
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
