//! Spans and events of `tracing`.

#![cfg(feature = "tracing")]

use std::time::Duration;

use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{CreateNotification, ListNotifications};
use huaweicloud_cts::testing::{FakeCts, Fault};
use tracing::instrument::WithSubscriber;

use crate::support::everything::Everything;
use crate::support::snapshot::assert_snapshot;

#[tokio::test(start_paused = true)]
async fn calls_and_retries_are_traced_without_secrets() {
    const ACCESS_KEY: &str = "SENTINELACCESSKEY001";
    const TOKEN: &str = "sentinel-security-token";
    let fake = FakeCts::new();
    let credentials = Credentials::new(ACCESS_KEY, "sentinel-secret-key").security_token(TOKEN);
    fake.accept(&credentials);
    let client = fake.client_builder().credentials(credentials).build().unwrap();
    let repeated = format!(
        "{{\"error_code\":\"CTS.0003\",\"error_msg\":\"{ACCESS_KEY} {TOKEN}\",\"request_id\":\"{TOKEN}\"}}"
    );
    fake.set_clock_ahead(Duration::from_secs(7_200));

    let everything = Everything::default();
    // With a single subscriber, tracing asks the thread that meets a callsite first: another
    // test's, which has none.
    let _second = tracing::Dispatch::new(Everything::default());
    let calls = async {
        client
            .list_notifications(&ListNotifications::smn().named("sentinel-query-value"))
            .await
            .unwrap();
        fake.inject([Fault::DropAfter, Fault::throttle(Duration::from_secs(3))]);
        client.list_notifications(&ListNotifications::smn()).await.unwrap();
        fake.inject([Fault::status(400, &repeated)]);
        client
            .create_notification(&CreateNotification::complete("sentinel-body"))
            .await
            .unwrap_err();
    };
    calls.with_subscriber(everything.clone()).await;

    let told = everything.told();
    assert!(!told.contains("sentinel") && !told.contains(ACCESS_KEY), "{told}");
    // The pause after a lost response is random.
    let told: Vec<String> =
        told.lines().map(|line| line.split(" delay_ms=").next().unwrap().to_owned()).collect();
    assert_snapshot!("tracing", told.join("\n"));
}
