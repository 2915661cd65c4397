//! Credentials from environment variables.

use std::ffi::OsString;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::settings::{Iam, Last, Setting, Settings, Source, by_settings};
use super::{Credentials, CredentialsContext, CredentialsError, ProvideCredentials};
use crate::BoxFuture;
use crate::region::Region;
use crate::transport::Transport;

/// Credentials from the environment variables that the official SDKs read.
///
/// | variable | meaning |
/// |---|---|
/// | `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` | access key and secret key |
/// | `HUAWEICLOUD_SDK_SECURITY_TOKEN` | security token, for temporary credentials |
/// | `HUAWEICLOUD_SDK_PROJECT_ID` | the [project](Credentials::project_id) that the credentials are for |
/// | `HUAWEICLOUD_SDK_IDP_ID`, `HUAWEICLOUD_SDK_ID_TOKEN_FILE` | an identity provider and the file with its id token, for [`FederatedCredentials`](super::FederatedCredentials). They take precedence over the keys |
/// | `HUAWEICLOUD_SDK_IAM_ENDPOINT` | the endpoint of IAM, where the token is exchanged |
/// | `CLOUD_SDK_AK`, `CLOUD_SDK_SK` | the names in older samples; read if neither of the keys above is set |
///
/// An empty variable counts as unset. The environment is read each time that credentials are
/// needed, so a changed variable counts from the next call on.
/// [`CachedCredentials`](super::CachedCredentials) is not needed, and would keep permanent
/// credentials forever. Nothing is sent, unless there is an id token to exchange.
///
/// If nothing is set, the provider is [not configured](super::CredentialsErrorKind::NotConfigured),
/// and a chain asks the next one. Half of a pair and a value that can't be right, such as one with
/// a line break, are [invalid](super::CredentialsErrorKind::Invalid). Errors name the variable and
/// never its value.
#[derive(Clone, Debug, Default)]
pub struct EnvCredentials {
    family: Family,
    last: Last,
    iam: Iam,
}

/// The program whose variables are read.
#[derive(Clone, Copy, Debug, Default)]
enum Family {
    #[default]
    Sdk,
    Terraform,
    OpenStack,
}

impl EnvCredentials {
    /// Creates a provider. Reads nothing yet.
    ///
    /// ```
    /// use huaweicloud_cts::credentials::EnvCredentials;
    ///
    /// let provider = EnvCredentials::new().region("eu-de");
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a provider for the variables of Terraform's provider for Huawei Cloud, in place of
    /// those of the SDKs: `HW_ACCESS_KEY`, `HW_SECRET_KEY`, `HW_SECURITY_TOKEN` and
    /// `HW_PROJECT_ID`, or if no `HW_` key is set, the variables of [`openstack`](Self::openstack).
    /// They are never part of [`DefaultCredentials`](super::DefaultCredentials).
    ///
    /// ```
    /// use huaweicloud_cts::credentials::{CredentialsChain, EnvCredentials};
    ///
    /// let provider = CredentialsChain::new().then(EnvCredentials::new()).then(EnvCredentials::terraform());
    /// ```
    #[must_use]
    pub fn terraform() -> Self {
        Self { family: Family::Terraform, ..Self::default() }
    }

    /// Creates a provider for the variables of OpenStack's and Open Telekom Cloud's tools, in place
    /// of those of the SDKs: `OS_ACCESS_KEY`, `OS_SECRET_KEY`, `OS_SECURITY_TOKEN` and
    /// `OS_PROJECT_ID`. User names and passwords are not read. They are never part of
    /// [`DefaultCredentials`](super::DefaultCredentials).
    #[must_use]
    pub fn openstack() -> Self {
        Self { family: Family::OpenStack, ..Self::default() }
    }

    /// Sets the region whose IAM exchanges an id token. It takes precedence over
    /// `HUAWEICLOUD_SDK_IAM_ENDPOINT`. By default, it is the region of the client, over which the
    /// variable takes precedence.
    #[must_use]
    pub fn region(self, region: impl Into<Region>) -> Self {
        Self { last: Last::default(), iam: Iam { region: Some(region.into()), ..self.iam }, ..self }
    }

