//! Scanners in HID POS mode, through hidraw: reports in, sounds out.

use super::{Heard, Wire, trouble};
use crate::scanner::hid::{ReportMap, Sound};
use crate::scanner::kernel::watched;
use crate::scanner::policy::Trouble;
use rustix::fs::{Mode, OFlags};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::ReadBuf;
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc;

/// Between two sounds of one answer: they must not run into one.
const BETWEEN_SOUNDS: Duration = Duration::from_millis(250);
/// Sounds that may wait.
const SOUNDS_MAX: usize = 16;

/// A node and what its descriptor says.
pub(super) struct Opened {
    fd: OwnedFd,
    map: ReportMap,
}

/// An open scanner.
pub(super) struct HidPos {
    fd: Arc<AsyncFd<OwnedFd>>,
    map: ReportMap,
    report: Vec<u8>,
    /// Canonical reports that did not fit into the reader's buffer.
    pending: Vec<u8>,
    sounds: mpsc::Sender<Vec<u8>>,
}

/// Opens a node and reads its descriptor.
pub(super) fn open(node: &Path) -> Result<Opened, Trouble> {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let fd = rustix::fs::open(node, flags, Mode::empty()).map_err(|error| trouble(&error.into(), node))?;
    // A link of udev's has another name than the kernel's.
    let real = std::fs::canonicalize(node).map_err(|error| trouble(&error, node))?;
    let name = real.file_name().unwrap_or_default();
    let descriptor = Path::new("/sys/class/hidraw").join(name).join("device/report_descriptor");
    let bytes = std::fs::read(&descriptor)
        .map_err(|error| Trouble::Unfit(format!("its report descriptor cannot be read: {error}")))?;
    let map = ReportMap::parse(&bytes).ok_or_else(|| {
        Trouble::Unfit("its report descriptor is not that of a bar code scanner".to_owned())
    })?;
    Ok(Opened { fd, map })
}

impl HidPos {
    /// Listens to an opened scanner.
    pub(super) fn new(opened: Opened) -> Result<HidPos, Trouble> {
        let Opened { fd, map } = opened;
        let fd = Arc::new(watched(fd).map_err(|error| Trouble::Other(error.to_string()))?);
        let (sounds, waiting) = mpsc::channel(SOUNDS_MAX);
        drop(tokio::spawn(play(Arc::clone(&fd), waiting)));
        let report = vec![0; map.report_bytes_max().max(1)];
        Ok(HidPos { fd, map, report, pending: Vec::new(), sounds })
    }
}

impl Wire for HidPos {
    fn poll_hear(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Heard> {
        while self.pending.is_empty() {
            let mut guard = match ready!(self.fd.poll_read_ready(cx)) {
                Ok(guard) => guard,
                Err(_) => return Poll::Ready(Heard::HungUp),
            };
            let report = &mut self.report;
            match guard.try_io(|fd| Ok(rustix::io::read(fd, report)?)) {
                Ok(Ok(count)) if count > 0 => {
                    self.map.canonical(self.report.get(..count).unwrap_or_default(), &mut self.pending);
                }
                // An unplugged scanner reads as an error.
                Ok(_) => return Poll::Ready(Heard::HungUp),
                Err(_) => {}
            }
        }
        let count = self.pending.len().min(buffer.remaining());
        buffer.put_slice(&self.pending.drain(..count).collect::<Vec<_>>());
        Poll::Ready(Heard::Bytes)
    }

    /// Takes sounds, each a usage of the answer profile's. Many scanners know no sound of their own for "not on file":
    /// they sound their error; what they cannot sound at all is left out.
    fn poll_tell(&mut self, _cx: &mut Context<'_>, answer: &[u8]) -> Poll<io::Result<usize>> {
        let reports = answer.iter().filter_map(|usage| {
            let sound = sound(*usage)?;
            self.map
                .sound(sound)
                .or_else(|| self.map.sound(Sound::Error).filter(|_| sound == Sound::NotOnFile))
        });
        for report in reports {
            if self.sounds.try_send(report).is_err() {
                tracing::debug!("the scanner still sounds the answers before");
            }
        }
        Poll::Ready(Ok(answer.len()))
    }

    fn close(self: Box<Self>) {}
}

/// The sound of a usage as answer profiles name it (HID POS usage tables, page 0x8C).
fn sound(usage: u8) -> Option<Sound> {
    match usage {
        0x85 => Some(Sound::Error),
        0x86 => Some(Sound::GoodRead),
        0x87 => Some(Sound::NotOnFile),
        _ => None,
    }
}

/// Plays sounds one after the other until the wire is closed.
async fn play(fd: Arc<AsyncFd<OwnedFd>>, mut waiting: mpsc::Receiver<Vec<u8>>) {
    while let Some(report) = waiting.recv().await {
        // A report goes to the device within the call, which may take as long as the device does.
        let fd = Arc::clone(&fd);
        let wrote = tokio::task::spawn_blocking(move || rustix::io::write(fd.get_ref(), &report)).await;
        if let Ok(Err(error)) = wrote {
            tracing::debug!(%error, "the scanner did not take a sound");
        }
        tokio::time::sleep(BETWEEN_SOUNDS).await;
    }
}
