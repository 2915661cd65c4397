//! Gateway and service behind the fake: which call a request is, whether its signature holds, and what is answered.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::HeaderValue;
use http::{Method, Request, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::catalogue;
use super::fault::Fault;
use super::notification::{Birth, Cloud, QUOTA, Rules};
use super::request::{RecordedCall, parameters};
use super::response::{self, Answer};
use super::verify::verify_signature;
use crate::credentials::Credentials;

/// All that the fake keeps.
pub(super) struct State {
    pub(super) cloud: Cloud,
    pub(super) credentials: Credentials,
    pub(super) accepted: Vec<Credentials>,
    pub(super) projects: HashMap<String, Rules>,
    pub(super) calls: Vec<RecordedCall>,
    /// What becomes of the next requests.
    pub(super) faults: VecDeque<Fault>,
    /// The service's clock minus this machine's, in seconds.
    pub(super) clock_offset: i64,
    /// Names and ids of the projects that IAM lists.
    pub(super) iam_projects: Vec<(String, String)>,
    /// How many ids were given out, to notifications and to requests.
    pub(super) ids: u64,
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
    pub(super) fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    pub(super) fn answer(&mut self, request: &Request<Bytes>, now: SystemTime, request_id: &str) -> Answer {
        let route = Route::of(request.method(), request.uri());
        let route = route.filter(|(_, route)| self.cloud == Cloud::Huawei || !matches!(route, Route::Operations));
        if route.is_none() && !is_iam(request) {
            let message = "The API does not exist or has not been published in the environment";
            return response::gateway(StatusCode::NOT_FOUND, "APIGW.0101", message, request_id);
        }
        if let Err(mismatch) = verify_signature(request, &self.accepted, now) {
            let message = mismatch.gateway_message();
            return response::gateway(StatusCode::UNAUTHORIZED, "APIGW.0301", &message, request_id);
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
                .map(|rule| response::success(StatusCode::CREATED, &rule)),
            Route::List { kind } => rules
                .list(&kind, parameters(query, "notification_name").first().map(String::as_str), self.cloud)
                .map(|list| response::success(StatusCode::OK, &list)),
            Route::Update => {
                rules.update(request.body(), self.cloud).map(|rule| response::success(StatusCode::OK, &rule))
            }
            Route::Delete => {
                // Documented is one parameter with commas; a client of Open Telekom Cloud repeats the parameter.
                let ids = parameters(query, "notification_id");
                let ids: HashSet<&str> = ids.iter().flat_map(|ids| ids.split(',')).collect();
                rules.delete(&ids).map(|()| response::no_content())
            }
            Route::Operations => catalogue::operations(query).map(|found| response::success(StatusCode::OK, &found)),
            Route::Quotas => Ok(response::success(StatusCode::OK, &catalogue::quotas(rules.all().len(), QUOTA))),
        };
        answer.unwrap_or_else(|refusal| response::refusal(&refusal))
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
        let mut answer = response::success(StatusCode::OK, &json!({"projects": projects, "links": {}}));
        if let Ok(id) = HeaderValue::from_str(&format!("trace-{request_id}")) {
            answer.headers_mut().insert("x-iam-trace-id", id);
        }
        answer
    }
}
