//! Making a tracker what a spec says.

use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::tracker::{
    CompressType, CreateTracker, DataBucket, Encryption, TrackerDetail, TrackerOutcome,
    TrackerSpec, TrackerStatus, Transfer, TransferTarget, UpdateTracker,
};
use huaweicloud_cts::{ErrorKind, RetryPolicy};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::answers::Answers;

const PROJECT: &str = FakeCts::PROJECT_ID;

fn writes(fake: &FakeCts) -> Vec<&'static str> {
    let names = fake.requests().into_iter().filter_map(|request| request.operation);
    names.filter(|name| *name != "ListTrackers").collect()
}

fn any_transfer() -> impl Strategy<Value = Transfer> {
    let target = (
        "(archive|vault)",
        prop::option::of("(|p|cts-1)"),
        // A bucket that CTS creates can be created once; that has a test of its own.
        prop::option::of(Just(false)),
        prop::option::of(0..5_000_i32),
        prop::option::of(prop_oneof![Just(CompressType::Gzip), Just(CompressType::Json)]),
        prop::option::of(any::<bool>()),
    );
    let target = target.prop_map(|(bucket, prefix, create, days, compress, sort)| {
        let mut target = TransferTarget::new(bucket);
        if let Some(prefix) = prefix {
            target = target.file_prefix_name(prefix);
        }
        if let Some(create) = create {
            target = target.is_obs_created(create);
        }
        if let Some(days) = days {
            target = target.bucket_lifecycle(days);
        }
        if let Some(compress) = compress {
            target = target.compress_type(compress);
        }
        if let Some(sort) = sort {
            target = target.is_sort_by_service(sort);
        }
        Transfer::To(target)
    });
    prop_oneof![Just(Transfer::Keep), Just(Transfer::Off), target]
}

