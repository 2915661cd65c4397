//! Requests as they go out: shown, with secrets masked, or held back.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use huaweicloud_cts::BoxFuture;
use huaweicloud_cts::transport::{ReqwestTransport, Transport, TransportError, TransportErrorKind};

use crate::screen;

const MASK: &str = "****";

/// The headers that are secrets: those of requests, which a user may have set, and of responses.
const SECRETS: [&str; 6] = [
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-auth-token",
    "x-security-token",
    "x-subject-token",
];

/// What became of the requests of a command.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls(Arc<State>);

#[derive(Debug, Default)]
struct State {
    held_back: AtomicBool,
    wrote: AtomicBool,
    succeeded: Mutex<Vec<&'static str>>,
}

impl Calls {
    pub(crate) fn held_back(&self) -> bool {
        self.0.held_back.load(Ordering::Relaxed)
    }

    /// Returns `true` if a request was sent that may have changed something.
    pub(crate) fn any_write(&self) -> bool {
        self.0.wrote.load(Ordering::Relaxed)
    }

    /// Records a call that changed something.
    pub(crate) fn succeeded(&self, operation: &'static str) {
        self.0.succeeded.lock().unwrap_or_else(PoisonError::into_inner).push(operation);
    }

    /// Returns the calls that succeeded and changed something.
    pub(crate) fn writes(&self) -> Vec<&'static str> {
        self.0.succeeded.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A transport that shows what it sends.
#[derive(Debug)]
pub(crate) struct Watched {
    inner: ReqwestTransport,
    calls: Calls,
    dry_run: bool,
    shows: bool,
}

impl Watched {
    pub(crate) fn new(inner: ReqwestTransport, calls: Calls, dry_run: bool, shows: bool) -> Self {
        Self { inner, calls, dry_run, shows }
    }
}

impl Transport for Watched {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let is_call = is_call(&request);
        let writes = is_call && !request.method().is_safe();
        if self.dry_run && writes {
            let printed = screen::out(shown(&request));
            self.calls.0.held_back.store(true, Ordering::Relaxed);
            drop(printed);
            let held_back = "held back by --dry-run";
            return Box::pin(async move {
                Err(TransportError::with_source(TransportErrorKind::Unsendable, held_back))
            });
        }
        if writes {
            self.calls.0.wrote.store(true, Ordering::Relaxed);
        }
        if self.shows && is_call {
            screen::note(shown(&request));
        }
        self.inner.send(request)
    }
}

/// Returns `true` for a call of the API. All others are requests of the providers of credentials,
/// whose bodies may hold secrets: they are not signed, or assume an agency.
fn is_call(request: &Request<Bytes>) -> bool {
    let authorization =
        request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let is_signed = authorization.is_some_and(|text| text.contains("-HMAC-SHA256 "));
    let path = request.uri().path();
    is_signed && !path.contains("/OS-CREDENTIAL/") && !path.contains("/agencies/assume")
}

/// Returns a request as text, without its signature and other secrets.
fn shown(request: &Request<Bytes>) -> String {
    let mut text =
        format!("{} {}\n{}", request.method(), request.uri(), headers(request.headers()));
    if !request.body().is_empty() {
        let body = String::from_utf8_lossy(request.body());
        let _ok = write!(text, "\n{}\n", screen::clean_lines(&body));
    }
    text
}

/// Returns headers as text, a line for each, with the values masked that are secrets or may be used
/// as such.
pub(crate) fn headers(headers: &HeaderMap) -> String {
    let mut text = String::new();
    for (name, value) in headers {
        let secret = value.is_sensitive() || SECRETS.contains(&name.as_str());
        let value = match value.to_str() {
            Ok(value) if name == header::AUTHORIZATION => masked(value),
            Ok(value) if !secret => screen::clean(value),
            _ => MASK.to_owned(),
        };
        let _ok = writeln!(text, "{name}: {value}");
    }
    text
}

/// Returns a signature with its access key and its last part masked.
fn masked(authorization: &str) -> String {
    let scheme = authorization.split(' ').next().unwrap_or_default();
    let signed = authorization.split(", ").find(|part| part.starts_with("SignedHeaders="));
    match signed {
        Some(signed) => format!("{scheme} Access={MASK}, {signed}, Signature={MASK}"),
        None => MASK.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, Request};

    use super::{headers, is_call};

    #[test]
    fn a_shown_request_has_no_secret() {
        let mut map = HeaderMap::new();
        let signature =
            "SDK-HMAC-SHA256 Access=AKSECRET, SignedHeaders=host;x-sdk-date, Signature=abcdef";
        map.insert("authorization", HeaderValue::from_static(signature));
        for name in super::SECRETS {
            map.insert(name, HeaderValue::from_static("TOKENSECRET"));
        }
        map.insert("x-sdk-date", HeaderValue::from_static("20260102T030405Z"));
        let masked = super::SECRETS.map(|name| format!("{name}: ****\n")).concat();
        assert_eq!(
            headers(&map),
            format!(
                "authorization: SDK-HMAC-SHA256 Access=****, SignedHeaders=host;x-sdk-date, Signature=****\n\
                 {masked}x-sdk-date: 20260102T030405Z\n"
            )
        );
    }

    /// Their bodies hold id tokens, or their responses credentials.
    #[test]
    fn requests_for_credentials_are_neither_shown_nor_held_back() {
        let signed = "SDK-HMAC-SHA256 Access=A, SignedHeaders=host, Signature=s";
        for (path, authorization, expected) in [
            ("/v3/p/notifications", signed, true),
            ("/v2/p/notifications/topics/t", signed, true),
            ("/v3.0/OS-AUTH/id-token/tokens", "", false),
            ("/v3.0/OS-CREDENTIAL/securitytokens", "", false),
            ("/v3.0/OS-CREDENTIAL/securitytokens", signed, false),
            ("/v5/agencies/assume", signed, false),
            ("/v5/agencies/assume-with-oidc", "", false),
            ("/v1/credentials", "the-token-of-a-service-account", false),
            ("/openstack/latest/securitykey", "", false),
        ] {
            let request = Request::post(path)
                .header("authorization", authorization)
                .body(Bytes::new())
                .unwrap();
            assert_eq!(is_call(&request), expected, "{path}");
        }
    }
}
