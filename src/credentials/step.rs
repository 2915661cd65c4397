//! A step on the way to credentials: one exchange with a service, and what to do if it fails.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::http::{Wiped, exchange, refusal};
use super::{Credentials, CredentialsError, response};
use crate::transport::Transport;

/// A step, as errors describe it.
pub(super) struct Step {
    /// What failed, with the name of the service.
    pub(super) failure: &'static str,
    /// What to do if the service refuses.
    pub(super) remedy: &'static str,
}

impl Step {
    /// Sends a request, and returns the response if its status is a success. The error does not
    /// contain the body of the response.
    pub(super) async fn response(
        &self,
        transport: &dyn Transport,
        request: Request<Bytes>,
        limit: Duration,
    ) -> Result<Response<Bytes>, CredentialsError> {
        let failure = format!("{} ({})", self.failure, host(&request));
        match exchange(transport, request, limit).await {
            Ok(response) if response.status().is_success() => Ok(response),
            Ok(response) => {
                let (status, body) = (response.status(), response.body());
                let shown = format!("{}; {}", refusal(status, body), remedy(status, self.remedy));
                Err(CredentialsError::failed(failure, shown))
            }
            Err(error) => Err(CredentialsError::failed(failure, error)),
        }
    }

    /// Sends a request, and returns the credentials in the response.
    pub(super) async fn credentials(
        &self,
        transport: &dyn Transport,
        request: Request<Bytes>,
        limit: Duration,
    ) -> Result<Credentials, CredentialsError> {
        let host = host(&request);
        let body = Wiped(self.response(transport, request, limit).await?.into_body());
        response::credentials(&body.0).map_err(|reason| self.unusable(&host, &reason))
    }

    /// Returns the error for a response that is a success and can't be used.
    pub(super) fn unusable(&self, host: &str, reason: &str) -> CredentialsError {
        CredentialsError::failed(format!("{} ({host})", self.failure), unusable(reason))
    }
}

fn host(request: &Request<Bytes>) -> String {
    request.uri().authority().map(ToString::to_string).unwrap_or_default()
}

/// Returns what to do about a status that is not a success. `refused` is the remedy for a refusal
/// of the service.
pub(super) fn remedy(status: StatusCode, refused: &str) -> &str {
    if status.is_redirection() {
        "the redirect is not followed: check the endpoint"
    } else if status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
    {
        "try again later"
    } else {
        refused
    }
}

/// Returns the cause of an error about a response that is a success and can't be used: it is
/// probably from another server.
pub(super) fn unusable(reason: &str) -> String {
    format!(
        "the response can't be used: {reason}; check that the endpoint is the service itself, and not a proxy or a login page"
    )
}
