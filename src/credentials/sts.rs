//! The endpoint of STS.

use super::CredentialsError;
use super::http::encrypted;
use crate::endpoint::Endpoint;
use crate::region::Region;

/// The variable that the official SDKs read.
const VARIABLE: &str = "HUAWEICLOUD_SDK_STS_ENDPOINT";

/// The regions that have STS. Source: the table that the official SDKs share, August 2026.
const REGIONS: [&str; 12] = [
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "cn-east-3",
    "cn-north-4",
    "cn-south-1",
    "cn-southwest-2",
    "la-south-2",
    "sa-brazil-1",
    "tr-west-1",
];

/// Returns the endpoint of STS: the one that is named, otherwise the one in the environment,
/// otherwise that of the region. What is meant for one region is not sent to another.
pub(super) fn endpoint(
    named: Option<&str>,
    region: Option<&Region>,
) -> Result<Endpoint, CredentialsError> {
    resolved(named, std::env::var(VARIABLE).ok().as_deref(), region)
}

/// Returns the endpoint of STS in a region, if it is known.
pub(super) fn of_region(region: &Region) -> Option<String> {
    let is_known = !region.has_domain() && REGIONS.contains(&region.id());
    is_known.then(|| format!("https://sts.{}.myhuaweicloud.com", region.id()))
}

fn resolved(
    named: Option<&str>,
    variable: Option<&str>,
    region: Option<&Region>,
) -> Result<Endpoint, CredentialsError> {
    let host;
    let (address, origin) = match (named, variable.filter(|value| !value.is_empty()), region) {
        (Some(named), ..) => (named, "endpoint"),
        (None, Some(value), _) => (value, VARIABLE),
        (None, None, region) => {
            host = region.and_then(of_region).ok_or_else(|| unknown(region))?;
            (host.as_str(), "the region's")
        }
    };
    encrypted(Endpoint::parse(address), "STS", origin)
}

fn unknown(region: Option<&Region>) -> CredentialsError {
    let why = match region {
        Some(region) => format!("the region {:?} has no known STS", region.id()),
        None => "neither a region nor an endpoint of STS is set".to_owned(),
    };
    CredentialsError::invalid(format!(
        "{why}: call region(…) with one of {}, or endpoint(\"https://…\"), or set {VARIABLE}",
        REGIONS.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sts_is_named_or_in_the_table_and_never_in_another_region() {
        for (named, variable, region, root) in [
            (
                Some("sts.example.com"),
                Some("https://env.example.com"),
                Some("cn-north-4"),
                "https://sts.example.com",
            ),
            (None, Some("https://env.example.com/"), Some("cn-north-4"), "https://env.example.com"),
            (None, None, Some("cn-north-4"), "https://sts.cn-north-4.myhuaweicloud.com"),
            (None, Some(""), Some("tr-west-1"), "https://sts.tr-west-1.myhuaweicloud.com"),
            (Some("http://127.0.0.1:8080"), None, None, "http://127.0.0.1:8080"),
        ] {
            let region = region.map(Region::new);
            assert_eq!(resolved(named, variable, region.as_ref()).unwrap().root(), root);
        }
        let private = Region::new("cn-north-4").cloud_domain("example.com").unwrap();
        for region in
            [None, Some(Region::new("eu-de")), Some(Region::new("cn-north-1")), Some(private)]
        {
            let error = resolved(None, None, region.as_ref()).unwrap_err().to_string();
            assert!(
                error.contains("endpoint(\"https://…\")") && error.contains("cn-north-4"),
                "{error}"
            );
        }
        for named in [
            "http://sts.example.com",
            "ftp://sts.example.com",
            "https://user:sentinel@sts.example.com",
        ] {
            let error = resolved(Some(named), None, None).unwrap_err().to_string();
            assert!(error.contains("STS (endpoint)") && !error.contains("sentinel"), "{error}");
        }
    }
}
