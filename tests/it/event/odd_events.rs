//! Events that are truncated, changed or deeply nested.

use huaweicloud_cts::event::{
    ApigEvent, CloudEvent, CtsEvent, DdsEvent, DisEvent, DmsEvent, EventErrorKind, LtsEvent,
    ObsEvent, SmnEvent, TimerEvent, TriggerEvent,
};
use proptest::prelude::*;
use serde_json::Value;

use super::sources::SAMPLES;
use crate::support::fixtures::{any_json, fixture, fixture_bytes};

/// What no `serde_json::Value` can hold is kept as its text, and costs no other field.
#[test]
fn values_that_serde_json_cannot_hold_are_kept_as_their_text() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    for odd in [deep.as_str(), &objects, "1e999", "-1E+400", "\"\\ud800\""] {
        let input = format!(
            r#"{{"cts":{{"request":{odd},"time":{odd},"user":{odd},"new":{odd},"trace_name":"login"}}}}"#
        );
        let event = CtsEvent::from_slice(input.as_bytes()).unwrap();
        assert_eq!(event.cts.trace_name.as_deref(), Some("login"));
        assert!(event.cts.request.raw().as_deref() == Some(odd), "too long to print");
        assert!(event.cts.request.json().is_none() && event.cts.time().is_none());
        let _ = (event.cts.user.name(), event.cts.user.details());
        assert!(CtsEvent::from_slice(&serde_json::to_vec(&event).unwrap()).unwrap() == event);
        assert!(matches!(TriggerEvent::from_slice(input.as_bytes()), Ok(TriggerEvent::Cts(_))));
    }
    let input =
        format!(r#"{{"Records":[{{"s3":{{"object":{{"size":1e999,"key":"k"}}}},"new":{deep}}}]}}"#);
    let event = ObsEvent::from_slice(input.as_bytes()).unwrap();
    assert_eq!(event.records[0].object_key().as_deref(), Some("k"));
    // Numbers that a Value can hold, though not exactly.
    let input = br#"{"cts":{"time":1481066128032123456,"code":123456789012345678901234567890,"total_time":1.5}}"#;
    let event = CtsEvent::from_slice(input).unwrap();
    assert!(event.cts.time().is_some());
    assert_eq!(event.cts.code(), None);
    assert_eq!(
        serde_json::to_value(&event).unwrap(),
        serde_json::from_slice::<Value>(input).unwrap()
    );
}

/// Ten times the input takes ten times the memory, whatever the input. With a quadratic cost, the
/// test would not end.
#[test]
fn memory_grows_no_faster_than_the_event() {
    let texts: [fn(usize) -> String; 8] = [
        |n| "[".repeat(n),
        |n| format!("{{\"cts\":{}", "{\"a\":".repeat(n / 5)),
        |n| format!("{{\"cts\":{{\"request\":{}{}}}}}", "[".repeat(n / 2), "]".repeat(n / 2)),
        |n| format!("{{\"cts\":{{{}\"trace_id\":1}}}}", "\"time\":1e999,".repeat(n / 13)),
        |n| format!("{{\"cts\":{{\"time\":\"{}\"}}}}", "9".repeat(n)),
        |n| format!("{{\"cts\":{{\"code\":{}}}}}", "9".repeat(n)),
        |n| format!("{{\"Records\":[{}{{}}]}}", "{\"a\":1e999},".repeat(n / 12)),
        |n| format!("{{\"cts\":1}}{}", "\n".repeat(n)),
    ];
    for (index, text) in texts.iter().enumerate() {
        let allocated = |n: usize| {
            let text = text(n);
            let counted = allocation_counter::measure(|| {
                let read = TriggerEvent::from_slice(text.as_bytes()).map(|event| match event {
                    TriggerEvent::Cts(event) => event.cts.time(),
                    _ => None,
                });
                drop(read);
            });
            counted.bytes_total
        };
        let (small, large) = (allocated(100_000), allocated(1_000_000));
        // Vectors that double allocate up to twice as much at one size as at another.
        assert!(large <= small * 25 + 50_000, "{index}: {small} bytes, then {large}");
    }
}

fn read_all(input: &[u8]) {
    if let Err(error) = CtsEvent::from_slice(input) {
        assert!(!error.to_string().is_empty());
    }
    if let Ok(event) = TriggerEvent::from_slice(input) {
        assert!(serde_json::to_value(&event).is_ok());
        match event {
            TriggerEvent::Cts(event) => {
                let _ = (event.cts.time(), event.cts.request.json(), event.cts.user.principal());
            }
            TriggerEvent::Lts(event) => drop(event.decode()),
            TriggerEvent::Apig(event) => drop(event.decoded_body()),
            TriggerEvent::Obs(event) => {
                event.records.iter().for_each(|record| drop(record.object_key()));
            }
            TriggerEvent::Dis(event) => {
                event.records().iter().for_each(|record| drop(record.decoded_data()));
            }
            TriggerEvent::AsyncNotification(event) => drop(event.request_event()),
            _ => {}
        }
    }
    drop((ApigEvent::from_slice(input), ObsEvent::from_slice(input), LtsEvent::from_slice(input)));
    drop((TimerEvent::from_slice(input), DmsEvent::from_slice(input), DisEvent::from_slice(input)));
    drop((SmnEvent::from_slice(input), DdsEvent::from_slice(input), CloudEvent::from_slice(input)));
}

#[test]
fn truncated_events_are_refused() {
    for (name, _) in SAMPLES {
        let bytes = fixture_bytes(name);
        let end = bytes.trim_ascii_end().len();
        for length in (0..end).step_by(7) {
            let error = TriggerEvent::from_slice(&bytes[..length]).unwrap_err();
            assert_eq!(error.kind(), EventErrorKind::NotJson, "{name} {length}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_reading_an_event_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn no_changed_byte_of_a_sample_makes_reading_panic(index in 0..SAMPLES.len(), place in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = fixture_bytes(SAMPLES[index].0);
        let place = place.index(bytes.len());
        bytes[place] = byte;
        read_all(&bytes);
    }

    #[test]
    fn samples_with_a_changed_field_are_written_back(index in 0..SAMPLES.len(), member in any::<prop::sample::Index>(), odd in any_json()) {
        let mut value = fixture(SAMPLES[index].0);
        let mut place = &mut value;
        // The innermost object on the way to a field.
        for name in ["cts", "Records", "record", "records", "Message", "smn", "s3", "dds", "data", "user", "object"] {
            if place.get(name).is_some_and(|inner| inner.is_object() || inner.is_array()) {
                place = place.get_mut(name).unwrap();
                if place.is_array() {
                    place = &mut place[0];
                }
            }
        }
        if let Some(members) = place.as_object_mut() {
            let name = members.keys().nth(member.index(members.len())).unwrap().clone();
            members.insert(name, odd);
        }
        if let Ok(event) = TriggerEvent::from_slice(value.to_string().as_bytes()) {
            prop_assert_eq!(serde_json::to_value(&event).unwrap(), value);
        }
    }
}
