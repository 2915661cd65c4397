//! Open Telekom Cloud, where a disabled tracker keeps its settings.

use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::tracker::{
    BucketCheck, CreateTracker, ListTrackers, SYSTEM_TRACKER, TrackerId, TrackerSpec,
    TrackerStatus, TrackerType, TransferTarget, UpdateTracker,
};
use huaweicloud_cts::{CloudKind, CtsClient, ErrorCode, ErrorKind, RetryPolicy};
use serde_json::Value;

const PROJECT: &str = FakeCts::PROJECT_ID;

/// What was written: the statuses of updates, and whether each had settings.
fn updates(fake: &FakeCts) -> Vec<(Option<String>, bool)> {
    fake.requests()
        .iter()
        .filter(|request| request.operation == Some("UpdateTracker"))
        .map(|request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            (body["status"].as_str().map(str::to_owned), body.get("obs_info").is_some())
        })
        .collect()
}

fn steps(expected: &[(&str, bool)]) -> Vec<(Option<String>, bool)> {
    let status = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    expected.iter().map(|(text, settings)| (status(text), *settings)).collect()
}

fn fake(status: TrackerStatus) -> FakeCts {
    let fake = FakeCts::open_telekom_cloud();
    fake.set_tracker_status(PROJECT, SYSTEM_TRACKER, status, None);
    fake
}

#[tokio::test]
async fn settings_arrive_whatever_the_status_is_and_shall_become() {
    use TrackerStatus::{Disabled, Enabled};
    let request =
        || UpdateTracker::system().transfer(TransferTarget::new("archive").file_prefix_name("p"));
    for (before, request, after, expected) in [
        (Enabled, request(), Enabled, steps(&[("", true)])),
        (Enabled, request().enable(), Enabled, steps(&[("enabled", true)])),
        (Enabled, request().disable(), Disabled, steps(&[("", true), ("disabled", false)])),
        (
            Disabled,
            request(),
            Disabled,
            steps(&[("enabled", false), ("", true), ("disabled", false)]),
        ),
        (Disabled, request().enable(), Enabled, steps(&[("enabled", false), ("enabled", true)])),
        (
            Disabled,
            request().disable(),
            Disabled,
            steps(&[("enabled", false), ("", true), ("disabled", false)]),
        ),
    ] {
        let fake = fake(before.clone());
        fake.client().update_tracker(&request).await.unwrap();
        let tracker = fake.trackers(PROJECT).remove(0);
        assert_eq!(tracker.transfer_bucket(), Some("archive"), "{before} {request:?}");
        assert_eq!(tracker.status, Some(after), "{before} {request:?}");
        assert_eq!(updates(&fake), expected, "{before} {request:?}");
    }
}

#[tokio::test]
async fn a_change_of_the_status_alone_is_one_request() {
    let fake = fake(TrackerStatus::Enabled);
    fake.client().update_tracker(&UpdateTracker::system().disable()).await.unwrap();
    assert_eq!(fake.requests().len(), 1);
    assert!(fake.client().enable_tracker(SYSTEM_TRACKER).await.unwrap());
}

#[tokio::test]
async fn a_tracker_that_was_enabled_for_a_change_is_disabled_again_when_the_change_fails() {
    let fake = fake(TrackerStatus::Disabled);
    let client = fake.client_builder().retry(RetryPolicy::never()).build().unwrap();
    fake.inject_on("UpdateTracker", [Fault::None, Fault::DropBefore]);
    let request = UpdateTracker::system().transfer(TransferTarget::new("archive"));
    let error = client.update_tracker(&request).await.unwrap_err();
    assert!(error.may_have_applied());
    let tracker = fake.trackers(PROJECT).remove(0);
    assert_eq!(
        (tracker.transfer_bucket(), &tracker.status),
        (None, &Some(TrackerStatus::Disabled))
    );

    // A request that is wrong says why, and changes nothing in the end.
    let wrong =
        UpdateTracker::system().transfer(TransferTarget::new("archive").file_prefix_name("a/b"));
    let error = client.update_tracker(&wrong).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::FilePrefixInvalid));
    assert_eq!(fake.trackers(PROJECT)[0].status, Some(TrackerStatus::Disabled));
}

#[tokio::test]
async fn an_enabled_tracker_stays_enabled_when_the_change_before_disabling_fails() {
    let fake = fake(TrackerStatus::Enabled);
    let wrong = UpdateTracker::system()
        .transfer(TransferTarget::new("archive").file_prefix_name("a/b"))
        .disable();
    let error = fake.client().update_tracker(&wrong).await.unwrap_err();
    assert!(!error.may_have_applied());
    assert!(fake.trackers(PROJECT)[0].is_enabled());
}

