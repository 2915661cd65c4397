//! What CTS records beyond changes.

use huaweicloud_cts::configuration::{Configuration, UpdateConfiguration};
use serde_json::{Value, json};

use crate::support::answers::Answers;
use crate::support::tables::{is_request, is_response};

/// The table is that of the API reference, `ShowConfiguration` and `UpdateConfiguration`: no SDK
/// has a model.
#[test]
fn the_models_have_each_documented_field() {
    let shown = "
        is_sync_global_trace        bool
        is_support_read_only        bool
        support_read_only_services  array
    ";
    is_response::<Configuration>(
        shown,
        |of| panic!("no table has the type {of}"),
        |read| &read.other,
    );
    let all_required = "
        is_sync_global_trace!        bool
        is_support_read_only!        bool
        support_read_only_services!  array
    ";
    let (least, most) =
        (UpdateConfiguration::new(false, false), UpdateConfiguration::new(true, true));
    is_request(all_required, &least, &most.read_only_services(["IAM"]));
}

#[tokio::test(start_paused = true)]
async fn a_configuration_is_read_and_written_whole() {
    let read = r#"{"is_sync_global_trace":true,"is_support_read_only":false,"support_read_only_services":["IAM",null,"ECS"],"new":1}"#;
    let answers = Answers::of([(200, read), (204, "")]);
    let client = answers.client();
    let current = client.get_configuration().await.unwrap();
    assert!(current.records_reads_of("ecs") && !current.records_reads_of("CTS"));
    assert_eq!(current.other["new"], 1);

    client
        .update_configuration(&UpdateConfiguration::from_current(&current).support_read_only(true))
        .await
        .unwrap();
    let sent = answers.requests();
    assert_eq!((sent[0].method().as_str(), sent[1].method().as_str()), ("GET", "PUT"));
    assert!(sent[1].uri().path().ends_with("/configuration"));
    let body: Value = serde_json::from_slice(sent[1].body()).unwrap();
    assert_eq!(
        body,
        json!({"is_sync_global_trace": true, "is_support_read_only": true, "support_read_only_services": ["IAM", "ECS"]})
    );
}

#[tokio::test(start_paused = true)]
async fn an_odd_value_of_a_configuration_spoils_no_other() {
    let answers =
        Answers::of([(200, r#"{"is_sync_global_trace":"yes","is_support_read_only":true}"#)]);
    let current = answers.client().get_configuration().await.unwrap();
    assert_eq!((current.is_sync_global_trace, current.is_support_read_only), (None, Some(true)));
    assert_eq!(current.other["is_sync_global_trace"], "yes");
}

/// The documents say that they need none.
#[tokio::test(start_paused = true)]
async fn a_refusal_names_no_permission_that_does_not_exist() {
    let denied = r#"{"error_code":"CTS.0013","error_msg":"No permission."}"#;
    let answers = Answers::of([(403, denied), (403, denied)]);
    let read = answers.client().get_configuration().await.unwrap_err().to_string();
    let written = answers
        .client()
        .update_configuration(&UpdateConfiguration::new(true, true))
        .await
        .unwrap_err();
    assert!(!format!("{read} {written}").contains("cts:"), "{read} {written}");
}

#[test]
fn an_update_is_read_strictly_and_gives_back_what_was_written() {
    let update = UpdateConfiguration::new(true, false).read_only_services(["IAM"]);
    let text = serde_json::to_string(&update).unwrap();
    assert_eq!(serde_json::from_str::<UpdateConfiguration>(&text).unwrap(), update);
    assert!(
        serde_json::from_str::<UpdateConfiguration>(
            r#"{"is_sync_global_trace":true,"is_suport_read_only":true}"#
        )
        .is_err()
    );
}
