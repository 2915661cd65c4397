//! Requests and responses, against the documented examples.

use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterField, FilterRule, Notification, NotificationStatus,
    NotificationType, NotifyUsers, Operation, OperationType, UpdateNotification,
};
use serde_json::{Value, json};

pub(super) const TOPIC: &str = "urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:test";

pub(super) fn customized(topic: &str) -> CreateNotification {
    CreateNotification::customized(
        "keyOperate_info_cfwy",
        [
            // The documents spell it so.
            Operation::new("CTS", "tracker", ["createTracker", "deleteTraceker"]),
            Operation::new("CTS", "notification", ["deleteNotification", "updateNotification"]),
            Operation::new(
                "AOM",
                "pe",
                ["deletePolicyGroup", "updatePolicyGroup", "createPolicyGroup"],
            ),
        ],
    )
    .notify_users("admin", ["test1", "test2"])
    .notify_users("CTS view", ["test3", "test4"])
    .topic(topic)
}

macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../fixtures/", $name, ".json")))
            .unwrap()
    };
}

pub(super) fn with_filter() -> CreateNotification {
    let filter = Filter::any([
        FilterRule::not_equals(FilterField::Code, 200),
        FilterRule::equals(FilterField::ApiVersion, "v1.0"),
        FilterRule::equals(FilterField::TraceRating, "normal"),
        FilterRule::not_equals(FilterField::TraceType, "ApiCall"),
        FilterRule::equals(FilterField::ResourceId, "xxx"),
        FilterRule::equals(FilterField::ResourceName, "xxx"),
    ]);
    CreateNotification::complete("test").topic(TOPIC).filter(filter)
}

#[test]
fn request_bodies_equal_the_documented_ones() {
    let otc = "urn:smn:{regionid}:24edf66e79d04187acb99a463e610764:test";
    let cn = "urn:smn:cn-north-7:24edf66e79d04187acb99a463e610764:test";
    let cases = [
        (customized(otc), fixture!("create-customized-request")),
        (customized(cn), fixture!("cn-create-customized-request")),
        (CreateNotification::complete("test").topic(otc), fixture!("create-complete-request")),
        (CreateNotification::complete("test").topic(cn), fixture!("cn-create-complete-request")),
        (with_filter(), fixture!("create-filter-request")),
    ];
    for (request, documented) in cases {
        assert_eq!(serde_json::to_value(&request).unwrap(), documented);
        assert_eq!(serde_json::from_value::<CreateNotification>(documented).unwrap(), request);
    }
}

#[test]
fn documented_responses_are_read_and_written_back_whole() {
    let list = fixture!("list-response");
    let mut answers = vec![
        fixture!("create-customized-response"),
        fixture!("cn-create-customized-response"),
        fixture!("create-response-short"),
    ];
    answers.extend(list["notifications"].as_array().unwrap().clone());
    // What Open Telekom Cloud adds, and unknown fields.
    let mut more = answers[0].clone();
    more["domain_id"] = json!("2306579dc99f4c8690b14b68e734fcd9");
    more["tags"] = json!([{"key": "a"}]);
    more["filter"] =
        json!({"condition": "XOR", "is_support_filter": false, "rule": ["code>400", "new = 1 2"]});
    more["notification_type"] = json!("mqs");
    answers.push(more);
    for answer in answers {
        let read: Notification = serde_json::from_value(answer.clone()).unwrap();
        let given = serde_json::to_value(&read).unwrap();
        assert_eq!(given, answer);
        assert_eq!(serde_json::from_value::<Notification>(given).unwrap(), read);
        let text = answer.to_string();
        assert_eq!(serde_json::from_str::<Notification>(&text).unwrap(), read, "from text too");
    }
}

#[test]
fn every_documented_field_is_typed() {
    let read: Notification = serde_json::from_value(json!({
        "notification_id": "id", "notification_name": "name", "notification_type": "fun", "operation_type": "customized",
        "operations": [{"service_type": "ECS", "resource_type": "ecs", "trace_names": ["createServer"]}],
        "notify_user_list": [{"user_group": "g", "user_list": ["u"]}], "status": "disabled",
        "topic_id": "urn:fss:cn-north-4:p:function:default:f:latest", "agency_name": "cts_admin_trust",
        "project_id": "p", "domain_id": "d", "create_time": 1_634_001_495_876_i64,
        "filter": {"condition": "OR", "is_support_filter": true, "rule": ["code != 200"]},
    }))
    .unwrap();
    assert!(read.other.is_empty(), "{:?}", read.other);
    assert_eq!(read.notification_type, Some(NotificationType::Fun));
    assert_eq!(read.operation_type, Some(OperationType::Customized));
    assert_eq!(read.operations, [Operation::new("ECS", "ecs", ["createServer"])]);
    assert_eq!(read.notify_user_list, [NotifyUsers::new("g", ["u"])]);
    assert_eq!(read.status, Some(NotificationStatus::Disabled));
    let topic = read.topic().unwrap();
    assert_eq!(topic.notification_type(), Some(NotificationType::Fun));
    assert_eq!((topic.region(), topic.project_id()), (Some("cn-north-4"), Some("p")));
    assert_eq!(topic.resource(), Some("function:default:f:latest"));
    assert_eq!(read.agency_name.as_deref(), Some("cts_admin_trust"));
    assert_eq!((read.project_id.as_deref(), read.domain_id.as_deref()), (Some("p"), Some("d")));
    let created =
        read.created_at().unwrap().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(created.as_millis(), 1_634_001_495_876);
    assert_eq!(read.filter, Some(Filter::any([FilterRule::from("code != 200")])));
}

