//! Opens databases: pragmas, lock, application id, migrations. The only place that calls `Connection::open*`.

use super::place::{APPLICATION_ID, Place};
use super::record::{AuditRow, insert_audit};
use super::{StoreError, archive, chain::Heads, exchange, lock, log_damage, migrate, names, upgrade};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The oldest SQLite without the WAL-reset corruption bug.
const SQLITE_MIN: i32 = 3_051_003;

/// How long a reader waits while another process recovers the WAL after a crash.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Pragmas of the one writing connection, each with its reason.
const WRITER_PRAGMAS: &str = "
  pragma journal_mode = wal;           -- readers never wait for the writer
  pragma synchronous = full;           -- COMMIT returns after the WAL is on the platter: green means on disk
  pragma foreign_keys = on;
  pragma wal_autocheckpoint = 16000;   -- bound of the WAL (64 MB); the writer checkpoints earlier when it is idle
  pragma journal_size_limit = 67108864;-- after a flood the WAL file shrinks again
  pragma cache_size = -8192;           -- 8 MB of pages
  pragma temp_store = memory;          -- nothing of a chart in temporary files
";

/// Pragmas of a reading connection.
const READER_PRAGMAS: &str = "
  pragma query_only = on;              -- a reader cannot write, whatever the statement
  pragma foreign_keys = on;
  pragma cache_size = -4096;           -- 4 MB of pages
  pragma temp_store = memory;
";

/// Statements that a connection keeps prepared: more than any page needs, some kilobytes each.
const STATEMENTS_KEPT: usize = 256;

/// Opens the database for writing, makes or migrates it, and returns the heads of its chains, the last links checked.
pub(super) fn writer(place: &Place, now_us: i64) -> Result<(Connection, Heads), StoreError> {
    check_sqlite_version()?;
    exchange::carry_out(place)?;
    let damage = log_damage::mend(place, now_us)?;
    rewrite_wal(&place.db())?;
    rewrite_wal(&place.archive())?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut conn = connect(place, flags)?;
    refuse_foreign(&conn, &place.db())?;
    lock::give_to_owner(&place.db());
    conn.execute_batch(WRITER_PRAGMAS).map_err(StoreError::sqlite("be opened for writing"))?;
    check_durable(&conn, place)?;
    upgrade::back_up_first(&conn, place, now_us)?;
    migrate::up(&mut conn, place, now_us)?;
    archive::attach(&conn, &place.archive())?;
    names::fill(&mut conn)?;
    let mut heads = Heads::load_checked(&conn)?;
    if let Some((damage, aside)) = damage {
        tell_damage(&conn, &mut heads, &damage, &aside, now_us)?;
    }
    // SQLite syncs the directory of a new WAL too, but does not look whether that went well.
    sync_directory(&place.db())?;
    keep_plans(&conn)?;
    Ok((conn, heads))
}

/// Says loudly that the write-ahead log was damaged: to whoever reads the log, and in the audit log for good.
fn tell_damage(
    conn: &Connection,
    heads: &mut Heads,
    damage: &log_damage::Damage,
    aside: &Path,
    now_us: i64,
) -> Result<(), StoreError> {
    let name = aside.file_name().unwrap_or_default().to_string_lossy();
    let told = format!("{}; the damaged log is kept as {name}", damage.told());
    tracing::error!(kept = %aside.display(), "{told}");
    let row = AuditRow {
        at_us: now_us,
        action: "log-damaged",
        actor: Some("outguide"),
        scan_no: None,
        movement_no: None,
        detail: Some(&told),
    };
    insert_audit(conn, &mut heads.audit, &row).map_err(StoreError::sqlite("note the damaged log"))
}

/// The files that the names of a database and its WAL stand for (device and inode). Who removes or replaces them while
/// they are open leaves SQLite writing into files that nobody will find again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Files {
    db: Option<(u64, u64)>,
    wal: Option<(u64, u64)>,
}

impl Files {
    /// As they are now.
    pub(super) fn of(place: &Place) -> Files {
        let file = |path: &Path| std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
        let db = place.db();
        Files { db: file(&db), wal: file(&with_suffix(&db, "-wal")) }
    }

    /// Whether it is the same database, whatever its WAL.
    pub(super) fn is_same_database(self, other: Files) -> bool {
        self.db == other.db
    }
}

/// Bytes of the WAL that are read and written at a time.
const REWRITTEN_AT_ONCE: usize = 1 << 20;

/// Writes a WAL of `db` that was left behind over itself, byte for byte, and syncs it.
///
/// After a sync that failed, Linux has the pages in memory, takes them for written, and says so only once. Who opens the
/// database next finds whole commits there, answers for them, and puts new ones behind them; after a power cut all of them
/// are gone. Written again they are on disk, or the sync fails again and nothing is answered.
pub(super) fn rewrite_wal(db: &Path) -> Result<(), StoreError> {
    let path = with_suffix(db, "-wal");
    let failed = |cause| StoreError::File { doing: "put on disk again", path: path.clone(), cause };
    let wal = match File::options().read(true).write(true).open(&path) {
        Ok(wal) => wal,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let mut buffer = vec![0; REWRITTEN_AT_ONCE];
    let mut at = 0;
    loop {
        let length = wal.read_at(&mut buffer, at).map_err(failed)?;
        let Some(read) = buffer.get(..length).filter(|read| !read.is_empty()) else { break };
        wal.write_all_at(read, at).map_err(failed)?;
        at += length as u64;
    }
    if at > 0 { wal.sync_all().map_err(failed) } else { Ok(()) }
}

/// A path with something at its end.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Puts the names in the directory of `file` on disk.
pub(super) fn sync_directory(file: &Path) -> Result<(), StoreError> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|cause| StoreError::File {
        doing: "put on disk the directory of",
        path: file.to_owned(),
        cause,
    })
}

