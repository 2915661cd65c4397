//! What each call sends, and what it makes of the documented responses.

use http::Method;
use huaweicloud_cts::tracker::tag::{FilterTrackers, ListProjectTags, ResourceTag};
use huaweicloud_cts::tracker::{
    BucketCheck, CompressType, CreateTracker, DataBucket, Encryption, ListTrackers, Tracker,
    TrackerDetail, TrackerId, TrackerStatus, TrackerType, Transfer, TransferTarget, UpdateTracker,
};
use huaweicloud_cts::{CtsClient, ErrorKind};
use serde_json::{Value, json};

use crate::support::answers::Answers;

const ROOT: &str = "https://cts.eu-de.otc.t-systems.com/v3/24edf66e79d04187acb99a463e610764";
const ID: &str = "8a2fcd50-39ad-4a3b-9c0a-5a4c4a1d2f11";
const KEY: &str = "4f2b8c1e-7d3a-4c55-9b1f-2a6e0d9c8b77";

macro_rules! fixture {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../fixtures/tracker/", $name, ".json")))
            .unwrap()
    };
}

#[test]
fn requests_are_the_documented_ones() {
    let system = CreateTracker::system()
        .agency_name("cts_admin_trust")
        .is_lts_enabled(true)
        .is_organization_tracker(false)
        .exclude_service(["KMS"])
        .is_support_validate(true)
        .encryption(Encryption::kms(KEY))
        .transfer(
            TransferTarget::new("audit-archive")
                .is_obs_created(false)
                .file_prefix_name("11")
                .compress_type(CompressType::Gzip)
                .is_sort_by_service(true),
        );
    let data = CreateTracker::data("invoice_reads", "invoices", ["READ", "WRITE"])
        .is_lts_enabled(true)
        .transfer(
            TransferTarget::new("audit-archive")
                .is_obs_created(false)
                .file_prefix_name("11")
                .bucket_lifecycle(30),
        );
    for (request, documented) in
        [(system, fixture!("create-system-request")), (data, fixture!("create-data-request"))]
    {
        assert_eq!(serde_json::to_value(&request).unwrap(), documented);
        assert_eq!(serde_json::from_value::<CreateTracker>(documented).unwrap(), request);
    }
}

#[test]
fn an_update_sends_what_changes_and_nothing_else() {
    for (request, sent) in [
        (UpdateTracker::system(), json!({})),
        (UpdateTracker::system().disable(), json!({"status": "disabled"})),
        (
            UpdateTracker::system().enable().agency_name("cts_admin_trust"),
            json!({
                "status": "enabled", "agency_name": "cts_admin_trust",
            }),
        ),
        // As Terraform's provider clears the settings of the system tracker.
        (
            UpdateTracker::system().transfer(Transfer::Off),
            json!({
                "obs_info": {"bucket_name": "", "file_prefix_name": ""},
            }),
        ),
        (UpdateTracker::system().transfer(Transfer::Keep), json!({})),
        (
            UpdateTracker::system().transfer(TransferTarget::new("b")),
            json!({"obs_info": {"bucket_name": "b"}}),
        ),
        (
            UpdateTracker::system().encryption(Encryption::Off),
            json!({
                "is_support_trace_files_encryption": false, "kms_id": "",
            }),
        ),
        (UpdateTracker::system().encryption(Encryption::Keep), json!({})),
        (
            UpdateTracker::system().exclude_service([""; 0]),
            json!({
                "management_event_selector": {"exclude_service": []},
            }),
        ),
    ] {
        let mut expected = json!({"tracker_type": "system", "tracker_name": "system"});
        expected.as_object_mut().unwrap().extend(sent.as_object().unwrap().clone());
        assert_eq!(serde_json::to_value(&request).unwrap(), expected);
        assert_eq!(serde_json::from_value::<UpdateTracker>(expected).unwrap(), request);
    }
    let data = UpdateTracker::data("n", "b", ["READ"]).data_event(["WRITE", "READ"]).disable();
    assert_eq!(
        serde_json::to_string(&data).unwrap(),
        r#"{"tracker_type":"data","tracker_name":"n","status":"disabled","data_bucket":{"data_bucket_name":"b","data_event":["WRITE","READ"]}}"#
    );
}

