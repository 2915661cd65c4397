//! From writes on the fake, through the stream of traces, to the counts of the notifications about
//! them.

use std::time::{Duration, SystemTime};

use huaweicloud_cts::backtest::{Backtest, BacktestEntry};
use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterField, FilterRule, NotifyUsers, Operation,
};
use huaweicloud_cts::provision::{NotificationSet, PlanOptions};
use huaweicloud_cts::testing::{FakeCts, TracePaging};
use huaweicloud_cts::trace::TraceQuery;
use huaweicloud_cts::tracker::{CreateTracker, DataEvent};

/// What would have been sent, by operation.
fn sent(entry: &BacktestEntry) -> Vec<(&str, u64)> {
    let operations = entry.operations.iter().filter(|operation| operation.tally.yes > 0);
    operations.map(|operation| (operation.trace_name.as_str(), operation.tally.yes)).collect()
}

#[tokio::test]
async fn the_recorded_writes_are_what_notifications_would_have_told() {
    let fake = FakeCts::new();
    // Several pages, though there are few traces.
    fake.set_trace_paging(TracePaging::new().most(3));
    let client = fake.client();
    for name in ["a", "b", "c"] {
        let noise = client.create_notification(&CreateNotification::complete(name)).await.unwrap();
        client.create_notification(&CreateNotification::complete(name)).await.unwrap_err();
        client.delete_notification(&noise.notification_id).await.unwrap();
    }
    client
        .create_tracker(&CreateTracker::data("reads", "invoices", [DataEvent::Read]))
        .await
        .unwrap();
    client.disable_tracker("reads").await.unwrap();
    client.delete_data_tracker("reads").await.unwrap();

    let trackers = Operation::new("CTS", "tracker", ["createTracker", "deleteTracker"]);
    let deletions = Operation::new("cts", "NOTIFICATION", ["deleteNotification"]);
    let failures = Filter::all([FilterRule::not_equals(FilterField::TraceRating, "normal")]);
    let reads = Filter::all([FilterRule::equals(FilterField::ResourceName, "reads")]);
    let set = NotificationSet::new([
        CreateNotification::customized("changes", [trackers, deletions]),
        CreateNotification::complete("failures").filter(failures),
        CreateNotification::complete("of_one_tracker").filter(reads),
        CreateNotification::complete("of_another_user")
            .notify_user_list([NotifyUsers::new("admin", ["alice"])]),
    ])
    .unwrap();
    let plan = client.plan(&set, &PlanOptions::new()).await.unwrap();

    let now = SystemTime::now();
    let mut traces = client.traces(&TraceQuery::system(), now - Duration::from_secs(60)..=now);
    let mut backtest = Backtest::from(&plan);
    backtest.add_stream(&mut traces).await.unwrap();
    assert_eq!(traces.gaps(), []);

    let report = backtest.report();
    assert_eq!((report.traces, report.combined.yes, report.combined.no), (12, 9, 3), "{report}");
    let [changes, failures, of_one_tracker, of_another_user] = report.notifications.as_slice()
    else {
        panic!("{report}");
    };
    assert_eq!(
        sent(changes),
        [("deleteNotification", 3), ("createTracker", 1), ("deleteTracker", 1)]
    );
    assert_eq!(sent(failures), [("createNotification", 3)]);
    assert_eq!(
        sent(of_one_tracker),
        [("createTracker", 1), ("deleteTracker", 1), ("updateTracker", 1)]
    );
    assert_eq!(sent(of_another_user), []);
    assert_eq!(of_another_user.tally.no, 12);
    let [first, last] = [&changes.first, &changes.last].map(|example| example.as_ref().unwrap());
    assert_eq!(
        (first.trace_name.as_str(), last.trace_name.as_str()),
        ("deleteNotification", "deleteTracker")
    );
    assert_eq!(
        (first.resource_name.as_deref(), last.resource_name.as_deref()),
        (Some("a"), Some("reads"))
    );
}
