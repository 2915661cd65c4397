//! Regions and the endpoints of CTS in them.

mod cloud;
mod domain;
mod file;
mod table;
mod yaml;

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use self::domain::Hosts;
use self::table::{ENDPOINTS, GLOBAL_IAM, IAM, NAMESAKES};
use crate::endpoint::without_secrets;
use crate::text::escaped;

pub use cloud::CloudKind;
pub use domain::CloudDomainError;
pub use file::RegionsFileError;
pub(crate) use table::Namesake;

/// A region: an id, and where CTS answers in it.
///
/// Known are the regions of Huawei Cloud's own SDKs and those of Open Telekom Cloud. For a region of a private or partner
/// cloud, give its domain ([`cloud_domain`](Self::cloud_domain)); for any other, give the endpoint, here or to
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
/// # Regions of two operators
///
/// Two ids name regions of two clouds each. The table has Huawei Cloud's, as the official SDKs do. For the other, give its
/// domain, or an endpoint in that domain; without, what its access key signs is sent to Huawei Cloud.
///
/// | id | in the table | the other operator | its domain |
/// |---|---|---|---|
/// | `ru-moscow-1` | Huawei Cloud | Cloud.ru (formerly `SberCloud`) | `hc.sbercloud.ru` |
/// | `eu-west-0` | Huawei Cloud | Orange's Flexible Engine | `prod-cloud-ocb.orange-business.com` |
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Region {
    id: Cow<'static, str>,
    /// In place of those of the domain and of the table.
    endpoints: Vec<String>,
    /// In place of those of the table.
    hosts: Option<Hosts>,
}

