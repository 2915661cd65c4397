//! What this crate costs beside the bare libraries that it stands on: ratios, for people to read.
//!
//! `cargo bench --no-default-features --features reqwest,test-util,tracing --bench cost`, and after
//! ` -- ` a word that the rows to measure have in them, such as `sign`. The rows `start` need a
//! feature for TLS, such as `rustls-no-provider`. `taskset -c 1` before it steadies the figures of
//! calls, which depend on the CPU that the server wakes on.
//!
//! Machines are noisy, and absolute times mean little. So each pair is measured in turns within one
//! run, and what counts is the median of the rounds' ratios. Instructions are exact, and are
//! counted where valgrind is installed. The goals judge nothing: the exit code is 0 whatever the
//! figures.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails loudly")]
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]
#![allow(clippy::cast_precision_loss, reason = "nanoseconds and counts are far below 2^52")]

mod alone;
mod bare;
mod data;
mod measure;
mod stub;
mod trust;
mod work;

use std::time::Duration;

use self::measure::{Effort, Measured, compare, cpu_time, spread};
use self::work::{Scheme, Side, Work};

/// A line of the table.
struct Row {
    name: &'static str,
    work: Work,
    /// How often the work is done in one turn. Few for a signature, as in life: then what it
    /// allocates comes from the allocator's cache.
    at_once: usize,
    /// The ratio to the bare side.
    goal: f64,
}

const ROWS: [Row; 12] = [
    Row { name: "sign a list request", work: Work::SignList, at_once: 8, goal: 1.40 },
    Row { name: "sign a create request", work: Work::SignCreate, at_once: 8, goal: 1.15 },
    Row { name: "call list, 1 notification", work: Work::List(1), at_once: 100, goal: 1.03 },
    Row { name: "call create", work: Work::Create, at_once: 100, goal: 1.05 },
    Row { name: "call list, 100 notifications", work: Work::List(100), at_once: 20, goal: 1.00 },
    Row { name: "64 calls in flight", work: Work::InFlight(64), at_once: 640, goal: 1.03 },
    Row { name: "1000 calls in flight", work: Work::InFlight(1000), at_once: 2000, goal: 1.05 },
    Row { name: "decode 100 notifications", work: Work::Decode(100), at_once: 10, goal: 0.95 },
    Row { name: "decode 1000 notifications", work: Work::Decode(1000), at_once: 1, goal: 0.95 },
    Row { name: "backtest 100000 traces", work: Work::Backtest(100_000), at_once: 1, goal: 1.20 },
    Row {
        name: "start to first response",
        work: Work::Start(Scheme::Http),
        at_once: 1,
        goal: 0.40,
    },
    Row { name: "start on https", work: Work::Start(Scheme::Https), at_once: 1, goal: 1.00 },
];

/// The rows whose instructions are counted, how often their work is done for that, and the goal in
/// thousands.
const INSTRUCTIONS: [(&str, usize, Option<u64>); 6] = [
    ("sign a list request", 100, None),
    ("sign a create request", 100, None),
    ("call list, 1 notification", 50, Some(150)),
    ("call create", 50, None),
    ("call list, 100 notifications", 5, None),
    ("decode 1000 notifications", 2, None),
];

/// What grows with the number of targets: all of it in proportion.
const SCALE: [(&str, usize); 3] = [
    ("rollout, 100 targets", 100),
    ("rollout, 1,000 targets", 1_000),
    ("rollout, 10,000 targets", 10_000),
];

/// Whether the bare side sets TLS up when it starts, which is the floor of the row.
const HAS_TLS: bool =
    cfg!(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"));

fn main() {
    // reqwest wants one in each process, even if nothing is encrypted.
    #[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
    let _ = rustls::crypto::ring::default_provider().install_default();
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [flag @ (stub::FLAG | stub::ENCRYPTED_FLAG), body] => {
            stub::run(flag, stub::Body::from_arg(body));
        }
        [alone::FLAG, name, side, times] => {
            let scale = SCALE
                .iter()
                .find(|(scale, _)| *scale == name)
                .map(|(_, targets)| Work::Rollout(*targets));
            let work = ROWS.iter().find(|row| row.name == name).map(|row| row.work).or(scale);
            let side = if side == "bare" { Side::Bare } else { Side::Ours };
            alone::run(work.expect("there is such a row"), side, times.parse().unwrap());
        }
        _ => table(&args),
    }
}

