//! The calls and their models, against the documented examples and against the fake.

use http::Method;
use huaweicloud_cts::notification::{
    CreateNotification, DeleteNotifications, Filter, FilterField, FilterRule, ListNotifications, Notification,
    NotificationId, NotificationStatus, NotificationType, NotifyUsers, Operation, OperationType, UpdateNotification,
};
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::transport::TransportErrorKind;
use huaweicloud_cts::{ErrorCode, ErrorKind};
use serde_json::{Value, json};

use crate::support::answers::Answers;
use crate::support::snapshot::assert_snapshot;

const TOPIC: &str = "urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:test";

macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../fixtures/", $name, ".json"))).unwrap()
    };
}

fn customized(topic: &str) -> CreateNotification {
    CreateNotification::customized(
        "keyOperate_info_cfwy",
        [
            // The documents spell it so.
            Operation::new("CTS", "tracker", ["createTracker", "deleteTraceker"]),
            Operation::new("CTS", "notification", ["deleteNotification", "updateNotification"]),
            Operation::new("AOM", "pe", ["deletePolicyGroup", "updatePolicyGroup", "createPolicyGroup"]),
        ],
    )
    .notify_users("admin", ["test1", "test2"])
    .notify_users("CTS view", ["test3", "test4"])
    .topic(topic)
}

