//! The trackers of a project, and their operations. JSON comes in and goes out, with none of the
//! client's own models: a mistake in those must not be made twice.

mod bucket;
mod settings;
mod tag;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::response::{BODY_INVALID, Refusal, Reply, bad, no_content, success};
use super::trace::Resource;

pub(super) use bucket::check_buckets;

const QUOTA_EXCEEDED: Refusal =
    bad("CTS.0200", "The number of trackers has reached the upper limit.");
const SYSTEM_EXISTS: Refusal = bad("CTS.0201", "A management tracker has been created.");
const TYPE_INVALID: Refusal =
    bad("CTS.0202", "The value of the tracker_type parameter is incorrect.");
const NAME_INVALID: Refusal =
    bad("CTS.0203", "The value of tracker_name parameter is in an incorrect format.");
const SYSTEM_NAME_INVALID: Refusal = bad(
    "CTS.0204",
    "The tracker_name parameter of a management tracker can only be set to system.",
);
const STATUS_INVALID: Refusal =
    bad("CTS.0205", "The status parameter can only be set to enabled or disabled.");
const DATA_NAME_RESERVED: Refusal = bad(
    "CTS.0207",
    "The tracker_name parameter in the message body cannot be set to system for a data tracker.",
);
const EXISTS: Refusal = bad("CTS.0208", "The tracker already exists.");
pub(super) const NOT_FOUND: Refusal =
    Refusal(StatusCode::NOT_FOUND, "CTS.0214", "The tracker does not exist.");

/// How many data trackers a project can have.
pub(super) const DATA_QUOTA: usize = 100;

type Object = Map<String, Value>;

/// The trackers of a project. There is a system tracker from the start, as in a project where CTS
/// is enabled.
#[derive(Debug, Default)]
pub(super) struct Trackers {
    all: Vec<Object>,
    is_started: bool,
}

impl Trackers {
    /// Returns the trackers, the system tracker first.
    pub(super) fn all(&mut self, call: &Call<'_>) -> &mut Vec<Object> {
        if !self.is_started {
            self.is_started = true;
            let id = format!("{0:08x}-cafe-4cf5-9000-{0:012x}", call.number);
            let system = json!({"tracker_type": "system", "tracker_name": "system"});
            self.all.extend(system.as_object().map(|sent| new_tracker(sent, &id, call)));
        }
        &mut self.all
    }

    /// Returns the number of trackers of a type.
    pub(super) fn count(&mut self, of: &str, call: &Call<'_>) -> usize {
        self.all(call).iter().filter(|tracker| is_of(tracker, of)).count()
    }

    /// Returns `true` if there is a system tracker and it is enabled.
    pub(super) fn is_recording(&mut self, call: &Call<'_>) -> bool {
        self.all(call)
            .iter()
            .any(|tracker| is_of(tracker, "system") && string(tracker, "status") == "enabled")
    }

    /// Returns the tracker that an update or a deletion is about, if it exists.
    pub(super) fn meant_by(&mut self, call: &Call<'_>) -> Option<Resource> {
        let sent = call.object().unwrap_or_default();
        let name = match string(&sent, "tracker_name") {
            "" => call.query_value("tracker_name")?,
            name => name.to_owned(),
        };
        let known = self.all(call).iter().find(|known| string(known, "tracker_name") == name)?;
        Some(Resource { id: string(known, "id").to_owned(), name })
    }

    pub(super) fn create(&mut self, call: &Call<'_>) -> Reply {
        let sent = call.object()?;
        let (of, name) = identity(&sent, call)?;
        let known = self.all(call);
        if of == "system" && known.iter().any(|tracker| is_of(tracker, "system")) {
            return Err(SYSTEM_EXISTS);
        }
        if known.iter().any(|tracker| string(tracker, "tracker_name") == name) {
            return Err(EXISTS);
        }
        if of == "data"
            && known.iter().filter(|tracker| is_of(tracker, "data")).count() >= DATA_QUOTA
        {
            return Err(QUOTA_EXCEEDED);
        }
        let mut sent = sent;
        sent.insert("tracker_name".into(), name.into());
        let tracker =
            settings::applied(new_tracker(&sent, &call.new_id(), call), &sent, known, call)?;
        let at = if of == "system" { 0 } else { known.len() };
        known.insert(at, tracker.clone());
        Ok(success(StatusCode::CREATED, &tracker.into()))
    }

    pub(super) fn list(&mut self, call: &Call<'_>) -> Reply {
        let [name, of] =
            ["tracker_name", "tracker_type"].map(|parameter| call.query_value(parameter));
        let of = of.filter(|_| !call.settings.is_otc());
        let found: Vec<&Object> = self
            .all(call)
            .iter()
            .filter(|tracker| {
                name.as_deref().is_none_or(|name| string(tracker, "tracker_name") == name)
            })
            .filter(|tracker| of.as_deref().is_none_or(|of| is_of(tracker, of)))
            .collect();
        if found.is_empty() && name.is_some() && call.settings.is_otc() {
            return Err(NOT_FOUND);
        }
        Ok(success(StatusCode::OK, &json!({"trackers": found})))
    }

