//! The part of IAM that a client of CTS looks things up with.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::call::Call;
use super::response::success;

/// The projects that IAM lists: name and id. The name of a region's own project is the region's id.
#[derive(Debug, Default)]
pub(super) struct Iam {
    projects: Vec<(String, String)>,
}

impl Iam {
    pub(super) fn add_project(&mut self, name: String, id: String) {
        self.projects.push((name, id));
    }

    /// Filters by the exact name, as IAM does.
    pub(super) fn list_projects(&self, call: &Call<'_>) -> Response<Bytes> {
        let name = call.query_value("name");
        let projects: Vec<Value> = self
            .projects
            .iter()
            .filter(|(known, _)| name.as_ref().is_none_or(|name| name == known))
            .map(|(name, id)| json!({"id": id, "name": name, "enabled": true}))
            .collect();
        of_iam(success(StatusCode::OK, &json!({"projects": projects, "links": {}})), call)
    }
}

/// Lists the account of the credentials.
pub(super) fn list_domains(call: &Call<'_>) -> Response<Bytes> {
    let account = json!({"description": "", "enabled": true, "id": call.settings.domain_id, "name": "fake"});
    of_iam(success(StatusCode::OK, &json!({"domains": [account], "links": {}})), call)
}

/// Adds the header in which IAM returns the id of the request.
fn of_iam(mut response: Response<Bytes>, call: &Call<'_>) -> Response<Bytes> {
    if let Ok(id) = HeaderValue::from_str(&format!("trace-{}", call.request_id)) {
        response.headers_mut().insert("x-iam-trace-id", id);
    }
    response
}
