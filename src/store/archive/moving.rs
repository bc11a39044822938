//! Moves old movements into the archive, some at a time, while scans go on.
//!
//! Each time in this order, and a crash anywhere leaves every movement in the database or in both files:
//! 1. a connection of its own copies them into the archive, unless an earlier time did, and they are committed, moved out of
//!    the archive's log and on disk;
//! 2. they are compared, column by column;
//! 3. the writer, in one transaction, deletes those of them that its own connection sees in the archive with the same hash,
//!    and notes up to where that is.

use super::MOVEMENT_COLUMNS;
use crate::store::open::{self, as_uri, rewrite_wal};
use crate::store::place::Place;
use crate::store::since::{Log, first_since};
use crate::store::{NotRecorded, Store, StoreError, Unchanged, change::Ledger, change::Stop};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Numbers that are gone through at a time: the writer deletes so many rows, neighbours in the file, in some milliseconds.
const AT_ONCE: i64 = 2000;

/// Settings of the connection that fills the archive.
const PRAGMAS: &str = "
  pragma journal_mode = wal;           -- readers go on while it is filled
  pragma synchronous = full;           -- committed is on disk
  pragma wal_autocheckpoint = 0;       -- moved out of its log before anything is deleted elsewhere
  pragma cache_size = -2048;
  pragma temp_store = memory;
";

/// What one step moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archived {
    /// Movements that are in the archive now and were not before.
    pub moved: u64,
    /// There are more to be moved.
    pub more: bool,
}

/// Why nothing was moved. Every movement is where it was.
#[derive(Debug, thiserror::Error)]
pub enum NotMoved {
    /// The archive or the database could not be used.
    #[error("old movements were not moved into the archive")]
    Store(#[from] StoreError),
    /// The archive does not say what the database says.
    #[error(
        "the archive {} does not hold what was just written to it; nothing was taken out of the database: check the disk, then run `outguide verify`",
        path.display()
    )]
    Differs {
        /// The archive.
        path: PathBuf,
    },
    /// Somebody reads the archive, and its log could not be moved into it. Litestream lets that happen once a minute.
    #[error(
        "another program keeps the archive's log in use, and nothing was taken out of the database: look who has the archive open (fuser)"
    )]
    InUse,
    /// The writer did not take them out.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
}

/// Movements that are in the archive and on disk, and still in the database.
pub(in crate::store) struct Copied {
    from: i64,
    to: i64,
    count: i64,
    /// The last of them, and its hash.
    last: Option<(i64, Vec<u8>)>,
}

/// A connection that writes to the archive, made at `path`.
pub(super) fn connect(path: &Path, place: &Place) -> Result<Connection, StoreError> {
    rewrite_wal(path)?;
    let conn = open::archive(path, place)?;
    conn.execute_batch(PRAGMAS).map_err(StoreError::sqlite("have its archive opened for writing"))?;
    Ok(conn)
}

impl Store {
    /// Moves some of the movements that were recorded before `before` into the archive of `place`, which must be where this
    /// store is. The last movement of each volume stays.
    ///
    /// # Errors
    /// Nothing was moved, and the reason says what to do.
    pub async fn archive_some(&self, place: &Place, before: Timestamp) -> Result<Archived, NotMoved> {
        let end = self.read("see what is old", move |conn| first_since(conn, Log::Movements, before)).await?;
        let of = place.clone();
        let copied = tokio::task::spawn_blocking(move || copy(&of, end - 1))
            .await
            .map_err(|_| StoreError::Closed)??;
        let Some(copied) = copied else { return Ok(Archived { moved: 0, more: false }) };
        let step = Archived { moved: u64::try_from(copied.count).unwrap_or(0), more: copied.to < end - 1 };
        match self.change(move |ledger| copied.take_out(ledger)).await {
            Ok(()) => Ok(step),
            Err(Unchanged::Refused(())) => Err(NotMoved::Differs { path: place.archive() }),
            Err(Unchanged::NotRecorded(why)) => Err(NotMoved::NotRecorded(why)),
        }
    }
}

/// Copies the next movements up to number `end` into the archive and sees them on disk; `None` if there are none.
pub(in crate::store) fn copy(place: &Place, end: i64) -> Result<Option<Copied>, NotMoved> {
    let path = place.archive();
    let failed = || StoreError::sqlite("have its old movements copied");
    let conn = connect(&path, place)?;
    let opened = file_id(&path);
    conn.execute("attach ?1 as room", [as_uri(&place.db(), "mode=ro")]).map_err(failed())?;
    let from: i64 =
        conn.query_row("select moved_to from room.archive", [], |row| row.get(0)).map_err(failed())?;
    let to = end.min(from + AT_ONCE);
    if to <= from {
        return Ok(None);
    }
    // Litestream holds a place in the log, and lets be moved what was written before it: what an earlier time copied.
    if !is_filled(&conn, from, to).map_err(failed())? {
        fill(&conn, from, to).map_err(failed())?;
    }
    if !is_on_disk(&conn).map_err(failed())? && !is_in_file(&conn, &path, from, to) {
        return Err(NotMoved::InUse);
    }
    let count = conn
        .query_row(
            "select count(*) from main.movement where movement_no > ?1 and movement_no <= ?2",
            [from, to],
            |row| row.get(0),
        )
        .map_err(failed())?;
    let (differ, last) = compare(&conn, from, to).map_err(failed())?;
    if differ || opened.is_none() || opened != file_id(&path) {
        return Err(NotMoved::Differs { path });
    }
    Ok(Some(Copied { from, to, count, last }))
}

