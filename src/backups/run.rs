//! Makes one backup, from the copy to the removal of those that are not kept any more.

use super::keeping::{name, named_at, superseded};
use super::seal::{self, Identities, NotOpened, Recipients};
use super::{Plan, is_sealed};
use crate::store::{self, DrillReport, Place, StoreError};
use jiff::Timestamp;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The directory beside the database in which copies and restores are made; emptied before and after.
const SCRATCH: &str = "backup-scratch";
/// What is written to the backup's directory is put on disk piece by piece, so that no commit has to wait for all of it.
const SYNC_EVERY: usize = 4 << 20;
const BUFFER: usize = 1 << 18;

/// A good backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The moment that it holds.
    pub at: Timestamp,
    /// The file.
    pub file: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// What its restore proved; `None` if that was before the daemon started.
    pub proven: Option<DrillReport>,
}

/// Why there is no new backup.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// The directory is not there.
    #[error(
        "the backup directory {directory} is not there; mount it or make it, and let the service's user write to it: the next try is in ten minutes"
    )]
    NoDirectory {
        /// The directory.
        directory: PathBuf,
    },
    /// The database could not be copied, or what came back from the restore is not sound.
    #[error("the database could not be copied and restored")]
    Store(#[from] StoreError),
    /// A file could not be read or written.
    #[error("cannot {doing} {path}; {}", advice(cause))]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// What was sealed cannot be opened.
    #[error("what was encrypted cannot be read back")]
    NotOpened(#[from] NotOpened),
}

fn advice(cause: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match cause.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "the disk is full: make room, or keep fewer backups; the next try is in ten minutes"
        }
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            "the service's user must be able to write there: look at the mount, at the directory's owner, and at `StateDirectory=` or `ReadWritePaths=` in its unit; the next try is in ten minutes"
        }
        _ => "look at the disk or the network it is on; the next try is in ten minutes",
    }
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> NotMade {
    let path = path.to_owned();
    move |cause| NotMade::File { doing, path, cause }
}

/// Makes a backup of the database in `place`, which may be in use, as `plan` says; `step` hears what is being done.
///
/// # Errors
/// There is no new backup, and all older ones are there.
pub fn make(
    place: &Place,
    plan: &Plan,
    now: Timestamp,
    step: &mut dyn FnMut(&'static str, i64),
) -> Result<Backup, NotMade> {
    if !plan.directory.is_dir() {
        return Err(NotMade::NoDirectory { directory: plan.directory.clone() });
    }
    remove_partial(&plan.directory);
    let scratch = place.dir.join(SCRATCH);
    clear(&scratch)?;
    let file = plan.directory.join(name(now, !plan.recipients.is_empty()));
    let made = make_in(place, &scratch, &file, &plan.recipients, now, step);
    let cleared =
        clear(&scratch).and_then(|()| std::fs::remove_dir(&scratch).map_err(failed("remove", &scratch)));
    if let Err(error) = cleared {
        tracing::warn!(%error, "what was left of a backup stays until the next one");
    }
    let proven = made?;
    remove_superseded(plan);
    let bytes = std::fs::metadata(&file).map_err(failed("look at", &file))?.len();
    Ok(Backup { at: now, file, bytes, proven: Some(proven) })
}

fn make_in(
    place: &Place,
    scratch: &Path,
    file: &Path,
    recipients: &Recipients,
    now: Timestamp,
    step: &mut dyn FnMut(&'static str, i64),
) -> Result<DrillReport, NotMade> {
    let (copy, back) = (scratch.join("copy.db"), scratch.join("back.db"));
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    step("copy", 0);
    store::copy(place, &copy)?;
    step("write", 0);
    let (all, proof) = recipients.with_proof();
    let written = if recipients.is_empty() {
        pour(&copy, &partial, |mut from, mut to| std::io::copy(&mut from, &mut to).map(|_| ()))
    } else {
        pour(&copy, &partial, |from, to| seal::seal(&all, from, to))
    };
    let proven = written.and_then(|()| {
        // What follows is of what lies in the backup's directory, and of nothing else.
        std::fs::remove_file(&copy).map_err(failed("remove", &copy))?;
        step("read back", 0);
        unseal_to(&partial, &back, Some(&proof))?;
        Ok(store::drill(&back, &scratch.join("restored"), now, step)?)
    });
    let named = proven.and_then(|proven| {
        std::fs::rename(&partial, file).map_err(failed("rename the finished backup to", file))?;
        let dir = file.parent().unwrap_or(Path::new("/"));
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed("put on disk the names in", dir))?;
        Ok(proven)
    });
    if named.is_err() {
        drop(std::fs::remove_file(&partial));
    }
    named
}

/// Seals a finished backup for `recipients` into the new file `to`.
///
/// # Errors
/// One of the files cannot be read or written; `to` is not there then.
pub fn seal_copy(from: &Path, to: &Path, recipients: &Recipients) -> Result<(), NotMade> {
    let sealed = pour(from, to, |from, to| seal::seal(recipients, from, to));
    if sealed.is_err() {
        drop(std::fs::remove_file(to));
    }
    sealed
}

/// Copies a backup into the new file `to`, opened if it is sealed.
///
/// # Errors
/// It is sealed and none of the keys fits, or a file cannot be read or written.
pub fn unseal_to(file: &Path, to: &Path, identities: Option<&Identities>) -> Result<(), NotMade> {
    let nobody = Identities::none();
    let opened = |from: BufReader<File>| -> Result<Box<dyn Read>, NotMade> {
        if is_sealed(file) {
            Ok(Box::new(seal::unseal(identities.unwrap_or(&nobody), from)?))
        } else {
            Ok(Box::new(from))
        }
    };
    let from = File::open(file).map_err(failed("read", file))?;
    let mut from = opened(BufReader::with_capacity(BUFFER, from))?;
    let mut out = Paced::create(to).map_err(failed("write", to))?;
    let mut buffer = vec![0; BUFFER];
    loop {
        // Reading and writing fail for different reasons, and are told apart.
        let length = from.read(&mut buffer).map_err(failed("read", file))?;
        let Some(read) = buffer.get(..length).filter(|read| !read.is_empty()) else { break };
        out.write_all(read).map_err(failed("write", to))?;
    }
    out.end().map_err(failed("put on disk", to))
}

/// Fills the new file `to` from `from`.
fn pour(
    from: &Path,
    to: &Path,
    how: impl FnOnce(BufReader<File>, &mut BufWriter<Paced>) -> std::io::Result<()>,
) -> Result<(), NotMade> {
    let source = BufReader::with_capacity(BUFFER, File::open(from).map_err(failed("read", from))?);
    let mut out = BufWriter::with_capacity(BUFFER, Paced::create(to).map_err(failed("write", to))?);
    how(source, &mut out).map_err(failed("write", to))?;
    let out = out.into_inner().map_err(|error| failed("write", to)(error.into_error()))?;
    out.end().map_err(failed("put on disk", to))
}

/// A new file that is put on disk piece by piece.
struct Paced {
    file: File,
    since: usize,
}

impl Paced {
    fn create(path: &Path) -> std::io::Result<Paced> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Paced { file, since: 0 })
    }

    fn end(self) -> std::io::Result<()> {
        self.file.sync_all()
    }
}

