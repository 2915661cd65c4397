//! What this crate costs beside the bare libraries that it stands on: ratios, for people to read.
//!
//! `cargo bench --no-default-features --features reqwest,test-util,tracing --bench cost`, and after ` -- ` a word that the
//! lines to measure have in them, such as `sign`. `taskset -c 1` before it steadies the calls' figures: what a call costs
//! depends on which CPU the server's thread wakes on.
//!
//! Machines are noisy, and absolute times mean little. So each pair is measured in turns within one run, and what counts
//! is the median of the rounds' ratios. The targets judge nothing: the exit code is 0 whatever the figures.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails loudly")]
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]
#![allow(clippy::cast_precision_loss, reason = "nanoseconds and counts are far below 2^52")]

use std::convert::Infallible;
use std::hint::black_box;
use std::net::TcpListener;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use huaweicloud_cts::CtsClient;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{CreateNotification, ListNotifications, Notification};
use huaweicloud_cts::sign::Signer;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

const PROJECT_ID: &str = "24edf66e79d04187acb99a463e610764";
const ACCESS_KEY: &str = "AKAKAKAKAKAKAKAKAKAK";
const SECRET_KEY: &str = "SKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSK";
const JSON: &str = "application/json;charset=UTF-8";
const CREATE: &[u8] = include_bytes!("../tests/it/fixtures/cn-create-customized-request.json");
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

fn main() {
    // `cargo bench` says `--bench`; `cargo test --benches` does not, and only wants to know that this runs.
    let (flags, words): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|arg| arg.starts_with('-'));
    let full = flags.iter().any(|flag| flag == "--bench") && !flags.iter().any(|flag| flag == "--test");
    let plan = if full {
        Plan { rounds: 15, round: Duration::from_millis(300), words }
    } else {
        Plan { rounds: 1, round: Duration::ZERO, words }
    };

    plan.headline();
    signing(&plan);
    calls(&plan);
    decoding(&plan);
    if cpu_time().is_none() {
        println!("\n!! No CPU time in /proc/thread-self/schedstat: the calls were measured in WALL TIME, server and");
        println!("!! scheduling included. Their ratios are too near to 1 and too noisy to be of use.");
    }
    if !full {
        println!("\nOne tiny round, to see that it runs. For figures: cargo bench --bench cost");
    }
}

// --- A. Signing -----------------------------------------------------------------------------------------------------

fn signing(plan: &Plan) {
    const AT_ONCE: usize = 8; // Few, as in life: then what they allocate comes from the allocator's cache.

    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY);
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_706_745_599);
    for (what, method, path, body) in [
        ("sign a list request", Method::GET, "notifications/smn", &b""[..]),
        ("sign a create request", Method::POST, "notifications", CREATE),
    ] {
        let prepared = || prepared(method.clone(), path, Bytes::from_static(body));
        let expected = Signer::new(&credentials).signature(&prepared(), at).unwrap();
        let bare = BareSigning::of(&expected.string_to_sign(), &expected.canonical_request(), body);
        let hash = bare.sign();
        assert!(expected.authorization().to_str().unwrap().ends_with(std::str::from_utf8(&hash).unwrap()));

        plan.compare(
            what,
            1.30,
            AT_ONCE,
            || {
                let start = Instant::now();
                for _ in 0..AT_ONCE {
                    black_box(black_box(&bare).sign());
                }
                start.elapsed()
            },
            || {
                // Not cloned from one: a cloned header map has no room left for what signing adds.
                let mut requests: Vec<_> = (0..AT_ONCE).map(|_| prepared()).collect();
                let start = Instant::now();
                for request in &mut requests {
                    Signer::new(black_box(&credentials)).sign(black_box(request), black_box(at)).unwrap();
                }
                start.elapsed()
            },
        );
    }
}

/// A request as the client has it before it signs.
fn prepared(method: Method, path: &str, body: Bytes) -> Request<Bytes> {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(HOST, HeaderValue::from_static("cts.eu-de.otc.t-systems.com"));
    headers.insert("x-project-id", HeaderValue::from_static(PROJECT_ID));
    if !body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    }
    let uri = format!("https://cts.eu-de.otc.t-systems.com/v3/{PROJECT_ID}/{path}");
    let mut request = Request::builder().method(method).uri(uri).body(body).unwrap();
    *request.headers_mut() = headers;
    request
}

