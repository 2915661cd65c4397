//! The calls, and what they take.

use http::Method;
use serde::{Deserialize, Serialize};

use super::{CatalogueEntry, Quota};
use crate::client::CtsClient;
use crate::client::call::Call;
use crate::error::{CallName, Class, Error};
use crate::wire::response;

const OPERATIONS: CallName =
    CallName { operation: "ListOperations", actions: "cts:operation:list", class: Class::Read };
const QUOTAS: CallName = CallName { operation: "ListQuotas", actions: "cts:quota:get", class: Class::Read };

/// What [`CtsClient::list_operations`] takes: how much of the catalogue.
///
/// The service takes a resource type only together with a service, so that is the only way to write one.
///
/// ```
/// use huaweicloud_cts::catalogue::ListOperations;
///
/// let everything = ListOperations::all();
/// let of_one_service = ListOperations::service("CTS");
/// let of_one_kind = ListOperations::resource("CTS", "tracker");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[must_use]
pub struct ListOperations {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_type: Option<String>,
}

impl ListOperations {
    /// The whole catalogue.
    pub fn all() -> Self {
        Self { service_type: None, resource_type: None }
    }

    /// The operations of one service, by its acronym.
    pub fn service(service_type: impl Into<String>) -> Self {
        Self { service_type: Some(service_type.into()), resource_type: None }
    }

    /// The operations on one kind of resource of one service.
    pub fn resource(service_type: impl Into<String>, resource_type: impl Into<String>) -> Self {
        Self { service_type: Some(service_type.into()), resource_type: Some(resource_type.into()) }
    }

    /// What can never be right, whatever the cloud.
    fn check(&self) -> Result<(), &'static str> {
        match (self.service_type.as_deref(), self.resource_type.as_deref()) {
            (None, Some(_)) => Err("resource_type needs service_type: the service does not look among all services"),
            (Some(""), _) => Err("service_type is empty: name a service, or list all"),
            (_, Some("")) => Err("resource_type is empty: name a kind of resource, or list the whole service"),
            _ => Ok(()),
        }
    }
}

impl CtsClient {
    /// Lists the operations that CTS records, of which notifications are made. There is no paging: all come at once.
    ///
    /// Huawei Cloud has this call. Open Telekom Cloud's API reference does not, and its gateway answers for an API that
    /// it does not have.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::GatewayApiNotFound`](crate::ErrorCode::GatewayApiNotFound) from a cloud without a catalogue.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::catalogue::ListOperations;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let found = client.list_operations(&ListOperations::resource("CTS", "tracker")).await?;
    /// assert_eq!(found[0].operation_list, ["createTracker", "updateTracker", "deleteTracker"]);
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn list_operations(&self, request: &ListOperations) -> Result<Vec<CatalogueEntry>, Error> {
        let mut call = Call::new(OPERATIONS, Method::GET, "/operations");
        request.check().map_err(|reason| call.refused(reason))?;
        if let Some(service) = &request.service_type {
            call = call.query("service_type", service);
        }
        if let Some(resource) = &request.resource_type {
            call = call.query("resource_type", resource);
        }
        self.call(call, |body| response::list(body, "operations")).await
    }

    /// Lists the project's quotas: how many trackers and notifications there can be, and how many there are.
    ///
    /// # Errors
    ///
    /// As for any call.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::catalogue::QuotaType;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let quotas = FakeCts::new().client().list_quotas().await?;
    /// let notifications = quotas.iter().find(|quota| quota.quota_type == Some(QuotaType::SmnNotification));
    /// assert_eq!(notifications.and_then(|quota| quota.left()), Some(100));
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn list_quotas(&self) -> Result<Vec<Quota>, Error> {
        let call = Call::new(QUOTAS, Method::GET, "/quotas");
        self.call(call, |body| response::list(body, "resources")).await
    }
}
