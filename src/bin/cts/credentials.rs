//! Where the credentials are from.

use std::sync::Arc;

use clap::ValueEnum;
use huaweicloud_cts::credentials::{
    AgencyAccount, AssumeAgency, DefaultCredentials, EnvCredentials, KooCliCredentials,
    MetadataCredentials, OidcCredentials, PodIdentityCredentials, ProfileCredentials,
    ProvideCredentials,
};
use serde::Deserialize;

/// A source of credentials. Those of other tools are used only if they are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    /// OIDC, the environment, the profile file, the metadata service, the identity of a pod: the
    /// first that has some.
    #[default]
    Default,
    /// The variables HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK and HUAWEICLOUD_SDK_SECURITY_TOKEN.
    Env,
    /// The file ~/.huaweicloud/credentials.
    File,
    /// The configuration of KooCLI (hcloud).
    Koocli,
    /// The variables HW_ACCESS_KEY and HW_SECRET_KEY.
    Terraform,
    /// The variables OS_ACCESS_KEY and OS_SECRET_KEY.
    Openstack,
    /// The agency of this ECS server.
    Metadata,
    /// An id token, by the variables HUAWEICLOUD_OIDC_….
    Oidc,
    /// The agency of this pod in CCE.
    Pod,
}

impl Source {
    /// Returns `true` if a profile can be chosen. The search for credentials takes that of KooCLI.
    pub(crate) fn has_profiles(self) -> bool {
        matches!(self, Self::Default | Self::Koocli)
    }

    pub(crate) fn provider(self, profile: Option<&str>) -> Arc<dyn ProvideCredentials> {
        match (self, profile) {
            (Self::Koocli | Self::Default, Some(profile)) => {
                Arc::new(KooCliCredentials::new().profile(profile))
            }
            (Self::Default, None) => Arc::new(DefaultCredentials::new()),
            (Self::Koocli, None) => Arc::new(KooCliCredentials::new()),
            (Self::Env, _) => Arc::new(EnvCredentials::new()),
            (Self::File, _) => Arc::new(ProfileCredentials::new()),
            (Self::Terraform, _) => Arc::new(EnvCredentials::terraform()),
            (Self::Openstack, _) => Arc::new(EnvCredentials::openstack()),
            (Self::Metadata, _) => Arc::new(MetadataCredentials::new()),
            (Self::Oidc, _) => Arc::new(OidcCredentials::from_env()),
            (Self::Pod, _) => Arc::new(PodIdentityCredentials::new()),
        }
    }
}

/// An agency of another account that a target is worked on with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agency {
    /// Its name.
    #[serde(rename = "agency")]
    name: String,
    /// The name of the account that it is in.
    account: Option<String>,
    /// The id of the account that it is in.
    account_id: Option<String>,
}

impl Agency {
    pub(crate) fn over(
        &self,
        source: Arc<dyn ProvideCredentials>,
    ) -> Result<Arc<dyn ProvideCredentials>, String> {
        let account = match (&self.account, &self.account_id) {
            (Some(name), None) => AgencyAccount::name(name),
            (None, Some(id)) => AgencyAccount::id(id),
            _ => {
                return Err(format!(
                    "the agency {:?} needs either account or account_id",
                    self.name
                ));
            }
        };
        Ok(Arc::new(AssumeAgency::iam(&self.name, account).source(source)))
    }
}