/// Device and inode, while the name stands for a file.
fn file_id(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

/// What of the database's movements belongs into the archive: the last of each volume does not.
const OLD: &str = "from room.movement m where movement_no > ?1 and movement_no <= ?2
                     and not exists (select 1 from room.volume v
                                     where v.volume_id = m.volume_id and v.movement_no = m.movement_no)";

/// Whether the archive holds just what belongs there, copied at an earlier time.
fn is_filled(conn: &Connection, from: i64, to: i64) -> rusqlite::Result<bool> {
    let there =
        format!("select {MOVEMENT_COLUMNS} from main.movement where movement_no > ?1 and movement_no <= ?2");
    let old = format!("select {MOVEMENT_COLUMNS} {OLD}");
    conn.query_row(
        &format!("select not exists ({there} except {old}) and not exists ({old} except {there})"),
        [from, to],
        |row| row.get(0),
    )
}

/// What is there beyond `from` was copied for a database that did not keep it: it is written anew.
fn fill(conn: &Connection, from: i64, to: i64) -> rusqlite::Result<()> {
    conn.execute_batch("begin immediate")?;
    conn.execute("delete from main.movement where movement_no > ?1 and movement_no <= ?2", [from, to])?;
    conn.execute(
        &format!("insert into main.movement ({MOVEMENT_COLUMNS}) select {MOVEMENT_COLUMNS} {OLD}"),
        [from, to],
    )?;
    conn.execute_batch("commit")
}

/// Moves the archive's log into its file, which SQLite syncs; whether all of it was.
pub(super) fn is_on_disk(conn: &Connection) -> rusqlite::Result<bool> {
    conn.query_row("pragma main.wal_checkpoint(full)", [], |row| {
        let (busy, log, moved): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(busy == 0 && log == moved)
    })
}

/// Whether the archive's file holds the same without its log, which somebody else moved into it then, and synced. Errors mean
/// no: who looks past the log while pages are moved may see half of it.
fn is_in_file(conn: &Connection, path: &Path, from: i64, to: i64) -> bool {
    let holds = || -> rusqlite::Result<bool> {
        conn.execute("attach ?1 as settled", [as_uri(path, "immutable=1")])?;
        conn.query_row(
            &format!(
                "select not exists (select {MOVEMENT_COLUMNS} from main.movement where movement_no > ?1 and movement_no <= ?2
                                    except select {MOVEMENT_COLUMNS} from settled.movement)"
            ),
            [from, to],
            |row| row.get(0),
        )
    };
    holds().unwrap_or_else(|error| {
        tracing::debug!(%error, "the archive without its log cannot be read now");
        false
    })
}

/// Whether what was copied differs from what it was copied from; and the last of it.
type Compared = (bool, Option<(i64, Vec<u8>)>);

fn compare(conn: &Connection, from: i64, to: i64) -> rusqlite::Result<Compared> {
    let differ = conn.query_row(
        &format!(
            "select exists (select {MOVEMENT_COLUMNS} from main.movement where movement_no > ?1 and movement_no <= ?2
                            except select {MOVEMENT_COLUMNS} from room.movement where movement_no > ?1 and movement_no <= ?2)"
        ),
        [from, to],
        |row| row.get(0),
    )?;
    let last = conn
        .query_row(
            "select movement_no, hash from main.movement where movement_no > ?1 and movement_no <= ?2
             order by movement_no desc limit 1",
            [from, to],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    Ok((differ, last))
}

impl Copied {
    /// Takes out of the database what the archive has, unless the writer sees anything else there than was copied.
    pub(in crate::store) fn take_out(&self, ledger: &mut Ledger<'_>) -> Result<(), Stop<()>> {
        let Copied { from, to, count, last } = self;
        let conn = ledger.conn;
        let there: i64 = conn
            .prepare_cached(
                "select count(*) from archived.movement a join main.movement m using (movement_no)
                 where a.movement_no > ?1 and a.movement_no <= ?2 and m.hash = a.hash
                   and (select moved_to from main.archive) = ?1",
            )?
            .query_row([from, to], |row| row.get(0))?;
        if there != *count {
            return Err(Stop::Refused(()));
        }
        conn.prepare_cached(
            "update main.archive set moved_to = ?1, last_no = coalesce(?2, last_no),
                                last_hash = coalesce(?3, last_hash)",
        )?
        .execute(params![
            to,
            last.as_ref().map(|last| last.0),
            last.as_ref().map(|last| &last.1)
        ])?;
        let taken = conn
            .prepare_cached(
                "delete from main.movement where movement_no in
                   (select movement_no from archived.movement where movement_no > ?1 and movement_no <= ?2)",
            )?
            .execute([from, to])?;
        if i64::try_from(taken) == Ok(*count) { Ok(()) } else { Err(Stop::Refused(())) }
    }
}
