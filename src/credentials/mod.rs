//! Keys, and where they come from.
//!
//! [`Credentials`] are an access key (AK), a secret key (SK) and, when they are temporary, a security token.
//! A [`ProvideCredentials`] finds them:
//!
//! | provider | where the keys are |
//! |---|---|
//! | [`DefaultCredentials`] | in the first of the most common sources that has some |
//! | [`EnvCredentials`] | in the environment |
//! | [`ProfileCredentials`] | in the file `~/.huaweicloud/credentials` |
//! | [`KooCliCredentials`] | in the profile of the command line tool KooCLI |
//! | [`MetadataCredentials`] | with the metadata service of an ECS server |
//! | [`OidcCredentials`] | with STS, which gives them for an id token of an identity provider |
//! | [`PodIdentityCredentials`] | with the agent on the node of a pod in CCE |
//! | [`FederatedCredentials`] | with IAM, which gives them for an id token of an identity provider |
//! | [`AssumeAgency`] | with an agency of another account, which another identity assumes |
//! | [`CredentialsChain`] | in the first of any list of providers that has some |
//! | [`CachedCredentials`] | with any other provider, asked only when the keys run out |
//! | [`Credentials`] | in the value itself |
//!
//! A client passes each of them a [`CredentialsContext`]: its region, its IAM and its transport.

mod agency;
mod answer;
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
mod pod;
mod profile;
mod provide;
mod settings;
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
    /// Tells keys that can never sign a request.
    ///
    /// # Errors
    ///
    /// [`CredentialsErrorKind::Invalid`] for an empty key, and for a key or token with a character that is not printable ASCII,
    /// with a quotation mark at either end, with one of `{}<>$`, or that is a placeholder such as `YOUR_ACCESS_KEY` or `xxxx`.
    /// They come from a stray line break or from quotes in a file or variable, and the service would only answer 401.
    pub fn validate(&self) -> Result<(), CredentialsError> {
        check("access key", self.access_key())?;
        check("secret key", self.secret_key())?;
        self.session_token().map_or(Ok(()), |token| check("security token", token))
    }
}

fn check(what: &str, text: &str) -> Result<(), CredentialsError> {
    value::check(text).map_err(|reason| CredentialsError::invalid(format!("the {what} {reason}")))
}
