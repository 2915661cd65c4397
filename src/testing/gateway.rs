//! The gateway in front of the service: finds the operation of a request, verifies the signature,
//! and records.

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderName, HeaderValue, SERVER};
use http::{HeaderMap, Request, Response, StatusCode};

use super::account::{Account, Project};
use super::call::Call;
use super::clock::FakeClock;
use super::fault::{Fault, Faults};
use super::operation::Operation;
use super::request::RecordedRequest;
use super::response::{Refusal, gateway_error};
use super::settings::Settings;
use super::verify::verify_signature;
use crate::credentials::Credentials;
use crate::time::http_date;

/// Everything that a fake consists of.
pub(super) struct Gateway {
    pub(super) settings: Settings,
    pub(super) account: Account,
    pub(super) clock: FakeClock,
    pub(super) credentials: Credentials,
    pub(super) accepted: Vec<Credentials>,
    pub(super) requests: Vec<RecordedRequest>,
    pub(super) faults: Faults,
    /// The last number that a call got.
    numbers: u64,
}

impl Gateway {
    pub(super) fn new(settings: Settings, credentials: Credentials) -> Self {
        Self {
            settings,
            account: Account::default(),
            clock: FakeClock::new(),
            accepted: vec![credentials.clone()],
            credentials,
            requests: Vec::new(),
            faults: Faults::default(),
            numbers: 0,
        }
    }

    /// Returns what happens to a request.
    pub(super) fn next_fault(&mut self, request: &Request<Bytes>) -> Fault {
        let operation = Operation::of(request, &self.settings).map(|(operation, _)| operation.name);
        self.faults.next(operation)
    }

    /// Responds to a request, with the given response in place of the service's if there is one.
    pub(super) fn respond(
        &mut self,
        request: &Request<Bytes>,
        instead: Option<Response<Bytes>>,
    ) -> Response<Bytes> {
        self.numbers += 1;
        let (now, request_id) = (self.clock.now(), format!("{:032x}", self.numbers));
        let found = Operation::of(request, &self.settings);
        let operation = found.as_ref().map(|(operation, _)| operation.name);
        let mut response = match (instead, found) {
            (Some(response), _) => response,
            (None, Some((operation, path))) => {
                self.carry_out(operation, path, request, now, &request_id)
            }
            (None, None) => {
                let message = "The API does not exist or has not been published in the environment";
                gateway_error(StatusCode::NOT_FOUND, "APIGW.0101", message, &request_id)
            }
        };
        let headers = response.headers_mut();
        headers.insert(SERVER, HeaderValue::from_static("api-gateway"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf8"));
        for (name, text) in
            [(DATE, http_date(now)), (HeaderName::from_static("x-request-id"), request_id)]
        {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.entry(name).or_insert(value);
            }
        }
        self.requests.push(RecordedRequest::of(operation, request, response.status()));
        response
    }

    /// Works on a project as a call would, without a request.
    pub(super) fn seed(&mut self, project_id: &str, seed: impl FnOnce(&mut Project, &Call<'_>)) {
        self.numbers += 1;
        let call = Call {
            settings: &self.settings,
            request_id: "",
            now: self.clock.now(),
            number: self.numbers,
            path: vec![("project_id", project_id.to_owned())],
            access_key: "",
            query: "",
            body: &[],
        };
        seed(self.account.project(project_id), &call);
    }

    fn carry_out(
        &mut self,
        operation: &Operation,
        path: Vec<(&'static str, String)>,
        request: &Request<Bytes>,
        now: SystemTime,
        request_id: &str,
    ) -> Response<Bytes> {
        let access_key = access_key(request.headers());
        let session = self.account.iam.session(access_key).filter(|session| session.is_valid(now));
        let accepted = session
            .map_or(self.accepted.as_slice(), |session| std::slice::from_ref(&session.credentials));
        if let Err(mismatch) = verify_signature(request, accepted, self.clock.for_signatures()) {
            let message = mismatch.gateway_message();
            let mut response =
                gateway_error(StatusCode::UNAUTHORIZED, "APIGW.0301", &message, request_id);
            // Of the clock that the signature was compared with, which a client corrects its own
            // by.
            if let Ok(date) = HeaderValue::from_str(&http_date(self.clock.for_signatures())) {
                response.headers_mut().insert(DATE, date);
            }
            return response;
        }
        let call = Call {
            settings: &self.settings,
            request_id,
            now,
            number: self.numbers,
            access_key,
            path,
            query: request.uri().query().unwrap_or_default(),
            body: request.body(),
        };
        operation
            .carry_out(&mut self.account, &call)
            .unwrap_or_else(|refusal: Refusal| refusal.response())
    }
}

/// Returns the access key of a signed request.
fn access_key(headers: &HeaderMap) -> &str {
    let authorization =
        headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named =
        authorization.split_once("Access=").or_else(|| authorization.split_once("Credential="));
    named.and_then(|(_, rest)| rest.split([',', '/']).next()).unwrap_or_default().trim()
}
