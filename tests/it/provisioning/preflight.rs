//! Findings about notifications, to the letter.

use std::fmt::Write;

use huaweicloud_cts::catalogue::{Catalogue, CatalogueEntry, ListOperations, Quota};
use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterCondition, FilterField, FilterRule, Notification,
    NotificationStatus, NotifyUsers, Operation,
};
use huaweicloud_cts::provision::{
    CloudKind, Finding, NotificationSet, NotificationSpec, Plan, PlanOptions, PreflightContext,
    Severity,
};
use huaweicloud_cts::testing::FakeCts;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::snapshot::assert_snapshot;

const PROJECT: &str = "24edf66e79d04187acb99a463e610764";
const TOPIC: &str = "urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:test";
const FUNCTION: &str = "urn:fss:cn-north-4:24edf66e79d04187acb99a463e610764:function:default:test";

/// A notification without findings.
fn good() -> CreateNotification {
    CreateNotification::customized("good", [Operation::new("CTS", "tracker", ["createTracker"])])
        .topic(TOPIC)
}

fn named(name: &str) -> CreateNotification {
    CreateNotification::complete(name).topic(TOPIC)
}

fn of(operations: impl IntoIterator<Item = Operation>) -> CreateNotification {
    CreateNotification::customized("n", operations).topic(TOPIC)
}

fn filtered(condition: &str, rules: &[&str]) -> CreateNotification {
    let filter = json!({"condition": condition, "is_support_filter": true, "rule": rules});
    good().filter(serde_json::from_value(filter).unwrap())
}

/// What a file may hold and the methods do not allow.
fn raw(rule: Value) -> CreateNotification {
    serde_json::from_value(rule).unwrap()
}

fn listing<'c>(
    cases: impl IntoIterator<Item = (&'c str, CreateNotification, PreflightContext<'c>)>,
) -> String {
    let mut text = String::new();
    for (what, rule, context) in cases {
        writeln!(text, "{what}").unwrap();
        let findings = rule.preflight(&context);
        for finding in &findings {
            let line = finding.to_string();
            assert!(!line.contains(char::is_control), "one line: {line}");
            writeln!(text, "  {line}").unwrap();
        }
        if findings.is_empty() {
            writeln!(text, "  -").unwrap();
        }
    }
    text
}

fn huawei() -> PreflightContext<'static> {
    PreflightContext::new().region("cn-north-4").project_id(PROJECT).status("enabled")
}

fn otc() -> PreflightContext<'static> {
    PreflightContext::new().cloud(CloudKind::OpenTelekomCloud).status("enabled")
}

async fn catalogue() -> Catalogue {
    FakeCts::new().client().list_operations(&ListOperations::new()).await.unwrap().into()
}

#[tokio::test]
async fn a_valid_notification_has_no_findings() {
    let catalogue = catalogue().await;
    let quotas = [Quota::new("smn_notification", 98, 100)];
    let context = huawei().catalogue(&catalogue).quotas(&quotas);
    let documented = CreateNotification::complete("test")
        .topic(TOPIC)
        .agency("cts_admin_trust")
        .filter(Filter::any([
            FilterRule::not_equals(FilterField::Code, 200),
            FilterRule::equals(FilterField::ApiVersion, "v1.0"),
            FilterRule::equals(FilterField::TraceRating, "normal"),
            FilterRule::not_equals(FilterField::TraceType, "ApiCall"),
            FilterRule::equals(FilterField::ResourceId, "xxx"),
            FilterRule::equals(FilterField::ResourceName, "my server"),
        ]));
    let users =
        (0..5).map(|i| NotifyUsers::new(format!("g {i}"), (0..10).map(|u| format!("u{u}"))));
    for rule in [
        good(),
        documented,
        good().notify_user_list(users),
        good().topic(FUNCTION),
        good().topic(format!("{FUNCTION}:latest")),
        named("关键操作_1"),
        named(&"x".repeat(64)),
        filtered("AND", &["code != 200", "code != 400", "trace_type = ApiCall"]),
        filtered("OR", &["code = 200", "code = 400"]),
    ] {
        assert_eq!(rule.preflight(&context), [], "{rule:?}");
    }
    assert_eq!(good().preflight(&PreflightContext::default()), []);
    let every = of(catalogue.entries().iter().map(CatalogueEntry::to_operation));
    assert_eq!(every.preflight(&context), []);
}

