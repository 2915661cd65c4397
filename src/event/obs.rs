//! Events of OBS buckets.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::read::events;
use crate::wire::loose::{IntValue, List, Payload, TimeValue, filled, loose_struct};

loose_struct! {
    /// Changes in a bucket, as an OBS trigger hands them to a function.
    ///
    /// "OBS example event" in the FunctionGraph developer guide, and live captures from Open Telekom Cloud.
    pub struct ObsEvent {
        /// The changes.
        records: List<ObsRecord> = "Records",
    }
}

loose_struct! {
    /// A change in a bucket.
    pub struct ObsRecord {
        /// What happened: `ObjectCreated:Put`.
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
        /// Who did it.
        user_identity: Option<ObsIdentity> = "userIdentity",
        /// Where the request came from.
        request_parameters: Option<ObsRequestParameters> = "requestParameters",
        /// Ids of the answer.
        response_elements: Payload = "responseElements",
        /// Which object of which bucket.
        s3: Option<ObsEntity>,
    }
}

loose_struct! {
    /// Who did something, or whose bucket it is.
    pub struct ObsIdentity {
        /// The id of who did it.
        principal_id: Option<String> = "principalId",
        /// The id of the bucket's owner, which is written in another case.
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
        /// Its version; the text `null` where there are none. See [`version`](Self::version).
        version_id: Option<String> = "versionId",
        /// Orders the changes of one object.
        sequencer: Option<String>,
    }
}

events!(ObsEvent = "OBS event" with "Records": Objects;);

impl ObsRecord {
    /// The region, under either name.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        filled(self.region.as_deref()).or(filled(self.aws_region.as_deref()))
    }

    /// The bucket's name.
    #[must_use]
    pub fn bucket_name(&self) -> Option<&str> {
        self.s3.as_ref()?.bucket.as_ref()?.name.as_deref()
    }

    /// The object's key as OBS knows it, URL-decoded.
    #[must_use]
    pub fn object_key(&self) -> Option<Cow<'_, str>> {
        self.s3.as_ref()?.object.as_ref()?.decoded_key()
    }
}

impl ObsObject {
    /// The key as OBS knows it, URL-decoded; `+` is a blank. A key that is not UTF-8 then is given as it came.
    #[must_use]
    pub fn decoded_key(&self) -> Option<Cow<'_, str>> {
        let key = self.key.as_deref()?;
        if !key.contains(['%', '+']) {
            return Some(key.into());
        }
        let spaced = key.replace('+', " ");
        Some(percent_decode(spaced.as_bytes()).decode_utf8().map_or(key.into(), |key| key.into_owned().into()))
    }

    /// The version, if the bucket has versions.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        filled(self.version_id.as_deref()).filter(|version| *version != "null")
    }
}
