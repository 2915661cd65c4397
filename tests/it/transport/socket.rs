//! Calls over real sockets: reqwest, the served fake, wiremock, and servers that misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{CreateNotification, DeleteNotifications, ListNotifications};
use huaweicloud_cts::testing::{FakeCts, Fault, verify_parts};
use huaweicloud_cts::transport::TransportErrorKind;
use huaweicloud_cts::{ClientBuilder, CtsClient, Error, ErrorCode, RetryPolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

#[tokio::test]
async fn the_calls_work_over_a_socket() {
    let server = FakeCts::new().serve().await.unwrap();
    let client = server.client_builder().build().unwrap();
    let created =
        client.create_notification(&CreateNotification::complete("关键 操作")).await.unwrap();
    assert_eq!(client.find_notification("关键 操作").await.unwrap(), Some(created.clone()));
    let duplicate =
        client.create_notification(&CreateNotification::complete("关键 操作")).await.unwrap_err();
    assert_eq!(duplicate.code(), Some(&ErrorCode::NotificationNameExists));
    assert!(duplicate.request_id().is_some());
    let silent = client.set_status(&created.notification_id, "disabled").await.unwrap();
    assert!(!silent.is_enabled());
    let ids = DeleteNotifications::new([created.notification_id]);
    assert!(client.delete_notifications(&ids).await.unwrap().is_complete());
    assert!(server.fake().requests().iter().all(|call| call.headers.contains_key("authorization")));
    server.shutdown().await;
    let refused = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert!(refused.is_retryable());
}

/// A mock that accepts only requests with a valid signature.
#[tokio::test]
async fn the_verifier_can_be_used_as_a_wiremock_matcher() {
    let credentials = Credentials::new("TESTACCESSKEY0000001", "secret");
    let accepted = [credentials.clone()];
    let signed = move |request: &Request| {
        let Request { method, url, headers, body, .. } = request;
        verify_parts(method, url, headers, body, &accepted, SystemTime::now()).is_ok()
    };
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v3/p1/notifications"))
        .and(signed)
        .respond_with(ResponseTemplate::new(201).set_body_string(r#"{"notification_id":"id1"}"#))
        .expect(1)
        .mount(&server)
        .await;
    let client = |keys| {
        CtsClient::builder()
            .endpoint(server.uri())
            .project_id("p1")
            .credentials(keys)
            .build()
            .unwrap()
    };
    let request = CreateNotification::complete("everything");
    let created = client(credentials).create_notification(&request).await.unwrap();
    assert_eq!(created.notification_id, "id1");
    let wrong = client(Credentials::new("TESTACCESSKEY0000001", "wrong"))
        .create_notification(&request)
        .await;
    assert_eq!(wrong.unwrap_err().status().unwrap().as_u16(), 404, "no mock takes it");
}

/// A server that reads one request and responds with these bytes.
async fn server(answer: impl Into<Vec<u8>>) -> (ClientBuilder, tokio::task::JoinHandle<()>) {
    let answer = answer.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer).await;
        let _ = stream.write_all(&answer).await;
    });
    let builder = CtsClient::builder()
        .endpoint(format!("http://{address}"))
        .project_id("p1")
        .credentials(Credentials::new("AK", "SK"));
    (builder, serving)
}

async fn failure(answer: impl Into<Vec<u8>>) -> Error {
    let (builder, _serving) = server(answer).await;
    builder
        .build()
        .unwrap()
        .create_notification(&CreateNotification::complete("a"))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn broken_responses_have_kinds_of_their_own() {
    let closed = failure("").await;
    assert_eq!(closed.transport().unwrap().kind(), TransportErrorKind::Interrupted, "{closed}");
    assert!(closed.may_have_applied());

    let cut_off =
        failure("HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"notification_id\":").await;
    assert_eq!(cut_off.transport().unwrap().kind(), TransportErrorKind::Interrupted, "{cut_off}");

    let no_http = failure("SSH-2.0-OpenSSH_9.2\r\n").await;
    assert_eq!(no_http.transport().unwrap().kind(), TransportErrorKind::Interrupted, "{no_http}");

    let redirect = failure("HTTP/1.1 307 Temporary Redirect\r\nlocation: https://elsewhere.example.com/x?secret=1\r\ncontent-length: 0\r\n\r\n").await;
    let text = redirect.to_string();
    assert!(
        text.contains("https://elsewhere.example.com/x, which is not followed")
            && !text.contains("secret"),
        "{text}"
    );
    for error in [closed, cut_off, no_http] {
        let text = error.to_string();
        assert!(
            text.contains("(127.0.0.1:") && !text.contains("/v3"),
            "the host is named, the URL is left out: {text}"
        );
    }
}

#[tokio::test]
async fn a_response_that_is_too_large_is_not_read_to_its_end() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 100 * 1024 * 1024);
    let mut answer = head.into_bytes();
    answer.resize(20 * 1024 * 1024, b' ');
    let error = failure(answer).await;
    assert!(
        error
            .to_string()
            .starts_with("CreateNotification: the response is too large: more than 16 MiB ("),
        "{error}"
    );
}

