//! Allocations, which are exact, so that the cost of a trace can't grow unnoticed. The benchmark
//! `cost` has the time.

use huaweicloud_cts::backtest::Backtest;
use huaweicloud_cts::notification::{CreateNotification, Notification, Operation};
use huaweicloud_cts::trace::Trace;
use serde_json::json;

use super::{MONDAY, trace};

fn traces(name: &str) -> Vec<Trace> {
    (0..1000)
        .map(|number| trace(json!({"trace_name": name, "record_time": MONDAY - number})))
        .collect()
}

/// Allocations while traces are added of which the backtest has seen the like.
fn allocations(notifications: &[Notification], traces: &[Trace]) -> u64 {
    let mut backtest = Backtest::from(notifications);
    backtest.add(&traces[0]);
    allocation_counter::measure(|| backtest.extend(&traces[1..])).count_total
}

fn read(request: &CreateNotification) -> Notification {
    serde_json::from_value(serde_json::to_value(request).unwrap()).unwrap()
}

#[test]
fn traces_of_other_operations_allocate_nothing_however_many_operations_are_listed() {
    let operations = (0..1000).map(|number| Operation::new("IAM", "user", [format!("op{number}")]));
    let notifications = vec![read(&CreateNotification::customized("many", operations)); 100];
    assert_eq!(allocations(&notifications, &traces("login")), 0);
}

#[test]
fn an_example_is_built_once_for_all_notifications() {
    let everything = vec![read(&CreateNotification::complete("everything")); 100];
    // Each trace is earlier than the one before it: three names of the operation, user and
    // resource, and the example itself.
    assert_eq!(allocations(&everything, &traces("login")), 999 * 6);
    let mut oldest_first = traces("login");
    oldest_first.reverse();
    assert_eq!(allocations(&everything, &oldest_first), 999 * 6);
}

#[test]
fn memory_does_not_grow_with_the_number_of_traces() {
    let everything = [read(&CreateNotification::complete("everything"))];
    let peak = |traces: &[Trace]| {
        allocation_counter::measure(|| Backtest::from(&everything[..]).extend(traces)).bytes_max
    };
    let traces = traces("login");
    assert_eq!(peak(&traces), peak(&traces[..10]));
}
