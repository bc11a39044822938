//! Scratch directories beside the database: they hold what backups hold, so none outlives its program for long.

use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// What stands between what it is for and whose it is.
const MARK: &str = "-scratch-";

/// A directory beside the database, named after its program's process, that goes away with this value. A program that is
/// killed leaves it behind, for the next one to remove.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes one in `dir`, and removes those of programs that have ended.
    ///
    /// # Errors
    /// It cannot be made; the message names it.
    pub fn beside(dir: &Path, what: &str) -> Result<Scratch> {
        remove_left(dir);
        let path = dir.join(format!("{what}{MARK}{}", std::process::id()));
        // Of an earlier program with our number.
        drop(std::fs::remove_dir_all(&path));
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.map_err(|cause| Error::new(cause.kind(), format!("cannot make {}: {cause}", path.display())))?;
        Ok(Scratch(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(directory = %self.0.display(), %error, "a scratch directory stays; remove it");
        }
    }
}

/// Removes the scratch directories in `dir` whose programs have ended.
pub fn remove_left(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_left = entry.file_type().is_ok_and(|kind| kind.is_dir())
            && name.to_str().and_then(owner).is_some_and(|process| !is_running(process));
        if !is_left {
            continue;
        }
        match std::fs::remove_dir_all(entry.path()) {
            Ok(()) => {
                tracing::info!(directory = %entry.path().display(), "what a killed program left was removed");
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(directory = %entry.path().display(), %error, "what a killed program left cannot be removed; remove it");
            }
        }
    }
}

/// The process whose scratch directory this is by its name.
fn owner(name: &str) -> Option<i32> {
    let (what, process) = name.rsplit_once(MARK)?;
    let is_ours = ["backup", "drill", "opened", "selftest"].contains(&what);
    process.parse().ok().filter(|process| is_ours && *process > 0)
}

/// Whether there is such a process; somebody else's counts, too.
fn is_running(process: i32) -> bool {
    let Some(process) = rustix::process::Pid::from_raw(process) else { return false };
    rustix::process::test_kill_process(process) != Err(rustix::io::Errno::SRCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_ended_programs_left_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        let (ended, running) = (ended.id(), std::os::unix::process::parent_id());
        let make = |name: &str| std::fs::create_dir_all(dir.path().join(name).join("restored")).unwrap();
        let kept = [
            format!("drill-scratch-{running}"),
            "drill-scratch-x".to_owned(),
            format!("notes-scratch-{ended}"),
            "outguide.db".to_owned(),
        ];
        kept.iter().for_each(|name| make(name));
        for what in ["backup", "drill", "opened", "selftest"] {
            make(&format!("{what}-scratch-{ended}"));
        }
        let mine = Scratch::beside(dir.path(), "drill").unwrap();
        let own = mine.path().to_owned();
        let also_mine = Scratch::beside(dir.path(), "opened").unwrap();
        assert!(own.is_dir() && also_mine.path().is_dir(), "one program may have several");
        drop((mine, also_mine));
        let mut left: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let mut kept = kept.to_vec();
        kept.sort();
        assert_eq!(left, kept);
    }
}
