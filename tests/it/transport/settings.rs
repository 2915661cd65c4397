//! The settings of the transport over reqwest that need no TLS.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::transport::{
    ReqwestTransport, ReqwestTransportBuilder, Route, Transport, TransportError, TransportErrorKind,
};
use huaweicloud_cts::{BuildError, CtsClient, Error};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::child::{child, pass_beside};

/// A name that only the proxy knows.
const URL: &str = "http://cts.example.invalid/";

/// A server or a proxy that gives every request the same response, and what it got.
async fn server(response: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    responding(response, response).await
}

/// One that gives the first request a response of its own.
async fn responding(
    first: &'static str,
    others: &'static str,
) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let record = Arc::clone(&seen);
    tokio::spawn(async move {
        for response in std::iter::once(first).chain(std::iter::repeat(others)) {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer).await.unwrap();
            record.lock().unwrap().push(String::from_utf8_lossy(&buffer[..length]).into_owned());
            let _ = stream.write_all(response.as_bytes()).await;
        }
    });
    (address, seen)
}

const GOOD: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";

/// Returns a builder in a program that has a provider of cryptography, if it needs one.
fn builder() -> ReqwestTransportBuilder {
    #[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
    let _ = rustls::crypto::ring::default_provider().install_default();
    ReqwestTransport::builder()
}

async fn send(
    transport: &ReqwestTransport,
    url: &str,
    route: Option<Route>,
) -> Result<http::Response<Bytes>, TransportError> {
    let mut request = http::Request::get(url).body(Bytes::new()).unwrap();
    if let Some(route) = route {
        request.extensions_mut().insert(route);
    }
    transport.send(request).await
}

#[tokio::test]
async fn a_given_proxy_gets_its_password_but_neither_exceptions_nor_direct_requests() {
    let (address, seen) = server(GOOD).await;
    let with = |exceptions: &str| {
        let builder = builder().proxy(format!("http://user:p%40ss@{address}"));
        builder.proxy_exceptions(exceptions).build().unwrap()
    };
    send(&with("other.invalid, 10.0.0.0/8"), URL, None).await.unwrap();
    let got = seen.lock().unwrap().pop().unwrap().to_lowercase();
    assert!(got.starts_with("get http://cts.example.invalid/ http/1.1\r\n"), "{got}");
    assert!(got.contains("\r\nproxy-authorization: basic dxnlcjpwqhnz\r\n"), "user:p@ss {got}");

    for exceptions in ["example.invalid", ".example.invalid", "a, cts.example.invalid", "*"] {
        send(&with(exceptions), URL, None).await.unwrap_err();
    }
    for exceptions in ["ample.invalid", "s.example.invalid", "cts.example.invalid:80"] {
        send(&with(exceptions), URL, None).await.unwrap();
        assert_eq!(std::mem::take(&mut *seen.lock().unwrap()).len(), 1, "{exceptions}");
    }
    send(&with(""), URL, Some(Route::Direct)).await.unwrap_err();
    let none = builder().no_proxy().build().unwrap();
    send(&none, URL, Some(Route::System)).await.unwrap_err();
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn errors_name_the_proxy_without_its_password() {
    let (address, _) =
        server("HTTP/1.1 407 Proxy Authentication Required\r\nconnection: close\r\n\r\n").await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (address, kind) in
        [(address, TransportErrorKind::ProxyAuthentication), (closed, TransportErrorKind::Connect)]
    {
        let proxy = format!("http://user:sentinel@{address}");
        let transport = builder().proxy(proxy).build().unwrap();
        let error = send(&transport, URL, None).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        let text = format!("{error} {error:?}");
        assert!(text.contains(&format!("(through the proxy http://{address})")), "{text}");
        assert!(!text.contains("sentinel"), "{text}");
    }
}

#[test]
fn settings_that_cannot_be_used_are_refused_at_once() {
    for (builder, expected) in [
        (
            builder().proxy("socks5h://127.0.0.1:1080"),
            "the proxy socks5h://127.0.0.1:1080 speaks SOCKS, which is not",
        ),
        (
            builder().proxy("ftp://proxy"),
            "the proxy \"ftp://proxy\" can't be used: it must start with",
        ),
        (builder().proxy("http://user:sentinel@"), "the proxy \"http://…@\" can't be used: "),
        (
            builder().proxy("http://proxy/path"),
            "the proxy \"http://proxy/path\" can't be used: it must not contain a path",
        ),
        (builder().proxy(""), "the proxy \"\" can't be used: "),
        (
            builder().proxy_credentials("user", "sentinel"),
            "proxy_credentials(…) are for a proxy that proxy(…) names",
        ),
        (
            builder().proxy("proxy").proxy_credentials("us:er", "sentinel"),
            "a proxy's user name can't contain a colon",
        ),
        (builder().user_agent_suffix("a\nb"), "the suffix of the user agent can't be sent"),
    ] {
        let error = ReqwestTransportBuilder::build(builder).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Setup);
        let text = std::error::Error::source(&error).unwrap().to_string();
        assert!(text.starts_with(expected) && !text.contains("sentinel"), "{text}");
    }
    let client = CtsClient::builder()
        .endpoint("http://127.0.0.1:1")
        .project_id("p")
        .credentials(Credentials::new("A", "S"));
    let error = client.clone().proxy("socks4://p").build().unwrap_err().to_string();
    assert!(
        error.starts_with("the HTTP client can't be set up: the proxy socks4://p speaks SOCKS"),
        "{error}"
    );
    let both = client.proxy("p").transport(builder().build().unwrap()).build().unwrap_err();
    assert!(matches!(both, BuildError::TwoTransports));
}

