//! What the fake records beyond changes.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::call::Call;
use super::response::{BODY_INVALID, Reply, no_content, success};

/// The configuration of a project. The service documents no default; that of the fake records
/// nothing more.
#[derive(Debug)]
pub(super) struct Configuration(Value);

impl Default for Configuration {
    fn default() -> Self {
        Self(json!({
            "is_sync_global_trace": false, "is_support_read_only": false, "support_read_only_services": [],
        }))
    }
}

impl Configuration {
    pub(super) fn show(&self) -> Response<Bytes> {
        success(StatusCode::OK, &self.0)
    }

    /// Replaces the whole: a list that is left out is cleared.
    pub(super) fn update(&mut self, call: &Call<'_>) -> Reply {
        let sent = call.object()?;
        let flag = |name: &str| sent.get(name).and_then(Value::as_bool).ok_or(BODY_INVALID);
        let services = match sent.get("support_read_only_services") {
            None | Some(Value::Null) => json!([]),
            Some(services @ Value::Array(items)) if items.iter().all(Value::is_string) => {
                services.clone()
            }
            Some(_) => return Err(BODY_INVALID),
        };
        self.0 = json!({
            "is_sync_global_trace": flag("is_sync_global_trace")?,
            "is_support_read_only": flag("is_support_read_only")?,
            "support_read_only_services": services,
        });
        Ok(no_content())
    }
}
