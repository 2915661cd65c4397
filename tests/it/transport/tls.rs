//! https with a private CA, directly and through a proxy. None of it needs root certificates of the
//! system.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use huaweicloud_cts::credentials::{Credentials, FederatedCredentials};
use huaweicloud_cts::notification::{CreateNotification, ListNotifications};
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::transport::{
    ReqwestTransport, ReqwestTransportBuilder, TlsVersion, Transport, TransportError,
    TransportErrorKind,
};
use huaweicloud_cts::{ClientBuilder, CtsClient, RetryPolicy};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::support::child::{child, pass_beside};
use crate::support::files::TestFile;

const NAME: &str = "cts.example.test";

/// A private CA.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        #[cfg(not(feature = "rustls"))]
        let _ = default_provider().install_default();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// Returns a certificate for these names and its key, as one PEM string.
    fn certify(&self, names: &[&str]) -> String {
        let key = KeyPair::generate().unwrap();
        let params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
                .unwrap();
        params.signed_by(&key, &self.issuer).unwrap().pem() + &key.serialize_pem()
    }

    fn store(&self) -> RootCertStore {
        let mut store = RootCertStore::empty();
        store.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
        store
    }

    fn server_config(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        asks: bool,
    ) -> ServerConfig {
        let pem = self.certify(&["localhost", NAME, "iam.example.test"]);
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .unwrap();
        let builder = if asks {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(self.store()), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let chain = vec![CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()];
        builder
            .with_single_cert(chain, PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap())
            .unwrap()
    }

    async fn serve(&self) -> Server {
        Server::start(self.server_config(rustls::ALL_VERSIONS, false)).await
    }
}

/// An https server without notifications, and the first lines of the requests that it got.
struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(config: ServerConfig) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let record = Arc::clone(&seen);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, record) = (acceptor.clone(), Arc::clone(&record));
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let head = head(&mut stream).await;
                    record.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
                    let body = r#"{"notifications":[]}"#;
                    let response = format!(
                        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    let _ = stream.write_all(response.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { port, seen }
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

/// Reads a request up to the end of its headers.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// A proxy that makes tunnels for `user` with the password `sentinel:pass`, all of them to one port
/// of this machine.
async fn proxy(port: u16) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let record = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let head = head(&mut stream).await;
            record.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
            tokio::spawn(async move {
                // user:sentinel:pass
                if !head
                    .to_lowercase()
                    .contains("proxy-authorization: basic dxnlcjpzzw50aw5lbdpwyxnz\r\n")
                {
                    let refusal =
                        "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
                    let _ = stream.write_all(refusal.as_bytes()).await;
                    return;
                }
                let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
            });
        }
    });
    (address, seen)
}

async fn get(builder: ReqwestTransportBuilder, url: &str) -> Result<(), TransportError> {
    let request = http::Request::get(url).body(Bytes::new()).unwrap();
    builder.build().unwrap().send(request).await.map(|_| ())
}

fn client(endpoint: &str) -> ClientBuilder {
    CtsClient::builder()
        .endpoint(endpoint)
        .project_id("p1")
        .credentials(Credentials::new("AK", "SK"))
}

#[tokio::test]
async fn a_server_of_a_private_ca_is_trusted_only_with_its_root() {
    let (ca, other) = (Authority::new(), Authority::new());
    let server = ca.serve().await;
    let only =
        |pem: &str| ReqwestTransport::builder().root_certificates(pem).without_system_roots();

    let refused = get(only(&other.pem), &server.url()).await.unwrap_err();
    assert_eq!(refused.kind(), TransportErrorKind::Tls);
    assert!(refused.kind().is_unsent() && server.seen().is_empty());

    get(only(&ca.pem), &server.url()).await.unwrap();
    get(only(&(other.pem.clone() + &ca.pem)), &server.url()).await.unwrap();
    let file = TestFile::new(&ca.pem);
    get(only(&other.pem).root_certificates_file(file.path()), &server.url()).await.unwrap();

    let client = client(&server.url()).root_certificates(&ca.pem).build().unwrap();
    server.seen();
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(server.seen(), ["GET /v3/p1/notifications/smn HTTP/1.1"]);
}

