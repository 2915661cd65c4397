//! The traces of a project, and their operations.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::paging::TraceTies;
use super::response::{Refusal, Reply, bad, success, with_status};

const PARAMETER_INVALID: Refusal = bad("CTS.0300", "Query failed. The query parameter is invalid.");
const ACCESS_DENIED: Refusal = Refusal(
    StatusCode::FORBIDDEN,
    "CTS.0002",
    "Authentication failed or you do not have the permissions required.",
);

const DAY: u64 = 24 * 60 * 60 * 1_000;
/// How long traces are listed, and their users.
const KEPT: u64 = 7 * DAY;
const USERS_KEPT: u64 = 30 * DAY;

/// What filters a list, beside the tracker: the parameter, and the field as a JSON pointer.
const FILTERS: [(&str, &str); 9] = [
    ("service_type", "/service_type"),
    ("user", "/user/name"),
    ("resource_id", "/resource_id"),
    ("resource_name", "/resource_name"),
    ("resource_type", "/resource_type"),
    ("trace_name", "/trace_name"),
    ("trace_rating", "/trace_rating"),
    ("access_key_id", "/user/access_key_id"),
    ("enterprise_project_id", "/enterprise_project_id"),
];

/// Those that Open Telekom Cloud does not have.
const OF_HUAWEI_CLOUD: [&str; 2] = ["access_key_id", "enterprise_project_id"];

/// The traces of a project, earliest first.
#[derive(Debug, Default)]
pub(super) struct Traces {
    all: Vec<Stored>,
    /// The number of traces that got an id here.
    ids: u64,
}

#[derive(Debug)]
struct Stored {
    /// When it was recorded, in milliseconds. Of one millisecond, the order is that of their
    /// arrival.
    recorded: u64,
    happened: u64,
    /// When it can be listed, at the earliest.
    visible: u64,
    is_data: bool,
    id: String,
    json: String,
}

/// How CTS names an operation of its own that it records.
#[derive(Clone, Copy)]
pub(super) struct Write {
    /// In the API: `CreateTracker`.
    pub(super) operation: &'static str,
    pub(super) resource_type: &'static str,
    pub(super) trace_name: &'static str,
}

/// What an operation was about, as it was before.
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) name: String,
}

impl Traces {
    /// Adds a trace that can be listed from a time on. Times and id are given to it if it has none.
    pub(super) fn add(&mut self, mut fields: Map<String, Value>, visible: u64, now: u64) {
        let millis = |fields: &Map<String, Value>, name| fields.get(name).and_then(Value::as_u64);
        let recorded =
            millis(&fields, "record_time").or_else(|| millis(&fields, "time")).unwrap_or(now);
        let happened = millis(&fields, "time").unwrap_or(recorded);
        for (name, millis) in [("record_time", recorded), ("time", happened)] {
            fields.entry(name).or_insert_with(|| millis.into());
        }
        let id = fields
            .get("trace_id")
            .and_then(Value::as_str)
            .map_or_else(|| self.new_id(recorded), str::to_owned);
        fields.insert("trace_id".to_owned(), id.as_str().into());
        let is_data =
            matches!(fields.get("trace_type").and_then(Value::as_str), Some("ObsSDK" | "ObsAPI"));
        let json = Value::Object(fields).to_string();
        let at = self.all.partition_point(|known| known.recorded <= recorded);
        self.all.insert(at, Stored { recorded, happened, visible, is_data, id, json });
    }

