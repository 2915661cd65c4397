//! What is known about the project that notifications are validated for.

use crate::catalogue::{Catalogue, Quota};
use crate::notification::{NotificationStatus, TopicUrn};
use crate::region::CloudKind;
use crate::topic::TopicState;
use crate::tracker::Tracker;

/// The context of a validation: what is known about the project that the notifications are for.
///
/// Everything is optional. A check is skipped if the context lacks what it needs. See
/// [`CreateNotification::preflight`](crate::notification::CreateNotification::preflight) for an
/// example.
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
    pub(super) topics: &'a [TopicState],
    pub(super) trackers: Option<&'a [Tracker]>,
}

impl<'a> PreflightContext<'a> {
    /// Creates an empty context: finds only what no cloud documents.
    pub fn new() -> Self {
        Self {
            cloud: None,
            region: None,
            project_id: None,
            catalogue: None,
            quotas: &[],
            creates: 1,
            status: None,
            topics: &[],
            trackers: None,
        }
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

    /// Sets the operations that exist: what
    /// [`CtsClient::list_operations`](crate::CtsClient::list_operations) returned.
    pub fn catalogue(mut self, catalogue: &'a Catalogue) -> Self {
        self.catalogue = Some(catalogue);
        self
    }

    /// Sets the quotas: what [`CtsClient::list_quotas`](crate::CtsClient::list_quotas) returned.
    ///
    /// A plan knows how many notifications it creates and deletes. Use [`creates`](Self::creates)
    /// for a single notification. A set does not know which of its notifications exist, so it is
    /// not compared with quotas.
    pub fn quotas(mut self, quotas: &'a [Quota]) -> Self {
        self.quotas = quotas;
        self
    }

    /// Sets how many notifications of this type are created in total, for the validation of a
    /// single notification: 1 unless set. 0 if it exists already.
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

    /// Sets what is known about SMN topics: what
    /// [`CtsClient::check_topic`](crate::CtsClient::check_topic) returned for each. A notification
    /// with a topic that is not among them is validated without.
    ///
    /// Findings about a topic are errors if it does not exist or forbids CTS to publish, a warning
    /// if no subscription is confirmed, and a hint if it can't be known whether messages arrive,
    /// with the reason.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::{NotificationSet, PlanOptions, PreflightContext, Severity};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new();
    /// let urn = format!("urn:smn:cn-north-4:{}:audit", FakeCts::PROJECT_ID);
    /// fake.add_topic(urn.as_str(), [("email", 0)]); // not confirmed yet
    ///
    /// let client = fake.client();
    /// let set = NotificationSet::new([CreateNotification::complete("everything").topic(urn)])?;
    /// let plan = client.plan(&set, &PlanOptions::new()).await?;
    /// let mut topics = Vec::new();
    /// for urn in plan.topics() {
    ///     topics.push(client.check_topic(urn).await?);
    /// }
    /// let findings = plan.preflight(&PreflightContext::new().topics(&topics));
    /// assert_eq!(findings[0].severity, Severity::Warning);
    /// assert!(findings[0].message.contains("No subscription receives messages."));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn topics(mut self, topics: &'a [TopicState]) -> Self {
        self.topics = topics;
        self
    }

    /// Sets all trackers of the project: what
    /// [`CtsClient::list_trackers`](crate::CtsClient::list_trackers) returned. Without an enabled
    /// system tracker nothing is sent, so that is an error. It is found once for a set or a plan.
    ///
    /// ```
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::provision::PreflightContext;
    ///
    /// let request = CreateNotification::complete("audit").topic("urn:smn:eu-de:p1:audit");
    /// let findings = request.preflight(&PreflightContext::new().trackers(&[]));
    /// assert_eq!(findings[0].field, "trackers.system");
    /// ```
    pub fn trackers(mut self, trackers: &'a [Tracker]) -> Self {
        self.trackers = Some(trackers);
        self
    }

    /// Returns what is known about a topic.
    pub(super) fn topic(&self, urn: &TopicUrn) -> Option<&'a TopicState> {
        self.topics.iter().find(|state| state.urn == *urn)
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
