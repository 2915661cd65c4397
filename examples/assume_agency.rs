//! Acts in another account: assumes its agency, and lists the notifications there. Everything
//! happens on a fake.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::error::Error;
use std::process::ExitCode;

use huaweicloud_cts::CtsClient;
use huaweicloud_cts::credentials::{AgencyAccount, AssumeAgency};
use huaweicloud_cts::testing::FakeCts;

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments(
        "Assumes an agency of another account, and lists the notifications there.",
    );
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    // A CTS, IAM and STS in memory, with an account that lets others act as its auditor.
    let fake = FakeCts::new();
    fake.add_agency("24edf66e79d04187acb99a463e610764", "customer", "auditor");
    fake.add_project_of(
        "24edf66e79d04187acb99a463e610764",
        "eu-de",
        "0123456789abcdef0123456789abcdef",
    );

    // In your program the source is, for example, `DefaultCredentials::new()`, and no transport is
    // set.
    let auditor =
        AssumeAgency::iam("auditor", AgencyAccount::name("customer")).source(fake.credentials());
    let client = CtsClient::builder()
        .region("eu-de")
        .credentials(auditor)
        .transport(fake.clone())
        .build()?;

    println!("{}", client.describe_credentials().await);
    let notifications = client.list_all_notifications().await?;
    let project = client.project_id().unwrap_or_default();
    println!("{} notifications in the project {project} of the customer", notifications.len());
    Ok(())
}
