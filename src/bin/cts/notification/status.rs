//! Activating and silencing notifications.

use clap::Args;

use crate::connect::Context;
use crate::exit::{Exit, Failure, of_error};
use crate::screen::{self, clean};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cts notification disable key_logins deletions\n  cts notification enable --all --yes"
)]
pub(crate) struct Names {
    /// Names or ids.
    #[arg(value_name = "NAME", required_unless_present = "all")]
    names: Vec<String>,
    /// All notifications of the project.
    #[arg(long, conflicts_with = "names")]
    all: bool,
}

pub(crate) async fn run(
    context: &Context,
    arguments: &Names,
    enable: bool,
) -> Result<Exit, Failure> {
    let client = context.client()?;
    let found = if arguments.all {
        client.list_all_notifications().await?
    } else {
        super::find(&client, &arguments.names).await?
    };
    let (status, done) = if enable { ("enabled", "Enabled") } else { ("disabled", "Disabled") };
    let change: Vec<_> =
        found.iter().filter(|notification| notification.is_enabled() != enable).collect();
    if arguments.all && !change.is_empty() {
        context.confirm(&format!(
            "{} will be {status}.",
            screen::counted(change.len(), "notification")
        ))?;
    }
    let (mut changed, mut failed) = (0_usize, None);
    for notification in &found {
        let name = clean(&notification.notification_name);
        if notification.is_enabled() == enable {
            context.remark(format_args!("{name} is {status} already."));
            continue;
        }
        match client.set_status(&notification.notification_id, status).await {
            Ok(_) => {
                changed += 1;
                screen::out(format_args!("{done} {name}."))?;
            }
            Err(error) if context.held_back() => return Err(error.into()),
            Err(error) => {
                screen::note(format_args!("{name}: {error}"));
                failed = Some(of_error(&error));
            }
        }
    }
    Ok(match failed {
        None => Exit::Done,
        Some(_) if changed > 0 => Exit::Partial,
        Some(exit) => exit,
    })
}