#[tokio::test]
async fn a_spec_with_settings_and_the_status_disabled_converges() {
    let fake = fake(TrackerStatus::Enabled);
    let client = fake.client();
    let spec = TrackerSpec::system()
        .transfer(TransferTarget::new("archive"))
        .status(TrackerStatus::Disabled);
    let report = client.ensure_tracker(&spec).await.unwrap();
    assert_eq!(report.to_string(), "system: updated status, obs_info");
    assert_eq!(client.ensure_tracker(&spec).await.unwrap().to_string(), "system: up to date");
}

#[tokio::test]
async fn a_setting_that_the_cloud_does_not_have_is_reported_as_not_kept() {
    let fake = fake(TrackerStatus::Enabled);
    let spec = TrackerSpec::system().agency_name("cts_admin_trust");
    let error = fake.client().ensure_tracker(&spec).await.unwrap_err();
    assert_eq!((error.kind(), error.fields_not_kept()), (ErrorKind::NotKept, &["agency_name"][..]));
}

#[tokio::test]
async fn a_missing_tracker_is_not_found_although_the_cloud_responds_with_404() {
    let fake = fake(TrackerStatus::Enabled);
    let client = fake.client();
    assert_eq!(client.find_tracker("nope").await.unwrap(), None);
    let error = client.list_trackers(&ListTrackers::new().tracker_name("nope")).await.unwrap_err();
    assert!(error.is_not_found());
}

#[tokio::test]
async fn deleting_names_the_system_tracker_and_never_all_trackers() {
    let fake = fake(TrackerStatus::Enabled);
    let client = fake.client();
    let error = client.delete_all_data_trackers().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0));
    assert!(fake.requests().is_empty());
    client.delete_system_tracker().await.unwrap();
    assert_eq!(fake.requests()[0].target, format!("/v3/{PROJECT}/trackers?tracker_name=system"));
    assert!(fake.trackers(PROJECT).is_empty());
}

#[tokio::test]
async fn what_the_cloud_does_not_have_is_refused_by_it() {
    let fake = fake(TrackerStatus::Enabled);
    let client = fake.client_builder().domain_id(FakeCts::DOMAIN_ID).build().unwrap();
    let no_data =
        client.create_tracker(&CreateTracker::data("a", "bucket", ["READ"])).await.unwrap_err();
    assert_eq!(no_data.code(), Some(&ErrorCode::TrackerTypeInvalid));
    let no_tags = client.list_tracker_tags(&TrackerId::from("id")).await.unwrap_err();
    assert_eq!(no_tags.code(), Some(&ErrorCode::GatewayApiNotFound));
    let no_check =
        client.check_obs_buckets(&[BucketCheck::new("archive", "eu-de")]).await.unwrap_err();
    assert_eq!(no_check.code(), Some(&ErrorCode::GatewayApiNotFound));
    let listed =
        client.list_trackers(&ListTrackers::new().tracker_type(TrackerType::System)).await.unwrap();
    assert_eq!(listed[0].obs_info.as_ref().unwrap().other["bucket_location"], "");
}

#[test]
fn the_cloud_follows_from_the_setting_then_the_host_then_the_region() {
    let builder = || {
        CtsClient::builder()
            .project_id(PROJECT)
            .credentials(huaweicloud_cts::credentials::Credentials::new(
                "TESTACCESSKEY0000001",
                "secret",
            ))
            .transport(FakeCts::new())
    };
    for (builder, expected) in [
        (builder().endpoint("https://cts.eu-de.otc.t-systems.com"), CloudKind::OpenTelekomCloud),
        (
            builder().endpoint("https://cts.eu-ch2.sc.otc.t-systems.com"),
            CloudKind::OpenTelekomCloud,
        ),
        (builder().endpoint("https://cts.cn-north-4.myhuaweicloud.com"), CloudKind::Huawei),
        (builder().endpoint("https://proxy.example.com"), CloudKind::Huawei),
        (
            builder().endpoint("https://proxy.example.com").region("eu-de"),
            CloudKind::OpenTelekomCloud,
        ),
        (builder().region("eu-de"), CloudKind::OpenTelekomCloud),
        (
            builder().endpoint("https://proxy.example.com").cloud(CloudKind::OpenTelekomCloud),
            CloudKind::OpenTelekomCloud,
        ),
        (
            builder().endpoint("https://cts.eu-de.otc.t-systems.com").cloud(CloudKind::Huawei),
            CloudKind::Huawei,
        ),
    ] {
        assert_eq!(builder.build().unwrap().cloud(), expected);
    }
}