/// Runs a test once more, in a process of its own that has these variables. Returns `true` there.
async fn in_child(test: &str, variables: &[(&str, String)]) -> bool {
    const CHILD: &str = "HUAWEICLOUD_CTS_TEST_TRANSPORT";
    if std::env::var_os(CHILD).is_some() {
        return true;
    }
    let mut child = child!(test);
    child.env(CHILD, "1");
    for name in ["HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
        child.env_remove(name);
    }
    child.envs(variables.iter().map(|(name, value)| (name, value)));
    pass_beside(child).await;
    false
}

#[tokio::test]
async fn a_socks_proxy_of_the_system_is_refused_and_gets_nothing() {
    let name = "a_socks_proxy_of_the_system_is_refused_and_gets_nothing";
    let (address, seen) = server(GOOD).await;
    if !in_child(name, &[("ALL_PROXY", format!("socks5h://user:sentinel@{address}"))]).await {
        assert!(seen.lock().unwrap().is_empty());
        return;
    }
    let client = CtsClient::builder()
        .endpoint("http://cts.example.invalid")
        .allow_plain_http()
        .project_id("p1")
        .credentials(Credentials::new("AK", "SK"))
        .build()
        .unwrap();
    let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!((error.attempts(), error.is_retryable()), (1, false), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("the proxy socks5h://127.0.0.1:")
            && text.contains(" speaks SOCKS, which is not"),
        "{text}"
    );
    assert!(!text.contains("sentinel"), "{text}");
}

/// Where reqwest would panic. In a process of its own, since other tests install a provider.
#[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
#[tokio::test]
async fn without_a_provider_of_cryptography_a_request_is_an_error() {
    if in_child("without_a_provider_of_cryptography_a_request_is_an_error", &[]).await {
        let error =
            send(&ReqwestTransport::builder().build().unwrap(), URL, None).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Setup);
        let text = std::error::Error::source(&error).unwrap().to_string();
        assert!(text.contains("no provider is installed"), "{text}");
    }
}

#[tokio::test]
async fn the_user_agent_ends_with_the_name_of_the_program() {
    let (address, seen) = server(GOOD).await;
    let transport = builder().user_agent_suffix("my-tool/1.0").build().unwrap();
    send(&transport, &format!("http://{address}/"), None).await.unwrap();
    let got = seen.lock().unwrap().pop().unwrap();
    assert!(
        got.contains(concat!(
            "user-agent: huaweicloud-cts-rust/",
            env!("CARGO_PKG_VERSION"),
            " my-tool/1.0\r\n"
        )),
        "{got}"
    );
}

/// Returns a client as a user would build it: with the proxy, and the default for redirects.
fn own_client(proxy: SocketAddr) -> reqwest::Client {
    let _ = builder();
    let builder =
        reqwest::Client::builder().proxy(reqwest::Proxy::all(format!("http://{proxy}")).unwrap());
    #[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
    let builder = builder.tls_certs_only([]);
    builder.build().unwrap()
}

#[tokio::test]
async fn a_reqwest_client_of_the_user_keeps_its_settings_but_gets_no_direct_requests() {
    let (address, seen) = server(GOOD).await;
    let transport = ReqwestTransport::from_client(own_client(address));
    send(&transport, URL, None).await.unwrap();
    assert_eq!(std::mem::take(&mut *seen.lock().unwrap()).len(), 1);
    send(&transport, URL, Some(Route::Direct)).await.unwrap_err();
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_response_after_a_redirect_is_refused() {
    let redirect =
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\nconnection: close\r\n\r\n";
    let (address, seen) = responding(redirect, GOOD).await;
    let client = CtsClient::builder()
        .endpoint("http://cts.example.invalid")
        .allow_plain_http()
        .project_id("p1")
        .credentials(Credentials::new("AK", "SK"))
        .transport(ReqwestTransport::from_client(own_client(address)))
        .build()
        .unwrap();
    let error: Error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(error.transport().unwrap().kind(), TransportErrorKind::Redirected, "{error}");
    assert!(!error.is_retryable());
    assert_eq!(
        seen.lock().unwrap().len(),
        2,
        "the redirect was followed, and the call was not repeated"
    );
}
