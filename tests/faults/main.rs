//! Faults, and what is left after them: power cuts, failing disks, tampering. All of it on the shipped store, through its
//! public door; the disk is what lies. The last lines are a table, and the exit code says whether anything was lost.
//!
//! `cargo test --test faults` is the short run, `tests/faults/run` the one for every change, `tests/faults/run long` the
//! one for a release.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a test may give up"
)]

mod crash;
mod disk;
mod log;
mod power;
mod room;
mod shim;
mod story;
mod sweep;
mod table;
mod tamper;
mod works;
mod world;

use power::{AtWork, Size};
use std::process::ExitCode;
use story::Trouble;
use table::Table;

/// A scratch directory, in memory where that is possible: what is on it need not outlive the program.
pub(crate) fn scratch() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir()
        && let Ok(dir) = tempfile::tempdir_in(memory)
    {
        return dir;
    }
    tempfile::tempdir().unwrap()
}

/// Threads that work at the same time, each on disks of its own. Two a core: half of the time a store's own threads wait for
/// each other.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get).saturating_mul(2).min(16)
}

/// How much of everything is done.
struct Run {
    days: Size,
    failing: Size,
    work: AtWork,
    control_states: usize,
    /// Every so manieth call fails; 1 is every one.
    stride: u64,
    edits: usize,
    flips: usize,
}

const SHORT: Run = Run {
    days: Size { states: 400, steps: 40, states_a_day: 200 },
    failing: Size { states: 200, steps: 30, states_a_day: 100 },
    work: AtWork { states: 40, chances: 1 },
    control_states: 100,
    stride: 23,
    edits: 60,
    flips: 60,
};
const EVERY_CHANGE: Run = Run {
    days: Size { states: 9_000, steps: 40, states_a_day: 1_000 },
    failing: Size { states: 1_000, steps: 40, states_a_day: 250 },
    work: AtWork { states: 500, chances: 4 },
    control_states: 200,
    stride: 1,
    edits: 500,
    flips: 400,
};
const LONG: Run = Run {
    days: Size { states: 900_000, steps: 60, states_a_day: 2_000 },
    failing: Size { states: 50_000, steps: 60, states_a_day: 1_000 },
    work: AtWork { states: 12_500, chances: 4 },
    control_states: 2_000,
    stride: 1,
    edits: 100_000,
    flips: 100_000,
};

fn main() -> ExitCode {
    shim::install();
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let run = match words.next().as_deref() {
        None => SHORT,
        Some("ci") => EVERY_CHANGE,
        Some("long") => LONG,
        Some("simulate") => return simulate(&words.collect::<Vec<_>>()),
        // A name, as `cargo test NAME` gives it to every program: nothing here is called so.
        Some(_) => return ExitCode::SUCCESS,
    };
    let seed = words.next().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut table = Table::new();
    power_cuts(&run, seed, &mut table);
    let tally = sweep::scans(run.stride);
    table.survives("n-th call fails: scans", &tally);
    for work in works::WORKS {
        let tally = power::work(work, run.work, seed);
        table.survives(&format!("power cut: {}", work.name), &tally);
        let tally = sweep::work(work, run.stride);
        table.survives(&format!("n-th call fails: {}", work.name), &tally);
    }
    tampering(&run, seed, &mut table);
    let [fsyncs, fdatasyncs] = shim::syncs();
    table.note(&format!("syncs seen: {fdatasyncs} by fdatasync, {fsyncs} by fsync"));
    table.expect(fdatasyncs > 0, "SQLite commits by fdatasync");
    table.end()
}

/// `simulate SEEDS [FIRST]` plays so many, `simulate seed SEED` one of them aloud.
fn simulate(words: &[String]) -> ExitCode {
    let number = |at: usize| words.get(at).and_then(|word| word.parse().ok());
    let mut table = Table::new();
    match words.first().map(String::as_str) {
        Some("seed") => world::replay(number(1).unwrap_or(0), &mut table),
        _ => {
            let (seeds, first) = (number(0).unwrap_or(2_000), number(1).unwrap_or(0));
            world::run(first..first + seeds, &mut table);
        }
    }
    table.end()
}

fn power_cuts(run: &Run, seed: u64, table: &mut Table) {
    let tally = power::days(run.days, Trouble::None, seed);
    table.survives("power cut: scans", &tally);
    let tally = power::days(run.failing, Trouble::FailingSync, seed);
    table.survives("power cut after failed syncs", &tally);
    let tally = power::days(run.failing, Trouble::FailingSyncThenKilled, seed);
    table.survives("the same, killed and started between", &tally);
    let tally = power::days(run.failing, Trouble::ClockJumps, seed);
    table.survives("power cut, the clock set back and forward", &tally);
    for (name, tally) in power::controls(run.days.steps, run.control_states) {
        table.is_caught(name, tally.states, tally.unsound, tally.lost, tally.doubled);
    }
}

/// All at the same time, each on files of its own.
fn tampering(run: &Run, seed: u64, table: &mut Table) {
    let story = &story::day(seed, 60, Trouble::None);
    let logs = [("", log::Killed::new(false)), (", after a checkpoint", log::Killed::new(true))];
    std::thread::scope(|scope| {
        let edits = scope.spawn(|| tamper::edits(story, run.edits, seed));
        let flips = scope.spawn(|| tamper::flips(story, run.flips, seed));
        let backups = scope.spawn(|| tamper::flipped_backups(story, run.flips / 4, seed));
        let damages = logs.iter().flat_map(|(name, killed)| {
            log::DAMAGES.map(|(what, how)| {
                let damaged = scope.spawn(move || killed.damaged(how, run.flips, seed));
                (format!("{what} in the WAL{name}"), damaged)
            })
        });
        let damages: Vec<_> = damages.collect();
        let (edits, chainless) = edits.join().unwrap();
        table.finds("edited rows", &edits);
        table.is_caught("control: no hash chain", chainless.changes, chainless.silent, 0, 0);
        table.finds("bits turned in the database", &flips.join().unwrap());
        for (name, damaged) in damages {
            table.tells(&name, &damaged.join().unwrap());
        }
        table.finds("bits turned in a backup", &backups.join().unwrap());
    });
}
