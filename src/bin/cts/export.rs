//! The notifications of a project as a rules file.

use clap::Args;
use huaweicloud_cts::notification::{NotificationType, TopicUrn};
use huaweicloud_cts::provision::NotificationSet;

use crate::args::Output;
use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts export > rules.toml
  cts export -o yaml --prefix team_ > team.yaml
  cts export | cts plan -                 says that there are no changes")]
pub(crate) struct Export {
    /// Only notifications whose name starts with this.
    #[arg(long)]
    prefix: Option<String>,
    /// Write `{region}` and `{project_id}` in topics, so that the file is good for other projects too.
    #[arg(long)]
    portable: bool,
}

pub(crate) async fn run(context: &Context, arguments: &Export) -> Result<Exit, Failure> {
    let client = context.client()?;
    let mut all = client.list_all_notifications().await?;
    if let Some(prefix) = &arguments.prefix {
        all.retain(|notification| notification.notification_name.starts_with(prefix.as_str()));
    }
    if arguments.portable {
        for notification in &mut all {
            let Some(topic) = notification.topic() else { continue };
            if topic.notification_type() == Some(NotificationType::Smn)
                && let (Some(region), Some(project)) = (topic.region(), topic.project_id())
            {
                let portable = topic.as_str().replacen(region, "{region}", 1).replacen(project, "{project_id}", 1);
                notification.topic_id = Some(TopicUrn::from(portable));
            }
        }
    }
    let set = NotificationSet::new(&all).map_err(|error| Failure::failed(error.to_string()))?;
    let output = match context.global.output {
        Output::Table | Output::Wide | Output::Name => Output::Toml,
        output => output,
    };
    screen::value(output, &set)?;
    context.remark(format_args!("Exported {} notifications.", set.specs().len()));
    Ok(Exit::Done)
}