fn any_spec() -> impl Strategy<Value = TrackerSpec> {
    let start = prop_oneof![
        Just(TrackerSpec::system()),
        prop_oneof![Just(vec!["READ"]), Just(vec!["WRITE", "READ"])]
            .prop_map(|events| TrackerSpec::data("data", "invoices", events)),
    ];
    let flags = prop::array::uniform3(prop::option::of(any::<bool>()));
    let encryption =
        prop_oneof![Just(Encryption::Keep), Just(Encryption::Off), Just(Encryption::kms("k"))];
    let status = prop_oneof![
        Just(None),
        Just(Some(TrackerStatus::Enabled)),
        Just(Some(TrackerStatus::Disabled))
    ];
    (start, any_transfer(), flags, encryption, status, any::<bool>()).prop_map(
        |(mut spec, transfer, [lts, validate, organization], encryption, status, agency)| {
            spec = spec.transfer(transfer).encryption(encryption);
            if let Some(lts) = lts {
                spec = spec.is_lts_enabled(lts);
            }
            if let Some(validate) = validate {
                spec = spec.is_support_validate(validate);
            }
            if let Some(organization) = organization {
                spec = spec.is_organization_tracker(organization);
            }
            if agency {
                spec = spec.agency_name("cts_admin_trust");
            }
            match status {
                Some(status) => spec.status(status),
                None => spec.clear_status(),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_state_converges_to_any_spec_and_a_second_call_writes_nothing(
        before in any_spec(), spec in any_spec(), replaces in any::<bool>(), is_empty in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let fake = FakeCts::new();
            if replaces {
                fake.replace_transfer_targets();
            }
            if is_empty {
                fake.remove_trackers(PROJECT);
            }
            let client = fake.client();
            client.ensure_tracker(&before).await.unwrap();
            let report = client.ensure_tracker(&spec).await.unwrap();
            let before = writes(&fake).len();
            let again = client.ensure_tracker(&spec).await.unwrap();
            assert_eq!(again.outcome, TrackerOutcome::Unchanged);
            assert_eq!(again.tracker, report.tracker);
            assert_eq!(writes(&fake).len(), before);
        });
    }

    #[test]
    fn a_stored_spec_is_the_same_again(spec in any_spec()) {
        let stored = serde_json::to_value(&spec).unwrap();
        prop_assert_eq!(serde_json::from_value::<TrackerSpec>(stored).unwrap(), spec);
    }
}

#[test]
fn a_spec_in_a_file_is_enabled_unless_it_says_otherwise() {
    let spec: TrackerSpec = toml::from_str(
        r#"
        tracker_type = "data"
        tracker_name = "reads"
        is_lts_enabled = true
        obs_info = { bucket_name = "archive", compress_type = "json" }
        data_bucket = { data_bucket_name = "invoices", data_event = ["READ"] }
        "#,
    )
    .unwrap();
    let target = TransferTarget::new("archive").compress_type(CompressType::Json);
    let expected =
        TrackerSpec::data("reads", "invoices", ["READ"]).is_lts_enabled(true).transfer(target);
    assert_eq!(spec, expected);
    assert_eq!(spec, expected.clone().status(TrackerStatus::Enabled));
    assert_ne!(spec, expected.clear_status());
}

#[tokio::test]
async fn what_was_done_is_reported() {
    let fake = FakeCts::new();
    let client = fake.client();
    let spec = TrackerSpec::data("reads", "invoices", ["READ"]);
    let created = client.ensure_tracker(&spec).await.unwrap();
    assert_eq!(
        (created.outcome, created.to_string().as_str()),
        (TrackerOutcome::Created, "reads: created")
    );
    assert_eq!(created.tracker, fake.trackers(PROJECT)[1]);

    let more = spec
        .transfer(TransferTarget::new("archive"))
        .is_lts_enabled(true)
        .status(TrackerStatus::Disabled);
    let updated = client.ensure_tracker(&more).await.unwrap();
    assert_eq!(updated.changed, ["status", "is_lts_enabled", "obs_info"]);
    assert_eq!(updated.to_string(), "reads: updated status, is_lts_enabled, obs_info");
    assert!(!updated.tracker.is_enabled());
    assert_eq!(client.ensure_tracker(&more).await.unwrap().to_string(), "reads: up to date");

    // A new tracker is enabled, so one with the desired status disabled takes an update.
    let disabled =
        TrackerSpec::data("writes", "invoices", ["WRITE"]).status(TrackerStatus::Disabled);
    let report = client.ensure_tracker(&disabled).await.unwrap();
    assert_eq!(report.to_string(), "writes: created, then updated status");
    assert_eq!(
        serde_json::to_value(&report).unwrap()["changed"],
        json!(["status"]),
        "a report can be written as JSON"
    );
}

#[tokio::test]
async fn what_a_spec_does_not_set_stays() {
    let fake = FakeCts::new();
    fake.replace_transfer_targets();
    let client = fake.client();
    let target =
        TransferTarget::new("archive").file_prefix_name("p").compress_type(CompressType::Json);
    let spec = TrackerSpec::system().transfer(target).is_lts_enabled(true);
    client.ensure_tracker(&spec).await.unwrap();

    let moved =
        TrackerSpec::system().transfer(TransferTarget::new("vault").is_sort_by_service(false));
    let report = client.ensure_tracker(&moved).await.unwrap();
    assert_eq!(report.changed, ["obs_info"]);
    let target = report.tracker.obs_info.unwrap();
    assert_eq!(target.bucket_name.as_deref(), Some("vault"));
    assert_eq!(
        (target.file_prefix_name.as_deref(), target.is_sort_by_service),
        (Some("p"), Some(false))
    );
    assert_eq!(target.compress_type, Some(CompressType::Json));
    assert_eq!(report.tracker.lts.unwrap().is_lts_enabled, Some(true));
}

#[tokio::test]
async fn unknown_fields_within_parts_are_sent_back() {
    let current = json!({"trackers": [{
        "tracker_name": "data", "tracker_type": "data", "status": "enabled",
        "obs_info": {"bucket_name": "archive", "file_prefix_name": "p", "x_target": {"deep": [1]}},
        "data_bucket": {"data_bucket_name": "invoices", "data_event": ["READ"], "search_enabled": true, "x_bucket": 2},
    }]});
    let answers = Answers::default()
        .answer(200, current.to_string())
        .answer(200, "")
        .answer(200, current.to_string());
    let target = TransferTarget::new("archive").is_sort_by_service(false);
    let spec = TrackerSpec::data("data", "invoices", ["READ"]).transfer(target);
    let client = on_huawei(&answers);
    let error = client.ensure_tracker(&spec).await.unwrap_err();
    assert_eq!((error.kind(), error.fields_not_kept()), (ErrorKind::NotKept, &["obs_info"][..]));
    let sent: Value = serde_json::from_slice(answers.requests()[1].body()).unwrap();
    assert_eq!(
        sent,
        json!({
            "tracker_type": "data", "tracker_name": "data",
            "obs_info": {
                "bucket_name": "archive", "file_prefix_name": "p", "is_sort_by_service": false, "x_target": {"deep": [1]},
            },
            "data_bucket": {"data_bucket_name": "invoices", "data_event": ["READ"], "x_bucket": 2},
        })
    );
}

fn on_huawei(answers: &Answers) -> huaweicloud_cts::CtsClient {
    huaweicloud_cts::CtsClient::builder()
        .endpoint("https://cts.cn-north-4.myhuaweicloud.com")
        .project_id(PROJECT)
        .credentials(huaweicloud_cts::credentials::Credentials::new(
            "TESTACCESSKEY0000001",
            "secret",
        ))
        .transport(answers.clone())
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_bucket_is_created_with_the_target_and_not_again() {
    let fake = FakeCts::new();
    let client = fake.client();
    let target = || TransferTarget::new("archive").is_obs_created(true);
    client.ensure_tracker(&TrackerSpec::system().transfer(target())).await.unwrap();
    let report = client
        .ensure_tracker(&TrackerSpec::system().transfer(target().file_prefix_name("p")))
        .await
        .unwrap();
    assert_eq!(report.changed, ["obs_info"]);
}

#[tokio::test]
async fn what_cannot_be_changed_is_refused_before_anything_is_sent() {
    let fake = FakeCts::new();
    let client = fake.client();
    client.create_tracker(&CreateTracker::data("reads", "invoices", ["READ"])).await.unwrap();
    let other_bucket = TrackerSpec::data("reads", "receipts", ["READ"]);
    let other_type = TrackerSpec::data("system", "invoices", ["READ"]);
    for (spec, reason) in [
        (other_bucket, "which can't be changed to \"receipts\""),
        (other_type, "is of another type"),
    ] {
        let error = client.ensure_tracker(&spec).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains(reason), "{error}");
    }
    assert_eq!(writes(&fake), ["CreateTracker"]);
}

#[tokio::test]
async fn a_create_whose_response_was_lost_is_found_and_not_repeated() {
    for fault in [Fault::DropAfter, Fault::CutOff] {
        let fake = FakeCts::new();
        fake.inject_on("CreateTracker", [fault]);
        let spec = TrackerSpec::data("reads", "invoices", ["READ"]).status(TrackerStatus::Disabled);
        let report = fake.client().ensure_tracker(&spec).await.unwrap();
        assert_eq!(report.to_string(), "reads: created, then updated status");
        assert_eq!(writes(&fake), ["CreateTracker", "UpdateTracker"]);
    }
}

#[tokio::test]
async fn a_create_that_did_not_arrive_fails_with_its_own_error() {
    let fake = FakeCts::new();
    fake.inject_on("CreateTracker", [Fault::DropBefore]);
    let error = fake
        .client()
        .ensure_tracker(&TrackerSpec::data("reads", "invoices", ["READ"]))
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Transport, "CreateTracker"));
    assert_eq!(fake.trackers(PROJECT).len(), 1);
}

