//! Input from real gateways and files: each of `fixtures/field`, and others of its kind.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use http::{Response, StatusCode};
use huaweicloud_cts::event::{CtsEvent, TriggerEvent};
use huaweicloud_cts::notification::{
    CreateNotification, DeleteNotifications, ListNotifications, Notification,
};
use huaweicloud_cts::trace::TraceFile;
use huaweicloud_cts::{Error, ErrorCode, ErrorKind};

use crate::support::answers::{Answers, error_of, nowhere, response};

const LIST: &[u8] = include_bytes!("../fixtures/field/F04e-header-but-plain-body.http");

/// A response as it is on the wire.
fn recorded(http: &[u8]) -> Response<Bytes> {
    let end = http.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&http[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let mut response = Response::builder().status(status);
    for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
        response = response.header(name, value);
    }
    response.body(Bytes::copy_from_slice(&http[end + 4..])).unwrap()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(plain).unwrap();
    packed.finish().unwrap()
}

async fn listed(response: Response<Bytes>) -> Result<Vec<Notification>, Error> {
    Answers::default()
        .response(response)
        .client()
        .list_notifications(&ListNotifications::smn())
        .await
}

async fn list(body: impl AsRef<[u8]>) -> Vec<Notification> {
    listed(response(StatusCode::OK, Bytes::copy_from_slice(body.as_ref()))).await.unwrap()
}

#[tokio::test]
async fn a_list_is_read_compressed_or_with_a_byte_order_mark() {
    let plain = recorded(LIST).into_body();
    let marked = [b"\xef\xbb\xbf", &plain[..]].concat();
    let with = |body: Vec<u8>| response(StatusCode::OK, body);
    for (what, response) in [
        ("gzip", recorded(include_bytes!("../fixtures/field/F04a-gzip-200-list.http"))),
        ("the header alone", recorded(LIST)),
        ("a byte order mark", recorded(include_bytes!("../fixtures/field/F05a-bom-200-list.http"))),
        ("gzip unannounced", with(gzip(&plain))),
        ("zlib", with(zlib(&plain))),
        ("a mark in gzip", with(gzip(&marked))),
        ("a mark in zlib", with(zlib(&marked))),
    ] {
        let found = listed(response).await.unwrap();
        assert_eq!(
            found[0].notification_id.as_str(),
            "cda8fd83-d08c-46f0-b914-1453a6a85c00",
            "{what}"
        );
    }
}

#[tokio::test]
async fn an_error_keeps_its_code_compressed_or_with_a_byte_order_mark() {
    let plain = br#"{"error_code":"CTS.0403","error_msg":"The notification does not exist."}"#;
    let with = |body: Vec<u8>| response(StatusCode::NOT_FOUND, body);
    for answer in [
        recorded(include_bytes!("../fixtures/field/F04c-gzip-404.http")),
        recorded(include_bytes!("../fixtures/field/F05c-bom-404.http")),
        with(zlib(plain)),
        with([b"\xef\xbb\xbf", &plain[..]].concat()),
        with(gzip(&[b"\xef\xbb\xbf", &plain[..]].concat())),
    ] {
        let read_alone = huaweicloud_cts::ApiError::from_response(&answer);
        let error = error_of(answer).await;
        assert_eq!(error.code(), Some(&ErrorCode::NotificationNotFound), "{error}");
        assert_eq!(
            error.body().unwrap(),
            &plain[..],
            "the body is kept as it was before it was packed"
        );
        assert_eq!(read_alone.code(), Some(&ErrorCode::NotificationNotFound));
    }
}

#[tokio::test]
async fn a_compression_that_cannot_be_decoded_is_named() {
    let packed = gzip(b"{\"notifications\":[]}");
    let encoded = |name: &str, body: &[u8]| {
        let response = Response::builder().status(200).header("content-encoding", name);
        response.body(Bytes::copy_from_slice(body)).unwrap()
    };
    for (name, answer) in [
        ("br", encoded("br", b"\x0b\x02\x80\xf3\xff")),
        ("zstd", encoded("", b"\x28\xb5\x2f\xfd\x04\x00")),
        ("gzip", encoded("gzip", &packed[..packed.len() / 2])),
        ("compress", encoded("compress", b"\x1f\x9d\x90\xff")),
    ] {
        let error = listed(answer).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(&format!("a body compressed with {name}")), "{error}");
    }
}

#[tokio::test]
async fn a_body_that_decompresses_beyond_the_limit_is_refused() {
    let body = gzip(&vec![b' '; 16 * 1024 * 1024 + 1]);
    let error = listed(response(StatusCode::OK, body)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("more than 16 MiB once it is decompressed"), "{error}");
}

