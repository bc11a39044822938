//! What stands in the way is named, with the next step; nothing is lost, and the daemon goes on.

use crate::support::{PATIENCE, Room, answers};
use outguide::import::Kind;
use std::process::Command;

fn room() -> Room {
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    room.import(Kind::Custodians, "code,name\nFILE,File room\nCARD,Cardiology\n");
    let charts: String = (1..=400).map(|n| format!("{n},V{n},FILE\n")).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    room.station("cardiology", "CARD", "answer = \"ack-nak\"");
    room
}

/// Runs `outguide ARGS` and compares exit code and what it says.
fn check(room: &Room, args: &[&str], code: i32, words: &str) {
    let output = room.command(args);
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(words), "{args:?} does not say {words:?}: {said}");
}

#[test]
fn a_second_daemon_an_import_and_a_restore_are_refused_while_one_runs() {
    let room = room();
    let daemon = room.serve(0);
    let pid = daemon.child.id().to_string();
    check(&room, &["serve"], 69, &format!("in use by another outguide (process {pid})"));
    std::fs::write(room.dir.path().join("list.csv"), "mrn,label,home\n").unwrap();
    let list = room.dir.path().join("list.csv");
    check(&room, &["import", "charts", list.to_str().unwrap()], 69, "stop that one first");
    let copy = room.dir.path().join("copy.db");
    check(&room, &["backup", copy.to_str().unwrap()], 0, "verified");
    check(&room, &["restore", copy.to_str().unwrap()], 69, "in use by another outguide");
    check(&room, &["verify"], 0, "ok: ");
    check(&room, &["check"], 0, &format!("in use by process {pid}"));
    assert!(daemon.stop().success());
    check(&room, &["restore", copy.to_str().unwrap()], 0, "the database that was there is now");
}

#[test]
fn a_bad_configuration_has_its_own_exit_code_and_names_the_place() {
    let mut room = room();
    room.configure("\n[limits]\nscan_queu = 7\n");
    check(&room, &["serve"], 78, "outguide.toml:");
    check(&room, &["check"], 78, "scan_queue");
}

#[test]
fn a_taken_port_is_named() {
    let room = room();
    let daemon = room.serve(0);
    let mut other = Room::new("");
    other.station("desk", "FILE", "");
    let config = std::fs::read_to_string(other.config_file()).unwrap();
    let config = config.replace("127.0.0.1:0", &daemon.address());
    let file = other.dir.path().join("taken.toml");
    std::fs::write(&file, config).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_outguide")).args(["serve", "--config"]).arg(file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(&daemon.address()) && said.contains("another program may have the port"), "{said}");
}

#[test]
fn a_device_that_is_no_serial_port_is_named_and_the_others_go_on() {
    let mut room = room();
    room.station("surgery", "SURG", "");
    std::fs::write(room.dir.path().join("dev/surgery"), "a file").unwrap();
    let mut scanner = room.plug("cardiology");
    let mut daemon = room.serve(1);
    daemon.wait_for("is no serial port", 1);
    scanner.send(b"V1\r").unwrap();
    assert_eq!(answers(&mut scanner, 1, PATIENCE), b"\x06");
    assert!(daemon.stop().success());
}

