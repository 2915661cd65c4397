//! The catalogue and the quotas: the documented responses, the fake, lookups, and triggers as
//! strings.

use std::time::SystemTime;

use bytes::Bytes;
use huaweicloud_cts::catalogue::{
    Catalogue, CatalogueEntry, ListOperations, Quota, QuotaType, TriggerOperations,
    TriggerOperationsError,
};
use huaweicloud_cts::notification::{CreateNotification, Operation};
use huaweicloud_cts::sign::Signer;
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::transport::Transport;
use huaweicloud_cts::{ErrorCode, ErrorKind};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::answers::Answers;
use crate::support::snapshot::assert_snapshot;
use crate::support::tables::{is_request, is_response};

#[tokio::test]
async fn each_call_is_the_documented_request() {
    let answers = (0..4).fold(Answers::default(), |answers, _| answers.answer(200, "{}"));
    let client = answers.client();
    client.list_operations(&ListOperations::new()).await.unwrap();
    client.list_operations(&ListOperations::new().service_type("C T/S")).await.unwrap();
    client
        .list_operations(&ListOperations::new().service_type("CTS").resource_type("a&b"))
        .await
        .unwrap();
    client.list_quotas().await.unwrap();
    let targets: Vec<_> =
        answers.requests().iter().map(|r| format!("{} {}", r.method(), r.uri())).collect();
    let root = "GET https://cts.eu-de.otc.t-systems.com/v3/24edf66e79d04187acb99a463e610764";
    assert_eq!(
        targets,
        [
            format!("{root}/operations"),
            format!("{root}/operations?service_type=C%20T%2FS"),
            format!("{root}/operations?service_type=CTS&resource_type=a%26b"),
            format!("{root}/quotas"),
        ]
    );
}

/// The tables are those of `ListOperation`, `CtsQuota` and `ListOperationsRequest` of
/// `huaweicloudsdkcts` 3.1.219.
#[test]
fn the_models_have_each_documented_field() {
    let operation = "
        service_type    string
        resource_type   string
        operation_list  array
    ";
    let quota = "
        type   string
        used   integer
        quota  integer
    ";
    let list = "
        service_type   string
        resource_type  string
    ";
    let no_other = |of: &str| -> Value { panic!("no table has the type {of}") };
    is_response::<CatalogueEntry>(operation, no_other, |read| &read.other);
    is_response::<Quota>(quota, no_other, |read| &read.other);
    is_request(
        list,
        &ListOperations::new(),
        &ListOperations::new().service_type("CTS").resource_type("tracker"),
    );
}

#[tokio::test]
async fn invalid_requests_are_refused_without_being_sent() {
    let answers = Answers::default();
    // The methods do not allow a resource type alone; a file does.
    let alone: ListOperations =
        serde_json::from_value(json!({"resource_type": "tracker"})).unwrap();
    let mut texts = Vec::new();
    for request in [
        alone,
        ListOperations::new().service_type(""),
        ListOperations::new().service_type("CTS").resource_type(""),
    ] {
        let error = answers.client().list_operations(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0), "{error}");
        texts.push(error.to_string());
    }
    assert!(answers.requests().is_empty());
    assert_snapshot!("refused-catalogue-requests", texts.join("\n"));
}

#[tokio::test]
async fn documented_responses_are_read() {
    let operations = json!({"operations": [
        {"service_type": "cts", "resource_type": "tracker", "operation_list": ["createTracker", "deleteTracker"]},
    ]});
    let quotas = include_str!("fixtures/quotas-response.json");
    let client =
        Answers::default().answer(200, operations.to_string()).answer(200, quotas).client();
    let found = client.list_operations(&ListOperations::new()).await.unwrap();
    assert_eq!(found, [CatalogueEntry::new("cts", "tracker", ["createTracker", "deleteTracker"])]);
    assert_eq!(
        Operation::from(found[0].clone()),
        Operation::new("cts", "tracker", ["createTracker", "deleteTracker"])
    );
    assert_eq!(Operation::from(found[0].clone()), found[0].to_operation());
    assert_eq!(json!({"operations": found}), operations, "given back whole");
    let found = client.list_quotas().await.unwrap();
    assert_eq!(
        found,
        [Quota::new(QuotaType::DataTracker, 9, 100), Quota::new("system_tracker", 1, 1)]
    );
    assert_eq!(found.iter().map(Quota::left).collect::<Vec<_>>(), [Some(91), Some(0)]);
    assert_eq!(
        json!({"resources": found}),
        serde_json::from_str::<Value>(quotas).unwrap(),
        "given back whole"
    );
}

