//! Comparing the desired state with a notification.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::NotificationSpec;
use crate::notification::{
    Fields, Filter, FilterCondition, FilterRule, Notification, NotificationStatus, NotifyUsers,
    Operation, OperationType, TopicUrn, nonempty,
};

/// A field of a notification that differs from the desired state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The field, as the API names it.
    pub field: &'static str,
    /// The current value. Lists are sorted and without repetitions, because their order means
    /// nothing. `null`: no value.
    pub before: Value,
    /// The desired value.
    pub after: Value,
}

/// Returns the fields of a new notification, without its name.
pub(super) fn fields_of_new(desired: &NotificationSpec) -> Vec<Difference> {
    let Normal {
        notification_name: _,
        operation_type,
        operations,
        notify_user_list,
        filter,
        topic_id,
        agency_name,
        status,
    } = Normal::of(desired.fields());
    let field = |field, after| Difference { field, before: Value::Null, after };
    let mut fields = vec![
        field("operation_type", json(&operation_type)),
        field("operations", json(&operations)),
        field("notify_user_list", json(&notify_user_list)),
        field("filter", json(&filter)),
        field("topic_id", json(&topic_id)),
        field("agency_name", json(&agency_name)),
        field("status", json(&status)),
    ];
    fields.retain(|field| !field.after.is_null());
    fields
}

/// Returns the fields of a notification that are not in the desired state.
pub(super) fn differences(desired: &NotificationSpec, current: &Notification) -> Vec<Difference> {
    let before = Normal::of(Fields::of(current));
    let Normal {
        notification_name,
        operation_type,
        operations,
        notify_user_list,
        filter,
        topic_id,
        agency_name,
        status,
    } = Normal::of(desired.fields());
    let are_complete =
        [before.operation_type, operation_type].iter().all(|of| **of == OperationType::Complete);
    let mut differences = Differences { current, found: Vec::new() };
    differences.compare("notification_name", &before.notification_name, &notification_name);
    differences.compare("operation_type", &before.operation_type, &operation_type);
    // A complete notification has no operations, whatever the service keeps.
    if !are_complete {
        differences.compare("operations", &before.operations, &operations);
    }
    differences.compare("notify_user_list", &before.notify_user_list, &notify_user_list);
    differences.compare("filter", &before.filter, &filter);
    differences.compare("topic_id", &before.topic_id, &topic_id);
    // A spec without an agency leaves it as it is.
    if agency_name.is_some() {
        differences.compare("agency_name", &before.agency_name, &agency_name);
    }
    differences.compare("status", &before.status, &status);
    differences.found
}

struct Differences<'n> {
    current: &'n Notification,
    found: Vec<Difference>,
}

impl Differences<'_> {
    fn compare<T: PartialEq + Serialize>(&mut self, field: &'static str, before: &T, after: &T) {
        // A field that could not be read is different from any value, and from none.
        let unread = self.current.other.get(field).filter(|value| !value.is_null());
        if unread.is_some() || before != after {
            let before = unread.cloned().unwrap_or_else(|| json(before));
            self.found.push(Difference { field, before, after: json(after) });
        }
    }
}

/// Returns a value as it is shown. Strings, lists and booleans always convert.
fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The fields in a form that is equal for everything that means the same. An absent field is the
/// same as an empty one.
struct Normal<'n> {
    notification_name: &'n str,
    operation_type: &'n OperationType,
    operations: Operations<'n>,
    notify_user_list: Users<'n>,
    filter: Option<NormalFilter<'n>>,
    topic_id: Option<&'n TopicUrn>,
    agency_name: Option<&'n str>,
    status: Option<&'n NotificationStatus>,
}

impl<'n> Normal<'n> {
    fn of(fields: Fields<'n>) -> Self {
        let Fields {
            notification_name,
            operation_type,
            operations,
            notify_user_list,
            status,
            topic_id,
            filter,
            agency_name,
        } = fields;
        Self {
            notification_name,
            operation_type,
            operations: Operations::of(match operation_type {
                OperationType::Complete => &[],
                _ => operations,
            }),
            notify_user_list: Users::of(notify_user_list),
            filter: filter.filter(|filter| !is_empty_filter(filter)).map(NormalFilter::of),
            topic_id: nonempty(topic_id),
            agency_name: agency_name.filter(|agency| !agency.is_empty()),
            status,
        }
    }
}

