//! Copies a database while it is in use, and puts a copy back.

use super::chain::Heads;
use super::open::{self, sync_directory, with_suffix};
use super::place::Place;
use super::record::{AuditRow, insert_audit};
use super::verify::{Progress, VerifyReport, verify_connection};
use super::{StoreError, archive, exchange, lock, micros, migrate, upgrade};
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a database and the files beside it end in.
pub(super) const PARTS: [&str; 4] = ["-journal", "-wal", "-shm", ""];
/// Pages that are copied in one go while the database is in use: 1 MB.
const PAGES_AT_ONCE: i32 = 256;
/// How long scans have the disk to themselves after each.
const PAUSE: Duration = Duration::from_millis(2);

/// What a backup or restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// The file that was written.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// What its verification saw; a report with findings never gets this far.
    pub verified: VerifyReport,
    /// Where the database that stood in the way was put.
    pub moved_aside: Option<PathBuf>,
}

/// Copies the database in `place` to `file`: one moment in time, verified, and either whole or not there. A database of an
/// older version is compared with its copy instead.
///
/// # Errors
/// `file` exists, cannot be written, or the copy has findings (then nothing is left at `file`).
pub fn backup(place: &Place, file: &Path, progress: Progress<'_>) -> Result<BackupReport, StoreError> {
    if file.exists() {
        return Err(StoreError::Exists { path: file.to_owned() });
    }
    let source = open::reader(place)?;
    let partial = beside(file, "partial");
    remove_if_there(&partial)?;
    let copied = if upgrade::version(&source)? < migrate::NEWEST {
        copy_compared(&source, &partial, progress)
    } else {
        copy_verified(&source, &partial, progress, pace, |_| Ok(()))
    };
    let verified = copied.inspect_err(|_| remove_part(&partial))?;
    std::fs::rename(&partial, file).map_err(file_error("rename the finished backup to", file))?;
    sync_directory(file)?;
    let bytes = std::fs::metadata(file).map_err(file_error("look at", file))?.len();
    Ok(BackupReport { file: file.to_owned(), bytes, verified, moved_aside: None })
}

/// Makes `file` the database in `place`, in the newest schema; the database that was there is moved aside, never deleted.
///
/// # Errors
/// A daemon runs on the database, `file` is not a backup, or its copy has findings: the database stays as it was. If a
/// disk or the power fails in the very last step, it is the one or the other, whole.
pub fn restore(
    place: &Place,
    file: &Path,
    now: Timestamp,
    progress: Progress<'_>,
) -> Result<BackupReport, StoreError> {
    let lock = lock::take(place)?;
    exchange::carry_out(place)?;
    let source = open_backup(file)?;
    let incoming = exchange::incoming(place);
    remove_if_there(&incoming)?;
    let verified = copy_verified(&source, &incoming, progress, copy, |copy| note_restore(copy, place, now))
        .inspect_err(|_| remove_part(&incoming))?;
    lock::give_to_owner(&incoming);
    let aside = beside(&place.db(), &format!("before-restore-{}", now.strftime("%Y%m%dT%H%M%SZ")));
    let moved_aside = exchange::decide(place, &aside)?;
    let db = place.db();
    let bytes = std::fs::metadata(&db).map_err(file_error("look at", &db))?.len();
    drop(lock);
    Ok(BackupReport { file: db, bytes, verified, moved_aside })
}

fn open_backup(file: &Path) -> Result<Connection, StoreError> {
    if !file.is_file() {
        return Err(StoreError::Absent { db: file.to_owned() });
    }
    let conn = open::existing(file)?;
    open::refuse_foreign(&conn, file)?;
    // A backup has all movements. What was copied from a data directory as it lay there may have the archive beside it.
    if archive::is_needed(&conn)? {
        archive::attach(&conn, &Place::new(file.parent().unwrap_or(Path::new("."))).archive())?;
    }
    Ok(conn)
}

