//! What comes of a request: a response, or a connection that breaks.

use bytes::Bytes;
use http::{Request, Response};

use super::fault::Fault;
use crate::transport::{TransportError, TransportErrorKind};

/// What comes of a request.
pub(super) enum Exchange {
    Response(Response<Bytes>),
    /// The connection breaks in the middle of the body.
    CutOff(Response<Bytes>),
    Broken,
    Unreachable(TransportErrorKind),
}

/// A service of this module, in process or behind a port.
pub(super) trait Service: Clone + Send + Sync + 'static {
    /// Returns what comes of a request. Never, if no response comes.
    fn exchange(&self, request: Request<Bytes>) -> impl Future<Output = Exchange> + Send;
}

impl Exchange {
    /// Returns what a transport in process returns.
    pub(super) fn into_result(self) -> Result<Response<Bytes>, TransportError> {
        match self {
            Self::Response(response) => Ok(response),
            Self::CutOff(_) | Self::Broken => {
                Err(TransportError::new(TransportErrorKind::Interrupted))
            }
            Self::Unreachable(kind) => Err(TransportError::new(kind)),
        }
    }
}

impl Fault {
    /// Lets a request meet this fault. `carry_out` is the service's part, given a response to send
    /// in place of its own.
    pub(super) async fn meet<F>(
        self,
        carry_out: impl FnOnce(Option<Response<Bytes>>) -> F,
    ) -> Exchange
    where
        F: Future<Output = Response<Bytes>>,
    {
        match self {
            Self::None => Exchange::Response(carry_out(None).await),
            Self::Respond(response) => Exchange::Response(carry_out(Some(response)).await),
            Self::Unreachable(kind) => Exchange::Unreachable(kind),
            Self::DropBefore => Exchange::Broken,
            Self::DropAfter => {
                carry_out(None).await;
                Exchange::Broken
            }
            Self::CutOff => Exchange::CutOff(carry_out(None).await),
            Self::StallAfter => {
                carry_out(None).await;
                std::future::pending().await
            }
            Self::Delay(delay) => {
                tokio::time::sleep(delay).await;
                Exchange::Response(carry_out(None).await)
            }
        }
    }
}
