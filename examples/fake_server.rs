//! A fake CTS on a port, for other processes and languages, until Ctrl-C.
//!
//! ```text
//! cargo run --example fake_server
//! ```
//!
//! Its first line is `listening on http://127.0.0.1:PORT`. Then it says how to point a client at
//! it, and prints every request that arrives. Requests stay in memory until it ends. Variables, all
//! optional:
//!
//! - `CTS_FAKE_ADDR`: where to listen, such as `127.0.0.1:8080`; otherwise a free port of
//!   127.0.0.1.
//! - `CTS_FAKE_CLOUD`: `otc` for a fake of Open Telekom Cloud; otherwise it is one of Huawei Cloud.
//! - `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK`, `HUAWEICLOUD_SDK_SECURITY_TOKEN`: further
//!   credentials to accept.
//! - `HUAWEICLOUD_SDK_PROJECT_ID`: the project that the directions name, and that IAM lists. The
//!   fake accepts any.
//! - `HUAWEICLOUD_SDK_DOMAIN_ID`: the id of the account.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use huaweicloud_cts::credentials::{
    CredentialsContext, CredentialsErrorKind, EnvCredentials, ProvideCredentials,
};
use huaweicloud_cts::testing::FakeCts;

/// The secret key of the fake's own access key, which is no secret.
const FAKE_SECRET_KEY: &str = "not-a-secret-the-fake-accepts-it";

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Serves a fake CTS on a port until Ctrl-C.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (fake, region) = match variable("CTS_FAKE_CLOUD").as_deref() {
        None => (FakeCts::new(), "cn-north-4"),
        Some("otc") => (FakeCts::open_telekom_cloud(), "eu-de"),
        Some(other) => {
            return Err(format!("CTS_FAKE_CLOUD is {other:?}: set it to otc, or not at all").into());
        }
    };
    // The credentials in the directions: for a shell, and for Python.
    let (shell, python, token) =
        match EnvCredentials::new().provide(&CredentialsContext::default()).await {
            Ok(credentials) => {
                fake.accept(&credentials);
                let python =
                    r#"*map(os.getenv, ["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"])"#.to_owned();
                let token = r#".with_security_token(os.getenv("HUAWEICLOUD_SDK_SECURITY_TOKEN"))"#;
                (
                    "# HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK: (from your environment)"
                        .to_owned(),
                    python,
                    token,
                )
            }
            Err(error) if error.kind() == CredentialsErrorKind::NotConfigured => {
                let access_key = fake.credentials().access_key().to_owned();
                let shell = format!(
                    "export HUAWEICLOUD_SDK_AK={access_key} HUAWEICLOUD_SDK_SK={FAKE_SECRET_KEY}"
                );
                (shell, format!(r#""{access_key}", "{FAKE_SECRET_KEY}""#), "")
            }
            Err(error) => return Err(error.into()),
        };
    let project_id =
        variable("HUAWEICLOUD_SDK_PROJECT_ID").unwrap_or(FakeCts::PROJECT_ID.to_owned());
    let domain_id = variable("HUAWEICLOUD_SDK_DOMAIN_ID").unwrap_or(FakeCts::DOMAIN_ID.to_owned());
    fake.set_domain_id(&domain_id);
    // A client that is given neither id looks them up.
    fake.add_iam_project(region, &project_id);

    let address = variable("CTS_FAKE_ADDR").unwrap_or("127.0.0.1:0".to_owned());
    let address: SocketAddr = address.parse().map_err(|error| {
        format!("CTS_FAKE_ADDR is {address:?}: {error}; it should be like 127.0.0.1:8080")
    })?;
    let server = fake
        .serve_at(address)
        .await
        .map_err(|error| format!("can't listen on {address}: {error}"))?;
    let url = server.endpoint();
    say(&format!(
        r#"listening on {url}
In another terminal, before `cargo run --example quickstart`:
  export CTS_ENDPOINT={url} CTS_REGION={region}
  {shell}
  export HUAWEICLOUD_SDK_PROJECT_ID={project_id} HUAWEICLOUD_SDK_DOMAIN_ID={domain_id}
  export HUAWEICLOUD_SDK_IAM_ENDPOINT={url}
With the official Python SDK (pip install huaweicloudsdkcts):
  import os; from huaweicloudsdkcts.v3 import *; from huaweicloudsdkcore.auth.credentials import BasicCredentials
  keys = BasicCredentials({python}, "{project_id}"){token}
  client = CtsClient.new_builder().with_credentials(keys).with_endpoint("{url}").build()
Requests, until Ctrl-C:"#
    ));

    let mut printed = 0;
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    let mut ctrl_c = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        let stop = tokio::select! {
            _ = ticks.tick() => None,
            result = &mut ctrl_c => Some(result),
        };
        let requests = fake.requests();
        for request in requests.iter().skip(printed) {
            say(&format!("{} {} {}", request.method, request.target, request.status));
        }
        printed = requests.len();
        if let Some(result) = stop {
            say("stopped");
            return Ok(result?);
        }
    }
}

/// Prints at once. A reader that has gone away is no reason to stop serving.
fn say(text: &str) {
    let mut out = io::stdout();
    let _gone = writeln!(out, "{text}").and_then(|()| out.flush());
}
