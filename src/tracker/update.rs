//! The calls that change trackers.

use http::Method;

use super::calls::{TRACKER, transfer_actions};
use super::settings::Settings;
use super::{Tracker, TrackerStatus, UpdateTracker};
use crate::client::CtsClient;
use crate::client::call::Call;
use crate::error::{CallName, Cause, Class, Error, History};
use crate::region::CloudKind;
use crate::wire::response;

pub(super) const UPDATE: CallName = CallName {
    operation: "UpdateTracker",
    actions: concat!("cts:tracker:update, ", transfer_actions!()),
    class: Class::Idempotent,
};

impl CtsClient {
    /// Changes a tracker. What the request does not set stays as it is.
    ///
    /// Open Telekom Cloud ignores the settings of a disabled tracker. There, a request with
    /// settings reads the tracker, enables it if necessary, changes the settings, and then disables
    /// it if it was disabled or if the request says so. A call that is dropped in between may leave
    /// the tracker enabled. The cloud follows from the host, unless
    /// [`ClientBuilder::cloud`](crate::ClientBuilder::cloud) sets it.
    ///
    /// # Errors
    ///
    /// Not sent: an empty name, a data tracker without a bucket or without operations. From the
    /// service, among others: [`ErrorCode::TrackerNotFound`](crate::ErrorCode::TrackerNotFound),
    /// [`ErrorCode::TrackedBucketFixed`](crate::ErrorCode::TrackedBucketFixed),
    /// [`ErrorCode::TrackedBucketRequired`](crate::ErrorCode::TrackedBucketRequired), and those of
    /// [`create_tracker`](Self::create_tracker) on buckets and keys.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::tracker::{CompressType, TransferTarget, UpdateTracker};
    ///
    /// let client = FakeCts::new().client();
    /// let archive = TransferTarget::new("audit-archive").file_prefix_name("cts").compress_type(CompressType::Gzip);
    /// client.update_tracker(&UpdateTracker::system().transfer(archive)).await?;
    ///
    /// let tracker = client.find_tracker("system").await?.expect("the fake starts with one");
    /// assert_eq!(tracker.transfer_bucket(), Some("audit-archive"));
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn update_tracker(&self, request: &UpdateTracker) -> Result<(), Error> {
        if !self.needs_steps(request) {
            return self.put(request).await;
        }
        request.check().map_err(|reason| call().refused(reason))?;
        let current = self.found(&request.tracker_name).await?;
        self.update_in_steps(request, current.status.as_ref()).await
    }

    /// Changes a tracker that was just read.
    pub(super) async fn update_from(
        &self,
        request: &UpdateTracker,
        current: &Tracker,
    ) -> Result<(), Error> {
        if self.needs_steps(request) {
            self.update_in_steps(request, current.status.as_ref()).await
        } else {
            self.put(request).await
        }
    }

    /// Returns `true` if the settings of a disabled tracker can't be changed.
    fn needs_steps(&self, request: &UpdateTracker) -> bool {
        self.cloud() == CloudKind::OpenTelekomCloud && request.settings != Settings::default()
    }

    /// Changes a tracker of this status where settings are ignored unless the tracker is enabled.
    async fn update_in_steps(
        &self,
        request: &UpdateTracker,
        current: Option<&TrackerStatus>,
    ) -> Result<(), Error> {
        let was_disabled = current == Some(&TrackerStatus::Disabled);
        let ends_disabled = request.status.as_ref().or(current) == Some(&TrackerStatus::Disabled);
        let status_alone = |status: TrackerStatus| {
            UpdateTracker { settings: Settings::default(), ..request.clone() }.status(status)
        };
        if was_disabled {
            self.put(&status_alone(TrackerStatus::Enabled)).await?;
        }
        let status = request.status.clone().filter(|status| *status != TrackerStatus::Disabled);
        let changed = self.put(&UpdateTracker { status, ..request.clone() }).await;
        let wrote = was_disabled || changed.is_ok();
        let mut done = changed;
        // A tracker that was enabled for the change alone is disabled again even if the change
        // failed.
        if ends_disabled && wrote {
            let disabled = self.put(&status_alone(TrackerStatus::Disabled)).await;
            done = done.and(disabled);
        }
        done.map_err(|error| if wrote { error.after_writes() } else { error })
    }

    async fn put(&self, request: &UpdateTracker) -> Result<(), Error> {
        let call = call();
        request.check().map_err(|reason| call.refused(reason))?;
        self.call(call.json(request)?, response::nothing).await
    }

    /// Enables a tracker, by its name, and leaves all else as it is: reads the tracker, and writes
    /// its status. Returns `true` if it was not enabled before; otherwise nothing is written.
    ///
    /// The API has no conditional write, and wants the bucket and the operations of a data tracker
    /// again: a change that another client makes between the read and the write is undone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such tracker, and as for
    /// [`update_tracker`](Self::update_tracker).
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::tracker::SYSTEM_TRACKER;
    ///
    /// let client = FakeCts::new().client();
    /// assert!(client.disable_tracker(SYSTEM_TRACKER).await?);
    /// assert!(client.enable_tracker(SYSTEM_TRACKER).await?);
    /// assert!(!client.enable_tracker(SYSTEM_TRACKER).await?, "it is enabled already");
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn enable_tracker(&self, name: &str) -> Result<bool, Error> {
        self.switch(name, TrackerStatus::Enabled).await
    }

    /// Disables a tracker, by its name, like [`enable_tracker`](Self::enable_tracker). Without an
    /// enabled [`SYSTEM_TRACKER`](super::SYSTEM_TRACKER) no notification is sent.
    ///
    /// # Errors
    ///
    /// As for [`enable_tracker`](Self::enable_tracker).
    pub async fn disable_tracker(&self, name: &str) -> Result<bool, Error> {
        self.switch(name, TrackerStatus::Disabled).await
    }

    async fn switch(&self, name: &str, status: TrackerStatus) -> Result<bool, Error> {
        let current = self.found(name).await?;
        if current.status.as_ref() == Some(&status) {
            return Ok(false);
        }
        self.put(&UpdateTracker::from_current(&current).status(status)).await?;
        Ok(true)
    }

    /// Finds a tracker to change.
    async fn found(&self, name: &str) -> Result<Tracker, Error> {
        self.find_tracker(name).await?.ok_or_else(|| {
            Error::new(
                UPDATE,
                History::default(),
                Cause::NotFound(format!("tracker named {name:?}")),
            )
        })
    }
}

fn call() -> Call {
    Call::new(UPDATE, Method::PUT, TRACKER)
}
