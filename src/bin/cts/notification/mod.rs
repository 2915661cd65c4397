//! Notifications, one by one.

mod create;
mod delete;
mod list;
mod status;
mod update;

use clap::Subcommand;
use huaweicloud_cts::CtsClient;
use huaweicloud_cts::notification::Notification;

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::operations::similar;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List notifications.
    List(list::List),
    /// Show a notification.
    Get(list::Get),
    /// Create a notification.
    Create(create::Create),
    /// Change a notification, and leave the rest as it is.
    Update(update::Update),
    /// Activate notifications.
    Enable(status::Names),
    /// Silence notifications.
    Disable(status::Names),
    /// Delete notifications.
    Delete(delete::Delete),
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::List(command) => list::run(context, &command).await,
        Command::Get(command) => list::get(context, &command).await,
        Command::Create(command) => create::run(context, &command).await,
        Command::Update(command) => update::run(context, &command).await,
        Command::Enable(command) => status::run(context, &command, true).await,
        Command::Disable(command) => status::run(context, &command, false).await,
        Command::Delete(command) => delete::run(context, &command).await,
    }
}

/// Finds notifications by their names or ids.
pub(crate) async fn find(
    client: &CtsClient,
    names: &[String],
) -> Result<Vec<Notification>, Failure> {
    let all = client.list_all_notifications().await?;
    names.iter().map(|name| one(&all, name).cloned()).collect()
}

fn one<'n>(all: &'n [Notification], name: &str) -> Result<&'n Notification, Failure> {
    if let Some(found) =
        all.iter().find(|notification| notification.notification_id.as_str() == name)
    {
        return Ok(found);
    }
    let mut named = all.iter().filter(|notification| notification.notification_name == name);
    match (named.next(), named.next()) {
        (Some(found), None) => Ok(found),
        (Some(first), Some(second)) => {
            let (first, second) = (&first.notification_id, &second.notification_id);
            Err(Failure::failed(format!(
                "several notifications are named {name:?}: give an id, such as {first} or {second}"
            )))
        }
        (None, _) => {
            let failure = Failure::not_found(format!(
                "there is no notification with the name or id {name:?}"
            ));
            Err(
                match similar(
                    name,
                    all.iter().map(|notification| notification.notification_name.as_str()),
                ) {
                    Some(similar) => failure.hint(format!("did you mean {similar:?}?")),
                    None => failure.hint("`cts notification list` shows those that there are"),
                },
            )
        }
    }
}
