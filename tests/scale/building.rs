//! A file room of any size with its past, made by the program itself: charts by its import, movements by its writer under a
//! clock that is set by hand. So journal, history and audit log are chained, and `outguide verify` has nothing to say.

use crate::measure::bytes_of;
use crate::names::Person;
use crate::room::directory;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use outguide::clock::Clock;
use outguide::label::LabelKind;
use outguide::store::{
    AppointmentLine, ChartLine, CustodianLine, Importer, Numbered, Options, Place, Station, Store,
};
use outguide::tracking::grammar::StationKind;
use outguide::tracking::{Calendar, DueRule, Entry, Mrn, Scan, ScanId, Sighting, SourceId, StationId};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// C0 is the file room; the history is played by those before [`RECORDERS`], the measurements by the others.
pub(crate) const CUSTODIANS: usize = 100;
/// The first custodian that no chart was ever at before the measurements.
pub(crate) const RECORDERS: usize = 64;
/// Coprime to any number of charts here: numbers taken by it come in no order.
pub(crate) const STRIDE: usize = 999_983;
/// One chart of so many has a second volume.
const SECOND_VOLUME_EACH: usize = 10;
/// Share of the charts that is out in the end, in per cent, and how many at least.
const OUT: (usize, usize) = (1, 600);
/// Charts of the last day that the first clinic has.
const FIRST_CLINIC_HAS: usize = 300;
/// Patients of tomorrow, at each of so many clinics.
const APPOINTMENTS: (usize, usize) = (200, 5);
/// Scans that are recorded in one go.
const TOGETHER: usize = 512;
/// Movements of a day of history, at most.
const DAY: usize = 200_000;

/// How large a room is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) charts: usize,
    pub(crate) movements: usize,
}

/// Names a directory in which rooms are kept, because large ones take hours to build.
const KEPT: &str = "OUTGUIDE_SCALE_DIR";

/// A room that is there.
pub(crate) struct Built {
    dir: PathBuf,
    /// Removes it in the end, unless it is kept.
    temporary: Option<tempfile::TempDir>,
    pub(crate) size: Size,
    /// Charts that are out.
    pub(crate) out: usize,
    /// Bytes of the database with the charts alone, and with everything.
    pub(crate) bytes: (u64, u64),
    /// How long charts and movements took, in seconds.
    pub(crate) took: (f64, f64),
}

impl Built {
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn place(&self) -> Place {
        Place::new(&self.dir)
    }

    /// What is told of a kept room when it is taken again.
    fn note(&self) -> String {
        let (bytes, took) = (self.bytes, self.took);
        format!("{} {} {} {} {}", self.out, bytes.0, bytes.1, took.0, took.1)
    }

    fn kept(dir: &Path, size: Size) -> Option<Built> {
        let note = std::fs::read_to_string(dir.join("built")).ok()?;
        let told: Vec<f64> = note.split(' ').map(|figure| figure.parse().unwrap()).collect();
        Some(Built {
            dir: dir.to_owned(),
            temporary: None,
            size,
            out: told[0] as usize,
            bytes: (told[1] as u64, told[2] as u64),
            took: (told[3], told[4]),
        })
    }
}

/// Makes a room; the same one each time, but for the day. One that was kept is taken as it is.
pub(crate) fn build(size: Size) -> Built {
    let (dir, temporary) = match std::env::var_os(KEPT) {
        Some(kept) => {
            let dir = PathBuf::from(kept).join(format!("{}-{}", size.charts, size.movements));
            if let Some(built) = Built::kept(&dir, size) {
                return built;
            }
            std::fs::create_dir_all(&dir).unwrap();
            (dir, None)
        }
        None => {
            let temporary = directory();
            (temporary.path().to_owned(), Some(temporary))
        }
    };
    let place = Place::new(&dir);
    // What was broken off after the import goes on there.
    let imported = dir.join("imported");
    if !imported.exists() {
        let start = Instant::now();
        import(&place, size.charts);
        let note = format!("{} {}", start.elapsed().as_secs_f64(), bytes_of(&place.db()));
        std::fs::write(&imported, note).unwrap();
    }
    let note = std::fs::read_to_string(&imported).unwrap();
    let (seconds, bytes) = note.trim().split_once(' ').unwrap();
    let (charts_took, charts_bytes): (f64, u64) = (seconds.parse().unwrap(), bytes.parse().unwrap());
    let start = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let out = runtime.block_on(play(&place, size));
    let took = (charts_took, start.elapsed().as_secs_f64());
    let bytes = (charts_bytes, bytes_of(&place.db()));
    let built = Built { dir, temporary, size, out, bytes, took };
    if built.temporary.is_none() {
        std::fs::write(built.dir.join("built"), built.note()).unwrap();
    }
    built
}

