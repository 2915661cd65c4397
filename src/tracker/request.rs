//! What the calls take. Requests are values: they can be printed, compared, stored and sent again.

use serde::{Deserialize, Serialize};

use super::settings::{Settings, settings_setters};
use super::{DataBucket, DataEvent, SYSTEM_TRACKER, Tracker, TrackerStatus, TrackerType};

/// What [`CtsClient::create_tracker`](crate::CtsClient::create_tracker) takes. A new tracker is
/// enabled.
///
/// ```
/// use huaweicloud_cts::tracker::{CreateTracker, DataEvent, TransferTarget};
///
/// let system = CreateTracker::system().transfer(TransferTarget::new("audit-archive")).is_lts_enabled(true);
/// let reads = CreateTracker::data("invoice_reads", "invoices", [DataEvent::Read]);
/// assert_eq!((system.tracker_name(), reads.tracker_name()), ("system", "invoice_reads"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct CreateTracker {
    pub(super) tracker_type: TrackerType,
    pub(super) tracker_name: String,
    #[serde(flatten)]
    pub(super) settings: Settings,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) data_bucket: Option<DataBucket>,
}

impl CreateTracker {
    /// Creates a request for the tracker of management operations, of which a project has one at
    /// most.
    pub fn system() -> Self {
        Self {
            tracker_type: TrackerType::System,
            tracker_name: SYSTEM_TRACKER.to_owned(),
            settings: Settings::default(),
            data_bucket: None,
        }
    }

    /// Creates a request for a tracker of these kinds of operations on the objects of a bucket.
    ///
    /// Documented limits of the name: 1 to 32 characters, the first neither `_` nor `-`.
    pub fn data<E: Into<DataEvent>>(
        tracker_name: impl Into<String>,
        data_bucket_name: impl Into<String>,
        data_event: impl IntoIterator<Item = E>,
    ) -> Self {
        Self {
            tracker_type: TrackerType::Data,
            tracker_name: tracker_name.into(),
            settings: Settings::default(),
            data_bucket: Some(DataBucket::new(data_bucket_name, data_event)),
        }
    }

    settings_setters!();

    /// Returns the name of the tracker.
    #[must_use]
    pub fn tracker_name(&self) -> &str {
        &self.tracker_name
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        check_name(&self.tracker_name)?;
        check_data_bucket(self.data_bucket.as_ref())
    }
}

/// What [`CtsClient::update_tracker`](crate::CtsClient::update_tracker) takes: what changes. All
/// else stays as it is.
///
/// ```
/// use huaweicloud_cts::tracker::{Transfer, UpdateTracker};
///
/// let request = UpdateTracker::system().transfer(Transfer::Off).disable();
/// assert_eq!(request.tracker_name(), "system");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct UpdateTracker {
    pub(super) tracker_type: TrackerType,
    pub(super) tracker_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<TrackerStatus>,
    #[serde(flatten)]
    pub(super) settings: Settings,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) data_bucket: Option<DataBucket>,
}

impl UpdateTracker {
    /// Creates a request that changes the tracker of management operations.
    pub fn system() -> Self {
        let CreateTracker { tracker_type, tracker_name, settings, data_bucket } =
            CreateTracker::system();
        Self { tracker_type, tracker_name, status: None, settings, data_bucket }
    }

    /// Creates a request that changes a data tracker. The service requires the bucket that the
    /// tracker is about, which can't be changed, and the kinds of operations, which can: see
    /// [`from_current`](Self::from_current).
    pub fn data<E: Into<DataEvent>>(
        tracker_name: impl Into<String>,
        data_bucket_name: impl Into<String>,
        data_event: impl IntoIterator<Item = E>,
    ) -> Self {
        let created = CreateTracker::data(tracker_name, data_bucket_name, data_event);
        let CreateTracker { tracker_type, tracker_name, settings, data_bucket } = created;
        Self { tracker_type, tracker_name, status: None, settings, data_bucket }
    }

