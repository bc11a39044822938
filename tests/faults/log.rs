//! The write-ahead log damaged between a kill and the next start: bits turned, bytes overwritten, the end cut off. What was
//! answered green is there afterwards, or its loss is told; only the last commit may look like one that a power cut tore.

use crate::room::{self, Open, wait};
use crate::works::{a_room, volume};
use outguide::store::{Place, damaged_logs, verify};
use std::path::Path;

/// What so many damaged logs came to.
#[derive(Debug, Default, Clone)]
pub(crate) struct Damaged {
    pub(crate) changes: usize,
    /// Told, and every answered scan is there.
    pub(crate) mended: usize,
    /// Told, and scans are gone.
    pub(crate) told: usize,
    /// Not told, and every answered scan is there.
    pub(crate) harmless: usize,
    /// Not told, and as much is gone as a power cut takes: the last commit; of a log that was cut, what was cut off.
    pub(crate) as_by_power: usize,
    /// `verify` names it before the start.
    pub(crate) verified: usize,
    /// Not told, and scans are gone, or the room is not sound.
    pub(crate) silent: usize,
    pub(crate) first: Option<String>,
}

/// How the log is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Bit,
    /// A sector reads as zeros.
    Sector,
    Cut,
}

/// Each way, and what came of it.
pub(crate) const DAMAGES: [(&str, How); 3] =
    [("bits turned", How::Bit), ("sectors lost", How::Sector), ("end cut off", How::Cut)];

/// Database and log as a kill leaves them, and what was answered until then.
pub(crate) struct Killed {
    database: Vec<u8>,
    log: Vec<u8>,
    scans: Vec<String>,
}

const SCANS: usize = 40;

impl Killed {
    /// With the log moved into the database before the kill, or not.
    #[expect(
        clippy::disallowed_methods,
        reason = "the store checkpoints when it is idle; here it has no time to"
    )]
    pub(crate) fn new(checkpointed: bool) -> Killed {
        let dir = crate::scratch();
        a_room(dir.path());
        let clock = room::clock();
        let open = Open::new(dir.path(), &clock).unwrap();
        for count in 1..=SCANS {
            wait(open.store.record(volume(&open, &clock, count))).unwrap();
        }
        if checkpointed {
            let conn = rusqlite::Connection::open(dir.path().join("outguide.db")).unwrap();
            conn.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())).unwrap();
            // Closed behind the store's back it would take the log with it.
            std::mem::forget(conn);
        }
        let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
        let (database, log) = (read("outguide.db"), read("outguide.db-wal"));
        let scans = scans(dir.path()).unwrap();
        open.close();
        Killed { database, log, scans }
    }

    fn put(&self, dir: &Path, log: &[u8]) {
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            std::fs::remove_file(entry.path()).unwrap();
        }
        std::fs::write(dir.join("outguide.db"), &self.database).unwrap();
        std::fs::write(dir.join("outguide.db-wal"), log).unwrap();
    }

    /// Damages the log so often, and starts.
    pub(crate) fn damaged(&self, how: How, count: usize, seed: u64) -> Damaged {
        let mut random = fastrand::Rng::with_seed(seed);
        let dir = crate::scratch();
        let mut damaged = Damaged::default();
        for _ in 0..count {
            let at = random.usize(..self.log.len());
            let mut log = self.log.clone();
            match how {
                How::Bit => log[at] ^= 1 << random.u8(..8),
                How::Sector => {
                    let at = at / 512 * 512;
                    let end = log.len().min(at + 512);
                    log[at..end].fill(0);
                }
                How::Cut => log.truncate(at),
            }
            damaged.changes += 1;
            self.put(dir.path(), &log);
            self.start(dir.path(), &format!("{how:?} at byte {at}"), how, &mut damaged);
        }
        damaged
    }

    fn start(&self, dir: &Path, what: &str, how: How, damaged: &mut Damaged) {
        let place = Place::new(dir);
        let before = verify(&place, &mut |_, _| ());
        damaged.verified += usize::from(before.map_or(true, |report| !report.findings.is_empty()));
        let opened = Open::new(dir, &room::clock());
        let (is_told, is_sound) = match opened {
            // Refused with a reason is told, too.
            Err(_) => (true, true),
            Ok(open) => {
                open.close();
                let told = !damaged_logs(&place).is_empty();
                let findings = verify(&place, &mut |_, _| ()).map(|report| report.findings);
                (told, findings.is_ok_and(|findings| findings.is_empty()))
            }
        };
        let now = scans(dir).unwrap_or_default();
        let is_whole = now == self.scans;
        let is_beginning = self.scans.starts_with(&now);
        let lost = self.scans.len() - now.len().min(self.scans.len());
        match (is_told, is_whole, is_sound) {
            (true, true, true) => damaged.mended += 1,
            (true, _, _) => damaged.told += 1,
            (false, true, true) => damaged.harmless += 1,
            (false, false, true) if is_beginning && (lost == 1 || how == How::Cut) => {
                damaged.as_by_power += 1
            }
            _ => {
                damaged.silent += 1;
                damaged.first.get_or_insert(format!("{what}: {lost} scans gone, sound: {is_sound}"));
            }
        }
    }
}

/// The journal.
#[expect(clippy::disallowed_methods, reason = "the check must not lean on what it checks")]
fn scans(dir: &Path) -> rusqlite::Result<Vec<String>> {
    let conn = rusqlite::Connection::open(dir.join("outguide.db"))?;
    conn.prepare("select scan_no || ' ' || hex(hash) from scan order by scan_no")?
        .query_map([], |row| row.get(0))?
        .collect()
}
