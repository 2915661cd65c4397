//! The proxy of a request.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;
use zeroize::Zeroizing;

use crate::endpoint::without_secrets;

/// A user and a password for a proxy.
pub(super) type User = (String, Zeroizing<String>);

/// The rules that decide, for each URL, whether a request goes through a proxy, and which. The
/// system's settings are read by the first request that they apply to.
#[derive(Default)]
pub(super) struct Proxies {
    matcher: OnceLock<Option<Matcher>>,
    /// Matches all hosts but the exceptions.
    exceptions: Option<Matcher>,
    authorization: Option<HeaderValue>,
}

/// The source of the proxy settings.
#[derive(Clone)]
pub(super) enum Source {
    /// The system's settings.
    System,
    /// No proxy is used.
    Off,
    /// A URL from the program, optionally with user and password.
    Url(Zeroizing<String>),
}

/// A proxy that a request goes through.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    /// Without user and password.
    pub(super) uri: Uri,
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxies {
    /// Checks the settings of the program.
    pub(super) fn new(
        source: &Source,
        exceptions: Option<&str>,
        user: Option<&User>,
    ) -> Result<Self, String> {
        if user.is_some() && !matches!(source, Source::Url(_)) {
            return Err("proxy_credentials(…) are for a proxy that proxy(…) names".to_owned());
        }
        Ok(Self {
            matcher: match source {
                Source::System => OnceLock::new(),
                Source::Off => OnceLock::from(None),
                Source::Url(url) => OnceLock::from(Some(matcher(url)?)),
            },
            exceptions: exceptions
                .map(|list| Matcher::builder().all("http://proxy").no(list).build()),
            authorization: user.map(basic).transpose()?,
        })
    }

    /// Returns the proxy for `uri`, or `None` if the request goes directly to the host.
    pub(super) fn of(&self, uri: &Uri) -> Result<Option<Proxy>, String> {
        if self.exceptions.as_ref().is_some_and(|all| all.intercept(uri).is_none()) {
            return Ok(None);
        }
        let matcher = self.matcher.get_or_init(|| Some(Matcher::from_system())).as_ref();
        let Some(found) = matcher.and_then(|matcher| matcher.intercept(uri)) else {
            return Ok(None);
        };
        let authorization =
            self.authorization.clone().or_else(|| found.basic_auth().cloned()).map(|mut value| {
                value.set_sensitive(true);
                value
            });
        let proxy = Proxy { uri: found.uri().clone(), authorization };
        if proxy.uri.scheme_str().is_some_and(|scheme| scheme.starts_with("socks")) {
            return Err(socks(&proxy.name()));
        }
        Ok(Some(proxy))
    }
}

impl Proxy {
    /// Returns the address as it can be shown.
    pub(super) fn name(&self) -> String {
        self.uri.to_string().trim_end_matches('/').to_owned()
    }

    /// Returns `true` if the connection to the proxy itself is encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }
}

/// Parses the URL of a proxy. `http://` is added if there is no scheme.
fn matcher(address: &str) -> Result<Matcher, String> {
    let wrong =
        |reason: &str| format!("the proxy {:?} can't be used: {reason}", without_secrets(address));
    let with_scheme = Zeroizing::new(if address.contains("://") {
        address.to_owned()
    } else {
        format!("http://{address}")
    });
    let url = Url::parse(&with_scheme).map_err(|error| wrong(&error.to_string()))?;
    match url.scheme() {
        "http" | "https" => {}
        scheme if scheme.starts_with("socks") => return Err(socks(&without_secrets(address))),
        _ => return Err(wrong("it must start with http:// or https://")),
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it must not contain a path, a query or a fragment"));
    }
    let matcher = Matcher::builder().all(String::from(url)).build();
    match matcher.intercept(&Uri::from_static("https://host/")) {
        Some(_) => Ok(matcher),
        None => Err(wrong("it is not the URL of a proxy")),
    }
}

fn socks(proxy: &str) -> String {
    format!(
        "the proxy {proxy} speaks SOCKS, which is not supported: name an HTTP proxy, except the host in NO_PROXY, or bring a \
         reqwest::Client with the feature socks to ReqwestTransport::from_client"
    )
}

/// Returns the value of `Proxy-Authorization`.
fn basic((user, password): &User) -> Result<HeaderValue, String> {
    if user.contains(':') {
        return Err("a proxy's user name can't contain a colon".to_owned());
    }
    let pair = Zeroizing::new(format!("{user}:{}", password.as_str()));
    let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    HeaderValue::from_str(&value)
        .map_err(|_| "the proxy's user name or password can't be sent".to_owned())
}
