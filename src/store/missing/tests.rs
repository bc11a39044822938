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
        Some("WAS MISSING: tell the supervisor that it is found")
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

#[tokio::test]
async fn a_request_that_was_looked_for_in_vain_opens_a_case_with_who_needs_it() {
    let room = room().await;
    let needed_at = room.clock.now() + Duration::from_secs(4 * 3600);
    let request = room.ask(8, DOOR, needed_at).await;
    let step = PageStep {
        request,
        step: crate::tracking::request::RequestStep::NotFound,
        why: Some("slot is empty".into()),
        seen_steps: None,
        actor: Some("ann".into()),
    };
    room.store.step_request(step).await.unwrap();
    let case = room.store.open_cases(CaseId(0), 1).await.unwrap().remove(0);
    assert_eq!((case.volume, case.level, case.needed_at), (VolumeId(8), Level::Searching, Some(needed_at)));
    assert_eq!(case.signs, [Sign::NotFillable]);
    let detail = room.store.case_detail(case.id).await.unwrap().unwrap();
    assert_eq!(detail.steps[0].actor.as_deref(), Some("ann"));
    assert_eq!(detail.needed_by.unwrap().code, "DOOR");
    let recorded = room.chart("side", 8).await;
    let why = recorded.why.unwrap();
    assert!(why.starts_with("WAS MISSING") && why.contains("HOLD") && why.contains("DOOR"), "{why}");
    room.close();
}

#[tokio::test]
async fn what_a_round_did_not_see_is_searched_for_and_of_a_room_seen_in_part_nothing_is_said() {
    let room = room().await;
    room.send(FAR, 1..=6).await;
    let round = async |seen: std::ops::RangeInclusive<i64>| {
        room.command(crate::tracking::Command::Sighted).await;
        let far = LabelKind::Custodian.own_key(FAR.unsigned_abs());
        room.scan("desk", LabelKind::Custodian, &far).await;
        for volume in seen {
            room.chart("desk", volume).await;
        }
        room.command(crate::tracking::Command::Done).await;
    };
    round(1..=3).await;
    assert_eq!(room.sweep().await, 0, "half of a room is no room");
    round(1..=4).await;
    assert_eq!(room.sweep().await, 2);
    assert_eq!(room.cases().await, [(5, Level::Searching), (6, Level::Searching)]);
    assert_eq!(room.sweep().await, 0, "twice");
    room.chart("door", 5).await;
    assert_eq!(room.cases().await, [(6, Level::Searching)]);
    room.close();
}

#[tokio::test]
async fn lines_of_a_search_sheet_are_told_at_a_desk() {
    let room = room().await;
    let case = room.store.tell_sign(VolumeId(7), Sign::NotFillable, None).await.unwrap().unwrap();
    let plan = room.store.search_plan(case, vec![]).await.unwrap().unwrap();
    let places: Vec<_> = plan.candidates().iter().take(3).map(|place| place.place).collect();
    room.store.make_sheet(case, places.clone(), None).await.unwrap();
    let sheet = room.store.sheet_lines(case).await.unwrap();
    room.store.make_sheet(case, places.clone(), None).await.unwrap();
    assert_eq!(room.store.sheet_lines(case).await.unwrap(), sheet, "the same for ever");
    let told = room.scan("desk", LabelKind::Request, &sheet[0].not_there).await;
    assert_eq!(told.why.unwrap(), "line 1: looked, not there; go on with the next line");
    let again = room.scan("desk", LabelKind::Request, &sheet[0].not_there).await;
    assert_eq!(again.verdict, crate::tracking::Verdict::DoubleRead);
    let found = room.scan("desk", LabelKind::Request, &sheet[1].found).await;
    assert_eq!(found.why.unwrap(), "found at line 2: now scan the chart itself");
    let detail = room.store.case_detail(case).await.unwrap().unwrap();
    assert_eq!((detail.looks.len(), detail.looks[0].place), (1, places[0]));
    assert_eq!((detail.found_place, detail.found_clue.is_some()), (Some(places[1]), true));
    assert!((room.store.finds().await.unwrap().all(LastSeen::Home) - 1.0).abs() < 1e-9);
    room.chart("door", 7).await;
    let late = room.scan("desk", LabelKind::Request, &sheet[2].not_there).await;
    assert!(late.why.unwrap().contains("this search is over"));
    room.close();
}

