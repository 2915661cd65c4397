//! What is known about the project that notifications are validated for.

use crate::catalogue::{Catalogue, Quota};
use crate::notification::NotificationStatus;
use crate::region::CloudKind;

/// The context of a validation: what is known about the project that the notifications are for.
///
/// Everything is optional. A check is skipped if the context lacks what it needs. See
/// [`CreateNotification::preflight`](crate::notification::CreateNotification::preflight) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct PreflightContext<'a> {
    pub(super) cloud: Option<CloudKind>,
    pub(super) region: Option<String>,
    pub(super) project_id: Option<String>,
    pub(super) catalogue: Option<&'a Catalogue>,
    pub(super) quotas: &'a [Quota],
    pub(super) creates: u32,
    pub(super) status: Option<NotificationStatus>,
}

impl<'a> PreflightContext<'a> {
    /// Creates an empty context: finds only what no cloud documents.
    pub fn new() -> Self {
        Self { cloud: None, region: None, project_id: None, catalogue: None, quotas: &[], creates: 1, status: None }
    }

    /// Sets the kind of cloud. Not needed if [`Region`](crate::Region) knows the region.
    ///
    /// ```
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{CloudKind, PreflightContext};
    ///
    /// let request = CreateNotification::complete("关键操作").topic("urn:smn:my-region:p1:audit");
    /// assert!(request.preflight(&PreflightContext::new().cloud(CloudKind::Huawei)).is_empty());
    /// assert!(!request.preflight(&PreflightContext::new().cloud(CloudKind::OpenTelekomCloud)).is_empty());
    /// ```
    pub fn cloud(mut self, cloud: CloudKind) -> Self {
        self.cloud = Some(cloud);
        self
    }

    /// Sets the id of the region. Topics of other regions are findings.
    pub fn region(mut self, id: impl Into<String>) -> Self {
        self.region = Some(id.into());
        self
    }

    /// Sets the id of the project. Topics of other projects are findings.
    pub fn project_id(mut self, id: impl Into<String>) -> Self {
        self.project_id = Some(id.into());
        self
    }

    /// Sets the operations that exist: what [`CtsClient::list_operations`](crate::CtsClient::list_operations) returned.
    pub fn catalogue(mut self, catalogue: &'a Catalogue) -> Self {
        self.catalogue = Some(catalogue);
        self
    }

    /// Sets the quotas: what [`CtsClient::list_quotas`](crate::CtsClient::list_quotas) returned.
    ///
    /// A plan knows how many notifications it creates and deletes. Use [`creates`](Self::creates) for a single notification.
    /// A set does not know which of its notifications exist, so it is not compared with quotas.
    pub fn quotas(mut self, quotas: &'a [Quota]) -> Self {
        self.quotas = quotas;
        self
    }

    /// Sets how many notifications of this type are created in total, for the validation of a single notification: 1 unless
    /// set. 0 if it exists already.
    ///
    /// ```
    /// use huaweicloud_cts::catalogue::Quota;
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::PreflightContext;
    ///
    /// let request = CreateNotification::complete("audit").topic("urn:smn:eu-de:p1:audit");
    /// let quotas = [Quota::new("smn_notification", 100, 100)];
    /// let context = PreflightContext::new().quotas(&quotas);
    /// assert_eq!(request.preflight(&context)[0].field, "quotas.smn_notification");
    /// assert!(request.preflight(&context.creates(0)).is_empty());
    /// ```
    pub fn creates(mut self, count: u32) -> Self {
        self.creates = count;
        self
    }

    /// Sets the desired status, for the validation of a notification that does not have one.
    pub fn status(mut self, status: impl Into<NotificationStatus>) -> Self {
        self.status = Some(status.into());
        self
    }

    pub(super) fn cloud_or_guess(&self) -> Option<CloudKind> {
        self.cloud.or_else(|| CloudKind::of_region(self.region.as_deref()?))
    }
}

impl Default for PreflightContext<'_> {
    fn default() -> Self {
        Self::new()
    }
}
