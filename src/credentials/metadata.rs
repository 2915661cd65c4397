//! Keys from the metadata service of an ECS server.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode};
use tokio::time::Instant;

use super::cache::Key;
use super::http::{Http, Wiped, exchange, refusal, request};
use super::{CachedCredentials, Credentials, CredentialsContext, CredentialsError, ProvideCredentials, answer};
use crate::BoxFuture;
use crate::endpoint::{Endpoint, EndpointError, without_secrets};
use crate::transport::{Route, Transport, TransportErrorKind};

/// Where the service is on every server.
const ENDPOINT: &str = "http://169.254.169.254";

/// The longest time for one exchange.
const LIMIT: Duration = Duration::from_secs(3);
/// The longest time for the first exchange of all, which shows whether there is a service.
const FIRST_LIMIT: Duration = Duration::from_secs(2);
/// How long it is remembered that there is none.
const ABSENCE: Duration = Duration::from_secs(5 * 60);
/// How long it is remembered that nobody answered in time: a server that has just started may be slow.
const SILENCE: Duration = Duration::from_secs(15);
/// How long it is remembered that the service gives no tokens.
const TOKENLESS: Duration = Duration::from_secs(24 * 60 * 60);

/// What the service says on a server without an agency.
const NO_AGENCY: &[u8] = b"Please configure Cloud Service Agency first";

/// Temporary keys of the agency (IAM's name for a role) that an ECS server has, from the server's metadata service.
///
/// The service is asked with a token first, so that programs which can be talked into fetching any URL get no keys from it;
/// where it has no such mode, without. The keys are [kept](CachedCredentials) until they run out, and are the same for all
/// clients. Proxy settings do not apply.
///
/// Away from the cloud there is no such service, and in other clouds a different one. If there was none ever,
/// [`NotConfigured`](super::CredentialsErrorKind::NotConfigured) is the answer: when the connection is refused or the first
/// answers are of statuses 4xx, for 5 minutes; when there is no answer within 2 seconds, for 15. It is the answer, too, on a
/// server without an agency, though that is not remembered.
#[derive(Debug)]
pub struct MetadataCredentials(CachedCredentials<Metadata>);

struct Metadata {
    endpoint: String,
    http: Http,
    memory: Mutex<Memory>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Memory {
    /// Somebody has answered before.
    answered: bool,
    /// What was answered can only be from Huawei Cloud's metadata service.
    known: bool,
    /// There was none.
    absent: Option<Absent>,
    /// It has no token mode, and is not asked for a token again before.
    tokenless_until: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Absent {
    /// It is not looked for again before.
    until: Instant,
    /// What somebody else answered in its place.
    status: Option<StatusCode>,
}

impl Default for MetadataCredentials {
    fn default() -> Self {
        Self::new()
    }
}

impl MetadataCredentials {
    /// Asks nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Metadata {
            endpoint: ENDPOINT.to_owned(),
            http: Http::new(LIMIT, Route::Direct),
            memory: Mutex::default(),
        })
    }

    /// Where the service is, in place of `http://169.254.169.254`: for tests. Plain `http://` is for this machine and for
    /// link-local addresses only.
    #[must_use]
    pub fn endpoint(self, url: impl AsRef<str>) -> Self {
        Self::of(Metadata { endpoint: url.as_ref().to_owned(), memory: Mutex::default(), ..self.0.into_inner() })
    }

    /// How requests are sent, in place of the client's transport.
    #[must_use]
    pub fn transport(self, transport: impl Transport + 'static) -> Self {
        let Metadata { endpoint, mut http, .. } = self.0.into_inner();
        http.transport = Some(Arc::new(transport));
        Self::of(Metadata { endpoint, http, memory: Mutex::default() })
    }

    fn of(metadata: Metadata) -> Self {
        Self(CachedCredentials::new(metadata))
    }
}

impl ProvideCredentials for MetadataCredentials {
    fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.0.get(Key::default(), context))
    }

    /// Looks at the endpoint. Asks nobody.
    fn check(&self) -> Result<(), CredentialsError> {
        self.0.check()
    }

    fn refused(&self, credentials: &Credentials) {
        self.0.refused(credentials);
    }

    fn name(&self) -> &str {
        self.0.name()
    }
}

impl Metadata {
    async fn load(&self, context: &CredentialsContext) -> Result<Credentials, CredentialsError> {
        let endpoint = self.parsed()?;
        if let Some(Absent { status, .. }) = self.memory().absent.filter(|absent| Instant::now() < absent.until) {
            return Err(self.absent(status));
        }
        let token = self.token(context, &endpoint, false).await?;
        let mut response = self.key(context, &endpoint, token).await?;
        if response.status() == StatusCode::UNAUTHORIZED && !says_no_agency(response.body()) {
            // The token mode may have been turned on since.
            let token = self.token(context, &endpoint, true).await?;
            response = self.key(context, &endpoint, token).await?;
        }
        let status = response.status();
        let body = Wiped(response.into_body());
        if !status.is_success() {
            return Err(self.turned_away("the metadata service gave no keys", status, &body.0));
        }
        let wrong = |reason| CredentialsError::failed("the keys of the metadata service can't be read", reason);
        let keys = answer::keys(&body.0).map_err(wrong)?;
        self.remember(|memory| memory.known = true);
        Ok(keys)
    }

