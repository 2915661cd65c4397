//! What a stream of traces could not see.

use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::time::{from_epoch_millis, rfc3339};

/// A time whose traces could not be listed, or not all of them.
///
/// `Display` says which and why:
/// `the traces from 2026-11-18T10:00:00Z to 2026-11-18T10:01:00Z are gone: …`.
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
    /// The service does not keep traces so long. The files that a tracker transfers to OBS have
    /// them: see [`TraceFile`](super::TraceFile).
    Expired,
    /// A page was full of traces of one millisecond, and the service skips others of it, which a
    /// smaller page showed. Whether there are more can't be known then. A narrower query finds
    /// them.
    Crowded,
}

impl TraceGap {
    /// `None` if the platform cannot hold the times.
    pub(super) fn new(from: i64, to: i64, reason: TraceGapReason) -> Option<Self> {
        Some(Self { from: from_epoch_millis(from)?, to: from_epoch_millis(to)?, reason })
    }
}

impl fmt::Display for TraceGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at, digits| rfc3339(at, digits).unwrap_or_else(|| "an unknown time".to_owned());
        match self.reason {
            TraceGapReason::Expired => {
                let (from, to) = (time(self.from, 0), time(self.to, 0));
                write!(
                    f,
                    "the traces from {from} to {to} are gone: the service keeps them for seven days"
                )
            }
            TraceGapReason::Crowded => {
                write!(
                    f,
                    "there may be more traces of {} than the service lists",
                    time(self.from, 3)
                )
            }
        }
    }
}