impl Region {
    /// The region with this id, such as `cn-north-4` or `eu-de`. Whether it is known shows when a client is built.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: Cow::Owned(id.into()), endpoints: Vec::new(), hosts: None }
    }

    /// A region with endpoints of your own, best first.
    #[must_use]
    pub fn custom<E: Into<String>>(id: impl Into<String>, endpoints: impl IntoIterator<Item = E>) -> Self {
        let endpoints = endpoints.into_iter().map(Into::into).collect();
        Self { id: Cow::Owned(id.into()), endpoints, hosts: None }
    }

    /// Places the region in the cloud with this domain: a private cloud, or one of an operator that the table does not have.
    /// CTS is then at `https://cts.<region>.<domain>`, and IAM at `https://iam.<region>.<domain>`.
    ///
    /// Endpoints of the region's own ([`custom`](Self::custom)), the environment and the file `regions.yaml` go before those
    /// of the domain. Where IAM's host is another, give it to
    /// [`ClientBuilder::iam_endpoint`](crate::ClientBuilder::iam_endpoint). With the domain that the table has for the region,
    /// IAM is where the table says.
    ///
    /// # Errors
    ///
    /// [`CloudDomainError`] if the domain or the id of the region can't be part of a host name: a domain has no scheme, port,
    /// path or user name.
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

    /// The id: `cn-north-4`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The endpoints of CTS in the region, best first: those it was made with, or that of its domain, or those of the table.
    /// Empty for a region that is not known. The environment is not asked.
    ///
    /// Source: the region table that the official SDKs share, and Open Telekom Cloud's list of endpoints.
    #[must_use]
    pub fn endpoints(&self) -> Vec<&str> {
        match &self.hosts {
            _ if !self.endpoints.is_empty() => self.endpoints.iter().map(String::as_str).collect(),
            Some(hosts) => vec![&hosts.cts],
            None => in_table(&self.id).to_vec(),
        }
    }

    /// The endpoint of IAM for the region: for looking up ids and exchanging tokens.
    ///
    /// Source: the region table that the official SDKs share; Open Telekom Cloud's list of endpoints, and for its Swiss
    /// region `eu-ch2` the configurations of those who use it; for `eu-west-101`, the pattern of its other services. A region
    /// without an endpoint of its own has the global one, `https://iam.myhuaweicloud.com`.
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

    /// Whether [`iam_endpoint`](Self::iam_endpoint) is more than a guess: regions of the table without one of their own are in
    /// the main partition, whose IAM is the global one.
    pub(crate) fn has_known_iam(&self) -> bool {
        self.hosts.is_some() || iam_in_table(&self.id).is_some() || !in_table(&self.id).is_empty()
    }

    /// Places a region that two operators have with the other one, if its endpoint is there: IAM is there too, and the keys
    /// of one operator must not go to the other.
    pub(crate) fn where_endpoint_is(self, host: &str) -> Self {
        let is_there = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
        let mut namesakes = NAMESAKES.iter().filter(|namesake| self.hosts.is_none() && namesake.region == self.id);
        let placed = namesakes.find(|namesake| is_there(namesake.domain));
        placed.and_then(|namesake| self.clone().cloud_domain(namesake.domain).ok()).unwrap_or(self)
    }

    /// Returns `true` if the region was given a domain.
    pub(crate) fn has_domain(&self) -> bool {
        self.hosts.is_some()
    }

    /// All regions that are known.
    #[must_use]
    pub fn known() -> impl ExactSizeIterator<Item = Self> {
        ENDPOINTS.iter().map(|(id, _)| Self { id: Cow::Borrowed(id), endpoints: Vec::new(), hosts: None })
    }

    /// Where CTS answers, in the order of the official SDKs: endpoints of the region's own, the environment variable
    /// `HUAWEICLOUD_SDK_REGION_CTS_<ID>`, the file `regions.yaml`, the domain, the table.
    pub(crate) fn resolve(
        &self,
        variable: impl Fn(&str) -> Option<String>,
        home: Option<PathBuf>,
    ) -> Result<Vec<Resolved>, RegionsFileError> {
        let without_origin = |endpoints: Vec<&str>| {
            endpoints.into_iter().map(|endpoint| Resolved { endpoint: endpoint.to_owned(), origin: None }).collect()
        };
        if !self.endpoints.is_empty() {
            return Ok(without_origin(self.endpoints()));
        }
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let name = format!("HUAWEICLOUD_SDK_REGION_CTS_{}", self.id.to_ascii_uppercase().replace('-', "_"));
        let listed = variable(&name).unwrap_or_default();
        let listed = listed.split(',').map(str::trim).filter(|endpoint| !endpoint.is_empty());
        let endpoints: Vec<_> =
            listed.map(|endpoint| Resolved { endpoint: endpoint.to_owned(), origin: Some(name.clone()) }).collect();
        if !endpoints.is_empty() {
            return Ok(endpoints);
        }
        let named = variable("HUAWEICLOUD_SDK_REGIONS_FILE").map(PathBuf::from);
        let usual = home.map(|home| home.join(".huaweicloud").join("regions.yaml"));
        let endpoints = file::endpoints(named, usual, "CTS", &self.id)?;
        Ok(if endpoints.is_empty() { without_origin(self.endpoints()) } else { endpoints })
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

/// An endpoint of a region.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) endpoint: String,
    /// The variable, or the line of the file, that it is from, if it is from one of these.
    pub(crate) origin: Option<String>,
}

/// Returns the other operator that has a region of this name, if the host is Huawei Cloud's.
pub(crate) fn namesake(host: &str) -> Option<&'static Namesake> {
    let region = host.strip_suffix(".myhuaweicloud.com")?.rsplit('.').next()?;
    NAMESAKES.iter().find(|namesake| namesake.region == region)
}

