//! A project that a set is rolled out to, and what became of it.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::super::{ApplyReport, NotificationSet};
use crate::client::{BuildError, ClientBuilder, CtsClient};
use crate::credentials::AssumeAgency;
use crate::error::Error;

/// A project in a region, as the client that works in it.
///
/// ```
/// # #[cfg(feature = "test-util")] {
/// use huaweicloud_cts::notification::CreateNotification;
/// use huaweicloud_cts::provision::{NotificationSet, Target};
/// use huaweicloud_cts::testing::FakeCts;
///
/// let only_here = NotificationSet::new([CreateNotification::complete("audit")])?;
/// let target = Target::new("production", FakeCts::new().client()).set(only_here);
/// assert_eq!(target.name(), "production");
/// # }
/// # Ok::<(), huaweicloud_cts::provision::SetError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Target {
    pub(super) name: String,
    pub(super) client: CtsClient,
    pub(super) set: Option<NotificationSet>,
}

impl Target {
    /// Creates a target from the client of a project. The report has the name.
    pub fn new(name: impl Into<String>, client: CtsClient) -> Self {
        Self { name: name.into(), client, set: None }
    }

    /// Creates a target in another account: its client is the one that the builder configures, with
    /// the credentials of an agency. Share the source of the agencies by an `Arc`, so that one
    /// identity is enough for all targets.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the client can't be built.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] {
    /// use std::sync::Arc;
    ///
    /// use huaweicloud_cts::CtsClient;
    /// use huaweicloud_cts::credentials::{AgencyAccount, AssumeAgency, DefaultCredentials};
    /// use huaweicloud_cts::provision::{Rollout, Target};
    /// # use huaweicloud_cts::testing::FakeCts;
    ///
    /// let identity = Arc::new(DefaultCredentials::new());
    /// # let identity = Arc::new(FakeCts::new().credentials());
    /// let builder = CtsClient::builder().region("eu-de");
    /// # let builder = builder.transport(FakeCts::new());
    /// let mut targets = Vec::new();
    /// for account in ["customer-1", "customer-2"] {
    ///     let agency = AssumeAgency::iam("cts", AgencyAccount::name(account)).source(Arc::clone(&identity));
    ///     targets.push(Target::assuming(account, builder.clone(), agency)?);
    /// }
    /// let rollout = Rollout::new(targets).concurrency(8);
    /// # }
    /// # Ok::<(), huaweicloud_cts::BuildError>(())
    /// ```
    pub fn assuming(
        name: impl Into<String>,
        builder: ClientBuilder,
        agency: AssumeAgency,
    ) -> Result<Self, BuildError> {
        Ok(Self::new(name, builder.credentials(agency).build()?))
    }

    /// Sets a set of its own, which replaces the common one. Topics that differ by region and
    /// project alone need none: see [`Rollout::run`](super::Rollout::run).
    pub fn set(mut self, set: NotificationSet) -> Self {
        self.set = Some(set);
        self
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The result of a rollout in one [`Target`].
///
/// `Display` prints one line: the target, and what was done, or the first error.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TargetReport {
    /// The name of the target.
    pub name: String,
    /// The report on its notifications, or the error if they could not be read.
    pub result: Result<ApplyReport, Error>,
}

impl TargetReport {
    /// Returns `true` if all notifications of the target are in the desired state.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.result.as_ref().is_ok_and(ApplyReport::is_complete)
    }

    /// Returns the first error, if there was one.
    ///
    /// ```
    /// use huaweicloud_cts::provision::TargetReport;
    ///
    /// /// Returns the names of the targets that need other credentials.
    /// fn refused(reports: &[TargetReport]) -> Vec<&str> {
    ///     let is_refused = |report: &&TargetReport| report.error().is_some_and(|error| error.credentials().is_some());
    ///     reports.iter().filter(is_refused).map(|report| report.name.as_str()).collect()
    /// }
    /// ```
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match &self.result {
            Ok(report) => report.errors().next(),
            Err(error) => Some(error),
        }
    }
}

impl Serialize for TargetReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut target = serializer.serialize_struct("TargetReport", 3)?;
        target.serialize_field("name", &self.name)?;
        target.serialize_field("report", &self.result.as_ref().ok())?;
        target.serialize_field("error", &self.result.as_ref().err().map(ToString::to_string))?;
        target.end()
    }
}
