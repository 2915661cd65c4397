//! The project of a client: given, told by the credentials, or looked up through IAM at the first call.

use http::{HeaderValue, Method};
use percent_encoding::utf8_percent_encode;
use serde::Deserialize;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::CtsClient;
use super::attempt::Place;
use super::call::Call;
use crate::endpoint::Endpoints;
use crate::error::{CallName, Cause, Error, History};
use crate::open_struct::null_as_default;
use crate::sign::ENCODED;

const LIST_PROJECTS: CallName =
    CallName { operation: "KeystoneListProjects", actions: "iam:projects:listProjects", writes: false };

/// A project id, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: String,
    /// As a segment of a path.
    pub(crate) encoded: String,
    /// For the header `X-Project-Id`.
    pub(crate) header: HeaderValue,
}

impl Project {
    /// The error is what is wrong with the id.
    pub(crate) fn new(id: &str) -> Result<Self, &'static str> {
        if id.is_empty() {
            return Err("it is empty");
        }
        if id.contains(['{', '}', '<', '>']) {
            return Err("it is a placeholder");
        }
        if id.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err("it has white space or a control character: is a line break left at its end?");
        }
        if id.contains(['/', '?', '#', '%', '\\']) || matches!(id, "." | "..") {
            return Err("it has a character that stands for something else in a URL");
        }
        Ok(Self {
            id: id.to_owned(),
            encoded: utf8_percent_encode(id, ENCODED).to_string(),
            header: HeaderValue::from_str(id).map_err(|_| "it can't be sent in a header")?,
        })
    }
}

/// How the project is known.
#[derive(Debug)]
pub(super) enum ProjectSource {
    Given(Box<Project>),
    /// To be asked of IAM, once, by the name that the region's own project has: the region's id.
    LookedUp(Box<LookUp>),
}

/// A look-up, and what it found.
#[derive(Debug)]
pub(super) struct LookUp {
    pub(super) region: String,
    pub(super) iam: Endpoints,
    pub(super) found: OnceCell<Project>,
}

/// IAM's answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Projects {
    #[serde(deserialize_with = "null_as_default")]
    projects: Vec<Found>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Found {
    #[serde(deserialize_with = "null_as_default")]
    id: String,
    #[serde(deserialize_with = "null_as_default")]
    name: String,
}

impl CtsClient {
    /// The project for a call. Asked of IAM by the first call only; calls at the same time wait for it. A failure is not
    /// kept.
    pub(super) async fn project(&self, name: CallName, started: Instant) -> Result<&Project, Error> {
        match &self.inner.project {
            ProjectSource::Given(project) => Ok(project),
            ProjectSource::LookedUp(look_up) => {
                let LookUp { region, iam, found } = &**look_up;
                found.get_or_try_init(|| self.look_up_project(name, region, iam, started)).await
            }
        }
    }

    async fn look_up_project(
        &self,
        name: CallName,
        region: &str,
        iam: &Endpoints,
        started: Instant,
    ) -> Result<Project, Error> {
        let failed = |cause| Error::new(name, History::default(), cause);
        let advice = "set project_id(…) or HUAWEICLOUD_SDK_PROJECT_ID to skip the look-up";

        let left = self.retry_policy().limit().saturating_sub(started.elapsed());
        let credentials = self.credentials(left).await.map_err(|error| failed(Cause::Credentials(error)))?;
        if let Some(id) = credentials.project() {
            return Project::new(id).map_err(|reason| {
                failed(Cause::Request(format!("the project id of the credentials can't be right: {reason}")))
            });
        }

        let call = Call::new(LIST_PROJECTS, Method::GET, "/v3/projects").query("name", region);
        let refused =
            |reason: String, inner: Option<Error>| failed(Cause::Project { reason, inner: inner.map(Box::new) });
        let answered = async {
            let answer = self.attempts_at(&call, Place::Iam(iam), started).await?;
            let trace_id = answer.request_id();
            let read = |body: &[u8]| serde_json::from_slice::<Projects>(body).map_err(|error| error.to_string());
            Ok((answer.read(read)?, trace_id))
        };
        let (answer, trace_id) = answered.await.map_err(|error: Error| {
            refused(format!("the project id of the region {region} can't be looked up: {error}; {advice}"), Some(error))
        })?;
        let trace = trace_id.map(|id| format!(" (X-IAM-Trace-Id {id})")).unwrap_or_default();

        // Several are sub-projects; the region's own has its name.
        let mut found = answer.projects;
        if found.len() > 1 && found.iter().filter(|project| project.name == region).count() == 1 {
            found.retain(|project| project.name == region);
        }
        match found.as_slice() {
            [only] => Project::new(&only.id).map_err(|reason| {
                refused(format!("IAM's project id for the region {region} can't be right: {reason}{trace}"), None)
            }),
            [] => Err(refused(
                format!(
                    "these keys have no project in the region {region}: activate the region in the console, or set \
                     project_id(…){trace}"
                ),
                None,
            )),
            several => {
                let ids: Vec<&str> = several.iter().map(|project| project.id.as_str()).collect();
                Err(refused(
                    format!(
                        "these keys have several projects in the region {region}: set project_id(…) to one of {}{trace}",
                        ids.join(", ")
                    ),
                    None,
                ))
            }
        }
    }
}
