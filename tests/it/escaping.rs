//! Names are displayed without characters that could fool a terminal, and are sent unchanged.

use std::fmt::Display;

use huaweicloud_cts::event::SmnMessageType;
use huaweicloud_cts::notification::{
    DeleteNotifications, FilterField, FilterRule, Notification, NotificationId, NotificationStatus,
    TopicUrn,
};
use huaweicloud_cts::trace::{Trace, TraceId, TraceRating};
use huaweicloud_cts::{ErrorCode, Region};
use serde_json::json;

use crate::support::answers::Answers;

/// Clears the screen, reverses the text, is invisible.
const HOSTILE: &str = "a\u{1b}[2J\u{202e}b\u{200b}\u{2028}c";
const SHOWN: &str = r"a\u{1b}[2J\u{202e}b\u{200b}\u{2028}c";

#[test]
fn display_of_ids_names_and_values_escapes_what_cannot_be_seen() {
    fn check(what: &str, value: impl Display, raw: &str) {
        assert_eq!(value.to_string(), SHOWN, "{what}");
        assert_eq!(raw, HOSTILE, "{what}");
    }
    let (id, topic, trace) =
        (NotificationId::from(HOSTILE), TopicUrn::from(HOSTILE), TraceId::from(HOSTILE));
    check("NotificationId", &id, id.as_str());
    check("TopicUrn", &topic, topic.as_str());
    check("TraceId", &trace, trace.as_str());
    let (status, rating) = (NotificationStatus::from(HOSTILE), TraceRating::from(HOSTILE));
    check("NotificationStatus", &status, status.as_str());
    check("TraceRating", &rating, rating.as_str());
    let (kind, code) = (SmnMessageType::from(HOSTILE), ErrorCode::from(HOSTILE));
    check("SmnMessageType", &kind, kind.as_str());
    check("ErrorCode", &code, code.as_str());
    let (region, rule) = (Region::new(HOSTILE), FilterRule::from(HOSTILE));
    check("Region", &region, region.id());
    check("FilterRule", &rule, rule.as_str());
    assert_eq!(
        format!("{:>5}|{:<5}|", NotificationId::from("ab"), TraceRating::Normal),
        "   ab|normal|"
    );
}

#[test]
fn the_result_of_a_match_escapes_what_the_trace_and_the_notification_say() {
    let trace: Trace = serde_json::from_value(json!({
        "trace_name": HOSTILE, "service_type": HOSTILE, "resource_type": HOSTILE, "resource_id": HOSTILE, "user": HOSTILE,
    }))
    .unwrap();
    let no = json!({
        "operation_type": "customized", "operations": [],
        "notify_user_list": [{"user_group": "g", "user_list": ["a"]}],
        "filter": {"is_support_filter": true, "condition": "AND", "rule": ["resource_id = 1"]},
    });
    let unknown = json!({
        "operation_type": "complete", "status": HOSTILE,
        "filter": {"is_support_filter": true, "condition": "AND", "rule": [HOSTILE]},
    });
    for (notification, count) in [(no, 5), (unknown, 2)] {
        let notification: Notification = serde_json::from_value(notification).unwrap();
        let shown = notification.matches(&trace).to_string();
        assert_eq!(shown.matches(r"\u{1b}[2J\u{202e}b").count(), count, "{shown}");
        assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{2028}']), "{shown:?}");
    }
}

#[tokio::test]
async fn names_that_are_displayed_with_escapes_are_sent_unchanged() {
    let answers = Answers::default().answer(200, "{\"notifications\":[]}").answer(204, "");
    let _report =
        answers.client().delete_notifications(&DeleteNotifications::new([HOSTILE, "b"])).await;
    let sent =
        answers.requests().iter().map(|request| request.uri().to_string()).collect::<String>();
    assert!(sent.contains("a%1B%5B2J%E2%80%AEb%E2%80%8B%E2%80%A8c"), "{sent}");

    let rule = FilterRule::equals(FilterField::from(HOSTILE), "1");
    assert_eq!(rule.as_str(), format!("{HOSTILE} = 1"));
    assert_eq!(serde_json::to_value(NotificationId::from(HOSTILE)).unwrap(), HOSTILE);
}
