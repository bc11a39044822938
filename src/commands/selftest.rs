//! `selftest`: the figures of this machine's disk.

use super::{FOUND, say};
use crate::cli;
use anyhow::{Context, Result};
use outguide::backups::Scratch;
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::selftest::{self, Report};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

pub(super) fn selftest(args: &cli::Selftest) -> Result<ExitCode> {
    let clock = Clock::system();
    if let Some(dir) = &args.write_in {
        selftest::write_until_killed(dir, args.too_early, &clock)?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(&args.config.config)?;
    let own = std::env::current_exe().context("the program does not find itself")?;
    let child = |dir: &Path, too_early: bool| {
        let mut command = Command::new(&own);
        command.args(["selftest", "--write-in"]).arg(dir);
        if too_early {
            command.arg("--too-early");
        }
        command
    };
    let scratch = Scratch::beside(&config.data_dir, "selftest")?;
    say(&format!(
        "in {}, which is removed afterwards; about {} seconds",
        scratch.path().display(),
        args.seconds
    ));
    let report = selftest::run(scratch.path(), Duration::from_secs(args.seconds), &child, &clock)?;
    say_report(&report);
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

fn say_report(report: &Report) {
    let Report { syncs, kills, cuts, bits } = report;
    let micros = |(middle, slow): (Duration, Duration)| {
        format!("{} us, one in a hundred {} us", middle.as_micros(), slow.as_micros())
    };
    say(&format!("sync         {:.0} a second; {}", syncs.a_second, micros(syncs.sync)));
    if !syncs.is_plausible() {
        say(
            "             FOUND: faster than any disk; this one is in memory, or says it has what it has not. Pull the plug to be sure",
        );
    }
    say(&format!("commit       a scan is on disk in {}", micros(syncs.commit)));
    say(&format!(
        "kills        {} kills of a writer, {} answered scans looked for, {} lost",
        kills.kills, kills.answered, kills.lost
    ));
    say(&format!("             control, answered before it was written: {}", caught(kills.control_lost > 0)));
    say(
        "             shows that nothing is answered before it is written; not that what is written is on the disk,",
    );
    say("             for memory outlives a killed program");
    say(&format!(
        "power cuts   {} played, {} answered scans looked for, {} lost",
        cuts.states, cuts.answered, cuts.lost
    ));
    say(&format!("             control, answered before it was synced: {}", caught(cuts.control_lost > 0)));
    say(
        "             shows what is left if the disk keeps what it was told to; whether it does, a pulled plug shows",
    );
    say(&format!(
        "turned bits  {} in the database: {} named by verify, {} in bytes that say nothing, {} in names or labels, which no chain covers",
        bits.turned, bits.named, bits.harmless, bits.in_lists
    ));
    say(&format!(
        "             {} in the write-ahead log: {} put right or told at the next start, {} silent",
        bits.turned_in_log, bits.told_of_log, bits.silent
    ));
    say(&format!(
        "             control, in the middle of scans: {}",
        caught(bits.controls > 0 && bits.controls == bits.controls_named)
    ));
    say(if report.is_good() {
        "ok: nothing was lost, and every control was caught"
    } else {
        "FOUND: see above; do not trust this disk or this program with charts"
    });
}

fn caught(is_caught: bool) -> &'static str {
    if is_caught { "caught" } else { "MISSED: these checks cannot fail" }
}
