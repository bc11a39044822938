//! A file room at work, and whether a database still holds what it answered.

use jiff::Timestamp;
use outguide::clock::Clock;
use outguide::label::LabelKind;
use outguide::store::{
    ChartLine, CustodianLine, Importer, Numbered, Options, Place, Recorded, SessionView, Station, Store,
    StoreThread, verify,
};
use outguide::tracking::grammar::StationKind;
use outguide::tracking::{Entry, Mrn, Scan, ScanId, Sighting, VolumeId};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

pub(crate) const CHARTS: usize = 60;
const STATIONS: [(&str, &str, StationKind); 3] = [
    ("desk", "FILE", StationKind::Desk),
    ("clinic", "CLIN", StationKind::Checkpoint),
    ("ward", "WARD", StationKind::Checkpoint),
];

/// Something that was sent, and what was answered if it was.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) scan: Scan,
    pub(crate) answer: Option<Recorded>,
}

/// Where the stations stood, and when.
pub(crate) type Standing = (Timestamp, Vec<Option<SessionView>>);

pub(crate) fn clock() -> Clock {
    Clock::manual(Timestamp::from_second(1_700_000_000).unwrap())
}

/// Runs a future to its end on a runtime of this thread alone.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// The lists that a room begins with.
pub(crate) fn import(dir: &Path, clock: &Clock) -> Result<(), outguide::store::StoreError> {
    let mut importer = Importer::open(&Place::new(dir), clock.now(), false)?;
    for (_, code, _) in STATIONS {
        let mut line = CustodianLine::new(code, code);
        line.kind = Some(if code == "FILE" { "file-area" } else { "clinic" }.into());
        line.label = Some(format!("L-{code}"));
        importer.custodian(&line)?.unwrap();
    }
    for number in 1..=CHARTS {
        if number % 20 == 0 {
            importer.checkpoint()?;
        }
        importer.chart(&chart(number))?.unwrap();
    }
    importer.finish("charts")
}

pub(crate) fn chart(number: usize) -> ChartLine {
    ChartLine::new(Mrn::parse(&format!("{number:06}")).unwrap(), format!("V{number}"), "FILE")
}

/// An open store with its stations.
pub(crate) struct Open {
    pub(crate) store: Store,
    thread: StoreThread,
    pub(crate) numbered: Numbered,
}

impl Open {
    pub(crate) fn new(dir: &Path, clock: &Clock) -> Result<Open, String> {
        let options = Options { place: Place::new(dir), queue: 256, readers: 1 };
        let (store, thread) = Store::open(&options, clock).map_err(|error| format!("{error:?}"))?;
        let stations = STATIONS.map(|(name, custodian, kind)| Station {
            prints: false,
            name: name.into(),
            title: name.into(),
            custodian: custodian.into(),
            kind,
            idle: Duration::from_secs(120),
            badge_idle: Duration::from_secs(900),
            double_read_window: Duration::from_millis(1),
            sources: vec![format!("{name}-scanner")],
        });
        match wait(store.set_stations(stations.into())) {
            Ok(numbered) => Ok(Open { store, thread, numbered }),
            Err(error) => {
                drop(store);
                thread.join();
                Err(error.to_string())
            }
        }
    }

    pub(crate) fn close(self) {
        drop(self.store);
        self.thread.join();
    }

    /// Where each station stands.
    pub(crate) fn standing(&self) -> Result<Vec<Option<SessionView>>, String> {
        let mut standing = Vec::new();
        for (name, custodian, _) in STATIONS {
            let id = self.numbered.stations[name];
            let board = wait(self.store.board(id, custodian.into(), Timestamp::UNIX_EPOCH, 1));
            standing.push(board.map_err(|error| error.to_string())?.and_then(|board| board.session));
        }
        Ok(standing)
    }

