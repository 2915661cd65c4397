//! What a stream of traces could not see.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::time::from_epoch_millis;

/// A time whose traces could not be listed, or not all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TraceGap {
    /// Its begin.
    pub from: SystemTime,
    /// Its end.
    pub to: SystemTime,
    /// The reason.
    pub reason: TraceGapReason,
}

/// The reason of a [`TraceGap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TraceGapReason {
    /// The service does not keep traces so long. The files that a tracker transfers to OBS have them: see
    /// [`TraceFile`](super::TraceFile).
    Expired,
    /// A page was full of traces of one millisecond, and the service lists no others of it. There may be more. A narrower
    /// query finds them.
    Crowded,
}

impl TraceGap {
    /// `None` if the platform cannot hold the times.
    pub(super) fn new(from: i64, to: i64, reason: TraceGapReason) -> Option<Self> {
        Some(Self { from: from_epoch_millis(from)?, to: from_epoch_millis(to)?, reason })
    }
}
