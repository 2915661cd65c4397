//! What can be set of a tracker, when it is created and later.

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::{CompressType, ManagementEventSelector};

/// The settings that requests and specs share. What is not set is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "WrittenSettings")]
pub(super) struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agency_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_organization_tracker: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) management_event_selector: Option<ManagementEventSelector>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_lts_enabled: Option<bool>,
    #[serde(rename = "obs_info", skip_serializing_if = "Transfer::is_keep")]
    pub(super) transfer: Transfer,
    #[serde(flatten)]
    pub(super) encryption: Encryption,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_support_validate: Option<bool>,
}

/// The settings as they are read: each field by its name, so that what has these settings knows
/// which fields are unknown.
#[derive(Deserialize)]
struct WrittenSettings {
    agency_name: Option<String>,
    is_organization_tracker: Option<bool>,
    management_event_selector: Option<ManagementEventSelector>,
    is_lts_enabled: Option<bool>,
    #[serde(default)]
    obs_info: Transfer,
    is_support_trace_files_encryption: Option<bool>,
    kms_id: Option<String>,
    is_support_validate: Option<bool>,
}

impl From<WrittenSettings> for Settings {
    fn from(written: WrittenSettings) -> Self {
        Self {
            agency_name: written.agency_name,
            is_organization_tracker: written.is_organization_tracker,
            management_event_selector: written.management_event_selector,
            is_lts_enabled: written.is_lts_enabled,
            transfer: written.obs_info,
            encryption: Encryption::said(written.is_support_trace_files_encryption, written.kms_id),
            is_support_validate: written.is_support_validate,
        }
    }
}

/// The setters that requests and specs share.
macro_rules! settings_setters {
    () => {
        /// Sets what becomes of the transfer of traces to OBS: a
        /// [`TransferTarget`](crate::tracker::TransferTarget), or one of the other
        /// [`Transfer`](crate::tracker::Transfer)s.
        pub fn transfer(mut self, transfer: impl Into<crate::tracker::Transfer>) -> Self {
            self.settings.transfer = transfer.into();
            self
        }

        /// Sets whether traces are transferred to LTS.
        pub fn is_lts_enabled(mut self, enabled: bool) -> Self {
            self.settings.is_lts_enabled = Some(enabled);
            self
        }

        /// Sets the encryption of transferred files. Documented for the system tracker.
        pub fn encryption(mut self, encryption: crate::tracker::Encryption) -> Self {
            self.settings.encryption = encryption;
            self
        }

        /// Sets whether the integrity of transferred files can be verified. Documented for the
        /// system tracker.
        pub fn is_support_validate(mut self, validate: bool) -> Self {
            self.settings.is_support_validate = Some(validate);
            self
        }

        /// Sets the services whose operations are not recorded, for the system tracker. Only `KMS`
        /// is documented; none records all.
        pub fn exclude_service<S: Into<String>>(
            mut self,
            services: impl IntoIterator<Item = S>,
        ) -> Self {
            self.settings.management_event_selector =
                Some(crate::tracker::ManagementEventSelector::excluding(services));
            self
        }

        /// Sets whether the tracker records the operations of the whole organization, for the
        /// system tracker.
        pub fn is_organization_tracker(mut self, organization: bool) -> Self {
            self.settings.is_organization_tracker = Some(organization);
            self
        }

        /// Sets the agency; only [`CTS_ADMIN_TRUST`](crate::notification::CTS_ADMIN_TRUST) is
        /// documented. The service creates the agency if it does not exist.
        pub fn agency_name(mut self, name: impl Into<String>) -> Self {
            self.settings.agency_name = Some(name.into());
            self
        }
    };
}
pub(super) use settings_setters;

/// What becomes of the transfer of traces to OBS.
///
/// ```
/// use huaweicloud_cts::tracker::{Transfer, TransferTarget, UpdateTracker};
///
/// let untouched = UpdateTracker::system().is_lts_enabled(true);
/// let moved = UpdateTracker::system().transfer(TransferTarget::new("audit-archive").file_prefix_name("cts"));
/// let stopped = UpdateTracker::system().transfer(Transfer::Off);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a setting is left alone, unset or set: there is no fourth case"
)]
pub enum Transfer {
    /// It stays as it is; a new tracker transfers nothing.
    #[default]
    Keep,
    /// Traces are not transferred. The bucket and its files stay.
    Off,
    /// Traces are transferred to this target.
    To(TransferTarget),
}

impl Transfer {
    fn is_keep(&self) -> bool {
        *self == Self::Keep
    }
}

impl From<TransferTarget> for Transfer {
    fn from(target: TransferTarget) -> Self {
        Self::To(target)
    }
}

