//! The same over real sockets: reqwest, the served fake, wiremock, and servers that misbehave.

use std::time::{Duration, SystemTime};

use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{CreateNotification, DeleteNotifications, ListNotifications};
use huaweicloud_cts::testing::{FakeCts, verify_signature};
use huaweicloud_cts::transport::TransportErrorKind;
use huaweicloud_cts::{ClientBuilder, CtsClient, Error, ErrorCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

#[tokio::test]
async fn the_calls_work_over_a_socket() {
    let server = FakeCts::new().serve().await.unwrap();
    let client = server.client_builder().build().unwrap();
    let created = client.create_notification(&CreateNotification::complete("关键 操作")).await.unwrap();
    assert_eq!(client.find_notification("关键 操作").await.unwrap(), Some(created.clone()));
    let duplicate = client.create_notification(&CreateNotification::complete("关键 操作")).await.unwrap_err();
    assert_eq!(duplicate.code(), Some(&ErrorCode::NotificationNameExists));
    assert!(duplicate.request_id().is_some());
    let silent = client.set_status(&created.notification_id, "disabled").await.unwrap();
    assert!(!silent.is_enabled());
    let ids = DeleteNotifications::new([created.notification_id]);
    assert!(client.delete_notifications(&ids).await.unwrap().is_complete());
    assert!(server.fake().calls().iter().all(|call| call.headers.contains_key("authorization")));
    server.shutdown().await;
    let refused = client.list_notifications(&ListNotifications::smn()).await.unwrap_err();
    assert!(refused.is_retryable());
}

/// A mock that answers only requests that are signed rightly.
#[tokio::test]
async fn the_verifier_is_a_wiremock_matcher() {
    let credentials = Credentials::new("TESTACCESSKEY0000001", "secret");
    let accepted = [credentials.clone()];
    let signed = move |request: &Request| {
        let mut copy = http::Request::new(&request.body);
        *copy.method_mut() = request.method.clone();
        *copy.uri_mut() = request.url.as_str().parse().unwrap();
        *copy.headers_mut() = request.headers.clone();
        verify_signature(&copy, &accepted, SystemTime::now()).is_ok()
    };
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v3/p1/notifications"))
        .and(signed)
        .respond_with(ResponseTemplate::new(201).set_body_string(r#"{"notification_id":"id1"}"#))
        .expect(1)
        .mount(&server)
        .await;
    let client = |keys| CtsClient::builder().endpoint(server.uri()).project_id("p1").credentials(keys).build().unwrap();
    let request = CreateNotification::complete("everything");
    let created = client(credentials).create_notification(&request).await.unwrap();
    assert_eq!(created.notification_id, "id1");
    let wrong = client(Credentials::new("TESTACCESSKEY0000001", "wrong")).create_notification(&request).await;
    assert_eq!(wrong.unwrap_err().status().unwrap().as_u16(), 404, "no mock takes it");
}

/// A server that reads one request and answers it with these bytes.
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
    builder.build().unwrap().create_notification(&CreateNotification::complete("a")).await.unwrap_err()
}

#[tokio::test]
async fn broken_answers_are_told_apart() {
    let closed = failure("").await;
    assert_eq!(closed.transport().unwrap().kind(), TransportErrorKind::Interrupted, "{closed}");
    assert!(closed.may_have_applied());

    let cut_off = failure("HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"notification_id\":").await;
    assert_eq!(cut_off.transport().unwrap().kind(), TransportErrorKind::Interrupted, "{cut_off}");

    let no_http = failure("SSH-2.0-OpenSSH_9.2\r\n").await;
    assert_eq!(no_http.transport().unwrap().kind(), TransportErrorKind::Interrupted, "{no_http}");

    let redirect = failure("HTTP/1.1 307 Temporary Redirect\r\nlocation: https://elsewhere.example.com/x?secret=1\r\ncontent-length: 0\r\n\r\n").await;
    let text = redirect.to_string();
    assert!(
        text.contains("https://elsewhere.example.com/x, which is not followed") && !text.contains("secret"),
        "{text}"
    );
    for error in [closed, cut_off, no_http] {
        assert!(!error.to_string().contains("127.0.0.1"), "the URL is left out: {error}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 100 * 1024 * 1024);
    let mut answer = head.into_bytes();
    answer.resize(20 * 1024 * 1024, b' ');
    let error = failure(answer).await;
    assert_eq!(
        error.to_string(),
        "CreateNotification: the answer is too large: more than 16 MiB; it may have been carried out all the same"
    );
}

#[tokio::test]
async fn nobody_there_and_nobody_answering() {
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