#[test]
fn recorded_trackers_are_typed_and_written_as_they_came() {
    let recorded = fixture!("list-recorded");
    let trackers: Vec<Tracker> = serde_json::from_value(recorded["trackers"].clone()).unwrap();
    assert_eq!(serde_json::to_value(&trackers).unwrap(), recorded["trackers"]);

    let [system, data] = trackers.as_slice() else { panic!("two trackers") };
    assert!(system.is_system() && system.is_enabled() && !data.is_system());
    assert_eq!(
        (system.tracker_type.as_ref(), data.tracker_type.as_ref()),
        (Some(&TrackerType::System), Some(&TrackerType::Data))
    );
    assert_eq!(system.transfer_bucket(), None, "an empty name is no bucket");
    assert_eq!(system.enterprise_project_id.as_deref(), Some("0"));
    assert_eq!(system.tag.as_ref().unwrap()["_sys_enterprise_project_id"], "0");
    assert_eq!(
        system.management_event_selector.as_ref().unwrap().other["read_write_type"],
        json!([])
    );
    assert_eq!(data.data_bucket, Some(DataBucket::new("invoices", ["READ"])));
    assert_eq!(data.lts.as_ref().unwrap().log_topic_name.as_deref(), Some("invoice_reads"));
    assert!(trackers.iter().all(|tracker| tracker.other.is_empty()));
    let created =
        system.created_at().unwrap().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(created.as_millis(), 1_742_825_321_325);
}

#[test]
fn ids_of_lts_are_read_in_both_documented_spellings() {
    let read = |json: Value| serde_json::from_value::<Tracker>(json).unwrap();
    let snake = read(json!({"group_id": "g", "stream_id": "s"}));
    let camel = read(json!({"groupId": "g", "streamId": "s"}));
    for tracker in [snake, camel] {
        assert_eq!((tracker.lts_group_id(), tracker.lts_stream_id()), (Some("g"), Some("s")));
    }
}

#[test]
fn a_failed_transfer_is_a_status_of_its_own_with_a_reason() {
    let read: Tracker =
        serde_json::from_value(json!({"status": "error", "detail": "noBucket"})).unwrap();
    assert_eq!(
        (read.status, read.detail),
        (Some(TrackerStatus::Error), Some(TrackerDetail::NoBucket))
    );
    let later: Tracker =
        serde_json::from_value(json!({"status": "paused", "detail": "new"})).unwrap();
    assert_eq!(serde_json::to_value(&later).unwrap()["status"], "paused");
}

/// A client of Huawei Cloud whose account is known.
fn huawei(answers: &Answers) -> CtsClient {
    CtsClient::builder()
        .endpoint("https://cts.cn-north-4.myhuaweicloud.com")
        .project_id("24edf66e79d04187acb99a463e610764")
        .domain_id("2306579dc99f4c8690b14b68e734fcd9")
        .credentials(huaweicloud_cts::credentials::Credentials::new(
            "TESTACCESSKEY0000001",
            "secret",
        ))
        .transport(answers.clone())
        .retry(huaweicloud_cts::RetryPolicy::never())
        .build()
        .unwrap()
}

