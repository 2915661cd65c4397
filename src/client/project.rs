//! The project of a client: given, told by the credentials, or looked up through IAM at the first call.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Method;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::CtsClient;
use super::call::Call;
use super::destination::{Destination, Project};
use crate::credentials::CredentialsError;
use crate::credentials::iam::unknown;
use crate::endpoint::Endpoints;
use crate::error::{CallName, Cause, Error, ErrorKind, History};
use crate::region::Region;
use crate::wire::open::null_as_default;

const LIST_PROJECTS: CallName =
    CallName { operation: "KeystoneListProjects", actions: "iam:projects:listProjects", writes: false };

/// How the project is known.
#[derive(Debug)]
pub(super) enum ProjectSource {
    Given(Box<Project>),
    /// To be asked of IAM, once, by the name that the region's own project has: the region's id.
    LookedUp(Box<LookUp>),
}

impl ProjectSource {
    /// Returns where the project is looked up, if it is.
    pub(super) fn iam(&self) -> Option<&Endpoints> {
        match self {
            Self::Given(_) => None,
            Self::LookedUp(look_up) => look_up.iam.as_ref(),
        }
    }
}

/// A look-up, and what it found.
#[derive(Debug)]
pub(super) struct LookUp {
    region: Region,
    /// `None` if IAM of the region is not known. Not an error yet: credentials may bring a project.
    iam: Option<Endpoints>,
    found: OnceLock<Project>,
    /// How many look-ups there were.
    rounds: AtomicU64,
    /// Held by the call that looks up. Inside: how the last look-up failed, if that holds for all who waited for it.
    turn: Mutex<Option<Failed>>,
}

/// Why a look-up failed.
#[derive(Clone, Debug)]
enum Failed {
    Request(String),
    Credentials(CredentialsError),
    Project { reason: String, inner: Option<Error> },
}

impl From<Failed> for Cause {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Request(reason) => Self::Request(reason),
            Failed::Credentials(error) => Self::Credentials(error),
            Failed::Project { reason, inner } => Self::Project { reason, inner },
        }
    }
}

impl Failed {
    /// Returns `true` if another call would fail alike: IAM answered, and would answer the same again. What depends on the
    /// caller, such as its time limit or its number of attempts, and what may pass, is for the caller alone.
    fn is_final(&self) -> bool {
        match self {
            Self::Project { inner: Some(error), .. } => {
                matches!(error.kind(), ErrorKind::Api | ErrorKind::Decode) && !error.is_retryable()
            }
            Self::Project { inner: None, .. } => true,
            Self::Request(_) | Self::Credentials(_) => false,
        }
    }
}

impl LookUp {
    pub(super) fn new(region: Region, iam: Option<Endpoints>) -> Self {
        Self { region, iam, found: OnceLock::new(), rounds: AtomicU64::new(0), turn: Mutex::new(None) }
    }

    pub(super) fn found(&self) -> Option<&Project> {
        self.found.get()
    }
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
    /// Absent means enabled.
    enabled: Option<bool>,
}

impl CtsClient {
    /// The project for a call. Asked of IAM by the first call only; calls at the same time wait for it, and share what IAM
    /// answered: a hundred refused look-ups would lock the key. A call that fails for a reason of its own leaves the turn to
    /// the next. Later calls ask anew.
    pub(super) async fn project(&self, name: CallName, started: Instant) -> Result<&Project, Error> {
        let look_up = match &self.inner.project {
            ProjectSource::Given(project) => return Ok(project),
            ProjectSource::LookedUp(look_up) => look_up,
        };
        if let Some(found) = look_up.found() {
            return Ok(found);
        }
        let failed = |failed: Failed| Error::new(name, History::default(), failed.into());
        let round = look_up.rounds.load(Ordering::Acquire);
        let left = self.retry_policy().limit().saturating_sub(started.elapsed());
        let Ok(mut turn) = timeout(left, look_up.turn.lock()).await else {
            let reason = "the time limit of the call passed while another call looked the project id up".to_owned();
            return Err(failed(Failed::Project { reason, inner: None }));
        };
        if let Some(found) = look_up.found() {
            return Ok(found);
        }
        if let Some(shared) = turn.as_ref().filter(|_| look_up.rounds.load(Ordering::Acquire) > round) {
            return Err(failed(shared.clone()));
        }
        let asked = self.look_up_project(look_up, started).await;
        look_up.rounds.fetch_add(1, Ordering::Release);
        match asked {
            Ok(project) => Ok(look_up.found.get_or_init(|| project)),
            Err(reason) => {
                *turn = Some(reason.clone()).filter(Failed::is_final);
                Err(failed(reason))
            }
        }
    }

    async fn look_up_project(&self, look_up: &LookUp, started: Instant) -> Result<Project, Failed> {
        let LookUp { region, iam, .. } = look_up;
        let left = self.retry_policy().limit().saturating_sub(started.elapsed());
        let credentials = self.credentials(left).await.map_err(Failed::Credentials)?;
        if let Some(id) = credentials.project() {
            return Project::new(id).map_err(|reason| {
                Failed::Request(format!("the project id of the credentials can't be right: {reason}"))
            });
        }

        let refused = |reason: String| Failed::Project { reason, inner: None };
        let not_asked = |error: Error| Failed::Project {
            reason: format!(
                "the project id of the region {region} can't be looked up: {error}; set project_id(…) to do without"
            ),
            inner: Some(error),
        };
        let iam = iam.as_ref().ok_or_else(|| {
            let unknown = unknown(Some(region), "credentials are");
            refused(format!("the project id can't be looked up: {unknown}, or set project_id(…) to do without"))
        })?;
        let call = Call::new(LIST_PROJECTS, Method::GET, "/v3/projects").query("name", region.id());
        let answer = self.attempts_at(&call, Destination::Iam(iam), started).await.map_err(not_asked)?;
        let trace = answer.header("x-iam-trace-id").map(|id| format!(" (X-IAM-Trace-Id {id})")).unwrap_or_default();
        let read = |body: &[u8]| serde_json::from_slice::<Projects>(body).map_err(|error| error.to_string());
        let (answer, _) = answer.read(read).map_err(not_asked)?;

        // The others are sub-projects, such as `eu-de_test`, or what an IAM lists that does not filter.
        let mut found = answer.projects;
        found.retain(|project| project.name == region.id());
        let some = !found.is_empty();
        found.retain(|project| project.enabled != Some(false));
        match found.as_slice() {
            [only] => Project::new(&only.id).map_err(|reason| {
                refused(format!("IAM's project id for the region {region} can't be right: {reason}{trace}"))
            }),
            [] if some => Err(refused(format!(
                "the project of these keys in the region {region} is disabled: enable it in the console, or set \
                 project_id(…){trace}"
            ))),
            [] => Err(refused(format!(
                "these keys have no project in the region {region}: activate the region in the console, or set \
                 project_id(…){trace}"
            ))),
            several => {
                let ids: Vec<&str> = several.iter().map(|project| project.id.as_str()).collect();
                Err(refused(format!(
                    "these keys have several projects in the region {region}: set project_id(…) to one of {}{trace}",
                    ids.join(", ")
                )))
            }
        }
    }
}
