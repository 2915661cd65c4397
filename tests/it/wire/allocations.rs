//! Allocations. Their counts are exact, so they are asserted.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{
    CreateNotification, ListNotifications, Notification, Operation,
};
use huaweicloud_cts::sign::Signer;

use crate::support::answers::Answers;

fn request(method: &str, body: &'static str) -> http::Request<Bytes> {
    let mut headers = http::HeaderMap::with_capacity(8);
    headers.insert("host", "cts.eu-de.otc.t-systems.com".parse().unwrap());
    headers.insert("x-project-id", "24edf66e79d04187acb99a463e610764".parse().unwrap());
    if !body.is_empty() {
        headers.insert("content-type", "application/json;charset=UTF-8".parse().unwrap());
    }
    let uri =
        "https://cts.eu-de.otc.t-systems.com/v3/24edf66e79d04187acb99a463e610764/notifications/smn";
    let mut request = http::Request::builder()
        .method(method)
        .uri(uri)
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap();
    *request.headers_mut() = headers;
    request
}

#[test]
fn signing_allocates_the_value_of_its_header_and_once_a_second_the_date() {
    let credentials = Credentials::new("AKAKAKAKAKAKAKAKAKAK", "secret");
    let signer = Signer::new(&credentials);
    let (first, later) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_secs(1));
    // The first signature hashes the key's blocks for all that follow, and writes the date for
    // those of its second.
    signer.sign(&mut request("GET", ""), first).unwrap();
    for (what, mut request) in [
        ("list", request("GET", "")),
        ("create", request("POST", include_str!("../fixtures/create-customized-request.json"))),
    ] {
        let counted = allocation_counter::measure(|| signer.sign(&mut request, first).unwrap());
        assert_eq!(counted.count_total, 1, "{what}: {counted:?}");
    }
    let mut request = request("GET", "");
    // The date and what counts its two owners.
    let counted = allocation_counter::measure(|| signer.sign(&mut request, later).unwrap());
    assert_eq!(counted.count_total, 3, "{counted:?}");
}

#[test]
fn cached_credentials_allocate_only_the_boxed_future() {
    use huaweicloud_cts::credentials::{CachedCredentials, CredentialsContext, ProvideCredentials};
    use std::task::{Context, Poll, Waker};

    let provider = CachedCredentials::new(Credentials::new("AKAKAKAKAKAKAKAKAKAK", "secret"));
    let context =
        CredentialsContext::new().with_region("eu-de").with_iam_endpoint("https://iam.example.com");
    let ask = || {
        let mut asked = provider.provide(&context);
        let polled = asked.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Ok(_))));
    };
    ask();
    let counted = allocation_counter::measure(ask);
    assert_eq!(counted.count_total, 1, "{counted:?}");
}

