//! Error codes of CTS and of the gateways in front of it.

use http::StatusCode;

use crate::wire::enums::string_enum;

string_enum! {
    /// The code of an error of CTS or of a gateway in front of it.
    ///
    /// Codes that start with `CTS.` are the service's own. Those that start with `APIGW.` (here
    /// `Gateway…`) come from the gateway that all calls pass. Some gateways and clouds write the
    /// same codes with the shorter prefix `APIG.`: both parse to the same variant, whose
    /// [`as_str`](Self::as_str) has the longer prefix.
    /// [`ApiError::code_text`](super::ApiError::code_text) returns the code as it was sent.
    ///
    /// Before you match on a code:
    ///
    /// - The digits are not the HTTP status: `CTS.0404` comes with 400, and `CTS.0403` with 404.
    /// - Codes are case-sensitive. Versions 1 and 2 of the API used codes in lower case,
    ///   `cts.NNNN`, with other meanings: `cts.0003` is about the project id, `CTS.0003` about the
    ///   body. Those in lower case are `Unknown` here.
    /// - Messages differ between clouds and editions, codes do not. Some codes are documented in
    ///   older editions only.
    ///
    /// The statuses below are the documented ones. Where a gateway's two prefixes are documented
    /// with different statuses, the variant lists both.
    pub enum ErrorCode {
        /// IAM or OBS, which CTS depends on, failed. HTTP 400 although the request may be fine: **a
        /// transient 400**. Repeat the call later; if it stays, ask support.
        DependencyFailed = "CTS.0001",
        /// CTS could not authenticate the caller, or the caller lacks a permission. HTTP 403. Check
        /// the credentials and the caller's IAM policies.
        AccessDenied = "CTS.0002",
        /// The request's body is missing or malformed. HTTP 400. Compare it with what this cloud
        /// documents: older editions have fewer fields.
        BodyInvalid = "CTS.0003",
        /// CTS could not store the data. HTTP 500. Read back before you repeat a write; if it
        /// stays, ask support.
        WriteFailed = "CTS.0004",
        /// CTS could not read its data. HTTP 500. Repeat later; if it stays, ask support.
        ReadFailed = "CTS.0005",
        /// The project id in the path is not one that the caller can use. HTTP 403. Use the id of
        /// the project of this region.
        ProjectIdInvalid = "CTS.0012",
        /// No role or policy of the caller allows the action. HTTP 403. Grant it. On the deletion
        /// of a tracker, the Terraform provider takes this code to mean that the tracker is gone
        /// already.
        PermissionMissing = "CTS.0013",
        /// The analysis of traces in LTS could not be set up. HTTP 400. Ask support.
        TraceAnalysisFailed = "CTS.0056",
        /// CTS does not list the versions of its API. HTTP 404. Call the paths of v3 directly.
        VersionQueryUnsupported = "CTS.0100",
        /// The quota of trackers is exhausted. HTTP 400. Delete one that is no longer needed.
        TrackerQuotaExceeded = "CTS.0200",
        /// The project has its management tracker already, and can have only one. HTTP 400. Use or
        /// update that one.
        ManagementTrackerExists = "CTS.0201",
        /// The type of the tracker is invalid. HTTP 400. Send `system` or `data`.
        TrackerTypeInvalid = "CTS.0202",
        /// The name of the tracker is invalid. HTTP 400. Use 1 to 32 characters, the first neither
        /// `_` nor `-`.
        TrackerNameInvalid = "CTS.0203",
        /// A management tracker was sent with another name than `system`. HTTP 400. Use `system`.
        ManagementTrackerNameInvalid = "CTS.0204",
        /// The status is invalid; documented for trackers. HTTP 400. Send `enabled` or `disabled`,
        /// in lower case.
        StatusInvalid = "CTS.0205",
        /// A management tracker was sent with `data_bucket`, which only data trackers have.
        /// HTTP 400. Leave it out.
        DataBucketNotAllowed = "CTS.0206",
        /// A data tracker was sent with the management tracker's name. HTTP 400. Choose another
        /// than `system` and `system-trace`.
        DataTrackerNameReserved = "CTS.0207",
        /// The tracker exists already. HTTP 400. Update that one, or choose another name.
        TrackerExists = "CTS.0208",
        /// Another tracker tracks this kind of operation on the OBS bucket. HTTP 400. Change that
        /// tracker, or track something else.
        BucketOperationAlreadyTracked = "CTS.0209",
        /// A data tracker names no OBS bucket to track. HTTP 400. Name one.
        TrackedBucketRequired = "CTS.0210",
        /// The OBS bucket to track does not exist. HTTP 400, not 404. Correct its name, or create
        /// the bucket first.
        TrackedBucketNotFound = "CTS.0211",
        /// An update would change the OBS bucket that a tracker tracks. HTTP 400. Send the present
        /// one, or create another tracker.
        TrackedBucketFixed = "CTS.0212",
        /// Traces would be transferred to an OBS bucket that is itself tracked. HTTP 400. Choose
        /// another for the transfer.
        TransferBucketTracked = "CTS.0213",
        /// The tracker does not exist. HTTP 404. It may have been deleted; list the trackers.
        TrackerNotFound = "CTS.0214",
        /// The OBS bucket that CTS should create exists already. HTTP 400. Choose another name, or
        /// do not ask CTS to create it.
        BucketExists = "CTS.0215",
        /// CTS could not create the OBS bucket. HTTP 400. Create it yourself, or ask support.
        BucketCreationFailed = "CTS.0216",
        /// CTS could not set how long the OBS bucket keeps its files. HTTP 400. Ask support.
        BucketLifecycleFailed = "CTS.0217",
        /// The prefix of the trace files' names is invalid. HTTP 400. Use at most 64 letters,
        /// digits, `-`, `_` and `.`.
        FilePrefixInvalid = "CTS.0218",
        /// A data tracker does not list which operations on the OBS bucket to track. HTTP 400. Name
        /// reading, writing or both.
        BucketOperationRequired = "CTS.0219",
        /// Encryption with KMS is not available here. HTTP 400. Leave it out, or ask support.
        KmsUnsupported = "CTS.0220",
        /// Encryption is requested without a KMS key. HTTP 400. Send `kms_id`.
        KmsKeyRequired = "CTS.0221",
        /// CTS could not confirm the KMS key. HTTP 400. Check that `kms_id` names a key of this
        /// project.
        KmsVerificationFailed = "CTS.0222",
        /// A data tracker requests an unknown kind of operation. HTTP 400. Only `READ` and `WRITE`
        /// can be tracked.
        BucketOperationInvalid = "CTS.0225",
        /// The organization does not trust CTS. HTTP 400. Enable CTS as a trusted service in
        /// Organizations.
        TrustedServiceRequired = "CTS.0228",
        /// The organization has a tracker already. HTTP 400. Disable that one first.
        OrganizationTrackerExists = "CTS.0229",
        /// The name is not a valid name of an OBS bucket. HTTP 400. Use 3 to 63 lower-case letters,
        /// digits, `-` and `.`, a letter or digit first.
        BucketNameInvalid = "CTS.0231",
        /// CTS could not run the query. HTTP 400 although the request may be fine: **a transient
        /// 400**. Repeat it later.
        QueryFailed = "CTS.0300",
        /// A notification has this `notification_name` already. HTTP 400, not 409. Choose another,
        /// or update the one that has it. After a repeated create, it may be the one that you
        /// created.
        NotificationNameExists = "CTS.0400",
        /// An item of `operations` is unknown to CTS. HTTP 400. Check service, resource and trace
        /// names against the list of supported operations, which is case-sensitive.
        OperationsInvalid = "CTS.0401",
        /// The SMN topic that `topic_id` names does not exist. HTTP 400, not 404. Check the URN, or
        /// create the topic first.
        TopicNotFound = "CTS.0402",
        /// The notification does not exist. HTTP **404**, not 403: this is not about permissions.
        /// It may have been deleted; list the notifications.
        NotificationNotFound = "CTS.0403",
        /// The status can't be set: `enabled` needs a topic. HTTP **400**, not 404: the
        /// notification exists. Send `topic_id`, or leave the notification disabled.
        TopicRequired = "CTS.0404",
        /// The quota of notifications is exhausted; the documented quota is 100. HTTP 400. Delete
        /// one that is no longer needed.
        NotificationQuotaExceeded = "CTS.0407",
        /// This cloud supports only the type `smn`. HTTP 400. Do not use `fun` notifications there.
        NotificationTypeUnsupported = "CTS.0410",
        /// The `notification_name` is invalid. HTTP 400. Use 1 to 64 letters, digits and `_`;
        /// Huawei Cloud accepts Chinese characters too, no cloud accepts hyphens.
        NotificationNameInvalid = "CTS.0411",
        /// The gateway has no API with this host, method and path. This does not say whether a
        /// notification exists. HTTP 404. Check the endpoint and the region; one `/` too many or
        /// too few is enough.
        GatewayApiNotFound = "APIGW.0101" | "APIG.0101",
        /// The gateway finds no service behind the API. HTTP 500 for `APIG.`, 404 or 500 for
        /// `APIGW.`. Ask support.
        GatewayBackendNotFound = "APIGW.0103" | "APIG.0103",
        /// The gateway lacks a plug-in's configuration. HTTP 500 for `APIG.`, 400 or 500 for
        /// `APIGW.`. Ask support.
        GatewayPluginNotFound = "APIGW.0104" | "APIG.0104",
        /// The gateway lacks the configuration of the service behind the API. HTTP 500 for `APIG.`,
        /// 400 or 500 for `APIGW.`. Ask support.
        GatewayBackendConfigNotFound = "APIGW.0105" | "APIG.0105",
        /// The gateway could not map the request's parameters. HTTP 400. Check the parameters.
        GatewayOrchestrationFailed = "APIGW.0106" | "APIG.0106",
        /// **One code for many failures; the status says which.** HTTP 400 (bad request), 413 (body
        /// over 12 MB), 414 (URI too long), 494 (headers too long), 500 (unexpected), 502 (service
        /// unavailable) or 504 (timeout). Repeat only a 5xx, and a write only after you checked
        /// whether it was applied.
        GatewayRequestFailed = "APIGW.0201" | "APIG.0201",
        /// The gateway can't reach the service. HTTP 502. Repeat later.
        GatewayBackendUnavailable = "APIGW.0202" | "APIG.0202",
        /// The service did not respond to the gateway in time. HTTP 504. Repeat a read; after a
        /// write, first check whether it was applied.
        GatewayBackendTimeout = "APIGW.0203" | "APIG.0203",
        /// The signature, the access key or the token was rejected; the message says more.
        /// HTTP 401. Check the credentials, the project id, and the clock, which may be off by 15
        /// minutes. Do not just repeat the call: five failures in a row lock the access key for 5
        /// minutes.
        GatewaySignatureInvalid = "APIGW.0301" | "APIG.0301",
        /// The gateway does not let this IAM user call the API. HTTP 403. Ask for the user to be
        /// allowed, or not to be blocked.
        GatewayUserNotAuthorized = "APIGW.0302" | "APIG.0302",
        /// The authentication as an app failed, which CTS does not use. HTTP 401. Check the
        /// endpoint, and the clock.
        GatewayAppAuthenticationInvalid = "APIGW.0303" | "APIG.0303",
        /// The gateway does not let this app call the API. CTS expects IAM users, not apps.
        /// HTTP 403. Check the endpoint and the credentials.
        GatewayAppNotAuthorized = "APIGW.0304" | "APIG.0304",
        /// The authentication is wrong in some other way. HTTP 401. Check the credentials.
        GatewayAuthenticationInvalid = "APIGW.0305" | "APIG.0305",
        /// The gateway denies access to the API. HTTP 403. Ask for access.
        GatewayAccessDenied = "APIGW.0306" | "APIG.0306",
        /// The token has expired, or belongs to another region. HTTP 401. Get a new token in the
        /// region that you call.
        GatewayTokenOutdated = "APIGW.0307" | "APIG.0307",
        /// There were too many requests. HTTP 429. Wait, then repeat the call less often. The
        /// limits of cloud services can't be raised.
        GatewayThrottled = "APIGW.0308" | "APIG.0308",
        /// The project can't be used at present. HTTP 403. Check its state, or use another project.
        GatewayProjectUnavailable = "APIGW.0310" | "APIG.0310",
        /// The authentication for debugging in the console failed. HTTP 401. Ask support.
        GatewayDebugAuthenticationInvalid = "APIGW.0311" | "APIG.0311",
        /// The gateway can't determine the client's IP address. HTTP 403. Check the proxies on the
        /// way, or ask support.
        GatewayClientAddressUnknown = "APIGW.0401" | "APIG.0401",
        /// The gateway does not let this IP address call the API. HTTP 403. Call from an address
        /// that is allowed, or ask for this one to be allowed.
        GatewayClientAddressNotAuthorized = "APIGW.0402" | "APIG.0402",
        /// The gateway is not allowed to reach the address of the service. **403, not 404: nothing
        /// is missing.** HTTP 403. Ask support.
        GatewayBackendAddressDenied = "APIGW.0404" | "APIG.0404",
        /// The API does not accept this protocol; the message names those that it accepts.
        /// HTTP 400. Use `https`.
        GatewayProtocolUnsupported = "APIGW.0607" | "APIG.0607",
        /// The gateway could not sign its own request to the service. HTTP 500. Ask support.
        GatewayBackendSigningFailed = "APIGW.0705" | "APIG.0705",
        /// The service is not available in this region. HTTP 403. Choose a region that offers it.
        GatewayServiceNotInRegion = "APIGW.0801" | "APIG.0801",
    }
}

