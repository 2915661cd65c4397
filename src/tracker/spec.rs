//! The desired state of a tracker, and what it differs in from a tracker.

use serde::{Deserialize, Serialize};

use super::settings::{Encryption, Settings, Transfer, TransferTarget, settings_setters};
use super::{
    CompressType, CreateTracker, DataBucket, DataEvent, ManagementEventSelector, ObsInfo, Tracker,
    TrackerStatus, TrackerType, UpdateTracker,
};

/// The desired state of a tracker, for
/// [`CtsClient::ensure_tracker`](crate::CtsClient::ensure_tracker).
///
/// The desired status is enabled unless the spec sets another. What is not set is not compared. In
/// a file, the fields have the names that the service gives them.
///
/// ```
/// use huaweicloud_cts::tracker::{TrackerSpec, TransferTarget};
///
/// let spec = TrackerSpec::system().transfer(TransferTarget::new("audit-archive")).is_lts_enabled(true);
/// assert_eq!(spec.tracker_name(), "system");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct TrackerSpec {
    tracker_type: TrackerType,
    tracker_name: String,
    #[serde(default = "enabled")]
    status: Option<TrackerStatus>,
    #[serde(flatten)]
    settings: Settings,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data_bucket: Option<DataBucket>,
}

#[allow(clippy::unnecessary_wraps, reason = "the default of a field")]
fn enabled() -> Option<TrackerStatus> {
    Some(TrackerStatus::Enabled)
}

impl TrackerSpec {
    /// Creates the desired state of the tracker of management operations.
    pub fn system() -> Self {
        Self::from(CreateTracker::system())
    }

    /// Creates the desired state of a tracker of these kinds of operations on the objects of a
    /// bucket.
    pub fn data<E: Into<DataEvent>>(
        tracker_name: impl Into<String>,
        data_bucket_name: impl Into<String>,
        data_event: impl IntoIterator<Item = E>,
    ) -> Self {
        Self::from(CreateTracker::data(tracker_name, data_bucket_name, data_event))
    }

    settings_setters!();

    /// Sets the desired status.
    pub fn status(mut self, status: impl Into<TrackerStatus>) -> Self {
        self.status = Some(status.into());
        self
    }

    /// Leaves the status as it is. A new tracker is enabled.
    pub fn clear_status(mut self) -> Self {
        self.status = None;
        self
    }

    /// Returns the name of the tracker.
    #[must_use]
    pub fn tracker_name(&self) -> &str {
        &self.tracker_name
    }

    /// Returns the request that creates the tracker.
    pub(super) fn creation(&self) -> CreateTracker {
        let Self { tracker_type, tracker_name, status: _, settings, data_bucket } = self.clone();
        CreateTracker { tracker_type, tracker_name, settings, data_bucket }
    }

    /// Compares a tracker with the desired state. The error is what can't be changed.
    pub(super) fn changes(&self, current: &Tracker) -> Result<Changes, String> {
        let mut changes =
            Changes { update: UpdateTracker::from_current(current), fields: Vec::new() };
        self.compare_bucket(current, &mut changes)?;
        let Settings {
            agency_name,
            is_organization_tracker,
            management_event_selector,
            is_lts_enabled,
            transfer,
            encryption,
            is_support_validate,
        } = &self.settings;

        // Where delivery fails, the tracker is enabled: sending that changes nothing.
        let status = current.status.as_ref().map(|status| match status {
            TrackerStatus::Error => &TrackerStatus::Enabled,
            status => status,
        });
        if let Some(wanted) = self.status.as_ref().filter(|wanted| status != Some(*wanted)) {
            changes.fields.push("status");
            changes.update.status = Some(wanted.clone());
        }

        let settings = &mut changes.update.settings;
        if let Some(wanted) = agency_name
            .as_ref()
            .filter(|name| **name != current.agency_name.clone().unwrap_or_default())
        {
            changes.fields.push("agency_name");
            settings.agency_name = Some(wanted.clone());
        }
        let flags = [
            (
                "is_organization_tracker",
                *is_organization_tracker,
                current.is_organization_tracker,
                &mut settings.is_organization_tracker,
            ),
            (
                "is_lts_enabled",
                *is_lts_enabled,
                current.lts.as_ref().and_then(|lts| lts.is_lts_enabled),
                &mut settings.is_lts_enabled,
            ),
            (
                "is_support_validate",
                *is_support_validate,
                current.is_support_validate,
                &mut settings.is_support_validate,
            ),
        ];
        for (field, wanted, current, change) in flags {
            if wanted.is_some_and(|wanted| wanted != current.unwrap_or(false)) {
                changes.fields.push(field);
                *change = wanted;
            }
        }
        if let Some(wanted) = management_event_selector {
            let current = current.management_event_selector.clone().unwrap_or_default();
            if !is_same_set(&wanted.exclude_service, &current.exclude_service) {
                changes.fields.push("management_event_selector");
                settings.management_event_selector = Some(ManagementEventSelector {
                    exclude_service: wanted.exclude_service.clone(),
                    ..current
                });
            }
        }
        let transfer = changed_transfer(transfer, current);
        if transfer != Transfer::Keep {
            changes.fields.push("obs_info");
            settings.transfer = transfer;
        }
        let is_encrypted = current.is_support_trace_files_encryption.unwrap_or(false);
        let differs = match encryption {
            Encryption::Keep => false,
            Encryption::Off => is_encrypted,
            Encryption::Kms(kms_id) => !is_encrypted || current.kms_id.as_ref() != Some(kms_id),
        };
        if differs {
            changes.fields.push("kms_id");
            settings.encryption = encryption.clone();
        }
        Ok(changes)
    }

