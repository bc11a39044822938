//! No room: limits of a running daemon, a disk that is full of bytes or of names, files that must not be written.

use crate::faults_room::{
    Clerk, NO_NAMESPACES, compare, ends_well, has_namespaces, limit, not_injected, public, room,
};
use crate::support::{PATIENCE, Room, Running};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// Times that each fault comes and goes.
const ROUNDS: usize = 3;

#[test]
fn a_file_size_limit_that_falls_and_rises_while_it_runs_loses_nothing() {
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let daemon = room.serve(1);
    let address = daemon.address();
    for _ in 0..ROUNDS {
        assert!(clerk.scan());
        limit(&daemon, "--fsize=4096:");
        clerk.scan_until_refused();
        assert!(public(&address, "/readyz").unwrap().starts_with("HTTP/1.1 503"));
        limit(&daemon, "--fsize=unlimited:");
        clerk.scan_until_green();
    }
    ends_well("F7 file size limit on a running daemon", ROUNDS, &room, daemon, &[&clerk]);
}

/// Commands are programs of their own: what the daemon survives must not kill them, and nothing half done stays.
#[test]
fn a_command_at_a_file_size_limit_says_so_and_leaves_nothing() {
    let room = room(&["cardiology"]);
    let good = room.dir.path().join("good.db");
    assert!(room.command(&["backup", good.to_str().unwrap()]).status.success());
    let before = names(&room);
    let made = room.dir.path().join("made.db");
    let (good, new) = (good.to_str().unwrap(), made.to_str().unwrap());
    for (args, code) in [(vec!["backup", new], 74), (vec!["restore", good], 74), (vec!["drill", good], 1)] {
        let script = "ulimit -f 64; exec \"$0\" \"$@\"";
        let output = Command::new("bash")
            .args(["-c", script, env!("CARGO_BIN_EXE_outguide")])
            .args(&args)
            .arg("--config")
            .arg(room.config_file())
            .output()
            .unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}: {:?} {said}", output.status);
        assert_eq!(names(&room), before, "{args:?} leaves nothing behind");
        let in_room = std::fs::read_dir(room.dir.path()).unwrap().flatten();
        let partial = in_room.filter(|entry| entry.file_name().to_string_lossy().starts_with("made.db"));
        assert_eq!(partial.count(), 0, "{args:?} leaves no part of a copy");
    }
}

