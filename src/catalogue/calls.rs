//! The calls, and the request.

use http::Method;
use serde::{Deserialize, Serialize};

use super::{CatalogueEntry, Quota};
use crate::client::CtsClient;
use crate::client::call::Call;
use crate::error::{CallName, Class, Error};
use crate::wire::response;

const OPERATIONS: CallName =
    CallName { operation: "ListOperations", actions: "cts:operation:list", class: Class::Read };
const QUOTAS: CallName =
    CallName { operation: "ListQuotas", actions: "cts:quota:get", class: Class::Read };

/// A request of [`CtsClient::list_operations`]: the whole catalogue, or a part of it.
///
/// ```
/// use huaweicloud_cts::catalogue::ListOperations;
///
/// let everything = ListOperations::new();
/// let one_service = ListOperations::new().service_type("CTS");
/// let one_resource_type = ListOperations::new().service_type("CTS").resource_type("tracker");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct ListOperations {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_type: Option<String>,
}

impl ListOperations {
    /// Creates a request for the whole catalogue.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks only for the operations of one service, by its acronym.
    pub fn service_type(mut self, service_type: impl Into<String>) -> Self {
        self.service_type = Some(service_type.into());
        self
    }

    /// Asks only for the operations on one type of resource. The service accepts it only together
    /// with a [`service_type`](Self::service_type).
    pub fn resource_type(mut self, resource_type: impl Into<String>) -> Self {
        self.resource_type = Some(resource_type.into());
        self
    }

    /// What can never be right, whatever the cloud.
    fn check(&self) -> Result<(), &'static str> {
        match (self.service_type.as_deref(), self.resource_type.as_deref()) {
            (None, Some(_)) => {
                Err("resource_type is set without service_type: the service needs both")
            }
            (Some(""), _) => Err("service_type is empty: name a service, or omit it to list all"),
            (_, Some("")) => Err(
                "resource_type is empty: name a type of resource, or omit it to list the whole service",
            ),
            _ => Ok(()),
        }
    }
}

impl CtsClient {
    /// Lists the operations that CTS records, and that a notification can be about. There is no
    /// paging: the service returns all of them.
    ///
    /// Huawei Cloud documents this call, and Open Telekom Cloud does not.
    ///
    /// # Errors
    ///
    /// Not sent: an empty service or resource type, a resource type without a service.
    /// [`ErrorCode::GatewayApiNotFound`](crate::ErrorCode::GatewayApiNotFound) from a cloud without
    /// a catalogue.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::catalogue::ListOperations;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let trackers = ListOperations::new().service_type("CTS").resource_type("tracker");
    /// let found = client.list_operations(&trackers).await?;
    /// assert_eq!(found[0].operation_list, ["createTracker", "updateTracker", "deleteTracker"]);
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn list_operations(
        &self,
        request: &ListOperations,
    ) -> Result<Vec<CatalogueEntry>, Error> {
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

    /// Lists the quotas of the project: the limits of trackers and notifications, and how many
    /// exist.
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