#[tokio::test]
async fn a_field_of_the_wrong_type_costs_no_other_field() {
    let operations = json!({"operations": [
        {"service_type": null, "operation_list": {"0": "a"}, "new": 1},
        {"service_type": "CTS", "resource_type": "tracker", "operation_list": null},
    ], "total": 2});
    let quotas = json!({"resources": [
        {"type": "fun_notification", "used": "two", "quota": 100, "unit": "piece"},
        {"type": "smn_notification", "used": 120, "quota": 100},
        {"type": null},
    ]});
    let client = Answers::default()
        .answer(200, operations.to_string())
        .answer(200, quotas.to_string())
        .answer(200, r#"{"resources":null}"#)
        .answer(200, "[]")
        .client();
    let found = client.list_operations(&ListOperations::new()).await.unwrap();
    assert_eq!(
        Value::Object(found[0].other.clone()),
        json!({"operation_list": {"0": "a"}, "new": 1})
    );
    assert_eq!(found[1], CatalogueEntry::new::<&str>("CTS", "tracker", []));
    let found = client.list_quotas().await.unwrap();
    assert!(matches!(found[0].quota_type, Some(QuotaType::Unknown(_))));
    assert_eq!(Value::Object(found[0].other.clone()), json!({"used": "two", "unit": "piece"}));
    assert_eq!(found.iter().map(Quota::left).collect::<Vec<_>>(), [None, Some(0), None]);
    assert_eq!(client.list_quotas().await.unwrap(), []);
    let error = client.list_quotas().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "ListQuotas: 200 but the response can't be read: an object was expected, but there is an array"
    );
}

#[tokio::test]
async fn a_forbidden_call_names_the_missing_permission() {
    let denied = r#"{"error_code":"CTS.0013","error_msg":"No permission"}"#;
    let client = Answers::default().answer(403, denied).answer(403, denied).client();
    let operations = client.list_operations(&ListOperations::new()).await.unwrap_err().to_string();
    assert!(
        operations.ends_with("the call needs the IAM permission cts:operation:list"),
        "{operations}"
    );
    let quotas = client.list_quotas().await.unwrap_err().to_string();
    assert!(quotas.ends_with("the call needs the IAM permission cts:quota:get"), "{quotas}");
}

#[tokio::test]
async fn the_fake_lists_its_catalogue() {
    let client = FakeCts::new().client();
    let all = client.list_operations(&ListOperations::new()).await.unwrap();
    let services: std::collections::HashSet<_> =
        all.iter().map(|entry| &entry.service_type).collect();
    let operations: usize = all.iter().map(|entry| entry.operation_list.len()).sum();
    assert_eq!((services.len(), operations), (16, 177));

    let iam = client.list_operations(&ListOperations::new().service_type("iam")).await.unwrap();
    assert_eq!(iam.len(), 8);
    assert!(iam.iter().all(|entry| entry.service_type == "IAM"));
    let users = client
        .list_operations(&ListOperations::new().service_type("IAM").resource_type("user"))
        .await
        .unwrap();
    assert_eq!(users[0].operation_list[..2], ["login", "loginfailed"]);
    assert_eq!(
        client
            .list_operations(&ListOperations::new().service_type("IAM").resource_type("User"))
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        client.list_operations(&ListOperations::new().service_type("XYZ")).await.unwrap(),
        []
    );

    // Operations of the catalogue.
    let everything = CreateNotification::customized("all", all.into_iter().map(Operation::from));
    assert_eq!(client.create_notification(&everything).await.unwrap().operations.len(), 37);
}

