//! What is found in a made-up machine.

use super::*;
use std::os::unix::fs::symlink;

/// A made-up `/sys` and `/dev` with what is plugged into them.
struct Machine {
    dir: tempfile::TempDir,
}

impl Machine {
    fn new() -> Machine {
        Machine { dir: tempfile::tempdir().unwrap() }
    }

    fn inventory(&self) -> Inventory {
        Inventory { sys: self.dir.path().join("sys"), dev: self.dir.path().join("dev") }
    }

    /// Plugs a device into a socket: its USB device, its class entry, its node and udev's links to it.
    fn plug(&self, class: &str, name: &str, socket: &str, usb: &str, links: &[&str]) {
        let root = self.dir.path();
        let device = root.join("sys/devices/usb1").join(socket);
        let interface = device.join(format!("{socket}:1.0"));
        fs::create_dir_all(&interface).unwrap();
        let id = UsbId::parse(usb).unwrap();
        fs::write(device.join("idVendor"), format!("{:04x}\n", id.vendor)).unwrap();
        fs::write(device.join("idProduct"), format!("{:04x}\n", id.product)).unwrap();
        fs::write(device.join("product"), "Scanner\n").unwrap();
        if let Some(serial) = &id.serial {
            fs::write(device.join("serial"), format!("{serial}\n")).unwrap();
        }
        let entry = root.join("sys/class").join(class).join(name);
        fs::create_dir_all(&entry).unwrap();
        symlink(&interface, entry.join("device")).unwrap();
        let dir = if class == "input" { "dev/input" } else { "dev" };
        let node = root.join(dir).join(name);
        fs::create_dir_all(node.parent().unwrap()).unwrap();
        fs::write(&node, "").unwrap();
        for link in links {
            let link = root.join("dev").join(link);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            drop(fs::remove_file(&link));
            symlink(&node, link).unwrap();
        }
    }

    fn interface(&self, socket: &str) -> PathBuf {
        self.dir.path().join("sys/devices/usb1").join(socket).join(format!("{socket}:1.0"))
    }
}

fn by_usb(usb: &str) -> Device {
    Device { path: None, usb: UsbId::parse(usb) }
}

#[test]
fn a_scanner_is_named_by_its_identity_as_long_as_that_is_its_own() {
    let machine = Machine::new();
    machine.plug("tty", "ttyACM0", "1-1", "05e0:1701:S1", &["serial/by-id/usb-S1-if00", "serial/by-path/p1"]);
    let found = machine.inventory().plugged();
    let [only] = found.as_slice() else { panic!("{found:?}") };
    assert!(only.lasting_name().ends_with("by-id/usb-S1-if00"), "{only:?}");
    assert_eq!((only.socket.as_deref(), only.name.as_deref()), (Some("1-1"), Some("Scanner")));
    let find = |usb: &str| machine.inventory().find(&by_usb(usb), NodeKind::Serial);
    assert!(find("05e0:1701:S1").unwrap().ends_with("ttyACM0"));
    assert_eq!(find("05e0:1701:S2"), Err(Trouble::Absent));
    assert_eq!(machine.inventory().find(&by_usb("05e0:1701"), NodeKind::HidPos), Err(Trouble::Absent));
    // Two of one kind with serial numbers of their own are no twins.
    machine.plug("tty", "ttyACM1", "1-2", "05e0:1701:S2", &[]);
    assert!(machine.inventory().plugged().iter().all(|device| !device.has_twin));
    assert!(find("05e0:1701:S2").unwrap().ends_with("ttyACM1"));
    let Err(Trouble::Ambiguous(names)) = find("05e0:1701") else { panic!("guessed") };
    assert_eq!(names.len(), 2);
}

