//! The calls that create, list and find trackers.

use http::{Method, StatusCode};

use super::request::check_name;
use super::{CreateTracker, ListTrackers, Tracker};
use crate::client::CtsClient;
use crate::client::call::Call;
use crate::error::{CallName, Class, Error};
use crate::wire::response;

/// The IAM actions that transfers to OBS and LTS need.
macro_rules! transfer_actions {
    () => {
        "and for transfers lts:groups:list, lts:groups:create, lts:topics:list, lts:topics:create, kms:cmk:list, \
         obs:bucket:CreateBucket, obs:bucket:HeadBucket, obs:bucket:GetBucketAcl, obs:bucket:PutBucketAcl, \
         obs:bucket:GetLifecycleConfiguration and obs:bucket:PutLifecycleConfiguration"
    };
}
pub(super) use transfer_actions;

pub(super) const CREATE: CallName = CallName {
    operation: "CreateTracker",
    actions: concat!("cts:tracker:create, ", transfer_actions!()),
    class: Class::Create,
};
pub(super) const LIST: CallName =
    CallName { operation: "ListTrackers", actions: "cts:tracker:list", class: Class::Read };

/// The path of the calls on all trackers. Those on one of them have another.
pub(super) const TRACKERS: &str = "/trackers";
pub(super) const TRACKER: &str = "/tracker";

impl CtsClient {
    /// Creates a tracker, and returns it as the service keeps it. A new tracker is enabled.
    ///
    /// # Errors
    ///
    /// Not sent: an empty name, a data tracker without a bucket or without operations. From the
    /// service, among others:
    /// [`ErrorCode::ManagementTrackerExists`](crate::ErrorCode::ManagementTrackerExists),
    /// [`ErrorCode::TrackerExists`](crate::ErrorCode::TrackerExists),
    /// [`ErrorCode::TrackerQuotaExceeded`](crate::ErrorCode::TrackerQuotaExceeded),
    /// [`ErrorCode::TrackedBucketNotFound`](crate::ErrorCode::TrackedBucketNotFound),
    /// [`ErrorCode::BucketOperationAlreadyTracked`](crate::ErrorCode::BucketOperationAlreadyTracked),
    /// [`ErrorCode::TransferBucketTracked`](crate::ErrorCode::TransferBucketTracked),
    /// [`ErrorCode::BucketExists`](crate::ErrorCode::BucketExists),
    /// [`ErrorCode::KmsVerificationFailed`](crate::ErrorCode::KmsVerificationFailed). If
    /// [`may_have_applied`](Error::may_have_applied) returns `true`, look with
    /// [`find_tracker`](Self::find_tracker) before you create again, or use
    /// [`ensure_tracker`](Self::ensure_tracker), which does that.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::tracker::{CreateTracker, DataEvent};
    ///
    /// let client = FakeCts::new().client();
    /// let request = CreateTracker::data("invoice_reads", "invoices", [DataEvent::Read]);
    /// let created = client.create_tracker(&request).await?;
    /// assert!(created.is_enabled());
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn create_tracker(&self, request: &CreateTracker) -> Result<Tracker, Error> {
        let call = Call::new(CREATE, Method::POST, TRACKER);
        request.check().map_err(|reason| call.refused(reason))?;
        self.call(call.json(request)?, tracker).await
    }

    /// Lists trackers, the system tracker first.
    ///
    /// # Errors
    ///
    /// For a name that no tracker has, some clouds respond with
    /// [`ErrorCode::TrackerNotFound`](crate::ErrorCode::TrackerNotFound), others with an empty
    /// list.
    pub async fn list_trackers(&self, request: &ListTrackers) -> Result<Vec<Tracker>, Error> {
        let mut call = Call::new(LIST, Method::GET, TRACKERS);
        if let Some(name) = &request.tracker_name {
            call = call.query("tracker_name", name);
        }
        if let Some(of) = &request.tracker_type {
            call = call.query("tracker_type", of.as_str());
        }
        self.call(call, |body| response::list(body, "trackers")).await
    }

    /// Finds a tracker of the client's project by its exact name:
    /// [`SYSTEM_TRACKER`](super::SYSTEM_TRACKER) for the one that notifications depend on.
    ///
    /// # Errors
    ///
    /// Not sent: an empty name.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::tracker::SYSTEM_TRACKER;
    ///
    /// let client = FakeCts::new().client();
    /// match client.find_tracker(SYSTEM_TRACKER).await? {
    ///     Some(tracker) if tracker.is_enabled() => println!("operations are recorded"),
    ///     Some(_) => println!("the system tracker is disabled: no notification is sent"),
    ///     None => println!("there is no system tracker: no notification is sent"),
    /// }
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn find_tracker(&self, name: &str) -> Result<Option<Tracker>, Error> {
        check_name(name)
            .map_err(|reason| Call::new(LIST, Method::GET, TRACKERS).refused(reason))?;
        let found = match self.list_trackers(&ListTrackers::new().tracker_name(name)).await {
            Ok(found) => found,
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND) && error.is_not_found() => {
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        // Names are unique in a project, but the service may list more than was asked for.
        let project = self.project_id();
        Ok(found.into_iter().find(|tracker| {
            tracker.tracker_name == name
                && tracker
                    .project_id
                    .as_deref()
                    .is_none_or(|of| project.is_none_or(|project| of == project))
        }))
    }
}

/// Reads a tracker. Without a name it is none: a response of success may come from elsewhere.
fn tracker(body: &[u8]) -> Result<Tracker, String> {
    let read: Tracker = response::one(body)?;
    if read.tracker_name.is_empty() {
        return Err("it has no tracker_name".to_owned());
    }
    Ok(read)
}
