//! Errors of building a client.

use crate::credentials::CredentialsError;
use crate::region::{CloudDomainError, Region, RegionsFileError};
use crate::text::{Chain, debug_as_display};
use crate::transport::TransportError;

/// An error of [`ClientBuilder::build`](super::ClientBuilder::build). Nothing was sent.
///
/// `Display` says everything, and `Debug` prints the same line. There is no `source`, because
/// `Display` includes the text of the cause: match the variant to get it.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Neither a region nor an endpoint is set.
    #[error(
        "neither a region nor an endpoint is set: call region(\"eu-de\") or endpoint(\"https://…\")"
    )]
    NoEndpoint,
    /// The region has no known endpoint.
    #[error(
        "no endpoint is known for the region {id:?}: name it with endpoint(\"https://…\"), or its cloud with \
         cloud_domain(\"example.com\"); known are {}",
        known_regions()
    )]
    #[non_exhaustive]
    UnknownRegion {
        /// The region as it was set.
        id: String,
    },
    /// The domain of the cloud, or the region with it, can't be part of a host name.
    #[error("{0}")]
    CloudDomain(CloudDomainError),
    /// The endpoint can't be used.
    #[error("the endpoint {endpoint:?} can't be used: {reason}")]
    #[non_exhaustive]
    Endpoint {
        /// The endpoint as it was set, without user name, password and query.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The endpoint is `http://` and not on this machine.
    #[error(
        "the endpoint {endpoint} is not encrypted: use https://, or call allow_plain_http() to allow this"
    )]
    #[non_exhaustive]
    PlainHttp {
        /// The endpoint, and the variable or the line of the file that sets it.
        endpoint: String,
    },
    /// The regions file can't be used.
    #[error("{0}")]
    RegionsFile(RegionsFileError),
    /// The endpoint of IAM, which looks up the project id, can't be used.
    #[error("the project id can't be looked up: {0}")]
    Iam(CredentialsError),
    /// No project id is set, and no region to look it up for.
    #[error(
        "no project id is set: call project_id(…), or region(…) to have it looked up, or set HUAWEICLOUD_SDK_PROJECT_ID and \
         start with ClientBuilder::from_env()"
    )]
    NoProjectId,
    /// The project id is invalid.
    #[error("the project id is invalid: {reason}")]
    #[non_exhaustive]
    ProjectId {
        /// What is wrong with it.
        reason: String,
    },
    /// The account id is invalid.
    #[error("the account id is invalid: {reason}")]
    #[non_exhaustive]
    DomainId {
        /// What is wrong with it.
        reason: String,
    },
    /// No credentials are set.
    #[error("no credentials are set: call credentials(…), or start with ClientBuilder::from_env()")]
    NoCredentials,
    /// The credentials are missing or invalid.
    #[error("no usable credentials: {}", Chain(.0))]
    Credentials(CredentialsError),
    /// The feature `reqwest` is off and no other transport is set.
    #[error(
        "no transport is set: enable one of the features rustls, native-tls, reqwest, or call transport(…)"
    )]
    NoTransport,
    /// There are settings for the transport over reqwest, and another transport.
    #[error(
        "proxy(…) and root_certificates(…) do not change the transport that transport(…) was given: set them on that one, \
         with ReqwestTransport::builder() for one"
    )]
    TwoTransports,
    /// An endpoint is `https`, no feature brings TLS, and no other transport is set.
    #[error(
        "the endpoint {endpoint} needs TLS: enable one of the features rustls, rustls-no-provider, native-tls, or call \
         transport(…)"
    )]
    #[non_exhaustive]
    NoTls {
        /// The endpoint.
        endpoint: String,
    },
    /// The transport can't be set up.
    #[error("{}", Chain(.0))]
    Transport(TransportError),
}

debug_as_display!(BuildError);

fn known_regions() -> String {
    Region::known().map(|region| region.id().to_owned()).collect::<Vec<_>>().join(", ")
}
