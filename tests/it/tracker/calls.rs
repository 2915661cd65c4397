//! Creating, listing, updating, enabling and disabling, on the fake.

use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::tracker::{
    BucketCheck, CompressType, CreateTracker, DataBucket, Encryption, ListTrackers, SYSTEM_TRACKER,
    TrackerDetail, TrackerStatus, TrackerType, Transfer, TransferTarget, UpdateTracker,
};
use huaweicloud_cts::{CtsClient, Error, ErrorCode, ErrorKind};
use serde_json::{Value, json};

const PROJECT: &str = FakeCts::PROJECT_ID;

/// Names of the operations that the fake was asked for.
fn operations(fake: &FakeCts) -> Vec<&'static str> {
    fake.requests().iter().filter_map(|request| request.operation).collect()
}

fn code(error: &Error) -> &str {
    error.code().map_or("none", ErrorCode::as_str)
}

#[tokio::test]
async fn a_project_starts_with_an_enabled_system_tracker() {
    let client = FakeCts::new().client();
    let trackers = client.list_trackers(&ListTrackers::new()).await.unwrap();
    let [system] = trackers.as_slice() else { panic!("{trackers:?}") };
    assert!(system.is_system() && system.is_enabled());
    assert!(system.other.is_empty(), "{:?}", system.other);
    let recorded: Value =
        serde_json::from_str(include_str!("../fixtures/tracker/list-recorded.json")).unwrap();
    let (fake, recorded) = (serde_json::to_value(system).unwrap(), &recorded["trackers"][0]);
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&fake), names(recorded));
    for field in
        ["lts", "obs_info", "management_event_selector", "tag", "status", "enterprise_project_id"]
    {
        assert_eq!(fake[field], recorded[field], "as recorded");
    }
}

#[tokio::test]
async fn a_data_tracker_is_created_found_and_listed_after_the_system_tracker() {
    let fake = FakeCts::new();
    let client = fake.client();
    let request = CreateTracker::data("reads", "invoices", ["READ"])
        .transfer(TransferTarget::new("archive").file_prefix_name("p").bucket_lifecycle(30))
        .is_lts_enabled(true);
    let created = client.create_tracker(&request).await.unwrap();
    assert!(created.is_enabled() && !created.is_system());
    assert!(created.lts_group_id().is_some() && created.lts_stream_id().is_some());
    assert_eq!(client.find_tracker("reads").await.unwrap().as_ref(), Some(&created));
    assert_eq!(client.find_tracker("read").await.unwrap(), None);
    let names = |trackers: Vec<huaweicloud_cts::tracker::Tracker>| {
        trackers.into_iter().map(|tracker| tracker.tracker_name).collect::<Vec<_>>()
    };
    assert_eq!(
        names(client.list_trackers(&ListTrackers::new()).await.unwrap()),
        ["system", "reads"]
    );
    let of_data = ListTrackers::new().tracker_type(TrackerType::Data);
    assert_eq!(names(client.list_trackers(&of_data).await.unwrap()), ["reads"]);
    let quotas = client.list_quotas().await.unwrap();
    let used: Vec<_> = quotas.iter().map(|quota| quota.used).take(2).collect();
    assert_eq!(used, [Some(1), Some(1)], "quotas count trackers");
}

#[tokio::test]
async fn trackers_of_other_projects_are_not_found() {
    let own = json!({"tracker_name": "system", "tracker_type": "system", "project_id": PROJECT, "id": "own"});
    let other = json!({"tracker_name": "system", "tracker_type": "system", "project_id": "p", "id": "other"});
    for list in [json!({"trackers": [other, own]}), json!({"trackers": [own, other]})] {
        let answers = crate::support::answers::Answers::default().answer(200, list.to_string());
        let found = answers.client().find_tracker(SYSTEM_TRACKER).await.unwrap().unwrap();
        assert_eq!(found.id, "own");
    }
}