/// The hashing that no signer can do without, on the very bytes that ours hashes.
struct BareSigning {
    key: Hmac<Sha256>,
    /// Algorithm and date.
    prefix: String,
    canonical: String,
    body: &'static [u8],
}

impl BareSigning {
    fn of(string_to_sign: &str, canonical: &str, body: &'static [u8]) -> Self {
        let (prefix, _hash) = string_to_sign.split_at(string_to_sign.len() - 64);
        Self {
            key: Hmac::new_from_slice(SECRET_KEY.as_bytes()).unwrap(),
            prefix: prefix.to_owned(),
            canonical: canonical.to_owned(),
            body,
        }
    }

    fn sign(&self) -> [u8; 64] {
        let mut text = [0; 64];
        if !self.body.is_empty() {
            hex::encode_to_slice(Sha256::digest(self.body), &mut text).unwrap();
            black_box(&text);
        }
        hex::encode_to_slice(Sha256::digest(&self.canonical), &mut text).unwrap();
        let mut mac = self.key.clone();
        mac.update(self.prefix.as_bytes());
        mac.update(&text);
        hex::encode_to_slice(mac.finalize().into_bytes(), &mut text).unwrap();
        text
    }
}

// --- B. Whole calls -------------------------------------------------------------------------------------------------

fn calls(plan: &Plan) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (what, length, at_once) in [("call list, 1 notification", 1, 100), ("call list, 100 notifications", 100, 20)] {
        let root = stub(StatusCode::OK, list_of(length));
        let (client, bare) = (client(&root), bare_client());
        let url = format!("{root}/v3/{PROJECT_ID}/notifications/smn");
        let request = ListNotifications::smn();
        let (theirs, ours) = runtime
            .block_on(async { (bare_list(&bare, &url).await, client.list_notifications(&request).await.unwrap()) });
        assert_same(&theirs, &ours);

        plan.compare(
            what,
            1.10,
            at_once,
            || on_cpu(&runtime, at_once, async || drop(black_box(bare_list(&bare, &url).await))),
            || on_cpu(&runtime, at_once, async || drop(black_box(client.list_notifications(&request).await.unwrap()))),
        );
        if length == 1 {
            create_calls(plan, &runtime);
        }
    }
}

fn create_calls(plan: &Plan, runtime: &Runtime) {
    const AT_ONCE: usize = 100;

    let root = stub(StatusCode::CREATED, serde_json::to_vec(&notification(0)).unwrap());
    let (client, bare) = (client(&root), bare_client());
    let url = format!("{root}/v3/{PROJECT_ID}/notifications");
    let request: CreateNotification = serde_json::from_slice(CREATE).unwrap();
    let bare_request: BareRequest = serde_json::from_slice(CREATE).unwrap();
    let body = serde_json::to_vec(&bare_request).unwrap();
    assert_eq!(body, serde_json::to_vec(&request).unwrap(), "both send the same bytes");
    let (theirs, ours) = runtime.block_on(async {
        (bare_create(&bare, &url, &bare_request).await, client.create_notification(&request).await.unwrap())
    });
    assert_same(&theirs, &ours);

    plan.compare(
        "call create",
        1.10,
        AT_ONCE,
        || on_cpu(runtime, AT_ONCE, async || drop(black_box(bare_create(&bare, &url, &bare_request).await))),
        || on_cpu(runtime, AT_ONCE, async || drop(black_box(client.create_notification(&request).await.unwrap()))),
    );
}

fn client(root: &str) -> CtsClient {
    CtsClient::builder()
        .endpoint(root)
        .project_id(PROJECT_ID)
        .credentials(Credentials::new(ACCESS_KEY, SECRET_KEY))
        .connect_timeout(CONNECT_TIMEOUT)
        .build()
        .unwrap()
}

fn bare_client() -> reqwest::Client {
    reqwest::Client::builder().connect_timeout(CONNECT_TIMEOUT).no_proxy().build().unwrap()
}

