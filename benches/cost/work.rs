//! What is measured, on both sides.

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Method, Request, Response};
use huaweicloud_cts::backtest::Backtest;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterField, FilterRule, ListNotifications, Operation,
};
use huaweicloud_cts::provision::{
    NotificationSet, NotificationSpec, Rollout, Target, TargetReport,
};
use huaweicloud_cts::sign::Signer;
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::trace::Trace;
use huaweicloud_cts::transport::{Transport, TransportError};
use huaweicloud_cts::{BoxFuture, ClientBuilder, CtsClient};
use tokio::runtime::Runtime;

use crate::bare::{self, BareList, BareRequest, BareSigning};
use crate::data::{
    ACCESS_KEY, CONNECT_TIMEOUT, CREATE, PROJECT_ID, SECRET_KEY, assert_same, list_of, prepared,
    trace,
};
use crate::measure::cpu_time;
use crate::stub::{Body, Stub};

/// The bare libraries, or this crate on top of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Bare,
    Ours,
}

/// How a server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// Something that both sides do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    SignList,
    SignCreate,
    /// List calls, one after the other. The number is that of the notifications in a response.
    List(usize),
    Create,
    /// This number of list calls at once, each with one notification in the response.
    InFlight(usize),
    /// Reading a response with this number of notifications: on our side, a whole list call that
    /// needs no network.
    Decode(usize),
    /// A backtest of ten notifications against this number of traces. The bare side only parses the
    /// traces.
    Backtest(usize),
    /// The first call of a program.
    Start(Scheme),
    /// A rollout of a set of notifications to this number of projects of the fake. There is no bare
    /// side.
    Rollout(usize),
}

/// Repeats the work the given number of times, and returns how long that took.
pub(crate) type Run = Box<dyn FnMut(usize) -> Duration>;

impl Work {
    /// Prepares one side. What is not the work itself is done here, or not timed.
    pub(crate) fn prepare(self, side: Side) -> Run {
        match self {
            Self::SignList => sign(side, Method::GET, "notifications/smn", b""),
            Self::SignCreate => sign(side, Method::POST, "notifications", CREATE),
            Self::List(length) => list(side, length),
            Self::Create => create(side),
            Self::InFlight(calls) => in_flight(side, calls),
            Self::Decode(length) => decode(side, length),
            Self::Backtest(length) => backtest(side, length),
            Self::Start(scheme) => start(side, scheme),
            Self::Rollout(targets) => rollout(targets),
        }
    }

    /// Checks that both sides do the same.
    pub(crate) fn check(self) {
        let runtime = runtime();
        match self {
            Self::SignList
            | Self::SignCreate
            | Self::InFlight(_)
            | Self::Start(_)
            | Self::Rollout(_) => {}
            Self::Backtest(length) => {
                let report = backtest_of(&traces_of(length)).report();
                assert_eq!(report.traces, length as u64);
                assert!(report.combined.yes > 0 && report.combined.no > 0, "{report}");
            }
            Self::List(length) => {
                let stub = Stub::start(Body::List(length));
                let theirs = runtime.block_on(bare::list(&bare::client(), &url(&stub)));
                let ours = runtime
                    .block_on(client(&stub.root).list_notifications(&ListNotifications::smn()))
                    .unwrap();
                assert_same(&theirs, &ours);
            }
            Self::Create => {
                let (theirs, ours) = create_requests();
                assert_eq!(
                    serde_json::to_vec(&theirs).unwrap(),
                    serde_json::to_vec(&ours).unwrap(),
                    "the same bytes"
                );
                let stub = Stub::start(Body::Created);
                let theirs =
                    runtime.block_on(bare::create(&bare::client(), &create_url(&stub), &theirs));
                let ours = runtime.block_on(client(&stub.root).create_notification(&ours)).unwrap();
                assert_same(&theirs, &ours);
            }
            Self::Decode(length) => {
                let json = list_of(length);
                let theirs: BareList = serde_json::from_slice(&json).unwrap();
                let ours = runtime
                    .block_on(in_memory(json).list_notifications(&ListNotifications::smn()))
                    .unwrap();
                assert_same(&theirs.notifications, &ours);
            }
        }
    }
}

