//! Wanted state, on the fake: what is planned, how it looks, what is written, and what becomes of it when answers get lost.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use huaweicloud_cts::catalogue::{Catalogue, ListOperations};
use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterField, FilterRule, Notification, NotificationStatus, NotificationType, Operation,
    UpdateNotification,
};
use huaweicloud_cts::provision::{
    Action, ApplyReport, NotificationSet, NotificationSpec, Outcome, Place, Plan, PlanOptions, Preflight, SetError,
    ensure_everywhere, preflight,
};
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::transport::{Transport, TransportError, TransportErrorKind};
use huaweicloud_cts::{BoxFuture, CtsClient, ErrorCode, ErrorKind};
use serde_json::{Value, json};

use crate::support::answers::Answers;
use crate::support::colleague::Colleague;

mod converging;
mod preflight;

const TOPIC: &str = "urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:audit";
const FUNCTION: &str = "urn:fss:cn-north-4:24edf66e79d04187acb99a463e610764:function:default:audit";

fn logins() -> CreateNotification {
    CreateNotification::customized("logins", [Operation::new("IAM", "user", ["login", "loginfailed"])])
}

fn set<S: Into<NotificationSpec>>(rules: impl IntoIterator<Item = S>) -> NotificationSet {
    NotificationSet::new(rules).unwrap()
}

fn keep() -> PlanOptions {
    PlanOptions::new()
}

fn prune() -> PlanOptions {
    PlanOptions::new().prune_with_prefix("team_").unwrap()
}

/// The requests since then that were not only to read.
fn writes(fake: &FakeCts, since: usize) -> Vec<String> {
    let calls = fake.calls();
    let writes = calls[since..].iter().filter(|call| call.method != Method::GET);
    writes.map(|call| format!("{} {}", call.method, call.status.as_u16())).collect()
}

/// What is there: names and statuses.
fn rules(fake: &FakeCts) -> Vec<String> {
    let rules = fake.notifications(FakeCts::PROJECT_ID);
    let mut rules: Vec<_> =
        rules.iter().map(|rule| format!("{} {}", rule.notification_name, rule.status.as_ref().unwrap())).collect();
    rules.sort();
    rules
}

fn outcomes(report: &ApplyReport) -> String {
    let outcome = |outcome: &Outcome| match outcome {
        Outcome::Done { action, .. } => format!("{action:?}"),
        Outcome::Failed { .. } => "FAILED".to_owned(),
        Outcome::Unknown { .. } => "UNKNOWN".to_owned(),
        Outcome::Changed { .. } => "CHANGED".to_owned(),
        _ => "-".to_owned(),
    };
    report.entries.iter().map(|entry| outcome(&entry.outcome)).collect::<Vec<_>>().join(" ")
}

async fn create(client: &CtsClient, rule: CreateNotification) -> Notification {
    client.create_notification(&rule).await.unwrap()
}

