//! Cases against a real database: opened, told, swept, and ended by scans.

use crate::label::LabelKind;
use crate::missing::Rules;
use crate::missing::case::{Level, Reason, Sign};
use crate::missing::plan::{LastSeen, Look, Place as Spot, Thoroughness};
use crate::store::*;
use crate::tracking::grammar::StationKind;
use crate::tracking::{CaseId, CustodianId, Entry, Mrn, ScanId, Sighting, VolumeId};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::sync::atomic::AtomicU32;

/// A desk that stands for the sorting shelf, two clinics with a door, one without, and forty charts V1 … V40.
struct Room {
    dir: tempfile::TempDir,
    clock: Clock,
    store: Store,
    thread: StoreThread,
    numbered: Numbered,
    count: AtomicU32,
}

const WORDS: [(&str, &str); 5] =
    [("FILE", "file-area"), ("SORT", "sorting"), ("DOOR", "clinic"), ("SIDE", "clinic"), ("FAR", "clinic")];

fn calendar() -> Calendar {
    let working = [true, true, true, true, true, false, false];
    Calendar::new(
        TimeZone::UTC,
        working,
        Time::constant(8, 0, 0, 0),
        Time::constant(17, 0, 0, 0),
        BTreeSet::new(),
    )
    .unwrap()
}

async fn room() -> Room {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::manual("2026-11-02T09:00:00Z".parse().unwrap());
    let place = Place::new(dir.path());
    let mut importer = Importer::open(&place, clock.now(), false).unwrap();
    for (code, kind) in WORDS {
        let line = CustodianLine { kind: Some(kind.into()), ..CustodianLine::new(code, code) };
        importer.custodian(&line).unwrap().unwrap();
    }
    for number in 1..=40 {
        let mrn = Mrn::parse(&format!("12{:02}{:02}", number % 7 * 10 + 1, number * 2)).unwrap();
        importer.chart(&ChartLine::new(mrn, format!("V{number}"), "FILE")).unwrap().unwrap();
    }
    importer.finish("charts").unwrap();
    let (store, thread) = Store::open(&Options { place, queue: 64, readers: 1 }, &clock).unwrap();
    store.set_due_back(calendar(), crate::tracking::DueRule::WorkingDays(1)).unwrap();
    let station = |name: &str, custodian: &str, kind| Station {
        kind,
        idle: Duration::from_secs(120),
        badge_idle: Duration::from_secs(900),
        name: name.into(),
        title: name.into(),
        custodian: custodian.into(),
        double_read_window: Duration::from_secs(2),
        prints: false,
        sources: vec![format!("{name}-scanner")],
    };
    let stations = vec![
        station("desk", "SORT", StationKind::Desk),
        station("door", "DOOR", StationKind::Checkpoint),
        station("side", "SIDE", StationKind::Checkpoint),
    ];
    let numbered = store.set_stations(stations).await.unwrap();
    Room { dir, clock, store, thread, numbered, count: 0.into() }
}

impl Room {
    async fn scan(&self, station: &str, kind: LabelKind, key: &str) -> Recorded {
        self.clock.advance(Duration::from_secs(30));
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let scan = Scan {
            id: ScanId::new(u64::from(count), 1, count),
            station: self.numbered.stations[station],
            source: self.numbered.sources[&format!("{station}-scanner")],
            scanned_at: self.clock.now(),
            arrived: self.clock.elapsed(),
            entry: Entry::Scanned,
            operator: None,
            frame: key.as_bytes().to_vec(),
            sighting: Sighting::Label { kind, key: key.into() },
            resend: false,
        };
        self.store.record(scan).await.unwrap()
    }

    async fn chart(&self, station: &str, volume: i64) -> Recorded {
        self.scan(station, LabelKind::Volume, &format!("V{volume}")).await
    }

    async fn command(&self, command: crate::tracking::Command) {
        let key = LabelKind::Command.own_key(command.number());
        self.scan("desk", LabelKind::Command, &key).await;
    }

