//! The exchange with IAM or STS: signed, retried, and dated by the clock of the service if that of
//! this machine is wrong.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use super::call::Call;
use crate::clock::{Clock, Offset, is_out_of_bounds};
use crate::credentials::http::{Wiped, exchange, request};
use crate::credentials::step::{remedy, unusable};
use crate::credentials::{Credentials, CredentialsError, response};
use crate::endpoint::Endpoint;
use crate::sign::Signer;
use crate::text::{masked, printable};
use crate::time::response_date;
use crate::transport::{Transport, TransportError};
use crate::wire::error::{described, search};

/// The time limit of one exchange.
const LIMIT: Duration = Duration::from_secs(15);

/// The pauses before further attempts.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];

/// Why the agency was not assumed.
pub(super) struct Refused {
    host: String,
    caller: String,
    why: Why,
}

enum Why {
    /// No request was made.
    Unsent(CredentialsError),
    Transport(TransportError),
    Service {
        status: StatusCode,
        text: String,
    },
    /// The response is a success without credentials.
    Unreadable(String),
}

impl Refused {
    pub(super) fn into_error(self, call: &Call, duration: Duration) -> CredentialsError {
        let Self { host, caller, why } = self;
        let failed = format!("{call} was not assumed by the access key {caller} ({host})");
        match why {
            Why::Unsent(error) => error.after(failed),
            Why::Transport(error) => CredentialsError::failed(failed, error),
            Why::Unreadable(reason) => CredentialsError::failed(failed, unusable(&reason)),
            Why::Service { status, text } => {
                let refused = match status {
                    StatusCode::FORBIDDEN => call.remedy(),
                    StatusCode::NOT_FOUND => "check the name of the agency and its account".to_owned(),
                    StatusCode::UNAUTHORIZED => {
                        "the caller's credentials are not accepted: check its secret key, and whether its access key is enabled"
                            .to_owned()
                    }
                    _ => format!("check the settings of the agency, such as duration(…), which is {} s", duration.as_secs()),
                };
                // What is shown of a redirect says what to do.
                let remedy = if status.is_redirection() {
                    String::new()
                } else {
                    format!("; {}", remedy(status, &refused))
                };
                let error = CredentialsError::failed(failed, text + &remedy);
                if status == StatusCode::UNAUTHORIZED { error.of_refused_caller() } else { error }
            }
        }
    }
}

/// Assumes an agency with the credentials of the caller.
pub(super) async fn assume(
    transport: &dyn Transport,
    endpoint: &Endpoint,
    call: &Call,
    duration: Duration,
    caller: &Credentials,
) -> Result<Credentials, Refused> {
    let refused = |why| Refused {
        host: endpoint.host.to_str().unwrap_or_default().to_owned(),
        caller: masked(caller.access_key()),
        why,
    };
    let body = Bytes::from(call.body(duration));
    let mut pauses = PAUSES.iter();
    let mut tried = None;
    loop {
        let signed_at = Clock::default().now(tried);
        let request = signed(endpoint, call, body.clone(), caller, signed_at)
            .map_err(|error| refused(Why::Unsent(error)))?;
        let exchanged = exchange(transport, request, LIMIT).await;
        let is_transient = match &exchanged {
            Ok(response) => {
                response.status() == StatusCode::TOO_MANY_REQUESTS
                    || response.status().is_server_error()
            }
            Err(error) => !error.kind().is_lasting(),
        };
        if is_transient && let Some(pause) = pauses.next() {
            tokio::time::sleep(*pause).await;
            continue;
        }
        let response = exchanged.map_err(|error| refused(Why::Transport(error)))?;
        if response.status().is_success() {
            let served_at = response_date(response.headers());
            let body = Wiped(response.into_body());
            let credentials = response::credentials(&body.0)
                .map_err(|reason| refused(Why::Unreadable(reason)))?;
            return Ok(by_this_clock(credentials, served_at));
        }
        let status = response.status();
        if status == StatusCode::UNAUTHORIZED && tried.is_none() {
            let server = response_date(response.headers());
            tried =
                server.filter(|server| is_out_of_bounds(signed_at, *server)).and_then(Offset::to);
            if tried.is_some() {
                continue;
            }
        }
        return Err(refused(Why::Service { status, text: shown(&response, caller) }));
    }
}

fn signed(
    endpoint: &Endpoint,
    call: &Call,
    body: Bytes,
    caller: &Credentials,
    at: SystemTime,
) -> Result<Request<Bytes>, CredentialsError> {
    let mut request = request(Method::POST, endpoint, call.path(), [], body)?;
    Signer::new(caller)
        .sign(&mut request, at)
        .map_err(|error| CredentialsError::failed("the request can't be signed", error))?;
    Ok(request)
}

/// Returns the credentials with their expiry by this machine's clock, so that they are renewed in
/// time if it is wrong.
fn by_this_clock(credentials: Credentials, served_at: Option<SystemTime>) -> Credentials {
    let left = credentials
        .expiry()
        .zip(served_at)
        .and_then(|(expiry, now)| expiry.duration_since(now).ok());
    match left.and_then(|left| SystemTime::now().checked_add(left)) {
        Some(expiry) => credentials.with_expiry(expiry),
        None => credentials,
    }
}

/// Returns what the service said, without the caller's credentials: status, code, message, and the
/// id of the request.
fn shown(response: &Response<Bytes>, caller: &Credentials) -> String {
    let clean = |text: String| caller.redact(text);
    let status = response.status().as_u16();
    let found = serde_json::from_slice(response.body()).map(search).unwrap_or_default();
    let mut text = match (found.code, found.message) {
        (None, None) => format!("{status}: {}", described(response, &clean)),
        (code, message) => {
            let words = [code.filter(|code| *code != status.to_string()), message];
            let words = words.into_iter().flatten().map(|word| printable(&clean(word), 500));
            format!("{status} {}", words.collect::<Vec<_>>().join(": "))
        }
    };
    let header =
        |name| response.headers().get(name).and_then(|id| id.to_str().ok()).map(str::to_owned);
    if let Some(id) =
        header("x-iam-trace-id").or_else(|| header("x-request-id")).or(found.request_id)
    {
        text = format!("{text} (trace id {})", printable(&clean(id), 100));
    }
    text
}
