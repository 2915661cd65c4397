//! Making a tracker what it is desired to be.

use std::fmt;

use http::Method;
use serde::Serialize;

use super::calls::{CREATE, TRACKER};
use super::update::UPDATE;
use super::{Tracker, TrackerSpec, TrackerStatus};
use crate::client::CtsClient;
use crate::client::call::Call;
use crate::error::{Cause, Error, ErrorCode, History};
use crate::text::escaped;

/// What [`CtsClient::ensure_tracker`] did. `Display` is one line:
/// `system: updated status, obs_info`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TrackerReport {
    /// What was done.
    pub outcome: TrackerOutcome,
    /// The fields that an update changed, as the service names them. An update may also follow a
    /// create.
    pub changed: Vec<&'static str>,
    /// The tracker as it is now.
    pub tracker: Tracker,
}

/// What [`CtsClient::ensure_tracker`] did with a tracker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TrackerOutcome {
    /// Nothing: the tracker was up to date.
    Unchanged,
    /// It existed, and was changed.
    Updated,
    /// It did not exist, and was created.
    Created,
}

impl TrackerReport {
    /// Returns `true` if anything was written.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.outcome != TrackerOutcome::Unchanged
    }

    /// Returns `true` if traces can't be transferred, although the tracker is up to date.
    /// [`Tracker::detail`] says why.
    #[must_use]
    pub fn has_failed_transfer(&self) -> bool {
        self.tracker.status == Some(TrackerStatus::Error)
    }
}

impl fmt::Display for TrackerReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = match self.outcome {
            TrackerOutcome::Unchanged => "up to date",
            TrackerOutcome::Updated => "updated",
            TrackerOutcome::Created if self.changed.is_empty() => "created",
            TrackerOutcome::Created => "created, then updated",
        };
        write!(f, "{}: {done}", escaped(&self.tracker.tracker_name))?;
        if !self.changed.is_empty() {
            write!(f, " {}", self.changed.join(", "))?;
        }
        if self.has_failed_transfer() {
            f.write_str("; traces can't be transferred")?;
            if let Some(detail) = &self.tracker.detail {
                write!(f, ": {detail}")?;
            }
        }
        Ok(())
    }
}

impl CtsClient {
    /// Makes a tracker what the spec says: creates it, changes what differs, or does nothing. What
    /// was written is read back. A second call in a row writes nothing.
    ///
    /// A create whose response was lost is not repeated: the tracker is read, and is taken if it
    /// exists.
    ///
    /// # Errors
    ///
    /// Not sent: a change of the bucket that a data tracker is about, or of the type of a tracker.
    /// [`ErrorKind::NotKept`](crate::ErrorKind::NotKept) if the service accepted an update and
    /// still returns other values. And as for [`create_tracker`](Self::create_tracker) and
    /// [`update_tracker`](Self::update_tracker).
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::tracker::{TrackerSpec, TransferTarget};
    ///
    /// let client = FakeCts::new().client();
    /// let spec = TrackerSpec::system().transfer(TransferTarget::new("audit-archive").file_prefix_name("cts"));
    /// let report = client.ensure_tracker(&spec).await?;
    /// assert_eq!(report.to_string(), "system: updated obs_info");
    /// assert!(!client.ensure_tracker(&spec).await?.has_changes());
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn ensure_tracker(&self, spec: &TrackerSpec) -> Result<TrackerReport, Error> {
        let mut progress = Progress::default();
        loop {
            match self.step(spec, &mut progress).await {
                Ok(None) => {}
                Ok(Some(tracker)) => {
                    let Progress { created, changed, .. } = progress;
                    let outcome = match (created, changed.is_empty()) {
                        (true, _) => TrackerOutcome::Created,
                        (false, true) => TrackerOutcome::Unchanged,
                        (false, false) => TrackerOutcome::Updated,
                    };
                    return Ok(TrackerReport { outcome, changed, tracker });
                }
                Err(error) if progress.may_have_written() => return Err(error.after_writes()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads the tracker, and writes once. Returns the tracker if there is nothing to write.
    async fn step(
        &self,
        spec: &TrackerSpec,
        progress: &mut Progress,
    ) -> Result<Option<Tracker>, Error> {
        let refused = |reason: String| Call::new(UPDATE, Method::PUT, TRACKER).refused(reason);
        let Some(current) = self.find_tracker(spec.tracker_name()).await? else {
            if let Some(error) = progress.create_failed.take() {
                return Err(error);
            }
            if progress.created {
                let what = format!("tracker named {:?} after it was created", spec.tracker_name());
                return Err(Error::new(CREATE, History::default(), Cause::NotFound(what)));
            }
            match self.create_tracker(&spec.creation()).await {
                Ok(_) => progress.created = true,
                Err(error) if error.may_have_applied() || is_there(&error) => {
                    progress.create_failed = Some(error);
                }
                Err(error) => return Err(error),
            }
            return Ok(None);
        };
        if let Some(error) = progress.create_failed.take() {
            progress.created = error.may_have_applied();
        }
        let changes = spec.changes(&current).map_err(refused)?;
        if changes.fields.is_empty() {
            return Ok(Some(current));
        }
        if !progress.changed.is_empty() {
            let name = current.tracker_name;
            return Err(Error::new(
                UPDATE,
                History::default(),
                Cause::NotKept { name, fields: changes.fields },
            ));
        }
        self.update_from(&changes.update, &current).await?;
        progress.changed = changes.fields;
        Ok(None)
    }
}

/// What was done so far.
#[derive(Default)]
struct Progress {
    created: bool,
    /// The create failed, but the tracker may be there.
    create_failed: Option<Error>,
    changed: Vec<&'static str>,
}

impl Progress {
    fn may_have_written(&self) -> bool {
        let may_be_created = self.create_failed.as_ref().is_some_and(Error::may_have_applied);
        self.created || may_be_created || !self.changed.is_empty()
    }
}

/// Returns `true` if a create failed because another was faster.
fn is_there(error: &Error) -> bool {
    matches!(error.code(), Some(ErrorCode::ManagementTrackerExists | ErrorCode::TrackerExists))
}
