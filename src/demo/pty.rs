//! A scanner on a pseudo-terminal: the daemon opens its far end like any serial device.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A scanner that a program plays.
#[derive(Debug)]
pub struct PtyScanner {
    master: File,
    path: PathBuf,
    /// Held so that the line does not hang up between two openings by the daemon.
    _far_end: OwnedFd,
}

impl PtyScanner {
    /// Makes a pseudo-terminal.
    ///
    /// # Errors
    /// The system gives none (is `/dev/pts` mounted?).
    pub fn new() -> std::io::Result<PtyScanner> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        let path = PathBuf::from(name.to_string_lossy().into_owned());
        let far_end =
            rustix::fs::open(&path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        let flags = rustix::fs::fcntl_getfl(&master)?;
        rustix::fs::fcntl_setfl(&master, flags | OFlags::NONBLOCK)?;
        Ok(PtyScanner { master: File::from(master), path, _far_end: far_end })
    }

    /// The device to put into a configuration.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sends bytes as a scanner would.
    ///
    /// # Errors
    /// Nobody reads and the line is full.
    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.master.write_all(bytes)
    }

    /// Waits until the daemon has answered something, and returns it; empty when `patience` is over.
    ///
    /// # Errors
    /// The line cannot be waited for.
    pub fn wait_for_answers(&mut self, patience: Duration) -> std::io::Result<Vec<u8>> {
        let patience = Timespec::try_from(patience).map_err(std::io::Error::other)?;
        poll(&mut [PollFd::new(&self.master, PollFlags::IN)], Some(&patience))?;
        Ok(self.answers())
    }

    /// What the daemon has answered since the last call; empty if nothing.
    pub fn answers(&mut self) -> Vec<u8> {
        let mut answers = Vec::new();
        let mut buffer = [0; 256];
        while let Ok(count) = self.master.read(&mut buffer) {
            if count == 0 {
                break;
            }
            answers.extend_from_slice(buffer.get(..count).unwrap_or_default());
        }
        answers
    }
}