    /// Returns all traces, those included that can't be listed yet or any more.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|stored| stored.json.as_str())
    }

    /// Records an operation of the fake itself, whatever came of it.
    pub(super) fn record(
        &mut self,
        written: &Write,
        resource: Option<Resource>,
        response: &Response<Bytes>,
        call: &Call<'_>,
    ) {
        let status = response.status();
        let sent: Map<String, Value> = serde_json::from_slice(call.body).unwrap_or_default();
        let received: Map<String, Value> =
            serde_json::from_slice(response.body()).unwrap_or_default();
        let part = |of: &str| {
            let name = format!("{}_{of}", written.resource_type);
            let given = [&received, &sent]
                .into_iter()
                .find_map(|fields| fields.get(&name)?.as_str().map(str::to_owned));
            given.or_else(|| call.query_value(&name)).unwrap_or_default()
        };
        let id =
            received.get("id").and_then(Value::as_str).map_or_else(|| part("id"), str::to_owned);
        let Resource { id, name } = resource.unwrap_or_else(|| Resource { id, name: part("name") });
        let account = &call.settings.domain_id;
        let trace = json!({
            "api_version": "v3",
            "code": status.as_str(),
            "operation_id": written.operation,
            "read_only": false,
            "request": String::from_utf8_lossy(call.body),
            "request_id": call.request_id,
            "resource_id": id,
            "resource_name": name,
            "resource_type": written.resource_type,
            "response": String::from_utf8_lossy(response.body()),
            "service_type": "CTS",
            "source_ip": "127.0.0.1",
            "trace_name": written.trace_name,
            "trace_rating": if status.is_success() { "normal" } else { "warning" },
            "trace_type": "ApiCall",
            "tracker_name": "system",
            "user": {
                "access_key_id": call.access_key,
                "account_id": account,
                "domain": {"id": account, "name": "account"},
                "id": "5b4a3928171615141312111009080706",
                "name": "fake-user",
                "type": "User",
                "user_name": "fake-user",
            },
        });
        let fields = trace.as_object().cloned().unwrap_or_default();
        self.add(fields, 0, call.millis());
    }

    pub(super) fn list(&mut self, call: &Call<'_>) -> Reply {
        let is_otc = call.settings.is_otc();
        let is_data = match call.query_value("trace_type").as_deref() {
            Some("system") => false,
            Some("data") if !is_otc => true,
            None if is_otc => false,
            _ => return Err(PARAMETER_INVALID),
        };
        let now = call.millis();
        let number = |name| {
            call.query_value(name)
                .map(|text| text.parse::<u64>().map_err(|_| PARAMETER_INVALID))
                .transpose()
        };
        let limit = match number("limit")? {
            None => 10,
            Some(limit @ 1..=200) => usize::try_from(limit).unwrap_or(200),
            Some(_) => return Err(PARAMETER_INVALID),
        };
        let (from, to) = match (number("from")?, number("to")?) {
            (Some(from), Some(to)) => (from, to),
            (None, None) => (now.saturating_sub(DAY / 24), now + 1),
            _ => return Err(PARAMETER_INVALID),
        };
        if let Some(id) = call.query_value("trace_id") {
            let found: Vec<_> = self
                .all
                .iter()
                .filter(|stored| stored.id == id && stored.is_visible(call))
                .collect();
            return Ok(page(&found, false));
        }

        let paging = &call.settings.trace_paging;
        let end = match call.query_value("next") {
            None => self.all.len(),
            Some(marker) => {
                let Some(at) = self.position(&marker) else { return Ok(page(&[], false)) };
                let of_marker = self.all.get(at).map_or(0, |stored| stored.recorded);
                match paging.ties {
                    TraceTies::Continue => at,
                    TraceTies::Skip => {
                        self.all.partition_point(|stored| stored.recorded < of_marker)
                    }
                    TraceTies::Repeat => {
                        self.all.partition_point(|stored| stored.recorded <= of_marker)
                    }
                }
            }
        };
        let filters: Vec<(&str, String)> = FILTERS
            .iter()
            .filter(|(name, _)| !(is_data || is_otc && OF_HUAWEI_CLOUD.contains(name)))
            .filter_map(|(name, pointer)| Some((*pointer, call.query_value(name)?)))
            .collect();
        let tracker = call.query_value("tracker_name").filter(|_| is_data);
        let fits = |stored: &&Stored| {
            let compared = if paging.by_time { stored.happened } else { stored.recorded };
            stored.is_data == is_data
                && from < compared
                && compared < to
                && stored.is_visible(call)
                && ((filters.is_empty() && tracker.is_none())
                    || stored.fits(&filters, tracker.as_deref()))
        };
        // Times before `from` are all at the beginning, unless it is compared with another time.
        let start = if paging.by_time {
            0
        } else {
            self.all.partition_point(|stored| stored.recorded <= from)
        };
        let latest_first = self.all.get(start..end).unwrap_or_default().iter().rev().filter(fits);
        let most = limit.min(paging.most);
        let mut found: Vec<&Stored> = latest_first.take(most.saturating_add(1)).collect();
        let is_last = found.len() <= most;
        found.truncate(most);
        Ok(page(&found, paging.marks_last || !is_last))
    }

    /// Returns the place of the trace with an id. It is that of the latest if there are several.
    fn position(&self, id: &str) -> Option<usize> {
        self.all.iter().rposition(|stored| stored.id == id)
    }

    /// Lists those who left a trace in the last 30 days.
    pub(super) fn list_users(&self, call: &Call<'_>) -> Response<Bytes> {
        let since = call.millis().saturating_sub(USERS_KEPT);
        let recent = self
            .all
            .iter()
            .filter(|stored| stored.recorded > since && stored.visible <= call.millis());
        let names: BTreeSet<String> =
            recent.filter_map(|stored| stored.field("/user/name")).collect();
        let users: Vec<Value> = names.into_iter().map(|name| json!({"name": name})).collect();
        success(StatusCode::OK, &json!({"users": users}))
    }

    fn new_id(&mut self, recorded: u64) -> String {
        self.ids += 1;
        version_1_id(recorded, self.ids)
    }
}

