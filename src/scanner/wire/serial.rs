//! Serial ports. Opening and closing may block and are kept off the runtime's threads.

use super::{Heard, Wire};
use crate::scanner::kernel::{LineErrors, line_errors};
use crate::scanner::link::LineSettings;
use crate::scanner::policy::Trouble;
use rustix::fs::Access;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_serial::{ClearBuffer, ErrorKind, SerialPort, SerialPortBuilderExt, SerialStream};

/// An open port.
pub(super) struct Serial {
    port: SerialStream,
    errors_before: Option<LineErrors>,
}

/// Opens a port with its line settings, exclusively, and throws away what arrived before anybody listened.
pub(super) fn open(device: &Path, line: &LineSettings) -> Result<Serial, Trouble> {
    let port = tokio_serial::new(device.to_string_lossy(), line.baud)
        .data_bits(line.data_bits)
        .parity(line.parity)
        .stop_bits(line.stop_bits)
        .flow_control(line.flow)
        .open_native_async()
        .map_err(|error| classify(&error, device))?;
    // Until the port was raw, the terminal layer echoed and rewrote bytes: none of that is a scan.
    if let Err(error) = port.clear(ClearBuffer::Input) {
        tracing::debug!(device = %device.display(), %error, "input could not be cleared after opening");
    }
    Ok(Serial { errors_before: line_errors(&port), port })
}

impl Wire for Serial {
    /// Polls the stream itself: tokio-serial's `try_read` leaves its readiness standing, and a loop on `readable()`
    /// over it spins.
    fn poll_hear(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Heard> {
        let before = buffer.filled().len();
        Pin::new(&mut self.port).poll_read(cx, buffer).map(|read| {
            // An unplugged terminal reads as end of file, for ever.
            if read.is_ok() && buffer.filled().len() > before { Heard::Bytes } else { Heard::HungUp }
        })
    }

    fn poll_tell(&mut self, cx: &mut Context<'_>, answer: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.port).poll_write(cx, answer)
    }

    fn line_errors(&self) -> Option<LineErrors> {
        Some(line_errors(&self.port)?.since(self.errors_before?))
    }

    fn close(self: Box<Self>) {
        drop(tokio::task::spawn_blocking(move || drop(self)));
    }
}

/// Looks at a node without opening it.
pub(in crate::scanner) fn look_at_serial(device: &Path) -> Option<Trouble> {
    let Ok(metadata) = std::fs::metadata(device) else { return Some(Trouble::Absent) };
    if !metadata.file_type().is_char_device() {
        return Some(Trouble::Unfit("not a character device".to_owned()));
    }
    if rustix::fs::access(device, Access::READ_OK | Access::WRITE_OK).is_err() {
        return Some(Trouble::NotPermitted);
    }
    holder(device).map(|holder| Trouble::Busy { holder: Some(holder) })
}

fn classify(error: &tokio_serial::Error, device: &Path) -> Trouble {
    match error.kind() {
        ErrorKind::Io(io::ErrorKind::NotFound) => Trouble::Absent,
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => Trouble::NotPermitted,
        ErrorKind::NoDevice => Trouble::Busy { holder: holder(device) },
        ErrorKind::InvalidInput => Trouble::Unfit(error.description.clone()),
        ErrorKind::Unknown if says_unfit(&error.description) => Trouble::Unfit(error.description.clone()),
        ErrorKind::Unknown | ErrorKind::Io(_) => Trouble::Other(error.description.clone()),
    }
}

/// serialport keeps no errno for these; ENOTTY and EISDIR only show in the words.
fn says_unfit(description: &str) -> bool {
    ["typewriter", "ioctl", "directory", "Invalid argument"].iter().any(|words| description.contains(words))
}

/// The program that has a device open, as far as `/proc` lets us see.
pub(super) fn holder(device: &Path) -> Option<String> {
    let device = std::fs::canonicalize(device).ok()?;
    let own = std::process::id().to_string();
    let mut processes = std::fs::read_dir("/proc").ok()?.flatten();
    processes.find_map(|process| {
        let pid = process
            .file_name()
            .to_str()
            .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))?
            .to_owned();
        let mut files = std::fs::read_dir(process.path().join("fd")).ok()?.flatten();
        files.find(|file| std::fs::read_link(file.path()).is_ok_and(|target| target == device))?;
        let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
        let whose = if pid == own { "outguide itself: two sources name one device" } else { name.trim() };
        Some(format!("{whose} (process {pid})"))
    })
}
