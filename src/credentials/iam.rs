//! Where IAM answers.

use super::CredentialsError;
use crate::endpoint::{Endpoint, EndpointError};
use crate::region::{GLOBAL_IAM, Region};

const VARIABLE: &str = "HUAWEICLOUD_SDK_IAM_ENDPOINT";

/// The endpoint of IAM: the one that was named, else the one in the environment, else the region's, else the global one.
pub(crate) fn endpoint(named: Option<&str>, region: Option<&Region>) -> Result<Endpoint, CredentialsError> {
    resolved(named, std::env::var(VARIABLE).ok().as_deref(), region)
}

fn resolved(
    named: Option<&str>,
    variable: Option<&str>,
    region: Option<&Region>,
) -> Result<Endpoint, CredentialsError> {
    let (text, origin) = match (named, variable.filter(|value| !value.is_empty())) {
        (Some(named), _) => (named, "iam_endpoint"),
        (None, Some(value)) => (value, VARIABLE),
        (None, None) => (region.map_or(GLOBAL_IAM, Region::iam_endpoint), "the region's"),
    };
    let endpoint = Endpoint::parse(text).map_err(|EndpointError { endpoint, reason }| {
        CredentialsError::invalid(format!("the endpoint {endpoint:?} of IAM ({origin}) can't be used: {reason}"))
    })?;
    if endpoint.is_exposed() {
        let url = &endpoint.url;
        return Err(CredentialsError::invalid(format!(
            "the endpoint {url} of IAM ({origin}) is not encrypted: use https://"
        )));
    }
    Ok(endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_counts() {
        let region = Region::new("eu-de");
        for (named, variable, region, endpoint) in [
            (Some("iam.example.com"), Some("https://env.example.com"), Some(&region), "https://iam.example.com"),
            (None, Some("https://env.example.com/"), Some(&region), "https://env.example.com"),
            (None, Some(""), Some(&region), "https://iam.eu-de.otc.t-systems.com"),
            (None, None, Some(&region), "https://iam.eu-de.otc.t-systems.com"),
            (None, None, None, "https://iam.myhuaweicloud.com"),
            (Some("http://127.0.0.1:8080"), None, None, "http://127.0.0.1:8080"),
        ] {
            assert_eq!(resolved(named, variable, region).unwrap().root(), endpoint);
        }
        for (named, part) in [
            ("http://iam.example.com", "is not encrypted"),
            ("http://169.254.169.254", "is not encrypted"),
            ("ftp://iam.example.com", "only https and http"),
            ("https://user:sentinel@iam.example.com", "…@iam.example.com\" of IAM (iam_endpoint) can't be used"),
        ] {
            let error = resolved(Some(named), None, None).unwrap_err().to_string();
            assert!(error.contains(part) && !error.contains("sentinel"), "{error}");
        }
    }
}
