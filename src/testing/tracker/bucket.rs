//! The buckets of OBS and the keys of KMS, as far as trackers need them.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::{Value, json};

use super::super::call::Call;
use super::super::response::{BODY_INVALID, Refusal, Reply, success};
use super::string;

const ACCESS_DENIED: Refusal =
    Refusal(StatusCode::FORBIDDEN, "CTS.0002", "Authentication failed or you do not have the permissions required.");

/// The buckets that differ from others. Any other of a well-formed name exists, but not for a tracker that has CTS create
/// it: otherwise a test had to name each.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Obs {
    pub(in super::super) named: BTreeSet<String>,
    pub(in super::super) removed: BTreeSet<String>,
    pub(in super::super) removed_keys: BTreeSet<String>,
    /// Whether an update replaces `obs_info`, and so resets what it leaves out.
    pub(in super::super) replaces: bool,
}

impl Obs {
    pub(super) fn exists(&self, name: &str) -> bool {
        is_bucket_name(name) && !self.removed.contains(name)
    }

    pub(super) fn is_named(&self, name: &str) -> bool {
        self.named.contains(name)
    }

    pub(super) fn is_unknown_key(&self, id: &str) -> bool {
        self.removed_keys.contains(id)
    }
}

/// 3 to 63 lower-case letters, digits, `-` and `.`, the first a letter or a digit.
pub(super) fn is_bucket_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.bytes().all(|byte| is_plain(byte) || matches!(byte, b'-' | b'.'))
        && name.bytes().next().is_some_and(is_plain)
}

/// Checks buckets, and returns each with its result.
pub(in super::super) fn check_buckets(call: &Call<'_>) -> Reply {
    if call.path_value("domain_id") != call.settings.domain_id {
        return Err(ACCESS_DENIED);
    }
    let sent = call.object()?;
    let buckets = sent.get("buckets").and_then(Value::as_array).filter(|buckets| buckets.len() <= 100);
    let mut checked = Vec::new();
    for bucket in buckets.ok_or(BODY_INVALID)? {
        let mut bucket = bucket.as_object().cloned().ok_or(BODY_INVALID)?;
        let name = string(&bucket, "bucket_name");
        if name.is_empty() || string(&bucket, "bucket_location").is_empty() {
            return Err(BODY_INVALID);
        }
        let failed = |code: &str, status: u16| {
            let message = "Error message:Request Error.OBS servcie Error Message.";
            json!({"error_code": code, "error_message": message, "response_code": status, "success": false})
        };
        let result = if !is_bucket_name(name) {
            failed("OBS.InvalidBucketName", 400)
        } else if !call.settings.obs.exists(name) {
            failed("OBS.NoSuchBucket", 404)
        } else if call.settings.obs.is_unknown_key(string(&bucket, "kms_id")) {
            failed("OBS.AccessDenied", 403)
        } else {
            json!({"response_code": 200, "success": true})
        };
        bucket.insert("check_bucket_response".to_owned(), result);
        checked.push(bucket);
    }
    Ok(success(StatusCode::OK, &json!({"buckets": checked})))
}