    /// What an answer of refusal means. Other clouds have services of their own at the same address, which do not know what
    /// they are asked. A service that has too much to do knows it.
    fn turned_away(&self, failure: &'static str, status: StatusCode, body: &[u8]) -> CredentialsError {
        if says_no_agency(body) {
            self.remember(|memory| memory.known = true);
            return CredentialsError::not_configured(
                "the metadata service has no keys: configure an agency for this server",
            );
        }
        if self.memory().known || !status.is_client_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return CredentialsError::failed(failure, refusal(status, body));
        }
        self.note_absence(ABSENCE, Some(status))
    }

    /// A token, if the service gives any. If `required`, it must.
    async fn token(
        &self,
        context: &CredentialsContext,
        endpoint: &Endpoint,
        required: bool,
    ) -> Result<Option<HeaderValue>, CredentialsError> {
        if !required && self.memory().tokenless_until.is_some_and(|until| Instant::now() < until) {
            return Ok(None);
        }
        let lifetime = [("x-metadata-token-ttl-seconds", HeaderValue::from_static("21600"))];
        let response = self.ask(context, endpoint, Method::PUT, "/meta-data/latest/api/token", lifetime).await?;
        match response.status() {
            StatusCode::OK => {
                let wrong =
                    || CredentialsError::failed("the metadata service's token can't be used", "it is no header value");
                let mut token = HeaderValue::from_bytes(response.body().trim_ascii()).map_err(|_| wrong())?;
                if token.is_empty() {
                    return Err(wrong());
                }
                token.set_sensitive(true);
                drop(Wiped(response.into_body()));
                self.remember(|memory| memory.tokenless_until = None);
                Ok(Some(token))
            }
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::SERVICE_UNAVAILABLE if !required => {
                self.remember(|memory| memory.tokenless_until = Some(Instant::now() + TOKENLESS));
                Ok(None)
            }
            status => Err(self.turned_away("the metadata service gave no token", status, response.body())),
        }
    }

    async fn key(
        &self,
        context: &CredentialsContext,
        endpoint: &Endpoint,
        token: Option<HeaderValue>,
    ) -> Result<Response<Bytes>, CredentialsError> {
        let token = token.map(|token| ("x-metadata-token", token));
        self.ask(context, endpoint, Method::GET, "/openstack/latest/securitykey", token).await
    }

    async fn ask(
        &self,
        context: &CredentialsContext,
        endpoint: &Endpoint,
        method: Method,
        path: &'static str,
        headers: impl IntoIterator<Item = (&'static str, HeaderValue)> + Send,
    ) -> Result<Response<Bytes>, CredentialsError> {
        let mut request = request(method, endpoint, path, headers, Bytes::new())?;
        request.extensions_mut().insert(Route::Direct);
        let answered = self.memory().answered;
        let limit = if answered { LIMIT } else { FIRST_LIMIT };
        match exchange(self.http.transport(context)?, request, limit).await {
            Ok(response) => {
                self.remember(|memory| memory.answered = true);
                Ok(response)
            }
            Err(error) => Err(match error.kind() {
                TransportErrorKind::Connect if !answered => self.note_absence(ABSENCE, None),
                TransportErrorKind::Timeout if !answered => self.note_absence(SILENCE, None),
                _ => CredentialsError::failed("the metadata service can't be asked", error),
            }),
        }
    }

    fn parsed(&self) -> Result<Endpoint, CredentialsError> {
        let wrong = |endpoint: &str, reason: &str| {
            CredentialsError::invalid(format!(
                "the endpoint {endpoint:?} of the metadata service can't be used: {reason}"
            ))
        };
        let endpoint =
            Endpoint::parse(&self.endpoint).map_err(|EndpointError { endpoint, reason }| wrong(&endpoint, &reason))?;
        if endpoint.is_exposed() && !endpoint.is_link_local() {
            return Err(wrong(endpoint.url.as_str(), "it is not encrypted"));
        }
        Ok(endpoint)
    }

    /// Forgets all else: whoever answered before was not the service.
    fn note_absence(&self, span: Duration, status: Option<StatusCode>) -> CredentialsError {
        let absent = Some(Absent { until: Instant::now() + span, status });
        self.remember(|memory| *memory = Memory { absent, ..Memory::default() });
        self.absent(status)
    }

    fn absent(&self, status: Option<StatusCode>) -> CredentialsError {
        let endpoint = without_secrets(&self.endpoint);
        CredentialsError::not_configured(match status {
            Some(status) => format!(
                "something answers at {endpoint}, but it is not Huawei Cloud's metadata service: status {}",
                status.as_u16()
            ),
            None => format!("there is no metadata service here (nobody answers at {endpoint})"),
        })
    }

    fn memory(&self) -> Memory {
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, change: impl FnOnce(&mut Memory)) {
        change(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn says_no_agency(body: &[u8]) -> bool {
    body.windows(NO_AGENCY.len()).any(|part| part == NO_AGENCY)
}

impl ProvideCredentials for Metadata {
    fn provide<'a>(&'a self, context: &'a CredentialsContext) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.load(context))
    }

    fn check(&self) -> Result<(), CredentialsError> {
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
            .field("memory", &self.memory())
            .field("http", &self.http)
            .finish()
    }
}