/// A file size limit stands in for a full disk: SQLite's writes fail the same way, and SIGXFSZ must not kill.
#[test]
fn a_full_disk_is_told_at_once_and_recording_goes_on_when_there_is_room() {
    let room = room();
    let mut scanner = room.plug("cardiology");
    let blocks = 2 * std::fs::metadata(room.place().db()).unwrap().len() / 1024 + 64;
    let mut shell = Command::new("bash");
    shell.args([
        "-c",
        &format!("ulimit -S -f {blocks}; exec \"$@\""),
        "bash",
        env!("CARGO_BIN_EXE_outguide"),
    ]);
    let mut daemon = room.serve_by(&mut shell, 1);
    // Draws the token while it can still be written down.
    daemon.get("/livez");
    let mut green = Vec::new();
    let mut refused = None;
    for number in 1..=400 {
        scanner.send(format!("V{number}\r").as_bytes()).unwrap();
        match answers(&mut scanner, 1, PATIENCE).as_slice() {
            b"\x06" => green.push(number),
            b"\x15" => {
                refused = Some(number);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    let refused = refused.expect("the limit was never reached");
    daemon.wait_for("scan NOT recorded", 1);
    let ready = daemon.get("/readyz");
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("look for a limit"), "{ready}");
    let page = daemon.get("/stations/cardiology");
    assert!(
        page.contains("NOT RECORDED") || page.contains("Not recorded"),
        "the loudest outcome is on the page: {page}"
    );
    let pid = daemon.child.id().to_string();
    let raised = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status().unwrap();
    assert!(raised.success());
    daemon.wait_for("the database works again", 1);
    scanner.send(format!("V{refused}\r").as_bytes()).unwrap();
    assert_eq!(answers(&mut scanner, 1, PATIENCE), b"\x06", "recording goes on without a restart");
    assert!(daemon.stop().success());
    assert_eq!(room.findings(), [""; 0]);
    let (store, thread) = room.open_store();
    let totals = tokio::runtime::Runtime::new().unwrap().block_on(store.totals()).unwrap();
    assert_eq!(totals.movements, green.len() as u64 + 1, "what was green is there, and nothing else");
    drop(store);
    thread.join();
}

#[test]
fn a_damaged_database_is_named_with_the_next_step() {
    let room = room();
    let db = room.place().db();
    std::fs::write(&db, "this was a database once, ".repeat(400)).unwrap();
    for args in [["serve"], ["verify"]] {
        check(&room, &args, 74, &db.display().to_string());
        check(&room, &args, 74, "outguide restore");
    }
    check(&room, &["check"], 1, "not a database");
}

#[test]
fn a_port_that_another_program_holds_is_named_with_its_holder_until_it_is_free() {
    let room = room();
    let mut scanner = room.plug("cardiology");
    let held = std::fs::File::open(scanner.path()).unwrap();
    rustix::fs::flock(&held, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
    let mut daemon = room.serve(0);
    daemon.wait_for(&format!("(process {}); stop that program", std::process::id()), 1);
    drop(held);
    daemon.wait_for("state=\"up\"", 1);
    scanner.send(b"V1\r").unwrap();
    assert_eq!(answers(&mut scanner, 1, PATIENCE), b"\x06");
    assert!(daemon.stop().success());
}

/// Whoever unmounts, moves or replaces the data directory leaves the daemon with open files that nobody will find again.
#[test]
fn a_data_directory_that_vanishes_is_told_at_once_and_recording_goes_on_when_it_is_back() {
    let room = room();
    let mut scanner = room.plug("cardiology");
    let mut daemon = room.serve(1);
    let mut answer = |label: &str| {
        scanner.send(format!("{label}\r").as_bytes()).unwrap();
        answers(&mut scanner, 1, PATIENCE)
    };
    assert_eq!(answer("V1"), b"\x06");
    // A token is made while there is a database to make it in.
    assert!(daemon.get("/readyz").starts_with("HTTP/1.1 200"));
    let (data, away) = (room.place().dir, room.dir.path().join("away"));
    std::fs::rename(&data, &away).unwrap();
    assert_eq!(answer("V2"), b"\x15", "it would be written to files that are gone");
    std::fs::create_dir(&data).unwrap();
    let ready = daemon.get("/readyz");
    assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("removed or replaced"), "{ready}");
    assert_eq!(answer("V3"), b"\x15", "an empty directory is not the database");
    assert!(!room.place().db().exists(), "nobody made an empty database");
    std::fs::remove_dir(&data).unwrap();
    std::fs::rename(&away, &data).unwrap();
    daemon.wait_for("the database works again", 1);
    assert_eq!((answer("V2"), answer("V3")), (b"\x06".to_vec(), b"\x06".to_vec()));
    assert!(daemon.stop().success());
    assert_eq!(room.findings(), [""; 0]);
    let (store, thread) = room.open_store();
    let totals = tokio::runtime::Runtime::new().unwrap().block_on(store.totals()).unwrap();
    assert_eq!(totals.away, 3);
    drop(store);
    thread.join();
}

#[test]
fn without_file_descriptors_pages_wait_and_scans_are_recorded() {
    let room = room();
    let mut scanner = room.plug("cardiology");
    let daemon = room.serve(1);
    let pid = daemon.child.id();
    let limit = |files: &str| {
        let mut limited = Command::new("prlimit");
        limited.args(["--pid", &pid.to_string(), &format!("--nofile={files}")]);
        assert!(limited.status().unwrap().success());
    };
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    limit(&format!("{}:4096", open + 2));
    let crowd: Vec<_> = (0..32).map(|_| std::net::TcpStream::connect(daemon.address()).unwrap()).collect();
    for number in 1..=20 {
        scanner.send(format!("V{number}\r").as_bytes()).unwrap();
        assert_eq!(answers(&mut scanner, 1, PATIENCE), b"\x06", "scan {number}");
    }
    drop(crowd);
    limit("4096:4096");
    assert!(daemon.get("/readyz").starts_with("HTTP/1.1 200"));
    assert!(daemon.stop().success());
    assert_eq!(room.findings(), [""; 0]);
}

/// Scanners are read by then: what they say is recorded and answered before the end.
#[test]
fn a_stop_in_the_middle_of_the_start_is_one_in_order() {
    let room = room();
    for _ in 0..3 {
        let mut daemon = Command::new(env!("CARGO_BIN_EXE_outguide"))
            .args(["serve", "--log-level", "error", "--config"])
            .arg(room.config_file())
            .spawn()
            .unwrap();
        let socket = room.place().dir.join("control.sock");
        while !socket.exists() {
            assert_eq!(daemon.try_wait().unwrap(), None);
        }
        let pid = rustix::process::Pid::from_child(&daemon);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(daemon.wait().unwrap().success());
        // The next one is waited for by its own.
        drop(std::fs::remove_file(&socket));
    }
}