impl ErrorCode {
    /// Returns the number of a gateway's code: `Some(301)` for `APIGW.0301` and `APIG.0301`, also
    /// for numbers without a variant. Returns `None` for codes of other origin.
    #[must_use]
    pub fn gateway_number(&self) -> Option<u16> {
        let code = self.as_str();
        let digits = code.strip_prefix("APIGW.").or_else(|| code.strip_prefix("APIG."))?;
        // `parse` alone would accept a sign.
        if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
    }

    /// Returns the documented status of the code if it is not 400, for errors that come with
    /// another one.
    pub(super) fn documented_status(&self) -> Option<StatusCode> {
        let status = match self {
            Self::AccessDenied | Self::ProjectIdInvalid | Self::PermissionMissing => 403,
            Self::VersionQueryUnsupported | Self::TrackerNotFound | Self::NotificationNotFound => {
                404
            }
            Self::WriteFailed | Self::ReadFailed => 500,
            _ => match self.gateway_number()? {
                101 => 404,
                103..=105 | 705 => 500,
                202 => 502,
                203 => 504,
                301 | 303 | 305 | 307 | 311 => 401,
                302 | 304 | 306 | 310 | 401 | 402 | 404 | 801 => 403,
                308 => 429,
                _ => return None,
            },
        };
        StatusCode::from_u16(status).ok()
    }

