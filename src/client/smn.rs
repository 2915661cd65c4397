//! Where SMN is, for the check of a topic.

use std::sync::OnceLock;

use super::CtsClient;
#[cfg(feature = "tracing")]
use super::destination::Scope;
use crate::endpoint::{Endpoint, Endpoints};

/// The endpoint of SMN.
#[derive(Debug)]
pub(super) struct SmnSource {
    given: Option<Endpoints>,
    /// Whether the endpoint of CTS is one of a known cloud, so that SMN is beside it.
    is_known_cloud: bool,
    derived: OnceLock<Option<Endpoints>>,
}

impl SmnSource {
    pub(super) fn new(given: Option<Endpoint>, is_known_cloud: bool) -> Self {
        let given = given.map(|endpoint| Endpoints::new(endpoint, Vec::new()));
        Self { given, is_known_cloud, derived: OnceLock::new() }
    }
}

impl CtsClient {
    /// Returns where SMN is: at the endpoint that the builder was given, else beside CTS. `None` if
    /// that of CTS does not tell: signed requests are not sent to a host that is a guess.
    pub(super) fn smn(&self) -> Option<&Endpoints> {
        let SmnSource { given, is_known_cloud, derived } = &self.inner.smn;
        given.as_ref().or_else(|| {
            let (_, cts) = self.inner.endpoints.current();
            derived
                .get_or_init(|| {
                    beside(cts, *is_known_cloud).map(|smn| Endpoints::new(smn, Vec::new()))
                })
                .as_ref()
        })
    }

    /// Returns the host that calls of this scope go to, for spans.
    #[cfg(feature = "tracing")]
    pub(super) fn host_of(&self, scope: Scope) -> Option<&str> {
        let endpoints = if scope == Scope::Smn { self.smn() } else { Some(&self.inner.endpoints) };
        endpoints.and_then(|endpoints| endpoints.current().1.url.host_str())
    }

    /// Returns `true` if the endpoint of SMN is known.
    pub(crate) fn knows_smn(&self) -> bool {
        self.smn().is_some()
    }
}

/// Returns the endpoint of SMN in the region of this one of CTS: that with `smn` in place of `cts`.
/// What is on this machine serves both. `None` outside of known clouds, whose hosts anybody may
/// own.
fn beside(cts: &Endpoint, is_known_cloud: bool) -> Option<Endpoint> {
    if cts.is_loopback {
        return Some(cts.clone());
    }
    if !is_known_cloud {
        return None;
    }
    let host = cts.url.host_str()?;
    let rest = host.strip_prefix("cts.")?;
    // CTS of this region has names in both domains, SMN only in this one.
    let rest =
        if rest == "cn-north-2.myhuaweicloud.com" { "cn-north-2.myhuaweicloud.cn" } else { rest };
    let mut url = cts.url.clone();
    url.set_host(Some(&format!("smn.{rest}"))).ok()?;
    url.set_path("");
    Endpoint::parse(url.as_str()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smn_is_beside_cts_and_never_guessed() {
        for (cts, smn) in [
            (
                "https://cts.cn-north-4.myhuaweicloud.com",
                Some("https://smn.cn-north-4.myhuaweicloud.com"),
            ),
            ("https://cts.eu-de.otc.t-systems.com", Some("https://smn.eu-de.otc.t-systems.com")),
            (
                "https://cts.eu-ch2.sc.otc.t-systems.com",
                Some("https://smn.eu-ch2.sc.otc.t-systems.com"),
            ),
            (
                "https://cts.cn-north-2.myhuaweicloud.com",
                Some("https://smn.cn-north-2.myhuaweicloud.cn"),
            ),
            (
                "https://cts.cn-north-2.myhuaweicloud.cn",
                Some("https://smn.cn-north-2.myhuaweicloud.cn"),
            ),
            ("https://cts.r.example.com:8443/prefix", Some("https://smn.r.example.com:8443")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("https://gateway.example.com", None),
            ("https://mycts.example.com", None),
            ("https://192.0.2.1", None),
        ] {
            let found = beside(&Endpoint::of_api(cts).unwrap(), true);
            assert_eq!(found.as_ref().map(Endpoint::root), smn, "{cts}");
        }
        let custom = Endpoint::of_api("https://cts.example.com").unwrap();
        assert!(
            beside(&custom, false).is_none(),
            "a host that was not named gets no signed request"
        );
        let near = Endpoint::of_api("http://127.0.0.1:8080").unwrap();
        assert!(beside(&near, false).is_some());
    }
}
