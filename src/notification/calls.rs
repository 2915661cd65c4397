//! The calls.

use std::collections::HashSet;

use http::{Method, StatusCode};

use super::{
    CreateNotification, ListNotifications, Notification, NotificationId, NotificationStatus, NotificationType,
    UpdateNotification,
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
const LIST: CallName =
    CallName { operation: "ListNotifications", actions: "cts:notification:list", class: Class::Read };
pub(crate) const UPDATE: CallName = CallName {
    operation: "UpdateNotification",
    actions: "cts:notification:update, smn:topic:listTopic, iam:users:listUsers and iam:groups:listGroups",
    class: Class::Idempotent,
};
const DELETE: CallName =
    CallName { operation: "DeleteNotification", actions: "cts:notification:delete", class: Class::Idempotent };

/// The types that the service keeps apart.
const TYPES: [NotificationType; 2] = [NotificationType::Smn, NotificationType::Fun];

impl CtsClient {
    /// Creates a notification, and gives it as the service keeps it. With a topic it starts enabled, without one
    /// disabled; the request cannot say.
    ///
    /// # Errors
    ///
    /// Not sent: an empty name, `customized` without operations. From the service, for one:
    /// [`ErrorCode::NotificationNameExists`], [`ErrorCode::OperationsInvalid`], [`ErrorCode::TopicNotFound`],
    /// [`ErrorCode::NotificationQuotaExceeded`]. If [`may_have_applied`](Error::may_have_applied) says so, look with
    /// [`find_notification`](Self::find_notification) before you create again.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::{CreateNotification, Operation};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let rule = CreateNotification::customized("key_logins", [Operation::new("IAM", "user", ["login"])]);
    /// let created = client.create_notification(&rule).await?;
    /// assert!(!created.is_enabled(), "it has no topic");
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn create_notification(&self, request: &CreateNotification) -> Result<Notification, Error> {
        let call = Call::new(CREATE, Method::POST, PATH);
        request.check().map_err(|reason| call.refused(reason))?;
        self.call(call.json(request)?, notification).await
    }

    /// Lists the notifications of one type. There is no paging: all come at once.
    ///
    /// # Errors
    ///
    /// From the service, for one: [`ErrorCode::NotificationTypeUnsupported`] on a cloud without functions; a 404 for a
    /// name that nothing has, on some clouds.
    pub async fn list_notifications(&self, request: &ListNotifications) -> Result<Vec<Notification>, Error> {
        let path = format!("{PATH}/{}", path_segment(request.notification_type().as_str()));
        let mut call = Call::new(LIST, Method::GET, path);
        if let Some(name) = request.notification_name() {
            call = call.query("notification_name", name);
        }
        self.call(call, |body| response::list(body, "notifications")).await
    }

    /// Lists the notifications of both types, those that go to topics first. A cloud that has only one type is taken as
    /// it is.
    ///
    /// # Errors
    ///
    /// As for [`list_notifications`](Self::list_notifications).
    pub async fn list_all_notifications(&self) -> Result<Vec<Notification>, Error> {
        self.of_all_types(None).await
    }

    /// Looks for a notification by its exact name, among both types.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Ambiguous`](crate::ErrorKind::Ambiguous) if there are several, and as for
    /// [`list_notifications`](Self::list_notifications).
    pub async fn find_notification(&self, name: &str) -> Result<Option<Notification>, Error> {
        // The service may take the name for the start of one.
        let mut found = self.of_all_types(Some(name)).await?;
        found.retain(|notification| notification.notification_name == name);
        if found.len() > 1 {
            let ids = found.into_iter().map(|notification| notification.notification_id).collect();
            return Err(Error::new(LIST, History::default(), Cause::Ambiguous { name: name.to_owned(), ids }));
        }
        Ok(found.pop())
    }

    async fn of_all_types(&self, name: Option<&str>) -> Result<Vec<Notification>, Error> {
        let mut all: Vec<Notification> = Vec::new();
        let mut seen = HashSet::new();
        for notification_type in TYPES {
            let may_be_missing = notification_type != NotificationType::Smn;
            let mut request = ListNotifications::of_type(notification_type);
            if let Some(name) = name {
                request = request.named(name);
            }
            match self.list_notifications(&request).await {
                // One that moves from one type to the other meanwhile is in both lists.
                Ok(found) => {
                    all.extend(found.into_iter().filter(|one| {
                        one.notification_id.as_str().is_empty() || seen.insert(one.notification_id.clone())
                    }));
                }
                Err(error) if is_nothing_there(&error, name.is_some(), may_be_missing) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    /// Replaces a notification, and gives it as the service keeps it. What the request does not say is cleared: make it
    /// with [`UpdateNotification::from_current`].
    ///
    /// # Errors
    ///
    /// Not sent: an empty id or name, `customized` without operations. From the service, for one:
    /// [`ErrorCode::NotificationNotFound`], [`ErrorCode::TopicRequired`].
    pub async fn update_notification(&self, request: &UpdateNotification) -> Result<Notification, Error> {
        self.update(Call::new(UPDATE, Method::PUT, PATH), request).await
    }

    /// Replaces a notification like [`update_notification`](Self::update_notification), but sends nothing again that may have
    /// arrived: the notification may have been edited since.
    pub(crate) async fn update_at_most_once(&self, request: &UpdateNotification) -> Result<Notification, Error> {
        self.update(Call::new(UPDATE, Method::PUT, PATH).at_most_once(), request).await
    }

    async fn update(&self, call: Call, request: &UpdateNotification) -> Result<Notification, Error> {
        request.check().map_err(|reason| call.refused(reason))?;
        self.call(call.json(request)?, notification).await
    }

    /// Activates or silences a notification and leaves all else as it is: reads it, and writes it back with the other
    /// status. Writes nothing if it has that status already.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no notification has the id, and as for
    /// [`update_notification`](Self::update_notification).
    pub async fn set_status(
        &self,
        id: &NotificationId,
        status: impl Into<NotificationStatus>,
    ) -> Result<Notification, Error> {
        let status = status.into();
        let all = self.list_all_notifications().await?;
        let Some(current) = all.into_iter().find(|notification| notification.notification_id == *id) else {
            let what = format!("notification with the id {id}");
            return Err(Error::new(UPDATE, History::default(), Cause::NotFound(what)));
        };
        if current.status.as_ref() == Some(&status) {
            return Ok(current);
        }
        self.update_notification(&UpdateNotification::from_current(&current).status(status)).await
    }

    /// Deletes one notification.
    ///
    /// # Errors
    ///
    /// Not sent: an empty id. From the service, for one: [`ErrorCode::NotificationNotFound`], with status 404; but not if
    /// an earlier attempt of the same call, whose answer was lost, may be what deleted it.
    pub async fn delete_notification(&self, id: &NotificationId) -> Result<(), Error> {
        match self.delete_at_once(std::slice::from_ref(id)).await {
            Err(error) if error.is_not_found() && error.may_have_applied() => Ok(()),
            result => result,
        }
    }

    /// Deletes several notifications with one call, which may leave some of them.
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

/// Reads a notification. Without an id it is none: an answer of success may come from elsewhere.
fn notification(body: &[u8]) -> Result<Notification, String> {
    let read: Notification = response::one(body)?;
    if read.notification_id.as_str().is_empty() {
        return Err("it has no notification_id".to_owned());
    }
    Ok(read)
}

fn check_ids(ids: &[NotificationId]) -> Result<(), &'static str> {
    if ids.is_empty() {
        return Err("there is no id to delete: without one the call might delete everything");
    }
    if ids.iter().any(|id| id.as_str().is_empty()) {
        return Err("an id is empty: without one the call might delete everything");
    }
    if ids.iter().any(|id| id.as_str().contains(',')) {
        return Err("an id has a comma in it: give the ids one by one");
    }
    Ok(())
}

/// Whether a list that failed means that there is nothing to list.
fn is_nothing_there(error: &Error, by_name: bool, may_be_missing: bool) -> bool {
    let unsupported = error.code() == Some(&ErrorCode::NotificationTypeUnsupported);
    let unknown_name = error.status() == Some(StatusCode::NOT_FOUND) && error.is_not_found();
    (unsupported && may_be_missing) || (unknown_name && by_name)
}
