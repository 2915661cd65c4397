//! One set in many projects.

use std::sync::Arc;

use huaweicloud_cts::credentials::{AgencyAccount, AssumeAgency};

use super::*;
use crate::support::gateway::Gateway;

#[tokio::test(start_paused = true)]
async fn a_thousand_targets_are_ensured_with_bounded_concurrency() {
    const TARGETS: usize = 1_000;
    let fake = FakeCts::new();
    let stranger = huaweicloud_cts::credentials::Credentials::new("UNKNOWNACCESSKEY0001", "secret");
    let transport = Counted::new(&fake);
    let is_in_trouble = |i: usize| i % 100 == 7;
    let targets = || {
        let target = |i: usize| {
            let id = format!("project{i}");
            let mut builder = fake.client_builder().project_id(&id).transport(transport.clone());
            if is_in_trouble(i) {
                builder = builder.credentials(stranger.clone());
            }
            Target::new(id, builder.build().unwrap())
        };
        (0..TARGETS).map(target).collect::<Vec<_>>()
    };
    let own = set([logins().topic("urn:smn:{region}:{project_id}:audit")])
        .for_target("eu-de", "project1");
    let mut here = targets();
    here[1] = here[1].clone().set(own.clone());
    let wanted = set([logins(), CreateNotification::complete("everything").topic(TOPIC)]);
    let mut finished = Vec::new();
    let reports = Rollout::new(here)
        .concurrency(50)
        .on_progress(|progress| {
            assert_eq!((progress.total, progress.finished), (TARGETS, finished.len() + 1));
            finished.push(progress.report.name.clone());
        })
        .run(&wanted)
        .await;

    assert_eq!((reports.len(), finished.len()), (TARGETS, TARGETS));
    assert_eq!(transport.most.load(Ordering::SeqCst), 50, "as many at once as allowed, not more");
    for (i, report) in reports.iter().enumerate() {
        assert_eq!(report.name, format!("project{i}"), "in the order of the targets");
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
    assert_eq!(
        fake.notifications("project1")[0].topic_id.as_ref().unwrap().as_str(),
        "urn:smn:eu-de:project1:audit"
    );
    assert_eq!(reports[0].to_string(), "project0: 2 created, 0 updated, 0 deleted, 0 unchanged");
    assert!(
        reports[7].to_string().starts_with("project7: ListNotifications: 401 APIGW.0301"),
        "{}",
        reports[7]
    );

    let json = serde_json::to_value(&reports[6..8]).unwrap();
    assert_eq!((&json[0]["report"]["complete"], &json[0]["error"]), (&json!(true), &Value::Null));
    assert_eq!((&json[1]["name"], &json[1]["report"]), (&json!("project7"), &Value::Null));
    assert!(json[1]["error"].as_str().unwrap().contains("APIGW.0301"));

    let none = Rollout::new([])
        .concurrency(0)
        .on_progress(|_| panic!("there is no target"))
        .run(&wanted)
        .await;
    assert!(none.is_empty());
}

#[tokio::test(start_paused = true)]
async fn topics_name_the_region_and_the_project_of_each_target() {
    let fake = FakeCts::new();
    let identity = Arc::new(fake.credentials());
    let builder = CtsClient::builder().region("eu-de").transport(fake.clone());
    let target = |account: &str| {
        fake.add_agency(account, account, "cts");
        let agency =
            AssumeAgency::iam("cts", AgencyAccount::name(account)).source(Arc::clone(&identity));
        Target::assuming(account, builder.clone(), agency).unwrap()
    };
    let targets = ["first", "second", "without_project"].map(target);
    fake.add_project_of("first", "eu-de", "p1");
    fake.add_project_of("second", "eu-de", "p2");
    let template = set([logins().topic("urn:smn:{region}:{project_id}:audit")]);
    let reports = Rollout::new(targets).run(&template).await;
    for project in ["p1", "p2"] {
        let created = &fake.notifications(project)[0];
        assert_eq!(
            created.topic_id.as_ref().unwrap().as_str(),
            format!("urn:smn:eu-de:{project}:audit")
        );
    }
    let error = reports[2].error().unwrap();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Project, "ensure"), "{error}");
    assert!(reports[0].is_complete() && reports[1].is_complete());
}