/// Makes one list call, and returns the most memory that was in use at once, without the body
/// itself, and whether it succeeded.
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
        (
            "operations with room",
            &format!("{{{spaces}}}"),
            ("{\"notifications\":[{\"operations\":[", "]}]}"),
        ),
        (
            "operations of an odd item",
            &format!("{{{spaces}}}"),
            ("{\"notifications\":[{\"create_time\":[],\"operations\":[", "]}]}"),
        ),
        ("odd items with room", &format!("{{\"create_time\":[]{spaces}}}"), list),
        (
            "trace names",
            "\"\"",
            ("{\"notifications\":[{\"operations\":[{\"trace_names\":[", "]}]}]}"),
        ),
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
    for (item, between) in [
        ("{}  ", ("[", "]")),
        ("{} \n", ("", "")),
        ("{\"a\":\u{7}}\n", ("", "")),
        ("[0]", ("[", "]")),
    ] {
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
    let operation =
        r#"{"service_type":"ECS","resource_type":"ecs","trace_names":["createServer"]}"#;
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
    let body =
        format!(r#"{{"notifications":[{{"notification_id":"1","notification_name":"{text}"}}]}}"#);
    let (_, succeeded) = peak_of_a_list(200, body.into_bytes());
    assert!(succeeded);
}

/// What the service sends of one notification: 25 strings that are kept, and 8 lists.
fn notification(number: usize) -> String {
    format!(
        r#"{{"create_time":1633933167385,"notification_id":"0b98e1c2-2fd6-4e33-a355-{number:012x}","notification_name":"key_operations_{number:05}","notification_type":"smn","operation_type":"customized","operations":[{{"resource_type":"tracker","service_type":"CTS","trace_names":["createTracker","deleteTracker"]}},{{"resource_type":"pe","service_type":"AOM","trace_names":["createPolicyGroup"]}}],"notify_user_list":[{{"user_group":"admin","user_list":["test1","test2"]}}],"filter":{{"condition":"AND","is_support_filter":true,"rule":["code = 200"]}},"project_id":"24edf66e79d04187acb99a463e610764","status":"enabled","topic_id":"urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit"}}"#
    )
}

#[test]
fn reading_a_notification_allocates_its_strings_and_lists_and_nothing_else() {
    let json = notification(0);
    let read = || serde_json::from_str::<Notification>(&json).unwrap();
    let notification = read();
    let counted = allocation_counter::measure(|| drop(read()));
    let strings = 4 // Id, name, project and topic: types and states that are known need no string.
        + notification.operations.iter().map(|operation| 2 + operation.trace_names.len()).sum::<usize>()
        + notification.notify_user_list.iter().map(|users| 1 + users.user_list.len()).sum::<usize>()
        + notification.filter.as_ref().map_or(0, |filter| filter.rule.len());
    let lists = 2 + notification.operations.len() + notification.notify_user_list.len() + 1;
    assert_eq!(counted.count_total, (strings + lists) as u64, "{counted:?}");
}

#[test]
fn short_lists_of_a_notification_have_no_places_to_spare() {
    fn exact<T>(list: &Vec<T>) {
        assert_eq!(list.capacity(), list.len());
    }
    let read: Notification = serde_json::from_str(&notification(0)).unwrap();
    exact(&read.operations);
    read.operations.iter().for_each(|operation| exact(&operation.trace_names));
    exact(&read.notify_user_list);
    read.notify_user_list.iter().for_each(|users| exact(&users.user_list));
    exact(&read.filter.unwrap().rule);
}

#[test]
fn a_list_of_100_000_notifications_takes_no_more_than_its_values() {
    let rows: Vec<_> = (0..100_000).map(notification).collect();
    let body = format!("{{\"notifications\":[{}]}}", rows.join(","));
    let client = Answers::of([(200, &body)]).client();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut read = Vec::new();
    let counted = allocation_counter::measure(|| {
        read = runtime.block_on(client.list_notifications(&ListNotifications::smn())).unwrap();
    });
    assert_eq!(read.len(), 100_000);
    // The response's body, which the transport has had before, is freed with the call.
    let kept = counted.bytes_current + i64::try_from(body.len()).unwrap();
    assert!(
        i64::try_from(counted.bytes_max).unwrap() <= kept + kept / 100,
        "{counted:?}, the body has {}",
        body.len()
    );
}

#[test]
fn a_thousand_calls_in_flight_hold_each_body_once() {
    const CALLS: usize = 1_000;
    /// The futures of the call and of the transport, the signed request and the text that was
    /// signed.
    const OVERHEAD: u64 = 4_700;

    let names: Vec<_> = (0..2_000).map(|number| format!("operation{number:04}")).collect();
    let request = CreateNotification::customized("n", [Operation::new("IAM", "user", names)]);
    let body = serde_json::to_vec(&request).unwrap().len() as u64;
    // There is no response, so every call waits for one.
    let client = Answers::default().client();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut calls = Vec::with_capacity(CALLS);
    let counted = allocation_counter::measure(|| {
        runtime.block_on(async {
            for _ in 0..CALLS {
                let mut call = Box::pin(client.create_notification(&request));
                assert!(futures_util::poll!(&mut call).is_pending());
                calls.push(call);
            }
        });
    });
    let each = u64::try_from(counted.bytes_current).unwrap() / CALLS as u64;
    assert!(
        (body..body + OVERHEAD).contains(&each),
        "{each} bytes for each call with a body of {body}"
    );
}
