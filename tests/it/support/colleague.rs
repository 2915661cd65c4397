//! Another user of the same notifications, who acts at a moment that a test chooses.

use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::transport::{Transport, TransportError};
use huaweicloud_cts::{BoxFuture, CtsClient};

type Act = Box<dyn FnOnce(CtsClient) -> BoxFuture<'static, ()> + Send>;

/// A transport to a fake that lets the colleague act before one of its requests.
#[derive(Clone)]
pub(crate) struct Colleague {
    fake: FakeCts,
    /// How many requests come first, and what is done then.
    due: Arc<Mutex<(usize, Option<Act>)>>,
}

impl Colleague {
    pub(crate) fn acts_after(
        requests: usize,
        fake: &FakeCts,
        act: impl FnOnce(CtsClient) -> BoxFuture<'static, ()> + Send + 'static,
    ) -> Self {
        Self { fake: fake.clone(), due: Arc::new(Mutex::new((requests, Some(Box::new(act))))) }
    }

    fn act_now(&self) -> Option<Act> {
        let mut due = self.due.lock().unwrap();
        if due.0 == 0 {
            return due.1.take();
        }
        due.0 -= 1;
        None
    }
}

impl Transport for Colleague {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            if let Some(act) = self.act_now() {
                act(self.fake.client()).await;
            }
            self.fake.send(request).await
        })
    }
}

impl fmt::Debug for Colleague {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Colleague").finish_non_exhaustive()
    }
}
