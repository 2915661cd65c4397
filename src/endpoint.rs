//! Endpoints that requests can be sent to, and the rules for them.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{HeaderValue, Uri};
use url::{Host, ParseError, Url};

/// An endpoint: a scheme, a host and an optional prefix for every path.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) url: Url,
    /// The same, for its scheme and authority: a request takes these as they are, and has only its
    /// path parsed.
    pub(crate) uri: Uri,
    /// The host as it is signed and sent, with its port unless it is the default of the scheme.
    pub(crate) host: HeaderValue,
    pub(crate) is_loopback: bool,
}

/// The reason why an endpoint can't be used.
#[derive(Debug)]
pub(crate) struct EndpointError {
    /// The endpoint as it was given, without user name, password and query.
    pub(crate) endpoint: String,
    pub(crate) reason: String,
}

const MISSPELT: &str = "its scheme is misspelt: write https:// before the host";

impl Endpoint {
    /// Parses an endpoint. `https://` is added if there is no scheme.
    pub(crate) fn parse(address: &str) -> Result<Self, EndpointError> {
        let wrong = |reason: &str| EndpointError {
            endpoint: without_secrets(address),
            reason: reason.to_owned(),
        };
        let address = address.trim();
        if address.contains(['{', '}', '<', '>']) || address.to_ascii_lowercase().contains("%7b") {
            return Err(wrong("it contains a placeholder: replace it with a value"));
        }
        let url = if address.contains("://") {
            Url::parse(address)
        } else {
            Url::parse(&format!("https://{address}"))
        };
        let mut url = url.map_err(|error| match error {
            ParseError::RelativeUrlWithoutBase => wrong(MISSPELT),
            other => wrong(&other.to_string()),
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("the scheme must be https or http"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it must not contain a user name or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it must not contain a query or a fragment"));
        }
        let is_loopback = match url.host() {
            // `https:/host` and `https//host` have no scheme, and https as their host.
            Some(Host::Domain("http" | "https")) => return Err(wrong(MISSPELT)),
            Some(Host::Domain(name)) if !is_host_name(name) => {
                return Err(wrong("its host name is invalid"));
            }
            Some(Host::Ipv4(_)) if !address.contains('.') => {
                return Err(wrong("its host is a number"));
            }
            Some(host) => is_loopback(&host),
            None => return Err(wrong("it has no host")),
        };
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        // `Url` drops the default port of the scheme, as the transport does: what is signed is what
        // is sent.
        let host = HeaderValue::from_str(url.authority())
            .map_err(|_| wrong("its host can't be sent in a header"))?;
        let uri = Uri::try_from(url.as_str()).map_err(|error| wrong(&error.to_string()))?;
        Ok(Self { url, uri, host, is_loopback })
    }

    /// Parses the endpoint of an API. A `/v3` at its end, as in catalogues and `OS_AUTH_URL`, is
    /// removed, because the paths of the calls start with it.
    pub(crate) fn of_api(address: &str) -> Result<Self, EndpointError> {
        let wrong = |reason: &str| EndpointError {
            endpoint: without_secrets(address),
            reason: reason.to_owned(),
        };
        let mut endpoint = Self::parse(address)?;
        let mut segments: Vec<&str> =
            endpoint.url.path().split('/').filter(|segment| !segment.is_empty()).collect();
        if segments.pop_if(|last| matches!(*last, "v3" | "v3.0")).is_some() {
            let path = segments.join("/");
            endpoint.url.set_path(&path);
            return Ok(endpoint);
        }
        let is_project = |segment: &str| {
            segment.len() == 32 && segment.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        match *segments {
            [only] if is_version(only) => {
                Err(wrong("it names another version than v3: leave the version out"))
            }
            [.., version, project] if is_version(version) && is_project(project) => Err(wrong(
                "it contains a project id: leave the version and the project id out, and set project_id(…)",
            )),
            _ => Ok(endpoint),
        }
    }

    /// Returns `true` if others can read requests on the way: plain HTTP that leaves this machine.
    pub(crate) fn is_exposed(&self) -> bool {
        self.url.scheme() == "http" && !self.is_loopback
    }

    /// Returns `true` if the host is a link-local address, which no router forwards.
    pub(crate) fn is_link_local(&self) -> bool {
        self.url.host().is_some_and(|host| is_link_local(&host))
    }

    /// Returns the endpoint without a trailing slash, to which the path of a request is appended.
    pub(crate) fn root(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// Returns the prefix of every path, without a trailing slash. It is usually empty.
    pub(crate) fn prefix(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }
}

/// Returns `true` if a host can have this name. More is allowed than in DNS, because containers
/// have names with underscores.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.strip_suffix('.').unwrap_or(name).split('.').all(is_label)
}

/// Returns `true` if a segment of a path is a version: `v3`, `v1.0`.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    number.starts_with(|c: char| c.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Returns `true` if the host is this machine.
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match address(host) {
        Ok(ip) => ip.is_loopback(),
        Err(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

/// Returns `true` if the host is a link-local address, which no router forwards.
pub(crate) fn is_link_local(host: &Host<&str>) -> bool {
    match address(host) {
        Ok(IpAddr::V4(ip)) => ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_unicast_link_local(),
        Err(_) => false,
    }
}

/// Returns the address of the host, with an IPv4 address in IPv6 notation as IPv4; otherwise its
/// name.
fn address<'h>(host: &Host<&'h str>) -> Result<IpAddr, &'h str> {
    match host {
        Host::Domain(name) => Err(name),
        Host::Ipv4(ip) => Ok(IpAddr::V4(*ip)),
        Host::Ipv6(ip) => Ok(IpAddr::V6(*ip).to_canonical()),
    }
}

/// Returns an endpoint as it can be shown: without what precedes an `@` or follows a `?` or a `#`.
/// A password can contain these characters, so what precedes the last `@` is removed first.
pub(crate) fn without_secrets(endpoint: &str) -> String {
    let (scheme, rest) =
        endpoint.split_once("://").map_or(("", endpoint), |(scheme, rest)| (scheme, rest));
    let (hidden, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, host)| ("…@", host));
    let shown = rest.split(['?', '#']).next().unwrap_or_default();
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}{hidden}{shown}")
}

/// The endpoints of one service, and the one in use.
#[derive(Debug)]
pub(crate) struct Endpoints {
    first: Endpoint,
    others: Vec<Endpoint>,
    current: AtomicUsize,
}

impl Endpoints {
    pub(crate) fn new(first: Endpoint, others: Vec<Endpoint>) -> Self {
        Self { first, others, current: AtomicUsize::new(0) }
    }

