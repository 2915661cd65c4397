//! A tracker, its tags and the buckets that it writes to, and the calls on them.
//!
//! A tracker decides what CTS records. A project has one tracker of management operations, named
//! `system`, and may have trackers of data operations, each for an OBS bucket. **Without an enabled
//! system tracker no notification is sent.**
//!
//! | API call | here |
//! |---|---|
//! | `CreateTracker`, `POST /v3/{project_id}/tracker` | [`CtsClient::create_tracker`] |
//! | `ListTrackers`, `GET /v3/{project_id}/trackers` | [`CtsClient::list_trackers`], [`CtsClient::find_tracker`] |
//! | `UpdateTracker`, `PUT /v3/{project_id}/tracker` | [`CtsClient::update_tracker`] |
//! | read, change the status, write | [`CtsClient::enable_tracker`], [`CtsClient::disable_tracker`] |
//! | `DeleteTracker`, `DELETE /v3/{project_id}/trackers` | [`CtsClient::delete_data_tracker`], [`CtsClient::delete_system_tracker`], [`CtsClient::delete_all_data_trackers`] |
//! | read, create or update | [`CtsClient::ensure_tracker`] |
//! | `CheckObsBuckets`, `POST /v3/{domain_id}/checkbucket` | [`CtsClient::check_obs_buckets`] |
//! | the tags of trackers | [`tag`] |
//!
//! Open Telekom Cloud has the system tracker only, and neither tags nor the check of buckets.
//!
//! [`CtsClient`]: crate::CtsClient
//! [`CtsClient::create_tracker`]: crate::CtsClient::create_tracker
//! [`CtsClient::list_trackers`]: crate::CtsClient::list_trackers
//! [`CtsClient::find_tracker`]: crate::CtsClient::find_tracker
//! [`CtsClient::update_tracker`]: crate::CtsClient::update_tracker
//! [`CtsClient::enable_tracker`]: crate::CtsClient::enable_tracker
//! [`CtsClient::disable_tracker`]: crate::CtsClient::disable_tracker
//! [`CtsClient::delete_data_tracker`]: crate::CtsClient::delete_data_tracker
//! [`CtsClient::delete_system_tracker`]: crate::CtsClient::delete_system_tracker
//! [`CtsClient::delete_all_data_trackers`]: crate::CtsClient::delete_all_data_trackers
//! [`CtsClient::ensure_tracker`]: crate::CtsClient::ensure_tracker
//! [`CtsClient::check_obs_buckets`]: crate::CtsClient::check_obs_buckets

mod bucket;
mod calls;
mod delete;
mod ensure;
mod parts;
mod request;
mod settings;
mod spec;
pub mod tag;
mod update;

use std::collections::BTreeMap;
use std::time::SystemTime;

use crate::wire::enums::string_enum;
use crate::wire::newtype::string_newtype;
use crate::wire::open::open_struct;

pub use bucket::{BucketCheck, CheckBucketResponse, CheckedBucket};
pub use ensure::{TrackerOutcome, TrackerReport};
pub use parts::{CompressType, DataBucket, DataEvent, Lts, ManagementEventSelector, ObsInfo};
pub use request::{CreateTracker, ListTrackers, UpdateTracker};
pub use settings::{Encryption, Transfer, TransferTarget};
pub use spec::TrackerSpec;

/// The name of the tracker of management operations.
pub const SYSTEM_TRACKER: &str = "system";

string_newtype! {
    /// The id of a tracker: a UUID, given by the service. Calls take the tracker's name, except
    /// those on tags.
    pub struct TrackerId;
}

string_enum! {
    /// What a tracker records.
    pub enum TrackerType {
        /// Management operations: the one tracker named [`SYSTEM_TRACKER`].
        System = "system",
        /// Operations on the objects of an OBS bucket. Not on Open Telekom Cloud.
        Data = "data",
    }
}

string_enum! {
    /// Whether a tracker records.
    pub enum TrackerStatus {
        /// It records.
        Enabled = "enabled",
        /// It does not record. Traces that it recorded earlier can still be read.
        Disabled = "disabled",
        /// Traces can't be transferred to the bucket: see [`Tracker::detail`]. Only the service
        /// sets this.
        Error = "error",
    }
}

string_enum! {
    /// Why the status of a tracker is [`TrackerStatus::Error`].
    pub enum TrackerDetail {
        /// The policy of the bucket does not let CTS write.
        BucketPolicyError = "bucketPolicyError",
        /// The bucket does not exist.
        NoBucket = "noBucket",
        /// The account is in arrears.
        Arrears = "arrears",
    }
}

