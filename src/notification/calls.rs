//! The calls, except deleting several notifications.

use std::collections::HashSet;

use http::{Method, StatusCode};

use super::{
    CreateNotification, ListNotifications, Notification, NotificationId, NotificationStatus,
    NotificationType, UpdateNotification,
};
use crate::client::CtsClient;
use crate::client::call::{Call, path_segment};
use crate::error::{CallName, Cause, Class, Error, ErrorCode, History};
use crate::wire::response;

const PATH: &str = "/notifications";

pub(crate) const CREATE: CallName = CallName {
    operation: "CreateNotification",
    actions: "cts:notification:create, smn:topic:listTopic, iam:users:listUsers and iam:groups:listGroups",
    class: Class::Create,
};
const LIST: CallName = CallName {
    operation: "ListNotifications",
    actions: "cts:notification:list",
    class: Class::Read,
};
pub(crate) const UPDATE: CallName = CallName {
    operation: "UpdateNotification",
    actions: "cts:notification:update, smn:topic:listTopic, iam:users:listUsers and iam:groups:listGroups",
    class: Class::Idempotent,
};
const DELETE: CallName = CallName {
    operation: "DeleteNotification",
    actions: "cts:notification:delete",
    class: Class::Idempotent,
};

/// The types, of which the service lists one at a time.
const TYPES: [NotificationType; 2] = [NotificationType::Smn, NotificationType::Fun];

impl CtsClient {
    /// Creates a notification, and returns it as the service keeps it. It is enabled if it has a
    /// topic, and disabled if not; the request can't set the status.
    ///
    /// # Errors
    ///
    /// Not sent: an empty name, `customized` without operations. From the service, for example:
    /// [`ErrorCode::NotificationNameExists`], [`ErrorCode::OperationsInvalid`],
    /// [`ErrorCode::TopicNotFound`], [`ErrorCode::NotificationQuotaExceeded`]. If the request
    /// [may have been applied](Error::may_have_applied), look for the notification with
    /// [`find_notification`](Self::find_notification) before you create it again.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::{CreateNotification, Operation};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let request = CreateNotification::customized("key_logins", [Operation::new("IAM", "user", ["login"])]);
    /// let created = client.create_notification(&request).await?;
    /// assert!(!created.is_enabled(), "it has no topic");
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn create_notification(
        &self,
        request: &CreateNotification,
    ) -> Result<Notification, Error> {
        let call = Call::new(CREATE, Method::POST, PATH);
        request.check().map_err(|reason| call.refused(reason))?;
        self.call(call.json(request)?, notification).await
    }

    /// Lists the notifications of one type. There is no paging: the service returns all of them.
    ///
    /// # Errors
    ///
    /// From the service, for example: [`ErrorCode::NotificationTypeUnsupported`] on a cloud without
    /// functions; on some clouds, a 404 if no notification has the name.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::ListNotifications;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// for notification in client.list_notifications(&ListNotifications::smn()).await? {
    ///     println!("{}", notification.notification_name);
    /// }
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn list_notifications(
        &self,
        request: &ListNotifications,
    ) -> Result<Vec<Notification>, Error> {
        let path = format!("{PATH}/{}", path_segment(request.notification_type().as_str()));
        let mut call = Call::new(LIST, Method::GET, path);
        if let Some(name) = request.notification_name() {
            call = call.query("notification_name", name);
        }
        self.call(call, |body| response::list(body, "notifications")).await
    }