fn import(place: &Place, charts: usize) {
    let mut importer = Importer::open(place, Clock::system().now(), false).unwrap();
    for number in 0..CUSTODIANS {
        let (kind, name) = match number {
            0 => ("file-area", "File room".to_owned()),
            _ if number % 5 == 0 => ("person", format!("Dr. {}", Person::new(number as u64).surname)),
            _ => ("clinic", format!("Clinic {number}")),
        };
        let line = CustodianLine {
            kind: Some(kind.into()),
            phone: Some(format!("555-{number:04}")),
            label: Some(format!("L{number}")),
            due: Some(if number == 0 { String::new() } else { "10d".to_owned() }),
            ..CustodianLine::new(format!("C{number}"), name)
        };
        importer.custodian(&line).unwrap().unwrap();
    }
    for number in 1..=charts {
        let person = Person::new(number as u64);
        let mut line = ChartLine::new(mrn(number), format!("V{number}"), "C0");
        (line.name, line.born) = (Some(person.name()), Some(person.born));
        importer.chart(&line).unwrap().unwrap();
        if number % SECOND_VOLUME_EACH == 0 {
            let second = ChartLine { volume: 2, label: Some(format!("W{number}")), ..line };
            importer.chart(&second).unwrap().unwrap();
        }
        if number % 100_000 == 0 {
            importer.checkpoint().unwrap();
        }
    }
    importer.finish("scale").unwrap();
}

pub(crate) fn mrn(number: usize) -> Mrn {
    Mrn::parse(&format!("{number:07}")).unwrap()
}

/// A station for each custodian, and a desk of the file room.
pub(crate) fn stations() -> Vec<Station> {
    let station = |name: String, kind, custodian: usize| Station {
        kind,
        idle: Duration::from_secs(120),
        badge_idle: Duration::from_secs(900),
        prints: false,
        title: name.clone(),
        custodian: format!("C{custodian}"),
        double_read_window: Duration::from_secs(2),
        sources: vec![format!("{name}-scanner")],
        name,
    };
    let mut all: Vec<_> = (0..CUSTODIANS)
        .map(|number| station(format!("s{number}"), StationKind::Checkpoint, number))
        .collect();
    all.push(station("desk".into(), StationKind::Desk, 0));
    all
}

/// Whoever scans.
pub(crate) struct Hand {
    pub(crate) clock: Clock,
    numbered: Numbered,
    /// Of its last scan; with the time it makes a scan's id.
    pub(crate) count: u32,
}

impl Hand {
    pub(crate) fn new(clock: Clock, numbered: Numbered) -> Hand {
        Hand { clock, numbered, count: 0 }
    }

    /// A scan of a label at a station.
    pub(crate) fn scan(&mut self, station: &str, kind: LabelKind, key: String) -> Scan {
        self.count = self.count.wrapping_add(1);
        let (now, number) = (self.clock.now(), self.count);
        Scan {
            id: ScanId::new(now.as_millisecond() as u64, 0, number),
            station: *self.numbered.stations.get(station).unwrap_or(&StationId(0)),
            source: *self.numbered.sources.get(&format!("{station}-scanner")).unwrap_or(&SourceId(0)),
            scanned_at: now,
            arrived: self.clock.elapsed(),
            entry: Entry::Scanned,
            operator: None,
            frame: key.clone().into_bytes(),
            sighting: Sighting::Label { kind, key },
            resend: false,
        }
    }

    /// Charts pass at a station, in this order.
    async fn pass(&mut self, store: &Store, station: &str, charts: &[usize]) {
        for together in charts.chunks(TOGETHER) {
            self.clock.advance(Duration::from_secs(3));
            let scans: Vec<_> = together
                .iter()
                .map(|chart| self.scan(station, LabelKind::Volume, format!("V{chart}")))
                .collect();
            let recorded = join_all(scans.into_iter().map(|scan| store.record(scan))).await;
            assert!(recorded.iter().all(|one| one.as_ref().is_ok_and(|one| one.movement.is_some())));
        }
    }

