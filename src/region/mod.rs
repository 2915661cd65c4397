//! Regions and the endpoints of CTS in them.

mod cloud;
mod domain;
mod file;
mod resolve;
mod table;
mod yaml;

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::domain::Hosts;
use self::table::{ENDPOINTS, GLOBAL_IAM, IAM, NAMESAKES};
use crate::endpoint::without_secrets;
use crate::text::escaped;

pub use cloud::CloudKind;
pub use domain::CloudDomainError;
pub use file::RegionsFileError;
pub(crate) use resolve::Resolved;
pub(crate) use table::Namesake;

/// A region: its id, and the endpoints of CTS in it.
///
/// The crate knows the regions of the official SDKs and those of Open Telekom Cloud. For a region
/// of a private or partner cloud, set its domain with [`cloud_domain`](Self::cloud_domain). For any
/// other region, set the endpoint, here or with
/// [`ClientBuilder::endpoint`](crate::ClientBuilder::endpoint).
///
/// ```
/// use huaweicloud_cts::Region;
///
/// assert_eq!(Region::new("eu-de").endpoints(), ["https://cts.eu-de.otc.t-systems.com"]);
/// assert!(Region::new("atlantis-1").endpoints().is_empty());
///
/// let private = Region::custom("atlantis-1", ["https://cts.atlantis-1.example.com"]);
/// assert_eq!(private.endpoints().len(), 1);
/// ```
///
/// # Serde
///
/// A region is serialized as its id, and deserialized from it. A region with its own endpoints or a
/// domain can't be serialized, because its id alone would lead to another host.
///
/// ```
/// use huaweicloud_cts::Region;
///
/// let region: Region = serde_json::from_str("\"eu-de\"")?;
/// assert_eq!(serde_json::to_string(&region)?, "\"eu-de\"");
///
/// let private = Region::custom("eu-de", ["https://cts.eu-de.example.com"]);
/// assert!(serde_json::to_string(&private).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Regions of two operators
///
/// Two ids name regions of two clouds each. The table has those of Huawei Cloud, as in the official
/// SDKs. For the other one, set its domain, or an endpoint in that domain. Otherwise, requests that
/// its access key signs are sent to Huawei Cloud.
///
/// | id | in the table | the other operator | its domain |
/// |---|---|---|---|
/// | `ru-moscow-1` | Huawei Cloud | Cloud.ru (formerly `SberCloud`) | `hc.sbercloud.ru` |
/// | `eu-west-0` | Huawei Cloud | Orange's Flexible Engine | `prod-cloud-ocb.orange-business.com` |
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region {
    id: Cow<'static, str>,
    /// Used in place of those of the domain and of the table.
    endpoints: Vec<String>,
    /// Used in place of those of the table.
    hosts: Option<Hosts>,
}