/// Lists the services that have traces, with the kinds of their resources.
pub(super) fn list_resources<'p>(
    projects: impl Iterator<Item = &'p Traces>,
    call: &Call<'_>,
) -> Reply {
    if call.path_value("domain_id") != call.settings.domain_id {
        return Err(ACCESS_DENIED);
    }
    let mut services: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for stored in projects.flat_map(|traces| &traces.all).filter(|stored| stored.is_visible(call)) {
        if let (Some(service), Some(resource)) =
            (stored.field("/service_type"), stored.field("/resource_type"))
        {
            services.entry(service).or_default().insert(resource);
        }
    }
    let rows: Vec<Value> = services
        .iter()
        .map(|(service, resource)| json!({"service_type": service, "resource": resource}))
        .collect();
    Ok(success(StatusCode::OK, &json!({"resources": rows})))
}

impl Stored {
    fn is_visible(&self, call: &Call<'_>) -> bool {
        let now = call.millis();
        let delay = call.settings.trace_delay.as_millis().try_into().unwrap_or(u64::MAX);
        self.visible <= now
            && self.recorded.saturating_add(delay) <= now
            && self.recorded > now.saturating_sub(KEPT)
    }

    fn fits(&self, filters: &[(&str, String)], tracker: Option<&str>) -> bool {
        let Ok(fields) = serde_json::from_str::<Value>(&self.json) else { return false };
        let is = |pointer: &str, wanted: &str| {
            fields.pointer(pointer).and_then(Value::as_str) == Some(wanted)
        };
        filters.iter().all(|(pointer, wanted)| is(pointer, wanted))
            && tracker.is_none_or(|name| is("/tracker_name", name))
    }

    fn field(&self, pointer: &str) -> Option<String> {
        let fields: Value = serde_json::from_str(&self.json).ok()?;
        fields.pointer(pointer)?.as_str().map(str::to_owned)
    }
}

/// A page of traces. Their JSON goes out as it is kept.
fn page(traces: &[&Stored], is_marked: bool) -> Response<Bytes> {
    let marker = traces.last().filter(|_| is_marked).map(|last| last.id.as_str());
    let meta = json!({"count": traces.len(), "marker": marker});
    let all: Vec<&str> = traces.iter().map(|stored| stored.json.as_str()).collect();
    with_status(StatusCode::OK, format!("{{\"meta_data\":{meta},\"traces\":[{}]}}", all.join(",")))
}

/// Returns a UUID of version 1 for a time, in which the number has the place of the 100-nanosecond
/// ticks and of the node.
fn version_1_id(millis: u64, number: u64) -> String {
    /// From the start of the Gregorian calendar to the epoch, in ticks.
    const GREGORIAN: u64 = 0x01b2_1dd2_1381_4000;

    let ticks = (millis * 10_000 + number % 10_000).saturating_add(GREGORIAN);
    let (low, middle, high) = (ticks & 0xffff_ffff, ticks >> 32 & 0xffff, ticks >> 48 & 0x0fff);
    format!("{low:08x}-{middle:04x}-1{high:03x}-8000-{number:012x}")
}