/// Opens an existing database for reading.
pub(super) fn reader(place: &Place) -> Result<Connection, StoreError> {
    check_sqlite_version()?;
    if exchange::is_under_way(place) {
        return Err(StoreError::BeingRestored { db: place.db() });
    }
    if place.vfs.is_none() && !place.db().exists() {
        return Err(StoreError::Absent { db: place.db() });
    }
    let conn = connect(place, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    refuse_foreign(&conn, &place.db())?;
    archive::attach(&conn, &place.archive())?;
    conn.execute_batch(READER_PRAGMAS).map_err(StoreError::sqlite("be opened for reading"))?;
    keep_plans(&conn)?;
    Ok(conn)
}

/// Statements stay prepared, and keep their plan whatever values they are run with: SQLite planned those anew for each scan
/// and each page whose conditions a partial index might have served for other values, which took most of their time.
fn keep_plans(conn: &Connection) -> Result<(), StoreError> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(StoreError::sqlite("be set to keep its plans"))?;
    Ok(())
}

/// Opens any SQLite file for writing without pragmas or migration: the target of a copy.
pub(super) fn scratch(path: &Path) -> rusqlite::Result<Connection> {
    open_file(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE, None)
}

/// Opens a database for reading as if it had no write-ahead log. Nobody may write to it meanwhile.
pub(super) fn alone(place: &Place) -> rusqlite::Result<Connection> {
    let uri = PathBuf::from(as_uri(&place.db(), "immutable=1"));
    open_file(&uri, OpenFlags::SQLITE_OPEN_READ_ONLY, place.vfs.as_deref())
}

/// Opens an archive of old movements, or the empty file that becomes one, for writing, in the way of the database in `place`.
pub(super) fn archive(path: &Path, place: &Place) -> Result<Connection, StoreError> {
    check_sqlite_version()?;
    open_file(path, OpenFlags::SQLITE_OPEN_READ_WRITE, place.vfs.as_deref())
        .map_err(StoreError::sqlite("have its archive opened"))
}

/// A path as SQLite takes it with options, such as `mode=ro`.
pub(super) fn as_uri(path: &Path, options: &str) -> String {
    let escaped: String = path
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .map(|byte| match byte {
            b'/' | b'.' | b'-' | b'_' => char::from(*byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("file:{escaped}?{options}")
}

/// Opens a backup for reading.
pub(super) fn existing(path: &Path) -> Result<Connection, StoreError> {
    open_file(path, OpenFlags::SQLITE_OPEN_READ_ONLY, None).map_err(StoreError::sqlite("be opened"))
}

fn connect(place: &Place, flags: OpenFlags) -> Result<Connection, StoreError> {
    open_file(&place.db(), flags, place.vfs.as_deref()).map_err(StoreError::sqlite("be opened"))
}

#[expect(clippy::disallowed_methods, reason = "the one place that opens databases")]
fn open_file(path: &Path, flags: OpenFlags, vfs: Option<&str>) -> rusqlite::Result<Connection> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    conn.busy_timeout(BUSY_TIMEOUT)?;
    Ok(conn)
}

fn check_sqlite_version() -> Result<(), StoreError> {
    if rusqlite::version_number() < SQLITE_MIN {
        return Err(StoreError::OldSqlite { version: rusqlite::version().to_owned() });
    }
    Ok(())
}

/// SQLite keeps silent about settings that a file system cannot give, so they are read back.
fn check_durable(conn: &Connection, place: &Place) -> Result<(), StoreError> {
    let (journal, synchronous): (String, i64) = conn
        .query_row(
            "select (select journal_mode from pragma_journal_mode), (select synchronous from pragma_synchronous)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .map_err(StoreError::sqlite("be asked for its settings"))?;
    let refused = |setting| Err(StoreError::Unsafe { db: place.db(), setting });
    match (journal.as_str(), synchronous) {
        ("wal", 2) => Ok(()),
        ("wal", _) => refused("synchronous = full"),
        _ => refused("journal_mode = wal"),
    }
}

/// Refuses a file of another program or of a newer version.
pub(super) fn refuse_foreign(conn: &Connection, file: &Path) -> Result<(), StoreError> {
    let db = file.to_owned();
    let (found, version, tables): (i32, i64, i64) = conn
        .query_row(
            "select (select application_id from pragma_application_id), (select user_version from pragma_user_version),
                    (select count(*) from sqlite_schema)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .map_err(StoreError::sqlite("be read"))?;
    let empty = found == 0 && version == 0 && tables == 0;
    if found != APPLICATION_ID && !empty {
        return Err(StoreError::Foreign { db, found });
    }
    if version > migrate::NEWEST {
        let way_back = upgrade::way_back(&db);
        return Err(StoreError::Newer { db, found: version, known: migrate::NEWEST, way_back });
    }
    Ok(())
}