/// The names of operations, by service and type of resource.
#[derive(PartialEq)]
struct Operations<'n>(BTreeMap<(&'n str, &'n str), BTreeSet<&'n str>>);

impl<'n> Operations<'n> {
    fn of(operations: &'n [Operation]) -> Self {
        let mut merged: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
        for Operation { service_type, resource_type, trace_names, other: _ } in operations {
            let names = merged.entry((service_type.as_str(), resource_type.as_str())).or_default();
            names.extend(trace_names.iter().map(String::as_str));
        }
        Self(merged)
    }
}

impl Serialize for Operations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Item<'n> {
            service_type: &'n str,
            resource_type: &'n str,
            trace_names: &'n BTreeSet<&'n str>,
        }

        if self.0.is_empty() {
            return serializer.serialize_none();
        }
        serializer.collect_seq(self.0.iter().map(|((service_type, resource_type), trace_names)| {
            Item { service_type, resource_type, trace_names }
        }))
    }
}

/// The names of users, by group.
#[derive(PartialEq)]
struct Users<'n>(BTreeMap<&'n str, BTreeSet<&'n str>>);

impl<'n> Users<'n> {
    fn of(users: &'n [NotifyUsers]) -> Self {
        let mut merged: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for NotifyUsers { user_group, user_list, other: _ } in users {
            merged.entry(user_group).or_default().extend(user_list.iter().map(String::as_str));
        }
        Self(merged)
    }
}

impl Serialize for Users<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Item<'n> {
            user_group: &'n str,
            user_list: &'n BTreeSet<&'n str>,
        }

        if self.0.is_empty() {
            return serializer.serialize_none();
        }
        serializer.collect_seq(
            self.0.iter().map(|(user_group, user_list)| Item { user_group, user_list }),
        )
    }
}

#[derive(PartialEq, Serialize)]
struct NormalFilter<'n> {
    condition: &'n FilterCondition,
    is_support_filter: bool,
    rule: BTreeSet<&'n FilterRule>,
}

impl<'n> NormalFilter<'n> {
    fn of(filter: &'n Filter) -> Self {
        let Filter { condition, is_support_filter, rule, other: _ } = filter;
        Self { condition, is_support_filter: *is_support_filter, rule: rule.iter().collect() }
    }
}