#[tokio::test]
async fn a_tracker_that_another_creates_meanwhile_is_taken() {
    let exists =
        r#"{"error_code":"CTS.0201","error_msg":"A management tracker has been created."}"#;
    let theirs =
        r#"{"trackers":[{"tracker_name":"system","tracker_type":"system","status":"enabled"}]}"#;
    let answers = Answers::of([(200, r#"{"trackers":[]}"#), (400, exists), (200, theirs)]);
    let report = answers.client().ensure_tracker(&TrackerSpec::system()).await.unwrap();
    assert_eq!(report.outcome, TrackerOutcome::Unchanged, "it is theirs");
}

#[tokio::test]
async fn an_error_after_a_write_says_that_something_changed() {
    let fake = FakeCts::new();
    let client = fake.client_builder().retry(RetryPolicy::never()).build().unwrap();
    fake.inject_on("ListTrackers", [Fault::None, Fault::DropBefore]);
    let error =
        client.ensure_tracker(&TrackerSpec::system().is_lts_enabled(true)).await.unwrap_err();
    assert_eq!(error.operation(), "ListTrackers");
    assert!(error.may_have_applied(), "{error}");
}

#[tokio::test]
async fn a_failed_transfer_is_reported_and_not_written_over() {
    let fake = FakeCts::new();
    fake.set_tracker_status(PROJECT, "system", "error", Some(TrackerDetail::NoBucket));
    let client = fake.client();
    let report = client.ensure_tracker(&TrackerSpec::system()).await.unwrap();
    assert!(report.has_failed_transfer() && !report.has_changes());
    assert_eq!(report.to_string(), "system: up to date; traces can't be transferred: noBucket");
    let disabled = client
        .ensure_tracker(&TrackerSpec::system().status(TrackerStatus::Disabled))
        .await
        .unwrap();
    assert_eq!(disabled.changed, ["status"]);
}

#[tokio::test]
async fn kinds_of_operations_are_compared_in_any_order() {
    let fake = FakeCts::new();
    let client = fake.client();
    client
        .create_tracker(&CreateTracker::data("both", "invoices", ["READ", "WRITE"]))
        .await
        .unwrap();
    let report = client
        .ensure_tracker(&TrackerSpec::data("both", "invoices", ["WRITE", "READ"]))
        .await
        .unwrap();
    assert_eq!(report.outcome, TrackerOutcome::Unchanged);
    let report =
        client.ensure_tracker(&TrackerSpec::data("both", "invoices", ["READ"])).await.unwrap();
    assert_eq!(report.changed, ["data_event"]);
    assert_eq!(report.tracker.data_bucket, Some(DataBucket::new("invoices", ["READ"])));
    client
        .update_tracker(&UpdateTracker::from_current(&report.tracker).data_event(["WRITE"]))
        .await
        .unwrap();
    assert_eq!(fake.trackers(PROJECT)[1].data_bucket, Some(DataBucket::new("invoices", ["WRITE"])));
}