impl Write for Paced {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.since += written;
        if self.since >= SYNC_EVERY {
            self.since = 0;
            self.file.sync_data()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// The good backups in a directory, oldest first.
fn all(directory: &Path) -> Vec<(Timestamp, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let at = |path: &PathBuf| named_at(path.file_name()?.to_str()?);
    let mut found: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter_map(|path| Some((at(&path)?, path))).collect();
    found.sort();
    found
}

/// The newest good backup in a directory, and how many there are.
pub fn newest(directory: &Path) -> (Option<Backup>, usize) {
    let all = all(directory);
    let newest = all.last().map(|(at, file)| Backup {
        at: *at,
        file: file.clone(),
        bytes: std::fs::metadata(file).map_or(0, |metadata| metadata.len()),
        proven: None,
    });
    (newest, all.len())
}

fn remove_superseded(plan: &Plan) {
    let all = all(&plan.directory);
    let times: Vec<_> = all.iter().map(|(at, _)| *at).collect();
    let gone = superseded(&times, plan.keep, &plan.zone);
    for (_, file) in all.iter().filter(|(at, _)| gone.contains(at)) {
        match std::fs::remove_file(file) {
            Ok(()) => tracing::info!(file = %file.display(), "an old backup was removed"),
            Err(error) => {
                tracing::warn!(file = %file.display(), %error, "an old backup could not be removed");
            }
        }
    }
}

/// Removes what a program left that was killed while it made, read or tried a backup: it holds what the database holds. To
/// be called by whoever has the database for writing.
pub fn remove_broken_off(place: &Place, plan: Option<&Plan>) {
    super::scratch::remove_left(&place.dir);
    let scratch = place.dir.join(SCRATCH);
    match std::fs::remove_dir_all(&scratch) {
        Ok(()) => {
            tracing::info!(directory = %scratch.display(), "what was left of a broken-off backup was removed");
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            tracing::warn!(directory = %scratch.display(), %error, "what was left of a broken-off backup cannot be removed; remove it");
        }
    }
    if let Some(plan) = plan {
        remove_partial(&plan.directory);
    }
}

/// What was broken off.
fn remove_partial(directory: &Path) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let whole = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".partial"));
        if whole.and_then(named_at).is_some() {
            drop(std::fs::remove_file(&path));
        }
    }
}

/// Makes the scratch directory, empty.
fn clear(scratch: &Path) -> Result<(), NotMade> {
    match std::fs::remove_dir_all(scratch) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(failed("empty", scratch)(error));
        }
        _ => {}
    }
    DirBuilder::new().recursive(true).mode(0o700).create(scratch).map_err(failed("make", scratch))
}
