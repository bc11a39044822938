//! Scanners that are reached in other ways: over the network, and as recordings. And what an administrator can ask.

use crate::support::{PATIENCE, Room, answers};
use outguide::import::Kind;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

fn room(sources: &str) -> Room {
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    room.import(Kind::Custodians, "code,name\nFILE,File room\nCARD,Cardiology\n");
    let charts: String = (1..=100).map(|n| format!("{n},V{n},FILE\n")).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    room.configure("[[station]]\nname = \"door\"\ncustodian = \"CARD\"\n");
    room.configure(sources);
    room
}

/// A port that nobody else has just now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn connect(port: u16) -> TcpStream {
    let start = Instant::now();
    loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                return stream;
            }
            Err(error) => assert!(start.elapsed() < PATIENCE, "{error}"),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn scan(stream: &mut TcpStream, label: &str, expect: u8) {
    stream.write_all(format!("{label}\r").as_bytes()).unwrap();
    let mut answer = [0];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer, [expect], "{label}");
}

#[expect(clippy::disallowed_methods, reason = "reads the journal of a daemon that has ended")]
fn journal(room: &Room) -> Vec<(String, String)> {
    let file = room.place().db();
    let db = rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut rows = db.prepare("select cast(frame as text), verdict from scan order by scan_no").unwrap();
    rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

fn expect_journal(room: &Room, expect: &[(&str, &str)]) {
    let found = journal(room);
    let found: Vec<_> = found.iter().map(|(frame, verdict)| (frame.as_str(), verdict.as_str())).collect();
    assert_eq!(found, expect);
    assert_eq!(room.findings(), [""; 0]);
}

#[test]
fn a_scanner_that_connects_is_answered_and_a_new_connection_replaces_the_old_one() {
    let port = free_port();
    let room = room(&format!(
        "[[station.source]]\nname = \"net\"\nkind = \"tcp-listen\"\naddress = \"127.0.0.1:{port}\"\n\
         allow = [\"127.0.0.1\"]\nanswer = \"ack-nak\"\n"
    ));
    let mut daemon = room.serve(0);
    let mut first = connect(port);
    scan(&mut first, "V1", 0x06);
    // It loses its connection in the middle of a code, and we do not know yet.
    first.write_all(b"V2").unwrap();
    let mut second = connect(port);
    scan(&mut second, "V3", 0x06);
    let mut rest = Vec::new();
    first.read_to_end(&mut rest).unwrap();
    drop(second);
    daemon.wait_for("state=\"not-present\"", 1);
    let mut third = connect(port);
    scan(&mut third, "V4", 0x06);
    assert!(daemon.stop().success());
    expect_journal(&room, &[("V1", "moved"), ("V2", "refused"), ("V3", "moved"), ("V4", "moved")]);
}

#[test]
fn who_is_not_on_the_list_is_refused() {
    let port = free_port();
    let room = room(&format!(
        "[[station.source]]\nname = \"net\"\nkind = \"tcp-listen\"\naddress = \"127.0.0.1:{port}\"\n\
         allow = [\"192.0.2.7\"]\nanswer = \"ack-nak\"\n"
    ));
    let mut daemon = room.serve(0);
    let mut stranger = connect(port);
    let _may_be_closed_already = stranger.write_all(b"V1\r");
    let mut said = Vec::new();
    let _reset_or_end = stranger.read_to_end(&mut said);
    assert_eq!(said, b"");
    daemon.wait_for("not in `allow`", 1);
    assert!(daemon.stop().success());
    expect_journal(&room, &[]);
}

#[test]
fn we_connect_to_a_device_server_and_again_when_it_comes_back() {
    let port = free_port();
    let room = room(&format!(
        "[[station.source]]\nname = \"net\"\nkind = \"tcp-connect\"\naddress = \"127.0.0.1:{port}\"\nanswer = \"ack-nak\"\n"
    ));
    let daemon = room.serve(0);
    for label in ["V1", "V2"] {
        // Each time it was away first, and its code of before must not be completed by this one.
        let server = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let (mut line, _) = server.accept().unwrap();
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        scan(&mut line, label, 0x06);
        line.write_all(b"V9").unwrap();
    }
    assert!(daemon.stop().success());
    let found = journal(&room);
    let moved: Vec<_> =
        found.iter().filter(|(_, verdict)| verdict == "moved").map(|(frame, _)| frame.as_str()).collect();
    assert_eq!(moved, ["V1", "V2"], "{found:?}");
    assert_eq!(room.findings(), [""; 0]);
}

#[test]
fn a_recording_is_played_once_even_if_it_is_played_again() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "# a morning at the door\n0 56310d\n3 56\n5 320d\n1 5633\n").unwrap();
    let room = room(&format!(
        "[[station.source]]\nname = \"tape\"\nkind = \"replay\"\nfile = \"{}\"\n",
        file.path().display()
    ));
    let expect = [("V1", "moved"), ("V2", "moved"), ("V3", "refused")];
    for _ in 0..2 {
        let mut daemon = room.serve(1);
        daemon.wait_for("state=\"played\"", 1);
        assert!(daemon.stop().success());
        expect_journal(&room, &expect);
    }
    std::fs::write(file.path(), "0 56310d\nx 56\n").unwrap();
    let mut daemon = room.serve(0);
    daemon.wait_for("line 2: the pause is no number of milliseconds", 1);
    assert!(daemon.stop().success());
    expect_journal(&room, &expect);
}

