//! An event as a type of the caller's choice.

use std::any::Any;
use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::error::{EventError, EventErrorKind};
use super::read::value;
use super::{
    ApigEvent, AsyncNotification, CloudEvent, CtsEvent, DdsEvent, DisEvent, DmsEvent, IotdaEvent,
    LtsEvent, ObsEvent, SmnEvent, SmnMessage, TimerEvent, TriggerEvent,
};
use crate::wire::unpacked_slice;

const NAME: &str = "event";

/// Reads an event as any type: its JSON, or what is almost JSON and can be repaired.
pub(crate) fn payload<T: DeserializeOwned + 'static>(input: &[u8]) -> Result<T, EventError> {
    own(input).unwrap_or_else(|| other(input))
}

/// Declares `own`, with the types that have a `from_slice`: it insists on more than `Deserialize`,
/// and says where an error is.
macro_rules! own {
    ($($event:ty),+) => {
        fn own<T: 'static>(input: &[u8]) -> Option<Result<T, EventError>> {
            let mut found: Option<Result<T, EventError>> = None;
            let slot: &mut dyn Any = &mut found;
            $(if let Some(slot) = slot.downcast_mut() {
                *slot = Some(<$event>::from_slice(input));
            })+
            found
        }
    };
}

own![
    ApigEvent,
    AsyncNotification,
    CloudEvent,
    CtsEvent,
    DdsEvent,
    DisEvent,
    DmsEvent,
    IotdaEvent,
    LtsEvent,
    ObsEvent,
    SmnEvent,
    SmnMessage,
    TimerEvent,
    TriggerEvent
];

fn other<T: DeserializeOwned>(input: &[u8]) -> Result<T, EventError> {
    let input = &*unpacked_slice(input).unwrap_or(Cow::Borrowed(input));
    serde_json::from_slice(input).or_else(|error| {
        // If it is no JSON at all, this says so. Otherwise the type may take the repaired JSON.
        let repaired = value(NAME, input)?;
        serde_json::from_value(repaired).map_err(|_| {
            let told = error.to_string();
            let reason = told.rsplit_once(" at line ").map_or(told.as_str(), |(reason, _)| reason);
            EventError::new(EventErrorKind::NotSuchAnEvent, NAME, None, without_values(reason))
                .at((error.line() > 0).then(|| (error.line(), error.column())))
        })
    })
}

/// Returns a reason of serde's without the value that it is about.
fn without_values(reason: &str) -> Cow<'_, str> {
    for told in ["invalid type: ", "invalid value: ", "unknown variant "] {
        if let Some((value, expected)) =
            reason.strip_prefix(told).and_then(|rest| rest.rsplit_once(", expected "))
        {
            let kind = value.split(['`', '"']).next().unwrap_or_default().trim_end();
            return Cow::Owned(format!(
                "{}{kind}, expected {expected}",
                if kind.is_empty() { told.trim_end() } else { told }
            ));
        }
    }
    Cow::Borrowed(reason)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Order {
        id: u32,
        state: Option<State>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum State {
        Paid,
    }

    fn told<T: DeserializeOwned + std::fmt::Debug + 'static>(input: &str) -> String {
        payload::<T>(input.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn any_type_is_read_also_from_what_is_almost_json() {
        let order = Order { id: 1, state: Some(State::Paid) };
        assert_eq!(payload::<Order>(br#"{"id": 1, "state": "paid"}"#).unwrap(), order);
        assert_eq!(
            payload::<Order>(b"\xef\xbb\xbf{\"id\": 1, \"state\": \"paid\"}").unwrap(),
            order
        );
        assert_eq!(payload::<Value>(b" [1] ").unwrap(), json!([1]));
        let broken = b"{\"id\": 1, \"note\": \"a\nb\"}";
        assert_eq!(payload::<Order>(broken).unwrap(), Order { id: 1, state: None });
    }

    /// The match has no wildcard, so a new source does not compile until it is here.
    #[test]
    fn the_events_of_all_sources_are_read_by_their_own_functions() {
        fn is_own<T: 'static>(_: &T) -> bool {
            own::<T>(b"").is_some()
        }

        for (input, expected) in [
            (r#"{"cts": {}}"#, "Cts"),
            (r#"{"httpMethod": "GET"}"#, "Apig"),
            (r#"{"Records": []}"#, "Obs"),
            (r#"{"specversion": "1.0"}"#, "EventGrid"),
            (r#"{"trigger_type": "TIMER"}"#, "Timer"),
            (r#"{"lts": {}}"#, "Lts"),
            (r#"{"trigger_type": "KAFKA", "records": []}"#, "Kafka"),
            (r#"{"record": []}"#, "Smn"),
            (r#"{"records": [{"event_source": "dds"}]}"#, "Dds"),
            (r#"{"Message": {}, "StreamName": "s"}"#, "Dis"),
            (r#"{"notify_data": {}}"#, "Iotda"),
            (r#"{"request_context": {}, "response_context": {}}"#, "AsyncNotification"),
        ] {
            let event: TriggerEvent = payload(input.as_bytes()).unwrap();
            let is_own = match &event {
                TriggerEvent::Cts(event) => is_own(&**event),
                TriggerEvent::Apig(event) => is_own(&**event),
                TriggerEvent::Obs(event) => is_own(event),
                TriggerEvent::EventGrid(event) => is_own(&**event),
                TriggerEvent::Timer(event) => is_own(&**event),
                TriggerEvent::Lts(event) => is_own(event),
                TriggerEvent::Kafka(event)
                | TriggerEvent::RocketMq(event)
                | TriggerEvent::RabbitMq(event) => is_own(&**event),
                TriggerEvent::Smn(event) => is_own(event),
                TriggerEvent::Dds(event) => is_own(event),
                TriggerEvent::Dis(event) => is_own(&**event),
                TriggerEvent::Iotda(event) => is_own(&**event),
                TriggerEvent::AsyncNotification(event) => is_own(&**event),
                TriggerEvent::Unknown(_) => false,
            };
            let shown = format!("{event:?}");
            assert!(is_own && shown.starts_with(expected), "{expected}: {shown}");
        }
    }

    #[test]
    fn an_error_says_what_was_expected_and_where_but_no_value() {
        assert_eq!(
            told::<Order>("<html>"),
            "event: it is not JSON: expected value, found '<' (line 1 column 1)"
        );
        assert_eq!(told::<Order>("{}"), "event: missing field `id` (line 1 column 2)");
        assert_eq!(
            told::<Order>(r#"{"id": "sesame, expected \"x\""}"#),
            "event: invalid type: string, expected u32 (line 1 column 31)"
        );
        assert_eq!(
            told::<Order>(r#"{"id": 1, "state": "sesame"}"#),
            "event: unknown variant, expected `paid` (line 1 column 27)"
        );
        assert_eq!(
            told::<Order>(r#"{"id": -7}"#),
            "event: invalid value: integer, expected u32 (line 1 column 9)"
        );
        assert_eq!(
            told::<CtsEvent>(r#"{"cts": 1}"#),
            "CTS event: cts should be an object, but is a number (line 1 column 9)"
        );
    }
}
