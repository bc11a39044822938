//! What is plugged in, read from sysfs and the links that udev makes; opens nothing.

use super::hid::ReportMap;
use super::keys::is_scanner_keyboard;
use super::link::{Device, UsbId};
use super::policy::Trouble;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What kind of device a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// A serial line.
    Serial,
    /// A keyboard, or a scanner that types.
    Keyboard,
    /// A bar code scanner in HID POS mode.
    HidPos,
}

impl NodeKind {
    /// Names the kind as the configuration does.
    pub fn as_str(self) -> &'static str {
        match self {
            NodeKind::Serial => "serial",
            NodeKind::Keyboard => "keyboard",
            NodeKind::HidPos => "hid-pos",
        }
    }
}

/// One device that could be a scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugged {
    /// Its node, such as `/dev/ttyUSB0`.
    pub node: PathBuf,
    /// What it is.
    pub kind: NodeKind,
    /// Its USB identity, if it is on USB.
    pub usb: Option<UsbId>,
    /// What it calls itself.
    pub name: Option<String>,
    /// The socket, such as `1-1.2`, if it is on USB.
    pub socket: Option<String>,
    /// The kernel's driver.
    pub driver: Option<String>,
    /// Its link below `/dev/serial/by-id` or `/dev/input/by-id`.
    pub by_id: Option<PathBuf>,
    /// Its link below `/dev/serial/by-path` or `/dev/input/by-path`.
    pub by_path: Option<PathBuf>,
    /// Another device of the same kind has the same identity: names that are made of it may mean either.
    pub has_twin: bool,
}

/// Where to look; another root in tests.
#[derive(Debug, Clone)]
pub struct Inventory {
    sys: PathBuf,
    dev: PathBuf,
}

impl Default for Inventory {
    fn default() -> Inventory {
        Inventory { sys: PathBuf::from("/sys"), dev: PathBuf::from("/dev") }
    }
}

impl Inventory {
    /// Everything that could be a scanner, by kind and node.
    pub fn plugged(&self) -> Vec<Plugged> {
        let links = self.links();
        let mut found = self.class("tty", NodeKind::Serial, &links);
        found.extend(self.class("hidraw", NodeKind::HidPos, &links));
        found.extend(self.class("input", NodeKind::Keyboard, &links));
        found.sort_by(|a, b| (a.kind, &a.node).cmp(&(b.kind, &b.node)));
        mark_twins(&mut found);
        found
    }

    /// The node of a configured device.
    ///
    /// # Errors
    /// There is none, or several fit and guessing would be wrong.
    pub fn find(&self, device: &Device, kind: NodeKind) -> Result<PathBuf, Trouble> {
        if let Some(path) = &device.path {
            return if path.symlink_metadata().is_ok() { Ok(path.clone()) } else { Err(Trouble::Absent) };
        }
        let Some(usb) = &device.usb else { return Err(Trouble::Absent) };
        let fits =
            |found: &Plugged| found.kind == kind && found.usb.as_ref().is_some_and(|id| usb.matches(id));
        let mut fitting: Vec<_> = self.plugged().into_iter().filter(fits).collect();
        match (fitting.pop(), fitting.is_empty()) {
            (None, _) => Err(Trouble::Absent),
            (Some(only), true) => Ok(only.node),
            (Some(last), false) => {
                fitting.push(last);
                Err(Trouble::Ambiguous(
                    fitting.iter().map(|found| found.lasting_name().display().to_string()).collect(),
                ))
            }
        }
    }

    /// What an open device should be told apart from: words for the operator if its name may mean another device, or
    /// if another device than the expected one is in its socket.
    pub fn doubt(&self, device: &Device) -> Option<String> {
        let path = device.path.as_ref()?;
        let node = fs::canonicalize(path).ok()?;
        let found = self.plugged().into_iter().find(|found| found.node == node)?;
        if let (Some(expected), Some(usb)) = (&device.usb, &found.usb)
            && !expected.matches(usb)
        {
            return Some(format!(
                "expected {expected} at {}, and {usb} is there; was the scanner swapped?",
                path.display()
            ));
        }
        let is_by_id = path.parent().is_some_and(|parent| parent.ends_with("by-id"));
        (is_by_id && found.has_twin).then(|| {
            let advice = found.by_path.map_or(String::new(), |path| format!(" such as {}", path.display()));
            format!(
                "{} may mean either of two devices that look alike; name this one by its socket{advice}",
                path.display()
            )
        })
    }

    fn class(&self, class: &str, kind: NodeKind, links: &HashMap<PathBuf, Vec<PathBuf>>) -> Vec<Plugged> {
        let Ok(entries) = fs::read_dir(self.sys.join("class").join(class)) else { return Vec::new() };
        entries.flatten().filter_map(|entry| self.device(&entry.path(), kind, links)).collect()
    }