    /// Sets the transport for the exchange of an id token, in place of the client's.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        Self {
            last: Last::default(),
            iam: Iam { transport: Some(Arc::new(transport)), ..self.iam },
            ..self
        }
    }

    fn load(&self) -> Result<Arc<Source>, CredentialsError> {
        let settings = self.family.read(|name| std::env::var_os(name))?;
        let (access_key, secret_key) = (settings.access_key.name, settings.secret_key.name);
        self.last.find(settings, None, &self.iam)?.ok_or_else(|| unset(access_key, secret_key))
    }
}

fn unset(access_key: &str, secret_key: &str) -> CredentialsError {
    CredentialsError::not_configured(format!("{access_key} and {secret_key} are not set"))
}

impl ProvideCredentials for EnvCredentials {
    by_settings!();

    fn name(&self) -> &'static str {
        match self.family {
            Family::Sdk => "environment",
            Family::Terraform => "environment (Terraform)",
            Family::OpenStack => "environment (OpenStack)",
        }
    }
}

impl Family {
    fn read(
        self,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Settings, CredentialsError> {
        const TERRAFORM: [&str; 4] =
            ["HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN", "HW_PROJECT_ID"];
        const OPENSTACK: [&str; 4] =
            ["OS_ACCESS_KEY", "OS_SECRET_KEY", "OS_SECURITY_TOKEN", "OS_PROJECT_ID"];

        let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
        let [access_key, secret_key, security_token, project_id] = match self {
            Self::Sdk => return read(variable),
            // Never the access key of one family with the secret key of the other.
            Self::Terraform if TERRAFORM.iter().take(2).any(is_set) => TERRAFORM,
            Self::Terraform if OPENSTACK.iter().take(2).any(is_set) => OPENSTACK,
            Self::Terraform => TERRAFORM,
            Self::OpenStack => OPENSTACK,
        };
        let setting = |name| setting(&variable, name);
        Ok(Settings {
            access_key: setting(access_key)?,
            secret_key: setting(secret_key)?,
            security_token: setting(security_token)?,
            project_id: setting(project_id)?,
            domain_id: Setting::NONE,
            iam_endpoint: None,
            idp_id: Setting::NONE,
            id_token_file: Setting::NONE,
            is_server: false,
        })
    }
}

/// Reads one variable. An empty one counts as unset.
fn setting(
    variable: impl Fn(&str) -> Option<OsString>,
    name: &'static str,
) -> Result<Setting, CredentialsError> {
    let value = match variable(name).map(OsString::into_string) {
        Some(Ok(value)) if !value.is_empty() => Some(Zeroizing::new(value)),
        Some(Err(_)) => {
            return Err(CredentialsError::invalid(format!("{name} is not valid Unicode")));
        }
        _ => None,
    };
    Ok(Setting { name, value })
}

fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Settings, CredentialsError> {
    let setting = |name| setting(&variable, name);
    let (mut access_key, mut secret_key) =
        (setting("HUAWEICLOUD_SDK_AK")?, setting("HUAWEICLOUD_SDK_SK")?);
    if access_key.value.is_none() && secret_key.value.is_none() {
        let older = (setting("CLOUD_SDK_AK")?, setting("CLOUD_SDK_SK")?);
        if older.0.value.is_some() || older.1.value.is_some() {
            (access_key, secret_key) = older;
        }
    }
    Ok(Settings {
        access_key,
        secret_key,
        security_token: setting("HUAWEICLOUD_SDK_SECURITY_TOKEN")?,
        project_id: setting("HUAWEICLOUD_SDK_PROJECT_ID")?,
        // Read by the client, which looks the account up if it is not set.
        domain_id: Setting::NONE,
        // Read where it is needed, because the endpoint of the client takes precedence.
        iam_endpoint: None,
        idp_id: setting("HUAWEICLOUD_SDK_IDP_ID")?,
        id_token_file: setting("HUAWEICLOUD_SDK_ID_TOKEN_FILE")?,
        is_server: false,
    })
}

#[cfg(test)]
mod tests;