#[tokio::test]
async fn a_find_waits_for_the_supervisor_where_the_site_says_so() {
    let room = room().await;
    room.store.set_missing_rules(Rules { confirms_finds: true, ..Rules::default() }).await.unwrap();
    let case = room.store.tell_sign(VolumeId(7), Sign::Flagged, Some("ann".into())).await.unwrap().unwrap();
    assert!(room.store.tell_sign(VolumeId(7), Sign::Flagged, None).await.is_err(), "flagged already");
    assert!(room.store.confirm_find(case, true, None).await.is_err(), "nobody scanned it");
    assert!(room.chart("door", 7).await.why.unwrap().starts_with("WAS MISSING"));
    assert_eq!(room.cases().await, [(7, Level::FoundUnconfirmed)]);
    assert_eq!(room.store.confirm_find(case, false, Some("sue".into())).await.unwrap(), Level::Missing);
    let detail = room.store.case_detail(case).await.unwrap().unwrap();
    assert!(detail.folder.missing_since.is_some(), "denied, it is flagged again");
    assert!(room.store.tell_reason(case, Reason::Misfiled, None, None).await.is_err(), "still open");
    assert!(room.store.presume_lost(case, " ".into(), None).await.is_err(), "without a reason");
    room.store.presume_lost(case, "searched for three weeks".into(), Some("sue".into())).await.unwrap();
    room.chart("door", 7).await;
    assert_eq!(room.store.confirm_find(case, true, Some("sue".into())).await.unwrap(), Level::Found);
    room.store
        .tell_reason(case, Reason::Misfiled, Some("two digits".into()), Some("sue".into()))
        .await
        .unwrap();
    let place = Spot::Desk(CustodianId(DOOR));
    room.store.tell_found(case, place, vec![], None).await.unwrap();
    let detail = room.store.case_detail(case).await.unwrap().unwrap();
    assert_eq!((detail.reason, detail.found_place), (Some(Reason::Misfiled), Some(place)));
    let record = room.store.case_record(case).await.unwrap().unwrap();
    let of = |what| record.rows.iter().filter(|row| row.what == what).count();
    assert_eq!((of("level"), of("sign"), of("movement")), (6, 1, 4), "{:#?}", record.rows);
    assert!(of("note") >= 5 && record.rows.is_sorted());
    let figures = room.store.missing_figures(Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!((figures.opened, figures.found, figures.in_time, figures.lost), (1, 1, 0, 0));
    assert_eq!((figures.movements, figures.custodians.len(), figures.found_where.len()), (4, 1, 1));
    room.close();
}

#[tokio::test]
async fn two_searchers_are_sent_to_different_places() {
    let room = room().await;
    let case = room.store.tell_sign(VolumeId(7), Sign::NotFillable, None).await.unwrap().unwrap();
    let desk = Spot::Desk(CustodianId(FAR));
    room.store.claim_place(case, desk, "ann".into()).await.unwrap();
    let claims = room.store.case_detail(case).await.unwrap().unwrap().claims;
    assert_eq!((claims[0].place, claims[0].who.as_str()), (desk, "ann"));
    room.clock.advance(Duration::from_secs(31 * 60));
    assert_eq!(room.store.case_detail(case).await.unwrap().unwrap().claims, [], "it is anybody's again");
    room.store.claim_place(case, desk, "bob".into()).await.unwrap();
    room.store.tell_look(case, Look { place: desk, how: Thoroughness::Glance }, None).await.unwrap();
    assert_eq!(room.store.case_detail(case).await.unwrap().unwrap().claims, []);
    room.close();
}
