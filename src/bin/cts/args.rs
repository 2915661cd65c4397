//! The command line.

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::credentials::Source;
use crate::exit::Exit;
use crate::screen;
use crate::validate;
use crate::{
    api, apply, backtest, config, doctor, event, exit, export, fake, function, notification,
    operations, plan, quotas, sign, tag, trace, tracker,
};

/// Key event notifications of the Cloud Trace Service (CTS) of Huawei Cloud and Open Telekom Cloud.
#[derive(Debug, Parser)]
#[command(name = "cts", version, after_help = concat_help())]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Reads a command line. Prints what is wrong with it, or the help.
pub(crate) fn parse(arguments: &[OsString]) -> Result<Cli, Exit> {
    let error = match parsed(arguments) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    // clap itself shows the help only if no variable of the environment stands for an option.
    if error.kind() == ErrorKind::MissingSubcommand
        && let Err(help) = parsed(&[arguments, &["-h".into()]].concat())
    {
        screen::note(help.render().ansi());
        return Err(Exit::Usage);
    }
    // A reader of the help that has gone away is no error.
    let _gone = error.print();
    // clap's own code, 2, means "changes" here.
    Err(if error.use_stderr() { Exit::Usage } else { Exit::Done })
}

fn parsed(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let matches = with_headings(Cli::command()).try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches)
}

/// Gives the headings of examples the style of all headings.
fn with_headings(command: clap::Command) -> clap::Command {
    let style = command.get_styles().get_header();
    let heading = |line: &str| match line {
        "Example:" | "Examples:" | "Exit codes:" => format!("{style}{line}{style:#}"),
        line => line.to_owned(),
    };
    let help = command
        .get_after_help()
        .map(|help| help.to_string().lines().map(heading).collect::<Vec<_>>().join("\n"));
    let command = command.mut_subcommands(with_headings);
    match help {
        Some(help) => command.after_help(help),
        None => command,
    }
}

fn concat_help() -> String {
    format!(
        "{}\n\nExamples:\n  cts fake -- cts notification list      try it, without an account\n  \
         cts --region eu-de doctor              see whether everything is set up\n  \
         cts --region eu-de export > rules.toml\n  cts --region eu-de plan rules.toml",
        exit::HELP
    )
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List, create, change and delete notifications.
    #[command(subcommand, visible_aliases = ["notifications", "notif"])]
    Notification(notification::Command),
    /// Write the notifications of a project as a rules file.
    Export(export::Export),
    /// Validate rules files, offline.
    Validate(validate::Validate),
    /// Show what apply would do.
    Plan(plan::PlanArgs),
    /// Bring notifications into the state that a file declares.
    Apply(apply::Apply),
    /// Compare notifications with a file: exits with 2 if they differ.
    Drift(plan::Drift),
    /// List the operations that CTS records.
    Operations(operations::Operations),
    /// Show how many notifications and trackers there may be.
    #[command(visible_alias = "quota")]
    Quotas(quotas::Quotas),
    /// List what was done in the project, and by whom.
    #[command(subcommand, visible_alias = "traces")]
    Trace(trace::Command),
    /// Show what notifications would have sent for recorded operations.
    Backtest(backtest::BacktestArgs),
    /// List and change trackers.
    #[command(subcommand, visible_alias = "trackers")]
    Tracker(tracker::Command),
    /// List and change the tags of a tracker.
    #[command(subcommand, visible_alias = "tags")]
    Tag(tag::Command),
    /// Show and change what CTS records beyond writes.
    #[command(subcommand)]
    Config(config::Command),
    /// Read and make the events that functions and webhooks get.
    #[command(subcommand)]
    Event(event::Command),
    /// Run functions on this machine.
    #[command(subcommand)]
    Function(function::Command),
    /// Send a signed request to any path of the service.
    Api(api::Api),
    /// Sign a request, and print its headers.
    Sign(sign::Sign),
    /// Show whose credentials are used, where they are from, project and account.
    #[command(after_help = "Example:\n  cts --region eu-de whoami")]
    Whoami,
    /// Check credentials, network, clock, project and permissions.
    Doctor(doctor::Doctor),
    /// Serve a fake CTS on this machine, or run a command with one.
    Fake(fake::Fake),
    /// Print the completion script of a shell.
    #[command(
        after_help = "Example:\n  cts completion bash > ~/.local/share/bash-completion/completions/cts"
    )]
    Completion {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the version, the platform and the features that this program was built with.
    #[command(after_help = "Examples:\n  cts version\n  cts version -o json")]
    Version,
    /// Print the manual page, or write those of all commands.
    #[command(
        after_help = "Examples:\n  cts man | man -l -\n  cts man --dir ~/.local/share/man/man1"
    )]
    Man {
        /// The directory for the pages of all commands.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
}