    /// Merges what is sent into what there is, one level into `obs_info` too.
    pub(super) fn update(&mut self, call: &Call<'_>) -> Reply {
        let sent = call.object()?;
        let (of, name) = identity(&sent, call)?;
        let known = self.all(call);
        let at = known
            .iter()
            .position(|tracker| is_of(tracker, of) && string(tracker, "tracker_name") == name);
        let at = at.ok_or(NOT_FOUND)?;
        let mut tracker = known.remove(at);
        let status = match present(&sent, "status") {
            None => None,
            Some(Value::String(status)) if matches!(status.as_str(), "enabled" | "disabled") => {
                Some(status.clone())
            }
            Some(_) => {
                known.insert(at, tracker);
                return Err(STATUS_INVALID);
            }
        };
        // On Open Telekom Cloud, a disabled tracker keeps its settings.
        let is_fixed = call.settings.is_otc()
            && (string(&tracker, "status") == "disabled" || status.as_deref() == Some("disabled"));
        let updated = if is_fixed {
            Ok(tracker.clone())
        } else {
            settings::applied(tracker.clone(), &sent, known, call)
        };
        let reply = updated.map(|updated| {
            tracker = updated;
            if let Some(status) = status {
                tracker.insert("status".into(), status.into());
            }
            success(StatusCode::OK, &Value::Null).map(|_| bytes::Bytes::new())
        });
        known.insert(at, tracker);
        reply
    }

    /// Deletes one tracker, or without a name all data trackers: on Open Telekom Cloud all
    /// trackers. An empty name is none.
    pub(super) fn delete(&mut self, call: &Call<'_>) -> Reply {
        let is_otc = call.settings.is_otc();
        let name = call.query_value("tracker_name").filter(|name| !name.is_empty());
        let of = call
            .query_value("tracker_type")
            .filter(|_| !is_otc)
            .unwrap_or_else(|| "data".to_owned());
        let known = self.all(call);
        let Some(name) = name else {
            if of != "data" {
                return Err(BODY_INVALID);
            }
            known.retain(|tracker| !is_otc && !is_of(tracker, "data"));
            return Ok(no_content());
        };
        let fits = |tracker: &Object| {
            string(tracker, "tracker_name") == name && (is_otc || is_of(tracker, &of))
        };
        let at = known.iter().position(fits).ok_or(NOT_FOUND)?;
        known.remove(at);
        Ok(no_content())
    }
}

/// Returns the type and the name in a request, which must fit each other.
fn identity(sent: &Object, call: &Call<'_>) -> Result<(&'static str, String), Refusal> {
    let of = match present(sent, "tracker_type").and_then(Value::as_str) {
        Some("system") => "system",
        Some("data") if !call.settings.is_otc() => "data",
        _ => return Err(TYPE_INVALID),
    };
    let name = match present(sent, "tracker_name") {
        // As in the documented example.
        None if of == "system" => "system",
        None => return Err(NAME_INVALID),
        Some(name) => name.as_str().ok_or(BODY_INVALID)?,
    };
    match (of, name) {
        ("system", "system") => {}
        ("system", _) => return Err(SYSTEM_NAME_INVALID),
        (_, "system" | "system-trace") => return Err(DATA_NAME_RESERVED),
        (_, name) if !(1..=32).contains(&name.chars().count()) || name.starts_with(['_', '-']) => {
            return Err(NAME_INVALID);
        }
        _ => {}
    }
    Ok((of, name.to_owned()))
}

/// Returns a tracker without settings, as it was recorded.
fn new_tracker(sent: &Object, id: &str, call: &Call<'_>) -> Object {
    let name = string(sent, "tracker_name");
    let is_system = is_of(sent, "system");
    let stream = if is_system { "system-trace" } else { name };
    let mut target = json!({
        "bucket_lifecycle": 0, "bucket_name": "", "file_prefix_name": "", "is_authorized_bucket": false,
        "is_obs_created": false, "is_sort_by_service": true,
    });
    if let Some(target) = target.as_object_mut().filter(|_| call.settings.is_otc()) {
        target.insert("bucket_location".to_owned(), "".into());
    }
    let tracker = json!({
        "create_time": call.millis(),
        "domain_id": call.settings.domain_id,
        "id": id,
        "is_support_validate": false,
        "lts": {"is_lts_enabled": false, "log_group_name": "CTS", "log_topic_name": stream},
        "obs_info": target,
        "project_id": call.path_value("project_id"),
        "status": "enabled",
        "tracker_name": name,
        "tracker_type": sent.get("tracker_type"),
    });
    let more = if call.settings.is_otc() {
        json!({})
    } else {
        json!({
            "enterprise_project_id": "0",
            "is_organization_tracker": false,
            "is_support_trace_files_encryption": false,
            "tag": {"_sys_enterprise_project_id": "0"},
        })
    };
    let mut fields: Object = [tracker, more]
        .into_iter()
        .filter_map(|part| part.as_object().cloned())
        .flatten()
        .collect();
    if is_system && !call.settings.is_otc() {
        fields.insert(
            "management_event_selector".into(),
            json!({"exclude_service": [], "read_write_type": []}),
        );
    }
    fields
}

fn is_of(tracker: &Object, of: &str) -> bool {
    string(tracker, "tracker_type") == of
}

/// Returns a field that is a string; empty if it is none.
fn string<'o>(object: &'o Object, field: &str) -> &'o str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Returns a field that is there and not null.
fn present<'o>(object: &'o Object, field: &str) -> Option<&'o Value> {
    object.get(field).filter(|value| !value.is_null())
}