#[tokio::test]
async fn one_odd_value_costs_no_other_row_of_a_list() {
    let second = |odd: &[u8]| {
        let start = br#"{"notifications":[{"notification_id":"a","notification_name":"first"},{"notification_id":"b","notification_name":"second","note":"#;
        [start, odd, b"}]}"].concat()
    };
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [
        include_bytes!("../fixtures/field/F07a-lone-surrogate.json").to_vec(),
        include_bytes!("../fixtures/field/F07b-number-range.json").to_vec(),
        second(deep.as_bytes()),
        second(b"\"caf\xe9\""),
        second(b"\"a\nb\x00\""),
        second(b"-1e400"),
        second(b"\"\\udc00\\ud83d\""),
        second(b"{\"a\":[NaN]}"),
    ] {
        let found = list(&body).await;
        let names: Vec<&str> = found.iter().map(|one| one.notification_name.as_str()).collect();
        assert_eq!(names, ["first", "second"], "{}", body.escape_ascii());
        assert_eq!(found[1].other.len(), 1, "the odd value is kept or replaced");
    }
    assert_eq!(
        list(include_bytes!("../fixtures/field/F07a-lone-surrogate.json")).await[1].other["note"],
        "cut \u{fffd}"
    );
    assert_eq!(
        list(include_bytes!("../fixtures/field/F07b-number-range.json")).await[1].other["weird"],
        "1e999"
    );
}

