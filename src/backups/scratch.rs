//! Directories beside the database for what is needed for a moment. What lies in them may be a whole database in the
//! clear, so none outlives a program that was killed for long: each is locked while it is in use, and who makes the next
//! one, or starts the daemon, removes those that nobody holds.

use super::SCRATCH;
use rustix::fs::{FlockOperation, flock};
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Stands in the name before the number of the process.
const NAMED: &str = "-scratch-";

/// A directory that goes away with this value.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    _held: File,
}

impl Scratch {
    /// Makes one in `dir` for `what`, and removes what was left over there.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn beside(dir: &Path, what: &str) -> io::Result<Scratch> {
        remove_left_over(dir);
        let path = dir.join(format!("{what}{NAMED}{}", std::process::id()));
        loop {
            DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
            let held = File::open(&path)?;
            flock(&held, FlockOperation::LockExclusive)?;
            // Before it was held, somebody may have taken it for left over.
            if path.exists() {
                return Ok(Scratch { path, _held: held });
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            tracing::warn!(directory = %self.path.display(), %error, "a scratch directory stays; remove it");
        }
    }
}

/// Removes what programs that were killed have left in `dir`; what cannot be removed is told.
fn remove_left_over(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let number = name.split_once(NAMED).map(|(_, number)| number);
        if number.is_some_and(|number| number.parse::<u32>().is_ok()) && !is_held(&path) {
            remove(&path);
        }
    }
}

/// The same, and what a daemon has left: for the daemon that has the data directory to itself now.
pub fn remove_all_left_over(dir: &Path) {
    remove_left_over(dir);
    let own = dir.join(SCRATCH);
    if own.is_dir() {
        remove(&own);
    }
}

fn is_held(path: &Path) -> bool {
    let Ok(directory) = File::open(path) else { return false };
    flock(&directory, FlockOperation::NonBlockingLockExclusive).is_err()
}

fn remove(path: &Path) {
    match std::fs::remove_dir_all(path) {
        Ok(()) => tracing::warn!(directory = %path.display(), "what a killed program had left was removed"),
        Err(error) => {
            tracing::warn!(directory = %path.display(), %error, "what a killed program had left stays; remove it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_stays_and_what_is_left_goes() {
        let dir = tempfile::tempdir().unwrap();
        let left = dir.path().join("drill-scratch-4000000000");
        let held = Scratch::beside(dir.path(), "backup").unwrap();
        for path in [&left, &dir.path().join("my-scratch-notes"), &dir.path().join(SCRATCH)] {
            std::fs::create_dir(path).unwrap();
            std::fs::write(path.join("copy.db"), "patients").unwrap();
        }
        remove_left_over(dir.path());
        assert!(!left.exists() && held.path().exists() && dir.path().join("my-scratch-notes").exists());
        assert!(dir.path().join(SCRATCH).exists(), "a daemon may be at work in it");
        remove_all_left_over(dir.path());
        assert!(!dir.path().join(SCRATCH).exists());
        let path = held.path().to_owned();
        drop(held);
        assert!(!path.exists());
    }
}
