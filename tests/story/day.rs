//! An ordinary day: scan, unplug, replug, reload, stop.

use crate::support::{PATIENCE, Room, answers};
use outguide::import::Kind;

const GREEN: &[u8] = b"\x06";

fn room() -> Room {
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    room.import(Kind::Custodians, "code,name\nFILE,File room\nCARD,Cardiology\n");
    room.import(Kind::Charts, "mrn,label,home\n12-34-56,V1,FILE\n98-76-54,V2,FILE\n");
    room.station("cardiology", "CARD", "answer = \"ack-nak\"");
    room
}

#[test]
fn a_scanner_may_be_plugged_in_late_pulled_out_and_plugged_in_again() {
    let room = room();
    let mut daemon = room.serve(0);
    let mut scanner = room.plug("cardiology");
    daemon.wait_for("state=\"up\"", 1);
    scanner.send(b"V1\r").unwrap();
    assert_eq!(answers(&mut scanner, 1, PATIENCE), GREEN);
    scanner.send(b"V").unwrap();
    room.unplug("cardiology", scanner);
    daemon.wait_for("state=\"not-present\"", 1);
    let mut scanner = room.plug("cardiology");
    daemon.wait_for("state=\"up\"", 2);
    scanner.send(b"V2\r").unwrap();
    assert_eq!(answers(&mut scanner, 1, PATIENCE), GREEN);
    assert!(daemon.stop().success());
    assert_eq!(room.findings(), [""; 0]);
}

#[test]
fn a_reload_takes_a_new_station_and_a_bad_one_changes_nothing() {
    let mut room = room();
    let mut scanner = room.plug("cardiology");
    let mut daemon = room.serve(1);
    let good = std::fs::read_to_string(room.config_file()).unwrap();
    std::fs::write(room.dir.path().join("outguide.toml"), format!("{good}\nnonsense = 1\n")).unwrap();
    daemon.signal("HUP");
    daemon.wait_for("the old one stays in force", 1);
    assert!(
        daemon.log().contains("outguide.toml:"),
        "the mistake is named with file and line: {}",
        daemon.log()
    );
    scanner.send(b"V1\r").unwrap();
    assert_eq!(answers(&mut scanner, 1, PATIENCE), GREEN);
    room.station("surgery", "SURG", "answer = \"ack-nak\"");
    room.config_file();
    let mut second = room.plug("surgery");
    daemon.signal("HUP");
    daemon.wait_for("is in force", 1);
    daemon.wait_for("state=\"up\"", 2);
    second.send(b"V1\r").unwrap();
    assert_eq!(answers(&mut second, 1, PATIENCE), GREEN);
    scanner.send(b"V1\r").unwrap();
    assert_eq!(answers(&mut scanner, 1, PATIENCE), GREEN, "the first scanner was not disturbed");
    assert!(daemon.stop().success());
}

#[test]
fn a_scan_in_many_pieces_is_one_scan_and_an_unknown_label_is_not_green() {
    let room = room();
    let mut scanner = room.plug("cardiology");
    let daemon = room.serve(1);
    for byte in b"V1\r\n" {
        scanner.send(&[*byte]).unwrap();
    }
    scanner.send(b"V404\r").unwrap();
    assert_eq!(answers(&mut scanner, 2, PATIENCE), b"\x06\x15");
    assert!(daemon.stop().success());
}

#[test]
fn a_megabyte_without_a_terminator_is_one_refusal() {
    let room = room();
    let mut scanner = room.plug("cardiology");
    let daemon = room.serve(1);
    let mut left = 1 << 20;
    while left > 0 {
        if scanner.send(&[b'x'; 1024]).is_ok() {
            left -= 1024;
        } else {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
    while scanner.send(b"\rV1\r").is_err() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    assert_eq!(answers(&mut scanner, 2, PATIENCE), b"\x15\x06");
    assert!(daemon.stop().success());
}

/// What systemd would hear, up to a message.
fn heard(socket: &std::os::unix::net::UnixDatagram, until: &str) -> Vec<String> {
    let mut messages = Vec::new();
    let mut buffer = [0; 4096];
    while messages.last().is_none_or(|message: &String| !message.contains(until)) {
        let count = socket.recv(&mut buffer).expect("systemd is told in time");
        messages.push(String::from_utf8_lossy(&buffer[..count]).into_owned());
    }
    messages
}

#[test]
fn systemd_hears_ready_when_pages_are_served_then_the_watchdog_a_reload_and_the_stop() {
    let room = room();
    let path = room.dir.path().join("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_outguide"));
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "900000");
    let mut daemon = room.serve_by(&mut command, 0);
    heard(&socket, "READY=1");
    assert!(daemon.get("/readyz").contains("HTTP/1.1 200"));
    heard(&socket, "WATCHDOG=1");
    heard(&socket, "WATCHDOG=1");
    assert!(heard(&socket, "STATUS=").last().unwrap().contains("0 of 1 scanners up"));
    daemon.signal("HUP");
    heard(&socket, "RELOADING=1");
    heard(&socket, "READY=1");
    daemon.signal("TERM");
    heard(&socket, "STOPPING=1");
    assert!(daemon.child.wait().unwrap().success());
}
