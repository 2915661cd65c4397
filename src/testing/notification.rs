//! The notifications of a project, and their operations. JSON comes in and goes out, with none of
//! the client's own models: a mistake in those must not be made twice.

use std::collections::HashSet;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::response::{BODY_INVALID, Refusal, Reply, bad, no_content, success};
use super::settings::Settings;
use super::trace::Resource;

const STATUS_INVALID: Refusal =
    bad("CTS.0205", "The status parameter can only be set to enabled or disabled.");
const NAME_EXISTS: Refusal = bad("CTS.0400", "NotificationV3 name is existed already.");
const OPERATIONS_INVALID: Refusal =
    bad("CTS.0401", "Invalid message body. The operations parameter value is invalid.");
const TOPIC_NOT_FOUND: Refusal = bad("CTS.0402", "The Smn topic does not exist.");
const NOT_FOUND: Refusal =
    Refusal(StatusCode::NOT_FOUND, "CTS.0403", "The notification does not exist.");
const TOPIC_REQUIRED: Refusal = bad("CTS.0404", "State setting failed, check if topicId exists.");
const QUOTA_EXCEEDED: Refusal =
    bad("CTS.0407", "The quantity has exceeded the maximum quantity limit.");
const TYPE_UNSUPPORTED: Refusal = bad("CTS.0410", "The notification_type must be smn.");
const NAME_INVALID: Refusal = bad("CTS.0411", "The notification_name invalid.");

type Object = Map<String, Value>;

/// The notifications of a project, in the order of their creation.
#[derive(Debug, Default)]
pub(super) struct Notifications(Vec<Object>);

impl Notifications {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn all(&self) -> &[Object] {
        &self.0
    }

    /// Stores a notification unchecked, in place of the one with its id.
    pub(super) fn put(&mut self, fields: Object, call: &Call<'_>) {
        let mut notification = with_own_fields(fields.clone(), call);
        notification.extend(fields);
        let id = string(&notification, "notification_id");
        match self.0.iter_mut().find(|known| string(known, "notification_id") == id) {
            Some(known) => *known = notification,
            None => self.0.push(notification),
        }
    }

    pub(super) fn create(&mut self, call: &Call<'_>) -> Reply {
        let notification = checked(&call.object()?, call.settings)?;
        if self.is_taken(string(&notification, "notification_name"), None) {
            return Err(NAME_EXISTS);
        }
        if self.0.len() >= call.settings.notification_quota {
            return Err(QUOTA_EXCEEDED);
        }
        let created = with_own_fields(notification, call);
        self.0.push(created.clone());
        Ok(success(StatusCode::CREATED, &created.into()))
    }

    pub(super) fn list(&self, call: &Call<'_>) -> Reply {
        let kind = call.path_value("notification_type");
        if kind != "smn" && (kind != "fun" || call.settings.is_otc()) {
            return Err(TYPE_UNSUPPORTED);
        }
        let name = call.query_value("notification_name");
        let found: Vec<&Object> = self
            .0
            .iter()
            .filter(|notification| string(notification, "notification_type") == Some(kind))
            .filter(|notification| {
                name.is_none() || string(notification, "notification_name") == name.as_deref()
            })
            .collect();
        if found.is_empty() && name.is_some() && call.settings.is_otc() {
            return Err(NOT_FOUND);
        }
        Ok(success(StatusCode::OK, &json!({"notifications": found})))
    }

    pub(super) fn update(&mut self, call: &Call<'_>) -> Reply {
        let body = call.object()?;
        let id = string(&body, "notification_id").ok_or(BODY_INVALID)?;
        let index = self
            .0
            .iter()
            .position(|known| string(known, "notification_id") == Some(id))
            .ok_or(NOT_FOUND)?;
        let mut notification = checked(&body, call.settings)?;
        if self.is_taken(string(&notification, "notification_name"), Some(id)) {
            return Err(NAME_EXISTS);
        }
        let Some(status @ ("enabled" | "disabled")) = string(&body, "status") else {
            return Err(STATUS_INVALID);
        };
        if status == "enabled" && !notification.contains_key("topic_id") {
            return Err(TOPIC_REQUIRED);
        }
        notification.insert("status".into(), status.into());
        let old = self.0.get_mut(index).ok_or(NOT_FOUND)?;
        // The service's own fields stay; the type follows the topic.
        for field in
            ["notification_id", "create_time", "domain_id", "project_id", "notification_type"]
        {
            if let Some(value) = old.get(field) {
                notification.insert(field.to_owned(), value.clone());
            }
        }
        if let Some(urn) = string(&notification, "topic_id") {
            notification.insert("notification_type".into(), type_of_topic(urn).into());
        }
        old.clone_from(&notification);
        Ok(success(StatusCode::OK, &notification.into()))
    }

