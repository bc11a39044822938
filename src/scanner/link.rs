//! What a source is: how its scanner hangs on this machine, how its bytes are cut, and how it is answered.

use super::answer::AnswerProfile;
use super::frame::FrameSettings;
use super::keys::{KeyByte, Layout};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// A source as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Key in records and logs: lower-case letters, digits and `-`; unique among all sources.
    pub name: String,
    /// How the scanner is reached. No other source has the same.
    pub link: Link,
    /// How its bytes are cut into frames.
    pub frame: FrameSettings,
    /// How it is answered.
    pub answer: AnswerProfile,
}

/// How a scanner hangs on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// A serial line: RS-232, an adapter, "USB COM", Bluetooth serial port.
    Serial {
        /// The device.
        device: Device,
        /// Line settings.
        line: LineSettings,
    },
    /// A scanner that types (keyboard wedge).
    Keyboard {
        /// The device.
        device: Device,
        /// The layout the scanner is set to.
        layout: Layout,
        /// Keys that stand for a byte, as set in the scanner.
        key_bytes: Vec<KeyByte>,
        /// Whether nobody else is to see what it types; false only to find out which keyboard is a scanner.
        is_taken: bool,
    },
    /// A scanner in HID POS mode (usage page 0x8C).
    HidPos {
        /// The device.
        device: Device,
    },
    /// A scanner or serial device server that listens; Outguide connects.
    TcpConnect {
        /// `host:port`.
        address: String,
    },
    /// Outguide listens; the scanner or device server connects.
    TcpListen {
        /// Where to listen.
        listen: SocketAddr,
        /// Who may connect.
        allow: Vec<IpAddr>,
    },
    /// A recording that is played once.
    Replay {
        /// The file.
        file: PathBuf,
    },
}

impl Link {
    /// Names the kind as the configuration does.
    pub fn kind(&self) -> &'static str {
        match self {
            Link::Serial { .. } => "serial",
            Link::Keyboard { .. } => "keyboard",
            Link::HidPos { .. } => "hid-pos",
            Link::TcpConnect { .. } => "tcp-connect",
            Link::TcpListen { .. } => "tcp-listen",
            Link::Replay { .. } => "replay",
        }
    }

    /// The device on this machine, if the scanner is one.
    pub fn device(&self) -> Option<&Device> {
        match self {
            Link::Serial { device, .. } | Link::Keyboard { device, .. } | Link::HidPos { device } => {
                Some(device)
            }
            Link::TcpConnect { .. } | Link::TcpListen { .. } | Link::Replay { .. } => None,
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Link::Serial { device, .. } | Link::Keyboard { device, .. } | Link::HidPos { device } => {
                device.fmt(f)
            }
            Link::TcpConnect { address } => write!(f, "tcp {address}"),
            Link::TcpListen { listen, .. } => write!(f, "tcp, listening on {listen}"),
            Link::Replay { file } => write!(f, "recording {}", file.display()),
        }
    }
}

/// Which device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its node, or a link to it; none: it is looked for by its USB identity.
    pub path: Option<PathBuf>,
    /// Its USB identity. With a path: what is expected there, and told if it is another.
    pub usb: Option<UsbId>,
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.path, &self.usb) {
            (Some(path), _) => path.display().fmt(f),
            (None, Some(usb)) => write!(f, "usb {usb}"),
            (None, None) => f.write_str("no device"),
        }
    }
}

/// A USB identity: vendor and product number, and the serial number if there is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsbId {
    /// Vendor, `idVendor`.
    pub vendor: u16,
    /// Product, `idProduct`.
    pub product: u16,
    /// Serial number, `iSerial`; none: any, or a device without one.
    pub serial: Option<String>,
}

impl UsbId {
    /// Reads `vendor:product` or `vendor:product:serial`, the numbers in hexadecimal.
    pub fn parse(text: &str) -> Option<UsbId> {
        let mut parts = text.splitn(3, ':');
        let mut number = || {
            let digits = parts.next().filter(|part| part.len() == 4 && !part.starts_with('+'))?;
            u16::from_str_radix(digits, 16).ok()
        };
        let (vendor, product) = (number()?, number()?);
        match parts.next() {
            Some("") => None,
            serial => Some(UsbId { vendor, product, serial: serial.map(str::to_owned) }),
        }
    }

    /// Whether a device of identity `found` is meant.
    pub fn matches(&self, found: &UsbId) -> bool {
        (self.vendor, self.product) == (found.vendor, found.product)
            && (self.serial.is_none() || self.serial == found.serial)
    }
}

impl fmt::Display for UsbId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.product)?;
        self.serial.as_ref().map_or(Ok(()), |serial| write!(f, ":{serial}"))
    }
}

/// Line settings of a serial port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineSettings {
    /// Bits per second.
    pub baud: u32,
    /// Data bits, 5 to 8.
    pub data_bits: tokio_serial::DataBits,
    /// Parity.
    pub parity: tokio_serial::Parity,
    /// Stop bits.
    pub stop_bits: tokio_serial::StopBits,
    /// Flow control.
    pub flow: tokio_serial::FlowControl,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(UsbId::parse(text).map(|id| id.to_string()).as_deref(), expect, "{text}");
    }

    #[test]
    fn reads_usb_identities() {
        check("0403:6001", Some("0403:6001"));
        check("05E0:1900:S1", Some("05e0:1900:S1"));
        check("05e0:1900:A:B", Some("05e0:1900:A:B"));
        check("0403", None);
        check("403:6001", None);
        check("0403:6001:", None);
        check("+403:6001", None);
        check("xyzw:6001", None);
    }

    #[test]
    fn an_identity_without_serial_means_any() {
        let with = UsbId::parse("0403:6001:S1").unwrap();
        let without = UsbId::parse("0403:6001").unwrap();
        assert!(without.matches(&with) && with.matches(&with) && without.matches(&without));
        assert!(!with.matches(&without) && !with.matches(&UsbId::parse("0403:6001:S2").unwrap()));
    }
}
