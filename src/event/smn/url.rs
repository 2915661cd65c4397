//! Where the URLs of a message may lead.
//!
//! They come from outside, so whoever posts a message could make this program open any address: a service in its network,
//! or a page of his own with a certificate on it.

use url::{Host, Url};

use super::error::{SmnError, SmnErrorKind};
use crate::text::printable;

/// Checks a URL of a certificate: `https://smn.<region>.<domain>/…`.
///
/// The name of the service and of exactly one region, for the same domains have hosts that are anybody's:
/// `<bucket>.obs.<region>.<domain>`. No query, for the path alone names the certificate.
pub(super) fn certificate_url(url: &str, domains: &[String]) -> Result<Url, SmnError> {
    let parsed = checked("signing_cert_url", url, |host| {
        domains.iter().any(|domain| {
            let region = host
                .strip_prefix("smn.")
                .and_then(|rest| rest.strip_suffix(domain.as_str()))
                .and_then(|rest| rest.strip_suffix('.'));
            region.is_some_and(|region| {
                !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            })
        })
    })?;
    if parsed.query().is_some() {
        return Err(refused("signing_cert_url", "has a query"));
    }
    Ok(parsed)
}

/// Checks the URL that confirms a subscription: https, one of these hosts.
pub(super) fn confirmation_url(url: &str, hosts: &[String]) -> Result<Url, SmnError> {
    checked("subscribe_url", url, |host| hosts.iter().any(|known| known == host))
}

fn checked(member: &str, url: &str, is_known: impl Fn(&str) -> bool) -> Result<Url, SmnError> {
    // A parser would drop line breaks and turn backslashes; what it makes of these is none of SMN's doing.
    if !url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
        return Err(refused(member, "has characters that no URL has"));
    }
    let parsed = Url::parse(url).map_err(|error| refused(member, &format!("is no URL: {error}")))?;
    if parsed.scheme() != "https" {
        return Err(refused(member, "is not https"));
    }
    // An `@` anywhere but in the query might be read by somebody as the end of user and password.
    if url.split(['?', '#']).next().is_some_and(|url| url.contains('@')) {
        return Err(refused(member, "has a user in it"));
    }
    if parsed.port().is_some() {
        return Err(refused(member, "names a port"));
    }
    if parsed.fragment().is_some() {
        return Err(refused(member, "has a fragment"));
    }
    match parsed.host() {
        Some(Host::Domain(host)) if is_known(host) && is_written(url, host) => Ok(parsed),
        host => {
            let host = host.map_or_else(String::new, |host| printable(&host.to_string(), 100));
            Err(refused(member, &format!("leads to {host:?}, which is not a host of SMN that is known here")))
        }
    }
}

/// Whether the host stands in the URL as it was understood, without escapes or anything else that a parser sees through.
fn is_written(url: &str, host: &str) -> bool {
    let authority = url.split('/').nth(2).unwrap_or_default();
    authority.strip_suffix(":443").unwrap_or(authority).eq_ignore_ascii_case(host)
}

fn refused(member: &str, problem: &str) -> SmnError {
    SmnError::new(SmnErrorKind::Url, format!("{member} {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// These URLs are signed, so no message with another host can be made up for a test.
    #[test]
    fn confirmations_go_to_known_hosts_only() {
        let hosts = ["console.huaweicloud.com".to_owned()];
        let allowed = |url: &str| confirmation_url(url, &hosts).is_ok();
        let path = "smn/subscription/confirm?token=00&topic_urn=urn:smn:r:p:t&region=r&note=a@b";
        assert!(allowed(&format!("https://console.huaweicloud.com/{path}")));
        assert!(allowed(&format!("https://console.huaweicloud.com:443/{path}")));
        for host in [
            "http://console.huaweicloud.com",
            "https://console.huaweicloud.com:8443",
            "https://console.huaweicloud.com.evil.example",
            "https://console.huaweicloud.com@evil.example",
            "https://evil.example\\console.huaweicloud.com",
            "https://x.console.huaweicloud.com",
            "https://127.0.0.1",
            "https://[::1]",
            "https://169.254.169.254",
            "https:",
            "",
        ] {
            assert!(!allowed(&format!("{host}/{path}")), "{host}");
        }
    }
}
