//! The models, field by field, against the tables of the vendor.
//!
//! Source of the tables: the models of `huaweicloudsdkcts` 3.1.219 (Python), which those of the
//! Java, Node and Go SDKs equal in names and required fields. `+` marks fields of no table that
//! were seen in recorded responses.

use std::fmt::Debug;

use huaweicloud_cts::tracker::tag::{
    FilterTrackers, FilteredTrackers, ListProjectTags, PageInfo, ProjectTag, ProjectTags,
    ResourceTag, TaggedTracker,
};
use huaweicloud_cts::tracker::{
    BucketCheck, CheckBucketResponse, CheckedBucket, CompressType, CreateTracker, DataBucket,
    Encryption, ListTrackers, Lts, ManagementEventSelector, ObsInfo, Tracker, TrackerStatus,
    TransferTarget, UpdateTracker,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::support::tables::{self, Table, fields, is_request, sorted};

// CreateTrackerRequestBody
const CREATE_TRACKER_REQUEST_BODY: Table = "
    tracker_type!                      string
    tracker_name!                      string
    agency_name                        string
    is_organization_tracker            bool
    management_event_selector          ManagementEventSelector
    is_lts_enabled                     bool
    obs_info                           TrackerObsInfo
    is_support_trace_files_encryption  bool
    kms_id                             string
    is_support_validate                bool
    data_bucket                        DataBucket
";

// UpdateTrackerRequestBody
const UPDATE_TRACKER_REQUEST_BODY: Table = "
    tracker_type!                      string
    tracker_name!                      string
    status                             string
    agency_name                        string
    is_organization_tracker            bool
    management_event_selector          ManagementEventSelector
    is_lts_enabled                     bool
    obs_info                           TrackerObsInfo
    is_support_trace_files_encryption  bool
    kms_id                             string
    is_support_validate                bool
    data_bucket                        DataBucket
";

// TrackerObsInfo
const TRACKER_OBS_INFO: Table = "
    bucket_name         string
    file_prefix_name    string
    is_obs_created      bool
    bucket_lifecycle    integer
    compress_type       string
    is_sort_by_service  bool
";

// DataBucket
const DATA_BUCKET: Table = "
    data_bucket_name  string
    data_event        array
";

// ManagementEventSelector
const MANAGEMENT_EVENT_SELECTOR: Table = "
    exclude_service  array
";

// TrackerResponseBody: the fields of CreateTrackerResponse, group_id and stream_id
const TRACKER_RESPONSE_BODY: Table = "
    id                                 string
    create_time                        integer
    kms_id                             string
    is_support_validate                bool
    is_organization_tracker            bool
    management_event_selector          ManagementEventSelector
    lts                                Lts
    tracker_type                       string
    domain_id                          string
    project_id                         string
    tracker_name                       string
    agency_name                        string
    status                             string
    detail                             string
    is_support_trace_files_encryption  bool
    obs_info                           ObsInfo
    data_bucket                        DataBucketQuery
    group_id                           string
    stream_id                          string
    +enterprise_project_id             string
    +tag                               tags
";

// Lts
const LTS: Table = "
    is_lts_enabled  bool
    log_group_name  string
    log_topic_name  string
";

// ObsInfo
const OBS_INFO: Table = "
    bucket_name           string
    file_prefix_name      string
    is_obs_created        bool
    is_authorized_bucket  bool
    bucket_lifecycle      integer
    compress_type         string
    is_sort_by_service    bool
";

// DataBucketQuery
const DATA_BUCKET_QUERY: Table = "
    data_bucket_name  string
    search_enabled    bool
    data_event        array
";

// ListTrackersRequest
const LIST_TRACKERS_REQUEST: Table = "
    tracker_name  string
    tracker_type  string
";

// CheckBucketRequest
const CHECK_BUCKET_REQUEST: Table = "
    bucket_name!                       string
    bucket_location!                   string
    kms_id                             string
    is_support_trace_files_encryption  bool
";

// Bucket
const BUCKET: Table = "
    bucket_name                        string
    bucket_location                    string
    kms_id                             string
    is_support_trace_files_encryption  bool
    check_bucket_response              CheckBucketResponse
";

// CheckBucketResponse
const CHECK_BUCKET_RESPONSE: Table = "
    error_code     string
    error_message  string
    response_code  integer
    success        bool
";

// Tags
const TAGS: Table = "
    key    string
    value  string
";

// The rest is in no SDK. Source: Huawei Cloud API reference, ListProjectsTag and
// ListFilterResources.
const LIST_PROJECT_TAGS_REQUEST: Table = "
    limit   integer
    marker  string
";
const PROJECT_TAG: Table = "
    key     string
    values  array
";
const PROJECT_TAGS: Table = "
    tags       projecttags
    page_info  PageInfo
";
const PAGE_INFO: Table = "
    current_count  integer
    next_marker    string
";
const FILTER_REQUEST: Table = "
    without_any_tag  bool
    tags             conditions
    matches          matches
";
const FILTER_RESPONSE: Table = "
    resources    resources
    total_count  integer
";
const RESOURCE: Table = "
    resource_id      string
    resource_name    string
    resource_detail  string
    tags             Tags
";

/// A model of a documented type, with all its fields.
fn model(of: &str) -> Value {
    match of {
        "tags" => json!({"k": "v"}),
        "conditions" => json!([{"key": "k", "values": ["v"]}]),
        "matches" => json!([{"key": "resource_name", "value": "v"}]),
        "projecttags" => json!([object(PROJECT_TAG)]),
        "Tags" => json!([object(TAGS)]),
        "resources" => json!([object(RESOURCE)]),
        "PageInfo" => object(PAGE_INFO),
        "ManagementEventSelector" => object(MANAGEMENT_EVENT_SELECTOR),
        "TrackerObsInfo" => object(TRACKER_OBS_INFO),
        "DataBucket" => object(DATA_BUCKET),
        "Lts" => object(LTS),
        "ObsInfo" => object(OBS_INFO),
        "DataBucketQuery" => object(DATA_BUCKET_QUERY),
        "CheckBucketResponse" => object(CHECK_BUCKET_RESPONSE),
        other => panic!("no table has the type {other}"),
    }
}

fn object(table: Table) -> Value {
    tables::object(table, model)
}

fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// As for every response. To these models `null` means that a field is absent.
fn is_response<T>(table: Table, other: impl Fn(&T) -> &Map<String, Value>)
where
    T: Serialize + DeserializeOwned + Default + PartialEq + Debug,
{
    let nulls = fields(table).iter().map(|field| (field.name.to_owned(), Value::Null)).collect();
    assert_eq!(serde_json::from_value::<T>(Value::Object(nulls)).unwrap(), T::default());
    tables::is_response(table, model, other);
}

#[test]
fn responses_have_a_field_for_each_documented_one_and_need_none() {
    is_response::<Tracker>(TRACKER_RESPONSE_BODY, |read| &read.other);
    is_response::<Lts>(LTS, |read| &read.other);
    is_response::<ObsInfo>(OBS_INFO, |read| &read.other);
    is_response::<DataBucket>(DATA_BUCKET_QUERY, |read| &read.other);
    is_response::<ManagementEventSelector>(MANAGEMENT_EVENT_SELECTOR, |read| &read.other);
    is_response::<CheckedBucket>(BUCKET, |read| &read.other);
    is_response::<CheckBucketResponse>(CHECK_BUCKET_RESPONSE, |read| &read.other);
    is_response::<ResourceTag>(TAGS, |read| &read.other);
    is_response::<ProjectTag>(PROJECT_TAG, |read| &read.other);
    is_response::<ProjectTags>(PROJECT_TAGS, |read| &read.other);
    is_response::<PageInfo>(PAGE_INFO, |read| &read.other);
    is_response::<FilteredTrackers>(FILTER_RESPONSE, |read| &read.other);
    is_response::<TaggedTracker>(RESOURCE, |read| &read.other);
}

#[test]
fn parts_of_a_tracker_are_typed_and_not_kept_as_unknown() {
    let tracker: Tracker = serde_json::from_value(object(TRACKER_RESPONSE_BODY)).unwrap();
    assert!(tracker.obs_info.unwrap().other.is_empty());
    assert!(tracker.lts.unwrap().other.is_empty());
    assert!(tracker.data_bucket.unwrap().other.is_empty());
    assert!(tracker.management_event_selector.unwrap().other.is_empty());
}

#[test]
fn requests_write_each_documented_field_and_require_only_the_required_ones() {
    fn target() -> TransferTarget {
        TransferTarget::new("bucket")
            .file_prefix_name("p")
            .is_obs_created(true)
            .bucket_lifecycle(30)
            .compress_type(CompressType::Json)
            .is_sort_by_service(false)
    }
    macro_rules! all_settings {
        ($request:expr) => {
            $request
                .transfer(target())
                .is_lts_enabled(true)
                .encryption(Encryption::kms("k"))
                .is_support_validate(true)
                .exclude_service(["KMS"])
                .is_organization_tracker(true)
                .agency_name("cts_admin_trust")
        };
    }
    let create = all_settings!(CreateTracker::data("n", "b", ["READ"]));
    is_request(CREATE_TRACKER_REQUEST_BODY, &CreateTracker::system(), &create);
    let update =
        all_settings!(UpdateTracker::data("n", "b", ["READ"]).status(TrackerStatus::Disabled));
    is_request(UPDATE_TRACKER_REQUEST_BODY, &UpdateTracker::system(), &update);

    let written = serde_json::to_value(&update).unwrap();
    assert_eq!(names(&written["obs_info"]), sorted(TRACKER_OBS_INFO, false));
    assert_eq!(names(&written["data_bucket"]), sorted(DATA_BUCKET, false));
    assert_eq!(
        names(&written["management_event_selector"]),
        sorted(MANAGEMENT_EVENT_SELECTOR, false)
    );

    let check = BucketCheck::new("b", "r");
    is_request(CHECK_BUCKET_REQUEST, &check, &check.clone().kms_id("k"));
    let filter = FilterTrackers::new().without_any_tag(false).tag("k", ["v"]).resource_name("s");
    is_request(FILTER_REQUEST, &FilterTrackers::new(), &filter);
    is_request(
        LIST_TRACKERS_REQUEST,
        &ListTrackers::new(),
        &ListTrackers::new().tracker_name("n").tracker_type("data"),
    );
    is_request(
        LIST_PROJECT_TAGS_REQUEST,
        &ListProjectTags::new(),
        &ListProjectTags::new().limit(7).marker("m"),
    );
}
