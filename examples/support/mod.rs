//! What the examples share: their command line, and the CTS that they talk to.

#![allow(dead_code, reason = "not every example needs both")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

use huaweicloud_cts::notification::CreateNotification;
use huaweicloud_cts::testing::FakeCts;
use huaweicloud_cts::{ClientBuilder, CtsClient};

/// Ends the program with 0 after `--help`, and with 2 after any other argument, because the
/// examples take none.
pub(crate) fn no_arguments(about: &str) {
    let Some(argument) = std::env::args_os().nth(1) else { return };
    let argument = argument.to_string_lossy();
    let help = argument == "--help" || argument == "-h";
    let usage = format!("{about}\n\nUsage: cargo run --example {}", env!("CARGO_CRATE_NAME"));
    if help {
        println!("{usage}");
    } else {
        eprintln!("error: unexpected argument {argument:?}\n\n{usage}");
    }
    std::process::exit(if help { 0 } else { 2 });
}

/// Returns a client of the service that `CTS_ENDPOINT` or `CTS_REGION` names, with credentials and
/// project from the environment. Without them, it is a client of a fake in this process that has
/// notifications of these names.
pub(crate) async fn client(names: &[&str]) -> Result<CtsClient, Box<dyn std::error::Error>> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (variable("CTS_ENDPOINT"), variable("CTS_REGION")) {
        (Some(endpoint), _) => Ok(ClientBuilder::from_env().endpoint(endpoint).build()?),
        (None, Some(region)) => Ok(ClientBuilder::from_env().region(region).build()?),
        (None, None) => {
            let client = FakeCts::new().client();
            let topic = format!("urn:smn:cn-north-4:{}:audit", FakeCts::PROJECT_ID);
            for name in names {
                client
                    .create_notification(&CreateNotification::complete(*name).topic(topic.as_str()))
                    .await?;
            }
            Ok(client)
        }
    }
}