/// Writes `obs_info`. An empty name of the bucket means that nothing is transferred.
impl Serialize for Transfer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep => serializer.serialize_none(),
            Self::Off => TransferTarget::new("").file_prefix_name("").serialize(serializer),
            Self::To(target) => target.serialize(serializer),
        }
    }
}

/// Reads `obs_info`.
impl<'de> Deserialize<'de> for Transfer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<TransferTarget>::deserialize(deserializer)? {
            None => Self::Keep,
            Some(target) if target.bucket_name.is_empty() => Self::Off,
            Some(target) => Self::To(target),
        })
    }
}

/// A bucket that traces are transferred to, and how files are written there.
///
/// What is not set stays as it is; on Huawei Cloud that is not documented, so
/// [`ensure_tracker`](crate::CtsClient::ensure_tracker) sends what is there as well.
///
/// Documented limits: 3 to 63 lower-case letters, digits, `-` and `.` for the bucket, and 64
/// letters, digits, `-`, `_` and `.` for the prefix.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[must_use]
pub struct TransferTarget {
    pub(super) bucket_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) file_prefix_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) is_obs_created: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bucket_lifecycle: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) compress_type: Option<CompressType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) is_sort_by_service: Option<bool>,
    /// What the service has beside these, to be sent back as it came.
    #[serde(flatten, skip_deserializing)]
    pub(super) other: Map<String, Value>,
}

impl TransferTarget {
    /// Creates a target from the name of a bucket.
    pub fn new(bucket_name: impl Into<String>) -> Self {
        Self {
            bucket_name: bucket_name.into(),
            file_prefix_name: None,
            is_obs_created: None,
            bucket_lifecycle: None,
            compress_type: None,
            is_sort_by_service: None,
            other: Map::new(),
        }
    }

    /// Sets what the names of the files start with. Empty for nothing.
    pub fn file_prefix_name(mut self, prefix: impl Into<String>) -> Self {
        self.file_prefix_name = Some(prefix.into());
        self
    }

    /// Sets whether CTS creates the bucket, which must not exist then.
    pub fn is_obs_created(mut self, create: bool) -> Self {
        self.is_obs_created = Some(create);
        self
    }

    /// Sets how many days files are kept, for data trackers. 0 keeps them.
    pub fn bucket_lifecycle(mut self, days: i32) -> Self {
        self.bucket_lifecycle = Some(days);
        self
    }

    /// Sets how files are compressed.
    pub fn compress_type(mut self, compress_type: impl Into<CompressType>) -> Self {
        self.compress_type = Some(compress_type.into());
        self
    }

    /// Sets whether the service is part of the files' paths.
    pub fn is_sort_by_service(mut self, sort: bool) -> Self {
        self.is_sort_by_service = Some(sort);
        self
    }
}

/// What becomes of the encryption of transferred files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[allow(
    clippy::exhaustive_enums,
    reason = "a setting is left alone, unset or set: there is no fourth case"
)]
pub enum Encryption {
    /// It stays as it is; the files of a new tracker are not encrypted by CTS.
    #[default]
    Keep,
    /// Files are not encrypted by CTS.
    Off,
    /// Files are encrypted with the KMS key of this id.
    Kms(String),
}

impl Encryption {
    /// Creates the encryption with a KMS key, by its id.
    #[must_use]
    pub fn kms(kms_id: impl Into<String>) -> Self {
        Self::Kms(kms_id.into())
    }
}

const ENCRYPTED: &str = "is_support_trace_files_encryption";
const KMS_ID: &str = "kms_id";

/// Writes the two fields that say it, for use with `flatten`.
impl Serialize for Encryption {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let said = match self {
            Self::Keep => None,
            Self::Off => Some((false, "")),
            Self::Kms(kms_id) => Some((true, kms_id.as_str())),
        };
        let mut fields = serializer.serialize_map(None)?;
        if let Some((encrypted, kms_id)) = said {
            fields.serialize_entry(ENCRYPTED, &encrypted)?;
            fields.serialize_entry(KMS_ID, kms_id)?;
        }
        fields.end()
    }
}

/// Reads the two fields that say it.
impl<'de> Deserialize<'de> for Encryption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Said {
            is_support_trace_files_encryption: Option<bool>,
            kms_id: Option<String>,
        }

        let Said { is_support_trace_files_encryption, kms_id } = Said::deserialize(deserializer)?;
        Ok(Self::said(is_support_trace_files_encryption, kms_id))
    }
}

impl Encryption {
    /// Returns what the two fields say.
    fn said(encrypted: Option<bool>, kms_id: Option<String>) -> Self {
        match (encrypted, kms_id.filter(|id| !id.is_empty())) {
            (Some(false), _) => Self::Off,
            (_, Some(kms_id)) => Self::Kms(kms_id),
            // Without a key it can't be on: the service says so.
            (Some(true), None) => Self::Kms(String::new()),
            (None, None) => Self::Keep,
        }
    }
}
