//! Enums are lossless, and codes are what the documents say.

use huaweicloud_cts::ErrorCode;
use huaweicloud_cts::notification::{
    FilterCondition, FilterField, FilterOperator, NotificationStatus, NotificationType,
    OperationType,
};
use huaweicloud_cts::trace::{EventType, TraceRating, TraceType, UserType};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn round_trip<E>(text: &str)
where
    E: for<'a> From<&'a str>
        + From<String>
        + AsRef<str>
        + Serialize
        + DeserializeOwned
        + PartialEq
        + std::fmt::Debug,
{
    let value = E::from(text);
    assert_eq!(value.as_ref(), text);
    assert_eq!(E::from(text.to_owned()), value);
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(json, serde_json::to_string(text).unwrap());
    assert_eq!(serde_json::from_str::<E>(&json).unwrap(), value);
}

fn round_trips(text: &str) {
    round_trip::<ErrorCode>(text);
    round_trip::<FilterCondition>(text);
    round_trip::<FilterField>(text);
    round_trip::<FilterOperator>(text);
    round_trip::<NotificationStatus>(text);
    round_trip::<NotificationType>(text);
    round_trip::<OperationType>(text);
    round_trip::<EventType>(text);
    round_trip::<TraceRating>(text);
    round_trip::<TraceType>(text);
    round_trip::<UserType>(text);
}

proptest! {
    #[test]
    fn any_string_survives_a_round_trip_through_an_enum(text in ".*") {
        round_trips(&text);
    }
}

