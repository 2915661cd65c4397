//! The provider below the cache: requests to the service, and the meaning of its responses.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode};
use tokio::time::Instant;

use super::LIMIT;
use super::memory::{Absent, Memory};
use super::token::{NoToken, Token};
use crate::BoxFuture;
use crate::credentials::http::{Http, Wiped, exchange, refusal, request};
use crate::credentials::scope::Scope;
use crate::credentials::step::{remedy, unusable};
use crate::credentials::{
    Credentials, CredentialsContext, CredentialsError, ProvideCredentials, response,
};
use crate::endpoint::{Endpoint, EndpointError, without_secrets};
use crate::transport::{Route, TransportError, TransportErrorKind};

/// The time limit of each of the first two exchanges, which show whether there is a service: three
/// seconds in total.
const FIRST_LIMIT: Duration = Duration::from_millis(1_500);
/// How long the absence of the service is remembered.
const ABSENCE: Duration = Duration::from_secs(5 * 60);
/// How long a missing response is remembered: a server that has just started may be slow.
const SILENCE: Duration = Duration::from_secs(15);
/// How long it is remembered that the service issues no tokens.
const TOKENLESS: Duration = Duration::from_secs(24 * 60 * 60);

/// The maximum length of a token, in bytes.
const MAX_TOKEN: usize = 64 * 1024;

/// The body of the response on a server without an agency.
const NO_AGENCY: &[u8] = b"Please configure Cloud Service Agency first";

#[derive(Clone)]
pub(super) struct Metadata {
    pub(super) endpoint: String,
    pub(super) http: Http,
    pub(super) scope: Scope,
    pub(super) memory: Arc<Mutex<Memory>>,
}

impl Metadata {
    async fn load(&self, context: &CredentialsContext) -> Result<Credentials, CredentialsError> {
        let endpoint = self.parsed()?;
        if let Some(Absent { other, .. }) =
            self.memory().absent.filter(|absent| Instant::now() < absent.until)
        {
            return Err(self.absent(other.as_deref()));
        }
        let mut token = self.token(context, &endpoint).await?;
        let mut response = self.credentials(context, &endpoint, token.header()).await?;
        if response.status() == StatusCode::UNAUTHORIZED
            && !says_no_agency(response.body())
            && !matches!(token, Token::Missing(NoToken::Silence))
        {
            // The token mode may have been enabled since.
            self.remember(|memory| memory.tokenless_until = None);
            token = self.token(context, &endpoint).await?;
            if let Token::Given(_) = &token {
                response = self.credentials(context, &endpoint, token.header()).await?;
            }
        }
        let status = response.status();
        let body = Wiped(response.into_body());
        if !status.is_success() {
            // A service that did not respond at first may be slow to start, and may require a
            // token.
            let span =
                if matches!(token, Token::Missing(NoToken::Silence)) { SILENCE } else { ABSENCE };
            return Err(self.refusal(
                "returned no credentials",
                &token.note(),
                span,
                status,
                &body.0,
            ));
        }
        let credentials = response::credentials(&body.0)
            .map_err(|reason| self.failed("returned no credentials", unusable(&reason)))?;
        self.remember(|memory| {
            memory.is_huawei = true;
            if let Token::Missing(NoToken::Status(_) | NoToken::Silence) = token {
                memory.tokenless_until = Some(Instant::now() + TOKENLESS);
            }
        });
        Ok(self.scope.of(credentials))
    }

    /// Returns the error for a response that is not a success. Other clouds have services of their
    /// own at the same address, which do not know the path. A service that is busy may know it.
    /// `note` is added to the message; a service that is not Huawei Cloud's is remembered for
    /// `span`.
    fn refusal(
        &self,
        failure: &str,
        note: &str,
        span: Duration,
        status: StatusCode,
        body: &[u8],
    ) -> CredentialsError {
        if says_no_agency(body) {
            self.remember(|memory| memory.is_huawei = true);
            return CredentialsError::not_configured(
                "the metadata service has no credentials: configure an agency for this server",
            );
        }
        if self.memory().is_huawei || is_busy(status) {
            let remedy = remedy(status, "check the agency of this server");
            return self.failed(
                &format!("{failure}{note}"),
                format!("{}; {remedy}", refusal(status, body)),
            );
        }
        self.note_absence(span, Some(format!("status {}{note}", status.as_u16())))
    }