    /// A place's label is scanned at the desk, and charts are sent there.
    async fn send(&mut self, store: &Store, to: usize, charts: &[usize]) {
        let place = self.scan("desk", LabelKind::Custodian, format!("L{to}"));
        store.record(place).await.unwrap();
        self.pass(store, "desk", charts).await;
    }
}

/// Plays days in which charts go to clinics and come back, then the last weeks; returns how many are out.
async fn play(place: &Place, size: Size) -> usize {
    let out = (size.charts * OUT.0 / 100).max(OUT.1.min(size.charts / 2));
    let per_day = DAY.min(size.charts).min(size.movements);
    let days = (size.movements.saturating_sub(out * 2) / per_day).max(1);
    let now = Clock::system().now();
    let clock = Clock::manual(now - SignedDuration::from_hours(24 * (days as i64 + 30)));
    let options = Options { place: place.clone(), queue: 1024, readers: 1 };
    let (store, thread) = Store::open(&options, &clock).unwrap();
    store.set_due_back(Calendar::default(), DueRule::parse("none").unwrap()).unwrap();
    let numbered = store.set_stations(stations()).await.unwrap();
    let mut hand = Hand::new(clock.clone(), numbered);
    let mut random = fastrand::Rng::with_seed(4711);
    for day in 0..days {
        let charts = some_charts(&mut random, size.charts, per_day / 2);
        let morning = now - SignedDuration::from_hours(24 * (days as i64 - day as i64 + 29));
        clock.set_wall(morning);
        for (clinic, charts) in (1..RECORDERS).zip(parts(&charts, RECORDERS - 1)) {
            hand.pass(&store, &format!("s{clinic}"), charts).await;
        }
        hand.pass(&store, "s0", &charts).await;
    }
    // Half was sent three weeks ago and is overdue, half two days ago; of each a fifth never arrived.
    let charts = some_charts(&mut random, size.charts, out);
    for (ago, charts) in [(21, &charts[..out / 2]), (2, &charts[out / 2..])] {
        clock.set_wall(now - SignedDuration::from_hours(24 * ago));
        let (first, others) = charts.split_at(FIRST_CLINIC_HAS.min(charts.len() / 2));
        let clinics = std::iter::once((1, first)).chain((2..RECORDERS).zip(parts(others, RECORDERS - 2)));
        for (clinic, charts) in clinics {
            hand.send(&store, clinic, charts).await;
            hand.pass(&store, &format!("s{clinic}"), &charts[..charts.len() * 4 / 5]).await;
        }
    }
    clock.set_wall(now);
    book(&store, now, size.charts).await;
    drop(store);
    thread.join();
    out
}

/// So many different charts, in the order of their numbers, as they stand on the shelves.
fn some_charts(random: &mut fastrand::Rng, of: usize, count: usize) -> Vec<usize> {
    let mut charts: Vec<_> = (0..count).map(|_| random.usize(1..=of)).collect();
    charts.sort_unstable();
    charts.dedup();
    while charts.len() < count {
        charts.extend((charts.len()..count).map(|_| random.usize(1..=of)));
        charts.sort_unstable();
        charts.dedup();
    }
    charts
}

fn parts(charts: &[usize], count: usize) -> impl Iterator<Item = &[usize]> {
    charts.chunks(charts.len().div_ceil(count).max(1))
}

/// Tomorrow's appointments, each of which asks for a chart.
async fn book(store: &Store, now: Timestamp, charts: usize) {
    let lines = (0..APPOINTMENTS.0 * APPOINTMENTS.1).map(|count| AppointmentLine {
        line: count as u64 + 2,
        id: Some(format!("A{count}")),
        mrn: mrn(count * STRIDE % charts + 1),
        clinic: format!("C{}", 1 + count / APPOINTMENTS.0),
        start: now + SignedDuration::from_mins(20 * 60 + (count % APPOINTMENTS.0) as i64),
        provider: None,
        is_cancelled: false,
    });
    let report = store.take_schedule(lines.collect(), Vec::new(), "api", None).await.unwrap();
    assert_eq!(report.refused.len(), 0);
}
