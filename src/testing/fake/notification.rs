//! Notifications that a test puts into the fake, and takes a look at.

use serde::Serialize;
use serde_json::{Map, Value};

use super::FakeCts;
use crate::notification::{CreateNotification, Notification};

impl FakeCts {
    /// Stores a notification in the project of [`client`](Self::client), with the fields that the
    /// service gives a new one. It is not checked, and the quota does not matter.
    ///
    /// ```
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new()
    ///     .with_notification(&CreateNotification::complete("everything"))
    ///     .with_notification(&CreateNotification::complete("everything_for_security"));
    /// assert_eq!(fake.notifications(FakeCts::PROJECT_ID).len(), 2);
    /// ```
    #[must_use]
    pub fn with_notification(self, notification: &CreateNotification) -> Self {
        self.store(Self::PROJECT_ID, notification);
        self
    }

    /// Stores a notification in a project as it is: one that a real account has, or that no call
    /// could create. It is not checked, and replaces the one with its id. The service's own fields
    /// are added where it has none.
    ///
    /// ```
    /// use huaweicloud_cts::notification::Notification;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let mut notification = Notification::default();
    /// notification.notification_name = "of_another_type".to_owned();
    /// notification.notification_type = Some("mqs".into());
    ///
    /// let fake = FakeCts::new();
    /// fake.add_notification("my-project", &notification);
    /// let stored = &fake.notifications("my-project")[0];
    /// assert_eq!(stored.notification_type, notification.notification_type);
    /// assert!(!stored.notification_id.as_str().is_empty());
    /// ```
    pub fn add_notification(&self, project_id: &str, notification: &Notification) {
        self.store(project_id, notification);
    }

    fn store(&self, project_id: &str, notification: &impl Serialize) {
        let json = serde_json::to_value(notification).ok();
        let Some(Value::Object(fields)) = json else { return };
        let is_set = |value: &Value| !value.is_null() && value != "";
        let fields: Map<String, Value> =
            fields.into_iter().filter(|(_, value)| is_set(value)).collect();
        self.lock().seed(project_id, |project, call| project.notifications.put(fields, call));
    }

    /// Returns the notifications of a project, in the order of their creation.
    #[must_use]
    pub fn notifications(&self, project_id: &str) -> Vec<Notification> {
        let gateway = self.lock();
        let Some(project) = gateway.account.projects.get(project_id) else { return Vec::new() };
        let all = project.notifications.all().iter();
        all.filter_map(|notification| serde_json::from_value(notification.clone().into()).ok())
            .collect()
    }

    /// Sets how many notifications each project can have; 100 without it.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::ErrorCode;
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let fake = FakeCts::new();
    /// fake.set_notification_quota(0);
    /// let error = fake.client().create_notification(&CreateNotification::complete("a")).await.unwrap_err();
    /// assert_eq!(error.code(), Some(&ErrorCode::NotificationQuotaExceeded));
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_notification_quota(&self, quota: usize) {
        self.lock().settings.notification_quota = quota;
    }
}