#[test]
fn findings_about_names() {
    let long = "x".repeat(65);
    assert_snapshot!(
        "preflight-names",
        listing([
            ("empty", named(""), huawei()),
            ("too long", named(&long), huawei()),
            ("hyphen", named("key-logins"), huawei()),
            ("hyphen, unknown cloud", named("key-logins"), PreflightContext::new()),
            (
                "hyphen, Open Telekom Cloud by its region",
                named("key-logins"),
                PreflightContext::new().region("eu-nl")
            ),
            ("other characters", named("é\n\"x"), huawei()),
            ("Chinese", named("关键-操作"), huawei()),
            ("Chinese, Open Telekom Cloud", named("关键操作"), otc()),
            ("Chinese, unknown cloud", named("关键操作"), PreflightContext::new()),
            (
                "the cloud that is named goes before the region's",
                named("关键"),
                otc().region("cn-north-4")
            ),
        ])
    );
}

#[test]
fn findings_about_sizes() {
    let names = |n: usize| (0..n).map(|i| format!("n{i}")).collect::<Vec<_>>();
    let group = |users: usize| NotifyUsers::new("g", names(users));
    let long = "x".repeat(65);
    assert_snapshot!(
        "preflight-sizes",
        listing([
            (
                "1000 operations of 100 services",
                of((0..100).map(|i| Operation::new(format!("s{i}"), "r", names(10)))),
                huawei()
            ),
            (
                "1001 operations",
                of((0..91).map(|i| Operation::new("s", format!("r{i}"), names(11)))),
                huawei()
            ),
            (
                "101 services",
                of((0..101).map(|i| Operation::new(format!("s{i}"), "r", ["n"]))),
                huawei()
            ),
            ("65 names", of([Operation::new("s", "r", names(65))]), huawei()),
            ("long texts", of([Operation::new(&long, &long, [&long])]), huawei()),
            ("empty texts", of([Operation::new("", "", [""])]), huawei()),
            ("no names", of([Operation::new::<&str>("s", "r", [])]), huawei()),
            ("no operations", of([]), huawei()),
            (
                "complete with operations",
                raw(json!({
                    "notification_name": "n", "operation_type": "complete", "topic_id": TOPIC,
                    "operations": [{"service_type": "CTS", "resource_type": "tracker", "trace_names": ["createTracker"]}],
                })),
                huawei()
            ),
            (
                "operation type",
                raw(json!({
                    "notification_name": "n", "operation_type": "customised", "topic_id": TOPIC,
                    "operations": [{"service_type": "CTS", "resource_type": "tracker", "trace_names": ["createTracker"]}],
                })),
                huawei()
            ),
            ("11 groups", good().notify_user_list((0..11).map(|_| group(1))), huawei()),
            ("51 users", good().notify_user_list([group(26), group(25)]), huawei()),
            ("33 users in a group", good().notify_user_list([group(33)]), huawei()),
            ("60 users in a group", good().notify_user_list([group(60)]), huawei()),
            ("empty group", good().notify_users::<&str>("", []).notify_users("g", [""]), huawei()),
        ])
    );
}

#[test]
fn findings_about_repeated_operations() {
    assert_snapshot!(
        "preflight-repeated-operations",
        listing([
            ("in one", of([Operation::new("CTS", "tracker", ["a", "b", "a"])]), huawei()),
            (
                "in two, the service in another case",
                of([
                    Operation::new("CTS", "tracker", ["a", "b"]),
                    Operation::new("cts", "tracker", ["b", "c"]),
                ]),
                huawei()
            ),
            (
                "one name of two resources is no repetition",
                of([
                    Operation::new("CTS", "tracker", ["a"]),
                    Operation::new("CTS", "notification", ["a"]),
                ]),
                huawei()
            ),
        ])
    );
}

