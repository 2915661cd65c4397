//! Whatever is wanted, whatever is there, and whatever goes wrong on the way: applied often enough,
//! it is as wanted, no rule is there twice, and nothing more is written.
//!
//! `SCHEDULES=10000 cargo test --test it converging -- --nocapture` tries more, and prints how many
//! runs they took.

#![allow(clippy::print_stdout, reason = "how many runs it took is worth knowing")]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterField, FilterRule, Notification, NotificationStatus,
    NotifyUsers, Operation, UpdateNotification,
};
use huaweicloud_cts::provision::{
    Action, ApplyReport, NotificationSet, NotificationSpec, PlanOptions, Step,
};
use huaweicloud_cts::testing::{FakeCts, Fault};
use huaweicloud_cts::transport::{Transport, TransportError, TransportErrorKind};
use huaweicloud_cts::{BoxFuture, CtsClient, Error};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::support::colleague::Colleague;

/// How many schedules are tried with each of the properties.
const SCHEDULES: u32 = 256;

/// The maximum number of faults of a schedule.
const FAULTS: usize = 12;

/// The desired state, the current state, and the faults.
#[derive(Debug, Clone)]
pub(super) struct World {
    is_otc: bool,
    pub(super) set: NotificationSet,
    actual: Vec<NotificationSpec>,
    prunes: bool,
    /// The fault of each request, and how long it takes.
    faults: Vec<Fault>,
    delays: Vec<u64>,
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let one = ("(IAM|ECS)", "(user|ecs)", subsequence(vec!["login", "logout", "stop"], 1..=3));
    vec(one.prop_map(|(service, resource, names)| Operation::new(service, resource, names)), 1..4)
}

fn filter() -> impl Strategy<Value = Filter> {
    let rules = vec![
        FilterRule::not_equals(FilterField::Code, 200),
        FilterRule::equals(FilterField::TraceType, "ApiCall"),
        FilterRule::equals(FilterField::ResourceName, "my server"),
    ];
    (subsequence(rules, 0..=3), any::<bool>(), any::<bool>()).prop_map(|(rules, all, on)| {
        let filter = if all { Filter::all(rules) } else { Filter::any(rules) };
        filter.is_support_filter(on)
    })
}

/// A notification without its name.
fn rule(is_otc: bool) -> impl Strategy<Value = NotificationSpec> {
    let topics = if is_otc {
        vec!["urn:smn:eu-de:p:a", "urn:smn:eu-de:p:b"]
    } else {
        vec!["urn:smn:r:p:a", "urn:fss:r:p:function:q:f"]
    };
    let users = vec(("(g|h)", subsequence(vec!["u", "v"], 1..=2)), 0..3);
    let status =
        prop::option::of(select(vec![NotificationStatus::Enabled, NotificationStatus::Disabled]));
    let agency = prop::option::of(select(vec![huaweicloud_cts::notification::CTS_ADMIN_TRUST]));
    let what = (
        prop::option::of(operations()),
        prop::option::of(select(topics)),
        users,
        prop::option::of(filter()),
        status,
        agency,
    );
    what.prop_map(move |(operations, topic, users, filter, status, agency)| {
        let mut request = match operations {
            Some(operations) => CreateNotification::customized("", operations),
            None => CreateNotification::complete(""),
        };
        request = request.notify_user_list(
            users.into_iter().map(|(group, users)| NotifyUsers::new(group, users)),
        );
        if let Some(topic) = topic {
            request = request.topic(topic);
        }
        if let Some(filter) = filter {
            request = request.filter(filter);
        }
        if let Some(agency) = agency.filter(|_| !is_otc) {
            request = request.agency(agency);
        }
        let spec = NotificationSpec::new(request);
        match status {
            Some(NotificationStatus::Enabled) if topic.is_none() => {
                spec.status(NotificationStatus::Disabled)
            }
            Some(status) => spec.status(status),
            None => spec,
        }
    })
}

fn named(spec: &NotificationSpec, name: &str) -> NotificationSpec {
    let mut json = serde_json::to_value(spec).unwrap();
    json["notification_name"] = name.into();
    serde_json::from_value(json).unwrap()
}

