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
        value::check(id).map_err(|reason| format!("it {reason}"))?;
        if id.contains(['/', '?', '#', '%', '\\']) || matches!(id, "." | "..") {
            return Err("it has a character that stands for something else in a URL".to_owned());
        }
        Ok(Self {
            id: id.to_owned(),
            encoded: utf8_percent_encode(id, ENCODED).to_string(),
            header: HeaderValue::from_str(id).map_err(|_| "it can't be sent in a header")?,
        })
    }
}

/// Where a call goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Destination<'p> {
    /// To CTS, in a project.
    Project(&'p Project),
    /// To IAM.
    Iam(&'p Endpoints),
}
