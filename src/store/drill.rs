//! Restores a backup into a scratch place and looks at what came back: the only proof that a backup is one.

use super::backup::{BackupReport, file_error, pace, restore};
use super::chain::Heads;
use super::place::Place;
use super::verify::Progress;
use super::{StoreError, open, timestamp};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// What a restore into a scratch place proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrillReport {
    /// What was restored and what its verification saw; one with findings never gets this far.
    pub restored: BackupReport,
    /// The ends of the hash chains: table, number of the last row, its hash in hex. The audit log's is the row in which
    /// the restore is noted.
    pub heads: Vec<(&'static str, i64, String)>,
    /// When the newest scan in it was recorded.
    pub newest_scan: Option<Timestamp>,
}

/// Copies the database in `place`, which may be in use, as it is at one moment into the new file `to`, step by step so that
/// scans go on. The copy is not verified: restore it ([`drill`]). Returns its size in bytes.
///
/// # Errors
/// The database cannot be read, or the file not be written.
pub fn copy(place: &Place, to: &Path) -> Result<u64, StoreError> {
    let source = open::reader(place)?;
    let copied = pace(&source, to).map_err(StoreError::sqlite("be copied"))?;
    copied.close().map_err(|(_, error)| StoreError::sqlite("be closed after the copy")(error))?;
    Ok(std::fs::metadata(to).map_err(file_error("look at", to))?.len())
}

/// Restores the backup `file` as the database in `scratch`, a directory that is empty or not there, and verifies it. The
/// caller removes the directory.
///
/// # Errors
/// `file` is not a backup, or what comes back has findings.
pub fn drill(
    file: &Path,
    scratch: &Path,
    now: Timestamp,
    progress: Progress<'_>,
) -> Result<DrillReport, StoreError> {
    let place = Place::new(scratch);
    if place.db().exists() {
        return Err(StoreError::Exists { path: place.db() });
    }
    let restored = restore(&place, file, now, progress)?;
    let conn = open::reader(&place)?;
    let heads = Heads::load_checked(&conn)?;
    let newest: Option<i64> = conn
        .query_row("select recorded_at_us from scan order by scan_no desc limit 1", [], |row| row.get(0))
        .or_else(|error| if error == rusqlite::Error::QueryReturnedNoRows { Ok(None) } else { Err(error) })
        .map_err(StoreError::sqlite("be asked for its newest scan"))?;
    let chains = [("scan", heads.scan), ("movement", heads.movement), ("audit", heads.audit)];
    let heads = chains.map(|(table, head)| (table, head.no, hex(&head.hash))).into();
    Ok(DrillReport { restored, heads, newest_scan: newest.map(timestamp) })
}

/// The copies of damaged write-ahead logs that lie in the data directory: somebody has to look at them, and take them away.
pub fn damaged_logs(place: &Place) -> Vec<PathBuf> {
    super::log_damage::kept(place)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