    /// Returns a sentence on what to do, for codes where the message of the service does not say
    /// it.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::DependencyFailed => "a service that CTS depends on failed; repeat the call later",
            Self::AccessDenied => {
                "check that the credentials belong to this cloud and that the user may use CTS in this project"
            }
            Self::BodyInvalid => {
                "a required field may be missing, or this cloud may not support one that was sent"
            }
            Self::WriteFailed | Self::ReadFailed => {
                "the storage of the service failed; if this persists, give support the request id"
            }
            Self::ProjectIdInvalid => {
                "use the id of the project of this region, not its name or the account's id"
            }
            Self::VersionQueryUnsupported => {
                "the service does not list its versions; call the v3 paths directly"
            }
            Self::TrackerTypeInvalid => "the type must be system or data",
            Self::TrackerNameInvalid => {
                "use 1 to 32 characters, the first neither an underscore nor a hyphen"
            }
            Self::StatusInvalid => "the status must be enabled or disabled, in lower case",
            Self::TrackedBucketFixed => {
                "send the bucket that the tracker has, or create another tracker"
            }
            Self::FilePrefixInvalid => {
                "use at most 64 letters, digits, hyphens, underscores and dots"
            }
            Self::TrustedServiceRequired => "enable CTS as a trusted service in Organizations",
            Self::OrganizationTrackerExists => "disable the present organization tracker first",
            Self::QueryFailed => "the service could not run the query; repeat it later",
            Self::NotificationNameExists => {
                "choose another name, or update the notification that has this one"
            }
            Self::OperationsInvalid => {
                "check service, resource and trace names against the supported operations, which are case-sensitive"
            }
            Self::TopicNotFound => "check that topic_id is the full URN of an existing topic",
            Self::NotificationNotFound => {
                "it may have been deleted, or belong to another project or region"
            }
            Self::TopicRequired => {
                "enabled needs a topic: send topic_id, or leave the notification disabled"
            }
            Self::NotificationQuotaExceeded => {
                "delete notifications that are no longer needed; the quota is usually 100"
            }
            Self::NotificationTypeUnsupported => {
                "this cloud supports smn notifications only, not fun"
            }
            Self::NotificationNameInvalid => {
                "use 1 to 64 letters, digits and underscores; hyphens are not allowed"
            }
            _ => return self.gateway_number().and_then(gateway_advice),
        })
    }
}