#[tokio::test]
async fn findings_about_operations_that_are_not_in_the_catalogue() {
    let catalogue = catalogue().await;
    let one = |service: &str, resource: &str, names: &[&str]| {
        of([Operation::new(service, resource, names.to_vec())])
    };
    let cases = [
        // As in the example of the documents.
        ("a slip", one("CTS", "tracker", &["createTracker", "deleteTraceker"])),
        ("the wrong case", one("CTS", "tracker", &["CreateTracker"])),
        ("the service in another case", one("cts", "tracker", &["createTracker"])),
        ("the service in another case, and a slip", one("Cts", "tracker", &["craeteTracker"])),
        ("of another resource type", one("IAM", "user", &["login", "addUserToGroup"])),
        (
            "all of another resource type",
            one("IAM", "users_and_groups", &["createGroup", "addUserToGroup"]),
        ),
        ("of another service", one("ECS", "ecs", &["createVolume"])),
        ("a slip, of another resource type", one("CBR", "policy", &["updateValut"])),
        (
            "a resource type in another case",
            one("OBS", "Bucket", &["createBucket", "deleteBuckets"]),
        ),
        (
            "a resource type with a slip, and a name with one",
            one("IAM", "usr", &["login", "loggout"]),
        ),
        ("a resource type that is not there", one("IAM", "zebra", &["x"])),
        ("a service with a slip", one("IMA", "user", &["login"])),
        ("a service that is not there", one("XYZW", "a", &["b"])),
        ("nothing like it", one("CTS", "tracker", &["explode"])),
        (
            "two, one wrong",
            of([
                Operation::new("ECS", "ecs", ["createServer"]),
                Operation::new("FunctionGraph", "functions", ["createFunction"]),
            ]),
        ),
    ];
    assert_snapshot!(
        "preflight-unknown-operations",
        listing(cases.into_iter().map(|(what, rule)| (what, rule, huawei().catalogue(&catalogue))))
    );
    // Without a catalogue, there are no findings.
    assert_eq!(one("XYZ", "a", &["b"]).preflight(&otc().project_id(PROJECT)), []);
}

/// Thousands of wrong names against thousands of rows of one resource type, of one service and of
/// many: each is reported with the name that is meant. If each were compared with each, this would
/// take minutes.
#[test]
fn a_large_notification_is_compared_with_a_large_catalogue() {
    const COUNT: usize = 5_000;
    let name =
        |i: usize| format!("createThing{:05}OfKind{:04}", i * 7919 % 100_000, i * 104_729 % 10_000);
    let slip = |i: usize| name(i).replacen("Thing", "Tihng", 1);
    let wide: Catalogue = (0..COUNT)
        .map(|i| CatalogueEntry::new(format!("SERVICE{i:05}"), format!("r{i}"), [name(i)]))
        .collect();
    let deep: Catalogue = (0..COUNT)
        .map(|i| CatalogueEntry::new("S", format!("resource{i:05}"), [name(i)]))
        .collect();
    let one: Catalogue = [CatalogueEntry::new("S", "r", (0..COUNT).map(name))].into();
    let slips = of([Operation::new("S", "r", (0..COUNT).map(slip))]);
    let elsewhere =
        of((0..COUNT)
            .map(|i| Operation::new("S", format!("resource{i:05}"), [slip((i + 1) % COUNT)])));
    let services = of((0..COUNT).map(|i| Operation::new(format!("SERIVCE{i:05}"), "r", ["n"])));
    let unlike = of([Operation::new("S", "r", (0..COUNT).map(|i| format!("zqxjkvwyzqxjkvwy{i}")))]);
    for (what, rule, catalogue, meant) in [
        ("names of a resource type", &slips, &one, COUNT),
        ("names of another resource type", &elsewhere, &deep, COUNT),
        ("services", &services, &wide, COUNT),
        ("nothing like it", &unlike, &one, 0),
    ] {
        let findings = rule.preflight(&huawei().catalogue(catalogue));
        let missing: Vec<_> = findings
            .iter()
            .filter(|finding| finding.message.starts_with("the catalogue has no"))
            .collect();
        assert_eq!(missing.len(), COUNT, "{what}");
        let suggested = missing.iter().filter(|finding| finding.message.contains("did you mean"));
        assert_eq!(suggested.count(), meant, "{what}");
    }
}

