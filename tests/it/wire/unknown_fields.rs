//! Fields that no document names come back in the requests that follow, at any depth.

use http::{Method, StatusCode};
use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterField, FilterRule, ListNotifications, Notification,
    NotificationStatus, NotifyUsers, Operation, UpdateNotification,
};
use huaweicloud_cts::provision::{NotificationSet, NotificationSpec, PlanOptions};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::answers::Answers;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("finite", |number| number.is_finite().then(|| json!(number))),
        "[\\PC]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_é]{1,6}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Any object, with names that no field has.
fn unknown() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map("x_[a-z]{1,6}", any_json(), 0..4)
        .prop_map(|fields| fields.into_iter().collect())
}

/// A notification with unknown fields in itself, an operation, a group and the filter.
fn notification(parts: [&Map<String, Value>; 4]) -> Value {
    let mut notification = json!({
        "notification_id": "a", "notification_name": "n", "notification_type": "smn", "operation_type": "customized",
        "operations": [{"service_type": "IAM", "resource_type": "user", "trace_names": ["login"]}],
        "notify_user_list": [{"user_group": "g", "user_list": ["u"]}],
        "filter": {"condition": "AND", "is_support_filter": true, "rule": ["code = 200"]},
        "status": "enabled", "topic_id": "urn:smn:eu-de:p:t",
    });
    notification["operations"][0].as_object_mut().unwrap().extend(parts[1].clone());
    notification["notify_user_list"][0].as_object_mut().unwrap().extend(parts[2].clone());
    notification["filter"].as_object_mut().unwrap().extend(parts[3].clone());
    notification.as_object_mut().unwrap().extend(parts[0].clone());
    notification
}

fn body_of_put(answers: &Answers) -> Value {
    let put =
        answers.requests().into_iter().find(|request| request.method() == Method::PUT).unwrap();
    serde_json::from_slice(put.body()).unwrap()
}