/// Copies all pages in one read transaction, leaves no WAL behind, has `finish` complete the copy, verifies and syncs it.
fn copy_verified(
    source: &Connection,
    to: &Path,
    progress: Progress<'_>,
    copy: impl FnOnce(&Connection, &Path) -> rusqlite::Result<Connection>,
    finish: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
) -> Result<VerifyReport, StoreError> {
    progress("copy", 0);
    let mut copied = copy(source, to).map_err(StoreError::sqlite("be copied"))?;
    finish(&mut copied)?;
    let report = verify_connection(&copied, progress)?;
    copied.close().map_err(|(_, error)| StoreError::sqlite("be closed after the copy")(error))?;
    if let Some(first) = report.findings.first() {
        remove_if_there(to)?;
        return Err(StoreError::Broken(format!("the copy is not sound ({first})")));
    }
    File::open(to).and_then(|file| file.sync_all()).map_err(file_error("put on disk", to))?;
    Ok(report)
}

/// A copy of a database of an older version, which cannot be verified as one of this is.
fn copy_compared(source: &Connection, to: &Path, progress: Progress<'_>) -> Result<VerifyReport, StoreError> {
    progress("copy", 0);
    let copied = pace(source, to).map_err(StoreError::sqlite("be copied"))?;
    progress("comparison", 0);
    let compared = upgrade::compare(source, &copied);
    copied.close().map_err(|(_, error)| StoreError::sqlite("be closed after the copy")(error))?;
    if let Err(error) = compared {
        remove_if_there(to)?;
        return Err(error);
    }
    File::open(to).and_then(|file| file.sync_all()).map_err(file_error("put on disk", to))?;
    Ok(VerifyReport::default())
}

/// As [`copy`], of a database that is in use: one moment of it, in small steps.
pub(super) fn pace(source: &Connection, to: &Path) -> rusqlite::Result<Connection> {
    // Of what is committed from here on the copy sees nothing, and the steps need not begin anew.
    source.execute_batch("begin")?;
    source.query_row("select count(*) from sqlite_schema", [], |_| Ok(()))?;
    let copied = in_steps(source, to, PAGES_AT_ONCE);
    source.execute_batch("rollback")?;
    copied
}

pub(super) fn copy(source: &Connection, to: &Path) -> rusqlite::Result<Connection> {
    in_steps(source, to, -1)
}

fn in_steps(source: &Connection, to: &Path, pages: i32) -> rusqlite::Result<Connection> {
    let mut target = open::scratch(to)?;
    {
        let backup = Backup::new(source, &mut target)?;
        while backup.step(pages)? == StepResult::More {
            std::thread::sleep(PAUSE);
        }
    }
    archive::bring_back(source, &target)?;
    target.execute_batch("pragma journal_mode = delete; pragma synchronous = full;")?;
    archive::attach_none(&target)?;
    Ok(target)
}

/// Brings a copy to the newest schema, gives it a new epoch, so that it is told from the one it was copied from, and says
/// so in its audit log.
fn note_restore(copy: &mut Connection, place: &Place, now: Timestamp) -> Result<(), StoreError> {
    migrate::up(copy, place, micros(now))?;
    let mut heads = Heads::load_checked(copy)?;
    let noted = (|| {
        copy.execute_batch("begin immediate; update site set epoch = randomblob(16);")?;
        let row = AuditRow {
            at_us: micros(now),
            action: "restore",
            actor: Some("outguide restore"),
            scan_no: None,
            movement_no: None,
            detail: Some("the database was put back from a backup"),
        };
        insert_audit(copy, &mut heads.audit, &row)?;
        copy.execute_batch("commit")
    })();
    noted.map_err(StoreError::sqlite("note the restore"))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    with_suffix(path, &format!(".{ending}"))
}

pub(super) fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(file_error("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Removes what there is of a copy that could not be finished: on a full disk it would keep scans from being recorded.
fn remove_part(copy: &Path) {
    for suffix in PARTS {
        drop(std::fs::remove_file(with_suffix(copy, suffix)));
    }
}

pub(super) fn file_error(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
    let path = path.to_owned();
    move |cause| StoreError::File { doing, path, cause }
}
