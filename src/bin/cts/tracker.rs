//! Trackers.

use clap::{Args, Subcommand, ValueEnum};
use huaweicloud_cts::tracker::{
    BucketCheck, CreateTracker, DataEvent, Encryption, ListTrackers, SYSTEM_TRACKER, Tracker,
    TransferTarget, UpdateTracker,
};

use crate::args::Output;
use crate::connect::Context;
use crate::exit::{Exit, Failure};
use crate::screen::{self, clean};
use crate::table::{Columns, Table};

/// Sets on a request, whether it creates or updates, where traces go.
macro_rules! transfer {
    ($request:expr, $bucket:expr, $prefix:expr, $lts:expr, $kms_key:expr) => {{
        let mut request = $request;
        if let Some(bucket) = $bucket {
            let mut target = TransferTarget::new(bucket);
            if let Some(prefix) = $prefix {
                target = target.file_prefix_name(prefix);
            }
            request = request.transfer(target);
        }
        if $lts {
            request = request.is_lts_enabled(true);
        }
        if let Some(key) = $kms_key {
            request = request.encryption(Encryption::kms(key));
        }
        request
    }};
}
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List trackers.
    #[command(after_help = "Example:\n  cts tracker list")]
    List,
    /// Show a tracker.
    #[command(after_help = "Example:\n  cts tracker get system -o json")]
    Get {
        /// The name.
        name: String,
    },
    /// Create the system tracker, or a data tracker.
    Create(Create),
    /// Change what a tracker does with its traces. What is not given stays.
    Update(Update),
    /// Enable a tracker.
    #[command(after_help = "Example:\n  cts tracker enable system")]
    Enable {
        /// The name.
        name: String,
    },
    /// Disable a tracker: nothing is recorded, and no notification is sent.
    #[command(after_help = "Example:\n  cts tracker disable system --yes")]
    Disable {
        /// The name.
        name: String,
    },
    /// Delete a tracker, or all data trackers.
    Delete(Delete),
    /// Check whether CTS can write to buckets.
    CheckBucket(CheckBucket),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cts tracker create system --bucket audit-archive --prefix cts
  cts tracker create invoice_reads --data-bucket invoices --events read")]
pub(crate) struct Create {
    /// The name: `system`, or that of a data tracker.
    name: String,
    /// The bucket that a data tracker is about.
    #[arg(long, value_name = "BUCKET")]
    data_bucket: Option<String>,
    /// What a data tracker records.
    #[arg(long, value_delimiter = ',', default_value = "read,write", value_name = "EVENTS")]
    events: Vec<Event>,
    #[command(flatten)]
    transfer: Transfer,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  cts tracker update system --bucket audit-archive --prefix cts --lts"
)]
pub(crate) struct Update {
    /// The name.
    name: String,
    #[command(flatten)]
    transfer: Transfer,
}

