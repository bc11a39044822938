//! A file room to break: a clerk who keeps a ledger of what each scan was answered, and the comparison with the journal
//! at the end, as a line of a table.

use crate::journal::journal;
use crate::support::{PATIENCE, Room, Running, answers};
use outguide::demo::PtyScanner;
use outguide::import::Kind;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

const GREEN: u8 = 0x06;
/// Charts of one clerk.
pub(crate) const CHARTS: usize = 400;

/// A room with these stations, each with charts of its own.
pub(crate) fn room(stations: &[&str]) -> Room {
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    let mut custodians = "code,name\nFILE,File room\n".to_owned();
    for station in stations {
        let code = station.to_uppercase();
        room.station(station, &code, "answer = \"ack-nak\"");
        custodians += &format!("{code},The place {station}\n");
    }
    room.import(Kind::Custodians, &custodians);
    let charts: String = (1..=CHARTS * stations.len()).map(|n| format!("{n},V{n},FILE\n")).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    room
}

/// How often a label was sent, and how often that was answered green.
#[derive(Default)]
struct Told {
    sent: usize,
    green: usize,
}

/// Somebody with a scanner, who takes down what was answered.
pub(crate) struct Clerk {
    source: String,
    pub(crate) scanner: PtyScanner,
    first: usize,
    scans: usize,
    /// Whether the line took every scan whole.
    is_whole: bool,
    told: BTreeMap<String, Told>,
}

impl Clerk {
    /// At a station of [`room`], the `number`-th.
    pub(crate) fn at(room: &Room, station: &str, number: usize) -> Clerk {
        let (source, scanner) = (format!("{station}-scanner"), room.plug(station));
        Clerk { source, scanner, first: number * CHARTS, scans: 0, is_whole: true, told: BTreeMap::new() }
    }

    /// Sends so many charts one after the other without waiting for answers; false if the line took not all of them.
    pub(crate) fn send(&mut self, count: usize) -> bool {
        let mut all = true;
        for _ in 0..count {
            let label = self.next();
            all &= self.scanner.send(format!("{label}\r").as_bytes()).is_ok();
        }
        self.is_whole &= all;
        all
    }

    fn next(&mut self) -> String {
        let label = format!("V{}", self.first + self.scans % CHARTS + 1);
        self.scans += 1;
        self.told.entry(label.clone()).or_default().sent += 1;
        label
    }

    /// Waits for the answers to the last `count` scans that were sent; how many were green.
    pub(crate) fn hear(&mut self, count: usize, patience: Duration) -> usize {
        let heard = answers(&mut self.scanner, count, patience);
        let mut green = 0;
        for (at, _) in heard.iter().enumerate().filter(|(_, answer)| **answer == GREEN) {
            let label = format!("V{}", self.first + (self.scans - count + at) % CHARTS + 1);
            self.told.entry(label).or_default().green += 1;
            green += 1;
        }
        green
    }

    /// Takes whatever was answered, to no scan in particular: of a flood nobody knows which; how many answers.
    pub(crate) fn hear_any(&mut self) -> usize {
        self.scanner.answers().len()
    }

    /// Scans the next chart; whether it was answered green.
    pub(crate) fn scan(&mut self) -> bool {
        self.send(1) && self.hear(1, PATIENCE) == 1
    }

    /// Scans until an answer is not green; how many were.
    pub(crate) fn scan_until_refused(&mut self) -> usize {
        (0..CHARTS).find(|_| !self.scan()).expect("every scan was green: the fault was none")
    }

    /// Goes on scanning until it is green again, as a clerk would.
    pub(crate) fn scan_until_green(&mut self) {
        let start = Instant::now();
        while !self.scan() {
            assert!(start.elapsed() < PATIENCE, "no scan is green again");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The same; if it is still not after a few tries, `help` is given once.
    pub(crate) fn scan_until_green_or(&mut self, help: impl FnOnce()) {
        for _ in 0..30 {
            if self.scan() {
                return help();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        help();
        self.scan_until_green();
    }

    /// Scans that were answered green so far.
    pub(crate) fn green(&self) -> usize {
        self.told.values().map(|told| told.green).sum()
    }

    /// Takes what the journal has of this scanner: scans that were green and are not there, and those that are there
    /// more often than they were sent.
    fn compare(&self, journal: &BTreeMap<(String, String), usize>) -> (usize, usize) {
        let of = |label: &String| journal.get(&(self.source.clone(), label.clone())).copied().unwrap_or(0);
        let lost = self.told.iter().map(|(label, told)| told.green.saturating_sub(of(label))).sum();
        let doubled: usize = self.told.iter().map(|(label, told)| of(label).saturating_sub(told.sent)).sum();
        // Of a scan that was cut off, the beginning is read together with the next one.
        let ours = journal.iter().filter(|((source, _), _)| self.is_whole && *source == self.source);
        let strange = ours
            .filter(|((_, label), _)| !self.told.contains_key(label))
            .map(|(_, count)| *count)
            .sum::<usize>();
        (lost, doubled + strange)
    }
}

#[expect(clippy::print_stdout, reason = "the table is part of what these tests are for")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

/// Says that a fault could not be injected on this machine, and why.
pub(crate) fn not_injected(fault: &str, why: &str) {
    say(&format!("{fault:<56} not injected: {why}"));
}

/// Stops the daemon in order and compares what was told with what is there.
pub(crate) fn ends_well(fault: &str, injected: usize, room: &Room, daemon: Running, clerks: &[&Clerk]) {
    assert!(daemon.stop().success(), "{fault}");
    compare(fault, injected, room, clerks);
}

/// Compares what was told with what is there: everything that was green, once, and `verify` finds nothing.
pub(crate) fn compare(fault: &str, injected: usize, room: &Room, clerks: &[&Clerk]) {
    assert_eq!(room.findings(), [""; 0], "{fault}");
    let mut there = BTreeMap::new();
    for scan in journal(room) {
        *there.entry((scan.source, String::from_utf8_lossy(&scan.frame).into_owned())).or_default() += 1;
    }
    let (mut lost, mut doubled, mut green) = (0, 0, 0);
    for clerk in clerks {
        let (gone, more) = clerk.compare(&there);
        (lost, doubled, green) = (lost + gone, doubled + more, green + clerk.green());
    }
    say(&format!("{fault:<56} injected {injected:>4}  green {green:>5}  lost {lost}  doubled {doubled}"));
    assert!(green > 0, "{fault}: nothing was green, so nothing was tried");
    assert_eq!((lost, doubled), (0, 0), "{fault}: green and gone, or there more often than sent");
}

/// Whether a daemon can be given file systems of its own, and be looked at from outside: it lets nobody but root.
pub(crate) fn has_namespaces() -> bool {
    rustix::process::geteuid().is_root()
        && Command::new("unshare").args(["-rm", "true"]).output().is_ok_and(|ran| ran.status.success())
}

/// Why not, if not.
pub(crate) const NO_NAMESPACES: &str = "only root can, and where `unshare -rm` is allowed";

/// Sets a limit of a running process, as `prlimit` writes it.
pub(crate) fn limit(daemon: &Running, what: &str) {
    let pid = daemon.child.id().to_string();
    assert!(Command::new("prlimit").args(["--pid", &pid, what]).status().unwrap().success(), "{what}");
}

/// Asks for a page that needs no sign-in, at an address.
pub(crate) fn public(address: &str, path: &str) -> std::io::Result<String> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
