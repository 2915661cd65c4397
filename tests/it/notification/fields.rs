//! The models, field by field, against the tables of the vendor.
//!
//! Source of the tables: the models of `huaweicloudsdkcts` 3.1.219 (Python), which those of the
//! Java, Node and Go SDKs equal in names and required fields. `+` marks a field of no table that
//! Open Telekom Cloud documents in examples.

use huaweicloud_cts::notification::{
    CreateNotification, Filter, ListNotifications, Notification, NotifyUsers, Operation,
    UpdateNotification,
};
use serde_json::{Value, json};

use super::models::TOPIC;
use crate::support::tables::{self, Table, is_request, is_response, sorted};

// CreateNotificationRequestBody
const CREATE_NOTIFICATION_REQUEST_BODY: Table = "
    notification_name!  string
    operation_type!     string
    agency_name         string
    operations          Operations
    notify_user_list    NotificationUsers
    topic_id            string
    filter              Filter
";

// UpdateNotificationRequestBody
const UPDATE_NOTIFICATION_REQUEST_BODY: Table = "
    notification_name!  string
    operation_type!     string
    agency_name         string
    operations          Operations
    notify_user_list    NotificationUsers
    status!             string
    topic_id            string
    notification_id!    string
    filter              Filter
";

// ListNotificationsRequest
const LIST_NOTIFICATIONS_REQUEST: Table = "
    notification_type!  string
    notification_name   string
";

// NotificationsResponseBody, CreateNotificationResponse, UpdateNotificationResponse
const NOTIFICATIONS_RESPONSE_BODY: Table = "
    notification_name  string
    operation_type     string
    agency_name        string
    operations         Operations
    notify_user_list   NotificationUsers
    status             string
    topic_id           string
    notification_id    string
    notification_type  string
    project_id         string
    create_time        integer
    filter             Filter
    +domain_id         string
";

// Operations
const OPERATIONS: Table = "
    service_type   string
    resource_type  string
    trace_names    array
";

// NotificationUsers
const NOTIFICATION_USERS: Table = "
    user_group  string
    user_list   array
";

// Filter
const FILTER: Table = "
    condition          string
    is_support_filter  bool
    rule               array
";

/// A model of a documented type, with all its fields.
fn model(of: &str) -> Value {
    match of {
        "Operations" => json!([tables::object(OPERATIONS, model)]),
        "NotificationUsers" => json!([tables::object(NOTIFICATION_USERS, model)]),
        "Filter" => tables::object(FILTER, model),
        other => panic!("no table has the type {other}"),
    }
}

#[test]
fn responses_have_a_field_for_each_documented_one_and_need_none() {
    is_response::<Notification>(NOTIFICATIONS_RESPONSE_BODY, model, |read| &read.other);
    is_response::<Operation>(OPERATIONS, model, |read| &read.other);
    is_response::<NotifyUsers>(NOTIFICATION_USERS, model, |read| &read.other);
    is_response::<Filter>(FILTER, model, |read| &read.other);

    let whole = tables::object(NOTIFICATIONS_RESPONSE_BODY, model);
    let read: Notification = serde_json::from_value(whole).unwrap();
    assert!(read.operations[0].other.is_empty() && read.notify_user_list[0].other.is_empty());
    assert!(read.filter.unwrap().other.is_empty());
}

#[test]
fn requests_write_each_documented_field_and_require_only_the_required_ones() {
    macro_rules! all_settings {
        ($request:expr) => {
            $request
                .notify_users("g", ["u"])
                .topic(TOPIC)
                .filter(Filter::all([]))
                .agency("cts_admin_trust")
        };
    }
    let operations = || [Operation::new("CTS", "tracker", ["createTracker"])];
    let least = CreateNotification::complete("n");
    let most = all_settings!(CreateNotification::customized("n", operations()));
    is_request(CREATE_NOTIFICATION_REQUEST_BODY, &least, &most);
    let written = serde_json::to_value(&most).unwrap();
    for (part, table) in [
        (&written["operations"][0], OPERATIONS),
        (&written["notify_user_list"][0], NOTIFICATION_USERS),
        (&written["filter"], FILTER),
    ] {
        let names: Vec<_> = part.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, sorted(table, false));
    }

    let least = UpdateNotification::complete("id", "n", "disabled");
    let most = all_settings!(UpdateNotification::customized("id", "n", "enabled", operations()));
    is_request(UPDATE_NOTIFICATION_REQUEST_BODY, &least, &most);
    is_request(
        LIST_NOTIFICATIONS_REQUEST,
        &ListNotifications::smn(),
        &ListNotifications::fun().named("n"),
    );
}