    fn compare_bucket(&self, current: &Tracker, changes: &mut Changes) -> Result<(), String> {
        if current.is_system() != (self.tracker_type == TrackerType::System) {
            return Err(format!(
                "the tracker {:?} exists, but is of another type",
                self.tracker_name
            ));
        }
        let Some(wanted) = &self.data_bucket else { return Ok(()) };
        let Some(bucket) = &mut changes.update.data_bucket else {
            // The service did not say: it judges what is sent.
            changes.fields.push("data_bucket");
            changes.update.data_bucket = Some(wanted.clone());
            return Ok(());
        };
        if bucket.data_bucket_name != wanted.data_bucket_name {
            return Err(format!(
                "the tracker {:?} is about the bucket {:?}, which can't be changed to {:?}: delete the tracker first, or \
                 choose another name",
                self.tracker_name, bucket.data_bucket_name, wanted.data_bucket_name
            ));
        }
        if !bucket.has_events_of(wanted) {
            changes.fields.push("data_event");
            bucket.data_event.clone_from(&wanted.data_event);
        }
        Ok(())
    }
}

impl From<CreateTracker> for TrackerSpec {
    fn from(request: CreateTracker) -> Self {
        let CreateTracker { tracker_type, tracker_name, settings, data_bucket } = request;
        Self { tracker_type, tracker_name, status: enabled(), settings, data_bucket }
    }
}

/// What a tracker differs in from the desired state.
pub(super) struct Changes {
    pub(super) update: UpdateTracker,
    /// The fields, as the service names them.
    pub(super) fields: Vec<&'static str>,
}

/// Returns how the transfer of a tracker changes. All of the target is sent, also what stays and
/// what is not known: whether the service keeps what is left out is documented nowhere.
fn changed_transfer(wanted: &Transfer, current: &Tracker) -> Transfer {
    let target = match wanted {
        Transfer::Keep => return Transfer::Keep,
        Transfer::Off if current.transfer_bucket().is_none() => return Transfer::Keep,
        Transfer::Off => return Transfer::Off,
        Transfer::To(target) => target,
    };
    let now = current.obs_info.clone().unwrap_or_default();
    let is_same_bucket = now.bucket_name.as_ref() == Some(&target.bucket_name);
    if is_same_bucket && is_kept(target, &now) {
        return Transfer::Keep;
    }
    let ObsInfo {
        file_prefix_name,
        bucket_lifecycle,
        compress_type,
        is_sort_by_service,
        other,
        ..
    } = now;
    Transfer::To(TransferTarget {
        bucket_name: target.bucket_name.clone(),
        file_prefix_name: target.file_prefix_name.clone().or(file_prefix_name),
        // A wish for the time at which the target is set: the bucket exists afterwards.
        is_obs_created: target.is_obs_created.filter(|_| !is_same_bucket),
        bucket_lifecycle: target
            .bucket_lifecycle
            .or_else(|| bucket_lifecycle.and_then(|days| days.try_into().ok())),
        compress_type: target.compress_type.clone().or(compress_type),
        is_sort_by_service: target.is_sort_by_service.or(is_sort_by_service),
        other,
    })
}

/// Returns `true` if all that a target sets is so, or is the default where the service says
/// nothing.
fn is_kept(target: &TransferTarget, now: &ObsInfo) -> bool {
    let TransferTarget {
        bucket_name: _,
        file_prefix_name,
        is_obs_created: _,
        bucket_lifecycle,
        compress_type,
        is_sort_by_service,
        other: _,
    } = target;
    let prefix = now.file_prefix_name.as_deref().unwrap_or_default();
    let compressed = now.compress_type.as_ref().unwrap_or(&CompressType::Gzip);
    file_prefix_name.as_ref().is_none_or(|wanted| wanted == prefix)
        && bucket_lifecycle
            .is_none_or(|wanted| i64::from(wanted) == now.bucket_lifecycle.unwrap_or(0))
        && compress_type.as_ref().is_none_or(|wanted| wanted == compressed)
        && is_sort_by_service.is_none_or(|wanted| wanted == now.is_sort_by_service.unwrap_or(true))
}

fn is_same_set(some: &[String], others: &[String]) -> bool {
    some.iter().all(|one| others.contains(one)) && others.iter().all(|one| some.contains(one))
}
