//! Traces as the API lists them.

use serde_json::Value;

use super::Trace;
use crate::wire::loose::{IntValue, List, filled, loose_struct};

loose_struct! {
    /// A page of traces: the response of `GET /v3/{project_id}/traces`, "Querying Traces" in the
    /// API reference.
    ///
    /// Its table says that `code` and `response` are strings; its example has a number and an
    /// object. Both are read.
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
        /// How many traces the page has.
        count: IntValue,
        /// The id of its last trace. See [`TraceList::next`].
        marker: Option<String>,
    }
}

impl TraceList {
    /// Returns the marker at which the next page begins, for
    /// [`ListTraces::next`](super::ListTraces::next). `None` on the last page. Some clouds return a
    /// marker with each page that has traces; the page after the last one is then empty.
    #[must_use]
    pub fn next(&self) -> Option<String> {
        let meta = self.meta_data.as_ref()?;
        match (filled(meta.marker.as_deref()), meta.other.get("marker")) {
            (Some(marker), _) => Some(marker.to_owned()),
            (None, Some(Value::Number(number))) => Some(number.to_string()),
            (None, _) => None,
        }
    }
}
