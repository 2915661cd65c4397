//! Single pages, and what traces are about.

use std::time::{Duration, SystemTime};

use huaweicloud_cts::notification::CreateNotification;
use huaweicloud_cts::testing::{FakeCts, TracePaging};
use huaweicloud_cts::trace::{ListTraces, Trace, TraceList, TraceQuery, TraceRating};
use huaweicloud_cts::tracker::SYSTEM_TRACKER;
use huaweicloud_cts::{ErrorCode, ErrorKind};
use serde_json::json;

use super::{at, recorded};
use crate::support::answers::Answers;

fn ids(list: &TraceList) -> Vec<&str> {
    list.traces.iter().map(|trace| trace.trace_id.as_ref().unwrap().as_str()).collect()
}

#[tokio::test]
async fn a_page_has_the_latest_first_and_excludes_both_bounds() {
    let fake = FakeCts::new();
    let start = at(60_000);
    fake.add_traces(
        FakeCts::PROJECT_ID,
        (0..5).map(|i| recorded(&format!("t{i}"), start + Duration::from_millis(i))),
    );
    let request = ListTraces::new(TraceQuery::system())
        .from(start)
        .to(start + Duration::from_millis(4))
        .limit(2);
    let page = fake.client().list_traces(&request).await.unwrap();
    assert_eq!((ids(&page), page.next().as_deref()), (vec!["t3", "t2"], Some("t2")));
    let page = fake.client().list_traces(&request.clone().next("t2")).await.unwrap();
    assert_eq!((ids(&page), page.next().as_deref()), (vec!["t1"], Some("t1")));
    let page = fake.client().list_traces(&request.next("t1")).await.unwrap();
    assert_eq!((ids(&page), page.next()), (vec![], None));
}

#[tokio::test]
async fn writes_of_the_fake_are_recorded_with_their_outcome() {
    let fake = FakeCts::new();
    let client = fake.client();
    let request = CreateNotification::complete("everything");
    let created = client.create_notification(&request).await.unwrap();
    client.create_notification(&request).await.unwrap_err();
    client.delete_notification(&created.notification_id).await.unwrap();

    let page =
        client.list_traces(&ListTraces::new(TraceQuery::system().user("fake-user"))).await.unwrap();
    let seen: Vec<_> = page
        .traces
        .iter()
        .map(|trace| (trace.trace_name.as_deref().unwrap(), trace.code(), trace.rating().unwrap()))
        .collect();
    assert_eq!(
        seen,
        [
            ("deleteNotification", Some(204), &TraceRating::Normal),
            ("createNotification", Some(400), &TraceRating::Warning),
            ("createNotification", Some(201), &TraceRating::Normal),
        ]
    );
    let first = &page.traces[2];
    assert_eq!(first.resource_id.as_deref(), Some(created.notification_id.as_str()));
    assert_eq!(first.resource_name.as_deref(), Some("everything"));
    assert_eq!(first.request.json().unwrap()["notification_name"], "everything");
    assert_eq!(
        first.user.details().unwrap().access_key_id.as_deref(),
        Some(fake.credentials().access_key())
    );
}

#[tokio::test]
async fn nothing_is_recorded_while_the_tracker_is_disabled() {
    let fake = FakeCts::new();
    fake.set_tracker_status(FakeCts::PROJECT_ID, SYSTEM_TRACKER, "disabled", None);
    fake.client().create_notification(&CreateNotification::complete("a")).await.unwrap();
    assert_eq!(fake.traces(FakeCts::PROJECT_ID), []);
    fake.client().enable_tracker(SYSTEM_TRACKER).await.unwrap();
    assert_eq!(fake.traces(FakeCts::PROJECT_ID)[0].trace_name.as_deref(), Some("updateTracker"));
}