async fn written_by_set_status(list: String) -> Value {
    let answers = Answers::default()
        .answer(200, list)
        .answer(200, "{}")
        .answer(200, r#"{"notification_id":"a"}"#);
    answers.client().set_status(&"a".into(), NotificationStatus::Disabled).await.unwrap();
    body_of_put(&answers)
}

/// The same notification from code, with other trace names, users and filter rules.
fn desired() -> CreateNotification {
    CreateNotification::customized(
        "n",
        [Operation::new("IAM", "user", ["logout"]), Operation::new("ECS", "ecs", ["createServer"])],
    )
    .topic("urn:smn:eu-de:p:t")
    .notify_user_list([NotifyUsers::new("g", ["v"]), NotifyUsers::new("h", ["w"])])
    .filter(Filter::any([FilterRule::equals(FilterField::Code, 403)]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_unknown_field_is_sent_back_in_the_next_put(
        whole in unknown(), operation in unknown(), group in unknown(), filter in unknown(),
    ) {
        let notification = notification([&whole, &operation, &group, &filter]);
        let list = json!({"notifications": [notification.clone()]}).to_string();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();

        let read: Notification = serde_json::from_value(notification.clone()).unwrap();
        prop_assert_eq!(&read.operations[0].other, &operation);
        prop_assert_eq!(&read.notify_user_list[0].other, &group);
        prop_assert_eq!(&read.filter.as_ref().unwrap().other, &filter);
        prop_assert_eq!(&serde_json::to_value(&read).unwrap(), &notification);

        // The notification is sent, without the fields that only the service sets.
        let mut expected = notification.clone();
        expected.as_object_mut().unwrap().remove("notification_type");
        let updated = serde_json::to_value(UpdateNotification::from_current(&read)).unwrap();
        prop_assert_eq!(&updated, &expected);
        expected["status"] = json!("disabled");
        prop_assert_eq!(runtime.block_on(written_by_set_status(list.clone())), expected);

        // They are not a difference, and are kept.
        let same: CreateNotification = serde_json::from_value(json!({
            "notification_name": "n", "operation_type": "customized", "topic_id": "urn:smn:eu-de:p:t",
            "operations": [{"service_type": "IAM", "resource_type": "user", "trace_names": ["login"]}],
            "notify_user_list": [{"user_group": "g", "user_list": ["u"]}],
            "filter": {"condition": "AND", "is_support_filter": true, "rule": ["code = 200"]},
        })).unwrap();
        runtime.block_on(async {
            let answers = Answers::default().answer(200, &list).answer(200, "{}");
            let set = NotificationSet::new([NotificationSpec::new(same)]).unwrap();
            let plan = answers.client().plan(&set, &PlanOptions::new()).await.unwrap();
            assert!(plan.is_up_to_date(), "{plan}");

            let answers = Answers::default();
            let answers = (0..2).fold(answers, |answers, _| answers.answer(200, &list).answer(200, "{}"));
            let answers = answers.answer(200, notification.to_string());
            let set = NotificationSet::new([NotificationSpec::new(desired())]).unwrap();
            let client = answers.client();
            let plan = client.plan(&set, &PlanOptions::new()).await.unwrap();
            // Whether it reads again first or not, the list and the result of the update are there.
            let _ = client.apply(&plan).await;
            if !answers.requests().iter().any(|request| request.method() == Method::PUT) {
                let _ = client.apply(&plan).await;
            }
            let put = body_of_put(&answers);
            let fields = |value: &Value| value.as_object().unwrap().clone();
            for (part, kept) in [(&put["operations"][0], &operation), (&put["notify_user_list"][0], &group), (&put["filter"], &filter), (&put, &whole)] {
                for (name, value) in kept {
                    assert_eq!(fields(part).get(name), Some(value), "{put}");
                }
            }
            assert_eq!(fields(&put["operations"][1]).len(), 3, "what is new has none: {put}");
            assert_eq!(put["operations"][0]["trace_names"], json!(["logout"]));
            assert_eq!(put["filter"]["condition"], "OR");
        });
    }
}

#[tokio::test]
async fn an_unknown_field_of_the_spec_takes_precedence_over_the_current_one() {
    let field = |value: i64| Map::from_iter([("x_field".to_owned(), json!(value))]);
    let (there, none) = (field(1), Map::new());
    let list = json!({"notifications": [notification([&none, &there, &none, &none])]}).to_string();
    let mut logout = Operation::new("IAM", "user", ["logout"]);
    logout.other = field(2);
    let set = NotificationSet::new([NotificationSpec::new(CreateNotification::customized(
        "n",
        [logout],
    ))])
    .unwrap();
    let answers =
        (0..2).fold(Answers::default(), |answers, _| answers.answer(200, &list).answer(200, "{}"));
    let client = answers.clone().answer(200, r#"{"notification_id":"a"}"#).client();
    let plan = client.plan(&set, &PlanOptions::new()).await.unwrap();
    let _ = client.apply(&plan).await;
    if !answers.requests().iter().any(|request| request.method() == Method::PUT) {
        let _ = client.apply(&plan).await;
    }
    assert_eq!(body_of_put(&answers)["operations"][0]["x_field"], 2);
}

/// The recorded lists with one more field in an operation and in a filter.
#[tokio::test]
async fn fields_that_the_service_adds_are_read_and_sent_back() {
    for (list, place) in [
        (
            include_str!("../fixtures/field/F03a-list-operation-member.json"),
            "/operations/0/enterprise_project_id",
        ),
        (include_str!("../fixtures/field/F03b-list-filter-member.json"), "/filter/version"),
    ] {
        let value: Value = serde_json::from_str(list).unwrap();
        let sent = value["notifications"][0].pointer(place).unwrap();
        let answers = Answers::default()
            .answer(200, list)
            .answer(200, "{}")
            .answer(200, r#"{"notification_id":"cda8fd83-d08c-46f0-b914-1453a6a85c00"}"#);
        let id = "cda8fd83-d08c-46f0-b914-1453a6a85c00".into();
        answers.client().set_status(&id, NotificationStatus::Disabled).await.unwrap();
        assert_eq!(body_of_put(&answers).pointer(place), Some(sent), "{list}");
    }
    let group = r#"{"notifications":[{"notification_id":"a","notify_user_list":[{"user_group":"g","user_list":[],"group_id":"1"}]}]}"#;
    let response = crate::support::answers::response(StatusCode::OK, group);
    let client = Answers::default().response(response).client();
    let read = client.list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(read[0].notify_user_list[0].other["group_id"], "1");
}

#[test]
fn catalogue_entries_and_quotas_keep_unknown_fields() {
    use huaweicloud_cts::catalogue::{CatalogueEntry, Quota};

    let entry = json!({"service_type": "IAM", "resource_type": "user", "operation_list": ["login"], "x": {"y": [1]}});
    let read: CatalogueEntry = serde_json::from_value(entry.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), entry);
    let quota = json!({"type": "smn_notification", "used": 1, "quota": 2, "unit": null});
    let read: Quota = serde_json::from_value(quota.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), quota);
}
