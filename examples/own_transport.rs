//! Wraps a transport to print every request with its status and duration.
//!
//! The wrapped transport is a fake CTS in this process; a real program would wrap
//! `ReqwestTransport`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::transport::{Transport, TransportError};
use huaweicloud_cts::{BoxFuture, CtsClient};

#[derive(Debug)]
struct Logged<T>(T);

impl<T: Transport> Transport for Logged<T> {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            // Not the headers: they hold the signature and the security token.
            let target = format!("{} {}", request.method(), request.uri());
            let start = Instant::now();
            let result = self.0.send(request).await;
            let outcome = result
                .as_ref()
                .map_or_else(ToString::to_string, |response| response.status().to_string());
            println!("{target}: {outcome} after {:?}", start.elapsed());
            result
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Prints every request that a client sends.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let fake = FakeCts::new();
    let client = CtsClient::builder()
        .endpoint("https://cts.cn-north-4.myhuaweicloud.com")
        .project_id(FakeCts::PROJECT_ID)
        .credentials(fake.credentials())
        .transport(Logged(fake))
        .build()?;
    client.list_all_notifications().await?;
    client.list_quotas().await?;
    Ok(())
}
