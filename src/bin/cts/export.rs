//! The notifications of a project as a rules file.

use clap::Args;
use huaweicloud_cts::CtsClient;
use huaweicloud_cts::notification::TopicUrn;
use huaweicloud_cts::provision::NotificationSet;

use crate::args::Output;
use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen::{self, WARNING, clean};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts export > rules.toml
  cts export -o yaml --prefix team_ > team.yaml
  cts export | cts plan -                 says that there are no changes")]
pub(crate) struct Export {
    /// Only notifications whose name starts with this.
    #[arg(long)]
    prefix: Option<String>,
    /// Write `{region}` and `{project_id}` in the topics and functions of this project, so that the
    /// file can be applied in other projects. Those of other projects stay as they are.
    #[arg(long)]
    portable: bool,
}

pub(crate) async fn run(context: &Context, arguments: &Export) -> Result<Exit, Failure> {
    let client = context.client()?;
    let mut all = client.list_all_notifications().await?;
    if let Some(prefix) = &arguments.prefix {
        all.retain(|notification| notification.notification_name.starts_with(prefix.as_str()));
    }
    let mut kept = Vec::new();
    if arguments.portable {
        for notification in &mut all {
            let Some(topic) = notification.topic() else { continue };
            if let Some(portable) = portable(topic, &client) {
                notification.topic_id = Some(portable);
            } else {
                let name = &notification.notification_name;
                kept.push(format!("{name:?}: {topic} is not of this project, and stays as it is"));
            }
        }
    }
    let set = NotificationSet::new(&all).map_err(|error| Failure::failed(error.to_string()))?;
    let output = match context.global.output {
        Output::Table | Output::Wide | Output::Name => Output::Toml,
        output => output,
    };
    screen::raw(written(output, &set)?.as_bytes())?;
    for kept in kept {
        context.remark(format_args!("{WARNING}warning:{WARNING:#} {}", clean(&kept)));
    }
    context
        .remark(format_args!("Exported {}.", screen::counted(set.specs().len(), "notification")));
    Ok(Exit::Done)
}

/// Returns a set as text, with an escape in place of the `$` of each `${`, so that `--expand`
/// leaves it alone. Until the text is written, a control character stands for it, because all
/// formats escape those.
fn written(output: Output, set: &NotificationSet) -> Result<String, Failure> {
    let json = serde_json::to_string(set).map_err(|error| Failure::failed(error.to_string()))?;
    let is_free =
        |n: &u32| !json.contains(&format!("u000{n}{{")) && !json.contains(&format!("x0{n}{{"));
    let Some(n) = (1..=6).find(is_free).filter(|_| json.contains("${")) else {
        return screen::written(output, set);
    };
    let (long, short) = (format!("\\u000{n}{{"), format!("\\x0{n}{{"));
    let marked: NotificationSet = serde_json::from_str(&json.replace("${", &long))
        .map_err(|error| Failure::failed(error.to_string()))?;
    let text = screen::written(output, &marked)?;
    Ok(text.replace(&long, "\\u0024{").replace(&short, "\\x24{"))
}

/// Returns the URN of a topic or function of the client's project with placeholders; `None` if it
/// is of another one.
fn portable(topic: &TopicUrn, client: &CtsClient) -> Option<TopicUrn> {
    let (urn, region, project) = (topic.as_str(), topic.region()?, topic.project_id()?);
    let is_of_region = client.region().is_none_or(|here| here.id() == region);
    if client.project_id() != Some(project) || !is_of_region {
        return None;
    }
    let rest = urn.split_once(&format!(":{region}:{project}:"));
    rest.map(|(start, rest)| TopicUrn::from(format!("{start}:{{region}}:{{project_id}}:{rest}")))
}