#[tokio::test]
async fn an_update_changes_what_it_sets_and_leaves_the_rest() {
    let fake = FakeCts::new();
    let client = fake.client();
    let target =
        TransferTarget::new("archive").file_prefix_name("p").compress_type(CompressType::Json);
    let update = UpdateTracker::system()
        .transfer(target)
        .encryption(Encryption::kms("k"))
        .exclude_service(["KMS"]);
    client.update_tracker(&update).await.unwrap();
    client.update_tracker(&UpdateTracker::system().disable().is_lts_enabled(true)).await.unwrap();
    client
        .update_tracker(&UpdateTracker::system().transfer(TransferTarget::new("other")))
        .await
        .unwrap();

    let system = fake.trackers(PROJECT).remove(0);
    let target = system.obs_info.clone().unwrap();
    assert_eq!(
        (system.transfer_bucket(), target.file_prefix_name.as_deref()),
        (Some("other"), Some("p"))
    );
    assert_eq!(target.compress_type, Some(CompressType::Json));
    assert_eq!(
        (system.status, system.kms_id.as_deref()),
        (Some(TrackerStatus::Disabled), Some("k"))
    );
    assert_eq!(system.management_event_selector.unwrap().exclude_service, ["KMS"]);

    let cleared = UpdateTracker::system()
        .transfer(Transfer::Off)
        .encryption(Encryption::Off)
        .exclude_service([""; 0]);
    client.update_tracker(&cleared).await.unwrap();
    let system = fake.trackers(PROJECT).remove(0);
    assert_eq!((system.transfer_bucket(), &system.kms_id), (None, &None));
    assert_eq!(system.is_support_trace_files_encryption, Some(false));
    assert!(system.management_event_selector.unwrap().exclude_service.is_empty());
    assert_eq!(system.lts.unwrap().is_lts_enabled, Some(true), "not set, so not changed");
}

