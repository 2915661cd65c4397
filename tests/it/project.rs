//! The project id, looked up through IAM.

use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::transport::TransportErrorKind;
use huaweicloud_cts::{CtsClient, ErrorKind};

fn client(fake: &FakeCts) -> CtsClient {
    CtsClient::builder().region("eu-de").credentials(fake.credentials()).transport(fake.clone()).build().unwrap()
}

fn look_ups(fake: &FakeCts) -> usize {
    fake.calls().iter().filter(|call| call.target == "/v3/projects?name=eu-de").count()
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_for_once_by_the_first_call() {
    let fake = FakeCts::new();
    fake.add_iam_project("eu-de", "p-of-eu-de");
    fake.add_iam_project("eu-nl", "p-of-eu-nl");
    let client = client(&fake);
    assert_eq!((client.project_id(), fake.calls().len()), (None, 0), "building asks nobody");

    let list = ListNotifications::smn();
    let clone = client.clone();
    let (a, b, c) = tokio::join!(
        client.list_notifications(&list),
        client.list_notifications(&list),
        clone.list_notifications(&list)
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(look_ups(&fake), 1, "the others wait for it");
    assert_eq!(client.project_id(), Some("p-of-eu-de"));
    let calls = fake.calls();
    assert_eq!(calls[0].headers["host"], "iam.eu-de.otc.t-systems.com");
    assert!(!calls[0].headers.contains_key("x-project-id"));
    assert_eq!(calls[1].target, "/v3/p-of-eu-de/notifications/smn");
    assert_eq!(calls[1].headers["x-project-id"], "p-of-eu-de");
}

#[tokio::test(start_paused = true)]
async fn none_and_several_say_what_to_do() {
    let list = ListNotifications::smn();
    let fake = FakeCts::new();
    let none = client(&fake).list_notifications(&list).await.unwrap_err();
    fake.add_iam_project("eu-de", "p1");
    fake.add_iam_project("eu-de", "p2");
    let several = client(&fake).list_notifications(&list).await.unwrap_err();
    for error in [&none, &several] {
        assert_eq!((error.kind(), error.attempts(), error.is_retryable()), (ErrorKind::Project, 0, false));
    }
    insta::assert_snapshot!(format!("{none}\n{several}"));
    assert_eq!(look_ups(&fake), 2);
    assert_eq!(fake.calls().len(), 2, "no call goes out without a project");
}

#[tokio::test(start_paused = true)]
async fn a_look_up_that_fails_is_tried_again_and_not_kept() {
    let fake = FakeCts::new();
    fake.add_iam_project("eu-de", "p1");
    let client = client(&fake);
    let list = ListNotifications::smn();

    fake.inject([Fault::Unreachable(TransportErrorKind::Connect), Fault::DropAfter, Fault::throttle(None)]);
    client.list_notifications(&list).await.unwrap();

    let fresh = self::client(&fake);
    fake.inject([Fault::status(
        403,
        r#"{"error":{"code":403,"message":"You are not authorized","title":"Forbidden"}}"#,
    )]);
    let error = fresh.list_notifications(&list).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Project, 403));
    insta::assert_snapshot!(error.to_string());
    fresh.list_notifications(&list).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_is_noticed_by_the_look_up_already() {
    let fake = FakeCts::new();
    fake.add_iam_project("eu-de", "p1");
    fake.set_clock_ahead(7_200);
    client(&fake).list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(fake.calls().iter().filter(|call| call.status.as_u16() == 401).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_project_that_comes_with_the_keys_needs_no_look_up() {
    let fake = FakeCts::new();
    let with_project = |id: &str| {
        let credentials = fake.credentials().project_id(id);
        CtsClient::builder().region("eu-de").credentials(credentials).transport(fake.clone()).build().unwrap()
    };
    with_project("p-of-the-keys").list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!((look_ups(&fake), fake.calls()[0].target.as_str()), (0, "/v3/p-of-the-keys/notifications/smn"));

    let error = with_project("{project_id}").list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.to_string().contains("it is a placeholder"), "{error}");
}

/// A hundred refused signatures would lock the key.
#[tokio::test(start_paused = true)]
async fn calls_that_wait_for_a_look_up_share_its_failure() {
    let fake = FakeCts::new();
    let wrong = huaweicloud_cts::credentials::Credentials::new("UNKNOWNACCESSKEY0001", "some-secret");
    let client = CtsClient::builder().region("eu-de").credentials(wrong).transport(fake.clone()).build().unwrap();
    // Long enough for all to come and wait.
    fake.inject([Fault::Delay(std::time::Duration::from_secs(1))]);
    let calls = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.list_notifications(&ListNotifications::smn()).await.unwrap_err() })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap().kind(), ErrorKind::Project);
    }
    assert_eq!(look_ups(&fake), 1);
    client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(look_ups(&fake), 2, "a later call asks anew");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_anothers_look_up_has_the_callers_own_limit() {
    use huaweicloud_cts::{CallOptions, RetryPolicy};
    use std::time::Duration;

    let fake = FakeCts::new();
    fake.add_iam_project("eu-de", "p1");
    fake.inject((0..4).map(|_| Fault::StallAfter));
    let client = client(&fake);
    let hasty = RetryPolicy::standard().total_timeout(Duration::from_secs(1));
    let hasty = client.with_options(CallOptions::new().retry(hasty));
    let list = ListNotifications::smn();
    let started = tokio::time::Instant::now();
    let (_, waited) = tokio::join!(client.list_notifications(&list), async {
        let error = hasty.list_notifications(&list).await.unwrap_err();
        (error, started.elapsed())
    });
    assert_eq!(waited.1.as_secs(), 1, "{}", waited.0);
    // A caller that gives up leaves the turn to the next.
    let fresh = self::client(&fake);
    fake.inject([Fault::StallAfter]);
    assert!(tokio::time::timeout(Duration::from_secs(1), fresh.list_notifications(&list)).await.is_err());
    fresh.list_notifications(&list).await.unwrap();
}
