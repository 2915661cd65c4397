//! The notifications of one project, as the fake keeps them: JSON in, JSON out, with none of the client's own models, so
//! that a mistake in those is not made twice.

use std::collections::HashSet;
use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::response::{
    BODY_INVALID, NAME_EXISTS, NAME_INVALID, NOT_FOUND, OPERATIONS_INVALID, QUOTA_EXCEEDED, Refusal, STATUS_INVALID,
    TOPIC_NOT_FOUND, TOPIC_REQUIRED, TYPE_UNSUPPORTED,
};

/// How many notifications a project can have.
pub(super) const QUOTA: usize = 100;

type Object = Map<String, Value>;

/// One project's notifications, in the order of their creation.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<Object>);

/// What a cloud does differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cloud {
    Huawei,
    OpenTelekom,
}

/// What a new rule gets from outside.
pub(super) struct Birth {
    pub(super) id: String,
    pub(super) project_id: String,
    pub(super) created: SystemTime,
}

impl Rules {
    pub(super) fn all(&self) -> &[Object] {
        &self.0
    }

    pub(super) fn create(&mut self, body: &[u8], cloud: Cloud, birth: Birth) -> Result<Value, Refusal> {
        let mut rule = read_rule(&object(body)?, cloud)?;
        if self.is_taken(text(&rule, "notification_name"), None) {
            return Err(NAME_EXISTS);
        }
        if self.0.len() >= QUOTA {
            return Err(QUOTA_EXCEEDED);
        }
        let (status, kind) = match text(&rule, "topic_id") {
            None => ("disabled", "smn"),
            Some(urn) if urn.starts_with("urn:fss:") => ("enabled", "fun"),
            Some(_) => ("enabled", "smn"),
        };
        rule.insert("status".into(), status.into());
        rule.insert("notification_type".into(), kind.into());
        rule.insert("notification_id".into(), birth.id.into());
        rule.insert("create_time".into(), millis(birth.created).into());
        if cloud == Cloud::OpenTelekom {
            rule.insert("domain_id".into(), "2b2b3853af40448fcb9e40d9f89505ba".into());
        }
        rule.insert("project_id".into(), birth.project_id.into());
        self.0.push(rule.clone());
        Ok(Value::Object(rule))
    }

    pub(super) fn list(&self, kind: &str, name: Option<&str>, cloud: Cloud) -> Result<Value, Refusal> {
        if kind != "smn" && (kind != "fun" || cloud == Cloud::OpenTelekom) {
            return Err(TYPE_UNSUPPORTED);
        }
        let found: Vec<&Object> = self
            .0
            .iter()
            .filter(|rule| text(rule, "notification_type") == Some(kind))
            .filter(|rule| name.is_none_or(|name| text(rule, "notification_name") == Some(name)))
            .collect();
        if found.is_empty() && name.is_some() && cloud == Cloud::OpenTelekom {
            return Err(NOT_FOUND);
        }
        Ok(json!({"notifications": found}))
    }

    pub(super) fn update(&mut self, body: &[u8], cloud: Cloud) -> Result<Value, Refusal> {
        let body = object(body)?;
        let id = text(&body, "notification_id").ok_or(BODY_INVALID)?;
        let index = self.0.iter().position(|rule| text(rule, "notification_id") == Some(id)).ok_or(NOT_FOUND)?;
        let mut rule = read_rule(&body, cloud)?;
        if self.is_taken(text(&rule, "notification_name"), Some(id)) {
            return Err(NAME_EXISTS);
        }
        let Some(status @ ("enabled" | "disabled")) = text(&body, "status") else { return Err(STATUS_INVALID) };
        if status == "enabled" && !rule.contains_key("topic_id") {
            return Err(TOPIC_REQUIRED);
        }
        rule.insert("status".into(), status.into());
        let old = self.0.get_mut(index).ok_or(NOT_FOUND)?;
        // The service's own members stay; the type follows the topic.
        for member in ["notification_id", "create_time", "domain_id", "project_id", "notification_type"] {
            if let Some(value) = old.get(member) {
                rule.insert(member.to_owned(), value.clone());
            }
        }
        if let Some(urn) = text(&rule, "topic_id") {
            let kind = if urn.starts_with("urn:fss:") { "fun" } else { "smn" };
            rule.insert("notification_type".into(), kind.into());
        }
        old.clone_from(&rule);
        Ok(Value::Object(rule))
    }

    /// Deletes those that exist. One that does not makes the answer a 404, as documented for a deletion in part.
    pub(super) fn delete(&mut self, ids: &HashSet<&str>) -> Result<(), Refusal> {
        let characters: usize = ids.iter().map(|id| id.chars().count() + 1).sum();
        if ids.is_empty() || ids.contains("") || characters > 401 {
            return Err(BODY_INVALID);
        }
        let before = self.0.len();
        self.0.retain(|rule| !text(rule, "notification_id").is_some_and(|id| ids.contains(id)));
        if before - self.0.len() == ids.len() { Ok(()) } else { Err(NOT_FOUND) }
    }