fn gateway_advice(number: u16) -> Option<&'static str> {
    Some(match number {
        101 => "check the endpoint's host and path, and that the region offers the service",
        103 | 104 | 105 | 404 | 705 => {
            "the gateway is not configured for this; give support the request id"
        }
        106 => "the gateway could not map the request's parameters; check them",
        201 => {
            "the HTTP status says the cause: for 4xx correct the request, for 5xx repeat it later"
        }
        202 | 203 => "the service did not answer the gateway; repeat the call later",
        301 => {
            "check the credentials, the project id and the clock; five failures in a row lock the access key for 5 minutes"
        }
        302 => "the gateway does not allow this user; ask for the user to be allowed",
        303 | 304 => {
            "use IAM credentials for CTS, not those of an app; check the endpoint and the clock"
        }
        305 => "check the credentials",
        306 => "ask for access to the API",
        307 => "get a new token in the region of the call",
        308 => {
            "wait, then repeat the call less often; the limits of cloud services can't be raised"
        }
        310 => "check the state of the project, or use another",
        311 => "give support the request id",
        401 => "check the proxies on the way to the gateway, or give support the request id",
        402 => "call from an IP address that is allowed, or ask for this one to be allowed",
        607 => "use https",
        801 => "choose a region that offers the service",
        _ => return None,
    })
}
