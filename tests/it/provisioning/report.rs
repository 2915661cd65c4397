//! What a report says of each notification.

use super::*;
use crate::support::snapshot::assert_snapshot;

/// The quota is exhausted, so the old one is deleted first; then the name of the new one is taken,
/// and the next round updates it.
#[tokio::test]
async fn the_report_keeps_what_an_earlier_round_deleted() {
    let fake = FakeCts::new();
    create(&fake.client(), CreateNotification::complete("team_old")).await;
    fake.inject(after_reading([service(400, "CTS.0407")]));
    let colleague = Colleague::acts_after(4, &fake, |client| {
        Box::pin(async move {
            create(&client, CreateNotification::complete("new").topic(TOPIC)).await;
        })
    });
    let client = fake.client_builder().transport(colleague).build().unwrap();
    let report =
        client.ensure(&set([CreateNotification::complete("new")]), &prune()).await.unwrap();
    assert_eq!(
        (outcomes(&report).as_str(), report.deleted_first),
        ("Update Delete", true),
        "{report}"
    );
    assert!(report.is_complete() && !report.to_string().contains("WARNING"), "{report}");
    assert_eq!(rules(&fake), ["new disabled"]);
}

/// The report includes what an earlier round wrote.
#[tokio::test]
async fn the_report_of_an_ensure_covers_all_its_rounds() {
    let fake = FakeCts::new();
    create(&fake.client(), CreateNotification::complete("changed")).await;
    create(&fake.client(), CreateNotification::complete("team_old")).await;
    let colleague = Colleague::acts_after(4, &fake, |client| {
        Box::pin(async move {
            let found = client.find_notification("changed").await.unwrap().unwrap();
            client.delete_notification(&found.notification_id).await.unwrap();
        })
    });
    let client = fake.client_builder().transport(colleague).build().unwrap();
    let wanted = set([
        CreateNotification::complete("new"),
        CreateNotification::complete("second"),
        CreateNotification::complete("changed").topic(TOPIC),
    ]);
    let report = client.ensure(&wanted, &prune()).await.unwrap();
    assert_eq!(outcomes(&report), "Create Create Create Delete", "{report}");
    assert!(report.is_complete() && report.has_changes(), "{report}");
    assert_eq!(rules(&fake), ["changed enabled", "new disabled", "second disabled"]);
}

/// Notifications were deleted to make room, and their replacements were not created: the worst
/// outcome, so it comes first.
#[tokio::test]
async fn a_report_begins_with_a_warning_if_notifications_were_deleted_in_vain() {
    let fake = FakeCts::new();
    let client = hasty(&fake);
    create(&client, CreateNotification::complete("team_old")).await;
    let wanted = set([CreateNotification::complete("team_new"), logins()]);
    let plan = client.plan(&wanted, &prune()).await.unwrap();
    let full = || service(400, "CTS.0407");
    // Creating fails because the quota is exhausted, the delete succeeds, and then creating fails
    // for another reason.
    fake.inject(after_reading([full(), Fault::None, service(400, "CTS.0401")]));
    let report = client.apply(&plan).await;
    assert_eq!(
        (outcomes(&report).as_str(), report.deleted_first),
        ("FAILED Create Delete", true),
        "{report}"
    );
    let text = report.to_string();
    let first = "WARNING: 1 deleted to make room, but 1 not created: neither the old nor the new ones exist. Missing: team_new";
    assert_eq!(text.lines().next(), Some(first), "{text}");
    assert_eq!(serde_json::to_value(&report).unwrap()["deleted_first"], true);

    // The same in the one line of a target; and no warning if nothing is missing, or nothing was
    // deleted.
    let target = Target::new("p", client.clone());
    create(&client, CreateNotification::complete("team_old")).await;
    fake.inject(after_reading([full(), Fault::None, service(400, "CTS.0401")]));
    let reports = Rollout::new([target]).options(prune()).run(&wanted).await;
    assert!(
        reports[0].to_string().starts_with("p: WARNING: 1 deleted to make room, but 1 not created"),
        "{}",
        reports[0]
    );
    create(&client, CreateNotification::complete("team_old")).await;
    let plan = client.plan(&wanted, &prune()).await.unwrap();
    fake.inject(after_reading([service(400, "CTS.0401")]));
    let report = client.apply(&plan).await;
    assert!(!report.to_string().contains("WARNING") && !report.deleted_first, "{report}");
    fake.inject(after_reading([full()]));
    let report = client.apply(&plan).await;
    assert!(report.is_complete() && !report.to_string().contains("WARNING"), "{report}");
}

/// Some of the notifications to delete still exist, and each entry says so for itself.
#[tokio::test(start_paused = true)]
async fn each_deletion_has_an_outcome_of_its_own() {
    let nothing = || NotificationSet::default();
    for (faults, expected) in [
        (vec![service(403, "CTS.0013")], "FAILED FAILED"),
        (vec![Fault::DropBefore], "UNKNOWN UNKNOWN"),
        (vec![Fault::DropAfter], "Delete Delete"),
        (vec![Fault::DropAfter, service(500, "CTS.0200")], "UNKNOWN UNKNOWN"),
        (
            vec![service(500, "CTS.0200"), Fault::None, Fault::None, service(403, "CTS.0013")],
            "FAILED Delete",
        ),
    ] {
        let fake = FakeCts::new();
        let client = hasty(&fake);
        for name in ["team_a", "team_b"] {
            create(&client, CreateNotification::complete(name)).await;
        }
        let plan = client.plan(&nothing(), &prune()).await.unwrap();
        fake.inject(after_reading(faults.clone()));
        let report = client.apply(&plan).await;
        assert_eq!(outcomes(&report), expected, "{faults:?}: {report}");
        assert!(client.ensure(&nothing(), &prune()).await.unwrap().is_complete());
        assert!(rules(&fake).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_displays_as_a_table() {
    let fake = FakeCts::new();
    let client = hasty(&fake);
    for name in ["kept", "team_old"] {
        create(&client, CreateNotification::complete(name)).await;
    }
    let wanted = set([
        CreateNotification::complete("kept"),
        CreateNotification::complete("一二三"),
        CreateNotification::complete("refused"),
        CreateNotification::complete("lost\u{1b}[2J"),
    ]);
    let plan = client.plan(&wanted, &prune()).await.unwrap();
    fake.inject(after_reading([Fault::None, service(400, "CTS.0411"), Fault::DropBefore]));
    let report = client.apply(&plan).await;
    assert_snapshot!("apply-report", report);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["complete"], json!(false));
    assert_eq!(json["entries"][1]["done"], json!("create"));
    assert_eq!(json["entries"][3]["outcome"], json!("unknown"));
    assert!(json["entries"][2]["error"].as_str().unwrap().contains("CTS.0411"));
    assert_eq!(json["entries"][4]["outcome"], json!("not_tried"));
}
