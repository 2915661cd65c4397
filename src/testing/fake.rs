//! The fake service: gateway and CTS in one.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue, SERVER};
use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::answer::{self, Answer};
use super::catalogue;
use super::fault::Fault;
use super::rules::{Birth, Cloud, QUOTA, Rules};
use super::verify::verify_signature;
use crate::BoxFuture;
use crate::client::{ClientBuilder, CtsClient};
use crate::credentials::Credentials;
use crate::notification::Notification;
use crate::time::http_date;
use crate::transport::{Transport, TransportError, TransportErrorKind};

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

struct State {
    cloud: Cloud,
    credentials: Credentials,
    accepted: Vec<Credentials>,
    projects: HashMap<String, Rules>,
    calls: Vec<RecordedCall>,
    /// What becomes of the next requests.
    faults: VecDeque<Fault>,
    /// The service's clock minus this machine's, in seconds.
    clock_offset: i64,
    /// Names and ids of the projects that IAM lists.
    iam_projects: Vec<(String, String)>,
    /// How many ids were given out, to notifications and to requests.
    ids: u64,
}

/// A request that the fake received, and the status of its answer.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedCall {
    /// The method.
    pub method: Method,
    /// Path and query as they came.
    pub target: String,
    /// The headers as they came.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Bytes,
    /// The status of the answer.
    pub status: StatusCode,
}

impl fmt::Debug for RecordedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.method, self.target, self.status.as_u16())
    }
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
    pub(super) fn next_fault(&self) -> Fault {
        self.lock().faults.pop_front().unwrap_or(Fault::None)
    }

    /// Answers a request, as the service would, or with what is given instead.
    pub(super) fn answer(&self, request: &Request<Bytes>, instead: Option<Response<Bytes>>) -> Response<Bytes> {
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

/// A call that the service has, with what its path says.
enum Route {
    Create,
    List { kind: String },
    Update,
    Delete,
    Operations,
    Quotas,
}

/// IAM's list of projects.
fn is_iam(request: &Request<Bytes>) -> bool {
    request.method() == Method::GET && request.uri().path() == "/v3/projects"
}

impl Route {
    /// Project and call of a request; `None` for a path that the service does not have.
    fn of(method: &Method, uri: &Uri) -> Option<(String, Self)> {
        let segments: Vec<String> =
            uri.path().split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (project, route) = match (method, segments.as_slice()) {
            (&Method::POST, ["", "v3", project, "notifications"]) => (project, Self::Create),
            (&Method::PUT, ["", "v3", project, "notifications"]) => (project, Self::Update),
            (&Method::DELETE, ["", "v3", project, "notifications"]) => (project, Self::Delete),
            (&Method::GET, ["", "v3", project, "notifications", kind]) if !kind.is_empty() => {
                (project, Self::List { kind: (*kind).to_owned() })
            }
            (&Method::GET, ["", "v3", project, "operations"]) => (project, Self::Operations),
            (&Method::GET, ["", "v3", project, "quotas"]) => (project, Self::Quotas),
            _ => return None,
        };
        (!project.is_empty()).then(|| ((*project).to_owned(), route))
    }
}

impl State {
    fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    fn answer(&mut self, request: &Request<Bytes>, now: SystemTime, request_id: &str) -> Answer {
        let route = Route::of(request.method(), request.uri());
        let route = route.filter(|(_, route)| self.cloud == Cloud::Huawei || !matches!(route, Route::Operations));
        if route.is_none() && !is_iam(request) {
            let message = "The API does not exist or has not been published in the environment";
            return answer::gateway(StatusCode::NOT_FOUND, "APIGW.0101", message, request_id);
        }
        if let Err(mismatch) = verify_signature(request, &self.accepted, now) {
            let message = mismatch.gateway_message();
            return answer::gateway(StatusCode::UNAUTHORIZED, "APIGW.0301", &message, request_id);
        }
        let query = request.uri().query().unwrap_or_default();
        let Some((project, route)) = route else { return self.list_projects(query, request_id) };
        let number = self.next_id();
        let rules = self.projects.entry(project.clone()).or_default();
        let answer = match route {
            Route::Create => rules
                .create(
                    request.body(),
                    self.cloud,
                    Birth {
                        id: format!("{number:08x}-cafe-4cf5-8000-{number:012x}"),
                        project_id: project,
                        created: now,
                    },
                )
                .map(|rule| answer::success(StatusCode::CREATED, &rule)),
            Route::List { kind } => rules
                .list(&kind, parameters(query, "notification_name").first().map(String::as_str), self.cloud)
                .map(|list| answer::success(StatusCode::OK, &list)),
            Route::Update => {
                rules.update(request.body(), self.cloud).map(|rule| answer::success(StatusCode::OK, &rule))
            }
            Route::Delete => {
                // Documented is one parameter with commas; a client of Open Telekom Cloud repeats the parameter.
                let ids = parameters(query, "notification_id");
                let ids: HashSet<&str> = ids.iter().flat_map(|ids| ids.split(',')).collect();
                rules.delete(&ids).map(|()| answer::no_content())
            }
            Route::Operations => catalogue::operations(query).map(|found| answer::success(StatusCode::OK, &found)),
            Route::Quotas => Ok(answer::success(StatusCode::OK, &catalogue::quotas(rules.all().len(), QUOTA))),
        };
        answer.unwrap_or_else(|refusal| answer::refusal(&refusal))
    }

    /// IAM filters by the exact name, and tells the id of the request in a header of its own.
    fn list_projects(&self, query: &str, request_id: &str) -> Answer {
        let named = parameters(query, "name");
        let projects: Vec<Value> = self
            .iam_projects
            .iter()
            .filter(|(name, _)| named.is_empty() || named.contains(name))
            .map(|(name, id)| json!({"id": id, "name": name, "enabled": true}))
            .collect();
        let mut answer = answer::success(StatusCode::OK, &json!({"projects": projects, "links": {}}));
        if let Ok(id) = HeaderValue::from_str(&format!("trace-{request_id}")) {
            answer.headers_mut().insert("x-iam-trace-id", id);
        }
        answer
    }
}

/// The values of a query parameter.
pub(super) fn parameters(query: &str, name: &str) -> Vec<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .collect()
}
