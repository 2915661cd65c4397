//! The models, field by field, against the tables of the vendor.
//!
//! Source of the tables: the models of `huaweicloudsdkcts` 3.1.219 (Python), which those of the
//! Java, Node and Go SDKs equal in names and required fields. `+` marks fields of no table that
//! were seen in published traces.

use std::time::{Duration, SystemTime};

use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::trace::{
    ListTraces, SessionAttributes, SessionContext, Trace, TraceDomain, TraceList, TraceListMeta,
    TraceQuery, TraceResource, UserDetails, UserResource,
};
use serde_json::{Value, json};

use crate::support::tables::{self, Table, is_request, is_response, sorted};

// ListTracesRequest
const LIST_TRACES_REQUEST: Table = "
    trace_type!            string
    limit                  integer
    from                   integer
    next                   string
    to                     integer
    tracker_name           string
    service_type           string
    user                   string
    resource_id            string
    resource_name          string
    resource_type          string
    trace_id               string
    trace_name             string
    trace_rating           string
    access_key_id          string
    enterprise_project_id  string
";

// ListTracesResponse
const LIST_TRACES_RESPONSE: Table = "
    traces     Traces
    meta_data  MetaData
";

// MetaData
const META_DATA: Table = "
    count   integer
    marker  string
";

// Traces
const TRACES: Table = "
    resource_id            string
    trace_name             string
    trace_rating           string
    trace_type             string
    request                string
    response               string
    code                   string
    api_version            string
    message                string
    record_time            integer
    trace_id               string
    time                   integer
    user                   UserInfo
    service_type           string
    resource_type          string
    source_ip              string
    resource_name          string
    request_id             string
    location_info          string
    endpoint               string
    resource_url           string
    enterprise_project_id  string
    resource_account_id    string
    read_only              bool
    operation_id           string
    +trace_status          string
    +user_agent            string
    +event_type            string
    +tracker_name          string
    +project_id            string
    +domain_id             string
    +content_length        integer
    +total_time            integer
";

// UserInfo
const USER_INFO: Table = "
    type                    string
    principal_id            string
    principal_urn           string
    account_id              string
    access_key_id           string
    id                      string
    name                    string
    user_name               string
    domain                  BaseUser
    invoked_by              array
    session_context         SessionContext
    principal_is_root_user  string
    +OriginUser             string
";

// BaseUser
const BASE_USER: Table = "
    id    string
    name  string
";

// SessionContext
const SESSION_CONTEXT: Table = "
    attributes  Attributes
";

// Attributes
const ATTRIBUTES: Table = "
    created_at         string
    mfa_authenticated  string
";

// TraceResource
const TRACE_RESOURCE: Table = "
    service_type  string
    resource      array
";

// UserResource
const USER_RESOURCE: Table = "
    name  string
";

/// A model of a documented type, with all its fields.
fn model(of: &str) -> Value {
    match of {
        "Traces" => json!([object(TRACES)]),
        "MetaData" => object(META_DATA),
        "UserInfo" => object(USER_INFO),
        "BaseUser" => object(BASE_USER),
        "SessionContext" => object(SESSION_CONTEXT),
        "Attributes" => object(ATTRIBUTES),
        other => panic!("no table has the type {other}"),
    }
}

fn object(table: Table) -> Value {
    tables::object(table, model)
}

#[test]
fn responses_have_a_field_for_each_documented_one_and_need_none() {
    is_response::<TraceList>(LIST_TRACES_RESPONSE, model, |read| &read.other);
    is_response::<TraceListMeta>(META_DATA, model, |read| &read.other);
    is_response::<Trace>(TRACES, model, |read| &read.other);
    is_response::<UserDetails>(USER_INFO, model, |read| &read.other);
    is_response::<TraceDomain>(BASE_USER, model, |read| &read.other);
    is_response::<SessionContext>(SESSION_CONTEXT, model, |read| &read.other);
    is_response::<SessionAttributes>(ATTRIBUTES, model, |read| &read.other);
    is_response::<TraceResource>(TRACE_RESOURCE, model, |read| &read.other);
    is_response::<UserResource>(USER_RESOURCE, model, |read| &read.other);

    let list: TraceList = serde_json::from_value(object(LIST_TRACES_RESPONSE)).unwrap();
    let user = list.traces[0].user.details().unwrap();
    assert!(list.traces[0].other.is_empty() && user.other.is_empty());
    assert!(user.session_context.as_ref().unwrap().attributes.as_ref().unwrap().other.is_empty());
}

#[tokio::test]
async fn a_list_has_each_documented_parameter_and_requires_only_the_kind() {
    let at = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
    let query = TraceQuery::system()
        .tracker_name("system")
        .service_type("S")
        .user("u")
        .resource_id("i")
        .resource_name("n")
        .resource_type("t")
        .trace_id("x")
        .trace_name("o")
        .trace_rating("normal")
        .access_key_id("AK")
        .enterprise_project_id("0");
    let most = ListTraces::new(query).limit(7).from(at(1_000)).to(at(2_000)).next("m");
    let least = ListTraces::new(TraceQuery::data());

    let fake = FakeCts::new();
    for (request, only_required) in [(&least, true), (&most, false)] {
        let _ = fake.client().list_traces(request).await;
        let target = fake.requests().pop().unwrap().target;
        let (_, query) = target.split_once('?').unwrap();
        let mut sent: Vec<_> =
            query.split('&').map(|pair| pair.split_once('=').unwrap().0).collect();
        sent.sort_unstable();
        assert_eq!(sent, sorted(LIST_TRACES_REQUEST, only_required));
    }
    is_request(LIST_TRACES_REQUEST, &least, &most);
}
