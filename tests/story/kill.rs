//! kill -9 under load: whatever was answered green is there afterwards, once, with the same content.
//!
//! This finds answers given before the commit, and only those: the page cache outlives the process, so what a power
//! cut would lose is for another suite (`tests/faults`). `OUTGUIDE_KILLS` and `OUTGUIDE_SCANNERS` set how many of them.

use crate::support::{Room, answers};
use outguide::changes::Changes;
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::demo::PtyScanner;
use outguide::import::Kind;
use outguide::intake::{Intake, Settings};
use outguide::scanner::{Gauge, Outlets, Plugs, run};
use outguide::store::{Options, Place, Store};
use outguide::tracking::Signal;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Scanners unless told otherwise.
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
        // One that could not be sent whole may have got there in part.
        heard.sent.extend_from_slice(burst);
        if scanner.send(lines.as_bytes()).is_err() {
            break;
        }
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

/// Starts the daemon by `command`, lets the scanners work, kills it after `after`; returns what each station's scanner
/// heard.
fn round(room: &Room, command: &mut Command, labels: &[Vec<String>], after: Duration) -> Vec<Heard> {
    let scanners: Vec<_> = (0..labels.len()).map(|number| room.plug(&station(number))).collect();
    let daemon = room.serve_by(command, labels.len());
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

/// How often a chart was sent by a station, and how often that was answered green.
#[derive(Default)]
struct Told {
    sent: usize,
    green: usize,
}

/// By label, then by the number of the station.
type Ledger = HashMap<String, HashMap<usize, Told>>;

/// Compares what was told with the journal: scans that were answered green and are not there, and scans that are there
/// more often than they were sent. A chart that is back where it was is green without a movement, so movements are no
/// measure; that they follow from the journal is what `verify` looks at.
#[expect(clippy::disallowed_methods, reason = "what is on disk is looked at past the store")]
fn compare(room: &Room, ledger: &Ledger) -> (usize, usize) {
    let conn = rusqlite::Connection::open(room.place().db()).unwrap();
    let mut journal: HashMap<(String, String), usize> = conn
        .prepare("select cast(frame as text), station.name, count(*) from scan join station using (station_id) group by 1, 2")
        .unwrap()
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let (mut lost, mut doubled) = (0, 0);
    for (label, told) in ledger {
        for (number, told) in told {
            let there = journal.remove(&(label.clone(), station(*number))).unwrap_or_default();
            lost += told.green.saturating_sub(there);
            doubled += there.saturating_sub(told.sent);
        }
    }
    (lost, doubled + journal.values().sum::<usize>())
}

#[expect(clippy::print_stdout, reason = "the figures of a long run are what it is for")]
fn say(seen: &str) {
    println!("{seen}");
}

/// A file room in which each scanner has charts of its own in every round; in the next round they go to its neighbour, so
/// that each scan is a movement.
fn room(scanners: usize) -> Room {
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    let mut custodians = "code,name\nFILE,File room\n".to_owned();
    for number in 0..scanners {
        room.station(&station(number), &format!("C{number}"), "answer = \"ack-nak\"");
        custodians += &format!("C{number},Clinic {number}\n");
    }
    room.import(Kind::Custodians, &custodians);
    let charts: String = (1..=scanners * SCANS_MAX).map(|n| format!("{n},V{n},FILE\n")).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    room
}

/// What is left after some kills of a daemon.
struct Outcome {
    sent: usize,
    green: usize,
    lost: usize,
    doubled: usize,
}

/// Kills the daemon that `command` starts so many times under load, and looks for what it answered green.
fn kill_often(kills: usize, scanners: usize, command: impl Fn() -> Command) -> Outcome {
    let room = room(scanners);
    let mut ledger = Ledger::new();
    let mut outcome = Outcome { sent: 0, green: 0, lost: 0, doubled: 0 };
    let mut random = fastrand::Rng::with_seed(kills as u64);
    for kill in 0..kills {
        let labels: Vec<Vec<String>> = (0..scanners)
            .map(|number| (number + kill) % scanners * SCANS_MAX)
            .map(|first| (1..=SCANS_MAX).map(|scan| format!("V{}", first + scan)).collect())
            .collect();
        let after = Duration::from_millis(random.u64(3..40 + 4 * scanners as u64));
        for (number, heard) in round(&room, &mut command(), &labels, after).into_iter().enumerate() {
            outcome.sent += heard.sent.len();
            outcome.green += heard.green.len();
            for label in heard.sent {
                ledger.entry(label).or_default().entry(number).or_default().sent += 1;
            }
            for label in heard.green {
                ledger.entry(label).or_default().entry(number).or_default().green += 1;
            }
        }
    }
    assert_eq!(room.findings(), [""; 0]);
    (outcome.lost, outcome.doubled) = compare(&room, &ledger);
    outcome
}

fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn nothing_that_was_answered_green_is_gone_after_kill_9() {
    let (kills, scanners) = (setting("OUTGUIDE_KILLS", 25), setting("OUTGUIDE_SCANNERS", SCANNERS));
    let Outcome { sent, green, lost, doubled } =
        kill_often(kills, scanners, || Command::new(env!("CARGO_BIN_EXE_outguide")));
    say(&format!(
        "{kills} kills under {scanners} scanners: {green} of {sent} scans answered green, {lost} of them lost, {doubled} doubled"
    ));
    assert!(green > kills, "the load was no load: {green} green answers in {kills} kills");
    assert_eq!((lost, doubled), (0, 0), "answered green and gone, or there more often than scanned");
}

/// Names the configuration for [`a_daemon_that_answers_before_the_commit`], which does nothing without it.
const CONTROL: &str = "OUTGUIDE_CONTROL_CONFIG";

#[test]
fn a_daemon_that_answers_before_the_commit_is_caught() {
    let kills = 12;
    let Outcome { sent, green, lost, .. } = kill_often(kills, SCANNERS, || {
        // The room appends the daemon's arguments; the last of them is the configuration.
        let mut command = Command::new("bash");
        let script =
            format!("export {CONTROL}=\"${{@: -1}}\"; exec \"$0\" kill::the_control --exact --nocapture");
        command.args(["-c", &script]).arg(std::env::current_exe().unwrap());
        command
    });
    say(&format!("control, {kills} kills: {green} of {sent} scans answered green, {lost} of them lost"));
    assert!(lost > 0, "the check does not see that a daemon answers before the commit");
}

/// The control: the same scanners, intake and store as the daemon's, but each scan is answered green at once and
/// recorded afterwards.
#[tokio::test]
async fn the_control() {
    let Some(config) = std::env::var_os(CONTROL) else { return };
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    let config = Config::load(Path::new(&config)).unwrap();
    let clock = Clock::system();
    let place = Place::new(&config.data_dir);
    let (store, _thread) = Store::open(&Options { place, queue: 1024, readers: 1 }, &clock).unwrap();
    let stations = config.stations.iter().map(|station| outguide::store::Station {
        kind: station.kind,
        idle: station.idle,
        badge_idle: station.badge_idle,
        prints: station.printer.is_some(),
        name: station.name.clone(),
        title: station.title.clone(),
        custodian: station.custodian.clone(),
        double_read_window: station.double_read,
        sources: station.sources.iter().map(|source| source.name.clone()).collect(),
    });
    let numbered = store.set_stations(stations.collect()).await.unwrap();
    let sources: Vec<_> = config
        .stations
        .iter()
        .flat_map(|station| station.sources.iter().map(move |source| (station, source)))
        .collect();
    let station_of =
        sources.iter().map(|(station, source)| (source.name.clone(), station.name.clone())).collect();
    let settings = Settings { formats: config.formats.clone(), numbered, station_of };
    let intake = Intake::new(store, clock.clone(), Changes::default(), settings);
    let outlets = Outlets {
        record: Arc::new(move |reading| {
            let intake = intake.clone();
            drop(tokio::spawn(async move { intake.take(reading).await }));
            Box::pin(std::future::ready(Signal::Recorded))
        }),
        changed: Arc::new(|| ()),
        clock: clock.clone(),
        plugs: Plugs::deaf(),
        in_flight_max: 16,
    };
    tracing::info!(address = %config.listen, "pages are served");
    for (station, source) in sources {
        let gauge = Gauge::new(source, station.name.clone(), clock.now());
        tokio::spawn(run(
            source.clone(),
            Arc::new(gauge),
            outlets.clone(),
            std::process::id().into(),
            CancellationToken::new(),
        ));
    }
    std::future::pending::<()>().await;
}
