//! Which traces are meant, and one page of them.

use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{TraceId, TraceRating};
use crate::text::masked;
use crate::time::{millis_after, millis_before};

/// Which of the two kinds of traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    System,
    Data,
}

/// Declares the query: a field, its type and its setter for each condition.
macro_rules! trace_query {
    ($( $(#[$meta:meta])* $field:ident : $type:ty, )+) => {
        /// Which traces are meant: of one kind, and all conditions hold.
        ///
        /// A call takes one page of them ([`ListTraces`]), all of them ([`traces`]), or those to
        /// come ([`follow_traces`]).
        ///
        /// ```
        /// use huaweicloud_cts::trace::{TraceQuery, TraceRating};
        ///
        /// let failed_logins = TraceQuery::system().service_type("IAM").trace_name("login").trace_rating(TraceRating::Warning);
        /// ```
        ///
        /// Values are compared exactly, with regard to case. Whether data traces can be filtered is
        /// documented for `tracker_name` alone.
        ///
        /// [`traces`]: crate::CtsClient::traces
        /// [`follow_traces`]: crate::CtsClient::follow_traces
        #[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[must_use]
        pub struct TraceQuery {
            pub(super) trace_type: Kind,
            $(
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub(super) $field: Option<$type>,
            )+
        }

        impl TraceQuery {
            const fn of(trace_type: Kind) -> Self {
                Self { trace_type, $($field: None,)+ }
            }

            $(
                $(#[$meta])*
                pub fn $field(mut self, $field: impl Into<$type>) -> Self {
                    self.$field = Some($field.into());
                    self
                }
            )+

            /// Returns the query parameters that are set.
            fn parameters(&self) -> impl Iterator<Item = (&'static str, String)> {
                let kind = match self.trace_type {
                    Kind::System => "system",
                    Kind::Data => "data",
                };
                let conditions = [$( (stringify!($field), self.$field.as_ref().map(|value| -> &str { value.as_ref() })), )+];
                let set = conditions.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned())));
                std::iter::once(("trace_type", kind.to_owned())).chain(set.collect::<Vec<_>>())
            }
        }
    };
}

trace_query! {
    /// Sets the tracker that recorded the traces: the name of a data tracker.
    tracker_name: String,
    /// Sets the service, by its acronym: `ECS`.
    service_type: String,
    /// Sets the user, by name. An agency is `account/agency`.
    user: String,
    /// Sets the id of the resource.
    resource_id: String,
    /// Sets the name of the resource.
    resource_name: String,
    /// Sets the kind of resource.
    resource_type: String,
    /// Sets the id of the one trace that is meant. The service then ignores all other conditions,
    /// and the time.
    trace_id: TraceId,
    /// Sets the operation: `createServer`.
    trace_name: String,
    /// Sets how the operation went.
    trace_rating: TraceRating,
    /// Sets the access key, permanent or temporary, that signed the operation. Not on Open Telekom
    /// Cloud.
    access_key_id: String,
    /// Sets the enterprise project. Not on Open Telekom Cloud.
    enterprise_project_id: String,
}

impl TraceQuery {
    /// Creates a query of all management operations, recorded by the system tracker.
    pub const fn system() -> Self {
        Self::of(Kind::System)
    }

    /// Creates a query of all operations on data in OBS, recorded by data trackers. Not on Open
    /// Telekom Cloud. Huawei Cloud's console shows such traces in LTS only, and whether the call
    /// still lists them is not known.
    pub const fn data() -> Self {
        Self::of(Kind::Data)
    }

    pub(super) fn is_data(&self) -> bool {
        self.trace_type == Kind::Data
    }
}

/// Shows what is set, with the access key masked.
impl fmt::Debug for TraceQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = f.debug_struct("TraceQuery");
        for (name, value) in self.parameters() {
            let value = if name == "access_key_id" { masked(&value) } else { value };
            query.field(name, &value);
        }
        query.finish()
    }
}

/// One page of traces, as [`CtsClient::list_traces`](crate::CtsClient::list_traces) takes it.
///
/// [`CtsClient::traces`](crate::CtsClient::traces) lists all pages.
///
/// ```
/// use huaweicloud_cts::trace::{ListTraces, TraceQuery};
/// use std::time::{Duration, SystemTime};
///
/// let now = SystemTime::now();
/// let page = ListTraces::new(TraceQuery::system().user("alice")).from(now - Duration::from_secs(86_400)).to(now).limit(200);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct ListTraces {
    #[serde(flatten)]
    query: TraceQuery,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl ListTraces {
    /// Creates a request of the first page of the last hour, with ten traces.
    pub const fn new(query: TraceQuery) -> Self {
        Self { query, limit: None, from: None, to: None, next: None }
    }

    /// Sets how many traces the page has at most: 10 without it, and 200 at most.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sets the time **after** which the traces are, in whole milliseconds. Set [`to`](Self::to) as
    /// well: the API takes both or none.
    pub fn from(mut self, from: SystemTime) -> Self {
        self.from = Some(millis_before(from));
        self
    }

    /// Sets the time **before** which the traces are, in whole milliseconds.
    pub fn to(mut self, to: SystemTime) -> Self {
        self.to = Some(millis_after(to));
        self
    }

    /// Sets where the page begins: [`TraceList::next`](super::TraceList::next) of the page before.
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// A page between two times in milliseconds, which are not in it.
    pub(super) fn page(
        query: TraceQuery,
        (from, to): (i64, i64),
        limit: u32,
        next: Option<String>,
    ) -> Self {
        Self { query, limit: Some(limit), from: Some(from), to: Some(to), next }
    }

    /// Returns the query parameters that are set.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&'static str, String)> {
        let number = |name, value: Option<i64>| value.map(|value| (name, value.to_string()));
        let of_page = [
            number("limit", self.limit.map(i64::from)),
            number("from", self.from),
            number("to", self.to),
            self.next.clone().map(|next| ("next", next)),
        ];
        self.query.parameters().chain(of_page.into_iter().flatten())
    }
}

impl From<TraceQuery> for ListTraces {
    fn from(query: TraceQuery) -> Self {
        Self::new(query)
    }
}
