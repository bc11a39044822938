//! Old movements in a file of their own, the archive, beside the database: what every scan and page reads stays small, and
//! history stays whole.
//!
//! Every connection has the archive attached (an empty one in memory where there is none), and a view `any_movement` over
//! both: whoever walks back in history, or asks what was at some time, reads that. What is true now needs the database
//! alone, because the last movement of each volume always stays in it. Movements that were moved are all up to a number,
//! `archive.moved_to`, which changes in the transaction that deletes them: what the archive has beyond it, because moving
//! was broken off or a backup was put back, does not count and is written anew.
//!
//! A backup has all of it: see [`bring_back`].

pub(super) mod moving;

use super::StoreError;
use super::backup::{PARTS, file_error, remove_if_there};
use super::open::{as_uri, sync_directory, with_suffix};
use super::place::{ARCHIVE_ID, Place};
use rusqlite::{Connection, OptionalExtension};
use std::fs::File;
use std::path::{Path, PathBuf};

pub use moving::{Archived, NotMoved};

/// The archive's tables.
const SCHEMA: &str = include_str!("archive/schema.sql");

/// All columns of a movement.
const MOVEMENT_COLUMNS: &str = "movement_no, volume_id, previous_no, kind, from_id, to_id, late, scanned_at_us, recorded_at_us, entry, \
                       station_id, operator, scan_no, hash, in_transit, due_at_us, missing_since_us, skip, undoes_no";

/// Attaches the archive at `path`, or an empty one if there is none, and makes the view over all movements. Nothing is
/// written to it.
pub(super) fn attach(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let failed = || StoreError::sqlite("read its archive");
    if path.exists() {
        conn.execute("attach ?1 as archived", [as_uri(path, "mode=ro")]).map_err(failed())?;
        refuse_foreign(conn, path)?;
        view(conn).map_err(failed())?;
    } else {
        attach_none(conn).map_err(failed())?;
    }
    check_end(conn, path)
}

/// As if there were no archive: for a copy that has all movements.
pub(super) fn attach_none(conn: &Connection) -> rusqlite::Result<()> {
    let schema = SCHEMA.replace("create table movement", "create table archived.movement");
    // By this name it may be written to although the connection only reads.
    conn.execute("attach 'file:?mode=memory' as archived", [])?;
    conn.execute_batch(&schema)?;
    view(conn)
}

fn view(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(&format!(
        "pragma temp_store = memory;
         create temp view any_movement as
           select {MOVEMENT_COLUMNS} from main.movement
           union all
           select {MOVEMENT_COLUMNS} from archived.movement where movement_no <= (select moved_to from main.archive)"
    ))
}

fn refuse_foreign(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let found: i32 = conn
        .query_row("pragma archived.application_id", [], |row| row.get(0))
        .map_err(StoreError::sqlite("read its archive"))?;
    if found == ARCHIVE_ID { Ok(()) } else { Err(StoreError::NoArchive { path: path.to_owned() }) }
}

/// Whether the database has movements in an archive.
pub(super) fn is_needed(conn: &Connection) -> Result<bool, StoreError> {
    let failed = || StoreError::sqlite("be asked for its archive");
    // One of an older version knows of none.
    Ok(knows_archives(conn).map_err(failed())?
        && conn
            .query_row("select last_no is not null from main.archive", [], |row| row.get(0))
            .map_err(failed())?)
}

fn knows_archives(conn: &Connection) -> rusqlite::Result<bool> {
    conn.table_exists(Some("main"), "archive")
}

/// The archive must be the one that the database's movements were moved to, and have the last of them.
fn check_end(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let is_whole = !is_needed(conn)?
        || conn
            .query_row(
                "select exists (select 1 from archived.movement m where m.movement_no = last_no and m.hash = last_hash)
                 from main.archive",
                [],
                |row| row.get(0),
            )
            .map_err(StoreError::sqlite("compare its archive"))?;
    if is_whole { Ok(()) } else { Err(StoreError::NoArchive { path: path.to_owned() }) }
}

/// Puts what the archive of `source` has into `copy`, a copy of its database, which then needs none: a backup is one file.
pub(super) fn bring_back(source: &Connection, copy: &Connection) -> rusqlite::Result<()> {
    let path: Option<PathBuf> = source
        .query_row("select file from pragma_database_list where name = 'archived'", [], |row| {
            row.get::<_, Option<String>>(0)
        })
        .optional()?
        .flatten()
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    let Some(path) = path else { return Ok(()) };
    copy.execute("attach ?1 as archived", [as_uri(&path, "mode=ro")])?;
    // Whoever asked for the copy syncs it when it is whole, and throws it away if it is not.
    copy.execute_batch(&format!(
        "pragma main.journal_mode = off; pragma main.synchronous = off;
         begin;
         insert into main.movement ({MOVEMENT_COLUMNS})
           select {MOVEMENT_COLUMNS} from archived.movement where movement_no <= (select moved_to from main.archive) order by movement_no;
         update main.archive set moved_to = 0, last_no = null, last_hash = null;
         commit;
         detach archived;"
    ))
}

/// Makes an empty archive for a database that has none, so that everybody who opens it from now on has it attached. It gets
/// its name when it is whole: who only reads could not put right one that was broken off.
///
/// # Errors
/// The file cannot be made.
pub fn prepare_archive(place: &Place) -> Result<(), StoreError> {
    let path = place.archive();
    // A database that is about to be made has nothing that is old.
    if path.exists() || !place.db().exists() {
        return Ok(());
    }
    let partial = with_suffix(&path, ".partial");
    for suffix in PARTS {
        remove_if_there(&with_suffix(&partial, suffix))?;
    }
    let failed = || StoreError::sqlite("be given an archive");
    File::create(&partial).map_err(file_error("make", &partial))?;
    let conn = moving::connect(&partial, place)?;
    conn.execute_batch(&format!("begin; {SCHEMA} pragma application_id = {ARCHIVE_ID}; commit;"))
        .map_err(failed())?;
    // SQLite does the same when it closes, but says nothing if that fails, and by the new name there is no log.
    if !moving::is_on_disk(&conn).map_err(failed())? {
        let cause = std::io::Error::other("what was written to its log is not in it");
        return Err(file_error("make", &partial)(cause));
    }
    conn.close().map_err(|(_, error)| failed()(error))?;
    super::lock::give_to_owner(&partial);
    File::open(&partial).and_then(|file| file.sync_all()).map_err(file_error("put on disk", &partial))?;
    std::fs::rename(&partial, &path).map_err(file_error("give its name to", &path))?;
    sync_directory(&path)
}
