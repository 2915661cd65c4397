//! Whether buckets can take what trackers transfer.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::client::CtsClient;
use crate::client::call::Call;
use crate::error::{CallName, Class, Error};
use crate::wire::open::open_struct;
use crate::wire::response;

const CHECK: CallName = CallName {
    operation: "CheckObsBuckets",
    actions: "cts:tracker:list and obs:bucket:ListAllMyBuckets",
    class: Class::Read,
};

/// A bucket to be checked, for [`CtsClient::check_obs_buckets`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct BucketCheck {
    bucket_name: String,
    bucket_location: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_support_trace_files_encryption: Option<bool>,
}

impl BucketCheck {
    /// Creates a check of the bucket of this name, in the region of this id.
    pub fn new(bucket_name: impl Into<String>, bucket_location: impl Into<String>) -> Self {
        Self {
            bucket_name: bucket_name.into(),
            bucket_location: bucket_location.into(),
            kms_id: None,
            is_support_trace_files_encryption: None,
        }
    }

    /// Checks as well that files can be encrypted with the KMS key of this id.
    pub fn kms_id(mut self, kms_id: impl Into<String>) -> Self {
        self.kms_id = Some(kms_id.into());
        self.is_support_trace_files_encryption = Some(true);
        self
    }
}

open_struct! {
    /// A bucket that was checked: the request, and the result.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct CheckedBucket {
        /// The name of the bucket.
        pub bucket_name: String,
        /// The region that was given.
        pub bucket_location: Option<String>,
        /// The KMS key that was given.
        pub kms_id: Option<String>,
        /// Whether encryption was asked for.
        pub is_support_trace_files_encryption: Option<bool>,
        /// The result.
        pub check_bucket_response: Option<CheckBucketResponse>,
    }
}

open_struct! {
    /// The result of the check of a bucket.
    #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub struct CheckBucketResponse {
        /// The code of OBS, such as `OBS.NoSuchBucket`.
        pub error_code: Option<String>,
        /// The message of OBS.
        pub error_message: Option<String>,
        /// The HTTP status of OBS.
        pub response_code: Option<i64>,
        /// Whether the bucket can be used.
        pub success: Option<bool>,
    }
}

impl CheckedBucket {
    /// Returns `true` if the service says that traces can be transferred to the bucket.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.check_bucket_response.as_ref().and_then(|response| response.success) == Some(true)
    }
}

impl CtsClient {
    /// Checks whether traces can be transferred to these buckets, up to 100 of them. Changes
    /// nothing. Not on Open Telekom Cloud.
    ///
    /// A bucket that can't be used is no error: see [`CheckedBucket::is_usable`]. The call needs
    /// the account id, which is looked up if it was not given (see [`domain_id`](Self::domain_id)).
    ///
    /// # Errors
    ///
    /// As for any call, and [`ErrorKind::Project`](crate::ErrorKind::Project) if the account id is
    /// not known.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "test-util")] tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// use huaweicloud_cts::testing::FakeCts;
    /// use huaweicloud_cts::tracker::BucketCheck;
    ///
    /// let client = FakeCts::new().client();
    /// for bucket in client.check_obs_buckets(&[BucketCheck::new("audit-archive", "cn-north-4")]).await? {
    ///     println!("{}: {}", bucket.bucket_name, if bucket.is_usable() { "fine" } else { "can't be used" });
    /// }
    /// # Ok::<(), huaweicloud_cts::Error>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn check_obs_buckets(
        &self,
        buckets: &[BucketCheck],
    ) -> Result<Vec<CheckedBucket>, Error> {
        #[derive(Serialize)]
        struct Body<'b> {
            buckets: &'b [BucketCheck],
        }

        let call = Call::new(CHECK, Method::POST, "/checkbucket").of_account();
        self.call(call.json(&Body { buckets })?, |body| response::list(body, "buckets")).await
    }
}
