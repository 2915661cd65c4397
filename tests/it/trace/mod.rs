//! Traces: reading them, listing them, following them.

mod fields;
mod following;
mod listing;
mod odd_pages;
mod positions;
mod reading;
mod streaming;
mod without_ids;

use std::time::{Duration, SystemTime};

use huaweicloud_cts::trace::Trace;
use serde_json::json;

/// Returns the time that was this number of milliseconds ago.
fn at(millis_ago: u64) -> SystemTime {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now).unwrap() - millis_ago)
}

/// A trace that was recorded at a time.
fn recorded(id: &str, at: SystemTime) -> Trace {
    let millis =
        u64::try_from(at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis()).unwrap();
    serde_json::from_value(json!({"trace_id": id, "time": millis, "record_time": millis})).unwrap()
}
