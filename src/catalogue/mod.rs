//! What can be notified of, and how much room is left: the service's catalogue of operations, and its quotas.
//!
//! | API call | here |
//! |---|---|
//! | `ListOperations`, `GET /v3/{project_id}/operations` | [`CtsClient::list_operations`] |
//! | `ListQuotas`, `GET /v3/{project_id}/quotas` | [`CtsClient::list_quotas`] |
//!
//! A [`CatalogueEntry`] becomes an [`Operation`] of a notification; a [`Catalogue`] of them answers whether an operation
//! exists, and is what [`preflight`](crate::notification::CreateNotification::preflight) compares a rule with. [`TriggerOperations`] is the
//! text in which a CTS trigger of FunctionGraph names operations.
//!
//! ```
//! # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use huaweicloud_cts::catalogue::{Catalogue, ListOperations};
//! use huaweicloud_cts::notification::CreateNotification;
//! use huaweicloud_cts::testing::FakeCts;
//!
//! let client = FakeCts::new().client();
//! let catalogue = Catalogue::from(client.list_operations(&ListOperations::service("IAM")).await?);
//! let users = catalogue.entry("iam", "user").expect("what happens to users is recorded");
//! let rule = CreateNotification::customized("all_of_users", [users.to_operation()]);
//! # client.create_notification(&rule).await?;
//! # Ok::<(), huaweicloud_cts::Error>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`CtsClient::list_operations`]: crate::CtsClient::list_operations
//! [`CtsClient::list_quotas`]: crate::CtsClient::list_quotas

mod calls;
mod lookup;
mod trigger;

use serde_json::Map;

use crate::notification::Operation;
use crate::wire::enums::string_enum;
use crate::wire::open::open_struct;

pub use calls::ListOperations;
pub use lookup::Catalogue;
pub use trigger::{TriggerOperations, TriggerTextError};

open_struct! {
    /// The operations that CTS records of one kind of resource: an item of the answer to `ListOperations`.
    ///
    /// Source: Huawei Cloud's CTS API reference, `ListOperations`.
    #[derive(Clone, Debug, Default, PartialEq)]
    #[non_exhaustive]
    pub struct CatalogueEntry {
        /// The service's acronym. The documented example spells it in lower case (`cts`), notifications in upper case.
        pub service_type: String,
        /// The kind of resource.
        pub resource_type: String,
        /// The names of the operations: what a notification calls [`trace_names`](Operation::trace_names).
        pub operation_list: Vec<String>,
    }
}

impl CatalogueEntry {
    /// The operations `operation_list` of one kind of resource, as a test or a list of your own needs them.
    #[must_use]
    pub fn new<N: Into<String>>(
        service_type: impl Into<String>,
        resource_type: impl Into<String>,
        operation_list: impl IntoIterator<Item = N>,
    ) -> Self {
        Self {
            service_type: service_type.into(),
            resource_type: resource_type.into(),
            operation_list: operation_list.into_iter().map(Into::into).collect(),
            other: Map::new(),
        }
    }

    /// All of it, for a notification.
    #[must_use]
    pub fn to_operation(&self) -> Operation {
        Operation::new(&self.service_type, &self.resource_type, &self.operation_list)
    }
}

impl From<CatalogueEntry> for Operation {
    fn from(entry: CatalogueEntry) -> Self {
        Self::new(entry.service_type, entry.resource_type, entry.operation_list)
    }
}

string_enum! {
    /// What a quota limits.
    pub enum QuotaType {
        /// Trackers of data, by default 100.
        DataTracker = "data_tracker",
        /// The tracker of management operations: one.
        SystemTracker = "system_tracker",
        /// Notifications that go to SMN topics: 100.
        SmnNotification = "smn_notification",
    }
}

open_struct! {
    /// How much of something there can be, and how much there is: an item of the answer to `ListQuotas`.
    ///
    /// Source: Huawei Cloud's CTS API reference, `ListQuotas`; its examples have the [`QuotaType`]s that are named, and which
    /// of them an answer has varies.
    #[derive(Clone, Debug, Default, PartialEq)]
    #[non_exhaustive]
    pub struct Quota {
        /// What is limited. On the wire: `type`.
        pub quota_type: Option<QuotaType> = "type",
        /// How many there are.
        pub used: Option<i64>,
        /// How many there can be.
        pub quota: Option<i64>,
    }
}

impl Quota {
    /// A quota of which `used` are in use.
    #[must_use]
    pub fn new(quota_type: impl Into<QuotaType>, used: i64, quota: i64) -> Self {
        Self { quota_type: Some(quota_type.into()), used: Some(used), quota: Some(quota), other: Map::new() }
    }

    /// How many more there can be; `None` if the service did not say. Not below zero.
    #[must_use]
    pub fn left(&self) -> Option<u64> {
        let left = self.quota?.saturating_sub(self.used?);
        Some(u64::try_from(left).unwrap_or(0))
    }
}
