//! Regions and the endpoints of CTS in them.

mod file;
mod table;
mod yaml;

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use self::table::{ENDPOINTS, GLOBAL_IAM, IAM};
use crate::text::escaped;

pub use file::RegionsFileError;

/// A region: an id, and where CTS answers in it.
///
/// Known are the regions of Huawei Cloud's own SDKs and those of Open Telekom Cloud. For any other, give the endpoint,
/// here or to [`ClientBuilder::endpoint`](crate::ClientBuilder::endpoint).
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    id: Cow<'static, str>,
    /// In place of those of the table.
    endpoints: Vec<String>,
}

impl Region {
    /// The region with this id, such as `cn-north-4` or `eu-de`. Whether it is known shows when a client is built.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: Cow::Owned(id.into()), endpoints: Vec::new() }
    }

    /// A region with endpoints of your own, best first.
    #[must_use]
    pub fn custom<E: Into<String>>(id: impl Into<String>, endpoints: impl IntoIterator<Item = E>) -> Self {
        Self { id: Cow::Owned(id.into()), endpoints: endpoints.into_iter().map(Into::into).collect() }
    }

    /// The id: `cn-north-4`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The endpoints of CTS in the region, best first: those it was made with, or those of the table. Empty for a region
    /// that is not known. The environment is not asked.
    ///
    /// Source: the region table that the official SDKs share, and Open Telekom Cloud's list of endpoints.
    #[must_use]
    pub fn endpoints(&self) -> Vec<&str> {
        if self.endpoints.is_empty() {
            let known = ENDPOINTS.iter().find(|(id, _)| *id == self.id);
            known.map_or_else(Vec::new, |(_, endpoints)| endpoints.to_vec())
        } else {
            self.endpoints.iter().map(String::as_str).collect()
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
        IAM.iter().find(|(id, _)| *id == self.id).map_or(GLOBAL_IAM, |(_, endpoint)| endpoint)
    }

    /// Whether [`iam_endpoint`](Self::iam_endpoint) is more than a guess: regions of the table without one of their own are in
    /// the main partition, whose IAM is the global one.
    pub(crate) fn has_known_iam(&self) -> bool {
        IAM.iter().any(|(id, _)| *id == self.id) || ENDPOINTS.iter().any(|(id, _)| *id == self.id)
    }

    /// All regions that are known.
    #[must_use]
    pub fn known() -> impl ExactSizeIterator<Item = Self> {
        ENDPOINTS.iter().map(|(id, _)| Self { id: Cow::Borrowed(id), endpoints: Vec::new() })
    }

    /// Where CTS answers, in the order of the official SDKs: endpoints of the region's own, the environment variable
    /// `HUAWEICLOUD_SDK_REGION_CTS_<ID>`, the file `regions.yaml`, the table.
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

/// An endpoint of a region.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) endpoint: String,
    /// The variable, or the line of the file, that it is from, if it is from one of these.
    pub(crate) origin: Option<String>,
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
}
