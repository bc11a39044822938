//! Puts one database in the place of another, so that a crash at any moment leaves the one or the other.
//!
//! A database is up to three files, which no file system exchanges at once. So the decision is a file of its own, the
//! note: as soon as it is on disk the incoming database counts, and whoever opens the place for writing next carries out
//! what is left of it. Each step may be done twice.

use super::StoreError;
use super::backup::{PARTS, file_error, remove_if_there};
use super::open::{sync_directory, with_suffix};
use super::place::Place;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Most databases that are moved aside in the same second.
const SAME_SECOND_MAX: u32 = 100;

/// Where the database that is to come in waits.
pub(super) fn incoming(place: &Place) -> PathBuf {
    with_suffix(&place.db(), ".restoring")
}

/// Says where the database that is there goes.
fn note(place: &Place) -> PathBuf {
    with_suffix(&place.db(), ".exchange")
}

/// Whether an exchange was decided on and not carried out.
pub(super) fn is_under_way(place: &Place) -> bool {
    note(place).exists()
}

/// Makes the incoming database, which must be whole and on disk, the one in `place`. What was there is moved beside it,
/// to a name that begins with `aside`; returns which.
pub(super) fn decide(place: &Place, aside: &Path) -> Result<Option<PathBuf>, StoreError> {
    let db = place.db();
    let aside = (1..SAME_SECOND_MAX)
        .map(|number| if number == 1 { aside.to_owned() } else { with_suffix(aside, &format!("-{number}")) })
        .find(|path| !path.exists())
        .ok_or_else(|| StoreError::Exists { path: aside.to_owned() })?;
    let had_one = db.exists();
    let path = note(place);
    let name = aside.file_name().unwrap_or_default();
    let unsaid = with_suffix(&path, ".partial");
    File::create(&unsaid)
        .and_then(|file| file.write_all_at(name.as_encoded_bytes(), 0).and_then(|()| file.sync_all()))
        .map_err(file_error("write down in", &unsaid))?;
    sync_directory(&db)?;
    std::fs::rename(&unsaid, &path).map_err(file_error("write down in", &path))?;
    sync_directory(&db)?;
    carry_out(place)?;
    Ok(had_one.then_some(aside))
}

/// Removes what a restore that was broken off before its decision had copied: a whole database, in the clear.
fn remove_undecided(place: &Place) -> Result<(), StoreError> {
    let incoming = incoming(place);
    for suffix in PARTS {
        remove_if_there(&with_suffix(&incoming, suffix))?;
    }
    remove_if_there(&with_suffix(&note(place), ".partial"))
}

/// Carries out an exchange that was decided on, if there is one; without one nothing waits to come in. The caller holds the lock.
pub(super) fn carry_out(place: &Place) -> Result<(), StoreError> {
    let path = note(place);
    let name = match std::fs::read_to_string(&path) {
        Ok(name) => name,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return remove_undecided(place),
        Err(error) => return Err(file_error("read", &path)(error)),
    };
    let (db, incoming) = (place.db(), incoming(place));
    if incoming.exists() {
        let aside = place.dir.join(name);
        for suffix in ["-wal", "-shm", ""] {
            let from = with_suffix(&db, suffix);
            if from.exists() {
                std::fs::rename(&from, with_suffix(&aside, suffix))
                    .map_err(file_error("move aside", &from))?;
            }
        }
        // The old WAL must be gone for good before there is a database that it does not belong to.
        sync_directory(&db)?;
        std::fs::rename(&incoming, &db).map_err(file_error("put the restored database at", &db))?;
    }
    sync_directory(&db)?;
    std::fs::remove_file(&path).map_err(file_error("remove", &path))?;
    sync_directory(&db)
}
