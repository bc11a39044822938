//! kill -9 under load: whatever was answered green is there afterwards, once, with the same content.
//!
//! This finds answers given before the commit, and only those: the page cache outlives the process, so what a power
//! cut would lose is for another suite. `OUTGUIDE_KILLS` sets the number of kills.

use crate::support::{Room, answers};
use outguide::changes::Changes;
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::demo::PtyScanner;
use outguide::import::Kind;
use outguide::intake::{Intake, Settings};
use outguide::scanner::{Gauge, Outlets, Plugs, run};
use outguide::store::{Locate, Options, Place, Store};
use outguide::tracking::Signal;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

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

/// Starts the daemon by `command`, lets the scanners work, kills it after `after`; returns what each station's scanner
/// heard.
fn round(room: &Room, command: &mut Command, labels: &[Vec<String>], after: Duration) -> Vec<Heard> {
    let scanners: Vec<_> = (0..SCANNERS).map(|number| room.plug(&station(number))).collect();
    let daemon = room.serve_by(command, SCANNERS);
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

/// A file room with enough charts that every scan of `kills` rounds has a chart of its own.
fn room(kills: usize) -> Room {
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    let mut custodians = "code,name\nFILE,File room\n".to_owned();
    for number in 0..SCANNERS {
        room.station(&station(number), &format!("C{number}"), "answer = \"ack-nak\"");
        custodians += &format!("C{number},Clinic {number}\n");
    }
    room.import(Kind::Custodians, &custodians);
    let charts: String = (1..=kills * SCANNERS * SCANS_MAX).map(|n| format!("{n},V{n},FILE\n")).collect();
    room.import(Kind::Charts, &format!("mrn,label,home\n{charts}"));
    room
}

/// What is left after some kills of a daemon.
struct Outcome {
    sent: usize,
    green: usize,
    lost: usize,
}

/// Kills the daemon that `command` starts so many times under load, and looks for what it answered green.
async fn kill_often(kills: usize, command: impl Fn() -> Command) -> Outcome {
    let room = room(kills);
    let label = |kill: usize, number: usize, scan: usize| {
        format!("V{}", (kill * SCANNERS + number) * SCANS_MAX + scan + 1)
    };
    let mut heard: Vec<Heard> = (0..SCANNERS).map(|_| Heard::default()).collect();
    let mut random = fastrand::Rng::with_seed(kills as u64);
    for kill in 0..kills {
        let labels: Vec<Vec<String>> = (0..SCANNERS)
            .map(|number| (0..SCANS_MAX).map(|scan| label(kill, number, scan)).collect())
            .collect();
        let after = Duration::from_millis(random.u64(3..60));
        for (all, new) in heard.iter_mut().zip(round(&room, &mut command(), &labels, after)) {
            all.sent.extend(new.sent);
            all.green.extend(new.green);
        }
    }
    assert_eq!(room.findings(), [""; 0]);
    let (store, thread) = room.open_store();
    let mut outcome = Outcome { sent: 0, green: 0, lost: 0 };
    for (number, heard) in heard.iter().enumerate() {
        outcome.sent += heard.sent.len();
        outcome.green += heard.green.len();
        outcome.lost += lost(&store, &station(number), &heard.green).await;
    }
    drop(store);
    thread.join();
    outcome
}

#[tokio::test]
async fn nothing_that_was_answered_green_is_gone_after_kill_9() {
    let kills: usize =
        std::env::var("OUTGUIDE_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(25);
    let Outcome { sent, green, lost } =
        kill_often(kills, || Command::new(env!("CARGO_BIN_EXE_outguide"))).await;
    say(&format!("{kills} kills: {green} of {sent} scans answered green, {lost} of them lost"));
    assert!(green > kills, "the load was no load: {green} green answers in {kills} kills");
    assert_eq!(lost, 0, "answered green and gone");
}

/// Names the configuration for [`a_daemon_that_answers_before_the_commit`], which does nothing without it.
const CONTROL: &str = "OUTGUIDE_CONTROL_CONFIG";

#[tokio::test]
async fn a_daemon_that_answers_before_the_commit_is_caught() {
    let kills = 12;
    let Outcome { sent, green, lost } = kill_often(kills, || {
        // The room appends the daemon's arguments; the last of them is the configuration.
        let mut command = Command::new("bash");
        let script =
            format!("export {CONTROL}=\"${{@: -1}}\"; exec \"$0\" kill::the_control --exact --nocapture");
        command.args(["-c", &script]).arg(std::env::current_exe().unwrap());
        command
    })
    .await;
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
