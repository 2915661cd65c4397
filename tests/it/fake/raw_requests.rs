//! The fake responds to raw requests as the service and its gateway do.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::{CreateNotification, ListNotifications};
use huaweicloud_cts::sign::Signer;
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::transport::Transport;
use serde_json::{Value, json};

const ROOT: &str = "http://cts.localhost/v3/24edf66e79d04187acb99a463e610764/notifications";
const TOPIC: &str = "urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:test";

fn request(method: &str, uri: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::builder().method(method).uri(uri).body(body.into()).unwrap()
}

async fn send(fake: &FakeCts, request: Request<Bytes>) -> (u16, Value) {
    let response: Response<Bytes> = fake.send(request).await.unwrap();
    let body = if response.body().is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(response.body()).unwrap()
    };
    (response.status().as_u16(), body)
}

async fn signed(fake: &FakeCts, method: &str, uri: &str, body: impl Into<Bytes>) -> (u16, Value) {
    let mut request = request(method, uri, body);
    Signer::new(&fake.credentials()).sign(&mut request, SystemTime::now()).unwrap();
    send(fake, request).await
}

fn notification(change: Value) -> String {
    let mut notification = json!({
        "notification_name": "n", "operation_type": "customized", "topic_id": TOPIC,
        "operations": [{"service_type": "CTS", "resource_type": "tracker", "trace_names": ["createTracker"]}],
    });
    for (field, value) in change.as_object().unwrap() {
        notification[field] = value.clone();
    }
    notification.to_string()
}

#[tokio::test]
async fn refusals_have_the_documented_status_and_code() {
    let operation = |change: Value| {
        let mut operation = json!({"service_type": "CTS", "resource_type": "tracker", "trace_names": ["createTracker"]});
        operation.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({"operations": [operation]})
    };
    let filter = |rules: Value| json!({"filter": {"condition": "AND", "is_support_filter": true, "rule": rules}});
    let users = |users: usize, groups: usize| {
        let group = json!({"user_group": "g", "user_list": vec!["u"; users]});
        json!({"notify_user_list": vec![group; groups]})
    };
    let create = [
        (notification(json!({})), 201, ""),
        (notification(json!({"operation_type": "complete", "operations": null})), 201, ""),
        (notification(json!({"topic_id": ""})), 201, ""),
        (notification(json!({"topic_id": "urn:fss:r:p:function:default:f"})), 201, ""),
        (notification(json!({"topic_id": "urn:fss:r:p:function:default:f:latest"})), 201, ""),
        (notification(json!({"agency_name": "cts_admin_trust", "notify_user_list": []})), 201, ""),
        (
            notification(filter(json!([
                "code != 200",
                "resource_name = a b",
                "api_version = v1.0"
            ]))),
            201,
            "",
        ),
        (notification(users(10, 5)), 201, ""),
        (String::new(), 400, "CTS.0003"),
        ("[]".to_owned(), 400, "CTS.0003"),
        ("{\"notification_name\":".to_owned(), 400, "CTS.0003"),
        ("{}".to_owned(), 400, "CTS.0003"),
        (notification(json!({"operation_type": "all"})), 400, "CTS.0003"),
        (notification(json!({"operation_type": null})), 400, "CTS.0003"),
        (notification(json!({"notification_name": ""})), 400, "CTS.0411"),
        (notification(json!({"notification_name": "x".repeat(65)})), 400, "CTS.0411"),
        (notification(json!({"operations": null})), 400, "CTS.0401"),
        (notification(json!({"operations": []})), 400, "CTS.0401"),
        (notification(operation(json!({"trace_names": []}))), 400, "CTS.0401"),
        (notification(operation(json!({"service_type": null}))), 400, "CTS.0401"),
        (notification(operation(json!({"resource_type": 1}))), 400, "CTS.0401"),
        (notification(json!({"topic_id": "test"})), 400, "CTS.0402"),
        (notification(json!({"topic_id": 1})), 400, "CTS.0003"),
        (notification(json!({"agency_name": "other"})), 400, "CTS.0003"),
        (notification(json!({"filter": {"condition": "AND", "rule": []}})), 400, "CTS.0003"),
        (
            notification(
                json!({"filter": {"condition": "and", "is_support_filter": true, "rule": []}}),
            ),
            400,
            "CTS.0003",
        ),
        (notification(filter(json!(["code!=200"]))), 400, "CTS.0003"),
        (notification(filter(json!(["code > 200"]))), 400, "CTS.0003"),
        (notification(filter(json!(["trace_rating = bad"]))), 400, "CTS.0003"),
        (notification(filter(json!(["user = me"]))), 400, "CTS.0003"),
        (notification(users(11, 5)), 400, "CTS.0003"),
        (notification(users(1, 11)), 400, "CTS.0003"),
        (notification(json!({"notify_user_list": [{"user_group": "g"}]})), 400, "CTS.0003"),
    ];
    for (body, status, code) in create {
        let answer = signed(&FakeCts::new(), "POST", ROOT, body.clone()).await;
        let answered =
            (answer.0, answer.1.get("error_code").and_then(Value::as_str).unwrap_or_default());
        assert_eq!(answered, (status, code), "{body} -> {answer:?}");
    }
}

