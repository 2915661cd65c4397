//! The fake on a loopback port, over real HTTP.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::{Exchange, FakeCts};
use crate::client::{ClientBuilder, CtsClient};
use crate::testing::response::gateway_error;

/// The largest body that the gateway accepts, in bytes.
const MAX_BODY: usize = 12 * 1024 * 1024;

/// A [`FakeCts`] that listens on a port, until it is dropped.
#[derive(Debug)]
pub struct FakeServer {
    fake: FakeCts,
    endpoint: String,
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

    /// Listens on an address of your choice. Must be called on tokio.
    ///
    /// # Errors
    ///
    /// If the address can't be bound.
    pub async fn serve_at(&self, address: SocketAddr) -> io::Result<FakeServer> {
        let listener = TcpListener::bind(address).await?;
        let mut address = listener.local_addr()?;
        if address.ip().is_unspecified() {
            // Listening everywhere includes here, and plain HTTP is for here.
            address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
        }
        let accepting = tokio::spawn(accept(listener, self.clone()));
        Ok(FakeServer { fake: self.clone(), endpoint: format!("http://{address}"), accepting })
    }
}

impl FakeServer {
    /// Returns the endpoint for a client: `http://127.0.0.1:40123`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the service behind the port.
    #[must_use]
    pub fn fake(&self) -> &FakeCts {
        &self.fake
    }

    /// Returns the configuration of a client that reaches the service through the port.
    pub fn client_builder(&self) -> ClientBuilder {
        CtsClient::builder()
            .endpoint(self.endpoint())
            .cloud(self.fake.cloud())
            .project_id(FakeCts::PROJECT_ID)
            .credentials(self.fake.credentials())
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
            // Out of file descriptors, for example: connections that end give some back.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
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

/// Returns a response, or an error for a connection that must break.
async fn respond(fake: &FakeCts, request: Request<Incoming>) -> Result<Response<ResponseBody>, Broken> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        let response = gateway_error(StatusCode::PAYLOAD_TOO_LARGE, "APIGW.0201", "Request entity too large", "");
        return Ok(response.map(ResponseBody::Whole));
    };
    match fake.exchange(&Request::from_parts(head, body.to_bytes())).await {
        Exchange::Response(response) => Ok(response.map(ResponseBody::Whole)),
        Exchange::CutOff(response) => {
            Ok(response.map(|body| ResponseBody::CutOff { length: body.len(), is_sent: false, body }))
        }
        Exchange::Broken | Exchange::Unreachable(_) => Err(Broken),
    }
}

/// The connection breaks.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection breaks, as scripted")
    }
}

impl std::error::Error for Broken {}

/// A body that arrives whole, or only its first half.
enum ResponseBody {
    Whole(Bytes),
    CutOff { body: Bytes, length: usize, is_sent: bool },
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        Poll::Ready(match self.get_mut() {
            Self::Whole(body) if body.is_empty() => None,
            Self::Whole(body) => Some(Ok(Frame::data(std::mem::take(body)))),
            Self::CutOff { body, length, is_sent: is_sent @ false } => {
                *is_sent = true;
                Some(Ok(Frame::data(body.split_to(*length / 2))))
            }
            Self::CutOff { .. } => Some(Err(Broken)),
        })
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(body) if body.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Whole(body) => body.len() as u64,
            Self::CutOff { length, .. } => *length as u64,
        })
    }
}