    fn is_taken(&self, name: Option<&str>, except: Option<&str>) -> bool {
        self.0.iter().any(|rule| text(rule, "notification_name") == name && text(rule, "notification_id") != except)
    }
}

fn millis(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH).ok().and_then(|since| since.as_millis().try_into().ok()).unwrap_or(0)
}

fn object(body: &[u8]) -> Result<Object, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(BODY_INVALID),
    }
}

fn text<'o>(object: &'o Object, member: &str) -> Option<&'o str> {
    object.get(member).and_then(Value::as_str)
}

/// The members that create and update share, checked, and only those.
fn read_rule(body: &Object, cloud: Cloud) -> Result<Object, Refusal> {
    let mut rule = Object::new();

    // The console takes letters, digits, `_` and Chinese characters only; the API's pages state no rule.
    let name = match body.get("notification_name") {
        None | Some(Value::Null) => return Err(BODY_INVALID),
        Some(Value::String(name)) if (1..=64).contains(&name.chars().count()) => name,
        Some(_) => return Err(NAME_INVALID),
    };
    rule.insert("notification_name".into(), name.as_str().into());

    let operation_type = text(body, "operation_type").ok_or(BODY_INVALID)?;
    let operations = match (operation_type, present(body, "operations")) {
        // The operations of a complete rule say nothing, and are not kept.
        ("complete", _) => Vec::new(),
        ("customized", Some(Value::Array(operations))) if !operations.is_empty() => operations.clone(),
        ("customized", _) => return Err(OPERATIONS_INVALID),
        _ => return Err(BODY_INVALID),
    };
    if !operations.iter().all(is_operation) {
        return Err(OPERATIONS_INVALID);
    }
    rule.insert("operation_type".into(), operation_type.into());
    rule.insert("operations".into(), operations.into());

    if let Some(users) = present(body, "notify_user_list") {
        let groups = users.as_array().ok_or(BODY_INVALID)?;
        let counts: Option<Vec<usize>> = groups.iter().map(users_in_group).collect();
        if groups.len() > 10 || counts.ok_or(BODY_INVALID)?.iter().sum::<usize>() > 50 {
            return Err(BODY_INVALID);
        }
        rule.insert("notify_user_list".into(), users.clone());
    }

    match present(body, "topic_id") {
        None => {}
        Some(Value::String(urn)) if urn.is_empty() => {}
        Some(Value::String(urn)) if is_topic(urn, cloud) => {
            rule.insert("topic_id".into(), urn.as_str().into());
        }
        Some(Value::String(_)) => return Err(TOPIC_NOT_FOUND),
        Some(_) => return Err(BODY_INVALID),
    }

    if let Some(filter) = present(body, "filter") {
        if !is_filter(filter) {
            return Err(BODY_INVALID);
        }
        rule.insert("filter".into(), filter.clone());
    }

    if let Some(agency) = present(body, "agency_name") {
        if agency != "cts_admin_trust" || cloud == Cloud::OpenTelekom {
            return Err(BODY_INVALID);
        }
        rule.insert("agency_name".into(), agency.clone());
    }
    Ok(rule)
}

/// A member that is there and not null.
fn present<'o>(object: &'o Object, member: &str) -> Option<&'o Value> {
    object.get(member).filter(|value| !value.is_null())
}

fn is_text(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str).is_some_and(|text| !text.is_empty())
}

fn is_operation(operation: &Value) -> bool {
    is_text(operation.get("service_type"))
        && is_text(operation.get("resource_type"))
        && operation
            .get("trace_names")
            .and_then(Value::as_array)
            .is_some_and(|names| !names.is_empty() && names.iter().all(|name| is_text(Some(name))))
}

fn users_in_group(group: &Value) -> Option<usize> {
    let users = group.get("user_list")?.as_array()?;
    let complete = is_text(group.get("user_group")) && users.iter().all(|user| is_text(Some(user)));
    complete.then_some(users.len())
}

/// `urn:smn:<region>:<project>:<topic>` or `urn:fss:<region>:<project>:function:<package>:<function>[:<version>]`.
fn is_topic(urn: &str, cloud: Cloud) -> bool {
    let parts: Vec<&str> = urn.split(':').collect();
    let whole = parts.iter().all(|part| !part.is_empty());
    match parts.as_slice() {
        ["urn", "smn", _, _, _] => whole,
        ["urn", "fss", _, _, "function", _, _] | ["urn", "fss", _, _, "function", _, _, _] => {
            whole && cloud == Cloud::Huawei
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
                && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
        }
        "code" | "resource_name" => (1..=256).contains(&value.chars().count()),
        "resource_id" => (1..=350).contains(&value.chars().count()),
        _ => false,
    }
}
