//! Tags, on the fake.

use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::tracker::tag::{FilterTrackers, ListProjectTags, ResourceTag};
use huaweicloud_cts::tracker::{CreateTracker, TrackerId};
use huaweicloud_cts::{CtsClient, ErrorCode};

async fn system(client: &CtsClient) -> TrackerId {
    client.find_tracker("system").await.unwrap().unwrap().id
}

async fn tags(client: &CtsClient, id: &TrackerId) -> Vec<(String, String)> {
    let tags = client.list_tracker_tags(id).await.unwrap();
    let own = tags.into_iter().filter(|tag| !tag.is_of_the_service());
    own.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn tags_are_added_replaced_and_deleted_one_by_one_and_together() {
    let client = FakeCts::new().client();
    let id = system(&client).await;
    let three = [ResourceTag::new("a", "1"), ResourceTag::new("b", "2"), ResourceTag::new("c", "")];
    client.create_tracker_tags(&id, &three).await.unwrap();
    client.add_tracker_tag(&id, &ResourceTag::new("a", "9")).await.unwrap();
    client.add_tracker_tag(&id, &ResourceTag::new("d e:/ü", "4")).await.unwrap();
    assert_eq!(
        tags(&client, &id).await,
        pairs(&[("a", "9"), ("b", "2"), ("c", ""), ("d e:/ü", "4")])
    );

    // With a value, both must match; without, the key alone.
    let wrong_value = [ResourceTag::new("a", "1"), ResourceTag::of_any_value("b")];
    client.delete_tracker_tags(&id, &wrong_value).await.unwrap();
    client.delete_tracker_tag(&id, "d e:/ü").await.unwrap();
    assert_eq!(tags(&client, &id).await, pairs(&[("a", "9"), ("c", "")]));

    let all = client.list_tracker_tags(&id).await.unwrap();
    assert!(
        all.iter().any(ResourceTag::is_of_the_service),
        "that of the service is listed, and stays"
    );
    let error = client.list_tracker_tags(&"nope".into()).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::TrackerNotFound));
}

#[tokio::test(start_paused = true)]
async fn calls_on_tags_are_repeated_when_a_response_is_lost() {
    let fake = FakeCts::new();
    let client = fake.client();
    let id = system(&client).await;
    let (tag, filter) = (ResourceTag::new("a", "1"), FilterTrackers::new().tag("a", ["1"]));
    fake.inject([Fault::DropAfter]);
    client.create_tracker_tags(&id, std::slice::from_ref(&tag)).await.unwrap();
    fake.inject([Fault::DropAfter]);
    client.add_tracker_tag(&id, &tag).await.unwrap();
    fake.inject([Fault::DropAfter]);
    assert_eq!(client.filter_trackers(&filter).await.unwrap().total_count, Some(1));
    fake.inject([Fault::DropAfter]);
    assert_eq!(client.count_trackers(&filter).await.unwrap(), 1);
    fake.inject([Fault::DropAfter]);
    client.delete_tracker_tags(&id, &[tag]).await.unwrap();
    client.add_tracker_tag(&id, &ResourceTag::new("b", "2")).await.unwrap();
    fake.inject([Fault::DropAfter]);
    client.delete_tracker_tag(&id, "b").await.unwrap();
    assert!(tags(&client, &id).await.is_empty());
    assert_eq!(fake.faults_left(), 0);
}

#[tokio::test]
async fn trackers_are_found_by_tags_and_names() {
    let client = FakeCts::new().client();
    for (name, team) in [("reads", Some("audit")), ("writes", Some("security")), ("others", None)] {
        let created =
            client.create_tracker(&CreateTracker::data(name, name, ["READ"])).await.unwrap();
        if let Some(team) = team {
            client.add_tracker_tag(&created.id, &ResourceTag::new("team", team)).await.unwrap();
        }
    }
    for (filter, expected) in [
        (FilterTrackers::new(), &["system", "reads", "writes", "others"][..]),
        (FilterTrackers::new().tag("team", ["audit", "security"]), &["reads", "writes"]),
        (FilterTrackers::new().tag("team", [""; 0]), &["reads", "writes"]),
        (FilterTrackers::new().tag("team", ["audit"]).tag("stage", ["prod"]), &[]),
        (FilterTrackers::new().without_any_tag(true), &["system", "others"]),
        (FilterTrackers::new().resource_name("ite"), &["writes"]),
        (FilterTrackers::new().limit(2).offset(1), &["reads", "writes"]),
    ] {
        let found = client.filter_trackers(&filter).await.unwrap();
        let names: Vec<_> =
            found.resources.iter().map(|tracker| tracker.resource_name.as_str()).collect();
        assert_eq!(names, expected, "{filter:?}");
        let all = found.total_count.unwrap();
        assert_eq!(client.count_trackers(&filter).await.unwrap(), u64::try_from(all).unwrap());
    }
}

#[tokio::test]
async fn all_tags_of_a_project_are_listed_page_after_page() {
    let fake = FakeCts::new();
    let client = fake.client();
    let id = system(&client).await;
    for batch in 0..11 {
        let batch: Vec<_> =
            (0..20).map(|i| ResourceTag::new(format!("k{:03}", batch * 20 + i), "v")).collect();
        client.create_tracker_tags(&id, &batch).await.unwrap();
    }
    let all = client.list_all_project_tags().await.unwrap();
    assert_eq!(all.len(), 221, "with that of the service");
    let pages = fake
        .requests()
        .iter()
        .filter(|request| request.operation == Some("ListProjectsTag"))
        .count();
    assert_eq!(pages, 2);
    let first = client.list_project_tags(&ListProjectTags::new().limit(3)).await.unwrap();
    let second = client
        .list_project_tags(&ListProjectTags::new().limit(3).marker(first.next_marker().unwrap()))
        .await;
    assert_eq!(second.unwrap().tags[0].key, "k002");
}

#[tokio::test]
async fn a_marker_that_comes_again_ends_the_list() {
    let page = r#"{"tags":[{"key":"k","values":["v"]}],"page_info":{"next_marker":"same"}}"#;
    let answers = crate::support::answers::Answers::of([(200, page), (200, page)]);
    assert_eq!(answers.client().list_all_project_tags().await.unwrap().len(), 2);
    assert_eq!(answers.requests().len(), 2);
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn the_body_of_a_delete_is_signed_and_arrives_over_a_socket() {
    let server = FakeCts::new().serve().await.unwrap();
    let client = server.client_builder().build().unwrap();
    let id = system(&client).await;
    client
        .create_tracker_tags(&id, &[ResourceTag::new("a", "1"), ResourceTag::new("b", "2")])
        .await
        .unwrap();
    client.delete_tracker_tags(&id, &[ResourceTag::of_any_value("a")]).await.unwrap();
    assert_eq!(tags(&client, &id).await, pairs(&[("b", "2")]));
    let requests = server.fake().requests();
    let deletion = requests.iter().find(|request| request.method == http::Method::DELETE).unwrap();
    assert_eq!(deletion.body.as_ref(), br#"{"tags":[{"key":"a"}]}"#);
    assert_eq!(deletion.status, 204, "the fake verified the signature, which covers the body");
    assert_eq!(deletion.headers["content-type"], "application/json;charset=UTF-8");
}
