//! What is known about a topic.

use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::TopicUrn;
use huaweicloud_cts::topic::{TopicExistence, TopicPolicy};
use huaweicloud_cts::{CtsClient, ErrorKind, RetryPolicy};
use serde_json::{Value, json};

use crate::support::answers::Answers;
use crate::support::snapshot::assert_snapshot;

const PROJECT: &str = "24edf66e79d04187acb99a463e610764";
const URN: &str = "urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit";
const PATH: &str = "https://smn.eu-de.otc.t-systems.com/v2/24edf66e79d04187acb99a463e610764/notifications/topics/urn%3Asmn%3Aeu-de%3A24edf66e79d04187acb99a463e610764%3Aaudit";
const DETAIL: &str = r#"{"name":"audit","topic_urn":"u","display_name":"Audit","request_id":"r"}"#;
const NO_POLICY: &str = r#"{"request_id":"r","attributes":{"access_policy":""}}"#;
const ONE: &str = r#"{"subscription_count":1,"subscriptions":[{"protocol":"email","status":1,"endpoint":"sentinel@example.com"}]}"#;
const REFUSED: &str =
    r#"{"request_id":"r","code":"SMN.0001","message":"No permission to request resources."}"#;

fn client(answers: &Answers) -> CtsClient {
    CtsClient::builder()
        .region("eu-de")
        .project_id(PROJECT)
        .credentials(Credentials::new("AK", "SK"))
        .transport(answers.clone())
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

fn subscriptions(items: &Value) -> String {
    json!({ "subscription_count": items.as_array().unwrap().len(), "subscriptions": items })
        .to_string()
}

fn policy(effect: &str) -> String {
    let policy = json!({"Version": "2016-09-07", "Id": "i", "Statement": [{
        "Sid": "__service_pub_0", "Effect": effect, "Principal": {"Service": ["cts"]}, "Action": ["SMN:Publish"], "Resource": URN,
    }]});
    json!({"attributes": {"access_policy": policy.to_string()}}).to_string()
}

#[tokio::test(start_paused = true)]
async fn the_topic_its_policy_and_its_subscriptions_are_read() {
    let answers = Answers::of([(200, DETAIL), (200, &policy("Allow")), (200, ONE)]);
    let state = client(&answers).check_topic(&TopicUrn::from(URN)).await.unwrap();
    assert_eq!(
        answers.targets(),
        [
            PATH.to_owned(),
            format!("{PATH}/attributes?name=access_policy"),
            format!("{PATH}/subscriptions?offset=0&limit=100"),
        ]
    );
    assert_eq!(answers.requests()[0].headers()["x-project-id"], PROJECT);
    assert_eq!(
        (&state.existence, &state.policy),
        (&TopicExistence::Exists, &Some(TopicPolicy::Allows))
    );
    assert_eq!(state.display_name.as_deref(), Some("Audit"));
    assert_eq!(state.delivers(), Some(true));
    assert!(!format!("{state:?} {state}").contains("sentinel"), "addresses are not kept");
    let count =
        json!({"total": 1, "receiving": 1, "unconfirmed": 0, "cancelled": 0, "filtered": 0});
    assert_eq!(
        serde_json::to_value(&state).unwrap(),
        json!({
            "urn": URN, "existence": "exists", "display_name": "Audit", "policy": "allows",
            "subscriptions": {"protocols": {"email": count}}, "unreadable": null,
        })
    );
}

#[tokio::test(start_paused = true)]
async fn each_state_says_what_to_do() {
    let email = |status: i64| json!({"protocol": "email", "status": status});
    let filtered = json!({"protocol": "sms", "status": 1, "filter_polices": [{"name": "n"}]});
    let cases: &[(&str, &str, &str, Option<bool>)] = &[
        ("no subscription", NO_POLICY, &subscriptions(&json!([])), Some(false)),
        (
            "unconfirmed",
            NO_POLICY,
            &subscriptions(&json!([email(0), email(0), {"protocol": "sms", "status": 0}])),
            Some(false),
        ),
        ("cancelled", NO_POLICY, &subscriptions(&json!([email(3)])), Some(false)),
        (
            "partly confirmed",
            &policy("Allow"),
            &subscriptions(&json!([email(1), email(0)])),
            Some(true),
        ),
        ("needs no confirmation", &policy("Allow"), &subscriptions(&json!([email(2)])), Some(true)),
        ("a status of tomorrow", &policy("Allow"), &subscriptions(&json!([email(9)])), None),
        ("filtered", &policy("Allow"), &subscriptions(&json!([filtered])), None),
        ("no policy", NO_POLICY, ONE, None),
        ("forbidden", &policy("Deny"), ONE, Some(false)),
        ("a policy that is none", r#"{"attributes":{"access_policy":"{"}}"#, ONE, None),
    ];
    let mut shown = String::new();
    for (case, policy, subscriptions, delivers) in cases {
        let answers = Answers::of([(200, DETAIL), (200, policy), (200, subscriptions)]);
        let state = client(&answers).check_topic(&TopicUrn::from(URN)).await.unwrap();
        assert_eq!(state.delivers(), *delivers, "{case}: {state}");
        shown = format!("{shown}{case}:\n  {state}\n");
    }
    for (case, responses) in [
        ("not found", vec![(404, r#"{"code":"SMN.0006","message":"Topic not found."}"#)]),
        ("not visible", vec![(403, REFUSED)]),
        (
            "in arrears",
            vec![(403, r#"{"code":"SMN.0070","message":"The role is op_restricted."}"#)],
        ),
        (
            "an incomplete list",
            vec![(200, DETAIL), (200, NO_POLICY), (200, r#"{"subscription_count":3}"#)],
        ),
        (
            "no policy attribute",
            vec![
                (200, DETAIL),
                (404, r#"{"code":"SMN.0045","message":"Attribute not found."}"#),
                (200, ONE),
            ],
        ),
        ("policy refused", vec![(200, DETAIL), (403, REFUSED), (200, ONE)]),
        ("subscriptions refused", vec![(200, DETAIL), (200, NO_POLICY), (403, REFUSED)]),
    ] {
        let answers = responses
            .iter()
            .fold(Answers::default(), |all, (status, body)| all.answer(*status, body));
        let state = client(&answers).check_topic(&TopicUrn::from(URN)).await.unwrap();
        assert_eq!(answers.requests().len(), responses.len());
        shown = format!("{shown}{case}:\n  {state}\n");
    }
    assert_snapshot!("topic-states", shown);
}

#[tokio::test(start_paused = true)]
async fn a_topic_of_another_region_or_project_is_not_asked_for() {
    let answers = Answers::default();
    let client = client(&answers);
    let other_region =
        client.check_topic(&format!("urn:smn:eu-nl:{PROJECT}:audit").into()).await.unwrap();
    assert_eq!(
        other_region.to_string(),
        format!(
            "The topic urn:smn:eu-nl:{PROJECT}:audit is in the region eu-nl, the client in eu-de: it was not checked."
        )
    );
    let other_project = client.check_topic(&"urn:smn:eu-de:other:audit".into()).await.unwrap();
    assert!(
        matches!(other_project.existence, TopicExistence::OtherProject { .. }),
        "{other_project}"
    );
    assert_eq!((other_region.delivers(), other_project.delivers()), (None, None));
    for urn in
        ["", "audit", "urn:fss:eu-de:p:function:default:f", "urn:smn:eu-de", "urn:smn:eu-de:p:"]
    {
        let error = client.check_topic(&urn.into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{urn}: {error}");
    }
    assert!(answers.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn smn_is_asked_only_where_it_is_known_to_be() {
    let answers = Answers::of([(200, DETAIL), (200, NO_POLICY), (200, ONE)]);
    let builder = CtsClient::builder()
        .endpoint("https://gateway.example.com")
        .project_id(PROJECT)
        .credentials(Credentials::new("AK", "SK"))
        .transport(answers.clone());
    let unknown = builder.clone().build().unwrap().check_topic(&URN.into()).await.unwrap();
    assert!(unknown.to_string().contains("smn_endpoint"), "{unknown}");
    assert!(answers.requests().is_empty());

    let known = builder.smn_endpoint("https://smn.example.com").build().unwrap();
    assert_eq!(known.check_topic(&URN.into()).await.unwrap().existence, TopicExistence::Exists);
    assert!(
        answers.targets().iter().all(|target| target.starts_with("https://smn.example.com/v2/"))
    );
}

#[tokio::test(start_paused = true)]
async fn subscriptions_are_counted_over_all_pages() {
    let page = |n: usize| {
        let items = vec![json!({"protocol": "email", "status": 1}); n];
        json!({"subscription_count": 201, "subscriptions": items}).to_string()
    };
    let answers = Answers::of([
        (200, DETAIL),
        (200, NO_POLICY),
        (200, &page(100)),
        (200, &page(100)),
        (200, &page(1)),
    ]);
    let state = client(&answers).check_topic(&URN.into()).await.unwrap();
    assert_eq!(state.subscriptions.unwrap().sum().receiving, 201);
    assert!(answers.targets()[4].ends_with("?offset=200&limit=100"));
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_no_refusal_is_an_error() {
    for responses in [
        vec![(500, "{}")],
        vec![(200, DETAIL), (500, "{}")],
        vec![(200, DETAIL), (200, NO_POLICY), (200, "<html>")],
    ] {
        let answers = responses
            .iter()
            .fold(Answers::default(), |all, (status, body)| all.answer(*status, body));
        assert!(client(&answers).check_topic(&URN.into()).await.is_err());
    }
}

#[tokio::test]
async fn a_404_of_a_gateway_or_a_proxy_is_no_topic_that_does_not_exist() {
    let urn = TopicUrn::from("urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit");
    for body in [
        r#"{"error_code":"APIGW.0101","error_msg":"The API does not exist"}"#,
        "<html>Not Found</html>",
    ] {
        let error = Answers::of([(404, body)]).client().check_topic(&urn).await.unwrap_err();
        assert_eq!(error.status().map(|status| status.as_u16()), Some(404), "{error}");

        let answers = Answers::of([
            (200, "{}"),
            (404, body),
            (200, r#"{"subscriptions":[],"subscription_count":0}"#),
        ]);
        let state = answers.client().check_topic(&urn).await.unwrap();
        assert!(matches!(state.policy, Some(TopicPolicy::Unreadable { .. })), "{:?}", state.policy);
    }
    let missing = r#"{"request_id":"r","code":"SMN.0006","message":"Topic not found."}"#;
    let state = Answers::of([(404, missing)]).client().check_topic(&urn).await.unwrap();
    assert_eq!(state.existence, TopicExistence::NotFound);
}
