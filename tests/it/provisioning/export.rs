//! Specs of notifications that exist.

use proptest::prelude::*;
use serde_json::Map;

use super::*;

/// Any value of a field, also those that no cloud accepts.
fn string() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-zA-Z0-9:_]{1,8}", "\\PC{1,4}"]
}

fn strings() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(string(), 0..3)
}

fn unknown() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(
        "not_documented_[a-z]{1,3}",
        any::<i32>().prop_map(Value::from),
        0..2,
    )
    .prop_map(|fields| fields.into_iter().collect())
}

fn with(mut part: Value, unknown: Map<String, Value>) -> Value {
    part.as_object_mut().unwrap().extend(unknown);
    part
}

prop_compose! {
    fn operation()(service in string(), resource in string(), names in strings(), unknown in unknown()) -> Value {
        with(json!({"service_type": service, "resource_type": resource, "trace_names": names}), unknown)
    }
}

prop_compose! {
    fn users()(group in string(), users in strings(), unknown in unknown()) -> Value {
        with(json!({"user_group": group, "user_list": users}), unknown)
    }
}

prop_compose! {
    fn filter()(
        condition in prop_oneof![Just("AND".to_owned()), Just("OR".to_owned()), string()],
        on in any::<bool>(), rules in strings(), unknown in unknown(),
    ) -> Value {
        with(json!({"condition": condition, "is_support_filter": on, "rule": rules}), unknown)
    }
}

fn absent_or<T: std::fmt::Debug + Clone + Into<Value>>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Null), 3 => value.prop_map(Into::into)]
}

prop_compose! {
    fn notification()(
        name in string(),
        kind in absent_or(prop_oneof![Just("complete".to_owned()), Just("customized".to_owned()), string()]),
        operations in absent_or(prop::collection::vec(operation(), 0..3)),
        users in absent_or(prop::collection::vec(users(), 0..3)),
        status in absent_or(prop_oneof![Just("enabled".to_owned()), Just("disabled".to_owned()), string()]),
        topic in absent_or(string()),
        filter in absent_or(filter()),
        agency in absent_or(string()),
        unknown in unknown(),
    ) -> Value {
        let known = json!({
            "notification_id": "1", "notification_name": name, "operation_type": kind, "operations": operations,
            "notify_user_list": users, "status": status, "topic_id": topic, "filter": filter, "agency_name": agency,
            "project_id": "p", "create_time": 1,
        });
        with(known, unknown)
    }
}

/// Whether no cloud accepts it, so that a set does not either.
fn is_refused(notification: &Notification) -> bool {
    let is_customized = notification.operation_type == Some(OperationType::Customized);
    notification.notification_name.is_empty()
        || (is_customized && notification.operations.is_empty())
}

proptest! {
    #[test]
    fn the_spec_of_any_notification_plans_no_changes(value in notification()) {
        let notification: Notification = serde_json::from_value(value).unwrap();
        let spec = NotificationSpec::from(&notification);
        match NotificationSet::new([spec.clone()]) {
            Ok(set) => {
                let plan = Plan::between(&set, std::slice::from_ref(&notification), &PlanOptions::new());
                prop_assert!(plan.is_up_to_date(), "{}", plan);
            }
            Err(error) => prop_assert!(is_refused(&notification), "{}", error),
        }
        prop_assert!(!serde_json::to_string(&spec).unwrap().contains("not_documented"), "unknown fields are not part of a spec");

        // A file has it as it is.
        let written = serde_json::to_string(&spec).unwrap();
        let is_known = matches!(notification.operation_type, None | Some(OperationType::Complete | OperationType::Customized));
        if is_known && !is_refused(&notification) {
            prop_assert_eq!(serde_json::from_str::<NotificationSpec>(&written).unwrap(), spec);
        }
    }
}

#[tokio::test]
async fn what_is_exported_from_one_project_is_created_in_another() {
    let client = FakeCts::new().client();
    let filter = Filter::any([FilterRule::equals(FilterField::Code, 403)]).is_support_filter(false);
    let request = logins()
        .topic(TOPIC)
        .notify_users("admin", ["alice"])
        .filter(filter)
        .agency("cts_admin_trust");
    let created = create(&client, request).await;
    let disabled = client.set_status(&created.notification_id, "disabled").await.unwrap();

    let exported = set(&client.list_all_notifications().await.unwrap());
    assert_eq!(
        exported.specs()[0].stated_status(),
        Some(&NotificationStatus::Disabled),
        "a topic alone would enable it"
    );
    let other = FakeCts::new();
    assert!(other.client().ensure(&exported, &keep()).await.unwrap().is_complete());
    let copy = other.notifications(FakeCts::PROJECT_ID).remove(0);
    assert_eq!(
        (&copy.operations, &copy.notify_user_list),
        (&disabled.operations, &disabled.notify_user_list)
    );
    assert_eq!(
        (&copy.filter, &copy.status, &copy.topic_id),
        (&disabled.filter, &disabled.status, &disabled.topic_id)
    );
    assert_eq!(copy.agency_name, disabled.agency_name);
}
