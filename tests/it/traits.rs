//! The traits that the main public types implement, checked when this compiles.

use huaweicloud_cts::*;

/// A type that programs keep, share between threads and print.
fn value<T: Clone + std::fmt::Debug + Send + Sync + 'static>() {}

/// A value that is compared.
fn comparable<T: Clone + std::fmt::Debug + Send + Sync + Eq + 'static>() {}

/// A value that is a key of a map.
fn key<T: Clone + std::fmt::Debug + Send + Sync + std::hash::Hash + Ord + 'static>() {}

macro_rules! all {
    ($check:ident: $($of:ty),+ $(,)?) => {$( $check::<$of>(); )+};
}

#[test]
fn public_types_are_shared_between_threads_cloned_and_compared() {
    all!(value:
        client::CallOptions, client::ClientBuilder, client::CtsClient, client::Pace, client::RetryPolicy,
        credentials::AssumeAgency, credentials::CachedCredentials<credentials::EnvCredentials>, credentials::Credentials,
        credentials::CredentialsChain, credentials::CredentialsContext, credentials::CredentialsError,
        credentials::DefaultCredentials, credentials::EnvCredentials, credentials::FederatedCredentials,
        credentials::KooCliCredentials, credentials::MetadataCredentials, credentials::OidcCredentials,
        credentials::PodIdentityCredentials, credentials::ProfileCredentials,
        provision::ApplyReport, provision::NotificationSet, provision::Plan, provision::Target,
        sign::Signature, sign::Signer,
        testing::FakeCts, testing::Fault,
        transport::TransportError,
        BuildError, Error, RegionsFileError,
    );
    all!(comparable:
        ApiError, CloudDomainError, CloudKind, ErrorCode, ErrorKind,
        catalogue::CatalogueEntry, catalogue::Quota,
        credentials::AgencyAccount, credentials::CredentialsDescription, credentials::CredentialsErrorKind,
        event::CtsEvent, event::SmnMessage, event::TriggerEvent,
        notification::CreateNotification, notification::Filter, notification::Notification, notification::Operation,
        notification::UpdateNotification,
        sign::SignError,
        trace::BoolValue, trace::IntValue, trace::List<String>, trace::Payload, trace::TimeReading, trace::TimeValue, trace::Trace,
        tracker::Tracker,
        transport::Route, transport::TransportErrorKind,
    );
    all!(key: Region, notification::NotificationId, notification::TopicUrn, trace::TraceId);
}

/// The conversions between a region and its id lose nothing, and a region that is more than its id
/// is not serialized.
#[test]
fn a_region_is_its_id_unless_it_has_endpoints_or_a_domain() {
    let region: Region = "eu-de".parse().unwrap();
    assert_eq!((region.as_ref(), region.to_string().as_str()), ("eu-de", "eu-de"));
    assert_eq!(
        serde_json::from_value::<Region>(serde_json::to_value(&region).unwrap()).unwrap(),
        region
    );
    assert!(Region::new("cn-north-4") < region);
    let custom = Region::custom("eu-de", ["https://user:sentinel@cts.example.com"]);
    for region in [custom, region.cloud_domain("example.com").unwrap()] {
        let error = serde_json::to_string(&region).unwrap_err().to_string();
        assert!(error.contains("eu-de") && !error.contains("sentinel"), "{error}");
    }
}
