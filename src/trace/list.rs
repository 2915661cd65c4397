//! Traces as the API lists them.

use super::Trace;
use crate::wire::loose::{IntValue, List, loose_struct};

loose_struct! {
    /// The answer of `GET /v3/{project_id}/traces`, "Querying Traces" in the API reference.
    ///
    /// Its table says that `code` and `response` are texts; its example has a number and an object. Both are read.
    pub struct TraceList {
        /// The traces, latest first.
        traces: List<Trace>,
        /// How many there are, and where to go on.
        meta_data: Option<TraceListMeta>,
    }
}

loose_struct! {
    /// What a [`TraceList`] says of itself.
    pub struct TraceListMeta {
        /// How many traces this answer has.
        count: IntValue,
        /// The id of its last trace: where the next request goes on.
        marker: Option<String>,
    }
}