fn service(status: u16, code: &str) -> Fault {
    Fault::status(status, &format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#))
}

/// Faults for the writes of `apply`, which reads both types before it writes.
fn after_reading(faults: impl IntoIterator<Item = Fault>) -> impl Iterator<Item = Fault> {
    [Fault::None, Fault::None].into_iter().chain(faults)
}

/// A client that never tries again, so that a script has one fault for each call.
fn hasty(fake: &FakeCts) -> CtsClient {
    fake.client_builder().retry(huaweicloud_cts::RetryPolicy::never()).build().unwrap()
}

#[tokio::test]
async fn a_set_is_made_so_with_the_fewest_writes() {
    let fake = FakeCts::new();
    let client = fake.client();
    create(&client, CreateNotification::complete("foreign")).await;
    create(&client, CreateNotification::complete("team_old")).await;
    let kept = create(&client, CreateNotification::complete("kept").topic(TOPIC)).await;
    let changed = create(&client, CreateNotification::complete("changed").topic(TOPIC)).await;
    let wanted = set([
        NotificationSpec::new(CreateNotification::complete("kept").topic(TOPIC)),
        NotificationSpec::new(CreateNotification::complete("changed").topic(FUNCTION)),
        NotificationSpec::new(logins().topic(TOPIC)),
        NotificationSpec::new(CreateNotification::complete("silent").topic(TOPIC)).status("disabled"),
        NotificationSpec::new(CreateNotification::complete("without_topic")),
    ]);
    let since = fake.calls().len();
    let plan = client.plan(&wanted, &prune()).await.unwrap();
    let counts = [Action::Create, Action::Update, Action::Delete, Action::Unchanged].map(|action| plan.count(action));
    assert_eq!((counts, plan.is_in_sync()), ([3, 1, 1, 1], false));
    assert_eq!(writes(&fake, since), [""; 0], "a plan only reads");

    let report = client.apply(&plan).await;
    assert!(report.is_complete() && report.has_changes(), "{report}");
    assert_eq!(
        writes(&fake, since),
        ["PUT 200", "POST 201", "POST 201", "PUT 200", "POST 201", "DELETE 204"],
        "one for each rule, and one more for the status that a rule is not born with"
    );
    assert_eq!(
        rules(&fake),
        [
            "changed enabled",
            "foreign disabled",
            "kept enabled",
            "logins enabled",
            "silent disabled",
            "without_topic disabled"
        ]
    );
    let moved = client.find_notification("changed").await.unwrap().unwrap();
    assert_eq!(moved.notification_type, Some(NotificationType::Fun));
    assert_eq!(moved.notification_id, changed.notification_id, "moved from one type to the other, not made anew");
    assert_eq!(report.entries[0].id, Some(kept.notification_id));

    let since = fake.calls().len();
    let again = client.ensure(&wanted, &prune()).await.unwrap();
    assert!(again.is_complete() && !again.has_changes());
    assert_eq!(writes(&fake, since), [""; 0]);
    assert!(client.plan(&wanted, &prune()).await.unwrap().is_in_sync());
    again.into_result().unwrap();
}

/// What the service keeps besides is sent back with an update.
#[tokio::test]
async fn an_update_clears_nothing_that_the_set_does_not_own() {
    let fake = FakeCts::new();
    let client = fake.client();
    create(&client, logins().agency("cts_admin_trust").topic(TOPIC)).await;
    let report = client.ensure(&set([logins().topic(TOPIC).notify_users("admin", ["alice"])]), &keep()).await.unwrap();
    assert_eq!(outcomes(&report), "Update");
    let rule = client.find_notification("logins").await.unwrap().unwrap();
    assert_eq!(rule.agency_name.as_deref(), Some("cts_admin_trust"));
    assert_eq!(rule.notify_user_list.len(), 1);
    // What it does own, it clears: users, and with the topic the status.
    let _ = client.ensure(&set([logins()]), &keep()).await.unwrap();
    let rule = client.find_notification("logins").await.unwrap().unwrap();
    assert!(rule.notify_user_list.is_empty() && rule.topic().is_none() && !rule.is_enabled());
}

#[tokio::test]
async fn a_rule_is_renamed_only_when_told() {
    let fake = FakeCts::new();
    let client = fake.client();
    let old = create(&client, logins()).await;
    let named = |name: &str| CreateNotification::customized(name, logins_operations());
    let told = set([NotificationSpec::new(named("team_logins")).renamed_from("logins")]);
    let plan = client.plan(&told, &keep()).await.unwrap();
    let differences: Vec<_> = plan.steps()[0].differences().iter().map(|of| of.member).collect();
    assert_eq!(differences, ["notification_name"]);
    assert_eq!(outcomes(&client.apply(&plan).await), "Update");
    assert_eq!(client.find_notification("team_logins").await.unwrap().unwrap().notification_id, old.notification_id);
    assert!(client.plan(&told, &keep()).await.unwrap().is_in_sync(), "it may stay in the file");

    // Both names are taken: nobody knows what is meant, so neither is touched, not even pruned.
    create(&client, logins()).await;
    let prune_all = PlanOptions::new().prune_where(|_| true);
    let plan = client.plan(&told, &prune_all).await.unwrap();
    assert_eq!((plan.steps().len(), plan.steps()[0].action()), (1, Action::Conflict));
    let report = client.apply(&plan).await;
    assert_eq!(outcomes(&report), "FAILED");
    assert_eq!(
        report.into_result().unwrap_err().to_string(),
        r#"apply: not sent: it was "logins", but there are rules of both names: delete or rename one of them"#
    );

    // Not told: another rule.
    let report = client.ensure(&set([named("other")]), &keep()).await.unwrap();
    assert_eq!(outcomes(&report), "Create");
    assert_eq!(fake.notifications(FakeCts::PROJECT_ID).len(), 3);
}

fn logins_operations() -> Vec<Operation> {
    vec![Operation::new("IAM", "user", ["login", "loginfailed"])]
}

#[test]
fn sets_that_can_not_be_right_are_refused() {
    let named = |name: &str| NotificationSpec::new(CreateNotification::complete(name));
    let text = |specs: Vec<NotificationSpec>| NotificationSet::new(specs).unwrap_err().to_string();
    let none: [Operation; 0] = [];
    assert_eq!(text(vec![named("a"), named("b"), named("a")]), r#"two notifications of the set are named "a""#);
    assert_eq!(
        text(vec![named("")]),
        r#"the notification "" of the set: notification_name is empty: give the notification a name"#
    );
    assert!(
        text(vec![CreateNotification::customized("a", none).into()])
            .starts_with(r#"the notification "a" of the set: op"#)
    );
    let renamed = r#"the notification "b" of the set is renamed from "a": "#;
    assert_eq!(
        text(vec![named("a"), named("b").renamed_from("a")]),
        format!("{renamed}the set has a notification of that name too")
    );
    assert_eq!(
        text(vec![named("c").renamed_from("a"), named("b").renamed_from("a")]),
        format!("{renamed}another notification is renamed from it too")
    );
    assert!(text(vec![named("b").renamed_from("")]).ends_with("that name is empty"));
    assert_eq!(PlanOptions::new().prune_with_prefix("").unwrap_err(), SetError::EmptyPrefix);
    assert!(NotificationSet::new([named("a")]).unwrap() != NotificationSet::default());
}

#[test]
fn pruning_takes_only_what_is_ours_and_not_wanted() {
    let rule = |name: &str, id: &str| {
        let mut rule = Notification::default();
        rule.notification_name = name.to_owned();
        rule.notification_id = id.into();
        rule
    };
    let actual = [
        rule("team_a", "1"),
        rule("team_b", "2"),
        rule("Team_c", "3"),
        rule("other_team_d", "4"),
        rule("team_former", "5"),
        rule("team_", "6"),
        rule("team_without_id", ""),
    ];
    let wanted = set([
        NotificationSpec::new(CreateNotification::complete("team_a")),
        NotificationSpec::new(CreateNotification::complete("team_new")).renamed_from("team_former"),
    ]);
    let deleted = |options: &PlanOptions| {
        let plan = Plan::between(&wanted, &actual, options);
        let doomed = plan.steps().iter().filter(|step| step.action() == Action::Delete);
        doomed.map(|step| step.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(deleted(&keep()), [""; 0]);
    assert_eq!(deleted(&prune()), ["team_b", "team_"]);
    assert_eq!(deleted(&PlanOptions::new().prune_where(|rule| rule.notification_id == "3")), ["Team_c"]);
}

/// A service that has two rules of one name: they differ in type.
#[tokio::test]
async fn two_rules_of_one_name_are_a_conflict() {
    let list = |kind: &str, id: &str| json!({"notifications": [{"notification_id": id, "notification_name": "logins", "notification_type": kind}]});
    let service = (0..2).fold(Answers::default(), |answers, _| {
        answers.answer(200, list("smn", "1").to_string()).answer(200, list("fun", "2").to_string())
    });
    let client = service.client();
    let plan = client.plan(&set([logins()]), &PlanOptions::new().prune_where(|_| true)).await.unwrap();
    assert_eq!(
        plan.to_string(),
        "! conflict   logins\n             2 rules are named \"logins\", delete or rename all but one: 1, 2\n\n\
         0 to create, 0 to update, 0 to delete, 0 unchanged, 1 in conflict\n"
    );
    let report = client.apply(&plan).await;
    let error = report.into_result().unwrap_err();
    assert_eq!((error.kind(), error.ambiguous_ids().len()), (ErrorKind::Ambiguous, 2));
    assert_eq!(error.operation(), "apply");
    assert!(service.requests().iter().all(|request| request.method() == Method::GET), "nothing was written");
}

/// What is met on the way to one new rule that is to be disabled though it has a topic: two writes without faults.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_never_makes_a_second_rule() {
    type Row = (&'static str, fn() -> Vec<Fault>, &'static str, &'static [&'static str]);
    let broken: fn() -> Vec<Fault> = || vec![Fault::DropAfter];
    let rows: [Row; 9] = [
        ("nothing", Vec::new, "Create", &["POST 201", "PUT 200"]),
        ("create applied, answer lost", broken, "Create", &["POST 201", "PUT 200"]),
        ("create applied, answer cut", || vec![Fault::CutOff], "Create", &["POST 201", "PUT 200"]),
        ("create applied, no answer", || vec![Fault::StallAfter], "Create", &["POST 201", "PUT 200"]),
        ("create lost", || vec![Fault::DropBefore], "UNKNOWN", &[]),
        ("create answered 502", || vec![Fault::status(502, "")], "UNKNOWN", &["POST 502"]),
        ("status lost", || vec![Fault::None, Fault::DropBefore], "UNKNOWN", &["POST 201"]),
        ("status applied, answer lost", || vec![Fault::None, Fault::DropAfter], "Create", &["POST 201", "PUT 200"]),
        ("no connection", || vec![Fault::Unreachable(TransportErrorKind::Connect)], "FAILED", &[]),
    ];
    for (what, faults, outcome, written) in rows {
        let fake = FakeCts::new();
        let client = hasty(&fake);
        let wanted = set([NotificationSpec::new(logins().topic(TOPIC)).status("disabled")]);
        let plan = client.plan(&wanted, &keep()).await.unwrap();
        let since = fake.calls().len();
        fake.inject(after_reading(faults()));
        let report = client.apply(&plan).await;
        assert_eq!(outcomes(&report), outcome, "{what}: {report}");
        assert_eq!(writes(&fake, since), written, "{what}");
        if outcome == "Create" {
            assert_eq!(
                report.entries[0].id.as_ref(),
                Some(&fake.notifications(FakeCts::PROJECT_ID)[0].notification_id)
            );
        }
        // Running again finishes the job.
        assert!(client.ensure(&wanted, &keep()).await.unwrap().is_complete());
        assert_eq!(rules(&fake), ["logins disabled"], "{what}");
    }
}

/// The response of an update is lost, and a colleague edits the notification before anything else is sent. Without the
/// colleague the update is sent again.
#[tokio::test(start_paused = true)]
async fn an_update_whose_response_was_lost_is_not_repeated_over_what_a_colleague_did_since() {
    let wanted = set([CreateNotification::complete("n").topic(TOPIC)]);
    for lost in [Fault::DropAfter, Fault::StallAfter, Fault::DropBefore, Fault::status(502, "<html>")] {
        for has_colleague in [true, false] {
            let fake = FakeCts::new();
            create(&fake.client(), CreateNotification::complete("n")).await;
            let plan = fake.client().plan(&wanted, &keep()).await.unwrap();
            fake.inject(after_reading([lost.clone()]));
            let transport = Colleague::acts_after(3, &fake, move |client| {
                Box::pin(async move {
                    if has_colleague {
                        let current = client.find_notification("n").await.unwrap().unwrap();
                        let filter = Filter::all([FilterRule::not_equals(FilterField::Code, 200)]);
                        client
                            .update_notification(&UpdateNotification::from_current(&current).filter(filter))
                            .await
                            .unwrap();
                    }
                })
            });
            let client = fake.client_builder().transport(transport).build().unwrap();
            let report = client.apply(&plan).await;
            let kept = fake.notifications(FakeCts::PROJECT_ID);
            assert_eq!(kept[0].filter.is_some(), has_colleague, "{lost:?}");
            assert_eq!(outcomes(&report), if has_colleague { "UNKNOWN" } else { "Update" }, "{lost:?}: {report}");
        }
    }
}

/// Another program applies the same set between our plan and its application.
#[tokio::test]
async fn what_another_program_has_done_already_is_adopted() {
    let fake = FakeCts::new();
    let client = fake.client();
    let wanted = set([logins().topic(TOPIC)]);
    let to_create = client.plan(&wanted, &keep()).await.unwrap();
    let theirs = create(&client, logins().topic(TOPIC)).await;
    let since = fake.calls().len();
    let report = client.apply(&to_create).await;
    assert_eq!(outcomes(&report), "Unchanged", "adopted");
    assert_eq!(report.entries[0].id.as_ref(), Some(&theirs.notification_id));

    client.update_notification(&UpdateNotification::from_current(&theirs).disable()).await.unwrap();
    let to_update = client.plan(&wanted, &keep()).await.unwrap();
    client.update_notification(&UpdateNotification::from_current(&theirs)).await.unwrap();
    assert_eq!(outcomes(&client.apply(&to_update).await), "Unchanged", "another program was faster");

    let to_delete = client.plan(&NotificationSet::default(), &PlanOptions::new().prune_where(|_| true)).await.unwrap();
    let report = client.apply(&to_delete).await;
    assert_eq!((outcomes(&report), report.has_changes()), ("Delete".to_owned(), true));
    let report = client.apply(&to_delete).await;
    assert_eq!((outcomes(&report), report.has_changes()), ("Unchanged".to_owned(), false), "gone is gone");
    assert!(report.to_string().starts_with("done       gone       logins"), "{report}");
    assert_eq!(writes(&fake, since), ["PUT 200", "PUT 200", "DELETE 204"], "but for the two updates here, one delete");
}

/// A colleague between the plan and its application: what they did is left alone and told, and the rest is done.
#[tokio::test]
async fn a_step_whose_notification_changed_since_the_plan_is_not_carried_out() {
    type Act = fn(&CtsClient, Notification) -> BoxFuture<'_, ()>;
    async fn put(client: &CtsClient, request: UpdateNotification) {
        client.update_notification(&request).await.unwrap();
    }
    let renamed: Act =
        |client, of| Box::pin(async move { put(client, UpdateNotification::from_current(&of).rename("theirs")).await });
    let edited: Act = |client, of| {
        Box::pin(async move { put(client, UpdateNotification::from_current(&of).agency("cts_admin_trust")).await })
    };
    let deleted: Act =
        |client, of| Box::pin(async move { client.delete_notification(&of.notification_id).await.unwrap() });
    let recreated: Act = |client, of| {
        Box::pin(async move {
            client.delete_notification(&of.notification_id).await.unwrap();
            create(client, CreateNotification::complete(&of.notification_name)).await;
        })
    };
    for (what, victim, act, expected, told) in [
        ("renamed", "changed", renamed, "CHANGED Unchanged Create - -", r#"it was renamed to "theirs""#),
        ("edited", "changed", edited, "CHANGED Unchanged Create - -", "it was edited (agency_name)"),
        ("deleted", "changed", deleted, "CHANGED Unchanged Create - -", "it was deleted; plan again"),
        (
            "created again",
            "changed",
            recreated,
            "CHANGED Unchanged Create - -",
            "it was deleted, and created again as 0000",
        ),
        ("renamed", "team_a", renamed, "Update Unchanged Create CHANGED Delete", r#"it was renamed to "theirs""#),
        ("edited", "team_a", edited, "Update Unchanged Create CHANGED Delete", "it was edited (agency_name)"),
        ("created again", "team_a", recreated, "Update Unchanged Create CHANGED Delete", "created again as 0000"),
        ("deleted", "team_a", deleted, "Update Unchanged Create Unchanged Delete", ""),
        ("renamed", "kept", renamed, "Update CHANGED Create - -", r#"it was renamed to "theirs""#),
        ("deleted", "kept", deleted, "Update CHANGED Create - -", "it was deleted; plan again"),
        ("edited in what the set leaves alone", "kept", edited, "Update Unchanged Create Delete Delete", ""),
    ] {
        let fake = FakeCts::new();
        let client = fake.client();
        for name in ["changed", "kept", "team_a", "team_b"] {
            create(&client, CreateNotification::complete(name)).await;
        }
        let wanted = set([
            CreateNotification::complete("changed").topic(TOPIC),
            CreateNotification::complete("kept"),
            CreateNotification::complete("new"),
        ]);
        let plan = client.plan(&wanted, &prune()).await.unwrap();
        act(&client, client.find_notification(victim).await.unwrap().unwrap()).await;
        let theirs = |fake: &FakeCts| {
            let all = fake.notifications(FakeCts::PROJECT_ID);
            let is_theirs = |of: &&Notification| of.notification_name == victim || of.notification_name == "theirs";
            all.iter().filter(is_theirs).cloned().collect::<Vec<_>>()
        };
        let before = theirs(&fake);
        let report = client.apply(&plan).await;
        let told_of = report.to_string();
        assert_eq!(outcomes(&report), expected, "{victim} was {what}: {told_of}");
        assert_eq!(theirs(&fake), before, "{victim} was {what}");
        assert!(told_of.contains(told), "{told_of}");
        if expected.contains("CHANGED") {
            assert!(told_of.ends_with("1 changed since the plan: plan again\n"), "{told_of}");
            let error = report.into_result().unwrap_err();
            assert_eq!((error.kind(), error.operation()), (ErrorKind::Changed, "apply"), "{error}");
        } else {
            assert!(report.is_complete(), "{told_of}");
        }
        assert!(client.ensure(&wanted, &prune()).await.unwrap().is_complete(), "planned again, it is done");
    }
}

/// The fields that were edited are named as the service names them, whatever it calls them.
#[tokio::test]
async fn an_edited_field_of_any_name_steers_no_terminal() {
    let list = |value: u8| {
        let there = json!({"notification_id": "1", "notification_name": "n", "operation_type": "complete", "status": "disabled",
            "esc\u{1b}[2J\u{202e}": value});
        json!({"notifications": [there]}).to_string()
    };
    let none = r#"{"notifications":[]}"#;
    let service = Answers::default().answer(200, list(1)).answer(200, none).answer(200, list(2)).answer(200, none);
    let client = service.client();
    let plan = client.plan(&set([CreateNotification::complete("n").topic(TOPIC)]), &keep()).await.unwrap();
    let report = client.apply(&plan).await;
    assert_eq!((outcomes(&report).as_str(), service.requests().len()), ("CHANGED", 4), "{report}");
    assert!(report.to_string().contains("it was edited (esc"), "{report}");
    assert!(!report.to_string().contains(['\u{1b}', '\u{202e}']), "{report}");
}

/// A notification of another content takes the name, or a name that the step relies on, before `apply` reads or after.
#[tokio::test]
async fn a_name_that_was_taken_since_the_plan_is_not_taken_back() {
    let racing = |fake: &FakeCts| {
        let theirs = CreateNotification::complete("logins").topic(TOPIC);
        let colleague = Colleague::acts_after(2, fake, |client| {
            Box::pin(async move {
                create(&client, theirs).await;
            })
        });
        fake.client_builder().transport(colleague).build().unwrap()
    };
    for (what, spec, there, taken) in [
        ("the name of a create", NotificationSpec::new(logins()), None, "logins"),
        ("the former name of a create", NotificationSpec::new(logins()).renamed_from("old"), None, "old"),
        ("the new name of a rename", NotificationSpec::new(logins()).renamed_from("old"), Some("old"), "logins"),
    ] {
        let fake = FakeCts::new();
        let client = fake.client();
        if let Some(name) = there {
            create(&client, CreateNotification::complete(name)).await;
        }
        let plan = client.plan(&set([spec]), &keep()).await.unwrap();
        let theirs = create(&client, CreateNotification::complete(taken).topic(TOPIC)).await;
        let since = fake.calls().len();
        let report = client.apply(&plan).await;
        assert_eq!((outcomes(&report), writes(&fake, since)), ("CHANGED".to_owned(), vec![]), "{what}: {report}");
        assert!(report.to_string().contains(&format!("now, {}", theirs.notification_id)), "{report}");
    }
    // Between the reading and the create: nothing can be seen before it, and the service refuses it.
    let fake = FakeCts::new();
    let client = fake.client();
    let plan = client.plan(&set([logins()]), &keep()).await.unwrap();
    let report = racing(&fake).apply(&plan).await;
    assert_eq!(outcomes(&report), "CHANGED", "{report}");
    assert!(report.to_string().contains("that differs in operation_type, operations, topic_id, status"), "{report}");
    assert_eq!(rules(&fake), ["logins enabled"]);

    // `ensure` plans again, and then it is an update.
    let fake = FakeCts::new();
    let report = racing(&fake).ensure(&set([logins()]), &keep()).await.unwrap();
    assert_eq!(outcomes(&report), "Update", "{report}");
    assert_eq!(rules(&fake), ["logins disabled"]);
}

/// One that is just as the create would make it, but somebody else made it: its status is theirs.
#[tokio::test]
async fn a_notification_of_somebody_else_is_not_taken_for_what_was_just_created() {
    let fake = FakeCts::new();
    let wanted = || CreateNotification::complete("logins").topic(TOPIC);
    let colleague = Colleague::acts_after(2, &fake, move |client| {
        Box::pin(async move {
            create(&client, wanted()).await;
        })
    });
    let client = fake.client_builder().transport(colleague).build().unwrap();
    let silent = set([NotificationSpec::new(wanted()).status("disabled")]);
    let report = client.apply(&Plan::between(&silent, &[], &keep())).await;
    assert_eq!(
        (outcomes(&report), rules(&fake)),
        ("CHANGED".to_owned(), vec!["logins enabled".to_owned()]),
        "{report}"
    );
}

/// There is no room, so the old goes first; then the name of the new is taken, and the next round makes an update of it.
#[tokio::test]
async fn the_report_keeps_what_an_earlier_round_deleted() {
    let fake = FakeCts::new();
    create(&fake.client(), CreateNotification::complete("team_old")).await;
    fake.inject(after_reading([service(400, "CTS.0407")]));
    let colleague = Colleague::acts_after(4, &fake, |client| {
        Box::pin(async move {
            create(&client, CreateNotification::complete("new").topic(TOPIC)).await;
        })
    });
    let client = fake.client_builder().transport(colleague).build().unwrap();
    let report = client.ensure(&set([CreateNotification::complete("new")]), &prune()).await.unwrap();
    assert_eq!((outcomes(&report).as_str(), report.deleted_first), ("Update Delete", true), "{report}");
    assert!(report.is_complete() && !report.to_string().contains("WARNING"), "{report}");
    assert_eq!(rules(&fake), ["new disabled"]);
}

/// What an earlier round wrote is in the report too.
#[tokio::test]
async fn the_report_of_an_ensure_is_on_all_its_rounds() {
    let fake = FakeCts::new();
    create(&fake.client(), CreateNotification::complete("changed")).await;
    create(&fake.client(), CreateNotification::complete("team_old")).await;
    let colleague = Colleague::acts_after(4, &fake, |client| {
        Box::pin(async move {
            let found = client.find_notification("changed").await.unwrap().unwrap();
            client.delete_notification(&found.notification_id).await.unwrap();
        })
    });
    let client = fake.client_builder().transport(colleague).build().unwrap();
    let wanted = set([
        CreateNotification::complete("new"),
        CreateNotification::complete("second"),
        CreateNotification::complete("changed").topic(TOPIC),
    ]);
    let report = client.ensure(&wanted, &prune()).await.unwrap();
    assert_eq!(outcomes(&report), "Create Create Create Delete", "{report}");
    assert!(report.is_complete() && report.has_changes(), "{report}");
    assert_eq!(rules(&fake), ["changed enabled", "new disabled", "second disabled"]);
}

/// Somebody undoes each time what the plan relies on: three rounds, and then the report says so.
#[tokio::test]
async fn an_ensure_plans_three_times_at_most() {
    let list = |id: u8| {
        let there = json!({"notification_id": id.to_string(), "notification_name": "n", "operation_type": "complete", "status": "disabled"});
        json!({"notifications": [there]}).to_string()
    };
    let none = r#"{"notifications":[]}"#;
    let gone = r#"{"error_code":"CTS.0403","error_msg":"m"}"#;
    let service = (1..=5)
        .fold(Answers::default(), |answers, id| answers.answer(200, list(id)).answer(200, none).answer(404, gone));
    let wanted = set([CreateNotification::complete("n").topic(TOPIC)]);
    let report = service.client().ensure(&wanted, &keep()).await.unwrap();
    assert_eq!((outcomes(&report).as_str(), service.requests().len()), ("CHANGED", 9), "{report}");
    assert!(report.to_string().contains("it was deleted; plan again"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_only_what_it_concerns() {
    type Row = (&'static str, fn() -> Vec<Fault>, &'static str);
    let rows: [Row; 9] = [
        ("bad operations", || vec![service(400, "CTS.0401")], "FAILED Create Update Unchanged -"),
        ("no such topic", || vec![Fault::None, service(400, "CTS.0402")], "Create FAILED Update Unchanged -"),
        ("under maintenance", || vec![service(503, "CTS.0005")], "UNKNOWN Create Update Unchanged -"),
        ("no permission", || vec![service(403, "CTS.0013")], "FAILED - - Unchanged -"),
        ("keys withdrawn", || vec![Fault::None, service(401, "APIGW.0301")], "Create FAILED - Unchanged -"),
        ("no room", || vec![service(400, "CTS.0407")], "Create Create Update Unchanged Delete"),
        ("too many requests", || vec![Fault::throttle(None)], "FAILED - - Unchanged -"),
        ("no connection", || vec![Fault::Unreachable(TransportErrorKind::Dns)], "FAILED - - Unchanged -"),
        (
            "lost, and then no connection",
            || vec![Fault::DropBefore, Fault::Unreachable(TransportErrorKind::Connect)],
            "UNKNOWN - - Unchanged -",
        ),
    ];
    for (what, faults, expected) in rows {
        let fake = FakeCts::new();
        let client = hasty(&fake);
        for name in ["changed", "kept", "team_old"] {
            create(&client, CreateNotification::complete(name)).await;
        }
        let wanted = set([
            logins(),
            CreateNotification::complete("new"),
            CreateNotification::complete("changed").topic(TOPIC),
            CreateNotification::complete("kept"),
        ]);
        let plan = client.plan(&wanted, &prune()).await.unwrap();
        fake.inject(after_reading(faults()));
        let report = client.apply(&plan).await;
        assert_eq!(outcomes(&report), expected, "{what}: {report}");
        assert_eq!(report.is_complete(), !expected.contains(['F', 'K']), "{what}");
        assert!(client.ensure(&wanted, &prune()).await.unwrap().is_complete(), "{what}");
        assert_eq!(rules(&fake), ["changed enabled", "kept disabled", "logins disabled", "new disabled"], "{what}");
    }
}

/// All the room is taken by rules that are to go: they go first, for once, and the others come.
#[tokio::test]
async fn a_full_quota_is_turned_over() {
    let fake = FakeCts::new();
    let client = fake.client();
    let names = |prefix: &str, count: usize| (0..count).map(|i| format!("{prefix}_{i}")).collect::<Vec<_>>();
    let _ =
        client.ensure(&set(names("team_old", 100).iter().map(CreateNotification::complete)), &keep()).await.unwrap();
    let wanted = set(names("team_new", 100).iter().map(CreateNotification::complete));
    let stuck = client.ensure(&wanted, &keep()).await.unwrap();
    assert!(outcomes(&stuck).starts_with("FAILED - - "), "nothing may be pruned: {stuck}");
    assert_eq!(stuck.into_result().unwrap_err().code(), Some(&ErrorCode::NotificationQuotaExceeded));

    let since = fake.calls().len();
    let report = client.ensure(&wanted, &prune()).await.unwrap();
    assert!(report.is_complete(), "{report}");
    assert_eq!(writes(&fake, since).len(), 1 + 10 + 100);
    assert!(rules(&fake).iter().all(|rule| rule.starts_with("team_new_")));
}

/// A refusal that comes as the time of the call ends is told, and not that there was no time to correct the clock.
#[tokio::test(start_paused = true)]
async fn a_write_that_fails_at_its_time_limit_ends_with_that_failure() {
    const LIMIT: Duration = Duration::from_secs(2);
    let fake = FakeCts::new();
    let plan = fake.client().plan(&set([logins()]), &keep()).await.unwrap();
    let service = fake.clone();
    let colleague = Colleague::acts_after(2, &fake, |_| {
        Box::pin(async move {
            service.set_clock_ahead(3_600);
            service.inject([Fault::Delay(LIMIT)]);
        })
    });
    let policy = huaweicloud_cts::RetryPolicy::standard().total_timeout(LIMIT);
    let client = fake.client_builder().transport(colleague).retry(policy).build().unwrap();
    let report = client.apply(&plan).await;
    assert_eq!(outcomes(&report), "FAILED", "{report}");
    let error = report.into_result().unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(StatusCode::UNAUTHORIZED), 1), "{error}");
}

/// What was deleted to make room is gone, and what was to replace it did not come: nothing is worse, so it is said first.
#[tokio::test]
async fn a_report_begins_with_what_was_deleted_in_vain() {
    let fake = FakeCts::new();
    let client = hasty(&fake);
    create(&client, CreateNotification::complete("team_old")).await;
    let wanted = set([CreateNotification::complete("team_new"), logins()]);
    let plan = client.plan(&wanted, &prune()).await.unwrap();
    let full = || service(400, "CTS.0407");
    // Creating is refused for want of room, the delete succeeds, and then the one is refused for another reason.
    fake.inject(after_reading([full(), Fault::None, service(400, "CTS.0401")]));
    let report = client.apply(&plan).await;
    assert_eq!((outcomes(&report).as_str(), report.deleted_first), ("FAILED Create Delete", true), "{report}");
    let text = report.to_string();
    let first = "WARNING: 1 deleted to make room, but 1 not created: neither the old nor the new ones are there. Missing: team_new";
    assert_eq!(text.lines().next(), Some(first), "{text}");
    assert_eq!(serde_json::to_value(&report).unwrap()["deleted_first"], true);

    // The same in one line for a place; and nothing of it where all is well, or nothing was deleted.
    let place = Place::new("p", client.clone());
    create(&client, CreateNotification::complete("team_old")).await;
    fake.inject(after_reading([full(), Fault::None, service(400, "CTS.0401")]));
    let reports = ensure_everywhere(vec![place], &wanted, &prune(), 1, |_| {}).await;
    assert!(
        reports[0].to_string().starts_with("p: WARNING: 1 deleted to make room, but 1 not created"),
        "{}",
        reports[0]
    );
    create(&client, CreateNotification::complete("team_old")).await;
    let plan = client.plan(&wanted, &prune()).await.unwrap();
    fake.inject(after_reading([service(400, "CTS.0401")]));
    let report = client.apply(&plan).await;
    assert!(!report.to_string().contains("WARNING") && !report.deleted_first, "{report}");
    fake.inject(after_reading([full()]));
    let report = client.apply(&plan).await;
    assert!(report.is_complete() && !report.to_string().contains("WARNING"), "{report}");
}

/// Some of what was to go survived, and each entry says so for itself.
#[tokio::test(start_paused = true)]
async fn deletions_are_accounted_for_one_by_one() {
    let nothing = || NotificationSet::default();
    for (faults, expected) in [
        (vec![service(403, "CTS.0013")], "FAILED FAILED"),
        (vec![Fault::DropBefore], "UNKNOWN UNKNOWN"),
        (vec![Fault::DropAfter], "Delete Delete"),
        (vec![Fault::DropAfter, service(500, "CTS.0200")], "UNKNOWN UNKNOWN"),
        (vec![service(500, "CTS.0200"), Fault::None, Fault::None, service(403, "CTS.0013")], "FAILED Delete"),
    ] {
        let fake = FakeCts::new();
        let client = hasty(&fake);
        for name in ["team_a", "team_b"] {
            create(&client, CreateNotification::complete(name)).await;
        }
        let plan = client.plan(&nothing(), &prune()).await.unwrap();
        fake.inject(after_reading(faults.clone()));
        let report = client.apply(&plan).await;
        assert_eq!(outcomes(&report), expected, "{faults:?}: {report}");
        assert!(client.ensure(&nothing(), &prune()).await.unwrap().is_complete());
        assert!(rules(&fake).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn the_report_is_a_table() {
    let fake = FakeCts::new();
    let client = hasty(&fake);
    for name in ["kept", "team_old"] {
        create(&client, CreateNotification::complete(name)).await;
    }
    let wanted = set([
        CreateNotification::complete("kept"),
        CreateNotification::complete("一二三"),
        CreateNotification::complete("refused"),
        CreateNotification::complete("lost\u{1b}[2J"),
    ]);
    let plan = client.plan(&wanted, &prune()).await.unwrap();
    fake.inject(after_reading([Fault::None, service(400, "CTS.0411"), Fault::DropBefore]));
    let report = client.apply(&plan).await;
    insta::assert_snapshot!(report);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["complete"], json!(false));
    assert_eq!(json["entries"][1]["done"], json!("create"));
    assert_eq!(json["entries"][3]["outcome"], json!("unknown"));
    assert!(json["entries"][2]["error"].as_str().unwrap().contains("CTS.0411"));
    assert_eq!(json["entries"][4]["outcome"], json!("not_tried"));
}

fn pictured() -> Plan {
    let actual: Vec<Notification> = serde_json::from_value(json!([
        {"notification_id": "00000001-cafe", "notification_name": "登录", "operation_type": "complete", "status": "enabled",
         "topic_id": TOPIC},
        {"notification_id": "00000002-cafe", "notification_name": "logins", "operation_type": "customized",
         "status": "disabled", "topic_id": TOPIC, "operations": [
            {"service_type": "IAM", "resource_type": "user", "trace_names": ["login", "logout"]},
            {"service_type": "OBS", "resource_type": "bucket", "trace_names": ["deleteBucket"]}],
         "notify_user_list": [{"user_group": "admin", "user_list": ["alice", "bob"]}],
         "filter": {"condition": "AND", "is_support_filter": false, "rule": ["code = 200"]}},
        {"notification_id": "00000003-cafe", "notification_name": "team_old\u{1b}[31m", "operation_type": "complete"},
        {"notification_id": "00000004-cafe", "notification_name": "twice", "operation_type": "complete"},
        {"notification_id": "00000005-cafe", "notification_name": "twice", "operation_type": "complete"},
        {"notification_id": "00000006-cafe", "notification_name": "all", "operation_type": "complete",
         "status": "disabled", "notify_user_list": []},
    ]))
    .unwrap();
    let many = (0..12).map(|i| format!("deleteSomething{i}"));
    let filter = Filter::all([
        FilterRule::not_equals(FilterField::Code, 200),
        FilterRule::equals(FilterField::TraceType, "ApiCall"),
    ]);
    let wanted = set([
        NotificationSpec::new(CreateNotification::complete("登录").topic(TOPIC)),
        NotificationSpec::new(logins().topic(TOPIC).notify_users("admin", ["carol"]).filter(filter)),
        NotificationSpec::new(
            CreateNotification::customized(
                "deletions",
                [Operation::new("ECS", "ecs", many), Operation::new("EVS", "evs", ["deleteVolume"])],
            )
            .notify_users("ops", ["dave"])
            .topic(TOPIC),
        ),
        NotificationSpec::new(CreateNotification::complete("twice")),
        NotificationSpec::new(CreateNotification::customized("every", logins_operations())).renamed_from("all"),
    ]);
    Plan::between(&wanted, &actual, &prune())
}

#[test]
fn the_picture() {
    let plan = pictured();
    insta::assert_snapshot!("picture", plan);
    let coloured = plan.display().coloured(true).to_string();
    insta::assert_snapshot!("picture_coloured", coloured.replace('\u{1b}', "ESC"));
    // The names come from anywhere: they bring no escapes along.
    assert!(!plan.to_string().contains('\u{1b}'));
    let empty = Plan::between(&NotificationSet::default(), &[], &keep());
    assert_eq!(empty.to_string(), "0 to create, 0 to update, 0 to delete, 0 unchanged\n");
}

#[test]
fn a_plan_for_machines() {
    let plan = serde_json::to_value(pictured()).unwrap();
    assert_eq!((&plan["create"], &plan["update"], &plan["delete"]), (&json!(1), &json!(2), &json!(1)));
    assert_eq!((&plan["unchanged"], &plan["conflict"]), (&json!(1), &json!(1)));
    let update = &plan["steps"][1];
    assert_eq!(
        (&update["action"], &update["name"], &update["id"]),
        (&json!("update"), &json!("logins"), &json!("00000002-cafe"))
    );
    let status = json!({"member": "status", "before": "disabled", "after": "enabled"});
    assert!(update["differences"].as_array().unwrap().contains(&status), "{update}");
    assert_eq!(plan["steps"][0]["differences"], json!([]));
    assert!(plan["steps"][3]["reason"].as_str().unwrap().starts_with("2 rules are named"));
}

#[test]
fn specs_are_written_and_read_strictly() {
    type Change = fn(&mut Value);
    let whole = json!({"notifications": [
        {"notification_name": "logins", "operation_type": "customized", "status": "disabled", "renamed_from": "old",
         "operations": [{"service_type": "IAM", "resource_type": "user", "trace_names": ["login", "loginfailed"]}],
         "notify_user_list": [{"user_group": "admin", "user_list": ["alice"]}], "topic_id": TOPIC,
         "filter": {"condition": "OR", "is_support_filter": false, "rule": ["code != 200"]},
         "agency_name": "cts_admin_trust"},
        {"notification_name": "all", "operation_type": "complete"},
    ]});
    let read: NotificationSet = serde_json::from_value(whole.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), whole, "both ways");
    let spec = &read.specs()[0];
    assert_eq!((spec.name(), spec.former_name()), ("logins", Some("old")));
    assert_eq!(spec.wanted_status(), NotificationStatus::Disabled);

    let toml = toml::to_string(&read).unwrap();
    assert_eq!(toml::from_str::<NotificationSet>(&toml).unwrap(), read, "{toml}");

    let brief = r#"
        [[notifications]]
        notification_name = "logins"
        operations = [{ service_type = "IAM", resource_type = "user", trace_names = ["login", "loginfailed"] }]
        filter.rule = ["code != 200"]
    "#;
    let brief: NotificationSet = toml::from_str(brief).unwrap();
    let filter = Filter::all([FilterRule::not_equals(FilterField::Code, 200)]);
    assert_eq!(brief, set([logins().filter(filter)]));

    let refused = |change: &dyn Fn(&mut Value)| {
        let mut changed = whole.clone();
        change(&mut changed);
        serde_json::from_value::<NotificationSet>(changed).unwrap_err().to_string()
    };
    let changes: [(Change, &str); 14] = [
        (|all| all["notification"] = json!([]), "unknown field `notification`"),
        (|all| *all = json!({}), "missing field `notifications`"),
        (|all| all["notifications"][0]["topic"] = json!("t"), "unknown field `topic`"),
        (|all| all["notifications"][0]["operations"][0]["traces"] = json!([]), "unknown field `traces`"),
        (
            |all| all["notifications"][0]["operations"][0] = json!({"service_type": "IAM"}),
            "missing field `resource_type`",
        ),
        (|all| all["notifications"][0]["notify_user_list"][0]["users"] = json!([]), "unknown field `users`"),
        (|all| all["notifications"][0]["filter"]["rules"] = json!([]), "unknown field `rules`"),
        (|all| all["notifications"][0]["filter"] = json!({"condition": "AND"}), "missing field `rule`"),
        (
            |all| all["notifications"][0]["operations"] = json!([]),
            "\"logins\": give operations, or operation_type complete",
        ),
        (
            |all| all["notifications"][1] = json!({"notification_name": "x"}),
            "\"x\": give operations, or operation_type",
        ),
        (|all| all["notifications"][0]["operation_type"] = json!("complete"), "so leave operations out"),
        (
            |all| all["notifications"][0]["operation_type"] = json!("custom"),
            "operation_type is \"custom\", not complete or",
        ),
        (
            |all| all["notifications"][1]["notification_name"] = json!("logins"),
            "two notifications of the set are named \"logins\"",
        ),
        (|all| all["notifications"][0]["renamed_from"] = json!("all"), "the set has a notification of that name too"),
    ];
    for (change, expected) in changes {
        let error = refused(&change);
        assert!(error.contains(expected), "{error}, not {expected}");
    }
}

/// One set in a thousand projects, some of which are in trouble.
#[tokio::test(start_paused = true)]
async fn a_thousand_projects_at_once() {
    const PLACES: usize = 1_000;
    let fake = FakeCts::new();
    let stranger = huaweicloud_cts::credentials::Credentials::new("UNKNOWNACCESSKEY0001", "secret");
    let is_in_trouble = |i: usize| i % 100 == 7;
    let places = || {
        let place = |i: usize| {
            let id = format!("project{i}");
            let mut builder = fake.client_builder().project_id(&id).transport(Counted::new(&fake));
            if is_in_trouble(i) {
                builder = builder.credentials(stranger.clone());
            }
            Place::new(id, builder.build().unwrap())
        };
        (0..PLACES).map(place).collect::<Vec<_>>()
    };
    let own = set([logins().topic("urn:smn:{region}:{project_id}:audit")]).for_place("eu-de", "project1");
    let mut here = places();
    here[1] = here[1].clone().set(own.clone());
    let wanted = set([logins(), CreateNotification::complete("everything").topic(TOPIC)]);
    let mut finished = Vec::new();
    let reports = ensure_everywhere(here, &wanted, &keep(), 50, |at| {
        assert_eq!((at.total, at.finished), (PLACES, finished.len() + 1));
        finished.push(at.report.name.clone());
    })
    .await;

    assert_eq!((reports.len(), finished.len()), (PLACES, PLACES));
    assert_eq!(MOST_AT_ONCE.load(Ordering::SeqCst), 50, "as many at once as allowed, not more");
    for (i, report) in reports.iter().enumerate() {
        assert_eq!(report.name, format!("project{i}"), "in the order of the places");
        assert_eq!(report.is_complete(), !is_in_trouble(i), "{report}");
        let count = fake.notifications(&report.name).len();
        assert_eq!(
            count,
            if is_in_trouble(i) {
                0
            } else if i == 1 {
                1
            } else {
                2
            },
            "{report}"
        );
    }
    assert_eq!(fake.notifications("project1")[0].topic_id.as_ref().unwrap().as_str(), "urn:smn:eu-de:project1:audit");
    assert_eq!(reports[0].to_string(), "project0: 2 created, 0 updated, 0 deleted, 0 unchanged");
    assert!(reports[7].to_string().starts_with("project7: ListNotifications: 401 APIGW.0301"), "{}", reports[7]);

    let json = serde_json::to_value(&reports[6..8]).unwrap();
    assert_eq!((&json[0]["report"]["complete"], &json[0]["error"]), (&json!(true), &Value::Null));
    assert_eq!((&json[1]["name"], &json[1]["report"]), (&json!("project7"), &Value::Null));
    assert!(json[1]["error"].as_str().unwrap().contains("APIGW.0301"));

    let none = ensure_everywhere(Vec::new(), &wanted, &keep(), 0, |_| panic!("there is no place")).await;
    assert!(none.is_empty());
}

/// A hundred projects and a secret that is wrong for all of them.
#[tokio::test(start_paused = true)]
async fn a_refused_key_is_not_tried_in_every_place() {
    let fake = FakeCts::new();
    let wrong = huaweicloud_cts::credentials::Credentials::new(fake.credentials().access_key(), "wrong");
    let another = huaweicloud_cts::credentials::Credentials::new("ANOTHERACCESSKEY0001", "secret");
    fake.accept(&another);
    let places = (0..100).map(|i| {
        let credentials = if i % 10 == 9 { another.clone() } else { wrong.clone() };
        let builder = fake.client_builder().project_id(format!("p{i}")).credentials(credentials);
        Place::new(format!("p{i}"), builder.transport(Counted::new(&fake)).build().unwrap())
    });
    let wanted = set([CreateNotification::complete("everything")]);
    let reports = ensure_everywhere(places.collect(), &wanted, &keep(), 50, |_| {}).await;
    let refused = fake.calls().iter().filter(|call| call.status == StatusCode::UNAUTHORIZED).count();
    assert_eq!(refused, 2, "five lock the key");
    for (i, report) in reports.iter().enumerate() {
        assert_eq!(report.is_complete(), i % 10 == 9, "another key is not concerned: {report}");
    }
    assert_eq!(
        reports[50].to_string(),
        "p50: apply: no usable credentials: not tried, since the same access key was refused in 2 places: correct it first"
    );
    assert_eq!(reports[50].result.as_ref().unwrap_err().kind(), ErrorKind::Credentials);
}

/// A place that can't be reached, or refuses a key that others accept, does not stop the others.
#[tokio::test(start_paused = true)]
async fn one_place_in_trouble_says_nothing_of_the_key() {
    let fake = FakeCts::new();
    let refused = || service(401, "APIGW.0301");
    let done = || vec![Fault::None; 3];
    let rows = [
        ("refused once", vec![refused()], 1),
        ("never reached", vec![Fault::Unreachable(TransportErrorKind::Connect); 3], 3),
        ("refused, accepted, refused", [vec![refused()], done(), vec![refused()]].concat(), 2),
        ("refused, no permission, refused", vec![refused(), service(403, "CTS.0013"), refused()], 3),
        ("refused twice in a row", vec![service(403, "CTS.0013"), refused(), refused()], 20),
    ];
    for (what, faults, failures) in rows {
        let places = (0..20).map(|i| {
            let builder = fake.client_builder().project_id(format!("p{i}"));
            Place::new(format!("p{i}"), builder.retry(huaweicloud_cts::RetryPolicy::never()).build().unwrap())
        });
        fake.inject(faults);
        let wanted = set([CreateNotification::complete(what)]);
        let reports = ensure_everywhere(places.collect(), &wanted, &keep(), 1, |_| {}).await;
        assert_eq!(reports.iter().filter(|report| !report.is_complete()).count(), failures, "{what}");
    }
}

/// While nobody answers, nothing is known of the key, and a few places try it at once.
#[tokio::test(start_paused = true)]
async fn places_that_do_not_answer_do_not_wait_for_each_other() {
    const PATIENCE: Duration = Duration::from_secs(10);
    let fake = FakeCts::new();
    fake.inject(vec![Fault::StallAfter; 7]);
    let places = (0..7).map(|i| {
        let builder = fake.client_builder().project_id(format!("p{i}")).attempt_timeout(PATIENCE);
        Place::new(format!("p{i}"), builder.retry(huaweicloud_cts::RetryPolicy::never()).build().unwrap())
    });
    let started = tokio::time::Instant::now();
    let wanted = set([CreateNotification::complete("n")]);
    let reports = ensure_everywhere(places.collect(), &wanted, &keep(), 50, |_| {}).await;
    assert!(reports.iter().all(|report| report.result.is_err()));
    assert!(started.elapsed() < PATIENCE * 5, "one, two, three, one: {:?}", started.elapsed());
}

static AT_ONCE: AtomicUsize = AtomicUsize::new(0);
static MOST_AT_ONCE: AtomicUsize = AtomicUsize::new(0);

/// Takes a second for each request, and counts how many there are at once.
#[derive(Debug)]
struct Counted(FakeCts);

impl Counted {
    fn new(fake: &FakeCts) -> Self {
        Self(fake.clone())
    }
}

impl Transport for Counted {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let now = AT_ONCE.fetch_add(1, Ordering::SeqCst) + 1;
            MOST_AT_ONCE.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            let answer = self.0.send(request).await;
            AT_ONCE.fetch_sub(1, Ordering::SeqCst);
            answer
        })
    }
}

/// The file that comes with the example: nothing speaks against it.
#[tokio::test]
async fn the_rules_of_the_example_are_good() {
    let client = FakeCts::new().client();
    let rules: NotificationSet = toml::from_str(include_str!("../../../examples/provision.toml")).unwrap();
    let rules = rules.for_place("cn-north-4", FakeCts::PROJECT_ID);
    let catalogue = Catalogue::from(client.list_operations(&ListOperations::all()).await.unwrap());
    for spec in rules.specs() {
        let place = Preflight::new().region("cn-north-4").project_id(FakeCts::PROJECT_ID).catalogue(&catalogue);
        let findings = preflight(spec.request(), &place.status(spec.wanted_status()));
        assert!(findings.is_empty(), "{}: {findings:?}", spec.name());
    }
    assert!(client.ensure(&rules, &prune()).await.unwrap().is_complete());
}

/// Over a socket, from a task of its own.
#[cfg(feature = "reqwest")]
#[tokio::test]
async fn over_a_socket_too() {
    let server = FakeCts::open_telekom_cloud().serve().await.unwrap();
    let client = server.client_builder().build().unwrap();
    let wanted = set([NotificationSpec::new(logins().topic(TOPIC)).status("disabled")]);
    let place = Place::new("here", client.clone());
    let reports = tokio::spawn(async move {
        let first = client.ensure(&wanted, &keep()).await.unwrap();
        assert!(first.is_complete() && first.has_changes(), "{first}");
        ensure_everywhere(vec![place], &wanted, &keep(), 1, |_| {}).await
    });
    assert_eq!(reports.await.unwrap()[0].to_string(), "here: 0 created, 0 updated, 0 deleted, 1 unchanged");
}

/// A cloud that takes a rule and drops a member of it: content would be wrong, run after run.
#[tokio::test(start_paused = true)]
async fn what_the_service_does_not_keep_is_no_success() {
    let kept = json!({"notification_id": "1", "notification_name": "logins", "notification_type": "smn",
        "operation_type": "customized", "status": "enabled", "topic_id": TOPIC,
        "operations": [{"service_type": "IAM", "resource_type": "user", "trace_names": ["login", "loginfailed"]}]});
    let list = json!({"notifications": [kept]}).to_string();
    let none = r#"{"notifications":[]}"#;
    let answers = Answers::default()
        .answer(200, none)
        .answer(200, none)
        .answer(201, kept.to_string())
        .answer(200, &list)
        .answer(200, none);
    let wanted = set([logins().topic(TOPIC).filter(Filter::all([FilterRule::not_equals(FilterField::Code, 200)]))]);
    let report = answers.client().ensure(&wanted, &keep()).await.unwrap();
    let error = report.into_result().unwrap_err().to_string();
    assert!(
        error.starts_with(r#"CreateNotification: the service accepted "logins", but returns other values of filter: "#),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_for_the_project_that_it_was_made_in() {
    let fake = FakeCts::new();
    let wanted = set([CreateNotification::complete("everything")]);
    let plan = fake.client().plan(&wanted, &keep()).await.unwrap();
    assert_eq!(plan.project_id(), Some(FakeCts::PROJECT_ID));
    let other = fake.client_builder().project_id("other").build().unwrap();
    let since = fake.calls().len();
    let report = other.apply(&plan).await;
    assert!(!report.is_complete());
    assert_eq!(writes(&fake, since), [""; 0]);
    let error = report.into_result().unwrap_err().to_string();
    assert!(error.contains("and this client works in other"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_know_its_project_yet_looks_it_up_before_it_applies_a_plan() {
    let fake = FakeCts::new();
    fake.add_iam_project("eu-de", "p-of-eu-de");
    let elsewhere = fake.client_builder().project_id("elsewhere").build().unwrap();
    let wanted = set([CreateNotification::complete("everything")]);
    let client = || {
        CtsClient::builder().region("eu-de").credentials(fake.credentials()).transport(fake.clone()).build().unwrap()
    };
    let of_elsewhere = elsewhere.plan(&wanted, &keep()).await.unwrap();
    let since = fake.calls().len();
    let report = client().apply(&of_elsewhere).await;
    let targets: Vec<String> = fake.calls()[since..].iter().map(|call| call.target.clone()).collect();
    assert_eq!(targets, ["/v3/projects?name=eu-de"], "{report}");
    let error = report.into_result().unwrap_err();
    assert_eq!(
        error.to_string(),
        "apply: not sent: the plan was made in the project elsewhere, and this client works in p-of-eu-de"
    );
    let of_here = client().plan(&wanted, &keep()).await.unwrap();
    assert!(client().apply(&of_here).await.is_complete());
    assert_eq!(fake.notifications("p-of-eu-de").len(), 1);
    assert_eq!(fake.notifications("elsewhere").len(), 0);

    // If the look-up fails, nothing else is sent either.
    fake.inject([Fault::Unreachable(TransportErrorKind::Unsendable)]);
    let since = fake.calls().len();
    let report = client().apply(&of_elsewhere).await;
    assert_eq!((outcomes(&report), fake.calls().len()), ("FAILED".to_owned(), since));
    assert_eq!(report.into_result().unwrap_err().kind(), ErrorKind::Project);
}

/// What is read before the first write can't be read: the reason is told once, and nothing is sent after it.
#[tokio::test(start_paused = true)]
async fn an_apply_that_can_not_read_writes_nothing_and_says_so_once() {
    let fake = FakeCts::new();
    create(&fake.client(), CreateNotification::complete("kept")).await;
    let wanted = ["kept", "a", "b"].map(CreateNotification::complete);
    let plan = fake.client().plan(&set(wanted), &keep()).await.unwrap();
    let wrong = huaweicloud_cts::credentials::Credentials::new(fake.credentials().access_key(), "wrong");
    let client = fake.client_builder().credentials(wrong).build().unwrap();
    let since = fake.calls().len();
    let report = client.apply(&plan).await;
    assert_eq!(outcomes(&report), "- FAILED -", "{report}");
    assert_eq!(fake.calls().len() - since, 1, "a wrong secret counts towards a lock of the key");
    let error = report.into_result().unwrap_err();
    assert_eq!((error.operation(), error.status().unwrap().as_u16()), ("ListNotifications", 401));
    let since = fake.calls().len();
    let _ = client.ensure(&set(["kept", "a", "b"].map(CreateNotification::complete)), &keep()).await.unwrap_err();
    assert_eq!(fake.calls().len() - since, 1);
}

/// A rule that moves from one type to the other between two reads is one rule all the same.
#[tokio::test(start_paused = true)]
async fn a_rule_that_both_lists_have_is_one_rule() {
    let rule =
        json!({"notification_id": "1", "notification_name": "n", "operation_type": "complete", "status": "disabled"});
    let list = json!({"notifications": [rule]}).to_string();
    let answers = Answers::default().answer(200, &list).answer(200, &list);
    let wanted = set([CreateNotification::complete("n")]);
    assert!(answers.client().plan(&wanted, &keep()).await.unwrap().is_in_sync());
}

/// A rule with a topic that nobody has is as silent as none.
#[tokio::test(start_paused = true)]
async fn a_topic_that_is_not_filled_in_stops_the_plan() {
    let fake = FakeCts::new();
    let template = set([logins().topic("urn:smn:{region}:{project_id}:audit")]);
    let error = fake.client().ensure(&template, &keep()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation(), fake.calls().len()), (ErrorKind::Request, "plan", 0));
    assert!(error.to_string().contains(r#"the topic of "logins" has a placeholder in it"#), "{error}");
    let here = template.for_place("cn-north-4", FakeCts::PROJECT_ID);
    assert!(fake.client().ensure(&here, &keep()).await.unwrap().is_complete());
}
