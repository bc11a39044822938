//! Before a database is brought to a newer schema, a copy of it is made beside it and compared: the way back.
//!
//! A version that is not this program's cannot be verified as this one's can: what is proven is that the file is sound and
//! that the copy says what the database says, row by row.

use super::backup::{copy, file_error, remove_if_there};
use super::open::{self, sync_directory, with_suffix};
use super::place::Place;
use super::{StoreError, contents, lock, migrate, timestamp, verify};
use rusqlite::Connection;
use std::fs::File;
use std::path::{Path, PathBuf};

/// How the copies are called: the database's name, this, the version, and when.
const BEFORE: &str = ".before-upgrade-v";

/// Copies the database, if it is of an older version, to a file beside it. One that says the same already is enough: a
/// migration that is broken off again and again fills no disk.
pub(super) fn back_up_first(conn: &Connection, place: &Place, now_us: i64) -> Result<(), StoreError> {
    let found = version(conn)?;
    if found == 0 || found >= migrate::NEWEST || place.vfs.is_some() {
        return Ok(());
    }
    let wrap = |cause| StoreError::NotBackedUp { db: place.db(), cause: Box::new(cause) };
    let file = copy_unless_there(conn, place, found, now_us).map_err(wrap)?;
    tracing::warn!(
        backup = %file.display(),
        "the database is of schema version {found} and is brought to {}; before that it was copied and the copy compared: `outguide restore` of an older outguide takes it",
        migrate::NEWEST
    );
    Ok(())
}

/// The newest copy of a version that this program knows: what a database of a newer one can be replaced by.
pub(super) fn way_back(db: &Path) -> Option<PathBuf> {
    let known = |(version, _): &(i64, PathBuf)| *version <= migrate::NEWEST;
    copies(db).into_iter().filter(known).max().map(|(_, file)| file)
}

/// What stands against a database of an older version: nothing but its file can be judged.
pub(super) fn findings(copied: &Connection) -> Result<Vec<String>, StoreError> {
    verify::file_structure(copied).map_err(StoreError::sqlite("be verified"))
}

/// The schema's version.
pub(super) fn version(conn: &Connection) -> Result<i64, StoreError> {
    conn.query_row("select user_version from pragma_user_version", [], |row| row.get(0))
        .map_err(StoreError::sqlite("be asked for its version"))
}

/// Fails unless a copy is sound and says what the database says.
pub(super) fn compare(conn: &Connection, copied: &Connection) -> Result<(), StoreError> {
    if let Some(first) = findings(copied)?.first() {
        return Err(StoreError::Broken(format!("the copy is not sound ({first})")));
    }
    let said = |conn| contents::of(conn).map_err(StoreError::sqlite("be compared with its copy"));
    if said(conn)? != said(copied)? {
        return Err(StoreError::Broken("the copy does not say what the database says".to_owned()));
    }
    Ok(())
}

fn copy_unless_there(
    conn: &Connection,
    place: &Place,
    found: i64,
    now_us: i64,
) -> Result<PathBuf, StoreError> {
    let db = place.db();
    let newest = copies(&db).into_iter().filter(|(version, _)| *version == found).max();
    if let Some((_, file)) = newest
        && open::existing(&file).is_ok_and(|there| compare(conn, &there).is_ok())
    {
        return Ok(file);
    }
    let at = timestamp(now_us).strftime("%Y%m%dT%H%M%SZ");
    let file = with_suffix(&db, &format!("{BEFORE}{found}-{at}"));
    if file.exists() {
        return Err(StoreError::Exists { path: file });
    }
    let partial = with_suffix(&db, ".upgrade-partial");
    remove_if_there(&partial)?;
    let done = copy(conn, &partial).map_err(StoreError::sqlite("be copied")).and_then(|copied| {
        compare(conn, &copied)?;
        copied.close().map_err(|(_, error)| StoreError::sqlite("be closed after the copy")(error))
    });
    if let Err(error) = done {
        drop(std::fs::remove_file(&partial));
        return Err(error);
    }
    File::open(&partial).and_then(|file| file.sync_all()).map_err(file_error("put on disk", &partial))?;
    std::fs::rename(&partial, &file).map_err(file_error("rename the finished backup to", &file))?;
    sync_directory(&file)?;
    lock::give_to_owner(&file);
    Ok(file)
}

/// The copies beside a database, with their versions.
fn copies(db: &Path) -> Vec<(i64, PathBuf)> {
    let (Some(dir), Some(name)) = (db.parent(), db.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let begin = format!("{name}{BEFORE}");
    let version = |path: &PathBuf| -> Option<i64> {
        let rest = path.file_name()?.to_str()?.strip_prefix(&begin)?;
        rest.split_once('-')?.0.parse().ok()
    };
    let files = entries.flatten().map(|entry| entry.path());
    files.filter_map(|path| version(&path).map(|version| (version, path))).collect()
}