async fn bare_list(client: &reqwest::Client, url: &str) -> Vec<BareNotification> {
    let response = client.get(url).send().await.unwrap().error_for_status().unwrap();
    serde_json::from_slice::<BareList>(&response.bytes().await.unwrap()).unwrap().notifications
}

async fn bare_create(client: &reqwest::Client, url: &str, request: &BareRequest) -> BareNotification {
    let body = serde_json::to_vec(request).unwrap();
    let request = client.post(url).header(CONTENT_TYPE, JSON).body(body);
    let response = request.send().await.unwrap().error_for_status().unwrap();
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// Starts a server on a thread of its own that gives one and the same answer, and returns its address.
fn stub(status: StatusCode, body: Vec<u8>) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(serve(listener, status, &Bytes::from(body)));
    });
    root
}

async fn serve(listener: TcpListener, status: StatusCode, body: &Bytes) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let body = body.clone();
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let body = body.clone();
                async move {
                    request.into_body().collect().await.unwrap();
                    let mut response = Response::new(Full::new(body));
                    *response.status_mut() = status;
                    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                    Ok::<_, Infallible>(response)
                }
            });
            let served = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            drop(served.await); // The clients close when they please.
        });
    }
}

// --- C. Decoding ----------------------------------------------------------------------------------------------------

/// The crate's own reader of lists is private, and is this.
#[derive(Deserialize)]
struct List {
    notifications: Vec<Notification>,
}

fn decoding(plan: &Plan) {
    for (what, length, at_once) in [("decode 100 notifications", 100, 10), ("decode 1000 notifications", 1000, 1)] {
        let json = list_of(length);
        let theirs: BareList = serde_json::from_slice(&json).unwrap();
        let ours: List = serde_json::from_slice(&json).unwrap();
        assert_same(&theirs.notifications, &ours.notifications);

        plan.compare(
            what,
            1.10,
            at_once,
            || decoded_in::<BareList>(&json, at_once),
            || decoded_in::<List>(&json, at_once),
        );
    }
}

/// Dropping what was decoded is not counted.
fn decoded_in<'de, T: Deserialize<'de>>(json: &'de [u8], times: usize) -> Duration {
    let mut sum = Duration::ZERO;
    for _ in 0..times {
        let start = Instant::now();
        let list: T = serde_json::from_slice(black_box(json)).unwrap();
        sum += start.elapsed();
        drop(black_box(list));
    }
    sum
}

// --- What a program without this crate would declare ----------------------------------------------------------------

#[derive(Deserialize)]
struct BareList {
    notifications: Vec<BareNotification>,
}

