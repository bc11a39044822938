//! Plays a simulated file room through the real pipeline: scans through the intake and the writer by a made-up clock,
//! sweeps, cases, plans. The room knows where every chart is; the rest hears scans, schedule and answers.

mod cases;
mod requests;
mod searches;
mod tally;

pub use tally::{Report, Tally, Way};

use crate::changes::Changes;
use crate::clock::Clock;
use crate::config::default_formats;
use crate::demo::file_room::{Believed, Day, Event, FileRoom, Station, Visit, custodian};
use crate::demo::{Errors, World};
use crate::import::{ImportError, Kind, import};
use crate::intake::{Intake, NETWORK_SOURCE, NetworkScan, Settings};
use crate::label::{FormatError, Formats, ReadOptions};
use crate::missing::Rules;
use crate::missing::case::Sign;
use crate::store::{
    self, Importer, NoSuchCase, NotRecorded, NotStepped, Options, Place, Store, StoreError, StoreThread,
    Unchanged,
};
use crate::tracking::grammar::StationKind;
use crate::tracking::{
    Calendar, CalendarError, CaseId, CustodianId, DueRule, Entry, RequestId, ScanId, VolumeId,
};
use jiff::civil::{Time, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::time::Duration;
use tally::Episode;

/// Between two scans of one clerk.
const SCAN: Duration = Duration::from_secs(8);
/// Charts of the room.
pub const CHARTS: u32 = 2_500;
/// Working days that are played.
pub const DAYS: Day = 40;

/// Why a simulation could not be played.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The database failed.
    #[error("the simulated file room's database failed")]
    Store(#[from] StoreError),
    /// The lists could not be imported.
    #[error("the simulated file room's lists were not taken")]
    Import(#[from] ImportError),
    /// The lists could not be written.
    #[error("the simulated file room's lists could not be written")]
    Lists(#[from] std::io::Error),
    /// A scan was not recorded.
    #[error("a simulated scan was not recorded")]
    Scan(#[from] NotRecorded),
    /// A case was not changed.
    #[error("a case of the simulated file room could not be changed: {0}")]
    Case(#[from] Unchanged<NoSuchCase>),
    /// A request was not made or not changed.
    #[error("a request of the simulated file room could not be written: {0}")]
    Request(#[from] Unchanged<NotStepped>),
    /// A sweep failed.
    #[error("a sweep of the simulated file room failed: {0}")]
    Sweep(#[from] Unchanged<StoreError>),
    /// The calendar is none.
    #[error("the simulated file room has no calendar")]
    Calendar(#[from] CalendarError),
    /// The built-in label formats do not compile.
    #[error("the built-in label formats are bad")]
    Formats(#[from] FormatError),
}

/// Plays the room of a seed for some days in an empty directory, and says what came of it.
///
/// # Errors
/// The directory cannot be used, or the pipeline fails.
pub async fn run(
    dir: &Path,
    seed: u64,
    errors: Errors,
    charts: u32,
    days: Day,
) -> Result<Report, SimulateError> {
    let mut play = Play::furnish(dir, seed, errors, charts, days).await?;
    for day in 1..days {
        play.day(day).await?;
    }
    Ok(play.end())
}

/// A simulation under way.
struct Play {
    room: FileRoom,
    seed: u64,
    start: Timestamp,
    clock: Clock,
    calendar: Calendar,
    store: Store,
    thread: StoreThread,
    intake: Intake,
    scans: u32,
    /// Requests that may still be open.
    requests: HashMap<VolumeId, Vec<RequestId>>,
    believed: HashMap<VolumeId, (CustodianId, bool)>,
    episodes: HashMap<VolumeId, Episode>,
    known: HashSet<CaseId>,
    asked: HashSet<CaseId>,
    searched: HashSet<CaseId>,
    report: Report,
}

impl Play {
    async fn furnish(
        dir: &Path,
        seed: u64,
        errors: Errors,
        charts: u32,
        days: Day,
    ) -> Result<Play, SimulateError> {
        let world = World::with_charts(seed, charts);
        // Everything begins on its shelf: what the demo says of places is left out.
        let shelved: String = world.charts_csv.lines().map(|line| at_home(line) + "\n").collect();
        let start =
            date(2026, 1, 5).to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |day| day.timestamp());
        let clock = Clock::manual(start);
        let place = Place::new(dir.join("data"));
        for (kind, name, csv) in [
            (Kind::Custodians, "custodians.csv", &world.custodians_csv),
            (Kind::Charts, "charts.csv", &shelved),
        ] {
            let file = dir.join(name);
            std::fs::write(&file, csv)?;
            import(kind, &file, Importer::open(&place, clock.now(), false)?, &mut |_, _| ())?;
        }
        let (store, thread) = Store::open(&Options { place, queue: 64, readers: 1 }, &clock)?;
        let opens = Time::constant(8, 0, 0, 0);
        let closes = Time::constant(17, 0, 0, 0);
        let working = [true, true, true, true, true, false, false];
        let calendar =
            Calendar::new(TimeZone::UTC, working, opens, closes, std::collections::BTreeSet::new())?;
        store.set_due_back(calendar.clone(), DueRule::WorkingDays(2))?;
        let numbered = store.set_stations(stations()).await?;
        let formats = Formats::new(default_formats(), ReadOptions::default())?;
        let settings = Settings { formats, numbered, station_of: HashMap::new() };
        let intake = Intake::new(store.clone(), clock.clone(), Changes::default(), settings);
        let room = FileRoom::new(seed, &world, errors, days);
        let report = Report::new(seed, world.volumes.len(), days);
        Ok(Play {
            room,
            seed,
            start,
            clock,
            calendar,
            store,
            thread,
            intake,
            scans: 0,
            requests: HashMap::new(),
            believed: HashMap::new(),
            episodes: HashMap::new(),
            known: HashSet::new(),
            asked: HashSet::new(),
            searched: HashSet::new(),
            report,
        })
    }

    /// One working day.
    async fn day(&mut self, day: Day) -> Result<(), SimulateError> {
        self.wait_until(day, 7 * 60 + 30);
        self.book(day).await?;
        let events = self.room.deliver();
        self.hear(day, events).await?;
        self.wait_until(day, 8 * 60 + 10);
        let events = self.room.refile();
        self.hear(day, events).await?;
        self.wait_until(day, 9 * 60);
        let walk_ins = self.visits(|visit| visit.day == day && visit.booked == day);
        self.pull(day, &walk_ins).await?;
        let events = self.room.deliver();
        self.hear(day, events).await?;
        self.wait_until(day, 12 * 60 + 30);
        let (room, believed) = (&mut self.room, &self.believed);
        let events = room.see_patients(day, &|volume| believed_at(believed, volume));
        self.note_needs(day);
        self.hear(day, events).await?;
        self.wait_until(day, 16 * 60);
        let events = self.room.come_back(day);
        self.hear(day, events).await?;
        self.wait_until(day, 16 * 60 + 30);
        let booked = self.visits(|visit| visit.day == day + 1 && visit.booked <= day);
        self.pull(day, &booked).await
    }

    fn visits(&self, is_meant: impl Fn(&Visit) -> bool) -> Vec<Visit> {
        self.room.visits().iter().filter(|visit| is_meant(visit)).copied().collect()
    }

    async fn pull(&mut self, day: Day, visits: &[Visit]) -> Result<(), SimulateError> {
        let now = self.clock.now();
        for visit in visits {
            if let Some(episode) = self.episodes.get_mut(&visit.volume) {
                episode.pulled_at.get_or_insert(now);
                if visit.booked == visit.day
                    && self.room.spot(visit.volume) != Some(crate::demo::file_room::Spot::Desk(visit.clinic))
                {
                    episode.needed_at.get_or_insert(now);
                }
            }
        }
        let (room, believed) = (&mut self.room, &self.believed);
        let events = room.pull(visits, &|volume| believed_at(believed, volume));
        self.hear(day, events).await
    }

    /// A visit whose chart is not there needed it then.
    fn note_needs(&mut self, day: Day) {
        for visit in self.visits(|visit| visit.day == day && visit.booked < day) {
            let at = self.time(day, visit.minute);
            if let Some(episode) = self.episodes.get_mut(&visit.volume)
                && self.room.spot(visit.volume) != Some(crate::demo::file_room::Spot::Desk(visit.clinic))
            {
                episode.needed_at.get_or_insert(at);
            }
        }
    }

    fn time(&self, day: Day, minute: u32) -> Timestamp {
        let (weeks, days) = ((day - 1) / 5, (day - 1) % 5);
        let minutes = i64::from(weeks * 7 + days) * 24 * 60 + i64::from(minute);
        self.start + SignedDuration::from_mins(minutes)
    }

    /// Moves the clock on to a time of a day; it is never set back.
    fn wait_until(&mut self, day: Day, minute: u32) {
        let wait = self.time(day, minute).duration_since(self.clock.now());
        self.clock.advance(Duration::try_from(wait).unwrap_or_default());
    }

    /// Plays events, sweeps, and works at the cases that there are then.
    async fn hear(&mut self, day: Day, events: Vec<Event>) -> Result<(), SimulateError> {
        let mut told = Vec::new();
        for event in events {
            match event {
                Event::Scan(station, label) => self.scan(station, &label).await?,
                Event::NotFillable(volume) => told.push((volume, Sign::NotFillable)),
                Event::Denied(volume, _) => told.push((volume, Sign::HolderDenies)),
            }
        }
        self.compare().await?;
        for (volume, sign) in told {
            if sign != Sign::NotFillable || !self.not_found(volume).await? {
                self.store.tell_sign(volume, sign, None).await?;
            }
        }
        self.store.sweep(self.calendar.clone(), Rules::default(), Vec::new()).await?;
        self.work(day).await?;
        self.compare().await
    }

    async fn scan(&mut self, station: Station, label: &str) -> Result<(), SimulateError> {
        self.clock.advance(SCAN);
        self.scans += 1;
        let now = self.clock.now();
        let unix_ms = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let scan = NetworkScan {
            id: ScanId::new(unix_ms, self.seed, self.scans),
            station: station_name(station),
            bytes: label.as_bytes().to_vec(),
            scanned_at: None,
            entry: Entry::Scanned,
        };
        self.intake.take_network(scan).await?;
        self.report.scans += 1;
        Ok(())
    }

    /// Compares the record with the room: charts are lost from the moment that they are not where it says.
    async fn compare(&mut self) -> Result<(), SimulateError> {
        self.believed = self.store.away().await?;
        let now = self.clock.now();
        let count = i64::try_from(self.room.labels().count()).unwrap_or(0);
        for volume in (1..=count).map(VolumeId) {
            let believed = believed_at(&self.believed, volume);
            if self.room.is_where_believed(volume, believed) {
                if let Some(episode) = self.episodes.remove(&volume) {
                    self.report.ended(&episode);
                }
            } else {
                self.episodes.entry(volume).or_insert_with(|| Episode::new(now));
            }
        }
        Ok(())
    }

    fn end(mut self) -> Report {
        let open: BTreeMap<_, _> = self.episodes.drain().collect();
        open.values().for_each(|episode| self.report.ended(episode));
        drop((self.store, self.intake));
        self.thread.join();
        self.report
    }
}

fn believed_at(believed: &HashMap<VolumeId, (CustodianId, bool)>, volume: VolumeId) -> Believed {
    let (at, in_transit) = believed.get(&volume).copied().unwrap_or((custodian("FILE"), false));
    Believed { at, in_transit }
}

/// A line of the demo's charts up to where they belong.
fn at_home(line: &str) -> String {
    line.split(',').take(4).collect::<Vec<_>>().join(",")
}

fn station_name(station: Station) -> String {
    match station {
        Station::Desk => "desk".to_owned(),
        Station::Door(clinic) => format!("door-{clinic}"),
    }
}

/// The desk of the file room, which stands for its sorting shelf, and the doors.
fn stations() -> Vec<store::Station> {
    let station = |name: String, code: &str, kind| store::Station {
        title: name.clone(),
        name,
        custodian: code.to_owned(),
        kind,
        idle: Duration::from_secs(120),
        badge_idle: Duration::from_secs(900),
        double_read_window: Duration::from_secs(2),
        prints: false,
        sources: vec![NETWORK_SOURCE.to_owned()],
    };
    let doors = FileRoom::doors().into_iter();
    let doors =
        doors.map(|(id, code)| station(station_name(Station::Door(id)), code, StationKind::Checkpoint));
    [station(station_name(Station::Desk), "SORT", StationKind::Desk)].into_iter().chain(doors).collect()
}

#[cfg(test)]
mod tests;
