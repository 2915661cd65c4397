//! The tags of trackers.

use clap::Subcommand;
use huaweicloud_cts::tracker::tag::ResourceTag;

use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen;
use crate::table::Table;
use crate::tracker::find;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the tags of a tracker.
    #[command(after_help = "Example:\n  cts tag list system")]
    List {
        /// The name of the tracker.
        tracker: String,
    },
    /// Add tags to a tracker.
    #[command(after_help = "Example:\n  cts tag set system team=audit stage=production")]
    Set {
        /// The name of the tracker.
        tracker: String,
        /// The tags.
        #[arg(required = true, value_name = "KEY=VALUE", value_parser = tag)]
        tags: Vec<ResourceTag>,
    },
    /// Delete tags of a tracker.
    #[command(after_help = "Example:\n  cts tag unset system stage")]
    Unset {
        /// The name of the tracker.
        tracker: String,
        /// The keys of the tags.
        #[arg(required = true, value_name = "KEY")]
        keys: Vec<String>,
    },
}

fn tag(text: &str) -> Result<ResourceTag, String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok(ResourceTag::new(key, value)),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let client = context.client()?;
    match command {
        Command::List { tracker } => {
            let mut tags = client.list_tracker_tags(&find(context, &tracker).await?.id).await?;
            tags.retain(|tag| !tag.is_of_the_service());
            if context.global.output.is_for_programs() {
                screen::values(context.global.output, &tags)?;
            } else if tags.is_empty() {
                context.remark("There are no tags.");
            } else {
                let mut table = Table::new(["KEY", "VALUE"]);
                for tag in &tags {
                    table.row([tag.key.as_str(), tag.value.as_deref().unwrap_or("")]);
                }
                table.print(false)?;
            }
        }
        Command::Set { tracker, tags } => {
            client.create_tracker_tags(&find(context, &tracker).await?.id, &tags).await?;
            context.remark(format_args!("Set {}.", screen::counted(tags.len(), "tag")));
        }
        Command::Unset { tracker, keys } => {
            let id = find(context, &tracker).await?.id;
            for key in &keys {
                client.delete_tracker_tag(&id, key).await?;
            }
            context.remark(format_args!("Deleted {}.", screen::counted(keys.len(), "tag")));
        }
    }
    Ok(Exit::Done)
}