#[test]
fn an_administrator_watches_a_scanner_and_its_recording_can_be_played() {
    let mut room = room("[[station.source]]\nname = \"unused\"\ndevice = \"/dev/outguide-none\"\n");
    room.station("desk", "CARD", "answer = \"ack-nak\"");
    let mut scanner = room.plug("desk");
    let daemon = room.serve(1);
    let tape = room.dir.path().join("desk.capture");
    let mut watching = std::process::Command::new(env!("CARGO_BIN_EXE_outguide"))
        .args(["scanners", "watch", "desk-scanner", "--seconds", "60", "--record"])
        .arg(&tape)
        .arg("--config")
        .arg(room.config_file())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = std::io::BufReader::new(watching.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut output, &mut line).unwrap();
    assert!(line.starts_with("desk-scanner: up"), "{line}");
    scanner.send(b"]C0V7\r").unwrap();
    assert_eq!(answers(&mut scanner, 1, PATIENCE), b"\x06");
    scanner.send(b"V\x078\r").unwrap();
    assert_eq!(answers(&mut scanner, 1, PATIENCE), b"\x15");
    let mut seen = String::new();
    while seen.matches("answer").count() < 2 {
        assert_ne!(std::io::BufRead::read_line(&mut output, &mut seen).unwrap(), 0, "{seen}");
    }
    for words in ["bytes   ]C0V7␍", "[Code 128] label key V7", "answer  ␆", "V␇8 rejected", "answer  ␕"]
    {
        assert!(seen.contains(words), "no {words:?} in {seen}");
    }
    watching.kill().unwrap();
    watching.wait().unwrap();
    let list = room.command(&["scanners"]);
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(list.contains("desk-scanner         up           serial"), "{list}");
    assert!(list.contains("unused               not-present"), "{list}");
    let none = room.command(&["scanners", "watch", "nobody"]);
    assert!(String::from_utf8_lossy(&none.stderr).contains("there is no source `nobody`"));
    assert!(daemon.stop().success());
    let recorded = std::fs::read_to_string(&tape).unwrap();
    assert!(recorded.contains("5d433056370d") && recorded.starts_with("# desk-scanner"), "{recorded}");
    // Without a daemon the scanner is listened to directly, and nothing is recorded.
    let rows = journal(&room).len();
    let alone = room.command(&["scanners", "watch", "desk-scanner", "--seconds", "0"]);
    assert!(String::from_utf8_lossy(&alone.stderr).contains("nothing is recorded"));
    assert_eq!(journal(&room).len(), rows);
}

#[test]
fn what_a_row_of_bad_readings_means_is_told_with_the_next_step() {
    for (line, bytes, words) in [
        ("", &b"\xc3HA\xd2\xd4000\xb1\x8d"[..], "seven bits with parity"),
        ("", b"\xf8\x00\x80\xff\x00\x78\xf8\r", "not the rate that the scanner is set to"),
        ("framing = \"ssi\"", b"CHART0001\r\n", "plain text, and packets are awaited"),
        ("prefix = \"$\"", b"V1\r", "lack the `prefix`"),
    ] {
        let mut room = room("[[station.source]]\nname = \"unused\"\ndevice = \"/dev/outguide-none\"\n");
        room.station("desk", "CARD", line);
        let mut scanner = room.plug("desk");
        let mut daemon = room.serve(1);
        let start = Instant::now();
        while !daemon.log().contains(words) {
            assert!(start.elapsed() < PATIENCE, "no {words:?} in {}", daemon.log());
            scanner.send(bytes).unwrap();
            // Each reading by itself: after a silence.
            std::thread::sleep(Duration::from_millis(150));
        }
        assert!(daemon.get("/scanners").contains(words.split('`').next().unwrap()));
        assert!(daemon.get("/readyz").contains(words), "{}", daemon.get("/readyz"));
        assert!(daemon.get("/metrics").contains("outguide_source_concerns{source=\"desk-scanner\"} 1"));
        daemon.wait_for(words, 1);
        assert!(daemon.stop().success());
    }
}