#[derive(Serialize, Deserialize)]
struct BareNotification {
    notification_id: String,
    notification_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation_type: Option<String>,
    operations: Vec<BareOperation>,
    notify_user_list: Vec<BareUsers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<BareFilter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agency_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct BareRequest {
    notification_name: String,
    operation_type: String,
    operations: Vec<BareOperation>,
    notify_user_list: Vec<BareUsers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<BareFilter>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agency_name: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct BareOperation {
    service_type: String,
    resource_type: String,
    trace_names: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct BareUsers {
    user_group: String,
    user_list: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct BareFilter {
    condition: String,
    is_support_filter: bool,
    rule: Vec<String>,
}

fn assert_same(theirs: &impl Serialize, ours: &impl Serialize) {
    assert_eq!(serde_json::to_value(theirs).unwrap(), serde_json::to_value(ours).unwrap(), "both read the same");
}

/// About 770 bytes of JSON. Every other one has a filter that is `null`, the rest have none.
fn notification(number: usize) -> serde_json::Value {
    let mut notification = serde_json::json!({
        "create_time": 1_633_933_167_385_u64 + number as u64,
        "notification_id": format!("0b98e1c2-2fd6-4e33-a355-{number:012x}"),
        "notification_name": format!("key_operations_{number:05}"),
        "notification_type": "smn",
        "operation_type": "customized",
        "operations": [
            {"resource_type": "tracker", "service_type": "CTS", "trace_names": ["createTracker", "deleteTracker"]},
            {"resource_type": "notification", "service_type": "CTS", "trace_names": ["deleteNotification"]},
            {"resource_type": "pe", "service_type": "AOM", "trace_names": ["createPolicyGroup", "deletePolicyGroup"]},
        ],
        "notify_user_list": [
            {"user_group": "admin", "user_list": ["test1", "test2"]},
            {"user_group": "CTS view", "user_list": ["test3", "test4"]},
        ],
        "project_id": PROJECT_ID,
        "status": "enabled",
        "topic_id": format!("urn:smn:eu-de:{PROJECT_ID}:audit"),
    });
    if number % 2 == 1 {
        notification.as_object_mut().unwrap().insert("filter".to_owned(), serde_json::Value::Null);
    }
    notification
}

fn list_of(length: usize) -> Vec<u8> {
    let notifications: Vec<_> = (0..length).map(notification).collect();
    serde_json::to_vec(&serde_json::json!({ "notifications": notifications })).unwrap()
}

// --- Measuring ------------------------------------------------------------------------------------------------------

struct Plan {
    rounds: usize,
    /// About how long one round takes, both sides together.
    round: Duration,
    /// If there are any, only lines with one of them are measured.
    words: Vec<String>,
}

impl Plan {
    fn headline(&self) {
        println!("\nThe cost of huaweicloud-cts beside that of the bare libraries: ratios of {} rounds\n", self.rounds);
        println!("{:<30} {:>6} {:>14}   {:<8} {:<7} {:>10}", "", "ratio", "min .. max", "target", "", "bare takes");
    }

    /// Measures both sides in turns and prints a line. Each closure does its work `at_once` times and says how long
    /// that took.
    fn compare(
        &self,
        what: &str,
        target: f64,
        at_once: usize,
        mut bare: impl FnMut() -> Duration,
        mut ours: impl FnMut() -> Duration,
    ) {
        if !self.words.is_empty() && !self.words.iter().any(|word| what.contains(word.as_str())) {
            return;
        }
        let start = Instant::now();
        let mut turns = 0;
        // Warms up, and finds out how many turns fill a round.
        while turns == 0 || start.elapsed() < self.round {
            black_box((bare(), ours()));
            turns += 1;
        }
        let mut ratios = Vec::with_capacity(self.rounds);
        let mut bare_times = Vec::with_capacity(self.rounds);
        for _ in 0..self.rounds {
            let (mut bare_turns, mut our_turns) = (Vec::with_capacity(turns), Vec::with_capacity(turns));
            for turn in 0..turns {
                // Neither is always the first.
                if turn % 2 == 0 {
                    bare_turns.push(bare().as_secs_f64());
                    our_turns.push(ours().as_secs_f64());
                } else {
                    our_turns.push(ours().as_secs_f64());
                    bare_turns.push(bare().as_secs_f64());
                }
            }
            // Not the sum: a turn in which the thread lost its CPU would outweigh all others.
            let (bare_turn, our_turn) = (spread(bare_turns).1, spread(our_turns).1);
            ratios.push(our_turn / bare_turn);
            bare_times.push(bare_turn * 1e6 / at_once as f64);
        }
        let (least, ratio, most) = spread(ratios);
        let (_, micros, _) = spread(bare_times);
        let verdict = if ratio <= target { "met" } else { "MISSED" };
        let range = format!("{least:.2} .. {most:.2}");
        println!("{what:<30} {ratio:>6.2} {range:>14}   ≤ {target:<6.2} {verdict:<7} {micros:>7.1} µs");
    }
}

/// The least, the median and the most.
fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().expect("there is a round at least");
    (at(0), at(values.len() / 2), at(values.len() - 1))
}

/// The time that this thread spends on a CPU while it makes a call so often; the server has its own thread.
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

/// The time that this thread has been on a CPU, where the kernel tells.
fn cpu_time() -> Option<Duration> {
    // The kernel adds up when a thread leaves the CPU, so leave it.
    std::thread::sleep(Duration::from_micros(1));
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split_ascii_whitespace().next()?.parse().ok()?;
    (nanos > 0).then(|| Duration::from_nanos(nanos))
}
