//! The parts of a tracker.

use serde_json::Map;

use crate::wire::enums::string_enum;
use crate::wire::open::open_struct;

string_enum! {
    /// How files in the transfer bucket are compressed.
    pub enum CompressType {
        /// By gzip, which is the default.
        Gzip = "gzip",
        /// Not compressed.
        Json = "json",
    }
}

string_enum! {
    /// A kind of operation on the objects of a bucket.
    pub enum DataEvent {
        /// Writing and deleting.
        Write = "WRITE",
        /// Reading.
        Read = "READ",
    }
}

open_struct! {
    /// How a tracker transfers traces to OBS. To change it, see [`Transfer`](super::Transfer).
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct ObsInfo {
        /// The bucket. Empty if traces are not transferred.
        pub bucket_name: Option<String>,
        /// What the names of the files start with.
        pub file_prefix_name: Option<String>,
        /// Whether CTS was asked to create the bucket.
        pub is_obs_created: Option<bool>,
        /// Whether CTS may write to the bucket.
        pub is_authorized_bucket: Option<bool>,
        /// How many days files are kept, for data trackers; 0 keeps them.
        pub bucket_lifecycle: Option<i64>,
        /// How files are compressed. Absent if it was never set, which means
        /// [`CompressType::Gzip`].
        pub compress_type: Option<CompressType>,
        /// Whether the service is part of the files' paths. The default is `true`.
        pub is_sort_by_service: Option<bool>,
    }
}

open_struct! {
    /// Whether a tracker transfers traces to LTS, where they can be searched and kept for longer.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct Lts {
        /// Whether traces are transferred.
        pub is_lts_enabled: Option<bool>,
        /// The name of the log group, also while nothing is transferred: `CTS`.
        pub log_group_name: Option<String>,
        /// The name of the log stream: `system-trace`, or the name of the data tracker.
        pub log_topic_name: Option<String>,
    }
}

open_struct! {
    /// The bucket that a data tracker is about, and which operations on its objects are recorded.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct DataBucket {
        /// The bucket. It can't be changed.
        pub data_bucket_name: String,
        /// The kinds of operations.
        pub data_event: Vec<DataEvent>,
        /// Whether the traces can be searched. Only responses have it.
        pub search_enabled: Option<bool>,
    }
}

impl DataBucket {
    /// Creates the part of a data tracker that names its bucket and the kinds of operations.
    #[must_use]
    pub fn new<E: Into<DataEvent>>(
        data_bucket_name: impl Into<String>,
        data_event: impl IntoIterator<Item = E>,
    ) -> Self {
        Self {
            data_bucket_name: data_bucket_name.into(),
            data_event: data_event.into_iter().map(Into::into).collect(),
            search_enabled: None,
            other: Map::new(),
        }
    }

    /// Returns `true` if both name the same kinds of operations, in any order.
    pub(super) fn has_events_of(&self, other: &Self) -> bool {
        let all_in =
            |of: &[DataEvent], others: &[DataEvent]| of.iter().all(|event| others.contains(event));
        all_in(&self.data_event, &other.data_event) && all_in(&other.data_event, &self.data_event)
    }
}

open_struct! {
    /// What the system tracker leaves out.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct ManagementEventSelector {
        /// The services whose operations are not recorded. Only `KMS` is documented.
        pub exclude_service: Vec<String>,
    }
}

impl ManagementEventSelector {
    /// Creates a selector that leaves out the operations of these services.
    #[must_use]
    pub fn excluding<S: Into<String>>(services: impl IntoIterator<Item = S>) -> Self {
        Self { exclude_service: services.into_iter().map(Into::into).collect(), other: Map::new() }
    }
}
