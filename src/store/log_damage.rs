//! What is done about a damaged write-ahead log before SQLite reads it: a copy is kept, single wrong bits are put right, and
//! what cannot be is told. SQLite itself would drop every commit behind the damage in silence.

use super::backup::file_error;
use super::chain::Heads;
use super::open::{self, sync_directory, with_suffix};
use super::place::Place;
use super::wal::{Seen, Wal};
use super::{StoreError, lock, timestamp};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How the copy of a damaged log is called: the log's name and this.
const ASIDE: &str = ".damaged-";
/// Most copies of the same second.
const SAME_SECOND_MAX: u32 = 100;
/// Bytes of two files that are compared at a time.
const COMPARED_BYTES: usize = 64 * 1024;
/// How often a log that somebody writes to is read until two readings agree.
const READINGS_MAX: u32 = 5;

/// What was wrong with the log, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Damage {
    /// Single bits had turned, and the checksums gave them away: nothing is lost.
    Mended { bits: usize },
    /// All of it had been moved into the database already: nothing is lost.
    Settled { frame: u64 },
    /// The log ends before what the database has of it, and would hide that; the database by itself is sound.
    Behind,
    /// Commits that had been answered are gone.
    Lost { frame: u64, commits: u64 },
}

impl Damage {
    /// For the log, the audit log and `verify`.
    pub(super) fn told(&self) -> String {
        match self {
            Damage::Mended { bits: 1 } => {
                "one bit of the write-ahead log had turned and was put right; nothing is lost, but the disk may be failing"
                    .to_owned()
            }
            Damage::Mended { bits } => format!(
                "{bits} bits of the write-ahead log had turned and were put right; nothing is lost, but the disk may be failing"
            ),
            Damage::Settled { frame } => format!(
                "the write-ahead log is damaged in frame {frame}; all of it was in the database already, nothing is lost, but the disk may be failing"
            ),
            Damage::Behind => {
                "the end of the write-ahead log was gone, and the rest did not fit the database; the database by itself is sound and has more, so the log was taken away: look whether what was scanned last is there, run `outguide verify`, and have the disk looked at"
                    .to_owned()
            }
            Damage::Lost { frame, commits } => format!(
                "the write-ahead log is damaged in frame {frame}: {commits} commits from there on are LOST, scans among them may have been answered green; scan again what was scanned last, run `outguide verify`, and have the disk looked at"
            ),
        }
    }
}

/// What would be done about the log, without doing it. Somebody may be writing to it meanwhile.
pub(super) fn look(place: &Place) -> Result<Option<Damage>, StoreError> {
    let path = log(place);
    let once = || -> std::io::Result<(Seen, bool)> {
        let Some(wal) = Wal::open(&path)? else { return Ok((Seen::default(), false)) };
        let seen = wal.look()?;
        let settled = pages_in_database(&wal, &seen, &place.db())?.is_some();
        Ok((seen, settled))
    };
    let mut before = once().map_err(file_error("read", &path))?;
    for _ in 0..READINGS_MAX {
        if before.0.is_honest() && !before.1 {
            let is_open = lock::holder(place).is_some();
            return Ok((!is_open && is_behind(place)).then_some(Damage::Behind));
        }
        let again = once().map_err(file_error("read", &path))?;
        if again == before {
            return Ok(damage(&before.0, before.1));
        }
        before = again;
    }
    // It changes from one reading to the next: somebody writes, and nothing of it stays.
    Ok(None)
}

/// Puts a damaged log right as far as that goes, having kept a copy of it; tells what was done, and where the copy is. Must
/// come before SQLite opens the database for writing; the caller holds the lock.
pub(super) fn mend(place: &Place, now_us: i64) -> Result<Option<(Damage, PathBuf)>, StoreError> {
    let path = log(place);
    let reading = |cause| file_error("read", &path)(cause);
    let Some(wal) = Wal::open(&path).map_err(reading)? else { return Ok(None) };
    let seen = wal.look().map_err(reading)?;
    let pages = pages_in_database(&wal, &seen, &place.db()).map_err(reading)?;
    let is_behind = seen.is_honest() && pages.is_none() && is_behind(place);
    if seen.is_honest() && pages.is_none() && !is_behind {
        return Ok(None);
    }
    let aside = aside(place, &path, now_us)?;
    let writing = |cause| file_error("put right", &path)(cause);
    let file = OpenOptions::new().write(true).open(&path).map_err(writing)?;
    for fix in &seen.fixes {
        file.write_all_at(&[fix.byte], fix.at).map_err(writing)?;
    }
    if is_behind {
        file.set_len(0).and_then(|()| file.sync_all()).map_err(writing)?;
        return Ok(Some((Damage::Behind, aside)));
    }
    if let Some(pages) = &pages {
        write_again(&place.db(), wal.page_bytes(), pages)?;
        file.set_len(0).map_err(writing)?;
    } else if seen.is_lossy() {
        // As SQLite takes it. Cut off, what is behind cannot be told a second time.
        file.set_len(seen.sound_bytes).map_err(writing)?;
    }
    file.sync_all().map_err(writing)?;
    Ok(damage(&seen, pages.is_some()).map(|damage| (damage, aside)))
}