#[tokio::test]
async fn the_response_depends_on_the_notifications_that_exist() {
    let fake = FakeCts::new();
    let code = |answer: (u16, Value)| {
        (answer.0, answer.1["error_code"].as_str().unwrap_or_default().to_owned())
    };
    let (status, created) = signed(&fake, "POST", ROOT, notification(json!({}))).await;
    assert_eq!((status, created["status"].as_str()), (201, Some("enabled")));
    let id = created["notification_id"].as_str().unwrap();
    assert_eq!(
        code(signed(&fake, "POST", ROOT, notification(json!({}))).await),
        (400, "CTS.0400".into())
    );

    let update = |change: Value| {
        let mut all = json!({"notification_id": id, "status": "enabled"});
        all.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        notification(all)
    };
    for (change, expected) in [
        (json!({}), (200, "")),
        (json!({"notification_id": "unknown"}), (404, "CTS.0403")),
        (json!({"notification_id": null}), (400, "CTS.0003")),
        (json!({"status": "on"}), (400, "CTS.0205")),
        (json!({"status": null}), (400, "CTS.0205")),
        (json!({"topic_id": null}), (400, "CTS.0404")),
        (json!({"topic_id": "", "status": "enabled"}), (400, "CTS.0404")),
        (json!({"topic_id": "", "status": "disabled"}), (200, "")),
    ] {
        let answer = code(signed(&fake, "PUT", ROOT, update(change.clone())).await);
        assert_eq!(answer, (expected.0, expected.1.to_owned()), "{change}");
    }
    let kept = &fake.notifications(FakeCts::PROJECT_ID)[0];
    assert_eq!(
        (kept.topic(), kept.create_time),
        (None, created["create_time"].as_i64()),
        "what is left out is cleared"
    );

    for i in 1..100 {
        assert_eq!(
            signed(
                &fake,
                "POST",
                ROOT,
                notification(json!({"notification_name": format!("n{i}")}))
            )
            .await
            .0,
            201
        );
    }
    let one_more =
        code(signed(&fake, "POST", ROOT, notification(json!({"notification_name": "n100"}))).await);
    assert_eq!(one_more, (400, "CTS.0407".into()));
    let elsewhere = ROOT.replace("24edf66e", "00000000");
    assert_eq!(
        signed(&fake, "POST", &elsewhere, notification(json!({}))).await.0,
        201,
        "another project has its own"
    );

    assert_eq!(
        code(signed(&fake, "GET", &format!("{ROOT}/mqs"), "").await),
        (400, "CTS.0410".into())
    );
    assert_eq!(code(signed(&fake, "DELETE", ROOT, "").await), (400, "CTS.0003".into()));
    let some = format!("{ROOT}?notification_id=unknown,{id}");
    assert_eq!(code(signed(&fake, "DELETE", &some, "").await), (404, "CTS.0403".into()));
    assert_eq!(fake.notifications(FakeCts::PROJECT_ID).len(), 99, "the one that exists is deleted");
    let last = fake.notifications(FakeCts::PROJECT_ID)[0].notification_id.clone();
    assert_eq!(
        signed(&fake, "DELETE", &format!("{ROOT}?notification_id={last}"), "").await,
        (204, Value::Null)
    );
}

