//! The check of buckets.

use http::StatusCode;
use serde_json::{Value, json};

use super::super::call::Call;
use super::super::obs::is_bucket_name;
use super::super::response::{BODY_INVALID, Refusal, Reply, success};
use super::string;

const ACCESS_DENIED: Refusal = Refusal(
    StatusCode::FORBIDDEN,
    "CTS.0002",
    "Authentication failed or you do not have the permissions required.",
);

/// Checks buckets, and returns each with its result.
pub(in super::super) fn check_buckets(call: &Call<'_>) -> Reply {
    if call.path_value("domain_id") != call.settings.domain_id {
        return Err(ACCESS_DENIED);
    }
    let sent = call.object()?;
    let buckets =
        sent.get("buckets").and_then(Value::as_array).filter(|buckets| buckets.len() <= 100);
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
