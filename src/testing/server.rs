//! The fake on a loopback port, over real HTTP.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::answer;
use super::fake::FakeCts;
use crate::client::{ClientBuilder, CtsClient};

/// The largest body that the gateway takes, in bytes.
const MAX_BODY: usize = 12 * 1024 * 1024;

/// A [`FakeCts`] that listens on a port. It stops when it is dropped.
#[derive(Debug)]
pub struct FakeServer {
    fake: FakeCts,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl FakeCts {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "reqwest")]
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::ListNotifications;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let server = FakeCts::new().serve().await?;
    /// let client = server.client_builder().build()?;
    /// assert!(client.list_notifications(&ListNotifications::smn()).await?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn serve(&self) -> io::Result<FakeServer> {
        self.serve_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Listens on an address of your choice. Must run on tokio.
    ///
    /// # Errors
    ///
    /// If the address can't be bound.
    pub async fn serve_at(&self, address: SocketAddr) -> io::Result<FakeServer> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(accept(listener, self.clone()));
        Ok(FakeServer { fake: self.clone(), address, accepting })
    }
}

impl FakeServer {
    /// The address to point a client at: `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The service behind the port.
    #[must_use]
    pub fn fake(&self) -> &FakeCts {
        &self.fake
    }

    /// The configuration of a client that reaches the service through the port.
    pub fn client_builder(&self) -> ClientBuilder {
        CtsClient::builder().endpoint(self.url()).project_id(FakeCts::PROJECT_ID).credentials(self.fake.credentials())
    }

    /// Stops listening and breaks open connections.
    pub async fn shutdown(mut self) {
        self.accepting.abort();
        // The task was aborted, so it ends with an error: that of being aborted.
        let _aborted = (&mut self.accepting).await;
    }
}

impl Drop for FakeServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, fake: FakeCts) {
    // Dropped with this task, and the connections with it.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let fake = fake.clone();
        connections.spawn(async move {
            let service = service_fn(|request| respond(&fake, request));
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A client that goes away is no concern of the service.
            let _gone = connection.await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn respond(fake: &FakeCts, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let answer = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => fake.answer(&Request::from_parts(head, body.to_bytes())),
        Err(_) => answer::gateway(StatusCode::PAYLOAD_TOO_LARGE, "APIGW.0201", "Request entity too large", ""),
    };
    Ok(answer.map(Full::new))
}
