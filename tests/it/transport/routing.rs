//! Which requests pass the system's proxy, and what is not sent without TLS. A proxy is set by a
//! variable, so each test runs once more in a process of its own, which has it.

use std::time::Duration;

use bytes::Bytes;
use huaweicloud_cts::CtsClient;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::transport::{ReqwestTransport, Route, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::child::{child, pass_beside};

const PROXY: &str = "HUAWEICLOUD_CTS_TEST_PROXY";

/// An HTTP server that gives every request the same response. `/seen` returns the first lines of
/// the requests since the last.
struct Server {
    address: String,
}

impl Server {
    async fn start(body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let mut seen = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut buffer = [0; 4096];
                let length = stream.read(&mut buffer).await.unwrap();
                let line = String::from_utf8_lossy(&buffer[..length])
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                let answer = if line == "GET /seen" {
                    std::mem::take(&mut seen).join("\n")
                } else {
                    seen.push(line);
                    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
                    format!("{head}content-length: {}\r\n\r\n{body}", body.len())
                };
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { address }
    }

    async fn seen(&self) -> Vec<String> {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(b"GET /seen\r\n").await.unwrap();
        let mut lines = String::new();
        stream.read_to_string(&mut lines).await.unwrap();
        lines.lines().map(str::to_owned).collect()
    }
}

/// Returns the proxy, which responds with `body`, in a process that has it set. Elsewhere, starts
/// the proxy and that process, and returns `None` when the test has passed there.
async fn proxied(test: &str, body: &'static str) -> Option<Server> {
    if let Ok(address) = std::env::var(PROXY) {
        return Some(Server { address });
    }
    let Server { address } = Server::start(body).await;
    let mut child = child!(test);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    {
        child.env(name, format!("http://{address}"));
    }
    for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD", "HUAWEICLOUD_SDK_IAM_ENDPOINT"] {
        child.env_remove(name);
    }
    child.env(PROXY, address);
    pass_beside(child).await;
    None
}

fn get(url: &str, route: Option<Route>) -> http::Request<Bytes> {
    let mut request = http::Request::get(url).body(Bytes::new()).unwrap();
    if let Some(route) = route {
        request.extensions_mut().insert(route);
    }
    request
}

#[tokio::test]
async fn an_iam_on_this_machine_is_asked_directly_though_cts_is_behind_a_proxy() {
    let name = "an_iam_on_this_machine_is_asked_directly_though_cts_is_behind_a_proxy";
    // What a hostile proxy would like the project to be: taken for IAM's response if IAM is asked
    // through it.
    let forged =
        r#"{"projects":[{"id":"forged","name":"eu-de","enabled":true}],"notifications":[]}"#;
    let Some(proxy) = proxied(name, forged).await else { return };
    let iam = Server::start(r#"{"projects":[{"id":"p1","name":"eu-de","enabled":true}]}"#).await;
    let client = CtsClient::builder()
        .region("eu-de")
        .endpoint("http://cts.example.invalid")
        .allow_plain_http()
        .iam_endpoint(format!("http://{}", iam.address))
        .credentials(Credentials::new("AK", "SK"))
        .build()
        .unwrap();
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(client.project_id(), Some("p1"));
    assert_eq!(iam.seen().await, ["GET /v3/projects?name=eu-de HTTP/1.1"]);
    assert_eq!(
        proxy.seen().await,
        ["GET http://cts.example.invalid/v3/p1/notifications/smn HTTP/1.1"]
    );
}

#[tokio::test]
async fn the_route_is_decided_for_each_request() {
    let Some(proxy) = proxied("the_route_is_decided_for_each_request", "{}").await else { return };
    let here = Server::start("{}").await;
    let port = here.address.rsplit(':').next().unwrap().to_owned();
    let limit = Duration::from_secs(3);
    let system = ReqwestTransport::new(limit, Route::System).unwrap();
    let direct = ReqwestTransport::new(limit, Route::Direct).unwrap();

    for url in [format!("http://127.0.0.1:{port}/"), format!("http://localhost:{port}/")] {
        for route in [None, Some(Route::System), Some(Route::Direct)] {
            system.send(get(&url, route)).await.unwrap();
            assert_eq!(
                (here.seen().await.len(), proxy.seen().await.len()),
                (1, 0),
                "{url} {route:?}"
            );
        }
    }
    let elsewhere = "http://service.example.invalid/";
    for (transport, route, passes) in [
        (&system, None, true),
        (&system, Some(Route::Direct), false),
        (&direct, None, false),
        (&direct, Some(Route::System), true),
    ] {
        let sent = transport.send(get(elsewhere, route)).await;
        assert_eq!(
            (sent.is_ok(), proxy.seen().await.len()),
            (passes, usize::from(passes)),
            "{transport:?} {route:?}"
        );
    }
}

#[cfg(not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")))]
#[tokio::test]
async fn without_tls_nothing_is_sent_to_an_https_url() {
    let Some(proxy) = proxied("without_tls_nothing_is_sent_to_an_https_url", "{}").await else {
        return;
    };
    for route in [Route::System, Route::Direct] {
        let transport = ReqwestTransport::new(Duration::from_secs(3), route).unwrap();
        let error = transport.send(get("https://cts.example.invalid/", None)).await.unwrap_err();
        assert_eq!(error.kind(), huaweicloud_cts::transport::TransportErrorKind::Unsendable);
        assert_eq!(proxy.seen().await, [""; 0]);
    }
}

#[cfg(not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")))]
#[test]
fn without_tls_a_client_of_an_https_endpoint_is_not_built() {
    let builder = || CtsClient::builder().region("eu-de").credentials(Credentials::new("AK", "SK"));
    let cts = builder().project_id("p1").build().unwrap_err();
    assert_eq!(
        cts.to_string(),
        "the endpoint https://cts.eu-de.otc.t-systems.com/ needs TLS: enable one of the features rustls, \
         rustls-no-provider, native-tls, or call transport(…)"
    );
    let iam = builder().endpoint("http://127.0.0.1:1").build().unwrap_err().to_string();
    assert!(
        iam.starts_with("the endpoint https://iam.eu-de.otc.t-systems.com/ needs TLS"),
        "{iam}"
    );
    builder().endpoint("http://127.0.0.1:1").iam_endpoint("http://127.0.0.1:2").build().unwrap();
}