fn table(args: &[String]) {
    // `cargo bench` says `--bench`; `cargo test --benches` does not, and only wants to know that
    // this runs.
    let (flags, words): (Vec<_>, Vec<_>) = args.iter().partition(|arg| arg.starts_with('-'));
    let full =
        flags.iter().any(|flag| *flag == "--bench") && !flags.iter().any(|flag| *flag == "--test");
    let is_asked =
        |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let effort = if full {
        Effort { rounds: 15, round: Duration::from_millis(300) }
    } else {
        Effort { rounds: 1, round: Duration::ZERO }
    };

    println!(
        "\nThe cost of huaweicloud-cts beside that of the bare libraries: ratios of {} rounds\n",
        effort.rounds
    );
    println!(
        "{:<30} {:>6} {:>14}   {:<8} {:<7} {:>10}",
        "", "ratio", "min .. max", "goal", "", "bare takes"
    );
    let mut missed = Vec::new();
    for row in ROWS.iter().filter(|row| is_asked(row.name)) {
        row.work.check();
        let is_start = matches!(row.work, Work::Start(_));
        if is_start && !HAS_TLS {
            println!(
                "{:<30} !! SKIPPED: it needs TLS. Add rustls-no-provider to the features",
                row.name
            );
            continue;
        }
        let measured = if is_start {
            started(row, effort)
        } else {
            compare(effort, row.at_once, row.work.prepare(Side::Bare), row.work.prepare(Side::Ours))
        };
        let Measured { ratios, bare } = measured;
        missed.extend(line(row.name, ratios, row.goal, &format!("{bare:.2} µs")));
        if let Work::InFlight(1000) = row.work {
            missed.extend(peaks(row, effort));
        }
    }
    instructions(full, is_asked, &mut missed);
    scale(full, is_asked);
    if cpu_time().is_none() {
        println!(
            "\n!! No CPU time in /proc/thread-self/schedstat: the calls were measured in WALL TIME, server and"
        );
        println!(
            "!! scheduling included. Their ratios are too near to 1 and too noisy to be of use."
        );
    }
    if full {
        println!(
            "\nMissed: {}",
            if missed.is_empty() { "none".to_owned() } else { missed.join(", ") }
        );
    } else {
        println!("\nOne tiny round, to see that it runs. For figures: cargo bench --bench cost");
    }
}

/// Prints a row, and returns its name if it misses its goal.
fn line(name: &str, ratios: Vec<f64>, goal: f64, bare: &str) -> Option<String> {
    let (least, ratio, most) = spread(ratios);
    let verdict = if ratio <= goal { "met" } else { "MISSED" };
    let range = format!("{least:.2} .. {most:.2}");
    println!("{name:<30} {ratio:>6.2} {range:>14}   ≤ {goal:<6.2} {verdict:<7} {bare:>10}");
    (ratio > goal).then(|| name.to_owned())
}

/// Starts a process for each side in turns.
fn started(row: &Row, effort: Effort) -> Measured {
    let mut ratios = Vec::new();
    let mut bare_times = Vec::new();
    for _ in 0..effort.rounds {
        let bare = alone::report(row.name, Side::Bare, 1).time;
        ratios.push(alone::report(row.name, Side::Ours, 1).time / bare);
        bare_times.push(bare * 1e6);
    }
    Measured { ratios, bare: spread(bare_times).1 }
}

/// Compares the most memory that a process has which makes the calls.
fn peaks(row: &Row, effort: Effort) -> Option<String> {
    let mut ratios = Vec::new();
    let mut bare_peaks = Vec::new();
    for _ in 0..effort.rounds.min(5) {
        let peak = |side| alone::report(row.name, side, row.at_once).peak;
        let (bare, ours) = (peak(Side::Bare)?, peak(Side::Ours)?);
        ratios.push(ours / bare);
        bare_peaks.push(bare);
    }
    line(&format!("{}, memory", row.name), ratios, 1.00, &format!("{:.1} MB", spread(bare_peaks).1))
}

fn instructions(full: bool, is_asked: impl Fn(&str) -> bool, missed: &mut Vec<String>) {
    if !full || !INSTRUCTIONS.iter().any(|(name, ..)| is_asked(name)) {
        return;
    }
    println!(
        "\n{:<30} {:>10} {:>10} {:>6}   {:<8}",
        "Thousand instructions", "bare", "ours", "ratio", "goal"
    );
    for (name, times, goal) in INSTRUCTIONS.into_iter().filter(|(name, ..)| is_asked(name)) {
        let count = |side| alone::instructions(name, side, times).map(|count| count as f64 / 1e3);
        let (Some(bare), Some(ours)) = (count(Side::Bare), count(Side::Ours)) else {
            println!(
                "!! SKIPPED: instructions are counted by valgrind --tool=callgrind, which does not run here"
            );
            return;
        };
        let is_missed = goal.is_some_and(|goal| ours > goal as f64);
        let verdict =
            goal.map(|goal| format!("≤ {goal} k {}", if is_missed { "MISSED" } else { "met" }));
        println!(
            "{name:<30} {bare:>10.1} {ours:>10.1} {:>6.2}   {}",
            ours / bare,
            verdict.unwrap_or_default()
        );
        missed.extend(is_missed.then(|| format!("{name}, instructions")));
    }
}

/// Prints what a rollout takes, for its growth.
fn scale(full: bool, is_asked: impl Fn(&str) -> bool) {
    let asked: Vec<_> = SCALE.into_iter().filter(|(name, _)| full && is_asked(name)).collect();
    if !asked.is_empty() {
        println!("\n{:<30} {:>14} {:>14}", "", "per target", "whole process");
    }
    for (name, targets) in asked {
        let report = alone::report(name, Side::Ours, 1);
        let micros = report.time * 1e6 / targets as f64;
        println!("{name:<30} {micros:>11.1} µs {:>11.1} MB", report.peak.unwrap_or_default());
    }
}
