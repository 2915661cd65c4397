//! From a write on the fake to the count of the notification about it.

use huaweicloud_cts::backtest::Backtest;
use huaweicloud_cts::notification::{CreateNotification, Operation};
use huaweicloud_cts::provision::{NotificationSet, PlanOptions};
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::trace::{ListTraces, TraceQuery};

#[tokio::test]
async fn what_the_fake_records_of_writes_is_what_a_notification_would_have_told() {
    let client = FakeCts::new().client();
    let noise = client.create_notification(&CreateNotification::complete("noise")).await.unwrap();
    client.delete_notification(&noise.notification_id).await.unwrap();

    let deleted = [Operation::new("cts", "NOTIFICATION", ["deleteNotification"])];
    let set = NotificationSet::new([CreateNotification::customized("deleted", deleted)]).unwrap();
    let plan = client.plan(&set, &PlanOptions::new()).await.unwrap();
    let page = client.list_traces(&ListTraces::new(TraceQuery::system()).limit(200)).await.unwrap();
    let mut backtest = Backtest::from(&plan);
    backtest.extend(&page.traces);

    let report = backtest.report();
    assert_eq!((report.traces, report.combined.yes, report.combined.no), (2, 1, 1), "{report}");
    let first = report.notifications[0].first.as_ref().unwrap();
    assert_eq!((first.trace_name.as_str(), first.time.is_some()), ("deleteNotification", true));
}
