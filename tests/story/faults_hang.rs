//! What hangs: the whole process, its writing thread, its disk. The watchdog of systemd is fed by a daemon that records,
//! and by no other.

use crate::faults_room::{Clerk, ends_well, not_injected, room};
use crate::support::{PATIENCE, Room, Running};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What systemd hears.
struct Systemd(UnixDatagram);

impl Systemd {
    fn serve(room: &Room) -> (Systemd, Running) {
        let path = room.dir.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_outguide"));
        command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "900000");
        let daemon = room.serve_by(&mut command, 1);
        (Systemd(socket), daemon)
    }

    fn next(&self) -> String {
        let mut buffer = [0; 4096];
        let count = self.0.recv(&mut buffer).expect("systemd hears nothing more");
        String::from_utf8_lossy(&buffer[..count]).into_owned()
    }

    /// Forgets what was said so far.
    fn forget(&self) {
        self.0.set_nonblocking(true).unwrap();
        while self.0.recv(&mut [0; 4096]).is_ok() {}
        self.0.set_nonblocking(false).unwrap();
    }

    fn hears(&self, word: &str) {
        while !self.next().contains(word) {}
    }

    /// A whole beat has gone by, and the watchdog was not in it.
    fn is_not_fed(&self) {
        self.forget();
        self.hears("STATUS=");
        let said = self.next();
        assert!(!said.contains("WATCHDOG=1"), "fed by a daemon that hangs: {said}");
    }
}

#[test]
fn a_process_that_was_stopped_for_a_while_takes_up_where_it_was() {
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let (systemd, daemon) = Systemd::serve(&room);
    systemd.hears("WATCHDOG=1");
    const ROUNDS: usize = 3;
    for _ in 0..ROUNDS {
        assert!(clerk.scan());
        daemon.signal("STOP");
        std::thread::sleep(Duration::from_millis(100));
        systemd.forget();
        assert!(clerk.send(20), "what is scanned meanwhile waits on the line");
        std::thread::sleep(Duration::from_secs(2));
        systemd.0.set_nonblocking(true).unwrap();
        assert!(systemd.0.recv(&mut [0; 4096]).is_err(), "a stopped process feeds the watchdog");
        systemd.0.set_nonblocking(false).unwrap();
        daemon.signal("CONT");
        assert_eq!(clerk.hear(20, PATIENCE), 20, "what was scanned meanwhile is recorded");
        systemd.hears("WATCHDOG=1");
    }
    ends_well("F15 the process hangs (SIGSTOP)", ROUNDS, &room, daemon, &[&clerk]);
}

/// Slows the calls by which the writing thread puts things on disk; ends with the value.
struct SlowDisk(Child);

impl SlowDisk {
    /// `None` where `strace` is not there or not allowed.
    fn under(daemon: &Running, delay: Duration) -> Option<SlowDisk> {
        let pid = daemon.child.id();
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
        let name = |path: &std::path::Path| std::fs::read_to_string(path.join("comm")).unwrap_or_default();
        let writer =
            tasks.map(|task| task.path()).find(|task| name(task).trim() == "store-writer").expect("a writer");
        let inject = format!("inject=fdatasync,fsync:delay_enter={}", delay.as_micros());
        let strace = Command::new("strace")
            .args(["-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e", &inject, "-p"])
            .arg(writer.file_name().unwrap())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut slow = SlowDisk(strace.ok()?);
        let start = Instant::now();
        loop {
            let status = std::fs::read_to_string(writer.join("status")).unwrap_or_default();
            if status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0")) {
                return Some(slow);
            }
            if slow.0.try_wait().unwrap().is_some() || start.elapsed() > PATIENCE {
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for SlowDisk {
    fn drop(&mut self) {
        // TERM, not KILL: it lets go of the thread in order.
        let pid = self.0.id().to_string();
        let _already_gone = Command::new("kill").args(["-TERM", &pid]).status();
        let _reaped = self.0.wait();
    }
}

const NO_STRACE: &str = "`strace -p` is not there or not allowed";

#[test]
fn a_slow_disk_makes_scans_late_and_nothing_else() {
    const FAULT: &str = "F9 disk that takes 0.3 s for every sync";
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let (systemd, daemon) = Systemd::serve(&room);
    assert!(clerk.scan());
    let Some(slow) = SlowDisk::under(&daemon, Duration::from_millis(300)) else {
        return not_injected(FAULT, NO_STRACE);
    };
    let began = Instant::now();
    let green = (0..10).filter(|_| clerk.scan()).count();
    assert_eq!(green, 10, "a slow disk is no broken one");
    assert!(began.elapsed() > Duration::from_secs(3), "green before the disk had it: {:?}", began.elapsed());
    assert!(clerk.send(30), "more than one commit's worth waits");
    assert_eq!(clerk.hear(30, PATIENCE), 30);
    systemd.forget();
    systemd.hears("WATCHDOG=1");
    drop(slow);
    assert!(clerk.scan());
    ends_well(FAULT, 40, &room, daemon, &[&clerk]);
    let order: Vec<_> = crate::journal::journal(&room).into_iter().map(|scan| scan.frame).collect();
    let sent: Vec<_> = (1..=order.len()).map(|n| format!("V{n}").into_bytes()).collect();
    assert_eq!(order, sent, "in the order of scanning");
}

#[test]
fn a_writer_that_hangs_feeds_no_watchdog_and_is_fed_again_when_it_goes_on() {
    const FAULT: &str = "F15 the writing thread hangs in a sync";
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let (systemd, daemon) = Systemd::serve(&room);
    assert!(clerk.scan());
    let Some(slow) = SlowDisk::under(&daemon, Duration::from_secs(14)) else {
        return not_injected(FAULT, NO_STRACE);
    };
    assert!(!clerk.scan(), "nobody waits for ever: after a while the clerk is told to scan again");
    let start = Instant::now();
    while !daemon.log().contains("the database thread hangs; the watchdog is not fed") {
        assert!(start.elapsed() < PATIENCE, "{}", daemon.log());
        systemd.forget();
    }
    systemd.is_not_fed();
    drop(slow);
    clerk.scan_until_green();
    systemd.forget();
    systemd.hears("WATCHDOG=1");
    assert!(clerk.scan());
    ends_well(FAULT, 1, &room, daemon, &[&clerk]);
}
