//! A transport that reaches nothing but this machine.

use bytes::Bytes;
use http::{Request, Response, Uri};
use huaweicloud_cts::BoxFuture;
use huaweicloud_cts::transport::{ReqwestTransport, Transport, TransportError};

/// Sends to the scripted service what is for the fixed address of the metadata service. Any other
/// host but loopback is an error of the test.
#[derive(Debug)]
pub(super) struct Loopback {
    http: ReqwestTransport,
    service: Uri,
}

impl Loopback {
    pub(super) fn new(service: &str) -> Self {
        Self {
            http: ReqwestTransport::builder().build().unwrap(),
            service: service.parse().unwrap(),
        }
    }
}

impl Transport for Loopback {
    fn send(
        &self,
        mut request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let host = request.uri().host().unwrap();
        if host == "169.254.169.254" {
            let mut parts = request.uri().clone().into_parts();
            parts.authority = self.service.authority().cloned();
            *request.uri_mut() = Uri::from_parts(parts).unwrap();
        } else {
            assert_eq!(host, "127.0.0.1", "{request:?}");
        }
        self.http.send(request)
    }
}
