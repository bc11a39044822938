//! One writing process at a time: an advisory lock that the kernel drops when its holder dies, however it dies.

use super::{StoreError, place::Place};
use rustix::fs::{FlockOperation, flock};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(50);

/// Held as long as this process may write to the database.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Makes the data directory if need be and takes the lock.
pub(super) fn take(place: &Place) -> Result<Lock, StoreError> {
    let unusable = |cause| StoreError::Directory { dir: place.dir.clone(), cause };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&place.dir).map_err(unusable)?;
    check_file_system(&place.dir)?;
    let path = place.lock();
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|cause| StoreError::File { doing: "open the lock file", path: path.clone(), cause })?;
    give_to_owner(&path);
    if !locked_soon(&file) {
        let mut holder = String::new();
        let known = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
        let holder = if known { holder.trim().to_owned() } else { "unknown".to_owned() };
        return Err(StoreError::InUse { db: place.db(), holder });
    }
    // The number only helps people; the lock does not depend on it, so a full disk must not matter here.
    let noted = file
        .set_len(0)
        .and_then(|()| file.seek(SeekFrom::Start(0)))
        .and_then(|_| writeln!(file, "{}", std::process::id()));
    if let Err(error) = noted {
        tracing::debug!(%error, "the lock file does not say who holds it");
    }
    Ok(Lock { _file: file })
}

/// Gives a file that root made to whoever owns its directory: the administrator imports and restores as root, and the
/// daemon has to be able to write afterwards. (SQLite does the same for its WAL.)
pub(super) fn give_to_owner(file: &Path) {
    let owner = |path: &Path| std::fs::metadata(path).map(|metadata| (metadata.uid(), metadata.gid()));
    let Some(dir) = file.parent() else { return };
    if let (Ok(ours), Ok(theirs)) = (owner(file), owner(dir))
        && ours != theirs
        && rustix::process::geteuid().is_root()
        && let Err(error) = std::os::unix::fs::chown(file, Some(theirs.0), Some(theirs.1))
    {
        tracing::warn!(file = %file.display(), %error, "the file could not be given to the owner of its directory");
    }
}

/// File systems by the magic number that `statfs` gives (linux/magic.h).
const NETWORK: [(i64, &str); 4] =
    [(0x6969, "NFS"), (0xff53_4d42, "CIFS"), (0xfe53_4d42, "SMB"), (0x517b, "SMB")];
const TMPFS: i64 = 0x0102_1994;

/// Refuses network file systems, and warns of one that lives in memory.
fn check_file_system(dir: &Path) -> Result<(), StoreError> {
    let Ok(seen) = rustix::fs::statfs(dir) else { return Ok(()) };
    let magic = seen.f_type & 0xffff_ffff;
    if let Some((_, kind)) = NETWORK.into_iter().find(|(network, _)| *network == magic) {
        return Err(StoreError::Network { dir: dir.to_owned(), kind });
    }
    if magic == TMPFS {
        tracing::warn!(dir = %dir.display(), "the data directory lives in memory: what is recorded is gone after a restart");
    }
    Ok(())
}

/// Tries for half a second: a program that was just started by the last holder shares its lock until it runs, and a
/// daemon that is being restarted may still be on its way out.
fn locked_soon(file: &File) -> bool {
    for _ in 0..TRIES {
        if flock(file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            return true;
        }
        std::thread::sleep(PAUSE);
    }
    false
}

/// Who holds the lock, if anybody does; looks only.
pub(super) fn holder(place: &Place) -> Option<String> {
    let mut file = File::open(place.lock()).ok()?;
    if flock(&file, FlockOperation::NonBlockingLockShared).is_ok() {
        return None;
    }
    let mut holder = String::new();
    file.read_to_string(&mut holder).ok()?;
    Some(holder.trim().to_owned())
}
