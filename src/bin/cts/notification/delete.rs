//! Deleting notifications.

use clap::Args;
use huaweicloud_cts::notification::{DeleteNotifications, NotificationId};

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen::{self, clean};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cts notification delete key_logins deletions --yes")]
pub(crate) struct Delete {
    /// Names or ids.
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
}

pub(crate) async fn run(context: &Context, arguments: &Delete) -> Result<Exit, Failure> {
    let client = context.client()?;
    let found = super::find(&client, &arguments.names).await?;
    let names: Vec<String> =
        found.iter().map(|notification| clean(&notification.notification_name)).collect();
    context.confirm(&format!("{} will be deleted.", names.join(", ")))?;
    let ids: Vec<NotificationId> =
        found.iter().map(|notification| notification.notification_id.clone()).collect();
    let report = client.delete_notifications(&DeleteNotifications::new(ids.clone())).await?;
    if context.held_back() {
        return Ok(Exit::Done);
    }
    for (name, id) in names.iter().zip(&ids) {
        if report.gone.contains(id) {
            screen::out(format_args!("Deleted {name}."))?;
        } else if report.survived.contains(id) {
            screen::note(format_args!("{name} ({id}) was not deleted."));
        } else {
            screen::note(format_args!(
                "{name} ({id}) may have been deleted: list the notifications to see."
            ));
        }
    }
    match (report.is_complete(), report.gone.is_empty(), report.errors.into_iter().next()) {
        (true, _, _) => Ok(Exit::Done),
        (false, true, Some(error)) => Err(error.into()),
        (false, _, error) => {
            if let Some(error) = error {
                screen::note(error);
            }
            Ok(Exit::Partial)
        }
    }
}