/// The copies of damaged logs that lie beside the database, oldest first: somebody has to look at them.
pub(super) fn kept(place: &Place) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(&place.dir) else { return Vec::new() };
    let begin = with_suffix(&log(place), ASIDE);
    let begin = begin.file_name().unwrap_or_default().as_encoded_bytes().to_owned();
    let is_copy =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(&begin));
    let mut copies: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(is_copy).collect();
    copies.sort();
    copies
}

/// Whether the database by itself is sound and with its log is not, or has less, which never is so unless the end of the log
/// is gone: a checkpoint moves what is in the log, and leaves it there. With older pages from the log over newer ones of the
/// database, nothing would fit.
fn is_behind(place: &Place) -> bool {
    if !std::fs::metadata(log(place)).is_ok_and(|log| log.len() > 0) {
        return false;
    }
    let alone = open::alone(place).ok().and_then(|conn| Heads::load_checked(&conn).ok());
    let Some(alone) = alone else { return false };
    let alone = [alone.scan.no, alone.movement.no, alone.audit.no];
    let both = open::reader(place).and_then(|conn| {
        let numbers = Heads::numbers(&conn)?;
        // Only what does not make sense counts against the log; what cannot be read says nothing.
        Ok((numbers, Heads::load_checked(&conn).is_err_and(|error| error.is_damage())))
    });
    match both {
        Ok((both, is_damaged)) => {
            let has_less = both.iter().zip(&alone).any(|(both, alone)| both < alone);
            let has_more = both.iter().zip(&alone).any(|(both, alone)| both > alone);
            has_less || (is_damaged && !has_more)
        }
        Err(error) => error.is_damage(),
    }
}

fn log(place: &Place) -> PathBuf {
    with_suffix(&place.db(), "-wal")
}

fn damage(seen: &Seen, is_settled: bool) -> Option<Damage> {
    match seen.broken_frame {
        Some(frame) if is_settled => Some(Damage::Settled { frame }),
        Some(frame) if seen.is_lossy() => Some(Damage::Lost { frame, commits: seen.commits_behind }),
        _ if seen.fixes.is_empty() => None,
        _ => Some(Damage::Mended { bits: seen.fixes.len() }),
    }
}

/// The copy of the damaged log: the one of a try before this, which a failing disk ended, or a new one.
fn aside(place: &Place, path: &Path, now_us: i64) -> Result<PathBuf, StoreError> {
    match kept(place).pop().filter(|copy| is_copy(copy, path)) {
        Some(copy) => Ok(copy),
        None => keep(path, now_us),
    }
}

/// Copies the damaged log beside itself, under a name that nothing has, and puts the copy on disk.
fn keep(path: &Path, now_us: i64) -> Result<PathBuf, StoreError> {
    let name = with_suffix(path, &format!("{ASIDE}{}", timestamp(now_us).strftime("%Y%m%dT%H%M%SZ")));
    for number in 1..SAME_SECOND_MAX {
        let aside = if number == 1 { name.clone() } else { with_suffix(&name, &format!("-{number}")) };
        let failed = |cause| file_error("keep a copy of the damaged write-ahead log in", &aside)(cause);
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside);
        let mut copy = match made {
            Ok(copy) => copy,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(failed(error)),
        };
        let copied = File::open(path)
            .and_then(|mut log| std::io::copy(&mut log, &mut copy))
            .and_then(|_| copy.sync_all());
        if let Err(error) = copied {
            // Half a copy is none.
            drop(std::fs::remove_file(&aside));
            return Err(failed(error));
        }
        lock::give_to_owner(&aside);
        sync_directory(&aside)?;
        return Ok(aside);
    }
    Err(StoreError::Exists { path: name })
}