#[tokio::test]
async fn items_that_are_null_are_skipped() {
    let found = list(include_bytes!("../fixtures/field/F08a-null-item.json")).await;
    assert_eq!(found.len(), 1);
    assert!(list(br#"{"notifications":[null,null]}"#).await.is_empty());
    let body = r#"{"notifications":[null,{"notification_id":"a","operations":[null,{"service_type":"IAM","trace_names":["login",null]}],"notify_user_list":[null,{"user_group":"g","user_list":[null,"u"]}],"filter":{"rule":[null,"code = 200"]}}]}"#;
    let found = list(body).await;
    assert_eq!(found[0].operations[0].service_type, "IAM", "{found:?}");
    assert_eq!(found[0].operations[0].trace_names, ["login"]);
    assert_eq!(found[0].notify_user_list[0].user_list, ["u"]);
    assert_eq!(found[0].filter.as_ref().unwrap().rule.len(), 1);
    let quotas = |body: &str| Answers::default().answer(200, body).client();
    assert!(
        quotas(include_str!("../fixtures/field/F08c-quotas-null.json"))
            .list_quotas()
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn numbers_are_read_as_strings_and_as_floating_point() {
    for found in list(include_bytes!("../fixtures/field/F17-numbers.json")).await {
        assert_eq!(found.create_time, Some(1_634_001_495_876), "{found:?}");
        assert!(found.created_at().is_some());
    }
    let odd = list(br#"{"notifications":[{"notification_id":"a","create_time":"soon"},{"notification_id":"b","create_time":1.5}]}"#).await;
    assert!(
        odd.iter().all(|one| one.create_time.is_none() && one.other.contains_key("create_time")),
        "{odd:?}"
    );
    for body in [
        r#"{"resources":[{"type":"smn_notification","used":"2","quota":"100"}]}"#,
        r#"{"resources":[{"type":"smn_notification","used":2.0,"quota":1e2}]}"#,
        r#"{"resources":[{"type":"smn_notification","used":" 2 ","quota":100}]}"#,
    ] {
        let quotas = Answers::default().answer(200, body).client().list_quotas().await.unwrap();
        assert_eq!((quotas[0].used, quotas[0].quota), (Some(2), Some(100)), "{body}");
    }
}

#[tokio::test]
async fn a_deletion_succeeds_whatever_its_body_unless_that_is_an_error() {
    let bodies = include_str!("../fixtures/field/F13-delete-200-bodies.txt").lines();
    for body in
        bodies.chain(["", "{}", r#"{"error_code":""}"#, r#"{"error_code":0,"error_msg":"ok"}"#])
    {
        let client = Answers::default().answer(200, body).client();
        client
            .delete_notification(&"a".into())
            .await
            .unwrap_or_else(|error| panic!("{body}: {error}"));
    }
    let client =
        Answers::default().answer(200, r#"{"error_code":"CTS.0004","error_msg":"m"}"#).client();
    let report = client.delete_notifications(&DeleteNotifications::new(["a"])).await;
    assert!(report.is_err() || !report.unwrap().is_complete());
    let client = Answers::default().answer(204, b"\xef\xbb\xbf").client();
    client.delete_notification(&"a".into()).await.unwrap();
}

#[tokio::test]
async fn the_response_of_a_create_is_read_as_leniently_as_a_list() {
    let plain = br#"{"notification_id":"a","notification_name":"n","create_time":"1634001495876"}"#;
    for body in [gzip(plain), [b"\xef\xbb\xbf", &plain[..]].concat(), plain.to_vec()] {
        let client = Answers::default().answer(201, body).client();
        let created = client.create_notification(&CreateNotification::complete("n")).await.unwrap();
        assert_eq!(created.create_time, Some(1_634_001_495_876));
    }
}

#[test]
fn events_are_read_as_responses_are() {
    let marked = include_bytes!("../fixtures/field/F05e-bom-event.json");
    for input in [
        marked.to_vec(),
        gzip(marked),
        gzip(&marked[3..]),
        b"{\"cts\":{\"trace_name\":\"login\",\"note\":\"a\nb\"}}".to_vec(),
        b"{\"cts\":{\"trace_name\":\"login\",\"note\":\"caf\xe9\"}}".to_vec(),
        b"{\"cts\":{\"trace_name\":\"login\",\"note\":\"\\ud83d\"}}".to_vec(),
    ] {
        let event = CtsEvent::from_slice(&input).unwrap();
        assert_eq!(event.cts.trace_name.as_deref(), Some("login"));
        assert!(
            matches!(TriggerEvent::from_slice(&input), Ok(TriggerEvent::Cts(_))),
            "{}",
            input.escape_ascii()
        );
    }
}

#[test]
fn files_of_traces_are_read_in_every_form() {
    let array = include_bytes!("../fixtures/field/F18-obs-array.json").to_vec();
    let lines =
        b"{\"trace_id\":\"a\",\"trace_name\":\"login\"}\n{\"trace_id\":\"b\"}\r\n\n".to_vec();
    let marked = |file: &[u8]| [b"\xef\xbb\xbf", file].concat();
    for file in [
        array.clone(),
        lines.clone(),
        gzip(&array),
        gzip(&lines),
        zlib(&lines),
        marked(&array),
        gzip(&marked(&lines)),
        b"{\"traces\":[{\"trace_id\":\"a\"},null,{\"trace_id\":\"b\"}],\"meta_data\":{\"count\":2}}".to_vec(),
        b"{\n \"cts\": {\n  \"trace_id\": \"a\"\n }\n}\n{\"trace_id\":\"b\",\"cts\":1}".to_vec(),
        b"[{\"trace_id\":\"a\",\"request\":\"\\ud83d\"},{\"trace_id\":\"b\",\"code\":1e999}]".to_vec(),
        b"{\"trace_id\":\"a\",\"note\":\"caf\xe9\"}\n{\"trace_id\":\"b\",\"code\":1e999}".to_vec(),
    ] {
        let read = TraceFile::from_slice(&file).unwrap();
        let ids: Vec<&str> = read.traces.iter().map(|trace| trace.trace_id.as_ref().unwrap().as_str()).collect();
        assert_eq!((ids, read.unread), (vec!["a", "b"], 0), "{}", file.escape_ascii());
    }
    let with_more = TraceFile::from_slice(br#"{"cts":{"trace_id":"a"},"region":"eu-de"}"#).unwrap();
    assert_eq!(
        with_more.traces[0].other.len(),
        2,
        "a wrapper that says more than the record is not taken off"
    );
    let cut = TraceFile::from_slice(b"{\"trace_id\":\"a\"}\n7\n{\"trace_id\":").unwrap();
    assert_eq!((cut.traces.len(), cut.unread), (1, 2), "a line that is cut off costs no other");
    assert_eq!(TraceFile::from_slice(b" \n").unwrap(), TraceFile::default());
    let packed = gzip(&array);
    for (bad, reason) in [
        (b"<html>".to_vec(), "nothing in it is a trace"),
        (b"[1]".to_vec(), "nothing in it is a trace"),
        (packed[..packed.len() - 9].to_vec(), "its compression is damaged"),
        (gzip(&vec![b' '; 16 * 1024 * 1024 + 1]), "more than 16 MiB"),
        (format!("[{}{{}}]", "{},".repeat(1_000_000)).into_bytes(), "20 times its size"),
    ] {
        let error = TraceFile::from_slice(&bad).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn compressed_responses_of_iam_and_the_metadata_service_are_read() {
    use huaweicloud_cts::credentials::{MetadataCredentials, ProvideCredentials as _};

    let keys = br#"{"credential":{"access":"AKAKAKAKAKAKAKAKAKAK","secret":"s1s1s1s1s1s1","securitytoken":"t1t1t1t1t1t1","expires_at":"2126-11-21T10:00:00Z"}}"#;
    for body in [gzip(keys), [b"\xef\xbb\xbf", &keys[..]].concat()] {
        let answers = Answers::default().answer(200, b"\xef\xbb\xbftoken").answer(200, body);
        let metadata = MetadataCredentials::new().transport(answers.clone());
        let found = metadata.provide(&nowhere()).await.unwrap();
        assert_eq!(found.access_key(), "AKAKAKAKAKAKAKAKAKAK");
        assert_eq!(answers.requests()[1].headers()["x-metadata-token"], "token");
    }
}
