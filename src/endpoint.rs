//! Addresses that requests can be sent to, and the rules for them.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{HeaderValue, Uri};
use url::{Host, ParseError, Url};

/// An address that requests can be sent to: a scheme, a host and perhaps a prefix for every path.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) url: Url,
    /// The same, for its scheme and authority: a request takes these as they are, and has only its path parsed.
    pub(crate) uri: Uri,
    /// The host as it is signed and sent, with its port if that is not the scheme's own.
    pub(crate) host: HeaderValue,
    pub(crate) is_loopback: bool,
}

/// Why an address can't be used.
#[derive(Debug)]
pub(crate) struct EndpointError {
    /// The address as it was given, without user name, password and query.
    pub(crate) endpoint: String,
    pub(crate) reason: String,
}

const MISSPELT: &str = "its scheme is misspelt: write https:// before the host";

impl Endpoint {
    /// Reads an address. `https://` is put before one without a scheme.
    pub(crate) fn parse(text: &str) -> Result<Self, EndpointError> {
        let wrong = |reason: &str| EndpointError { endpoint: without_secrets(text), reason: reason.to_owned() };
        let text = text.trim();
        if text.contains(['{', '}', '<', '>']) || text.to_ascii_lowercase().contains("%7b") {
            return Err(wrong("it has a placeholder: write what is meant in its place"));
        }
        let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
        let mut url = url.map_err(|error| match error {
            ParseError::RelativeUrlWithoutBase => wrong(MISSPELT),
            other => wrong(&other.to_string()),
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("only https and http are spoken"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("user name and password have no place in it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("a query or a fragment has no place in it"));
        }
        let is_loopback = match url.host() {
            // `https:/host` and `https//host` have no scheme, and a host that is called https.
            Some(Host::Domain("http" | "https")) => return Err(wrong(MISSPELT)),
            Some(Host::Domain(name)) if !is_host_name(name) => return Err(wrong("no host has such a name")),
            Some(Host::Ipv4(_)) if !text.contains('.') => return Err(wrong("its host is a number")),
            Some(host) => is_loopback(&host),
            None => return Err(wrong("it has no host")),
        };
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        // `Url` drops the scheme's own port, as will the transport: what is signed is what is sent.
        let host = HeaderValue::from_str(url.authority()).map_err(|_| wrong("its host can't be sent in a header"))?;
        let uri = Uri::try_from(url.as_str()).map_err(|error| wrong(&error.to_string()))?;
        Ok(Self { url, uri, host, is_loopback })
    }

    /// Reads the address of an API. A `/v3` at its end, as catalogues and `OS_AUTH_URL` have it, is left out: the paths of the
    /// calls start with it.
    pub(crate) fn of_api(text: &str) -> Result<Self, EndpointError> {
        let wrong = |reason: &str| EndpointError { endpoint: without_secrets(text), reason: reason.to_owned() };
        let mut endpoint = Self::parse(text)?;
        let mut segments: Vec<&str> = endpoint.url.path().split('/').filter(|segment| !segment.is_empty()).collect();
        if segments.pop_if(|last| matches!(*last, "v3" | "v3.0")).is_some() {
            let path = segments.join("/");
            endpoint.url.set_path(&path);
            return Ok(endpoint);
        }
        let is_project = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        match *segments {
            [only] if is_version(only) => Err(wrong("it is of another version than v3: leave the version out")),
            [.., version, project] if is_version(version) && is_project(project) => {
                Err(wrong("it has a project id: leave the version and the project id out, and set project_id(…)"))
            }
            _ => Ok(endpoint),
        }
    }

    /// Whether requests can be read on their way: plain HTTP that leaves this machine.
    pub(crate) fn is_exposed(&self) -> bool {
        self.url.scheme() == "http" && !self.is_loopback
    }

    /// Whether this is a link-local address, which no router passes on.
    pub(crate) fn is_link_local(&self) -> bool {
        self.url.host().is_some_and(|host| is_link_local(&host))
    }

    /// What a request's path is appended to: the address without a slash at its end.
    pub(crate) fn root(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// Returns what the path of a request starts with: without a slash at its end, and mostly empty.
    pub(crate) fn prefix(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }
}

/// Returns `true` if a host can have this name, which the parser of URLs has put into lower case. Wider than DNS: containers
/// have names with underscores.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.strip_suffix('.').unwrap_or(name).split('.').all(is_label)
}

/// Returns `true` if a segment of a path is a version: `v3`, `v1.0`.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    number.starts_with(|c: char| c.is_ascii_digit()) && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
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

/// Returns `true` if the host is an address that no router passes on.
pub(crate) fn is_link_local(host: &Host<&str>) -> bool {
    match address(host) {
        Ok(IpAddr::V4(ip)) => ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_unicast_link_local(),
        Err(_) => false,
    }
}

/// Returns the host's address, an IPv4 address in the form of IPv6 as the former, or else its name.
fn address<'h>(host: &Host<&'h str>) -> Result<IpAddr, &'h str> {
    match host {
        Host::Domain(name) => Err(name),
        Host::Ipv4(ip) => Ok(IpAddr::V4(*ip)),
        Host::Ipv6(ip) => Ok(IpAddr::V6(*ip).to_canonical()),
    }
}

/// An endpoint as it can be shown: without what stands before an `@` or behind a `?` or a `#`. A password may hold either,
/// so what stands before the last `@` goes first.
pub(crate) fn without_secrets(endpoint: &str) -> String {
    let (scheme, rest) = endpoint.split_once("://").map_or(("", endpoint), |(scheme, rest)| (scheme, rest));
    let (hidden, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, host)| ("…@", host));
    let shown = rest.split(['?', '#']).next().unwrap_or_default();
    let separator = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{separator}{hidden}{shown}")
}

/// The addresses of one service, and the one in use.
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

    /// Returns all addresses, in the order in which they are tried.
    #[cfg(feature = "reqwest")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        std::iter::once(&self.first).chain(&self.others)
    }

    pub(crate) fn len(&self) -> usize {
        1 + self.others.len()
    }

    /// The address to use now, and its number.
    pub(crate) fn current(&self) -> (usize, &Endpoint) {
        let current = self.current.load(Ordering::Relaxed);
        let endpoint = current.checked_sub(1).and_then(|index| self.others.get(index)).unwrap_or(&self.first);
        (current, endpoint)
    }

    /// Moves on from an address that can't be reached, unless another call has done so already. Behind the last comes the
    /// first.
    pub(crate) fn move_on_from(&self, number: usize) {
        let next = (number + 1) % self.len();
        // If it fails, another call was first, and that is what was wanted.
        let _moved = self.current.compare_exchange(number, next, Ordering::Relaxed, Ordering::Relaxed);
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
        for url in ["http://localhost.example.com", "http://notlocalhost", "http://128.0.0.1", "http://[::ffff:a00:1]"]
        {
            assert_eq!(judged(url), (false, false), "{url}");
        }
    }
}
