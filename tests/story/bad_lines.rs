//! Lines that send what nobody scanned: endless bytes, endless garbage, echoes, a recording of noise. Each is named on
//! the page, nothing is recorded that was not scanned, and the scanner beside it works as ever.

use crate::journal::{Scan, journal};
use crate::support::{PATIENCE, Room, Running, answers};
use outguide::demo::PtyScanner;
use outguide::import::Kind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const GREEN: &[u8] = b"\x06";
/// Scans of the scanner beside the bad line.
const SCANS: usize = 50;
/// What may be written down before noise is known for what it is: 50 refusals, and what looks like codes among them.
const RECORDED_MAX: usize = 100;
/// How much more memory a bad line may cost.
const MEMORY_MAX: usize = 32 << 20;

/// A room with a good scanner and a bad line at stations of their own; `bad` are further lines of its source.
fn room(bad: &str) -> Room {
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    room.import(Kind::Custodians, "code,name\nFILE,File room\nCARD,Cardiology\nSURG,Surgery\n");
    let charts: String = (1..=SCANS).map(|n| format!("{n},V{n},FILE\n")).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    room.station("good", "CARD", "answer = \"ack-nak\"");
    room.station("bad", "SURG", bad);
    room
}

/// Resident memory in bytes.
fn resident(daemon: &Running) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

/// Scans every chart at the good scanner; each is acknowledged.
fn scan_all(scanner: &mut PtyScanner) {
    for number in 1..=SCANS {
        scanner.send(format!("V{number}\r").as_bytes()).unwrap();
        assert_eq!(answers(scanner, 1, PATIENCE), GREEN, "V{number}");
    }
}

/// Waits until the page of the scanners says `words`.
fn wait_for_page(daemon: &Running, words: &str) {
    let start = Instant::now();
    loop {
        let page = daemon.get("/scanners");
        if page.contains(words) {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "no {words:?} on {page}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What the good scanner scanned is in the journal once each, and of the bad line nothing but some refusals.
fn expect_journal(room: &Room) {
    let (good, bad): (Vec<Scan>, Vec<Scan>) =
        journal(room).into_iter().partition(|scan| scan.source == "good-scanner");
    let found: Vec<_> = good.iter().map(|scan| String::from_utf8_lossy(&scan.frame).into_owned()).collect();
    assert_eq!(found, (1..=SCANS).map(|number| format!("V{number}")).collect::<Vec<_>>());
    assert!(good.iter().all(|scan| scan.verdict == "moved"), "{good:?}");
    // Random bytes may look like a code, before there are enough of them to be told for what they are.
    assert!(bad.iter().all(|scan| scan.verdict == "refused" || scan.verdict == "unknown"), "{bad:?}");
    assert!(bad.len() <= RECORDED_MAX, "{} are written down", bad.len());
    assert_eq!(room.findings(), [""; 0]);
}

/// Sends the same bytes for ever, as fast as they are taken, while the scanner beside it works.
fn flood(bytes: &'static [u8], words: &str) {
    let room = room("");
    let mut scanner = room.plug("good");
    let mut line = room.plug("bad");
    let daemon = room.serve(2);
    let before = resident(&daemon);
    let stop = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicUsize::new(0));
    let flooding = {
        let (stop, sent) = (Arc::clone(&stop), Arc::clone(&sent));
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                match line.send(bytes) {
                    Ok(()) => drop(sent.fetch_add(bytes.len(), Ordering::Relaxed)),
                    Err(_) => std::thread::sleep(Duration::from_micros(200)),
                }
            }
        })
    };
    scan_all(&mut scanner);
    wait_for_page(&daemon, words);
    while sent.load(Ordering::Relaxed) < 1 << 20 {
        assert!(!flooding.is_finished(), "the flood has ended");
        std::thread::sleep(Duration::from_millis(1));
    }
    let after = resident(&daemon);
    stop.store(true, Ordering::Relaxed);
    flooding.join().unwrap();
    assert!(after < before + MEMORY_MAX, "{before} bytes of memory became {after}");
    assert!(daemon.stop().success());
    expect_journal(&room);
}

#[test]
fn endless_bytes_are_named_and_harm_nobody() {
    flood(&[b'x'; 1024], "it sends garbage all the time");
}

#[test]
fn endless_lines_of_garbage_are_named_and_harm_nobody() {
    flood(b"\x01garbage\x02without\x08end\r", "it sends garbage all the time");
}

#[test]
fn endless_noise_is_named_and_harms_nobody() {
    flood(b"\xf8\x00\x80\xff\x00\x78\xf8\r", "nothing it sends can be read");
}

/// A line that sends back whatever it is sent; the scanner on it is answered all the same.
#[test]
fn echoes_of_answers_are_counted_and_are_no_scans() {
    // Those that come right before a code are taken off it; those that end by themselves are counted.
    for (profile, green, counted) in [
        ("ack-nak", "\x06", 0),
        ("bell", "\x07", 0),
        ("honeywell", "\x1b7,", 0),
        ("cipherlab", "#@////\r", 10),
    ] {
        let room = room(&format!("answer = \"{profile}\""));
        let mut line = room.plug("bad");
        let daemon = room.serve(1);
        for number in 1..=10 {
            line.send(format!("V{number}\r").as_bytes()).unwrap();
            let answer = answers(&mut line, green.len(), PATIENCE);
            assert_eq!(String::from_utf8_lossy(&answer), green, "{profile}");
            line.send(&answer).unwrap();
        }
        // After the last code nothing is answered any more: an echo that was would be answered for ever.
        line.send(b"V11\r").unwrap();
        assert_eq!(answers(&mut line, green.len(), PATIENCE).len(), green.len(), "{profile}");
        wait_for_page(&daemon, "<dt>Scans</dt><dd>11</dd>");
        wait_for_page(&daemon, &format!("<dt>Echoes and replies</dt><dd>{counted}</dd>"));
        assert!(daemon.get("/scanners").contains("<dt>Refused for their form</dt><dd>0</dd>"));
        assert!(daemon.stop().success());
        let found: Vec<_> =
            journal(&room).iter().map(|scan| String::from_utf8_lossy(&scan.frame).into_owned()).collect();
        assert_eq!(found, (1..=11).map(|number| format!("V{number}")).collect::<Vec<_>>(), "{profile}");
    }
}

/// Ten megabytes; `cargo bench -- many` plays a hundred.
#[test]
fn a_recording_of_noise_is_played_to_its_end_and_harms_nobody() {
    let mut room = room("");
    let tape = room.dir.path().join("noise.capture");
    crate::tape::noise(&tape, 10);
    room.configure(&format!(
        "[[station.source]]\nname = \"tape\"\nkind = \"replay\"\nfile = \"{}\"\n",
        tape.display()
    ));
    let mut scanner = room.plug("good");
    let mut daemon = room.serve(1);
    let before = resident(&daemon);
    scan_all(&mut scanner);
    daemon.wait_for("state=\"played\"", 1);
    let after = resident(&daemon);
    assert!(after < before + MEMORY_MAX, "{before} bytes of memory became {after}");
    wait_for_page(&daemon, "it sends garbage all the time");
    wait_for_page(&daemon, "the recording has been played");
    assert!(daemon.stop().success());
    expect_journal(&room);
}
