//! What may go wrong between a client and the service, on demand.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

use crate::transport::TransportErrorKind;

/// What becomes of one request to a [`FakeCts`](super::FakeCts).
///
/// In process all of them work. Over a socket, [`Unreachable`](Self::Unreachable) is the same as
/// [`DropBefore`](Self::DropBefore): the connection is there already.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing goes wrong: for scripts in which only a later request fails.
    None,
    /// No connection is made; the kind says why. The request does not arrive.
    Unreachable(TransportErrorKind),
    /// The connection breaks before the service has carried the request out.
    DropBefore,
    /// The service carries the request out, and then the connection breaks.
    DropAfter,
    /// The service carries the request out, and half of the answer's body arrives.
    CutOff,
    /// The service carries the request out, and nothing is ever answered.
    StallAfter,
    /// This is answered in place of the service's answer; the request is not carried out.
    Answer(Response<Bytes>),
    /// The service answers as late as this, without fault.
    Delay(Duration),
}

impl Fault {
    /// The gateway turns the request away with 429, and asks to wait for so many seconds if any are given.
    #[must_use]
    pub fn throttle(retry_after_seconds: Option<u64>) -> Self {
        let body = r#"{"error_msg":"The throttling threshold has been reached: policy user over ratelimit,limit:100,time:1 minute","error_code":"APIGW.0308","request_id":"throttled"}"#;
        let mut response = Self::response(429, body);
        if let Some(seconds) = retry_after_seconds {
            response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
        }
        Self::Answer(response)
    }

    /// This status and this body are answered; the request is not carried out. A status that is none counts as 500.
    #[must_use]
    pub fn status(status: u16, body: &str) -> Self {
        Self::Answer(Self::response(status, body))
    }

    fn response(status: u16, body: &str) -> Response<Bytes> {
        let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
        let status = http::StatusCode::from_u16(status);
        *response.status_mut() = status.unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        response
    }
}