#[tokio::test]
async fn the_fake_responds_to_raw_requests_as_documented() {
    let cases = [
        (FakeCts::new(), "operations?resource_type=tracker", 400, "CTS.0003"),
        (FakeCts::new(), "operations?resource_type=tracker&service_type=CTS", 200, ""),
        (FakeCts::new(), "operations/", 404, "APIGW.0101"),
        (FakeCts::new(), "quotas", 200, ""),
        (FakeCts::open_telekom_cloud(), "operations", 404, "APIGW.0101"),
        (FakeCts::open_telekom_cloud(), "quotas", 200, ""),
    ];
    for (fake, target, status, code) in cases {
        let uri = format!("http://cts.localhost/v3/{}/{target}", FakeCts::PROJECT_ID);
        let mut request = http::Request::get(uri).body(Bytes::new()).unwrap();
        Signer::new(&fake.credentials()).sign(&mut request, SystemTime::now()).unwrap();
        let answer = fake.send(request).await.unwrap();
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        let answered = (answer.status().as_u16(), body["error_code"].as_str().unwrap_or_default());
        assert_eq!(answered, (status, code), "{target}: {body}");
    }
}

#[tokio::test]
async fn a_cloud_without_a_catalogue_has_no_such_call() {
    let client = FakeCts::open_telekom_cloud().client();
    let error = client.list_operations(&ListOperations::new()).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::GatewayApiNotFound));
}

#[tokio::test]
async fn quotas_count_the_trackers_and_notifications_that_exist() {
    let client = FakeCts::new().client();
    client.create_notification(&CreateNotification::complete("a")).await.unwrap();
    let expected = [
        Quota::new(QuotaType::DataTracker, 0, 100),
        Quota::new(QuotaType::SystemTracker, 1, 1),
        Quota::new(QuotaType::SmnNotification, 1, 100),
    ];
    assert_eq!(client.list_quotas().await.unwrap(), expected);
}

#[test]
fn the_catalogue_finds_entries_by_service_resource_and_operation() {
    let catalogue: Catalogue = [
        CatalogueEntry::new("cts", "tracker", ["createTracker"]),
        CatalogueEntry::new("CTS", "tracker", ["deleteTracker"]),
        CatalogueEntry::new("CBR", "policy", ["createPolicy"]),
    ]
    .into();
    for (service, spelling) in
        [("cts", Some("cts")), ("CTS", Some("CTS")), ("Cts", Some("cts")), ("ECS", None)]
    {
        assert_eq!(catalogue.spelling(service), spelling, "{service}");
    }
    assert_eq!(catalogue.service("cTS").count(), 2);
    assert!(
        catalogue.contains("cts", "tracker", "createTracker")
            && catalogue.contains("cts", "tracker", "deleteTracker")
    );
    assert!(
        !catalogue.contains("cts", "Tracker", "createTracker"),
        "only the service's case is free"
    );
    assert!(!catalogue.contains("cts", "tracker", "CreateTracker"));
    assert_eq!(
        catalogue.entry("CBR", "policy").unwrap().to_operation().trace_names,
        ["createPolicy"]
    );
    assert_eq!(catalogue.entry("CBR", "vault"), None);
    assert_eq!(catalogue.with_operation("createPolicy").count(), 1);
    let stored = serde_json::to_value(&catalogue).unwrap();
    assert_eq!(
        stored[0],
        json!({"service_type": "cts", "resource_type": "tracker", "operation_list": ["createTracker"]})
    );
    assert_eq!(serde_json::from_value::<Catalogue>(stored).unwrap(), catalogue);
    let mut again: Catalogue = catalogue.entries().iter().take(2).cloned().collect();
    again.extend(catalogue.clone().into_iter().skip(2));
    assert_eq!(again, catalogue);
}

#[test]
fn list_requests_can_be_serialized_and_read_again() {
    for (request, stored) in [
        (ListOperations::new(), json!({})),
        (ListOperations::new().service_type("CTS"), json!({"service_type": "CTS"})),
        (
            ListOperations::new().service_type("CTS").resource_type("tracker"),
            json!({"service_type": "CTS", "resource_type": "tracker"}),
        ),
    ] {
        assert_eq!(serde_json::to_value(&request).unwrap(), stored);
        assert_eq!(serde_json::from_value::<ListOperations>(stored).unwrap(), request);
    }
}

