//! Where a call goes.

use http::HeaderValue;
use percent_encoding::utf8_percent_encode;

use crate::endpoint::Endpoints;
use crate::secret::value;
use crate::sign::ENCODED;

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
    pub(crate) fn new(id: &str) -> Result<Self, String> {
        Ok(Self {
            id: id.to_owned(),
            encoded: segment(id)?,
            header: HeaderValue::from_str(id).map_err(|_| "it can't be sent in a header")?,
        })
    }
}

/// The id of an account, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    /// As a segment of a path.
    pub(crate) encoded: String,
}

impl Account {
    /// The error is what is wrong with the id.
    pub(crate) fn new(id: &str) -> Result<Self, String> {
        Ok(Self { id: id.to_owned(), encoded: segment(id)? })
    }
}

/// Encodes an id as a segment of a path. The error is what is wrong with it.
fn segment(id: &str) -> Result<String, String> {
    value::check(id).map_err(|reason| format!("it {reason}"))?;
    if id.contains(['/', '?', '#', '%', '\\']) || matches!(id, "." | "..") {
        return Err("it has a character that stands for something else in a URL".to_owned());
    }
    Ok(utf8_percent_encode(id, ENCODED).to_string())
}

/// Where the path of a call begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Below `/v3/{project_id}` of CTS.
    Project,
    /// Below `/v3/{domain_id}` of CTS.
    Account,
    /// Below `/v2/{project_id}` of SMN.
    Smn,
    /// At the root.
    Root,
}

/// Where a call goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Destination<'p> {
    /// To CTS, below a project.
    Project(&'p Project),
    /// To CTS, below an account, by a user of a project.
    Account(&'p Project, &'p Account),
    /// To CTS, by a user of a project.
    Root(&'p Project),
    /// To SMN, below a project.
    Smn(&'p Endpoints, &'p Project),
    /// To IAM.
    Iam(&'p Endpoints),
}

impl<'p> Destination<'p> {
    /// Returns what the paths of calls to this destination follow: a version and an id.
    pub(super) fn base(&self) -> Option<(&'static str, &'p str)> {
        match self {
            Self::Project(project) => Some(("/v3/", &project.encoded)),
            Self::Account(_, account) => Some(("/v3/", &account.encoded)),
            Self::Smn(_, project) => Some(("/v2/", &project.encoded)),
            Self::Root(_) | Self::Iam(_) => None,
        }
    }

    /// Returns the project that the caller works in, which the service is told.
    pub(super) fn project(&self) -> Option<&'p Project> {
        match self {
            Self::Project(project)
            | Self::Account(project, _)
            | Self::Root(project)
            | Self::Smn(_, project) => Some(project),
            Self::Iam(_) => None,
        }
    }

    /// Returns `true` if the call goes to CTS, and so carries the headers that the caller adds.
    pub(super) fn is_cts(&self) -> bool {
        matches!(self, Self::Project(_) | Self::Account(..) | Self::Root(_))
    }
}
