//! What can go wrong between a client and the service, on demand.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::response;
use crate::transport::TransportErrorKind;

/// What happens to one request to a [`FakeCts`](super::FakeCts).
///
/// All of them work in process. Over a socket, [`Unreachable`](Self::Unreachable) is the same as
/// [`DropBefore`](Self::DropBefore), because the connection exists already.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing. For scripts in which a later request fails.
    None,
    /// No connection is made, for the reason that the kind names. The request does not arrive.
    Unreachable(TransportErrorKind),
    /// The connection breaks before the service carries out the request.
    DropBefore,
    /// The service carries out the request, and then the connection breaks: the response is lost.
    DropAfter,
    /// The service carries out the request, and the connection breaks in the middle of the
    /// response's body.
    CutOff,
    /// The service carries out the request, and no response ever comes.
    StallAfter,
    /// This response comes in place of the service's. The request is not carried out.
    Respond(Response<Bytes>),
    /// The service carries out the request and responds after this time.
    Delay(Duration),
}

impl Fault {
    /// Creates the gateway's response to too many calls, a 429, with a `Retry-After` header of
    /// whole seconds, rounded up, if a time is given.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(async {
    /// use std::time::Duration;
    ///
    /// use huaweicloud_cts::notification::ListNotifications;
    /// use huaweicloud_cts::testing::{FakeCts, Fault};
    ///
    /// let fake = FakeCts::new();
    /// fake.inject([Fault::throttle(Duration::from_secs(30))]);
    /// fake.client().list_notifications(&ListNotifications::smn()).await?; // waits, and repeats the call
    /// assert_eq!(fake.requests().len(), 2);
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn throttle(retry_after: impl Into<Option<Duration>>) -> Self {
        Self::Respond(response::throttled(retry_after.into()))
    }

    /// Creates a response with this status and body, which comes in place of the service's. The
    /// request is not carried out.
    ///
    /// ```
    /// use huaweicloud_cts::testing::Fault;
    ///
    /// let denied = Fault::status(403, r#"{"error_code": "CTS.0013", "error_msg": "No permission."}"#);
    /// let broken = Fault::status(http::StatusCode::BAD_GATEWAY, "<html>");
    /// ```
    ///
    /// # Panics
    ///
    /// If the status is none, such as 42.
    #[must_use]
    pub fn status<S>(status: S, body: impl AsRef<[u8]>) -> Self
    where
        S: TryInto<StatusCode, Error: fmt::Debug>,
    {
        Self::Respond(response::with_status(status, body))
    }
}

/// The faults that no request has met yet.
#[derive(Debug, Default)]
pub(super) struct Faults {
    any: VecDeque<Fault>,
    of_operation: HashMap<&'static str, VecDeque<Fault>>,
}

impl Faults {
    pub(super) fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.any.extend(faults);
    }

    pub(super) fn add_to(
        &mut self,
        operation: &'static str,
        faults: impl IntoIterator<Item = Fault>,
    ) {
        self.of_operation.entry(operation).or_default().extend(faults);
    }

    /// Takes the next fault of a request: of its operation, or else of any.
    pub(super) fn next(&mut self, operation: Option<&str>) -> Fault {
        let own = operation.and_then(|operation| self.of_operation.get_mut(operation)?.pop_front());
        own.or_else(|| self.any.pop_front()).unwrap_or(Fault::None)
    }

    pub(super) fn len(&self) -> usize {
        self.any.len() + self.of_operation.values().map(VecDeque::len).sum::<usize>()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
