//! Many projects at once.

use super::*;

/// One set in a thousand projects, some of which are in trouble.
#[tokio::test(start_paused = true)]
async fn a_thousand_targets_are_ensured_with_bounded_concurrency() {
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
async fn refused_credentials_are_not_tried_in_every_target() {
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
async fn a_failure_of_one_target_does_not_stop_the_others() {
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
async fn targets_that_do_not_respond_do_not_wait_for_each_other() {
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