/// Whether two files hold the same; `false` if that cannot be told.
fn is_copy(one: &Path, other: &Path) -> bool {
    let open = |path: &Path| File::open(path).map(|file| BufReader::with_capacity(COMPARED_BYTES, file));
    let same = || -> std::io::Result<bool> {
        if std::fs::metadata(one)?.len() != std::fs::metadata(other)?.len() {
            return Ok(false);
        }
        let (mut one, mut other) = (open(one)?, open(other)?);
        loop {
            let (left, right) = (one.fill_buf()?, other.fill_buf()?);
            let bytes = left.len().min(right.len());
            if left.get(..bytes) != right.get(..bytes) {
                return Ok(false);
            }
            if bytes == 0 {
                return Ok(left.len() == right.len());
            }
            one.consume(bytes);
            other.consume(bytes);
        }
    };
    same().unwrap_or(false)
}

/// Every page that the log holds, as it stands in the database, if that is what the log would make of it: then a
/// checkpoint had moved all of it there.
fn pages_in_database(wal: &Wal, seen: &Seen, db: &Path) -> std::io::Result<Option<HashMap<u32, Vec<u8>>>> {
    if seen.broken_frame.is_none() || seen.commits_behind == 0 {
        return Ok(None);
    }
    let (mut newest, mut end) = (HashMap::new(), 0);
    for number in 1..=wal.frames() {
        let frame = wal.frame(number)?;
        if !wal.is_of_this_round(&frame) || seen.broken_frame == Some(number) {
            continue;
        }
        newest.insert(frame.page_no, number);
        if frame.commit != 0 {
            end = number;
        }
    }
    // Frames behind the last commit count for nothing; without any there is nothing to compare.
    if end == 0 || newest.values().any(|number| *number > end) {
        return Ok(None);
    }
    let (database, page_bytes) = (File::open(db)?, wal.page_bytes());
    let mut pages = HashMap::new();
    for (page_no, number) in newest {
        let mut page = vec![0; page_bytes];
        let at = u64::from(page_no).saturating_sub(1) * page_bytes as u64;
        if database.read_exact_at(&mut page, at).is_err() || page != wal.frame(number)?.page {
            return Ok(None);
        }
        pages.insert(page_no, page);
    }
    Ok(Some(pages))
}

/// Writes pages of the database over themselves and syncs them: the checkpoint that moved them may not have come so far.
fn write_again(db: &Path, page_bytes: usize, pages: &HashMap<u32, Vec<u8>>) -> Result<(), StoreError> {
    let failed = |cause| file_error("put on disk again", db)(cause);
    let file = OpenOptions::new().write(true).open(db).map_err(failed)?;
    for (page_no, page) in pages {
        let at = u64::from(*page_no).saturating_sub(1) * page_bytes as u64;
        file.write_all_at(page, at).map_err(failed)?;
    }
    file.sync_all().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_one_to_the_last_byte() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let long = vec![7; 3 * COMPARED_BYTES + 5];
        let log = file("log", &long);
        let mut other = long.clone();
        assert!(is_copy(&file("same", &long), &log));
        assert!(!is_copy(&file("shorter", &long[1..]), &log));
        other[3 * COMPARED_BYTES + 4] = 8;
        assert!(!is_copy(&file("other", &other), &log));
        assert!(!is_copy(&dir.path().join("none"), &log));
        assert!(is_copy(&file("empty", b""), &file("empty too", b"")));
    }

    /// A disk that fails while a damaged log is put right is tried every second: not a copy each time.
    #[test]
    fn a_damaged_log_that_cannot_be_put_right_is_kept_once() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::new(dir.path());
        std::fs::write(log(&place), b"damaged").unwrap();
        let first = aside(&place, &log(&place), 1_000_000).unwrap();
        assert_eq!(aside(&place, &log(&place), 2_000_000).unwrap(), first);
        std::fs::write(log(&place), b"damaged, and put right by half").unwrap();
        assert_ne!(aside(&place, &log(&place), 3_000_000).unwrap(), first);
        assert_eq!(kept(&place).len(), 2);
    }
}
