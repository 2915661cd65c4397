//! Checks the URLs of a message.
//!
//! They come from outside, so a stranger who posts a message could make this program open any
//! address: a service in its network, or a server with a forged certificate. Hosts are therefore
//! compared whole, never by a pattern: the domains of SMN have hosts that any customer can own,
//! such as `<bucket>.obs.<region>.<domain>`.

use url::Url;

use super::error::{SmnError, SmnErrorKind};
use crate::notification::TopicUrn;
use crate::region::Region;
use crate::text::printable;

/// Hosts that a user allows by name, in the form of [`Url::authority`].
#[derive(Debug, Default)]
pub(super) struct NamedHosts(Vec<String>);

impl NamedHosts {
    /// Adds a host, with `:port` after it unless that is 443.
    pub(super) fn add(&mut self, host: &str) {
        let host = host.trim().to_ascii_lowercase();
        self.0.push(host.strip_suffix(":443").unwrap_or(&host).to_owned());
    }

    pub(super) fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// Checks the URL of a certificate: `https://smn.<region>.<domain>/smn/<name>.pem`, with the
/// topic's region and a domain of that region, or one of `domains`.
///
/// A query is refused, since the path alone names the certificate.
pub(super) fn certificate_url(
    url: &str,
    topic: &TopicUrn,
    domains: &[String],
    named: &NamedHosts,
) -> Result<Url, SmnError> {
    const FIELD: &str = "signing_cert_url";

    let mut hosts = named.as_slice().to_vec();
    if let Some(region) = region(topic) {
        let domains = domains_of(region).into_iter().chain(domains.iter().cloned());
        hosts.extend(domains.map(|domain| format!("smn.{region}.{domain}")));
    }
    let parsed = checked(
        FIELD,
        url,
        &hosts,
        &format!("no known host of SMN for {}", shown(topic)),
        "certificate_host",
    )?;
    if parsed.query().is_some() {
        return Err(refused(FIELD, "has a query"));
    }
    let name = parsed
        .path()
        .strip_prefix("/smn/")
        .and_then(|name| name.strip_suffix(".pem"))
        .unwrap_or_default();
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    // A parser resolves `..`, so that the path would differ from the one that is written.
    let is_written = url.splitn(4, '/').nth(3) == parsed.path().strip_prefix('/');
    if name.is_empty() || !is_plain || !is_written {
        return Err(refused(FIELD, "has a path that is not /smn/<name>.pem"));
    }
    Ok(parsed)
}

/// Checks the URL that confirms a subscription: https, to a console of the operator of the topic's
/// region.
pub(super) fn confirmation_url(
    url: &str,
    topic: &TopicUrn,
    named: &NamedHosts,
) -> Result<Url, SmnError> {
    let mut hosts = named.as_slice().to_vec();
    hosts.push("console.huaweicloud.com".to_owned());
    if let Some(region) = region(topic) {
        hosts.push(format!("{region}-console.huaweicloud.com"));
        hosts.extend(domains_of(region).iter().filter_map(|domain| own_console(domain)));
    }
    let unknown = format!("no known console for {}", shown(topic));
    checked("subscribe_url", url, &hosts, &unknown, "confirmation_host")
}

/// Returns the console of an operator, or of a partition, that is not Huawei Cloud's.
fn own_console(domain: &str) -> Option<String> {
    match domain {
        "myhuaweicloud.eu" => Some("console.eu.huaweicloud.com".to_owned()),
        // By analogy with the service's endpoints.
        "otc.t-systems.com" | "sc.otc.t-systems.com" => Some(format!("console.{domain}")),
        _ => None,
    }
}

/// Returns the region's id, if it can be a label of a host.
fn region(topic: &TopicUrn) -> Option<&str> {
    topic.region().filter(|id| {
        id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    })
}

/// Returns the domains of a region.
fn domains_of(region: &str) -> Vec<String> {
    let start = format!("https://cts.{region}.");
    let region = Region::new(region);
    region
        .endpoints()
        .iter()
        .filter_map(|endpoint| endpoint.strip_prefix(&start))
        .map(str::to_owned)
        .collect()
}

fn checked(
    field: &str,
    url: &str,
    hosts: &[String],
    unknown: &str,
    setter: &str,
) -> Result<Url, SmnError> {
    // A parser would drop line breaks and turn backslashes. SMN writes neither.
    if !url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
        return Err(refused(field, "contains characters that are not allowed in a URL"));
    }
    let parsed =
        Url::parse(url).map_err(|error| refused(field, &format!("is not a URL: {error}")))?;
    if parsed.scheme() != "https" {
        return Err(refused(field, "is not https"));
    }
    // Some parsers might read an `@` anywhere but in the query as the end of user and password.
    if url.split(['?', '#']).next().is_some_and(|url| url.contains('@')) {
        return Err(refused(field, "contains a user name"));
    }
    if parsed.fragment().is_some() {
        return Err(refused(field, "has a fragment"));
    }
    let host = parsed.authority();
    if !is_written(url, host) {
        return Err(refused(field, "has a host that is not in its plain form"));
    }
    if hosts.iter().any(|known| known == host) {
        return Ok(parsed);
    }
    let host = printable(host, 100);
    Err(refused(
        field,
        &format!(
            "leads to {host:?}, {unknown}: if it belongs to your cloud, allow it with SmnVerifier::{setter}"
        ),
    ))
}

/// Returns `true` if the host is written in the URL as it was parsed, without escapes or the like.
fn is_written(url: &str, host: &str) -> bool {
    let authority = url.split(['/', '?', '#']).nth(2).unwrap_or_default();
    authority.strip_suffix(":443").unwrap_or(authority).eq_ignore_ascii_case(host)
}

fn shown(topic: &TopicUrn) -> String {
    printable(topic.as_str(), 100)
}

fn refused(field: &str, problem: &str) -> SmnError {
    SmnError::new(SmnErrorKind::Url, format!("{field} {problem}"))
}
