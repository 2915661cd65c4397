//! A service on a port, over real HTTP.

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

use super::exchange::{Exchange, Service};
use super::response::gateway_error;

/// The largest body that is accepted, in bytes.
const MAX_BODY: usize = 12 * 1024 * 1024;

/// A port that a service listens on, until this is dropped.
#[derive(Debug)]
pub(super) struct Port {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Port {
    pub(super) async fn open(address: SocketAddr, service: impl Service) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let mut address = listener.local_addr()?;
        if address.ip().is_unspecified() {
            // Listening everywhere includes here, and plain HTTP is for here.
            address.set_ip(if address.is_ipv4() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                Ipv6Addr::LOCALHOST.into()
            });
        }
        Ok(Self { address, accepting: tokio::spawn(accept(listener, service)) })
    }

    /// Returns the address for a client.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening and breaks open connections.
    pub(super) async fn close(mut self) {
        self.accepting.abort();
        // The task was aborted, so it ends with an error: that of being aborted.
        let _aborted = (&mut self.accepting).await;
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, service: impl Service) {
    // Dropped with this task, and the connections with it.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, for example: connections that end give some back.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let service = service.clone();
        connections.spawn(async move {
            let function = service_fn(|request| respond(&service, request));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), function);
            // A client that goes away is no concern of the service.
            let _gone = connection.await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Returns a response, or an error for a connection that must break.
async fn respond(
    service: &impl Service,
    request: Request<Incoming>,
) -> Result<Response<ResponseBody>, Broken> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        let response = gateway_error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "APIGW.0201",
            "Request entity too large",
            "",
        );
        return Ok(response.map(ResponseBody::Whole));
    };
    match service.exchange(Request::from_parts(head, body.to_bytes())).await {
        Exchange::Response(response) => Ok(response.map(ResponseBody::Whole)),
        Exchange::CutOff(response) => Ok(response.map(|body| ResponseBody::CutOff {
            length: body.len(),
            is_sent: false,
            body,
        })),
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

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
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