open_struct! {
    /// A tracker as the service describes it: the response to create, an item of a list.
    ///
    /// Every field may be absent. Fields that are documented nowhere are in [`other`](Self::other),
    /// here and in the parts. Serializing returns what was read.
    ///
    /// In a test, start from the default:
    ///
    /// ```
    /// use huaweicloud_cts::tracker::{SYSTEM_TRACKER, Tracker, TrackerStatus};
    ///
    /// let mut tracker = Tracker::default();
    /// tracker.tracker_name = SYSTEM_TRACKER.to_owned();
    /// tracker.status = Some(TrackerStatus::Enabled);
    /// assert!(tracker.is_enabled());
    /// ```
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Tracker {
        /// The id. Empty only if the service left it out.
        pub id: TrackerId,
        /// The name, unique in the project.
        pub tracker_name: String,
        /// What the tracker records.
        pub tracker_type: Option<TrackerType>,
        /// Whether the tracker records.
        pub status: Option<TrackerStatus>,
        /// Why the status is [`TrackerStatus::Error`].
        pub detail: Option<TrackerDetail>,
        /// When the tracker was created, in milliseconds since the epoch. See
        /// [`created_at`](Self::created_at).
        pub create_time: Option<i64>,
        /// How traces are transferred to OBS. The bucket's name is empty if they are not.
        pub obs_info: Option<ObsInfo>,
        /// Whether traces are transferred to LTS.
        pub lts: Option<Lts>,
        /// The id of the log group in LTS, once traces were transferred there. See
        /// [`lts_group_id`](Self::lts_group_id).
        pub group_id: Option<String>,
        /// The id of the log stream in LTS. See [`lts_stream_id`](Self::lts_stream_id).
        pub stream_id: Option<String>,
        /// The bucket that a data tracker is about.
        pub data_bucket: Option<DataBucket>,
        /// What the system tracker leaves out.
        pub management_event_selector: Option<ManagementEventSelector>,
        /// Whether the integrity of transferred files can be verified.
        pub is_support_validate: Option<bool>,
        /// Whether transferred files are encrypted, with [`kms_id`](Self::kms_id).
        pub is_support_trace_files_encryption: Option<bool>,
        /// The id of the KMS key.
        pub kms_id: Option<String>,
        /// Whether the tracker records the operations of the whole organization.
        pub is_organization_tracker: Option<bool>,
        /// The agency, [`CTS_ADMIN_TRUST`](crate::notification::CTS_ADMIN_TRUST) or none.
        pub agency_name: Option<String>,
        /// The account of the tracker.
        pub domain_id: Option<String>,
        /// The project of the tracker.
        pub project_id: Option<String>,
        /// The enterprise project. Not documented, but seen.
        pub enterprise_project_id: Option<String>,
        /// The tags, those of the service (`_sys_…`) included. Not documented, but seen.
        pub tag: Option<BTreeMap<String, String>>,
    }
}

impl Tracker {
    /// Returns `true` if the status is [`TrackerStatus::Enabled`].
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.status == Some(TrackerStatus::Enabled)
    }

    /// Returns `true` if this is the tracker of management operations.
    #[must_use]
    pub fn is_system(&self) -> bool {
        match &self.tracker_type {
            Some(of) => *of == TrackerType::System,
            None => self.tracker_name == SYSTEM_TRACKER,
        }
    }

    /// Returns the bucket that traces are transferred to, if there is one: an empty name counts as
    /// none.
    #[must_use]
    pub fn transfer_bucket(&self) -> Option<&str> {
        self.obs_info.as_ref()?.bucket_name.as_deref().filter(|name| !name.is_empty())
    }

    /// Returns the id of the log group in LTS, in whichever of two documented spellings it came:
    /// `group_id`, `groupId`.
    #[must_use]
    pub fn lts_group_id(&self) -> Option<&str> {
        self.either(self.group_id.as_deref(), "groupId")
    }

    /// Returns the id of the log stream in LTS, in whichever of two documented spellings it came:
    /// `stream_id`, `streamId`.
    #[must_use]
    pub fn lts_stream_id(&self) -> Option<&str> {
        self.either(self.stream_id.as_deref(), "streamId")
    }

    fn either<'t>(&'t self, field: Option<&'t str>, other: &str) -> Option<&'t str> {
        field.or_else(|| self.other.get(other)?.as_str())
    }

    /// Returns the time at which the tracker was created.
    #[must_use]
    pub fn created_at(&self) -> Option<SystemTime> {
        self.create_time.and_then(crate::time::from_epoch_millis)
    }
}
