//! Measuring in pairs.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::work::Run;

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// About how long one round takes, both sides together.
    pub(crate) round: Duration,
}

/// The ratios of all rounds, and what the bare side takes.
pub(crate) struct Measured {
    pub(crate) ratios: Vec<f64>,
    /// In microseconds.
    pub(crate) bare: f64,
}

/// Measures both sides in turns. Machines are noisy, so what counts is the median of the ratios
/// inside rounds.
pub(crate) fn compare(effort: Effort, at_once: usize, mut bare: Run, mut ours: Run) -> Measured {
    let start = Instant::now();
    let mut turns = 0;
    // Warms up, and finds out how many turns fill a round.
    while turns == 0 || start.elapsed() < effort.round {
        black_box((bare(at_once), ours(at_once)));
        turns += 1;
    }
    let mut measured = Measured { ratios: Vec::with_capacity(effort.rounds), bare: 0.0 };
    let mut bare_times = Vec::with_capacity(effort.rounds);
    for _ in 0..effort.rounds {
        let (mut bare_turns, mut our_turns) =
            (Vec::with_capacity(turns), Vec::with_capacity(turns));
        for turn in 0..turns {
            // Neither is always the first.
            if turn % 2 == 0 {
                bare_turns.push(bare(at_once).as_secs_f64());
                our_turns.push(ours(at_once).as_secs_f64());
            } else {
                our_turns.push(ours(at_once).as_secs_f64());
                bare_turns.push(bare(at_once).as_secs_f64());
            }
        }
        // Not the sum: a turn in which the thread lost its CPU would outweigh all others.
        let (bare_turn, our_turn) = (spread(bare_turns).1, spread(our_turns).1);
        measured.ratios.push(our_turn / bare_turn);
        bare_times.push(bare_turn * 1e6 / at_once as f64);
    }
    measured.bare = spread(bare_times).1;
    measured
}

/// Returns the least, the median and the most.
pub(crate) fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().expect("there is a round at least");
    (at(0), at(values.len() / 2), at(values.len() - 1))
}

/// Returns the time that this thread has been on a CPU, where the kernel tells.
pub(crate) fn cpu_time() -> Option<Duration> {
    // The kernel adds up when a thread leaves the CPU, so leave it.
    std::thread::sleep(Duration::from_micros(1));
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split_ascii_whitespace().next()?.parse().ok()?;
    (nanos > 0).then(|| Duration::from_nanos(nanos))
}