fn fault() -> impl Strategy<Value = Fault> {
    let gateway = |status| {
        Fault::status(status, r#"{"error_msg":"m","error_code":"APIGW.0201","request_id":"r"}"#)
    };
    let service = |status, code| {
        Fault::status(status, format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#))
    };
    select(vec![
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::CutOff,
        Fault::StallAfter,
        Fault::Unreachable(TransportErrorKind::Connect),
        Fault::Unreachable(TransportErrorKind::Dns),
        Fault::throttle(None),
        Fault::throttle(Duration::from_secs(3)),
        Fault::throttle(Duration::from_secs(90)),
        gateway(502),
        gateway(503),
        service(500, "CTS.0200"),
        service(503, "CTS.0005"),
        service(400, "CTS.0001"),
        Fault::status(504, "<html>gateway timeout</html>"),
        Fault::status(200, "<html>a proxy's page</html>"),
    ])
}

const NAMES: [&str; 8] = ["logins", "登录", "team_a", "team_b", "team_c", "d e", "f", "g"];

pub(super) fn world() -> impl Strategy<Value = World> {
    any::<bool>().prop_flat_map(|is_otc| {
        let wanted =
            (subsequence(NAMES.to_vec(), 0..=4), vec(rule(is_otc), 4), vec(any::<bool>(), 4));
        let actual =
            (subsequence(NAMES.to_vec(), 0..=6), vec(rule(is_otc), 6), vec(any::<bool>(), 6));
        let faults = vec(prop_oneof![2 => Just(Fault::None), 3 => fault()], 0..40);
        (wanted, actual, any::<bool>(), faults, vec(0..40_u64, 64)).prop_map(
            move |((names, rules, renames), (there, kept, same), prunes, faults, delays)| {
                let mut former = NAMES.into_iter().filter(|name| !names.contains(name));
                let mut wanted = Vec::new();
                for ((name, rule), rename) in names.iter().zip(&rules).zip(renames) {
                    let spec = named(rule, name);
                    wanted.push(match former.next() {
                        Some(former) if rename => spec.renamed_from(former),
                        _ => spec,
                    });
                }
                let set = NotificationSet::new(wanted.clone()).unwrap();
                let mut actual: Vec<NotificationSpec> = Vec::new();
                for ((name, rule), same) in there.iter().zip(&kept).zip(same) {
                    // Where both names are taken, a person must decide.
                    let is_both = wanted.iter().any(|spec| {
                        spec.former_name() == Some(name) && there.contains(&spec.name())
                    });
                    if is_both {
                        continue;
                    }
                    match wanted.iter().find(|spec| spec.name() == *name) {
                        Some(spec) if same => actual.push(spec.clone()),
                        _ => actual.push(named(rule, name)),
                    }
                }
                let mut left = FAULTS;
                let mut faults = faults;
                faults.retain(|fault| {
                    let is_kept = matches!(fault, Fault::None) || left > 0;
                    left = left.saturating_sub(usize::from(!matches!(fault, Fault::None)));
                    is_kept
                });
                World { is_otc, set, actual, prunes, faults, delays }
            },
        )
    })
}

/// The meaning of a notification, by a reading of its JSON that shares no code with the crate.
#[derive(Debug, PartialEq)]
struct Meaning {
    kind: String,
    operations: BTreeSet<String>,
    users: BTreeSet<String>,
    filter: Option<(String, bool, BTreeSet<String>)>,
    topic: Option<String>,
}

fn meaning(rule: &Value) -> Meaning {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let pairs = |list_of: &str, keys: &[&str], values: &str| {
        let mut all = BTreeSet::new();
        for item in list(&rule[list_of]) {
            let key: String = keys.iter().map(|key| text(&item[*key]) + "/").collect();
            all.extend(list(&item[values]).iter().map(|value| key.clone() + &text(value)));
        }
        all
    };
    let filter = &rule["filter"];
    let rules: BTreeSet<String> = list(&filter["rule"]).iter().map(text).collect();
    let topic = text(&rule["topic_id"]);
    Meaning {
        kind: text(&rule["operation_type"]),
        operations: pairs("operations", &["service_type", "resource_type"], "trace_names"),
        users: pairs("notify_user_list", &["user_group"], "user_list"),
        filter: (!rules.is_empty()).then(|| {
            (text(&filter["condition"]), filter["is_support_filter"].as_bool().unwrap(), rules)
        }),
        topic: (!topic.is_empty()).then_some(topic),
    }
}

fn rules(fake: &FakeCts) -> Vec<Notification> {
    fake.notifications(FakeCts::PROJECT_ID)
}

/// The notifications that exist, by name. No name exists twice.
fn by_name(fake: &FakeCts) -> BTreeMap<String, Notification> {
    let rules = rules(fake);
    let count = rules.len();
    let by_name: BTreeMap<_, _> =
        rules.into_iter().map(|rule| (rule.notification_name.clone(), rule)).collect();
    assert_eq!(by_name.len(), count, "a rule is there twice");
    by_name
}

/// A service in which the notifications exist, and those notifications.
pub(super) async fn seed(world: &World) -> (FakeCts, BTreeMap<String, Notification>) {
    let fake = if world.is_otc { FakeCts::open_telekom_cloud() } else { FakeCts::new() };
    let client = fake.client();
    for spec in &world.actual {
        let rule = client.create_notification(spec.request()).await.unwrap();
        if rule.status != Some(spec.desired_status()) {
            let update = UpdateNotification::from_current(&rule).status(spec.desired_status());
            client.update_notification(&update).await.unwrap();
        }
    }
    let before = by_name(&fake);
    (fake, before)
}

/// The state is as desired: what the set names, what it does not name, and what had to be deleted.
pub(super) fn check(world: &World, before: &BTreeMap<String, Notification>, fake: &FakeCts) {
    let mut there = by_name(fake);
    let mut spoken_for = BTreeSet::new();
    for spec in world.set.specs() {
        let rule =
            there.remove(spec.name()).unwrap_or_else(|| panic!("{} is missing", spec.name()));
        let old = before.get(spec.name()).or_else(|| before.get(spec.former_name()?));
        let wanted = serde_json::to_value(spec).unwrap();
        assert_eq!(meaning(&serde_json::to_value(&rule).unwrap()), meaning(&wanted));
        assert_eq!(rule.status, Some(spec.desired_status()));
        let agency = wanted["agency_name"].as_str().or_else(|| old?.agency_name.as_deref());
        assert_eq!(rule.agency_name.as_deref(), agency, "left alone where it is not named");
        if let Some(old) = old {
            let kept = |rule: &Notification| {
                (rule.notification_id.clone(), rule.create_time, rule.domain_id.clone())
            };
            assert_eq!(kept(&rule), kept(old), "adopted, not made anew");
        }
        spoken_for.extend([spec.name(), spec.former_name().unwrap_or_default()]);
    }
    let rest = before.iter().filter(|(name, _)| !spoken_for.contains(name.as_str()));
    let left = rest.filter(|(name, _)| !(world.prunes && name.starts_with("team_")));
    assert_eq!(
        there,
        left.map(|(name, rule)| (name.clone(), rule.clone())).collect(),
        "none of our business"
    );
}

/// How often each name was created, and whether that was ever refused because the name was taken.
fn creations(fake: &FakeCts) -> (BTreeMap<String, u32>, bool) {
    let (mut created, mut taken) = (BTreeMap::new(), false);
    let mut there = BTreeSet::new();
    for call in fake.requests().iter().filter(|call| call.method == Method::POST) {
        let body: Value = serde_json::from_slice(&call.body).unwrap();
        let name = body["notification_name"].as_str().unwrap().to_owned();
        if call.status == StatusCode::CREATED {
            there.insert(name.clone());
            *created.entry(name).or_default() += 1;
        } else {
            taken |= call.status == StatusCode::BAD_REQUEST && there.contains(&name);
        }
    }
    (created, taken)
}

fn writes(fake: &FakeCts) -> usize {
    fake.requests().iter().filter(|call| call.method != Method::GET).count()
}

pub(super) fn options(world: &World) -> PlanOptions {
    if world.prunes {
        PlanOptions::new().prune_with_prefix("team_").unwrap()
    } else {
        PlanOptions::new()
    }
}

/// Runs until nothing is left to do, and returns the number of runs.
async fn converge(world: &World, fake: &FakeCts, programs: &[CtsClient]) -> usize {
    let options = options(world);
    let faults = world.faults.iter().filter(|fault| !matches!(fault, Fault::None)).count();
    for run in 1.. {
        let mut results = Vec::new();
        match programs {
            [one] => results.push(one.ensure(&world.set, &options).await),
            [one, other] => {
                let (one, other) = tokio::join!(
                    one.ensure(&world.set, &options),
                    other.ensure(&world.set, &options)
                );
                results.extend([one, other]);
            }
            _ => unreachable!(),
        }
        by_name(fake);
        if results.iter().all(|result| result.as_ref().is_ok_and(ApplyReport::is_complete)) {
            return run;
        }
        // Throttled calls are held back: a program comes back when the error says so.
        let errors = results.iter().flat_map(|result| match result {
            Ok(report) => report.entries.iter().filter_map(|entry| entry.outcome.error()).collect(),
            Err(error) => vec![error],
        });
        tokio::time::sleep(errors.filter_map(Error::retry_after).max().unwrap_or_default()).await;
        assert!(run <= faults + programs.len(), "no end in sight: {results:?}");
    }
    unreachable!()
}

/// A service that takes its time, so that programs overtake each other.
#[derive(Debug)]
struct Slow {
    fake: FakeCts,
    delays: Arc<Mutex<VecDeque<u64>>>,
}

impl Slow {
    async fn pause(&self) {
        let delay = self.delays.lock().unwrap().pop_front().unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
}

impl Transport for Slow {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            self.pause().await;
            let answer = self.fake.send(request).await;
            self.pause().await;
            answer
        })
    }
}

