//! Regions and the endpoints of CTS in them.

use std::borrow::Cow;
use std::fmt;

/// A region: an id, and where CTS answers in it.
///
/// Known are the regions of Huawei Cloud's own SDKs and those of Open Telekom Cloud; for any other region, name the
/// endpoint with [`ClientBuilder::endpoint`](crate::ClientBuilder::endpoint).
///
/// ```
/// use huaweicloud_cts::Region;
///
/// let region = Region::new("eu-de");
/// assert_eq!(region.endpoints(), ["https://cts.eu-de.otc.t-systems.com"]);
/// assert!(Region::new("atlantis-1").endpoints().is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Region {
    id: Cow<'static, str>,
}

impl Region {
    /// The region with this id, such as `cn-north-4` or `eu-de`. Whether it is known shows when a client is built.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: Cow::Owned(id.into()) }
    }

    /// The id: `cn-north-4`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The endpoints of CTS in the region, best first. Empty for a region that is not known.
    ///
    /// Source: the region table that the official SDKs share, and Open Telekom Cloud's list of endpoints.
    #[must_use]
    pub fn endpoints(&self) -> &'static [&'static str] {
        ENDPOINTS.iter().find(|(id, _)| *id == self.id).map_or(&[], |(_, endpoints)| endpoints)
    }

    /// The endpoint of IAM for the region: for looking up ids and exchanging tokens.
    ///
    /// Source: the region table that the official SDKs share; Open Telekom Cloud's list of endpoints; for `eu-ch2` and
    /// `eu-west-101`, the pattern of their other services. A region without an endpoint of its own has the global one,
    /// `https://iam.myhuaweicloud.com`.
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

    /// All regions that are known.
    #[must_use]
    pub fn known() -> impl ExactSizeIterator<Item = Self> {
        ENDPOINTS.iter().map(|(id, _)| Self { id: Cow::Borrowed(id) })
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
        f.pad(&self.id)
    }
}

/// A region that has the two usual hosts.
macro_rules! com_and_cn {
    ($id:literal) => {
        ($id, &[concat!("https://cts.", $id, ".myhuaweicloud.com"), concat!("https://cts.", $id, ".myhuaweicloud.cn")])
    };
}

/// Region id and endpoints, sorted by id.
const ENDPOINTS: &[(&str, &[&str])] = &[
    ("ae-ad-1", &["https://cts.ae-ad-1.myhuaweicloud.com"]),
    ("af-north-1", &["https://cts.af-north-1.myhuaweicloud.com", "https://cts.af-north-1.myhuaweicloud.africa"]),
    com_and_cn!("af-south-1"),
    com_and_cn!("ap-southeast-1"),
    com_and_cn!("ap-southeast-2"),
    com_and_cn!("ap-southeast-3"),
    com_and_cn!("ap-southeast-4"),
    (
        "ap-southeast-5",
        &["https://cts.ap-southeast-5.myhuaweicloud.com", "https://cts.ap-southeast-5.myhuaweicloud.asia"],
    ),
    com_and_cn!("cn-east-2"),
    com_and_cn!("cn-east-3"),
    com_and_cn!("cn-east-4"),
    com_and_cn!("cn-east-5"),
    com_and_cn!("cn-north-1"),
    com_and_cn!("cn-north-11"),
    com_and_cn!("cn-north-12"),
    com_and_cn!("cn-north-2"),
    com_and_cn!("cn-north-4"),
    com_and_cn!("cn-north-9"),
    com_and_cn!("cn-south-1"),
    com_and_cn!("cn-south-2"),
    com_and_cn!("cn-south-4"),
    com_and_cn!("cn-southwest-2"),
    com_and_cn!("cn-southwest-3"),
    // Switzerland's Open Telekom Cloud; the host follows the pattern of its other services.
    ("eu-ch2", &["https://cts.eu-ch2.sc.otc.t-systems.com"]),
    ("eu-de", &["https://cts.eu-de.otc.t-systems.com"]),
    ("eu-nl", &["https://cts.eu-nl.otc.t-systems.com"]),
    ("eu-west-0", &["https://cts.eu-west-0.myhuaweicloud.com"]),
    ("eu-west-101", &["https://cts.eu-west-101.myhuaweicloud.eu"]),
    com_and_cn!("la-north-2"),
    com_and_cn!("la-south-2"),
    ("me-east-1", &["https://cts.me-east-1.myhuaweicloud.com"]),
    ("my-kualalumpur-1", &["https://cts.my-kualalumpur-1.myhuaweicloud.com"]),
    com_and_cn!("na-mexico-1"),
    ("ru-moscow-1", &["https://cts.ru-moscow-1.myhuaweicloud.com"]),
    com_and_cn!("ru-northwest-2"),
    com_and_cn!("sa-brazil-1"),
    com_and_cn!("tr-west-1"),
];

