//! The operations that a notification can be about, and the quotas of a project.
//!
//! | API call | here |
//! |---|---|
//! | `ListOperations`, `GET /v3/{project_id}/operations` | [`CtsClient::list_operations`] |
//! | `ListQuotas`, `GET /v3/{project_id}/quotas` | [`CtsClient::list_quotas`] |
//!
//! A [`CatalogueEntry`] converts to an [`Operation`] of a notification. A [`Catalogue`] of entries
//! is searched for operations, and
//! [`preflight`](crate::notification::CreateNotification::preflight) compares a notification with
//! it. [`TriggerOperations`] is the string with which a CTS trigger of FunctionGraph names
//! operations.
//!
//! ```
//! # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use huaweicloud_cts::catalogue::{Catalogue, ListOperations};
//! use huaweicloud_cts::notification::CreateNotification;
//! use huaweicloud_cts::testing::FakeCts;
//!
//! let client = FakeCts::new().client();
//! let catalogue = Catalogue::from(client.list_operations(&ListOperations::new().service_type("IAM")).await?);
//! let users = catalogue.entry("iam", "user").expect("CTS records operations on users");
//! let request = CreateNotification::customized("all_of_users", [users.to_operation()]);
//! # client.create_notification(&request).await?;
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
pub use trigger::{TriggerOperations, TriggerOperationsError};

open_struct! {
    /// The operations on one type of resource that CTS records: an item of the response to
    /// `ListOperations`.
    ///
    /// Source: Huawei Cloud's CTS API reference, `ListOperations`.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct CatalogueEntry {
        /// The service's acronym. The documented example spells it in lower case (`cts`),
        /// notifications in upper case.
        pub service_type: String,
        /// The type of resource.
        pub resource_type: String,
        /// The names of the operations, which are the [`trace_names`](Operation::trace_names) of a
        /// notification.
        pub operation_list: Vec<String>,
    }
}

impl CatalogueEntry {
    /// Creates an entry, for tests and for a catalogue of your own.
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

    /// Returns all operations of the entry, for a notification.
    ///
    /// ```
    /// use huaweicloud_cts::catalogue::CatalogueEntry;
    /// use huaweicloud_cts::notification::Operation;
    ///
    /// let entry = CatalogueEntry::new("CTS", "tracker", ["createTracker"]);
    /// assert_eq!(entry.to_operation(), Operation::new("CTS", "tracker", ["createTracker"]));
    /// ```
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
        /// Trackers of data operations, by default 100.
        DataTracker = "data_tracker",
        /// The tracker of management operations, of which there is one.
        SystemTracker = "system_tracker",
        /// Notifications that publish to SMN topics, by default 100.
        SmnNotification = "smn_notification",
    }
}

open_struct! {
    /// A limit, and how much of it is in use: an item of the response to `ListQuotas`.
    ///
    /// Source: Huawei Cloud's CTS API reference, `ListQuotas`. The [`QuotaType`]s are those of its
    /// examples; not every response has all of them.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Quota {
        /// What is limited. On the wire: `type`.
        pub quota_type: Option<QuotaType> = "type",
        /// How many exist.
        pub used: Option<i64>,
        /// How many can exist.
        pub quota: Option<i64>,
    }
}

impl Quota {
    /// Creates a quota, for tests.
    #[must_use]
    pub fn new(quota_type: impl Into<QuotaType>, used: i64, quota: i64) -> Self {
        Self {
            quota_type: Some(quota_type.into()),
            used: Some(used),
            quota: Some(quota),
            other: Map::new(),
        }
    }

    /// Returns how many more can be created; `None` if the service left out one of the numbers.
    /// Zero if more exist than the quota allows.
    ///
    /// ```
    /// use huaweicloud_cts::catalogue::{Quota, QuotaType};
    ///
    /// assert_eq!(Quota::new(QuotaType::SmnNotification, 98, 100).left(), Some(2));
    /// assert_eq!(Quota::default().left(), None);
    /// ```
    #[must_use]
    pub fn left(&self) -> Option<u64> {
        let left = self.quota?.saturating_sub(self.used?);
        Some(u64::try_from(left).unwrap_or(0))
    }
}
