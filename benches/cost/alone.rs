//! Work in a process of its own: for figures of a whole process, and under callgrind.

use std::process::{Command, Stdio};

use crate::trust::Trust;
use crate::work::{Side, Work};

/// The argument that makes this program do one side's work, followed by row, side and number of
/// times.
pub(crate) const FLAG: &str = "--alone";

/// What a process tells at its end.
pub(crate) struct Report {
    /// How long the work took, in seconds.
    pub(crate) time: f64,
    /// The most memory that was resident, in MB, where the kernel tells.
    pub(crate) peak: Option<f64>,
}

/// Does the work of one side, and prints a [`Report`].
pub(crate) fn run(work: Work, side: Side, times: usize) {
    let time = work.prepare(side)(times).as_secs_f64();
    println!("{time} {}", peak_memory().unwrap_or_default());
}

/// Starts a process for the work of one side, and waits for it.
pub(crate) fn report(row: &str, side: Side, times: usize) -> Report {
    let trust = Trust::new();
    let mut command =
        command(&std::env::current_exe().unwrap().to_string_lossy(), &[], row, side, times);
    let output = command.env(Trust::VARIABLE, trust.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let (time, peak) = text.trim().split_once(' ').unwrap();
    let peak: f64 = peak.parse().unwrap();
    Report { time: time.parse().unwrap(), peak: (peak > 0.0).then_some(peak) }
}

/// Returns the instructions in user space that one unit of the work takes, without what starting
/// takes. `None` if there is no valgrind.
pub(crate) fn instructions(row: &str, side: Side, times: usize) -> Option<u64> {
    let few = collected(row, side, times)?;
    let many = collected(row, side, 3 * times)?;
    Some(many.saturating_sub(few) / (2 * times) as u64)
}

fn collected(row: &str, side: Side, times: usize) -> Option<u64> {
    let program = std::env::current_exe().unwrap();
    let options =
        ["--tool=callgrind", "--callgrind-out-file=/dev/null", &program.to_string_lossy()];
    let output =
        command("valgrind", &options, row, side, times).stderr(Stdio::piped()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let (_, count) = text.rsplit_once("Collected :")?;
    count.split_whitespace().next()?.parse().ok()
}

fn command(program: &str, options: &[&str], row: &str, side: Side, times: usize) -> Command {
    let side = match side {
        Side::Bare => "bare",
        Side::Ours => "ours",
    };
    let mut command = Command::new(program);
    command.args(options).args([FLAG, row, side, &times.to_string()]);
    command
}

fn peak_memory() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
