//! Deleting trackers, without ever deleting more than was asked for.

use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::tracker::CreateTracker;
use huaweicloud_cts::{CloudKind, CtsClient, ErrorCode, ErrorKind};

/// A fake with a system tracker and two data trackers, and its client.
async fn three() -> (FakeCts, CtsClient) {
    let fake = FakeCts::new();
    let client = fake.client();
    for name in ["a", "b"] {
        client
            .create_tracker(&CreateTracker::data(name, format!("bucket-{name}"), ["READ"]))
            .await
            .unwrap();
    }
    (fake, client)
}

fn left(fake: &FakeCts) -> Vec<String> {
    fake.trackers(FakeCts::PROJECT_ID).into_iter().map(|tracker| tracker.tracker_name).collect()
}

fn deletions(fake: &FakeCts) -> usize {
    fake.requests().iter().filter(|request| request.operation == Some("DeleteTracker")).count()
}

#[tokio::test]
async fn each_call_deletes_what_its_name_says() {
    let (fake, client) = three().await;
    client.delete_data_tracker("a").await.unwrap();
    assert_eq!(left(&fake), ["system", "b"]);
    client.delete_all_data_trackers().await.unwrap();
    assert_eq!(left(&fake), ["system"]);
    client.delete_system_tracker().await.unwrap();
    assert!(left(&fake).is_empty());
}

#[tokio::test]
async fn a_name_that_says_nothing_or_names_the_system_tracker_is_never_sent() {
    let (fake, client) = three().await;
    let before = fake.requests().len();
    for name in ["", " ", "\t\n", "system"] {
        let error = client.delete_data_tracker(name).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0), "{name:?}");
    }
    assert_eq!(fake.requests().len(), before);
    assert_eq!(left(&fake), ["system", "a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_response_was_lost_is_a_success_when_the_repetition_finds_nothing() {
    let (fake, client) = three().await;
    fake.inject([Fault::DropAfter]);
    client.delete_data_tracker("a").await.unwrap();
    assert_eq!(left(&fake), ["system", "b"]);
    let error = client.delete_data_tracker("a").await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::TrackerNotFound), "deleted long ago");
}

#[tokio::test(start_paused = true)]
async fn the_deletion_of_all_data_trackers_is_never_repeated() {
    let (fake, client) = three().await;
    for fault in [Fault::DropAfter, Fault::CutOff] {
        let before = deletions(&fake);
        fake.inject_on("DeleteTracker", [fault]);
        // A cut-off response without a body is whole.
        if let Err(error) = client.delete_all_data_trackers().await {
            assert!(error.may_have_applied());
            assert_eq!(error.attempts(), 1);
        }
        assert_eq!(deletions(&fake), before + 1);
        client.create_tracker(&CreateTracker::data("new", "bucket-new", ["READ"])).await.unwrap();
    }
    assert_eq!(left(&fake), ["system", "new"]);
}

/// Without a name, Open Telekom Cloud deletes all trackers, whatever type is asked for.
#[tokio::test]
async fn a_cloud_that_is_taken_for_another_keeps_its_system_tracker() {
    let fake = FakeCts::open_telekom_cloud();
    let client = fake.client_builder().cloud(CloudKind::Huawei).build().unwrap();
    client.delete_all_data_trackers().await.unwrap();
    assert_eq!((left(&fake), deletions(&fake)), (vec!["system".to_owned()], 0));
}