#[test]
fn findings_about_filters() {
    let long = "x".repeat(351);
    let off = Filter::all([FilterRule::equals(FilterField::Code, 200)]).is_support_filter(false);
    let and = |rules: &[&str]| filtered("AND", rules);
    let or = |rules: &[&str]| filtered("OR", rules);
    let mut long_rules: Vec<String> = ["api_version", "code", "resource_id", "resource_name"]
        .map(|field| format!("{field} = {long}"))
        .into();
    long_rules.push("code != ".to_owned());
    let long_rules: Vec<&str> = long_rules.iter().map(String::as_str).collect();
    assert_snapshot!(
        "preflight-filters",
        listing([
            ("off", good().filter(off), huawei()),
            ("empty", and(&[]), huawei()),
            ("off and empty", good().filter(Filter::all([]).is_support_filter(false)), huawei()),
            ("condition", filtered("and", &["code = 200"]), huawei()),
            ("condition, unlike any", filtered("XOR", &["code = 200", "code = 400"]), huawei()),
            (
                "seven",
                or(&[
                    "code = 1", "code = 2", "code = 3", "code = 4", "code = 5", "code = 6",
                    "code = 7"
                ]),
                huawei()
            ),
            (
                "form",
                and(&[
                    "code!=200",
                    "code=200",
                    "code  = 200",
                    "code",
                    "",
                    "code == ",
                    " = 1",
                    "colour=red"
                ]),
                huawei()
            ),
            (
                "operators",
                and(&["code == 200", "code <> 200", "code > 400", "code = = 200"]),
                huawei()
            ),
            ("fields", and(&["Code = 200", "trace_ratign = normal", "user = me"]), huawei()),
            (
                "values",
                and(&[
                    "trace_rating = bad",
                    "trace_type = apiCall",
                    "api_version = v1/0",
                    "code = "
                ]),
                huawei()
            ),
            (
                "values, not equal",
                or(&["trace_rating != bad", "trace_type != ApiCal", "trace_type = ObsSDK"]),
                huawei()
            ),
            ("long values", and(&long_rules), huawei()),
            (
                "quotes and white space",
                and(&[
                    "code = \"200\"",
                    "resource_id = 'a'",
                    "resource_name =  a ",
                    "api_version = v1"
                ]),
                huawei()
            ),
            (
                "AND, two values",
                and(&["code = 200", "trace_type = ApiCall", "code = 400"]),
                huawei()
            ),
            ("AND, a value and not", and(&["code = 200", "code != 200"]), huawei()),
            (
                "AND, adds nothing",
                and(&["code = 200", "code != 400", "resource_id != a", "resource_id = b"]),
                huawei()
            ),
            (
                "AND, all excluded",
                and(&[
                    "trace_rating != normal",
                    "trace_rating != warning",
                    "trace_rating != incident"
                ]),
                huawei()
            ),
            ("OR, two values not", or(&["code != 200", "code != 400"]), huawei()),
            ("OR, a value and not", or(&["code = 200", "code != 200"]), huawei()),
            (
                "OR, adds nothing",
                or(&["code != 200", "code = 400", "resource_id = a", "resource_id != b"]),
                huawei()
            ),
            (
                "OR, all allowed",
                or(&[
                    "trace_type = ApiCall",
                    "trace_type = ConsoleAction",
                    "trace_type = SystemAction"
                ]),
                huawei()
            ),
            ("repeated", or(&["code = 200", "code = 200"]), huawei()),
        ])
    );
}

#[test]
fn findings_about_topics() {
    let to = |urn: &str| CreateNotification::complete("n").topic(urn);
    let none = || CreateNotification::complete("n");
    assert_snapshot!(
        "preflight-topics",
        listing([
            ("none, to be enabled", none(), huawei()),
            ("empty, to be enabled", to(""), huawei()),
            ("none, nothing said", none(), PreflightContext::new()),
            ("none, to be disabled", none(), huawei().status(NotificationStatus::Disabled)),
            ("status", to(TOPIC), huawei().status("enable")),
            ("no URN", to("audit"), huawei()),
            ("too few parts", to("urn:smn:cn-north-4:audit"), huawei()),
            ("too many parts", to(&format!("{TOPIC}:x")), huawei()),
            ("an empty part", to("urn:smn::p:t"), huawei()),
            ("white space", to(&format!("{TOPIC}\n")), huawei()),
            ("another service", to("urn:obs:cn-north-4:p:t"), huawei()),
            (
                "placeholder",
                to("urn:smn:{regionid}:24edf66e79d04187acb99a463e610764:test"),
                huawei()
            ),
            ("function", to("urn:fss:cn-north-4:p:test"), huawei()),
            ("function on Open Telekom Cloud", to(FUNCTION), otc()),
            (
                "function on Open Telekom Cloud, by region",
                to(FUNCTION),
                PreflightContext::new().region("eu-ch2")
            ),
            ("another region", to(TOPIC), PreflightContext::new().region("eu-de")),
            ("another project", to(TOPIC), huawei().project_id("0d0ef66e79d04187acb99a463e610764")),
            ("name", to("urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:my.topic"), huawei()),
            ("too long", to(&format!("{TOPIC}{}", "x".repeat(400))), huawei()),
        ])
    );
}

