//! The models, field by field, against the tables of the vendor.
//!
//! Source of the tables: the models of `huaweicloudsdkcts` 3.1.219 (Python), which those of the Java, Node and Go SDKs equal
//! in names and required fields. `+` marks fields of no table that were seen in published traces.

use std::fmt::Debug;
use std::time::{Duration, SystemTime};

use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::trace::{
    ListTraces, SessionAttributes, SessionContext, Trace, TraceDomain, TraceList, TraceListMeta, TraceQuery,
    TraceResource, UserDetails, UserResource,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Name and type of each field, one a line; `!` after a name means required.
type Table = &'static str;

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

/// The name of each field, its type, and whether it is required.
fn fields(table: Table) -> Vec<(&'static str, &'static str, bool)> {
    let row = |line: &'static str| {
        let (name, of) = line.trim().split_once(' ').unwrap();
        let (name, is_required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
        (name.trim_start_matches('+'), of.trim(), is_required)
    };
    table.lines().filter(|line| !line.trim().is_empty()).map(row).collect()
}

/// A value of a documented type, with every field of models within.
fn value(of: &str) -> Value {
    match of {
        "string" => json!("text"),
        "integer" => json!(30),
        "bool" => json!(true),
        "array" => json!(["one", "two"]),
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
    Value::Object(fields(table).into_iter().map(|(name, of, _)| (name.to_owned(), value(of))).collect())
}

/// The model reads each field of the table into a field of its own, needs none of them, and writes them as they came.
fn is_response<T>(table: Table, other: impl Fn(&T) -> &Map<String, Value>)
where
    T: Serialize + DeserializeOwned + Default + PartialEq + Debug,
{
    let whole = object(table);
    let read: T = serde_json::from_value(whole.clone()).unwrap();
    assert!(other(&read).is_empty(), "no field for {:?}", other(&read));
    assert_eq!(serde_json::to_value(&read).unwrap(), whole);
    assert_eq!(serde_json::from_str::<T>("{}").unwrap(), T::default());
    for (name, of, _) in fields(table) {
        let alone: T = serde_json::from_value(json!({name: value(of)})).unwrap();
        assert_ne!(alone, T::default(), "{name} is read into nothing");

        let mut unknown = whole.clone();
        unknown["x_unknown"] = json!({"deep": [1]});
        unknown.as_object_mut().unwrap().remove(name);
        let read: T = serde_json::from_value(unknown.clone()).unwrap();
        assert_eq!(other(&read)["x_unknown"], unknown["x_unknown"], "without {name}");
        assert_eq!(serde_json::to_value(&read).unwrap()["x_unknown"], unknown["x_unknown"]);
    }
}

#[test]
fn responses_have_a_field_for_each_documented_one_and_need_none() {
    is_response::<TraceList>(LIST_TRACES_RESPONSE, |read| &read.other);
    is_response::<TraceListMeta>(META_DATA, |read| &read.other);
    is_response::<Trace>(TRACES, |read| &read.other);
    is_response::<UserDetails>(USER_INFO, |read| &read.other);
    is_response::<TraceDomain>(BASE_USER, |read| &read.other);
    is_response::<SessionContext>(SESSION_CONTEXT, |read| &read.other);
    is_response::<SessionAttributes>(ATTRIBUTES, |read| &read.other);
    is_response::<TraceResource>(TRACE_RESOURCE, |read| &read.other);
    is_response::<UserResource>(USER_RESOURCE, |read| &read.other);

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
    for (request, only_required) in [(least, true), (most, false)] {
        let _ = fake.client().list_traces(&request).await;
        let target = fake.requests().pop().unwrap().target;
        let (_, query) = target.split_once('?').unwrap();
        let mut sent: Vec<_> = query.split('&').map(|pair| pair.split_once('=').unwrap().0).collect();
        sent.sort_unstable();
        let documented = fields(LIST_TRACES_REQUEST).into_iter().filter(|(_, _, required)| *required || !only_required);
        let mut documented: Vec<_> = documented.map(|(name, _, _)| name).collect();
        documented.sort_unstable();
        assert_eq!(sent, documented);

        let written = serde_json::to_value(&request).unwrap();
        assert_eq!(written.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), documented);
        assert_eq!(
            serde_json::from_value::<ListTraces>(written).unwrap(),
            request,
            "a stored request is the same again"
        );
    }
}
