//! Allocations. Their counts are exact, so they are asserted.

use std::time::SystemTime;

use bytes::Bytes;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::sign::Signer;

use crate::support::answers::Answers;

fn request(method: &str, body: &'static str) -> http::Request<Bytes> {
    let mut headers = http::HeaderMap::with_capacity(8);
    headers.insert("host", "cts.eu-de.otc.t-systems.com".parse().unwrap());
    headers.insert("x-project-id", "24edf66e79d04187acb99a463e610764".parse().unwrap());
    if !body.is_empty() {
        headers.insert("content-type", "application/json;charset=UTF-8".parse().unwrap());
    }
    let uri = "https://cts.eu-de.otc.t-systems.com/v3/24edf66e79d04187acb99a463e610764/notifications/smn";
    let mut request =
        http::Request::builder().method(method).uri(uri).body(Bytes::from_static(body.as_bytes())).unwrap();
    *request.headers_mut() = headers;
    request
}

#[test]
fn signing_allocates_at_most_six_times() {
    let credentials = Credentials::new("AKAKAKAKAKAKAKAKAKAK", "secret");
    let signer = Signer::new(&credentials);
    // The first signature hashes the key's blocks for all that follow.
    signer.sign(&mut request("GET", ""), SystemTime::now()).unwrap();
    for (what, mut request) in [
        ("list", request("GET", "")),
        ("create", request("POST", include_str!("../fixtures/create-customized-request.json"))),
    ] {
        let counted = allocation_counter::measure(|| signer.sign(&mut request, SystemTime::now()).unwrap());
        assert_eq!(counted.count_total, 3, "{what}: {counted:?}");
    }
}

#[test]
fn cached_credentials_allocate_only_the_boxed_future() {
    use huaweicloud_cts::credentials::{CachedCredentials, CredentialsContext, ProvideCredentials};
    use std::task::{Context, Poll, Waker};

    let provider = CachedCredentials::new(Credentials::new("AKAKAKAKAKAKAKAKAKAK", "secret"));
    let context = CredentialsContext::new().with_region("eu-de").with_iam_endpoint("https://iam.example.com");
    let ask = || {
        let mut asked = provider.provide(&context);
        let polled = asked.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Ok(_))));
    };
    ask();
    let counted = allocation_counter::measure(ask);
    assert_eq!(counted.count_total, 1, "{counted:?}");
}

/// Makes one list call, and returns the most memory that was in use at once, without the body itself, and whether it
/// succeeded.
fn peak_of_a_list(status: u16, body: Vec<u8>) -> (u64, bool) {
    let response = http::Response::builder().status(status).body(Bytes::from(body)).unwrap();
    let client = Answers::default().response(response).client();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut succeeded = false;
    let counted = allocation_counter::measure(|| {
        succeeded = runtime.block_on(client.list_notifications(&ListNotifications::smn())).is_ok();
    });
    (counted.bytes_max, succeeded)
}

fn repeated(item: &str, between: (&str, &str), size: usize) -> Vec<u8> {
    let count = size / (item.len() + 1);
    format!("{}{}{}", between.0, vec![item; count].join(","), between.1).into_bytes()
}

#[test]
fn a_body_takes_at_most_twenty_times_its_size_when_it_is_read() {
    const SIZE: usize = 2 * 1024 * 1024;
    let list = ("{\"notifications\":[", "]}");
    let spaces = " ".repeat(90);
    for (what, item, between) in [
        ("empty objects", "{}", list),
        ("odd items", "0", list),
        ("objects with room", &format!("{{{spaces}}}"), list),
        ("operations", "{}", ("{\"notifications\":[{\"operations\":[", "]}]}")),
        ("operations with room", &format!("{{{spaces}}}"), ("{\"notifications\":[{\"operations\":[", "]}]}")),
        (
            "operations of an odd item",
            &format!("{{{spaces}}}"),
            ("{\"notifications\":[{\"create_time\":[],\"operations\":[", "]}]}"),
        ),
        ("odd items with room", &format!("{{\"create_time\":[]{spaces}}}"), list),
        ("trace names", "\"\"", ("{\"notifications\":[{\"operations\":[{\"trace_names\":[", "]}]}]}")),
        ("an unknown array", "0", ("{\"notifications\":[{\"new\":[", "]}]}")),
        ("an unknown array of objects", "{\"\":0}", ("{\"notifications\":[{\"new\":[", "]}]}")),
        ("unknown fields", "{\"a\":{\"b\":[{}]}}", list),
        ("unknown fields with room", &format!("{{\"a\":0{}}}", &spaces[..41]), list),
        ("another field", "[]", ("{\"unrelated\":[", "]}")),
    ] {
        for status in [200, 400] {
            let body = repeated(item, between, SIZE);
            let limit = 20 * body.len() as u64;
            let (peak, _) = peak_of_a_list(status, body);
            assert!(peak <= limit, "{what}, {status}: {peak} of {limit}");
        }
    }
}

#[test]
fn a_file_of_traces_takes_at_most_twenty_times_its_size_when_it_is_read() {
    const SIZE: usize = 2 * 1024 * 1024;
    for (item, between) in
        [("{}  ", ("[", "]")), ("{} \n", ("", "")), ("{\"a\":\u{7}}\n", ("", "")), ("[0]", ("[", "]"))]
    {
        let mut text = repeated(item, between, SIZE);
        if between.0.is_empty() {
            text.retain(|byte| *byte != b',');
        }
        let counted = allocation_counter::measure(|| {
            let _ = huaweicloud_cts::trace::TraceFile::from_slice(&text);
        });
        assert!(counted.bytes_max <= 20 * text.len() as u64, "{item}: {counted:?}");
    }
}

#[test]
fn a_list_of_the_largest_documented_size_is_read() {
    let operation = r#"{"service_type":"ECS","resource_type":"ecs","trace_names":["createServer"]}"#;
    let operations = vec![operation; 1_000].join(",");
    let rule = format!(
        r#"{{"notification_id":"1c1f4b5c-a1a6-4e5e-9ae4-6dd5a1f8a1ba","notification_name":"a","operations":[{operations}]}}"#
    );
    let body = repeated(&rule, ("{\"notifications\":[", "]}"), 100 * (rule.len() + 1));
    let (_, succeeded) = peak_of_a_list(200, body);
    assert!(succeeded);
}

#[test]
fn structural_characters_in_a_string_do_not_count_against_the_limit() {
    let text = r#"\"{[,:"#.repeat(100_000);
    let body = format!(r#"{{"notifications":[{{"notification_id":"1","notification_name":"{text}"}}]}}"#);
    let (_, succeeded) = peak_of_a_list(200, body.into_bytes());
    assert!(succeeded);
}