/// Tries the schedules, and returns the number of schedules for each number of runs.
pub(super) fn try_all<S: Strategy>(
    schedules: &S,
    property: impl Fn(S::Value) -> usize,
) -> BTreeMap<usize, u32> {
    let cases =
        std::env::var("SCHEDULES").ok().and_then(|count| count.parse().ok()).unwrap_or(SCHEDULES);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let runs = Cell::new(BTreeMap::new());
    let result = TestRunner::new(config).run(schedules, |schedule| {
        let took = property(schedule);
        let mut counts = runs.take();
        *counts.entry(took).or_insert(0) += 1;
        runs.set(counts);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    runs.take()
}

pub(super) fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

#[test]
fn a_program_that_is_run_again_finishes_the_job() {
    let runs = try_all(&world(), |world| {
        paused().block_on(async {
            let (fake, before) = seed(&world).await;
            fake.inject(world.faults.clone());
            let client = fake.client();
            let runs = Box::pin(converge(&world, &fake, std::slice::from_ref(&client))).await;
            check(&world, &before, &fake);
            let (created, taken) = creations(&fake);
            assert!(created.values().all(|count| *count == 1), "created twice: {created:?}");
            assert!(!taken, "tried to create what it had created before");

            let writes_before = writes(&fake);
            let again = loop {
                // What is left of the faults may hit the reading.
                match client.ensure(&world.set, &options(&world)).await {
                    Ok(report) => break report,
                    Err(error) => {
                        assert!(!world.faults.is_empty(), "{error}");
                        tokio::time::sleep(error.retry_after().unwrap_or_default()).await;
                    }
                }
            };
            assert!(again.is_complete() && !again.has_changes(), "{again}");
            assert_eq!(writes(&fake), writes_before, "a further run writes nothing");
            runs
        })
    });
    println!("runs needed, and by how many schedules: {runs:?}");
}

#[test]
fn two_programs_that_race_end_up_with_one_state() {
    let runs = try_all(&world(), |world| {
        paused().block_on(async {
            let (fake, before) = seed(&world).await;
            fake.inject(world.faults.clone());
            let delays = Arc::new(Mutex::new(VecDeque::from(world.delays.clone())));
            let program = || {
                let slow = Slow { fake: fake.clone(), delays: Arc::clone(&delays) };
                fake.client_builder().transport(slow).build().unwrap()
            };
            let runs = Box::pin(converge(&world, &fake, &[program(), program()])).await;
            check(&world, &before, &fake);
            let (created, _) = creations(&fake);
            assert!(created.values().all(|count| *count == 1), "created twice: {created:?}");
            runs
        })
    });
    println!("runs needed by two programs, and by how many schedules: {runs:?}");
}

/// What a colleague does to the notification of a name, if it exists, or with the name, if it does
/// not.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Rename,
    RenameTo(&'static str),
    Edit,
    Delete,
    CreateAgain,
}

type Deeds = Vec<(Deed, &'static str, NotificationSpec)>;

fn deeds(is_otc: bool) -> impl Strategy<Value = Deeds> {
    let deed = prop_oneof![
        2 => Just(Deed::Rename),
        1 => select(NAMES.to_vec()).prop_map(Deed::RenameTo),
        3 => Just(Deed::Edit),
        2 => Just(Deed::Delete),
        2 => Just(Deed::CreateAgain),
    ];
    vec((deed, select(NAMES.to_vec()), rule(is_otc)), 3..9)
}

/// What the service refuses, such as a name that is taken, is not done.
async fn act(client: &CtsClient, deeds: Deeds) {
    for (deed, name, spec) in deeds {
        let spec = named(&spec, name);
        let found = client.find_notification(name).await.unwrap();
        let (Some(found), false) = (found.clone(), matches!(deed, Deed::CreateAgain)) else {
            if let Some(found) = found {
                client.delete_notification(&found.notification_id).await.unwrap();
            }
            let _ = client.create_notification(spec.request()).await;
            continue;
        };
        let current = UpdateNotification::from_current(&found);
        let update = match deed {
            Deed::Rename => current.rename(format!("theirs_{name}")),
            Deed::RenameTo(other) => current.rename(other),
            Deed::Edit => {
                let json = serde_json::to_value(spec.request()).unwrap();
                let mut update = current.notify_users("theirs", ["eve"]);
                if let Ok(filter) = serde_json::from_value(json["filter"].clone()) {
                    update = update.filter(filter);
                }
                update
            }
            Deed::Delete | Deed::CreateAgain => {
                client.delete_notification(&found.notification_id).await.unwrap();
                continue;
            }
        };
        let _ = client.update_notification(&update).await;
    }
}

/// A colleague acts before the plan reads, between its two lists, or after it and before `apply`
/// reads. Whatever the plan did not show stays as the colleague left it, whatever goes wrong on the
/// way; and what it did show becomes what it says.
#[test]
fn nothing_that_the_plan_did_not_show_is_lost() {
    let schedules = world().prop_flat_map(|world| {
        (deeds(world.is_otc), Just(world), select(vec![0_usize, 1, 2, 2, 2]))
            .prop_map(|(d, w, at)| (w, d, at))
    });
    let stale = try_all(&schedules, |(world, deeds, moment)| {
        paused().block_on(async {
            let (fake, _) = seed(&world).await;
            let left = Arc::new(Mutex::new(Vec::new()));
            let (service, seen, faults) = (fake.clone(), Arc::clone(&left), world.faults.clone());
            let colleague = Colleague::acts_after(moment, &fake, move |client| {
                Box::pin(async move {
                    act(&client, deeds).await;
                    *seen.lock().unwrap() = rules(&service);
                    if moment == 2 {
                        service.inject(faults);
                    }
                })
            });
            let client = fake.client_builder().transport(colleague).build().unwrap();
            let plan = client.plan(&world.set, &options(&world)).await.unwrap();
            if moment < 2 {
                fake.inject(world.faults.clone());
            }
            let report = client.apply(&plan).await;

            // A plan without steps sends nothing when it is applied, so the colleague is still to
            // come.
            let left = if moment == 2 && plan.steps().is_empty() {
                rules(&fake)
            } else {
                left.lock().unwrap().clone()
            };
            let mut there: BTreeMap<_, _> =
                rules(&fake).into_iter().map(|rule| (rule.notification_id.clone(), rule)).collect();
            let mut stale = 0;
            for theirs in &left {
                let now = there.remove(&theirs.notification_id);
                let step =
                    plan.steps().iter().find(|step| step.id() == Some(&theirs.notification_id));
                match step {
                    Some(step) if step.current() == Some(theirs) => match step.action() {
                        Action::Delete => assert!(now.is_none() || now.as_ref() == Some(theirs)),
                        Action::Update => {
                            let now = now.expect("updated, not deleted");
                            assert!(
                                now == *theirs || now.notification_name == step.name(),
                                "{now:?}"
                            );
                        }
                        _ => assert_eq!(now.as_ref(), Some(theirs)),
                    },
                    _ => {
                        stale += usize::from(step.is_some());
                        assert_eq!(now.as_ref(), Some(theirs), "not shown, and touched: {report}");
                    }
                }
            }
            for new in there.values() {
                let is_it = |step: &&Step| {
                    step.action() == Action::Create && step.name() == new.notification_name
                };
                assert!(plan.steps().iter().any(|step| is_it(&step)), "not planned: {new:?}");
            }
            by_name(&fake);
            stale
        })
    });
    println!(
        "notifications that changed after the plan had read them, and by how many schedules: {stale:?}"
    );
    assert!(stale.keys().any(|count| *count > 0), "no schedule had a stale step");
}
