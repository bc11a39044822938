//! What can go wrong with the database, said so that an administrator knows the next step.

use std::path::PathBuf;

/// The database could not be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data directory cannot be made or entered.
    #[error(
        "data directory {dir} cannot be used; it must exist and belong to the user that outguide runs as"
    )]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// Another process has the database.
    #[error(
        "{db} is in use by another outguide (process {holder}); one daemon at a time may write to it, stop that one first"
    )]
    InUse {
        /// The database.
        db: PathBuf,
        /// Process id as the other one wrote it down.
        holder: String,
    },
    /// The data directory is on a network.
    #[error(
        "{dir} is on a network file system ({kind}), where SQLite cannot promise that what is committed is on disk; put `data_dir` on a disk of this machine"
    )]
    Network {
        /// The directory.
        dir: PathBuf,
        /// Which kind.
        kind: &'static str,
    },
    /// The database does not take the settings that durability needs.
    #[error("{db} does not take {setting}; put `data_dir` on an ordinary disk (ext4, xfs)")]
    Unsafe {
        /// The database.
        db: PathBuf,
        /// The setting.
        setting: &'static str,
    },
    /// There is no database.
    #[error("there is no database at {db}; `outguide serve` or `outguide import` makes one")]
    Absent {
        /// The database.
        db: PathBuf,
    },
    /// A file that would be overwritten.
    #[error("{path} exists already; choose another name, a backup never overwrites anything")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file belongs to another program.
    #[error("{db} is not an Outguide database (application id {found:#x}); check `data_dir`")]
    Foreign {
        /// The database.
        db: PathBuf,
        /// Its application id.
        found: i32,
    },
    /// The file was written by a newer version.
    #[error(
        "{db} has schema version {found}, this outguide knows up to {known}; install the newer outguide again, or go back to what was there before the upgrade, without what was scanned since: {}",
        way_back.as_ref().map_or("`outguide restore` with a backup made before it".to_owned(), |file| format!("`outguide restore {}`", file.display()))
    )]
    Newer {
        /// The database.
        db: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
        /// The copy that was made before the upgrade, if it lies beside the database.
        way_back: Option<PathBuf>,
    },
    /// No copy could be made of a database that is to be brought to a newer schema.
    #[error(
        "{db} is of an older version, and the copy that is made of it before it is brought up failed; nothing was changed: make room for it or put right what follows, or install the older outguide again"
    )]
    NotBackedUp {
        /// The database.
        db: PathBuf,
        /// Why.
        #[source]
        cause: Box<StoreError>,
    },
    /// An older schema, which only a program that writes brings up.
    #[error(
        "{db} has the older schema version {found} (this outguide has {known}); `outguide serve` brings it up"
    )]
    Older {
        /// The database.
        db: PathBuf,
        /// Its version.
        found: i64,
        /// The version known here.
        known: i64,
    },
    /// A restore was broken off when the restored database was to take the place of the old one.
    #[error(
        "a restore of {db} was broken off or is under way; if none runs, start `outguide serve`: it finishes it"
    )]
    BeingRestored {
        /// The database.
        db: PathBuf,
    },
    /// The files were removed or replaced while they were open.
    #[error(
        "{db} or its WAL was removed or replaced while outguide runs; put back what was there, and recording goes on, or stop outguide and restore a backup"
    )]
    Vanished {
        /// The database.
        db: PathBuf,
    },
    /// The archive of old movements is not there, or another one is.
    #[error(
        "the database has movements in {path}, which is missing, was cut off, or belongs to another database; put back the file that was there, or restore a backup, which has all movements"
    )]
    NoArchive {
        /// Where the archive has to be.
        path: PathBuf,
    },
    /// The bundled SQLite is one with a known corruption bug.
    #[error(
        "the SQLite library is {version}; 3.51.3 or newer is needed, older ones can corrupt a database in WAL mode"
    )]
    OldSqlite {
        /// Its version.
        version: String,
    },
    /// A row of history does not fit the one before it.
    #[error(
        "{0}; something changed the database behind outguide's back: run `outguide verify`, then restore a backup"
    )]
    Broken(String),
    /// SQLite reported an error.
    #[error("the database could not {doing}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// SQLite's words.
        #[source]
        cause: SqliteCause,
    },
    /// A file of the database could not be read or written.
    #[error("cannot {doing} {path}")]
    File {
        /// What was being done.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// More questions wait than the readers can take.
    #[error("too many pages are being asked for at once; try again in a moment")]
    Busy,
    /// The database is stopping, or its thread ended.
    #[error("the database is closed")]
    Closed,
}

/// SQLite's own message with what to do about it; keeps rusqlite's types inside this room.
#[derive(Debug, thiserror::Error)]
#[error("{message}{advice}")]
pub struct SqliteCause {
    message: String,
    advice: &'static str,
    /// The file is damaged, and not the disk or the statement.
    is_damage: bool,
}

impl From<rusqlite::Error> for SqliteCause {
    fn from(error: rusqlite::Error) -> SqliteCause {
        use rusqlite::ErrorCode;
        let is_damage =
            matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase));
        SqliteCause { advice: advice(&error), message: error.to_string(), is_damage }
    }
}

impl StoreError {
    /// What was read does not make sense; nothing failed to be read.
    pub(super) fn is_damage(&self) -> bool {
        match self {
            StoreError::Broken(_) => true,
            StoreError::Sqlite { cause, .. } => cause.is_damage,
            _ => false,
        }
    }

    pub(super) fn sqlite(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
        move |cause| StoreError::Sqlite { doing, cause: cause.into() }
    }
}

/// An error in words, with what to do about it.
pub(super) fn text(error: &rusqlite::Error) -> String {
    format!("{error}{}", advice(error))
}

fn advice(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "; free space on the disk of `data_dir`, recording goes on by itself",
        Some(ErrorCode::ReadOnly) => {
            "; the disk or directory is read-only: check the mount and the owner of `data_dir`"
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "; check the owner and mode of `data_dir`"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "; another program holds the database: close it"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "; the file is damaged: run `outguide verify`, then `outguide restore` with the last good backup"
        }
        Some(ErrorCode::SystemIoFailure) => {
            "; the disk refuses: look for a limit, for free space, and in the kernel log for a failing disk"
        }
        _ => "",
    }
}

/// Whether an error tells of the disk or the file rather than of the one statement: nothing may be answered green
/// until the database has been opened and checked again.
pub(super) fn is_environmental(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode;
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::SystemIoFailure
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed
        )
    )
}
