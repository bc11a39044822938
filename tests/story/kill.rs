//! kill -9 under load: whatever was answered green is there afterwards, once, with the same content.
//!
//! This finds answers given before the commit, and only those: the page cache outlives the process, so what a power
//! cut would lose is for another suite. `OUTGUIDE_KILLS` sets the number of kills.

use crate::support::{Room, answers};
use outguide::demo::PtyScanner;
use outguide::import::Kind;
use outguide::store::{Locate, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SCANNERS: usize = 6;
/// Scans that one scanner has under way at a time.
const BURST: usize = 4;
/// Most scans of one scanner between two kills.
const SCANS_MAX: usize = 48;
const GREEN: u8 = 0x06;

/// What one scanner sent and what it heard.
#[derive(Default)]
struct Heard {
    sent: Vec<String>,
    green: Vec<String>,
}

fn scan_until(stop: &AtomicBool, scanner: &mut PtyScanner, labels: &[String]) -> Heard {
    let mut heard = Heard::default();
    for burst in labels.chunks(BURST) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let lines: String = burst.iter().map(|label| format!("{label}\r")).collect();
        if scanner.send(lines.as_bytes()).is_err() {
            break;
        }
        heard.sent.extend_from_slice(burst);
        let answers = answers(scanner, burst.len(), Duration::from_millis(500));
        let green = burst.iter().zip(&answers).filter(|(_, answer)| **answer == GREEN);
        heard.green.extend(green.map(|(label, _)| label.clone()));
    }
    // The answers that were on the line when the daemon died count, too.
    heard
}

fn station(number: usize) -> String {
    format!("desk-{number}")
}

/// Starts the daemon, lets the scanners work, kills it after `after`; returns what each station's scanner heard.
fn round(room: &Room, labels: &[Vec<String>], after: Duration) -> Vec<Heard> {
    let scanners: Vec<_> = (0..SCANNERS).map(|number| room.plug(&station(number))).collect();
    let daemon = room.serve(SCANNERS);
    let stop = Arc::new(AtomicBool::new(false));
    let workers: Vec<_> = scanners
        .into_iter()
        .zip(labels.to_vec())
        .map(|(mut scanner, labels)| {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || scan_until(&stop, &mut scanner, &labels))
        })
        .collect();
    std::thread::sleep(after);
    daemon.kill();
    stop.store(true, Ordering::Relaxed);
    workers.into_iter().map(|worker| worker.join().unwrap()).collect()
}

/// How many of these scans are not in history exactly once, at this station.
async fn lost(store: &Store, station: &str, labels: &[String]) -> usize {
    let mut lost = 0;
    for label in labels {
        let wanted = Locate { label: Some(label.clone()), mrn: None };
        let volume = store.locate(wanted).await.unwrap().remove(0).volume;
        let history = store.history(volume, None).await.unwrap().unwrap().movements;
        let stations: Vec<_> = history.iter().map(|movement| movement.station.as_deref()).collect();
        if stations != [Some(station)] {
            lost += 1;
        }
    }
    lost
}

#[expect(clippy::print_stdout, reason = "the figures of a long run are what it is for")]
fn say(seen: &str) {
    println!("{seen}");
}

#[tokio::test]
async fn nothing_that_was_answered_green_is_gone_after_kill_9() {
    let kills: usize =
        std::env::var("OUTGUIDE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(25);
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    let mut custodians = "code,name\nFILE,File room\n".to_owned();
    for number in 0..SCANNERS {
        room.station(&station(number), &format!("C{number}"), "answer = \"ack-nak\"");
        custodians += &format!("C{number},Clinic {number}\n");
    }
    room.import(Kind::Custodians, &custodians);
    let label = |kill: usize, number: usize, scan: usize| {
        format!("V{}", (kill * SCANNERS + number) * SCANS_MAX + scan + 1)
    };
    let charts: String = (1..=kills * SCANNERS * SCANS_MAX).map(|n| format!("{n},V{n},FILE\n")).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    let mut heard: Vec<Heard> = (0..SCANNERS).map(|_| Heard::default()).collect();
    let mut random = fastrand::Rng::with_seed(kills as u64);
    for kill in 0..kills {
        let labels: Vec<Vec<String>> = (0..SCANNERS)
            .map(|number| (0..SCANS_MAX).map(|scan| label(kill, number, scan)).collect())
            .collect();
        let after = Duration::from_millis(random.u64(3..60));
        for (all, new) in heard.iter_mut().zip(round(&room, &labels, after)) {
            all.sent.extend(new.sent);
            all.green.extend(new.green);
        }
    }
    let findings = room.findings();
    assert_eq!(findings, [""; 0]);
    let (store, thread) = room.open_store();
    let (mut green, mut sent, mut lost_green, mut lost_sent) = (0, 0, 0, 0);
    for (number, heard) in heard.iter().enumerate() {
        green += heard.green.len();
        sent += heard.sent.len();
        lost_green += lost(&store, &station(number), &heard.green).await;
        lost_sent += lost(&store, &station(number), &heard.sent).await;
    }
    say(&format!(
        "{kills} kills: {green} of {sent} scans answered green, {lost_green} of them lost; control: {lost_sent} lost"
    ));
    assert!(green > kills, "the load was no load: {green} green answers in {kills} kills");
    assert_eq!(lost_green, 0, "answered green and gone");
    // The control: had each scan been answered when it was sent, before its commit, these answers would have been lies,
    // and this check would have found them.
    assert!(lost_sent > 0, "a daemon that answers before the commit would not be caught: kill it earlier");
    drop(store);
    thread.join();
}
