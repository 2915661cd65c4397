//! Deleting any number of notifications, with a report on each.

use std::collections::HashSet;
use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::NotificationId;
use crate::client::CtsClient;
use crate::error::{Error, ErrorKind};
use crate::text::printable;

/// The maximum number of ids of one call: ten UUIDs and their commas fit into the documented 400
/// characters.
const IDS_PER_CALL: usize = 10;

/// The maximum number of characters of the ids of one call, with their commas.
const CHARACTERS_PER_CALL: usize = 400;

/// A request of [`CtsClient::delete_notifications`]: any number of ids.
///
/// ```
/// use huaweicloud_cts::notification::DeleteNotifications;
///
/// let request = DeleteNotifications::new(["1", "2", "1"]);
/// assert_eq!(request.ids(), ["1", "2"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct DeleteNotifications {
    #[serde(deserialize_with = "distinct")]
    notification_ids: Vec<NotificationId>,
}

fn distinct<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<NotificationId>, D::Error> {
    let ids: Vec<NotificationId> = Vec::deserialize(deserializer)?;
    Ok(DeleteNotifications::new(ids).notification_ids)
}

impl DeleteNotifications {
    /// Creates a request for the notifications with these ids. Repeated ids are ignored.
    pub fn new<I: Into<NotificationId>>(ids: impl IntoIterator<Item = I>) -> Self {
        let mut notification_ids: Vec<NotificationId> = Vec::new();
        let mut seen = HashSet::new();
        for id in ids.into_iter().map(Into::into) {
            if seen.insert(id.clone()) {
                notification_ids.push(id);
            }
        }
        Self { notification_ids }
    }

    /// Returns the ids, in their order.
    #[must_use]
    pub fn ids(&self) -> &[NotificationId] {
        &self.notification_ids
    }
}

/// The result of [`CtsClient::delete_notifications`]: each id is in one of three lists.
///
/// `Display` prints one line: how many are gone, which ones are not, and the last error.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
#[must_use = "some of the notifications may still exist"]
pub struct DeleteReport {
    /// Notifications that do not exist: they were deleted, or never existed.
    pub gone: Vec<NotificationId>,
    /// Notifications that still exist.
    pub survived: Vec<NotificationId>,
    /// Notifications that may still exist: the service could not be asked.
    pub unknown: Vec<NotificationId>,
    /// The errors, in their order.
    pub errors: Vec<Error>,
}

impl DeleteReport {
    /// Returns `true` if every notification is gone.
    ///
    /// ```
    /// use huaweicloud_cts::notification::DeleteReport;
    ///
    /// let mut report = DeleteReport::default();
    /// report.gone.push("1".into());
    /// assert!(report.is_complete());
    /// report.unknown.push("2".into());
    /// assert!(!report.is_complete());
    /// ```
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.survived.is_empty() && self.unknown.is_empty()
    }

    /// Returns the last error, which is the one that ended the deletion, unless every notification
    /// is gone.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::DeleteNotifications;
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let report = FakeCts::new().client().delete_notifications(&DeleteNotifications::new(["unknown"])).await?;
    /// assert_eq!(report.gone, ["unknown"]);
    /// report.into_result()?;
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The last of [`errors`](Self::errors), unless every notification is gone.
    pub fn into_result(mut self) -> Result<(), Error> {
        match self.errors.pop() {
            Some(error) if !self.is_complete() => Err(error),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for DeleteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} gone", self.gone.len())?;
        for (ids, what) in [(&self.survived, "not deleted"), (&self.unknown, "unknown")] {
            if !ids.is_empty() {
                let shown: Vec<_> = ids.iter().map(|id| printable(id.as_str(), 100)).collect();
                write!(f, ", {} {what} ({})", ids.len(), shown.join(", "))?;
            }
        }
        match self.errors.last() {
            Some(error) if !self.is_complete() => write!(f, ": {error}"),
            _ => Ok(()),
        }
    }
}

impl Serialize for DeleteReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { gone, survived, unknown, errors } = self;
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let mut report = serializer.serialize_struct("DeleteReport", 5)?;
        report.serialize_field("gone", gone)?;
        report.serialize_field("survived", survived)?;
        report.serialize_field("unknown", unknown)?;
        report.serialize_field("errors", &errors)?;
        report.serialize_field("complete", &self.is_complete())?;
        report.end()
    }
}

