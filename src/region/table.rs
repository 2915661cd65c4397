//! The known regions, and their hosts.

/// A region that has the two usual hosts.
macro_rules! com_and_cn {
    ($id:literal) => {
        (
            $id,
            &[
                concat!("https://cts.", $id, ".myhuaweicloud.com"),
                concat!("https://cts.", $id, ".myhuaweicloud.cn"),
            ],
        )
    };
}

/// Region id and endpoints, sorted by id.
pub(super) const ENDPOINTS: &[(&str, &[&str])] = &[
    ("ae-ad-1", &["https://cts.ae-ad-1.myhuaweicloud.com"]),
    (
        "af-north-1",
        &[
            "https://cts.af-north-1.myhuaweicloud.com",
            "https://cts.af-north-1.myhuaweicloud.africa",
        ],
    ),
    com_and_cn!("af-south-1"),
    com_and_cn!("ap-southeast-1"),
    com_and_cn!("ap-southeast-2"),
    com_and_cn!("ap-southeast-3"),
    com_and_cn!("ap-southeast-4"),
    (
        "ap-southeast-5",
        &[
            "https://cts.ap-southeast-5.myhuaweicloud.com",
            "https://cts.ap-southeast-5.myhuaweicloud.asia",
        ],
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

/// The IAM of every region in Huawei Cloud's main partition.
pub(super) const GLOBAL_IAM: &str = "https://iam.myhuaweicloud.com";

/// An operator that has a region whose name the table gives to Huawei Cloud.
pub(crate) struct Namesake {
    pub(super) region: &'static str,
    pub(crate) operator: &'static str,
    pub(crate) domain: &'static str,
}

pub(super) const NAMESAKES: &[Namesake] = &[
    Namesake {
        region: "eu-west-0",
        operator: "Flexible Engine",
        domain: "prod-cloud-ocb.orange-business.com",
    },
    Namesake { region: "ru-moscow-1", operator: "Cloud.ru", domain: "hc.sbercloud.ru" },
];

macro_rules! iam {
    (@host) => { "iam" };
    (@host $host:literal) => { $host };
    ($($id:literal => $domain:literal $(at $host:literal)?),* $(,)?) => {
        &[$(($id, concat!("https://", iam!(@host $($host)?), ".", $id, ".", $domain))),*]
    };
}

/// Region id and endpoint of IAM, sorted by id.
pub(super) const IAM: &[(&str, &str)] = iam! {
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
    "eu-ch2" => "sc.otc.t-systems.com" at "iam-pub",
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
    use super::super::Region;
    use super::*;

    /// The table as the official SDKs have it, written out: a wrong ending would send credentials
    /// to another host.
    #[test]
    fn the_endpoints_are_the_documented_ones() {
        const BOTH: &str = "af-south-1 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 cn-east-2 cn-east-3 \
            cn-east-4 cn-east-5 cn-north-1 cn-north-2 cn-north-4 cn-north-9 cn-north-11 cn-north-12 cn-south-1 cn-south-2 \
            cn-south-4 cn-southwest-2 cn-southwest-3 la-north-2 la-south-2 na-mexico-1 ru-northwest-2 sa-brazil-1 tr-west-1";
        const COM: &str = "ae-ad-1 eu-west-0 me-east-1 my-kualalumpur-1 ru-moscow-1";
        let listed = |id: &str| Region::new(id).endpoints().join(" ");
        for id in BOTH.split_whitespace() {
            assert_eq!(
                listed(id),
                format!("https://cts.{id}.myhuaweicloud.com https://cts.{id}.myhuaweicloud.cn")
            );
        }
        for id in COM.split_whitespace() {
            assert_eq!(listed(id), format!("https://cts.{id}.myhuaweicloud.com"));
        }
        for (id, endpoints) in [
            (
                "af-north-1",
                "https://cts.af-north-1.myhuaweicloud.com https://cts.af-north-1.myhuaweicloud.africa",
            ),
            (
                "ap-southeast-5",
                "https://cts.ap-southeast-5.myhuaweicloud.com https://cts.ap-southeast-5.myhuaweicloud.asia",
            ),
            ("eu-west-101", "https://cts.eu-west-101.myhuaweicloud.eu"),
            ("eu-de", "https://cts.eu-de.otc.t-systems.com"),
            ("eu-nl", "https://cts.eu-nl.otc.t-systems.com"),
            ("eu-ch2", "https://cts.eu-ch2.sc.otc.t-systems.com"),
        ] {
            assert_eq!(listed(id), endpoints);
        }
        let all = BOTH.split_whitespace().count() + COM.split_whitespace().count() + 6;
        assert_eq!(
            (all, Region::known().len()),
            (37, 37),
            "34 of Huawei Cloud, 3 of Open Telekom Cloud"
        );
        assert!(ENDPOINTS.is_sorted_by_key(|(id, _)| id), "keep the table sorted");
    }

    /// A token must never be sent to another operator's IAM: if CTS is outside the main partition,
    /// so is IAM.
    #[test]
    fn iam_is_in_the_partition_of_its_region() {
        assert_eq!(IAM.len(), 27 + 4);
        assert!(IAM.is_sorted_by_key(|(id, _)| id), "keep the table sorted");
        let domain = |url: &str, region: &Region| {
            let host = url::Url::parse(url).unwrap().host_str().unwrap().to_owned();
            host.split_once(&format!(".{region}.")).map(|(_, domain)| domain.to_owned())
        };
        // No known configuration has `iam.eu-ch2.…`, the pattern of the others.
        assert_eq!(
            Region::new("eu-ch2").iam_endpoint(),
            "https://iam-pub.eu-ch2.sc.otc.t-systems.com"
        );
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
