//! The server: a process of its own, which gives one and the same response.

use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio_rustls::TlsAcceptor;

use crate::data::{list_of, notification};
use crate::trust;

/// The argument that makes this program a server, followed by what it responds with.
pub(crate) const FLAG: &str = "--serve";

/// The argument of a server that speaks TLS, in place of that one.
pub(crate) const ENCRYPTED_FLAG: &str = "--serve-encrypted";

/// What the server responds with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    List(usize),
    Created,
}

impl Body {
    fn to_arg(self) -> String {
        match self {
            Self::List(length) => length.to_string(),
            Self::Created => "created".to_owned(),
        }
    }

    pub(crate) fn from_arg(arg: &str) -> Self {
        arg.parse().map_or(Self::Created, Self::List)
    }
}

/// A running server. It ends when this is dropped.
pub(crate) struct Stub {
    process: Child,
    pub(crate) root: String,
}

impl Stub {
    pub(crate) fn start(body: Body) -> Self {
        Self::started(FLAG, body)
    }

    pub(crate) fn start_encrypted(body: Body) -> Self {
        Self::started(ENCRYPTED_FLAG, body)
    }

    fn started(flag: &str, body: Body) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([flag, &body.to_arg()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut root = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut root).unwrap();
        Self { process, root: root.trim_end().to_owned() }
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves until the process that started this one is gone.
pub(crate) fn run(flag: &str, body: Body) {
    std::thread::spawn(|| {
        let _ = std::io::stdin().lock().lines().count();
        std::process::exit(0);
    });
    let (status, bytes) = match body {
        Body::List(length) => (StatusCode::OK, list_of(length)),
        Body::Created => (StatusCode::CREATED, serde_json::to_vec(&notification(0)).unwrap()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let acceptor = (flag == ENCRYPTED_FLAG).then(trust::acceptor);
    runtime.block_on(serve(acceptor, status, &Bytes::from(bytes)));
}

async fn serve(acceptor: Option<TlsAcceptor>, status: StatusCode, body: &Bytes) {
    // More than the backlog of a listener that is not told otherwise: a thousand connect at once.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let listener = socket.listen(4096).unwrap();
    let scheme = if acceptor.is_some() { "https" } else { "http" };
    println!("{scheme}://{}", listener.local_addr().unwrap());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (acceptor, body) = (acceptor.clone(), body.clone());
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let body = body.clone();
                async move {
                    request.into_body().collect().await.unwrap();
                    let mut response = Response::new(Full::new(body));
                    *response.status_mut() = status;
                    response
                        .headers_mut()
                        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                    Ok::<_, Infallible>(response)
                }
            });
            let server = hyper::server::conn::http1::Builder::new();
            // The clients close when they please.
            match acceptor {
                None => drop(server.serve_connection(TokioIo::new(stream), service).await),
                Some(acceptor) => {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    drop(server.serve_connection(TokioIo::new(stream), service).await);
                }
            }
        });
    }
}
