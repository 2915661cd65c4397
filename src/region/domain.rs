//! The domain of a private or partner cloud.

use crate::endpoint::without_secrets;
use crate::text::debug_as_display;

/// An error of a cloud's domain, see [`Region::cloud_domain`](super::Region::cloud_domain).
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cloud domain {domain:?} can't be used for the region {region:?}: {reason}")]
pub struct CloudDomainError {
    region: String,
    /// Without user name and password.
    domain: String,
    reason: &'static str,
}

debug_as_display!(CloudDomainError);

/// The hosts of a region in a domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Hosts {
    pub(super) cts: String,
    pub(super) iam: String,
}

impl Hosts {
    pub(super) fn new(region: &str, domain: &str) -> Result<Self, CloudDomainError> {
        let wrong = |reason| CloudDomainError {
            region: region.to_owned(),
            domain: without_secrets(domain),
            reason,
        };
        let name = domain.trim().to_ascii_lowercase();
        if !is_name(region) {
            return Err(wrong(
                "the id of the region becomes part of a host name: use letters, digits and hyphens",
            ));
        }
        if name.contains(['/', ':', '@', '?', '#', '\\']) {
            return Err(wrong(
                "give the domain alone, such as \"example.com\", without scheme, port, path and user name",
            ));
        }
        if name.is_empty() || name.split('.').any(|label| !is_name(label)) {
            return Err(wrong("use letters, digits and hyphens, with single dots between them"));
        }
        if name
            .rsplit('.')
            .next()
            .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(wrong(
                "it is an address, not a domain: call endpoint(\"https://…\") and iam_endpoint(\"https://…\")",
            ));
        }
        let hosts = Self {
            cts: format!("https://cts.{region}.{name}"),
            iam: format!("https://iam.{region}.{name}"),
        };
        // The longest host name that DNS allows.
        if hosts.cts.len() > "https://".len() + 253 {
            return Err(wrong("it is too long"));
        }
        Ok(hosts)
    }
}

/// Returns `true` if this can be a label of a host name, between two dots.
fn is_name(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::super::Region;
    use proptest::prelude::*;

    #[test]
    fn cts_and_iam_are_in_the_domain() {
        for (region, domain, cts, iam) in [
            (
                "ru-moscow-1",
                "hc.sbercloud.ru",
                "https://cts.ru-moscow-1.hc.sbercloud.ru",
                "https://iam.ru-moscow-1.hc.sbercloud.ru",
            ),
            (
                "atlantis-1",
                " Example.COM\n",
                "https://cts.atlantis-1.example.com",
                "https://iam.atlantis-1.example.com",
            ),
            ("eu-de", "x", "https://cts.eu-de.x", "https://iam.eu-de.x"),
            // With the domain that the table has, IAM stays where the table says.
            (
                "eu-ch2",
                "sc.otc.t-systems.com",
                "https://cts.eu-ch2.sc.otc.t-systems.com",
                "https://iam-pub.eu-ch2.sc.otc.t-systems.com",
            ),
            (
                "cn-north-11",
                "myhuaweicloud.com",
                "https://cts.cn-north-11.myhuaweicloud.com",
                "https://iam.myhuaweicloud.com",
            ),
            (
                "eu-ch2",
                "example.com",
                "https://cts.eu-ch2.example.com",
                "https://iam.eu-ch2.example.com",
            ),
        ] {
            let region = Region::new(region).cloud_domain(domain).unwrap();
            assert_eq!((region.endpoints(), region.iam_endpoint()), (vec![cts], iam));
            assert!(region.has_known_iam());
        }
    }

    #[test]
    fn an_invalid_domain_is_refused_without_its_password() {
        let long = format!("{}.example.com", ["a"; 125].join("."));
        for (region, domain, reason) in [
            ("eu-de", "https://example.com", "without scheme, port, path and user name"),
            ("eu-de", "example.com:443", "without scheme, port, path and user name"),
            ("eu-de", "example.com/v3", "without scheme, port, path and user name"),
            ("eu-de", "user:sentinel@example.com", "\"…@example.com\""),
            ("eu-de", "example.com?sentinel", "without scheme, port, path and user name"),
            ("eu-de", "example.com\\@example.org", "without scheme, port, path and user name"),
            ("eu-de", "", "use letters, digits and hyphens, with single dots"),
            ("eu-de", ".example.com", "with single dots"),
            ("eu-de", "example.com.", "with single dots"),
            ("eu-de", "exa mple.com", "with single dots"),
            ("eu-de", "*.example.com", "with single dots"),
            ("eu-de", "{domain}", "with single dots"),
            ("eu-de", "-example.com", "with single dots"),
            ("eu-de", "bücher.example", "with single dots"),
            ("eu-de", "10.0.0.1", "it is an address, not a domain"),
            ("eu-de", &long, "it is too long"),
            ("", "example.com", "the id of the region becomes part of a host name"),
            ("a/b", "example.com", "the id of the region becomes part of a host name"),
            ("evil.org?", "example.com", "the id of the region becomes part of a host name"),
        ] {
            let error = Region::new(region).cloud_domain(domain).unwrap_err().to_string();
            assert!(error.contains(reason) && !error.contains("sentinel"), "{error}");
        }
    }

    proptest! {
        /// Whatever is given, no request leaves the domain.
        #[test]
        fn every_host_is_in_the_domain(region in "[a-z0-9-]{1,9}|.{0,6}", domain in "[a-zA-Z0-9.-]{0,20}|.{0,12}") {
            if let Ok(in_domain) = Region::new(region.as_str()).cloud_domain(&domain) {
                for endpoint in [in_domain.endpoints()[0], in_domain.iam_endpoint()] {
                    let end = format!(".{region}.{}", domain.trim()).to_lowercase();
                    if let Ok(url) = url::Url::parse(endpoint) {
                        prop_assert!(url.host_str().unwrap().ends_with(&end) && url.path() == "/", "{}", url);
                    }
                }
            }
        }
    }
}
