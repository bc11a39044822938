//! Where a database is, and how it is known as ours.

use std::path::PathBuf;

/// "OUTG" in ASCII: marks the file as ours (pragma application_id).
pub(super) const APPLICATION_ID: i32 = 0x4f55_5447;

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

    /// The file that one writing process at a time holds a lock on.
    pub(super) fn lock(&self) -> PathBuf {
        self.dir.join("outguide.lock")
    }
}
