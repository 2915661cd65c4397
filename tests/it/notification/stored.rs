//! Requests that are stored and read back.

use huaweicloud_cts::catalogue::ListOperations;
use huaweicloud_cts::notification::{
    CreateNotification, DeleteNotifications, Filter, ListNotifications, Notification, Operation,
    OperationType, UpdateNotification,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::models::{TOPIC, customized, with_filter};

fn error<T: DeserializeOwned + std::fmt::Debug>(value: Value) -> String {
    serde_json::from_value::<T>(value).unwrap_err().to_string()
}

fn survives<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(request: &T) {
    let stored = serde_json::to_string(request).unwrap();
    assert_eq!(serde_json::from_str::<T>(&stored).unwrap(), *request, "{stored}");
}

#[test]
fn every_request_survives_being_stored() {
    survives(&customized(TOPIC).agency("cts_admin_trust"));
    survives(&with_filter());
    survives(&UpdateNotification::customized(
        "1",
        "a",
        "paused",
        [Operation::new("IAM", "user", ["login"])],
    ));
    survives(
        &UpdateNotification::complete("1", "a", "enabled").topic(TOPIC).filter(Filter::all([])),
    );
    survives(&ListNotifications::fun().named("a"));
    survives(&ListNotifications::new("new"));
    survives(&DeleteNotifications::new(["1", "2"]));
    survives(&ListOperations::new().service_type("CTS").resource_type("tracker"));
}

#[test]
fn a_misspelt_field_of_a_request_is_an_error_at_any_depth() {
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 5] = [
        (|all| all["topic"] = json!("t"), "unknown field `topic`"),
        (|all| all["operations"][0]["traces"] = json!([]), "unknown field `traces`"),
        (|all| all["notify_user_list"][0]["users"] = json!([]), "unknown field `users`"),
        (|all| all["filter"]["rules"] = json!([]), "unknown field `rules`"),
        (|all| all["project_id"] = json!("p"), "unknown field `project_id`"),
    ];
    let create = serde_json::to_value(customized(TOPIC).filter(Filter::all([]))).unwrap();
    let mut update = create.clone();
    update["notification_id"] = json!("1");
    update["status"] = json!("enabled");
    let _ = serde_json::from_value::<UpdateNotification>(update.clone()).unwrap();
    for (change, expected) in changes {
        let (mut create, mut update) = (create.clone(), update.clone());
        change(&mut create);
        change(&mut update);
        for error in [error::<CreateNotification>(create), error::<UpdateNotification>(update)] {
            assert!(error.starts_with(expected), "{error}");
        }
    }
    let status =
        json!({"notification_name": "a", "operation_type": "complete", "status": "enabled"});
    assert!(error::<CreateNotification>(status.clone()).starts_with("unknown field `status`"));
    assert!(error::<UpdateNotification>(status).starts_with("missing field `notification_id`"));
    let list = json!({"notification_type": "smn", "name": "a"});
    assert!(error::<ListNotifications>(list).starts_with("unknown field `name`"));
    assert!(
        error::<DeleteNotifications>(json!({"notification_ids": [], "ids": []}))
            .starts_with("unknown field `ids`")
    );
    assert!(
        error::<ListOperations>(json!({"service": "CTS"})).starts_with("unknown field `service`")
    );
}

#[test]
fn an_omitted_operation_type_is_inferred_from_the_operations() {
    let operations =
        json!([{"service_type": "IAM", "resource_type": "user", "trace_names": ["login"]}]);
    let read: CreateNotification =
        serde_json::from_value(json!({"notification_name": "a", "operations": operations}))
            .unwrap();
    assert_eq!(
        read,
        CreateNotification::customized("a", [Operation::new("IAM", "user", ["login"])])
    );
    for none in
        [json!({"notification_name": "a"}), json!({"notification_name": "a", "operations": []})]
    {
        let error = error::<CreateNotification>(none);
        assert_eq!(error, "\"a\": give operations, or operation_type complete for all of them");
    }
    // Values that are no documented ones are kept: the service is the judge.
    let new = json!({"notification_id": "1", "notification_name": "a", "status": "new", "operation_type": "new"});
    let read: UpdateNotification = serde_json::from_value(new.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), new);
    assert_eq!(OperationType::from("new").as_str(), "new");
}

#[test]
fn ids_that_are_repeated_in_a_file_are_deleted_once() {
    let read: DeleteNotifications =
        serde_json::from_value(json!({"notification_ids": ["1", "2", "1"]})).unwrap();
    assert_eq!(read, DeleteNotifications::new(["1", "2"]));
}

#[test]
fn each_field_that_can_be_set_can_be_cleared() {
    let create = with_filter().notify_users("g", ["u"]).agency("cts_admin_trust");
    let cleared = create.clear_topic().clear_filter().clear_notify_users().clear_agency();
    assert_eq!(cleared, CreateNotification::complete("test"));

    // Fields that could not be read too.
    let odd = json!({
        "notification_id": "1", "notification_name": "a", "operation_type": 1, "operations": 2, "notify_user_list": 3,
        "topic_id": [4], "filter": 5, "agency_name": [6], "status": [7],
    });
    let mut current = Notification::default();
    current.notification_id = "1".into();
    current.other = odd.as_object().unwrap().clone();
    let update = UpdateNotification::from_current(&current);
    assert_eq!(serde_json::to_value(&update).unwrap(), odd);
    let cleared = update
        .rename("a")
        .clear_topic()
        .clear_filter()
        .clear_notify_users()
        .clear_agency()
        .all_operations()
        .disable();
    assert_eq!(
        serde_json::to_value(cleared).unwrap(),
        json!({"notification_id": "1", "notification_name": "a", "operation_type": "complete", "status": "disabled"})
    );
}
