//! An open scanner of whatever kind: bytes in, answers out.

mod hid_pos;
mod keyboard;
mod replay;
mod serial;
mod tcp;

use super::inventory::{Inventory, NodeKind};
use super::kernel::LineErrors;
use super::link::{Device, Link};
use super::policy::Trouble;
use std::io;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll};
use tcp::Listening;
use tokio::io::ReadBuf;

/// What a wire has heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Bytes.
    Bytes,
    /// Some were lost here: what is open must not be completed with what follows.
    Gap,
    /// Another connection took the place of this one: what is open is over, and its answers are nobody's.
    Replaced,
    /// The device is gone.
    HungUp,
    /// The recording has been played to its end.
    Played,
}

/// An open scanner.
pub(super) trait Wire: Send {
    /// Waits for bytes, which are put into `buffer`.
    fn poll_hear(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Heard>;

    /// Sends some of an answer; how many bytes were taken.
    fn poll_tell(&mut self, cx: &mut Context<'_>, answer: &[u8]) -> Poll<io::Result<usize>>;

    /// Errors on the line since it was opened; none if the driver does not count them.
    fn line_errors(&self) -> Option<LineErrors> {
        None
    }

    /// Says that this wire's scans are made from a recording: the key from which their ids follow.
    fn recording(&self) -> Option<u64> {
        None
    }

    /// Lets go of the device; nobody waits for it, as closing a port with unsent output may take half a minute.
    fn close(self: Box<Self>);
}

/// Opens one source's wire again and again.
#[derive(Debug, Default)]
pub(super) struct Opener {
    listening: Option<Listening>,
}

impl Opener {
    /// Opens the scanner; while nobody has connected or plugged in, [`Trouble::Absent`].
    pub(super) async fn open(&mut self, name: &str, link: &Link) -> Result<Box<dyn Wire>, Trouble> {
        Ok(match link {
            Link::Serial { device, line } => {
                let (device, line) = (device.clone(), line.clone());
                Box::new(blocking(move || serial::open(&node(&device, NodeKind::Serial)?, &line)).await?)
            }
            Link::Keyboard { device, layout, key_bytes, is_taken } => {
                let (device, is_taken) = (device.clone(), *is_taken);
                let opened =
                    blocking(move || keyboard::open(&node(&device, NodeKind::Keyboard)?, is_taken)).await?;
                Box::new(keyboard::Keyboard::new(opened, *layout, key_bytes.clone())?)
            }
            Link::HidPos { device } => {
                let device = device.clone();
                let opened = blocking(move || hid_pos::open(&node(&device, NodeKind::HidPos)?)).await?;
                Box::new(hid_pos::HidPos::new(opened)?)
            }
            Link::TcpConnect { address } => Box::new(tcp::connect(address).await?),
            Link::TcpListen { listen, allow } => {
                let listening = match self.listening.take() {
                    Some(listening) => listening,
                    None => Listening::bind(*listen, allow.clone()).await?,
                };
                let kept = self.listening.insert(listening);
                Box::new(kept.accept().await?)
            }
            Link::Replay { file } => {
                let (file, name) = (file.clone(), name.to_owned());
                Box::new(blocking(move || replay::open(&file, &name)).await?)
            }
        })
    }
}

async fn blocking<T: Send + 'static>(
    open: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Trouble> {
    tokio::task::spawn_blocking(open).await.unwrap_or_else(|error| Err(Trouble::Other(error.to_string())))
}

fn node(device: &Device, kind: NodeKind) -> Result<PathBuf, Trouble> {
    Inventory::default().find(device, kind)
}

/// What stands in the way of a node that cannot be opened.
fn trouble(error: &io::Error, node: &Path) -> Trouble {
    use rustix::io::Errno;
    match Errno::from_io_error(error) {
        // Between unplug and the removal of its links a device is still named, but no more there.
        Some(Errno::NOENT | Errno::NODEV | Errno::NXIO) => Trouble::Absent,
        Some(Errno::ACCESS | Errno::PERM) => Trouble::NotPermitted,
        Some(Errno::BUSY) => Trouble::Busy { holder: serial::holder(node) },
        _ => Trouble::Other(error.to_string()),
    }
}

pub(super) use serial::look_at_serial;

/// Looks at a source's device without opening it (opening raises lines that some scanners reset on).
pub fn look(link: &Link) -> Option<Trouble> {
    let (device, kind) = match link {
        Link::Serial { device, .. } => (device, NodeKind::Serial),
        Link::Keyboard { device, .. } => (device, NodeKind::Keyboard),
        Link::HidPos { device } => (device, NodeKind::HidPos),
        Link::Replay { file } => return file.metadata().err().map(|error| trouble(&error, file)),
        Link::TcpConnect { .. } | Link::TcpListen { .. } => return None,
    };
    node(device, kind).map_or_else(Some, |node| look_at_serial(&node))
}
