//! The fake service: gateway and CTS in one.

mod record;
mod server;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue, SERVER};
use http::{HeaderName, Request, Response};

use super::fault::Fault;
use super::gateway::State;
use super::notification::{Cloud, Rules};
use super::request::RecordedCall;
use crate::BoxFuture;
use crate::client::{ClientBuilder, CtsClient};
use crate::credentials::Credentials;
use crate::notification::Notification;
use crate::time::http_date;
use crate::transport::{Transport, TransportError, TransportErrorKind};

pub use record::FunctionCall;
pub use server::FakeServer;

/// A CTS in memory. Clones are the same service.
///
/// It keeps the notifications of any number of projects, answers create, list, update and delete with the documented
/// statuses and codes, has a catalogue of operations and quotas, and answers 401 to a request whose signature does not hold, with the gateway's reason and its
/// canonical request.
///
/// What it does where the documents say nothing:
///
/// - Deleting several ids of which one is unknown deletes the others and answers 404.
/// - Names are unique across both types, and any characters are taken.
/// - Any topic of a well-formed URN exists.
/// - Any operation can be notified of. The catalogue is a sample of the real one, and finds a service in any case.
/// - Notifications of both types count against one quota, `smn_notification`.
#[derive(Clone)]
pub struct FakeCts {
    state: Arc<Mutex<State>>,
}

impl FakeCts {
    /// The project that [`client`](Self::client) works in: that of the documents' examples.
    pub const PROJECT_ID: &'static str = "24edf66e79d04187acb99a463e610764";

    /// A Huawei Cloud without notifications, which accepts one pair of keys: [`credentials`](Self::credentials).
    #[must_use]
    pub fn new() -> Self {
        Self::of(Cloud::Huawei)
    }

    /// An Open Telekom Cloud: it has no functions (`CTS.0410`), no agency and no catalogue (`APIGW.0101`), answers 404 when a name has no
    /// notification, and adds `domain_id` to every notification.
    #[must_use]
    pub fn open_telekom_cloud() -> Self {
        Self::of(Cloud::OpenTelekom)
    }

    fn of(cloud: Cloud) -> Self {
        let credentials = Credentials::new("FAKEACCESSKEY0000001", "not-a-secret-the-fake-accepts-it");
        Self {
            state: Arc::new(Mutex::new(State {
                cloud,
                accepted: vec![credentials.clone()],
                credentials,
                projects: HashMap::new(),
                calls: Vec::new(),
                faults: VecDeque::new(),
                clock_offset: 0,
                iam_projects: Vec::new(),
                ids: 0,
            })),
        }
    }

    /// Keys that the service accepts.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.lock().credentials.clone()
    }

    /// Accepts further keys. Those with a security token are accepted only with it.
    pub fn accept(&self, credentials: &Credentials) {
        self.lock().accepted.push(credentials.clone());
    }

    /// A client of this service, in process.
    ///
    /// # Panics
    ///
    /// Never: all that a client needs is set here.
    #[must_use]
    pub fn client(&self) -> CtsClient {
        #[allow(clippy::expect_used, reason = "all that a client needs is set right here")]
        self.client_builder().build().expect("a client of the fake")
    }

    /// The configuration of [`client`](Self::client), to be changed before it is built.
    pub fn client_builder(&self) -> ClientBuilder {
        CtsClient::builder()
            .endpoint("http://cts.localhost")
            .project_id(Self::PROJECT_ID)
            .credentials(self.credentials())
            .transport(self.clone())
    }

    /// Scripts what becomes of the next requests, one fault for each; those after them meet none.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::{FakeCts, Fault};
    ///
    /// let fake = FakeCts::new();
    /// fake.inject([Fault::throttle(Some(2)), Fault::DropAfter]);
    /// let error = fake.client().create_notification(&CreateNotification::complete("a")).await.unwrap_err();
    /// assert_eq!(error.attempts(), 2);
    /// assert!(error.may_have_applied());
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn inject(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().faults.extend(faults);
    }

    /// How many scripted faults no request has met yet.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        self.lock().faults.len()
    }

    /// Sets the service's clock ahead of this machine's, or with a negative number behind it.
    pub fn set_clock_ahead(&self, seconds: i64) {
        self.lock().clock_offset = seconds;
    }

    /// Lets IAM (`GET /v3/projects`) list a project. The name of a region's own project is the region's id.
    pub fn add_iam_project(&self, name: impl Into<String>, id: impl Into<String>) {
        self.lock().iam_projects.push((name.into(), id.into()));
    }

    /// The notifications of a project, in the order of their creation.
    #[must_use]
    pub fn notifications(&self, project_id: &str) -> Vec<Notification> {
        let state = self.lock();
        let rules = state.projects.get(project_id).map_or(&[] as &[_], Rules::all);
        rules.iter().filter_map(|rule| serde_json::from_value(rule.clone().into()).ok()).collect()
    }

    /// The requests so far, refused ones included.
    #[must_use]
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.lock().calls.clone()
    }

    /// What becomes of the next request.
    fn next_fault(&self) -> Fault {
        self.lock().faults.pop_front().unwrap_or(Fault::None)
    }

    /// Answers a request, as the service would, or with what is given instead.
    fn answer(&self, request: &Request<Bytes>, instead: Option<Response<Bytes>>) -> Response<Bytes> {
        let mut state = self.lock();
        let offset = Duration::from_secs(state.clock_offset.unsigned_abs());
        let now = SystemTime::now();
        let shifted = if state.clock_offset < 0 { now.checked_sub(offset) } else { now.checked_add(offset) };
        let now = shifted.unwrap_or(now);
        let request_id = format!("{:032x}", state.next_id());
        let mut answer = instead.unwrap_or_else(|| state.answer(request, now, &request_id));

        let headers = answer.headers_mut();
        headers.insert(SERVER, HeaderValue::from_static("api-gateway"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf8"));
        for (name, text) in [(DATE, http_date(now)), (HeaderName::from_static("x-request-id"), request_id)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
        let mut recorded = request.headers().clone();
        for name in [AUTHORIZATION, crate::sign::X_SECURITY_TOKEN] {
            if let Some(value) = recorded.get_mut(name) {
                value.set_sensitive(true);
            }
        }
        state.calls.push(RecordedCall {
            method: request.method().clone(),
            target: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
            headers: recorded,
            body: request.body().clone(),
            status: answer.status(),
        });
        answer
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it held the lock has failed already.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for FakeCts {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FakeCts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("FakeCts")
            .field("cloud", &state.cloud)
            .field("projects", &state.projects.len())
            .field("calls", &state.calls.len())
            .finish_non_exhaustive()
    }
}

impl Transport for FakeCts {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let broken = || Err(TransportError::new(TransportErrorKind::Interrupted));
            match self.next_fault() {
                Fault::None => Ok(self.answer(&request, None)),
                Fault::Unreachable(kind) => Err(TransportError::new(kind)),
                Fault::DropBefore => broken(),
                Fault::DropAfter | Fault::CutOff => {
                    self.answer(&request, None);
                    broken()
                }
                Fault::StallAfter => {
                    self.answer(&request, None);
                    std::future::pending().await
                }
                Fault::Answer(answer) => Ok(self.answer(&request, Some(answer))),
                Fault::Delay(delay) => {
                    tokio::time::sleep(delay).await;
                    Ok(self.answer(&request, None))
                }
            }
        })
    }
}
