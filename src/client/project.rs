//! The project of a client: given, told by the credentials, or looked up through IAM at the first
//! call.

use http::Method;
use serde::Deserialize;
use tokio::time::Instant;

use super::CtsClient;
use super::call::Call;
use super::destination::{Destination, Project};
use super::lookup::{Failed, Lookup};
use super::outcome::Received;
use crate::credentials::iam::unknown;
use crate::endpoint::Endpoints;
use crate::error::{CallName, Class, Error};
use crate::region::Region;
use crate::wire::open::null_as_default;

const LIST_PROJECTS: CallName = CallName {
    operation: "KeystoneListProjects",
    actions: "iam:projects:listProjects",
    class: Class::Read,
};

/// How the project is known.
#[derive(Debug)]
pub(super) enum ProjectSource {
    Given(Box<Project>),
    /// To be asked of IAM, once, by the name that the region's own project has: the region's id.
    LookedUp(Box<ByRegion>),
}

impl ProjectSource {
    /// Returns where the project is looked up, if it is.
    pub(super) fn iam(&self) -> Option<&Endpoints> {
        match self {
            Self::Given(_) => None,
            Self::LookedUp(by_region) => by_region.iam.as_ref(),
        }
    }
}

/// What the project is looked up by, and what was found.
#[derive(Debug)]
pub(super) struct ByRegion {
    region: Region,
    /// `None` if IAM of the region is not known. Not an error yet: credentials may bring a project.
    iam: Option<Endpoints>,
    lookup: Lookup<Project>,
}

impl ByRegion {
    pub(super) fn new(region: Region, iam: Option<Endpoints>) -> Self {
        Self { region, iam, lookup: Lookup::new() }
    }

    pub(super) fn found(&self) -> Option<&Project> {
        self.lookup.found()
    }
}

/// The response of IAM.
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

/// Returns the id that IAM gave the request, for an error.
pub(super) fn iam_trace(response: &Received) -> String {
    response
        .header("x-iam-trace-id")
        .map(|id| format!(" (X-IAM-Trace-Id {id})"))
        .unwrap_or_default()
}

impl CtsClient {
    /// Returns the project for a call, asking IAM for it if no call has done so yet. See
    /// [`Lookup`].
    pub(super) async fn project(
        &self,
        name: CallName,
        started: Instant,
    ) -> Result<&Project, Error> {
        let by_region = match &self.inner.project {
            ProjectSource::Given(project) => return Ok(project),
            ProjectSource::LookedUp(by_region) => by_region,
        };
        // Most calls find it known, and make no future for nothing.
        if let Some(found) = by_region.found() {
            return Ok(found);
        }
        // On the heap, so that the calls that find it known stay small.
        let ask = Box::pin(self.look_up_project(by_region, started));
        by_region.lookup.find(name, "project id", self.retry_policy().limit(), started, ask).await
    }

    async fn look_up_project(
        &self,
        by_region: &ByRegion,
        started: Instant,
    ) -> Result<Project, Failed> {
        let ByRegion { region, iam, .. } = by_region;
        let left = self.retry_policy().limit().saturating_sub(started.elapsed());
        let credentials = self.credentials(left).await.map_err(Failed::Credentials)?;
        if let Some(id) = credentials.project_id() {
            return Project::new(id).map_err(|reason| {
                Failed::Request(format!(
                    "the project id of the credentials can't be right: {reason}"
                ))
            });
        }

        let refused = |reason: String| Failed::Lookup { reason, inner: None };
        let not_asked = |error: Error| Failed::Lookup {
            reason: format!(
                "the project id of the region {region} can't be looked up: {error}; set project_id(…) to do without"
            ),
            inner: Some(error),
        };
        let iam = iam.as_ref().ok_or_else(|| {
            let unknown = unknown(Some(region), "credentials are");
            refused(format!(
                "the project id can't be looked up: {unknown}, or set project_id(…) to do without"
            ))
        })?;
        let call = Call::new(LIST_PROJECTS, Method::GET, "/v3/projects").query("name", region.id());
        let response =
            self.attempts_at(&call, Destination::Iam(iam), started).await.map_err(not_asked)?;
        let trace = iam_trace(&response);
        let read = |body: &[u8]| {
            serde_json::from_slice::<Projects>(body).map_err(|error| error.to_string())
        };
        let (response, _) = response.read(read).map_err(not_asked)?;

        // The others are sub-projects, such as `eu-de_test`, or what an IAM lists that does not
        // filter.
        let mut found = response.projects;
        found.retain(|project| project.name == region.id());
        let some = !found.is_empty();
        found.retain(|project| project.enabled != Some(false));
        match found.as_slice() {
            [only] => Project::new(&only.id).map_err(|reason| {
                refused(format!(
                    "IAM's project id for the region {region} can't be right: {reason}{trace}"
                ))
            }),
            [] if some => Err(refused(format!(
                "the project of these credentials in the region {region} is disabled: enable it in the console, or set \
                 project_id(…){trace}"
            ))),
            [] => Err(refused(format!(
                "these credentials have no project in the region {region}: activate the region in the console, or set \
                 project_id(…){trace}"
            ))),
            several => {
                let ids: Vec<&str> = several.iter().map(|project| project.id.as_str()).collect();
                Err(refused(format!(
                    "these credentials have several projects in the region {region}: set project_id(…) to one of {}{trace}",
                    ids.join(", ")
                )))
            }
        }
    }
}