#[test]
fn findings_about_agencies_and_quotas() {
    let used =
        |used| [Quota::new("data_tracker", 100, 100), Quota::new("smn_notification", used, 100)];
    let (room, one, full) = (used(98), used(99), used(100));
    let functions = [Quota::new("fun_notification", 100, 100)];
    let mut unsaid = Quota::default();
    unsaid.quota_type = Some("smn_notification".into());
    let unsaid = [unsaid];
    assert_snapshot!(
        "preflight-agencies-and-quotas",
        listing([
            ("agency", good().agency("my_agency"), huawei()),
            ("agency on Open Telekom Cloud", good().agency("cts_admin_trust"), otc()),
            ("room for two", good(), huawei().quotas(&room)),
            ("room for two, two wanted", good(), huawei().quotas(&room).creates(2)),
            ("room for two, three wanted", good(), huawei().quotas(&room).creates(3)),
            ("room for one", good(), huawei().quotas(&one)),
            ("full", good(), huawei().quotas(&full)),
            ("full, but it is there already", good(), huawei().quotas(&full).creates(0)),
            ("functions are counted apart", good().topic(FUNCTION), huawei().quotas(&full)),
            ("functions are full", good().topic(FUNCTION), huawei().quotas(&functions)),
            ("not said", good(), huawei().quotas(&unsaid)),
        ])
    );
}

/// The deletes of a plan make room, and one quota is one finding however many notifications are
/// created.
#[test]
fn a_plan_is_compared_with_the_quotas() {
    let there = |name: &str, kind: &str| -> Notification {
        serde_json::from_value(json!({
            "notification_id": name, "notification_name": name, "notification_type": kind, "operation_type": "complete",
            "topic_id": if kind == "fun" { FUNCTION } else { TOPIC }, "status": "enabled",
        }))
        .unwrap()
    };
    let told = |creates: &[&str], deletes: &[&str], quotas: &[Quota]| {
        let names: Vec<String> = (0..creates.len()).map(|i| format!("new_{i}")).collect();
        let wanted = names
            .iter()
            .zip(creates)
            .map(|(name, topic)| CreateNotification::complete(name).topic(*topic));
        let actual: Vec<_> =
            deletes.iter().enumerate().map(|(i, kind)| there(&format!("old_{i}"), kind)).collect();
        let options = PlanOptions::new().prune_with_prefix("old_").unwrap();
        let plan = Plan::between(&NotificationSet::new(wanted).unwrap(), &actual, &options);
        let findings = plan.preflight(&PreflightContext::new().quotas(quotas));
        findings
            .iter()
            .map(|finding| format!("{} {}", finding.severity, finding.field))
            .collect::<Vec<_>>()
    };
    let full = [Quota::new("smn_notification", 100, 100)];
    let both = [Quota::new("smn_notification", 99, 100), Quota::new("fun_notification", 100, 100)];
    let none: [&str; 0] = [];
    assert_eq!(
        told(&[TOPIC; 3], &[], &full),
        ["error quotas.smn_notification"],
        "one fact, said once"
    );
    assert_eq!(told(&[TOPIC; 3], &["smn"; 2], &full), ["error quotas.smn_notification"]);
    assert_eq!(
        told(&[TOPIC; 3], &["smn"; 3], &full),
        ["warning quotas.smn_notification"],
        "it works: deletes come first"
    );
    assert_eq!(
        told(&[TOPIC; 3], &["fun"; 3], &full),
        ["warning quotas.smn_notification"],
        "they may share the quota"
    );
    assert_eq!(told(&[TOPIC], &["fun"], &both), none, "there is room");
    assert_eq!(
        told(&[TOPIC; 2], &["fun"; 2], &both),
        ["error quotas.smn_notification"],
        "each has its own"
    );
    assert_eq!(
        told(&[TOPIC, FUNCTION, TOPIC], &["smn"], &both),
        ["warning quotas.smn_notification", "error quotas.fun_notification"]
    );
    assert_eq!(told(&[], &["smn"], &full), none);
    assert_eq!(told(&[FUNCTION], &[], &full), none, "no quota is known of");
    // One that moves to a function leaves room.
    let moves = NotificationSpec::new(CreateNotification::complete("old_0").topic(FUNCTION));
    let set = NotificationSet::new([moves, CreateNotification::complete("new").into()]).unwrap();
    let plan = Plan::between(&set, &[there("old_0", "smn")], &PlanOptions::new());
    let finding = plan.preflight(&PreflightContext::new().quotas(&full)).pop().unwrap();
    assert_eq!((finding.severity, finding.notification), (Severity::Warning, None));
    assert_eq!(
        finding.message,
        "100 of 100 notifications are in use, and the plan creates 1 and frees 1: there is room only after the deletes, \
         and if a create then fails, neither the old nor the new notification exists"
    );
}

