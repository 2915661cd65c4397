//! What differs between a wanted rule and one that is there: a comparison of data, without a service.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::NotificationSpec;
use crate::notification::{
    Filter, Notification, NotificationStatus, NotifyUsers, Operation, OperationType, Rule, TopicUrn, UpdateNotification,
};

/// A field of a notification that differs from the desired state.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The field, as the API names it.
    pub member: &'static str,
    /// The current value. Lists are sorted and without repetitions, because their order means nothing. `null`: no value.
    pub before: Value,
    /// The desired value.
    pub after: Value,
}

/// Returns the fields of a new notification, without its name.
pub(super) fn members(wanted: &NotificationSpec) -> Vec<Difference> {
    let all = forms(wanted.rule(), &wanted.wanted_status());
    let after = |(member, after)| Difference { member, before: Value::Null, after };
    all.into_iter().skip(1).filter(|(_, form)| !form.is_null()).map(after).collect()
}

/// The members of a rule that are not as wanted.
pub(super) fn differences(wanted: &NotificationSpec, current: &Notification) -> Vec<Difference> {
    let kept = UpdateNotification::from_current(current);
    let unread = |member| kept.unread(member).cloned();
    let is_complete = wanted.rule().operation_type == OperationType::Complete;
    let before = forms(kept.rule(), kept.wanted_status());
    let after = forms(wanted.rule(), &wanted.wanted_status());
    before
        .into_iter()
        .zip(after)
        .map(|((member, before), (_, after))| Difference { member, before: unread(member).unwrap_or(before), after })
        .filter(|Difference { member, before, after }| match *member {
            // Where it is not named, it is left alone.
            "agency_name" => !after.is_null() && before != after,
            // A complete rule has none, whatever it keeps.
            "operations" if is_complete && kept.rule().operation_type == OperationType::Complete => false,
            _ => before != after,
        })
        .collect()
}

/// A filter without rules is none.
pub(super) fn is_empty_filter(filter: &Filter) -> bool {
    filter.rule.is_empty()
}