#[tokio::test]
async fn enabling_and_disabling_read_first_and_write_only_a_change() {
    let fake = FakeCts::new();
    let client = fake.client();
    client.create_tracker(&CreateTracker::data("reads", "invoices", ["READ"])).await.unwrap();
    let before = operations(&fake).len();
    for name in [SYSTEM_TRACKER, "reads"] {
        assert!(!client.enable_tracker(name).await.unwrap());
        assert!(client.disable_tracker(name).await.unwrap());
        assert!(!client.disable_tracker(name).await.unwrap());
    }
    let once = ["ListTrackers", "ListTrackers", "UpdateTracker", "ListTrackers"];
    assert_eq!(operations(&fake)[before..], [once, once].concat());
    // The service requires the bucket of a data tracker and its kinds of operations even to disable
    // it.
    let sent: Vec<Value> = fake
        .requests()
        .iter()
        .filter(|request| request.operation == Some("UpdateTracker"))
        .map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect();
    assert_eq!(
        sent[0],
        json!({"tracker_type": "system", "tracker_name": "system", "status": "disabled"})
    );
    assert_eq!(
        sent[1],
        json!({
            "tracker_type": "data", "tracker_name": "reads", "status": "disabled",
            "data_bucket": {"data_bucket_name": "invoices", "data_event": ["READ"]},
        })
    );
    let trackers = fake.trackers(PROJECT);
    assert!(trackers.iter().all(|tracker| tracker.status == Some(TrackerStatus::Disabled)));
    assert_eq!(trackers[1].data_bucket, Some(DataBucket::new("invoices", ["READ"])));

    let error = client.enable_tracker("nope").await.unwrap_err();
    assert_eq!((error.kind(), error.is_not_found()), (ErrorKind::NotFound, true));
    assert_eq!(error.to_string(), r#"UpdateTracker: there is no tracker named "nope""#);
}

#[tokio::test]
async fn a_tracker_whose_transfer_fails_can_be_enabled_and_disabled() {
    let fake = FakeCts::new();
    fake.set_tracker_status(PROJECT, SYSTEM_TRACKER, "error", Some(TrackerDetail::NoBucket));
    assert!(fake.client().enable_tracker(SYSTEM_TRACKER).await.unwrap());
    assert!(fake.trackers(PROJECT)[0].is_enabled());
}

#[tokio::test]
async fn a_create_whose_response_is_lost_is_not_repeated_and_an_update_is() {
    let fake = FakeCts::new();
    let client = fake.client();
    fake.inject([Fault::DropAfter]);
    let error = client
        .create_tracker(&CreateTracker::data("reads", "invoices", ["READ"]))
        .await
        .unwrap_err();
    assert!(error.may_have_applied());
    assert_eq!(error.attempts(), 1);
    fake.inject([Fault::DropAfter]);
    client
        .update_tracker(&UpdateTracker::data("reads", "invoices", ["READ", "WRITE"]))
        .await
        .unwrap();
    assert_eq!(operations(&fake), ["CreateTracker", "UpdateTracker", "UpdateTracker"]);
    assert_eq!(
        fake.trackers(PROJECT)[1].data_bucket,
        Some(DataBucket::new("invoices", ["READ", "WRITE"]))
    );
}

#[tokio::test]
async fn each_rule_that_a_create_breaks_has_its_code() {
    let fake = FakeCts::new();
    let client = fake.client();
    client.create_tracker(&CreateTracker::data("reads", "invoices", ["READ"])).await.unwrap();
    fake.remove_bucket("gone");
    fake.add_bucket("known");
    fake.remove_kms_key("stale");
    let data = |name: &str, bucket: &str, event: &str| CreateTracker::data(name, bucket, [event]);
    for (request, expected) in [
        (CreateTracker::system(), ErrorCode::ManagementTrackerExists),
        (data("reads", "other", "READ"), ErrorCode::TrackerExists),
        (data("_a", "other", "READ"), ErrorCode::TrackerNameInvalid),
        (data(&"a".repeat(33), "other", "READ"), ErrorCode::TrackerNameInvalid),
        (data("system", "other", "READ"), ErrorCode::DataTrackerNameReserved),
        (data("system-trace", "other", "READ"), ErrorCode::DataTrackerNameReserved),
        (data("a", "gone", "READ"), ErrorCode::TrackedBucketNotFound),
        (data("a", "other", "LIST"), ErrorCode::BucketOperationInvalid),
        (data("a", "invoices", "READ"), ErrorCode::BucketOperationAlreadyTracked),
        (
            data("a", "b2b", "READ").transfer(TransferTarget::new("invoices")),
            ErrorCode::TransferBucketTracked,
        ),
        (
            data("a", "b2b", "READ").transfer(TransferTarget::new("b2b")),
            ErrorCode::TransferBucketTracked,
        ),
        (
            data("a", "b2b", "READ").transfer(TransferTarget::new("B_")),
            ErrorCode::BucketNameInvalid,
        ),
        (
            data("a", "b2b", "READ")
                .transfer(TransferTarget::new("archive").file_prefix_name("a/b")),
            ErrorCode::FilePrefixInvalid,
        ),
        (
            data("a", "b2b", "READ").transfer(TransferTarget::new("known").is_obs_created(true)),
            ErrorCode::BucketExists,
        ),
        (data("a", "b2b", "READ").encryption(Encryption::kms("")), ErrorCode::KmsKeyRequired),
        (
            data("a", "b2b", "READ").encryption(Encryption::kms("stale")),
            ErrorCode::KmsVerificationFailed,
        ),
    ] {
        let error = client.create_tracker(&request).await.unwrap_err();
        assert_eq!(code(&error), expected.as_str(), "{request:?}");
    }
    assert_eq!(fake.trackers(PROJECT).len(), 2, "nothing was created");
    // Writing to the same bucket is another kind of operation.
    client.create_tracker(&data("writes", "invoices", "WRITE")).await.unwrap();
    // A bucket that does not exist can be created, once.
    let creating = |name| {
        data(name, name, "READ").transfer(TransferTarget::new("new-one").is_obs_created(true))
    };
    client.create_tracker(&creating("first")).await.unwrap();
    assert_eq!(code(&client.create_tracker(&creating("second")).await.unwrap_err()), "CTS.0215");
}

#[tokio::test]
async fn each_rule_that_an_update_breaks_has_its_code() {
    let fake = FakeCts::new();
    let client = fake.client();
    client.create_tracker(&CreateTracker::data("reads", "invoices", ["READ"])).await.unwrap();
    client.create_tracker(&CreateTracker::data("writes", "invoices", ["WRITE"])).await.unwrap();
    let before = fake.trackers(PROJECT);
    for (request, expected) in [
        (UpdateTracker::data("nope", "invoices", ["READ"]), ErrorCode::TrackerNotFound),
        (UpdateTracker::data("reads", "others", ["READ"]), ErrorCode::TrackedBucketFixed),
        (
            UpdateTracker::data("reads", "invoices", ["WRITE"]),
            ErrorCode::BucketOperationAlreadyTracked,
        ),
        (UpdateTracker::system().status("paused"), ErrorCode::StatusInvalid),
        (UpdateTracker::system().status(TrackerStatus::Error), ErrorCode::StatusInvalid),
        (
            UpdateTracker::system().transfer(TransferTarget::new("invoices")),
            ErrorCode::TransferBucketTracked,
        ),
        (UpdateTracker::system().agency_name("mine"), ErrorCode::BodyInvalid),
    ] {
        let error = client.update_tracker(&request).await.unwrap_err();
        assert_eq!(code(&error), expected.as_str(), "{request:?}");
        assert_eq!(error.is_not_found(), expected == ErrorCode::TrackerNotFound);
    }
    assert_eq!(fake.trackers(PROJECT), before, "nothing was changed");
}

#[tokio::test]
async fn a_call_without_permission_names_the_actions() {
    let fake = FakeCts::new();
    let denied = || {
        let body = r#"{"error_code":"CTS.0013","error_msg":"No permission, Please check roles."}"#;
        Fault::Respond(
            http::Response::builder().status(403).body(bytes::Bytes::from(body)).unwrap(),
        )
    };
    fake.inject([denied(), denied()]);
    let client = fake.client();
    let create = client.create_tracker(&CreateTracker::system()).await.unwrap_err().to_string();
    assert!(
        create.contains("cts:tracker:create, and for transfers")
            && create.contains("obs:bucket:HeadBucket"),
        "{create}"
    );
    let delete = client.delete_system_tracker().await.unwrap_err().to_string();
    assert!(delete.contains("the call needs the IAM permission cts:tracker:delete"), "{delete}");
}

async fn results(client: &CtsClient, names: &[&str]) -> Vec<(bool, Option<i64>)> {
    let buckets: Vec<_> = names.iter().map(|name| BucketCheck::new(*name, "cn-north-4")).collect();
    let checked = client.check_obs_buckets(&buckets).await.unwrap();
    let status = |bucket: &huaweicloud_cts::tracker::CheckedBucket| {
        bucket.check_bucket_response.as_ref()?.response_code
    };
    checked.iter().map(|bucket| (bucket.is_usable(), status(bucket))).collect()
}

#[tokio::test]
async fn buckets_are_checked_below_the_account_which_is_found_out_from_a_tracker() {
    let fake = FakeCts::new();
    fake.remove_bucket("gone");
    let client = fake.client();
    let found = results(&client, &["archive", "gone", "B"]).await;
    assert_eq!(found, [(true, Some(200)), (false, Some(404)), (false, Some(400))]);
    assert_eq!(operations(&fake), ["ListTrackers", "CheckObsBuckets"]);

    let other = fake.client_builder().domain_id("another").build().unwrap();
    let error = other.check_obs_buckets(&[BucketCheck::new("archive", "r")]).await.unwrap_err();
    assert_eq!(code(&error), "CTS.0002");
}

#[tokio::test]
async fn a_check_of_buckets_is_repeated_because_it_only_reads() {
    let fake = FakeCts::new();
    let client = fake.client_builder().domain_id(FakeCts::DOMAIN_ID).build().unwrap();
    fake.inject([Fault::DropAfter]);
    assert_eq!(results(&client, &["archive"]).await, [(true, Some(200))]);
    assert_eq!(operations(&fake), ["CheckObsBuckets", "CheckObsBuckets"]);
}
