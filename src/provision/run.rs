//! The writes of a plan. After a lost response the notifications are read, and never created a
//! second time.

use std::collections::HashSet;

use http::StatusCode;

use super::NotificationSpec;
use super::difference::differences;
use super::plan::{Action, Plan, Step, Work};
use super::report::{ApplyReport, Outcome};
use super::stale::{Found, edited, find_taken};
use crate::client::CtsClient;
use crate::error::{CallName, Cause, Error, ErrorCode, ErrorKind, History};
use crate::notification::{
    CREATE, DeleteNotifications, Fields, Notification, NotificationId, UPDATE, UpdateNotification,
};

/// The state of a plan that is being applied.
pub(super) struct Run<'c> {
    client: &'c CtsClient,
    /// What the user called.
    caller: CallName,
    /// Something happened that concerns all remaining steps.
    pub(super) stopped: bool,
    /// The quota is exhausted.
    pub(super) no_room: bool,
}

/// The id of a notification, if it is known now, and the outcome.
type Done = (Option<NotificationId>, Outcome);

impl<'c> Run<'c> {
    pub(super) fn new(client: &'c CtsClient, caller: CallName) -> Self {
        Self { client, caller, stopped: false, no_room: false }
    }

    /// Creates and updates what is still due.
    pub(super) async fn make(&mut self, plan: &Plan, report: &mut ApplyReport) {
        for (step, entry) in plan.steps().iter().zip(&mut report.entries) {
            if is_due(&entry.outcome)
                && let Some((id, outcome)) = self.make_one(step).await
            {
                entry.id = id.or(entry.id.take());
                entry.outcome = outcome;
            }
        }
    }

    /// Returns `None` if the step was not tried.
    async fn make_one(&mut self, step: &Step) -> Option<Done> {
        match &step.work {
            Work::Create(desired) if !self.stopped && !self.no_room => {
                Some(self.create(desired).await)
            }
            Work::Update { desired, current } if !self.stopped => {
                Some(self.update(desired, current).await)
            }
            _ => None,
        }
    }

    async fn create(&mut self, desired: &NotificationSpec) -> Done {
        let error = match self.client.create_notification(desired.request()).await {
            Ok(created) => {
                // The response may lack other fields, but these were sent a moment ago.
                if Fields::of(&created).status == desired.fields().status {
                    return self.confirmed(desired, created, Action::Create, CREATE).await;
                }
                return self.write(desired, &created, Action::Create).await;
            }
            Err(error) => error,
        };
        let is_taken = error.code() == Some(&ErrorCode::NotificationNameExists);
        if !is_taken && !error.may_have_applied() {
            return (None, self.failed(error));
        }
        match self.find(desired.name()).await {
            Ok(Some(found)) => self.adopt(desired, &found, error.may_have_applied()).await,
            Err(ambiguous) if ambiguous.kind() == ErrorKind::Ambiguous => {
                (None, Outcome::Failed { error: ambiguous })
            }
            Ok(None) | Err(_) => (None, Outcome::of_write(error)),
        }
    }

    /// Takes a notification that was found in place of the one to be created. If the create may
    /// have been applied, and the notification is exactly what the create makes, then it is that
    /// one, and only its status is missing.
    async fn adopt(
        &mut self,
        desired: &NotificationSpec,
        found: &Notification,
        may_be_ours: bool,
    ) -> Done {
        match find_taken(desired, found) {
            Found::AsDesired(id) if may_be_ours => (id, Outcome::Done { action: Action::Create }),
            Found::AsDesired(id) => (id, Outcome::Done { action: Action::Unchanged }),
            Found::Changed(_)
                if may_be_ours
                    && differences(&NotificationSpec::new(desired.request().clone()), found)
                        .is_empty() =>
            {
                self.write(desired, found, Action::Create).await
            }
            Found::Changed(change) => (None, changed(self.caller, desired.name(), change)),
            Found::AsPlanned => (None, Outcome::NotTried),
        }
    }

    async fn update(&mut self, desired: &NotificationSpec, current: &Notification) -> Done {
        let done = self.write(desired, current, Action::Update).await;
        if done.1.error().is_some_and(Error::is_not_found) {
            return (done.0, changed(self.caller, desired.name(), "it was deleted".to_owned()));
        }
        done
    }

    /// Updates a notification that was read as `before`. If the response is lost, it is read, and
    /// the update is sent again only if the notification is still the same: another client may have
    /// edited it after the update arrived.
    async fn write(
        &mut self,
        desired: &NotificationSpec,
        before: &Notification,
        action: Action,
    ) -> Done {
        let request = desired.over(UpdateNotification::from_current(before));
        let id = Some(request.id().clone());
        let mut left = self.client.most_attempts();
        loop {
            let error = match self.client.update_at_most_once(&request).await {
                Ok(response) => return self.confirmed(desired, response, action, UPDATE).await,
                Err(error) => error,
            };
            if error.is_not_found() || !error.may_have_applied() {
                return (id, self.failed(error));
            }
            left = left.saturating_sub(1);
            match self.find_by_id(request.id()).await {
                Ok(Some(found)) if differences(desired, &found).is_empty() => {
                    return (id, Outcome::Done { action });
                }
                Ok(Some(found))
                    if left > 0
                        && error.is_retryable()
                        && is_unchanged(desired, before, &found, action) => {}
                _ => return (id, Outcome::Unknown { error }),
            }
        }
    }