#[tokio::test]
async fn conditions_are_all_met_and_an_id_overrides_them() {
    let fake = FakeCts::new();
    let with = |id: &str, fields: serde_json::Value| {
        let mut trace: Trace = serde_json::from_value(fields).unwrap();
        let of = recorded(id, SystemTime::now() - Duration::from_secs(60));
        (trace.trace_id, trace.time, trace.record_time) = (of.trace_id, of.time, of.record_time);
        trace
    };
    fake.add_traces(
        FakeCts::PROJECT_ID,
        [
            with(
                "a",
                json!({"service_type": "IAM", "trace_name": "login", "user": {"name": "alice"}}),
            ),
            with(
                "b",
                json!({"service_type": "IAM", "trace_name": "logout", "user": {"name": "alice"}}),
            ),
            with(
                "c",
                json!({"service_type": "ECS", "trace_name": "login", "user": {"name": "alice"}}),
            ),
            with("d", json!({"trace_type": "ObsAPI", "tracker_name": "reads"})),
            with("e", json!({"trace_type": "ObsAPI", "tracker_name": "writes"})),
        ],
    );
    let alice = TraceQuery::system().user("alice");
    for (query, found) in [
        (alice.clone(), vec!["c", "b", "a"]),
        (alice.clone().service_type("IAM").trace_name("login"), vec!["a"]),
        (alice.clone().trace_id("c").service_type("IAM"), vec!["c"]),
        (alice.trace_id("z"), vec![]),
        (TraceQuery::data(), vec!["e", "d"]),
        (TraceQuery::data().tracker_name("reads"), vec!["d"]),
    ] {
        let page = fake.client().list_traces(&ListTraces::new(query.clone())).await.unwrap();
        assert_eq!(ids(&page), found, "{query:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_trace_is_listed_once_it_is_visible_and_for_seven_days() {
    let fake = FakeCts::new();
    let client = fake.client();
    fake.set_trace_delay(Duration::from_secs(60));
    fake.add_traces(FakeCts::PROJECT_ID, [recorded("prompt", SystemTime::now())]);
    fake.add_trace_after(
        FakeCts::PROJECT_ID,
        Duration::from_secs(600),
        recorded("late", at(30_000)),
    );
    let request = ListTraces::new(TraceQuery::system())
        .from(at(3_600_000))
        .to(SystemTime::now() + Duration::from_secs(9));
    for (seconds, visible) in
        [(0, vec![]), (61, vec!["prompt"]), (540, vec!["prompt", "late"]), (7 * 86_400, vec![])]
    {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        assert_eq!(
            ids(&client.list_traces(&request).await.unwrap()),
            visible,
            "after {seconds} s more"
        );
    }
}

#[tokio::test]
async fn parameters_that_the_documents_exclude_are_refused_by_the_fake() {
    let fake = FakeCts::new();
    let query = || ListTraces::new(TraceQuery::system());
    for request in [
        query().limit(201),
        query().limit(0),
        query().from(SystemTime::now()),
        query().to(SystemTime::now()),
    ] {
        let error = fake.client().list_traces(&request).await.unwrap_err();
        assert_eq!(error.api().unwrap().status().as_u16(), 400, "{request:?}");
    }
    let otc = FakeCts::open_telekom_cloud().client();
    otc.list_traces(&query()).await.unwrap();
    assert_eq!(
        otc.list_user_resources().await.unwrap_err().code(),
        Some(&ErrorCode::GatewayApiNotFound)
    );
}

#[tokio::test]
async fn users_and_resources_are_those_of_recorded_operations() {
    let fake = FakeCts::new();
    let client = fake.client();
    client.create_notification(&CreateNotification::complete("a")).await.unwrap();
    fake.add_traces(
        "another project",
        [serde_json::from_value(json!({"service_type": "IAM", "resource_type": "user"})).unwrap()],
    );
    assert_eq!(client.list_user_resources().await.unwrap()[0].name, "fake-user");
    let resources = client.list_trace_resources().await.unwrap();
    let named: Vec<_> =
        resources.iter().map(|of| (of.service_type.as_str(), of.resource[0].as_str())).collect();
    assert_eq!(named, [("CTS", "notification"), ("IAM", "user")]);

    let foreign = fake.client_builder().domain_id("another-account").build().unwrap();
    let error = foreign.list_trace_resources().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 403);
}

#[tokio::test]
async fn the_marker_may_be_absent_on_the_last_page() {
    let fake = FakeCts::new();
    fake.set_trace_paging(TracePaging::new().marks_last(false).most(2));
    let start = at(1_000);
    fake.add_traces(
        FakeCts::PROJECT_ID,
        (0..4).map(|i| recorded(&format!("t{i}"), start + Duration::from_millis(i))),
    );
    let request = ListTraces::new(TraceQuery::system());
    let page = fake.client().list_traces(&request).await.unwrap();
    assert_eq!((ids(&page), page.next().as_deref()), (vec!["t3", "t2"], Some("t2")));
    let page = fake.client().list_traces(&request.next("t2")).await.unwrap();
    assert_eq!((ids(&page), page.next()), (vec!["t1", "t0"], None));
}

#[tokio::test]
async fn an_odd_trace_spoils_no_other_and_other_responses_are_not_believed() {
    let list = |body: &str| {
        let client = Answers::of([(200, body)]).client();
        async move { client.list_traces(&ListTraces::new(TraceQuery::system())).await }
    };
    let page = list(
        r#"{"traces":[{"trace_id":7,"code":{}},null,{"trace_id":"b"}],"meta_data":{"marker":1472148708232}}"#,
    );
    let page = page.await.unwrap();
    assert_eq!(page.traces.len(), 2);
    assert_eq!(page.traces[0].other["trace_id"], 7);
    assert_eq!(page.next().as_deref(), Some("1472148708232"));
    for empty in
        ["{}", r#"{"traces":null}"#, r#"{"traces":[],"meta_data":{"count":0,"marker":""}}"#]
    {
        let page = list(empty).await.unwrap();
        assert_eq!((page.traces.len(), page.next()), (0, None), "{empty}");
    }
    for (body, reason) in [
        (r#"{"notifications":[]}"#, "it has no traces"),
        (r#"{"traces":{}}"#, "traces should be an array, but is an object"),
        (r#"{"traces":["a"]}"#, "traces should be objects, but there is a string"),
    ] {
        let error = list(body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(reason), "{error}");
    }
}