#[test]
fn twins_are_named_by_socket_and_the_operator_is_told() {
    let machine = Machine::new();
    machine.plug("tty", "ttyUSB0", "1-1", "067b:2303", &["serial/by-id/usb-P-if00", "serial/by-path/p1"]);
    let by_id = machine.dir.path().join("dev/serial/by-id/usb-P-if00");
    let device = Device { path: Some(by_id), usb: None };
    assert_eq!(machine.inventory().doubt(&device), None);
    machine.plug("tty", "ttyUSB1", "1-2", "067b:2303", &["serial/by-id/usb-P-if00", "serial/by-path/p2"]);
    let found = machine.inventory().plugged();
    assert!(found.iter().all(|device| device.has_twin), "{found:?}");
    let names: Vec<_> = found.iter().map(|device| device.lasting_name().file_name().unwrap()).collect();
    assert_eq!(names, ["p1", "p2"]);
    let doubt = machine.inventory().doubt(&device).unwrap();
    assert!(doubt.contains("either of two devices") && doubt.contains("by-path/p2"), "{doubt}");
    // Two ports of one adapter are no twins.
    let machine = Machine::new();
    machine.plug("tty", "ttyUSB0", "1-1", "0403:6010:F", &[]);
    machine.plug("tty", "ttyUSB1", "1-1", "0403:6010:F", &[]);
    assert!(machine.inventory().plugged().iter().all(|device| !device.has_twin));
}

#[test]
fn another_scanner_in_the_socket_is_told() {
    let machine = Machine::new();
    machine.plug("tty", "ttyACM0", "1-1", "05e0:1701:S2", &["serial/by-path/p1"]);
    let path = Some(machine.dir.path().join("dev/serial/by-path/p1"));
    let expecting = |usb: &str| Device { path: path.clone(), usb: UsbId::parse(usb) };
    assert_eq!(machine.inventory().doubt(&expecting("05e0:1701:S2")), None);
    let doubt = machine.inventory().doubt(&expecting("05e0:1701:S1")).unwrap();
    assert!(doubt.contains("expected 05e0:1701:S1") && doubt.contains("05e0:1701:S2 is there"), "{doubt}");
}

#[test]
fn only_what_could_be_a_scanner_is_listed() {
    let machine = Machine::new();
    for (name, kind) in [("ttyS0", "4\n"), ("ttyS1", "0\n")] {
        let entry = machine.dir.path().join("sys/class/tty").join(name);
        fs::create_dir_all(&entry).unwrap();
        fs::write(entry.join("type"), kind).unwrap();
        symlink(machine.dir.path(), entry.join("device")).unwrap();
    }
    machine.plug("hidraw", "hidraw0", "1-1", "0c2e:0b87", &[]);
    machine.plug("hidraw", "hidraw1", "1-2", "046d:c077", &[]);
    fs::write(machine.interface("1-1").join("report_descriptor"), POS).unwrap();
    fs::write(machine.interface("1-2").join("report_descriptor"), [0x05, 0x01, 0x09, 0x02]).unwrap();
    machine.plug("input", "event3", "1-3", "05e0:1200:K", &["input/by-id/usb-K-event-kbd"]);
    machine.plug("input", "event4", "1-4", "046d:c077", &[]);
    for (socket, keys) in
        [("1-3", "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe\n"), ("1-4", "70000 0 0 0 0\n")]
    {
        fs::create_dir_all(machine.interface(socket).join("capabilities")).unwrap();
        fs::write(machine.interface(socket).join("capabilities/key"), keys).unwrap();
    }
    let found = machine.inventory().plugged();
    let names: Vec<_> =
        found.iter().map(|device| device.lasting_name().file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["ttyS0", "usb-K-event-kbd", "hidraw0"], "{found:?}");
}

/// A scanned data report of 64 bytes: id 2, length, identifier, data.
const POS: &[u8] = &[
    0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, 0x09, 0x12, 0xa1, 0x02, 0x85, 0x02, 0x15, 0x00, 0x26, 0xff, 0x00,
    0x75, 0x08, 0x95, 0x01, 0x05, 0x01, 0x09, 0x3b, 0x81, 0x02, 0x05, 0x8c, 0x95, 0x03, 0x09, 0xfb, 0x09,
    0xfc, 0x09, 0xfd, 0x81, 0x02, 0x95, 0x38, 0x09, 0xfe, 0x81, 0x02, 0xc0, 0xc0,
];