    /// Compares what was sent with the service's response. If they differ, the notification is
    /// read, because a response may lack fields. Without this, each run would send the same update
    /// again and report success.
    async fn confirmed(
        &mut self,
        desired: &NotificationSpec,
        response: Notification,
        action: Action,
        call: CallName,
    ) -> Done {
        let id = Some(response.notification_id.clone());
        if differences(desired, &response).is_empty() {
            return (id, Outcome::Done { action });
        }
        match self.client.find_notification(desired.name()).await {
            Ok(Some(kept)) if !differences(desired, &kept).is_empty() => {
                let fields =
                    differences(desired, &kept).iter().map(|difference| difference.field).collect();
                let cause = Cause::NotKept { name: desired.name().to_owned(), fields };
                (id, Outcome::Failed { error: Error::new(call, History::default(), cause) })
            }
            // In the desired state; or it can't be read now, and the next plan will show it.
            _ => (id, Outcome::Done { action }),
        }
    }

    /// Reads a notification by its name. If that fails too, the remaining steps are not tried.
    async fn find(&mut self, name: &str) -> Result<Option<Notification>, Error> {
        let found = self.client.find_notification(name).await;
        self.note_unread(found.as_ref().err());
        found
    }

    /// Reads a notification by its id.
    async fn find_by_id(&mut self, id: &NotificationId) -> Result<Option<Notification>, Error> {
        let all = self.client.list_all_notifications().await;
        self.note_unread(all.as_ref().err());
        Ok(all?.into_iter().find(|notification| notification.notification_id == *id))
    }

    fn note_unread(&mut self, error: Option<&Error>) {
        self.stopped |= error.is_some_and(|error| concerns_all(error) || error.is_retryable());
    }

    fn failed(&mut self, error: Error) -> Outcome {
        if is_quota(&error) {
            self.no_room = true;
        } else {
            self.stopped |= concerns_all(&error);
        }
        Outcome::Failed { error }
    }

    /// Deletes what is still due. Returns `true` if any of it was deleted.
    pub(super) async fn delete(&self, report: &mut ApplyReport) -> bool {
        let deletes = report.entries.iter_mut().filter(|entry| entry.planned == Action::Delete);
        let mut doomed: Vec<_> = deletes.filter(|entry| is_due(&entry.outcome)).collect();
        let ids: Vec<NotificationId> = doomed.iter().filter_map(|entry| entry.id.clone()).collect();
        if ids.is_empty() {
            return false;
        }
        let (gone, unknown, error) =
            match self.client.delete_notifications(&DeleteNotifications::new(ids.clone())).await {
                Ok(report) => (report.gone, report.unknown, report.errors.into_iter().next_back()),
                Err(error) if error.may_have_applied() => (Vec::new(), ids, Some(error)),
                Err(error) => (Vec::new(), Vec::new(), Some(error)),
            };
        let (mut gone, unknown): (HashSet<_>, HashSet<_>) =
            (gone.into_iter().collect(), unknown.into_iter().collect());
        if !unknown.is_empty()
            && let Ok(left) = self.client.list_all_notifications().await
        {
            let left: HashSet<_> =
                left.into_iter().map(|notification| notification.notification_id).collect();
            gone.extend(unknown.difference(&left).cloned());
        }
        for entry in &mut doomed {
            let Some(id) = &entry.id else { continue };
            entry.outcome = match &error {
                _ if gone.contains(id) => Outcome::Done { action: Action::Delete },
                Some(error) if unknown.contains(id) => Outcome::Unknown { error: error.clone() },
                Some(error) => Outcome::Failed { error: error.clone() },
                None => Outcome::NotTried,
            };
        }
        doomed.iter().any(|entry| entry.outcome.is_done())
    }
}

/// Returns `true` if a notification is still as it was before the update. The response to a create
/// may lack fields, so what was just created is compared with what was sent.
fn is_unchanged(
    desired: &NotificationSpec,
    before: &Notification,
    found: &Notification,
    action: Action,
) -> bool {
    edited(before, found).is_empty()
        || (action == Action::Create
            && differences(&NotificationSpec::new(desired.request().clone()), found).is_empty())
}

/// Returns an error of what the user called, not of a call to the service.
pub(super) fn not_sent(caller: CallName, cause: Cause) -> Error {
    Error::new(caller, History::default(), cause)
}

pub(super) fn changed(caller: CallName, name: &str, change: String) -> Outcome {
    Outcome::Changed { error: not_sent(caller, Cause::Changed { name: name.to_owned(), change }) }
}

/// Returns `true` if a step is still due: it was not tried, or there was no room.
pub(super) fn is_due(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::NotTried => true,
        Outcome::Failed { error } => is_quota(error),
        _ => false,
    }
}

fn is_quota(error: &Error) -> bool {
    error.code() == Some(&ErrorCode::NotificationQuotaExceeded)
}

/// Returns `true` if the next notification would fail with the same error.
fn concerns_all(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Credentials | ErrorKind::Project)
        || matches!(error.status(), Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN))
        || error.is_throttled()
        || (error.is_retryable()
            && error.transport().is_some_and(|transport| transport.kind().is_unsent()))
}
