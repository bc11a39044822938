//! A process writes scans and says which were answered; it is killed, and what it said is looked for.

use super::NotTried;
use super::room::{Room, furnish};
use crate::clock::Clock;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Starts the writer in a directory; `true` is the control, which answers too early.
pub type Child<'a> = &'a dyn Fn(&Path, bool) -> Command;

/// Scans between the numbers of two writers.
const APART: u32 = 1_000_000;
/// Most kills: the numbers of scans end there.
const KILLS_MAX: u32 = 2000;
/// Answers before the shortest and the longest life of a writer ends.
const LIVES: std::ops::Range<usize> = 5..120;
/// Kills of the control, of which one has to be caught.
const CONTROLS: u32 = 8;

/// What was killed and found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kills {
    /// Writers that were killed.
    pub kills: u32,
    /// Scans that they had answered, all looked for.
    pub answered: u64,
    /// Of these, not on disk.
    pub lost: u64,
    /// The control's scans that were missed.
    pub control_lost: u64,
}

impl Kills {
    /// Nothing was lost, and the control was caught.
    pub fn is_good(&self) -> bool {
        self.kills > 0 && self.lost == 0 && self.control_lost > 0
    }
}

pub(super) fn kills(dir: &Path, time: Duration, child: Child<'_>, clock: &Clock) -> Result<Kills, NotTried> {
    let mut kills = Kills::default();
    let (good, bad) = (dir.join("kills"), dir.join("too-early"));
    furnish(&good, clock)?;
    furnish(&bad, clock)?;
    let end = clock.elapsed() + time;
    while kills.kills < KILLS_MAX && (kills.kills < 3 || clock.elapsed() < end) {
        let answered = killed(&mut child(&good, false), kills.kills)?;
        kills.kills += 1;
        kills.answered += answered.len() as u64;
        let room = Room::open(&good, clock)?;
        kills.lost += room.missing(answered)?;
        room.close();
    }
    for number in 0..CONTROLS {
        let answered = killed(&mut child(&bad, true), number)?;
        let room = Room::open(&bad, clock)?;
        kills.control_lost += room.missing(answered)?;
        room.close();
        if kills.control_lost > 0 {
            break;
        }
    }
    Ok(kills)
}

/// The scans that a writer answered before it was killed.
fn killed(command: &mut Command, number: u32) -> Result<Vec<u32>, NotTried> {
    let failed = NotTried::file("start a writer to be killed");
    let mut writer =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(failed)?;
    let mut answered = Vec::new();
    if let (Some(mut to), Some(from)) = (writer.stdin.take(), writer.stdout.take()) {
        // Until it hears which scans are its own it writes nothing.
        writeln!(to, "{}", number * APART).map_err(NotTried::file("talk to the writer"))?;
        let mut lines = BufReader::new(from).lines();
        let life = fastrand::usize(LIVES);
        for line in lines.by_ref().take(life).map_while(Result::ok) {
            answered.extend(line.parse::<u32>().ok());
        }
        writer.kill().map_err(NotTried::file("kill the writer"))?;
        // What was answered before the kill is on the way.
        answered.extend(lines.map_while(Result::ok).filter_map(|line| line.parse::<u32>().ok()));
    }
    writer.wait().map_err(NotTried::file("wait for the writer"))?;
    Ok(answered)
}

/// The writer: records scans from the number it is told on, says each that is answered, until it is killed.
///
/// # Errors
/// The store or its own output failed.
pub fn write_until_killed(dir: &Path, too_early: bool, clock: &Clock) -> Result<(), NotTried> {
    let talking = || NotTried::file("talk to the selftest");
    let mut first = String::new();
    std::io::stdin().read_line(&mut first).map_err(talking())?;
    let first: u32 = first.trim().parse().unwrap_or_default();
    let room = Room::open(dir, clock)?;
    let mut out = std::io::stdout();
    let mut say = |number: u32| writeln!(out, "{number}").and_then(|()| out.flush()).map_err(talking());
    for number in first..first + APART {
        if too_early {
            say(number)?;
        }
        room.record(number)?;
        if !too_early {
            say(number)?;
        }
    }
    room.close();
    Ok(())
}
