//! The first steps: create two notifications, list them in a table, see what an error looks like,
//! clean up.
//!
//! ```text
//! cargo run --example quickstart
//! ```
//!
//! It talks to a fake CTS in this process and needs no account, unless these variables point it
//! elsewhere:
//!
//! - `CTS_ENDPOINT`, a URL such as `https://cts.eu-de.otc.t-systems.com`, or `CTS_REGION`, such as
//!   `cn-north-4`.
//! - `HUAWEICLOUD_SDK_AK`, `HUAWEICLOUD_SDK_SK` and `HUAWEICLOUD_SDK_PROJECT_ID`: required then,
//!   and `HUAWEICLOUD_SDK_SECURITY_TOKEN` for temporary credentials.
//! - `CTS_TOPIC`: the URN of the SMN topic to notify. Without it, nothing is sent.
//!
//! Notifications that exist already are left alone. `NO_COLOR` turns the colours off.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its user")]

mod support;

use std::collections::BTreeSet;
use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use huaweicloud_cts::notification::{
    CreateNotification, DeleteNotifications, Notification, Operation, OperationType,
};
use huaweicloud_cts::testing::{FakeCts, FakeServer};
use huaweicloud_cts::{ClientBuilder, CtsClient, ErrorCode};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    support::no_arguments("Creates, lists and deletes two notifications.");
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<()> {
    // The fake stops when it is dropped, so it is held to the end.
    let (client, topic, _fake) = connect().await?;
    // Whatever happens on the tour, what it has created by then is deleted.
    let mut created = Vec::new();
    let toured = tour(&client, topic.as_deref(), &mut created).await;
    match (toured, clean_up(&client, &created).await) {
        (Ok(()), Ok(done)) => Ok(writeln!(io::stdout(), "{done}")?),
        (Ok(()), Err(error)) => Err(error),
        (Err(error), Ok(done)) => Err(format!("{error}\n{done}").into()),
        (Err(error), Err(second)) => {
            Err(format!("{error}\nCleaning up failed too: {second}").into())
        }
    }
}

/// A client, the topic for its notifications, and the fake if there is no real service.
async fn connect() -> Result<(CtsClient, Option<String>, Option<FakeServer>)> {
    // `println!` panics when a pipe is closed, and nothing would be cleaned up. `writeln!` gives an
    // error.
    let mut out = io::stdout();
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let client = match (variable("CTS_ENDPOINT"), variable("CTS_REGION")) {
        (Some(endpoint), _) => ClientBuilder::from_env().endpoint(endpoint).build()?,
        (None, Some(region)) => ClientBuilder::from_env().region(region).build()?,
        (None, None) => {
            let fake = FakeCts::new().serve().await?;
            let client = fake.client_builder().build()?;
            let topic = format!("urn:smn:cn-north-4:{}:test", FakeCts::PROJECT_ID);
            writeln!(
                out,
                "Started a fake CTS at {} (CTS_ENDPOINT and CTS_REGION are not set)",
                fake.endpoint()
            )?;
            return Ok((client, Some(topic), Some(fake)));
        }
    };
    let project = client.project_id().unwrap_or("that IAM returns for the region");
    writeln!(out, "Using the CTS at {} with the project {project}", client.endpoint())?;
    let topic = variable("CTS_TOPIC");
    if topic.is_none() {
        writeln!(out, "CTS_TOPIC is not set: the notifications get no topic, and nothing is sent")?;
    }
    Ok((client, topic, None))
}

