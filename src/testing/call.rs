//! A call as its operation sees it.

use std::time::SystemTime;

use serde_json::{Map, Value};

use super::response::{BODY_INVALID, Refusal};
use super::settings::Settings;

/// A request that the gateway has let through, taken apart.
pub(super) struct Call<'r> {
    pub(super) settings: &'r Settings,
    pub(super) request_id: &'r str,
    /// The service's clock.
    pub(super) now: SystemTime,
    /// A number that no other call has: ids are made of it.
    pub(super) number: u64,
    /// The access key of the caller.
    pub(super) access_key: &'r str,
    /// The placeholders of the path with their values.
    pub(super) path: Vec<(&'static str, String)>,
    pub(super) query: &'r str,
    pub(super) body: &'r [u8],
}

impl Call<'_> {
    /// Returns the value of a placeholder of the path; empty if the path does not have it.
    pub(super) fn path_value(&self, placeholder: &str) -> &str {
        self.path.iter().find(|(name, _)| *name == placeholder).map_or("", |(_, value)| value)
    }

    /// Returns the first value of a query parameter.
    pub(super) fn query_value(&self, name: &str) -> Option<String> {
        self.query_values(name).next()
    }

    /// Returns all values of a query parameter.
    pub(super) fn query_values<'c>(&'c self, name: &'c str) -> impl Iterator<Item = String> + 'c {
        let pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.filter(move |(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Returns the body, which must be a JSON object.
    pub(super) fn object(&self) -> Result<Map<String, Value>, Refusal> {
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(BODY_INVALID),
        }
    }

    /// Returns an id in the form of a UUID that no other call returns.
    pub(super) fn new_id(&self) -> String {
        format!("{0:08x}-cafe-4cf5-8000-{0:012x}", self.number)
    }

    /// Returns the service's clock in milliseconds since 1970.
    pub(super) fn millis(&self) -> u64 {
        let since = self.now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        since.as_millis().try_into().unwrap_or(u64::MAX)
    }
}
