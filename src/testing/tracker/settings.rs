//! What can be set of a tracker, and the checks on it.

use serde_json::{Map, Value, json};

use super::super::call::Call;
use super::super::obs::is_bucket_name;
use super::super::response::{BODY_INVALID, Refusal, bad};
use super::{Object, is_of, present, string};

const DATA_BUCKET_NOT_ALLOWED: Refusal = bad(
    "CTS.0206",
    "The data_bucket parameter cannot be included in the message body for a management tracker.",
);
const ALREADY_TRACKED: Refusal =
    bad("CTS.0209", "A type of operations on an OBS bucket can be tracked by only one tracker.");
const TRACKED_BUCKET_REQUIRED: Refusal =
    bad("CTS.0210", "The OBS bucket to track cannot be empty.");
const TRACKED_BUCKET_NOT_FOUND: Refusal = bad("CTS.0211", "The tracked OBS bucket does not exist.");
const TRACKED_BUCKET_FIXED: Refusal = bad("CTS.0212", "The tracked OBS bucket cannot be modified.");
const TRANSFER_BUCKET_TRACKED: Refusal =
    bad("CTS.0213", "The OBS bucket used for trace transfer cannot be a tracked OBS bucket.");
const BUCKET_EXISTS: Refusal = bad("CTS.0215", "The OBS bucket already exists.");
const LIFECYCLE_FAILED: Refusal =
    bad("CTS.0217", "Failed to set a lifecycle rule for the OBS bucket.");
const PREFIX_INVALID: Refusal =
    bad("CTS.0218", "The value of file_prefix_name is in an incorrect format.");
const EVENT_REQUIRED: Refusal = bad("CTS.0219", "The operation type cannot be empty.");
const KMS_REQUIRED: Refusal = bad("CTS.0221", "The KMS ID is empty.");
const KMS_UNKNOWN: Refusal = bad("CTS.0222", "KMS verification failed.");
const EVENT_INVALID: Refusal =
    bad("CTS.0225", "Only WRITE and/or READ operations on the OBS bucket can be tracked.");
const BUCKET_NAME_INVALID: Refusal = bad("CTS.0231", "Invalid bucket name.");

/// Returns a tracker with the settings of a request, next to the other trackers of the project.
pub(super) fn applied(
    mut tracker: Object,
    sent: &Object,
    others: &[Object],
    call: &Call<'_>,
) -> Result<Object, Refusal> {
    data_bucket(&mut tracker, sent, others, call)?;
    obs_info(&mut tracker, sent, others, call)?;
    if let Some(enabled) = flag(sent, "is_lts_enabled")? {
        let ids = if call.settings.is_otc() { None } else { Some(["group_id", "stream_id"]) };
        for id in ids.into_iter().flatten().filter(|_| enabled) {
            // The ids stay when the transfer is switched off.
            tracker.entry(id).or_insert_with(|| call.new_id().into());
        }
        if let Some(lts) = tracker.get_mut("lts").and_then(Value::as_object_mut) {
            lts.insert("is_lts_enabled".into(), enabled.into());
        }
    }
    if let Some(validate) = flag(sent, "is_support_validate")? {
        tracker.insert("is_support_validate".into(), validate.into());
    }
    // The rest is not known on Open Telekom Cloud. Unknown fields are ignored.
    if call.settings.is_otc() {
        return Ok(tracker);
    }
    if let Some(organization) = flag(sent, "is_organization_tracker")? {
        tracker.insert("is_organization_tracker".into(), organization.into());
    }
    if let Some(agency) = present(sent, "agency_name") {
        if agency != "cts_admin_trust" {
            return Err(BODY_INVALID);
        }
        tracker.insert("agency_name".into(), agency.clone());
    }
    if let Some(selector) =
        present(sent, "management_event_selector").filter(|_| is_of(&tracker, "system"))
    {
        let excluded =
            selector.get("exclude_service").and_then(Value::as_array).ok_or(BODY_INVALID)?;
        if excluded.iter().any(|service| service != "KMS") {
            return Err(BODY_INVALID);
        }
        tracker.insert(
            "management_event_selector".into(),
            json!({"exclude_service": excluded, "read_write_type": []}),
        );
    }
    encryption(&mut tracker, sent, call)?;
    Ok(tracker)
}

fn data_bucket(
    tracker: &mut Object,
    sent: &Object,
    others: &[Object],
    call: &Call<'_>,
) -> Result<(), Refusal> {
    let bucket = present(sent, "data_bucket");
    if is_of(tracker, "system") {
        return if bucket.is_none() || call.settings.is_otc() {
            Ok(())
        } else {
            Err(DATA_BUCKET_NOT_ALLOWED)
        };
    }
    let bucket = bucket.and_then(Value::as_object).ok_or(TRACKED_BUCKET_REQUIRED)?;
    let name = match string(bucket, "data_bucket_name") {
        "" => return Err(TRACKED_BUCKET_REQUIRED),
        name => name,
    };
    match tracker
        .get("data_bucket")
        .and_then(Value::as_object)
        .map(|bucket| string(bucket, "data_bucket_name"))
    {
        Some(known) if known != name => return Err(TRACKED_BUCKET_FIXED),
        None if !call.settings.obs.exists(name) => return Err(TRACKED_BUCKET_NOT_FOUND),
        None if others.iter().any(|other| transfers_to(other, name)) => {
            return Err(TRANSFER_BUCKET_TRACKED);
        }
        _ => {}
    }
    let events =
        bucket.get("data_event").and_then(Value::as_array).filter(|events| !events.is_empty());
    let events = events.ok_or(EVENT_REQUIRED)?;
    if events.iter().any(|event| event != "READ" && event != "WRITE") {
        return Err(EVENT_INVALID);
    }
    let is_tracked = |other: &Object| {
        let other = other.get("data_bucket").and_then(Value::as_object);
        other.is_some_and(|other| {
            let events_there = other.get("data_event").and_then(Value::as_array);
            string(other, "data_bucket_name") == name
                && events_there
                    .is_some_and(|there| there.iter().any(|event| events.contains(event)))
        })
    };
    if others.iter().any(is_tracked) {
        return Err(ALREADY_TRACKED);
    }
    tracker.insert("data_bucket".into(), json!({"data_bucket_name": name, "data_event": events}));
    Ok(())
}

