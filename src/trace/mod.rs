//! Traces: who did what to which resource, and how it ended.
//!
//! A *trace* is CTS's record of one operation. The same object reaches a program in several ways:
//! wrapped in a trigger event ([`CtsEvent`](crate::event::CtsEvent)), in the files that a tracker
//! puts into OBS ([`TraceFile`]), in the log streams that it feeds, and from
//! `GET /v3/{project_id}/traces` ([`TraceList`]). [`Trace`] reads all of them.
//!
//! No two of them agree on the types. `time` is a number of seconds or of milliseconds, a string of
//! digits, or a date in one of four forms; `request` is an object, its JSON as a string, or empty;
//! `code` is a number or a string; `user` is an object, its JSON as a string, or a name. Such a
//! field is kept as it came, and read by a method:
//!
//! ```
//! use huaweicloud_cts::trace::{Principal, Trace, TraceRating};
//! use std::time::{Duration, SystemTime};
//!
//! let trace: Trace = serde_json::from_str(r#"{
//!     "trace_name": "createServer", "trace_rating": "warning", "code": "403", "time": 1718777931170,
//!     "request": "{\"server\":{\"name\":\"ecs-test\"}}",
//!     "user": {"name": "alice", "principal_urn": "iam::7e0d78c85:user:alice", "principal_is_root_user": "false"}
//! }"#)?;
//!
//! assert_eq!(trace.code(), Some(403));
//! assert_eq!(trace.time(), Some(SystemTime::UNIX_EPOCH + Duration::from_millis(1_718_777_931_170)));
//! assert_eq!(trace.request.json().unwrap()["server"]["name"], "ecs-test");
//! assert_eq!(trace.rating(), Some(&TraceRating::Warning));
//! assert!(matches!(trace.user.principal(), Some(Principal::User { name: "alice", .. })));
//! # Ok::<(), serde_json::Error>(())
//! ```

mod calls;
mod file;
mod follow;
mod gap;
mod list;
mod pages;
mod query;
mod stream;
mod user;
mod walk;
mod watch;

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use crate::wire::enums::string_enum;
use crate::wire::loose::{loose_struct, string_values};
use crate::wire::newtype::string_newtype;

pub use crate::wire::loose::{BoolValue, IntValue, List, Payload, TimeReading, TimeValue};
pub use calls::{TraceResource, UserResource};
pub use file::{TraceFile, TraceFileError};
pub use follow::{FollowPosition, FollowTraces, FollowedTraces};
pub use gap::{TraceGap, TraceGapReason};
pub use list::{TraceList, TraceListMeta};
pub use query::{ListTraces, TraceQuery};
pub use stream::{TracePosition, Traces};
pub use user::{
    Principal, SessionAttributes, SessionContext, TraceDomain, TraceUser, UserDetails, UserType,
};

string_newtype! {
    /// The id of a trace: a UUID, in all samples of version 1, which has a clock in it.
    ///
    /// CTS delivers at least once, so this is the key to deduplicate by.
    pub struct TraceId;
}

string_enum! {
    /// Where an operation came from.
    pub enum TraceType {
        /// From the console.
        ConsoleAction = "ConsoleAction",
        /// From a call of the API.
        ApiCall = "ApiCall",
        /// From the service itself: alarms, scaling, back-ups, follow-up calls. It may have no user
        /// and no address.
        SystemAction = "SystemAction",
        /// On data in OBS, from an SDK.
        ObsSdk = "ObsSDK",
        /// On data in OBS, from a call of the API.
        ObsApi = "ObsAPI",
    }
}

string_enum! {
    /// How an operation ended.
    pub enum TraceRating {
        /// It succeeded.
        Normal = "normal",
        /// It failed.
        Warning = "warning",
        /// It had serious consequences.
        Incident = "incident",
    }
}

string_enum! {
    /// What kind of service an operation belongs to. No page lists the values; these two were seen.
    pub enum EventType {
        /// A service of a region.
        System = "system",
        /// A global service, such as IAM.
        Global = "global",
    }
}

string_values!(TraceId, TraceType, TraceRating, EventType);

