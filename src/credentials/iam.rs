//! The endpoint of IAM.

use super::CredentialsError;
use super::http::encrypted;
use crate::endpoint::Endpoint;
use crate::region::Region;

const VARIABLE: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";

/// Returns the endpoint of IAM: the one that is named, otherwise the one in the environment,
/// otherwise that of the region. `None` if the IAM of the region is unknown, because what is meant
/// for one operator is not sent to another.
pub(crate) fn endpoint(
    named: Option<&str>,
    region: Option<&Region>,
) -> Result<Option<Endpoint>, CredentialsError> {
    resolved(named, std::env::var(VARIABLE).ok().as_deref(), region)
}

/// Returns the message for the case that [`endpoint`] found none. `what` is what was not sent, with
/// its verb.
pub(crate) fn unknown(region: Option<&Region>, what: &str) -> String {
    let why = match region {
        Some(region) => format!("the IAM of the region {:?} is unknown", region.id()),
        None => "neither a region nor an endpoint of IAM is set".to_owned(),
    };
    format!(
        "{why}, so {what} not sent: call region(\"eu-de\") with a known region, or cloud_domain(\"example.com\") \
         or iam_endpoint(\"https://…\"), or set {VARIABLE}"
    )
}

fn resolved(
    named: Option<&str>,
    variable: Option<&str>,
    region: Option<&Region>,
) -> Result<Option<Endpoint>, CredentialsError> {
    let (address, origin) = match (named, variable.filter(|value| !value.is_empty()), region) {
        (Some(named), ..) => (named, "iam_endpoint"),
        (None, Some(value), _) => (value, VARIABLE),
        (None, None, Some(region)) if region.has_known_iam() => {
            (region.iam_endpoint(), "the region's")
        }
        (None, None, _) => return Ok(None),
    };
    encrypted(Endpoint::of_api(address), "IAM", origin).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iam_that_is_neither_named_nor_known_is_not_guessed() {
        for (variable, region, why) in [
            (None, None, "neither a region nor an endpoint of IAM is set"),
            (Some(""), None, "neither a region nor an endpoint of IAM is set"),
            (None, Some("atlantis-1"), "the IAM of the region \"atlantis-1\" is unknown"),
            (None, Some(""), "the IAM of the region \"\" is unknown"),
        ] {
            let region = region.map(Region::new);
            assert!(resolved(None, variable, region.as_ref()).unwrap().is_none(), "{region:?}");
            let message = unknown(region.as_ref(), "the id token is");
            assert!(message.starts_with(why) && message.contains(VARIABLE), "{message}");
        }
    }

    #[test]
    fn a_domain_names_the_iam_of_any_region_unless_an_endpoint_is_named() {
        let region = Region::new("atlantis-1").cloud_domain("example.com").unwrap();
        for (named, variable, endpoint) in [
            (None, None, "https://iam.atlantis-1.example.com"),
            (None, Some("https://env.example.com/v3"), "https://env.example.com"),
            (
                Some("https://named.example.com"),
                Some("https://env.example.com"),
                "https://named.example.com",
            ),
        ] {
            assert_eq!(resolved(named, variable, Some(&region)).unwrap().unwrap().root(), endpoint);
        }
    }

    #[test]
    fn an_endpoint_in_the_program_wins_over_the_environment_and_the_region() {
        let region = Region::new("eu-de");
        for (named, variable, region, endpoint) in [
            (
                Some("iam.example.com"),
                Some("https://env.example.com"),
                Some(&region),
                "https://iam.example.com",
            ),
            (None, Some("https://env.example.com/"), Some(&region), "https://env.example.com"),
            (None, Some(""), Some(&region), "https://iam.eu-de.otc.t-systems.com"),
            (None, None, Some(&region), "https://iam.eu-de.otc.t-systems.com"),
            (
                None,
                Some("iam.example.com"),
                Some(&Region::new("atlantis-1")),
                "https://iam.example.com",
            ),
            (None, None, Some(&Region::new("cn-north-11")), "https://iam.myhuaweicloud.com"),
            (Some("iam.example.com"), None, None, "https://iam.example.com"),
            (Some("http://127.0.0.1:8080"), None, None, "http://127.0.0.1:8080"),
        ] {
            assert_eq!(resolved(named, variable, region).unwrap().unwrap().root(), endpoint);
        }
        for (named, part) in [
            ("http://iam.example.com", "is not encrypted"),
            ("http://169.254.169.254", "is not encrypted"),
            ("ftp://iam.example.com", "the scheme must be https or http"),
            (
                "https://user:sentinel@iam.example.com",
                "…@iam.example.com\" of IAM (iam_endpoint) can't be used",
            ),
        ] {
            let error = resolved(Some(named), None, None).unwrap_err().to_string();
            assert!(error.contains(part) && !error.contains("sentinel"), "{error}");
        }
    }
}