/// Where IAM answers for every region of Huawei Cloud's main partition.
pub(crate) const GLOBAL_IAM: &str = "https://iam.myhuaweicloud.com";

macro_rules! iam {
    ($($id:literal => $domain:literal),* $(,)?) => {
        &[$(($id, concat!("https://iam.", $id, ".", $domain))),*]
    };
}

/// Region id and endpoint of IAM, sorted by id.
const IAM: &[(&str, &str)] = iam! {
    "ae-ad-1" => "myhuaweicloud.com",
    "af-south-1" => "myhuaweicloud.com",
    "ap-southeast-1" => "myhuaweicloud.com",
    "ap-southeast-2" => "myhuaweicloud.com",
    "ap-southeast-3" => "myhuaweicloud.com",
    "ap-southeast-4" => "myhuaweicloud.com",
    "cn-east-2" => "myhuaweicloud.com",
    "cn-east-3" => "myhuaweicloud.com",
    "cn-east-4" => "myhuaweicloud.com",
    "cn-east-5" => "myhuaweicloud.com",
    "cn-north-1" => "myhuaweicloud.com",
    "cn-north-12" => "myhuaweicloud.com",
    "cn-north-2" => "myhuaweicloud.com",
    "cn-north-4" => "myhuaweicloud.com",
    "cn-north-9" => "myhuaweicloud.com",
    "cn-south-1" => "myhuaweicloud.com",
    "cn-south-2" => "myhuaweicloud.com",
    "cn-southwest-2" => "myhuaweicloud.com",
    "eu-ch2" => "sc.otc.t-systems.com",
    "eu-de" => "otc.t-systems.com",
    "eu-nl" => "otc.t-systems.com",
    "eu-west-0" => "myhuaweicloud.com",
    "eu-west-101" => "myhuaweicloud.eu",
    "la-north-2" => "myhuaweicloud.com",
    "la-south-2" => "myhuaweicloud.com",
    "me-east-1" => "myhuaweicloud.com",
    "my-kualalumpur-1" => "myhuaweicloud.com",
    "na-mexico-1" => "myhuaweicloud.com",
    "ru-moscow-1" => "myhuaweicloud.com",
    "sa-brazil-1" => "myhuaweicloud.com",
    "tr-west-1" => "myhuaweicloud.com",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_names_its_region_and_is_https() {
        assert_eq!(Region::known().len(), 34 + 3);
        for region in Region::known() {
            assert!(!region.endpoints().is_empty(), "{region}");
            for endpoint in region.endpoints() {
                let host = url::Url::parse(endpoint).unwrap().host_str().unwrap().to_owned();
                assert!(endpoint.starts_with("https://"), "{endpoint}");
                assert!(host.starts_with(&format!("cts.{region}.")), "{endpoint}");
            }
        }
        assert!(ENDPOINTS.is_sorted_by_key(|(id, _)| id), "keep the table sorted");
    }

    /// A token must never go to another operator's IAM: where CTS is outside the main partition, IAM is with it.
    #[test]
    fn iam_is_in_the_partition_of_its_region() {
        assert_eq!(IAM.len(), 27 + 4);
        assert!(IAM.is_sorted_by_key(|(id, _)| id), "keep the table sorted");
        let domain = |url: &str, region: &Region| {
            let host = url::Url::parse(url).unwrap().host_str().unwrap().to_owned();
            host.split_once(&format!(".{region}.")).map(|(_, domain)| domain.to_owned())
        };
        for (id, endpoint) in IAM {
            let region = Region::new(*id);
            assert_eq!(region.iam_endpoint(), *endpoint);
            assert_eq!(domain(endpoint, &region), domain(region.endpoints()[0], &region), "{id}");
        }
        for region in Region::known().filter(|region| region.iam_endpoint() == GLOBAL_IAM) {
            assert!(region.endpoints()[0].ends_with(".myhuaweicloud.com"), "{region}");
        }
    }
}
