//! Changing some fields of a notification.

use clap::Args;
use huaweicloud_cts::notification::{Notification, UpdateNotification};
use huaweicloud_cts::provision::{NotificationSet, NotificationSpec, Plan, PlanOptions};

use super::create::Fields;
use super::list;
use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::plan::steps;
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
    let mut update = arguments.fields.change(UpdateNotification::from_current(current));
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
    let plan = plan(current, &update)?;
    if plan.is_up_to_date() {
        context.remark("Nothing to change.");
        return Ok(Exit::Done);
    }
    context.remark(steps(&plan).trim_end());
    let updated = client.update_notification(&update).await?;
    if context.global.output.is_for_programs() {
        list::show(context, &updated)?;
    } else {
        screen::out(format_args!("Updated {}.", clean(&updated.notification_name)))?;
    }
    Ok(Exit::Done)
}

/// Returns what an update changes, as a plan.
fn plan(current: &Notification, update: &UpdateNotification) -> Result<Plan, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::failed(error.to_string());
    let after = serde_json::to_value(update).and_then(serde_json::from_value::<Notification>);
    let after = after.map_err(|error| wrong(&error))?;
    let mut desired = NotificationSpec::from(&after);
    if after.notification_name != current.notification_name {
        desired = desired.renamed_from(&current.notification_name);
    }
    let set = NotificationSet::new([desired]).map_err(|error| wrong(&error))?;
    Ok(Plan::between(&set, std::slice::from_ref(current), &PlanOptions::new()))
}
