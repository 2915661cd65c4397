//! Credentials, and the providers that find them.
//!
//! [`Credentials`] are an access key (AK), a secret key (SK) and, when they are temporary, a
//! security token. A provider, which implements [`ProvideCredentials`], finds them. The guide has
//! [a page](crate::guide::identity) on choosing one.
//!
//! | provider | source of the credentials |
//! |---|---|
//! | [`DefaultCredentials`] | the first of the common sources that is configured |
//! | [`EnvCredentials`] | environment variables |
//! | [`ProfileCredentials`] | the file `~/.huaweicloud/credentials` |
//! | [`KooCliCredentials`] | a profile of the command line tool KooCLI |
//! | [`MetadataCredentials`] | the metadata service of an ECS server |
//! | [`OidcCredentials`] | STS, in exchange for an OIDC id token |
//! | [`PodIdentityCredentials`] | the agent on the node of a pod in CCE |
//! | [`FederatedCredentials`] | IAM, in exchange for an OIDC id token |
//! | [`AssumeAgency`] | an agency of another account, assumed by another identity |
//! | [`CredentialsChain`] | the first of a list of providers that is configured |
//! | [`CachedCredentials`] | another provider, whose credentials are kept and renewed |
//! | [`Credentials`] | the value itself |
//!
//! A client passes each of them a [`CredentialsContext`]: its region, IAM endpoint and transport.
//! Creating a provider reads and sends nothing. A client asks it for each call, and temporary
//! credentials are kept in memory until it is time to renew them. The page of each provider says
//! which variables and files it reads, what it sends where, when it renews, and which errors it
//! has.

mod agency;
mod cache;
mod chain;
mod context;
mod default;
mod describe;
mod env;
mod error;
mod federated;
mod http;
pub(crate) mod iam;
mod ini;
mod invocation;
mod koocli;
mod metadata;
mod oidc;
mod own;
mod pod;
mod profile;
mod provide;
mod response;
mod scope;
mod settings;
mod step;
mod sts;
mod token_file;

use crate::secret::value;

pub use crate::secret::Credentials;
pub use agency::{AgencyAccount, AssumeAgency};
pub use cache::CachedCredentials;
pub use chain::CredentialsChain;
pub use context::CredentialsContext;
pub use default::DefaultCredentials;
pub use describe::{CredentialsDescription, CredentialsSource, SourceOutcome};
pub use env::EnvCredentials;
pub use error::{CredentialsError, CredentialsErrorKind};
pub use federated::FederatedCredentials;
pub use koocli::KooCliCredentials;
pub use metadata::MetadataCredentials;
pub use oidc::OidcCredentials;
pub use pod::PodIdentityCredentials;
pub use profile::ProfileCredentials;
pub use provide::ProvideCredentials;

impl Credentials {
    /// Checks that the credentials can sign a request.
    ///
    /// # Errors
    ///
    /// [`CredentialsErrorKind::Invalid`] for an empty key, and for a key or token that has a
    /// character other than printable ASCII, a quotation mark at either end or one of `{}<>$`, or
    /// that is a placeholder such as `YOUR_ACCESS_KEY` or `xxxx`. A stray line break or quotes in a
    /// file or variable cause this, and the service would only respond with 401.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::Credentials;
    ///
    /// let error = Credentials::new("AK", "secret\n").validate().unwrap_err();
    /// assert!(error.to_string().starts_with("the secret key has white space or a control character at position 7 of 7"));
    /// ```
    pub fn validate(&self) -> Result<(), CredentialsError> {
        check("access key", self.access_key())?;
        check("secret key", self.secret_key())?;
        self.session_token().map_or(Ok(()), |token| check("security token", token))
    }
}

/// Checks a part of the credentials, which the error calls `what`.
fn check(what: &str, value: &str) -> Result<(), CredentialsError> {
    value::check(value).map_err(|reason| CredentialsError::invalid(format!("the {what} {reason}")))
}
