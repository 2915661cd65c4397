//! Changing some fields of a notification.

use clap::Args;
use huaweicloud_cts::notification::UpdateNotification;
use serde_json::Value;

use super::create::Fields;
use super::list;
use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen::{self, clean};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts notification update key_logins --operation IAM/user/login,logout
  cts notification update key_logins --rename logins --no-filter --status disabled")]
pub(crate) struct Update {
    /// The name or the id.
    name: String,
    /// The new name.
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// Removes the topic. The notification must be disabled.
    #[arg(long, conflicts_with = "topic")]
    no_topic: bool,
    /// Removes the filter.
    #[arg(long, conflicts_with = "filter")]
    no_filter: bool,
    /// Operations of all users.
    #[arg(long, conflicts_with = "notify")]
    all_users: bool,
    #[command(flatten)]
    fields: Fields,
}

pub(crate) async fn run(context: &Context, arguments: &Update) -> Result<Exit, Failure> {
    let client = context.client()?;
    let all = client.list_all_notifications().await?;
    let current = super::one(&all, &arguments.name)?;
    let before = UpdateNotification::from_current(current);
    let mut update = arguments.fields.change(before.clone());
    if let Some(name) = &arguments.rename {
        update = update.rename(name);
    }
    if arguments.no_topic {
        update = update.clear_topic();
    }
    if arguments.no_filter {
        update = update.clear_filter();
    }
    if arguments.all_users {
        update = update.clear_notify_users();
    }
    let changes = changes(&before, &update)?;
    if changes.is_empty() {
        context.remark("Nothing to change.");
        return Ok(Exit::Done);
    }
    for line in changes {
        context.remark(line);
    }
    let updated = client.update_notification(&update).await?;
    if context.global.output.is_for_programs() {
        list::show(context, &updated)?;
    } else {
        screen::out(format_args!("Updated {}.", clean(&updated.notification_name)))?;
    }
    Ok(Exit::Done)
}

/// Returns a line for each field that differs.
fn changes(before: &UpdateNotification, after: &UpdateNotification) -> Result<Vec<String>, Failure> {
    let fields = |update| match serde_json::to_value(update) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Ok(serde_json::Map::new()),
        Err(error) => Err(Failure::failed(error.to_string())),
    };
    let (before, after) = (fields(before)?, fields(after)?);
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let shown = |value: Option<&Value>| clean(&value.map_or_else(|| "none".to_owned(), Value::to_string));
    let differs = |name: &&&String| before.get(**name) != after.get(**name);
    let line = |name: &String| format!("{name}: {} → {}", shown(before.get(name)), shown(after.get(name)));
    Ok(names.iter().filter(differs).map(|name| line(name)).collect())
}
