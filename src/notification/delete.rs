//! Deleting any number of notifications, and telling what became of each.

use serde::{Deserialize, Serialize};

use super::NotificationId;
use crate::client::CtsClient;
use crate::error::{Error, ErrorKind};

/// How many ids one call takes: the documented 400 characters hold ten UUIDs and their commas.
const IDS_PER_CALL: usize = 10;

/// How many characters of ids one call takes, commas included.
const CHARACTERS_PER_CALL: usize = 400;

/// What [`CtsClient::delete_notifications`] takes: ids, any number of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct DeleteNotifications {
    notification_ids: Vec<NotificationId>,
}

impl DeleteNotifications {
    /// The notifications of these ids. One that is given twice is deleted once.
    pub fn new<I: Into<NotificationId>>(ids: impl IntoIterator<Item = I>) -> Self {
        let mut notification_ids: Vec<NotificationId> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for id in ids.into_iter().map(Into::into) {
            if seen.insert(id.clone()) {
                notification_ids.push(id);
            }
        }
        Self { notification_ids }
    }

    /// The ids, in the order given.
    #[must_use]
    pub fn ids(&self) -> &[NotificationId] {
        &self.notification_ids
    }
}

/// What became of the ids of a [`DeleteNotifications`]: each is in one of the three lists.
#[derive(Debug, Default)]
#[non_exhaustive]
#[must_use = "some of the notifications may have survived"]
pub struct DeleteReport {
    /// Not there any more: deleted, or never there.
    pub gone: Vec<NotificationId>,
    /// Still there.
    pub survived: Vec<NotificationId>,
    /// Not known: the service could not be asked.
    pub unknown: Vec<NotificationId>,
    /// The errors on the way, in order.
    pub errors: Vec<Error>,
}

impl DeleteReport {
    /// Whether every notification is gone.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.survived.is_empty() && self.unknown.is_empty()
    }

    /// Makes a failure of anything but completeness: the last error, which is the one that stopped the deletion.
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

impl CtsClient {
    /// Deletes any number of notifications, ten with a call, and tells what became of each.
    ///
    /// One call for several ids may delete only some of them, and its answer does not say which. Then the notifications
    /// are listed, and those that are still there are deleted one by one. An id that nothing has counts as gone.
    ///
    /// # Errors
    ///
    /// Not sent: no ids, or an empty one. Otherwise only if nothing was deleted and the first call failed for a reason that
    /// concerns all of them (no answer, no permission). Whatever happens later is in the report.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::notification::{CreateNotification, DeleteNotifications};
    /// use huaweicloud_cts::testing::FakeCts;
    ///
    /// let client = FakeCts::new().client();
    /// let rule = client.create_notification(&CreateNotification::complete("everything")).await?;
    /// let report = client.delete_notifications(&DeleteNotifications::new([rule.notification_id])).await?;
    /// assert!(report.is_complete());
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn delete_notifications(&self, request: &DeleteNotifications) -> Result<DeleteReport, Error> {
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
                    // The same would happen to the other chunks, so nothing more is sent. What was not sent survives;
                    // what was sent may have arrived.
                    let fate = if error.may_have_applied() { &mut report.unknown } else { &mut report.survived };
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

    /// Deletes one by one what a call for several ids left.
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

/// Documented: 404 and 500 may mean that some were deleted and some were not.
fn may_be_partial(error: &Error) -> bool {
    error.kind() == ErrorKind::Api && (error.is_not_found() || error.status().is_some_and(|s| s.as_u16() == 500))
}

/// The ids in groups that fit into one call.
fn chunks(mut ids: &[NotificationId]) -> impl Iterator<Item = &[NotificationId]> {
    std::iter::from_fn(move || {
        let mut characters = 0;
        let fits = ids.iter().take(IDS_PER_CALL).take_while(|id| {
            characters += id.as_str().chars().count() + 1;
            characters <= CHARACTERS_PER_CALL + 1
        });
        // One that is too long by itself is sent anyway: the service is the judge.
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