/// The desired status of a notification goes before that of the context.
#[test]
fn a_set_and_a_plan_find_what_their_notifications_find() {
    let complete = |name: &str| NotificationSpec::new(CreateNotification::complete(name));
    let specs = [
        complete("no-topic").status("enabled"),
        complete("silent").status("disabled"),
        complete("kept-one"),
    ];
    let context = huawei();
    let set = NotificationSet::new(specs.clone()).unwrap();
    let lines = |findings: &[Finding]| {
        findings
            .iter()
            .map(|of| format!("{} {}", of.notification.as_deref().unwrap_or("-"), of.field))
            .collect::<Vec<_>>()
    };
    let all = [
        "no-topic notification_name",
        "no-topic topic_id",
        "kept-one notification_name",
        "kept-one topic_id",
    ];
    assert_eq!(lines(&set.preflight(&context)), all);
    let each: Vec<Finding> = specs.iter().flat_map(|spec| spec.preflight(&context)).collect();
    assert_eq!(set.preflight(&context), each);

    // A plan looks at what it writes.
    let mut kept = Notification::default();
    kept.notification_id = "1".into();
    kept.notification_name = "kept-one".to_owned();
    kept.operation_type = Some("complete".into());
    kept.status = Some(NotificationStatus::Disabled);
    let plan = Plan::between(&set, &[kept], &PlanOptions::new());
    assert_eq!(lines(&plan.preflight(&context)), all[..2]);
}

#[test]
fn findings_serialize_to_json() {
    let findings = named("key-logins").preflight(&huawei());
    assert_eq!(
        serde_json::to_value(&findings).unwrap(),
        json!([{
            "severity": "warning",
            "notification": "key-logins",
            "field": "notification_name",
            "message": "\"key-logins\" contains '-', but only letters, digits, _ and Chinese characters are documented; \"key_logins\" would be valid",
            "source": "Huawei Cloud CTS User Guide, Configuring Key Event Notifications",
        }])
    );
    assert!(Severity::Error > Severity::Warning && Severity::Warning > Severity::Hint);
    assert_eq!(
        findings.iter().map(|finding: &Finding| finding.severity).max(),
        Some(Severity::Warning)
    );
}

/// The fake refuses what preflight calls an error of the notification itself, and the other way
/// round where it checks.
#[tokio::test]
async fn preflight_and_the_fake_agree_on_errors() {
    let context = huawei();
    for rule in [
        filtered("and", &["code = 200"]),
        filtered("AND", &["code=200"]),
        filtered("AND", &["code > 200"]),
        filtered("AND", &["user = me"]),
        filtered("AND", &["trace_rating = bad"]),
        good().topic("urn:smn:a"),
        good().agency("x"),
        named(&"x".repeat(65)),
        of([Operation::new("", "r", ["n"])]),
        good().notify_user_list((0..11).map(|_| NotifyUsers::new("g", ["u"]))),
        good(),
        filtered("OR", &["code != 200", "trace_type = ApiCall"]),
        named("关键操作"),
    ] {
        let is_error =
            rule.preflight(&context).iter().any(|finding| finding.severity == Severity::Error);
        let answer = FakeCts::new().client().create_notification(&rule).await;
        assert_eq!(is_error, answer.is_err(), "{rule:?}: {answer:?}");
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z_-]{0,12}",
        "(deleteTracker|createTraceker|CTS|cts|tracker|login){0,2}",
        ".{0,30}"
    ]
}