    /// Returns all endpoints, in the order in which they are tried.
    #[cfg(feature = "reqwest")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        std::iter::once(&self.first).chain(&self.others)
    }

    pub(crate) fn len(&self) -> usize {
        1 + self.others.len()
    }

    /// Returns the endpoint to use now, and its number.
    pub(crate) fn current(&self) -> (usize, &Endpoint) {
        let current = self.current.load(Ordering::Relaxed);
        let endpoint =
            current.checked_sub(1).and_then(|index| self.others.get(index)).unwrap_or(&self.first);
        (current, endpoint)
    }

    /// Moves on from an endpoint that can't be reached, unless another call has done so already.
    /// The last is followed by the first.
    pub(crate) fn move_on_from(&self, number: usize) {
        let next = (number + 1) % self.len();
        // If this fails, another call has moved on already, which is just as good.
        let _moved =
            self.current.compare_exchange(number, next, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_and_link_local_addresses_are_recognized_in_every_notation() {
        let judged = |url: &str| {
            let url = Url::parse(url).unwrap();
            let host = url.host().unwrap();
            (is_loopback(&host), is_link_local(&host))
        };
        for url in [
            "http://localhost",
            "http://LOCALHOST.:80",
            "http://cts.localhost:1",
            "http://127.0.0.1:1",
            "http://127.9.9.9",
            "http://127.1",
            "http://2130706433",
            "http://[::1]",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert_eq!(judged(url), (true, false), "{url}");
        }
        for url in ["http://169.254.169.254", "http://[fe80::1]", "http://[::ffff:169.254.1.2]"] {
            assert_eq!(judged(url), (false, true), "{url}");
        }
        for url in [
            "http://localhost.example.com",
            "http://notlocalhost",
            "http://128.0.0.1",
            "http://[::ffff:a00:1]",
        ] {
            assert_eq!(judged(url), (false, false), "{url}");
        }
    }
}