/// Returns `true` for a filter without filter rules: it is the same as none.
pub(super) fn is_empty_filter(filter: &Filter) -> bool {
    filter.rule.is_empty()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::notification::{CreateNotification, UpdateNotification};

    const TOPIC: &str = "urn:smn:cn-north-4:p1:a";

    fn operations() -> [Operation; 2] {
        [Operation::new("IAM", "user", ["login", "logout"]), Operation::new("ECS", "ecs", ["stop"])]
    }

    fn desired() -> NotificationSpec {
        let filter = Filter::all(["code != 200".into(), "trace_type = ApiCall".into()]);
        let request = CreateNotification::customized("a", operations())
            .topic(TOPIC)
            .notify_users("g", ["u", "v"]);
        NotificationSpec::new(request.filter(filter))
    }

    fn current() -> Value {
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

    fn read(notification: &Value) -> Notification {
        crate::wire::response::one(notification.to_string().as_bytes()).unwrap()
    }

    fn fields(desired: &NotificationSpec, current: &Value) -> String {
        differences(desired, &read(current))
            .iter()
            .map(|difference| difference.field)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Each row changes one field of a notification in the desired state, and names the fields that
    /// differ then.
    #[test]
    fn a_field_differs_only_if_it_means_something_else() {
        let ecs = json!({ "service_type": "ECS", "resource_type": "ecs", "trace_names": ["stop"] });
        let iam = |names: Value| json!({ "service_type": "IAM", "resource_type": "user", "trace_names": names });
        let group = |users: Value| json!({ "user_group": "g", "user_list": users });
        let filter = |condition: &str, on: bool, rule: Value| json!({ "condition": condition, "is_support_filter": on, "rule": rule });
        let rules = json!(["code != 200", "trace_type = ApiCall"]);
        let rows: &[(&str, Value, &str)] = &[
            ("notification_name", json!("b"), "notification_name"),
            ("operations", json!([ecs, iam(json!(["logout", "login"]))]), ""),
            (
                "operations",
                json!([iam(json!(["logout"])), ecs, iam(json!(["login", "logout"]))]),
                "",
            ),
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
            (
                "filter",
                filter("AND", true, json!(["trace_type = ApiCall", "code != 200", "code != 200"])),
                "",
            ),
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
        for (field, value, differs) in rows {
            let mut changed = current();
            changed[*field] = value.clone();
            assert_eq!(fields(&desired(), &changed), *differs, "{field}: {value}");
        }
    }

    #[test]
    fn absent_and_empty_are_the_same_on_either_side() {
        let bare = json!({
            "notification_id": "id", "notification_name": "a", "operation_type": "complete", "status": "disabled",
        });
        let mut empty = bare.clone();
        for (field, value) in
            [("operations", json!([])), ("notify_user_list", json!([])), ("topic_id", json!(""))]
        {
            empty[field] = value;
        }
        empty["filter"] = json!({ "condition": "AND", "is_support_filter": true, "rule": [] });
        // Operations mean nothing in a complete notification.
        let mut odd = bare.clone();
        odd["operations"] = json!([{ "service_type": "IAM" }]);
        let absent = NotificationSpec::new(CreateNotification::complete("a"));
        let nothing = CreateNotification::complete("a")
            .topic("")
            .notify_user_list([])
            .filter(Filter::all([]));
        for desired in [absent, NotificationSpec::new(nothing).status("disabled")] {
            for current in [&bare, &empty, &odd] {
                assert_eq!(fields(&desired, current), "", "{current}");
            }
        }
    }

    #[test]
    fn the_agency_is_compared_only_if_the_spec_has_one() {
        let with_agency =
            NotificationSpec::new(desired().request().clone().agency("cts_admin_trust"));
        assert_eq!(fields(&with_agency, &current()), "agency_name");
        let mut changed = current();
        changed["agency_name"] = json!("cts_admin_trust");
        assert_eq!(fields(&with_agency, &changed), "");
    }

    /// A field that can't be read is not absent: a plan shows that it would be cleared.
    #[test]
    fn a_field_that_can_not_be_read_differs_from_an_absent_one() {
        let bare = NotificationSpec::new(CreateNotification::customized("a", operations()));
        for (field, odd) in [
            ("filter", json!("odd")),
            ("notify_user_list", json!({ "odd": 1 })),
            ("topic_id", json!(7)),
        ] {
            let mut changed = current();
            for absent in ["filter", "notify_user_list", "topic_id"] {
                changed[absent] = Value::Null;
            }
            changed["status"] = json!("disabled");
            assert_eq!(fields(&bare, &changed), "");
            changed[field] = odd.clone();
            let difference = Difference { field, before: odd, after: Value::Null };
            assert_eq!(differences(&bare, &read(&changed)), [difference]);
        }
    }

    /// What the spec does not set, readable or not, and nothing else.
    #[test]
    fn an_update_keeps_what_the_spec_does_not_set() {
        let mut changed = current();
        changed["agency_name"] = json!({ "name": "of a later version" });
        changed["filter"] = json!("odd");
        let bare = NotificationSpec::new(CreateNotification::complete("b"));
        let update =
            serde_json::to_value(bare.over(UpdateNotification::from_current(&read(&changed))))
                .unwrap();
        assert_eq!(
            update,
            json!({
                "notification_id": "id", "notification_name": "b", "operation_type": "complete", "status": "disabled",
                "agency_name": { "name": "of a later version" },
            })
        );
    }
}
