//! Spans and events of `tracing`.

#![cfg(feature = "tracing")]

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{CreateNotification, ListNotifications};
use huaweicloud_cts::testing::{FakeCts, Fault};
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::snapshot::assert_snapshot;

/// Writes down everything, at every level.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Everything {
    fn line(&self, what: &str, own: bool, record: impl FnOnce(&mut Line<'_>)) {
        let mut text = self.0.lock().unwrap();
        if own {
            text.push_str(what);
            record(&mut Line(&mut text));
            text.push('\n');
        }
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("huaweicloud_cts")
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let ours = is_ours(span.metadata());
        self.line(&format!("span {}", span.metadata().name()), ours, |line| span.record(line));
        Id::from_u64(if ours { 1 } else { 2 })
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.line("record", span.into_u64() == 1, |line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.line(&format!("event {}", event.metadata().level()), is_ours(event.metadata()), |line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn calls_and_retries_are_traced_without_secrets() {
    const ACCESS_KEY: &str = "SENTINELACCESSKEY001";
    const TOKEN: &str = "sentinel-security-token";
    let fake = FakeCts::new();
    let credentials = Credentials::new(ACCESS_KEY, "sentinel-secret-key").security_token(TOKEN);
    fake.accept(&credentials);
    let client = fake.client_builder().credentials(credentials).build().unwrap();
    let repeated =
        format!("{{\"error_code\":\"CTS.0003\",\"error_msg\":\"{ACCESS_KEY} {TOKEN}\",\"request_id\":\"{TOKEN}\"}}");
    fake.set_clock_ahead(Duration::from_secs(7_200));

    let everything = Everything::default();
    // With a single subscriber, tracing asks the thread that meets a callsite first: another test's, which has none.
    let _second = tracing::Dispatch::new(Everything::default());
    let calls = async {
        client.list_notifications(&ListNotifications::smn().named("sentinel-query-value")).await.unwrap();
        fake.inject([Fault::DropAfter, Fault::throttle(Duration::from_secs(3))]);
        client.list_notifications(&ListNotifications::smn()).await.unwrap();
        fake.inject([Fault::status(400, &repeated)]);
        client.create_notification(&CreateNotification::complete("sentinel-body")).await.unwrap_err();
    };
    calls.with_subscriber(everything.clone()).await;

    let told = everything.0.lock().unwrap().clone();
    assert!(!told.contains("sentinel") && !told.contains(ACCESS_KEY), "{told}");
    // The pause after a lost response is random.
    let told: Vec<String> = told.lines().map(|line| line.split(" delay_ms=").next().unwrap().to_owned()).collect();
    assert_snapshot!("tracing", told.join("\n"));
}
