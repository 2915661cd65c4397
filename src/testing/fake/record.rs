//! What the service does when an operation is recorded.

use super::FakeCts;
use crate::event::CtsEvent;
use crate::notification::{Notification, NotificationType};
use crate::trace::Trace;

/// A call of a function that the service would make.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionCall {
    /// The notification that leads to the call. Its topic is the URN of the function.
    pub notification: Notification,
    /// What the function receives.
    pub event: CtsEvent,
}

impl FunctionCall {
    /// Creates a call of a function, to test what handles it.
    #[must_use]
    pub fn new(notification: Notification, event: CtsEvent) -> Self {
        Self { notification, event }
    }
}

impl FakeCts {
    /// Records an operation, which can then be listed, and returns the function calls that it leads
    /// to: one for each notification of the project that goes to a function and
    /// [matches](Notification::matches), or may match: what the service does is unknown then, so a
    /// function has to expect the call.
    ///
    /// Pass the events to your function yourself. Notifications that go to topics lead to nothing
    /// here, because what CTS publishes to a topic is not documented.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::{CreateNotification, Operation};
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::trace::Trace;
    ///
    /// let fake = FakeCts::new();
    /// let logins = CreateNotification::customized("logins", [Operation::new("IAM", "user", ["login"])])
    ///     .topic("urn:fss:cn-north-4:24edf66e79d04187acb99a463e610764:function:default:audit");
    /// fake.client().create_notification(&logins).await?;
    ///
    /// let login: Trace = serde_json::from_str(
    ///     r#"{"service_type": "IAM", "resource_type": "user", "trace_name": "login", "user": {"name": "alice"}}"#,
    /// )?;
    /// let calls = fake.record(FakeCts::PROJECT_ID, &login);
    /// assert_eq!(calls[0].event.cts.user.name(), Some("alice"));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn record(&self, project_id: &str, trace: &Trace) -> Vec<FunctionCall> {
        self.add_traces(project_id, [trace.clone()]);
        let mut notifications = self.notifications(project_id);
        notifications.retain(|notification| {
            notification.notification_type == Some(NotificationType::Fun)
                && notification.topic().is_some()
                && !notification.matches(trace).is_no()
        });
        let call = |notification| FunctionCall::new(notification, CtsEvent::new(trace.clone()));
        notifications.into_iter().map(call).collect()
    }
}
