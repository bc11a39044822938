//! Backups by the clock, drills, encryption, the copy before an upgrade, a damaged log, the selftest: with the real binary.

use crate::support::{PATIENCE, Room, answers};
use age::secrecy::ExposeSecret;
use outguide::import::Kind;
use outguide::store::{Place, damaged_logs};
use std::path::{Path, PathBuf};

fn room() -> Room {
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    room.import(Kind::Custodians, "code,name\nFILE,File room\nCARD,Cardiology\n");
    let charts: String = (1..=50).map(|n| format!("{n},V{n},FILE\n")).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    room.station("cardiology", "CARD", "answer = \"ack-nak\"");
    room
}

/// Runs `outguide ARGS` and compares exit code and what it says.
fn check(room: &Room, args: &[&str], code: i32, words: &[&str]) -> String {
    let output = room.command(args);
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{args:?} does not say {word:?}: {said}");
    }
    said
}

fn with_backups(room: &mut Room, more: &str) -> PathBuf {
    let directory = room.dir.path().join("backups");
    std::fs::create_dir(&directory).unwrap();
    room.configure(&format!("\n[backup]\ndirectory = \"{}\"\n{more}\n", directory.display()));
    directory
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn scan(room: &Room, label: &str) {
    let mut scanner = room.plug("cardiology");
    let daemon = room.serve(1);
    scanner.send(format!("{label}\r").as_bytes()).unwrap();
    assert_eq!(answers(&mut scanner, 1, PATIENCE), b"\x06");
    daemon.kill();
    room.unplug("cardiology", scanner);
}

#[test]
fn a_backup_is_made_proven_drilled_and_older_ones_go() {
    let mut room = room();
    scan(&room, "V7");
    let directory = with_backups(&mut room, "keep_daily = 1\nkeep_weekly = 0\nkeep_monthly = 0");
    check(&room, &["drill"], 1, &["there is no good backup"]);
    for other in ["outguide-20250101T020000Z.db", "outguide-20250102T020000Z.db.partial", "notes.txt"] {
        std::fs::write(directory.join(other), "old").unwrap();
    }
    let mut daemon = room.serve(0);
    daemon.wait_for("a backup was made, restored and verified", 1);
    let page = daemon.get("/backups");
    assert!(page.contains("1 scan rows") && page.contains("whereabouts of 50 volumes"), "{page}");
    let metrics = daemon.get("/metrics");
    assert!(
        metrics.contains("outguide_backups 1\n") && metrics.contains("outguide_backup_late 0\n"),
        "{metrics}"
    );
    assert!(daemon.stop().success());
    let there = names(&directory);
    assert_eq!(there.len(), 2, "{there:?}");
    assert_eq!(there[0], "notes.txt", "what is no backup is nobody's");
    assert!(!room.place().dir.join("backup-scratch").exists());
    let said =
        check(&room, &["drill"], 0, &[&there[1], "0 hours ago", "restored and verified in", "newest scan"]);
    assert!(
        said.contains("ok: 1 scan rows") && said.contains("scan         ends with row 1, hash "),
        "{said}"
    );
    // A bit in the middle of the scan.
    let file = directory.join(&there[1]);
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.windows(8).rposition(|window| window == b"recorded").unwrap();
    bytes[at] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    check(&room, &["drill"], 1, &["is not a good backup"]);
    let left = names(&room.place().dir);
    assert_eq!(left, ["control.sock", "outguide.db", "outguide.lock"], "nothing is left lying about");
}

/// A program that is killed cannot tidy up; the next start and the next drill do, and leave alone what is in use.
#[test]
fn what_a_killed_drill_or_backup_left_goes_at_the_next_start_and_drill() {
    let mut room = room();
    scan(&room, "V7");
    let directory = with_backups(&mut room, "");
    let data = room.place().dir;
    let left_by = |what: &str| {
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        let left = data.join(format!("{what}-scratch-{}", ended.id()));
        std::fs::create_dir(&left).unwrap();
        std::fs::write(left.join("opened.db"), "Quetzal, Xiomara").unwrap();
        left
    };
    let in_use = data.join(format!("drill-scratch-{}", std::process::id()));
    std::fs::create_dir(&in_use).unwrap();
    let left = [left_by("drill"), left_by("opened"), left_by("backup"), data.join("backup-scratch")];
    std::fs::create_dir_all(&left[3]).unwrap();
    let partial = directory.join("outguide-20250102T020000Z.db.partial");
    std::fs::write(&partial, "Quetzal, Xiomara").unwrap();
    let mut daemon = room.serve(0);
    assert!(left[..3].iter().chain([&partial]).all(|path| !path.exists()), "{left:?}");
    daemon.wait_for("a backup was made, restored and verified", 1);
    assert!(daemon.log().contains("what was left of a broken-off backup was removed"), "{}", daemon.log());
    assert!(daemon.stop().success());
    let left = [left_by("drill"), left_by("opened")];
    check(&room, &["drill"], 0, &["restored and verified"]);
    assert!(left.iter().all(|path| !path.exists()), "{left:?}");
    assert!(in_use.exists(), "a program is at work there");
}

#[test]
fn an_encrypted_backup_needs_its_identity() {
    let (key, other) = (age::x25519::Identity::generate(), age::x25519::Identity::generate());
    let mut room = room();
    scan(&room, "V7");
    let recipients = format!("recipients = [\"{}\"]", key.to_public());
    let directory = with_backups(&mut room, &recipients);
    let mut daemon = room.serve(0);
    daemon.wait_for("a backup was made, restored and verified", 1);
    assert!(daemon.stop().success());
    let file = directory.join(&names(&directory)[0]);
    assert!(file.to_str().unwrap().ends_with(".db.age"));
    let bytes = std::fs::read(&file).unwrap();
    assert!(!bytes.windows(16).any(|window| window == b"SQLite format 3\0"));
    let keys = |name: &str, key: &age::x25519::Identity| {
        let file = room.dir.path().join(name);
        std::fs::write(&file, format!("# a comment\n{}\n", key.to_string().expose_secret())).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (right, wrong) = (keys("key", &key), keys("other", &other));
    check(&room, &["drill"], 70, &["is encrypted", "--identity"]);
    check(&room, &["drill", "--identity", &wrong], 74, &["cannot be decrypted"]);
    check(
        &room,
        &["drill", "--identity", &right],
        0,
        &["decrypted, restored and verified", "ok: 1 scan rows"],
    );
    let named = file.to_str().unwrap();
    check(&room, &["restore", named], 70, &["is encrypted", "--identity"]);
    std::fs::remove_file(room.place().db()).unwrap();
    check(&room, &["restore", named, "--identity", &right], 0, &["restored", "ok: 1 scan rows"]);
    // By hand, for somebody else.
    let by_hand = room.dir.path().join("copy.age");
    let by_hand = by_hand.to_str().unwrap();
    check(&room, &["backup", by_hand, "--recipient", &other.to_public().to_string()], 0, &["encrypted"]);
    check(&room, &["drill", by_hand, "--identity", &wrong], 0, &["ok: 1 scan rows"]);
    check(&room, &["backup", by_hand, "--recipient", "age1nobody"], 70, &["no public key"]);
}

#[test]
fn a_directory_that_is_not_there_is_told_and_scans_go_on() {
    let mut room = room();
    let directory = with_backups(&mut room, "");
    std::fs::remove_dir(&directory).unwrap();
    let mut scanner = room.plug("cardiology");
    let mut daemon = room.serve(1);
    daemon.wait_for("no backup was made; older ones are as they were", 1);
    let page = daemon.get("/backups");
    assert!(page.contains("is not there; mount it or make it"), "{page}");
    assert!(daemon.get("/metrics").contains("outguide_backup_failed 1\n"));
    scanner.send(b"V3\r").unwrap();
    assert_eq!(answers(&mut scanner, 1, PATIENCE), b"\x06");
    assert!(daemon.stop().success());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "no store makes an old database any more")]
fn an_upgrade_copies_first_and_the_way_back_is_named() {
    let mut room = Room::new("");
    room.station("cardiology", "CARD", "");
    let place = room.place();
    std::fs::create_dir_all(&place.dir).unwrap();
    let conn = rusqlite::Connection::open(place.db()).unwrap();
    conn.execute_batch(include_str!("../../src/store/migrations/0001_main_job.sql")).unwrap();
    conn.execute_batch(include_str!("../migrations/v1.sql")).unwrap();
    conn.execute_batch("pragma application_id = 0x4f555447; pragma user_version = 1;").unwrap();
    drop(conn);
    let copy = room.dir.path().join("old.db");
    check(&room, &["backup", copy.to_str().unwrap()], 0, &["an older version: the file is sound"]);
    let daemon = room.serve(0);
    assert!(daemon.log().contains("before that it was copied and the copy compared"), "{}", daemon.log());
    assert!(daemon.stop().success());
    let before = names(&place.dir).into_iter().find(|name| name.contains(".before-upgrade-v1-")).unwrap();
    let before = place.dir.join(before);
    let old = rusqlite::Connection::open(&before).unwrap();
    let version: i64 = old.query_row("pragma user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
    drop(old);
    assert_eq!(room.findings(), [""; 0]);
    // As an older program sees what a newer one left.
    let conn = rusqlite::Connection::open(place.db()).unwrap();
    conn.execute_batch("pragma user_version = 99").unwrap();
    drop(conn);
    let back = format!("`outguide restore {}`", before.display());
    check(&room, &["serve"], 74, &["schema version 99", &back]);
    check(&room, &["restore", before.to_str().unwrap()], 0, &["ok: "]);
}

#[test]
fn a_turned_bit_in_the_log_is_put_right_and_told() {
    let room = room();
    scan(&room, "V7");
    scan(&room, "V8");
    let log = room.place().dir.join("outguide.db-wal");
    let mut bytes = std::fs::read(&log).unwrap();
    let at = bytes.windows(2).position(|window| window == b"V8").unwrap();
    bytes[at] ^= 4;
    std::fs::write(&log, &bytes).unwrap();
    check(&room, &["verify"], 1, &["write-ahead log"]);
    let daemon = room.serve(0);
    assert!(
        daemon.log().contains("one bit of the write-ahead log had turned and was put right"),
        "{}",
        daemon.log()
    );
    assert!(daemon.get("/readyz").contains("a damaged write-ahead log was found"));
    assert!(daemon.stop().success());
    assert_eq!(crate::journal::journal(&room).len(), 2);
    assert_eq!(room.findings(), [""; 0]);
    let [kept] = &damaged_logs(&Place::new(&room.place().dir))[..] else { panic!() };
    assert_eq!(std::fs::read(kept).unwrap(), bytes, "the copy is of what was there");
}

#[test]
fn the_selftest_prints_its_figures_and_goes() {
    let room = room();
    let said = check(
        &room,
        &["selftest", "--seconds", "2"],
        0,
        &[
            "sync ",
            "commit ",
            "kills ",
            "power cuts ",
            "turned bits ",
            "memory outlives a killed program",
            "ok: ",
        ],
    );
    assert_eq!(said.matches(": caught").count(), 3, "{said}");
    assert_eq!(names(&room.place().dir), ["outguide.db", "outguide.lock"]);
}
