//! kill -9 at any moment of what does not happen every day: a start, an upgrade, a backup, a restore, a drill. Afterwards
//! the daemon serves without a hand, and nothing that was half done stays.

use crate::faults_room::{Clerk, ends_well, room, say};
use crate::support::{PATIENCE, Room};
use age::secrecy::ExposeSecret;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn begin(room: &Room, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_outguide"))
        .args(args)
        .arg("--config")
        .arg(room.config_file())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills `outguide ARGS` a little later each time, until it was done before; how often. `afterwards` looks at what is
/// left of each.
fn kill_ever_later(room: &Room, args: &[&str], step: Duration, mut afterwards: impl FnMut()) -> usize {
    for kill in 0.. {
        let mut child = begin(room, args);
        let deadline = Instant::now() + step * kill;
        let done = loop {
            if child.try_wait().unwrap().is_some() {
                break true;
            }
            if Instant::now() >= deadline {
                break false;
            }
            std::thread::sleep(Duration::from_micros(500));
        };
        child.kill().unwrap();
        child.wait().unwrap();
        afterwards();
        if done {
            return kill as usize;
        }
    }
    unreachable!("it ends some time")
}

/// What lies in the data directory of a room whose daemon runs.
const RUNNING: [&str; 5] =
    ["control.sock", "outguide.db", "outguide.db-shm", "outguide.db-wal", "outguide.lock"];

#[test]
fn a_start_that_is_killed_at_any_moment_is_followed_by_a_whole_one() {
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let mut daemon = room.serve(1);
    let kills = 25;
    for kill in (0..kills).map(|kill| Duration::from_millis(4) * kill) {
        assert!(clerk.scan());
        daemon.kill();
        // What is scanned now finds nobody, or half a start.
        let mut started = begin(&room, &["serve"]);
        std::thread::sleep(kill);
        clerk.send(1);
        started.kill().unwrap();
        started.wait().unwrap();
        daemon = room.serve(1);
        // The line keeps what nobody took, and its answer.
        clerk.hear(1, Duration::from_millis(100));
        clerk.scan_until_green();
    }
    assert_eq!(names(&room.place().dir), RUNNING);
    ends_well("F1 kill -9 in a start", usize::try_from(kills).unwrap(), &room, daemon, &[&clerk]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "no store makes an old database any more")]
fn an_upgrade_that_is_killed_at_any_moment_is_done_by_the_next_start() {
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    room.station("cardiology", "CLIN", "answer = \"ack-nak\"");
    let data = room.place().dir;
    let mut kills = 0;
    for round in 0..24 {
        if data.exists() {
            std::fs::remove_dir_all(&data).unwrap();
        }
        std::fs::create_dir_all(&data).unwrap();
        let conn = rusqlite::Connection::open(room.place().db()).unwrap();
        conn.execute_batch("pragma foreign_keys = off;").unwrap();
        conn.execute_batch(include_str!("../../src/store/migrations/0001_main_job.sql")).unwrap();
        conn.execute_batch(include_str!("../../src/store/migrations/0002_file_room.sql")).unwrap();
        conn.execute_batch(include_str!("../migrations/v2.sql")).unwrap();
        conn.execute_batch("pragma application_id = 0x4f555447; pragma user_version = 2;").unwrap();
        drop(conn);
        for again in 0..2 {
            let mut started = begin(&room, &["serve"]);
            std::thread::sleep(Duration::from_millis(5 * round + 3 * again));
            started.kill().unwrap();
            started.wait().unwrap();
            kills += 1;
        }
        let daemon = room.serve(0);
        let kept: Vec<_> =
            names(&data).into_iter().filter(|name| !RUNNING.contains(&name.as_str())).collect();
        assert!(
            matches!(&kept[..], [one] if one.contains(".before-upgrade-v2-")),
            "one copy of the old database and nothing else is kept: {kept:?}"
        );
        daemon.kill();
        assert_eq!(room.findings(), [""; 0]);
    }
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let daemon = room.serve(1);
    assert!(clerk.scan());
    assert!(daemon.stop().success());
    assert_eq!(room.findings(), [""; 0]);
    say(&format!(
        "{:<56} injected {kills:>4}  each brought up by the next start",
        "F12 kill -9 in an upgrade"
    ));
}

/// Key and file of an identity.
fn identity(room: &Room) -> (String, String) {
    let identity = age::x25519::Identity::generate();
    let file = room.dir.path().join("identity.txt");
    std::fs::write(&file, identity.to_string().expose_secret()).unwrap();
    (identity.to_public().to_string(), file.to_str().unwrap().to_owned())
}

#[test]
fn backups_and_drills_that_are_killed_leave_nothing_that_stays() {
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let (key, identity) = identity(&room);
    let daemon = room.serve(1);
    assert_eq!((0..40).filter(|_| clerk.scan()).count(), 40);
    let (plain, sealed) = (room.dir.path().join("plain.db"), room.dir.path().join("sealed.db.age"));
    let (plain, sealed) = (plain.to_str().unwrap(), sealed.to_str().unwrap());
    let mut kills = 0;
    for args in [
        vec!["backup", plain],
        vec!["backup", sealed, "--recipient", &key],
        vec!["drill", plain],
        vec!["drill", sealed, "--identity", &identity],
    ] {
        kills += kill_ever_later(&room, &args, Duration::from_millis(8), || assert!(clerk.scan()));
        assert!(room.command(&["drill", plain]).status.success(), "after {args:?}");
        assert_eq!(names(&room.place().dir), RUNNING, "after {args:?} was killed and another command ran");
    }
    // One that is killed once more, and no other command after it: the next start clears up.
    let start = Instant::now();
    let mut child = begin(&room, &["drill", sealed, "--identity", &identity]);
    while names(&room.place().dir).len() == RUNNING.len() {
        assert!(start.elapsed() < PATIENCE, "a drill needs a place");
        if child.try_wait().unwrap().is_some() {
            // It was through before anybody looked.
            child = begin(&room, &["drill", sealed, "--identity", &identity]);
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(daemon.stop().success());
    let daemon = room.serve(1);
    assert_eq!(names(&room.place().dir), RUNNING, "after a start");
    clerk.scan_until_green();
    ends_well("F12 kill -9 in a backup and a drill", kills + 1, &room, daemon, &[&clerk]);
}

#[test]
fn a_restore_that_is_killed_at_any_moment_leaves_the_one_or_the_other() {
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let daemon = room.serve(1);
    assert_eq!((0..20).filter(|_| clerk.scan()).count(), 20);
    assert!(daemon.stop().success());
    // The backup has all that was scanned, so that nothing is lost whichever it is.
    let copy = room.dir.path().join("copy.db");
    let copy = copy.to_str().unwrap();
    assert!(room.command(&["backup", copy]).status.success());
    let data = room.place().dir;
    let kills = kill_ever_later(&room, &["restore", copy], Duration::from_millis(8), || {
        let daemon = room.serve(1);
        let left = names(&data);
        let half =
            left.iter().find(|name| !RUNNING.contains(&name.as_str()) && !name.contains(".before-restore-"));
        assert_eq!(half, None, "what was half done stays: {left:?}");
        daemon.kill();
        assert_eq!(room.findings(), [""; 0]);
    });
    let daemon = room.serve(1);
    clerk.scan_until_green();
    ends_well("F12 kill -9 in a restore", kills, &room, daemon, &[&clerk]);
}
