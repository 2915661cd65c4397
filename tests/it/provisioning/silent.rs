//! Findings about what keeps a valid notification silent: its topic, and the trackers of the
//! project.

use huaweicloud_cts::CtsClient;
use huaweicloud_cts::notification::{CreateNotification, TopicUrn};
use huaweicloud_cts::provision::{
    Finding, NotificationSet, Plan, PlanOptions, PreflightContext, Severity,
};
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::topic::TopicState;
use huaweicloud_cts::tracker::{ListTrackers, SYSTEM_TRACKER, TrackerDetail, TrackerStatus};
use serde_json::json;

const TOPIC: &str = "urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:audit";
const FUNCTION: &str = "urn:fss:cn-north-4:24edf66e79d04187acb99a463e610764:function:default:audit";
const REFUSED: &str =
    r#"{"request_id":"r","code":"SMN.0001","message":"No permission to request resources."}"#;

fn to_topic(name: &str) -> CreateNotification {
    CreateNotification::complete(name).topic(TOPIC)
}

fn policy(effect: &str) -> String {
    json!({"Statement": [{
        "Sid": "own", "Effect": effect, "Principal": {"Service": "cts"}, "Action": "SMN:Publish", "Resource": TOPIC,
    }]})
    .to_string()
}

async fn planned(client: &CtsClient, set: &NotificationSet) -> Plan {
    client.plan(set, &PlanOptions::new()).await.unwrap()
}

async fn checked(client: &CtsClient, plan: &Plan) -> Vec<TopicState> {
    let mut states = Vec::new();
    for urn in plan.topics() {
        states.push(client.check_topic(urn).await.unwrap());
    }
    states
}

/// The topic, if there is one: its subscriptions and its policy.
type Topic<'t> = Option<(&'t [(&'t str, i64)], &'t str)>;

/// The topic, the operation that is refused, and the finding.
type Case<'t> = (Topic<'t>, Option<&'t str>, Option<(Severity, &'t str)>);

#[tokio::test]
async fn each_state_of_a_topic_leads_to_its_finding() {
    let (allows, denies) = (policy("Allow"), policy("Deny"));
    let confirmed: &[(&str, i64)] = &[("email", 1)];
    let cases: &[Case<'_>] = &[
        (None, None, Some((Severity::Error, "does not exist"))),
        (Some((confirmed, &denies)), None, Some((Severity::Error, "remove the statement \"own\""))),
        (Some((&[], &denies)), None, Some((Severity::Error, "remove the statement \"own\""))),
        (Some((&[], &allows)), None, Some((Severity::Warning, "has no subscription"))),
        (
            Some((&[("sms", 0), ("email", 3)], &allows)),
            None,
            Some((Severity::Warning, "Unconfirmed: 1 sms")),
        ),
        (
            Some((&[("email", 9)], &allows)),
            None,
            Some((Severity::Hint, "a status that is not documented")),
        ),
        (Some((confirmed, "")), None, Some((Severity::Hint, "does not name CTS"))),
        (Some((confirmed, "{")), None, Some((Severity::Hint, "not valid JSON"))),
        (
            Some((confirmed, &allows)),
            Some("ListTopicDetails"),
            Some((Severity::Hint, "grant smn:topic:get")),
        ),
        (
            Some((confirmed, &allows)),
            Some("ListTopicAttributes"),
            Some((Severity::Hint, "grant smn:topic:listAttributes")),
        ),
        (
            Some((confirmed, &allows)),
            Some("ListSubscriptionsByTopic"),
            Some((Severity::Hint, "grant smn:topic:listSubscriptionsByTopic")),
        ),
        (Some((confirmed, &allows)), None, None),
        (Some((&[("email", 1), ("sms", 0)], &allows)), None, None),
    ];
    for (topic, refused, expected) in cases {
        let fake = FakeCts::new();
        if let Some((subscriptions, policy)) = topic {
            fake.add_topic(TOPIC, subscriptions.iter().copied());
            fake.set_topic_policy(TOPIC, *policy);
        }
        if let Some(operation) = refused {
            fake.inject_on(operation, [Fault::status(403, REFUSED)]);
        }
        let set = NotificationSet::new([to_topic("n")]).unwrap();
        let plan = planned(&fake.client(), &set).await;
        let topics = checked(&fake.client(), &plan).await;
        let findings = plan.preflight(&PreflightContext::new().topics(&topics));
        let found: Vec<_> =
            findings.iter().map(|finding| (finding.severity, finding.field.as_str())).collect();
        match expected {
            None => assert_eq!(found, [], "{topic:?}: {findings:?}"),
            Some((severity, part)) => {
                assert_eq!(found, [(*severity, "topic_id")], "{topic:?}: {findings:?}");
                let Finding { notification, message, .. } = &findings[0];
                assert!(message.contains(part) && message.contains(TOPIC), "{topic:?}: {message}");
                assert_eq!(notification.as_deref(), Some("n"));
            }
        }
    }
}

