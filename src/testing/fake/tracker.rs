//! Trackers, buckets and keys as a test sets them and looks at them.

use serde_json::{Map, Value};

use super::FakeCts;
use crate::tracker::{Tracker, TrackerDetail, TrackerStatus};

impl FakeCts {
    /// Returns the trackers of a project, the system tracker first. There is an enabled system
    /// tracker from the start.
    #[must_use]
    pub fn trackers(&self, project_id: &str) -> Vec<Tracker> {
        let mut trackers = Vec::new();
        self.lock().seed(project_id, |project, call| {
            let all = project.trackers.all(call).iter();
            trackers.extend(
                all.filter_map(|tracker| serde_json::from_value(tracker.clone().into()).ok()),
            );
        });
        trackers
    }

    /// Deletes all trackers of a project, the system tracker too: CTS is then not enabled there.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::tracker::{TrackerOutcome, TrackerSpec};
    ///
    /// let fake = FakeCts::new();
    /// fake.remove_trackers(FakeCts::PROJECT_ID);
    /// let report = fake.client().ensure_tracker(&TrackerSpec::system()).await?;
    /// assert_eq!(report.outcome, TrackerOutcome::Created);
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_trackers(&self, project_id: &str) {
        self.lock().seed(project_id, |project, call| project.trackers.all(call).clear());
    }

    /// Sets the status of a tracker, also to one that no call can set, and its reason.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::tracker::{SYSTEM_TRACKER, TrackerDetail, TrackerSpec, TrackerStatus};
    ///
    /// let (fake, reason) = (FakeCts::new(), Some(TrackerDetail::NoBucket));
    /// fake.set_tracker_status(FakeCts::PROJECT_ID, SYSTEM_TRACKER, TrackerStatus::Error, reason);
    /// let report = fake.client().ensure_tracker(&TrackerSpec::system()).await?;
    /// assert!(report.has_failed_transfer());
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_tracker_status(
        &self,
        project_id: &str,
        tracker_name: &str,
        status: impl Into<TrackerStatus>,
        detail: Option<TrackerDetail>,
    ) {
        let status = status.into();
        let detail = detail.map(|detail| detail.as_str().to_owned());
        self.lock().seed(project_id, |project, call| {
            let is_meant = |one: &&mut Map<String, Value>| {
                one.get("tracker_name").is_some_and(|name| name == tracker_name)
            };
            for tracker in project.trackers.all(call).iter_mut().filter(is_meant) {
                tracker.insert("status".to_owned(), status.as_str().into());
                tracker.remove("detail");
                tracker.extend(
                    detail.iter().map(|detail| ("detail".to_owned(), detail.as_str().into())),
                );
            }
        });
    }

    /// Adds a bucket that exists also for a tracker which has CTS create it. All other buckets
    /// exist for transfers and for data trackers alone, unless they are
    /// [removed](Self::remove_bucket).
    pub fn add_bucket(&self, name: impl Into<String>) {
        let name = name.into();
        let obs = &mut self.lock().settings.obs;
        obs.removed.remove(&name);
        obs.named.insert(name);
    }

    /// Removes a bucket: it exists for no tracker.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::ErrorCode;
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::tracker::{CreateTracker, DataEvent};
    ///
    /// let fake = FakeCts::new();
    /// fake.remove_bucket("invoices");
    /// let request = CreateTracker::data("invoice_reads", "invoices", [DataEvent::Read]);
    /// let error = fake.client().create_tracker(&request).await.unwrap_err();
    /// assert_eq!(error.code(), Some(&ErrorCode::TrackedBucketNotFound));
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_bucket(&self, name: impl Into<String>) {
        let name = name.into();
        let obs = &mut self.lock().settings.obs;
        obs.named.remove(&name);
        obs.removed.insert(name);
    }

    /// Removes a KMS key. All others exist.
    pub fn remove_kms_key(&self, kms_id: impl Into<String>) {
        self.lock().settings.obs.removed_keys.insert(kms_id.into());
    }

    /// Lets an update of a tracker replace its transfer target as a whole, and so reset what the
    /// request leaves out. Without this, an update merges. Which of the two Huawei Cloud does is
    /// documented nowhere.
    pub fn replace_transfer_targets(&self) {
        self.lock().settings.obs.replaces = true;
    }
}
