//! Where a provider was told to send its requests.

use std::fmt;

use super::{CredentialsContext, CredentialsError, iam, sts};
use crate::endpoint::{Endpoint, without_secrets};
use crate::region::Region;

/// The endpoint and the region that a provider was given in the program. They take precedence over
/// the environment and over those of the client.
#[derive(Clone, Default)]
pub(super) struct Own {
    pub(super) endpoint: Option<String>,
    pub(super) region: Option<Region>,
}

impl Own {
    /// Returns `true` if there is one, so that those of the client do not count.
    pub(super) fn is_set(&self) -> bool {
        self.endpoint.is_some() || self.region.is_some()
    }

    /// Returns the endpoint of IAM. `what` is what would be sent, with its verb.
    pub(super) fn iam(
        &self,
        context: &CredentialsContext,
        what: &str,
    ) -> Result<Endpoint, CredentialsError> {
        let known = self.region.as_ref().filter(|region| region.has_known_iam());
        let own = self.endpoint.as_deref().or_else(|| known.map(Region::iam_endpoint));
        let (named, region) = if self.is_set() {
            (own, self.region.as_ref())
        } else {
            (context.iam_endpoint(), context.region())
        };
        iam::endpoint(named, region)?
            .ok_or_else(|| CredentialsError::invalid(iam::unknown(region, what)))
    }

    /// Returns the endpoint of STS.
    pub(super) fn sts(&self, context: &CredentialsContext) -> Result<Endpoint, CredentialsError> {
        let own = self.endpoint.clone().or_else(|| sts::of_region(self.region.as_ref()?));
        sts::endpoint(own.as_deref(), self.region.as_ref().or_else(|| context.region()))
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Own")
            // It is not parsed yet, and may contain a password.
            .field("endpoint", &self.endpoint.as_deref().map(without_secrets))
            .field("region", &self.region)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_sets_for_a_provider_takes_precedence_over_the_client() {
        let client = CredentialsContext::new()
            .with_region("cn-north-4")
            .with_iam_endpoint("https://iam.client.example.com");
        let own = |endpoint: Option<&str>, region: Option<&str>| Own {
            endpoint: endpoint.map(str::to_owned),
            region: region.map(Region::new),
        };
        for (own, iam, sts) in [
            (
                own(None, None),
                "https://iam.client.example.com",
                "https://sts.cn-north-4.myhuaweicloud.com",
            ),
            (
                own(None, Some("cn-south-1")),
                "https://iam.cn-south-1.myhuaweicloud.com",
                "https://sts.cn-south-1.myhuaweicloud.com",
            ),
            (
                own(Some("own.example.com"), Some("cn-south-1")),
                "https://own.example.com",
                "https://own.example.com",
            ),
        ] {
            assert_eq!(own.iam(&client, "credentials are").unwrap().root(), iam);
            assert_eq!(own.sts(&client).unwrap().root(), sts);
        }
        let unknown = own(None, Some("atlantis-1"));
        assert!(
            unknown.iam(&client, "credentials are").unwrap_err().to_string().contains("atlantis-1")
        );
        assert!(unknown.sts(&client).unwrap_err().to_string().contains("atlantis-1"));
    }
}