    /// A scan nobody has made yet: `count` makes it differ from every other.
    pub(crate) fn scan(&self, clock: &Clock, count: usize, station: usize, sighting: Sighting) -> Scan {
        let name = STATIONS[station].0;
        let frame = match &sighting {
            Sighting::Label { key, .. } => key.clone(),
            Sighting::Unknown { text } => text.clone(),
            Sighting::TakeBack { volume } => format!("take back volume {volume}"),
            Sighting::Foreign { what: said } | Sighting::Refused { why: said } => said.clone(),
        };
        Scan {
            id: ScanId::new(count as u64, 7, u32::try_from(count).unwrap()),
            station: self.numbered.stations[name],
            source: self.numbered.sources[&format!("{name}-scanner")],
            scanned_at: clock.now() + Duration::from_micros(count as u64),
            arrived: clock.elapsed(),
            entry: Entry::Scanned,
            operator: None,
            frame: frame.into_bytes(),
            sighting,
            resend: false,
        }
    }
}

/// Something that may be scanned next, at one of the stations.
pub(crate) fn anything(random: &mut fastrand::Rng) -> (usize, Sighting) {
    let label = |kind, key: &str| Sighting::Label { kind, key: key.to_owned() };
    let station = random.usize(..STATIONS.len());
    let sighting = match random.u8(..21) {
        0 => Sighting::Unknown { text: format!("X{}", random.u8(..5)) },
        20 => Sighting::TakeBack { volume: VolumeId(random.i64(1..=CHARTS as i64)) },
        1 => Sighting::Refused { why: "check character".into() },
        2 | 3 if station == 0 => {
            label(LabelKind::Command, random.choice(["SIGHTED", "CHARGE-OUT", "DONE", "UNDO"]).unwrap())
        }
        4..7 if station == 0 => label(LabelKind::Custodian, random.choice(["L-CLIN", "L-WARD"]).unwrap()),
        _ => label(LabelKind::Volume, &format!("V{}", random.usize(1..=CHARTS))),
    };
    (station, sighting)
}

/// What a check of a database came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Answered deliveries that were looked for.
    pub(crate) answered: usize,
    /// Those that are not there.
    pub(crate) lost: BTreeSet<usize>,
    /// Those that are there with other content, or answered otherwise.
    pub(crate) altered: BTreeSet<usize>,
    pub(crate) doubled: usize,
    /// Anything else that is wrong.
    pub(crate) wrong: Vec<String>,
}

impl Checked {
    pub(crate) fn is_sound(&self) -> bool {
        self.lost.is_empty() && self.altered.is_empty() && self.doubled == 0 && self.wrong.is_empty()
    }
}

/// What a journal has to hold.
pub(crate) struct Expected<'a> {
    /// Everything that was ever sent.
    pub(crate) sent: &'a [Delivery],
    /// How many of `sent`, and which, had been answered.
    pub(crate) answered: &'a [usize],
    /// How the stations stood, by the length of the journal.
    pub(crate) standing: &'a HashMap<i64, Standing>,
    /// Whether a repeated delivery keeps its id; without, the store cannot recognise it, which is one of the controls.
    pub(crate) redelivers_as_new: bool,
}

/// A row of the journal.
type Row = ([u8; 16], i64, i64, i64, Vec<u8>, String, Option<i64>);

/// The journal, read past the store.
#[expect(clippy::disallowed_methods, reason = "the check must not lean on what it checks")]
fn journal(dir: &Path) -> rusqlite::Result<Vec<Row>> {
    let conn = rusqlite::Connection::open(dir.join("outguide.db"))?;
    conn.prepare("select scan_id, station_id, source_id, scanned_at_us, frame, verdict, volume_id from scan order by scan_no")?
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
        })?
        .collect()
}