    /// Lists the notifications of both types, those of SMN topics first. A cloud that supports only
    /// one type is no error.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::open_telekom_cloud().client();
    /// assert!(client.list_all_notifications().await?.is_empty());
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`list_notifications`](Self::list_notifications).
    pub async fn list_all_notifications(&self) -> Result<Vec<Notification>, Error> {
        self.of_all_types(None).await
    }

    /// Returns the notification with this id, of either type. The API has no call for one: it lists
    /// both types.
    ///
    /// An id comes from the service, so it is an error if the notification does not exist; check
    /// [`Error::is_not_found`]. To look for a notification that may exist, use
    /// [`find_notification`](Self::find_notification) with its name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no notification has the id, and as
    /// for [`list_notifications`](Self::list_notifications).
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let created = client.create_notification(&CreateNotification::complete("everything")).await?;
    /// assert_eq!(client.get_notification(&created.notification_id).await?, created);
    /// assert!(client.get_notification(&"unknown".into()).await.unwrap_err().is_not_found());
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn get_notification(&self, id: &NotificationId) -> Result<Notification, Error> {
        self.with_id(id, LIST).await
    }

    async fn with_id(&self, id: &NotificationId, call: CallName) -> Result<Notification, Error> {
        let all = self.list_all_notifications().await?;
        all.into_iter().find(|notification| notification.notification_id == *id).ok_or_else(|| {
            let what = format!("notification with the id {id}");
            Error::new(call, History::default(), Cause::NotFound(what))
        })
    }

    /// Returns the notification with exactly this name, of either type; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several, and as for
    /// [`list_notifications`](Self::list_notifications).
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// assert_eq!(client.find_notification("key_logins").await?, None);
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn find_notification(&self, name: &str) -> Result<Option<Notification>, Error> {
        // The service may treat the name as a prefix.
        let mut found = self.of_all_types(Some(name)).await?;
        found.retain(|notification| notification.notification_name == name);
        if found.len() > 1 {
            let ids = found.into_iter().map(|notification| notification.notification_id).collect();
            return Err(Error::new(
                LIST,
                History::default(),
                Cause::Ambiguous { name: name.to_owned(), ids },
            ));
        }
        Ok(found.pop())
    }

    async fn of_all_types(&self, name: Option<&str>) -> Result<Vec<Notification>, Error> {
        let mut all: Vec<Notification> = Vec::new();
        let mut seen = HashSet::new();
        for notification_type in TYPES {
            let may_be_missing = notification_type != NotificationType::Smn;
            let mut request = ListNotifications::new(notification_type);
            if let Some(name) = name {
                request = request.named(name);
            }
            match self.list_notifications(&request).await {
                // One whose type changes in the meantime is in both lists.
                Ok(found) => {
                    all.extend(found.into_iter().filter(|one| {
                        one.notification_id.as_str().is_empty()
                            || seen.insert(one.notification_id.clone())
                    }));
                }
                Err(error) if is_nothing_there(&error, name.is_some(), may_be_missing) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    /// Replaces a notification, and returns it as the service keeps it. Fields that the request
    /// omits are cleared: create it with [`UpdateNotification::from_current`].
    ///
    /// # Errors
    ///
    /// Not sent: an empty id or name, `customized` without operations. From the service, for
    /// example: [`ErrorCode::NotificationNotFound`], [`ErrorCode::TopicRequired`].
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::{CreateNotification, UpdateNotification};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let created = client.create_notification(&CreateNotification::complete("everything")).await?;
    /// let renamed = UpdateNotification::from_current(&created).rename("all_operations");
    /// assert_eq!(client.update_notification(&renamed).await?.notification_name, "all_operations");
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn update_notification(
        &self,
        request: &UpdateNotification,
    ) -> Result<Notification, Error> {
        self.update(Call::new(UPDATE, Method::PUT, PATH), request).await
    }

    /// Replaces a notification like [`update_notification`](Self::update_notification), but sends
    /// nothing again that may have arrived: the notification may have been edited since.
    pub(crate) async fn update_at_most_once(
        &self,
        request: &UpdateNotification,
    ) -> Result<Notification, Error> {
        self.update(Call::new(UPDATE, Method::PUT, PATH).at_most_once(), request).await
    }

    async fn update(
        &self,
        call: Call,
        request: &UpdateNotification,
    ) -> Result<Notification, Error> {
        request.check().map_err(|reason| call.refused(reason))?;
        self.call(call.json(request)?, notification).await
    }

    /// Activates or deactivates a notification: reads it, and writes it back with the other status.
    /// Writes nothing if it already has that status.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no notification has the id, and as
    /// for [`update_notification`](Self::update_notification).
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::{CreateNotification, NotificationStatus};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let topic = "urn:smn:cn-north-4:24edf66e79d04187acb99a463e610764:audit";
    /// let created = client.create_notification(&CreateNotification::complete("everything").topic(topic)).await?;
    /// let disabled = client.set_status(&created.notification_id, NotificationStatus::Disabled).await?;
    /// assert!(created.is_enabled() && !disabled.is_enabled());
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn set_status(
        &self,
        id: &NotificationId,
        status: impl Into<NotificationStatus>,
    ) -> Result<Notification, Error> {
        let status = status.into();
        let current = self.with_id(id, UPDATE).await?;
        if current.status.as_ref() == Some(&status) {
            return Ok(current);
        }
        self.update_notification(&UpdateNotification::from_current(&current).status(status)).await
    }

    /// Deletes one notification.
    ///
    /// # Errors
    ///
    /// Not sent: an empty id. From the service, for example: [`ErrorCode::NotificationNotFound`],
    /// with status 404; but not if an earlier attempt of the same call, whose response was lost,
    /// may have deleted it.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::CreateNotification;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let created = client.create_notification(&CreateNotification::complete("everything")).await?;
    /// client.delete_notification(&created.notification_id).await?;
    /// assert_eq!(client.list_all_notifications().await?, []);
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn delete_notification(&self, id: &NotificationId) -> Result<(), Error> {
        match self.delete_at_once(std::slice::from_ref(id)).await {
            Err(error) if error.is_not_found() && error.may_have_applied() => Ok(()),
            result => result,
        }
    }

    /// Deletes several notifications with one call, which may fail after it deleted some of them.
    pub(super) async fn delete_at_once(&self, ids: &[NotificationId]) -> Result<(), Error> {
        let call = Call::new(DELETE, Method::DELETE, PATH);
        if let Err(reason) = check_ids(ids) {
            return Err(call.refused(reason));
        }
        let joined = ids.iter().map(NotificationId::as_str).collect::<Vec<_>>().join(",");
        self.call(call.query("notification_id", joined), response::nothing).await
    }

    pub(super) fn check_deletion(ids: &[NotificationId]) -> Result<(), Error> {
        check_ids(ids).map_err(|reason| Call::new(DELETE, Method::DELETE, PATH).refused(reason))
    }
}

/// Reads a notification. A response without an id is no notification: it may come from elsewhere.
fn notification(body: &[u8]) -> Result<Notification, String> {
    let read: Notification = response::one(body)?;
    if read.notification_id.as_str().is_empty() {
        return Err("it has no notification_id".to_owned());
    }
    Ok(read)
}

fn check_ids(ids: &[NotificationId]) -> Result<(), &'static str> {
    if ids.is_empty() {
        return Err("there is no id to delete: without an id the call might delete everything");
    }
    if ids.iter().any(|id| id.as_str().is_empty()) {
        return Err("an id is empty: without an id the call might delete everything");
    }
    if ids.iter().any(|id| id.as_str().contains(',')) {
        return Err("an id contains a comma: pass each id as its own value");
    }
    Ok(())
}

/// Returns `true` if the error of a list means that there is nothing to list.
fn is_nothing_there(error: &Error, by_name: bool, may_be_missing: bool) -> bool {
    let unsupported = error.code() == Some(&ErrorCode::NotificationTypeUnsupported);
    let unknown_name = error.status() == Some(StatusCode::NOT_FOUND) && error.is_not_found();
    (unsupported && may_be_missing) || (unknown_name && by_name)
}