    /// Deletes those that exist. With one that does not, the response is a 404, as documented for a
    /// deletion in part.
    pub(super) fn delete(&mut self, call: &Call<'_>) -> Reply {
        // Documented is one parameter with commas; a client of Open Telekom Cloud repeats the
        // parameter.
        let ids: Vec<String> = call.query_values("notification_id").collect();
        let ids: HashSet<&str> = ids.iter().flat_map(|ids| ids.split(',')).collect();
        let characters: usize = ids.iter().map(|id| id.chars().count() + 1).sum();
        if ids.is_empty() || ids.contains("") || characters > 401 {
            return Err(BODY_INVALID);
        }
        let before = self.0.len();
        self.0.retain(|known| !string(known, "notification_id").is_some_and(|id| ids.contains(id)));
        if before - self.0.len() == ids.len() { Ok(no_content()) } else { Err(NOT_FOUND) }
    }

    /// Returns the one notification that an update or a deletion is about, if it exists.
    pub(super) fn meant_by(&self, call: &Call<'_>) -> Option<Resource> {
        let sent = call.object().unwrap_or_default();
        let id = string(&sent, "notification_id")
            .map(str::to_owned)
            .or_else(|| call.query_value("notification_id"))?;
        let known = self.0.iter().find(|known| string(known, "notification_id") == Some(&id))?;
        let name = string(known, "notification_name").unwrap_or_default().to_owned();
        Some(Resource { id, name })
    }

    fn is_taken(&self, name: Option<&str>, except: Option<&str>) -> bool {
        self.0.iter().any(|known| {
            string(known, "notification_name") == name && string(known, "notification_id") != except
        })
    }
}

/// Adds the fields that the service gives a new notification.
fn with_own_fields(mut notification: Object, call: &Call<'_>) -> Object {
    let (status, kind) = match string(&notification, "topic_id") {
        None => ("disabled", "smn"),
        Some(urn) => ("enabled", type_of_topic(urn)),
    };
    notification.insert("status".into(), status.into());
    notification.insert("notification_type".into(), kind.into());
    notification.insert("notification_id".into(), call.new_id().into());
    notification.insert("create_time".into(), call.millis().into());
    if call.settings.is_otc() {
        notification.insert("domain_id".into(), call.settings.domain_id.clone().into());
    }
    notification.insert("project_id".into(), call.path_value("project_id").into());
    notification
}

fn type_of_topic(urn: &str) -> &'static str {
    if urn.starts_with("urn:fss:") { "fun" } else { "smn" }
}

fn string<'o>(object: &'o Object, field: &str) -> Option<&'o str> {
    object.get(field).and_then(Value::as_str)
}