#[tokio::test]
async fn each_call_is_the_documented_request() {
    let root = "https://cts.cn-north-4.myhuaweicloud.com/v3/24edf66e79d04187acb99a463e610764";
    let answers = Answers::default()
        .answer(201, include_str!("../fixtures/tracker/create-response.json"))
        .answer(200, include_str!("../fixtures/tracker/list-recorded.json"))
        .answer(200, "")
        .answer(204, "")
        .answer(204, "")
        .answer(200, include_str!("../fixtures/tracker/list-recorded.json"))
        .answer(204, "")
        .answer(200, include_str!("../fixtures/tracker/check-buckets-response.json"));
    let client = huawei(&answers);
    let create = CreateTracker::system().transfer(TransferTarget::new("audit-archive"));
    let created = client.create_tracker(&create).await.unwrap();
    assert_eq!(created.tracker_name, "system");
    assert_eq!(
        created.other["log_file_validate"],
        json!({"is_support_validate": true}),
        "as the example nests it"
    );
    let list = ListTrackers::new().tracker_name("a b&ü").tracker_type(TrackerType::Data);
    assert_eq!(client.list_trackers(&list).await.unwrap().len(), 2);
    client.update_tracker(&UpdateTracker::system().is_lts_enabled(false)).await.unwrap();
    client.delete_data_tracker("invoice_reads").await.unwrap();
    client.delete_system_tracker().await.unwrap();
    client.delete_all_data_trackers().await.unwrap();
    let buckets = [
        BucketCheck::new("audit-archive", "cn-north-4").kms_id(KEY),
        BucketCheck::new("nowhere", "cn-north-4"),
    ];
    let checked = client.check_obs_buckets(&buckets).await.unwrap();
    assert!(checked[0].is_usable() && !checked[1].is_usable());
    let result = checked[1].check_bucket_response.as_ref().unwrap();
    assert_eq!(
        (result.error_code.as_deref(), result.response_code),
        (Some("OBS.NoSuchBucket"), Some(404))
    );

    let expected = [
        (
            Method::POST,
            format!("{root}/tracker"),
            json!({
                "tracker_type": "system", "tracker_name": "system", "obs_info": {"bucket_name": "audit-archive"},
            }),
        ),
        (Method::GET, format!("{root}/trackers?tracker_name=a%20b%26%C3%BC&tracker_type=data"), Value::Null),
        (
            Method::PUT,
            format!("{root}/tracker"),
            json!({
                "tracker_type": "system", "tracker_name": "system", "is_lts_enabled": false,
            }),
        ),
        (Method::DELETE, format!("{root}/trackers?tracker_name=invoice_reads&tracker_type=data"), Value::Null),
        (Method::DELETE, format!("{root}/trackers?tracker_name=system&tracker_type=system"), Value::Null),
        (Method::GET, format!("{root}/trackers"), Value::Null),
        (Method::DELETE, format!("{root}/trackers?tracker_type=data"), Value::Null),
        (
            Method::POST,
            "https://cts.cn-north-4.myhuaweicloud.com/v3/2306579dc99f4c8690b14b68e734fcd9/checkbucket".to_owned(),
            fixture!("check-buckets-request"),
        ),
    ];
    assert_requests(&answers, &expected);
}

#[tokio::test]
async fn each_call_on_tags_is_the_documented_request() {
    let root = format!("{ROOT}/cts-tracker");
    let answers = Answers::default()
        .answer(200, "")
        .answer(204, "")
        .answer(204, "")
        .answer(204, "")
        .answer(200, include_str!("../fixtures/tracker/tags-of-tracker.json"))
        .answer(200, include_str!("../fixtures/tracker/tags-of-project.json"))
        .answer(200, include_str!("../fixtures/tracker/filter-response.json"))
        .answer(200, r#"{"total_count":1}"#);
    let (client, id) = (answers.client(), TrackerId::from(ID));
    let tag = ResourceTag::new("k", "v");
    client.create_tracker_tags(&id, std::slice::from_ref(&tag)).await.unwrap();
    client.delete_tracker_tags(&id, &[tag.clone(), ResourceTag::of_any_value("l")]).await.unwrap();
    client.add_tracker_tag(&id, &tag).await.unwrap();
    client.delete_tracker_tag(&id, "a b:/ü").await.unwrap();
    let tags = client.list_tracker_tags(&id).await.unwrap();
    assert_eq!((tags[0].is_of_the_service(), tags[1].is_of_the_service()), (false, true));
    let page =
        client.list_project_tags(&ListProjectTags::new().limit(1).marker("j")).await.unwrap();
    assert_eq!(page.tags[0].values, ["v1", "v2"]);
    assert_eq!(
        (page.page_info.as_ref().unwrap().current_count, page.next_marker()),
        (Some(200), Some("xxx"))
    );
    let filter = FilterTrackers::new().without_any_tag(false).tag("k", ["v"]).resource_name("sys");
    let found = client.filter_trackers(&filter.clone().limit(5).offset(10)).await.unwrap();
    assert_eq!((found.resources[0].resource_id.as_str(), found.total_count), (ID, Some(1)));
    assert_eq!(client.count_trackers(&filter).await.unwrap(), 1);

    let filter = fixture!("filter-request");
    let expected = [
        (
            Method::POST,
            format!("{root}/{ID}/tags/create"),
            json!({"tags": [{"key": "k", "value": "v"}]}),
        ),
        (
            Method::DELETE,
            format!("{root}/{ID}/tags/delete"),
            json!({"tags": [{"key": "k", "value": "v"}, {"key": "l"}]}),
        ),
        (Method::POST, format!("{root}/{ID}/tags"), json!({"tag": {"key": "k", "value": "v"}})),
        (Method::DELETE, format!("{root}/{ID}/tags/a%20b%3A%2F%C3%BC"), Value::Null),
        (Method::GET, format!("{root}/{ID}/tags"), Value::Null),
        (Method::GET, format!("{root}/tags?limit=1&marker=j"), Value::Null),
        (
            Method::POST,
            format!("{root}/resource-instances/filter?limit=5&offset=10"),
            filter.clone(),
        ),
        (Method::POST, format!("{root}/resource-instances/count"), filter),
    ];
    assert_requests(&answers, &expected);
}

fn assert_requests(answers: &Answers, expected: &[(Method, String, Value)]) {
    let requests = answers.requests();
    assert_eq!(requests.len(), expected.len());
    for (request, (method, uri, body)) in requests.iter().zip(expected) {
        assert_eq!((request.method(), &request.uri().to_string()), (method, uri));
        let sent = if request.body().is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(request.body()).unwrap()
        };
        assert_eq!(sent, *body, "{method} {uri}");
        assert_eq!(
            request.headers().contains_key("content-type"),
            !body.is_null(),
            "{method} {uri}"
        );
    }
}

