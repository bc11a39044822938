//! Opens and closes serial ports, away from the runtime's threads: either may block (closing with unsent output
//! waits up to 30 s in the kernel).

use super::policy::Trouble;
use super::serial::LineSettings;
use rustix::fs::Access;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use tokio_serial::{ClearBuffer, ErrorKind, SerialPort, SerialPortBuilderExt, SerialStream};

/// Opens a port with its line settings, exclusively, and throws away what arrived before anybody listened.
pub(super) async fn open(device: PathBuf, line: LineSettings) -> Result<SerialStream, Trouble> {
    tokio::task::spawn_blocking(move || open_blocking(&device, &line))
        .await
        .unwrap_or_else(|error| Err(Trouble::Other(error.to_string())))
}

/// Closes a port; nobody waits for it.
pub(super) fn close(port: SerialStream) {
    drop(tokio::task::spawn_blocking(move || drop(port)));
}

/// Looks at a device without opening it (opening raises lines that some scanners reset on).
pub fn look(device: &Path) -> Option<Trouble> {
    let Ok(metadata) = std::fs::metadata(device) else { return Some(Trouble::Absent) };
    if !metadata.file_type().is_char_device() {
        return Some(Trouble::Unfit("not a character device".to_owned()));
    }
    if rustix::fs::access(device, Access::READ_OK | Access::WRITE_OK).is_err() {
        return Some(Trouble::NotPermitted);
    }
    holder(device).map(|holder| Trouble::Busy { holder: Some(holder) })
}

fn open_blocking(device: &Path, line: &LineSettings) -> Result<SerialStream, Trouble> {
    if std::fs::symlink_metadata(device).is_err() {
        return Err(Trouble::Absent);
    }
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
    Ok(port)
}

fn classify(error: &tokio_serial::Error, device: &Path) -> Trouble {
    match error.kind() {
        ErrorKind::Io(std::io::ErrorKind::NotFound) => Trouble::Absent,
        ErrorKind::Io(std::io::ErrorKind::PermissionDenied) => Trouble::NotPermitted,
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
fn holder(device: &Path) -> Option<String> {
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