#[tokio::test]
async fn the_gateway_refuses_before_the_service_does() {
    let fake = FakeCts::new();
    for (method, uri) in [
        ("GET", "http://cts.localhost/"),
        ("GET", ROOT),
        ("POST", &format!("{ROOT}/")),
        ("PATCH", ROOT),
        ("GET", &format!("{ROOT}/smn/")),
        ("GET", "http://cts.localhost/v3//notifications/smn"),
    ] {
        let (status, body) = signed(&fake, method, uri, "").await;
        assert_eq!((status, &body["error_code"]), (404, &json!("APIGW.0101")), "{method} {uri}");
        assert!(body["request_id"].is_string());
    }

    let list = format!("{ROOT}/smn");
    let refused = |keys: Credentials, at: SystemTime, change: fn(&mut Request<Bytes>)| {
        let mut request = request("GET", &list, "");
        Signer::new(&keys).sign(&mut request, at).unwrap();
        change(&mut request);
        let fake = fake.clone();
        async move {
            let (status, body) = send(&fake, request).await;
            assert_eq!((status, &body["error_code"]), (401, &json!("APIGW.0301")));
            body["error_msg"].as_str().unwrap().to_owned()
        }
    };
    let (keys, now) = (fake.credentials(), SystemTime::now());
    let minutes = |n: u64| Duration::from_secs(60 * n);

    let wrong_secret = refused(Credentials::new(keys.access_key(), "wrong"), now, |_| {}).await;
    assert!(wrong_secret.contains("verify aksk signature fail"), "{wrong_secret}");
    assert!(
        wrong_secret.contains("GET|/v3/24edf66e79d04187acb99a463e610764/notifications/smn/||host:"),
        "{wrong_secret}"
    );
    let unknown = refused(Credentials::new("UNKNOWNKEY0000000001", "x"), now, |_| {}).await;
    assert!(
        unknown.contains("ak not exist") && !unknown.contains("UNKNOWNKEY0000000001"),
        "{unknown}"
    );
    for at in [now - minutes(16), now + minutes(16)] {
        let expired = refused(keys.clone(), at, |_| {}).await;
        assert!(expired.contains("signature expired, signature time:"), "{expired}");
    }
    let changed = refused(keys.clone(), now, |request| {
        request.headers_mut().insert("host", HeaderValue::from_static("other"));
    });
    assert!(changed.await.contains("host:other|"));
    let unsigned = refused(keys, now, |request| {
        request.headers_mut().remove("authorization");
    });
    assert!(unsigned.await.contains("x-auth-token not found"));
    assert!(fake.requests().iter().all(|call| call.status.is_client_error()));
}

#[tokio::test]
async fn temporary_credentials_need_their_token() {
    let fake = FakeCts::new();
    let temporary = Credentials::new("TEMPORARYKEY00000001", "s").security_token("sentinel-token");
    fake.accept(&temporary);
    let list = ListNotifications::smn();
    fake.client_builder()
        .credentials(temporary)
        .build()
        .unwrap()
        .list_notifications(&list)
        .await
        .unwrap();
    let without = Credentials::new("TEMPORARYKEY00000001", "s");
    let error = fake
        .client_builder()
        .credentials(without)
        .build()
        .unwrap()
        .list_notifications(&list)
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 401);
}

/// Other SDKs send spaced JSON with escapes, a content type on GET, and sign every header.
#[tokio::test]
async fn requests_of_the_official_sdks_are_accepted() {
    let fake = FakeCts::new();
    let body =
        r#"{"notification_name": "\u5173\u952e", "operation_type": "complete", "future_field": 1}"#;
    let mut create = request("POST", ROOT, body);
    let mut list = request("GET", &format!("{ROOT}/smn?notification_name=%e5%85%b3%E9%94%AE"), "");
    for (request, content_type) in
        [(&mut create, "application/json;charset=utf-8"), (&mut list, "application/json")]
    {
        let headers = request.headers_mut();
        headers.insert("content-type", content_type.parse().unwrap());
        headers.insert("user-agent", "huaweicloud-usdk-python/3.0; os/Linux".parse().unwrap());
        headers.insert("x-project-id", FakeCts::PROJECT_ID.parse().unwrap());
        Signer::new(&fake.credentials()).sign(request, SystemTime::now()).unwrap();
    }
    assert_eq!(send(&fake, create).await.0, 201);
    let (status, found) = send(&fake, list).await;
    assert_eq!((status, &found["notifications"][0]["notification_name"]), (200, &json!("关键")));
}

#[tokio::test]
async fn one_fake_serves_many_projects_and_clients() {
    let fake = FakeCts::new();
    let other = fake.client_builder().project_id("other").build().unwrap();
    let request = CreateNotification::complete("same_name");
    fake.client().create_notification(&request).await.unwrap();
    other.create_notification(&request).await.unwrap();
    assert_eq!(fake.notifications("other").len(), 1);
    assert_eq!(fake.requests().len(), 2);
    assert_eq!(
        format!("{:?}", fake.requests()[1]),
        "CreateNotification POST /v3/other/notifications -> 201"
    );
}
