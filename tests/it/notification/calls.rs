//! The calls and their models, against the documented examples and against the fake.

use http::Method;
use huaweicloud_cts::notification::{
    CreateNotification, DeleteNotifications, Filter, FilterField, FilterRule, ListNotifications,
    NotificationId, NotificationStatus, NotificationType, Operation, UpdateNotification,
};
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::{ErrorCode, ErrorKind};
use serde_json::{Value, json};

use super::models::{TOPIC, customized, with_filter};
use crate::support::answers::Answers;
use crate::support::snapshot::assert_snapshot;

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
    client
        .update_notification(&UpdateNotification::complete(&id, "test", "disabled"))
        .await
        .unwrap();
    let two = DeleteNotifications::new([id.clone(), "b".into(), id.clone()]);
    assert!(client.delete_notifications(&two).await.unwrap().is_complete());

    let root =
        "https://cts.eu-de.otc.t-systems.com/v3/24edf66e79d04187acb99a463e610764/notifications";
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
        let names = if has_body {
            "content-type;host;x-project-id;x-sdk-date"
        } else {
            "host;x-project-id;x-sdk-date"
        };
        assert!(signed.contains(&format!("SignedHeaders={names},")), "{signed}");
    }
    let update: Value = serde_json::from_slice(requests[2].body()).unwrap();
    let documented = json!({"notification_id": id, "notification_name": "test", "operation_type": "complete", "status": "disabled"});
    assert_eq!(update, documented);
}

#[tokio::test]
async fn invalid_requests_are_refused_without_being_sent() {
    let answers = Answers::default();
    let client = answers.client();
    let none: [Operation; 0] = [];
    let errors = [
        client.create_notification(&CreateNotification::complete("")).await.unwrap_err(),
        client
            .create_notification(&CreateNotification::customized("a", none.clone()))
            .await
            .unwrap_err(),
        client
            .update_notification(&UpdateNotification::complete("", "a", "enabled"))
            .await
            .unwrap_err(),
        client
            .update_notification(&UpdateNotification::complete("id", "", "enabled"))
            .await
            .unwrap_err(),
        client
            .update_notification(&UpdateNotification::customized("id", "a", "enabled", none))
            .await
            .unwrap_err(),
        client.delete_notification(&"".into()).await.unwrap_err(),
        client.delete_notification(&"a,b".into()).await.unwrap_err(),
        client
            .delete_notifications(&DeleteNotifications::new::<NotificationId>([]))
            .await
            .unwrap_err(),
        client.delete_notifications(&DeleteNotifications::new(["a", ""])).await.unwrap_err(),
    ];
    for error in &errors {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0), "{error}");
        assert!(!error.may_have_applied() && !error.is_retryable(), "{error}");
    }
    assert!(answers.requests().is_empty());
    assert_snapshot!(
        "refused-notification-requests",
        errors.map(|error| error.to_string()).join("\n")
    );
}