#[test]
fn known_values_have_variants() {
    let values = [
        "complete",
        "customized",
        "enabled",
        "disabled",
        "smn",
        "fun",
        "AND",
        "OR",
        "=",
        "!=",
        "code",
    ];
    for text in values {
        round_trips(text);
    }
    assert!(
        matches!(NotificationStatus::from("ENABLED"), NotificationStatus::Unknown(_)),
        "case counts"
    );
    assert!(
        matches!(ErrorCode::from("cts.0003"), ErrorCode::Unknown(_)),
        "the legacy table has other meanings"
    );
    assert_eq!(format!("{:?}", NotificationType::from("kafka")), r#"Unknown("kafka")"#);
}

/// Every code of the documents, old editions and new.
#[test]
fn every_documented_error_code_has_a_variant() {
    let service = [
        1, 2, 3, 4, 5, 12, 13, 56, 100, 200, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211,
        212, 213, 214, 215, 216, 217, 218, 219, 220, 221, 222, 225, 228, 229, 231, 300, 400, 401,
        402, 403, 404, 407, 410, 411,
    ];
    let gateway = [
        101, 103, 104, 105, 106, 201, 202, 203, 301, 302, 303, 304, 305, 306, 307, 308, 310, 311,
        401, 402, 607,
    ];
    let codes = service
        .iter()
        .map(|n| format!("CTS.{n:04}"))
        .chain(gateway.iter().map(|n| format!("APIGW.{n:04}")));
    let mut names = std::collections::HashSet::new();
    for code in codes {
        let known = ErrorCode::from(code.as_str());
        assert!(!matches!(known, ErrorCode::Unknown(_)), "{code} has no name");
        assert!(names.insert(format!("{known:?}")), "{code} shares its name");
        round_trip::<ErrorCode>(&code);
    }
    for unnamed in ["APIG.9999", "APIGW.9999"] {
        round_trip::<ErrorCode>(unnamed);
        assert_eq!(ErrorCode::from(unnamed).gateway_number(), Some(9999));
    }
    for other in ["CTS.0301", "APIGW.", "APIGW.+301", "APIGW.30x", "APIGW.99999", "apigw.0301"] {
        assert_eq!(ErrorCode::from(other).gateway_number(), None, "{other}");
    }
}

/// The whole table, so that no two variants are swapped unnoticed.
#[test]
fn every_error_code_and_its_variant() {
    let table = [
        ("CTS.0001", ErrorCode::DependencyFailed),
        ("CTS.0002", ErrorCode::AccessDenied),
        ("CTS.0003", ErrorCode::BodyInvalid),
        ("CTS.0004", ErrorCode::WriteFailed),
        ("CTS.0005", ErrorCode::ReadFailed),
        ("CTS.0012", ErrorCode::ProjectIdInvalid),
        ("CTS.0013", ErrorCode::PermissionMissing),
        ("CTS.0056", ErrorCode::TraceAnalysisFailed),
        ("CTS.0100", ErrorCode::VersionQueryUnsupported),
        ("CTS.0200", ErrorCode::TrackerQuotaExceeded),
        ("CTS.0201", ErrorCode::ManagementTrackerExists),
        ("CTS.0202", ErrorCode::TrackerTypeInvalid),
        ("CTS.0203", ErrorCode::TrackerNameInvalid),
        ("CTS.0204", ErrorCode::ManagementTrackerNameInvalid),
        ("CTS.0205", ErrorCode::StatusInvalid),
        ("CTS.0206", ErrorCode::DataBucketNotAllowed),
        ("CTS.0207", ErrorCode::DataTrackerNameReserved),
        ("CTS.0208", ErrorCode::TrackerExists),
        ("CTS.0209", ErrorCode::BucketOperationAlreadyTracked),
        ("CTS.0210", ErrorCode::TrackedBucketRequired),
        ("CTS.0211", ErrorCode::TrackedBucketNotFound),
        ("CTS.0212", ErrorCode::TrackedBucketFixed),
        ("CTS.0213", ErrorCode::TransferBucketTracked),
        ("CTS.0214", ErrorCode::TrackerNotFound),
        ("CTS.0215", ErrorCode::BucketExists),
        ("CTS.0216", ErrorCode::BucketCreationFailed),
        ("CTS.0217", ErrorCode::BucketLifecycleFailed),
        ("CTS.0218", ErrorCode::FilePrefixInvalid),
        ("CTS.0219", ErrorCode::BucketOperationRequired),
        ("CTS.0220", ErrorCode::KmsUnsupported),
        ("CTS.0221", ErrorCode::KmsKeyRequired),
        ("CTS.0222", ErrorCode::KmsVerificationFailed),
        ("CTS.0225", ErrorCode::BucketOperationInvalid),
        ("CTS.0228", ErrorCode::TrustedServiceRequired),
        ("CTS.0229", ErrorCode::OrganizationTrackerExists),
        ("CTS.0231", ErrorCode::BucketNameInvalid),
        ("CTS.0300", ErrorCode::QueryFailed),
        ("CTS.0400", ErrorCode::NotificationNameExists),
        ("CTS.0401", ErrorCode::OperationsInvalid),
        ("CTS.0402", ErrorCode::TopicNotFound),
        ("CTS.0403", ErrorCode::NotificationNotFound),
        ("CTS.0404", ErrorCode::TopicRequired),
        ("CTS.0407", ErrorCode::NotificationQuotaExceeded),
        ("CTS.0410", ErrorCode::NotificationTypeUnsupported),
        ("CTS.0411", ErrorCode::NotificationNameInvalid),
        ("APIGW.0101", ErrorCode::GatewayApiNotFound),
        ("APIGW.0103", ErrorCode::GatewayBackendNotFound),
        ("APIGW.0104", ErrorCode::GatewayPluginNotFound),
        ("APIGW.0105", ErrorCode::GatewayBackendConfigNotFound),
        ("APIGW.0106", ErrorCode::GatewayOrchestrationFailed),
        ("APIGW.0201", ErrorCode::GatewayRequestFailed),
        ("APIGW.0202", ErrorCode::GatewayBackendUnavailable),
        ("APIGW.0203", ErrorCode::GatewayBackendTimeout),
        ("APIGW.0301", ErrorCode::GatewaySignatureInvalid),
        ("APIGW.0302", ErrorCode::GatewayUserNotAuthorized),
        ("APIGW.0303", ErrorCode::GatewayAppAuthenticationInvalid),
        ("APIGW.0304", ErrorCode::GatewayAppNotAuthorized),
        ("APIGW.0305", ErrorCode::GatewayAuthenticationInvalid),
        ("APIGW.0306", ErrorCode::GatewayAccessDenied),
        ("APIGW.0307", ErrorCode::GatewayTokenOutdated),
        ("APIGW.0308", ErrorCode::GatewayThrottled),
        ("APIGW.0310", ErrorCode::GatewayProjectUnavailable),
        ("APIGW.0311", ErrorCode::GatewayDebugAuthenticationInvalid),
        ("APIGW.0401", ErrorCode::GatewayClientAddressUnknown),
        ("APIGW.0402", ErrorCode::GatewayClientAddressNotAuthorized),
        ("APIGW.0404", ErrorCode::GatewayBackendAddressDenied),
        ("APIGW.0607", ErrorCode::GatewayProtocolUnsupported),
        ("APIGW.0705", ErrorCode::GatewayBackendSigningFailed),
        ("APIGW.0801", ErrorCode::GatewayServiceNotInRegion),
    ];
    assert_eq!(table.len(), ErrorCode::KNOWN.len());
    for (text, code) in table {
        assert_eq!(ErrorCode::from(text), code);
        assert_eq!(code.as_str(), text);
        let Some(number) = text.strip_prefix("APIGW.") else { continue };
        let short = format!("APIG.{number}");
        assert_eq!(ErrorCode::from(short.as_str()), code, "{short}");
        assert_eq!(ErrorCode::from(short.clone()), code, "{short}");
        assert_eq!(
            serde_json::from_value::<ErrorCode>(short.clone().into()).unwrap(),
            code,
            "{short}"
        );
        assert_eq!(
            (code.gateway_number(), code.to_string()),
            (number.parse().ok(), text.to_owned()),
            "{short}"
        );
    }
}