/// The number and the time of the newest scan: a scan that was refused and sent again may be on disk from the first time.
#[expect(clippy::disallowed_methods, reason = "the check must not lean on what it checks")]
fn newest(dir: &Path) -> rusqlite::Result<(i64, i64)> {
    rusqlite::Connection::open(dir.join("outguide.db"))?.query_row(
        "select coalesce(max(scan_no), 0), coalesce(recorded_at_us, 0) from scan",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// What the row of an answered delivery has to be.
fn row(delivery: &Delivery, answer: &Recorded) -> Row {
    let scan = &delivery.scan;
    (
        scan.id.to_bytes(),
        scan.station.0,
        scan.source.0,
        scan.scanned_at.as_microsecond(),
        scan.frame.clone(),
        answer.verdict.as_str().to_owned(),
        answer.volume.map(|volume| volume.0),
    )
}

/// Opens the database in `dir` as the daemon would after a crash, lets it serve, and looks for everything that had been
/// answered.
pub(crate) fn check(dir: &Path, clock: &Clock, expected: &Expected<'_>) -> Checked {
    let mut checked = Checked { answered: expected.answered.len(), ..Checked::default() };
    if let Err(error) = serve_again(dir, clock, expected, &mut checked) {
        checked.lost.extend(expected.answered);
        checked.wrong.push(error);
        return checked;
    }
    look(dir, expected, &mut checked);
    match verify(&Place::new(dir), &mut |_, _| ()) {
        Ok(report) => checked.wrong.extend(report.findings),
        Err(error) => checked.wrong.push(format!("{error:?}")),
    }
    checked
}

/// The daemon opens the database, stands where the journal left it, and takes the scans whose answer was not heard again.
fn serve_again(
    dir: &Path,
    clock: &Clock,
    expected: &Expected<'_>,
    checked: &mut Checked,
) -> Result<(), String> {
    let open = Open::new(dir, clock)?;
    let served = serve(&open, dir, clock, expected, checked);
    open.close();
    served
}

fn serve(
    open: &Open,
    dir: &Path,
    clock: &Clock,
    expected: &Expected<'_>,
    checked: &mut Checked,
) -> Result<(), String> {
    let (length, recorded_us) = newest(dir).map_err(|error| error.to_string())?;
    if let Some((at, standing)) = expected.standing.get(&length)
        && at.as_microsecond() == recorded_us
    {
        clock.set_wall(*at);
        if *standing != open.standing()? {
            checked.wrong.push(format!("after {length} scans the stations stand elsewhere"));
        }
    }
    let first_unanswered = expected.answered.iter().max().map_or(0, |last| last + 1);
    let again = (0..expected.sent.len().min(first_unanswered + 2)).rev().take(4);
    for delivery in again.collect::<Vec<_>>() {
        let Delivery { scan, answer } = &expected.sent[delivery];
        let mut scan = scan.clone();
        if expected.redelivers_as_new {
            scan.id = ScanId::new(9, 9, u32::try_from(delivery).unwrap());
        }
        let recorded = wait(open.store.record(scan)).map_err(|error| error.to_string())?;
        let was_answered = expected.answered.contains(&delivery);
        let Some(first) = answer.as_ref().filter(|_| was_answered && !expected.redelivers_as_new) else {
            continue;
        };
        if !recorded.repeated {
            checked.lost.insert(delivery);
        } else if (recorded.scan_no, recorded.verdict, recorded.volume)
            != (first.scan_no, first.verdict, first.volume)
        {
            checked.altered.insert(delivery);
        }
    }
    let fresh = open.scan(clock, 4_000_000, 1, Sighting::Label { kind: LabelKind::Volume, key: "V1".into() });
    wait(open.store.record(fresh)).map_err(|error| error.to_string())?;
    Ok(())
}

/// Compares the journal with what was sent and answered.
pub(crate) fn look(dir: &Path, expected: &Expected<'_>, checked: &mut Checked) {
    let rows = match journal(dir) {
        Ok(rows) => rows,
        Err(error) => return checked.wrong.push(error.to_string()),
    };
    for number in expected.answered.iter().copied() {
        let delivery = &expected.sent[number];
        let Some(answer) = &delivery.answer else { continue };
        let found = usize::try_from(answer.scan_no.0 - 1).ok().and_then(|at| rows.get(at));
        match found {
            Some(found) if *found == row(delivery, answer) => {}
            Some(found) if found.0 == delivery.scan.id.to_bytes() => {
                checked.altered.insert(number);
            }
            _ => {
                checked.lost.insert(number);
            }
        }
    }
    // What was scanned once is there once, whatever id it came under.
    let mut seen = HashMap::new();
    for (_, station, source, scanned_at, frame, _, _) in &rows {
        *seen.entry((station, source, scanned_at, frame)).or_insert(0) += 1;
    }
    checked.doubled += seen.values().filter(|count| **count > 1).count();
}