#[test]
fn an_absent_field_and_null_are_read_alike() {
    let names = [
        "notification_id",
        "notification_name",
        "notification_type",
        "operation_type",
        "operations",
        "notify_user_list",
        "status",
        "topic_id",
        "filter",
        "agency_name",
        "project_id",
        "domain_id",
        "create_time",
    ];
    let nulls: Value = names
        .iter()
        .map(|name| ((*name).to_owned(), Value::Null))
        .collect::<serde_json::Map<_, _>>()
        .into();
    assert_eq!(serde_json::from_value::<Notification>(nulls).unwrap(), Notification::default());
    assert_eq!(serde_json::from_str::<Notification>("{}").unwrap(), Notification::default());
    let inner = json!({
        "operations": [{"service_type": null, "resource_type": null, "trace_names": null}],
        "notify_user_list": [{"user_group": null, "user_list": null}],
        "filter": {"condition": null, "is_support_filter": null, "rule": null},
    });
    let read: Notification = serde_json::from_value(inner).unwrap();
    assert_eq!(read.operations, [Operation::default()]);
    assert_eq!(read.filter, Some(Filter::default()));
}

#[test]
fn filter_rules_keep_unknown_fields_and_operators() {
    for text in [
        "code != 200",
        "resource_name = a b  c",
        "new_field >= 3",
        "code = ",
        "nonsense",
        "",
        " = 1",
    ] {
        let rule: FilterRule = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(serde_json::to_value(&rule).unwrap(), json!(text));
        match rule.parts() {
            Some(parts) => {
                assert_eq!(format!("{} {} {}", parts.field, parts.operator, parts.value), text);
            }
            None => assert!(["nonsense", "", " = 1"].contains(&text), "{text:?}"),
        }
    }
}

#[test]
fn an_update_from_the_current_notification_changes_only_what_is_set() {
    let mut current = Notification::default();
    current.notification_id = "id".into();
    current.notification_name = "n".to_owned();
    current.topic_id = Some(TOPIC.into());
    let as_json = |request: &UpdateNotification| serde_json::to_value(request).unwrap();
    let inferred = as_json(&UpdateNotification::from_current(&current));
    assert_eq!(
        (&inferred["operation_type"], &inferred["status"]),
        (&json!("complete"), &json!("enabled"))
    );
    current.operations = vec![Operation::new("A", "b", ["c"])];
    current.topic_id = None;
    let inferred = as_json(&UpdateNotification::from_current(&current));
    assert_eq!(
        (&inferred["operation_type"], &inferred["status"]),
        (&json!("customized"), &json!("disabled"))
    );

    let all = UpdateNotification::from_current(&current)
        .rename("m")
        .enable()
        .topic(TOPIC)
        .notify_users("g", ["u"])
        .filter(Filter::all([]))
        .agency("cts_admin_trust");
    assert_eq!(
        as_json(&all),
        json!({
            "notification_id": "id", "notification_name": "m", "operation_type": "customized", "status": "enabled",
            "operations": [{"service_type": "A", "resource_type": "b", "trace_names": ["c"]}], "topic_id": TOPIC,
            "notify_user_list": [{"user_group": "g", "user_list": ["u"]}], "agency_name": "cts_admin_trust",
            "filter": {"condition": "AND", "is_support_filter": true, "rule": []},
        })
    );
    let bare = all.disable().clear_topic().clear_notify_users().clear_filter().all_operations();
    assert_eq!(
        as_json(&bare),
        json!({
            "notification_id": "id", "notification_name": "m", "operation_type": "complete", "status": "disabled",
            "agency_name": "cts_admin_trust",
        })
    );
}

/// An inherent function with the name of the trait's would be called in its place.
#[test]
fn serde_called_by_the_path_of_a_type_keeps_unknown_fields() {
    use huaweicloud_cts::catalogue::{CatalogueEntry, Quota};
    use serde::{Deserialize, Serialize};
    use serde_json::value::Serializer;

    macro_rules! by_path {
        ($($type:ident),+) => {$(
            let value = json!({"new_field": {"a": [1]}});
            let by_trait = <$type as Deserialize>::deserialize(value.clone()).unwrap();
            let by_path = $type::deserialize(value.clone()).unwrap();
            assert_eq!(by_path, by_trait);
            assert_eq!(by_path.other["new_field"], value["new_field"], stringify!($type));
            assert_eq!($type::serialize(&by_path, Serializer).unwrap()["new_field"], value["new_field"]);
            assert_eq!(serde_json::to_value(&by_path).unwrap()["new_field"], value["new_field"]);
        )+};
    }
    by_path!(Notification, CatalogueEntry, Quota);

    let current = json!({"notification_id": "1", "notification_name": "a", "new_field": [1]});
    let update = UpdateNotification::from_current(&Notification::deserialize(current).unwrap());
    assert_eq!(
        UpdateNotification::serialize(&update, Serializer).unwrap()["new_field"],
        json!([1])
    );
    assert_eq!(
        <UpdateNotification as Serialize>::serialize(&update, Serializer).unwrap()["new_field"],
        json!([1])
    );
}
