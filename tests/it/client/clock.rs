//! The correction of a wrong clock: the service's time is tried once, and kept if the service
//! accepts the signature.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;
use huaweicloud_cts::client::CallOptions;
use huaweicloud_cts::credentials::Credentials;
use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::sign::Signer;
use huaweicloud_cts::transport::TransportErrorKind;
use huaweicloud_cts::{CtsClient, Error, RetryPolicy};

use crate::support::answers::Answers;

const GOOD: &str = r#"{"notifications":[]}"#;
const YEAR: Duration = Duration::from_secs(31_557_600);

/// A point in time as the signer writes it: `20240131T235959Z`.
fn written(at: SystemTime) -> String {
    let mut request = http::Request::get("https://h/").body(Bytes::new()).unwrap();
    Signer::new(&Credentials::new("AK", "SK")).sign(&mut request, at).unwrap();
    request.headers()["x-sdk-date"].to_str().unwrap().to_owned()
}

/// The gateway's refusal of a date, with its own time in the message.
fn refusal(server: SystemTime) -> Response<Bytes> {
    let message = format!(
        "signature expired, signature time:20211217T064303Z,server time:{}",
        written(server)
    );
    let body =
        serde_json::json!({"error_msg": message, "error_code": "APIGW.0301", "request_id": "r1"});
    Response::builder().status(401).body(Bytes::from(body.to_string())).unwrap()
}

/// How many years ahead of now the signatures of the requests were, by their order.
fn years_ahead(answers: &Answers) -> Vec<i32> {
    let year = |date: &str| date[..6].parse::<i32>().unwrap();
    let months = |date: &str| (year(date) / 100) * 12 + year(date) % 100;
    let now = months(&written(SystemTime::now()));
    let dates = answers
        .requests()
        .into_iter()
        .map(|request| request.headers()["x-sdk-date"].to_str().unwrap().to_owned());
    // Rounded: now may be the last second of a month.
    dates.map(|date| (months(&date) - now + 6).div_euclid(12)).collect()
}

async fn list(client: &CtsClient) -> Result<(), Error> {
    client.list_notifications(&ListNotifications::smn()).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn a_clock_offset_is_forgotten_unless_the_service_accepts_it() {
    let now = SystemTime::now();
    let html = || Answers::default().answer(502, "<html>Bad gateway</html>");
    let api = |status, code| {
        Answers::default().answer(status, format!(r#"{{"error_code":"{code}","error_msg":"m"}}"#))
    };
    let refused_again = Answers::default().response(refusal(now - YEAR * 5));
    let broken = || Answers::default().failure(TransportErrorKind::Interrupted);
    for (what, second) in [
        ("a proxy's page", html()),
        ("a lost response", broken()),
        ("the gateway is throttling", api(429, "APIGW.0308")),
        ("the gateway does not reach the service", api(503, "APIGW.0201")),
        ("the signature is refused for another reason", api(401, "APIGW.0301")),
        ("the user is kept out", api(403, "APIGW.0302")),
        ("the service could not tell who it is", api(403, "CTS.0002")),
        ("no code", api(401, "")),
        ("another time", refused_again),
    ] {
        let answers =
            Answers::default().response(refusal(now + YEAR * 5)).then(&second).answer(200, GOOD);
        let client = answers.client();
        list(&client).await.unwrap_err();
        list(&client).await.unwrap();
        assert_eq!(years_ahead(&answers), [0, 5, 0], "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_offset_is_kept_once_a_signature_with_it_is_accepted() {
    let ahead = SystemTime::now() + YEAR * 5;
    let missing = r#"{"error_code":"CTS.0403","error_msg":"not found"}"#;
    for (what, status, body) in
        [("success", 200, GOOD), ("an error of CTS, behind the gateway", 404, missing)]
    {
        let answers =
            Answers::default().response(refusal(ahead)).answer(status, body).answer(200, GOOD);
        let client = answers.client();
        assert_eq!(list(&client).await.is_ok(), status == 200, "{what}");
        list(&client.clone()).await.unwrap();
        assert_eq!(years_ahead(&answers), [0, 5, 5], "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_offset_that_one_call_tries_does_not_affect_another() {
    let answers = Answers::default().response(refusal(SystemTime::now() + YEAR * 5));
    let client = answers.client();
    // Its second request gets no response.
    let mut first = Box::pin(list(&client));
    assert!(tokio::time::timeout(Duration::from_secs(1), &mut first).await.is_err());
    assert_eq!(years_ahead(&answers), [0, 5]);

    let answers = answers.answer(200, GOOD);
    list(&client).await.unwrap();
    assert_eq!(years_ahead(&answers), [0, 5, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_corrected_call_keeps_the_corrected_time_for_its_later_attempts() {
    let answers = Answers::default()
        .response(refusal(SystemTime::now() - YEAR * 5))
        .failure(TransportErrorKind::Connect)
        .answer(200, GOOD);
    let options = CallOptions::new().retry(RetryPolicy::standard());
    list(&answers.client().with_options(options)).await.unwrap();
    assert_eq!(years_ahead(&answers), [0, -5, -5]);
}

#[tokio::test(start_paused = true)]
async fn a_service_time_that_is_implausible_is_not_tried() {
    let refused = |date: &str| {
        let body = r#"{"error_code":"APIGW.0301","error_msg":"signature expired"}"#;
        Response::builder().status(401).header("date", date).body(Bytes::from(body)).unwrap()
    };
    let now = SystemTime::now();
    for response in [
        refused("Thu, 30 Dec 9999 21:59:59 GMT"),
        refused("Thu, 01 Jan 1970 00:00:00 GMT"),
        refusal(now + YEAR * 11),
        refusal(now - YEAR * 11),
    ] {
        let answers = Answers::default().response(response).answer(200, GOOD);
        let client = answers.client();
        let error = list(&client).await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), error.attempts()), (401, 1), "{error}");
        assert!(
            error.to_string().contains("and 900 are allowed: set it"),
            "it is reported anyway: {error}"
        );
        list(&client).await.unwrap();
        assert_eq!(years_ahead(&answers), [0, 0]);
    }
}

/// A 401 of another server, such as a proxy, does not move the clock.
#[tokio::test(start_paused = true)]
async fn only_a_refused_signature_corrects_the_clock() {
    let date = "Sun, 21 Nov 2021 10:00:00 GMT";
    let login = Response::builder()
        .status(401)
        .header("date", date)
        .body(Bytes::from("<html>Log in</html>"))
        .unwrap();
    let answers = Answers::default().response(login).answer(200, GOOD);
    let client = answers.client();
    list(&client).await.unwrap_err();
    list(&client).await.unwrap();
    assert_eq!(years_ahead(&answers), [0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_corrected_time_that_does_not_help_is_reported() {
    // The gateway has two machines with two clocks.
    let now = SystemTime::now();
    let answers =
        Answers::default().response(refusal(now - YEAR * 5)).response(refusal(now + YEAR * 5));
    let error = list(&answers.client()).await.unwrap_err();
    assert_eq!(error.attempts(), 2);
    let text = error.to_string();
    assert!(text.contains("behind the service's, and 900 are allowed: set it"), "{text}");
    assert!(text.contains("(signing with the service's time did not help)"), "{text}");
}