    /// Requests a token.
    async fn token(
        &self,
        context: &CredentialsContext,
        endpoint: &Endpoint,
    ) -> Result<Token, CredentialsError> {
        if self.memory().tokenless_until.is_some_and(|until| Instant::now() < until) {
            return Ok(Token::Missing(NoToken::Remembered));
        }
        let lifetime = [("x-metadata-token-ttl-seconds", HeaderValue::from_static("21600"))];
        let exchanged = self
            .exchange(context, endpoint, Method::PUT, "/meta-data/latest/api/token", lifetime)
            .await?;
        let response = match exchanged {
            Ok(response) => response,
            // Some hosts accept the request for a token, never respond to it, and return
            // credentials without one.
            Err(error) if error.kind() == TransportErrorKind::Timeout => {
                return Ok(Token::Missing(NoToken::Silence));
            }
            Err(error) => return Err(self.no_response(error)),
        };
        match response.status() {
            StatusCode::OK => {
                let wrong = || {
                    self.failed("returned no token", unusable("it is not the value of a header"))
                };
                let mut token =
                    HeaderValue::from_bytes(response.body().trim_ascii()).map_err(|_| wrong())?;
                if token.is_empty() || token.len() > MAX_TOKEN {
                    return Err(wrong());
                }
                token.set_sensitive(true);
                drop(Wiped(response.into_body()));
                Ok(Token::Given(token))
            }
            // Documented for a server that has no token mode.
            status @ (StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::SERVICE_UNAVAILABLE) => {
                self.remember(|memory| memory.tokenless_until = Some(Instant::now() + TOKENLESS));
                Ok(Token::Missing(NoToken::Status(status)))
            }
            status if is_busy(status) || says_no_agency(response.body()) => {
                Err(self.refusal("returned no token", "", ABSENCE, status, response.body()))
            }
            status => Ok(Token::Missing(NoToken::Status(status))),
        }
    }

    async fn credentials(
        &self,
        context: &CredentialsContext,
        endpoint: &Endpoint,
        token: Option<HeaderValue>,
    ) -> Result<Response<Bytes>, CredentialsError> {
        let token = token.map(|token| ("x-metadata-token", token));
        let exchanged = self
            .exchange(context, endpoint, Method::GET, "/openstack/latest/securitykey", token)
            .await?;
        exchanged.map_err(|error| self.no_response(error))
    }

    async fn exchange(
        &self,
        context: &CredentialsContext,
        endpoint: &Endpoint,
        method: Method,
        path: &'static str,
        headers: impl IntoIterator<Item = (&'static str, HeaderValue)> + Send,
    ) -> Result<Result<Response<Bytes>, TransportError>, CredentialsError> {
        let mut request = request(method, endpoint, path, headers, Bytes::new())?;
        request.extensions_mut().insert(Route::Direct);
        let limit = if self.memory().has_responded { LIMIT } else { FIRST_LIMIT };
        let exchanged = exchange(self.http.transport(context)?, request, limit).await;
        if exchanged.is_ok() {
            self.remember(|memory| memory.has_responded = true);
        }
        Ok(exchanged)
    }

    /// Returns the error for a request without a response.
    fn no_response(&self, error: TransportError) -> CredentialsError {
        let has_responded = self.memory().has_responded;
        match error.kind() {
            TransportErrorKind::Connect if !has_responded => self.note_absence(ABSENCE, None),
            TransportErrorKind::Timeout if !has_responded => self.note_absence(SILENCE, None),
            _ => self.failed("did not respond", error),
        }
    }

    fn failed(
        &self,
        failure: &str,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> CredentialsError {
        let endpoint = without_secrets(&self.endpoint);
        CredentialsError::failed(format!("the metadata service ({endpoint}) {failure}"), cause)
    }

    /// Returns the endpoint, if requests may be sent to it.
    fn parsed(&self) -> Result<Endpoint, CredentialsError> {
        let wrong = |endpoint: &str, reason: &str| {
            CredentialsError::invalid(format!(
                "the endpoint {endpoint:?} of the metadata service can't be used: {reason}"
            ))
        };
        let endpoint = Endpoint::parse(&self.endpoint)
            .map_err(|EndpointError { endpoint, reason }| wrong(&endpoint, &reason))?;
        if endpoint.is_exposed() && !endpoint.is_link_local() {
            return Err(wrong(endpoint.url.as_str(), "it is not encrypted"));
        }
        Ok(endpoint)
    }

    /// Notes that there is no service, and forgets all else. `other` is the response of another
    /// server.
    fn note_absence(&self, span: Duration, other: Option<String>) -> CredentialsError {
        let error = self.absent(other.as_deref());
        let absent = Some(Absent { until: Instant::now() + span, other });
        self.remember(|memory| *memory = Memory { absent, ..Memory::default() });
        error
    }

    fn absent(&self, other: Option<&str>) -> CredentialsError {
        let endpoint = without_secrets(&self.endpoint);
        CredentialsError::not_configured(match other {
            Some(other) => {
                format!(
                    "something responds at {endpoint}, but it is not Huawei Cloud's metadata service: {other}"
                )
            }
            None => format!("there is no metadata service here (no response from {endpoint})"),
        })
    }

    fn memory(&self) -> Memory {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, change: impl FnOnce(&mut Memory)) {
        change(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Returns `true` if the status is temporary, and does not show whose service this is.
fn is_busy(status: StatusCode) -> bool {
    !status.is_client_error() || status == StatusCode::TOO_MANY_REQUESTS
}

fn says_no_agency(body: &[u8]) -> bool {
    body.windows(NO_AGENCY.len()).any(|part| part == NO_AGENCY)
}

impl ProvideCredentials for Metadata {
    fn provide<'a>(
        &'a self,
        context: &'a CredentialsContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.load(context))
    }

    fn check(&self, _: &CredentialsContext) -> Result<(), CredentialsError> {
        self.parsed().map(drop)
    }

    fn name(&self) -> &'static str {
        "metadata"
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metadata")
            .field("endpoint", &without_secrets(&self.endpoint))
            .field("scope", &self.scope)
            .field("memory", &self.memory())
            .field("http", &self.http)
            .finish()
    }
}