#[tokio::test]
async fn a_proxy_with_a_password_resolves_the_names_of_servers() {
    let ca = Authority::new();
    let server = ca.serve().await;
    let (address, asked) = proxy(server.port).await;
    let builder = || client(&format!("https://{NAME}")).root_certificates(&ca.pem);
    let list = ListNotifications::smn();

    for password in ["", "user:sentinel-wrong@"] {
        let client = builder().proxy(format!("http://{password}{address}")).build().unwrap();
        let error = client.list_notifications(&list).await.unwrap_err();
        assert_eq!(
            error.transport().unwrap().kind(),
            TransportErrorKind::ProxyAuthentication,
            "{error}"
        );
        assert!(!error.is_retryable() && !error.may_have_applied());
        let text = error.to_string();
        assert!(
            text.contains(&format!("(through the proxy http://{address})"))
                && !text.contains("sentinel"),
            "{text}"
        );
        assert_eq!(
            std::mem::take(&mut *asked.lock().unwrap()).len(),
            1,
            "a refusal is not repeated"
        );
    }

    let client = builder().proxy(format!("http://user:sentinel%3Apass@{address}")).build().unwrap();
    client.list_notifications(&list).await.unwrap();
    let with_user = ReqwestTransport::builder()
        .proxy(&address)
        .proxy_credentials("user", "sentinel:pass")
        .root_certificates(&ca.pem);
    get(with_user.clone(), &format!("https://{NAME}/")).await.unwrap();
    assert_eq!(*asked.lock().unwrap(), vec![format!("CONNECT {NAME}:443 HTTP/1.1"); 2]);
    assert_eq!(server.seen(), ["GET /v3/p1/notifications/smn HTTP/1.1", "GET / HTTP/1.1"]);

    asked.lock().unwrap().clear();
    get(with_user, &server.url()).await.unwrap();
    assert!(asked.lock().unwrap().is_empty(), "a server on this machine is reached directly");
}

#[tokio::test]
async fn an_https_proxy_is_used_over_tls_for_plain_http_too() {
    let ca = Authority::new();
    let server = ca.serve().await;
    let builder = || ReqwestTransport::builder().proxy(server.url()).without_system_roots();
    let url = format!("http://{NAME}/");
    get(builder().root_certificates(&ca.pem), &url).await.unwrap();
    assert_eq!(server.seen(), [format!("GET {url} HTTP/1.1")]);
    let refused = get(builder().root_certificates(Authority::new().pem), &url).await.unwrap_err();
    assert_eq!(refused.kind(), TransportErrorKind::Tls);
}

#[tokio::test]
async fn providers_of_credentials_use_the_proxy_and_the_roots_of_the_client() {
    let ca = Authority::new();
    let server = ca.serve().await;
    let (address, asked) = proxy(server.port).await;
    let token = TestFile::new("token");
    let client = client(&format!("https://{NAME}"))
        .credentials(
            FederatedCredentials::new("idp", token.path()).iam_endpoint("https://iam.example.test"),
        )
        .root_certificates(&ca.pem)
        .proxy(format!("http://user:sentinel%3Apass@{address}"))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(*asked.lock().unwrap(), ["CONNECT iam.example.test:443 HTTP/1.1"]);
    assert_eq!(server.seen(), ["POST /v3.0/OS-AUTH/id-token/tokens HTTP/1.1"]);
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_a_server_that_asks_for_one() {
    let ca = Authority::new();
    let server = Server::start(ca.server_config(rustls::ALL_VERSIONS, true)).await;
    let builder = || ReqwestTransport::builder().root_certificates(&ca.pem).without_system_roots();
    get(builder(), &server.url()).await.unwrap_err();
    assert!(server.seen().is_empty());
    get(builder().client_certificate(ca.certify(&["client"])), &server.url()).await.unwrap();
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_server_with_an_older_tls_than_the_minimum_is_refused() {
    let ca = Authority::new();
    let server = Server::start(ca.server_config(&[&rustls::version::TLS12], false)).await;
    let builder = || ReqwestTransport::builder().root_certificates(&ca.pem).without_system_roots();
    get(builder().min_tls_version(TlsVersion::V1_2), &server.url()).await.unwrap();
    let refused =
        get(builder().min_tls_version(TlsVersion::V1_3), &server.url()).await.unwrap_err();
    assert_eq!(refused.kind(), TransportErrorKind::Tls);
}

#[tokio::test]
async fn a_fixed_address_is_used_and_the_certificate_is_still_checked_against_the_name() {
    let ca = Authority::new();
    let server = ca.serve().await;
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], server.port));
    let builder = |host: &str| {
        ReqwestTransport::builder()
            .no_proxy()
            .root_certificates(&ca.pem)
            .without_system_roots()
            .resolve(host, address)
    };
    get(builder(NAME), &format!("https://{NAME}/")).await.unwrap();
    let refused =
        get(builder("other.example.test"), "https://other.example.test/").await.unwrap_err();
    assert_eq!(refused.kind(), TransportErrorKind::Tls);
}