fn sign(side: Side, method: Method, path: &'static str, body: &'static [u8]) -> Run {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY);
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_706_745_599);
    let prepared = move || prepared(method.clone(), path, Bytes::from_static(body));
    let signed = Signer::new(&credentials).signature(&prepared(), at).unwrap();
    let bare = BareSigning::of(&signed.string_to_sign(), &signed.canonical_request(), body);
    let hash = bare.sign();
    assert!(
        signed.authorization().to_str().unwrap().ends_with(std::str::from_utf8(&hash).unwrap())
    );
    match side {
        Side::Bare => Box::new(move |times| {
            let start = Instant::now();
            for _ in 0..times {
                black_box(black_box(&bare).sign());
            }
            start.elapsed()
        }),
        Side::Ours => Box::new(move |times| {
            // Not cloned from one: a cloned header map has no room left for what signing adds.
            let mut requests: Vec<_> = (0..times).map(|_| prepared()).collect();
            let start = Instant::now();
            for request in &mut requests {
                Signer::new(black_box(&credentials))
                    .sign(black_box(request), black_box(at))
                    .unwrap();
            }
            start.elapsed()
        }),
    }
}

fn list(side: Side, length: usize) -> Run {
    let (runtime, stub) = (runtime(), Stub::start(Body::List(length)));
    match side {
        Side::Bare => {
            let client = bare::client();
            Box::new(move |times| {
                on_cpu(&runtime, times, async || {
                    drop(black_box(bare::list(&client, &url(&stub)).await));
                })
            })
        }
        Side::Ours => {
            let (client, request) = (client(&stub.root), ListNotifications::smn());
            Box::new(move |times| {
                let _running = &stub;
                on_cpu(&runtime, times, async || {
                    drop(black_box(client.list_notifications(&request).await.unwrap()));
                })
            })
        }
    }
}

fn create(side: Side) -> Run {
    let (runtime, stub) = (runtime(), Stub::start(Body::Created));
    let (theirs, ours) = create_requests();
    match side {
        Side::Bare => {
            let client = bare::client();
            Box::new(move |times| {
                let url = create_url(&stub);
                on_cpu(&runtime, times, async || {
                    drop(black_box(bare::create(&client, &url, &theirs).await));
                })
            })
        }
        Side::Ours => {
            let client = client(&stub.root);
            Box::new(move |times| {
                let _running = &stub;
                on_cpu(&runtime, times, async || {
                    drop(black_box(client.create_notification(&ours).await.unwrap()));
                })
            })
        }
    }
}

/// `times` counts single calls.
fn in_flight(side: Side, calls: usize) -> Run {
    let (runtime, stub) = (runtime(), Stub::start(Body::List(1)));
    match side {
        Side::Bare => {
            let (client, url) = (bare::client(), url(&stub));
            Box::new(move |times| {
                let _running = &stub;
                let all = async || {
                    drop(black_box(join_all((0..calls).map(|_| bare::list(&client, &url))).await));
                };
                on_cpu(&runtime, times / calls, all)
            })
        }
        Side::Ours => {
            let (client, request) = (client(&stub.root), ListNotifications::smn());
            Box::new(move |times| {
                let _running = &stub;
                let all = async || {
                    for result in
                        join_all((0..calls).map(|_| client.list_notifications(&request))).await
                    {
                        drop(black_box(result.unwrap()));
                    }
                };
                on_cpu(&runtime, times / calls, all)
            })
        }
    }
}

fn decode(side: Side, length: usize) -> Run {
    let json = list_of(length);
    match side {
        Side::Bare => Box::new(move |times| {
            without_drops(times, || {
                serde_json::from_slice::<BareList>(black_box(&json)).unwrap().notifications
            })
        }),
        Side::Ours => {
            let (runtime, client, request) = (runtime(), in_memory(json), ListNotifications::smn());
            Box::new(move |times| {
                without_drops(times, || {
                    runtime.block_on(client.list_notifications(black_box(&request))).unwrap()
                })
            })
        }
    }
}

fn backtest(side: Side, length: usize) -> Run {
    match side {
        Side::Bare => {
            let json: Vec<Vec<u8>> =
                (0..length).map(|number| serde_json::to_vec(&trace(number)).unwrap()).collect();
            Box::new(move |times| {
                let start = Instant::now();
                for json in (0..times).flat_map(|_| &json) {
                    black_box(
                        serde_json::from_slice::<serde_json::Value>(black_box(json)).unwrap(),
                    );
                }
                start.elapsed()
            })
        }
        Side::Ours => {
            let traces = traces_of(length);
            Box::new(move |times| {
                let start = Instant::now();
                for _ in 0..times {
                    drop(black_box(backtest_of(black_box(&traces)).report()));
                }
                start.elapsed()
            })
        }
    }
}

