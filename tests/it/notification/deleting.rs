//! Deletions of several notifications.

use http::Method;
use huaweicloud_cts::ErrorCode;
use huaweicloud_cts::notification::{CreateNotification, DeleteNotifications, NotificationId};
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::transport::TransportErrorKind;
use serde_json::json;

use crate::support::answers::Answers;

async fn thirty(fake: &FakeCts) -> Vec<NotificationId> {
    let client = fake.client();
    let mut ids = Vec::new();
    for i in 0..30 {
        ids.push(
            client
                .create_notification(&CreateNotification::complete(format!("n{i}")))
                .await
                .unwrap()
                .notification_id,
        );
    }
    ids
}

#[tokio::test]
async fn any_number_of_ids_is_deleted_in_calls_of_ten() {
    let fake = FakeCts::new();
    let ids = thirty(&fake).await;
    let report = fake
        .client()
        .delete_notifications(&DeleteNotifications::new(ids[..25].to_vec()))
        .await
        .unwrap();
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
    let report =
        fake.client().delete_notifications(&DeleteNotifications::new(ids.clone())).await.unwrap();
    assert!(report.is_complete());
    assert_eq!(report.errors.len(), 1);
    assert_eq!(report.to_string(), "31 gone", "an error that changed nothing is none");
    report.into_result().unwrap();
    assert_eq!(fake.notifications(FakeCts::PROJECT_ID), []);
}

#[tokio::test]
async fn a_partial_deletion_reports_what_still_exists() {
    // The service deletes one of three; one of the others can be deleted alone.
    let partial = r#"{"error_code":"CTS.0403","error_msg":"some failed"}"#;
    let left =
        json!({"notifications": [{"notification_id": "b"}, {"notification_id": "c"}]}).to_string();
    let failed = r#"{"error_code":"CTS.0002","error_msg":"no"}"#;
    let answers = Answers::default()
        .answer(404, partial)
        .answer(200, left)
        .answer(200, "{}")
        .answer(204, "")
        .answer(403, failed);
    let report = answers
        .client()
        .delete_notifications(&DeleteNotifications::new(["a", "b", "c"]))
        .await
        .unwrap();
    assert_eq!(report.gone, [NotificationId::from("a"), "b".into()]);
    assert_eq!(report.survived, [NotificationId::from("c")]);
    let shown = report.to_string();
    assert!(
        shown.starts_with("2 gone, 1 not deleted (c): DeleteNotification: 403 CTS.0002: no"),
        "{shown}"
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(
        (&json["gone"], &json["survived"], &json["complete"]),
        (&json!(["a", "b"]), &json!(["c"]), &json!(false))
    );
    assert!(
        json["errors"].as_array().unwrap().last().unwrap().as_str().unwrap().contains("CTS.0002"),
        "{json}"
    );
    assert_eq!(report.into_result().unwrap_err().code(), Some(&ErrorCode::AccessDenied));
}

#[tokio::test]
async fn a_deletion_that_stops_half_way_reports_what_is_unknown() {
    let ids: Vec<String> = (0..30).map(|i| format!("id{i}")).collect();
    let answers = Answers::default().answer(204, "").failure(TransportErrorKind::Interrupted);
    let report =
        answers.client().delete_notifications(&DeleteNotifications::new(ids)).await.unwrap();
    assert_eq!((report.gone.len(), report.unknown.len(), report.survived.len()), (10, 10, 10));
    assert!(report.into_result().unwrap_err().may_have_applied());

    let refused =
        Answers::default().answer(403, r#"{"error_code":"CTS.0013","error_msg":"No permission"}"#);
    let error =
        refused.client().delete_notifications(&DeleteNotifications::new(["a"])).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "DeleteNotification: 403 CTS.0013: No permission; the call needs the IAM permission cts:notification:delete"
    );
}