fn obs_info(
    tracker: &mut Object,
    sent: &Object,
    others: &[Object],
    call: &Call<'_>,
) -> Result<(), Refusal> {
    const FIELDS: [&str; 6] = [
        "bucket_name",
        "file_prefix_name",
        "is_obs_created",
        "bucket_lifecycle",
        "compress_type",
        "is_sort_by_service",
    ];
    let Some(sent) = present(sent, "obs_info") else { return Ok(()) };
    let sent = sent.as_object().ok_or(BODY_INVALID)?;
    let mut target =
        tracker.get("obs_info").and_then(Value::as_object).cloned().unwrap_or_default();
    if call.settings.obs.replaces && !sent.is_empty() {
        target = Map::from_iter([("is_authorized_bucket".to_owned(), false.into())]);
    }
    let creates = flag(sent, "is_obs_created")?.unwrap_or(false);
    flag(sent, "is_sort_by_service")?;
    if let Some(name) = present(sent, "bucket_name") {
        let name = name.as_str().ok_or(BODY_INVALID)?;
        if !name.is_empty() {
            checked_target(tracker, name, creates, others, call)?;
        }
        target.insert("is_authorized_bucket".into(), (!name.is_empty()).into());
    }
    if let Some(prefix) = present(sent, "file_prefix_name") {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if !prefix
            .as_str()
            .is_some_and(|prefix| prefix.len() <= 64 && prefix.chars().all(is_allowed))
        {
            return Err(PREFIX_INVALID);
        }
    }
    let days = present(sent, "bucket_lifecycle").map(|days| days.as_i64().unwrap_or(-1));
    if days.is_some_and(|days| !(0..=5_000).contains(&days)) {
        return Err(LIFECYCLE_FAILED);
    }
    for field in FIELDS {
        if let Some(value) = present(sent, field) {
            target.insert(field.to_owned(), value.clone());
        }
    }
    tracker.insert("obs_info".into(), target.into());
    Ok(())
}

fn checked_target(
    tracker: &Object,
    name: &str,
    creates: bool,
    others: &[Object],
    call: &Call<'_>,
) -> Result<(), Refusal> {
    if !is_bucket_name(name) {
        return Err(BUCKET_NAME_INVALID);
    }
    let is_tracked = |one: &Object| {
        one.get("data_bucket").is_some_and(|bucket| bucket["data_bucket_name"] == name)
    };
    if others.iter().chain([tracker]).any(is_tracked) {
        return Err(TRANSFER_BUCKET_TRACKED);
    }
    let was_created = |one: &Object| {
        transfers_to(one, name)
            && one.get("obs_info").is_some_and(|target| target["is_obs_created"] == true)
    };
    if creates
        && (call.settings.obs.is_named(name) || others.iter().chain([tracker]).any(was_created))
    {
        return Err(BUCKET_EXISTS);
    }
    if !creates && !call.settings.obs.exists(name) {
        return Err(TRACKED_BUCKET_NOT_FOUND);
    }
    Ok(())
}

fn encryption(tracker: &mut Object, sent: &Object, call: &Call<'_>) -> Result<(), Refusal> {
    const ENCRYPTED: &str = "is_support_trace_files_encryption";
    if let Some(encrypted) = flag(sent, ENCRYPTED)? {
        tracker.insert(ENCRYPTED.into(), encrypted.into());
    }
    match present(sent, "kms_id") {
        None => {}
        Some(Value::String(id)) if id.is_empty() => _ = tracker.remove("kms_id"),
        Some(Value::String(id)) if call.settings.obs.is_unknown_key(id) => return Err(KMS_UNKNOWN),
        Some(Value::String(id)) => _ = tracker.insert("kms_id".into(), id.as_str().into()),
        Some(_) => return Err(BODY_INVALID),
    }
    if tracker.get(ENCRYPTED) == Some(&Value::Bool(true)) && !tracker.contains_key("kms_id") {
        return Err(KMS_REQUIRED);
    }
    Ok(())
}

/// Returns `true` if a tracker transfers its traces to this bucket.
fn transfers_to(tracker: &Object, name: &str) -> bool {
    tracker.get("obs_info").is_some_and(|target| target["bucket_name"] == name)
}

fn flag(object: &Object, field: &str) -> Result<Option<bool>, Refusal> {
    present(object, field).map(|value| value.as_bool().ok_or(BODY_INVALID)).transpose()
}
