//! Tests that need variables of the environment run once more, in a process that has them.

use std::process::Command;

/// Returns the command that runs one test of the module that calls this, alone, in a process of its
/// own.
macro_rules! child {
    ($test:expr) => {
        $crate::support::child::command(module_path!(), $test)
    };
}

pub(crate) use child;

pub(crate) fn command(module: &str, test: &str) -> Command {
    let (_binary, module) = module.split_once("::").unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([&format!("{module}::{test}"), "--exact"]);
    child
}

/// Runs the test, which must pass.
pub(crate) fn pass(child: &mut Command) {
    let output = child.output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    // If no test has that name, the status is a success too.
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{stdout}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Runs the test while servers of this process respond to it.
#[cfg(feature = "reqwest")]
pub(crate) async fn pass_beside(mut child: Command) {
    tokio::task::spawn_blocking(move || pass(&mut child)).await.unwrap();
}
