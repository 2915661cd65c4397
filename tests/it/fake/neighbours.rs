//! What the fake serves beside CTS: SMN, IAM and STS.

use std::sync::Arc;
use std::time::Duration;

use huaweicloud_cts::configuration::UpdateConfiguration;
use huaweicloud_cts::credentials::{AgencyAccount, AssumeAgency, Credentials};
use huaweicloud_cts::notification::{CreateNotification, ListNotifications, TopicUrn};
use huaweicloud_cts::provision::{NotificationSet, NotificationSpec, Rollout, Target};
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::topic::{TopicExistence, TopicPolicy};
use huaweicloud_cts::{CtsClient, RetryPolicy};

fn urn(name: &str) -> TopicUrn {
    TopicUrn::from(format!("urn:smn:eu-de:{}:{name}", FakeCts::PROJECT_ID))
}

#[tokio::test(start_paused = true)]
async fn smn_knows_the_topics_that_were_added() {
    let fake = FakeCts::new();
    let client = fake.client();
    assert_eq!(
        client.check_topic(&urn("audit")).await.unwrap().existence,
        TopicExistence::NotFound
    );

    fake.add_topic(urn("audit"), (0..150).map(|i| ("email", i64::from(i % 2 == 0))));
    let state = client.check_topic(&urn("audit")).await.unwrap();
    assert_eq!((&state.policy, state.delivers()), (&Some(TopicPolicy::Silent), None));
    let sum = state.subscriptions.unwrap().sum();
    assert_eq!((sum.total, sum.receiving, sum.unconfirmed), (150, 75, 75));

    let statement = r#"{"Effect":"Allow","Principal":{"Service":["cts"]},"Action":"SMN:Publish","Resource":"*"}"#;
    fake.set_topic_policy(urn("audit"), format!(r#"{{"Statement":[{statement}]}}"#));
    assert_eq!(client.check_topic(&urn("audit")).await.unwrap().delivers(), Some(true));
}

#[tokio::test(start_paused = true)]
async fn a_configuration_is_replaced_whole() {
    let client = FakeCts::new().client();
    client
        .update_configuration(&UpdateConfiguration::new(true, false).read_only_services(["IAM"]))
        .await
        .unwrap();
    assert!(client.get_configuration().await.unwrap().records_reads_of("iam"));
    client.update_configuration(&UpdateConfiguration::new(true, false)).await.unwrap();
    let now = client.get_configuration().await.unwrap();
    assert!(!now.records_reads_of("iam") && now.is_sync_global_trace == Some(true));

    let otc = FakeCts::open_telekom_cloud().client().get_configuration().await.unwrap_err();
    assert_eq!(otc.status().unwrap().as_u16(), 404);
}

#[tokio::test(start_paused = true)]
async fn the_account_id_is_that_of_the_tracker_or_of_iam() {
    let fake = FakeCts::new();
    assert_eq!(fake.client().domain_id().await.unwrap(), FakeCts::DOMAIN_ID);
    assert_eq!(fake.requests()[0].operation, Some("ListTrackers"));
    let other = FakeCts::new();
    other.set_domain_id("other");
    assert_eq!(other.client().domain_id().await.unwrap(), "other");
    other.remove_trackers(FakeCts::PROJECT_ID);
    assert_eq!(other.client().domain_id().await.unwrap(), "other");
    assert_eq!(other.requests().last().unwrap().operation, Some("KeystoneListAuthDomains"));
    #[cfg(feature = "reqwest")]
    {
        let server = other.serve().await.unwrap();
        let client = server.client_builder().build().unwrap();
        assert_eq!(client.domain_id().await.unwrap(), "other");
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_of_an_agency_expire_and_are_renewed() {
    let fake = FakeCts::new();
    fake.add_agency("a1", "customer", "auditor");
    fake.add_project_of("a1", "eu-de", "p1");
    let agency = AssumeAgency::iam("auditor", AgencyAccount::id("a1")).source(fake.credentials());
    let client = CtsClient::builder()
        .region("eu-de")
        .credentials(agency)
        .transport(fake.clone())
        .build()
        .unwrap();
    client.create_notification(&CreateNotification::complete("everything")).await.unwrap();
    assert_eq!(fake.notifications("p1").len(), 1);

    // The session is over for the service; the client learns of it by the refusal.
    tokio::time::advance(Duration::from_secs(3601)).await;
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
    let assumed = fake
        .requests()
        .iter()
        .filter(|r| r.operation == Some("CreateTemporaryAccessKeyByAgency"))
        .count();
    assert_eq!(assumed, 2);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_agency_is_refused_as_the_services_do() {
    let fake = FakeCts::new();
    fake.add_agency("a1", "customer", "auditor");
    for (agency, status) in [
        (AssumeAgency::iam("other", AgencyAccount::id("a1")), "403 You have no right"),
        (AssumeAgency::iam("auditor", AgencyAccount::name("nobody")), "403 You have no right"),
        (
            AssumeAgency::iam("auditor", AgencyAccount::id("a1")).duration(Duration::from_secs(60)),
            "400",
        ),
        (AssumeAgency::sts("iam::a2:agency:auditor", "ci"), "403 STS5.1001"),
    ] {
        let client = CtsClient::builder()
            .region("cn-north-4")
            .credentials(agency.source(fake.credentials()))
            .transport(fake.clone())
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let error =
            client.list_notifications(&ListNotifications::smn()).await.unwrap_err().to_string();
        assert!(error.contains(status), "{error}");
    }
}

/// One identity, a hub, and a hundred accounts behind it.
#[tokio::test(start_paused = true)]
async fn a_chain_of_two_agencies_provisions_a_hundred_accounts() {
    let fake = FakeCts::new();
    fake.add_agency("hub", "hub", "provisioner");
    let hub = AssumeAgency::sts("iam::hub:agency:provisioner", "ci").source(fake.credentials());
    let hub = Arc::new(hub.region("cn-north-4").transport(fake.clone()));
    let builder = CtsClient::builder().region("cn-north-4").transport(fake.clone());
    let mut targets = Vec::new();
    for i in 0..100 {
        let account = format!("account-{i}");
        fake.add_agency(&account, &account, "cts");
        fake.add_project_of(&account, "cn-north-4", format!("project-{i}"));
        let agency =
            AssumeAgency::sts(format!("iam::{account}:agency:cts"), "ci").source(Arc::clone(&hub));
        targets.push(Target::assuming(account, builder.clone(), agency).unwrap());
    }
    let set =
        NotificationSet::new([NotificationSpec::from(CreateNotification::complete("everything"))])
            .unwrap();
    let reports = Rollout::new(targets).concurrency(8).run(&set).await;
    assert!(reports.iter().all(huaweicloud_cts::provision::TargetReport::is_complete));
    let assumed =
        fake.requests().iter().filter(|request| request.operation == Some("AssumeAgency")).count();
    assert_eq!(assumed, 101, "the hub is assumed once");
    assert!((0..100).all(|i| fake.notifications(&format!("project-{i}")).len() == 1));
}

/// Five wrong signatures in a row would lock the access key for everybody who uses it.
#[tokio::test(start_paused = true)]
async fn a_wrong_secret_key_is_not_tried_for_each_of_many_agencies() {
    let fake = FakeCts::new();
    let wrong = Arc::new(Credentials::new(fake.credentials().access_key(), "wrong"));
    let builder = CtsClient::builder().region("cn-north-4").transport(fake.clone());
    let targets = (0..20).map(|i| {
        let agency = AssumeAgency::sts(format!("iam::account-{i}:agency:cts"), "ci")
            .source(Arc::clone(&wrong));
        Target::assuming(format!("account-{i}"), builder.clone(), agency).unwrap()
    });
    let set =
        NotificationSet::new([NotificationSpec::from(CreateNotification::complete("everything"))])
            .unwrap();
    let reports = Rollout::new(targets).concurrency(8).run(&set).await;
    assert!(reports.iter().all(|report| report.error().is_some()));
    assert_eq!(fake.requests().len(), 2, "{:?}", fake.requests());
}