fn with_filter() -> CreateNotification {
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
    more["filter"] = json!({"condition": "XOR", "is_support_filter": false, "rule": ["code>400", "new = 1 2"]});
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
    let created = read.created_at().unwrap().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap();
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
    let nulls: Value =
        names.iter().map(|name| ((*name).to_owned(), Value::Null)).collect::<serde_json::Map<_, _>>().into();
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

#[tokio::test]
async fn each_call_is_the_documented_request() {
    let answers = Answers::default()
        .answer(201, r#"{"notification_id":"id"}"#)
        .answer(200, r#"{"notifications":[]}"#)
        .answer(200, r#"{"notification_id":"id"}"#)
        .answer(204, "");
    let client = answers.client();
    client.create_notification(&with_filter()).await.unwrap();
    client.list_notifications(&ListNotifications::fun().named("关键 操作+&=")).await.unwrap();
    let id = NotificationId::from("6d4a09bb-aa8e-40db-9e87-0d5e203823a8");
    client.update_notification(&UpdateNotification::complete(&id, "test", "disabled")).await.unwrap();
    let two = DeleteNotifications::new([id.clone(), "b".into(), id.clone()]);
    assert!(client.delete_notifications(&two).await.unwrap().is_complete());

    let root = "https://cts.eu-de.otc.t-systems.com/v3/24edf66e79d04187acb99a463e610764/notifications";
    let encoded = "%E5%85%B3%E9%94%AE%20%E6%93%8D%E4%BD%9C%2B%26%3D";
    let expected = [
        (Method::POST, root.to_owned()),
        (Method::GET, format!("{root}/fun?notification_name={encoded}")),
        (Method::PUT, root.to_owned()),
        (Method::DELETE, format!("{root}?notification_id={id}%2Cb")),
    ];
    let requests = answers.requests();
    assert_eq!(requests.len(), expected.len());
    for (request, (method, uri)) in requests.iter().zip(expected) {
        assert_eq!((request.method(), request.uri().to_string()), (&method, uri));
        let headers = request.headers();
        assert_eq!(headers["host"], "cts.eu-de.otc.t-systems.com");
        assert_eq!(headers["x-project-id"], "24edf66e79d04187acb99a463e610764");
        let content_type = headers.get("content-type").map(|value| value.to_str().unwrap());
        let has_body = !request.body().is_empty();
        assert_eq!(content_type, has_body.then_some("application/json;charset=UTF-8"));
        let signed = headers["authorization"].to_str().unwrap();
        let names = if has_body { "content-type;host;x-project-id;x-sdk-date" } else { "host;x-project-id;x-sdk-date" };
        assert!(signed.contains(&format!("SignedHeaders={names},")), "{signed}");
    }
    let update: Value = serde_json::from_slice(requests[2].body()).unwrap();
    let documented =
        json!({"notification_id": id, "notification_name": "test", "operation_type": "complete", "status": "disabled"});
    assert_eq!(update, documented);
}

#[tokio::test]
async fn invalid_requests_are_refused_without_being_sent() {
    let answers = Answers::default();
    let client = answers.client();
    let none: [Operation; 0] = [];
    let errors = [
        client.create_notification(&CreateNotification::complete("")).await.unwrap_err(),
        client.create_notification(&CreateNotification::customized("a", none.clone())).await.unwrap_err(),
        client.update_notification(&UpdateNotification::complete("", "a", "enabled")).await.unwrap_err(),
        client.update_notification(&UpdateNotification::complete("id", "", "enabled")).await.unwrap_err(),
        client.update_notification(&UpdateNotification::customized("id", "a", "enabled", none)).await.unwrap_err(),
        client.delete_notification(&"".into()).await.unwrap_err(),
        client.delete_notification(&"a,b".into()).await.unwrap_err(),
        client.delete_notifications(&DeleteNotifications::new::<NotificationId>([])).await.unwrap_err(),
        client.delete_notifications(&DeleteNotifications::new(["a", ""])).await.unwrap_err(),
    ];
    for error in &errors {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0), "{error}");
        assert!(!error.may_have_applied() && !error.is_retryable(), "{error}");
    }
    assert!(answers.requests().is_empty());
    assert_snapshot!("refused-notification-requests", errors.map(|error| error.to_string()).join("\n"));
}

#[tokio::test]
async fn a_notification_is_created_listed_updated_and_deleted_on_the_fake() {
    let fake = FakeCts::new();
    let client = fake.client();
    let created = client.create_notification(&customized(TOPIC)).await.unwrap();
    assert!(created.is_enabled());
    assert_eq!(created.operations.len(), 3);
    assert_eq!(client.list_notifications(&ListNotifications::smn()).await.unwrap(), std::slice::from_ref(&created));
    assert_eq!(client.list_notifications(&ListNotifications::fun()).await.unwrap(), []);

    let filter = Filter::all([FilterRule::not_equals(FilterField::Code, 200)]);
    let change =
        UpdateNotification::from_current(&created).rename("renamed").filter(filter.clone()).agency("cts_admin_trust");
    let updated = client.update_notification(&change).await.unwrap();
    assert_eq!(updated.notification_id, created.notification_id);
    assert_eq!((updated.notification_name.as_str(), &updated.filter), ("renamed", &Some(filter)));
    assert_eq!((&updated.operations, &updated.notify_user_list), (&created.operations, &created.notify_user_list));

    let silent = client.set_status(&created.notification_id, NotificationStatus::Disabled).await.unwrap();
    assert_eq!(
        silent,
        Notification::clone(&{
            let mut n = updated.clone();
            n.status = Some(NotificationStatus::Disabled);
            n
        })
    );
    let writes = |fake: &FakeCts| fake.requests().iter().filter(|call| call.method == Method::PUT).count();
    let before = writes(&fake);
    client.set_status(&created.notification_id, "disabled").await.unwrap();
    assert_eq!(writes(&fake), before, "it had that status already");

    let function = "urn:fss:cn-north-4:24edf66e79d04187acb99a463e610764:function:default:f";
    let moved = client
        .update_notification(&UpdateNotification::from_current(&silent).topic(function).all_operations())
        .await
        .unwrap();
    assert_eq!(moved.notification_type, Some(NotificationType::Fun));
    assert_eq!(client.find_notification("renamed").await.unwrap(), Some(moved.clone()));
    assert_eq!(client.find_notification("rename").await.unwrap(), None);

    client.delete_notification(&created.notification_id).await.unwrap();
    let gone = client.delete_notification(&created.notification_id).await.unwrap_err();
    assert_eq!(gone.code(), Some(&ErrorCode::NotificationNotFound));
    assert!(gone.is_not_found());
    let nobody = client.set_status(&created.notification_id, "enabled").await.unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::NotFound);
    assert!(nobody.to_string().contains(created.notification_id.as_str()), "{nobody}");
}

/// A field that this crate can't read must not be cleared by writing the notification back.
#[tokio::test]
async fn set_status_sends_back_fields_that_it_could_not_read() {
    let odd = json!({"notifications": [{
        "notification_id": "id", "notification_name": "n", "operation_type": "customized", "status": "enabled",
        "operations": {"IAM": ["login"]}, "filter": "code != 200", "topic_id": TOPIC, "new_member": 1, "domain_id": 2,
    }]});
    let empty = r#"{"notifications":[]}"#;
    let answers =
        Answers::default().answer(200, odd.to_string()).answer(200, empty).answer(200, r#"{"notification_id":"id"}"#);
    answers.client().set_status(&"id".into(), "disabled").await.unwrap();
    let sent: Value = serde_json::from_slice(answers.requests()[2].body()).unwrap();
    assert_eq!(
        sent,
        json!({
            "notification_id": "id", "notification_name": "n", "operation_type": "customized", "status": "disabled",
            "operations": {"IAM": ["login"]}, "filter": "code != 200", "topic_id": TOPIC, "new_member": 1,
        })
    );
}

#[tokio::test]
async fn listing_tolerates_clouds_without_functions_and_404_for_an_unknown_name() {
    let client = FakeCts::open_telekom_cloud().client();
    let created = client.create_notification(&CreateNotification::complete("a")).await.unwrap();
    assert!(created.domain_id.is_some());
    assert_eq!(client.list_all_notifications().await.unwrap(), std::slice::from_ref(&created));
    assert_eq!(client.find_notification("a").await.unwrap(), Some(created));
    assert_eq!(client.find_notification("b").await.unwrap(), None);
    let by_name = client.list_notifications(&ListNotifications::smn().named("b")).await.unwrap_err();
    assert!(by_name.is_not_found());
    let fun = client.list_notifications(&ListNotifications::fun()).await.unwrap_err();
    assert_eq!(fun.code(), Some(&ErrorCode::NotificationTypeUnsupported));
}

/// The response to a wrong path is a 404 too, but of the gateway: that is not an empty list.
#[tokio::test]
async fn a_404_of_the_gateway_is_an_error_and_not_an_empty_list() {
    let body = r#"{"error_msg":"The API does not exist","error_code":"APIGW.0101","request_id":"r"}"#;
    let error = Answers::default().answer(404, body).client().find_notification("a").await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::GatewayApiNotFound));
}