fn traces_of(length: usize) -> Vec<Trace> {
    (0..length).map(|number| serde_json::from_value(trace(number)).unwrap()).collect()
}

/// One notification is about all operations, the others have users and a filter.
fn backtest_of(traces: &[Trace]) -> Backtest {
    let operations = [
        Operation::new("IAM", "user", ["login", "loginfailed"]),
        Operation::new("ECS", "ecs", ["createServer", "deleteServer"]),
    ];
    let failures = Filter::all([FilterRule::not_equals(FilterField::Code, 200)]);
    let some = |number| {
        CreateNotification::customized(format!("some{number}"), operations.clone())
            .notify_users("admin", ["alice", "bob"])
            .filter(failures.clone())
    };
    let all = CreateNotification::complete("everything").filter(failures.clone());
    let set = NotificationSet::new(std::iter::once(all).chain((1..10).map(some))).unwrap();
    let mut backtest = Backtest::from(&set);
    backtest.extend(traces);
    backtest
}

/// What counts is the first time in a process.
fn start(side: Side, scheme: Scheme) -> Run {
    let stub = match scheme {
        Scheme::Http => Stub::start(Body::List(1)),
        Scheme::Https => Stub::start_encrypted(Body::List(1)),
    };
    Box::new(move |_| {
        let start = Instant::now();
        let runtime = runtime();
        match side {
            Side::Bare => {
                drop(black_box(runtime.block_on(bare::list(&bare::client(), &url(&stub)))));
            }
            Side::Ours => {
                let client = client(&stub.root);
                drop(black_box(
                    runtime.block_on(client.list_notifications(&ListNotifications::smn())).unwrap(),
                ));
            }
        }
        start.elapsed()
    })
}

fn rollout(targets: usize) -> Run {
    let fake = FakeCts::new();
    let target = |number: usize| {
        let client = fake.client_builder().project_id(format!("{number:032x}")).build().unwrap();
        Target::new(number.to_string(), client)
    };
    let targets: Vec<_> = (0..targets).map(target).collect();
    let set = NotificationSet::new([NotificationSpec::new(create_requests().1)]).unwrap();
    Box::new(move |_| {
        let start = Instant::now();
        let reports = runtime().block_on(Rollout::new(targets.clone()).concurrency(16).run(&set));
        assert!(reports.iter().all(TargetReport::is_complete), "{:?}", reports.first());
        start.elapsed()
    })
}

/// Returns how long making values takes, without dropping them.
fn without_drops<T>(times: usize, make: impl Fn() -> T) -> Duration {
    let mut sum = Duration::ZERO;
    for _ in 0..times {
        let start = Instant::now();
        let value = make();
        sum += start.elapsed();
        drop(black_box(value));
    }
    sum
}

/// A transport that has the response already: what is left of a call is nearly all decoding.
#[derive(Debug)]
struct InMemory(Bytes);

impl Transport for InMemory {
    fn send(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(std::future::ready(Ok(Response::new(self.0.clone()))))
    }
}

fn in_memory(body: Vec<u8>) -> CtsClient {
    builder("https://cts.eu-de.otc.t-systems.com").transport(InMemory(body.into())).build().unwrap()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn client(root: &str) -> CtsClient {
    builder(root).connect_timeout(CONNECT_TIMEOUT).build().unwrap()
}

fn builder(root: &str) -> ClientBuilder {
    CtsClient::builder()
        .endpoint(root)
        .project_id(PROJECT_ID)
        .credentials(Credentials::new(ACCESS_KEY, SECRET_KEY))
}

fn url(stub: &Stub) -> String {
    format!("{}/v3/{PROJECT_ID}/notifications/smn", stub.root)
}

fn create_url(stub: &Stub) -> String {
    format!("{}/v3/{PROJECT_ID}/notifications", stub.root)
}

fn create_requests() -> (BareRequest, CreateNotification) {
    (serde_json::from_slice(CREATE).unwrap(), serde_json::from_slice(CREATE).unwrap())
}

/// Returns the time that this thread spends on a CPU while it makes a call so often; the server is
/// another process.
fn on_cpu(runtime: &Runtime, times: usize, call: impl AsyncFn()) -> Duration {
    let (cpu, wall) = (cpu_time(), Instant::now());
    runtime.block_on(async {
        for _ in 0..times {
            call().await;
        }
    });
    let wall = wall.elapsed();
    match (cpu, cpu_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => wall,
    }
}