/// A hundred projects and a secret that is wrong for all of them.
#[tokio::test(start_paused = true)]
async fn refused_credentials_are_not_tried_in_every_target() {
    let fake = FakeCts::new();
    let wrong =
        huaweicloud_cts::credentials::Credentials::new(fake.credentials().access_key(), "wrong");
    let another = huaweicloud_cts::credentials::Credentials::new("ANOTHERACCESSKEY0001", "secret");
    fake.accept(&another);
    let transport = Counted::new(&fake);
    let targets = (0..100).map(|i| {
        let credentials = if i % 10 == 9 { another.clone() } else { wrong.clone() };
        let builder = fake.client_builder().project_id(format!("p{i}")).credentials(credentials);
        Target::new(format!("p{i}"), builder.transport(transport.clone()).build().unwrap())
    });
    let wanted = set([CreateNotification::complete("everything")]);
    let reports = Rollout::new(targets).concurrency(50).run(&wanted).await;
    let refused =
        fake.requests().iter().filter(|call| call.status == StatusCode::UNAUTHORIZED).count();
    assert_eq!(refused, 2, "five lock the key");
    for (i, report) in reports.iter().enumerate() {
        assert_eq!(report.is_complete(), i % 10 == 9, "another key is not concerned: {report}");
    }
    assert_eq!(
        reports[50].to_string(),
        "p50: ensure: no usable credentials: not tried, because 2 targets refused the same access key; correct it first"
    );
    assert_eq!(reports[50].result.as_ref().unwrap_err().kind(), ErrorKind::Credentials);
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_one_target_does_not_stop_the_others() {
    let fake = FakeCts::new();
    let refused = || service(401, "APIGW.0301");
    let done = || vec![Fault::None; 3];
    let rows = [
        ("refused once", vec![refused()], 1),
        ("never reached", vec![Fault::Unreachable(TransportErrorKind::Connect); 3], 3),
        ("refused, accepted, refused", [vec![refused()], done(), vec![refused()]].concat(), 2),
        (
            "refused, no permission, refused",
            vec![refused(), service(403, "CTS.0013"), refused()],
            3,
        ),
        ("refused twice in a row", vec![service(403, "CTS.0013"), refused(), refused()], 20),
    ];
    for (what, faults, failures) in rows {
        let targets = (0..20).map(|i| {
            let builder = fake.client_builder().project_id(format!("p{i}"));
            Target::new(
                format!("p{i}"),
                builder.retry(huaweicloud_cts::RetryPolicy::never()).build().unwrap(),
            )
        });
        fake.inject(faults);
        let wanted = set([CreateNotification::complete(what)]);
        let reports = Rollout::new(targets).concurrency(1).run(&wanted).await;
        assert_eq!(
            reports.iter().filter(|report| !report.is_complete()).count(),
            failures,
            "{what}"
        );
    }
}

/// Without a response nothing is known about the access key, so a few targets try it at the same
/// time.
#[tokio::test(start_paused = true)]
async fn targets_that_do_not_respond_do_not_wait_for_each_other() {
    const PATIENCE: Duration = Duration::from_secs(10);
    let fake = FakeCts::new();
    fake.inject(vec![Fault::StallAfter; 7]);
    let targets = (0..7).map(|i| {
        let builder = fake.client_builder().project_id(format!("p{i}")).attempt_timeout(PATIENCE);
        Target::new(
            format!("p{i}"),
            builder.retry(huaweicloud_cts::RetryPolicy::never()).build().unwrap(),
        )
    });
    let started = tokio::time::Instant::now();
    let wanted = set([CreateNotification::complete("n")]);
    let reports = Rollout::new(targets).concurrency(50).run(&wanted).await;
    assert!(reports.iter().all(|report| report.result.is_err()));
    assert!(started.elapsed() < PATIENCE * 5, "one, two, three, one: {:?}", started.elapsed());
}

/// What a gateway responds to a call too many, and how long it takes until the next one is served.
fn throttled(seconds: u64) -> Fault {
    Fault::throttle(Duration::from_secs(seconds))
}

fn one_target(fake: &FakeCts, policy: huaweicloud_cts::RetryPolicy) -> Target {
    Target::new("here", fake.client_builder().retry(policy).build().unwrap())
}

/// Each row throttles calls for longer than the 60 seconds that a call may take.
#[tokio::test(start_paused = true)]
async fn a_throttled_target_is_tried_again_when_the_error_says() {
    let standard = huaweicloud_cts::RetryPolicy::standard;
    let never = huaweicloud_cts::RetryPolicy::never;
    let wanted =
        set([CreateNotification::complete("first"), CreateNotification::complete("second")]);
    let rows = [
        ("the first call", standard(), vec![throttled(300)], 300, "2 created"),
        ("twice", standard(), vec![throttled(300), throttled(600)], 900, "2 created"),
        ("the second create", standard(), after(3, throttled(120)), 120, "2 created"),
        (
            "a client that makes one attempt",
            never(),
            vec![throttled(7), throttled(20)],
            27,
            "2 created",
        ),
    ];
    for (what, policy, faults, seconds, done) in rows {
        let fake = FakeCts::new();
        fake.inject(faults);
        let started = tokio::time::Instant::now();
        let reports = Rollout::new([one_target(&fake, policy)]).run(&wanted).await;
        assert_eq!(
            reports[0].to_string(),
            format!("here: {done}, 0 updated, 0 deleted, 0 unchanged"),
            "{what}"
        );
        let took = started.elapsed();
        let (least, most) = (Duration::from_secs(seconds), Duration::from_secs(seconds + 1));
        assert!(least <= took && took < most, "{what}: {took:?}");
        assert_eq!(rules(&fake), ["first disabled", "second disabled"]);
    }
}

fn after(calls: usize, fault: Fault) -> Vec<Fault> {
    let mut faults = vec![Fault::None; calls];
    faults.push(fault);
    faults
}

#[tokio::test(start_paused = true)]
async fn a_throttled_target_is_not_tried_again_after_the_limit_or_for_another_reason() {
    let wanted =
        set([CreateNotification::complete("first"), CreateNotification::complete("second")]);
    let minutes = |count: u64| Duration::from_secs(60 * count);
    let rows = [
        ("never again", Some(minutes(0)), vec![throttled(300)], 0, "here: ListNotifications: 429"),
        ("too late", Some(minutes(4)), vec![throttled(300)], 0, "here: ListNotifications: 429"),
        ("just in time", Some(minutes(5)), vec![throttled(300)], 300, "here: 2 created"),
        (
            "too late the second time",
            Some(minutes(6)),
            vec![throttled(300), throttled(300)],
            300,
            "here: ListNot",
        ),
        (
            "no permission then",
            None,
            vec![throttled(300), service(403, "CTS.0013")],
            300,
            "here: ListNotifications: 403",
        ),
    ];
    for (what, limit, faults, seconds, expected) in rows {
        let fake = FakeCts::new();
        fake.inject(faults);
        let mut rollout =
            Rollout::new([one_target(&fake, huaweicloud_cts::RetryPolicy::standard())]);
        if let Some(limit) = limit {
            rollout = rollout.retry_throttled_for(limit);
        }
        let started = tokio::time::Instant::now();
        let reports = rollout.run(&wanted).await;
        assert!(reports[0].to_string().starts_with(expected), "{what}: {}", reports[0]);
        assert_eq!(started.elapsed().as_secs(), seconds, "{what}");
    }
}

/// The first create is done, the second is throttled, and after the pause the notifications can't
/// even be read.
#[tokio::test(start_paused = true)]
async fn the_report_keeps_what_was_written_before_the_target_was_throttled() {
    let fake = FakeCts::new();
    let refused = service(403, "CTS.0013");
    fake.inject(after(3, throttled(120)).into_iter().chain([refused]));
    let wanted =
        set([CreateNotification::complete("first"), CreateNotification::complete("second")]);
    let reports = Rollout::new([one_target(&fake, huaweicloud_cts::RetryPolicy::standard())])
        .run(&wanted)
        .await;
    let report = reports[0].result.as_ref().unwrap();
    assert_eq!(outcomes(report), "Create FAILED", "{report}");
    assert_eq!(
        report.errors().next().unwrap().code().map(ErrorCode::as_str),
        Some("CTS.0013"),
        "{report}"
    );
}

/// A gateway that serves ten calls a minute, and a hundred targets at once, whose calls wait a
/// minute at most.
#[tokio::test(start_paused = true)]
async fn every_target_gets_through_a_gateway_of_ten_calls_a_minute() {
    let wanted = set([CreateNotification::complete("everything")]);
    for (policy, concurrency) in [
        (huaweicloud_cts::RetryPolicy::standard(), 8),
        (huaweicloud_cts::RetryPolicy::standard(), 100),
        (huaweicloud_cts::RetryPolicy::never(), 100),
    ] {
        let gateway = Gateway::new();
        let target = |number: usize| {
            let builder =
                gateway.builder().project_id(format!("project{number}")).retry(policy.clone());
            Target::new(number.to_string(), builder.build().unwrap())
        };
        let started = tokio::time::Instant::now();
        let reports =
            Rollout::new((0..100).map(target)).concurrency(concurrency).run(&wanted).await;
        for report in &reports {
            assert!(report.is_complete(), "{report}");
        }
        // A target lists two types, and 200 calls take 20 minutes.
        let took = started.elapsed();
        assert!(took < Duration::from_secs(60 * 25), "{concurrency}: {took:?}");
    }
}

/// While the targets of one access key wait, those of another one go on, and so do those that come
/// after them.
#[tokio::test(start_paused = true)]
async fn a_throttled_access_key_does_not_hold_up_another_one() {
    let fake = FakeCts::new();
    let another = huaweicloud_cts::credentials::Credentials::new("ANOTHERACCESSKEY0001", "secret");
    fake.accept(&another);
    let targets = (0..6).map(|i| {
        let mut builder = fake.client_builder().project_id(format!("p{i}"));
        if i % 2 == 1 {
            builder = builder.credentials(another.clone());
        }
        Target::new(format!("p{i}"), builder.build().unwrap())
    });
    fake.inject([throttled(3_600)]);
    let started = tokio::time::Instant::now();
    let mut finished = Vec::new();
    let reports = Rollout::new(targets)
        .concurrency(1)
        .on_progress(|progress| {
            finished.push(format!(
                "{} after {} h",
                progress.report.name,
                started.elapsed().as_secs() / 3_600
            ));
        })
        .run(&set([CreateNotification::complete("n")]))
        .await;
    assert!(reports.iter().all(huaweicloud_cts::provision::TargetReport::is_complete));
    assert_eq!(finished[..3], ["p1 after 0 h", "p3 after 0 h", "p5 after 0 h"]);
    assert_eq!(finished[3..], ["p0 after 1 h", "p2 after 1 h", "p4 after 1 h"]);
}

/// Takes a second for each request, and counts how many there are at the same time.
#[derive(Clone, Debug)]
struct Counted {
    fake: FakeCts,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Counted {
    fn new(fake: &FakeCts) -> Self {
        Self { fake: fake.clone(), now: Arc::default(), most: Arc::default() }
    }
}

impl Transport for Counted {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            let response = self.fake.send(request).await;
            self.now.fetch_sub(1, Ordering::SeqCst);
            response
        })
    }
}