#[test]
fn trigger_strings_are_read() {
    let trigger: TriggerOperations = "CBR:vault;policy:createA;deleteA".parse().unwrap();
    assert_eq!(trigger.service_type(), "CBR");
    assert_eq!(
        (trigger.resource_types(), trigger.trace_names()),
        (&["vault", "policy"].map(String::from)[..], &["createA", "deleteA"].map(String::from)[..])
    );
    let operations = [
        Operation::new("CBR", "vault", ["createA", "deleteA"]),
        Operation::new("CBR", "policy", ["createA", "deleteA"]),
    ];
    assert_eq!(trigger.operations(), operations);
    assert_eq!(
        TriggerOperations::from_operations(&operations).unwrap(),
        std::slice::from_ref(&trigger)
    );
    // As it stands in a trigger's `event_data`.
    let stored: Vec<TriggerOperations> = serde_json::from_value(json!([
        "AAD:addprotocolrule:addProtocolRule",
        "CBR:vault;policy:createA;deleteA"
    ]))
    .unwrap();
    assert_eq!(stored[1], trigger);
    assert_eq!(
        serde_json::to_value(&stored[0]).unwrap(),
        json!("AAD:addprotocolrule:addProtocolRule")
    );
    assert!(serde_json::from_value::<TriggerOperations>(json!("IAM")).is_err());
    assert_eq!(format!("{stored:?}").matches("TriggerOperations").count(), 2);
    assert_eq!(format!("{:>40}", stored[0]).len(), 40);
}

/// Neighbours are merged, others are not: the order is kept.
#[test]
fn trigger_strings_keep_the_order_of_their_parts() {
    let operations = ["a", "b", "c"].map(|resource| Operation::new("S", resource, ["x"]));
    let mut mixed = operations.to_vec();
    mixed.insert(1, Operation::new("S", "a", ["y"]));
    mixed.push(Operation::new("T", "c", ["x"]));
    let texts = TriggerOperations::from_operations(&mixed).unwrap();
    assert_eq!(
        texts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["S:a:x", "S:a:y", "S:b;c:x", "T:c:x"]
    );
    assert_eq!(texts.iter().flat_map(TriggerOperations::operations).collect::<Vec<_>>(), mixed);
}

#[test]
fn an_invalid_trigger_string_is_an_error_with_its_position() {
    let texts = [
        "",
        ":user:login",
        "IAM",
        "IAM:",
        "IAM::login",
        "IAM;ECS:user:login",
        "IAM:user",
        "IAM:user:",
        "IAM:user;:login",
        "IAM:;user:login",
        "IAM:user:login;",
        "IAM:user:login;;logout",
        "IAM:user:login:logout",
        "函数:资源;;:a\nb",
    ];
    let mut errors: Vec<String> = texts
        .iter()
        .map(|text| text.parse::<TriggerOperations>().unwrap_err().to_string())
        .collect();
    for operation in [
        Operation::new("IAM", "user", ["login;logout"]),
        Operation::new("I:AM", "user", ["login"]),
        Operation::new("IAM", "", ["login"]),
        Operation::new::<&str>("IAM", "user", []),
    ] {
        errors.push(TriggerOperations::try_from(&operation).unwrap_err().to_string());
    }
    assert_snapshot!("trigger-string-errors", errors.join("\n"));
    let error: TriggerOperationsError = "IAM:user".parse::<TriggerOperations>().unwrap_err();
    assert_eq!((error.input(), error.position()), ("IAM:user", 9));
}

/// Any string without a separator is a name.
fn name() -> impl Strategy<Value = String> {
    "[^:;]{1,12}"
}

proptest! {
    #[test]
    fn triggers_survive_a_round_trip_through_strings(of in vec((name(), name(), vec(name(), 1..4)), 0..6)) {
        let operations: Vec<_> = of.into_iter().map(|(s, r, names)| Operation::new(s, r, names)).collect();
        let texts: Vec<String> =
            TriggerOperations::from_operations(&operations).unwrap().iter().map(ToString::to_string).collect();
        let read: Vec<TriggerOperations> = texts.iter().map(|text| text.parse().unwrap()).collect();
        prop_assert_eq!(read.iter().map(ToString::to_string).collect::<Vec<_>>(), texts);
        prop_assert_eq!(read.iter().flat_map(TriggerOperations::operations).collect::<Vec<_>>(), operations);
    }

    #[test]
    fn any_string_is_a_trigger_or_an_error(text in "[a:;\u{4e00}]{0,12}|.*") {
        match text.parse::<TriggerOperations>() {
            Ok(trigger) => {
                prop_assert_eq!(trigger.to_string(), text);
                prop_assert_eq!(TriggerOperations::from_operations(&trigger.operations()).unwrap(), [trigger]);
            }
            Err(error) => {
                prop_assert!((1..=text.chars().count() + 1).contains(&error.position()));
                prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }
}
