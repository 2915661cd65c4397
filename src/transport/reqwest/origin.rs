//! What is known of the origins that requests went to: the next request there has only its path
//! parsed, if that.

use std::error::Error as StdError;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Uri;
use http::uri::{Authority, Scheme};
use url::Url;

use super::proxy::Proxy;
use super::{HAS_TLS, NO_TLS};
use crate::transport::{Route, TransportError, TransportErrorKind};

/// How many are kept. A program has one for each service of a region that it uses.
const MOST: usize = 16;

/// The target of a request, and the way there.
pub(super) struct Target {
    pub(super) url: Url,
    pub(super) client: reqwest::Client,
    /// `None` also if the client of the program decides that.
    pub(super) proxy: Option<Proxy>,
}

/// The origins that requests went to last. Parsing a URL takes longer than all else that a
/// transport does for a request, and most requests go to the very target of the one before.
#[derive(Default)]
pub(super) struct Origins {
    known: Mutex<Vec<Origin>>,
}

struct Origin {
    scheme: Scheme,
    authority: Authority,
    /// The route of the request itself.
    asked: Option<Route>,
    /// That of the last request.
    target: Target,
}

impl Origins {
    /// Returns the target of a request, if its origin is known. The error is for a path or a query
    /// that can't be sent just so.
    pub(super) fn target(
        &self,
        uri: &Uri,
        asked: Option<Route>,
    ) -> Option<Result<Target, TransportError>> {
        let mut known = self.lock();
        let Origin { target, .. } = known.iter_mut().find(|origin| origin.is_of(uri, asked))?;
        let Target { url, client, proxy } = target;
        if url.path() != uri.path() {
            url.set_path(uri.path());
        }
        if url.query() != uri.query() {
            url.set_query(uri.query());
        }
        Some(unchanged(url, uri).map(|()| Target {
            url: url.clone(),
            client: client.clone(),
            proxy: proxy.clone(),
        }))
    }

    /// Keeps the target of a request whose origin was not known.
    pub(super) fn keep(&self, uri: &Uri, asked: Option<Route>, target: &Target) {
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else { return };
        let Target { url, client, proxy } = target;
        let target = Target { url: url.clone(), client: client.clone(), proxy: proxy.clone() };
        let mut known = self.lock();
        known.truncate(MOST - 1);
        // The latest first, which is found first.
        known.insert(
            0,
            Origin { scheme: scheme.clone(), authority: authority.clone(), asked, target },
        );
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Origin>> {
        // A URL that is half changed has another path than the next request, and is changed again.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Origin {
    fn is_of(&self, uri: &Uri, asked: Option<Route>) -> bool {
        // As strings: a user name, unlike a host, may differ in case alone.
        let authority = uri.authority().map(Authority::as_str);
        self.asked == asked
            && Some(&self.scheme) == uri.scheme()
            && Some(self.authority.as_str()) == authority
    }
}

/// Returns the URL of a request, if it can be sent just so.
pub(super) fn url(uri: &Uri) -> Result<Url, TransportError> {
    let parts = [
        uri.scheme_str().unwrap_or_default(),
        "://",
        uri.authority().map_or("", |authority| authority.as_str()),
        uri.path_and_query().map_or("", |target| target.as_str()),
    ];
    let url = Url::parse(&parts.concat()).map_err(|error| unsendable(error.into()))?;
    if url.scheme() == "https" && !HAS_TLS {
        return Err(unsendable(NO_TLS.into()));
    }
    unchanged(&url, uri)?;
    Ok(url)
}

/// What is signed must be what is sent. `Url` resolves dots and encodes characters.
fn unchanged(url: &Url, uri: &Uri) -> Result<(), TransportError> {
    if url.path() != uri.path() || url.query() != uri.query() {
        return Err(unsendable(
            "the HTTP client would change the URL, and the signature would be wrong".into(),
        ));
    }
    Ok(())
}

fn unsendable(source: Box<dyn StdError + Send + Sync>) -> TransportError {
    TransportError::with_source(TransportErrorKind::Unsendable, source)
}

#[cfg(test)]
mod tests {
    use super::super::clients::{Clients, Settings};
    use super::super::proxy::Proxies;
    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    /// Origins that requests without a route went to.
    fn known(requests: &[&str]) -> Origins {
        let origins = Origins::default();
        let clients = Clients::new(Settings::default(), Proxies::default());
        for uri in requests.iter().map(|text| uri(text)) {
            let (client, proxy) = clients.get(&uri, Route::Direct).unwrap();
            origins.keep(&uri, None, &Target { url: url(&uri).unwrap(), client, proxy });
        }
        origins
    }

    #[test]
    fn the_url_of_a_known_origin_is_the_one_that_parsing_gives() {
        let origins = known(&["http://h:8080/v3/p/notifications?a=1"]);
        for text in [
            "http://h:8080/v3/p/notifications?a=1",
            "http://h:8080/v3/p/notifications",
            "http://h:8080/",
            "http://h:8080",
            "http://h:8080//v3",
            "http://h:8080/v3/p/traces?next=a%20b&limit=2",
            "http://h:8080/v3/p/traces?",
            "http://h:8080/~a/b;c=d/%7e%C3%A9?x='y'",
            "http://h:8080/a/../b",
            "http://h:8080/a/%2e%2E/b",
            "http://h:8080/a{b}",
            "http://h:8080/a\"b?c",
        ] {
            let parsed = url(&uri(text)).map_err(|error| error.kind());
            let found = origins.target(&uri(text), None).expect("the origin is known");
            assert_eq!(
                found.map(|target| target.url).map_err(|error| error.kind()),
                parsed,
                "{text}"
            );
        }
    }

    #[test]
    fn an_origin_is_a_scheme_an_authority_and_a_route() {
        let origins = known(&["http://User@h/a"]);
        assert!(origins.target(&uri("http://User@h/b"), None).is_some());
        for other in [
            "http://h/a",
            "http://user@h/a",
            "http://User@h:80/a",
            "https://User@h/a",
            "http://User@i/a",
        ] {
            assert!(origins.target(&uri(other), None).is_none(), "{other}");
        }
        assert!(origins.target(&uri("http://User@h/a"), Some(Route::Direct)).is_none());
    }

    #[test]
    fn the_last_origins_are_kept_and_no_more() {
        let requests: Vec<String> = (0..=MOST).map(|number| format!("http://h{number}/")).collect();
        let origins = known(&requests.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(origins.target(&uri("http://h0/"), None).is_none());
        assert!(origins.target(&uri("http://h1/"), None).is_some());
    }
}
