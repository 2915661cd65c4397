//! The traces that the fake's own writes leave.

use huaweicloud_cts::configuration::UpdateConfiguration;
use huaweicloud_cts::notification::{CreateNotification, UpdateNotification};
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::tracker::tag::ResourceTag;
use huaweicloud_cts::tracker::{CreateTracker, DataEvent, SYSTEM_TRACKER};

/// Service, kind of resource, operation, code, name and id of the resource: of all traces since the
/// last call.
fn recorded(fake: &FakeCts, known: &mut usize) -> Vec<[String; 6]> {
    let traces = fake.traces(FakeCts::PROJECT_ID).split_off(*known);
    *known += traces.len();
    let rows = traces.into_iter().map(|trace| {
        let code = trace.code().unwrap().to_string();
        let fields = [
            trace.service_type,
            trace.resource_type,
            trace.trace_name,
            Some(code),
            trace.resource_name,
        ];
        let [service, resource, name, code, resource_name] = fields.map(Option::unwrap);
        [
            service,
            resource,
            name,
            code,
            resource_name,
            trace.resource_id.unwrap().as_str().to_owned(),
        ]
    });
    rows.collect()
}

#[tokio::test]
async fn each_write_whose_name_is_documented_leaves_a_trace_of_its_resource() {
    let (fake, mut known) = (FakeCts::new(), 0);
    let client = fake.client();
    let row = |resource: &str, name: &str, code: &str, resource_name: &str, id: &str| {
        [["CTS", resource, name, code, resource_name, id].map(str::to_owned)]
    };

    let created = client.create_notification(&CreateNotification::complete("a")).await.unwrap();
    let id = created.notification_id.as_str();
    assert_eq!(
        recorded(&fake, &mut known),
        row("notification", "createNotification", "201", "a", id)
    );
    client.create_notification(&CreateNotification::complete("a")).await.unwrap_err();
    assert_eq!(
        recorded(&fake, &mut known),
        row("notification", "createNotification", "400", "a", "")
    );
    client
        .update_notification(&UpdateNotification::from_current(&created).rename("b"))
        .await
        .unwrap();
    assert_eq!(
        recorded(&fake, &mut known),
        row("notification", "updateNotification", "200", "a", id)
    );
    client.delete_notification(&created.notification_id).await.unwrap();
    assert_eq!(
        recorded(&fake, &mut known),
        row("notification", "deleteNotification", "204", "b", id)
    );
    client.delete_notification(&created.notification_id).await.unwrap_err();
    assert_eq!(
        recorded(&fake, &mut known),
        row("notification", "deleteNotification", "404", "", id)
    );

    let reads = client
        .create_tracker(&CreateTracker::data("reads", "invoices", [DataEvent::Read]))
        .await
        .unwrap();
    assert_eq!(
        recorded(&fake, &mut known),
        row("tracker", "createTracker", "201", "reads", reads.id.as_str())
    );
    client.disable_tracker("reads").await.unwrap();
    assert_eq!(
        recorded(&fake, &mut known),
        row("tracker", "updateTracker", "200", "reads", reads.id.as_str())
    );
    client.delete_data_tracker("reads").await.unwrap();
    assert_eq!(
        recorded(&fake, &mut known),
        row("tracker", "deleteTracker", "204", "reads", reads.id.as_str())
    );
    client
        .create_tracker(&CreateTracker::data("writes", "invoices", [DataEvent::Write]))
        .await
        .unwrap();
    recorded(&fake, &mut known);
    client.delete_all_data_trackers().await.unwrap();
    assert_eq!(recorded(&fake, &mut known), row("tracker", "deleteTracker", "204", "", ""));

    client.update_configuration(&UpdateConfiguration::new(true, false)).await.unwrap();
    assert_eq!(
        recorded(&fake, &mut known),
        row("configuration", "updateConfiguration", "204", "", "")
    );

    let system = fake.trackers(FakeCts::PROJECT_ID).remove(0);
    client.create_tracker_tags(&system.id, &[ResourceTag::new("k", "v")]).await.unwrap();
    client.list_all_notifications().await.unwrap();
    client.get_configuration().await.unwrap();
    assert!(
        recorded(&fake, &mut known).is_empty(),
        "no name is documented for tags, and reads are not recorded"
    );

    // The last operation that a tracker records is its own end.
    client.delete_system_tracker().await.unwrap();
    assert_eq!(
        recorded(&fake, &mut known),
        row("tracker", "deleteTracker", "204", SYSTEM_TRACKER, system.id.as_str())
    );
    client.create_notification(&CreateNotification::complete("c")).await.unwrap();
    assert!(recorded(&fake, &mut known).is_empty(), "nothing records");
}
