//! Creating a notification, and the options that describe one.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use huaweicloud_cts::notification::{
    CreateNotification, Filter, FilterRule, NotifyUsers, Operation, UpdateNotification,
};
use huaweicloud_cts::provision::NotificationSpec;

use super::list;
use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::files::{Format, RulesFiles};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts notification create key_logins --operation IAM/user/login,loginfailed --topic urn:smn:eu-de:PROJECT:audit
  cts notification create deletions --operation ECS/ecs/deleteServer --operation EVS/evs/deleteVolume --status disabled
  cts notification create everything --all-operations
  cts notification create -f notification.toml")]
pub(crate) struct Create {
    /// The name.
    #[arg(required_unless_present = "file")]
    name: Option<String>,
    /// A file with the fields of one notification, in place of the options; `-` is the standard
    /// input.
    #[arg(short, long, conflicts_with_all = ["name", "Fields"])]
    file: Option<PathBuf>,
    /// The format of the file, if its name does not tell it; TOML unless given.
    #[arg(long, requires = "file")]
    format: Option<Format>,
    #[command(flatten)]
    fields: Fields,
}

/// The fields of a notification.
#[derive(Debug, Args)]
#[group(id = "Fields", multiple = true)]
pub(super) struct Fields {
    /// The operations of a resource: SERVICE/RESOURCE/NAME,NAME. May be given several times.
    #[arg(long, value_name = "OPERATION")]
    operation: Vec<OperationArgument>,
    /// Every operation of every service.
    #[arg(long, conflicts_with = "operation")]
    all_operations: bool,
    /// The SMN topic or the function, by its URN.
    #[arg(long, value_name = "URN")]
    topic: Option<String>,
    /// Only operations of these users: GROUP=USER,USER. May be given several times.
    #[arg(long, value_name = "USERS")]
    notify: Vec<UsersArgument>,
    /// Only traces for which this holds, such as "code != 200". May be given several times.
    #[arg(long, value_name = "RULE")]
    filter: Vec<String>,
    /// One rule of the filter is enough; otherwise all must hold.
    #[arg(long, requires = "filter")]
    filter_any: bool,
    /// The agency.
    #[arg(long, value_name = "NAME")]
    agency: Option<String>,
    /// Whether it is active: enabled if it has a topic, unless given.
    #[arg(long)]
    status: Option<Status>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Status {
    Enabled,
    Disabled,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

#[derive(Clone, Debug)]
struct OperationArgument(Operation);

impl FromStr for OperationArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.splitn(3, '/').collect();
        match parts.as_slice() {
            [service, resource, names] if parts.iter().all(|part| !part.is_empty()) => {
                Ok(Self(Operation::new(*service, *resource, names.split(',').map(str::trim))))
            }
            _ => {
                Err("write it as SERVICE/RESOURCE/NAME,NAME, such as IAM/user/login,logout"
                    .to_owned())
            }
        }
    }
}

#[derive(Clone, Debug)]
struct UsersArgument(NotifyUsers);

impl FromStr for UsersArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((group, users)) if !group.is_empty() && !users.is_empty() => {
                Ok(Self(NotifyUsers::new(group, users.split(',').map(str::trim))))
            }
            _ => Err("write it as GROUP=USER,USER, such as admin=alice,bob".to_owned()),
        }
    }
}

impl Fields {
    fn operations(&self) -> impl Iterator<Item = Operation> {
        self.operation.iter().map(|OperationArgument(operation)| operation.clone())
    }

    fn users(&self) -> impl Iterator<Item = NotifyUsers> {
        self.notify.iter().map(|UsersArgument(users)| users.clone())
    }

    fn filter(&self) -> Option<Filter> {
        if self.filter.is_empty() {
            return None;
        }
        let rules = self.filter.iter().map(|rule| FilterRule::from(rule.as_str()));
        Some(if self.filter_any { Filter::any(rules) } else { Filter::all(rules) })
    }

    fn create(&self, name: &str) -> Result<NotificationSpec, Failure> {
        let mut request = match (self.all_operations, self.operation.is_empty()) {
            (true, _) => CreateNotification::complete(name),
            (false, false) => CreateNotification::customized(name, self.operations()),
            (false, true) => {
                return Err(Failure::usage(
                    "it is not said which operations the notification is about",
                )
                .hint("give --operation, or --all-operations; `cts operations` lists them"));
            }
        };
        if let Some(topic) = &self.topic {
            request = request.topic(topic.as_str());
        }
        request = request.notify_user_list(self.users());
        if let Some(filter) = self.filter() {
            request = request.filter(filter);
        }
        if let Some(agency) = &self.agency {
            request = request.agency(agency);
        }
        let spec = NotificationSpec::new(request);
        Ok(match self.status {
            Some(status) => spec.status(status.as_str()),
            None => spec,
        })
    }

    /// Changes what the options name.
    pub(super) fn change(&self, mut update: UpdateNotification) -> UpdateNotification {
        if self.all_operations {
            update = update.all_operations();
        } else if !self.operation.is_empty() {
            update = update.operations(self.operations());
        }
        if let Some(topic) = &self.topic {
            update = update.topic(topic.as_str());
        }
        if !self.notify.is_empty() {
            update = update.notify_user_list(self.users());
        }
        if let Some(filter) = self.filter() {
            update = update.filter(filter);
        }
        if let Some(agency) = &self.agency {
            update = update.agency(agency);
        }
        match self.status {
            Some(status) => update.status(status.as_str()),
            None => update,
        }
    }
}

pub(crate) async fn run(context: &Context, create: &Create) -> Result<Exit, Failure> {
    let spec = match (&create.file, &create.name) {
        (Some(path), _) => {
            let files =
                RulesFiles { files: vec![path.clone()], format: create.format, expand: false };
            let file = files
                .texts()?
                .into_iter()
                .next()
                .ok_or_else(|| Failure::usage("there is no file"))?;
            crate::files::parse(&file)?
        }
        (None, Some(name)) => create.fields.create(name)?,
        (None, None) => return Err(Failure::usage("give a name, or a file with -f")),
    };
    let client = context.client()?;
    let mut created = client.create_notification(spec.request()).await?;
    // A create has no status: it follows from the topic.
    let status = spec.desired_status();
    if created.status.as_ref().is_some_and(|now| *now != status) {
        created = client.set_status(&created.notification_id, status).await?;
    }
    context.remark(format_args!("Created {}.", crate::screen::clean(&created.notification_name)));
    list::show(context, &created)?;
    Ok(Exit::Done)
}