fn filter_rule() -> impl Strategy<Value = String> {
    prop_oneof![
        "(code|trace_type|trace_rating|api_version|x) ?(=|!=|==|>) ?(200|400|ApiCall|bad|normal)?",
        ".{0,20}"
    ]
}

prop_compose! {
    fn rule()(
        name in text(), kind in "customized|complete|other",
        operations in vec((text(), text(), vec(text(), 0..4)), 0..4),
        users in vec((text(), vec(text(), 0..3)), 0..3),
        topic in proptest::option::of(prop_oneof!["urn:(smn|fss):.{0,20}", "(urn|:|smn|fss|function|a){0,9}", ".{0,40}"]),
        condition in "AND|OR|and|", on in any::<bool>(), rules in vec(filter_rule(), 0..8),
        agency in proptest::option::of(text()),
    ) -> CreateNotification {
        let operations: Vec<Value> = operations.into_iter().map(|(service, resource, names)| {
            json!({"service_type": service, "resource_type": resource, "trace_names": names})
        }).collect();
        let users: Vec<Value> =
            users.into_iter().map(|(group, users)| json!({"user_group": group, "user_list": users})).collect();
        raw(json!({
            "notification_name": name, "operation_type": kind, "operations": operations, "notify_user_list": users,
            "topic_id": topic, "agency_name": agency,
            "filter": {"condition": condition, "is_support_filter": on, "rule": rules},
        }))
    }
}

proptest! {
    #[test]
    fn findings_about_any_notification_have_one_line_each(
        rule in rule(), names in vec((text(), text(), vec(text(), 0..4)), 0..5),
        region in "eu-de|cn-north-4|.{0,9}", status in "enabled|disabled|.{0,5}",
        used in any::<i64>(), quota in any::<i64>(), creates in any::<u32>(),
    ) {
        let catalogue: Catalogue = names.into_iter().map(|(s, r, names)| CatalogueEntry::new(s, r, names)).collect();
        let quotas = [Quota::new("smn_notification", used, quota)];
        let context = PreflightContext::new().region(&region).project_id(PROJECT).catalogue(&catalogue).quotas(&quotas)
            .creates(creates).status(status.as_str());
        let findings = rule.preflight(&context);
        for finding in &findings {
            prop_assert!(!finding.to_string().contains(char::is_control), "{finding}");
            prop_assert!(!finding.field.is_empty() && !finding.message.is_empty() && !finding.source.is_empty());
        }
        prop_assert_eq!(&rule.preflight(&context), &findings, "the same every time");
    }

    /// A contradiction is reported if and only if no value passes.
    #[test]
    fn a_filter_is_contradictory_if_and_only_if_no_value_passes_it(rules in vec((any::<bool>(), 0..3_usize), 1..5)) {
        let values = ["normal", "warning", "incident"];
        let conditions = rules.iter().map(|(equals, value)| {
            let make = if *equals { FilterRule::equals } else { FilterRule::not_equals };
            make(FilterField::TraceRating, values[*value])
        });
        let mut filter = Filter::all(conditions);
        let fits = |value: usize| rules.iter().map(move |(equals, wanted)| (value == *wanted) == *equals);
        let says = |filter: &Filter, severity| {
            good().filter(filter.clone()).preflight(&huawei()).iter().any(|finding| finding.severity == severity)
        };
        let never = (0..3).all(|value| !fits(value).all(|holds| holds));
        prop_assert_eq!(says(&filter, Severity::Error), never);
        filter.condition = FilterCondition::Or;
        let always = (0..3).all(|value| fits(value).any(|holds| holds));
        prop_assert_eq!(says(&filter, Severity::Warning), always);
    }
}