/// Shows no password that an endpoint may have.
impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoints: Vec<String> = self.endpoints.iter().map(|endpoint| without_secrets(endpoint)).collect();
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

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&escaped(&self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_goes_before_the_file_and_the_file_before_the_table() {
        let home = std::env::temp_dir().join(format!("huaweicloud-cts-region-{}", std::process::id()));
        std::fs::create_dir_all(home.join(".huaweicloud")).unwrap();
        let file = home.join(".huaweicloud/regions.yaml");
        std::fs::write(&file, "cts:\n  - id: cn-north-4\n    endpoint: https://file.example.com\n").unwrap();
        let region = Region::new("cn-north-4");
        let resolve = |variables: &[(&str, &str)], home: Option<&PathBuf>| {
            let find =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            region.resolve(find, home.cloned()).map(told)
        };
        let in_file =
            || (vec!["https://file.example.com".to_owned()], format!("line 3 of the regions file {}", file.display()));
        let variable = ("HUAWEICLOUD_SDK_REGION_CTS_CN_NORTH_4", "https://a.example.com, https://b.example.com");
        let both = ["https://a.example.com", "https://b.example.com"].map(str::to_owned).to_vec();
        assert_eq!(resolve(&[variable], Some(&home)).unwrap(), (both.clone(), variable.0.to_owned()));
        let commas = (variable.0, ",https://a.example.com , ,https://b.example.com,");
        assert_eq!(resolve(&[commas], Some(&home)).unwrap(), (both, variable.0.to_owned()));
        for empty in ["", " ", ",", " , "] {
            assert_eq!(resolve(&[(variable.0, empty)], Some(&home)).unwrap(), in_file());
        }
        let table = ["https://cts.cn-north-4.myhuaweicloud.com", "https://cts.cn-north-4.myhuaweicloud.cn"];
        assert_eq!(resolve(&[], None).unwrap(), (table.map(str::to_owned).to_vec(), String::new()));
        let named = ("HUAWEICLOUD_SDK_REGIONS_FILE", file.to_str().unwrap());
        assert_eq!(resolve(&[named], None).unwrap(), in_file());
        let missing = resolve(&[("HUAWEICLOUD_SDK_REGIONS_FILE", "/nowhere/regions.yaml")], None).unwrap_err();
        assert!(missing.to_string().starts_with("the regions file /nowhere/regions.yaml can't be read: "), "{missing}");
        std::fs::remove_dir_all(home).unwrap();
        let own = Region::custom("cn-north-4", ["https://own.example.com"]).resolve(|_| Some("x".into()), None);
        assert_eq!(told(own.unwrap()), (vec!["https://own.example.com".to_owned()], String::new()));
    }

    /// The endpoints, and the one origin of them all.
    fn told(resolved: Vec<Resolved>) -> (Vec<String>, String) {
        let origin = resolved[0].origin.clone();
        assert!(resolved.iter().all(|resolved| resolved.origin == origin), "{resolved:?}");
        (resolved.into_iter().map(|resolved| resolved.endpoint).collect(), origin.unwrap_or_default())
    }

    #[test]
    fn a_domain_goes_before_the_table_and_behind_all_that_names_an_endpoint() {
        let home = std::env::temp_dir().join(format!("huaweicloud-cts-domain-{}", std::process::id()));
        std::fs::create_dir_all(home.join(".huaweicloud")).unwrap();
        std::fs::write(home.join(".huaweicloud/regions.yaml"), "CTS: [{id: eu-de, endpoint: file}]\n").unwrap();
        let placed = |region: Region| region.cloud_domain("example.com").unwrap();
        let variable = |name: &str| (name == "HUAWEICLOUD_SDK_REGION_CTS_EU_DE").then(|| "variable".to_owned());
        let first = |region: &Region, variables: &dyn Fn(&str) -> Option<String>, home: Option<&PathBuf>| {
            told(region.resolve(variables, home.cloned()).unwrap()).0.remove(0)
        };
        let region = placed(Region::new("eu-de"));
        assert_eq!(first(&placed(Region::custom("eu-de", ["own"])), &variable, Some(&home)), "own");
        assert_eq!(first(&region, &variable, Some(&home)), "variable");
        assert_eq!(first(&region, &|_| None, Some(&home)), "file");
        assert_eq!(first(&region, &|_| None, None), "https://cts.eu-de.example.com");
        assert_eq!(first(&Region::new("eu-de"), &|_| None, None), "https://cts.eu-de.otc.t-systems.com");
        let other = placed(Region::new("atlantis-1"));
        assert_eq!(first(&other, &variable, Some(&home)), "https://cts.atlantis-1.example.com");
        std::fs::remove_dir_all(home).unwrap();
    }

    #[test]
    fn a_password_in_an_endpoint_is_not_shown() {
        let region = Region::custom("a", ["https://user:sentinel@cts.example.com"]);
        assert!(!format!("{region:?}").contains("sentinel") && format!("{region:?}").contains("@cts.example.com"));
    }
}
