//! The calls that delete trackers. Without a name the service deletes all data trackers, on Open
//! Telekom Cloud all trackers: so only one call here leaves it out.

use http::Method;

use super::calls::TRACKERS;
use super::request::check_name;
use super::{ListTrackers, SYSTEM_TRACKER, Tracker, TrackerType};
use crate::client::CtsClient;
use crate::client::call::Call;
use crate::error::{CallName, Class, Error};
use crate::region::CloudKind;
use crate::wire::response;

const DELETE: CallName = CallName {
    operation: "DeleteTracker",
    actions: "cts:tracker:delete",
    class: Class::Idempotent,
};

impl CtsClient {
    /// Deletes a data tracker, by its name. Traces that it recorded stay.
    ///
    /// # Errors
    ///
    /// Not sent: an empty name, or the name of the system tracker. From the service, among others:
    /// [`ErrorCode::TrackerNotFound`](crate::ErrorCode::TrackerNotFound), with status 404; but not
    /// if an earlier attempt of the same call, whose response was lost, may be what deleted it.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::tracker::{CreateTracker, DataEvent};
    ///
    /// let client = FakeCts::new().client();
    /// client.create_tracker(&CreateTracker::data("invoice_reads", "invoices", [DataEvent::Read])).await?;
    /// client.delete_data_tracker("invoice_reads").await?;
    /// assert!(client.delete_data_tracker("").await.is_err(), "an empty name is never sent");
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn delete_data_tracker(&self, name: &str) -> Result<(), Error> {
        check_name(name).map_err(|reason| call().refused(reason))?;
        if name == SYSTEM_TRACKER {
            return Err(call().refused(
                "system is the tracker of management operations: call delete_system_tracker",
            ));
        }
        self.delete_one(
            call().query("tracker_name", name).query("tracker_type", TrackerType::Data.as_str()),
        )
        .await
    }

    /// Deletes the system tracker. From then on no operation is recorded and **no notification is
    /// sent**. Traces that it recorded stay, and creating it again makes them visible again.
    ///
    /// To stop recording for a while, use [`disable_tracker`](Self::disable_tracker). The
    /// documentation of Huawei Cloud contradicts itself on whether the system tracker can be
    /// deleted; it was seen to work.
    ///
    /// # Errors
    ///
    /// As for [`delete_data_tracker`](Self::delete_data_tracker).
    pub async fn delete_system_tracker(&self) -> Result<(), Error> {
        let mut call = call().query("tracker_name", SYSTEM_TRACKER);
        if self.cloud() == CloudKind::Huawei {
            call = call.query("tracker_type", TrackerType::System.as_str());
        }
        self.delete_one(call).await
    }

    /// Deletes **all data trackers** of the project. Never repeated: what was created since would
    /// be deleted as well.
    ///
    /// Lists the trackers first, and sends nothing more if none is a data tracker: a cloud that has
    /// none, behind a host that does not tell which cloud it is, would delete the system tracker.
    ///
    /// # Errors
    ///
    /// Not sent: on Open Telekom Cloud, which has no data trackers. As for
    /// [`list_trackers`](Self::list_trackers). Status 404 or 500 of the deletion may mean that some
    /// were deleted and some were not: list what is left.
    pub async fn delete_all_data_trackers(&self) -> Result<(), Error> {
        let call = call().query("tracker_type", TrackerType::Data.as_str()).at_most_once();
        if self.cloud() == CloudKind::OpenTelekomCloud {
            return Err(call.refused(
                "Open Telekom Cloud has no data trackers: without a name, it deletes all trackers of the account",
            ));
        }
        let trackers = self.list_trackers(&ListTrackers::new()).await?;
        if trackers.iter().all(Tracker::is_system) {
            return Ok(());
        }
        self.call(call, response::nothing).await
    }

    async fn delete_one(&self, call: Call) -> Result<(), Error> {
        match self.call(call, response::nothing).await {
            Err(error) if error.is_not_found() && error.may_have_applied() => Ok(()),
            result => result,
        }
    }
}

fn call() -> Call {
    Call::new(DELETE, Method::DELETE, TRACKERS)
}
