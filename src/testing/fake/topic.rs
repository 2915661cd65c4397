//! The topics of the fake.

use super::FakeCts;
use crate::notification::TopicUrn;

impl FakeCts {
    /// Adds an SMN topic, which [`check_topic`](crate::CtsClient::check_topic) finds, with
    /// subscriptions: protocol and status (0 unconfirmed, 1 confirmed, 3 cancelled). Replaces one
    /// with the same URN. A notification can name any topic, whether it was added or not.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new();
    /// let urn = format!("urn:smn:eu-de:{}:audit", FakeCts::PROJECT_ID);
    /// fake.add_topic(urn.as_str(), [("email", 0)]);
    /// let state = fake.client().check_topic(&urn.as_str().into()).await?;
    /// assert_eq!(state.delivers(), Some(false), "no one has confirmed");
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_topic<P: Into<String>>(
        &self,
        urn: impl Into<TopicUrn>,
        subscriptions: impl IntoIterator<Item = (P, i64)>,
    ) {
        let urn = urn.into();
        let subscriptions =
            subscriptions.into_iter().map(|(protocol, status)| (protocol.into(), status)).collect();
        let mut gateway = self.lock();
        let project = gateway.account.project(urn.project_id().unwrap_or_default());
        let topic = project.topics.topic(urn.as_str());
        topic.subscriptions = subscriptions;
        topic.policy.clear();
    }

    /// Sets the access policy of a topic: a JSON document, or an empty string for none.
    pub fn set_topic_policy(&self, urn: impl Into<TopicUrn>, policy: impl Into<String>) {
        let urn = urn.into();
        let mut gateway = self.lock();
        let project = gateway.account.project(urn.project_id().unwrap_or_default());
        project.topics.topic(urn.as_str()).policy = policy.into();
    }
}