impl Region {
    /// Creates a region from its id, such as `cn-north-4` or `eu-de`. If it is unknown, building a
    /// client fails.
    ///
    /// ```
    /// use huaweicloud_cts::Region;
    ///
    /// assert_eq!(Region::new("cn-north-4").id(), "cn-north-4");
    /// ```
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: Cow::Owned(id.into()), endpoints: Vec::new(), hosts: None }
    }

    /// Creates a region with your own endpoints, the preferred one first.
    ///
    /// ```
    /// use huaweicloud_cts::Region;
    ///
    /// let region = Region::custom("atlantis-1", ["https://cts-1.example.com", "https://cts-2.example.com"]);
    /// assert_eq!(region.endpoints()[0], "https://cts-1.example.com");
    /// ```
    #[must_use]
    pub fn custom<E: Into<String>>(
        id: impl Into<String>,
        endpoints: impl IntoIterator<Item = E>,
    ) -> Self {
        let endpoints = endpoints.into_iter().map(Into::into).collect();
        Self { id: Cow::Owned(id.into()), endpoints, hosts: None }
    }

    /// Sets the domain of the cloud that the region is in: a private cloud, or an operator that the
    /// table does not have. CTS is then at `https://cts.<region>.<domain>`, and IAM at
    /// `https://iam.<region>.<domain>`.
    ///
    /// Endpoints from [`custom`](Self::custom), from the environment and from the file
    /// `regions.yaml` take precedence over those of the domain. If IAM has another host, set it
    /// with [`ClientBuilder::iam_endpoint`](crate::ClientBuilder::iam_endpoint). With the domain
    /// that the table has for the region, the IAM endpoint is that of the table.
    ///
    /// # Errors
    ///
    /// [`CloudDomainError`] if the domain or the id of the region can't be part of a host name: a
    /// domain has no scheme, port, path or user name.
    ///
    /// ```
    /// use huaweicloud_cts::Region;
    ///
    /// let region = Region::new("ru-moscow-1").cloud_domain("hc.sbercloud.ru")?;
    /// assert_eq!(region.endpoints(), ["https://cts.ru-moscow-1.hc.sbercloud.ru"]);
    /// assert_eq!(region.iam_endpoint(), "https://iam.ru-moscow-1.hc.sbercloud.ru");
    /// # Ok::<(), huaweicloud_cts::CloudDomainError>(())
    /// ```
    pub fn cloud_domain(mut self, domain: impl Into<String>) -> Result<Self, CloudDomainError> {
        let mut hosts = Hosts::new(&self.id, &domain.into())?;
        if in_table(&self.id).first() == Some(&hosts.cts.as_str()) {
            iam_in_table(&self.id).unwrap_or(GLOBAL_IAM).clone_into(&mut hosts.iam);
        }
        self.hosts = Some(hosts);
        Ok(self)
    }

    /// Returns the id, such as `cn-north-4`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the endpoints of CTS in the region, the preferred one first: those from
    /// [`custom`](Self::custom), otherwise that of the domain, otherwise those of the table. Empty
    /// for an unknown region. The environment is not read.
    ///
    /// Source: the region table that the official SDKs share, and Open Telekom Cloud's list of
    /// endpoints.
    ///
    /// ```
    /// use huaweicloud_cts::Region;
    ///
    /// let region = Region::new("eu-de").cloud_domain("example.com")?;
    /// assert_eq!(region.endpoints(), ["https://cts.eu-de.example.com"]);
    /// # Ok::<(), huaweicloud_cts::CloudDomainError>(())
    /// ```
    #[must_use]
    pub fn endpoints(&self) -> Vec<&str> {
        match &self.hosts {
            _ if !self.endpoints.is_empty() => self.endpoints.iter().map(String::as_str).collect(),
            Some(hosts) => vec![&hosts.cts],
            None => in_table(&self.id).to_vec(),
        }
    }

    /// Returns the endpoint of IAM for the region, for lookups of ids and exchanges of tokens.
    ///
    /// Source: the region table that the official SDKs share; Open Telekom Cloud's list of
    /// endpoints, and for its Swiss region `eu-ch2` published configurations; for `eu-west-101`,
    /// the pattern of its other services. A region without an endpoint of its own has the global
    /// one, `https://iam.myhuaweicloud.com`.
    ///
    /// ```
    /// use huaweicloud_cts::Region;
    ///
    /// assert_eq!(Region::new("eu-de").iam_endpoint(), "https://iam.eu-de.otc.t-systems.com");
    /// assert_eq!(Region::new("atlantis-1").iam_endpoint(), "https://iam.myhuaweicloud.com");
    /// ```
    #[must_use]
    pub fn iam_endpoint(&self) -> &str {
        match &self.hosts {
            Some(hosts) => &hosts.iam,
            None => iam_in_table(&self.id).unwrap_or(GLOBAL_IAM),
        }
    }

    /// Returns `true` if [`iam_endpoint`](Self::iam_endpoint) is more than a guess. Regions of the
    /// table without one of their own are in the main partition, whose IAM is the global one.
    pub(crate) fn has_known_iam(&self) -> bool {
        self.hosts.is_some() || iam_in_table(&self.id).is_some() || !in_table(&self.id).is_empty()
    }

    /// Sets the domain of a region that two operators have, if the host of its endpoint is the
    /// other operator's. IAM is then there too, because the credentials of one operator must not be
    /// sent to the other.
    pub(crate) fn in_cloud_of(self, host: &str) -> Self {
        let is_there =
            |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        let mut namesakes =
            NAMESAKES.iter().filter(|namesake| self.hosts.is_none() && namesake.region == self.id);
        let other = namesakes.find(|namesake| is_there(namesake.domain));
        other.and_then(|namesake| self.clone().cloud_domain(namesake.domain).ok()).unwrap_or(self)
    }

    /// Returns `true` if a domain is set.
    pub(crate) fn has_domain(&self) -> bool {
        self.hosts.is_some()
    }

    /// Returns all known regions, ordered by id.
    ///
    /// ```
    /// use huaweicloud_cts::Region;
    ///
    /// assert!(Region::known().any(|region| region.id() == "eu-de"));
    /// ```
    #[must_use]
    pub fn known() -> impl ExactSizeIterator<Item = Self> {
        ENDPOINTS.iter().map(|(id, _)| Self {
            id: Cow::Borrowed(id),
            endpoints: Vec::new(),
            hosts: None,
        })
    }
}

/// Returns the endpoints that the table has for a region, best first.
fn in_table(id: &str) -> &'static [&'static str] {
    ENDPOINTS.iter().find(|(known, _)| *known == id).map_or(&[], |(_, endpoints)| endpoints)
}

/// Returns the endpoint of IAM that the table has for a region.
fn iam_in_table(id: &str) -> Option<&'static str> {
    IAM.iter().find(|(known, _)| *known == id).map(|(_, endpoint)| *endpoint)
}

/// Returns the other operator that has a region of this name, if the host is Huawei Cloud's.
pub(crate) fn namesake(host: &str) -> Option<&'static Namesake> {
    let region = host.strip_suffix(".myhuaweicloud.com")?.rsplit('.').next()?;
    NAMESAKES.iter().find(|namesake| namesake.region == region)
}

/// Shows no password that an endpoint may contain.
impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoints: Vec<String> =
            self.endpoints.iter().map(|endpoint| without_secrets(endpoint)).collect();
        f.debug_struct("Region")
            .field("id", &self.id)
            .field("endpoints", &endpoints)
            .field("hosts", &self.hosts)
            .finish()
    }
}

impl From<&str> for Region {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<String> for Region {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl FromStr for Region {
    type Err = Infallible;

    fn from_str(id: &str) -> Result<Self, Infallible> {
        Ok(Self::new(id))
    }
}

/// Returns the id.
impl AsRef<str> for Region {
    fn as_ref(&self) -> &str {
        self.id()
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.endpoints.is_empty() && self.hosts.is_none() {
            return serializer.serialize_str(&self.id);
        }
        let region = self.to_string();
        Err(serde::ser::Error::custom(format!(
            "the region {region:?} has its own endpoints or a domain, which are not part of its id: store these instead"
        )))
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&escaped(&self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_endpoint_is_not_shown() {
        let region = Region::custom("a", ["https://user:sentinel@cts.example.com"]);
        assert!(
            !format!("{region:?}").contains("sentinel")
                && format!("{region:?}").contains("@cts.example.com")
        );
    }
}