fn names(room: &Room) -> Vec<String> {
    let entries = std::fs::read_dir(room.place().dir).unwrap().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A daemon whose data lies on a small disk of its own, in its own namespace.
struct SmallDisk {
    daemon: Running,
    data: PathBuf,
}

impl SmallDisk {
    /// `None` where nobody but root may make a namespace.
    fn serve(room: &Room, options: &str) -> Option<SmallDisk> {
        if !has_namespaces() {
            return None;
        }
        let data = room.place().dir;
        let script = "cp -a \"$1\" \"$1.seed\" && mount -t tmpfs -o \"$2\" none \"$1\" && cp -a \"$1.seed/.\" \"$1/\" && shift 2 && exec \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["-rm", "bash", "-c", script, "bash"]);
        command.arg(&data).args([options, env!("CARGO_BIN_EXE_outguide")]);
        let daemon = room.serve_by(&mut command, 1);
        let seen = format!("/proc/{}/root{}", daemon.child.id(), data.display());
        Some(SmallDisk { daemon, data: seen.into() })
    }

    /// Brings out what is on the disk, which goes with the daemon, and ends it.
    fn end(self, room: &Room) {
        let copy = room.dir.path().join("brought-out.db");
        let pid = self.daemon.child.id().to_string();
        let inside = Command::new("nsenter")
            .args([
                "-t",
                &pid,
                "-U",
                "-m",
                "--preserve-credentials",
                env!("CARGO_BIN_EXE_outguide"),
                "backup",
            ])
            .arg(&copy)
            .arg("--config")
            .arg(room.config_file())
            .output()
            .unwrap();
        assert!(inside.status.success(), "{}", String::from_utf8_lossy(&inside.stderr));
        assert!(self.daemon.stop().success());
        std::fs::rename(copy, room.place().db()).unwrap();
    }
}

#[test]
fn a_disk_full_to_the_last_byte_is_told_and_recording_goes_on_when_there_is_room() {
    const FAULT: &str = "F7 disk full of bytes";
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let Some(disk) = SmallDisk::serve(&room, "size=12m") else { return not_injected(FAULT, NO_NAMESPACES) };
    let ballast = disk.data.join("ballast");
    for _ in 0..ROUNDS {
        assert!(clerk.scan());
        let mut file = std::fs::File::create(&ballast).unwrap();
        while file.write_all(&[1; 512]).is_ok() {}
        clerk.scan_until_refused();
        let ready = public(&disk.daemon.address(), "/readyz").unwrap();
        assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
        drop(file);
        std::fs::remove_file(&ballast).unwrap();
        clerk.scan_until_green();
    }
    disk.end(&room);
    compare(FAULT, ROUNDS, &room, &[&clerk]);
}

#[test]
fn a_disk_without_room_for_another_name_stops_no_scan() {
    const FAULT: &str = "F7 disk full of names (inodes)";
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let Some(disk) = SmallDisk::serve(&room, "size=64m,nr_inodes=64") else {
        return not_injected(FAULT, NO_NAMESPACES);
    };
    assert!(clerk.scan());
    let taken: Vec<_> = (0..64)
        .map(|n| disk.data.join(format!("n{n}")))
        .filter(|name| std::fs::write(name, "").is_ok())
        .collect();
    assert!(taken.len() < 64, "there was room for every name");
    let green = (0..50).filter(|_| clerk.scan()).count();
    assert_eq!(green, 50, "what is open needs no new name");
    // A database that has to be opened anew finds no name for its log: red, until there is one.
    limit(&disk.daemon, "--fsize=4096:");
    clerk.scan_until_refused();
    limit(&disk.daemon, "--fsize=unlimited:");
    clerk.scan_until_green_or(|| taken.iter().for_each(|name| std::fs::remove_file(name).unwrap()));
    disk.end(&room);
    compare(FAULT, 2, &room, &[&clerk]);
}

/// A disk with errors is made read-only by the kernel; files that nobody may write behave like it.
#[test]
fn files_that_must_not_be_written_are_told_and_recording_goes_on_when_they_may() {
    const FAULT: &str = "F8 files made read-only while it runs";
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let daemon = room.serve(1);
    assert!(clerk.scan());
    let data = room.place().dir;
    let files = || ["outguide.db", "outguide.db-wal"].map(|name| data.join(name));
    let may_not = |sign: &str| {
        let ran = Command::new("chattr").arg(sign).args(files().iter().filter(|file| file.exists())).output();
        ran.is_ok_and(|ran| ran.status.success())
    };
    if !may_not("+i") {
        drop(daemon);
        return not_injected(FAULT, "chattr +i is not allowed here");
    }
    let mut refused = 0;
    if !clerk.scan() {
        refused += 1;
        assert!(!clerk.scan(), "green while nothing can be written");
    }
    assert!(may_not("-i"));
    clerk.scan_until_green();
    if refused == 0 {
        drop(daemon);
        return not_injected(FAULT, "this file system writes open files all the same");
    }
    ends_well(FAULT, refused, &room, daemon, &[&clerk]);
}

/// No memory: allocations may end the process, and the next start finds everything.
#[test]
fn a_daemon_without_memory_loses_nothing() {
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let mut daemon = room.serve(1);
    let address = daemon.address();
    let mut ended = 0;
    for round in 0..ROUNDS {
        assert!(clerk.scan());
        let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.child.id())).unwrap();
        let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap().trim();
        let kb: u64 = size.trim_end_matches(" kB").parse().unwrap();
        limit(&daemon, &format!("--as={}:", (kb + 256 * round as u64) * 1024));
        for _ in 0..10 {
            // It may be gone in the middle of an answer.
            drop(public(&address, "/readyz"));
            clerk.send(4);
            clerk.hear(4, std::time::Duration::from_secs(2));
        }
        if daemon.child.try_wait().unwrap().is_some() {
            ended += 1;
            daemon = room.serve(1);
        } else {
            limit(&daemon, "--as=unlimited:");
        }
        clerk.scan_until_green();
    }
    assert!(PATIENCE.as_secs() > 0 && ended <= ROUNDS);
    ends_well(
        &format!("F13 out of memory (the process ended {ended} times)"),
        ROUNDS,
        &room,
        daemon,
        &[&clerk],
    );
}