    async fn send(&self, place: i64, volumes: std::ops::RangeInclusive<i64>) {
        self.scan("desk", LabelKind::Custodian, &LabelKind::Custodian.own_key(place.unsigned_abs())).await;
        for volume in volumes {
            self.chart("desk", volume).await;
        }
        self.command(crate::tracking::Command::Done).await;
    }

    fn wait(&self, hours: u64) {
        self.clock.advance(Duration::from_secs(hours * 3600));
    }

    async fn cases(&self) -> Vec<(i64, Level)> {
        let cases = self.store.open_cases(CaseId(0), 100).await.unwrap();
        cases.iter().map(|case| (case.volume.0, case.level)).collect()
    }

    async fn sweep(&self) -> u64 {
        self.store.sweep(calendar(), Rules::default(), Vec::new()).await.unwrap().noted
    }

    /// Somebody asks for a chart.
    async fn ask(&self, volume: i64, to: i64, needed_at: Timestamp) -> crate::tracking::RequestId {
        let new = NewRequest {
            volumes: Volumes::Newest(crate::tracking::ChartId(volume)),
            to: CustodianId(to),
            needed_at,
            channel: crate::tracking::request::Channel::Phone,
            requester: "Dr Lee".into(),
            requester_id: None,
            purpose: String::new(),
            comment: String::new(),
            priority: crate::tracking::request::Priority::Routine,
            form: None,
            actor: None,
        };
        self.store.ask(new).await.unwrap().requests[0]
    }

    fn close(self) {
        drop(self.store);
        self.thread.join();
        let findings = verify(&Place::new(self.dir.path()), &mut |_, _| ()).unwrap().findings;
        assert_eq!(findings, [""; 0]);
    }
}

const DOOR: i64 = 3;
const FAR: i64 = 5;

#[tokio::test]
async fn a_chart_whose_batch_arrived_without_it_is_suspected_and_its_scan_ends_that_without_a_word() {
    let room = room().await;
    room.send(DOOR, 1..=5).await;
    for volume in 1..=4 {
        room.chart("door", volume).await;
    }
    assert_eq!(room.sweep().await, 0, "it may still be on its way");
    room.wait(2);
    assert_eq!(room.sweep().await, 1);
    assert_eq!(room.cases().await, [(5, Level::Suspected)]);
    let recorded = room.chart("door", 5).await;
    assert_eq!((recorded.verdict, recorded.why), (crate::tracking::Verdict::Moved, None));
    assert_eq!((room.cases().await, room.sweep().await), (vec![], 0));
    room.close();
}

#[tokio::test]
async fn a_sweep_run_twice_or_after_a_week_changes_nothing_but_the_time() {
    let (often, once) = (room().await, room().await);
    for room in [&often, &once] {
        room.send(DOOR, 1..=5).await;
        room.send(FAR, 6..=9).await;
    }
    for _ in 0..7 * 24 {
        often.wait(1);
        often.sweep().await;
        assert_eq!(often.sweep().await, 0, "twice");
    }
    once.wait(7 * 24);
    once.sweep().await;
    assert_eq!(often.cases().await, once.cases().await);
    assert_eq!(often.cases().await, (1..=5).map(|volume| (volume, Level::Suspected)).collect::<Vec<_>>());
    often.close();
    once.close();
}

#[tokio::test]
async fn merely_overdue_is_no_case_and_overdue_and_needed_is_one() {
    let room = room().await;
    room.send(FAR, 6..=6).await;
    room.wait(5 * 24);
    assert_eq!(room.sweep().await, 0);
    let need =
        Need { volume: VolumeId(6), at: room.clock.now() + Duration::from_secs(3600), by: CustodianId(DOOR) };
    assert_eq!(room.store.sweep(calendar(), Rules::default(), vec![need]).await.unwrap().noted, 1);
    assert_eq!(room.store.sweep(calendar(), Rules::default(), vec![need]).await.unwrap().noted, 0);
    let case = room.store.open_cases(CaseId(0), 1).await.unwrap().remove(0);
    assert_eq!(
        (case.level, case.needed_at, case.answerable),
        (Level::Suspected, Some(need.at), CustodianId(FAR))
    );
    assert_eq!(room.store.tell_answer(case.id, true, None).await.unwrap(), Level::Cleared);
    assert_eq!(
        room.store.sweep(calendar(), Rules::default(), vec![need]).await.unwrap().noted,
        0,
        "somebody has just said that it is there"
    );
    room.close();
}