/// The members, the name first, in a form that is equal for all that means the same; `null` for what is absent or empty.
fn forms(rule: &Rule, status: &NotificationStatus) -> [(&'static str, Value); 8] {
    let topic = rule.topic_id.as_ref().map(TopicUrn::as_str).filter(|topic| !topic.is_empty());
    let agency = rule.agency_name.as_deref().filter(|agency| !agency.is_empty());
    let filter = rule.filter.as_ref().filter(|filter| !is_empty_filter(filter));
    let operations = match rule.operation_type {
        OperationType::Complete => Value::Null,
        _ => operations(&rule.operations),
    };
    [
        ("notification_name", json!(rule.notification_name)),
        ("operation_type", json!(rule.operation_type)),
        ("operations", operations),
        ("notify_user_list", users(&rule.notify_user_list)),
        ("filter", filter.map_or(Value::Null, filter_form)),
        ("topic_id", json!(topic)),
        ("agency_name", json!(agency)),
        ("status", json!(status)),
    ]
}

fn operations(operations: &[Operation]) -> Value {
    let mut merged: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
    for Operation { service_type, resource_type, trace_names, other: _ } in operations {
        let names = merged.entry((service_type.as_str(), resource_type.as_str())).or_default();
        names.extend(trace_names.iter().map(String::as_str));
    }
    array(merged.into_iter().map(|((service, resource), names)| {
        json!({ "service_type": service, "resource_type": resource, "trace_names": names })
    }))
}

fn users(users: &[NotifyUsers]) -> Value {
    let mut merged: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for NotifyUsers { user_group, user_list, other: _ } in users {
        merged.entry(user_group).or_default().extend(user_list.iter().map(String::as_str));
    }
    array(merged.into_iter().map(|(group, users)| json!({ "user_group": group, "user_list": users })))
}

fn filter_form(filter: &Filter) -> Value {
    let rules: BTreeSet<_> = filter.rule.iter().collect();
    json!({ "condition": filter.condition, "is_support_filter": filter.is_support_filter, "rule": rules })
}

fn array(items: impl Iterator<Item = Value>) -> Value {
    let items: Vec<Value> = items.collect();
    if items.is_empty() { Value::Null } else { Value::Array(items) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notification::CreateNotification;

    const TOPIC: &str = "urn:smn:cn-north-4:p1:a";

    fn wanted() -> NotificationSpec {
        let operations = [Operation::new("IAM", "user", ["login", "logout"]), Operation::new("ECS", "ecs", ["stop"])];
        let filter = Filter::all(["code != 200".into(), "trace_type = ApiCall".into()]);
        let rule = CreateNotification::customized("a", operations).topic(TOPIC).notify_users("g", ["u", "v"]);
        NotificationSpec::new(rule.filter(filter))
    }

    fn kept() -> Value {
        json!({
            "notification_id": "id", "notification_name": "a", "notification_type": "smn", "status": "enabled",
            "operation_type": "customized", "topic_id": TOPIC, "project_id": "p1", "create_time": 1,
            "operations": [
                { "service_type": "IAM", "resource_type": "user", "trace_names": ["login", "logout"] },
                { "service_type": "ECS", "resource_type": "ecs", "trace_names": ["stop"] },
            ],
            "notify_user_list": [{ "user_group": "g", "user_list": ["u", "v"] }],
            "filter": { "condition": "AND", "is_support_filter": true, "rule": ["code != 200", "trace_type = ApiCall"] },
        })
    }

    fn members(wanted: &NotificationSpec, kept: &Value) -> String {
        let kept: Notification = crate::wire::response::one(kept.to_string().as_bytes()).unwrap();
        differences(wanted, &kept).iter().map(|difference| difference.member).collect::<Vec<_>>().join(" ")
    }

    /// Each row changes one member of what the service keeps, and names what differs then.
    #[test]
    fn what_differs_and_what_does_not() {
        let ecs = json!({ "service_type": "ECS", "resource_type": "ecs", "trace_names": ["stop"] });
        let iam = |names: Value| json!({ "service_type": "IAM", "resource_type": "user", "trace_names": names });
        let group = |users: Value| json!({ "user_group": "g", "user_list": users });
        let filter = |condition: &str, on: bool, rule: Value| json!({ "condition": condition, "is_support_filter": on, "rule": rule });
        let rules = json!(["code != 200", "trace_type = ApiCall"]);
        let rows: &[(&str, Value, &str)] = &[
            ("notification_name", json!("b"), "notification_name"),
            ("operations", json!([ecs, iam(json!(["logout", "login"]))]), ""),
            ("operations", json!([iam(json!(["logout"])), ecs, iam(json!(["login", "logout"]))]), ""),
            ("operations", json!([ecs, iam(json!(["login"]))]), "operations"),
            ("operations", json!([ecs, iam(json!(["login", "Logout"]))]), "operations"),
            ("operations", json!([]), "operations"),
            ("operations", json!({ "odd": 1 }), "operations"),
            ("operation_type", json!("complete"), "operation_type operations"),
            ("operation_type", Value::Null, ""),
            ("operation_type", json!("new"), "operation_type"),
            ("notify_user_list", json!([group(json!(["v", "u", "v"]))]), ""),
            ("notify_user_list", json!([group(json!(["v"])), group(json!(["u"]))]), ""),
            ("notify_user_list", json!([group(json!(["u"]))]), "notify_user_list"),
            ("notify_user_list", Value::Null, "notify_user_list"),
            ("filter", filter("AND", true, json!(["trace_type = ApiCall", "code != 200", "code != 200"])), ""),
            ("filter", filter("OR", true, rules.clone()), "filter"),
            ("filter", filter("AND", false, rules), "filter"),
            ("filter", filter("AND", true, json!([])), "filter"),
            ("filter", json!("odd"), "filter"),
            ("topic_id", json!(""), "topic_id"),
            ("topic_id", json!("urn:fss:cn-north-4:p1:function:default:f"), "topic_id"),
            ("agency_name", json!("cts_admin_trust"), ""),
            ("status", json!("disabled"), "status"),
            ("status", Value::Null, ""),
            ("domain_id", json!("d"), ""),
            ("tags", json!([{ "key": "new" }]), ""),
        ];
        for (member, value, differs) in rows {
            let mut rule = kept();
            rule[*member] = value.clone();
            assert_eq!(members(&wanted(), &rule), *differs, "{member}: {value}");
        }
    }

    #[test]
    fn absent_and_empty_are_the_same_on_either_side() {
        let bare = json!({
            "notification_id": "id", "notification_name": "a", "operation_type": "complete", "status": "disabled",
        });
        let mut empty = bare.clone();
        for (member, value) in [("operations", json!([])), ("notify_user_list", json!([])), ("topic_id", json!(""))] {
            empty[member] = value;
        }
        empty["filter"] = json!({ "condition": "AND", "is_support_filter": true, "rule": [] });
        // What it keeps of operations means nothing in a complete rule.
        let mut odd = bare.clone();
        odd["operations"] = json!([{ "service_type": "IAM" }]);
        let absent = NotificationSpec::new(CreateNotification::complete("a"));
        let nothing = CreateNotification::complete("a").topic("").notify_user_list([]).filter(Filter::all([]));
        for wanted in [absent, NotificationSpec::new(nothing).status("disabled")] {
            for kept in [&bare, &empty, &odd] {
                assert_eq!(members(&wanted, kept), "", "{kept}");
            }
        }
    }

    #[test]
    fn the_agency_is_compared_where_it_is_named() {
        let wanted = NotificationSpec::new(wanted().request().clone().agency("cts_admin_trust"));
        assert_eq!(members(&wanted, &kept()), "agency_name");
        let mut rule = kept();
        rule["agency_name"] = json!("cts_admin_trust");
        assert_eq!(members(&wanted, &rule), "");
    }

    /// A field that can't be read is no absent field: a plan that wants none there shows what it would clear.
    #[test]
    fn a_field_that_can_not_be_read_differs_from_none() {
        let bare = NotificationSpec::new(CreateNotification::customized("a", wanted().rule().operations.clone()));
        for (member, odd) in
            [("filter", json!("odd")), ("notify_user_list", json!({ "odd": 1 })), ("topic_id", json!(7))]
        {
            let mut rule = kept();
            for absent in ["filter", "notify_user_list", "topic_id"] {
                rule[absent] = Value::Null;
            }
            rule["status"] = json!("disabled");
            assert_eq!(members(&bare, &rule), "");
            rule[member] = odd.clone();
            let kept: Notification = crate::wire::response::one(rule.to_string().as_bytes()).unwrap();
            let difference = Difference { member, before: odd, after: Value::Null };
            assert_eq!(differences(&bare, &kept), [difference]);
        }
    }

    /// An update carries what the set does not own, readable or not, and nothing else of the old rule.
    #[test]
    fn an_update_keeps_what_the_set_does_not_own() {
        let mut rule = kept();
        rule["agency_name"] = json!({ "name": "of a later version" });
        rule["filter"] = json!("odd");
        let current: Notification = crate::wire::response::one(rule.to_string().as_bytes()).unwrap();
        let bare = NotificationSpec::new(CreateNotification::complete("b"));
        let update = serde_json::to_value(bare.over(UpdateNotification::from_current(&current))).unwrap();
        assert_eq!(
            update,
            json!({
                "notification_id": "id", "notification_name": "b", "operation_type": "complete", "status": "disabled",
                "agency_name": { "name": "of a later version" },
            })
        );
    }
}
