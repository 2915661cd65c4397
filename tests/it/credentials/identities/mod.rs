//! Every identity of the guide, against a scripted service over real HTTP: what is sent for it, and
//! that CTS accepts a call of it.
//!
//! Each case runs in a process of its own, with the variables and the home directory of the case
//! and no others.

mod case;
mod cases;
mod hosts;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::SystemTime;

use huaweicloud_cts::notification::ListNotifications;
use huaweicloud_cts::{CtsClient, RetryPolicy};
use serde_json::Value;

use self::case::{Case, known};
use self::cases::cases;
use self::hosts::Loopback;
use crate::support::child::{child, pass_beside};
use crate::support::files::TestDirectory;
use crate::support::service::{Service, response, signer};

/// The process in which a case runs has these variables: the name of the case, and the endpoint of
/// the service.
const CASE: &str = "HUAWEICLOUD_CTS_TEST_CASE";
const SERVICE: &str = "HUAWEICLOUD_CTS_TEST_SERVICE";

/// Where a case runs.
pub(super) struct Here {
    /// The endpoint of the scripted service.
    pub(super) service: String,
    pub(super) home: PathBuf,
}

impl Here {
    /// Replaces the placeholders in a variable or a file.
    fn fill(&self, text: &str) -> String {
        text.replace("{service}", &self.service).replace("{home}", &self.home.display().to_string())
    }
}

#[tokio::test]
async fn every_identity_gets_its_credentials_over_http_and_cts_accepts_a_call_of_it() {
    if let (Ok(case), Ok(service)) = (std::env::var(CASE), std::env::var(SERVICE)) {
        let home = std::env::home_dir().unwrap();
        return call_as(
            &cases().into_iter().find(|other| other.name == case).unwrap(),
            &Here { service, home },
        )
        .await;
    }
    for case in cases() {
        let mut responses = case.responses.clone();
        responses.push(response(200, r#"{"notifications":[]}"#));
        let service = Service::of(responses).await;
        run(&case, &service).await;

        let (project, acts_as) = (case.project, case.acts_as);
        let listed = format!(
            "GET /v3/{project}/notifications/smn x-project-id: {project} signed by {acts_as}"
        );
        let expected: Vec<_> = case.sent.iter().cloned().chain([(listed, Value::Null)]).collect();
        let sent: Vec<_> = service.requests().await.iter().map(shown).collect();
        assert_eq!(sent, expected, "{}", case.name);
    }
}

/// Runs a case in a process of its own, while the service responds to it.
async fn run(case: &Case, service: &Service) {
    let home = TestDirectory::new();
    let here = Here { service: service.endpoint(), home: home.path().to_owned() };
    for (name, contents) in &case.files {
        let path = here.home.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, here.fill(contents)).unwrap();
    }
    let mut child =
        child!("every_identity_gets_its_credentials_over_http_and_cts_accepts_a_call_of_it");
    let is_read = |name: &str| {
        ["HUAWEICLOUD_", "CLOUD_SDK_", "HW_", "OS_", "HC_"].iter().any(|of| name.starts_with(of))
    };
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_read)) {
        child.env_remove(name);
    }
    child
        .env("HOME", &here.home)
        .env("USERPROFILE", &here.home)
        .env(CASE, case.name)
        .env(SERVICE, &here.service);
    for (name, value) in &case.variables {
        child.env(name, here.fill(value));
    }
    pass_beside(child).await;
}

/// In the process of the case: makes a call with its credentials.
async fn call_as(case: &Case, here: &Here) {
    let provider = (case.provider)(here);
    let builder = CtsClient::builder()
        .endpoint(&here.service)
        .region("cn-north-4")
        .credentials(provider)
        .transport(Loopback::new(&here.service))
        .retry(RetryPolicy::never());
    let client = if case.has_own_project { builder } else { builder.project_id(case.project) }
        .build()
        .unwrap();
    client.list_notifications(&ListNotifications::smn()).await.unwrap();

    let description = client.describe_credentials().await;
    assert!(description.provides(), "{description}");
    let shown = format!("{description} {description:?} {client:?}");
    assert!(!shown.contains("sentinel"), "{shown}");
}

/// A request in one line, and its body.
fn shown(request: &wiremock::Request) -> (String, Value) {
    let path = request.url.path();
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut line = format!("{} {path}{query}", request.method);
    let signer = signer(request, &known(), SystemTime::now()).map(str::to_owned);
    for (name, value) in &request.headers {
        let of_signature =
            ["x-sdk-date", "x-security-token"].contains(&name.as_str()) && signer.is_some();
        let counts = name.as_str().starts_with("x-") && !of_signature;
        if counts || (name == "authorization" && signer.is_none()) {
            line = format!("{line} {name}: {}", value.to_str().unwrap());
        }
    }
    if let Some(signer) = signer {
        line = format!("{line} signed by {signer}");
    }
    if request.body.is_empty() {
        return (line, Value::Null);
    }
    assert_eq!(request.headers["content-type"], "application/json;charset=UTF-8", "{line}");
    (line, serde_json::from_slice(&request.body).unwrap())
}

#[test]
fn every_row_of_the_guides_table_has_a_case() {
    let guide = include_str!("../../../../src/guide/identity.md");
    let (_, table) = guide.split_once("\n| identity |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let rows: BTreeSet<_> = rows.map(|line| line.split('|').nth(1).unwrap().trim()).collect();
    let tested: BTreeSet<_> = cases().iter().map(|case| case.row).collect();
    assert!(rows.len() > 10, "{rows:?}");
    assert_eq!(rows, tested);
}
