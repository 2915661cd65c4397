//! From the notification to the function: a client creates it, an operation is recorded, the
//! function is called.

use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterField, FilterRule, Operation,
};
use huaweicloud_cts::testing::{FakeCts, FakeInvocation};
use huaweicloud_cts::trace::Trace;

use super::function;
use crate::support::fixtures::fixture;

const FUNCTION: &str = "urn:fss:eu-de:24edf66e79d04187acb99a463e610764:function:default:audit";

fn live() -> Trace {
    serde_json::from_value(fixture("cts-event-otc-live-create-function")["cts"].clone()).unwrap()
}

/// Over real sockets: the calls of the client, and the requests and responses of the function.
#[tokio::test]
async fn an_operation_reaches_the_function() {
    let server = FakeCts::new().serve().await.unwrap();
    let client = server.client_builder().build().unwrap();
    let functions =
        [Operation::new("FunctionGraph", "Functions", ["createFunction", "deleteFunction"])];
    let rule = |name: &str| CreateNotification::customized(name, functions.clone()).topic(FUNCTION);
    let by_console = Filter::all([FilterRule::equals(FilterField::TraceType, "ConsoleAction")]);
    let failures = Filter::all([FilterRule::not_equals(FilterField::TraceRating, "normal")]);
    let rules = [
        rule("everybody"),
        rule("user_and_filter").notify_users("admin", ["USERNAME"]).filter(by_console),
        rule("other_user").notify_users("admin", ["alice"]),
        rule("other_filter").filter(failures),
        CreateNotification::customized(
            "other_operation",
            [Operation::new("IAM", "user", ["login"])],
        )
        .topic(FUNCTION),
        CreateNotification::complete("to_a_topic")
            .topic("urn:smn:eu-de:24edf66e79d04187acb99a463e610764:audit"),
        CreateNotification::complete("without_a_topic"),
    ];
    for rule in &rules {
        client.create_notification(rule).await.unwrap();
    }

    let calls = server.fake().record(FakeCts::PROJECT_ID, &live());
    let names: Vec<_> =
        calls.iter().map(|call| call.notification.notification_name.as_str()).collect();
    assert_eq!(names, ["everybody", "user_and_filter"]);
    assert!(calls.iter().all(|call| call.notification.topic().unwrap().as_str() == FUNCTION));
    assert_eq!(server.fake().record("another project", &live()), []);

    let events: Vec<_> =
        calls.iter().map(|call| serde_json::to_value(&call.event).unwrap()).collect();
    assert_eq!(
        events[0],
        fixture("cts-event-otc-live-create-function"),
        "the event is as the live one"
    );
    let responses = function::run(calls.iter().map(|call| FakeInvocation::from(&call.event))).await;
    // Two notifications called one function, and it is the same trace.
    assert_eq!(responses[0]["who"], "USERNAME");
    assert_eq!(responses[0], responses[1]);
    assert_eq!(calls[0].event.idempotency_key(), calls[1].event.idempotency_key());

    let id = &calls[0].notification.notification_id;
    client.set_status(id, "disabled").await.unwrap();
    assert_eq!(
        server.fake().record(FakeCts::PROJECT_ID, &live()).len(),
        1,
        "a rule that is disabled is silent"
    );
}
