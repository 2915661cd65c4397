//! What CTS records in a project beyond changes: reads of chosen services, and the traces of global
//! services.
//!
//! | API call | here |
//! |---|---|
//! | `ShowConfiguration`, `GET /v3/{project_id}/configuration` | [`CtsClient::get_configuration`] |
//! | `UpdateConfiguration`, `PUT /v3/{project_id}/configuration` | [`CtsClient::update_configuration`] |
//!
//! A read, such as `listUsers`, can be notified of only if it is recorded, and by default no reads
//! are. Not documented for Open Telekom Cloud.
//!
//! Source: Huawei Cloud's CTS API reference, `ShowConfiguration` and `UpdateConfiguration`,
//! November 2026.
//!
//! ```
//! # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use huaweicloud_cts::configuration::UpdateConfiguration;
//! use huaweicloud_cts::testing::FakeCts;
//!
//! let client = FakeCts::new().client();
//! let current = client.get_configuration().await?;
//! assert!(!current.records_reads_of("IAM"));
//!
//! client.update_configuration(&UpdateConfiguration::from_current(&current).read_only_services(["IAM", "ECS"])).await?;
//! assert!(client.get_configuration().await?.records_reads_of("IAM"));
//! # Ok::<(), huaweicloud_cts::Error>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`CtsClient::get_configuration`]: crate::CtsClient::get_configuration
//! [`CtsClient::update_configuration`]: crate::CtsClient::update_configuration

use http::Method;
use serde::{Deserialize, Serialize};

use crate::client::CtsClient;
use crate::client::call::Call;
use crate::error::{CallName, Class, Error};
use crate::wire::open::open_struct;
use crate::wire::response;

const PATH: &str = "/configuration";

open_struct! {
    /// The configuration of a project.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct Configuration {
        /// Whether traces of global services are recorded in this region too.
        pub is_sync_global_trace: Option<bool>,
        /// Whether reads of all services are recorded.
        pub is_support_read_only: Option<bool>,
        /// The services whose reads are recorded while
        /// [`is_support_read_only`](Self::is_support_read_only) is `false`.
        pub support_read_only_services: Vec<String>,
    }
}

impl Configuration {
    /// Returns `true` if reads of this service, such as `IAM`, are recorded. Case makes no
    /// difference.
    #[must_use]
    pub fn records_reads_of(&self, service: &str) -> bool {
        self.is_support_read_only == Some(true)
            || self
                .support_read_only_services
                .iter()
                .any(|listed| listed.eq_ignore_ascii_case(service))
    }
}

/// A request to replace the configuration of a project. A field that it does not set is cleared:
/// start with [`from_current`](Self::from_current).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct UpdateConfiguration {
    is_sync_global_trace: bool,
    is_support_read_only: bool,
    #[serde(default)]
    support_read_only_services: Vec<String>,
}

impl UpdateConfiguration {
    /// Creates a request: whether traces of global services are recorded in this region too, and
    /// whether reads of all services are recorded.
    pub fn new(is_sync_global_trace: bool, is_support_read_only: bool) -> Self {
        Self { is_sync_global_trace, is_support_read_only, support_read_only_services: Vec::new() }
    }

    /// Creates a request that keeps the configuration as it is. A value that the service left out
    /// counts as `false`, and fields that this crate does not know are not sent back.
    pub fn from_current(current: &Configuration) -> Self {
        Self {
            is_sync_global_trace: current.is_sync_global_trace.unwrap_or_default(),
            is_support_read_only: current.is_support_read_only.unwrap_or_default(),
            support_read_only_services: current.support_read_only_services.clone(),
        }
    }

    /// Sets whether traces of global services are recorded in this region too.
    pub fn sync_global_trace(mut self, on: bool) -> Self {
        self.is_sync_global_trace = on;
        self
    }

    /// Sets whether reads of all services are recorded.
    pub fn support_read_only(mut self, on: bool) -> Self {
        self.is_support_read_only = on;
        self
    }

    /// Sets the services whose reads are recorded while those of all services are not. Replaces the
    /// ones set before.
    pub fn read_only_services<S: Into<String>>(
        mut self,
        services: impl IntoIterator<Item = S>,
    ) -> Self {
        self.support_read_only_services = services.into_iter().map(Into::into).collect();
        self
    }
}

impl CtsClient {
    /// Returns the configuration of the project.
    ///
    /// # Errors
    ///
    /// Those of any call, see [`Error`]; a 404 on a cloud that has no such call.
    pub async fn get_configuration(&self) -> Result<Configuration, Error> {
        self.call(Call::new(SHOW, Method::GET, PATH), response::one).await
    }

    /// Replaces the configuration of the project.
    ///
    /// # Errors
    ///
    /// As for [`get_configuration`](Self::get_configuration).
    pub async fn update_configuration(&self, request: &UpdateConfiguration) -> Result<(), Error> {
        self.call(Call::new(UPDATE, Method::PUT, PATH).json(request)?, response::nothing).await
    }
}

// The documents name no IAM actions: none are needed.
const SHOW: CallName = CallName { operation: "ShowConfiguration", actions: "", class: Class::Read };
const UPDATE: CallName =
    CallName { operation: "UpdateConfiguration", actions: "", class: Class::Idempotent };