#[tokio::test]
async fn a_name_of_two_notifications_is_ambiguous() {
    let list = |id: &str| json!({"notifications": [{"notification_id": id, "notification_name": "n"}]}).to_string();
    let client = Answers::default().answer(200, list("a")).answer(200, list("b")).client();
    let error = client.find_notification("n").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert_eq!(error.ambiguous_ids(), [NotificationId::from("a"), "b".into()]);
    assert_eq!(error.to_string(), r#"ListNotifications: 2 notifications are named "n": a, b"#);
}

async fn thirty(fake: &FakeCts) -> Vec<NotificationId> {
    let client = fake.client();
    let mut ids = Vec::new();
    for i in 0..30 {
        ids.push(
            client.create_notification(&CreateNotification::complete(format!("n{i}"))).await.unwrap().notification_id,
        );
    }
    ids
}

#[tokio::test]
async fn any_number_of_ids_is_deleted_in_calls_of_ten() {
    let fake = FakeCts::new();
    let ids = thirty(&fake).await;
    let report = fake.client().delete_notifications(&DeleteNotifications::new(ids[..25].to_vec())).await.unwrap();
    assert!(report.is_complete());
    assert_eq!(report.gone, ids[..25]);
    assert_eq!(fake.requests().iter().filter(|call| call.method == Method::DELETE).count(), 3);
    assert_eq!(fake.notifications(FakeCts::PROJECT_ID).len(), 5);
}

#[tokio::test]
async fn an_unknown_id_does_not_stop_the_other_deletions() {
    let fake = FakeCts::new();
    let mut ids = thirty(&fake).await;
    ids.insert(4, "unknown".into());
    let report = fake.client().delete_notifications(&DeleteNotifications::new(ids.clone())).await.unwrap();
    assert!(report.is_complete());
    assert_eq!(report.errors.len(), 1);
    report.into_result().unwrap();
    assert_eq!(fake.notifications(FakeCts::PROJECT_ID), []);
}

#[tokio::test]
async fn a_partial_deletion_reports_what_still_exists() {
    // The service deletes one of three; one of the others can be deleted alone.
    let partial = r#"{"error_code":"CTS.0403","error_msg":"some failed"}"#;
    let left = json!({"notifications": [{"notification_id": "b"}, {"notification_id": "c"}]}).to_string();
    let failed = r#"{"error_code":"CTS.0002","error_msg":"no"}"#;
    let answers =
        Answers::default().answer(404, partial).answer(200, left).answer(200, "{}").answer(204, "").answer(403, failed);
    let report = answers.client().delete_notifications(&DeleteNotifications::new(["a", "b", "c"])).await.unwrap();
    assert_eq!(report.gone, [NotificationId::from("a"), "b".into()]);
    assert_eq!(report.survived, [NotificationId::from("c")]);
    assert_eq!(report.into_result().unwrap_err().code(), Some(&ErrorCode::AccessDenied));
}

#[tokio::test]
async fn a_deletion_that_stops_half_way_reports_what_is_unknown() {
    let ids: Vec<String> = (0..30).map(|i| format!("id{i}")).collect();
    let answers = Answers::default().answer(204, "").failure(TransportErrorKind::Interrupted);
    let report = answers.client().delete_notifications(&DeleteNotifications::new(ids)).await.unwrap();
    assert_eq!((report.gone.len(), report.unknown.len(), report.survived.len()), (10, 10, 10));
    assert!(report.into_result().unwrap_err().may_have_applied());

    let refused = Answers::default().answer(403, r#"{"error_code":"CTS.0013","error_msg":"No permission"}"#);
    let error = refused.client().delete_notifications(&DeleteNotifications::new(["a"])).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "DeleteNotification: 403 CTS.0013: No permission; the call needs the IAM permission cts:notification:delete"
    );
}

#[test]
fn filter_rules_keep_unknown_fields_and_operators() {
    for text in ["code != 200", "resource_name = a b  c", "new_field >= 3", "code = ", "nonsense", "", " = 1"] {
        let rule: FilterRule = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(serde_json::to_value(&rule).unwrap(), json!(text));
        match rule.parts() {
            Some(parts) => assert_eq!(format!("{} {} {}", parts.field, parts.operator, parts.value), text),
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
    assert_eq!((&inferred["operation_type"], &inferred["status"]), (&json!("complete"), &json!("enabled")));
    current.operations = vec![Operation::new("A", "b", ["c"])];
    current.topic_id = None;
    let inferred = as_json(&UpdateNotification::from_current(&current));
    assert_eq!((&inferred["operation_type"], &inferred["status"]), (&json!("customized"), &json!("disabled")));

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
    let bare = all.disable().no_topic().all_users().no_filter().all_operations();
    assert_eq!(
        as_json(&bare),
        json!({
            "notification_id": "id", "notification_name": "m", "operation_type": "complete", "status": "disabled",
            "agency_name": "cts_admin_trust",
        })
    );
}

#[tokio::test]
async fn rows_without_an_id_are_all_listed_and_the_same_id_once() {
    let row = |id: &str, name: &str| json!({"notification_id": id, "notification_name": name});
    let list = |rows: &[Value]| json!({"notifications": rows}).to_string();
    let answers = Answers::default()
        .answer(200, list(&[row("", "a"), row("", "b"), row("1", "c")]))
        .answer(200, list(&[row("1", "c"), row("", "d"), row("2", "e")]));
    let all = answers.client().list_all_notifications().await.unwrap();
    let names: Vec<&str> = all.iter().map(|one| one.notification_name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
}

/// The two lists have rows in common. If each row were compared with all others, this would take minutes.
#[tokio::test]
async fn of_100_000_rows_in_both_lists_each_id_is_listed_once() {
    let list = |from: usize| {
        let rows: Vec<Value> = (from..from + 60_000).map(|id| json!({"notification_id": id.to_string()})).collect();
        json!({"notifications": rows}).to_string()
    };
    let answers = Answers::default().answer(200, list(0)).answer(200, list(40_000));
    let all = answers.client().list_all_notifications().await.unwrap();
    assert!(all.iter().map(|one| one.notification_id.as_str()).eq((0..100_000).map(|id| id.to_string())));
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
    assert_eq!(UpdateNotification::serialize(&update, Serializer).unwrap()["new_field"], json!([1]));
    assert_eq!(<UpdateNotification as Serialize>::serialize(&update, Serializer).unwrap()["new_field"], json!([1]));
}