/// Options of all commands. A flag goes before a variable of the environment.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The region, such as eu-de; several for the commands that work in many projects.
    #[arg(long, global = true, env = "CTS_REGION", value_delimiter = ',', hide_env_values = true)]
    pub(crate) region: Vec<String>,
    /// The project; looked up by its region unless given.
    #[arg(
        long,
        global = true,
        env = "HUAWEICLOUD_SDK_PROJECT_ID",
        value_name = "ID",
        hide_env_values = true
    )]
    pub(crate) project_id: Option<String>,
    /// The account; looked up unless given.
    #[arg(
        long,
        global = true,
        env = "HUAWEICLOUD_SDK_DOMAIN_ID",
        value_name = "ID",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub(crate) domain_id: Option<String>,
    /// The address of the service; that of the region unless given.
    #[arg(
        long,
        global = true,
        env = "CTS_ENDPOINT",
        value_name = "URL",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub(crate) endpoint: Option<String>,
    /// The address of IAM; that of the region unless given.
    #[arg(
        long,
        global = true,
        env = "HUAWEICLOUD_SDK_IAM_ENDPOINT",
        value_name = "URL",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub(crate) iam_endpoint: Option<String>,
    /// A file with the projects to work in, for plan, apply and drift. --region is for those that
    /// name none.
    #[arg(
        long,
        global = true,
        env = "CTS_TARGETS",
        value_name = "FILE",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub(crate) targets: Option<PathBuf>,
    /// Where the credentials are from.
    #[arg(
        long,
        global = true,
        env = "CTS_CREDENTIALS",
        value_name = "SOURCE",
        hide_env_values = true
    )]
    pub(crate) credentials: Option<Source>,
    /// The profile of KooCLI that has the credentials.
    #[arg(
        long,
        global = true,
        env = "CTS_PROFILE",
        value_name = "NAME",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub(crate) profile: Option<String>,
    /// The format of results.
    #[arg(
        short,
        long,
        global = true,
        env = "CTS_OUTPUT",
        default_value = "table",
        hide_env_values = true
    )]
    pub(crate) output: Output,
    /// Whether results are coloured. NO_COLOR and CLICOLOR_FORCE are obeyed.
    #[arg(
        long,
        global = true,
        default_value = "auto",
        value_name = "WHEN",
        hide_short_help = true
    )]
    pub(crate) color: Color,
    /// How long a call may take, with everything that is tried again, in seconds.
    #[arg(long, global = true, value_name = "SECONDS", hide_short_help = true)]
    pub(crate) timeout: Option<u64>,
    /// How often a call is tried at most.
    #[arg(long, global = true, value_name = "N", value_parser = attempts, hide_short_help = true)]
    pub(crate) attempts: Option<NonZeroU32>,
    /// Certificates to trust in addition to the system's, in PEM.
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true)]
    pub(crate) ca_file: Option<PathBuf>,
    /// Print the first request that would change something, and send no such request.
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Confirm everything.
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,
    /// Never ask: what is not confirmed by --yes is refused.
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) no_input: bool,
    /// Print results and errors only.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Print where values come from, and a line for each call; twice: requests, with secrets
    /// masked.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

fn attempts(text: &str) -> Result<NonZeroU32, String> {
    text.parse().map_err(|_| "write a number from 1 on".to_owned())
}

/// The format of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Table,
    /// For people, with more columns, and nothing is cut.
    Wide,
    /// JSON, in the names of the API.
    Json,
    /// JSON, a line for each item.
    Jsonl,
    /// YAML.
    Yaml,
    /// TOML.
    Toml,
    /// Only names.
    Name,
}

impl Output {
    pub(crate) fn is_for_programs(self) -> bool {
        !matches!(self, Self::Table | Self::Wide | Self::Name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(crate) fn apply(self) {
        match self {
            // What the environment and the stream say.
            Self::Auto => {}
            Self::Always => anstream::ColorChoice::Always.write_global(),
            Self::Never => anstream::ColorChoice::Never.write_global(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn the_help_of_every_command_has_an_example() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            if command.has_subcommands() {
                command.get_subcommands().for_each(|command| check(command, &path));
            } else {
                let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(
                    after.contains("Example") && after.contains("  cts "),
                    "{path} has no example: {after}"
                );
            }
        }
        let command = Cli::command();
        command.clone().debug_assert();
        command.get_subcommands().for_each(|command| check(command, "cts"));
    }
}