/// Where traces go.
#[derive(Debug, Args)]
struct Transfer {
    /// The OBS bucket for the traces.
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<String>,
    /// What the names of the files start with.
    #[arg(long, requires = "bucket")]
    prefix: Option<String>,
    /// Send the traces to LTS as well.
    #[arg(long)]
    lts: bool,
    /// The KMS key that the files are encrypted with.
    #[arg(long, value_name = "ID")]
    kms_key: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Event {
    Read,
    Write,
}

impl From<Event> for DataEvent {
    fn from(event: Event) -> Self {
        match event {
            Event::Read => Self::Read,
            Event::Write => Self::Write,
        }
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cts tracker delete invoice_reads\n  cts tracker delete --all-data --yes"
)]
pub(crate) struct Delete {
    /// The name.
    #[arg(required_unless_present = "all_data")]
    name: Option<String>,
    /// All data trackers of the project.
    #[arg(long, conflicts_with = "name")]
    all_data: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  cts tracker check-bucket audit-archive --region eu-de")]
pub(crate) struct CheckBucket {
    /// The buckets.
    #[arg(required = true, value_name = "BUCKET")]
    buckets: Vec<String>,
    /// The KMS key to encrypt files with.
    #[arg(long, value_name = "ID")]
    kms_key: Option<String>,
}

pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    let client = context.client()?;
    match command {
        Command::List => list(context, &client.list_trackers(&ListTrackers::new()).await?)?,
        Command::Get { name } => show(context, &find(context, &name).await?)?,
        Command::Create(create) => {
            let request = match (create.name.as_str(), create.data_bucket) {
                (SYSTEM_TRACKER, None) => CreateTracker::system(),
                (SYSTEM_TRACKER, Some(_)) => {
                    return Err(Failure::usage("the system tracker has no --data-bucket"));
                }
                (_, None) => return Err(Failure::usage("a data tracker needs --data-bucket")),
                (name, Some(bucket)) => CreateTracker::data(name, bucket, create.events),
            };
            let Transfer { bucket, prefix, lts, kms_key } = create.transfer;
            let request = transfer!(request, bucket, prefix, lts, kms_key);
            show(context, &client.create_tracker(&request).await?)?;
        }
        Command::Update(update) => {
            let current = find(context, &update.name).await?;
            let request = if current.is_system() {
                UpdateTracker::system()
            } else {
                UpdateTracker::from_current(&current)
            };
            let Transfer { bucket, prefix, lts, kms_key } = update.transfer;
            client.update_tracker(&transfer!(request, bucket, prefix, lts, kms_key)).await?;
            screen::out(format_args!("Updated {}.", clean(&update.name)))?;
        }
        Command::Enable { name } => {
            let changed = client.enable_tracker(&name).await?;
            screen::out(format_args!(
                "{} {}.",
                clean(&name),
                if changed { "is enabled now" } else { "was enabled already" }
            ))?;
        }
        Command::Disable { name } => {
            let question = if name == SYSTEM_TRACKER {
                "The system tracker will be disabled: no operation is recorded then, and no notification is sent."
                    .to_owned()
            } else {
                format!("{} will be disabled.", clean(&name))
            };
            context.confirm(&question)?;
            let changed = client.disable_tracker(&name).await?;
            screen::out(format_args!(
                "{} {}.",
                clean(&name),
                if changed { "is disabled now" } else { "was disabled already" }
            ))?;
        }
        Command::Delete(delete) => return self::delete(context, &delete).await,
        Command::CheckBucket(check) => return check_bucket(context, &check).await,
    }
    Ok(Exit::Done)
}

/// Finds a tracker by its name.
pub(crate) async fn find(context: &Context, name: &str) -> Result<Tracker, Failure> {
    let found = context.client()?.find_tracker(name).await?;
    found.ok_or_else(|| {
        Failure::not_found(format!("there is no tracker with the name {name:?}"))
            .hint("`cts tracker list` shows those that there are")
    })
}

fn list(context: &Context, trackers: &[Tracker]) -> Result<(), Failure> {
    let output = context.global.output;
    match output {
        Output::Name => {
            trackers.iter().try_for_each(|tracker| screen::out(clean(&tracker.tracker_name)))
        }
        Output::Table | Output::Wide if trackers.is_empty() => {
            context
                .remark("There are no trackers: nothing is recorded, and no notification is sent.");
            Ok(())
        }
        Output::Table | Output::Wide => {
            let columns = Columns::new(["NAME", "TYPE", "STATUS", "BUCKET", "LTS", "ID"]);
            let mut table = Table::of(columns.whole(["TYPE", "STATUS", "LTS"]).optional(["ID"]));
            for tracker in trackers {
                let cells = [
                    tracker.tracker_name.as_str(),
                    tracker.tracker_type.as_ref().map_or("", |kind| kind.as_str()),
                    tracker.status.as_ref().map_or("", |status| status.as_str()),
                    tracker.transfer_bucket().unwrap_or(""),
                    // The ids of its streams stay when it is switched off.
                    if is_in_lts(tracker) { "yes" } else { "" },
                    tracker.id.as_str(),
                ];
                if tracker.is_enabled() { table.row(cells) } else { table.dimmed(cells) }
            }
            table.print(output == Output::Wide)
        }
        _ => screen::values(output, trackers),
    }
}

fn is_in_lts(tracker: &Tracker) -> bool {
    tracker.lts.as_ref().and_then(|lts| lts.is_lts_enabled) == Some(true)
}

fn show(context: &Context, tracker: &Tracker) -> Result<(), Failure> {
    match context.global.output {
        output if output.is_for_programs() => screen::value(output, tracker),
        Output::Name => screen::out(clean(&tracker.tracker_name)),
        _ => list(context, std::slice::from_ref(tracker)),
    }
}

async fn delete(context: &Context, arguments: &Delete) -> Result<Exit, Failure> {
    let client = context.client()?;
    match arguments.name.as_deref() {
        None => {
            context.confirm("All data trackers of the project will be deleted.")?;
            client.delete_all_data_trackers().await?;
            screen::out("Deleted all data trackers.")?;
        }
        Some(SYSTEM_TRACKER) => {
            context.confirm(
                "The system tracker will be deleted: no operation is recorded then, and no notification is sent.",
            )?;
            client.delete_system_tracker().await?;
            screen::out("Deleted system.")?;
        }
        Some(name) => {
            context.confirm(&format!("The data tracker {} will be deleted.", clean(name)))?;
            client.delete_data_tracker(name).await?;
            screen::out(format_args!("Deleted {}.", clean(name)))?;
        }
    }
    Ok(Exit::Done)
}

async fn check_bucket(context: &Context, arguments: &CheckBucket) -> Result<Exit, Failure> {
    let client = context.client()?;
    let Some(region) = client.region().map(|region| region.id().to_owned()) else {
        return Err(Failure::usage("the region of the buckets is not known").hint("give --region"));
    };
    let checks: Vec<BucketCheck> = arguments
        .buckets
        .iter()
        .map(|bucket| match &arguments.kms_key {
            Some(key) => BucketCheck::new(bucket, &region).kms_id(key),
            None => BucketCheck::new(bucket, &region),
        })
        .collect();
    let checked = client.check_obs_buckets(&checks).await?;
    let output = context.global.output;
    if output.is_for_programs() {
        screen::values(output, &checked)?;
    } else {
        let mut table = Table::new(["BUCKET", "USABLE", "REASON"]).wrapping();
        for bucket in &checked {
            let response = bucket.check_bucket_response.as_ref();
            let reason =
                response.and_then(|response| response.error_message.as_deref()).unwrap_or("");
            table.row([
                bucket.bucket_name.as_str(),
                if bucket.is_usable() { "yes" } else { "no" },
                reason,
            ]);
        }
        table.print(false)?;
    }
    Ok(if checked.iter().all(huaweicloud_cts::tracker::CheckedBucket::is_usable) {
        Exit::Done
    } else {
        Exit::Failed
    })
}

#[cfg(test)]
mod tests {
    use huaweicloud_cts::tracker::Tracker;
    use serde_json::json;

    use super::is_in_lts;

    #[test]
    fn a_stream_that_was_switched_off_is_none() {
        let tracker = |enabled: bool| -> Tracker {
            let lts = json!({"is_lts_enabled": enabled, "log_group_name": "CTS", "log_topic_name": "system-trace"});
            serde_json::from_value(json!({"tracker_name": "system", "stream_id": "s", "lts": lts}))
                .unwrap()
        };
        assert!(
            is_in_lts(&tracker(true))
                && !is_in_lts(&tracker(false))
                && !is_in_lts(&Tracker::default())
        );
    }
}
