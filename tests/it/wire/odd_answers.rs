//! No response makes a call panic, and messages about it stay short and on one line.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use huaweicloud_cts::notification::{
    CreateNotification, DeleteNotifications, ListNotifications, Notification,
};
use huaweicloud_cts::{ApiError, Error};
use proptest::prelude::*;

use crate::support::answers::Answers;

fn json_like() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "true",
        "0",
        "-1e999",
        "1e400",
        "\"\"",
        "\"a\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"error_code\"",
        "\"error_msg\"",
        "\"code\"",
        "\"message\"",
        "\"error\"",
        "\"details\"",
        "\"request_id\"",
        "\"notifications\"",
        "\"notification_id\"",
        "\"operations\"",
        "\"filter\"",
        "\"create_time\"",
        "\u{7f}",
        "<html>",
        "<title>",
        "</title>",
        "\u{200b}",
        "中",
    ]);
    prop_oneof![
        prop::collection::vec(word, 0..40).prop_map(|words| words.concat().into_bytes()),
        prop::collection::vec(any::<u8>(), 0..200),
        // As deep as the parser goes.
        (1..2_000_usize).prop_map(|depth| ["{\"error\":", "["]
            .map(|open| open.repeat(depth))
            .concat()
            .into_bytes()),
    ]
}

fn header() -> impl Strategy<Value = (HeaderName, HeaderValue)> {
    let name = prop::sample::select(vec![
        "date",
        "retry-after",
        "x-request-id",
        "x-iam-trace-id",
        "location",
        "content-type",
    ]);
    let value = prop_oneof![
        "[ -~]{0,40}",
        "[0-9]{1,30}",
        "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT"
    ];
    (name, value).prop_map(|(name, value)| {
        (HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap())
    })
}

fn answer() -> impl Strategy<Value = Response<Bytes>> {
    (100..1_000_u16, prop::collection::vec(header(), 0..4), json_like()).prop_map(
        |(status, headers, body)| {
            let mut response = Response::builder().status(status).body(Bytes::from(body)).unwrap();
            response.headers_mut().extend(headers);
            response
        },
    )
}

fn is_presentable(text: &str) -> Result<(), TestCaseError> {
    prop_assert!(text.chars().count() < 8_000, "{} characters", text.chars().count());
    prop_assert!(!text.chars().any(char::is_control), "{text:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_response_becomes_a_value_or_a_presentable_error(answer in answer()) {
        let api = ApiError::from_response(&answer);
        is_presentable(&api.to_string())?;
        let _ = format!("{api:?}");

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let errors: Vec<Error> = runtime.block_on(async {
            let client = |answer: &Response<Bytes>| Answers::default().response(answer.clone()).client();
            let id = DeleteNotifications::new(["a"]);
            [
                client(&answer).list_notifications(&ListNotifications::smn()).await.err(),
                client(&answer).create_notification(&CreateNotification::complete("a")).await.err(),
                client(&answer).delete_notifications(&id).await.err(),
            ]
        }).into_iter().flatten().collect();
        for error in errors {
            is_presentable(&error.to_string())?;
            let _ = (format!("{error:?}"), error.is_retryable(), error.may_have_applied(), error.is_not_found());
        }
    }

    /// Whatever one field of a documented response becomes, the other fields are read.
    #[test]
    fn one_odd_field_costs_no_other_field(member in any::<prop::sample::Index>(), odd in json_like()) {
        let Ok(odd) = serde_json::from_slice::<serde_json::Value>(&odd) else { return Ok(()) };
        let whole: serde_json::Value = serde_json::from_str(include_str!("../fixtures/list-response.json")).unwrap();
        let mut changed = whole.clone();
        let first = changed["notifications"][0].as_object_mut().unwrap();
        let name = first.keys().nth(member.index(first.len())).unwrap().clone();
        first.insert(name.clone(), odd.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let answers = Answers::default().answer(200, changed.to_string());
        let read = runtime.block_on(async { answers.client().list_notifications(&ListNotifications::smn()).await });
        let read = read.unwrap();
        prop_assert_eq!(read.len(), 2);
        let good: Notification = serde_json::from_value(whole["notifications"][0].clone()).unwrap();
        if name != "create_time" {
            prop_assert_eq!(read[0].create_time, good.create_time);
        }
        if name != "status" {
            prop_assert_eq!(&read[0].status, &good.status);
        }
        let given = serde_json::to_value(&read[0]).unwrap();
        if !odd.is_null() && !odd.is_array() && !odd.is_object() {
            prop_assert_eq!(&given[&name], &odd, "what could not be read is kept");
        }
    }
}