#[tokio::test]
async fn a_silent_server_is_a_timeout_and_an_absent_one_a_failure_to_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let builder = CtsClient::builder()
        .endpoint(format!("http://{address}"))
        .project_id("p1")
        .credentials(Credentials::new("AK", "SK"))
        .attempt_timeout(Duration::from_millis(50));
    let client = builder.build().unwrap();
    let silent = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert_eq!(silent.transport().unwrap().kind(), TransportErrorKind::Timeout);
    drop(listener);
    let absent = client.create_notification(&CreateNotification::complete("a")).await.unwrap_err();
    assert_eq!(absent.transport().unwrap().kind(), TransportErrorKind::Connect, "{absent}");
    assert!(!absent.may_have_applied());
}

/// A server that meets each connection with the next of these behaviours.
async fn misbehaving(
    behaviours: Vec<fn(&mut Vec<u8>) -> Behaviour>,
) -> (CtsClient, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let met = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&met);
    tokio::spawn(async move {
        for behaviour in behaviours {
            let (mut stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            let mut answer = Vec::new();
            let behaviour = behaviour(&mut answer);
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).await;
                match behaviour {
                    Behaviour::Reset => stream.set_zero_linger().unwrap(),
                    Behaviour::Send => {
                        let _ = stream.write_all(&answer).await;
                    }
                    Behaviour::Drip => {
                        stream.set_nodelay(true).unwrap();
                        for byte in answer {
                            if stream.write_all(&[byte]).await.is_err() {
                                break;
                            }
                            tokio::task::yield_now().await;
                        }
                    }
                    Behaviour::Stall => std::future::pending().await,
                }
            });
        }
        // The port stays taken: another test's server must not respond in place of this one.
        std::future::pending::<()>().await;
        drop(listener);
    });
    let client = CtsClient::builder()
        .endpoint(format!("http://{address}"))
        .project_id("p1")
        .credentials(Credentials::new("AK", "SK"))
        .attempt_timeout(Duration::from_secs(2))
        .retry(RetryPolicy::standard().base_delay(Duration::from_millis(1)))
        .build()
        .unwrap();
    (client, met)
}

enum Behaviour {
    Reset,
    Send,
    Drip,
    Stall,
}

fn good(answer: &mut Vec<u8>) -> Behaviour {
    let body = r#"{"notifications":[{"notification_id":"a"}]}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    answer.extend_from_slice(head.as_bytes());
    Behaviour::Send
}

fn drip(answer: &mut Vec<u8>) -> Behaviour {
    good(answer);
    Behaviour::Drip
}

fn truncate(answer: &mut Vec<u8>) -> Behaviour {
    good(answer);
    answer.truncate(answer.len() - 5);
    Behaviour::Send
}

/// More than the 16 MiB that are read. On a busy machine a much longer one takes longer than an
/// attempt may.
fn too_large(answer: &mut Vec<u8>) -> Behaviour {
    answer.extend_from_slice(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
    answer.resize(17 * 1024 * 1024, b' ');
    Behaviour::Send
}

/// The behaviour of the fake in process, over a socket: resets, stalls and truncated responses.
#[tokio::test]
async fn reads_survive_resets_stalls_and_truncated_responses() {
    let list = ListNotifications::smn();
    let (client, met) =
        misbehaving(vec![|_| Behaviour::Reset, truncate, |_| Behaviour::Stall, good]).await;
    let found = client.list_notifications(&list).await.unwrap();
    assert_eq!((found.len(), met.load(Ordering::SeqCst)), (1, 4));

    let (client, met) = misbehaving(vec![drip]).await;
    assert_eq!(client.list_notifications(&list).await.unwrap().len(), 1);
    assert_eq!(met.load(Ordering::SeqCst), 1, "one byte at a time is slow, not wrong");

    let (client, met) = misbehaving(vec![too_large, good]).await;
    let error = client.list_notifications(&list).await.unwrap_err();
    assert_eq!(error.transport().unwrap().kind(), TransportErrorKind::TooLarge);
    assert_eq!(met.load(Ordering::SeqCst), 1, "the next would be as large");

    for behaviour in
        [|_: &mut Vec<u8>| Behaviour::Reset, truncate, |_: &mut Vec<u8>| Behaviour::Stall]
    {
        let (client, met) = misbehaving(vec![behaviour, good]).await;
        let error =
            client.create_notification(&CreateNotification::complete("a")).await.unwrap_err();
        assert!(error.may_have_applied(), "{error}");
        assert_eq!(
            met.load(Ordering::SeqCst),
            1,
            "a create that may have arrived is not repeated: {error}"
        );
    }
}

/// The faults of the served fake are those of the fake in process.
#[tokio::test]
async fn faults_of_the_served_fake_equal_those_in_process() {
    let server = FakeCts::new().serve().await.unwrap();
    let quick = RetryPolicy::standard().base_delay(Duration::from_millis(1));
    let client = server
        .client_builder()
        .attempt_timeout(Duration::from_secs(1))
        .retry(quick)
        .build()
        .unwrap();
    let fake = server.fake();
    fake.inject([Fault::DropBefore, Fault::CutOff, Fault::throttle(Duration::from_secs(1))]);
    client.list_notifications(&ListNotifications::smn()).await.unwrap();
    assert_eq!(fake.faults_left(), 0);

    for (i, fault) in [Fault::DropAfter, Fault::CutOff, Fault::StallAfter].into_iter().enumerate() {
        fake.inject([fault]);
        let error = client
            .create_notification(&CreateNotification::complete(format!("n{i}")))
            .await
            .unwrap_err();
        assert_eq!((error.attempts(), error.may_have_applied()), (1, true), "{error}");
        assert_eq!(
            fake.notifications(FakeCts::PROJECT_ID).len(),
            i + 1,
            "it was carried out: {error}"
        );
    }
}
