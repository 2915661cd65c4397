//! The parts of IAM and STS that a client of CTS needs: lookups, and agencies.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::response::success;
use crate::credentials::Credentials;

/// What IAM knows.
#[derive(Debug, Default)]
pub(super) struct Iam {
    projects: Vec<Project>,
    agencies: Vec<Agency>,
    /// By access key.
    sessions: HashMap<String, Session>,
}

/// A project that IAM lists. The name of a region's own project is the region's id.
#[derive(Debug)]
struct Project {
    /// `None`: the account of the fake.
    account: Option<String>,
    name: String,
    id: String,
}

/// An agency, which any identity may assume.
#[derive(Debug)]
struct Agency {
    account_id: String,
    account_name: String,
    name: String,
}

/// The credentials of an agency that was assumed.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) credentials: Credentials,
    account_id: String,
    expires_at: SystemTime,
}

impl Session {
    pub(super) fn is_valid(&self, now: SystemTime) -> bool {
        now < self.expires_at
    }
}

/// How long STS lets a session last, and IAM, in seconds.
const MOST_OF_STS: u64 = 43_200;
const MOST_OF_IAM: u64 = 86_400;
const LEAST: u64 = 900;

impl Iam {
    pub(super) fn add_project(&mut self, account: Option<String>, name: String, id: String) {
        self.projects.push(Project { account, name, id });
    }

    pub(super) fn add_agency(&mut self, account_id: String, account_name: String, name: String) {
        self.agencies.push(Agency { account_id, account_name, name });
    }

    /// Returns the session with this access key.
    pub(super) fn session(&self, access_key: &str) -> Option<&Session> {
        self.sessions.get(access_key)
    }

    /// Returns the account that the caller acts in, if it is not that of the fake.
    fn account_of(&self, access_key: &str) -> Option<&str> {
        self.session(access_key).map(|session| session.account_id.as_str())
    }

    /// Filters by the exact name, as IAM does.
    pub(super) fn list_projects(&self, call: &Call<'_>) -> Response<Bytes> {
        let name = call.query_value("name");
        let account = self.account_of(call.access_key);
        let projects: Vec<Value> = self
            .projects
            .iter()
            .filter(|project| project.account.as_deref() == account)
            .filter(|project| name.as_ref().is_none_or(|name| *name == project.name))
            .map(|project| json!({"id": project.id, "name": project.name, "enabled": true}))
            .collect();
        of_iam(success(StatusCode::OK, &json!({"projects": projects, "links": {}})), call)
    }

    pub(super) fn list_domains(&self, call: &Call<'_>) -> Response<Bytes> {
        let id = self.account_of(call.access_key).unwrap_or(&call.settings.domain_id);
        let domains =
            json!([{"description": "", "enabled": true, "id": id, "links": {}, "name": "account"}]);
        of_iam(success(StatusCode::OK, &json!({"domains": domains, "links": {}})), call)
    }

    /// `POST /v3.0/OS-CREDENTIAL/securitytokens` with the method `assume_role`.
    pub(super) fn assume_by_name(&mut self, call: &Call<'_>) -> Response<Bytes> {
        let refused = |status: StatusCode, title: &str, message: &str| {
            let error =
                json!({"error": {"code": status.as_u16(), "message": message, "title": title}});
            of_iam(success(status, &error), call)
        };
        let body = call.object().unwrap_or_default();
        let assume =
            Value::from(body).pointer("/auth/identity/assume_role").cloned().unwrap_or_default();
        let is = |name: &str, text: &str| assume.get(name).and_then(Value::as_str) == Some(text);
        let seconds = assume.get("duration_seconds").and_then(Value::as_u64).unwrap_or(LEAST);
        if !(LEAST..=MOST_OF_IAM).contains(&seconds) {
            return refused(StatusCode::BAD_REQUEST, "Bad Request", "duration_seconds is invalid");
        }
        let is_meant = |agency: &Agency| {
            is("agency_name", &agency.name)
                && (is("domain_id", &agency.account_id) || is("domain_name", &agency.account_name))
        };
        let Some(agency) = self.agencies.iter().find(|agency| is_meant(agency)) else {
            return refused(
                StatusCode::FORBIDDEN,
                "Forbidden",
                "You have no right to do this action",
            );
        };
        let (account, expires_at) =
            (agency.account_id.clone(), call.now + Duration::from_secs(seconds));
        let [access, secret, token] = self.open_session(account, expires_at, call);
        let credential = json!({
            "access": access, "expires_at": crate::time::rfc3339(expires_at, 6), "secret": secret, "securitytoken": token,
        });
        of_iam(success(StatusCode::CREATED, &json!({ "credential": credential })), call)
    }

    /// `POST /v5/agencies/assume` of STS.
    pub(super) fn assume_by_urn(&mut self, call: &Call<'_>) -> Response<Bytes> {
        let refused = |status, code: &str, message: &str| {
            success(
                status,
                &json!({"error_code": code, "error_msg": message, "request_id": call.request_id}),
            )
        };
        let body: Map<String, Value> = call.object().unwrap_or_default();
        let seconds =
            body.get("duration_seconds").map_or(Some(3600), Value::as_u64).unwrap_or_default();
        // A caller with temporary credentials gets an hour at most.
        let most = if self.account_of(call.access_key).is_some() { 3600 } else { MOST_OF_STS };
        if !(LEAST..=most).contains(&seconds) {
            return refused(StatusCode::BAD_REQUEST, "STS5.1005", "duration_seconds is invalid");
        }
        let session = body.get("agency_session_name").and_then(Value::as_str).unwrap_or_default();
        if session.is_empty() {
            return refused(StatusCode::BAD_REQUEST, "STS5.1005", "agency_session_name is invalid");
        }
        let urn = body.get("agency_urn").and_then(Value::as_str).unwrap_or_default();
        let is_meant =
            |agency: &Agency| urn == format!("iam::{}:agency:{}", agency.account_id, agency.name);
        let Some(agency) = self.agencies.iter().find(|agency| is_meant(agency)) else {
            return refused(StatusCode::FORBIDDEN, "STS5.1001", "access denied");
        };
        let (account, name) = (agency.account_id.clone(), agency.name.clone());
        let expires_at = call.now + Duration::from_secs(seconds);
        let [access, secret, token] = self.open_session(account.clone(), expires_at, call);
        let body = json!({
            "assumed_agency": {
                "id": format!("{}:{session}", call.new_id()),
                "urn": format!("sts::{account}:assumed-agency:{name}/{session}"),
            },
            "credentials": {
                "access_key_id": access, "expiration": crate::time::rfc3339(expires_at, 6), "secret_access_key": secret,
                "security_token": token,
            },
        });
        success(StatusCode::OK, &body)
    }

    fn open_session(
        &mut self,
        account_id: String,
        expires_at: SystemTime,
        call: &Call<'_>,
    ) -> [String; 3] {
        let parts = [
            format!("HST{:017X}", call.number),
            format!("not-a-secret-of-session-{:016x}", call.number),
            format!("not-a-token-of-session-{:032x}", call.number),
        ];
        let [access, secret, token] = &parts;
        let credentials = Credentials::new(access, secret).security_token(token);
        self.sessions.insert(access.clone(), Session { credentials, account_id, expires_at });
        parts
    }
}

/// Adds the header in which IAM returns the id of the request.
fn of_iam(mut response: Response<Bytes>, call: &Call<'_>) -> Response<Bytes> {
    if let Ok(id) = HeaderValue::from_str(&format!("trace-{}", call.request_id)) {
        response.headers_mut().insert("x-iam-trace-id", id);
    }
    response
}