loose_struct! {
    /// A trace: the record of one operation.
    ///
    /// Fields and their meaning are those of the pages "Trace Structure" and "Querying Traces" of
    /// the CTS documentation, and those of published events that no page names. Tables call some of
    /// them mandatory; there is a sample without each.
    pub struct Trace {
        /// Its id. The key to deduplicate by.
        trace_id: Option<TraceId>,
        /// The operation: `createServer`, `login`.
        trace_name: Option<String>,
        /// Where the operation came from.
        trace_type: Option<TraceType>,
        /// How it ended. See [`rating`](Self::rating).
        trace_rating: Option<TraceRating>,
        /// The same under its older name. An event has either, both or none. See
        /// [`rating`](Self::rating).
        trace_status: Option<TraceRating>,
        /// The service: `ECS`, `FunctionGraph`, `vpc`. Compare it without regard to case.
        service_type: Option<String>,
        /// The kind of resource: `ecs`, `topic`.
        resource_type: Option<String>,
        /// The resource's name.
        resource_name: Option<String>,
        /// The resource's id.
        resource_id: Option<String>,
        /// When it was done. See [`time`](Self::time()).
        time: TimeValue,
        /// When CTS recorded it. See [`record_time`](Self::record_time()).
        record_time: TimeValue,
        /// Who did it.
        user: TraceUser,
        /// The body of the request. CTS masks the secrets in it.
        request: Payload,
        /// The body of the response.
        response: Payload,
        /// The HTTP status of the operation, not of CTS. See [`code`](Self::code()).
        code: IntValue,
        /// A remark: plain text, or JSON in a string.
        message: Payload,
        /// The address that the request came from; empty for the service's own operations. See
        /// [`source_ip`](Self::source_ip()).
        source_ip: Option<String>,
        /// The client that the request came from.
        user_agent: Option<String>,
        /// The version of the API that was called.
        api_version: Option<String>,
        /// The operation's name in the API. It need not fit `trace_name`.
        operation_id: Option<String>,
        /// The id of the request.
        request_id: Option<String>,
        /// Whether the operation only read.
        read_only: Option<bool>,
        /// What kind of service it belongs to.
        event_type: Option<EventType>,
        /// The tracker that recorded it.
        tracker_name: Option<String>,
        /// The project.
        project_id: Option<String>,
        /// The account.
        domain_id: Option<String>,
        /// The account that the resource belongs to, if it is another's: both accounts get the
        /// trace then.
        resource_account_id: Option<String>,
        /// The enterprise project.
        enterprise_project_id: Option<String>,
        /// The part of the code or of the network where a problem occurred.
        location_info: Payload,
        /// The page with the resource's details.
        endpoint: Option<String>,
        /// The link to the resource's details, without the endpoint.
        resource_url: Option<String>,
        /// The length of the request's body, in bytes.
        content_length: IntValue,
        /// How long it took.
        total_time: IntValue,
    }
}

impl Trace {
    /// Returns the time of the operation, if it is unambiguous. A date that has the year last, so
    /// that its month might be its day, is read with the help of [`id_time`](Self::id_time).
    ///
    /// If it is missing, [`record_time`](Self::record_time()) and [`id_time`](Self::id_time) are
    /// close to it.
    #[must_use]
    pub fn time(&self) -> Option<SystemTime> {
        self.read_time(&self.time)
    }

    /// Returns the time at which CTS recorded it, read like [`time`](Self::time()).
    #[must_use]
    pub fn record_time(&self) -> Option<SystemTime> {
        self.read_time(&self.record_time)
    }

    fn read_time(&self, time: &TimeValue) -> Option<SystemTime> {
        match self.id_time() {
            Some(clock) => time.at_near(clock),
            None => time.at(),
        }
    }

    /// Returns the time in the trace's id: when CTS assigned it, milliseconds after `record_time`
    /// in unedited samples. `None` if the id is not a UUID of version 1.
    #[must_use]
    pub fn id_time(&self) -> Option<SystemTime> {
        self.trace_id.as_ref()?.clock()
    }

    /// Returns the HTTP status of the operation. 0 occurs in live events, and means that there is
    /// none.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        self.code.get()
    }

    /// Returns how it ended: `trace_rating`, or `trace_status` where that is missing or empty.
    #[must_use]
    pub fn rating(&self) -> Option<&TraceRating> {
        [&self.trace_rating, &self.trace_status]
            .into_iter()
            .flatten()
            .find(|rating| !rating.as_str().is_empty())
    }

    /// Returns the address that the request came from, parsed.
    #[must_use]
    pub fn source_ip(&self) -> Option<IpAddr> {
        self.source_ip.as_deref()?.trim().parse().ok()
    }
}

impl TraceId {
    /// Returns the time in a UUID of version 1, and `None` for any other id.
    ///
    /// ```
    /// use huaweicloud_cts::trace::TraceId;
    /// use std::time::{Duration, SystemTime};
    ///
    /// let id = TraceId::from("4abc3a67-b773-11e6-8412-8f0ed3cc97c6");
    /// let since = id.clock().unwrap().duration_since(SystemTime::UNIX_EPOCH)?;
    /// assert_eq!(since.as_secs(), 1_480_561_648); // 2016-12-01T03:07:28Z
    /// # Ok::<(), std::time::SystemTimeError>(())
    /// ```
    #[must_use]
    pub fn clock(&self) -> Option<SystemTime> {
        /// From the start of the Gregorian calendar to the epoch, in units of 100 ns.
        const GREGORIAN: u64 = 0x01b2_1dd2_1381_4000;

        let mut groups = self.as_str().split('-');
        let mut group = |length: usize| {
            let hex = groups
                .next()
                .filter(|hex| hex.len() == length && hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
            u64::from_str_radix(hex, 16).ok()
        };
        let (low, middle, high) = (group(8)?, group(4)?, group(4)?);
        let (_sequence, _node) = (group(4)?, group(12)?);
        if high >> 12 != 1 || groups.next().is_some() {
            return None;
        }
        let ticks = ((high & 0x0fff) << 48 | middle << 32 | low).checked_sub(GREGORIAN)?;
        SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_micros(ticks / 10) + Duration::from_nanos(ticks % 10 * 100))
    }
}
