//! Completion scripts and manual pages.

use std::path::Path;

use clap::CommandFactory as _;

use crate::args::Cli;
use crate::exit::{Exit, Failure};
use crate::screen;

pub(crate) fn script(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cts", &mut script);
    screen::raw(&script)?;
    Ok(Exit::Done)
}

pub(crate) fn pages(dir: Option<&Path>) -> Result<Exit, Failure> {
    if let Some(dir) = dir {
        clap_mangen::generate_to(Cli::command(), dir)?;
    } else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        screen::raw(&page)?;
    }
    Ok(Exit::Done)
}
