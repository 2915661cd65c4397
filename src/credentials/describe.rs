//! Descriptions of sources of credentials: which one is used, and why the others are not.

use std::fmt;
use std::time::SystemTime;

use super::{Credentials, CredentialsError, CredentialsErrorKind};
use crate::text::{Chain, masked, printable};
use crate::time::rfc3339;

/// A description of the sources of credentials, in the order in which they are asked. It contains
/// no secret.
///
/// `Display` prints a line for each source and, if there are no credentials, one that says what to
/// do. See [`CtsClient::describe_credentials`](crate::CtsClient::describe_credentials).
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use huaweicloud_cts::credentials::{Credentials, CredentialsContext, ProfileCredentials, ProvideCredentials as _};
///
/// let context = CredentialsContext::new();
/// let described = Credentials::new("AKIDEXAMPLE", "secret").describe(&context).await;
/// assert!(described.provides());
/// println!("{described}");
///
/// let described = ProfileCredentials::new().path("/nonexistent").describe(&context).await;
/// assert!(!described.provides());
/// println!("{described}");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialsDescription {
    /// The sources. Where one assumes an agency, its own source comes before it.
    pub sources: Vec<CredentialsSource>,
}

/// A source of credentials, and the outcome of asking it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialsSource {
    /// The [name](super::ProvideCredentials::name) of the provider.
    pub name: String,
    /// The outcome.
    pub outcome: SourceOutcome,
}

/// The outcome of asking a source of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceOutcome {
    /// The source has credentials.
    #[non_exhaustive]
    Provided {
        /// The access key, of which at most four characters are shown.
        access_key: String,
        /// Whether the credentials are temporary.
        is_temporary: bool,
        /// When they expire, if that is known.
        expiry: Option<SystemTime>,
    },
    /// The source is not configured, and the next one is asked.
    #[non_exhaustive]
    NotConfigured {
        /// What is missing.
        reason: String,
    },
    /// The source is misconfigured.
    #[non_exhaustive]
    Invalid {
        /// What is wrong.
        reason: String,
    },
    /// The source could not fetch credentials.
    #[non_exhaustive]
    Failed {
        /// What failed.
        reason: String,
    },
    /// The source was not asked, because one before it ended the search.
    NotAsked,
}

impl CredentialsDescription {
    /// Creates the description of one provider from what it provided.
    pub(super) fn of(name: &str, provided: &Result<Credentials, CredentialsError>) -> Self {
        let outcome = match provided {
            Ok(credentials) => SourceOutcome::Provided {
                access_key: masked(credentials.access_key()),
                is_temporary: credentials.is_temporary(),
                expiry: credentials.expiry(),
            },
            Err(error) => {
                let reason = Chain(error).to_string();
                match error.kind() {
                    CredentialsErrorKind::NotConfigured => SourceOutcome::NotConfigured { reason },
                    CredentialsErrorKind::Invalid => SourceOutcome::Invalid { reason },
                    CredentialsErrorKind::Failed => SourceOutcome::Failed { reason },
                }
            }
        };
        Self { sources: vec![CredentialsSource { name: name.to_owned(), outcome }] }
    }

    pub(super) fn not_asked(name: &str) -> Self {
        Self {
            sources: vec![CredentialsSource {
                name: name.to_owned(),
                outcome: SourceOutcome::NotAsked,
            }],
        }
    }

    pub(super) fn then(mut self, next: Self) -> Self {
        self.sources.extend(next.sources);
        self
    }

    /// Adds a provider that needs credentials of these sources, which have none. It shares the
    /// outcome of the source that ended the search.
    pub(super) fn lacked_by(self, name: &str, reason: String) -> Self {
        let outcome = match self.last_asked().map(|source| &source.outcome) {
            Some(SourceOutcome::Invalid { .. }) => SourceOutcome::Invalid { reason },
            Some(SourceOutcome::Failed { .. }) => SourceOutcome::Failed { reason },
            _ => SourceOutcome::NotConfigured { reason },
        };
        self.then(Self { sources: vec![CredentialsSource { name: name.to_owned(), outcome }] })
    }

    fn last_asked(&self) -> Option<&CredentialsSource> {
        self.sources.iter().rev().find(|source| source.outcome != SourceOutcome::NotAsked)
    }

    /// Returns `true` if there are credentials: the source that ended the search has provided them.
    #[must_use]
    pub fn provides(&self) -> bool {
        self.last_asked()
            .is_some_and(|source| matches!(source.outcome, SourceOutcome::Provided { .. }))
    }

    /// Returns what to do, if there are no credentials.
    fn advice(&self) -> Option<String> {
        if self.provides() {
            return None;
        }
        let wrong = self.sources.iter().find_map(|source| match source.outcome {
            SourceOutcome::Invalid { .. } => {
                Some(format!("correct or remove the source {:?}", shown(&source.name)))
            }
            SourceOutcome::Failed { .. } => {
                Some(format!("the source {:?} failed", shown(&source.name)))
            }
            _ => None,
        });
        Some(match wrong {
            Some(wrong) => format!("no credentials: {wrong}; no other is asked in its place"),
            None if self.sources.is_empty() => "no credentials: there are no sources".to_owned(),
            None => "no credentials: configure one of these sources".to_owned(),
        })
    }

    /// Returns `true` if the last source ended the search: it has credentials, or is an error.
    pub(super) fn ends_search(&self) -> bool {
        self.sources
            .last()
            .is_some_and(|source| !matches!(source.outcome, SourceOutcome::NotConfigured { .. }))
    }
}

impl fmt::Display for CredentialsDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.sources.iter().map(|source| shown(&source.name) + ":").collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
        for (i, (name, source)) in names.iter().zip(&self.sources).enumerate() {
            let line = if i == 0 { "" } else { "\n" };
            write!(f, "{line}{name:<width$} {}", source.outcome)?;
        }
        match self.advice() {
            Some(advice) if self.sources.is_empty() => f.write_str(&advice),
            Some(advice) => write!(f, "\n{advice}"),
            None => Ok(()),
        }
    }
}

/// Writes the name and the outcome on one line.
impl fmt::Display for CredentialsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", shown(&self.name), self.outcome)
    }
}

fn shown(name: &str) -> String {
    printable(name, 100)
}

impl fmt::Display for SourceOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |reason: &str| printable(reason, 2000);
        match self {
            Self::Provided { access_key, is_temporary: false, .. } => {
                write!(f, "access key {access_key}, permanent")
            }
            Self::Provided { access_key, expiry, .. } => {
                write!(f, "access key {access_key}, temporary")?;
                match expiry.and_then(|expiry| rfc3339(expiry, 0)) {
                    Some(expiry) => write!(f, ", until {expiry}"),
                    None => Ok(()),
                }
            }
            Self::NotConfigured { reason } => write!(f, "not configured: {}", shown(reason)),
            Self::Invalid { reason } => write!(f, "invalid: {}", shown(reason)),
            Self::Failed { reason } => write!(f, "failed: {}", shown(reason)),
            Self::NotAsked => f.write_str("not asked"),
        }
    }
}