#[tokio::test]
async fn a_policy_that_does_not_name_cts_is_enough_with_the_agency() {
    let fake = FakeCts::new();
    fake.add_topic(TOPIC, [("email", 1)]);
    let states = [fake.client().check_topic(&TOPIC.into()).await.unwrap()];
    let context = PreflightContext::new().topics(&states);
    let severities = |request: CreateNotification| -> Vec<Severity> {
        request.preflight(&context).iter().map(|finding| finding.severity).collect()
    };
    assert_eq!(severities(to_topic("n")), [Severity::Hint]);
    assert_eq!(severities(to_topic("n").agency("cts_admin_trust")), []);

    fake.add_topic(TOPIC, [("email", 0)]);
    let states = [fake.client().check_topic(&TOPIC.into()).await.unwrap()];
    let findings =
        to_topic("n").agency("cts_admin_trust").preflight(&PreflightContext::new().topics(&states));
    assert_eq!(findings[0].severity, Severity::Warning, "no agency helps where no one listens");
}

#[tokio::test]
async fn only_the_topics_that_a_plan_writes_are_named_and_found_wanting() {
    let fake = FakeCts::new()
        .with_notification(&CreateNotification::complete("kept").topic(format!("{TOPIC}_kept")));
    let client = fake.client();
    let set = NotificationSet::new([
        CreateNotification::complete("kept").topic(format!("{TOPIC}_kept")),
        to_topic("one"),
        to_topic("two"),
        CreateNotification::complete("function").topic(FUNCTION),
        CreateNotification::complete("no_topic"),
    ])
    .unwrap();
    let plan = planned(&client, &set).await;
    let urns: Vec<_> = plan.topics().into_iter().map(TopicUrn::as_str).collect();
    assert_eq!(urns, [TOPIC]);

    let states = [client.check_topic(&TOPIC.into()).await.unwrap()];
    let other = [client.check_topic(&format!("{TOPIC}_other").as_str().into()).await.unwrap()];
    let names = |topics: &[TopicState]| -> Vec<Option<String>> {
        let findings = plan.preflight(&PreflightContext::new().topics(topics)).into_iter();
        findings
            .filter(|finding| finding.message.contains("does not exist"))
            .map(|finding| finding.notification)
            .collect()
    };
    assert_eq!(names(&states), [Some("one".to_owned()), Some("two".to_owned())]);
    assert_eq!(names(&other), []);
}

/// That a topic is elsewhere is said once, and that it was not checked for this reason is no second
/// finding.
#[tokio::test]
async fn a_topic_elsewhere_is_one_finding() {
    let client = FakeCts::new().client();
    let urn = "urn:smn:cn-north-4:00000000000000000000000000000000:audit";
    let states = [client.check_topic(&urn.into()).await.unwrap()];
    let request = CreateNotification::complete("n").topic(urn);
    let severities = |context: PreflightContext<'_>| -> Vec<Severity> {
        request.preflight(&context).iter().map(|finding| finding.severity).collect()
    };
    assert_eq!(severities(PreflightContext::new().topics(&states)), [Severity::Hint]);
    let project = PreflightContext::new().project_id(FakeCts::PROJECT_ID);
    assert_eq!(severities(project.topics(&states)), [Severity::Warning]);
}

#[tokio::test]
async fn without_an_enabled_system_tracker_a_set_and_a_plan_have_one_finding() {
    let fake = FakeCts::new();
    let client = fake.client();
    let set = NotificationSet::new(["a", "b"].map(to_topic)).unwrap();
    let plan = planned(&client, &set).await;
    let errors = [
        (None, "there is no system tracker"),
        (Some((TrackerStatus::Disabled, None)), "the system tracker is disabled"),
    ];
    for (status, message) in errors {
        let fake = FakeCts::new();
        match status {
            None => fake.remove_trackers(FakeCts::PROJECT_ID),
            Some((status, detail)) => {
                fake.set_tracker_status(FakeCts::PROJECT_ID, SYSTEM_TRACKER, status, detail);
            }
        }
        let trackers = fake.client().list_trackers(&ListTrackers::new()).await.unwrap();
        let context = PreflightContext::new().trackers(&trackers);
        for findings in [set.preflight(&context), plan.preflight(&context)] {
            let [
                Finding {
                    severity: Severity::Error,
                    notification: None,
                    field,
                    message: found,
                    ..
                },
            ] = findings.as_slice()
            else {
                panic!("{findings:?}");
            };
            assert!(field == "trackers.system" && found.starts_with(message), "{found}");
        }
        let alone = to_topic("a").preflight(&context);
        assert_eq!(alone[0].notification.as_deref(), Some("a"));
        assert_eq!(
            NotificationSet::default().preflight(&context),
            [],
            "nothing that could be sent"
        );
    }

    let trackers = client.list_trackers(&ListTrackers::new()).await.unwrap();
    assert_eq!(set.preflight(&PreflightContext::new().trackers(&trackers)), []);
    let detail = Some(TrackerDetail::NoBucket);
    fake.set_tracker_status(FakeCts::PROJECT_ID, SYSTEM_TRACKER, TrackerStatus::Error, detail);
    let trackers = client.list_trackers(&ListTrackers::new()).await.unwrap();
    let findings = set.preflight(&PreflightContext::new().trackers(&trackers));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].severity, Severity::Warning);
    assert!(findings[0].message.contains("error (noBucket)"), "{}", findings[0]);
}