/// Returns the fields that create and update share, if they are valid, and only those.
fn checked(body: &Object, settings: &Settings) -> Result<Object, Refusal> {
    let mut notification = Object::new();

    // The console takes letters, digits, `_` and Chinese characters only; the API's pages state no
    // rule.
    let name = match body.get("notification_name") {
        None | Some(Value::Null) => return Err(BODY_INVALID),
        Some(Value::String(name)) if (1..=64).contains(&name.chars().count()) => name,
        Some(_) => return Err(NAME_INVALID),
    };
    notification.insert("notification_name".into(), name.as_str().into());

    let operation_type = string(body, "operation_type").ok_or(BODY_INVALID)?;
    let operations = match (operation_type, present(body, "operations")) {
        // Those of a complete notification mean nothing, and are not kept.
        ("complete", _) => Vec::new(),
        ("customized", Some(Value::Array(operations))) if !operations.is_empty() => {
            operations.clone()
        }
        ("customized", _) => return Err(OPERATIONS_INVALID),
        _ => return Err(BODY_INVALID),
    };
    if !operations.iter().all(is_operation) {
        return Err(OPERATIONS_INVALID);
    }
    notification.insert("operation_type".into(), operation_type.into());
    notification.insert("operations".into(), operations.into());

    if let Some(users) = present(body, "notify_user_list") {
        let groups = users.as_array().ok_or(BODY_INVALID)?;
        let counts: Option<Vec<usize>> = groups.iter().map(users_in_group).collect();
        if groups.len() > 10 || counts.ok_or(BODY_INVALID)?.iter().sum::<usize>() > 50 {
            return Err(BODY_INVALID);
        }
        notification.insert("notify_user_list".into(), users.clone());
    }

    match present(body, "topic_id") {
        None => {}
        Some(Value::String(urn)) if urn.is_empty() => {}
        Some(Value::String(urn)) if is_topic(urn, settings) => {
            notification.insert("topic_id".into(), urn.as_str().into());
        }
        Some(Value::String(_)) => return Err(TOPIC_NOT_FOUND),
        Some(_) => return Err(BODY_INVALID),
    }

    if let Some(filter) = present(body, "filter") {
        if !is_filter(filter) {
            return Err(BODY_INVALID);
        }
        notification.insert("filter".into(), filter.clone());
    }

    if let Some(agency) = present(body, "agency_name") {
        if agency != "cts_admin_trust" || settings.is_otc() {
            return Err(BODY_INVALID);
        }
        notification.insert("agency_name".into(), agency.clone());
    }
    Ok(notification)
}

/// Returns the value of a field that is there and not null.
fn present<'o>(object: &'o Object, field: &str) -> Option<&'o Value> {
    object.get(field).filter(|value| !value.is_null())
}

fn is_string(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str).is_some_and(|string| !string.is_empty())
}

fn is_operation(operation: &Value) -> bool {
    is_string(operation.get("service_type"))
        && is_string(operation.get("resource_type"))
        && operation.get("trace_names").and_then(Value::as_array).is_some_and(|names| {
            !names.is_empty() && names.iter().all(|name| is_string(Some(name)))
        })
}

fn users_in_group(group: &Value) -> Option<usize> {
    let users = group.get("user_list")?.as_array()?;
    let complete =
        is_string(group.get("user_group")) && users.iter().all(|user| is_string(Some(user)));
    complete.then_some(users.len())
}

/// Returns `true` for `urn:smn:<region>:<project>:<topic>` or
/// `urn:fss:<region>:<project>:function:<package>:<function>[:<version>]`.
fn is_topic(urn: &str, settings: &Settings) -> bool {
    let parts: Vec<&str> = urn.split(':').collect();
    let is_complete = parts.iter().all(|part| !part.is_empty());
    match parts.as_slice() {
        ["urn", "smn", _, _, _] => is_complete,
        ["urn", "fss", _, _, "function", _, _] | ["urn", "fss", _, _, "function", _, _, _] => {
            is_complete && !settings.is_otc()
        }
        _ => false,
    }
}

fn is_filter(filter: &Value) -> bool {
    matches!(filter.get("condition").and_then(Value::as_str), Some("AND" | "OR"))
        && filter.get("is_support_filter").is_some_and(Value::is_boolean)
        && filter
            .get("rule")
            .and_then(Value::as_array)
            .is_some_and(|rules| rules.iter().all(|rule| rule.as_str().is_some_and(is_filter_rule)))
}

fn is_filter_rule(rule: &str) -> bool {
    let words: Vec<&str> = rule.splitn(3, ' ').collect();
    let [field, "=" | "!=", value] = words.as_slice() else { return false };
    let one_of = |values: &[&str]| values.contains(value);
    match *field {
        "trace_rating" => one_of(&["normal", "warning", "incident"]),
        "trace_type" => one_of(&["ConsoleAction", "ApiCall", "SystemAction"]),
        "api_version" => {
            (1..=64).contains(&value.len())
                && value
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        }
        "code" | "resource_name" => (1..=256).contains(&value.chars().count()),
        "resource_id" => (1..=350).contains(&value.chars().count()),
        _ => false,
    }
}