impl CtsClient {
    /// Deletes any number of notifications, ten with each call, and reports on each.
    ///
    /// A call for several ids may delete only some of them, and its response does not say which.
    /// Then the notifications are listed, and those that still exist are deleted one by one. A
    /// notification that does not exist counts as gone.
    ///
    /// # Errors
    ///
    /// Not sent: no ids, or an empty one. Otherwise only if nothing was deleted and the first call
    /// failed for a reason that concerns all of them (no response, no permission). The report has
    /// all later errors.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::{CreateNotification, DeleteNotifications};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let created = client.create_notification(&CreateNotification::complete("everything")).await?;
    /// let report = client.delete_notifications(&DeleteNotifications::new([created.notification_id])).await?;
    /// assert!(report.is_complete());
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn delete_notifications(
        &self,
        request: &DeleteNotifications,
    ) -> Result<DeleteReport, Error> {
        Self::check_deletion(request.ids())?;
        let mut report = DeleteReport::default();
        let mut chunks = chunks(request.ids());
        while let Some(chunk) = chunks.next() {
            match self.delete_at_once(chunk).await {
                Ok(()) => report.gone.extend_from_slice(chunk),
                Err(error) if may_be_partial(&error) => {
                    report.errors.push(error);
                    self.delete_rest(chunk, &mut report).await;
                }
                Err(error) => {
                    // The other chunks would fail too, so nothing more is sent. What was not sent
                    // survives; what was sent may have arrived.
                    let fate = if error.may_have_applied() {
                        &mut report.unknown
                    } else {
                        &mut report.survived
                    };
                    fate.extend_from_slice(chunk);
                    report.survived.extend(chunks.flatten().cloned());
                    if report.gone.is_empty() && report.errors.is_empty() {
                        return Err(error);
                    }
                    report.errors.push(error);
                    break;
                }
            }
        }
        Ok(report)
    }

    /// Deletes one by one what a call for several ids did not delete.
    async fn delete_rest(&self, ids: &[NotificationId], report: &mut DeleteReport) {
        let all = match self.list_all_notifications().await {
            Ok(all) => all,
            Err(error) => {
                report.unknown.extend_from_slice(ids);
                report.errors.push(error);
                return;
            }
        };
        for id in ids {
            if !all.iter().any(|notification| notification.notification_id == *id) {
                report.gone.push(id.clone());
                continue;
            }
            match self.delete_notification(id).await {
                Ok(()) => report.gone.push(id.clone()),
                Err(error) => {
                    let fate = match (error.is_not_found(), error.may_have_applied()) {
                        (true, _) => &mut report.gone,
                        (false, true) => &mut report.unknown,
                        (false, false) => &mut report.survived,
                    };
                    fate.push(id.clone());
                    report.errors.push(error);
                }
            }
        }
    }
}

/// Returns `true` if some may be deleted and some not. Documented for 404 and 500.
fn may_be_partial(error: &Error) -> bool {
    error.kind() == ErrorKind::Api
        && (error.is_not_found() || error.status().is_some_and(|s| s.as_u16() == 500))
}

/// Splits the ids into groups that fit into one call each.
fn chunks(mut ids: &[NotificationId]) -> impl Iterator<Item = &[NotificationId]> {
    std::iter::from_fn(move || {
        let mut characters = 0;
        let fits = ids.iter().take(IDS_PER_CALL).take_while(|id| {
            characters += id.as_str().chars().count() + 1;
            characters <= CHARACTERS_PER_CALL + 1
        });
        // An id that is too long is sent alone: the service is the judge.
        let count = fits.count().max(1);
        let (chunk, rest) = ids.split_at_checked(count)?;
        ids = rest;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_hold_ten_ids_and_400_characters() {
        let lengths = |ids: &[NotificationId]| chunks(ids).map(<[_]>::len).collect::<Vec<_>>();
        let uuids: Vec<NotificationId> = (0..25).map(|i| format!("{i:036}").into()).collect();
        assert_eq!(lengths(&uuids), [10, 10, 5]);
        assert_eq!(lengths(&[]), [0; 0]);

        let long: Vec<NotificationId> = (0..4).map(|i| format!("{i:0199}").into()).collect();
        assert_eq!(lengths(&long), [2, 2], "199 + 1 + 199 characters fit, a third does not");
        assert_eq!(lengths(&[format!("{:0500}", 0).into(), "a".into()]), [1, 1]);
    }
}
