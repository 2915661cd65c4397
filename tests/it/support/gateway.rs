//! A gateway that throttles calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use huaweicloud_cts::client::ClientBuilder;
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::transport::{Transport, TransportError};
use huaweicloud_cts::{BoxFuture, CtsClient, RetryPolicy};
use tokio::time::{Instant, sleep};

const LIMIT: u32 = 10;

type Windows = HashMap<(String, u64), (u32, u32)>;

/// The fake behind a gateway that serves ten calls a minute of each operation, in fixed windows.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    fake: FakeCts,
    pub(crate) started: Instant,
    /// Served and refused, by operation and window.
    windows: Arc<Mutex<Windows>>,
}

impl Gateway {
    pub(crate) fn new() -> Self {
        Self { fake: FakeCts::new(), started: Instant::now(), windows: Arc::default() }
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        self.fake.client_builder().transport(self.clone())
    }

    /// A client with this time limit for a call.
    pub(crate) fn client(&self, total: Duration) -> CtsClient {
        self.builder().retry(RetryPolicy::standard().total_timeout(total)).build().unwrap()
    }

    /// The numbers of served and refused requests from the second window on.
    pub(crate) fn later(&self) -> (u32, u32) {
        let windows = self.windows.lock().unwrap();
        let later = windows.iter().filter(|((_, window), _)| *window > 0);
        later.fold((0, 0), |sum, (_, window)| (sum.0 + window.0, sum.1 + window.1))
    }
}

impl Transport for Gateway {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            sleep(Duration::from_millis(25)).await;
            // Listing either type is one operation.
            let path = request.uri().path().split('/').nth(3).unwrap_or_default();
            let operation = format!("{} {path}", request.method());
            let has_room = {
                let mut windows = self.windows.lock().unwrap();
                let window = self.started.elapsed().as_secs() / 60;
                let (served, refused) = windows.entry((operation, window)).or_default();
                let has_room = *served < LIMIT;
                *(if has_room { served } else { refused }) += 1;
                has_room
            };
            if !has_room {
                self.fake
                    .inject([throttled(&format!(",limit:{LIMIT},time:1 minute"), "APIGW.0308")]);
            }
            let response = self.fake.send(request).await;
            sleep(Duration::from_millis(25)).await;
            response
        })
    }
}

pub(crate) fn throttled(rest: &str, code: &str) -> Fault {
    Fault::status(
        429,
        format!(
            r#"{{"error_msg":"The throttling threshold has been reached: policy user over ratelimit{rest}","error_code":"{code}"}}"#
        ),
    )
}
