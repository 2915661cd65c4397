//! What the service does when an operation is recorded.

use super::FakeCts;
use crate::event::CtsEvent;
use crate::notification::{Notification, NotificationType};
use crate::trace::Trace;

/// A call of a function that the fake would make.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FunctionCall {
    /// The notification that the call is made for. Its topic is the function's URN.
    pub notification: Notification,
    /// What the function is called with.
    pub event: CtsEvent,
}

impl FakeCts {
    /// Records an operation, and gives the calls of functions that it leads to: one for each notification of the project that
    /// goes to a function and [matches](Notification::matches).
    ///
    /// Bringing the event to the function is up to you. Notifications that go to topics lead to nothing here, for what CTS
    /// publishes to a topic is not documented.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::{CreateNotification, Operation};
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::trace::Trace;
    ///
    /// let fake = FakeCts::new();
    /// let rule = CreateNotification::customized("logins", [Operation::new("IAM", "user", ["login"])])
    ///     .topic("urn:fss:cn-north-4:24edf66e79d04187acb99a463e610764:function:default:audit");
    /// fake.client().create_notification(&rule).await?;
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
        let mut rules = self.notifications(project_id);
        rules.retain(|rule| {
            rule.notification_type == Some(NotificationType::Fun)
                && rule.topic().is_some()
                && rule.matches(trace).is_ok()
        });
        let call = |notification| FunctionCall { notification, event: CtsEvent::new(trace.clone()) };
        rules.into_iter().map(call).collect()
    }
}