#[tokio::test]
async fn a_notification_is_created_listed_updated_and_deleted_on_the_fake() {
    let fake = FakeCts::new();
    let client = fake.client();
    let created = client.create_notification(&customized(TOPIC)).await.unwrap();
    assert!(created.is_enabled());
    assert_eq!(created.operations.len(), 3);
    assert_eq!(
        client.list_notifications(&ListNotifications::smn()).await.unwrap(),
        std::slice::from_ref(&created)
    );
    assert_eq!(client.list_notifications(&ListNotifications::fun()).await.unwrap(), []);

    let filter = Filter::all([FilterRule::not_equals(FilterField::Code, 200)]);
    let change = UpdateNotification::from_current(&created)
        .rename("renamed")
        .filter(filter.clone())
        .agency("cts_admin_trust");
    let updated = client.update_notification(&change).await.unwrap();
    assert_eq!(updated.notification_id, created.notification_id);
    assert_eq!((updated.notification_name.as_str(), &updated.filter), ("renamed", &Some(filter)));
    assert_eq!(
        (&updated.operations, &updated.notify_user_list),
        (&created.operations, &created.notify_user_list)
    );

    let disabled =
        client.set_status(&created.notification_id, NotificationStatus::Disabled).await.unwrap();
    let mut expected = updated.clone();
    expected.status = Some(NotificationStatus::Disabled);
    assert_eq!(disabled, expected);
    assert_eq!(client.get_notification(&created.notification_id).await.unwrap(), disabled);
    let writes =
        |fake: &FakeCts| fake.requests().iter().filter(|call| call.method == Method::PUT).count();
    let before = writes(&fake);
    client.set_status(&created.notification_id, "disabled").await.unwrap();
    assert_eq!(writes(&fake), before, "it had that status already");

    let function = "urn:fss:cn-north-4:24edf66e79d04187acb99a463e610764:function:default:f";
    let moved = client
        .update_notification(
            &UpdateNotification::from_current(&disabled).topic(function).all_operations(),
        )
        .await
        .unwrap();
    assert_eq!(moved.notification_type, Some(NotificationType::Fun));
    assert_eq!(client.find_notification("renamed").await.unwrap(), Some(moved.clone()));
    assert_eq!(client.find_notification("rename").await.unwrap(), None);

    client.delete_notification(&created.notification_id).await.unwrap();
    let gone = client.delete_notification(&created.notification_id).await.unwrap_err();
    assert_eq!(gone.code(), Some(&ErrorCode::NotificationNotFound));
    assert!(gone.is_not_found());
    let unknown = client.set_status(&created.notification_id, "enabled").await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    assert!(unknown.to_string().contains(created.notification_id.as_str()), "{unknown}");
    let unknown = client.get_notification(&created.notification_id).await.unwrap_err();
    assert_eq!((unknown.kind(), unknown.is_not_found()), (ErrorKind::NotFound, true));
    assert_eq!(
        unknown.to_string(),
        format!(
            "ListNotifications: there is no notification with the id {}",
            created.notification_id
        )
    );
}

/// A field that this crate can't read must not be cleared by writing the notification back.
#[tokio::test]
async fn set_status_sends_back_fields_that_it_could_not_read() {
    let odd = json!({"notifications": [{
        "notification_id": "id", "notification_name": "n", "operation_type": "customized", "status": "enabled",
        "operations": {"IAM": ["login"]}, "filter": "code != 200", "topic_id": TOPIC, "new_member": 1, "domain_id": 2,
    }]});
    let empty = r#"{"notifications":[]}"#;
    let answers = Answers::default()
        .answer(200, odd.to_string())
        .answer(200, empty)
        .answer(200, r#"{"notification_id":"id"}"#);
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
    let by_name =
        client.list_notifications(&ListNotifications::smn().named("b")).await.unwrap_err();
    assert!(by_name.is_not_found());
    let fun = client.list_notifications(&ListNotifications::fun()).await.unwrap_err();
    assert_eq!(fun.code(), Some(&ErrorCode::NotificationTypeUnsupported));
}

/// The response to a wrong path is a 404 too, but of the gateway: that is not an empty list.
#[tokio::test]
async fn a_404_of_the_gateway_is_an_error_and_not_an_empty_list() {
    let body =
        r#"{"error_msg":"The API does not exist","error_code":"APIGW.0101","request_id":"r"}"#;
    let error =
        Answers::default().answer(404, body).client().find_notification("a").await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::GatewayApiNotFound));
}

#[tokio::test]
async fn a_name_of_two_notifications_is_ambiguous() {
    let list = |id: &str| {
        json!({"notifications": [{"notification_id": id, "notification_name": "n"}]}).to_string()
    };
    let client = Answers::default().answer(200, list("a")).answer(200, list("b")).client();
    let error = client.find_notification("n").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert_eq!(error.ambiguous_ids(), [NotificationId::from("a"), "b".into()]);
    assert_eq!(error.to_string(), r#"ListNotifications: 2 notifications are named "n": a, b"#);
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

/// The two lists have rows in common. If each row were compared with all others, this would take
/// minutes.
#[tokio::test]
async fn of_100_000_rows_in_both_lists_each_id_is_listed_once() {
    let list = |from: usize| {
        let rows: Vec<Value> =
            (from..from + 60_000).map(|id| json!({"notification_id": id.to_string()})).collect();
        json!({"notifications": rows}).to_string()
    };
    let answers = Answers::default().answer(200, list(0)).answer(200, list(40_000));
    let all = answers.client().list_all_notifications().await.unwrap();
    assert!(
        all.iter()
            .map(|one| one.notification_id.as_str())
            .eq((0..100_000).map(|id| id.to_string()))
    );
}
