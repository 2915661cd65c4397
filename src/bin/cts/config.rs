//! What CTS records beyond writes.

use clap::{Args, Subcommand};
use huaweicloud_cts::configuration::{Configuration, UpdateConfiguration};

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::layout;
use crate::screen::{self, clean};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the configuration of the project.
    #[command(after_help = "Example:\n  cts config show -o json")]
    Show,
    /// Change the configuration of the project. What is not given stays.
    Set(Set),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cts config set --global-traces on\n  cts config set --read-only on --services OBS,IAM"
)]
pub(crate) struct Set {
    /// Whether traces of global services appear in each region.
    #[arg(long, value_name = "ON|OFF", value_parser = on_or_off)]
    global_traces: Option<bool>,
    /// Whether operations that only read are recorded.
    #[arg(long, value_name = "ON|OFF", value_parser = on_or_off)]
    read_only: Option<bool>,
    /// The services whose reads are recorded.
    #[arg(long, value_delimiter = ',', value_name = "SERVICE")]
    services: Option<Vec<String>>,
}

fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}

pub(crate) async fn run(context: &Context, command: &Command) -> Result<Exit, Failure> {
    let client = context.client()?;
    let current = client.get_configuration().await?;
    let Command::Set(set) = command else {
        show(context, &current)?;
        return Ok(Exit::Done);
    };
    let before = UpdateConfiguration::from_current(&current);
    let mut update = before.clone();
    if let Some(on) = set.global_traces {
        update = update.sync_global_trace(on);
    }
    if let Some(on) = set.read_only {
        update = update.support_read_only(on);
    }
    if let Some(services) = &set.services {
        update = update.read_only_services(services);
    }
    if update == before {
        context.remark("Nothing to change.");
        return Ok(Exit::Done);
    }
    client.update_configuration(&update).await?;
    show(context, &client.get_configuration().await?)?;
    Ok(Exit::Done)
}

fn show(context: &Context, configuration: &Configuration) -> Result<(), Failure> {
    if context.global.output.is_for_programs() {
        return screen::value(context.global.output, configuration);
    }
    let shown = |value: Option<bool>| match value {
        Some(true) => "on",
        Some(false) => "off",
        None => "unknown",
    };
    let services = configuration.support_read_only_services.join(", ");
    let rows = [
        ("global traces", shown(configuration.is_sync_global_trace).to_owned()),
        ("read-only operations", shown(configuration.is_support_read_only).to_owned()),
        ("of the services", clean(&services)),
    ];
    screen::out(layout::fields(0, rows.into_iter().filter(|(_, value)| !value.is_empty())))
}
