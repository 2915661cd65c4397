//! `cts`: key event notifications of CTS from the command line. It uses the public API of the
//! library and nothing else.

#![allow(clippy::future_not_send, reason = "a command runs on one thread")]
#![allow(clippy::doc_markdown, reason = "the docs of options are the help, which is plain text")]
#![allow(clippy::struct_excessive_bools, reason = "they are flags of the command line")]
#![allow(
    clippy::format_push_string,
    reason = "terminals are slower than an allocation for each line"
)]

mod api;
mod apply;
mod args;
mod backtest;
mod completion;
mod config;
mod connect;
mod credentials;
mod doctor;
mod event;
mod exit;
mod export;
mod fake;
mod files;
mod function;
mod layout;
mod notification;
mod operations;
mod plan;
mod quotas;
mod screen;
mod sign;
mod table;
mod tag;
mod targets;
mod trace;
mod tracker;
mod validate;
mod version;
mod watched;
mod whoami;

use std::process::ExitCode;

use self::args::Command;
use self::connect::Context;
use self::exit::{Exit, Failure};

fn main() -> ExitCode {
    let cli = match args::parse(&std::env::args_os().collect::<Vec<_>>()) {
        Ok(cli) => cli,
        Err(exit) => return exit.into(),
    };
    cli.global.color.apply();
    let context = Context::new(cli.global);
    let result = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::from)
        .and_then(|runtime| runtime.block_on(run(&context, cli.command)));
    match result {
        Ok(exit) => exit.into(),
        Err(_) if context.held_back() => Exit::Done.into(),
        Err(failure) => failure.report(context.global.output),
    }
}

/// Runs a command until it ends, or until Ctrl-C.
async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    // `fake` ends by Ctrl-C, and that is no interruption.
    if let Command::Fake(command) = command {
        return fake::run(&command).await;
    }
    // It has no other end, so there is nothing to report.
    let is_endless = matches!(command, Command::Trace(trace::Command::Follow(_)));
    tokio::select! {
        // Ctrl-C is listened to before the command starts.
        biased;
        pressed = tokio::signal::ctrl_c() => {
            pressed?;
            if is_endless { Ok(Exit::Interrupted) } else { Err(context.interrupted()) }
        }
        result = Box::pin(dispatch(context, command)) => result,
    }
}

async fn dispatch(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Notification(command) => notification::run(context, command).await,
        Command::Export(command) => export::run(context, &command).await,
        Command::Validate(command) => validate::run(context, &command),
        Command::Plan(command) => plan::run(context, &command).await,
        Command::Drift(command) => plan::drift(context, &command).await,
        Command::Apply(command) => apply::run(context, &command).await,
        Command::Operations(command) => operations::run(context, &command).await,
        Command::Quotas(command) => quotas::run(context, &command).await,
        Command::Tracker(command) => tracker::run(context, command).await,
        Command::Trace(command) => trace::run(context, command).await,
        Command::Backtest(command) => backtest::run(context, &command).await,
        Command::Tag(command) => tag::run(context, command).await,
        Command::Config(command) => config::run(context, &command).await,
        Command::Event(command) => event::run(context, &command).await,
        Command::Function(command) => function::run(context, &command).await,
        Command::Api(command) => api::run(context, &command).await,
        Command::Sign(command) => sign::run(context, &command).await,
        Command::Whoami => whoami::run(context).await,
        Command::Doctor(command) => doctor::run(context, &command).await,
        Command::Fake(command) => fake::run(&command).await,
        Command::Completion { shell } => completion::script(shell),
        Command::Version => version::run(context),
        Command::Man { dir } => completion::pages(dir.as_deref()),
    }
}
