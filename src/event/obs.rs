//! Events of OBS buckets.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::read::events;
use crate::wire::loose::{IntValue, List, Payload, TimeValue, filled, loose_struct};

loose_struct! {
    /// Changes in a bucket, as an OBS trigger passes them to a function.
    ///
    /// "OBS example event" in the FunctionGraph developer guide, and live captures from Open
    /// Telekom Cloud.
    ///
    /// ```
    /// use huaweicloud_cts::event::ObsEvent;
    ///
    /// let event = ObsEvent::from_slice(br#"{"Records": [{
    ///     "eventName": "ObjectCreated:Put", "awsRegion": "eu-de",
    ///     "s3": {"bucket": {"name": "audit"}, "object": {"key": "CloudTraces%2Fa+b.json.gz", "size": 512}}
    /// }]}"#)?;
    /// let change = &event.records[0];
    /// assert_eq!((change.region(), change.bucket_name()), (Some("eu-de"), Some("audit")));
    /// assert_eq!(change.object_key().unwrap(), "CloudTraces/a b.json.gz");
    /// # Ok::<(), huaweicloud_cts::event::EventError>(())
    /// ```
    pub struct ObsEvent {
        /// The changes.
        records: List<ObsRecord> = "Records",
    }
}

loose_struct! {
    /// A change in a bucket.
    pub struct ObsRecord {
        /// The operation: `ObjectCreated:Put`.
        event_name: Option<String> = "eventName",
        /// When.
        event_time: TimeValue = "eventTime",
        /// The format's version.
        event_version: Option<String> = "eventVersion",
        /// `aws:s3`, on Open Telekom Cloud.
        event_source: Option<String> = "eventSource",
        /// The region, on Huawei Cloud. See [`region`](Self::region()).
        region: Option<String> = "Region",
        /// The region, on Open Telekom Cloud. See [`region`](Self::region()).
        aws_region: Option<String> = "awsRegion",
        /// The user who did it.
        user_identity: Option<ObsIdentity> = "userIdentity",
        /// Where the request came from.
        request_parameters: Option<ObsRequestParameters> = "requestParameters",
        /// Ids of the response.
        response_elements: Payload = "responseElements",
        /// Which object of which bucket.
        s3: Option<ObsEntity>,
    }
}

loose_struct! {
    /// The user of a change, or the owner of a bucket.
    pub struct ObsIdentity {
        /// The id of the user.
        principal_id: Option<String> = "principalId",
        /// The id of the bucket's owner: the same name with another first letter.
        owner_principal_id: Option<String> = "PrincipalId",
    }
}

loose_struct! {
    /// Where a request came from.
    pub struct ObsRequestParameters {
        /// The address.
        source_ip_address: Option<String> = "sourceIPAddress",
    }
}

loose_struct! {
    /// The bucket and the object of a change.
    pub struct ObsEntity {
        /// The id of the bucket's notification rule.
        configuration_id: Option<String> = "configurationId",
        /// The format's version.
        schema_version: Option<String> = "s3SchemaVersion",
        /// The bucket.
        bucket: Option<ObsBucket>,
        /// The object.
        object: Option<ObsObject>,
    }
}

loose_struct! {
    /// The bucket of a change.
    pub struct ObsBucket {
        /// Its name.
        name: Option<String>,
        /// Its ARN, on Open Telekom Cloud.
        arn: Option<String>,
        /// Its owner.
        owner_identity: Option<ObsIdentity> = "ownerIdentity",
    }
}

loose_struct! {
    /// The object of a change.
    pub struct ObsObject {
        /// Its key, URL-encoded: `a%2Fb.png`. Use [`decoded_key`](Self::decoded_key).
        key: Option<String>,
        /// Its size in bytes.
        size: IntValue,
        /// Its entity tag.
        e_tag: Option<String> = "eTag",
        /// Its version; the string `null` without versioning. See [`version`](Self::version).
        version_id: Option<String> = "versionId",
        /// Orders the changes of one object.
        sequencer: Option<String>,
    }
}

events!(ObsEvent = "OBS event" with "Records": Objects;);

impl ObsRecord {
    /// Returns the region, under either name.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        filled(self.region.as_deref()).or(filled(self.aws_region.as_deref()))
    }

    /// Returns the name of the bucket.
    #[must_use]
    pub fn bucket_name(&self) -> Option<&str> {
        self.s3.as_ref()?.bucket.as_ref()?.name.as_deref()
    }

    /// Returns the key of the object, URL-decoded.
    #[must_use]
    pub fn object_key(&self) -> Option<Cow<'_, str>> {
        self.s3.as_ref()?.object.as_ref()?.decoded_key()
    }
}

impl ObsObject {
    /// Returns the key, URL-decoded; `+` is a space. A key whose decoded bytes are not UTF-8 is
    /// returned as received.
    #[must_use]
    pub fn decoded_key(&self) -> Option<Cow<'_, str>> {
        let key = self.key.as_deref()?;
        if !key.contains(['%', '+']) {
            return Some(key.into());
        }
        let spaced = key.replace('+', " ");
        Some(
            percent_decode(spaced.as_bytes())
                .decode_utf8()
                .map_or(key.into(), |key| key.into_owned().into()),
        )
    }

    /// Returns the version, if the bucket has versions.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        filled(self.version_id.as_deref()).filter(|version| *version != "null")
    }
}
