//! Where a database is, and how it is known as ours.

use std::path::PathBuf;

/// "OUTG" in ASCII: marks the file as ours (pragma application_id).
pub(super) const APPLICATION_ID: i32 = 0x4f55_5447;

/// "OUTA" in ASCII: marks the archive.
pub(super) const ARCHIVE_ID: i32 = 0x4f55_5441;

/// Where a database is and how it is reached.
#[derive(Debug, Clone)]
pub struct Place {
    /// The directory; the database in it is `outguide.db`.
    pub dir: PathBuf,
    /// SQLite VFS to use; `None` is the operating system's. Fault tests name their own.
    pub vfs: Option<String>,
}

impl Place {
    /// A database in `dir`, on the operating system's files.
    pub fn new(dir: impl Into<PathBuf>) -> Place {
        Place { dir: dir.into(), vfs: None }
    }

    /// The database file.
    pub fn db(&self) -> PathBuf {
        self.dir.join("outguide.db")
    }

    /// Where old movements are, once some were moved out of the database.
    pub fn archive(&self) -> PathBuf {
        self.dir.join("outguide-archive.db")
    }

    /// The file that one writing process at a time holds a lock on.
    pub(super) fn lock(&self) -> PathBuf {
        self.dir.join("outguide.lock")
    }
}