#[tokio::test]
async fn a_chart_that_is_searched_for_traps_its_next_scan_and_teaches() {
    let room = room().await;
    room.send(FAR, 6..=6).await;
    let case = room.store.tell_sign(VolumeId(6), Sign::NotSighted, None).await.unwrap().unwrap();
    let plan = room.store.search_plan(case, vec![]).await.unwrap().unwrap();
    let desk = Spot::Desk(CustodianId(FAR));
    let before = plan.candidates().iter().find(|place| place.place == desk).unwrap().probability();
    room.store
        .tell_look(case, Look { place: desk, how: Thoroughness::ShelfByShelf }, Some("ANN".into()))
        .await
        .unwrap();
    let plan = room.store.search_plan(case, vec![]).await.unwrap().unwrap();
    assert!(plan.candidates().iter().find(|place| place.place == desk).unwrap().probability() < before / 2.0);
    let at = plan.candidates()[0].place;
    room.store.tell_found(case, at, vec![], None).await.unwrap();
    room.store.tell_found(case, at, vec![], None).await.unwrap();
    let finds = room.store.finds().await.unwrap();
    assert!((finds.all(LastSeen::Holder) - 1.0).abs() < 1e-9, "told twice, it counts once");
    assert_eq!(
        room.chart("desk", 6).await.why.unwrap().split(';').next(),
        Some("it is being searched for: scan FOUND, then this chart again")
    );
    assert_eq!(room.cases().await, [(6, Level::Searching)], "a desk without a place moves nothing");
    let recorded = room.chart("door", 6).await;
    assert_eq!(recorded.verdict, crate::tracking::Verdict::Attention);
    assert!(recorded.why.unwrap().starts_with("WAS MISSING"));
    assert_eq!(room.cases().await, []);
    assert!(room.store.tell_look(case, Look { place: desk, how: Thoroughness::Glance }, None).await.is_err());
    room.store.forget_finds(None).await.unwrap();
    assert_eq!(room.store.finds().await.unwrap(), Default::default());
    room.close();
}

#[tokio::test]
async fn a_flag_opens_a_case_and_a_flag_taken_back_ends_it() {
    let room = room().await;
    for _ in 0..2 {
        room.command(crate::tracking::Command::Missing).await;
        room.chart("desk", 7).await;
        assert_eq!(room.cases().await, [(7, Level::Missing)], "a second flag changes nothing");
    }
    room.command(crate::tracking::Command::Missing).await;
    room.chart("desk", 8).await;
    room.command(crate::tracking::Command::Undo).await;
    assert_eq!(room.cases().await, [(7, Level::Missing)]);
    room.command(crate::tracking::Command::Found).await;
    room.chart("desk", 7).await;
    assert_eq!(room.cases().await, []);
    room.close();
}

#[tokio::test]
async fn when_a_case_was_discovered_never_changes() {
    let room = room().await;
    let case = room.store.tell_sign(VolumeId(7), Sign::NotFillable, None).await.unwrap().unwrap();
    let at = room.store.open_cases(CaseId(0), 1).await.unwrap()[0].discovered_at;
    room.wait(30);
    room.store.tell_sign(VolumeId(7), Sign::Flagged, None).await.unwrap();
    let later = room.store.open_cases(CaseId(0), 1).await.unwrap().remove(0);
    assert_eq!((later.id, later.level, later.discovered_at), (case, Level::Missing, at));
    let conn = open::scratch(&Place::new(room.dir.path()).db()).unwrap();
    let changed = conn.execute("update missing_case set discovered_at_us = 0", []);
    assert!(changed.unwrap_err().to_string().contains("does not change"));
    drop(conn);
    room.close();
}

mod told;
mod wrong;