#[tokio::test]
async fn what_can_never_be_right_is_not_sent() {
    let answers = Answers::default();
    let client = answers.client();
    let (none, tags) = (TrackerId::default(), [ResourceTag::new("k", "v")]);
    let refused = [
        client.create_tracker(&CreateTracker::data("", "b", ["READ"])).await.unwrap_err(),
        client.create_tracker(&CreateTracker::data("n", "", ["READ"])).await.unwrap_err(),
        client.create_tracker(&CreateTracker::data("n", "b", [""; 0])).await.unwrap_err(),
        client.update_tracker(&UpdateTracker::data("n", "b", [""; 0])).await.unwrap_err(),
        client.find_tracker(" ").await.unwrap_err(),
        client.enable_tracker("").await.unwrap_err(),
        client.list_tracker_tags(&none).await.unwrap_err(),
        client.delete_tracker_tags(&none, &tags).await.unwrap_err(),
        client.delete_tracker_tag(&ID.into(), "").await.unwrap_err(),
        client.delete_tracker_tag(&ID.into(), "..").await.unwrap_err(),
        client.list_tracker_tags(&"..".into()).await.unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.kind(), ErrorKind::Request, "{error}");
    }
    assert!(answers.requests().is_empty());
}

#[tokio::test]
async fn a_response_that_is_no_tracker_is_an_error() {
    for body in ["{}", "<html>", r#"{"tracker_name":""}"#, "[]"] {
        let answers = Answers::of([(201, body)]);
        let error = answers.client().create_tracker(&CreateTracker::system()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert!(error.may_have_applied());
    }
}

#[test]
fn a_filter_of_trackers_gives_back_what_was_written() {
    let filter = FilterTrackers::new().tag("team", ["audit"]).limit(7).offset(14);
    let text = serde_json::to_string(&filter).unwrap();
    assert_eq!(serde_json::from_str::<FilterTrackers>(&text).unwrap(), filter);
}

#[tokio::test]
async fn a_system_tracker_with_an_empty_data_bucket_is_enabled() {
    let list = r#"{"trackers":[{"tracker_name":"system","tracker_type":"system","status":"disabled","data_bucket":{}}]}"#;
    let answers = Answers::of([(200, list), (200, "")]);
    assert!(huawei(&answers).enable_tracker("system").await.unwrap());
    let sent: Value = serde_json::from_slice(answers.requests()[1].body()).unwrap();
    assert_eq!(
        sent,
        json!({"tracker_type": "system", "tracker_name": "system", "status": "enabled"})
    );
}