/// The steps. What they create goes into `created` at once.
async fn tour(
    client: &CtsClient,
    topic: Option<&str>,
    created: &mut Vec<Notification>,
) -> Result<()> {
    let mut out = io::stdout();
    let key_operations = CreateNotification::customized(
        "keyOperate_info_cfwy",
        [
            Operation::new("CTS", "tracker", ["createTracker", "deleteTracker"]),
            Operation::new("CTS", "notification", ["deleteNotification", "updateNotification"]),
            Operation::new(
                "AOM",
                "pe",
                ["deletePolicyGroup", "updatePolicyGroup", "createPolicyGroup"],
            ),
        ],
    )
    .notify_users("admin", ["test1", "test2"])
    .notify_users("CTS view", ["test3", "test4"]);
    for mut request in [key_operations, CreateNotification::complete("test")] {
        if let Some(topic) = topic {
            request = request.topic(topic);
        }
        match client.create_notification(&request).await {
            Ok(notification) => {
                created.push(notification.clone());
                writeln!(
                    out,
                    "Created {} with the id {}",
                    notification.notification_name, notification.notification_id
                )?;
            }
            Err(error) if error.code() == Some(&ErrorCode::NotificationNameExists) => {
                writeln!(
                    out,
                    "Left {} unchanged, because it exists already: {error}",
                    request.name()
                )?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let notifications = client.list_all_notifications().await?;
    let colours =
        out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    writeln!(
        out,
        "Listed {} notifications:\n\n{}",
        notifications.len(),
        table(&notifications, colours)
    )?;

    writeln!(out, "Creating test again, which must fail:")?;
    match client.create_notification(&CreateNotification::complete("test")).await {
        Ok(notification) => created.push(notification),
        Err(error) => match error.code() {
            Some(ErrorCode::NotificationNameExists) => writeln!(out, "  {error}")?,
            _ => return Err(error.into()),
        },
    }
    Ok(())
}

/// Deletes what this run created, nothing else, and says what is gone.
async fn clean_up(client: &CtsClient, created: &[Notification]) -> Result<String> {
    if created.is_empty() {
        return Ok("Nothing to clean up: this run created nothing".to_owned());
    }
    let ids = created.iter().map(|notification| &notification.notification_id);
    let report = client.delete_notifications(&DeleteNotifications::new(ids)).await?;
    let names = |gone: bool| {
        let notifications = created
            .iter()
            .filter(|notification| report.gone.contains(&notification.notification_id) == gone);
        notifications
            .map(|notification| notification.notification_name.as_str())
            .collect::<Vec<_>>()
            .join(" and ")
    };
    let (gone, left) = (names(true), names(false));
    report.into_result().map_err(|error| format!("{left} may still exist: {error}"))?;
    Ok(format!("Cleaned up: {gone} gone"))
}

/// How many columns of the terminal the table may take.
const TABLE_WIDTH: usize = 100;
const HEADER: [&str; 7] =
    ["NAME", "TYPE", "STATUS", "OPERATIONS", "USERS", "GOES TO", "CREATED (UTC)"];

/// A row for each notification, and below it what does not fit into a column.
fn table(notifications: &[Notification], colours: bool) -> String {
    let rows: Vec<_> = notifications.iter().map(row).collect();
    let mut widths = HEADER.map(width);
    for row in &rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = width(cell).max(*widest);
        }
    }
    // With two blanks between columns. If that is too wide, the widest column gives way.
    while widths.iter().map(|width| width + 2).sum::<usize>() > TABLE_WIDTH + 2 {
        widths.iter_mut().max().into_iter().for_each(|widest| *widest -= 1);
    }
    // 1 is bold, 32 green, 33 yellow.
    let paint = |code: &str, text: &str| {
        if colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    };

    let header: Vec<_> =
        HEADER.iter().zip(widths).map(|(title, width)| fit(title, width)).collect();
    let mut lines = vec![paint("1", header.join("  ").trim_end())];
    for (notification, mut cells) in notifications.iter().zip(rows) {
        for (cell, width) in cells.iter_mut().zip(widths) {
            *cell = fit(cell, width);
        }
        let [_, _, status, ..] = &mut cells;
        *status = paint(if notification.is_enabled() { "32" } else { "33" }, status);
        lines.push(cells.join("  "));
        for Operation { service_type, resource_type, trace_names, .. } in &notification.operations {
            lines.extend(wrap(&format!(
                "{service_type}/{resource_type} {}",
                trace_names.join(", ")
            )));
        }
        for users in &notification.notify_user_list {
            lines.extend(wrap(&format!("by {}: {}", users.user_group, users.user_list.join(", "))));
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn row(notification: &Notification) -> [String; 7] {
    let services: BTreeSet<_> =
        notification.operations.iter().map(|operation| operation.service_type.as_str()).collect();
    let operations: usize =
        notification.operations.iter().map(|operation| operation.trace_names.len()).sum();
    let users: usize =
        notification.notify_user_list.iter().map(|group| group.user_list.len()).sum();
    let created = notification.created_at().and_then(|at| jiff::Timestamp::try_from(at).ok());
    [
        notification.notification_name.clone(),
        notification.notification_type.as_ref().map_or("?".to_owned(), ToString::to_string),
        notification.status.as_ref().map_or("?".to_owned(), ToString::to_string),
        match notification.operation_type {
            Some(OperationType::Complete) => "everything".to_owned(),
            _ => format!("{operations} of {}", Vec::from_iter(services).join(", ")),
        },
        if notification.notify_user_list.is_empty() {
            "everybody".to_owned()
        } else {
            format!("{users} named")
        },
        notification
            .topic()
            .map_or("nowhere", |topic| topic.resource().unwrap_or(topic.as_str()))
            .to_owned(),
        created.map_or("?".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string()),
    ]
}

/// What stands below a row, on as many lines as it takes.
fn wrap(text: &str) -> Vec<String> {
    let mut lines = vec!["   ".to_owned()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= TABLE_WIDTH => {
                *line = format!("{line} {word}");
            }
            _ => lines.push(format!("        {word}")),
        }
    }
    lines
}

/// The columns that a text takes in a terminal: Chinese, Japanese and Korean characters take two.
fn width(text: &str) -> usize {
    let is_wide = |c| matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}');
    let is_wide =
        |c| is_wide(c) || matches!(c, '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{3fffd}');
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// The text at exactly this width: filled up with blanks, or cut.
fn fit(text: &str, columns: usize) -> String {
    let mut text = text.to_owned();
    if width(&text) > columns {
        while width(&text) >= columns && text.pop().is_some() {}
        text.push('…');
    }
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(&text))))
}
