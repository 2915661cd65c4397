//! What a test sets and reads: faults, seeds, the clock, recorded requests.

use std::time::{Duration, SystemTime};

use huaweicloud_cts::notification::{
    CreateNotification, ListNotifications, Notification, NotificationStatus,
};
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::{CtsClient, ErrorCode, RetryPolicy};

fn everything() -> CreateNotification {
    CreateNotification::complete("everything")
}

fn impatient(fake: &FakeCts) -> CtsClient {
    fake.client_builder().retry(RetryPolicy::never()).build().unwrap()
}

#[tokio::test]
async fn a_fault_of_an_operation_waits_for_it_and_comes_before_the_fault_of_any_request() {
    let fake = FakeCts::new();
    let client = impatient(&fake);
    fake.inject([Fault::None, Fault::status(502, "")]);
    fake.inject_on("CreateNotification", [Fault::DropBefore, Fault::status(503, "")]);

    client.list_quotas().await.unwrap();
    let error = client.create_notification(&everything()).await.unwrap_err();
    assert!(error.transport().is_some(), "{error}");
    let statuses = [
        client.create_notification(&everything()).await.unwrap_err().status(),
        client.create_notification(&everything()).await.unwrap_err().status(),
    ];
    assert_eq!(statuses.map(|status| status.unwrap().as_u16()), [503, 502]);
    assert_eq!(fake.faults_left(), 0);
}

#[test]
#[should_panic(
    expected = "there is no operation \"CreateNotifications\", only CreateNotification, ListNotifications"
)]
fn a_fault_of_an_operation_that_does_not_exist_fails_the_test() {
    FakeCts::new().inject_on("CreateNotifications", [Fault::DropBefore]);
}

#[test]
#[should_panic(expected = "a status is a number from 100 to 999")]
fn a_fault_with_a_status_that_does_not_exist_fails_the_test() {
    let _ = Fault::status(42, "");
}

#[test]
fn a_throttling_fault_asks_for_whole_seconds_rounded_up() {
    for (time, seconds) in
        [(Duration::ZERO, "0"), (Duration::from_millis(1_001), "2"), (Duration::from_secs(7), "7")]
    {
        let Fault::Respond(response) = Fault::throttle(time) else { panic!() };
        assert_eq!(response.headers()["retry-after"], seconds);
    }
    let Fault::Respond(response) = Fault::throttle(None) else { panic!() };
    assert!(!response.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn a_recorded_request_names_its_operation_as_the_error_does() {
    let fake = FakeCts::new();
    let client = impatient(&fake);
    fake.set_notification_quota(0);
    let mut operations = vec![
        client.create_notification(&everything()).await.unwrap_err().operation(),
        client.delete_notification(&"unknown".into()).await.unwrap_err().operation(),
    ];
    fake.set_clock_ahead(Duration::from_secs(86_400 * 365 * 20));
    operations.push(client.list_quotas().await.unwrap_err().operation());
    let recorded: Vec<_> =
        fake.requests().into_iter().filter_map(|request| request.operation).collect();
    assert_eq!(recorded, operations, "also of a request whose signature is refused");
}

#[tokio::test]
async fn a_seeded_notification_is_as_a_created_one() {
    let created = FakeCts::new();
    created.client().create_notification(&everything()).await.unwrap();
    let seeded = FakeCts::new().with_notification(&everything());
    let [mut created, mut seeded] =
        [created, seeded].map(|fake| fake.notifications(FakeCts::PROJECT_ID));
    assert!(!seeded[0].notification_id.as_str().is_empty());
    for notification in created.iter_mut().chain(&mut seeded) {
        notification.create_time.take().unwrap();
        notification.notification_id = "".into();
    }
    assert_eq!(created, seeded);
}

#[tokio::test]
async fn a_seed_is_stored_as_it_is_and_replaces_the_one_with_its_id() {
    let fake = FakeCts::new();
    fake.client().create_notification(&everything()).await.unwrap();
    let mut stored = fake.notifications(FakeCts::PROJECT_ID).remove(0);
    // No call could make it so: it is enabled and has no topic.
    stored.status = Some(NotificationStatus::Enabled);
    stored.create_time = Some(1);
    stored.other.insert("future_field".into(), 1.into());
    fake.add_notification(FakeCts::PROJECT_ID, &stored);
    assert_eq!(
        fake.client().list_notifications(&ListNotifications::smn()).await.unwrap(),
        [stored]
    );

    let mut unnamed = Notification::default();
    unnamed.project_id = Some("another".into());
    fake.add_notification("p", &unnamed);
    fake.add_notification("p", &unnamed);
    let found = fake.notifications("p");
    assert_eq!((found.len(), found[0].project_id.as_deref()), (2, Some("another")));
}

#[tokio::test]
async fn the_quota_of_notifications_is_kept_to_and_listed() {
    let fake = FakeCts::new().with_notification(&everything());
    fake.set_notification_quota(1);
    let error = fake
        .client()
        .create_notification(&CreateNotification::complete("another"))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::NotificationQuotaExceeded));
    let quotas = fake.client().list_quotas().await.unwrap();
    let quota =
        quotas.iter().find(|quota| quota.quota_type == Some("smn_notification".into())).unwrap();
    assert_eq!((quota.used, quota.quota), (Some(1), Some(1)));
}

#[tokio::test]
async fn a_cleared_fake_keeps_its_settings_and_no_state() {
    let fake = FakeCts::new().with_notification(&everything());
    fake.set_notification_quota(0);
    fake.add_iam_project("eu-de", "p1");
    fake.client().list_quotas().await.unwrap();
    fake.inject([Fault::DropBefore]);
    fake.inject_on("ListQuotas", [Fault::DropBefore]);
    fake.clear();

    assert_eq!((fake.requests().len(), fake.faults_left()), (0, 0));
    assert!(fake.notifications(FakeCts::PROJECT_ID).is_empty());
    let looked_up = CtsClient::builder()
        .region("eu-de")
        .credentials(fake.credentials())
        .transport(fake.clone());
    let error = looked_up.build().unwrap().create_notification(&everything()).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::NotificationQuotaExceeded), "{error}");
}

fn created_at(fake: &FakeCts) -> SystemTime {
    fake.notifications(FakeCts::PROJECT_ID).last().unwrap().created_at().unwrap()
}

#[tokio::test(start_paused = true)]
async fn paused_time_moves_the_clock() {
    let fake = FakeCts::new().with_notification(&everything());
    let before = created_at(&fake);
    tokio::time::advance(Duration::from_secs(86_400)).await;
    fake.client().create_notification(&CreateNotification::complete("a_day_later")).await.unwrap();
    assert_eq!(created_at(&fake).duration_since(before).unwrap(), Duration::from_secs(86_400));
}

#[test]
fn the_clock_of_a_fake_that_is_older_than_its_runtime_is_moved_by_paused_time_too() {
    let fake = FakeCts::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let [before, after] = runtime.block_on(async {
        let fake = fake.with_notification(&everything());
        let before = created_at(&fake);
        tokio::time::advance(Duration::from_secs(60)).await;
        [before, created_at(&fake.with_notification(&everything()))]
    });
    assert_eq!(after.duration_since(before).unwrap(), Duration::from_secs(60));
}
