//! Nobody takes the log: a full pipe, a journal that hangs. Scans and pages go on, and what was left out is counted.

use crate::faults_room::{Clerk, NO_NAMESPACES, compare, has_namespaces, not_injected, public, room};
use crate::support::{PATIENCE, Room};
use std::io::{BufRead, BufReader, Lines, PipeReader, PipeWriter, Write};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ends the daemon with the test.
struct Ended(Child);

impl Ended {
    /// Waits for its end, which is a good one.
    fn ends(&mut self) {
        let start = Instant::now();
        while self.0.try_wait().unwrap().is_none() {
            assert!(start.elapsed() < PATIENCE, "a daemon whose log nobody takes does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        let _already_gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn signal(pid: u32, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap().success());
}

/// A daemon that logs into a pipe, once it serves pages and its scanner is there; where the pages are.
fn serve_into(
    reader: PipeReader,
    writer: PipeWriter,
    room: &Room,
) -> (Ended, String, Lines<BufReader<PipeReader>>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outguide"));
    command.args(["serve", "--log", "text", "--config"]).arg(room.config_file());
    command.stdout(Stdio::null()).stderr(writer);
    let daemon = Ended(command.spawn().unwrap());
    drop(command);
    let mut lines = BufReader::new(reader).lines();
    let (mut address, mut is_up) = (None, false);
    while address.is_none() || !is_up {
        let line = lines.next().expect("the daemon has ended").unwrap();
        if let Some((_, rest)) = line.split_once("pages are served address=") {
            address = Some(rest.split_whitespace().next().unwrap().to_owned());
        }
        is_up |= line.contains("state=\"up\"");
    }
    (daemon, address.unwrap(), lines)
}

#[test]
fn a_log_that_nobody_takes_stops_neither_scans_nor_pages_nor_the_stop() {
    let room = room(&["cardiology", "surgery"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let (reader, writer) = std::io::pipe().unwrap();
    let (mut daemon, address, lines) = serve_into(reader, writer.try_clone().unwrap(), &room);
    let pid = daemon.0.id();
    assert!(clerk.scan());
    // From here on the pipe is full, and whoever writes to it waits.
    let stuffing = std::thread::spawn(move || {
        let mut writer = writer;
        // It ends when nobody reads any more.
        drop(writer.write_all(&[b'\n'; 1 << 20]));
    });
    std::thread::sleep(Duration::from_millis(50));
    for round in 0..20 {
        // Each of these has something to say: the state, a scanner that comes, one that goes.
        signal(pid, "USR1");
        let other = room.plug("surgery");
        assert!(clerk.scan(), "scan of round {round}");
        assert!(public(&address, "/livez").unwrap().starts_with("HTTP/1.1 200"));
        room.unplug("surgery", other);
    }
    signal(pid, "TERM");
    daemon.ends();
    drop(lines);
    stuffing.join().unwrap();
    compare("F30 log that nobody takes", 20, &room, &[&clerk]);
}

#[test]
fn what_was_left_out_of_a_log_is_counted_when_somebody_takes_it_again() {
    let room = room(&["cardiology"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let (reader, writer) = std::io::pipe().unwrap();
    let (mut daemon, _, lines) = serve_into(reader, writer, &room);
    let pid = daemon.0.id();
    assert!(clerk.scan());
    // More than the pipe and the daemon keep; signals that come together are one.
    for _ in 0..2_000 {
        signal(pid, "USR1");
    }
    assert!(clerk.scan());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok).filter(|line| line.contains("messages are not here")) {
            drop(tell.send(line));
        }
    });
    let line = told.recv_timeout(PATIENCE).expect("it is said that messages are missing");
    assert!(line.contains("count=") && !line.contains("count=0"), "{line}");
    signal(pid, "TERM");
    assert!(daemon.0.wait().unwrap().success());
    compare("F30 log that is taken late", 1, &room, &[&clerk]);
}

/// The journal of a machine of its own: what the daemon of the shipped unit logs to.
#[test]
fn a_journal_that_hangs_stops_neither_scans_nor_pages_nor_the_stop() {
    const FAULT: &str = "F30 journal that hangs";
    if !has_namespaces() {
        return not_injected(FAULT, NO_NAMESPACES);
    }
    let room = room(&["cardiology", "surgery"]);
    let mut clerk = Clerk::at(&room, "cardiology", 0);
    let script = "mount -t tmpfs none /run && mkdir -p /run/systemd/journal && touch /run/is-made && while [ ! -S /run/systemd/journal/socket ]; do sleep 0.02; done; exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["-rm", "bash", "-c", script, "bash", env!("CARGO_BIN_EXE_outguide")]);
    command.args(["serve", "--log", "journal", "--config"]).arg(room.config_file());
    let mut daemon = Ended(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let pid = daemon.0.id();
    let run = format!("/proc/{pid}/root/run");
    while !std::path::Path::new(&format!("{run}/is-made")).exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let journal = UnixDatagram::bind(format!("{run}/systemd/journal/socket")).unwrap();
    journal.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut entries = String::new();
    let mut buffer = [0; 8192];
    while !(entries.contains("pages are served") && entries.contains("F_STATE")) {
        let count = journal.recv(&mut buffer).expect("the journal hears of the start");
        entries += &String::from_utf8_lossy(&buffer[..count]);
    }
    let address = entries.split("F_ADDRESS\n").nth(1).unwrap();
    let address: String =
        address.chars().skip_while(|c| !c.is_ascii_digit()).take_while(|c| *c != '\n').collect();
    // From here on the journal takes nothing.
    for round in 0..20 {
        signal(pid, "USR1");
        let other = room.plug("surgery");
        assert!(clerk.scan(), "scan of round {round}");
        assert!(public(&address, "/livez").unwrap().starts_with("HTTP/1.1 200"));
        room.unplug("surgery", other);
    }
    signal(pid, "TERM");
    daemon.ends();
    compare(FAULT, 20, &room, &[&clerk]);
}
