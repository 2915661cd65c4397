//! Whether a notification has changed since a plan was made.

use serde_json::{Map, Value};

use super::NotificationSpec;
use super::difference::differences;
use super::plan::{Step, Work};
use super::present::Present;
use crate::notification::{Notification, NotificationId};

/// What a step of a plan finds when it is applied.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    /// Everything that the step is about is as it was when the plan was made.
    AsPlanned,
    /// Nothing is left to do: the desired state has been reached. The id is that of the
    /// notification, if there is one.
    AsDesired(Option<NotificationId>),
    /// What the step was made from changed in this way.
    Changed(String),
}

impl Present<'_> {
    /// Compares what a step was made from with what exists.
    pub(super) fn find(&self, step: &Step) -> Found {
        match &step.work {
            Work::Create(desired) => self.find_nothing(desired),
            Work::Nothing { desired, current } => match self.change_of(current) {
                None => Found::AsDesired(Some(current.notification_id.clone())),
                Some(change) => self.find_desired(desired, change),
            },
            Work::Update { desired, current } => match self.change_of(current) {
                None if desired.name() == current.notification_name => Found::AsPlanned,
                None => match self.named(Some(desired.name())) {
                    [] => Found::AsPlanned,
                    [other, ..] => Found::Changed(now_named(other)),
                },
                Some(change) => self.find_desired(desired, change),
            },
            Work::Delete { current } => {
                match (self.change_of(current), self.named(Some(&current.notification_name))) {
                    (None, _) => Found::AsPlanned,
                    // Neither the id nor the name exists any more.
                    (Some(_), []) if self.with_id(&current.notification_id).is_none() => {
                        Found::AsDesired(None)
                    }
                    (Some(change), _) => Found::Changed(change),
                }
            }
            Work::Conflict { .. } => Found::AsPlanned,
        }
    }

    /// For a step that found neither the name nor the former name.
    fn find_nothing(&self, desired: &NotificationSpec) -> Found {
        match (self.named(Some(desired.name())), self.named(desired.former_name())) {
            ([], []) => Found::AsPlanned,
            ([found], []) => find_taken(desired, found),
            ([other, ..], _) | ([], [other, ..]) => Found::Changed(now_named(other)),
        }
    }

    /// For a step whose notification has changed. If it is in the desired state anyway, nothing is
    /// left to do.
    fn find_desired(&self, desired: &NotificationSpec, change: String) -> Found {
        match (self.named(Some(desired.name())), self.named(desired.former_name())) {
            ([found], []) if differences(desired, found).is_empty() => {
                Found::AsDesired(Some(found.notification_id.clone()))
            }
            _ => Found::Changed(change),
        }
    }

    /// Returns what happened to a notification since it was read, or `None` if nothing did.
    fn change_of(&self, before: &Notification) -> Option<String> {
        let Some(now) = self.with_id(&before.notification_id) else {
            return Some(match self.named(Some(&before.notification_name)) {
                [] => "it was deleted".to_owned(),
                [other, ..] => {
                    format!("it was deleted, and created again as {}", other.notification_id)
                }
            });
        };
        if now.notification_name != before.notification_name {
            return Some(format!("it was renamed to {:?}", now.notification_name));
        }
        let fields = edited(before, now);
        (!fields.is_empty()).then(|| format!("it was edited ({})", fields.join(", ")))
    }
}

/// For a create whose name is in use: the notification is adopted only if it is in the desired
/// state.
pub(super) fn find_taken(desired: &NotificationSpec, found: &Notification) -> Found {
    let differences = differences(desired, found);
    if differences.is_empty() {
        return Found::AsDesired(Some(found.notification_id.clone()));
    }
    let fields: Vec<&str> = differences.iter().map(|difference| difference.field).collect();
    let id = &found.notification_id;
    Found::Changed(format!(
        "there is a notification of this name now, {id}, that differs in {}",
        fields.join(", ")
    ))
}

fn now_named(other: &Notification) -> String {
    format!(
        "there is a notification named {:?} now, {}",
        other.notification_name, other.notification_id
    )
}

/// Returns the fields in which a notification differs from itself as it was read before. Everything
/// that a user could see or lose counts, including fields that this version does not know: the
/// service changes none by itself.
pub(super) fn edited(before: &Notification, now: &Notification) -> Vec<String> {
    if before == now {
        return Vec::new();
    }
    let (Some(before), Some(now)) = (fields(before), fields(now)) else {
        return vec!["some fields".to_owned()];
    };
    let names = before.keys().chain(now.keys().filter(|name| !before.contains_key(*name)));
    names.filter(|name| before.get(*name) != now.get(*name)).cloned().collect()
}

/// Returns the fields as JSON. Absent and `null` are the same, and the order within operations,
/// users and a filter does not matter.
fn fields(notification: &Notification) -> Option<Map<String, Value>> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(notification) else { return None };
    fields.retain(|_, value| !value.is_null());
    for name in ["operations", "notify_user_list", "filter"] {
        if let Some(value) = fields.get_mut(name) {
            sort(value);
        }
    }
    Some(fields)
}

fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            items.sort_by_cached_key(Value::to_string);
        }
        Value::Object(fields) => fields.values_mut().for_each(sort),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Each row changes a notification as it was read, and names the fields that count as edited.
    #[test]
    fn whatever_a_user_could_see_or_lose_counts_as_edited() {
        let read = |value: &Value| -> Notification {
            crate::wire::response::one(value.to_string().as_bytes()).unwrap()
        };
        let before = json!({
            "notification_id": "1", "notification_name": "n", "notification_type": "smn", "status": "enabled",
            "operation_type": "customized", "topic_id": "urn:smn:r:p:a", "project_id": "p", "create_time": 1,
            "operations": [
                { "service_type": "IAM", "resource_type": "user", "trace_names": ["login", "logout"] },
                { "service_type": "ECS", "resource_type": "ecs", "trace_names": ["stop"], "new": 1 },
            ],
            "notify_user_list": [{ "user_group": "g", "user_list": ["u", "v"] }],
            "filter": { "condition": "AND", "is_support_filter": true, "rule": ["code != 200", "code != 201"] },
            "tags": ["a", "b"],
        });
        let rows: [(&str, Value, &str); 14] = [
            ("status", json!("disabled"), "status"),
            ("topic_id", Value::Null, "topic_id"),
            ("agency_name", json!("cts_admin_trust"), "agency_name"),
            ("agency_name", Value::Null, ""),
            ("create_time", json!(2), "create_time"),
            ("notification_type", json!("fun"), "notification_type"),
            ("/operations/0/trace_names", json!(["logout", "login"]), ""),
            ("/operations/0/trace_names", json!(["login"]), "operations"),
            ("/operations/1/new", json!(2), "operations"),
            ("/notify_user_list/0/user_list", json!(["v", "u"]), ""),
            ("/filter/rule", json!(["code != 201", "code != 200"]), ""),
            ("/filter/is_support_filter", json!(false), "filter"),
            ("tags", json!(["b", "a"]), "tags"),
            ("later", Value::Null, ""),
        ];
        for (path, value, fields) in rows {
            let mut now = before.clone();
            match now.pointer_mut(path).filter(|_| path.starts_with('/')) {
                Some(at) => *at = value.clone(),
                None => now[path] = value.clone(),
            }
            assert_eq!(edited(&read(&before), &read(&now)).join(" "), fields, "{path}: {value}");
            assert_eq!(
                edited(&read(&now), &read(&before)).join(" "),
                fields,
                "{path}: {value}, undone"
            );
        }
    }
}
