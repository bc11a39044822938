//! Power cuts, played: the files as they would be if the power had gone just after a scan was answered, with nothing, some or
//! torn parts of what was written later. On the assumption that a sync is one.

use super::NotTried;
use super::room::{Room, furnish};
use crate::clock::Clock;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SCANS: u32 = 80;
const SECTOR: usize = 512;
const CONTROLS: u32 = 5;

/// What was cut and found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cuts {
    /// States of the files that were put together and opened.
    pub states: u32,
    /// Scans that had been answered by then, all looked for.
    pub answered: u64,
    /// Of these, not on disk.
    pub lost: u64,
    /// The control's, which had been answered before they were synced.
    pub control_lost: u64,
}

impl Cuts {
    /// Nothing was lost, and the control was caught.
    pub fn is_good(&self) -> bool {
        self.states > 0 && self.lost == 0 && self.control_lost > 0
    }
}

/// A database, its log, and how long that was when each scan had been answered.
pub(super) struct Tape {
    pub(super) database: Vec<u8>,
    pub(super) log: Vec<u8>,
    answered_at: Vec<usize>,
}

impl Tape {
    pub(super) fn record(dir: &Path, clock: &Clock) -> Result<Tape, NotTried> {
        let reading = || NotTried::file("read its database");
        furnish(dir, clock)?;
        let (db, log) = (dir.join("outguide.db"), dir.join("outguide.db-wal"));
        // Closed in order, the log is in the database; then the stations are known, and the log holds scans alone.
        Room::open(dir, clock)?.close();
        let database = std::fs::read(&db).map_err(reading())?;
        let room = Room::open(dir, clock)?;
        let mut answered_at = Vec::new();
        for number in 0..SCANS {
            room.record(number)?;
            let length = std::fs::metadata(&log).map_err(reading())?.len();
            answered_at.push(usize::try_from(length).unwrap_or(usize::MAX));
        }
        let bytes = std::fs::read(&log).map_err(reading())?;
        room.close();
        Ok(Tape { database, log: bytes, answered_at })
    }

    /// The scans on it.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        0..SCANS
    }
}

/// Puts database and log into a new directory.
pub(super) fn put(dir: &Path, database: &[u8], log: &[u8]) -> Result<PathBuf, NotTried> {
    let state = dir.join("state");
    match std::fs::remove_dir_all(&state) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(NotTried::file("empty a directory")(error));
        }
        _ => {}
    }
    std::fs::create_dir_all(&state)
        .and_then(|()| std::fs::write(state.join("outguide.db"), database))
        .and_then(|()| std::fs::write(state.join("outguide.db-wal"), log))
        .map_err(NotTried::file("put files together"))?;
    Ok(state)
}

pub(super) fn cuts(dir: &Path, time: Duration, clock: &Clock) -> Result<Cuts, NotTried> {
    let tape = Tape::record(&dir.join("tape"), clock)?;
    let mut cuts = Cuts::default();
    let end = clock.elapsed() + time;
    while cuts.states < 10 || clock.elapsed() < end {
        let last = fastrand::usize(..tape.answered_at.len());
        let state = put(dir, &tape.database, &with_rest(&tape, last))?;
        cuts.states += 1;
        let answered = u32::try_from(last).unwrap_or_default() + 1;
        cuts.answered += u64::from(answered);
        cuts.lost += lost(&state, answered, clock)?;
    }
    for _ in 0..CONTROLS {
        // As if the last scan had been answered before the sync: what holds it is gone.
        let last = fastrand::usize(1..tape.answered_at.len());
        let kept =
            tape.answered_at.get(last - 1).and_then(|length| tape.log.get(..*length)).unwrap_or_default();
        let state = put(dir, &tape.database, kept)?;
        cuts.control_lost += lost(&state, u32::try_from(last).unwrap_or_default() + 1, clock)?;
    }
    Ok(cuts)
}

fn lost(state: &Path, answered: u32, clock: &Clock) -> Result<u64, NotTried> {
    let room = Room::open(state, clock)?;
    let lost = room.missing(0..answered)?;
    room.close();
    Ok(lost)
}

/// The log up to the answer of scan `last`, and of the commit after it what the disk happened to have.
fn with_rest(tape: &Tape, last: usize) -> Vec<u8> {
    let synced = tape.answered_at.get(last).copied().unwrap_or_default();
    let next = tape.answered_at.get(last + 1).copied().unwrap_or(synced);
    let mut log = tape.log.get(..synced).unwrap_or_default().to_vec();
    let mut rest = tape.log.get(synced..next).unwrap_or_default().to_vec();
    match fastrand::u8(..4) {
        0 => rest.clear(),
        1 => rest.truncate(fastrand::usize(..=rest.len())),
        2 => rest.chunks_mut(SECTOR).filter(|_| fastrand::bool()).for_each(|sector| sector.fill(0)),
        _ => {}
    }
    log.extend(rest);
    log
}