/// Runs in a process of its own, whose root certificates are in a file that is not there at first.
#[tokio::test]
async fn without_root_certificates_plain_http_works_and_https_says_what_to_do() {
    const CHILD: &str = "HUAWEICLOUD_CTS_TEST_STORE";
    let name = "without_root_certificates_plain_http_works_and_https_says_what_to_do";
    let Some(store) = std::env::var_os(CHILD).map(PathBuf::from) else {
        let place = TestFile::new("");
        let store = place.path().with_extension("later");
        let mut child = child!(name);
        child.env(CHILD, &store).env("SSL_CERT_FILE", &store);
        child.env("SSL_CERT_DIR", "/nonexistent");
        pass_beside(child).await;
        let _ = std::fs::remove_file(store);
        return;
    };
    let ca = Authority::new();
    let server = ca.serve().await;

    let fake = FakeCts::new().serve().await.unwrap();
    let plain = fake.client_builder().build().unwrap();
    plain.create_notification(&CreateNotification::complete("a")).await.unwrap();

    let client = client(&server.url()).build().unwrap();
    let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(error.transport().unwrap().kind(), TransportErrorKind::Setup, "{error}");
    assert_eq!((error.attempts(), error.is_retryable()), (1, false));
    let text = error.to_string();
    for what in ["ca-certificates", "SSL_CERT_FILE", "root_certificates(…)"] {
        assert!(text.contains(what), "{text}");
    }

    std::fs::write(&store, &ca.pem).unwrap();
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
}

#[test]
fn certificates_that_cannot_be_used_are_refused_at_once() {
    let ca = Authority::new();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let key =
        ca.certify(&["client"]).split("-----END CERTIFICATE-----\n").nth(1).unwrap().to_owned();
    let builder = ReqwestTransport::builder;
    for (builder, expected) in [
        (builder().root_certificates(""), "there is no root certificate: PEM is expected"),
        (builder().root_certificates(&key), "there is no root certificate: PEM is expected"),
        (builder().root_certificates(broken), "the root certificates can't be used: "),
        (
            builder().root_certificates(&ca.pem).root_certificates(broken),
            "the root certificates can't be used: ",
        ),
        (
            builder().root_certificates_file("/nonexistent/ca.pem"),
            "the root certificates in /nonexistent/ca.pem can't be",
        ),
        (builder().without_system_roots(), "there are no root certificates: "),
        (
            builder().client_certificate(&ca.pem),
            "the client certificate can't be used: it must be one PEM string",
        ),
        (
            builder().client_certificate(&key),
            "the client certificate can't be used: it must be one PEM string",
        ),
        (
            builder().client_certificate(key.clone() + broken),
            "the client certificate can't be used: ",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Setup);
        let text = std::error::Error::source(&error).unwrap().to_string();
        assert!(text.starts_with(expected), "{text}");
    }
    let error = client("https://localhost").root_certificates("").build().unwrap_err().to_string();
    assert!(
        error.starts_with("the HTTP client can't be set up: there is no root certificate: "),
        "{error}"
    );
}

/// Plain HTTP where TLS is expected: the other way round of a missing scheme.
#[tokio::test]
async fn an_endpoint_without_tls_is_an_error_of_its_own_kind() {
    let server = FakeCts::new().serve().await.unwrap();
    let client = server
        .client_builder()
        .endpoint(server.endpoint().replace("http://", "https://"))
        .root_certificates(Authority::new().pem)
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let error = client.create_notification(&CreateNotification::complete("a")).await.unwrap_err();
    assert_eq!(error.transport().unwrap().kind(), TransportErrorKind::Tls, "{error}");
    assert!(!error.may_have_applied());
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_an_error_of_its_own_kind() {
    let client = client("https://cts.does-not-exist.invalid")
        .root_certificates(Authority::new().pem)
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let error = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(error.transport().unwrap().kind(), TransportErrorKind::Dns, "{error}");
}