    fn device(
        &self,
        class: &Path,
        kind: NodeKind,
        links: &HashMap<PathBuf, Vec<PathBuf>>,
    ) -> Option<Plugged> {
        let name = class.file_name()?.to_str()?;
        let device = fs::canonicalize(class.join("device")).ok()?;
        let is_it = match kind {
            NodeKind::Serial => is_serial(name, class),
            NodeKind::HidPos => fs::read(device.join("report_descriptor"))
                .is_ok_and(|bytes| ReportMap::parse(&bytes).is_some()),
            NodeKind::Keyboard => name.starts_with("event") && is_keyboard(&device),
        };
        if !is_it {
            return None;
        }
        let node =
            if kind == NodeKind::Keyboard { self.dev.join("input").join(name) } else { self.dev.join(name) };
        let link = |dir: &str| {
            let links = links.get(&node)?;
            links.iter().find(|link| link.parent().is_some_and(|parent| parent.ends_with(dir))).cloned()
        };
        let usb = usb_device(&device, &self.sys);
        Some(Plugged {
            by_id: link("by-id"),
            by_path: link("by-path"),
            usb: usb.as_deref().and_then(usb_id),
            name: usb.as_deref().and_then(usb_name),
            socket: usb.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()),
            driver: driver(&device),
            node,
            kind,
            has_twin: false,
        })
    }

    /// udev's links, by what they point to. The first in name order wins: `if00` before `if01`, `event-kbd` alone.
    fn links(&self) -> HashMap<PathBuf, Vec<PathBuf>> {
        let mut found: HashMap<PathBuf, Vec<PathBuf>> = HashMap::new();
        for dir in ["serial/by-id", "serial/by-path", "input/by-id", "input/by-path"] {
            let entries = fs::read_dir(self.dev.join(dir)).into_iter().flatten().flatten();
            let mut links: Vec<_> = entries.map(|entry| entry.path()).collect();
            links.sort();
            for link in links {
                if let Ok(node) = fs::canonicalize(&link) {
                    found.entry(node).or_default().push(link);
                }
            }
        }
        found
    }
}

impl Plugged {
    /// The name that stays the same the longest: by identity if that is its own, else by socket, else the node.
    pub fn lasting_name(&self) -> &Path {
        let has_serial = self.usb.as_ref().is_some_and(|usb| usb.serial.is_some());
        let by_id = self.by_id.as_deref().filter(|_| has_serial && !self.has_twin);
        by_id.or(self.by_path.as_deref()).unwrap_or(&self.node)
    }
}

fn mark_twins(found: &mut [Plugged]) {
    let mut sockets: HashMap<(NodeKind, UsbId), Vec<Option<String>>> = HashMap::new();
    for device in found.iter() {
        if let Some(usb) = &device.usb {
            sockets.entry((device.kind, usb.clone())).or_default().push(device.socket.clone());
        }
    }
    for device in found {
        let Some(usb) = &device.usb else { continue };
        let others = sockets.get(&(device.kind, usb.clone()));
        // Several nodes in one socket are one device with several ports.
        device.has_twin = others.is_some_and(|others| others.iter().any(|socket| *socket != device.socket));
    }
}

/// A line with hardware behind it: the kernel makes nodes for UARTs that are not there, whose type is 0.
fn is_serial(name: &str, class: &Path) -> bool {
    let has_uart = || text(&class.join("type")).is_some_and(|kind| kind != "0");
    ["ttyUSB", "ttyACM", "rfcomm"].iter().any(|start| name.starts_with(start))
        || (name.starts_with("ttyS") && has_uart())
}

/// `capabilities/key` is a bitmap, the highest word first, in hexadecimal.
fn is_keyboard(device: &Path) -> bool {
    let Some(words) = text(&device.join("capabilities/key")) else { return false };
    let words: Vec<u64> =
        words.split_whitespace().rev().filter_map(|word| u64::from_str_radix(word, 16).ok()).collect();
    is_scanner_keyboard(|key| {
        words.get(usize::from(key) / 64).is_some_and(|word| word >> (key % 64) & 1 == 1)
    })
}

/// The USB device that a node belongs to.
fn usb_device(device: &Path, sys: &Path) -> Option<PathBuf> {
    let sys = fs::canonicalize(sys).ok()?;
    device
        .ancestors()
        .take_while(|dir| dir.starts_with(&sys))
        .find(|dir| dir.join("idVendor").is_file())
        .map(Path::to_owned)
}

fn usb_id(device: &Path) -> Option<UsbId> {
    let number = |file: &str| u16::from_str_radix(&text(&device.join(file))?, 16).ok();
    Some(UsbId {
        vendor: number("idVendor")?,
        product: number("idProduct")?,
        serial: text(&device.join("serial")),
    })
}

fn usb_name(device: &Path) -> Option<String> {
    let parts = [text(&device.join("manufacturer")), text(&device.join("product"))];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

fn driver(device: &Path) -> Option<String> {
    let link = device.ancestors().map(|dir| dir.join("driver")).find_map(|link| fs::read_link(link).ok())?;
    Some(link.file_name()?.to_string_lossy().into_owned())
}

/// A file of one line; none if it is empty or absent.
fn text(file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests;
