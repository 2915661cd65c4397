//! Listing notifications, and showing one.

use clap::{Args, ValueEnum};
use huaweicloud_cts::notification::{
    ListNotifications, Notification, NotifyUsers, Operation, OperationType,
};

use crate::args::Output;
use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::layout;
use crate::screen::{self, clean};
use crate::table::{Columns, Table};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cts notification list\n  cts notification list --type fun -o json | jq ."
)]
pub(crate) struct List {
    /// Those that go to SMN topics, to functions, or all.
    #[arg(long = "type", value_name = "TYPE", default_value = "all")]
    of_type: Type,
    /// The one of this name.
    #[arg(long)]
    name: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Type {
    Smn,
    Fun,
    All,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cts notification get team_logins\n  cts notification get team_logins -o toml"
)]
pub(crate) struct Get {
    /// The name or the id.
    name: String,
}

pub(crate) async fn run(context: &Context, list: &List) -> Result<Exit, Failure> {
    let client = context.client()?;
    let named = |request: ListNotifications| match &list.name {
        Some(name) => request.named(name),
        None => request,
    };
    let all = match list.of_type {
        Type::All => {
            let mut all = client.list_all_notifications().await?;
            all.retain(|notification| {
                list.name.as_ref().is_none_or(|name| *name == notification.notification_name)
            });
            all
        }
        Type::Smn => client.list_notifications(&named(ListNotifications::smn())).await?,
        Type::Fun => client.list_notifications(&named(ListNotifications::fun())).await?,
    };
    let output = context.global.output;
    match output {
        Output::Name => all
            .iter()
            .try_for_each(|notification| screen::out(clean(&notification.notification_name)))?,
        Output::Table | Output::Wide if all.is_empty() => {
            context.remark("There are no notifications.");
        }
        Output::Table | Output::Wide => print(&all, output == Output::Wide)?,
        _ => screen::values(output, &all)?,
    }
    Ok(Exit::Done)
}

fn print(all: &[Notification], wide: bool) -> Result<(), Failure> {
    let more: &[_] = if wide { &["USERS", "FILTER", "CREATED"] } else { &[] };
    let headings = ["NAME", "STATUS", "OPERATIONS", "TARGET", "ID"].iter().chain(more).copied();
    let mut table = Table::of(Columns::new(headings).whole(["STATUS"]).optional(["ID"]));
    for notification in all {
        let status = notification.status.as_ref().map_or("", |status| status.as_str());
        let target = match (wide, notification.topic()) {
            (_, None) => "",
            (true, Some(topic)) => topic.as_str(),
            (false, Some(topic)) => topic.resource().unwrap_or(topic.as_str()),
        };
        let mut cells = vec![
            notification.notification_name.clone(),
            status.to_owned(),
            operations(notification, wide),
            target.to_owned(),
            notification.notification_id.to_string(),
        ];
        if wide {
            let created = notification.created_at().map(screen::time);
            cells.extend([
                users(notification).join("; "),
                filter(notification).unwrap_or_default(),
                created.unwrap_or_default(),
            ]);
        }
        if notification.is_enabled() { table.row(cells) } else { table.dimmed(cells) }
    }
    table.print(wide)
}

/// Returns the operations in short, or all of them.
fn operations(notification: &Notification, wide: bool) -> String {
    if notification.operation_type == Some(OperationType::Complete) {
        return "all".to_owned();
    }
    let short = notification.operations.iter().map(|of| {
        if wide { operation(of) } else { format!("{}/{}", of.service_type, of.resource_type) }
    });
    short.collect::<Vec<_>>().join(" ")
}

pub(crate) async fn get(context: &Context, get: &Get) -> Result<Exit, Failure> {
    let client = context.client()?;
    let all = client.list_all_notifications().await?;
    show(context, super::one(&all, &get.name)?)?;
    Ok(Exit::Done)
}

/// Prints a notification with all its fields.
pub(super) fn show(context: &Context, notification: &Notification) -> Result<(), Failure> {
    let output = context.global.output;
    match output {
        Output::Name => screen::out(clean(&notification.notification_name)),
        output if output.is_for_programs() => screen::value(output, notification),
        _ => screen::out(text(notification)),
    }
}

/// Returns a notification as text: a line for each field, or for each item of a list.
fn text(notification: &Notification) -> String {
    let one = |value: Option<&str>| value.map(str::to_owned).into_iter().collect::<Vec<_>>();
    let operations = match notification.operation_type {
        Some(OperationType::Complete) => vec!["all".to_owned()],
        // A long list can be broken after a comma.
        _ => notification.operations.iter().map(|of| operation(of).replace(',', ", ")).collect(),
    };
    let other: Vec<String> =
        notification.other.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let fields = [
        ("name", vec![notification.notification_name.clone()]),
        ("id", vec![notification.notification_id.to_string()]),
        (
            "status",
            one(notification
                .status
                .as_ref()
                .map(huaweicloud_cts::notification::NotificationStatus::as_str)),
        ),
        ("target", one(notification.topic().map(huaweicloud_cts::notification::TopicUrn::as_str))),
        ("operations", operations),
        ("users", users(notification)),
        ("filter", filter(notification).into_iter().collect()),
        ("agency", one(notification.agency_name.as_deref().filter(|agency| !agency.is_empty()))),
        ("created", notification.created_at().map(screen::time).into_iter().collect()),
        ("project", one(notification.project_id.as_deref())),
        ("other", other),
    ];
    let rows = fields.into_iter().flat_map(|(name, values)| {
        values
            .into_iter()
            .enumerate()
            .map(move |(index, value)| (if index == 0 { name } else { "" }, clean(&value)))
    });
    layout::fields(0, rows)
}

fn operation(operation: &Operation) -> String {
    format!(
        "{}/{}/{}",
        operation.service_type,
        operation.resource_type,
        operation.trace_names.join(",")
    )
}

fn users(notification: &Notification) -> Vec<String> {
    let group =
        |group: &NotifyUsers| format!("{}: {}", group.user_group, group.user_list.join(", "));
    notification.notify_user_list.iter().map(group).collect()
}

fn filter(notification: &Notification) -> Option<String> {
    let filter = notification.filter.as_ref().filter(|filter| !filter.rule.is_empty())?;
    let rules: Vec<&str> =
        filter.rule.iter().map(huaweicloud_cts::notification::FilterRule::as_str).collect();
    let rules = rules.join(&format!(" {} ", filter.condition.as_str()));
    Some(if filter.is_support_filter { rules } else { format!("{rules} (switched off)") })
}