    /// Creates a request that changes this tracker. A data tracker keeps its bucket and its kinds
    /// of operations.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::tracker::{ListTrackers, UpdateTracker};
    ///
    /// let client = FakeCts::new().client();
    /// for tracker in client.list_trackers(&ListTrackers::new()).await? {
    ///     client.update_tracker(&UpdateTracker::from_current(&tracker).is_lts_enabled(true)).await?;
    /// }
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_current(tracker: &Tracker) -> Self {
        let tracker_type = match &tracker.tracker_type {
            Some(of) => of.clone(),
            None if tracker.is_system() => TrackerType::System,
            None => TrackerType::Data,
        };
        Self {
            tracker_type,
            tracker_name: tracker.tracker_name.clone(),
            status: None,
            settings: Settings::default(),
            // Only responses have `search_enabled`, and only a data tracker may have a bucket that
            // it is about.
            data_bucket: tracker
                .data_bucket
                .clone()
                .filter(|_| !tracker.is_system())
                .map(|bucket| DataBucket { search_enabled: None, ..bucket }),
        }
    }

    settings_setters!();

    /// Sets the status.
    pub fn status(mut self, status: impl Into<TrackerStatus>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Enables the tracker.
    pub fn enable(self) -> Self {
        self.status(TrackerStatus::Enabled)
    }

    /// Disables the tracker. Traces that it recorded can still be read.
    pub fn disable(self) -> Self {
        self.status(TrackerStatus::Disabled)
    }

    /// Sets the kinds of operations that a data tracker records.
    pub fn data_event<E: Into<DataEvent>>(
        mut self,
        data_event: impl IntoIterator<Item = E>,
    ) -> Self {
        self.data_bucket.get_or_insert_default().data_event =
            data_event.into_iter().map(Into::into).collect();
        self
    }

    /// Returns the name of the tracker.
    #[must_use]
    pub fn tracker_name(&self) -> &str {
        &self.tracker_name
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        check_name(&self.tracker_name)?;
        check_data_bucket(self.data_bucket.as_ref())
    }
}

/// What can never be right, whatever the cloud.
pub(super) fn check_name(tracker_name: &str) -> Result<(), &'static str> {
    if tracker_name.trim().is_empty() {
        return Err("tracker_name is empty: name the tracker");
    }
    Ok(())
}

fn check_data_bucket(bucket: Option<&DataBucket>) -> Result<(), &'static str> {
    match bucket {
        Some(bucket) if bucket.data_bucket_name.is_empty() => {
            Err("data_bucket_name is empty: name the bucket that the data tracker is about")
        }
        Some(bucket) if bucket.data_event.is_empty() => {
            Err("data_event is empty: a data tracker records READ, WRITE or both")
        }
        _ => Ok(()),
    }
}

/// What [`CtsClient::list_trackers`](crate::CtsClient::list_trackers) takes: which trackers. There
/// are no pages.
///
/// ```
/// use huaweicloud_cts::tracker::{ListTrackers, TrackerType};
///
/// let all = ListTrackers::new();
/// let of_data = ListTrackers::new().tracker_type(TrackerType::Data);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct ListTrackers {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tracker_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tracker_type: Option<TrackerType>,
}

impl ListTrackers {
    /// Creates a request for all trackers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lists only the tracker of this name. Clouds differ in what they respond if there is none: an
    /// empty list or 404. [`find_tracker`](crate::CtsClient::find_tracker) takes both.
    pub fn tracker_name(mut self, name: impl Into<String>) -> Self {
        self.tracker_name = Some(name.into());
        self
    }

    /// Lists only trackers of this type. Not documented on Open Telekom Cloud.
    pub fn tracker_type(mut self, tracker_type: impl Into<TrackerType>) -> Self {
        self.tracker_type = Some(tracker_type.into());
        self
    }
}
